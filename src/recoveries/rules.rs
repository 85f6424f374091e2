//! The rules of recoveries (78). Values in, verdict out.

use crate::db::types::{Date, Fen};
use crate::error::{Error, Result};
use crate::{say, text_enum};

text_enum! {
    /// Where a recovery stands.
    #[schema(as = RecoveryStatus)]
    pub enum Status {
        /// Money is owed.
        Open = "open",
        /// All of it came in.
        Repaid = "repaid",
        /// What did not come in is given up, by two people.
        WrittenOff = "written_off",
        /// Was claimed in error.
        Withdrawn = "withdrawn",
    }
}
text_enum! {
    /// Why money is claimed back.
    #[schema(as = RecoveryReasonCode)]
    pub enum ReasonCode {
        /// 弄虚作假: bars from new claims.
        FalseInformation = "false_information",
        /// 多发.
        Overpaid = "overpaid",
        /// 不符合条件.
        Ineligible = "ineligible",
        /// 其他.
        Other = "other",
    }
}

/// What was paid is claimed back, once at a time.
pub(super) fn may_claim(paid: bool, open: bool) -> Result<()> {
    if !paid {
        let detail = say!("未支付的款项不能追回", "what was not paid is not claimed back");
        return Err(Error::refused("wrong_status", detail));
    }
    match open {
        true => Err(open_already()),
        false => Ok(()),
    }
}

/// The refusal of a second recovery while the first is open.
pub(super) fn open_already() -> Error {
    let detail = say!("该笔支付已有未了结的追回", "a recovery of this payment is open");
    Error::refused("recovery_open", detail)
}

/// Something, and not more than is left of the payment.
pub(super) fn amount(amount: Fen, left: Fen) -> Result<()> {
    if (1..=left.0).contains(&amount.0) {
        return Ok(());
    }
    let detail = say!("须为 1 至 {left} 分", "must be from 1 to {left} fen");
    Err(Error::invalid("/amount_fen", "out_of_range", detail))
}

/// Only what is open is paid back or written off.
pub(super) fn is_open(status: Status) -> Result<()> {
    match status {
        Status::Open => Ok(()),
        other => Err(wrong_status(other)),
    }
}

/// What was booked wrongly is corrected while the recovery is open or repaid.
pub(super) fn may_correct(status: Status) -> Result<()> {
    match status {
        Status::Open | Status::Repaid => Ok(()),
        other => Err(wrong_status(other)),
    }
}

/// A recovery is withdrawn before anything came in.
pub(super) fn may_withdraw(status: Status, repaid: Fen) -> Result<()> {
    is_open(status)?;
    if repaid.0 == 0 {
        return Ok(());
    }
    let detail = say!("已有还款，不能撤回", "something has been paid back");
    Err(Error::refused("has_instalments", detail))
}

fn wrong_status(status: Status) -> Error {
    let detail = say!(
        "追回状态为 {status}，不能办理",
        "a recovery that is {status} does not allow this"
    );
    Error::refused("wrong_status", detail)
}

/// Not more than is owed.
pub(super) fn owed(amount: Fen, owed: Fen) -> Result<()> {
    if amount.0 <= owed.0 {
        return Ok(());
    }
    let detail = say!("超过尚欠金额 {owed} 分", "more than is owed: {owed} fen");
    Err(Error::refused("more_than_owed", detail))
}

/// Received on or after the day of the claim, and not in the future.
pub(super) fn day(received_on: Date, claimed_on: Date, today: Date) -> Result<()> {
    if (claimed_on..=today).contains(&received_on) {
        return Ok(());
    }
    let detail = say!(
        "须在 {claimed_on} 至 {today} 之间",
        "must lie between {claimed_on} and {today}"
    );
    Err(Error::invalid("/received_on", "out_of_range", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_paid_is_claimed_once_and_not_beyond_what_was_paid() {
        assert!(may_claim(true, false).is_ok() && may_claim(false, false).is_err());
        assert_eq!(may_claim(true, true).unwrap_err().code(), "recovery_open");
        for (asked, fits) in [(0, false), (1, true), (500, true), (501, false)] {
            assert_eq!(amount(Fen(asked), Fen(500)).is_ok(), fits, "{asked}");
        }
    }

    #[test]
    fn what_comes_in_is_not_more_than_is_owed() {
        assert!(owed(Fen(500), Fen(500)).is_ok() && owed(Fen(501), Fen(500)).is_err());
    }

    #[test]
    fn what_has_ended_stays_as_it_is_but_a_wrong_instalment_is_corrected() {
        for status in [Status::Repaid, Status::WrittenOff, Status::Withdrawn] {
            assert!(is_open(status).is_err() && may_withdraw(status, Fen(0)).is_err());
            assert_eq!(may_correct(status).is_ok(), status == Status::Repaid);
        }
        assert_eq!(
            may_withdraw(Status::Open, Fen(1)).unwrap_err().code(),
            "has_instalments"
        );
    }
}
