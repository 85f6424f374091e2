//! Drawing samples. Values in, values out.

use chrono::TimeDelta;
use sha2::{Digest as _, Sha256};

use crate::db::types::{Date, year_of};
use crate::error::{Error, Result};
use crate::say;

/// How many in a hundred when the policy says nothing: a provincial rule asks for 30 (37).
const LEAST: i64 = 30;

/// How many in a hundred are drawn: as asked, but no fewer than the policy says.
pub fn percent(asked: Option<i64>, policy: Option<i64>) -> Result<i32> {
    let least = policy.unwrap_or(LEAST);
    let percent = asked.unwrap_or(least);
    match i32::try_from(percent) {
        Ok(n) if percent >= least && percent <= 100 => Ok(n),
        _ => {
            let detail = say!("须为 {least} 到 100", "must be from {least} to 100");
            Err(Error::invalid("/percent", "out_of_range", detail))
        }
    }
}

/// Whether the review of the calendar year before was missed and not made up for since (36); the year in which a file
/// came on file needs none.
pub fn review_missed(opened_on: Date, reviewed: &[i32], today: Date) -> bool {
    let last = year_of(today) - 1;
    year_of(opened_on) < last && !reviewed.iter().any(|year| *year >= last)
}

/// The day by which so many working days are over in weeks of five.
pub fn weeks_for(day: Date, working_days: i64) -> Date {
    day + TimeDelta::weeks(working_days.div_euclid(5) + i64::from(working_days % 5 > 0))
}

/// Those of the population, at least `percent` in a hundred of it, whose digest with the seed comes first; in order of
/// their numbers.
pub fn sample(population: &[String], seed: &str, percent: i32) -> Vec<String> {
    let digest = |number: &String| Sha256::digest(format!("{seed}\n{number}"));
    let mut drawn: Vec<_> = population.iter().map(|number| (digest(number), number)).collect();
    drawn.sort_unstable();
    let size = (population.len() * usize::try_from(percent).unwrap_or(0)).div_ceil(100);
    let mut sample: Vec<String> = drawn
        .into_iter()
        .take(size)
        .map(|(_, number)| number.clone())
        .collect();
    sample.sort_unstable();
    sample
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_review_is_missed_when_its_year_is_over_and_made_up_for_by_a_later_one() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let missed = |reviewed: &[i32], today| review_missed(day("2020-06-01"), reviewed, day(today));
        assert!(!missed(&[], "2021-12-31"));
        assert!(missed(&[], "2022-01-01"));
        assert!(!missed(&[2021], "2022-12-31"));
        assert!(missed(&[2021], "2023-01-01"));
        assert!(!missed(&[2022], "2022-01-01"));
    }

    #[test]
    fn a_sample_follows_from_its_seed_and_is_never_too_small() {
        let population: Vec<String> = (1..=11).map(|n| format!("340202-2020-{n:06}")).collect();
        let drawn = sample(&population, "a", 30);
        assert_eq!(drawn.len(), 4);
        let mut backwards = population.clone();
        backwards.reverse();
        assert_eq!(sample(&backwards, "a", 30), drawn);
        assert_ne!(sample(&population, "b", 30), drawn);
        assert_eq!(sample(&population, "a", 100), population);
        assert!(sample(&[], "a", 30).is_empty());
    }

    #[test]
    fn fewer_than_the_policy_asks_for_are_not_drawn() {
        assert_eq!(percent(None, None).unwrap(), 30);
        assert_eq!(percent(Some(50), Some(40)).unwrap(), 50);
        for (asked, policy) in [(29, None), (39, Some(40)), (101, None)] {
            assert!(percent(Some(asked), policy).is_err());
        }
    }
}
