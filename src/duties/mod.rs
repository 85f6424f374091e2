//! The five ones as work (rules 50 to 56): what is done for households is recorded, voided and listed, duties are
//! waived and reinstated, and [`overview`] shows what is still to be done. What makes a duty done is the
//! [`ledger`]'s rule.

use chrono::Datelike;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::audit::Event;
use crate::auth::Scope;
use crate::db::schema::actions;
use crate::db::types::Timestamp;
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::keyring::{Keyring, Sealed};
use crate::ledger::details::Kept;
use crate::ledger::{self, ActionId, Details, FileId, Kind, Ledger, State, Subject, rules as five_ones};
use crate::organizations::{self, OrganizationId};
use crate::separation::{not_own, same_person};
use crate::users::UserId;

pub mod http;
mod input;
pub mod overview;
mod rules;
mod store;

pub use input::{NewAction, NewWaiver, Void};

/// An action as it is kept.
#[derive(Debug, Clone, HasQuery, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = actions)]
#[diesel(treat_none_as_null = true)]
struct ActionRow {
    id: ActionId,
    file_id: FileId,
    organization_id: OrganizationId,
    kind: Kind,
    occurred_at: Timestamp,
    performed_by: UserId,
    recorded_by: UserId,
    recorded_at: Timestamp,
    details_sealed: Sealed,
    voided_at: Option<Timestamp>,
    voided_by: Option<UserId>,
    void_reason_sealed: Option<Sealed>,
    version: i32,
}

/// Something that was done for a household.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Action {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: ActionId,
    /// The file.
    #[schema(value_type = String, format = "uuid")]
    pub file_id: FileId,
    /// The unit the file belongs to.
    pub organization_id: OrganizationId,
    /// When it was done.
    pub occurred_at: Timestamp,
    /// By whom.
    pub performed_by: UserId,
    /// Who recorded it.
    pub recorded_by: UserId,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Notes.
    pub notes: Option<String>,
    /// When it was voided; it stays to be seen, but no longer counts.
    pub voided_at: Option<Timestamp>,
    /// By whom it was voided.
    pub voided_by: Option<UserId>,
    /// Why it was voided.
    pub void_reason: Option<String>,
    /// What was done, as it was sent; a policy number shows its last four characters.
    #[serde(flatten)]
    pub details: Details,
    /// Version, for `If-Match`.
    pub version: i32,
}

const VOID_REASON: &str = "void_reason";

impl ActionRow {
    /// As it is shown.
    fn shown(self, keys: &Keyring) -> Result<Action> {
        let mut kept: Kept = keys.open_json(Kept::SEAL, &self.details_sealed)?;
        if let Details::Insurance(cover) = &mut kept.details {
            cover.policy_number = cover.policy_number.masked();
        }
        let reason = self
            .void_reason_sealed
            .map(|sealed| keys.open(VOID_REASON, &sealed));
        Ok(Action {
            id: self.id,
            file_id: self.file_id,
            organization_id: self.organization_id,
            occurred_at: self.occurred_at,
            performed_by: self.performed_by,
            recorded_by: self.recorded_by,
            recorded_at: self.recorded_at,
            notes: kept.notes.map(String::from),
            voided_at: self.voided_at,
            voided_by: self.voided_by,
            void_reason: reason.transpose()?,
            details: kept.details,
            version: self.version,
        })
    }
}

/// How far a list looks.
struct Narrowed {
    scope: Scope,
}

impl Narrowed {
    /// The subtree of the unit asked for, else everything the reader may see.
    fn to(rx: &mut Rx, unit: Option<OrganizationId>) -> Result<Self> {
        let scope = match unit {
            Some(unit) => Scope::Under(organizations::find(rx, unit)?.path),
            None => rx.scope.clone(),
        };
        Ok(Self { scope })
    }
}

/// One action in scope.
fn find(rx: &mut Rx, id: ActionId) -> Result<Action> {
    store::find(rx, id)?.shown(rx.keys)
}

/// Records what was done for the household of a file, and does with it the duty it fulfils.
pub fn record(tx: &mut Tx, subject: &Subject, id: ActionId, new: NewAction) -> Result<Action> {
    rules::check(&new.details)?;
    not_own(tx, &subject.person)?;
    let performed_by = new.performed_by.unwrap_or(tx.actor.user()?);
    require_colleagues(tx, subject, performed_by, &new.details)?;
    let opened_on = subject.opened_on.ok_or_else(rules::never_on_file)?;
    let when = rules::When {
        occurred_at: new.occurred_at,
        on: new.occurred_at.date(tx.zone),
        now: tx.now,
        today: tx.today(),
        opened_on,
        closed_on: subject.closed_on,
    };
    rules::may_have_occurred(&when)?;
    let year = when.on.year();
    let closing = ledger::policy(tx, subject.id, opened_on, year)?.closing;
    rules::year_is_open(&when, closing.in_year(year + 1))?;
    let kept = Kept {
        notes: new.notes,
        details: new.details,
    };
    let row = ActionRow {
        id,
        file_id: subject.id,
        organization_id: subject.organization_id,
        kind: kept.details.kind(),
        occurred_at: new.occurred_at,
        performed_by,
        recorded_by: tx.actor.user()?,
        recorded_at: tx.now,
        details_sealed: tx.keys.seal_json(Kept::SEAL, &kept)?,
        voided_at: None,
        voided_by: None,
        void_reason_sealed: None,
        version: 1,
    };
    store::insert(tx, &row)?;
    event("action.recorded", subject, &row)
        .field("file_id", &row.file_id)
        .field("kind", &row.kind)
        .field("occurred_at", &row.occurred_at)
        .field("performed_by", &row.performed_by)
        .field("details", &kept)
        .record(tx)?;
    ledger::refresh(tx, subject.id)?;
    row.shown(tx.keys)
}

