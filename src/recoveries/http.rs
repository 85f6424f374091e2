//! `/recoveries`

use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::instalments::{self, NewInstalment};
use super::store::{self, Filter};
use super::{
    Instalment, InstalmentId, NewRecovery, ReasonCode, Recovery, RecoveryId, Status, rules, write_off,
};
use crate::auth::policy::{ClaimBack, ReadRecoveries, ReceiveRecoveries};
use crate::auth::{Creation, May, Sent};
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::db::types::{Date, Fen};
use crate::db::{Rx, Tx};
use crate::error::Result;
use crate::http::Reply;
use crate::http::openapi::IfMatch;
use crate::input::{Nothing, Reason};
use crate::organizations::OrganizationId;
use crate::payments::{self, PaymentId};
use crate::users::UserId;
use crate::{input, parameters};

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(claim)
        .service(get)
        .service(withdraw)
        .service(list_instalments)
        .service(receive)
        .service(get_instalment)
        .service(correct)
        .service(propose_write_off)
        .service(confirm_write_off)
        .service(refuse_write_off);
}

input! {
    /// Why something about a recovery is done.
    pub struct RecoveryReason {
        /// Why; stays in the log for ever.
        pub reason: Reason,
    }
}

parameters! {
    /// Which recoveries.
    pub struct RecoveryQuery {
        /// Only of this payment.
        #[param(value_type = Option<String>, format = "uuid")]
        payment_id: Option<PaymentId>,
        /// Only those that stand so.
        #[param(inline)]
        status: Option<Status>,
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

/// A recovery as it is shown.
#[derive(Serialize, ToSchema)]
#[schema(as = Recovery)]
pub struct Shown {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: RecoveryId,
    /// Its number.
    #[schema(example = "ZH-2020-000001")]
    number: String,
    /// The payment.
    #[schema(value_type = String, format = "uuid")]
    payment_id: PaymentId,
    /// The payment's unit.
    #[schema(value_type = String, format = "uuid")]
    organization_id: OrganizationId,
    /// Why.
    reason_code: ReasonCode,
    /// The same in words.
    comment: String,
    /// How much was claimed.
    amount_fen: Fen,
    /// How much of it came in.
    repaid_fen: Fen,
    /// How much is owed; of what was written off or withdrawn nothing.
    owed_fen: Fen,
    /// Where it stands.
    status: Status,
    /// Who claimed it.
    #[schema(value_type = String, format = "uuid")]
    claimed_by: UserId,
    /// The day.
    claimed_on: Date,
    /// Who proposed to write off what is owed; null when nobody has.
    #[schema(value_type = Option<String>, format = "uuid")]
    write_off_proposed_by: Option<UserId>,
    /// Who confirmed it.
    #[schema(value_type = Option<String>, format = "uuid")]
    write_off_confirmed_by: Option<UserId>,
    /// The day it ended.
    closed_on: Option<Date>,
    /// Version, for `If-Match`.
    version: i32,
}

/// The instalments of a recovery.
#[derive(Serialize, ToSchema)]
pub struct RecoveryInstalments {
    /// In the order of booking.
    items: Vec<Instalment>,
}

/// What was claimed back of a payment, as it is shown.
pub fn of_payment(rx: &mut Rx, payment: PaymentId) -> Result<Vec<Shown>> {
    let recoveries = store::of_payment(rx, payment)?.into_iter();
    recoveries.map(|recovery| Shown::of(rx, recovery)).collect()
}

impl Shown {
    fn of(rx: &Rx, recovery: Recovery) -> Result<Self> {
        let owed = match recovery.status {
            Status::Open => recovery.amount_fen.0 - recovery.repaid_fen.0,
            Status::Repaid | Status::WrittenOff | Status::Withdrawn => 0,
        };
        Ok(Self {
            comment: recovery.comment(rx)?,
            owed_fen: Fen(owed),
            id: recovery.id,
            number: recovery.number,
            payment_id: recovery.payment_id,
            organization_id: recovery.organization_id,
            reason_code: recovery.reason_code,
            amount_fen: recovery.amount_fen,
            repaid_fen: recovery.repaid_fen,
            status: recovery.status,
            claimed_by: recovery.claimed_by,
            claimed_on: recovery.claimed_on,
            write_off_proposed_by: recovery.proposed_by,
            write_off_confirmed_by: recovery.confirmed_by,
            closed_on: recovery.closed_on,
            version: recovery.version,
        })
    }

    fn reply(rx: &Rx, recovery: Recovery) -> Result<Reply> {
        Ok(Reply::ok(recovery.version, &Self::of(rx, recovery)?))
    }
}

/// The recoveries of the own subtree (78).
#[utoipa::path(tag = "recoveries", operation_id = "list_recoveries", security(("bearer" = ["recoveries:read"])),
    params(RecoveryQuery), responses((status = 200, body = Page<Shown>)))]
