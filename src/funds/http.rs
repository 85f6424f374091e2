//! `/funds` and `/budget-lines`

use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::book::{Movement, MovementId, MovementKind};
use super::store::{self, Filter};
use super::{Balance, Correcting, Fund, FundId, Line, LineId, NewBudgetLine, NewFund, Receiving, Source};
use crate::auth::policy::{AllotFunds, KeepFunds, ReadFunds};
use crate::auth::{Creation, May};
use crate::db::Rx;
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::db::types::{Date, Fen, Id, Timestamp};
use crate::error::Result;
use crate::http::Reply;
use crate::input::{Nothing, Text, Year};
use crate::organizations::{self, OrganizationId};
use crate::parameters;
use crate::users::UserId;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(open)
        .service(get)
        .service(receive)
        .service(movements)
        .service(correct)
        .service(allot)
        .service(lines)
        .service(get_line)
        .service(add);
}

parameters! {
    /// Which funds.
    pub struct FundQuery {
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
parameters! {
    /// Which budget lines.
    pub struct LineQuery {
        /// Only of this fund.
        #[param(value_type = Option<String>, format = "uuid")]
        fund_id: Option<FundId>,
        /// Only of this unit and the units below it.
        #[param(value_type = Option<String>, format = "uuid")]
        organization_id: Option<OrganizationId>,
        /// Only of this year.
        #[param(value_type = Option<i64>, minimum = 2000, maximum = 2100)]
        year: Option<Year>,
        /// Only for this kind of aid.
        #[param(value_type = Option<String>)]
        aid_kind: Option<Text<60>>,
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}
parameters! {
    /// Which movements.
    pub struct MovementQuery {
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

/// A fund.
#[derive(Serialize, ToSchema)]
#[schema(as = Fund)]
pub struct ShownFund {
    /// Its id.
    id: FundId,
    /// The unit that keeps it.
    organization_id: OrganizationId,
    /// Its code, once in the unit.
    #[schema(example = "2020-ZY")]
    code: String,
    /// Its name.
    #[schema(example = "中央财政专项帮扶资金")]
    name: String,
    /// Whose money it is (68).
    source: Source,
    /// What it may be spent on.
    kinds: Vec<String>,
    /// First day on which it is spent.
    valid_from: Date,
    /// Last day; null for open-ended.
    valid_to: Option<Date>,
    /// What came in.
    received_fen: Fen,
    /// What of it is not allotted.
    available_fen: Fen,
    /// Raised by every movement.
    version: i32,
}

impl ShownFund {
    fn of(rx: &mut Rx, fund: Fund) -> Result<Self> {
        let (received_fen, available_fen) = store::fund_balance(rx, fund.id)?;
        Ok(Self {
            id: fund.id,
            organization_id: fund.organization_id,
            code: fund.code,
            name: fund.name,
            source: fund.source,
            kinds: store::kinds(rx, fund.id)?,
            valid_from: fund.valid_from,
            valid_to: fund.valid_to,
            received_fen,
            available_fen,
            version: fund.version,
        })
    }
}

/// A budget line with what there is on it.
#[derive(Serialize, ToSchema)]
#[schema(as = BudgetLine)]
pub struct ShownLine {
    /// Its id.
    id: LineId,
    /// The fund that it is part of.
    fund_id: FundId,
    /// The unit that may spend it, with the units below.
    organization_id: OrganizationId,
    /// The year of the approvals it is for.
    year: i32,
    /// What it is for: a code of the list `aid_kind`.
    #[schema(example = "living")]
    aid_kind: String,
    /// What there is on it.
    balance: Balance,
    /// Raised by every movement.
    version: i32,
}

impl ShownLine {
    fn of(rx: &mut Rx, line: Line) -> Result<Self> {
        Ok(Self {
            balance: store::balance(rx, line.id)?,
            id: line.id,
            fund_id: line.fund_id,
            organization_id: line.organization_id,
            year: line.year,
            aid_kind: line.aid_kind,
            version: line.version,
        })
    }
}

/// A movement of money.
#[derive(Serialize, ToSchema)]
#[schema(as = BookMovement)]
pub struct ShownMovement {
    /// Its id.
    id: MovementId,
    /// What it is.
    kind: MovementKind,
    /// How much.
    amount_fen: Fen,
    /// The payment it is about.
    #[schema(value_type = Option<String>, format = "uuid")]
    payment_id: Option<Id<()>>,
    /// The insurance list it is about.
    #[schema(value_type = Option<String>, format = "uuid")]
    insurance_list_id: Option<Id<()>>,
    /// The movement it undoes.
    #[schema(value_type = Option<String>, format = "uuid")]
    reverses_id: Option<MovementId>,
    /// The document it stands on.
    reference: Option<String>,
    /// Who booked it.
    actor_id: UserId,
    /// When.
    at: Timestamp,
}

impl From<Movement> for ShownMovement {
    fn from(movement: Movement) -> Self {
        Self {
            id: movement.id,
            kind: movement.kind,
            amount_fen: movement.amount_fen,
            payment_id: movement.payment_id,
            insurance_list_id: movement.insurance_list_id,
            reverses_id: movement.reverses_id,
            reference: movement.reference,
            actor_id: movement.actor_id,
            at: movement.at,
        }
    }
}

/// The budget line of a payment and the movements that it made in the books, as they are shown.
pub fn of_payment<T>(
    rx: &mut Rx,
    line: Option<LineId>,
    payment: Id<T>,
) -> Result<(Option<ShownLine>, Vec<ShownMovement>)> {
    let line = match line {
        Some(id) => {
            let line = store::any_line(rx, id)?;
            Some(ShownLine::of(rx, line)?)
        }
        None => None,
    };
    let made = store::of_payment(rx, payment.cast())?.into_iter();
    Ok((line, made.map(ShownMovement::from).collect()))
}

/// The funds of the own subtree.
#[utoipa::path(tag = "funds", operation_id = "list_funds", security(("bearer" = ["funds:read"])),
    params(FundQuery), responses((status = 200, body = Page<ShownFund>)))]
#[get("/funds")]
async fn list(may: May<ReadFunds>) -> Result<HttpResponse> {
    let query: FundQuery = may.query()?;
    let ask = Ask::new("funds", query.limit, &query.cursor)?;
    may.read(move |rx| {
        store::list_funds(rx, query.organization_id, &ask)?.map(|fund| ShownFund::of(rx, fund))
    })
    .await
}

/// Open a fund (68): what it may be spent on is fixed with it.
#[utoipa::path(tag = "funds", operation_id = "create_fund", security(("bearer" = ["funds:write"])),
    request_body = NewFund, responses((status = 201, body = ShownFund), (status = 200, body = ShownFund, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/funds")]
async fn open(may: May<KeepFunds>) -> Result<HttpResponse> {
    may.write(|tx, sent| {
        let new: NewFund = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => {
                let fund = store::find_fund(tx, id)?;
                Ok(Reply::ok(fund.version, &ShownFund::of(tx, fund)?).replayed())
            }
            Creation::New(id) => {
                let fund = super::open(tx, id, new)?;
                let place = format!("/funds/{id}");
                Ok(Reply::created(&place, fund.version, &ShownFund::of(tx, fund)?))
            }
        }
    })
    .await
}

/// One fund.
#[utoipa::path(tag = "funds", operation_id = "get_fund", security(("bearer" = ["funds:read"])),
    responses((status = 200, body = ShownFund)))]
#[get("/funds/{id}")]
async fn get(may: May<ReadFunds>) -> Result<HttpResponse> {
    let id = may.id("fund")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| {
        let fund = store::find_fund(rx, id)?;
        Ok((fund.version, ShownFund::of(rx, fund)?))
    })
    .await
}

/// Book money that came in. Send an `Idempotency-Key`: the same receipt is then booked once.
#[utoipa::path(tag = "funds", operation_id = "create_fund_receipt", security(("bearer" = ["funds:write"])),
    request_body = Receiving, responses((status = 201, body = ShownMovement)))]
