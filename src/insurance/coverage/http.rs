//! `/insurance/coverage`

use actix_web::{HttpResponse, get};

use super::{Coverage, GroupBy};
use crate::auth::May;
use crate::auth::policy::ReadInsurance;
use crate::db::types::year_of;
use crate::error::{Error, Result};
use crate::input::Year;
use crate::organizations::OrganizationId;
use crate::parameters;

parameters! {
    /// Coverage of what.
    pub struct CoverageQuery {
        /// The year in which the covers begin; the present one by default.
        #[param(value_type = Option<i64>, minimum = 2000, maximum = 2100)]
        year: Option<Year>,
        /// A unit, with the units below it; one's own by default.
        #[param(value_type = Option<String>, format = "uuid")]
        organization_id: Option<OrganizationId>,
        /// By what it is divided; by group by default.
        #[param(inline)]
        group_by: Option<GroupBy>,
    }
}

/// How many people of the eight groups are insured, against the target (84).
#[utoipa::path(tag = "insurance", operation_id = "get_insurance_coverage", security(("bearer" = ["insurance:read"])),
    params(CoverageQuery), responses((status = 200, body = Coverage)))]
#[get("/insurance/coverage")]
pub(in crate::insurance) async fn coverage(may: May<ReadInsurance>) -> Result<HttpResponse> {
    let query: CoverageQuery = may.query()?;
    let own = may.actor.organization_id;
    let unit = query
        .organization_id
        .or(own)
        .ok_or(Error::NotFound("organization"))?;
    may.read(move |rx| {
        let year = query.year.map_or(year_of(rx.today()), |year| year.0);
        super::coverage(rx, year, unit, query.group_by.unwrap_or(GroupBy::Group))
    })
    .await
}
