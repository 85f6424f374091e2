//! Writing an application and changing it, while it is a draft or was returned.

use std::mem;

use super::{AidId, Application, Change, NewApplication, event, facts, not_barred, step, store, take_part};
use crate::claims::{Decision, Payee, PayeeKind, Status, Verb, payee};
use crate::db::types::year_of;
use crate::db::{Rx, Tx, next_number};
use crate::duplicates::{self, KeyKind};
use crate::error::{Error, Result};
use crate::separation::{self, Part};
use crate::{codes, members};

/// Writes a draft.
pub(super) fn create(tx: &mut Tx, id: AidId, new: NewApplication) -> Result<Application> {
    let subject = facts::subject(tx, new.file_id, new.member_id)?;
    members::not_merged(tx, &subject.member)?;
    check_kind(tx, &new.kind)?;
    let (kind, period) = (new.kind.to_string(), new.period);
    let details = new.details();
    facts::check(tx, &subject, &details)?;
    payee::may_inherit(details.payee.kind, &subject.member)?;
    not_barred(tx, subject.member.id)?;
    let year = year_of(tx.today());
    let n = next_number(tx, &format!("aid_applications_{year}"))?;
    let none: [Decision; 0] = [];
    let application = Application {
        id,
        number: format!("BF-{year}-{n:06}"),
        organization_id: subject.unit(),
        file_id: subject.file.map(|file| file.id),
        member_id: subject.member.id,
        person: subject.member.person,
        kind,
        period: period.to_string(),
        year: period.year,
        payee_kind: details.payee.kind,
        payee_person: tx.keys.person(&details.payee.id_number),
        details_sealed: tx.keys.seal_json("aid_details", &details)?,
        settlement_hash: facts::settlement(tx, &details),
        status: Status::Draft,
        assessment_sealed: None,
        decisions_sealed: tx.keys.seal_json("aid_decisions", &none)?,
        warned: false,
        confirmed_by: None,
        needs_file: false,
        level: None,
        granted_fen: None,
        cap: None,
        cap_subject: None,
        released_at: None,
        submitted_on: None,
        round: 1,
        recorder_id: tx.actor.user()?,
        verifier_id: None,
        approver_id: None,
        approved_at: None,
        version: 1,
        updated_at: tx.now,
    };
    take_part(tx, &application, Part::Recorder)?;
    store::insert(tx, &application)?;
    know_account(tx, &application, &details.payee)?;
    event("aid.drafted", &application)
        .field("member_id", &application.member_id)
        .field("file_id", &application.file_id)
        .field("kind", &application.kind)
        .field("period", &application.period)
        .field("details", &details)
        .record(tx)?;
    Ok(application)
}

pub(super) fn check_kind(rx: &mut Rx, kind: &str) -> Result<()> {
    let faults = codes::faults(rx, &[("/kind".to_owned(), "aid_kind", kind)])?;
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(faults))
    }
}

/// Changes a draft or a returned application.
pub(super) fn change(tx: &mut Tx, mut application: Application, change: Change) -> Result<Application> {
    let before = application.details(tx)?;
    let (kind, period) = (application.kind.clone(), application.period.clone());
    let mut after = before.clone();
    after.amount_fen = change.amount_fen.unwrap_or(after.amount_fen);
    after.beneficiary_id = change.beneficiary_id.unwrap_or(after.beneficiary_id);
    after.bill = change.bill.unwrap_or(after.bill);
    after.need = change.need.map_or(after.need, String::from);
    after.payee = change.payee.map_or(after.payee, Payee::from);
    let subject = facts::subject_of(tx, &application)?;
    facts::check(tx, &subject, &after)?;
    payee::may_inherit(after.payee.kind, &subject.member)?;
    if let Some(kind) = &change.kind {
        check_kind(tx, kind)?;
    }
    step(tx, &mut application, Verb::Change)?;
    application.kind = change.kind.map_or(kind.clone(), |kind| kind.to_string());
    if let Some(new) = change.period {
        application.period = new.to_string();
        application.year = new.year;
    }
    application.payee_kind = after.payee.kind;
    let payee_before = mem::replace(
        &mut application.payee_person,
        tx.keys.person(&after.payee.id_number),
    );
    application.details_sealed = tx.keys.seal_json("aid_details", &after)?;
    application.settlement_hash = facts::settlement(tx, &after);
    take_part(tx, &application, Part::Recorder)?;
    separation::has_no_part(tx, application.id, &application.payee_person)?;
    store::update(tx, &application)?;
    know_account(tx, &application, &after.payee)?;
    event("aid.changed", &application)
        .change("kind", &kind, &application.kind)
        .change("period", &period, &application.period)
        .change("details", &before, &after)
        .people([payee_before])
        .record(tx)?;
    Ok(application)
}

/// Lets the member be found by the account that the aid goes to, when it is the member's own (9).
fn know_account(tx: &mut Tx, application: &Application, payee: &Payee) -> Result<()> {
    match payee.kind {
        PayeeKind::Member => {
            let account = &payee.account_number;
            duplicates::know_more(tx, application.member_id.cast(), KeyKind::Account, account)
        }
        _ => Ok(()),
    }
}
