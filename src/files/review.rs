//! What supervisors decide about a file: return, reject, approve, close (rules 6, 33, 40, 41, 45).

use super::exit::{self, Evidence};
use super::rules::may_end;
use super::{
    CloseReason, Ending, File, RejectReason, ReturnReason, Step, aftercare, event, note, pairing, procedure,
    rules, save,
};
use crate::audit::Note;
use crate::db::Tx;
use crate::db::types::Date;
use crate::error::Result;
use crate::input::{Comment, Text};
use crate::separation::{self, Part};
use crate::{input, ledger};

input! {
    /// Why a file goes back (33).
    #[schema(as = FileReturn)]
    pub struct Return {
        /// The reason; `other` needs a comment.
        pub reason_code: ReturnReason,
        /// Names of the fields to correct.
        #[schema(value_type = Vec<String>, example = json!(["primary_cause"]))]
        pub fields: Vec<Text<60>>,
        /// In words; kept encrypted, shown in the file's history.
        #[schema(value_type = Option<String>, max_length = 2000)]
        pub comment: Option<Comment>,
    }
}

input! {
    /// Why a file is refused.
    #[schema(as = FileRejection)]
    pub struct Refusal {
        /// The reason; `other` needs a comment.
        pub reason_code: RejectReason,
        /// In words; kept encrypted, shown in the file's history.
        #[schema(value_type = Option<String>, max_length = 2000)]
        pub comment: Option<Comment>,
    }
}

input! {
    /// How a file ends.
    #[schema(as = FileClosing)]
    pub struct Close {
        /// What it becomes.
        pub status: Ending,
        /// The reason; it must fit the status, and `other` needs a comment.
        pub reason_code: CloseReason,
        /// In words; kept encrypted, shown in the file's history.
        #[schema(value_type = Option<String>, max_length = 2000)]
        pub comment: Option<Comment>,
        /// The last day on file; not before it came on file, not in the future.
        pub closed_on: Date,
        /// Of an exit: the months that show it (40); the policy says whether they are asked for.
        pub evidence: Option<Evidence>,
    }
}

/// Sends a file back to be corrected, by somebody who did not record it (6, 33).
pub fn send_back(tx: &mut Tx, before: &File, back: Return) -> Result<File> {
    rules::explained(back.reason_code == ReturnReason::Other, back.comment.as_deref())?;
    let mut after = before.clone();
    after.status = before.status.after(Step::Return)?;
    separation::check(
        tx,
        after.id,
        procedure::part(before),
        after.judging_round(),
        &after.person,
    )?;
    procedure::end(tx, &mut after)?;
    let note = Note {
        to_correct: back.fields.into_iter().map(String::from).collect(),
        ..note(back.comment)
    };
    let event = event("file.returned", &after)
        .reason(back.reason_code.as_str())
        .note(note);
    save(tx, &mut after, event)?;
    Ok(after)
}

/// Refuses a file, by somebody who did not record it (6) and judges no review of the refusal (35).
pub fn reject(tx: &mut Tx, before: &File, refusal: Refusal) -> Result<File> {
    let other = refusal.reason_code == RejectReason::Other;
    rules::explained(other, refusal.comment.as_deref())?;
    let mut after = before.clone();
    after.status = before.status.after(Step::Reject)?;
    separation::take(
        tx,
        after.id,
        procedure::part(before),
        after.judging_round(),
        &after.person,
    )?;
    procedure::end(tx, &mut after)?;
    let event = event("file.rejected", &after)
        .reason(refusal.reason_code.as_str())
        .note(note(refusal.comment));
    save(tx, &mut after, event)?;
    aftercare::follow_former(tx, &after)?;
    Ok(after)
}

/// Puts a file on file, by somebody who did not record it (6). From today on the household is looked after.
pub fn approve(tx: &mut Tx, before: &File) -> Result<File> {
    let mut after = before.clone();
    after.status = before.status.after(Step::Approve)?;
    procedure::may_approve(tx, before)?;
    procedure::end(tx, &mut after)?;
    separation::take(tx, after.id, Part::Approver, after.judging_round(), &after.person)?;
    after.approver_id = Some(tx.actor.user()?);
    after.opened_on = Some(tx.today());
    let event = event("file.approved", &after).field("opened_on", &after.opened_on);
    save(tx, &mut after, event)?;
    ledger::refresh(tx, after.id)?;
    Ok(after)
}

/// Ends a file that is on file, and with it the present pairing; a household that left hardship is called from then on.
pub fn close(tx: &mut Tx, before: &File, close: Close) -> Result<File> {
    rules::explained(close.reason_code == CloseReason::Other, close.comment.as_deref())?;
    let mut after = before.clone();
    after.status = may_end(
        before,
        close.status,
        close.reason_code,
        close.closed_on,
        tx.today(),
    )?;
    separation::not_own(tx, &after.person)?;
    exit::confirm(tx, before, &close)?;
    after.closed_on = Some(close.closed_on);
    after.closed_reason = Some(close.reason_code);
    after.contact_id = None;
    pairing::end_current(tx, after.id)?;
    let event = event("file.closed", &after)
        .change("contact_id", &before.contact_id, &after.contact_id)
        .field("closed_on", &after.closed_on)
        .field("closed_reason", &after.closed_reason)
        .reason(close.reason_code.as_str())
        .note(note(close.comment));
    save(tx, &mut after, event)?;
    aftercare::begin(tx, &after)?;
    ledger::refresh(tx, after.id)?;
    Ok(after)
}