/// Who performed an action and who went along are accounts in the caller's scope, and not the worker.
fn require_colleagues(tx: &mut Tx, subject: &Subject, performer: UserId, details: &Details) -> Result<()> {
    let person = store::person_of(tx, performer)?.ok_or_else(|| Error::unknown_reference("/performed_by"))?;
    if person == subject.person {
        return Err(same_person());
    }
    if let Details::CareVisit(visit) = details {
        for (i, visitor) in visit.visitors.iter().enumerate() {
            if store::person_of(tx, *visitor)?.is_none() {
                return Err(Error::unknown_reference(format!("/visitors/{i}")));
            }
        }
    }
    Ok(())
}

/// Voids an action that was wrong: it stays to be seen, and what it had done is open again.
pub fn void(tx: &mut Tx, id: ActionId, void: Void) -> Result<Action> {
    let mut row = store::find(tx, id)?;
    let subject = ledger::subject(tx, row.file_id)?;
    not_own(tx, &subject.person)?;
    if row.voided_at.is_some() {
        return Err(Error::refused(
            "already_voided",
            crate::say!("该记录已作废", "the action is voided already"),
        ));
    }
    row.voided_at = Some(tx.now);
    row.voided_by = Some(tx.actor.user()?);
    row.void_reason_sealed = Some(tx.keys.seal(VOID_REASON, &void.reason)?);
    store::update(tx, &mut row)?;
    event("action.voided", &subject, &row)
        .field("voided_at", &row.voided_at)
        .field("voided_by", &row.voided_by)
        .field("void_reason", &&*void.reason)
        .record(tx)?;
    ledger::refresh(tx, row.file_id)?;
    row.shown(tx.keys)
}

/// Sets an open duty aside, with the reason (55).
pub fn waive(tx: &mut Tx, subject: &Subject, year: i32, kind: Kind, new: NewWaiver) -> Result<Ledger> {
    let comment = new.comment.map(String::from);
    rules::reason_is_told(new.reason_code, comment.as_deref())?;
    not_own(tx, &subject.person)?;
    rules::may_waive(duty(tx, subject.id, year, kind)?)?;
    let sealed = comment.map(|text| tx.keys.seal(ledger::WAIVER_COMMENT, &text));
    let waiver = store::NewWaiver {
        file_id: subject.id,
        year,
        kind,
        disposition: new.disposition,
        reason_code: new.reason_code,
        comment_sealed: sealed.transpose()?,
    };
    store::insert_waiver(tx, &waiver)?;
    duty_event("duty.waived", subject, year, kind)
        .field("disposition", &new.disposition)
        .reason(new.reason_code.as_str())
        .record(tx)?;
    ledger::refresh(tx, subject.id)?;
    ledger::ledger(tx, subject.id, year)
}

/// Takes a waiver back: the duty is again what the facts make it.
pub fn reinstate(tx: &mut Tx, subject: &Subject, year: i32, kind: Kind) -> Result<Ledger> {
    not_own(tx, &subject.person)?;
    if !store::reinstate(tx, subject.id, year, kind)? {
        return Err(Error::refused(
            "not_waived",
            crate::say!("该项未被免除", "the duty is not waived"),
        ));
    }
    duty_event("duty.reinstated", subject, year, kind).record(tx)?;
    ledger::refresh(tx, subject.id)?;
    ledger::ledger(tx, subject.id, year)
}

/// What a duty is now, leaving out the passing of time.
fn duty(rx: &mut Rx, file: FileId, year: i32, kind: Kind) -> Result<State> {
    let subject = ledger::subject(rx, file)?;
    let duties = ledger::derived(rx, &subject, year)?;
    let duty = duties.iter().find(|d: &&five_ones::Duty| d.kind == kind);
    duty.map(|d| d.state).ok_or(Error::NotFound("duty"))
}

fn event(action: &'static str, subject: &Subject, row: &ActionRow) -> Event {
    Event::of(action, "action", row.id)
        .organization(row.organization_id)
        .people([&subject.person])
        .version(row.version)
}

/// Duties have no id of their own: they are noted in the history of their file.
fn duty_event(action: &'static str, subject: &Subject, year: i32, kind: Kind) -> Event {
    Event::of(action, "file", subject.id)
        .organization(subject.organization_id)
        .people([&subject.person])
        .field("year", &year)
        .field("kind", &kind)
}
