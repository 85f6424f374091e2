//! The rules of a household. Values in, verdict out.

use chrono::Months;

use super::{HEAD, PERSON, Particulars, Person, PersonChange};
use crate::db::types::Date;
use crate::error::{Error, FieldError, Result};
use crate::input::form::{Content, Field};
use crate::members::within;
use crate::say;

/// Under this age in years a person is a minor whose every field is sensitive: 个人信息保护法 art. 28 (88).
const MINOR_UNDER: u32 = 14;
/// From this age in years on a person is an adult: 民法典 art. 17.
const ADULT_FROM: u32 = 18;

/// Whether somebody born on `birth` is a minor on `today`.
pub fn is_minor(birth: Date, today: Date) -> bool {
    is_under(birth, MINOR_UNDER, today)
}

/// Whether somebody born on `birth` is an adult on `today`.
pub fn is_adult(birth: Date, today: Date) -> bool {
    !is_under(birth, ADULT_FROM, today)
}

fn is_under(birth: Date, years: u32, today: Date) -> bool {
    birth
        .checked_add_months(Months::new(12 * years))
        .is_some_and(|birthday| today < birthday)
}

/// Somebody joins as anything but a second head (10), between birth and today.
pub fn may_join(relation: &str, joined_on: Date, birth: Date, today: Date) -> Result<()> {
    if relation == HEAD {
        return Err(no_second_head());
    }
    within(joined_on, birth, today, "/joined_on")
}

/// Name and relation of the head stay: they are the register's and the file's.
pub fn may_change(person: &Person, change: &PersonChange) -> Result<()> {
    if person.left_on.is_some() {
        return Err(has_left());
    }
    if !person.is_head() {
        return match change.relation.as_deref() {
            Some(HEAD) => Err(no_second_head()),
            _ => Ok(()),
        };
    }
    if change.name.is_some() {
        let detail = say!(
            "户主姓名在会员名册中更改",
            "the name of the head is changed in the register of members"
        );
        return Err(Error::invalid("/name", "does_not_fit", detail));
    }
    match change.relation.as_deref() {
        None | Some(HEAD) => Ok(()),
        Some(_) => Err(no_second_head()),
    }
}

/// Everybody but the head may leave, once.
pub fn may_leave(person: &Person, left_on: Date, today: Date) -> Result<()> {
    if person.is_head() {
        let detail = say!(
            "户主离开时档案须注销或移交",
            "when the head leaves, the file is closed or handed over"
        );
        return Err(Error::refused("head_stays", detail));
    }
    if person.left_on.is_some() {
        return Err(has_left());
    }
    within(left_on, person.joined_on, today, "/left_on")
}

/// What is wrong with a form, standing at `at`, that is handed in: each starred field that is empty (24).
pub fn missing(at: &str, form: &'static [Field], content: &Content) -> Vec<FieldError> {
    let fault = |name| {
        let detail = say!("带★的项目须填写", "a starred field of the form must be filled in");
        FieldError::new(format!("{at}/{name}"), "required", detail)
    };
    content.missing(form).into_iter().map(fault).collect()
}

/// The fields of a person that a change touches, as a body names them.
pub fn changed(old: &Particulars, new: &Particulars, relation: bool) -> Vec<String> {
    let details = old.details.differing(PERSON, &new.details);
    let mut changed: Vec<_> = details.iter().map(|name| format!("details/{name}")).collect();
    changed.extend((old.name != new.name).then(|| "name".to_owned()));
    changed.extend(relation.then(|| "relation".to_owned()));
    changed
}

fn no_second_head() -> Error {
    let detail = say!("一户只有一位户主", "a household has one head");
    Error::invalid("/relation", "does_not_fit", detail)
}

fn has_left() -> Error {
    let detail = say!("该人员已离开本户", "this person has left the household");
    Error::refused("has_left", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_a_minor_until_the_fourteenth_birthday_also_when_born_on_a_leap_day() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        assert!(is_minor(day("2006-06-30"), day("2020-06-29")));
        assert!(!is_minor(day("2006-06-30"), day("2020-06-30")));
        assert!(is_minor(day("2008-02-29"), day("2022-02-27")));
        assert!(!is_minor(day("2008-02-29"), day("2022-02-28")));
    }
}