#[get("/recoveries")]
async fn list(may: May<ReadRecoveries>) -> Result<HttpResponse> {
    let query: RecoveryQuery = may.query()?;
    let ask = Ask::new("recoveries", query.limit, &query.cursor)?;
    let filter = Filter {
        payment_id: query.payment_id,
        status: query.status,
        organization_id: query.organization_id,
    };
    may.read(move |rx| {
        if let Some(payment) = filter.payment_id {
            payments::find(rx, payment)?;
        }
        store::list(rx, filter, &ask)?.map(|recovery| Shown::of(rx, recovery))
    })
    .await
}

/// Claim back what was paid wrongly, or a part of it; false information bars from new claims (78).
#[utoipa::path(tag = "recoveries", operation_id = "create_recovery", security(("bearer" = ["recoveries:write"])),
    request_body = NewRecovery, responses((status = 201, body = Shown), (status = 200, body = Shown, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/recoveries")]
async fn claim(may: May<ClaimBack>) -> Result<HttpResponse> {
    may.write(|tx, sent| {
        let new: NewRecovery = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => {
                let recovery = store::find(tx, id)?;
                Ok(Shown::reply(tx, recovery)?.replayed())
            }
            Creation::New(id) => {
                let recovery = super::claim(tx, id, new)?;
                let (place, version) = (format!("/recoveries/{id}"), recovery.version);
                Ok(Reply::created(&place, version, &Shown::of(tx, recovery)?))
            }
        }
    })
    .await
}

/// One recovery.
#[utoipa::path(tag = "recoveries", operation_id = "get_recovery", security(("bearer" = ["recoveries:read"])),
    responses((status = 200, body = Shown)))]
#[get("/recoveries/{id}")]
async fn get(may: May<ReadRecoveries>) -> Result<HttpResponse> {
    let id = may.id("recovery")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| {
        let recovery = store::find(rx, id)?;
        Ok((recovery.version, Shown::of(rx, recovery)?))
    })
    .await
}

/// Withdraw a recovery that was claimed in error, before anything came in.
#[utoipa::path(tag = "recoveries", operation_id = "withdraw_recovery", security(("bearer" = ["recoveries:write"])),
    params(IfMatch), request_body = RecoveryReason, responses((status = 200, body = Shown)))]
#[post("/recoveries/{id}/withdraw")]
async fn withdraw(may: May<ClaimBack>) -> Result<HttpResponse> {
    let id = may.id("recovery")?;
    may.write(move |tx, sent| {
        read(tx, sent, id)?;
        let why: RecoveryReason = sent.body()?;
        let recovery = super::withdraw(tx, id, why.reason)?;
        Shown::reply(tx, recovery)
    })
    .await
}

/// What came in of a recovery, and what of it was undone.
#[utoipa::path(tag = "recoveries", operation_id = "list_recovery_instalments", security(("bearer" = ["recoveries:read"])),
    responses((status = 200, body = RecoveryInstalments)))]
#[get("/recoveries/{id}/instalments")]
async fn list_instalments(may: May<ReadRecoveries>) -> Result<HttpResponse> {
    let id = may.id("recovery")?;
    may.query::<Nothing>()?;
    may.read(move |rx| {
        store::find(rx, id)?;
        let items = store::instalments(rx, id)?;
        Ok(RecoveryInstalments { items })
    })
    .await
}

/// Book money that came in: at most what is owed; the last of it ends the recovery (78).
#[utoipa::path(tag = "recoveries", operation_id = "create_recovery_instalment", security(("bearer" = ["recoveries:receive"])),
    request_body = NewInstalment, responses((status = 201, body = Instalment), (status = 200, body = Instalment, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/recoveries/{id}/instalments")]
async fn receive(may: May<ReceiveRecoveries>) -> Result<HttpResponse> {
    let id: RecoveryId = may.id("recovery")?;
    may.write(move |tx, sent| {
        store::find(tx, id)?;
        let new: NewInstalment = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(instalment) => {
                let instalment = store::instalment(tx, id, instalment)?;
                Ok(Reply::ok(1, &instalment).replayed())
            }
            Creation::New(instalment) => {
                let instalment = instalments::receive(tx, id, instalment, new)?;
                Ok(made(&instalment))
            }
        }
    })
    .await
}

/// One instalment of a recovery.
#[utoipa::path(tag = "recoveries", operation_id = "get_recovery_instalment", security(("bearer" = ["recoveries:read"])),
    responses((status = 200, body = Instalment)))]
