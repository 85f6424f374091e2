//! The rules of claims on an insurance (85). Values in, verdict out.

use super::Deciding;
use crate::db::types::Date;
use crate::error::{Error, FieldError, Result};
use crate::insurance::EnrolmentStatus;
use crate::{say, text_enum};

text_enum! {
    /// Where a claim on an insurance stands.
    #[schema(as = InsuranceClaimStatus)]
    pub enum Status {
        /// The insurer was told.
        Reported = "reported",
        /// The insurer will pay.
        Accepted = "accepted",
        /// The insurer has paid.
        Paid = "paid",
        /// The insurer does not pay.
        Refused = "refused",
    }
}

/// What was reported is accepted, paid or refused; what was paid is only corrected.
pub fn after(status: Status, next: Status) -> Result<()> {
    match (status, next) {
        (Status::Reported, Status::Accepted)
        | (Status::Reported | Status::Accepted, Status::Paid | Status::Refused)
        | (Status::Paid, Status::Paid) => Ok(()),
        _ => {
            let detail = say!(
                "理赔状态为 {status}，不能改为 {next}",
                "a claim that is {status} does not become {next}"
            );
            Err(Error::refused("wrong_status", detail))
        }
    }
}

/// Only who was insured claims.
pub fn is_covered(status: EnrolmentStatus) -> Result<()> {
    match status {
        EnrolmentStatus::InForce | EnrolmentStatus::Ended => Ok(()),
        other => {
            let detail = say!("参保状态为 {other}", "the enrolment is {other}");
            Err(Error::refused("not_covered", detail))
        }
    }
}

/// It happened on a day of the cover, and was reported since, not in the future.
pub fn happened_in_cover(
    happened_on: Date,
    (first, last): (Date, Date),
    reported_on: Date,
    today: Date,
) -> Result<()> {
    let mut errors = Vec::new();
    if !(first..=last).contains(&happened_on) {
        let detail = say!(
            "须在保障期 {first} 至 {last} 之内",
            "must be a day of the cover, from {first} to {last}"
        );
        errors.push(FieldError::new("/happened_on", "outside_cover", detail));
    }
    if reported_on < happened_on || reported_on > today {
        let detail = say!(
            "不得早于事发日，不得晚于今天",
            "must not be before it happened, nor in the future"
        );
        errors.push(FieldError::new("/reported_on", "out_of_range", detail));
    }
    match errors.is_empty() {
        true => Ok(()),
        false => Err(Error::Invalid(errors)),
    }
}

/// Decided since the report, not in the future; with an amount if it was paid, and only then.
pub fn decided(deciding: &Deciding, reported_on: Date, today: Date) -> Result<()> {
    let mut errors = Vec::new();
    if !(reported_on..=today).contains(&deciding.decided_on) {
        let detail = say!(
            "须在报案日 {reported_on} 至今天 {today} 之间",
            "must lie between the report, {reported_on}, and today, {today}"
        );
        errors.push(FieldError::new("/decided_on", "out_of_range", detail));
    }
    match (deciding.status, deciding.amount_fen) {
        (Status::Paid, Some(amount)) if amount.0 > 0 => {}
        (Status::Paid, _) => {
            let detail = say!("须填写赔付金额", "what was paid needs its amount");
            errors.push(FieldError::new("/amount_fen", "required", detail));
        }
        (_, Some(_)) => {
            let detail = say!("未赔付时不能填写金额", "nothing was paid, so there is no amount");
            errors.push(FieldError::new("/amount_fen", "not_allowed", detail));
        }
        _ => {}
    }
    match errors.is_empty() {
        true => Ok(()),
        false => Err(Error::Invalid(errors)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_refused_stays_refused_and_what_was_paid_is_only_corrected() {
        for next in Status::ALL {
            assert!(after(Status::Refused, *next).is_err());
            assert_eq!(after(Status::Paid, *next).is_ok(), *next == Status::Paid);
            assert_eq!(after(Status::Reported, *next).is_ok(), *next != Status::Reported);
        }
    }

    #[test]
    fn the_first_and_the_last_day_of_a_cover_belong_to_it() {
        let date = |text: &str| text.parse::<Date>().unwrap();
        let cover = (date("2020-06-01"), date("2021-05-31"));
        let happened = |on: &str| happened_in_cover(date(on), cover, date(on), date("2021-07-01")).is_ok();
        assert!(happened("2020-06-01") && happened("2021-05-31"));
        assert!(!happened("2020-05-31") && !happened("2021-06-01"));
    }
}
