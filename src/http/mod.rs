//! What every route shares: answers, limits, the edge at which requests come in, and the OpenAPI document.

use actix_web::{HttpMessage, HttpRequest, HttpResponse, http::StatusCode};
use serde::{Deserialize, Serialize};

pub mod edge;
mod examples;
pub mod idempotency;
pub mod metrics;
pub mod openapi;
pub mod page;
pub mod probes;

/// Limits on what clients send.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The largest body of JSON in bytes.
    pub body: usize,
    /// The largest attachment in bytes.
    pub attachment: usize,
}

/// The request's id, kept in the request's extensions by [`edge`].
#[derive(Clone)]
pub struct RequestId(pub String);

impl RequestId {
    /// The id of a request that has passed the edge.
    pub fn of(req: &HttpRequest) -> String {
        req.extensions()
            .get::<Self>()
            .map(|id| id.0.clone())
            .unwrap_or_default()
    }
}

/// The account behind a request, for the log line.
pub struct ActorId(pub String);

/// The answer to a write: what is stored for repeats.
#[derive(Debug, Serialize, Deserialize)]
pub struct Reply {
    status: u16,
    location: Option<String>,
    version: Option<i32>,
    body: serde_json::Value,
    #[serde(skip)]
    replayed: bool,
}

impl Reply {
    /// 200 with the record and its version.
    pub fn ok(version: i32, body: &impl Serialize) -> Self {
        Self::new(200, None, Some(version), body)
    }

    /// 201 with the new record, its place below `/api/v1` and its version.
    pub fn created(place: &str, version: i32, body: &impl Serialize) -> Self {
        Self::new(201, Some(format!("/api/v1{place}")), Some(version), body)
    }

    /// 200 with something that has no version.
    pub fn plain(body: &impl Serialize) -> Self {
        Self::new(200, None, None, body)
    }

    fn new(status: u16, location: Option<String>, version: Option<i32>, body: &impl Serialize) -> Self {
        let body = serde_json::to_value(body).unwrap_or_default();
        Self {
            status,
            location,
            version,
            body,
            replayed: false,
        }
    }

    /// Says that this answers a repeat.
    #[must_use]
    pub fn replayed(mut self) -> Self {
        self.replayed = true;
        self
    }

    /// The answer as HTTP.
    pub fn into_response(self) -> HttpResponse {
        let mut response = HttpResponse::build(StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK));
        if let Some(version) = self.version {
            response.insert_header(("ETag", format!("\"{version}\"")));
        }
        if let Some(location) = self.location {
            response.insert_header(("Location", location));
        }
        if self.replayed {
            response.insert_header(("Idempotency-Replayed", "true"));
        }
        response.json(self.body)
    }
}

/// Whether the body is declared as JSON.
pub fn media_type_is_json(req: &HttpRequest) -> bool {
    let essence = req
        .content_type()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}
