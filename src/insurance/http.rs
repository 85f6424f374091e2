//! `/insurance-plans`, `/insurance-lists` and `/enrolments`

use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::bodies::{Ending, ListCancellation, NewList, Sending, Voiding};
use super::numbers::{self, NumbersBack, Odd, Taken};
use super::plans::{self, NewPlan, Plan, PlanId};
use super::rules::{self, EndReason, EnrolmentStatus, Status, Step};
use super::store::{self, Filter, Whose};
use super::{Enrolment, EnrolmentId, List, ListId, coverage, covers, draft, export};
use crate::auth::policy::{
    ApproveInsurance, CancelInsurance, ReadInsurance, SendInsurance, WriteInsurance, WriteInsurancePlans,
};
use crate::auth::{Creation, May, Sent};
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::db::types::{Date, Fen, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::Result;
use crate::funds::LineId;
use crate::http::Reply;
use crate::http::openapi::IfMatch;
use crate::input::{Nothing, Text};
use crate::ledger::details::Payer;
use crate::members::{self, Group, MemberId};
use crate::organizations::OrganizationId;
use crate::parameters;
use crate::users::UserId;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_plans)
        .service(create_plan)
        .service(coverage::http::coverage)
        .service(all)
        .service(create)
        .service(get)
        .service(people)
        .service(submit)
        .service(approve)
        .service(send)
        .service(cancel)
        .service(download)
        .service(read_back)
        .service(list_enrolments)
        .service(get_enrolment)
        .service(end)
        .service(void);
}

