//! What samples are drawn from. Values in, verdict out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::types::{Date, Fen};
use crate::error::{Error, FieldError, Result};
use crate::{say, text_enum};

mod draw;

pub(super) use draw::{bytes, digest, draw, seed};

/// How many records a population has at most: what one answer can still hold.
pub(super) const MOST: i64 = 100_000;
/// How many are drawn at most.
const MOST_DRAWN: i64 = 10_000;

text_enum! {
    /// What a sample is drawn from.
    #[schema(as = AuditPopulationKind)]
    pub enum Of {
        /// Payments that were paid in the time.
        Payments = "payments",
        /// Files that were on file on some day of the time.
        Files = "files",
    }
}
text_enum! {
    /// How a sample is drawn.
    #[schema(as = AuditSampleMethod)]
    pub enum Method {
        /// Each with the same chance.
        Random = "random",
        /// Some of each stratum, as many as fall to it.
        Stratified = "stratified",
        /// Each with a chance in proportion to its amount.
        MonetaryUnit = "monetary_unit",
    }
}
text_enum! {
    /// Into what strata a population is divided.
    #[schema(as = AuditStrata)]
    pub enum StratifyBy {
        /// The code of the unit.
        Unit = "unit",
        /// The power of ten of the amount: `1e6` from ¥10,000.00 to below ¥100,000.00.
        Amount = "amount",
    }
}
text_enum! {
    /// Where a sample stands.
    #[schema(as = AuditSampleStatus)]
    pub enum Status {
        /// The population is fixed; nobody knows yet what will be drawn.
        Frozen = "frozen",
        /// The first checkpoint after that has decided.
        Drawn = "drawn",
    }
}

/// One record of a population.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuditSampleItem)]
pub struct Item {
    /// Its id.
    #[schema(example = "01723d2f-5c00-7c44-9d0a-2f6f3a1c5b7e")]
    pub id: String,
    /// Its stratum; empty when there are no strata.
    #[schema(example = "340202-01")]
    pub stratum: String,
    /// Its amount; 0 for a file.
    #[schema(example = 50_000)]
    pub amount_fen: i64,
}

/// What is drawn and how goes together: amounts are those of payments, strata are for the stratified method, and the
/// time does not end before it begins.
pub(super) fn well_formed(
    of: Of,
    (from, to): (Date, Date),
    method: Method,
    by: Option<StratifyBy>,
    size: i64,
) -> Result<()> {
    let mut errors = Vec::new();
    let mut fault = |pointer: &str, code, detail| errors.push(FieldError::new(pointer, code, detail));
    if to < from {
        let detail = say!("不得早于 from", "must not be before from");
        fault("/population/to", "end_before_begin", detail);
    }
    if !(1..=MOST_DRAWN).contains(&size) {
        let detail = say!("须为 1 到 {MOST_DRAWN}", "must be from 1 to {MOST_DRAWN}");
        fault("/size", "out_of_range", detail);
    }
    match (method, by) {
        (Method::Stratified, None) => {
            fault(
                "/stratify_by",
                "required",
                say!("分层抽样须写明分层方式", "say by what"),
            );
        }
        (Method::Random | Method::MonetaryUnit, Some(_)) => {
            let detail = say!("仅用于分层抽样", "only for the stratified method");
            fault("/stratify_by", "does_not_fit", detail);
        }
        _ => {}
    }
    if of == Of::Files && (method == Method::MonetaryUnit || by == Some(StratifyBy::Amount)) {
        let detail = say!("档案没有金额", "files have no amount");
        fault("/population/of", "does_not_fit", detail);
    }
    match errors.is_empty() {
        true => Ok(()),
        false => Err(Error::Invalid(errors)),
    }
}

/// The stratum of a record.
pub(super) fn stratum(by: Option<StratifyBy>, unit_code: &str, amount: Fen) -> String {
    match by {
        None => String::new(),
        Some(StratifyBy::Unit) => unit_code.to_owned(),
        Some(StratifyBy::Amount) => {
            let tens = u64::try_from(amount.0).ok().and_then(u64::checked_ilog10);
            tens.map_or_else(|| "0".to_owned(), |tens| format!("1e{tens}"))
        }
    }
}

