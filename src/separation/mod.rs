//! Separation of duties (rule 6): on one case the recorder, verifier, approver and payer are different people, and
//! nobody handles a case of their own.
//!
//! The rule is checked here for its message; the primary key and the checks of `case_parts` hold it against
//! concurrent requests and against mistakes of ours.

use crate::db::Tx;
use crate::db::types::Id;
use crate::error::{Error, Result};
use crate::users::User;
use crate::{say, text_enum};

mod rules;
mod store;

text_enum! {
    /// What a person does on a case.
    pub enum Part {
        /// Entered or changed it.
        Recorder = "recorder",
        /// Reviewed it in its own unit, or rejected it at that step.
        Reviewer = "reviewer",
        /// Visited the household.
        Visitor = "visitor",
        /// Verified it, or rejected it at that step.
        Verifier = "verifier",
        /// Approved it, or rejected it at that step.
        Approver = "approver",
        /// Paid it.
        Payer = "payer",
    }
}

/// Takes `part` on a case for the acting person, whatever the account, or refuses with `same_person`.
///
/// `subject` is the digest of the person the case is about. `round` counts reviews: who judged in an earlier round
/// can't judge again (35); within a round the same part may be taken again, after a return.
pub fn take<T>(tx: &mut Tx, case: Id<T>, part: Part, round: i32, subject: &str) -> Result<()> {
    let held = store::held(tx, &case.to_string())?;
    if rules::may_take(&held, tx.actor.user()?, part, round, &tx.actor.person, subject)? {
        let (user, person) = (tx.actor.user()?, tx.actor.person.clone());
        store::insert(tx, &case.to_string(), part, round, user, &person, subject)?;
    }
    Ok(())
}

/// Takes `part` for somebody who took part beside the acting person, such as a visitor. Who recorded the case may have
/// been there too.
pub fn take_beside<T>(tx: &mut Tx, case: Id<T>, part: Part, other: &User, subject: &str) -> Result<()> {
    let held = store::held(tx, &case.to_string())?;
    if held
        .iter()
        .any(|h| h.person == other.person && h.part == Part::Recorder)
    {
        return Ok(());
    }
    if rules::may_take(&held, other.id, part, 1, &other.person, subject)? {
        store::insert(tx, &case.to_string(), part, 1, other.id, &other.person, subject)?;
    }
    Ok(())
}

/// Refuses with `same_person` what [`take`] would refuse, but takes nothing: for steps that leave no mark, such as a
/// return.
pub fn check<T>(tx: &mut Tx, case: Id<T>, part: Part, round: i32, subject: &str) -> Result<()> {
    let held = store::held(tx, &case.to_string())?;
    rules::may_take(&held, tx.actor.user()?, part, round, &tx.actor.person, subject).map(drop)
}

/// Refuses with `same_person` when the case is the acting person's own.
pub fn not_own(tx: &Tx, subject: &str) -> Result<()> {
    if tx.actor.person == subject {
        return Err(same_person());
    }
    Ok(())
}

/// The refusal of every four-eyes conflict.
pub fn same_person() -> Error {
    let detail = say!(
        "同一件事的经办、核实、审批、付款须由不同的人办理，且不得办理本人的事项",
        "recorder, verifier, approver and payer of a case are different people, and nobody handles their own case"
    );
    Error::refused("same_person", detail)
}
