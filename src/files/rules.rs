//! The rules of a hardship file. Values in, verdict out.

use super::File;
use super::{Category, CloseReason, Ending, Scheme, Status};
use crate::db::types::Date;
use crate::error::{Error, FieldError, Result};
use crate::say;
use crate::users::UserId;

/// What can happen to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Change its content.
    Change,
    /// Hand it in for review.
    Submit,
    /// Take it back.
    Withdraw,
    /// Send it back to be corrected.
    Return,
    /// Refuse it.
    Reject,
    /// Put it on file.
    Approve,
    /// Give it a contact.
    Pair,
    /// Visit the household in a campaign (57).
    Visit,
    /// End it.
    Close(Ending),
    /// Begin a new episode.
    Reopen,
    /// Ask for the one review of a refusal (35).
    RequestReview,
    /// Record a consent.
    Consent,
}

impl Status {
    /// The status after a step, or the refusal `wrong_status`. Nothing leads out of an end; re-opening leaves the
    /// former record as it is (43).
    pub fn after(self, step: Step) -> Result<Self> {
        use Status::*;
        match (self, step) {
            (Draft | Returned | OnFile, Step::Change) => Ok(self),
            (Draft | Returned, Step::Submit) => Ok(Submitted),
            (Draft | Returned | Submitted, Step::Withdraw) => Ok(Withdrawn),
            (Submitted, Step::Return) => Ok(Returned),
            (Submitted, Step::Reject) => Ok(Rejected),
            (Submitted, Step::Approve) => Ok(OnFile),
            (live, Step::Consent) if !live.has_ended() => Ok(live),
            (Rejected, Step::RequestReview) => Ok(Submitted),
            (OnFile, Step::Pair | Step::Visit) => Ok(OnFile),
            (OnFile, Step::Close(Ending::Exited)) => Ok(Exited),
            (OnFile, Step::Close(Ending::Relieved)) => Ok(Relieved),
            (OnFile, Step::Close(Ending::Deregistered)) => Ok(Deregistered),
            (Exited | Relieved | Deregistered, Step::Reopen) => Ok(self),
            _ => Err(wrong_status(self)),
        }
    }

    /// Whether the file has ended: then the member may have another.
    pub fn has_ended(self) -> bool {
        use Status::*;
        matches!(self, Exited | Relieved | Deregistered | Rejected | Withdrawn)
    }
}

fn wrong_status(status: Status) -> Error {
    let detail = say!(
        "档案当前状态（{status}）不能办理此事",
        "this can't be done to a file that is {status}"
    );
    Error::refused("wrong_status", detail).with("status", status)
}

impl Category {
    /// Whether this is a category of `scheme` (11).
    pub fn belongs_to(self, scheme: Scheme) -> bool {
        use Category::*;
        match scheme {
            Scheme::Scheme2016 => matches!(self, Dibao | DibaoMargin | Accidental),
            Scheme::Scheme2020 => matches!(self, Deep | Relative | Accidental),
        }
    }
}

impl CloseReason {
    /// Whether a file may end like this for this reason.
    pub fn fits(self, ending: Ending) -> bool {
        match self {
            Self::OutOfHardship => ending == Ending::Exited,
            Self::Relieved => ending == Ending::Relieved,
            Self::Other => true,
            _ => ending == Ending::Deregistered,
        }
    }
}

/// The content of a file fits together (11, 21) and its scheme is among those by which files are judged today.
pub fn check(file: &File, schemes: &[Scheme]) -> Result<()> {
    let mut errors = Vec::new();
    let mut wrong = |pointer: &str, code, detail| {
        errors.push(FieldError::new(pointer, code, detail));
    };
    if !schemes.contains(&file.scheme) {
        let detail = say!(
            "现行规则不按此方案认定",
            "files are not judged by this scheme any more"
        );
        wrong("/scheme", "scheme_not_allowed", detail);
    }
    if !file.category.belongs_to(file.scheme) {
        let detail = say!("该方案没有此类别", "the scheme has no such category");
        wrong("/category", "does_not_fit", detail);
    }
    let causes = &file.secondary_causes.0;
    if causes.len() > 3 {
        let detail = say!("次要致困原因最多 3 项", "at most 3 secondary causes");
        wrong("/secondary_causes", "too_long", detail);
    }
    for (at, cause) in causes.iter().enumerate() {
        if *cause == file.primary_cause || causes[..at].contains(cause) {
            let detail = say!("致困原因不能重复", "each cause at most once");
            wrong(&format!("/secondary_causes/{at}"), "duplicate", detail);
        }
    }
    complete(errors)
}

