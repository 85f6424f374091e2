//! The rules of batches (75). Values in, verdict out.

use super::{Batch, BatchApproval};
use crate::error::{Error, Result};
use crate::payments::PaymentId;
pub use crate::separation::another;
use crate::{say, text_enum};

/// Lines of a batch at most.
pub const MAX_LINES: usize = 10_000;

text_enum! {
    /// Where a batch stands.
    #[schema(as = BatchStatus)]
    pub enum Status {
        /// Its lines are being chosen.
        Open = "open",
        /// Waits to be checked; its lines are frozen.
        Submitted = "submitted",
        /// Waits to be approved.
        Checked = "checked",
        /// Waits to be exported.
        Approved = "approved",
        /// Its file is made; the bank has not answered for every line.
        Exported = "exported",
        /// The bank has answered for every line.
        Settled = "settled",
        /// Done.
        Closed = "closed",
        /// Given up before the export.
        Cancelled = "cancelled",
    }
}

/// What can be done to a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    TakeOut,
    Submit,
    Check,
    Approve,
    Export,
    Answer,
    Settle,
    Close,
    Cancel,
}

/// The status after a step, or a refusal.
pub fn after(status: Status, step: Step) -> Result<Status> {
    match (status, step) {
        (Status::Open, Step::TakeOut) => Ok(Status::Open),
        (Status::Open, Step::Submit) => Ok(Status::Submitted),
        (Status::Submitted, Step::Check) => Ok(Status::Checked),
        (Status::Checked, Step::Approve) => Ok(Status::Approved),
        (Status::Approved, Step::Export) => Ok(Status::Exported),
        (Status::Exported | Status::Settled, Step::Answer) => Ok(status),
        (Status::Exported, Step::Settle) => Ok(Status::Settled),
        (Status::Settled, Step::Close) => Ok(Status::Closed),
        (Status::Open | Status::Submitted | Status::Checked | Status::Approved, Step::Cancel) => {
            Ok(Status::Cancelled)
        }
        _ => {
            let detail = say!(
                "批次状态为 {status}，不能办理",
                "a batch that is {status} does not allow this"
            );
            Err(Error::refused("wrong_status", detail))
        }
    }
}

/// A batch has from 1 to [`MAX_LINES`] payments, each once.
pub fn well_formed(payments: &[PaymentId]) -> Result<()> {
    if payments.is_empty() || payments.len() > MAX_LINES {
        let detail = say!(
            "须为 1 到 {MAX_LINES} 笔",
            "must be from 1 to {MAX_LINES} payments"
        );
        return Err(Error::invalid("/payment_ids", "out_of_range", detail));
    }
    let mut seen = std::collections::HashSet::new();
    match payments.iter().position(|id| !seen.insert(id)) {
        None => Ok(()),
        Some(at) => {
            let pointer = format!("/payment_ids/{at}");
            Err(Error::invalid(&pointer, "duplicate", say!("重复", "twice")))
        }
    }
}

/// A batch of nothing goes nowhere.
pub fn has_lines(count: i32) -> Result<()> {
    if count > 0 {
        return Ok(());
    }
    Err(Error::refused(
        "no_lines",
        say!("批次中没有可发放的款项", "there is nothing in it to pay"),
    ))
}

/// What the approver counted is what the batch says.
pub fn counted(batch: &Batch, approval: &BatchApproval) -> Result<()> {
    if approval.total_fen == batch.total_fen && approval.line_count == i64::from(batch.line_count) {
        return Ok(());
    }
    let detail = say!(
        "录入的总额或笔数与批次不符",
        "the total or the count is not what the batch says"
    );
    Err(Error::refused("totals_differ", detail))
}

/// A batch is closed when the bank has answered for every line and every query is resolved.
pub fn nothing_open(lines: i64, queries: i64) -> Result<()> {
    if lines == 0 && queries == 0 {
        return Ok(());
    }
    let detail = say!(
        "还有 {lines} 笔未答复、{queries} 条疑问未处理",
        "{lines} lines without an answer, {queries} queries not resolved"
    );
    Err(Error::refused("open_lines", detail))
}

/// The refusal to take out what is no longer in the batch.
pub fn wrong_line() -> Error {
    Error::refused(
        "wrong_status",
        say!("该笔已不在批次中", "it is no longer in the batch"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_goes_one_way_and_is_cancelled_only_before_its_export() {
        let way = [
            Step::Submit,
            Step::Check,
            Step::Approve,
            Step::Export,
            Step::Settle,
            Step::Close,
        ];
        let end = way
            .iter()
            .try_fold(Status::Open, |status, step| after(status, *step));
        assert_eq!(end.unwrap(), Status::Closed);
        for status in Status::ALL {
            use Status::*;
            let before = matches!(status, Open | Submitted | Checked | Approved);
            assert_eq!(after(*status, Step::Cancel).is_ok(), before, "{status}");
            assert_eq!(
                after(*status, Step::Export).is_ok(),
                *status == Approved,
                "{status}"
            );
        }
    }

    #[test]
    fn nobody_looks_at_work_of_their_own() {
        let maker = "a".to_owned();
        assert!(another("b", &[Some(&maker), None]).is_ok());
        assert!(another("a", &[None, Some(&maker)]).is_err());
    }
}
