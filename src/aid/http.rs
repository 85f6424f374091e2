//! `/aid-applications`. Approving one makes its payment, so that route stands in [`crate::payments`].

use actix_web::{HttpResponse, get, patch, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::bodies::{Change, NewApplication, Rejection, Returning, Verification};
use super::rules::Assessment;
use super::store::{self, Filter};
use super::{AidId, Application, Bill, draft, facts};
use crate::auth::policy::{AssessAid, ReadAid, ReviewAid, WriteAid};
use crate::auth::{Creation, May, Sent};
use crate::claims::rules::steps;
use crate::claims::{Decision, MaskedPayee, Status, Verb};
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::db::types::{Date, Fen, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::Result;
use crate::files::household::PersonId;
use crate::files::{self, FileId};
use crate::http::Reply;
use crate::http::openapi::IfMatch;
use crate::input::{Nothing, Text};
use crate::members::{self, MemberId};
use crate::organizations::OrganizationId;
use crate::parameters;

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

parameters! {
    /// Which applications for aid.
    pub struct AidQuery {
        /// Only those that stand here.
        #[param(inline)]
        status: Option<Status>,
        /// Only of this unit and the units below it.
        #[param(value_type = Option<String>, format = "uuid")]
        organization_id: Option<OrganizationId>,
        /// Only of this member.
        #[param(value_type = Option<String>, format = "uuid")]
        member_id: Option<MemberId>,
        /// Only of this file.
        #[param(value_type = Option<String>, format = "uuid")]
        file_id: Option<FileId>,
        /// Only of this kind: a code of the list `aid_kind`.
        #[param(value_type = Option<String>, max_length = 60)]
        kind: Option<Text<60>>,
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

/// An application as it is shown.
#[derive(Serialize, ToSchema)]
#[schema(as = AidApplication)]
pub struct Shown {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: AidId,
    /// Its number.
    #[schema(example = "BF-2020-000001")]
    number: String,
    /// The file of the household.
    #[schema(value_type = Option<String>, format = "uuid")]
    file_id: Option<FileId>,
    /// The member.
    #[schema(value_type = String, format = "uuid")]
    member_id: MemberId,
    /// The unit of the file, or of the member.
    #[schema(value_type = String, format = "uuid")]
    organization_id: OrganizationId,
    /// A code of the list `aid_kind`.
    #[schema(example = "living")]
    kind: String,
    /// For which time.
    #[schema(example = "2020-Q2")]
    period: String,
    /// How much is asked for, in fen.
    amount_fen: Fen,
    /// How much was granted, in fen; null before.
    granted_fen: Option<Fen>,
    /// Who of the household it is for.
    #[schema(value_type = Option<String>, format = "uuid")]
    beneficiary_id: Option<PersonId>,
    /// The bill.
    bill: Option<Bill>,
    /// Why it is needed.
    #[schema(example = "家中失火，暂住亲戚家")]
    need: String,
    /// Who gets the money; numbers masked.
    payee: MaskedPayee,
    /// Where it stands.
    status: Status,
    /// The last verdict, every clause of it; null before the first submission.
    assessment: Option<Assessment>,
    /// Every return and rejection, oldest first.
    decisions: Vec<Decision>,
    /// Day of the first submission.
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
    pub fn of(rx: &Rx, application: Application) -> Result<Self> {
        let details = application.details(rx)?;
        Ok(Self {
            id: application.id,
            file_id: application.file_id,
            member_id: application.member_id,
            organization_id: application.organization_id,
            amount_fen: details.amount_fen,
            granted_fen: application.granted_fen,
            beneficiary_id: details.beneficiary_id,
            bill: details.bill,
            need: details.need,
            payee: details.payee.masked(),
            status: application.status,
            assessment: application.assessment(rx)?,
            decisions: application.decisions(rx)?,
            submitted_on: application.submitted_on,
            released_at: application.released_at,
            round: application.round,
            version: application.version,
            number: application.number,
            kind: application.kind,
            period: application.period,
        })
    }

    /// The answer to a verb.
    pub fn reply(rx: &Rx, application: Application) -> Result<Reply> {
        Ok(Reply::ok(application.version, &Self::of(rx, application)?))
    }
}

/// The applications for aid of the own subtree.
#[utoipa::path(tag = "aid", operation_id = "list_aid_applications", security(("bearer" = ["aid:read"])),
    params(AidQuery), responses((status = 200, body = Page<Shown>)))]
#[get("/aid-applications")]
async fn list(may: May<ReadAid>) -> Result<HttpResponse> {
    let query: AidQuery = may.query()?;
    let ask = Ask::new("aid_applications", query.limit, &query.cursor)?;
    may.read(move |rx| {
        query
            .find(rx, &ask)?
            .map(|application| Shown::of(rx, application))
    })
    .await
}

impl AidQuery {
    /// A page of the applications that it asks for.
    pub fn find(&self, rx: &mut Rx, ask: &Ask) -> Result<Page<Application>> {
        if let Some(member) = self.member_id {
            members::find(rx, member)?;
        }
        if let Some(file) = self.file_id {
            files::find(rx, file)?;
        }
        let filter = Filter {
            status: self.status,
            organization_id: self.organization_id,
            member_id: self.member_id,
            file_id: self.file_id,
            kind: self.kind.clone().map(String::from),
        };
        store::list(rx, filter, ask)
    }
}

/// One application for aid.
#[utoipa::path(tag = "aid", operation_id = "get_aid_application", security(("bearer" = ["aid:read"])),
    responses((status = 200, body = Shown)))]
