//! `/illness-claims`. Approving a claim makes its payment, so that route stands in [`crate::payments`].

use actix_web::{HttpResponse, get, patch, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::rules::{Assessment, Illness, RejectCode, ReturnCode, Stay, steps};
use super::store::{self, Filter};
use super::{Claim, ClaimId, Decision, MaskedPayee, NewPayee, Status, Verb, Warning, warnings};
use crate::auth::policy::{AssessClaims, ReadClaims, ReviewClaims, WriteClaims};
use crate::auth::{Creation, May, Sent};
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::db::types::{Date, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::Result;
use crate::http::Reply;
use crate::http::openapi::IfMatch;
use crate::input::{Comment, Nothing, Text, Year};
use crate::members::{self, MemberId};
use crate::organizations::OrganizationId;
use crate::{changes, input, parameters};

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(create)
        .service(assess)
        .service(get)
        .service(change)
        .service(submit)
        .service(send_back)
        .service(verify)
        .service(reject)
        .service(withdraw)
        .service(request_review);
}

input! {
    /// A claim on the big-illness condolence.
    pub struct NewClaim {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<ClaimId>,
        /// The member who was ill.
        #[schema(value_type = String, format = "uuid")]
        pub member_id: MemberId,
        /// The year of the programme: that of the discharges.
        pub programme_year: Year,
        /// What for.
        pub illness: Illness,
        /// The stays in hospital; a draft may be without.
        pub stays: Vec<Stay>,
        /// Who gets the money.
        pub payee: NewPayee,
    }
}

changes! {
    /// Changes of a claim; a list of stays replaces the whole list.
    pub struct ClaimChange {
        /// The year of the programme.
        pub programme_year: Year,
        /// What for.
        pub illness: Illness,
        /// The stays in hospital.
        pub stays: Vec<Stay>,
        /// Who gets the money.
        pub payee: NewPayee,
    }
}

input! {
    /// Why a claim is sent back.
    pub struct Returning {
        /// Why.
        pub reason_code: ReturnCode,
        /// The fields to be mended.
        #[schema(value_type = Vec<String>)]
        pub fields: Vec<Text<100>>,
        /// Why, in words; `other` needs it.
        #[schema(value_type = Option<String>, max_length = 2000)]
        pub comment: Option<Comment>,
    }
}

input! {
    /// Why a claim is refused.
    pub struct Rejection {
        /// Why.
        pub reason_code: RejectCode,
        /// Why, in words; `other` needs it.
        #[schema(value_type = Option<String>, max_length = 2000)]
        pub comment: Option<Comment>,
    }
}

parameters! {
    /// Which claims.
    pub struct ClaimQuery {
        /// Only those that stand here.
        #[param(inline)]
        status: Option<Status>,
        /// Only of this unit and the units below it.
        #[param(value_type = Option<String>, format = "uuid")]
        organization_id: Option<OrganizationId>,
        /// Only of this member.
        #[param(value_type = Option<String>, format = "uuid")]
        member_id: Option<MemberId>,
        /// Only of this programme.
        #[param(value_type = Option<i32>, minimum = 2000, maximum = 2100)]
        programme_year: Option<Year>,
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

/// A claim as it is shown.
#[derive(Serialize, ToSchema)]
#[schema(as = IllnessClaim)]
pub struct Shown {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: ClaimId,
    /// Its number.
    #[schema(example = "YB-2020-000001")]
    number: String,
    /// The member who was ill.
    #[schema(value_type = String, format = "uuid")]
    member_id: MemberId,
    /// The member's unit when the claim was written.
    #[schema(value_type = String, format = "uuid")]
    organization_id: OrganizationId,
    /// The year of the programme.
    #[schema(example = 2020)]
    programme_year: i32,
    /// What for.
    illness: Illness,
    /// The stays in hospital.
    stays: Vec<Stay>,
    /// Who gets the money; numbers masked.
    payee: MaskedPayee,
    /// Where it stands.
    status: Status,
    /// The last verdict, every clause of it; null before the first submission.
    assessment: Option<Assessment>,
    /// Every return and rejection, oldest first.
    decisions: Vec<Decision>,
    /// What on record contradicts it; nothing is refused for that.
    warnings: Vec<Warning>,
    /// Day of the first submission; the window is judged by it.
    submitted_on: Option<Date>,
    /// When the grant was released, because its payment was cancelled; null else.
    released_at: Option<Timestamp>,
    /// 1; 2 after a review was asked for.
    round: i32,
    /// Version, for `If-Match`.
    version: i32,
}

impl Shown {
    /// Opens what is sealed and masks what is personal.
    pub fn of(rx: &mut Rx, claim: Claim) -> Result<Self> {
        let details = claim.details(rx)?;
        Ok(Self {
            warnings: warnings::of(rx, &claim, &details)?,
            id: claim.id,
            member_id: claim.member_id,
            organization_id: claim.organization_id,
            programme_year: claim.programme_year,
            illness: details.illness,
            stays: details.stays,
            payee: details.payee.masked(),
            status: claim.status,
            assessment: claim.assessment(rx)?,
            decisions: claim.decisions(rx)?,
            submitted_on: claim.submitted_on,
            released_at: claim.released_at,
            round: claim.round,
            version: claim.version,
            number: claim.number,
        })
    }

    /// The answer to a verb.
    pub fn reply(rx: &mut Rx, claim: Claim) -> Result<Reply> {
        Ok(Reply::ok(claim.version, &Self::of(rx, claim)?))
    }
}

/// The verdict on what is not stored.
#[derive(Serialize, ToSchema)]
pub struct SelfTest {
    /// The verdict, every clause of it.
    #[serde(flatten)]
    assessment: Assessment,
    /// What on record contradicts it; nothing is refused for that.
    warnings: Vec<Warning>,
}

/// The claims of the own subtree.
#[utoipa::path(tag = "illness claims", operation_id = "list_illness_claims", security(("bearer" = ["claims:read"])),
    params(ClaimQuery), responses((status = 200, body = Page<Shown>)))]
#[get("/illness-claims")]
async fn list(may: May<ReadClaims>) -> Result<HttpResponse> {
    let query: ClaimQuery = may.query()?;
    let ask = Ask::new("illness_claims", query.limit, &query.cursor)?;
    may.read(move |rx| query.find(rx, &ask)?.map(|claim| Shown::of(rx, claim)))
        .await
}

impl ClaimQuery {
    /// A page of the claims that it asks for.
    pub fn find(&self, rx: &mut Rx, ask: &Ask) -> Result<Page<Claim>> {
        if let Some(member) = self.member_id {
            members::find(rx, member)?;
        }
        let filter = Filter {
            status: self.status,
            organization_id: self.organization_id,
            member_id: self.member_id,
            programme_year: self.programme_year.map(|year| year.0),
        };
        store::list(rx, filter, ask)
    }
}

/// One claim.
#[utoipa::path(tag = "illness claims", operation_id = "get_illness_claim", security(("bearer" = ["claims:read"])),
    responses((status = 200, body = Shown)))]