parameters! {
    /// Which lists.
    pub struct InsuranceListQuery {
        /// Only of this unit and the units below it.
        #[param(value_type = Option<String>, format = "uuid")]
        organization_id: Option<OrganizationId>,
        /// Only by this revision of a plan.
        #[param(value_type = Option<String>, format = "uuid")]
        plan_id: Option<PlanId>,
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
parameters! {
    /// A page of the people on a list.
    pub struct ListPeopleQuery {
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}
parameters! {
    /// Whose enrolments.
    pub struct EnrolmentQuery {
        /// Only of this member.
        #[param(value_type = Option<String>, format = "uuid")]
        member_id: Option<MemberId>,
        /// Only of this unit and the units below it.
        #[param(value_type = Option<String>, format = "uuid")]
        organization_id: Option<OrganizationId>,
        /// Only those that stand so.
        #[param(inline)]
        status: Option<EnrolmentStatus>,
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

/// Insurance plans.
#[derive(Serialize, ToSchema)]
pub struct InsurancePlans {
    /// By code and revision.
    items: Vec<Plan>,
}

/// A list as it is shown.
#[derive(Serialize, ToSchema)]
#[schema(as = InsuranceList)]
pub struct Shown {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: ListId,
    /// Its number.
    #[schema(example = "CB-2020-000001")]
    number: String,
    /// The unit that insures its people.
    organization_id: OrganizationId,
    /// By which plan.
    #[schema(value_type = String, format = "uuid")]
    plan_id: PlanId,
    /// Who pays the premium.
    payer: Payer,
    /// First day of the covers.
    starts_on: Date,
    /// Last day.
    ends_on: Date,
    /// Where it stands.
    status: Status,
    /// How many people.
    #[schema(example = 1)]
    head_count: i32,
    /// Their premiums together.
    #[schema(example = 5000)]
    total_fen: Fen,
    /// The budget line the premium is committed on; null before the approval, or when there is none.
    #[schema(value_type = Option<String>, format = "uuid")]
    budget_line_id: Option<LineId>,
    /// Who made it.
    recorded_by: UserId,
    /// Who handed it in.
    submitted_by: Option<UserId>,
    /// Who approved it.
    approved_by: Option<UserId>,
    /// The day.
    approved_on: Option<Date>,
    /// Who sent it.
    sent_by: Option<UserId>,
    /// When.
    sent_at: Option<Timestamp>,
    /// The day the premium was paid.
    paid_on: Option<Date>,
    /// The bank's or the voucher's number.
    reference: Option<String>,
    /// Keyed digest of what went to the insurer.
    content_hash: Option<String>,
    /// Version, for `If-Match`.
    version: i32,
}

impl From<List> for Shown {
    fn from(list: List) -> Self {
        Self {
            id: list.id,
            number: list.number,
            organization_id: list.organization_id,
            plan_id: list.plan_id,
            payer: list.payer,
            starts_on: list.starts_on,
            ends_on: list.ends_on,
            status: list.status,
            head_count: list.head_count,
            total_fen: list.total_fen,
            budget_line_id: list.budget_line_id,
            recorded_by: list.recorded_by,
            submitted_by: list.submitted_by,
            approved_by: list.approved_by,
            approved_on: list.approved_on,
            sent_by: list.sent_by,
            sent_at: list.sent_at,
            paid_on: list.paid_on,
            reference: list.reference,
            content_hash: list.content_hash,
            version: list.version,
        }
    }
}

/// Somebody on a list.
#[derive(Serialize, ToSchema)]
#[schema(as = Enrolment)]
pub struct ShownEnrolment {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: EnrolmentId,
    /// The list.
    #[schema(value_type = String, format = "uuid")]
    list_id: ListId,
    /// Place on the list, from 1.
    #[schema(example = 1)]
    line: i32,
    /// Code of the plan.
    #[schema(example = "accident")]
    plan_code: String,
    /// The member.
    #[schema(value_type = String, format = "uuid")]
    member_id: MemberId,
    /// The member's unit when the list was made.
    organization_id: OrganizationId,
    /// The member's group, likewise.
    group: Option<Group>,
    /// Shares.
    #[schema(example = 1)]
    shares: i32,
    /// The premium.
    #[schema(example = 5000)]
    premium_fen: Fen,
    /// First day of the cover.
    starts_on: Date,
    /// Last day, unless it ended early.
    ends_on: Date,
    /// How it stands.
    status: EnrolmentStatus,
    /// The day the policy number came.
    confirmed_on: Option<Date>,
    /// The policy's number; its last four characters.
    policy_number: Option<String>,
    /// Last day of a cover that ended early.
    ended_on: Option<Date>,
    /// Why it ended early.
    end_reason: Option<EndReason>,
    /// Version, for `If-Match`.
    version: i32,
}

impl ShownEnrolment {
    fn of(rx: &Rx, enrolment: Enrolment) -> Result<Self> {
        let sealed = enrolment.policy_number_sealed.as_ref();
        let number: Option<Text<64>> = sealed
            .map(|sealed| rx.keys.open(numbers::SEAL, sealed))
            .transpose()?
            .and_then(|number| numbers::clean(&number));
        Ok(Self {
            id: enrolment.id,
            list_id: enrolment.list_id,
            line: enrolment.line,
            plan_code: enrolment.plan_code,
            member_id: enrolment.member_id,
            organization_id: enrolment.organization_id,
            group: enrolment.group,
            shares: enrolment.shares,
            premium_fen: enrolment.premium_fen,
            starts_on: enrolment.starts_on,
            ends_on: enrolment.ends_on,
            status: enrolment.status,
            confirmed_on: enrolment.confirmed_on,
            policy_number: number.map(|number| number.masked().into()),
            ended_on: enrolment.ended_on,
            end_reason: enrolment.end_reason,
            version: enrolment.version,
        })
    }

    fn reply(rx: &Rx, enrolment: Enrolment) -> Result<Reply> {
        Ok(Reply::ok(enrolment.version, &Self::of(rx, enrolment)?))
    }
}

/// What returned policy numbers came to.
#[derive(Serialize, ToSchema)]
pub struct PoliciesRead {
    /// The list after it.
    list: Shown,
    /// Covers that are in force by them.
    #[schema(example = 1)]
    accepted: usize,
    /// Rows of which the same was known.
    #[schema(example = 0)]
    unchanged: usize,
    /// Rows that need a person.
    problems: Vec<Odd>,
}

/// The plans by which people are insured, every revision (85).
#[utoipa::path(tag = "insurance", operation_id = "list_insurance_plans", security(("bearer" = ["insurance:read"])),
    responses((status = 200, body = InsurancePlans)))]
#[get("/insurance-plans")]
async fn list_plans(may: May<ReadInsurance>) -> Result<HttpResponse> {
    may.query::<Nothing>()?;
    may.read(move |rx| {
        Ok(InsurancePlans {
            items: store::plans(rx)?,
        })
    })
    .await
}

/// Give a plan, at the root: of a known code it is the next revision, and lists keep the one they have (85).
#[utoipa::path(tag = "insurance", operation_id = "create_insurance_plan", security(("bearer" = ["insurance_plans:write"])),
    request_body = NewPlan, responses((status = 201, body = Plan), (status = 200, body = Plan, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/insurance-plans")]
async fn create_plan(may: May<WriteInsurancePlans>) -> Result<HttpResponse> {
    may.write(|tx, sent| {
        let new: NewPlan = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => Ok(Reply::ok(1, &plans::referred(tx, id)?).replayed()),
            Creation::New(id) => {
                let plan = plans::keep(tx, id, new)?;
                Ok(Reply::created("/insurance-plans", 1, &plan))
            }
        }
    })
    .await
}

/// The insurance lists of the own subtree.
#[utoipa::path(tag = "insurance", operation_id = "list_insurance_lists", security(("bearer" = ["insurance:read"])),
    params(InsuranceListQuery), responses((status = 200, body = Page<Shown>)))]
#[get("/insurance-lists")]
async fn all(may: May<ReadInsurance>) -> Result<HttpResponse> {
    let query: InsuranceListQuery = may.query()?;
    let ask = Ask::new("insurance_lists", query.limit, &query.cursor)?;
    let filter = Filter {
        organization_id: query.organization_id,
        plan_id: query.plan_id,
        status: query.status,
    };
    may.read(move |rx| store::list(rx, filter, &ask)?.map(|list| Ok(Shown::from(list))))
        .await
}

/// Make a list of people to be insured together (84, 85); every mistake is named at once.
#[utoipa::path(tag = "insurance", operation_id = "create_insurance_list", security(("bearer" = ["insurance:write"])),
    request_body = NewList, responses((status = 201, body = Shown), (status = 200, body = Shown, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/insurance-lists")]
async fn create(may: May<WriteInsurance>) -> Result<HttpResponse> {
    may.write(|tx, sent| {
        let new: NewList = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => Ok(reply(store::find(tx, id)?).replayed()),
            Creation::New(id) => {
                let list = draft::create(tx, id, new)?;
                let place = format!("/insurance-lists/{id}");
                Ok(Reply::created(&place, list.version, &Shown::from(list)))
            }
        }
    })
    .await
}

/// One list: the master form of it.
#[utoipa::path(tag = "insurance", operation_id = "get_insurance_list", security(("bearer" = ["insurance:read"])),
    responses((status = 200, body = Shown)))]
#[get("/insurance-lists/{id}")]
async fn get(may: May<ReadInsurance>) -> Result<HttpResponse> {
    let id = may.id("insurance_list")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| {
        let list = store::find(rx, id)?;
        Ok((list.version, Shown::from(list)))
    })
    .await
}

