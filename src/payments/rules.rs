//! The rules of payments (67, 75). Values in, verdict out.

use crate::db::types::Date;
use crate::error::{Error, Result};
use crate::{say, text_enum};

text_enum! {
    /// What became of a payment.
    #[schema(as = PaymentStatus)]
    pub enum Status {
        /// To be paid.
        Due = "due",
        /// Paid.
        Paid = "paid",
        /// Could not be paid.
        Failed = "failed",
        /// Not to be paid any more.
        Cancelled = "cancelled",
    }
}
text_enum! {
    /// How a payment is made.
    #[schema(as = PaymentMethod)]
    pub enum Method {
        /// 转账.
        BankTransfer = "bank_transfer",
        /// 现金 (74).
        Cash = "cash",
    }
}
text_enum! {
    /// Why a payment failed.
    #[schema(as = PaymentFailCode)]
    pub enum FailCode {
        /// 账户已注销.
        AccountClosed = "account_closed",
        /// 户名不符.
        NameMismatch = "name_mismatch",
        /// 账户不存在.
        AccountNotFound = "account_not_found",
        /// 其他.
        Other = "other",
    }
}

text_enum! {
    /// Why a payment stays behind when its batch goes to the bank (77).
    #[schema(as = PaymentStop)]
    pub enum Stop {
        /// 已不是待发状态.
        NotDue = "not_due",
        /// 收款会员已亡故.
        PayeeDead = "payee_dead",
        /// 经办人参与过该申请 (6).
        SamePerson = "same_person",
        /// 档案逾期未复核 (36).
        NotReviewed = "not_reviewed",
        /// 已脱困、解困或注销.
        FileEnded = "file_ended",
    }
}

/// The refusal to pay by hand what may not be paid now (77); the code says why.
pub fn stopped(stop: Stop) -> Error {
    let detail = match stop {
        Stop::PayeeDead => say!("收款会员已亡故", "the member who should get it has died"),
        Stop::FileEnded => say!("该户已不在档", "the household is no longer on file"),
        Stop::NotReviewed => say!(
            "该户档案未按时年度复核",
            "the household's file has missed its yearly review"
        ),
        Stop::NotDue | Stop::SamePerson => say!("该笔现在不能支付", "it can't be paid now"),
    };
    Error::refused(stop.as_str(), detail)
}

/// What is on its way to the bank is left alone until the bank has answered.
pub fn not_in_batch(in_batch: bool) -> Result<()> {
    if !in_batch {
        return Ok(());
    }
    let detail = say!(
        "该笔在批次中，等待银行答复",
        "the payment is in a batch for the bank"
    );
    Err(Error::refused("in_batch", detail))
}

/// Only what is due is paid or fails.
pub fn is_due(status: Status) -> Result<()> {
    match status {
        Status::Due => Ok(()),
        other => Err(wrong_status(other)),
    }
}

/// Only what failed is made anew.
pub fn may_reissue(status: Status) -> Result<()> {
    match status {
        Status::Failed => Ok(()),
        other => Err(wrong_status(other)),
    }
}

/// What was not paid can be cancelled: what is due, and what failed.
pub fn may_cancel(status: Status) -> Result<()> {
    match status {
        Status::Due | Status::Failed => Ok(()),
        other => Err(wrong_status(other)),
    }
}

/// Only what was paid can come back.
pub fn is_paid(status: Status) -> Result<()> {
    match status {
        Status::Paid => Ok(()),
        other => Err(wrong_status(other)),
    }
}

/// The refusal of a verb that the status does not allow.
pub fn wrong_status(status: Status) -> Error {
    let detail = say!(
        "发放状态为 {status}，不能办理",
        "a payment that is {status} does not allow this"
    );
    Error::refused("wrong_status", detail)
}

/// Paid on or after the day of approval, and not in the future.
pub fn day(paid_on: Date, approved_on: Date, today: Date) -> Result<()> {
    if (approved_on..=today).contains(&paid_on) {
        return Ok(());
    }
    let detail = say!(
        "须在批准日 {approved_on} 至今天 {today} 之间",
        "must lie between the approval, {approved_on}, and today, {today}"
    );
    Err(Error::invalid("/paid_on", "out_of_range", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_is_paid_between_approval_and_today() {
        let date = |text: &str| text.parse::<Date>().unwrap();
        let paid = |on: &str| day(date(on), date("2020-05-10"), date("2020-05-20")).is_ok();
        assert!(paid("2020-05-10") && paid("2020-05-20"));
        assert!(!paid("2020-05-09") && !paid("2020-05-21"));
    }

    #[test]
    fn only_what_is_due_is_paid_and_only_what_failed_is_made_anew() {
        for status in Status::ALL {
            assert_eq!(is_due(*status).is_ok(), *status == Status::Due);
            assert_eq!(may_reissue(*status).is_ok(), *status == Status::Failed);
        }
    }
}