#[get("/illness-claims/{id}")]
async fn get(may: May<ReadClaims>) -> Result<HttpResponse> {
    let id = may.id("illness_claim")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| {
        let claim = store::find(rx, id)?;
        Ok((claim.version, Shown::of(rx, claim)?))
    })
    .await
}

/// Write a claim as a draft (58).
#[utoipa::path(tag = "illness claims", operation_id = "create_illness_claim", security(("bearer" = ["claims:write"])),
    request_body = NewClaim, responses((status = 201, body = Shown), (status = 200, body = Shown, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/illness-claims")]
async fn create(may: May<WriteClaims>) -> Result<HttpResponse> {
    may.write(|tx, sent| {
        let new: NewClaim = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => {
                let claim = store::find(tx, id)?;
                Ok(Shown::reply(tx, claim)?.replayed())
            }
            Creation::New(id) => {
                let claim = super::create(tx, id, new)?;
                let version = claim.version;
                let place = format!("/illness-claims/{id}");
                Ok(Reply::created(&place, version, &Shown::of(tx, claim)?))
            }
        }
    })
    .await
}

/// Try the rule on a claim without storing anything (58 to 64).
#[utoipa::path(tag = "illness claims", operation_id = "assess_illness_claim", security(("bearer" = ["claims:assess"])),
    request_body = NewClaim, responses((status = 200, body = SelfTest)))]
#[post("/illness-claims/assess")]
async fn assess(may: May<AssessClaims>) -> Result<HttpResponse> {
    may.query::<Nothing>()?;
    let new: NewClaim = may.body()?;
    may.read(move |rx| {
        let (assessment, warnings) = super::try_rule(rx, new)?;
        Ok(SelfTest { assessment, warnings })
    })
    .await
}

/// Change a draft or a returned claim.
#[utoipa::path(tag = "illness claims", operation_id = "update_illness_claim", security(("bearer" = ["claims:write"])),
    params(IfMatch), request_body = ClaimChange, responses((status = 200, body = Shown)))]