#[post("/funds/{id}/receipts")]
async fn receive(may: May<KeepFunds>) -> Result<HttpResponse> {
    let id = may.id("fund")?;
    may.write(move |tx, sent| {
        let mut fund = store::find_fund(tx, id)?;
        let movement = super::receive(tx, &mut fund, sent.body()?)?;
        Ok(Reply::created(
            &format!("/funds/{id}"),
            fund.version,
            &ShownMovement::from(movement),
        ))
    })
    .await
}

/// The movements of a fund, oldest first: its books.
#[utoipa::path(tag = "funds", operation_id = "list_fund_movements", security(("bearer" = ["funds:read"])),
    params(MovementQuery), responses((status = 200, body = Page<ShownMovement>)))]
#[get("/funds/{id}/movements")]
async fn movements(may: May<ReadFunds>) -> Result<HttpResponse> {
    let id: FundId = may.id("fund")?;
    let query: MovementQuery = may.query()?;
    let ask = Ask::new("movements", query.limit, &query.cursor)?;
    may.read(move |rx| {
        store::find_fund(rx, id)?;
        store::movements(rx, id, &ask)?.map(|movement| Ok(ShownMovement::from(movement)))
    })
    .await
}

/// Undo a receipt or an allotment by a booking the other way round, if the money is still there; nothing is undone twice.
#[utoipa::path(tag = "funds", operation_id = "correct_fund_movement", security(("bearer" = ["funds:write"])),
    request_body = Correcting, responses((status = 201, body = ShownMovement)))]
