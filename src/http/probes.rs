//! `/livez` and `/readyz`, for load balancers and orchestrators.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Scope;
use crate::db::{self, Db, Drift};
use crate::error::{Error, Result};

/// The state of this copy of the service.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Is the process alive?
#[utoipa::path(tag = "service", operation_id = "get_livez", responses((status = 200, body = Health)))]
#[get("/livez")]
pub async fn livez() -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "ok" })
}

/// Can it serve: is the database there, with the schema this program knows?
#[utoipa::path(tag = "service", operation_id = "get_readyz", responses((status = 200, body = Health)))]
#[get("/readyz")]
pub async fn readyz(db: Data<Db>) -> Result<HttpResponse> {
    let drift = db.read(Scope::All, |rx| db::drift(rx.conn)).await?;
    match drift {
        Drift::None => Ok(HttpResponse::Ok().json(Health { status: "ok" })),
        other => Err(Error::Unavailable(format!("the schema is {other:?}").into())),
    }
}
