//! Drawing, to the letter of `docs/audit-formats.md`: whole numbers only, so that everybody draws the same.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::{Item, Method, amount, sizes, total};
use crate::audit::tree::Hash;
use crate::error::{Error, Result};

/// What the seed of a sample begins with.
const FORMAT: &[u8] = b"bangfu-sample/1\n";

/// The digest of a population in canonical JSON.
pub(in crate::samples) fn digest(population: &str) -> Hash {
    Sha256::digest(population).into()
}

/// A hash from its hex.
pub(in crate::samples) fn bytes(hex: &str) -> Result<Hash> {
    let byte = |n: usize| {
        hex.get(2 * n..2 * n + 2)
            .and_then(|two| u8::from_str_radix(two, 16).ok())
    };
    let bytes: Option<Vec<u8>> = (0..32).map(byte).collect();
    let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| Error::internal("a root is damaged"))
}

/// The seed that follows from the root of a checkpoint and the digest of the population.
pub(in crate::samples) fn seed(root: &Hash, digest: &Hash) -> Hash {
    let told = Sha256::new_with_prefix(FORMAT).chain_update(root);
    told.chain_update(digest).finalize().into()
}

/// The ids that are drawn, in the order of their keys.
pub(in crate::samples) fn draw(method: Method, size: i64, population: &[Item], seed: &Hash) -> Vec<String> {
    let size = usize::try_from(size).unwrap_or(0);
    let in_order = ordered(population, seed);
    let drawn: Vec<&Item> = match method {
        Method::MonetaryUnit => by_money(size, population, &in_order, seed),
        _ if size >= population.len() => in_order,
        Method::Random => in_order.into_iter().take(size).collect(),
        Method::Stratified => by_stratum(size, population, in_order),
    };
    drawn.into_iter().map(|item| item.id.clone()).collect()
}

/// The records by their keys, then by id.
fn ordered<'p>(population: &'p [Item], seed: &Hash) -> Vec<&'p Item> {
    let key = |item: &Item| -> Hash {
        let told = Sha256::new_with_prefix(seed).chain_update(&item.id);
        told.finalize().into()
    };
    let mut keyed: Vec<_> = population.iter().map(|item| (key(item), item)).collect();
    keyed.sort_unstable_by(|(a, one), (b, other)| a.cmp(b).then_with(|| one.id.cmp(&other.id)));
    keyed.into_iter().map(|(_, item)| item).collect()
}

/// How many of each stratum are drawn: one, and the rest in proportion to what remains, what is left over one each by the
/// largest remainder, then by name. `size` is at least the number of strata and less than the population.
fn shares<'p>(size: usize, sizes: &BTreeMap<&'p str, usize>) -> BTreeMap<&'p str, usize> {
    let strata = sizes.len();
    let (all, rest) = (sizes.values().sum::<usize>() - strata, size - strata);
    let mut shares: BTreeMap<_, _> = BTreeMap::new();
    let mut remainders = Vec::new();
    for (name, n) in sizes {
        let product = rest as u128 * (n - 1) as u128;
        let share = usize::try_from(product / all as u128).unwrap_or(0);
        shares.insert(*name, 1 + share);
        remainders.push((std::cmp::Reverse(product % all as u128), *name));
    }
    let left = size - shares.values().sum::<usize>();
    remainders.sort_unstable();
    for (_, name) in remainders.into_iter().take(left) {
        *shares.entry(name).or_insert(0) += 1;
    }
    shares
}

fn by_stratum<'p>(size: usize, population: &[Item], in_order: Vec<&'p Item>) -> Vec<&'p Item> {
    let sizes = sizes(population);
    if size < sizes.len() {
        return Vec::new();
    }
    let mut left = shares(size, &sizes);
    let mut takes = |item: &&Item| {
        let share = left.get_mut(item.stratum.as_str());
        share.is_some_and(|n| std::mem::replace(n, n.saturating_sub(1)) > 0)
    };
    in_order.into_iter().filter(|item| takes(item)).collect()
}

/// The records into which the positions fall on a line of all amounts, each once.
fn by_money<'p>(size: usize, population: &[Item], in_order: &[&'p Item], seed: &Hash) -> Vec<&'p Item> {
    let total = total(population);
    if total == 0 || size == 0 {
        return Vec::new();
    }
    let start: Hash = Sha256::new_with_prefix(seed)
        .chain_update("start")
        .finalize()
        .into();
    let first = modulo(&start, total);
    let position = |k: u128| (first + k * total) / size as u128;
    let (mut drawn, mut end, mut k) = (Vec::new(), 0, 0);
    for item in in_order {
        end += amount(item);
        let before = k;
        while k < size as u128 && position(k) < end {
            k += 1;
        }
        if k > before {
            drawn.push(*item);
        }
    }
    drawn
}