/// The people on a list, in their order.
#[utoipa::path(tag = "insurance", operation_id = "list_insurance_list_people", security(("bearer" = ["insurance:read"])),
    params(ListPeopleQuery), responses((status = 200, body = Page<ShownEnrolment>)))]
#[get("/insurance-lists/{id}/enrolments")]
async fn people(may: May<ReadInsurance>) -> Result<HttpResponse> {
    let id: ListId = may.id("insurance_list")?;
    let query: ListPeopleQuery = may.query()?;
    let ask = Ask::new("insurance_list_people", query.limit, &query.cursor)?;
    may.read(move |rx| {
        store::find(rx, id)?;
        store::on_list(rx, id, &ask)?.map(|enrolment| ShownEnrolment::of(rx, enrolment))
    })
    .await
}

/// Hand a list in, within the window of its plan.
#[utoipa::path(tag = "insurance", operation_id = "submit_insurance_list", security(("bearer" = ["insurance:write"])),
    params(IfMatch), responses((status = 200, body = Shown)))]
#[post("/insurance-lists/{id}/submit")]
async fn submit(may: May<WriteInsurance>) -> Result<HttpResponse> {
    let id = may.id("insurance_list")?;
    may.write(move |tx, sent| plain(tx, sent, id, Step::Submit, super::submit))
        .await
}

