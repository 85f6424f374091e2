//! The edge: every request gets an id, every error becomes a problem in the client's language, every answer the
//! headers it needs, and every request one line in the log.

use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError as _};

use super::metrics::Metrics;
use super::{ActorId, RequestId};
use crate::db::types::{Id, Timestamp};
use crate::error::{Error, Language};

/// The middleware around every route.
pub async fn edge(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = Instant::now();
    let request_id = request_id(req.headers());
    req.extensions_mut().insert(RequestId(request_id.clone()));
    // a request can't be cloned before it is routed, so it is taken from the response
    let response = next.call(req).await?.map_into_boxed_body();
    let mut response = with_problem(response, &request_id);
    let request = response.request().clone();
    let headers = response.headers_mut();
    set(headers, "x-request-id", &request_id);
    set(headers, "x-content-type-options", "nosniff");
    if request.path().starts_with("/api/") {
        set(headers, "cache-control", "no-store");
    }
    log(&request, &response, &request_id, started);
    Ok(response)
}

/// The caller's id for the request if it is sane, else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get("x-request-id").and_then(|v| v.to_str().ok());
    let sane = |id: &&str| {
        (1..=128).contains(&id.len())
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    match given.filter(sane) {
        // a long run of digits could be an ID or card number, which must not reach the log
        Some(id) if !has_long_number(id) => id.to_owned(),
        _ => Id::<()>::new(Timestamp::now()).to_string(),
    }
}

fn has_long_number(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit())
        .any(|digits| digits.len() >= 11)
}

/// Writes the problem for a response that carries one of our errors; other failures of the framework become the
/// nearest of ours.
fn with_problem(response: ServiceResponse, request_id: &str) -> ServiceResponse {
    let status = response.status();
    let error = response.response().error();
    let problem = match error.and_then(|e| e.as_error::<Error>()) {
        Some(error) => answer(error, response.request(), request_id),
        None if error.is_some()
            || (status.is_client_error() && response.response().body().size().is_eof()) =>
        {
            let nearest = if status.is_client_error() {
                Error::Malformed(vec![])
            } else {
                Error::internal(status.to_string())
            };
            answer(&nearest, response.request(), request_id)
        }
        None => return response,
    };
    response.into_response(problem)
}

fn answer(error: &Error, request: &HttpRequest, request_id: &str) -> HttpResponse {
    if let Error::Internal(source) | Error::Unavailable(source) = error {
        tracing::error!(request_id, error = %source, "request failed");
    }
    let mut response = HttpResponse::build(error.status_code());
    match error {
        Error::Unauthenticated => response.insert_header(("WWW-Authenticate", "Bearer")),
        Error::TooMany(seconds) => response.insert_header(("Retry-After", seconds.to_string())),
        Error::Unavailable(_) => response.insert_header(("Retry-After", "2")),
        Error::MethodNotAllowed(allow) => response.insert_header(("Allow", allow.as_str())),
        Error::OAuth("invalid_client") => response.insert_header(("WWW-Authenticate", "Basic")),
        _ => &mut response,
    };
    let accepted = request
        .headers()
        .get("accept-language")
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    let language = Language::accepted(accepted);
    let problem = error.problem(language, request_id);
    if let Error::OAuth(code) = error {
        return response.json(serde_json::json!({ "error": code, "error_description": problem.title }));
    }
    response
        .insert_header(("Content-Language", language.tag()))
        .content_type("application/problem+json")
        .body(serde_json::to_string(&problem).unwrap_or_default())
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

/// One line per request, with the route's pattern instead of its path: a path or query never reaches the log.
fn log(request: &HttpRequest, response: &ServiceResponse, request_id: &str, started: Instant) {
    let route = request.match_pattern().unwrap_or_else(|| "unmatched".into());
    let (method, status, took) = (
        request.method().as_str(),
        response.status().as_u16(),
        started.elapsed(),
    );
    if let Some(metrics) = request.app_data::<Data<Metrics>>() {
        metrics.request(method, &route, status, took);
    }
    let extensions = request.extensions();
    let actor_id = extensions.get::<ActorId>().map(|a| a.0.as_str());
    let duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    tracing::info!(
        request_id,
        actor_id,
        method,
        route,
        status,
        duration_us,
        "request"
    );
}
