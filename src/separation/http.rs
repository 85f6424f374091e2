//! `/me/relatives`

use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{NewRelative, Relative, RelativeId, store};
use crate::auth::policy::Oneself;
use crate::auth::{Creation, May};
use crate::db::types::Timestamp;
use crate::error::Result;
use crate::http::Reply;
use crate::identity::mask_id;
use crate::input::Nothing;
use crate::keyring::Keyring;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_relatives).service(declare_relative);
}

/// A declared relative, as shown to who declared it.
#[derive(Serialize, ToSchema)]
#[schema(as = Relative)]
pub struct Shown {
    /// Its id.
    id: RelativeId,
    /// Masked.
    #[schema(example = "3402**********0028")]
    id_number: String,
    /// To you.
    #[schema(example = "sibling")]
    relation: String,
    /// Since when.
    declared_at: Timestamp,
}

/// The relatives that you have declared.
#[derive(Serialize, ToSchema)]
pub struct Relatives {
    /// In the order of declaring.
    items: Vec<Shown>,
}

impl Shown {
    fn of(relative: &Relative, keys: &Keyring) -> Result<Self> {
        Ok(Self {
            id: relative.id,
            id_number: mask_id(&keys.open("id_number", &relative.id_number_sealed)?),
            relation: relative.relation.clone(),
            declared_at: relative.declared_at,
        })
    }
}

/// The relatives that you have declared: you act on no case of theirs (6).
#[utoipa::path(tag = "accounts", operation_id = "list_relatives", security(("bearer" = ["self"])),
    responses((status = 200, body = Relatives)))]
#[get("/me/relatives")]
async fn list_relatives(may: May<Oneself>) -> Result<HttpResponse> {
    may.query::<Nothing>()?;
    let person = may.actor.person.clone();
    may.read(move |rx| {
        let relatives = store::relatives(rx, &person)?;
        let items = relatives.iter().map(|relative| Shown::of(relative, rx.keys));
        Ok(Relatives {
            items: items.collect::<Result<_>>()?,
        })
    })
    .await
}

/// Declare a relative, for good: you act on no case of theirs (6).
#[utoipa::path(tag = "accounts", operation_id = "create_relative", security(("bearer" = ["self"])),
    request_body = NewRelative, responses((status = 201, body = Shown), (status = 200, body = Shown, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/me/relatives")]
async fn declare_relative(may: May<Oneself>) -> Result<HttpResponse> {
    may.write(|tx, sent| {
        let new: NewRelative = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => {
                let person = tx.actor.person.clone();
                let relative = store::relative(tx, &person, id)?;
                Ok(Reply::ok(1, &Shown::of(&relative, tx.keys)?).replayed())
            }
            Creation::New(id) => {
                let relative = super::declare(tx, id, &new)?;
                let shown = Shown::of(&relative, tx.keys)?;
                Ok(Reply::created("/me/relatives", 1, &shown))
            }
        }
    })
    .await
}
