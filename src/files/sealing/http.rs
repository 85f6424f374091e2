//! `/files/{id}/unseal`

use actix_web::{HttpResponse, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Opening, Unsealing};
use crate::auth::May;
use crate::auth::policy::RevealFiles;
use crate::error::Result;
use crate::files;
use crate::http::Reply;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config.service(unseal);
}

/// Open a sealed file to yourself until the end of the day, with a reason; logged (46).
#[utoipa::path(tag = "files", operation_id = "unseal_file", security(("bearer" = ["files:reveal"])),
    request_body = Unsealing, responses((status = 200, body = Opening)))]
#[post("/files/{id}/unseal")]
async fn unseal(may: May<RevealFiles>) -> Result<HttpResponse> {
    let id = may.id("file")?;
    may.write(move |tx, sent| {
        let file = files::find(tx, id)?;
        let opening = super::unseal(tx, &file, sent.body()?)?;
        Ok(Reply::plain(&opening))
    })
    .await
}