#[get("/aid-applications/{id}")]
async fn get(may: May<ReadAid>) -> Result<HttpResponse> {
    let id = may.id("aid_application")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| {
        let application = store::find(rx, id)?;
        Ok((application.version, Shown::of(rx, application)?))
    })
    .await
}

/// Write an application as a draft (69).
#[utoipa::path(tag = "aid", operation_id = "create_aid_application", security(("bearer" = ["aid:write"])),
    request_body = NewApplication, responses((status = 201, body = Shown), (status = 200, body = Shown, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/aid-applications")]
async fn create(may: May<WriteAid>) -> Result<HttpResponse> {
    may.write(|tx, sent| {
        let new: NewApplication = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => {
                let application = store::find(tx, id)?;
                Ok(Shown::reply(tx, application)?.replayed())
            }
            Creation::New(id) => {
                let application = draft::create(tx, id, new)?;
                let version = application.version;
                let place = format!("/aid-applications/{id}");
                Ok(Reply::created(&place, version, &Shown::of(tx, application)?))
            }
        }
    })
    .await
}

/// Try the rules on an application without storing anything (67 to 72, 76).
#[utoipa::path(tag = "aid", operation_id = "assess_aid_application", security(("bearer" = ["aid:assess"])),
    request_body = NewApplication, responses((status = 200, body = Assessment)))]
#[post("/aid-applications/assess")]
async fn assess(may: May<AssessAid>) -> Result<HttpResponse> {
    may.query::<Nothing>()?;
    let new: NewApplication = may.body()?;
    may.read(move |rx| facts::try_rule(rx, new)).await
}

/// Change a draft or a returned application.
#[utoipa::path(tag = "aid", operation_id = "update_aid_application", security(("bearer" = ["aid:write"])),
    params(IfMatch), request_body = Change, responses((status = 200, body = Shown)))]
#[patch("/aid-applications/{id}")]
async fn change(may: May<WriteAid>) -> Result<HttpResponse> {
    let id = may.id("aid_application")?;
    may.write(move |tx, sent| {
        let application = read(tx, sent, id, Verb::Change)?;
        let application = draft::change(tx, application, sent.body()?)?;
        Shown::reply(tx, application)
    })
    .await
}

/// Submit an application; refused with the whole assessment when the rules do not grant it.
#[utoipa::path(tag = "aid", operation_id = "submit_aid_application", security(("bearer" = ["aid:write"])),
    params(IfMatch), responses((status = 200, body = Shown)))]
