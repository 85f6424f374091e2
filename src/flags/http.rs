//! `/audit/queries`

use actix_web::http::header::{CONTENT_LANGUAGE, HeaderValue};
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::words::Column;
use super::{Code, Flag, Severity, rules};
use crate::auth::May;
use crate::auth::policy::ReadAudit;
use crate::db::Rx;
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::db::types::Date;
use crate::error::{Language, Result};
use crate::input::Nothing;
use crate::organizations::OrganizationId;
use crate::parameters;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(ask);
}

parameters! {
    /// Of which time and unit.
    pub struct FlagQuery {
        /// First day; default: of the year of `to`, or of the present one.
        from: Option<Date>,
        /// Last day, at most a year on; default: of the year of `from`, or of the present one.
        to: Option<Date>,
        /// Only of this unit and the units below it.
        #[param(value_type = Option<String>, format = "uuid")]
        organization_id: Option<OrganizationId>,
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

/// A standing query, in the client's language.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditQuery)]
pub struct ShownQuery {
    /// Its code.
    code: Code,
    /// What it means that it finds something.
    severity: Severity,
    /// Its name.
    #[schema(example = "多人共用账户")]
    title: String,
    /// Why it matters.
    #[schema(example = "不同收款人的款项进入同一账户：账户应为收款人本人所有")]
    why: String,
    /// What to look at in the evidence.
    columns: Vec<ShownColumn>,
}

/// A field of the evidence, in the client's language.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditQueryColumn)]
pub struct ShownColumn {
    /// Its name in the evidence.
    #[schema(value_type = String, example = "others")]
    name: Column,
    /// Its name for people.
    #[schema(example = "涉及的其他发放数")]
    title: String,
}

impl ShownQuery {
    fn of(code: Code, language: Language) -> Self {
        let words = code.words();
        let column = |name: &Column| ShownColumn {
            name: *name,
            title: language.of(&name.title()),
        };
        Self {
            code,
            severity: words.severity,
            title: language.of(&words.title),
            why: language.of(&words.why),
            columns: words.columns.iter().map(column).collect(),
        }
    }
}

/// The standing queries.
#[derive(Serialize, ToSchema)]
pub struct AuditQueries {
    /// All of them.
    items: Vec<ShownQuery>,
}

/// What auditors look at (82): the standing queries, why each matters and what its evidence says.
#[utoipa::path(tag = "audit", operation_id = "list_audit_queries", security(("bearer" = ["audit:read"])),
    responses((status = 200, body = AuditQueries)))]
#[get("/audit/queries")]
async fn list(may: May<ReadAudit>) -> Result<HttpResponse> {
    may.query::<Nothing>()?;
    let language = may.language();
    let items = Code::ALL.iter().map(|code| ShownQuery::of(*code, language));
    let queries = AuditQueries {
        items: items.collect(),
    };
    let mut answer = HttpResponse::Ok().json(queries);
    let tag = HeaderValue::from_static(language.tag());
    answer.headers_mut().insert(CONTENT_LANGUAGE, tag);
    Ok(answer)
}

/// Ask a standing query (82): the payments of a time in the own subtree that it finds, by their day, with evidence and
/// without anything personal.
#[utoipa::path(tag = "audit", operation_id = "ask_audit_query", security(("bearer" = ["audit:read"])),
    params(("code" = inline(Code), Path, description = "查询代码 · code of the query"), FlagQuery),
    responses((status = 200, body = Page<Flag>)))]
#[get("/audit/queries/{code}")]
async fn ask(may: May<ReadAudit>) -> Result<HttpResponse> {
    let code: Code = may.path("code", "query")?;
    let query: FlagQuery = may.query()?;
    let ask = Ask::new(code.as_str(), query.limit, &query.cursor)?;
    let asked = move |rx: &mut Rx| {
        let window = rules::window(query.from, query.to, rx.today())?;
        let found = super::run(rx, code, window, query.organization_id, &ask)?;
        let event = super::asked(rx, code, &found.items)?;
        Ok((found, event))
    };
    Ok(HttpResponse::Ok().json(may.look(asked).await?))
}
