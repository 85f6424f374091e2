//! Synthetic people: the prefix 340299 was never issued, so no number is anybody's.

use std::collections::HashSet;

use chrono::Datelike;

use super::names::{MEN, SURNAMES, WOMEN};
use super::seed::Seed;
use crate::db::types::Date;

/// A person who does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person {
    pub name: String,
    pub id_number: String,
    pub phone: String,
    pub birth: Date,
    pub woman: bool,
}

/// Makes people, never two with the same number.
#[derive(Default)]
pub(super) struct People {
    taken: HashSet<String>,
}

impl People {
    /// Another person, between `youngest` and `oldest` years old at the end of `year`.
    pub fn person(&mut self, seed: &mut Seed, year: i32, youngest: i64, oldest: i64) -> Person {
        let number = self.taken.len();
        let woman = seed.chance(45);
        let (birth, id_number) = loop {
            let born = year - i32::try_from(seed.between(youngest, oldest)).unwrap_or(40);
            let (first, last) = crate::db::types::year_bounds(born);
            let birth = seed.day(first, last);
            // the lower half is left to whoever tries things out by hand
            let order = 500 + seed.below(250) * 2 + usize::from(!woman);
            let id_number = citizen_id(birth, order);
            if self.taken.insert(id_number.clone()) {
                break (birth, id_number);
            }
        };
        let generation = match birth.year() {
            ..1975 => 0,
            1975..1990 => 1,
            _ => 2,
        };
        let given = if woman { WOMEN[generation] } else { MEN[generation] };
        Person {
            name: format!("{}{}", seed.weighted(SURNAMES), seed.pick(given)),
            id_number,
            phone: (19_900_000_000 + number).to_string(),
            birth,
            woman,
        }
    }
}

/// A citizen's number with its check character (GB 11643); an odd `order` is a man's.
fn citizen_id(birth: Date, order: usize) -> String {
    let body = format!("340299{}{order:03}", birth.format("%Y%m%d"));
    let weighted = |(at, digit): (usize, u8)| u32::from(digit - b'0') * (1 << (17 - at)) % 11;
    let sum: u32 = body.bytes().enumerate().map(weighted).sum();
    let check = b"10X98765432"[(sum % 11) as usize];
    format!("{body}{}", char::from(check))
}

/// A bank card number of an issuer that does not exist (999999), with its check digit (Luhn).
pub(super) fn bank_card(number: usize) -> String {
    let body = format!("999999{number:012}");
    let doubled = |(at, digit): (usize, u8)| match (at % 2, u32::from(digit - b'0')) {
        (0, d) if d > 4 => d * 2 - 9,
        (0, d) => d * 2,
        (_, d) => d,
    };
    let sum: u32 = body.bytes().rev().enumerate().map(doubled).sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crowd() -> Vec<Person> {
        let mut people = People::default();
        (0..3000)
            .map(|n| people.person(&mut Seed::of("test", n), 2026, 18, 62))
            .collect()
    }

    #[test]
    fn the_same_seed_makes_the_same_people_and_no_number_twice() {
        let crowd_1 = crowd();
        assert_eq!(crowd_1, crowd());
        let numbers: HashSet<&str> = crowd_1.iter().map(|p| p.id_number.as_str()).collect();
        let phones: HashSet<&str> = crowd_1.iter().map(|p| p.phone.as_str()).collect();
        assert_eq!((numbers.len(), phones.len()), (3000, 3000));
    }

    #[test]
    fn numbers_carry_the_right_check_character() {
        let day = |y, m, d| Date::from_ymd_opt(y, m, d).unwrap();
        // DOMAIN 7.1, 7.4
        assert_eq!(citizen_id(day(1970, 1, 1), 1), "34029919700101001X");
        assert_eq!(citizen_id(day(2000, 2, 29), 14), "340299200002290142");
        assert_eq!(citizen_id(day(1960, 6, 30), 21), "340299196006300214");
        assert_eq!(bank_card(0), "9999990000000000006");
        assert_eq!(bank_card(123_456_789_012), "9999991234567890124");
        for person in crowd() {
            assert!(person.id_number.starts_with("340299") && person.id_number.len() == 18);
            assert_eq!(person.woman, person.id_number.as_bytes()[16] % 2 == 0);
        }
    }
}