#[patch("/illness-claims/{id}")]
async fn change(may: May<WriteClaims>) -> Result<HttpResponse> {
    let id = may.id("illness_claim")?;
    may.write(move |tx, sent| {
        let claim = read(tx, sent, id, Verb::Change)?;
        let claim = super::change(tx, claim, sent.body()?)?;
        Shown::reply(tx, claim)
    })
    .await
}

/// Submit a claim; refused with the whole assessment when the rule does not grant it (58 to 64).
#[utoipa::path(tag = "illness claims", operation_id = "submit_illness_claim", security(("bearer" = ["claims:write"])),
    params(IfMatch), responses((status = 200, body = Shown)))]
#[post("/illness-claims/{id}/submit")]
async fn submit(may: May<WriteClaims>) -> Result<HttpResponse> {
    let id = may.id("illness_claim")?;
    may.write(move |tx, sent| plain(tx, sent, id, Verb::Submit, super::submit))
        .await
}

/// Send a claim back to be mended (33).
#[utoipa::path(tag = "illness claims", operation_id = "return_illness_claim", security(("bearer" = ["claims:review"])),
    params(IfMatch), request_body = Returning, responses((status = 200, body = Shown)))]
#[post("/illness-claims/{id}/return")]
async fn send_back(may: May<ReviewClaims>) -> Result<HttpResponse> {
    let id = may.id("illness_claim")?;
    may.write(move |tx, sent| {
        let claim = read(tx, sent, id, Verb::Return)?;
        let claim = super::return_to_sender(tx, claim, sent.body()?)?;
        Shown::reply(tx, claim)
    })
    .await
}

/// Verify a claim: not its recorder (6).
#[utoipa::path(tag = "illness claims", operation_id = "verify_illness_claim", security(("bearer" = ["claims:review"])),
    params(IfMatch), responses((status = 200, body = Shown)))]
#[post("/illness-claims/{id}/verify")]
async fn verify(may: May<ReviewClaims>) -> Result<HttpResponse> {
    let id = may.id("illness_claim")?;
    may.write(move |tx, sent| plain(tx, sent, id, Verb::Verify, super::verify))
        .await
}

/// Refuse a claim (35).
#[utoipa::path(tag = "illness claims", operation_id = "reject_illness_claim", security(("bearer" = ["claims:review"])),
    params(IfMatch), request_body = Rejection, responses((status = 200, body = Shown)))]
#[post("/illness-claims/{id}/reject")]
async fn reject(may: May<ReviewClaims>) -> Result<HttpResponse> {
    let id = may.id("illness_claim")?;
    may.write(move |tx, sent| {
        let claim = read(tx, sent, id, Verb::Reject)?;
        let claim = super::reject(tx, claim, sent.body()?)?;
        Shown::reply(tx, claim)
    })
    .await
}

/// Take a claim back before it is decided.
#[utoipa::path(tag = "illness claims", operation_id = "withdraw_illness_claim", security(("bearer" = ["claims:write"])),
    params(IfMatch), responses((status = 200, body = Shown)))]
#[post("/illness-claims/{id}/withdraw")]
async fn withdraw(may: May<WriteClaims>) -> Result<HttpResponse> {
    let id = may.id("illness_claim")?;
    may.write(move |tx, sent| plain(tx, sent, id, Verb::Withdraw, super::withdraw))
        .await
}

/// Ask for the one review of a rejection, by other people (35).
#[utoipa::path(tag = "illness claims", operation_id = "request_review_of_illness_claim", security(("bearer" = ["claims:write"])),
    params(IfMatch), responses((status = 200, body = Shown)))]
#[post("/illness-claims/{id}/request-review")]
async fn request_review(may: May<WriteClaims>) -> Result<HttpResponse> {
    let id = may.id("illness_claim")?;
    may.write(move |tx, sent| plain(tx, sent, id, Verb::RequestReview, super::request_review))
        .await
}

/// The claim, if its status allows the verb, at the version the client read: whoever comes too late to approve
/// learns that it is approved, not that it has changed.
pub fn read(tx: &mut Tx, sent: &Sent, id: ClaimId, verb: Verb) -> Result<Claim> {
    let claim = store::find(tx, id)?;
    steps::after(claim.status, verb, claim.round)?;
    sent.expect(tx, id, claim.version)?;
    Ok(claim)
}

/// Carries out a verb without input.
fn plain(
    tx: &mut Tx,
    sent: &Sent,
    id: ClaimId,
    verb: Verb,
    act: fn(&mut Tx, Claim) -> Result<Claim>,
) -> Result<Reply> {
    let claim = read(tx, sent, id, verb)?;
    sent.nothing()?;
    let claim = act(tx, claim)?;
    Shown::reply(tx, claim)
}
