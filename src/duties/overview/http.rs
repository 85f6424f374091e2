//! `/worklist`, `/pairings/gaps`, `/five-ones/{year}/summary`

use actix_web::{HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

use super::store::{self, Wanted};
use super::{Gap, GroupBy, Summary, WorkItem};
use crate::auth::May;
use crate::auth::policy::{ReadFiles, ReadWorklist};
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::db::types::Date;
use crate::duties::http::year;
use crate::error::{Error, Result};
use crate::input::Year;
use crate::ledger::Kind;
use crate::organizations::OrganizationId;
use crate::parameters;

pub(in crate::duties) fn routes(config: &mut ServiceConfig) {
    config.service(worklist).service(gaps).service(summary);
}

parameters! {
    /// Which of one's open duties.
    pub struct WorklistQuery {
        /// Only of this year.
        #[param(value_type = Option<i32>, minimum = 2000, maximum = 2100)]
        year: Option<Year>,
        /// Only of this kind.
        #[param(inline)]
        kind: Option<Kind>,
        /// Only those due before this day.
        due_before: Option<Date>,
        /// Only those overdue, or only those not.
        overdue: Option<bool>,
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

parameters! {
    /// Where to look for gaps.
    pub struct GapQuery {
        /// Only files of this unit and those below it.
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

parameters! {
    /// What to sum up.
    pub struct SummaryQuery {
        /// The unit, with everything below it; by default the caller's.
        #[param(value_type = Option<String>, format = "uuid")]
        organization_id: Option<OrganizationId>,
        /// By what to break it down; by default by unit.
        #[param(inline)]
        group_by: Option<GroupBy>,
    }
}

/// The caller's open duties, and those of contacts for whom the caller stands in today, the nearest due first.
#[utoipa::path(tag = "five ones", operation_id = "list_worklist", security(("bearer" = ["worklist:read"])),
    params(WorklistQuery), responses((status = 200, body = Page<WorkItem>)))]
#[get("/worklist")]
async fn worklist(may: May<ReadWorklist>) -> Result<HttpResponse> {
    let query: WorklistQuery = may.query()?;
    let ask = Ask::new("worklist", query.limit, &query.cursor)?;
    let wanted = Wanted {
        contact: may.actor.user()?,
        year: query.year.map(|year| year.0),
        kind: query.kind,
        due_before: query.due_before,
        overdue: query.overdue,
    };
    may.read(move |rx| store::worklist(rx, &wanted, &ask)).await
}

/// Files on file that nobody looks after (50).
#[utoipa::path(tag = "five ones", operation_id = "list_pairing_gaps", security(("bearer" = ["files:read"])),
    params(GapQuery), responses((status = 200, body = Page<Gap>)))]
#[get("/pairings/gaps")]
async fn gaps(may: May<ReadFiles>) -> Result<HttpResponse> {
    let query: GapQuery = may.query()?;
    let ask = Ask::new("pairing_gaps", query.limit, &query.cursor)?;
    may.read(move |rx| store::gaps(rx, query.organization_id, &ask))
        .await
}

/// How far the five ones of a year have come, by unit, contact or kind (56).
#[utoipa::path(tag = "five ones", operation_id = "get_five_ones_summary", security(("bearer" = ["files:read"])),
    params(SummaryQuery), responses((status = 200, body = Summary)))]
#[get("/five-ones/{year}/summary")]
async fn summary(may: May<ReadFiles>) -> Result<HttpResponse> {
    let of = year(&may)?;
    let query: SummaryQuery = may.query()?;
    let unit = query.organization_id.or(may.actor.organization_id);
    let unit = unit.ok_or(Error::NotFound("organization"))?;
    let group_by = query.group_by.unwrap_or(GroupBy::Organization);
    may.read(move |rx| super::summary(rx, of, unit, group_by)).await
}
