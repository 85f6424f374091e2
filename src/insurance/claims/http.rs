//! `/insurance-claims`

use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::store::{self, Filter};
use super::{Deciding, InsuranceClaim, InsuranceClaimId, NewInsuranceClaim, SEAL, Status};
use crate::auth::policy::{ReadInsurance, WriteInsurance};
use crate::auth::{Creation, May};
use crate::db::Rx;
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::db::types::{Date, Fen, Id};
use crate::error::Result;
use crate::http::Reply;
use crate::http::openapi::IfMatch;
use crate::input::Nothing;
use crate::insurance::EnrolmentId;
use crate::members::MemberId;
use crate::organizations::OrganizationId;
use crate::parameters;
use crate::users::UserId;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(report).service(get).service(decide);
}

parameters! {
    /// Which claims on insurances.
    pub struct InsuranceClaimQuery {
        /// Only under this cover.
        #[param(value_type = Option<String>, format = "uuid")]
        enrolment_id: Option<EnrolmentId>,
        /// Only of this unit and the units below it.
        #[param(value_type = Option<String>, format = "uuid")]
        organization_id: Option<OrganizationId>,
        /// Only those that stand so.
        #[param(inline)]
        status: Option<Status>,
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

/// A claim on an insurance as it is shown.
#[derive(Serialize, ToSchema)]
#[schema(as = InsuranceClaim)]
pub struct Shown {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: InsuranceClaimId,
    /// The cover.
    #[schema(value_type = String, format = "uuid")]
    enrolment_id: EnrolmentId,
    /// Who is insured.
    #[schema(value_type = String, format = "uuid")]
    member_id: MemberId,
    /// The unit of the cover.
    organization_id: OrganizationId,
    /// The day it happened.
    happened_on: Date,
    /// The day the insurer was told.
    reported_on: Date,
    /// Where it stands.
    status: Status,
    /// The day of the insurer's last word.
    decided_on: Option<Date>,
    /// What was paid.
    amount_fen: Option<Fen>,
    /// What happened.
    #[schema(example = "送货途中摔伤，左腿骨折")]
    details: String,
    /// The illness claim that is about the same.
    #[schema(value_type = Option<String>, format = "uuid")]
    illness_claim_id: Option<Id<()>>,
    /// Who recorded it.
    recorded_by: UserId,
    /// Version, for `If-Match`.
    version: i32,
}

impl Shown {
    fn of(rx: &Rx, claim: InsuranceClaim) -> Result<Self> {
        Ok(Self {
            details: rx.keys.open(SEAL, &claim.details_sealed)?,
            id: claim.id,
            enrolment_id: claim.enrolment_id,
            member_id: claim.member_id,
            organization_id: claim.organization_id,
            happened_on: claim.happened_on,
            reported_on: claim.reported_on,
            status: claim.status,
            decided_on: claim.decided_on,
            amount_fen: claim.amount_fen,
            illness_claim_id: claim.illness_claim_id,
            recorded_by: claim.recorded_by,
            version: claim.version,
        })
    }
}

/// The claims on insurances of the own subtree.
#[utoipa::path(tag = "insurance", operation_id = "list_insurance_claims", security(("bearer" = ["insurance:read"])),
    params(InsuranceClaimQuery), responses((status = 200, body = Page<Shown>)))]
#[get("/insurance-claims")]
async fn list(may: May<ReadInsurance>) -> Result<HttpResponse> {
    let query: InsuranceClaimQuery = may.query()?;
    let ask = Ask::new("insurance_claims", query.limit, &query.cursor)?;
    let filter = Filter {
        enrolment_id: query.enrolment_id,
        organization_id: query.organization_id,
        status: query.status,
    };
    may.read(move |rx| {
        if let Some(enrolment) = filter.enrolment_id {
            crate::insurance::store::enrolment(rx, enrolment)?;
        }
        store::list(rx, filter, &ask)?.map(|claim| Shown::of(rx, claim))
    })
    .await
}

/// Record what happened to somebody who is insured (85).
#[utoipa::path(tag = "insurance", operation_id = "create_insurance_claim", security(("bearer" = ["insurance:write"])),
    request_body = NewInsuranceClaim, responses((status = 201, body = Shown), (status = 200, body = Shown, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/insurance-claims")]
async fn report(may: May<WriteInsurance>) -> Result<HttpResponse> {
    may.write(|tx, sent| {
        let new: NewInsuranceClaim = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => {
                let claim = store::find(tx, id)?;
                Ok(Reply::ok(claim.version, &Shown::of(tx, claim)?).replayed())
            }
            Creation::New(id) => {
                let claim = super::report(tx, id, new)?;
                let place = format!("/insurance-claims/{id}");
                Ok(Reply::created(&place, claim.version, &Shown::of(tx, claim)?))
            }
        }
    })
    .await
}

/// One claim on an insurance.
#[utoipa::path(tag = "insurance", operation_id = "get_insurance_claim", security(("bearer" = ["insurance:read"])),
    responses((status = 200, body = Shown)))]
#[get("/insurance-claims/{id}")]
async fn get(may: May<ReadInsurance>) -> Result<HttpResponse> {
    let id = may.id("insurance_claim")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| {
        let claim = store::find(rx, id)?;
        Ok((claim.version, Shown::of(rx, claim)?))
    })
    .await
}

/// Record what the insurer made of a claim: accepted, paid, refused. What was paid is compared with the mutual aid of the
/// member's illness claims (60).
#[utoipa::path(tag = "insurance", operation_id = "decide_insurance_claim", security(("bearer" = ["insurance:write"])),
    params(IfMatch), request_body = Deciding, responses((status = 200, body = Shown)))]
#[post("/insurance-claims/{id}/decide")]
async fn decide(may: May<WriteInsurance>) -> Result<HttpResponse> {
    let id: InsuranceClaimId = may.id("insurance_claim")?;
    may.write(move |tx, sent| {
        let claim = store::find(tx, id)?;
        sent.expect(tx, id, claim.version)?;
        let deciding: Deciding = sent.body()?;
        let claim = super::decide(tx, claim, &deciding)?;
        Ok(Reply::ok(claim.version, &Shown::of(tx, claim)?))
    })
    .await
}
