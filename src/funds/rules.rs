//! The rules of funds and budget lines (68, 79). Values in, verdict out.

use super::exceeded;
use crate::db::types::{Date, Fen};
use crate::error::{Error, FieldError, Result};
use crate::policies::rules::Level;
use crate::{say, text_enum};

text_enum! {
    /// Whose money a fund is (68).
    #[schema(as = FundSource)]
    pub enum Source {
        /// 中央财政.
        Central = "central",
        /// 省级财政.
        Provincial = "provincial",
        /// 市县财政.
        Local = "local",
        /// 工会本级经费.
        Union = "union",
        /// 社会捐赠.
        Donation = "donation",
        /// 专户利息.
        Interest = "interest",
        /// 其他.
        Other = "other",
    }
}

/// A fund says what it is for, each kind once; central and provincial money is for the kinds of the policy only (68).
pub fn well_formed(
    source: Source,
    kinds: &[&str],
    central: &[&str],
    from: Date,
    to: Option<Date>,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if kinds.is_empty() {
        let detail = say!("至少一项用途", "at least one kind of aid");
        errors.push(FieldError::new("/kinds", "required", detail));
    }
    let restricted = matches!(source, Source::Central | Source::Provincial);
    for (at, kind) in kinds.iter().enumerate() {
        let pointer = format!("/kinds/{at}");
        if kinds[..at].contains(kind) {
            errors.push(FieldError::new(pointer, "duplicate", say!("重复", "twice")));
        } else if restricted && !central.contains(kind) {
            let detail = say!(
                "中央和省级资金不能用于此项",
                "central and provincial money is not for this"
            );
            errors.push(FieldError::new(pointer, "outside_purpose", detail));
        }
    }
    if to.is_some_and(|to| to < from) {
        let detail = say!("不得早于 valid_from", "must not be before valid_from");
        errors.push(FieldError::new("/valid_to", "end_before_begin", detail));
    }
    errors
}

/// Whether money of a source is for a file of this level, or, with none, for people without a file (23): central money for
/// the national standard only, provincial money for that of the province or stricter, other money for all.
pub fn serves(source: Source, level: Option<Level>) -> bool {
    match source {
        Source::Central => level == Some(Level::National),
        Source::Provincial => matches!(level, Some(Level::National | Level::Provincial)),
        Source::Local | Source::Union | Source::Donation | Source::Interest | Source::Other => true,
    }
}

/// A budget line is for one of the fund's kinds (68).
pub fn within_purpose(kinds: &[String], kind: &str) -> Result<()> {
    if kinds.iter().any(|known| known == kind) {
        return Ok(());
    }
    let detail = say!("该资金不能用于此项", "the fund is not for this");
    Err(Error::invalid("/aid_kind", "outside_purpose", detail))
}

/// A booking moves something.
pub fn positive(amount: Fen) -> Result<()> {
    if amount.0 > 0 {
        return Ok(());
    }
    let detail = say!("须大于零", "must be more than nothing");
    Err(Error::invalid("/amount_fen", "out_of_range", detail))
}

/// Nothing is approved, allotted or taken back that is not there (79).
pub fn covers(available: Fen, amount: Fen) -> Result<()> {
    if available >= amount {
        return Ok(());
    }
    Err(exceeded())
}

/// Whether an approval may go without a budget line on this day (79).
pub fn none_needed(needed_from: Option<Date>, on: Date) -> Result<()> {
    if needed_from.is_none_or(|from| on < from) {
        return Ok(());
    }
    let detail = say!(
        "本单位及上级没有本年度该类资金额度",
        "neither the unit nor one above has a budget line for this kind and year"
    );
    Err(Error::refused("no_budget_line", detail))
}

/// Only the unit that keeps a fund and the units below it are given of it.
pub fn not_of_the_fund() -> Error {
    let detail = say!("不在该资金所属单位之下", "not below the unit that keeps the fund");
    Error::invalid("/organization_id", "not_of_the_fund", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn central_money_is_for_the_kinds_of_the_policy_only() {
        let day = date("2020-01-01");
        let faults = |source| well_formed(source, &["living", "warmth_winter"], &["living"], day, None);
        assert_eq!(faults(Source::Central)[0].pointer, "/kinds/1");
        assert_eq!(faults(Source::Provincial).len(), 1);
        assert!(faults(Source::Union).is_empty());
    }

    #[test]
    fn a_line_is_needed_from_the_day_of_the_policy_on() {
        assert!(none_needed(None, date("2020-05-01")).is_ok());
        assert!(none_needed(Some(date("2020-05-02")), date("2020-05-01")).is_ok());
        assert!(none_needed(Some(date("2020-05-01")), date("2020-05-01")).is_err());
    }

    #[test]
    fn money_of_a_level_is_for_files_of_that_standard_or_a_stricter_one() {
        let served = |source| {
            let levels = Level::ALL.iter().map(|level| Some(*level)).chain([None]);
            levels.filter(|level| serves(source, *level)).count()
        };
        assert_eq!(served(Source::Central), 1);
        assert_eq!(served(Source::Provincial), 2);
        assert_eq!(served(Source::Union), Level::ALL.len() + 1);
        assert!(!serves(Source::Provincial, Some(Level::City)));
    }

    #[test]
    fn a_line_covers_its_last_fen() {
        assert!(covers(Fen(1), Fen(1)).is_ok());
        assert!(covers(Fen(0), Fen(1)).is_err());
    }
}