#[post("/aid-applications/{id}/submit")]
async fn submit(may: May<WriteAid>) -> Result<HttpResponse> {
    let id = may.id("aid_application")?;
    may.write(move |tx, sent| plain(tx, sent, id, Verb::Submit, super::submit))
        .await
}

/// Send an application back to be mended (33).
#[utoipa::path(tag = "aid", operation_id = "return_aid_application", security(("bearer" = ["aid:review"])),
    params(IfMatch), request_body = Returning, responses((status = 200, body = Shown)))]
#[post("/aid-applications/{id}/return")]
async fn send_back(may: May<ReviewAid>) -> Result<HttpResponse> {
    let id = may.id("aid_application")?;
    may.write(move |tx, sent| {
        let application = read(tx, sent, id, Verb::Return)?;
        let application = super::return_to_sender(tx, application, sent.body()?)?;
        Shown::reply(tx, application)
    })
    .await
}

/// Verify an application: not its recorder (6), who confirms each warning by its name (76).
#[utoipa::path(tag = "aid", operation_id = "verify_aid_application", security(("bearer" = ["aid:review"])),
    params(IfMatch), request_body = Verification, responses((status = 200, body = Shown)))]
#[post("/aid-applications/{id}/verify")]
async fn verify(may: May<ReviewAid>) -> Result<HttpResponse> {
    let id = may.id("aid_application")?;
    may.write(move |tx, sent| {
        let application = read(tx, sent, id, Verb::Verify)?;
        let application = super::verify(tx, application, &sent.body()?)?;
        Shown::reply(tx, application)
    })
    .await
}

/// Refuse an application (35).
#[utoipa::path(tag = "aid", operation_id = "reject_aid_application", security(("bearer" = ["aid:review"])),
    params(IfMatch), request_body = Rejection, responses((status = 200, body = Shown)))]
#[post("/aid-applications/{id}/reject")]
async fn reject(may: May<ReviewAid>) -> Result<HttpResponse> {
    let id = may.id("aid_application")?;
    may.write(move |tx, sent| {
        let application = read(tx, sent, id, Verb::Reject)?;
        let application = super::reject(tx, application, sent.body()?)?;
        Shown::reply(tx, application)
    })
    .await
}

/// Take an application back before it is decided.
#[utoipa::path(tag = "aid", operation_id = "withdraw_aid_application", security(("bearer" = ["aid:write"])),
    params(IfMatch), responses((status = 200, body = Shown)))]
#[post("/aid-applications/{id}/withdraw")]
async fn withdraw(may: May<WriteAid>) -> Result<HttpResponse> {
    let id = may.id("aid_application")?;
    may.write(move |tx, sent| plain(tx, sent, id, Verb::Withdraw, super::withdraw))
        .await
}

/// Ask for the one review of a rejection, by other people (35).
#[utoipa::path(tag = "aid", operation_id = "request_review_of_aid_application", security(("bearer" = ["aid:write"])),
    params(IfMatch), responses((status = 200, body = Shown)))]
#[post("/aid-applications/{id}/request-review")]
async fn request_review(may: May<WriteAid>) -> Result<HttpResponse> {
    let id = may.id("aid_application")?;
    may.write(move |tx, sent| plain(tx, sent, id, Verb::RequestReview, super::request_review))
        .await
}

/// The application, if its status allows the verb, at the version the client read.
pub fn read(tx: &mut Tx, sent: &Sent, id: AidId, verb: Verb) -> Result<Application> {
    let application = store::find(tx, id)?;
    steps::after(application.status, verb, application.round)?;
    sent.expect(tx, id, application.version)?;
    Ok(application)
}

/// Carries out a verb without input.
fn plain(
    tx: &mut Tx,
    sent: &Sent,
    id: AidId,
    verb: Verb,
    act: fn(&mut Tx, Application) -> Result<Application>,
) -> Result<Reply> {
    let application = read(tx, sent, id, verb)?;
    sent.nothing()?;
    let application = act(tx, application)?;
    Shown::reply(tx, application)
}
