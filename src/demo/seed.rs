//! Chance with a fixed seed: the same demo on every machine.

use crate::db::types::Date;
use chrono::TimeDelta;

/// A stream of numbers that look random (SplitMix64).
pub struct Seed(u64);

impl Seed {
    /// The stream of one thing, independent of all others: adding a claim does not change a household.
    pub fn of(what: &str, number: usize) -> Self {
        let name = what.bytes().fold(0xBA6F_2020_0313_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        });
        let mut seed = Self(name ^ (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        seed.next();
        seed
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from `0` to `end - 1`; 0 when there is none.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 1).unwrap_or_default() % end.max(1)
    }

    /// A number from `first` to `last`, both included.
    pub fn between(&mut self, first: i64, last: i64) -> i64 {
        first + i64::try_from(self.below(usize::try_from(last - first + 1).unwrap_or(1))).unwrap_or_default()
    }

    /// True in `percent` of a hundred cases.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of `all`, each as likely as the others.
    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// One of `all`, as likely as its weight.
    pub fn weighted<T: Copy>(&mut self, all: &[(T, usize)]) -> T {
        let mut left = self.below(all.iter().map(|(_, weight)| weight).sum());
        for (value, weight) in all {
            if left < *weight {
                return *value;
            }
            left -= weight;
        }
        all[0].0
    }

    /// A day from `first` to `last`; `first` when the span is empty.
    pub fn day(&mut self, first: Date, last: Date) -> Date {
        let days = last.signed_duration_since(first).num_days().max(0);
        first + TimeDelta::days(self.between(0, days))
    }
}
