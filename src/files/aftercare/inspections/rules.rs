//! Who may see a file from outside, and who decides (47). Values in, verdict out.

use super::{Inspector, Status, Verdict};
use crate::error::{Error, Result};
use crate::say;
use crate::separation::same_person;

/// From so many digits on a number may be that of a person, a phone or a card.
const LONG: usize = 7;

/// The person sees the own file at once; an outside body waits.
pub fn at_first(by: Inspector) -> Status {
    match by {
        Inspector::Person => Status::Granted,
        Inspector::OutsideBody => Status::Requested,
    }
}

/// The status that a decision leads to.
pub fn status(verdict: Verdict) -> Status {
    match verdict {
        Verdict::Granted => Status::Granted,
        Verdict::Refused => Status::Refused,
    }
}

/// An inspection that needs no decision any more is refused with `wrong_status`.
pub fn is_open(status: Status) -> Result<()> {
    match status {
        Status::Requested => Ok(()),
        Status::Granted | Status::Refused => Err(is_decided()),
    }
}

/// The refusal of a second decision.
pub fn is_decided() -> Error {
    let detail = say!("该查档已有结论", "the inspection has been decided");
    Error::refused("wrong_status", detail)
}

/// An open inspection is decided by another person than its recorder, whatever the account.
pub fn may_decide(status: Status, recorder: &str, decider: &str) -> Result<()> {
    is_open(status)?;
    if recorder == decider {
        return Err(same_person());
    }
    Ok(())
}

/// A text with the digits of long numbers hidden, all but the last four of each.
pub fn mask_numbers(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(char::is_numeric) {
        let (before, from) = rest.split_at(at);
        let number = from.split(|c: char| !c.is_numeric()).next().unwrap_or_default();
        masked.push_str(before);
        masked.push_str(&mask(number));
        rest = &from[number.len()..];
    }
    masked + rest
}

fn mask(number: &str) -> String {
    let digits = number.chars().count();
    let hidden = if digits < LONG { 0 } else { digits - 4 };
    let hide = |(at, digit)| if at < hidden { '*' } else { digit };
    number.chars().enumerate().map(hide).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_person_sees_the_own_file_at_once_and_others_wait_for_somebody_else() {
        assert_eq!(at_first(Inspector::Person), Status::Granted);
        assert_eq!(at_first(Inspector::OutsideBody), Status::Requested);
        let code = |status, decider| {
            may_decide(status, "ann", decider)
                .err()
                .map(|e| e.code().to_owned())
        };
        assert_eq!(code(Status::Requested, "bob"), None);
        assert_eq!(code(Status::Requested, "ann").as_deref(), Some("same_person"));
        for status in [Status::Granted, Status::Refused] {
            assert_eq!(code(status, "bob").as_deref(), Some("wrong_status"));
        }
    }

    #[test]
    fn long_numbers_are_masked_and_nothing_else() {
        for (text, shown) in [
            (
                "身份证 34029919700101002X，本人",
                "身份证 *************1002X，本人",
            ),
            ("介绍信〔2020〕12 号", "介绍信〔2020〕12 号"),
            ("电话１９９００００００００１", "电话********０００１"),
            ("123456", "123456"),
            ("", ""),
        ] {
            assert_eq!(mask_numbers(text), shown);
        }
    }
}
