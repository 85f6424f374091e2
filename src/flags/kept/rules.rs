//! What becomes of a flag that is kept (82). Values in, verdict out.

use serde_json::Value;

use crate::error::{Error, Result};
use crate::flags::{Code, Evidence};
use crate::{say, text_enum};

text_enum! {
    /// Where a flag stands.
    #[schema(as = AuditFlagStatus)]
    pub enum Status {
        /// To be explained.
        Open = "open",
        /// An auditor has said why it is nothing.
        Dismissed = "dismissed",
        /// The last run did not find it any more.
        Gone = "gone",
    }
}
text_enum! {
    /// Why a flag is, or was last, open.
    #[schema(as = AuditFlagOpenedBecause)]
    pub enum Because {
        /// It was found for the first time.
        Found = "found",
        /// It was gone, and was found again.
        FoundAgain = "found_again",
        /// What speaks for it changed after it was dismissed.
        EvidenceChanged = "evidence_changed",
        /// An auditor opened it again.
        Reopened = "reopened",
    }
}
text_enum! {
    /// Why a flag is dismissed.
    #[schema(as = AuditFlagDismissal)]
    pub enum Dismissal {
        /// 情况属实且合规.
        Explained = "explained",
        /// 登记差错，已更正.
        RecordingError = "recording_error",
        /// 已另行立项审计.
        Followed = "followed_elsewhere",
        /// 正常现象，仅为提示.
        Usual = "usual",
        /// 其他.
        Other = "other",
    }
}

/// What becomes of a flag that is found once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// Where it stands now.
    pub status: Status,
    /// Why it is open, if that is new.
    pub because: Option<Because>,
    /// What happened, for the log.
    pub action: &'static str,
}

/// What becomes of a flag that a run finds once more; `None` when nothing does. One that was dismissed stays so, also after it
/// was gone, unless what speaks for it changed.
pub fn found_once_more(status: Status, dismissed: bool, changed: bool) -> Option<Turn> {
    let turn = |status, because, action| {
        Some(Turn {
            status,
            because,
            action,
        })
    };
    let again = "audit_flag.found_again";
    match (status, dismissed, changed) {
        (Status::Open | Status::Dismissed, _, false) => None,
        (Status::Open, _, true) => turn(Status::Open, None, "audit_flag.evidence_changed"),
        (Status::Gone, false, _) => turn(Status::Open, Some(Because::FoundAgain), again),
        (Status::Gone, true, false) => turn(Status::Dismissed, None, again),
        (Status::Dismissed | Status::Gone, _, true) => turn(
            Status::Open,
            Some(Because::EvidenceChanged),
            "audit_flag.evidence_changed",
        ),
    }
}

/// Whether what speaks for a flag changed, in what its query says is to be looked at. Figures change with each payment: they
/// say something new when a share moves to another tenth, or another digit stands out.
pub fn changed(code: Code, before: &Evidence, after: &Evidence) -> bool {
    let tenths = |found: &Evidence| {
        let tenth = |percent: Option<i64>| percent.map(|percent| percent / 10);
        (tenth(found.hundreds_percent), tenth(found.thousands_percent))
    };
    match code {
        Code::RoundSums => tenths(before) != tenths(after),
        Code::Benford => before.digit != after.digit,
        _ => {
            let values = |found: &Evidence| serde_json::to_value(found).unwrap_or(Value::Null);
            let (before, after) = (values(before), values(after));
            let columns = code.words().columns;
            columns
                .iter()
                .any(|column| before[column.as_str()] != after[column.as_str()])
        }
    }
}

/// Only what is open is dismissed; `other` is said in words.
pub fn may_dismiss(status: Status, code: Dismissal, comment: Option<&str>) -> Result<()> {
    if status != Status::Open {
        let detail = say!("只有未处理的疑点可以排除", "only an open flag is dismissed");
        return Err(Error::refused("wrong_status", detail).with("status", status));
    }
    if code == Dismissal::Other && comment.is_none() {
        let detail = say!("选择其他须写明情况", "`other` needs a comment");
        return Err(Error::invalid("/comment", "required", detail));
    }
    Ok(())
}

/// Only what is dismissed is opened again.
pub fn may_reopen(status: Status) -> Result<()> {
    if status == Status::Dismissed {
        return Ok(());
    }
    let detail = say!(
        "只有已排除的疑点可以重新打开",
        "only a dismissed flag is opened again"
    );
    Err(Error::refused("wrong_status", detail).with("status", status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dismissed_flag_opens_only_when_its_evidence_changed_and_one_that_was_gone_comes_back() {
        let of = |status, dismissed, changed| {
            found_once_more(status, dismissed, changed).map(|turn| (turn.status, turn.because))
        };
        assert_eq!(of(Status::Open, false, false), None);
        assert_eq!(of(Status::Open, false, true), Some((Status::Open, None)));
        assert_eq!(of(Status::Dismissed, true, false), None);
        assert_eq!(
            of(Status::Dismissed, true, true),
            Some((Status::Open, Some(Because::EvidenceChanged)))
        );
        assert_eq!(
            of(Status::Gone, false, false),
            Some((Status::Open, Some(Because::FoundAgain)))
        );
        assert_eq!(of(Status::Gone, true, false), Some((Status::Dismissed, None)));
        assert_eq!(
            of(Status::Gone, true, true),
            Some((Status::Open, Some(Because::EvidenceChanged)))
        );
    }

    #[test]
    fn evidence_changes_in_what_is_to_be_looked_at_and_figures_by_tenths() {
        let others = |n| Evidence {
            others: Some(n),
            ..Evidence::default()
        };
        assert!(!changed(Code::SharedCard, &others(1), &others(1)));
        assert!(changed(Code::SharedCard, &others(1), &others(2)));
        assert!(!changed(Code::SelfApproved, &others(1), &others(2)));
        let round = |percent| Evidence {
            hundreds_percent: Some(percent),
            ..Evidence::default()
        };
        assert!(!changed(Code::RoundSums, &round(91), &round(99)));
        assert!(changed(Code::RoundSums, &round(99), &round(100)));
        let digit = |digit, chi_square| Evidence {
            digit: Some(digit),
            chi_square_milli: Some(chi_square),
            ..Evidence::default()
        };
        assert!(!changed(Code::Benford, &digit(5, 30_000), &digit(5, 40_000)));
        assert!(changed(Code::Benford, &digit(5, 30_000), &digit(6, 30_000)));
    }
}