#[get("/recoveries/{id}/instalments/{instalment_id}")]
async fn get_instalment(may: May<ReadRecoveries>) -> Result<HttpResponse> {
    let id: RecoveryId = may.id("recovery")?;
    let instalment: InstalmentId = may.path("instalment_id", "instalment")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| {
        store::find(rx, id)?;
        Ok((1, store::instalment(rx, id, instalment)?))
    })
    .await
}

/// Undo an instalment that was booked wrongly by a booking the other way round; nothing is undone twice.
#[utoipa::path(tag = "recoveries", operation_id = "correct_recovery_instalment", security(("bearer" = ["recoveries:receive"])),
    request_body = RecoveryReason, responses((status = 201, body = Instalment)))]
#[post("/recoveries/{id}/instalments/{instalment_id}/correct")]
async fn correct(may: May<ReceiveRecoveries>) -> Result<HttpResponse> {
    let id: RecoveryId = may.id("recovery")?;
    let wrong: InstalmentId = may.path("instalment_id", "instalment")?;
    may.write(move |tx, sent| {
        store::find(tx, id)?;
        store::instalment(tx, id, wrong)?;
        let why: RecoveryReason = sent.body()?;
        let instalment = instalments::correct(tx, id, wrong, why.reason)?;
        Ok(made(&instalment))
    })
    .await
}

/// Propose to write off what is still owed (78).
#[utoipa::path(tag = "recoveries", operation_id = "propose_write_off", security(("bearer" = ["recoveries:write"])),
    params(IfMatch), request_body = RecoveryReason, responses((status = 200, body = Shown)))]
#[post("/recoveries/{id}/write-off")]
async fn propose_write_off(may: May<ClaimBack>) -> Result<HttpResponse> {
    let id = may.id("recovery")?;
    may.write(move |tx, sent| {
        read(tx, sent, id)?;
        let why: RecoveryReason = sent.body()?;
        let recovery = write_off::propose(tx, id, why.reason)?;
        Shown::reply(tx, recovery)
    })
    .await
}

/// Write off what is still owed: another person than proposed it.
#[utoipa::path(tag = "recoveries", operation_id = "confirm_write_off", security(("bearer" = ["recoveries:write"])),
    params(IfMatch), responses((status = 200, body = Shown)))]
#[post("/recoveries/{id}/write-off/confirm")]
async fn confirm_write_off(may: May<ClaimBack>) -> Result<HttpResponse> {
    let id = may.id("recovery")?;
    may.write(move |tx, sent| {
        read(tx, sent, id)?;
        sent.nothing()?;
        let recovery = write_off::confirm(tx, id)?;
        Shown::reply(tx, recovery)
    })
    .await
}

/// Do not write it off: the money is owed on.
#[utoipa::path(tag = "recoveries", operation_id = "refuse_write_off", security(("bearer" = ["recoveries:write"])),
    params(IfMatch), request_body = RecoveryReason, responses((status = 200, body = Shown)))]
#[post("/recoveries/{id}/write-off/refuse")]
async fn refuse_write_off(may: May<ClaimBack>) -> Result<HttpResponse> {
    let id = may.id("recovery")?;
    may.write(move |tx, sent| {
        read(tx, sent, id)?;
        let why: RecoveryReason = sent.body()?;
        let recovery = write_off::refuse(tx, id, why.reason)?;
        Shown::reply(tx, recovery)
    })
    .await
}

/// The recovery, if it is open, at the version the client read: whoever comes too late learns that it has ended.
fn read(tx: &mut Tx, sent: &Sent, id: RecoveryId) -> Result<()> {
    let recovery = store::find(tx, id)?;
    rules::is_open(recovery.status)?;
    sent.expect(tx, id, recovery.version)
}

fn made(instalment: &Instalment) -> Reply {
    let place = format!(
        "/recoveries/{}/instalments/{}",
        instalment.recovery_id, instalment.id
    );
    Reply::created(&place, 1, instalment)
}
