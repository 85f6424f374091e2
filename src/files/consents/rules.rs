//! The rules of a consent. Values in, verdict out.

use crate::db::types::Date;
use crate::error::{Error, FieldError, Result};
use crate::files::household::{PersonId, is_adult, is_minor};
use crate::policies::rules::Purpose;
use crate::say;

/// A minor's guardian signs, who is an adult; everybody else signs for themselves.
pub fn signed(born: Date, guardian_born: Option<Date>, given_on: Date) -> Result<()> {
    let wrong = |detail| Err(Error::invalid("/guardian_id", "does_not_fit", detail));
    match (is_minor(born, given_on), guardian_born) {
        (false, None) => Ok(()),
        (true, Some(guardian)) if is_adult(guardian, given_on) => Ok(()),
        (true, Some(_)) => wrong(say!("监护人须为成年人", "the guardian must be an adult")),
        (true, None) => wrong(say!(
            "未满 14 周岁须由监护人同意",
            "for somebody under 14 a guardian of the household signs"
        )),
        (false, Some(_)) => wrong(say!(
            "满 14 周岁由本人同意",
            "somebody of 14 or more signs for themselves"
        )),
    }
}

/// A fault for each person and purpose without a consent.
pub fn missing(people: &[PersonId], given: &[(PersonId, Purpose)], purposes: &[Purpose]) -> Vec<FieldError> {
    let lacks = |person: PersonId, purpose: Purpose| !given.contains(&(person, purpose));
    let fault = |person, purpose| {
        let detail = say!("须有单独同意", "this consent is needed");
        FieldError::new(
            format!("/household/{person}/consents/{purpose}"),
            "required",
            detail,
        )
    };
    let pairs = people
        .iter()
        .flat_map(|person| purposes.iter().map(|purpose| (*person, *purpose)));
    pairs
        .filter(|(person, purpose)| lacks(*person, *purpose))
        .map(|(person, purpose)| fault(person, purpose))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guardian_signs_until_the_fourteenth_birthday_and_only_an_adult_is_one() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let (child, adult, teenager) = (day("2006-06-30"), day("1980-01-01"), day("2003-01-01"));
        assert!(signed(child, Some(adult), day("2020-06-29")).is_ok());
        assert!(signed(child, None, day("2020-06-29")).is_err());
        assert!(signed(child, Some(teenager), day("2020-06-29")).is_err());
        assert!(signed(child, None, day("2020-06-30")).is_ok());
        assert!(signed(child, Some(adult), day("2020-06-30")).is_err());
        assert!(signed(adult, None, day("2020-06-30")).is_ok());
    }
}
