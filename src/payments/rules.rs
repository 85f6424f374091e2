//! The rules of payments (67, 75). Values in, verdict out.

use crate::db::types::{Date, Fen};
use crate::error::{Error, FieldError, Result};
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
        /// 收款账户变更待复核 (75).
        AccountChanged = "account_changed",
    }
}

/// Of a payment in cash its reason and signatures; of any other nothing (74).
pub fn cash<T>(method: Method, cash: Option<T>) -> Result<Option<T>> {
    match (method, cash) {
        (Method::BankTransfer, None) => Ok(None),
        (Method::Cash, Some(cash)) => Ok(Some(cash)),
        (Method::BankTransfer, Some(_)) => {
            let detail = say!("转账没有现金说明", "a transfer has no cash to explain");
            Err(Error::invalid("/cash", "does_not_fit", detail))
        }
        (Method::Cash, None) => {
            let reason = say!("现金发放须说明原因", "cash needs a reason");
            let signed = say!("现金发放须有两份签名", "cash needs two signatures");
            Err(Error::Invalid(vec![
                FieldError::new("/cash/reason", "cash_needs_reason", reason),
                FieldError::new("/cash/payee_signature_id", "cash_needs_signatures", signed),
            ]))
        }
    }
}

/// Not more in cash than the policy allows; without a limit, any amount (74).
pub fn within_cash_limit(amount: Fen, limit: Option<Fen>) -> Result<()> {
    match limit {
        Some(limit) if amount.0 > limit.0 => {
            let detail = say!(
                "超过现金发放限额 {limit} 分",
                "more than may be paid in cash: {limit} fen"
            );
            Err(Error::refused("over_cash_limit", detail))
        }
        _ => Ok(()),
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
        Stop::NotDue | Stop::SamePerson | Stop::AccountChanged => {
            say!("该笔现在不能支付", "it can't be paid now")
        }
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

/// What is claimed back from whoever got it has not come back from the bank.
pub fn not_claimed_back(claimed: bool) -> Result<()> {
    if !claimed {
        return Ok(());
    }
    let detail = say!("该笔已提出追回", "the payment is being recovered");
    Err(Error::refused("in_recovery", detail))
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

/// The account is corrected of what is due and of what failed and was not made anew.
pub fn may_correct(status: Status, replaced: bool) -> Result<()> {
    match status {
        Status::Due => Ok(()),
        Status::Failed if !replaced => Ok(()),
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
    fn cash_has_a_reason_and_signatures_and_keeps_to_the_limit() {
        assert_eq!(cash(Method::BankTransfer, None::<()>).unwrap(), None);
        assert_eq!(cash(Method::Cash, Some(())).unwrap(), Some(()));
        assert!(cash(Method::Cash, None::<()>).is_err() && cash(Method::BankTransfer, Some(())).is_err());
        for (limit, fits) in [
            (None, true),
            (Some(Fen(500)), true),
            (Some(Fen(499)), false),
            (Some(Fen(0)), false),
        ] {
            assert_eq!(within_cash_limit(Fen(500), limit).is_ok(), fits);
        }
    }

    #[test]
    fn only_what_is_due_is_paid_and_only_what_failed_is_made_anew() {
        for status in Status::ALL {
            assert_eq!(is_due(*status).is_ok(), *status == Status::Due);
            assert_eq!(may_reissue(*status).is_ok(), *status == Status::Failed);
        }
    }
}
