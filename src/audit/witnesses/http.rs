//! `/audit/witnesses`, and what everybody may see of the log's heads: `/public/log`.

use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{NewCosignature, NewWitness, Witness, store};
use crate::audit::heads::{self, Checkpoint, Consistency};
use crate::audit::http::{ConsistencyQuery, grown};
use crate::auth::policy::{ReadWitnesses, WriteWitnesses};
use crate::auth::{Actor, Creation, May, Scope};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::http::openapi::IfMatch;
use crate::http::{Reply, RequestId, media_type_is_json};
use crate::input::{self, Nothing};

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(get_witness)
        .service(register)
        .service(retire);
}

/// The routes outside the API, for everybody.
pub fn public_routes(config: &mut ServiceConfig) {
    config
        .service(get_log)
        .service(get_head)
        .service(get_growth)
        .service(cosign);
}

/// Witnesses.
#[derive(Serialize, ToSchema)]
pub struct AuditWitnesses {
    /// In the order of registering.
    items: Vec<Witness>,
}

/// Who watches the log.
#[utoipa::path(tag = "audit", operation_id = "list_witnesses", security(("bearer" = ["witnesses:read"])),
    responses((status = 200, body = AuditWitnesses)))]
#[get("/audit/witnesses")]
async fn list(may: May<ReadWitnesses>) -> Result<HttpResponse> {
    may.query::<Nothing>()?;
    may.read(|rx| {
        Ok(AuditWitnesses {
            items: store::all(rx)?,
        })
    })
    .await
}

/// One witness.
#[utoipa::path(tag = "audit", operation_id = "get_witness", security(("bearer" = ["witnesses:read"])),
    responses((status = 200, body = Witness)))]
#[get("/audit/witnesses/{id}")]
async fn get_witness(may: May<ReadWitnesses>) -> Result<HttpResponse> {
    let id = may.id("witness")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| store::find(rx, id).map(|witness| (witness.version, witness)))
        .await
}

/// Register a witness; at the root.
#[utoipa::path(tag = "audit", operation_id = "create_witness", security(("bearer" = ["witnesses:write"])),
    request_body = NewWitness, responses((status = 201, body = Witness), (status = 200, body = Witness, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/audit/witnesses")]
async fn register(may: May<WriteWitnesses>) -> Result<HttpResponse> {
    may.actor.scope.at_the_root()?;
    may.write(|tx, sent| {
        let new: NewWitness = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => {
                store::find(tx, id).map(|witness| Reply::ok(witness.version, &witness).replayed())
            }
            Creation::New(id) => {
                let witness = super::register(tx, id, &new)?;
                let place = format!("/audit/witnesses/{id}");
                Ok(Reply::created(&place, witness.version, &witness))
            }
        }
    })
    .await
}

/// Take no more signatures of a witness; those it gave stay. At the root.
#[utoipa::path(tag = "audit", operation_id = "retire_witness", security(("bearer" = ["witnesses:write"])),
    params(IfMatch), responses((status = 200, body = Witness)))]
#[post("/audit/witnesses/{id}/retire")]
async fn retire(may: May<WriteWitnesses>) -> Result<HttpResponse> {
    may.actor.scope.at_the_root()?;
    let id = may.id("witness")?;
    may.write(move |tx, sent| {
        let witness = store::find(tx, id)?;
        sent.expect(tx, id, witness.version)?;
        sent.nothing()?;
        let witness = super::retire(tx, witness)?;
        Ok(Reply::ok(witness.version, &witness))
    })
    .await
}

/// What everybody may know of the log.
#[derive(Serialize, ToSchema)]
pub struct PublicLog {
    /// Its name in checkpoints.
    #[schema(example = "bangfu/4f2a9c1e70d3")]
    origin: String,
    /// The public half of its key: to be noted when the service is installed.
    #[schema(example = "bangfu/4f2a9c1e70d3+f20f7831+AROY9ixtGkV8UbpqS189vS9p/KkyFiGNyJl+QWvRfZPK")]
    log_key: String,
    /// The public halves of the keys of its witnesses.
    witness_keys: Vec<String>,
}

/// The log's name and keys (83).
#[utoipa::path(tag = "public", operation_id = "get_public_log", responses((status = 200, body = PublicLog)))]
#[get("/public/log")]
async fn get_log(request: HttpRequest, db: Data<Db>) -> Result<HttpResponse> {
    input::read_query::<Nothing>(request.query_string())?;
    let log = db.read(Scope::All, |rx| {
        let key = rx.keys.log().verifier();
        Ok(PublicLog {
            origin: key.name().to_owned(),
            log_key: key.to_string(),
            witness_keys: store::keys(rx)?,
        })
    });
    Ok(HttpResponse::Ok().json(log.await?))
}

/// The newest head of the log as a signed note, to be kept (83).
#[utoipa::path(tag = "public", operation_id = "get_public_checkpoint", responses((status = 200, body = String, content_type = "text/plain")))]
#[get("/public/log/checkpoint")]
async fn get_head(request: HttpRequest, db: Data<Db>) -> Result<HttpResponse> {
    input::read_query::<Nothing>(request.query_string())?;
    let head = db.read(Scope::All, |rx| {
        heads::last_checkpoint(rx)?.ok_or(Error::NotFound("checkpoint"))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body(head.await?.note))
}

/// The proof that the log only grew from one size to another (83).
#[utoipa::path(tag = "public", operation_id = "get_public_consistency", params(ConsistencyQuery),
    responses((status = 200, body = Consistency)))]
#[get("/public/log/consistency")]
async fn get_growth(request: HttpRequest, db: Data<Db>) -> Result<HttpResponse> {
    let query: ConsistencyQuery = input::read_query(request.query_string())?;
    let proof = db.read(Scope::All, move |rx| grown(rx, &query));
    Ok(HttpResponse::Ok().json(proof.await?))
}

/// The signature of a registered witness under a checkpoint: nobody else can make one, so nobody signs in for it.
#[utoipa::path(tag = "public", operation_id = "create_public_cosignature", request_body = NewCosignature,
    responses((status = 200, body = Checkpoint)))]
#[post("/public/log/cosignatures")]
async fn cosign(request: HttpRequest, db: Data<Db>, body: Bytes) -> Result<HttpResponse> {
    if !media_type_is_json(&request) {
        return Err(Error::UnsupportedMediaType);
    }
    let new: NewCosignature = input::read_body(&body)?;
    let kept = db.write(Actor::system(), RequestId::of(&request), move |tx| {
        super::cosign(tx, &new)
    });
    Ok(HttpResponse::Ok().json(kept.await?))
}