/// Approve a list: another person than who made it; the premium is committed on a budget line (79).
#[utoipa::path(tag = "insurance", operation_id = "approve_insurance_list", security(("bearer" = ["insurance:approve"])),
    params(IfMatch), responses((status = 200, body = Shown)))]
#[post("/insurance-lists/{id}/approve")]
async fn approve(may: May<ApproveInsurance>) -> Result<HttpResponse> {
    let id = may.id("insurance_list")?;
    may.write(move |tx, sent| plain(tx, sent, id, Step::Approve, super::approve))
        .await
}

/// Record that a list went to the insurer and its premium was paid: a third person. The file for the insurer is made now.
#[utoipa::path(tag = "insurance", operation_id = "send_insurance_list", security(("bearer" = ["insurance:send"])),
    params(IfMatch), request_body = Sending, responses((status = 200, body = Shown)))]
#[post("/insurance-lists/{id}/send")]
async fn send(may: May<SendInsurance>) -> Result<HttpResponse> {
    let id = may.id("insurance_list")?;
    may.write(move |tx, sent| {
        let list = read(tx, sent, id, Step::Send)?;
        Ok(reply(super::send(tx, list, sent.body()?)?))
    })
    .await
}

/// Give a list up before it is sent.
#[utoipa::path(tag = "insurance", operation_id = "cancel_insurance_list", security(("bearer" = ["insurance:cancel"])),
    params(IfMatch), request_body = ListCancellation, responses((status = 200, body = Shown)))]
#[post("/insurance-lists/{id}/cancel")]
async fn cancel(may: May<CancelInsurance>) -> Result<HttpResponse> {
    let id = may.id("insurance_list")?;
    may.write(move |tx, sent| {
        let list = read(tx, sent, id, Step::Cancel)?;
        let cancellation: ListCancellation = sent.body()?;
        Ok(reply(super::cancel(tx, list, &cancellation.reason)?))
    })
    .await
}

/// The file for the insurer, with ID numbers in clear: the same bytes each time, and each time an event.
#[utoipa::path(tag = "insurance", operation_id = "download_insurance_list", security(("bearer" = ["insurance:send"])),
    responses((status = 200, content((Vec<u8> = "text/csv")))))]
#[post("/insurance-lists/{id}/download")]
async fn download(may: May<SendInsurance>) -> Result<HttpResponse> {
    let id: ListId = may.id("insurance_list")?;
    let (actor, request, sent) = (may.actor.clone(), may.request_id().to_owned(), may.sent().clone());
    let work = move |tx: &mut Tx| {
        let list = store::find(tx, id)?;
        sent.nothing()?;
        let content = export::content(tx, &list)?;
        Ok((list.number, content))
    };
    let (number, content) = may.db().write(actor, request, work).await?;
    let name = format!("attachment; filename=\"{number}.csv\"");
    Ok(HttpResponse::Ok()
        .content_type("text/csv")
        .insert_header(("Content-Disposition", name))
        .body(content))
}

/// Read the policy numbers that the insurer returned, as JSON or as a CSV file with the columns 身份证号 and 保单号. A row that
/// does not fit is named and does not stop the others; the same again changes nothing.
#[utoipa::path(tag = "insurance", operation_id = "read_insurance_policies", security(("bearer" = ["insurance:write"])),
    request_body(content((NumbersBack = "application/json"), (Vec<u8> = "text/csv"))), responses((status = 200, body = PoliciesRead)))]
#[post("/insurance-lists/{id}/policies")]
async fn read_back(may: May<WriteInsurance>) -> Result<HttpResponse> {
    let id: ListId = may.id("insurance_list")?;
    may.write(move |tx, sent| {
        let list = store::find(tx, id)?;
        rules::after(list.status, Step::ReadBack)?;
        let rows = match sent.content() {
            (content, "text/csv") => numbers::read(content)?,
            _ => sent.body::<NumbersBack>()?.rows(),
        };
        let (list, taken) = numbers::read_back(tx, &list, rows)?;
        let Taken {
            accepted,
            unchanged,
            odd,
        } = taken;
        let version = list.version;
        let read = PoliciesRead {
            list: list.into(),
            accepted,
            unchanged,
            problems: odd,
        };
        Ok(Reply::ok(version, &read))
    })
    .await
}

