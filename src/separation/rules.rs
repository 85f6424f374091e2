//! Who may take which part on a case (6). Values in, verdict out.

use super::{Part, same_person};
use crate::error::Result;

/// A part that somebody holds.
pub struct Held {
    /// Who: the digest of the ID number, as one person may have had several accounts.
    pub person: String,
    /// Which part.
    pub part: Part,
    /// In which round of review.
    pub round: i32,
}

/// Whether `person` may take `part`: `Ok(true)` when it is new, `Ok(false)` when the person holds it already.
pub fn may_take(held: &[Held], part: Part, round: i32, person: &str, subject: &str) -> Result<bool> {
    if person == subject {
        return Err(same_person());
    }
    match held.iter().find(|h| h.person == person) {
        None => Ok(true),
        Some(h) if h.part == part && (part == Part::Recorder || h.round == round) => Ok(false),
        Some(_) => Err(same_person()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_holds_one_part_and_never_judges_again_after_a_review() {
        let (ann, bob) = ("ann", "bob");
        let held = [
            Held {
                person: ann.into(),
                part: Part::Recorder,
                round: 1,
            },
            Held {
                person: bob.into(),
                part: Part::Verifier,
                round: 1,
            },
        ];
        let may = |person, part, round| may_take(&held, part, round, person, "subject").ok();
        assert_eq!(may(ann, Part::Recorder, 2), Some(false));
        assert_eq!(may(ann, Part::Verifier, 1), None);
        assert_eq!(may(bob, Part::Verifier, 1), Some(false));
        assert_eq!(may(bob, Part::Verifier, 2), None);
        assert_eq!(may(bob, Part::Approver, 1), None);
        assert_eq!(may("cy", Part::Approver, 1), Some(true));
    }

    #[test]
    fn nobody_handles_their_own_case() {
        assert!(may_take(&[], Part::Payer, 1, "me", "me").is_err());
    }
}
