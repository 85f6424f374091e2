//! The cover of a single person: ended early, or never there (85). The five ones of the household follow (54).

use super::bodies::{Ending, Voiding};
use super::{Enrolment, EnrolmentStatus, complete, enrolment_event, rules, store};
use crate::db::Tx;
use crate::error::Result;
use crate::{ledger, members};

/// Ends a cover early, as of a day: somebody left or died.
pub(super) fn end(tx: &mut Tx, mut enrolment: Enrolment, ending: Ending) -> Result<Enrolment> {
    let (first, last) = (enrolment.starts_on, enrolment.ends_on);
    rules::may_end(enrolment.status, ending.ended_on, first, last, tx.today())?;
    let name = members::find_any(tx, enrolment.member_id)?.name;
    members::without_name(&ending.reason, &name, "/reason")?;
    enrolment.status = EnrolmentStatus::Ended;
    enrolment.ended_on = Some(ending.ended_on);
    enrolment.end_reason = Some(ending.reason_code);
    store::update_enrolment(tx, &mut enrolment)?;
    enrolment_event("enrolment.ended", &enrolment)
        .field("ended_on", &enrolment.ended_on)
        .field("end_reason", &enrolment.end_reason)
        .reason(ending.reason)
        .record(tx)?;
    ledger::refresh_households(tx, vec![enrolment.person.clone()])?;
    Ok(enrolment)
}

/// Voids the place of somebody whom the insurer did not take: there never was a cover. The list is in force when nobody
/// else waits.
pub(super) fn void(tx: &mut Tx, mut enrolment: Enrolment, voiding: Voiding) -> Result<Enrolment> {
    let list = store::locked(tx, enrolment.list_id)?;
    rules::may_void(enrolment.status, list.status)?;
    let name = members::find_any(tx, enrolment.member_id)?.name;
    members::without_name(&voiding.reason, &name, "/reason")?;
    enrolment.status = EnrolmentStatus::Voided;
    store::update_enrolment(tx, &mut enrolment)?;
    enrolment_event("enrolment.voided", &enrolment)
        .field("status", &enrolment.status)
        .reason(voiding.reason)
        .record(tx)?;
    complete(tx, list)?;
    ledger::refresh_households(tx, vec![enrolment.person.clone()])?;
    Ok(enrolment)
}
