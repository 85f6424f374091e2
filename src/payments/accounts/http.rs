//! `/payments/{id}/account-changes`

use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{AccountChange, AccountChangeId, ChangeStatus, NewAccountChange, rules, store};
use crate::auth::policy::{ConfirmAccounts, CorrectAccounts, ReadPayments};
use crate::auth::{Creation, May, Sent};
use crate::claims::AccountType;
use crate::db::types::Timestamp;
use crate::db::{Rx, Tx};
use crate::error::Result;
use crate::http::Reply;
use crate::http::openapi::IfMatch;
use crate::identity::mask_account;
use crate::input;
use crate::input::{Nothing, Reason};
use crate::payments::{self, PaymentId};
use crate::users::UserId;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(propose)
        .service(get)
        .service(confirm)
        .service(refuse);
}

input! {
    /// Why a change of account is refused.
    pub struct AccountChangeRefusal {
        /// Why; stays in the log for ever.
        pub reason: Reason,
    }
}

/// A change of account as it is shown.
#[derive(Serialize, ToSchema)]
#[schema(as = AccountChange)]
pub struct Shown {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: AccountChangeId,
    /// The payment.
    #[schema(value_type = String, format = "uuid")]
    payment_id: PaymentId,
    /// The other account number, masked.
    #[schema(example = "6200********0005")]
    account_number: String,
    /// What kind of account.
    account_type: AccountType,
    /// The bank.
    #[schema(example = "徽商银行")]
    bank: String,
    /// Where the change stands.
    status: ChangeStatus,
    /// Who proposed it.
    #[schema(value_type = String, format = "uuid")]
    proposed_by: UserId,
    /// When.
    proposed_at: Timestamp,
    /// Who confirmed or refused it.
    #[schema(value_type = Option<String>, format = "uuid")]
    decided_by: Option<UserId>,
    /// When.
    decided_at: Option<Timestamp>,
    /// Version, for `If-Match`.
    version: i32,
}

/// The changes of a payment's account.
#[derive(Serialize, ToSchema)]
pub struct AccountChanges {
    /// In the order of proposing.
    items: Vec<Shown>,
}

/// Every change of a payment's account, as it is shown.
pub fn of_payment(rx: &mut Rx, payment: PaymentId) -> Result<Vec<Shown>> {
    let changes = store::all(rx, payment)?.into_iter();
    changes.map(|change| Shown::of(rx, change)).collect()
}

impl Shown {
    fn of(rx: &Rx, change: AccountChange) -> Result<Self> {
        let account = change.account(rx)?;
        Ok(Self {
            id: change.id,
            payment_id: change.payment_id,
            account_number: mask_account(&account.account_number),
            account_type: account.account_type,
            bank: account.bank,
            status: change.status,
            proposed_by: change.proposed_by,
            proposed_at: change.proposed_at,
            decided_by: change.decided_by,
            decided_at: change.decided_at,
            version: change.version,
        })
    }

    fn reply(rx: &Rx, change: AccountChange) -> Result<Reply> {
        Ok(Reply::ok(change.version, &Self::of(rx, change)?))
    }
}

/// The changes of a payment's account (75, 77).
#[utoipa::path(tag = "payments", operation_id = "list_account_changes", security(("bearer" = ["payments:read"])),
    responses((status = 200, body = AccountChanges)))]
#[get("/payments/{id}/account-changes")]
async fn list(may: May<ReadPayments>) -> Result<HttpResponse> {
    let id = may.id("payment")?;
    may.query::<Nothing>()?;
    may.read(move |rx| {
        payments::find(rx, id)?;
        let all = store::all(rx, id)?.into_iter();
        let items = all.map(|change| Shown::of(rx, change)).collect::<Result<_>>()?;
        Ok(AccountChanges { items })
    })
    .await
}

/// Propose another account of the same payee for a payment that failed or is due; it is not paid meanwhile (75, 77).
#[utoipa::path(tag = "payments", operation_id = "create_account_change", security(("bearer" = ["payments:correct"])),
    request_body = NewAccountChange, responses((status = 201, body = Shown), (status = 200, body = Shown, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/payments/{id}/account-changes")]
async fn propose(may: May<CorrectAccounts>) -> Result<HttpResponse> {
    let id: PaymentId = may.id("payment")?;
    may.write(move |tx, sent| {
        payments::find(tx, id)?;
        let new: NewAccountChange = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(change) => {
                let change = store::find(tx, id, change)?;
                Ok(Shown::reply(tx, change)?.replayed())
            }
            Creation::New(change) => {
                let change = super::propose(tx, change, id, new)?;
                let place = format!("/payments/{id}/account-changes/{}", change.id);
                Ok(Reply::created(&place, change.version, &Shown::of(tx, change)?))
            }
        }
    })
    .await
}

/// One change of a payment's account.
#[utoipa::path(tag = "payments", operation_id = "get_account_change", security(("bearer" = ["payments:read"])),
    responses((status = 200, body = Shown)))]
#[get("/payments/{id}/account-changes/{change_id}")]
async fn get(may: May<ReadPayments>) -> Result<HttpResponse> {
    let id: PaymentId = may.id("payment")?;
    let change: AccountChangeId = may.path("change_id", "account_change")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| {
        payments::find(rx, id)?;
        let change = store::find(rx, id, change)?;
        Ok((change.version, Shown::of(rx, change)?))
    })
    .await
}

/// Confirm another account: not who proposed it, not the payer (6, 75).
#[utoipa::path(tag = "payments", operation_id = "confirm_account_change", security(("bearer" = ["payments:confirm"])),
    params(IfMatch), responses((status = 200, body = Shown)))]
#[post("/payments/{id}/account-changes/{change_id}/confirm")]
async fn confirm(may: May<ConfirmAccounts>) -> Result<HttpResponse> {
    let id: PaymentId = may.id("payment")?;
    let change: AccountChangeId = may.path("change_id", "account_change")?;
    may.write(move |tx, sent| {
        let change = read(tx, sent, id, change)?;
        sent.nothing()?;
        let change = super::confirm(tx, change)?;
        Shown::reply(tx, change)
    })
    .await
}

/// Refuse another account: the payment goes where it went.
#[utoipa::path(tag = "payments", operation_id = "refuse_account_change", security(("bearer" = ["payments:confirm"])),
    params(IfMatch), request_body = AccountChangeRefusal, responses((status = 200, body = Shown)))]
#[post("/payments/{id}/account-changes/{change_id}/refuse")]
async fn refuse(may: May<ConfirmAccounts>) -> Result<HttpResponse> {
    let id: PaymentId = may.id("payment")?;
    let change: AccountChangeId = may.path("change_id", "account_change")?;
    may.write(move |tx, sent| {
        let change = read(tx, sent, id, change)?;
        let refusal: AccountChangeRefusal = sent.body()?;
        let change = super::refuse(tx, change, refusal.reason)?;
        Shown::reply(tx, change)
    })
    .await
}

/// The change, if it waits, at the version the client read: whoever comes too late learns that it was decided.
fn read(tx: &mut Tx, sent: &Sent, payment: PaymentId, id: AccountChangeId) -> Result<AccountChange> {
    payments::find(tx, payment)?;
    let change = store::find(tx, payment, id)?;
    rules::is_open(change.status)?;
    sent.expect(tx, change.id, change.version)?;
    Ok(change)
}
