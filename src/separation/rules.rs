//! Who may take which part on a case (6). Values in, verdict out.

use super::{Part, same_person};
use crate::error::Result;
use crate::users::UserId;

/// A part that somebody holds.
pub struct Held {
    /// By which account.
    pub user: UserId,
    /// Who: the digest of the ID number, as one person may have had several accounts.
    pub person: String,
    /// Which part.
    pub part: Part,
    /// In which round of review.
    pub round: i32,
}

/// Whether `person`, by the account `user`, may take `part`: `Ok(true)` when it is new, `Ok(false)` when it is held
/// already. What somebody judged or paid by an earlier account stays with that account.
pub fn may_take(
    held: &[Held],
    user: UserId,
    part: Part,
    round: i32,
    person: &str,
    subject: &str,
) -> Result<bool> {
    if person == subject {
        return Err(same_person());
    }
    match held.iter().find(|h| h.person == person) {
        None => Ok(true),
        Some(h) if h.part == part && (part == Part::Recorder || (h.round, h.user) == (round, user)) => {
            Ok(false)
        }
        Some(_) => Err(same_person()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::types::{Id, Timestamp};

    #[test]
    fn one_person_holds_one_part_and_never_judges_again_after_a_review_or_by_another_account() {
        let (first, second): (UserId, UserId) = (Id::new(Timestamp::now()), Id::new(Timestamp::now()));
        let hold = |person: &str, part| Held {
            user: first,
            person: person.to_owned(),
            part,
            round: 1,
        };
        let held = [hold("ann", Part::Recorder), hold("bob", Part::Verifier)];
        let may = |person, part, round| may_take(&held, first, part, round, person, "subject").ok();
        assert_eq!(may("ann", Part::Recorder, 2), Some(false));
        assert_eq!(may("ann", Part::Verifier, 1), None);
        assert_eq!(may("bob", Part::Verifier, 1), Some(false));
        assert_eq!(may("bob", Part::Verifier, 2), None);
        assert_eq!(may("bob", Part::Approver, 1), None);
        assert_eq!(may("cy", Part::Approver, 1), Some(true));
        let again = |person, part| may_take(&held, second, part, 1, person, "subject").ok();
        assert_eq!(again("ann", Part::Recorder), Some(false));
        assert_eq!(again("bob", Part::Verifier), None);
    }

    #[test]
    fn nobody_handles_their_own_case() {
        let user = Id::new(Timestamp::now());
        assert!(may_take(&[], user, Part::Payer, 1, "me", "me").is_err());
    }
}
