//! The rules of findings. Values in, verdict out.

use chrono::TimeDelta;

use crate::db::types::{Date, Id};
use crate::error::{Error, Result};
use crate::{say, text_enum};

text_enum! {
    /// How bad a finding is.
    #[schema(as = AuditFindingSeverity)]
    pub enum Severity {
        /// 一般.
        Minor = "minor",
        /// 较重.
        Major = "major",
        /// 严重.
        Critical = "critical",
    }
}
text_enum! {
    /// Where a finding stands.
    #[schema(as = AuditFindingStatus)]
    pub enum Status {
        /// The unit is to answer.
        Open = "open",
        /// The auditors are to say whether the answer will do.
        Answered = "answered",
        /// It did.
        Closed = "closed",
    }
}
text_enum! {
    /// What kind of record a finding is about.
    #[schema(as = AuditFindingSubject)]
    pub enum SubjectType {
        /// A hardship file.
        File = "file",
        /// A claim on the condolence.
        IllnessClaim = "illness_claim",
        /// An application for aid.
        AidApplication = "aid_application",
        /// A payment.
        Payment = "payment",
    }
}

/// The day by which a unit puts right what was found: as demanded, within the days of the policy from today on.
pub(super) fn rectify_by(demanded: Option<Date>, today: Date, days: i64) -> Result<Date> {
    let last = today + TimeDelta::days(days);
    let by = demanded.unwrap_or(last);
    if (today..=last).contains(&by) {
        return Ok(by);
    }
    let detail = say!(
        "须在 {today} 至 {last} 之间",
        "must lie between {today} and {last}"
    );
    Err(Error::invalid("/rectify_by", "out_of_range", detail))
}

/// Kind and id of what a finding is about come together.
pub(super) fn both<K>(kind: Option<K>, id: Option<Id<()>>) -> Result<Option<(K, Id<()>)>> {
    let pointer = match (kind, id) {
        (Some(kind), Some(id)) => return Ok(Some((kind, id))),
        (None, None) => return Ok(None),
        (None, Some(_)) => "/subject_type",
        (Some(_), None) => "/subject_id",
    };
    let detail = say!("类别与编号须同时填写", "kind and id come together");
    Err(Error::invalid(pointer, "required", detail))
}

/// What waits for an answer is answered.
pub(super) fn may_answer(status: Status) -> Result<()> {
    expect(status, Status::Open)
}

/// What was answered is decided.
pub(super) fn may_decide(status: Status) -> Result<()> {
    expect(status, Status::Answered)
}

fn expect(status: Status, wanted: Status) -> Result<()> {
    if status == wanted {
        return Ok(());
    }
    let detail = say!(
        "审计发现状态为 {status}，不能办理",
        "a finding that is {status} does not allow this"
    );
    Err(Error::refused("wrong_status", detail).with("status", status))
}

/// Whether the unit is late: it has not answered by the day by which it should have put right what was found.
pub(super) fn overdue(status: Status, rectify_by: Date, today: Date) -> bool {
    status == Status::Open && rectify_by < today
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn what_was_found_is_put_right_within_the_days_of_the_policy() {
        let by = |demanded: Option<&str>| rectify_by(demanded.map(day), day("2020-05-20"), 60);
        assert_eq!(by(None).unwrap(), day("2020-07-19"));
        assert_eq!(by(Some("2020-05-20")).unwrap(), day("2020-05-20"));
        assert!(by(Some("2020-05-19")).is_err() && by(Some("2020-07-20")).is_err());
    }

    #[test]
    fn kind_and_id_of_a_subject_come_together() {
        let id = Id::new(crate::db::types::Timestamp::from_unix(0).unwrap());
        assert!(both(Some(1), Some(id)).unwrap().is_some() && both::<u8>(None, None).unwrap().is_none());
        assert!(both(Some(1), None).is_err() && both::<u8>(None, Some(id)).is_err());
    }

    #[test]
    fn a_finding_is_answered_then_decided_and_never_after_it_is_closed() {
        assert!(may_answer(Status::Open).is_ok() && may_decide(Status::Answered).is_ok());
        assert!(may_answer(Status::Answered).is_err() && may_decide(Status::Open).is_err());
        assert!(may_answer(Status::Closed).is_err() && may_decide(Status::Closed).is_err());
    }

    #[test]
    fn a_unit_is_late_while_it_has_not_answered() {
        let (by, late) = (day("2020-07-19"), day("2020-07-20"));
        assert!(!overdue(Status::Open, by, by) && overdue(Status::Open, by, late));
        assert!(!overdue(Status::Answered, by, late) && !overdue(Status::Closed, by, late));
    }
}
