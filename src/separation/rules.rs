//! Who may take which part on a case (6). Values in, verdict out.

use super::{Part, same_person};
use crate::error::Result;
use crate::users::UserId;

/// A part that somebody holds.
pub struct Held {
    /// Who.
    pub user: UserId,
    /// Which part.
    pub part: Part,
    /// In which round of review.
    pub round: i32,
}

/// Whether `user` may take `part`: `Ok(true)` when it is new, `Ok(false)` when the user holds it already.
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
    match held.iter().find(|h| h.user == user) {
        None => Ok(true),
        Some(h) if h.part == part && (part == Part::Recorder || h.round == round) => Ok(false),
        Some(_) => Err(same_person()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::types::{Id, Timestamp};

    #[test]
    fn one_person_holds_one_part_and_never_judges_again_after_a_review() {
        let (ann, bob) = (Id::new(Timestamp::now()), Id::new(Timestamp::now()));
        let held = [
            Held {
                user: ann,
                part: Part::Recorder,
                round: 1,
            },
            Held {
                user: bob,
                part: Part::Verifier,
                round: 1,
            },
        ];
        let may = |user, part, round| may_take(&held, user, part, round, "p", "subject").ok();
        assert_eq!(may(ann, Part::Recorder, 2), Some(false));
        assert_eq!(may(ann, Part::Verifier, 1), None);
        assert_eq!(may(bob, Part::Verifier, 1), Some(false));
        assert_eq!(may(bob, Part::Verifier, 2), None);
        assert_eq!(may(bob, Part::Approver, 1), None);
        assert_eq!(may(Id::new(Timestamp::now()), Part::Approver, 1), Some(true));
    }

    #[test]
    fn nobody_handles_their_own_case() {
        assert!(may_take(&[], Id::new(Timestamp::now()), Part::Payer, 1, "me", "me").is_err());
    }
}
