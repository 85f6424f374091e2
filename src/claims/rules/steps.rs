//! The way of a claim: which verb leads from which status where.

use crate::error::{Error, Result};
use crate::separation::Part;
use crate::{say, text_enum};

text_enum! {
    /// Where a claim stands.
    #[schema(as = ClaimStatus)]
    pub enum Status {
        /// Being written.
        Draft = "draft",
        /// Waits to be verified.
        Submitted = "submitted",
        /// Waits to be approved.
        Verified = "verified",
        /// Granted; its payment is made.
        Approved = "approved",
        /// Paid.
        Paid = "paid",
        /// Sent back to be mended.
        Returned = "returned",
        /// Refused; one review may be asked for.
        Rejected = "rejected",
        /// Taken back by whoever lodged it.
        Withdrawn = "withdrawn",
    }
}
text_enum! {
    /// Why a claim is sent back.
    #[schema(as = ClaimReturnCode)]
    pub enum ReturnCode {
        /// 材料不全.
        MissingMaterial = "missing_material",
        /// 信息有误.
        WrongData = "wrong_data",
        /// 未能核实.
        NotVerified = "not_verified",
        /// 其他, with a comment.
        Other = "other",
    }
}
text_enum! {
    /// Why a claim is refused: by a person, or by a clause of the rule.
    #[schema(as = ClaimRejectCode)]
    pub enum RejectCode {
        /// 不符合条件.
        NotEligible = "not_eligible",
        /// 属于排除情形.
        Excluded = "excluded",
        /// 重复申请.
        Duplicate = "duplicate",
        /// 弄虚作假.
        FalseInformation = "false_information",
        /// 入院当日不是在职会员 (59).
        NotServingMember = "not_serving_member",
        /// 自付未达标准 (58).
        BelowThreshold = "below_threshold",
        /// 本年度已慰问 (62).
        AlreadyGranted = "already_granted",
        /// 结算单已用过 (63).
        SettlementAlreadyUsed = "settlement_already_used",
        /// 不在申报时限内 (64).
        OutsideWindow = "outside_window",
        /// 住院不属于本年度 (61).
        StayOutsideYear = "stay_outside_year",
        /// 住院时间重叠.
        StaysOverlap = "stays_overlap",
        /// 报销超过总额 (60).
        DeductionsExceedTotal = "deductions_exceed_total",
        /// 须由不同的人办理 (6).
        SamePerson = "same_person",
        /// 其他, with a comment.
        Other = "other",
    }
}
text_enum! {
    /// What can be done to a claim.
    pub enum Verb {
        /// Change its content.
        Change = "change",
        /// Hand it in.
        Submit = "submit",
        /// Send it back.
        Return = "return",
        /// Vouch for its facts.
        Verify = "verify",
        /// Grant it.
        Approve = "approve",
        /// Refuse it.
        Reject = "reject",
        /// Take it back.
        Withdraw = "withdraw",
        /// Ask for the one review of a refusal (35).
        RequestReview = "request_review",
        /// Record that its payment was made.
        Pay = "pay",
        /// Record that the money came back.
        Unpay = "unpay",
    }
}

/// The status after `verb`, or a refusal. `round` is 1 until a review was asked for.
pub fn after(status: Status, verb: Verb, round: i32) -> Result<Status> {
    use Status::*;
    match (status, verb) {
        (Draft | Returned, Verb::Change) => Ok(status),
        (Draft | Returned, Verb::Submit) => Ok(Submitted),
        (Submitted | Verified, Verb::Return) => Ok(Returned),
        (Submitted, Verb::Verify) => Ok(Verified),
        (Verified, Verb::Approve) => Ok(Approved),
        (Submitted | Verified, Verb::Reject) => Ok(Rejected),
        (Draft | Returned | Submitted | Verified, Verb::Withdraw) => Ok(Withdrawn),
        (Rejected, Verb::RequestReview) if round == 1 => Ok(Submitted),
        (Rejected, Verb::RequestReview) => Err(Error::refused(
            "review_used",
            say!("每件申请只能申请一次复核", "a claim is reviewed once"),
        )),
        (Approved, Verb::Pay) => Ok(Paid),
        (Paid, Verb::Unpay) => Ok(Approved),
        _ => Err(Error::refused(
            "wrong_status",
            say!(
                "当前状态 {status} 不能办理 {verb}",
                "a claim that is {status} allows no {verb}"
            ),
        )),
    }
}

/// The part on the case that judging it at this step is: until it is verified that of the verifier, then that of
/// the approver. Whoever verified it may also send the own verification back.
pub fn judging(status: Status, verified_it: bool, verb: Verb) -> Part {
    match status {
        Status::Verified if !(verified_it && verb == Verb::Return) => Part::Approver,
        _ => Part::Verifier,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_paid_that_was_not_submitted_verified_and_approved() {
        for verb in Verb::ALL {
            for status in Status::ALL {
                match after(*status, *verb, 1) {
                    Ok(Status::Paid) => assert_eq!((*status, *verb), (Status::Approved, Verb::Pay)),
                    Ok(Status::Approved) => {
                        assert!(
                            *status == Status::Verified || (*status, *verb) == (Status::Paid, Verb::Unpay)
                        );
                    }
                    Ok(Status::Verified) => assert_eq!(*status, Status::Submitted),
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn what_is_approved_paid_or_withdrawn_goes_back_nowhere() {
        for status in [Status::Approved, Status::Paid, Status::Withdrawn] {
            for verb in Verb::ALL
                .iter()
                .filter(|verb| !matches!(verb, Verb::Pay | Verb::Unpay))
            {
                assert!(after(status, *verb, 1).is_err(), "{status} {verb}");
            }
        }
    }

    #[test]
    fn a_refusal_is_reviewed_once() {
        assert_eq!(
            after(Status::Rejected, Verb::RequestReview, 1).unwrap(),
            Status::Submitted
        );
        let again = after(Status::Rejected, Verb::RequestReview, 2).unwrap_err();
        assert_eq!(again.code(), "review_used");
    }

    #[test]
    fn judging_is_verifying_first_and_approving_then() {
        assert_eq!(judging(Status::Submitted, false, Verb::Reject), Part::Verifier);
        assert_eq!(judging(Status::Verified, false, Verb::Reject), Part::Approver);
        assert_eq!(judging(Status::Verified, true, Verb::Approve), Part::Approver);
        assert_eq!(judging(Status::Verified, true, Verb::Return), Part::Verifier);
    }
}
