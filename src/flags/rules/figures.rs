//! Hints from the figures of a unit (82): round amounts, and first digits against Benford's law. Integers throughout.

use crate::db::types::Fen;
use crate::policies::rules::Figures;

/// How often each first digit, 1 to 9, is expected by Benford's law, in a million: log10(1 + 1/d).
const BENFORD: [i64; 9] = [
    301_030, 176_091, 124_939, 96_910, 79_181, 66_947, 57_992, 51_153, 45_757,
];
const MILLION: i128 = 1_000_000;

/// Amounts of a unit and kind of aid that begin with one digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Their first digit.
    pub digit: usize,
    /// How many.
    pub cases: i64,
    /// How many of them are whole hundreds of yuan.
    pub hundreds: i64,
    /// How many of them are whole thousands of yuan.
    pub thousands: i64,
    /// Their sum.
    pub sum: Fen,
}

/// What stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// How many amounts there are.
    pub cases: i64,
    /// So many in a hundred are whole hundreds of yuan, rounded down.
    pub hundreds_percent: i64,
    /// So many in a hundred are whole thousands of yuan, rounded down.
    pub thousands_percent: i64,
    /// The chi-square of the first digits against Benford's law, in thousandths; of roundness none.
    pub chi_square_milli: Option<i64>,
    /// The first digit that adds most to it.
    pub digit: Option<i64>,
}

fn percent(part: i64, whole: i64) -> i64 {
    (part * 100).checked_div(whole).unwrap_or_default()
}

fn counted(counts: &[Count]) -> Standing {
    let sum = |of: fn(&Count) -> i64| counts.iter().map(of).sum::<i64>();
    let cases = sum(|count| count.cases);
    Standing {
        cases,
        hundreds_percent: percent(sum(|count| count.hundreds), cases),
        thousands_percent: percent(sum(|count| count.thousands), cases),
        chi_square_milli: None,
        digit: None,
    }
}

/// Whether more amounts are round than the policy takes for usual.
pub fn roundness(counts: &[Count], bounds: &Figures) -> Option<Standing> {
    let found = counted(counts);
    let round = found.hundreds_percent >= bounds.hundreds_percent
        || found.thousands_percent >= bounds.thousands_percent;
    (round && found.cases >= bounds.round_cases).then_some(found)
}

/// Whether the first digits are further from Benford's law than the policy takes for chance.
pub fn first_digits(counts: &[Count], bounds: &Figures) -> Option<Standing> {
    let found = counted(counts);
    if found.cases < bounds.benford_cases {
        return None;
    }
    let mut digits = [0; 9];
    for count in counts {
        if let Some(digit) = count.digit.checked_sub(1).and_then(|at| digits.get_mut(at)) {
            *digit += count.cases;
        }
    }
    let (chi_square, digit) = chi_square_milli(&digits);
    (chi_square >= bounds.chi_square_milli).then_some(Standing {
        chi_square_milli: Some(chi_square),
        digit: Some(digit),
        ..found
    })
}

/// The chi-square of how often each first digit occurs against Benford's law, in thousandths, each digit's share rounded down;
/// and the digit whose share is largest.
fn chi_square_milli(digits: &[i64; 9]) -> (i64, i64) {
    let cases: i128 = digits.iter().copied().map(i128::from).sum();
    let share = |(seen, expected): (&i64, &i64)| {
        let expected = cases * i128::from(*expected);
        let off = i128::from(*seen) * MILLION - expected;
        (off * off * 1000)
            .checked_div(expected * MILLION)
            .unwrap_or_default()
    };
    let shares: Vec<i128> = digits.iter().zip(&BENFORD).map(share).collect();
    let largest = (1..).zip(&shares).max_by_key(|(_, share)| **share);
    let sum = i64::try_from(shares.iter().sum::<i128>()).unwrap_or(i64::MAX);
    (sum, largest.map_or(1, |(digit, _)| digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds() -> Figures {
        Figures {
            round_cases: 30,
            hundreds_percent: 90,
            thousands_percent: 60,
            benford_cases: 100,
            chi_square_milli: 20_090,
            fixed_kinds: vec![],
        }
    }

    fn count(digit: usize, cases: i64, hundreds: i64, thousands: i64) -> Count {
        Count {
            digit,
            cases,
            hundreds,
            thousands,
            sum: Fen(0),
        }
    }

    fn first_digit_counts(numbers: impl Iterator<Item = u128>) -> [i64; 9] {
        let mut digits = [0; 9];
        for number in numbers {
            let first = number.to_string().as_bytes()[0];
            digits[usize::from(first - b'1')] += 1;
        }
        digits
    }

    #[test]
    fn the_expected_digits_are_those_of_benfords_law() {
        assert_eq!(i128::from(BENFORD.iter().sum::<i64>()), MILLION);
        for (digit, expected) in (1_u32..).zip(BENFORD) {
            let law = (1.0 + 1.0 / f64::from(digit)).log10() * 1e6;
            assert!(
                (law - f64::from(i32::try_from(expected).unwrap())).abs() < 1.0,
                "{digit}"
            );
        }
    }

    /// The first digits of the first hundred Fibonacci numbers, as published with the law's best known examples.
    #[test]
    fn fibonacci_numbers_follow_the_law() {
        let numbers = std::iter::successors(Some((1_u128, 1)), |(a, b)| Some((*b, a + b)));
        let digits = first_digit_counts(numbers.take(100).map(|(a, _)| a));
        assert_eq!(digits, [30, 18, 13, 9, 8, 6, 5, 7, 4]);
        assert!(
            chi_square_milli(&digits).0 < 2_000,
            "{:?}",
            chi_square_milli(&digits)
        );
    }

    /// The areas of 335 rivers from the table of Benford (1938), counted back from their published shares.
    #[test]
    fn areas_of_rivers_follow_the_law() {
        let digits = [104, 55, 36, 38, 24, 29, 18, 14, 17];
        assert_eq!(digits.iter().sum::<i64>(), 335);
        assert!(chi_square_milli(&digits).0 < bounds().chi_square_milli);
    }

    #[test]
    fn digits_that_are_all_as_frequent_do_not_follow_it() {
        let counts: Vec<_> = (1..=9).map(|digit| count(digit, 100, 0, 0)).collect();
        let found = first_digits(&counts, &bounds()).unwrap();
        assert_eq!(found.digit, Some(1));
        assert!(found.chi_square_milli.unwrap() > 300_000, "{found:?}");
        assert_eq!(first_digits(&[count(5, 99, 0, 0)], &bounds()), None);
        assert_eq!(
            first_digits(&[count(5, 100, 0, 0)], &bounds()).unwrap().digit,
            Some(5)
        );
    }

    #[test]
    fn amounts_are_round_from_the_share_of_the_policy_on_and_when_there_are_enough() {
        let found = |hundreds, thousands| roundness(&[count(1, 100, hundreds, thousands)], &bounds());
        assert_eq!(found(89, 59), None);
        assert_eq!(found(90, 0).unwrap().hundreds_percent, 90);
        assert_eq!(found(60, 60).unwrap().thousands_percent, 60);
        assert_eq!(roundness(&[count(1, 29, 29, 29)], &bounds()), None);
        let spread = [count(1, 15, 15, 0), count(2, 15, 15, 0)];
        assert_eq!(roundness(&spread, &bounds()).unwrap().cases, 30);
        assert_eq!(roundness(&[], &bounds()), None);
    }
}