/// Something can be drawn: there are records, not too many, no fewer than strata are drawn, and money where the method
/// goes by money.
pub(super) fn drawable(method: Method, size: i64, population: &[Item]) -> Result<()> {
    let many = i64::try_from(population.len()).unwrap_or(i64::MAX);
    if many > MOST {
        let detail = say!(
            "总体超过 {MOST} 条，请缩小范围",
            "more than {MOST} records: narrow it"
        );
        return Err(Error::refused("population_too_large", detail));
    }
    let nothing = match method {
        Method::MonetaryUnit => total(population) == 0,
        Method::Random | Method::Stratified => population.is_empty(),
    };
    if nothing {
        let detail = say!("总体为空", "there is nothing to draw from");
        return Err(Error::refused("population_empty", detail));
    }
    let strata = i64::try_from(sizes(population).len()).unwrap_or(i64::MAX);
    if method == Method::Stratified && size < strata {
        let detail = say!(
            "共 {strata} 层，每层至少一个",
            "there are {strata} strata, each gets one"
        );
        return Err(Error::invalid("/size", "out_of_range", detail));
    }
    Ok(())
}

/// The population, ordered by id, in canonical JSON.
pub(super) fn canonical(population: &mut [Item]) -> Result<String> {
    population.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    serde_json_canonicalizer::to_string(&population).map_err(Error::internal)
}

/// How many records each stratum has, by name.
fn sizes(population: &[Item]) -> BTreeMap<&str, usize> {
    let mut sizes = BTreeMap::new();
    for item in population {
        *sizes.entry(item.stratum.as_str()).or_insert(0) += 1;
    }
    sizes
}

fn total(population: &[Item]) -> u128 {
    population.iter().map(amount).sum()
}

fn amount(item: &Item) -> u128 {
    u128::try_from(item.amount_fen).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn amounts_are_those_of_payments_and_strata_are_for_the_stratified_method() {
        let time = (day("2020-01-01"), day("2020-12-31"));
        let pointers = |of, method, by, size| match well_formed(of, time, method, by, size) {
            Ok(()) => vec![],
            Err(Error::Invalid(errors)) => errors.into_iter().map(|e| e.pointer).collect(),
            Err(other) => panic!("{other}"),
        };
        let none: Vec<String> = vec![];
        assert_eq!(pointers(Of::Payments, Method::MonetaryUnit, None, 60), none);
        let by_unit = Some(StratifyBy::Unit);
        assert_eq!(pointers(Of::Files, Method::Stratified, by_unit, 60), none);
        assert_eq!(
            pointers(Of::Files, Method::Random, by_unit, 0),
            ["/size", "/stratify_by"]
        );
        assert_eq!(
            pointers(Of::Files, Method::MonetaryUnit, None, 60),
            ["/population/of"]
        );
        assert_eq!(
            pointers(Of::Files, Method::Stratified, None, 10_001),
            ["/size", "/stratify_by"]
        );
        let backwards = well_formed(Of::Files, (time.1, time.0), Method::Random, None, 1);
        assert!(backwards.is_err());
    }

    #[test]
    fn strata_are_units_or_powers_of_ten() {
        let by = |by, fen| stratum(by, "340202", Fen(fen));
        assert_eq!(by(None, 5), "");
        assert_eq!(by(Some(StratifyBy::Unit), 5), "340202");
        for (fen, name) in [(0, "0"), (1, "1e0"), (999_999, "1e5"), (1_000_000, "1e6")] {
            assert_eq!(by(Some(StratifyBy::Amount), fen), name);
        }
    }

    #[test]
    fn what_holds_nothing_is_not_drawn_from() {
        let item = |stratum: &str, amount_fen| Item {
            id: stratum.into(),
            stratum: stratum.into(),
            amount_fen,
        };
        let code = |method, size, items: &[Item]| drawable(method, size, items).unwrap_err().code();
        assert_eq!(code(Method::Random, 1, &[]), "population_empty");
        assert_eq!(code(Method::MonetaryUnit, 1, &[item("a", 0)]), "population_empty");
        assert_eq!(
            code(Method::Stratified, 1, &[item("a", 1), item("b", 1)]),
            "invalid"
        );
        assert!(drawable(Method::Random, 1, &[item("a", 0)]).is_ok());
    }
}