/// Nothing is wrong; else everything that is, at once.
pub fn complete(faults: Vec<FieldError>) -> Result<()> {
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(faults))
    }
}

/// The status of a refused file after its one review was asked for (35).
pub fn may_review(file: &File) -> Result<Status> {
    if file.status == Status::Rejected && file.reviews > 0 {
        let detail = say!("每份档案只能申请一次复核", "a refusal is reviewed once");
        return Err(Error::refused("review_used", detail));
    }
    file.status.after(Step::RequestReview)
}

/// Only paper that is out of step is brought in step (38).
pub fn paper_differs(file: &File) -> Result<()> {
    if file.paper_due_on.is_some() {
        return Ok(());
    }
    let detail = say!("纸质档案与电子档案一致", "the paper file is in step");
    Err(Error::refused("in_step", detail))
}

/// A reason of "other" needs a comment.
pub fn explained(other: bool, comment: Option<&str>) -> Result<()> {
    if other && comment.is_none() {
        let detail = say!("原因为“其他”时须说明", "“other” needs a comment");
        return Err(Error::invalid("/comment", "required", detail));
    }
    Ok(())
}

/// The end fits its reason and lies between the day of opening and today.
pub fn may_end(
    file: &File,
    ending: Ending,
    reason: CloseReason,
    closed_on: Date,
    today: Date,
) -> Result<Status> {
    if !reason.fits(ending) {
        let detail = say!("原因与去向不符", "the reason does not fit this end");
        return Err(Error::invalid("/reason_code", "does_not_fit", detail));
    }
    let status = file.status.after(Step::Close(ending))?;
    let opened_on = file.opened_on.unwrap_or(today);
    if closed_on < opened_on || closed_on > today {
        let detail = say!("须在 {opened_on} 与今天之间", "must be from {opened_on} to today");
        return Err(Error::invalid("/closed_on", "out_of_range", detail));
    }
    Ok(status)
}

/// A file is paired with somebody else than now (50).
pub fn may_pair(file: &File, contact: UserId) -> Result<()> {
    file.status.after(Step::Pair)?;
    if file.contact_id == Some(contact) {
        return Err(Error::refused(
            "already_paired",
            say!("该联系人已结对", "this contact is paired with the file already"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STEPS: [Step; 12] = [
        Step::Change,
        Step::Submit,
        Step::Withdraw,
        Step::Return,
        Step::Reject,
        Step::Approve,
        Step::Pair,
        Step::Visit,
        Step::Close(Ending::Exited),
        Step::Close(Ending::Relieved),
        Step::Close(Ending::Deregistered),
        Step::Reopen,
    ];

    proptest! {
        #[test]
        fn nothing_comes_on_file_without_being_submitted_and_nothing_leaves_an_end(steps in proptest::collection::vec(0..STEPS.len(), 0..40)) {
            let mut status = Status::Draft;
            let mut submitted = false;
            for step in steps {
                let Ok(next) = status.after(STEPS[step]) else { continue };
                submitted |= next == Status::Submitted;
                prop_assert!(next != Status::OnFile || submitted);
                prop_assert!(!status.has_ended() || next == status);
                status = next;
            }
        }
    }

    #[test]
    fn every_reason_fits_one_end_but_other_fits_all() {
        for reason in CloseReason::ALL {
            let fitting = Ending::ALL.iter().filter(|end| reason.fits(**end)).count();
            assert_eq!(
                fitting,
                if *reason == CloseReason::Other { 3 } else { 1 },
                "{reason}"
            );
        }
    }

    #[test]
    fn accidental_hardship_is_in_both_schemes_and_no_other_category_is() {
        for category in Category::ALL {
            let schemes = Scheme::ALL.iter().filter(|s| category.belongs_to(**s)).count();
            assert_eq!(schemes, if *category == Category::Accidental { 2 } else { 1 });
        }
    }
}
