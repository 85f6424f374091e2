//! The rules of the registers. Values in, verdict out.

use crate::db::types::{Date, Fen};
use crate::error::{Error, FieldError, Result};
use crate::files::rules::complete;
use crate::files::{File, Status};
use crate::members::MemberId;
use crate::say;

/// What a temporary relief is for has happened, and an amount asked for is at least one fen.
pub fn sound_relief(happened_on: Date, amount: Option<Fen>, today: Date) -> Result<()> {
    let mut faults = Vec::new();
    if happened_on > today {
        let detail = say!("不能晚于今天", "must not be in the future");
        faults.push(FieldError::new("/happened_on", "in_future", detail));
    }
    if amount.is_some_and(|amount| amount.0 < 1) {
        let detail = say!("至少 1 分", "must be at least 1");
        faults.push(FieldError::new("/amount_fen", "out_of_range", detail));
    }
    complete(faults)
}

/// A near miss is a file of the member that was rejected or withdrawn (22).
pub fn near_miss(file: &File, member: MemberId) -> Result<()> {
    if file.member_id == member && matches!(file.status, Status::Rejected | Status::Withdrawn) {
        return Ok(());
    }
    let detail = say!(
        "须为该会员未获批准或已撤回的档案",
        "must be a file of this member that was rejected or withdrawn"
    );
    Err(Error::invalid("/assessment_file_id", "does_not_fit", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_mistakes_of_a_relief_are_named_at_once() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let sound = |happened_on, amount| sound_relief(day(happened_on), amount, day("2020-05-20"));
        assert!(sound("2020-05-20", None).is_ok() && sound("2020-05-19", Some(Fen(1))).is_ok());
        let Err(Error::Invalid(faults)) = sound("2020-05-21", Some(Fen(0))) else {
            panic!("accepted");
        };
        let pointers: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["/happened_on", "/amount_fen"]);
    }
}
