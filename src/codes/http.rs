//! `/code-lists`

use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Code, store};
use crate::auth::May;
use crate::auth::policy::ReadCodes;
use crate::db::types::Date;
use crate::error::Result;
use crate::input::Text;
use crate::parameters;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config.service(code_lists);
}

parameters! {
    /// Which codes.
    pub struct CodeQuery {
        /// Only those of this list.
        #[param(value_type = Option<String>, max_length = 60)]
        list: Option<Text<60>>,
        /// Those that hold on this day; default today.
        on: Option<Date>,
    }
}

/// Codes, in the order of the form.
#[derive(Serialize, ToSchema)]
pub struct Codes {
    items: Vec<Code>,
}

/// The code lists of the forms (DOMAIN 7.6): all of them, as they are few.
#[utoipa::path(tag = "codes", operation_id = "list_codes", security(("bearer" = ["codes:read"])),
    params(CodeQuery), responses((status = 200, body = Codes)))]
#[get("/code-lists")]
async fn code_lists(may: May<ReadCodes>) -> Result<HttpResponse> {
    let query: CodeQuery = may.query()?;
    may.read(move |rx| {
        let on = query.on.unwrap_or(rx.today());
        let items = store::list(rx, query.list.as_deref(), on)?;
        Ok(Codes { items })
    })
    .await
}