/// A big-endian number modulo one that is less than 2^120.
fn modulo(number: &Hash, by: u128) -> u128 {
    number
        .iter()
        .fold(0, |rest, byte| (rest * 256 + u128::from(*byte)) % by)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::keyring::hex;
    use crate::samples::rules::{canonical, drawable};

    fn population() -> Vec<Item> {
        let item = |k: i64| Item {
            id: format!("p{k:02}"),
            stratum: ["甲", "乙", "丙"][usize::try_from(k * k % 7 % 3).unwrap()].into(),
            amount_fen: k * 7919 % 50_000,
        };
        (0..20).map(item).collect()
    }

    fn root() -> Hash {
        std::array::from_fn(|n| u8::try_from(n).unwrap())
    }

    fn drawn(method: Method, size: i64) -> String {
        let mut population = population();
        let digest = digest(&canonical(&mut population).unwrap());
        draw(method, size, &population, &seed(&root(), &digest)).join(" ")
    }

    /// Computed by another program from the words of the document.
    #[test]
    fn what_is_drawn_is_what_the_document_says() {
        let digest = digest(&canonical(&mut population()).unwrap());
        assert_eq!(
            hex(&digest),
            "b45b8f315879a0f8154be8dce04d505870029bc0bc011433c5e7c3804c88189e"
        );
        assert_eq!(drawn(Method::Random, 6), "p13 p04 p03 p08 p11 p12");
        assert_eq!(drawn(Method::Stratified, 7), "p13 p04 p03 p08 p12 p07 p00");
        assert_eq!(drawn(Method::Stratified, 3), "p13 p04 p07");
        assert_eq!(drawn(Method::MonetaryUnit, 5), "p03 p12 p10 p06 p17");
        let each = "p04 p03 p08 p11 p12 p15 p02 p09 p10 p05 p07 p06 p18 p17 p14 p16";
        assert_eq!(drawn(Method::MonetaryUnit, 40), each);
        assert_eq!(drawn(Method::Random, 20), drawn(Method::Stratified, 99));
    }

    /// The known answers that every verifier is tested with.
    #[test]
    fn known_draws_are_drawn() {
        let text = include_str!("../../../tests/vectors/samples.json");
        let known: serde_json::Value = serde_json::from_str(text).unwrap();
        let cases = known["cases"].as_array().unwrap();
        assert!(cases.len() > 5);
        for (n, case) in cases.iter().enumerate() {
            let of = |name: &str| case[name].as_str().unwrap();
            let mut population: Vec<Item> = serde_json::from_value(case["population"].clone()).unwrap();
            let digest = digest(&canonical(&mut population).unwrap());
            assert_eq!(hex(&digest), of("digest"), "case {n}");
            let seed = seed(&bytes(of("root")).unwrap(), &digest);
            assert_eq!(hex(&seed), of("seed"), "case {n}");
            let (method, size) = (of("method").parse().unwrap(), case["size"].as_i64().unwrap());
            match &case["drawn"] {
                serde_json::Value::Null => assert!(drawable(method, size, &population).is_err(), "case {n}"),
                ids => assert_eq!(
                    *ids,
                    serde_json::json!(draw(method, size, &population, &seed)),
                    "case {n}"
                ),
            }
        }
    }

    #[test]
    fn a_big_endian_number_is_reduced_by_hand() {
        let mut number = [0; 32];
        number[31] = 7;
        number[15] = 1;
        let two_to_128 = u128::MAX % 1_000_003 + 1;
        assert_eq!(modulo(&number, 1_000_003), (two_to_128 + 7) % 1_000_003);
        assert_eq!(modulo(&[0; 32], 5), 0);
    }

    fn items() -> impl Strategy<Value = Vec<Item>> {
        let item = (
            0..4_u8,
            prop_oneof![Just(0), 1..2_000_000_i64, Just(1_000_000_000_000)],
        );
        prop::collection::vec(item, 1..60).prop_map(|all| {
            let of = |(n, (stratum, amount_fen)): (usize, (u8, i64))| Item {
                id: format!("{n:03}"),
                stratum: stratum.to_string(),
                amount_fen,
            };
            all.into_iter().enumerate().map(of).collect()
        })
    }

    proptest! {
        #[test]
        fn as_many_as_asked_for_are_drawn_each_once(items in items(), size in 4..70_i64, seed: [u8; 32]) {
            for method in [Method::Random, Method::Stratified] {
                let mut drawn = draw(method, size, &items, &seed);
                prop_assert_eq!(drawn.len(), items.len().min(usize::try_from(size).unwrap()));
                drawn.sort();
                drawn.dedup();
                prop_assert_eq!(drawn.len(), items.len().min(usize::try_from(size).unwrap()));
            }
        }

        #[test]
        fn every_stratum_is_drawn_from_and_none_beyond_what_it_has(items in items(), size in 4..70_i64, seed: [u8; 32]) {
            let drawn = draw(Method::Stratified, size, &items, &seed);
            for (name, n) in sizes(&items) {
                let of_it = items.iter().filter(|item| item.stratum == name && drawn.contains(&item.id)).count();
                prop_assert!((1..=n).contains(&of_it), "{}: {} of {}", name, of_it, n);
            }
        }

        #[test]
        fn money_is_drawn_at_even_distances(items in items(), size in 1..70_i64, seed: [u8; 32]) {
            let drawn = draw(Method::MonetaryUnit, size, &items, &seed);
            let (all, size) = (total(&items), u128::try_from(size).unwrap());
            prop_assert!(drawn.len() as u128 <= size);
            for item in &items {
                let is_drawn = drawn.contains(&item.id);
                prop_assert!(!is_drawn || item.amount_fen > 0);
                prop_assert!(is_drawn || amount(item) < all / size + 1, "{} of {}", item.amount_fen, all);
            }
        }
    }
}