#[post("/funds/{id}/movements/{movement_id}/correct")]
async fn correct(may: May<KeepFunds>) -> Result<HttpResponse> {
    let id: FundId = may.id("fund")?;
    let movement: MovementId = may.path("movement_id", "movement")?;
    may.write(move |tx, sent| {
        let mut fund = store::find_fund(tx, id)?;
        super::book::find(tx, id, movement)?;
        let correcting: Correcting = sent.body()?;
        let booked = super::correct(tx, &mut fund, movement, correcting.reason)?;
        Ok(Reply::created(
            &format!("/funds/{id}"),
            fund.version,
            &ShownMovement::from(booked),
        ))
    })
    .await
}

/// Open a budget line with its first money (79).
#[utoipa::path(tag = "funds", operation_id = "create_budget_line", security(("bearer" = ["funds:allot"])),
    request_body = NewBudgetLine, responses((status = 201, body = ShownLine), (status = 200, body = ShownLine, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/funds/{id}/budget-lines")]
async fn allot(may: May<AllotFunds>) -> Result<HttpResponse> {
    let id: FundId = may.id("fund")?;
    may.write(move |tx, sent| {
        let mut fund = store::find_fund(tx, id)?;
        let new: NewBudgetLine = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => {
                let line = store::find_line(tx, id)?;
                Ok(Reply::ok(line.version, &ShownLine::of(tx, line)?).replayed())
            }
            Creation::New(id) => {
                let line = super::allot(tx, &mut fund, id, new)?;
                let place = format!("/budget-lines/{id}");
                Ok(Reply::created(&place, line.version, &ShownLine::of(tx, line)?))
            }
        }
    })
    .await
}

/// The budget lines of the own subtree, with what there is on them (79).
#[utoipa::path(tag = "funds", operation_id = "list_budget_lines", security(("bearer" = ["funds:read"])),
    params(LineQuery), responses((status = 200, body = Page<ShownLine>)))]
#[get("/budget-lines")]
async fn lines(may: May<ReadFunds>) -> Result<HttpResponse> {
    let query: LineQuery = may.query()?;
    let ask = Ask::new("budget_lines", query.limit, &query.cursor)?;
    let filter = Filter {
        fund_id: query.fund_id,
        organization_id: query.organization_id,
        year: query.year.map(|year| year.0),
        aid_kind: query.aid_kind.map(String::from),
    };
    may.read(move |rx| {
        if let Some(unit) = filter.organization_id {
            organizations::find(rx, unit)?;
        }
        store::list_lines(rx, filter, &ask)?.map(|line| ShownLine::of(rx, line))
    })
    .await
}

/// One budget line.
#[utoipa::path(tag = "funds", operation_id = "get_budget_line", security(("bearer" = ["funds:read"])),
    responses((status = 200, body = ShownLine)))]
#[get("/budget-lines/{id}")]
async fn get_line(may: May<ReadFunds>) -> Result<HttpResponse> {
    let id = may.id("budget_line")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| {
        let line = store::find_line(rx, id)?;
        Ok((line.version, ShownLine::of(rx, line)?))
    })
    .await
}

/// Give a line more of its fund (79). Send an `Idempotency-Key`: the same allotment is then booked once.
#[utoipa::path(tag = "funds", operation_id = "create_allotment", security(("bearer" = ["funds:allot"])),
    request_body = Receiving, responses((status = 201, body = ShownMovement)))]
#[post("/budget-lines/{id}/allotments")]
async fn add(may: May<AllotFunds>) -> Result<HttpResponse> {
    let id: LineId = may.id("budget_line")?;
    may.write(move |tx, sent| {
        let line = store::find_line(tx, id)?;
        let mut fund = store::find_fund(tx, line.fund_id)?;
        let given: Receiving = sent.body()?;
        let movement = super::add(tx, &mut fund, &line, given.amount_fen, given.reference.into())?;
        Ok(Reply::created(
            &format!("/budget-lines/{id}"),
            line.version,
            &ShownMovement::from(movement),
        ))
    })
    .await
}