/// Who is or was insured in the own subtree.
#[utoipa::path(tag = "insurance", operation_id = "list_enrolments", security(("bearer" = ["insurance:read"])),
    params(EnrolmentQuery), responses((status = 200, body = Page<ShownEnrolment>)))]
#[get("/enrolments")]
async fn list_enrolments(may: May<ReadInsurance>) -> Result<HttpResponse> {
    let query: EnrolmentQuery = may.query()?;
    let ask = Ask::new("enrolments", query.limit, &query.cursor)?;
    let whose = Whose {
        member_id: query.member_id,
        organization_id: query.organization_id,
        status: query.status,
    };
    may.read(move |rx| {
        if let Some(member) = whose.member_id {
            members::find(rx, member)?;
        }
        store::enrolments(rx, whose, &ask)?.map(|enrolment| ShownEnrolment::of(rx, enrolment))
    })
    .await
}

/// One enrolment.
#[utoipa::path(tag = "insurance", operation_id = "get_enrolment", security(("bearer" = ["insurance:read"])),
    responses((status = 200, body = ShownEnrolment)))]
#[get("/enrolments/{id}")]
async fn get_enrolment(may: May<ReadInsurance>) -> Result<HttpResponse> {
    let id = may.id("enrolment")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| {
        let enrolment = store::enrolment(rx, id)?;
        Ok((enrolment.version, ShownEnrolment::of(rx, enrolment)?))
    })
    .await
}

/// End a cover early: its member left or died. What it had fulfilled after that day is open again (54).
#[utoipa::path(tag = "insurance", operation_id = "end_enrolment", security(("bearer" = ["insurance:write"])),
    params(IfMatch), request_body = Ending, responses((status = 200, body = ShownEnrolment)))]
#[post("/enrolments/{id}/end")]
async fn end(may: May<WriteInsurance>) -> Result<HttpResponse> {
    let id: EnrolmentId = may.id("enrolment")?;
    may.write(move |tx, sent| {
        let enrolment = store::enrolment(tx, id)?;
        sent.expect(tx, id, enrolment.version)?;
        let enrolment = covers::end(tx, enrolment, sent.body()?)?;
        ShownEnrolment::reply(tx, enrolment)
    })
    .await
}

/// Void the place of somebody whom the insurer did not take. What it had fulfilled is open again (54).
#[utoipa::path(tag = "insurance", operation_id = "void_enrolment", security(("bearer" = ["insurance:write"])),
    params(IfMatch), request_body = Voiding, responses((status = 200, body = ShownEnrolment)))]
#[post("/enrolments/{id}/void")]
async fn void(may: May<WriteInsurance>) -> Result<HttpResponse> {
    let id: EnrolmentId = may.id("enrolment")?;
    may.write(move |tx, sent| {
        let enrolment = store::enrolment(tx, id)?;
        sent.expect(tx, id, enrolment.version)?;
        let enrolment = covers::void(tx, enrolment, sent.body()?)?;
        ShownEnrolment::reply(tx, enrolment)
    })
    .await
}

fn reply(list: List) -> Reply {
    Reply::ok(list.version, &Shown::from(list))
}

/// The list, if its status allows the step, at the version the client read.
fn read(tx: &mut Tx, sent: &Sent, id: ListId, step: Step) -> Result<List> {
    let list = store::find(tx, id)?;
    rules::after(list.status, step)?;
    sent.expect(tx, id, list.version)?;
    Ok(list)
}

/// Carries out a step without input.
fn plain(
    tx: &mut Tx,
    sent: &Sent,
    id: ListId,
    step: Step,
    act: fn(&mut Tx, List) -> Result<List>,
) -> Result<Reply> {
    let list = read(tx, sent, id, step)?;
    sent.nothing()?;
    Ok(reply(act(tx, list)?))
}
