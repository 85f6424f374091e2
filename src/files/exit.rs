//! Leaving hardship (脱困, rule 40): the cause is removed and income per head was above the 低保 standard in each of so many
//! months on end. The months and amounts are kept with the file.

use chrono::{Datelike as _, Months};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Close, Ending, File, household, means};
use crate::db::schema::file_exits;
use crate::db::types::{Date, Fen};
use crate::db::{Tx, unique};
use crate::error::{Error, Result};
use crate::policies::{self, rules::Eligibility};
use crate::{input, organizations, say};

input! {
    /// Why a household is out of hardship.
    #[derive(Debug, Serialize, Deserialize)]
    #[schema(as = FileExitEvidence)]
    pub struct Evidence {
        /// Whether what caused the hardship is gone.
        pub cause_removed: bool,
        /// The first day of the first month.
        #[schema(example = "2019-12-01")]
        pub first_month: Date,
        /// The income of the whole household in that month and in those that follow it, in fen.
        #[schema(value_type = Vec<i64>, example = json!([600_000, 600_000, 610_000, 610_000, 620_000, 620_000]))]
        pub household_income_fen: Vec<Fen>,
    }
}

/// Makes sure that a household that is said to be out of hardship is, and keeps the evidence. The policy says how many
/// months are asked for; when it names none, evidence is welcome and judged, but not asked for.
pub(super) fn confirm(tx: &mut Tx, file: &File, close: &Close) -> Result<()> {
    if close.status != Ending::Exited {
        return Ok(());
    }
    let today = tx.today();
    let (_, rule): (_, Eligibility) = policies::in_force(tx, today)?;
    let Some(evidence) = &close.evidence else {
        return asked_for(rule.exit_months);
    };
    let months = months(evidence, rule.exit_months, close.closed_on)?;
    let mut lines = Vec::new();
    for month in &months {
        lines.push(line(tx, file, *month)?);
    }
    let people = household::size(tx, file.id)?;
    out_of_hardship(evidence, &months, &lines, people)?;
    let row = (
        file_exits::file_id.eq(file.id),
        file_exits::confirmed_by.eq(tx.actor.user()?),
        file_exits::sealed.eq(tx.keys.seal_json("file_exit", evidence)?),
    );
    let done = diesel::insert_into(file_exits::table)
        .values(row)
        .execute(tx.conn);
    unique(done, Error::stale).map(drop)
}

/// The 低保 standard that held for a household in a month.
fn line(tx: &mut Tx, file: &File, month: Date) -> Result<Fen> {
    let unit = organizations::find(tx, file.organization_id)?;
    let code = organizations::region_code(tx, &unit)?;
    let region = means::region_on(tx, code, month)?;
    let urban = means::declaration(tx, file.id)?.is_none_or(|declared| declared.urban);
    let (_, standard) = policies::dibao_standard(tx, &region, urban, month)?;
    Ok(standard.monthly_fen)
}

fn asked_for(months: Option<i64>) -> Result<()> {
    let Some(months) = months else { return Ok(()) };
    let detail = say!(
        "脱困须有连续 {months} 个月的收入证明",
        "{months} months of income on end have to show it"
    );
    Err(Error::invalid("/evidence", "required", detail))
}

/// The first days of the months of the evidence: as many as are asked for, the last of them that of the end or the
/// one before.
fn months(evidence: &Evidence, asked: Option<i64>, closed_on: Date) -> Result<Vec<Date>> {
    let at = "/evidence/first_month";
    if evidence.first_month.day() != 1 {
        let detail = say!("须为该月 1 日", "must be the first day of a month");
        return Err(Error::invalid(at, "invalid_date", detail));
    }
    let given = evidence.household_income_fen.len();
    let enough = asked.is_none_or(|asked| i64::try_from(given).is_ok_and(|given| given >= asked));
    if given == 0 || !enough {
        let detail = say!("月数不足", "too few months");
        return Err(Error::invalid(
            "/evidence/household_income_fen",
            "too_few",
            detail,
        ));
    }
    let month = |n| {
        u32::try_from(n)
            .ok()
            .and_then(|n| evidence.first_month.checked_add_months(Months::new(n)))
    };
    let months: Vec<Date> = (0..given).filter_map(month).collect();
    let index = |day: Date| day.year() * 12 + day.month0().cast_signed();
    let behind = months
        .last()
        .map_or(i32::MAX, |last| index(closed_on) - index(*last));
    if !(0..=1).contains(&behind) {
        let detail = say!(
            "最后一个月须为结案当月或上月",
            "the last month must be that of the end or the one before"
        );
        return Err(Error::invalid(at, "out_of_range", detail));
    }
    Ok(months)
}

/// The cause is gone and income per head was above the line in every month: strictly, and without dividing.
fn out_of_hardship(evidence: &Evidence, months: &[Date], lines: &[Fen], people: i64) -> Result<()> {
    if !evidence.cause_removed {
        let detail = say!("致困原因尚未消除", "the cause of hardship remains");
        return Err(Error::refused("cause_remains", detail));
    }
    let incomes = evidence.household_income_fen.iter();
    let short: Vec<Date> = incomes
        .zip(lines)
        .zip(months)
        .filter(|((income, line), _)| i128::from(income.0) <= i128::from(line.0) * i128::from(people))
        .map(|(_, month)| *month)
        .collect();
    if short.is_empty() {
        return Ok(());
    }
    let detail = say!(
        "有月份人均收入未超过低保标准",
        "in some months income per head was not above the 低保 standard"
    );
    Err(Error::refused("not_out_of_hardship", detail).with("months", short))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn evidence(first: &str, incomes: &[i64]) -> Evidence {
        Evidence {
            cause_removed: true,
            first_month: day(first),
            household_income_fen: incomes.iter().map(|n| Fen(*n)).collect(),
        }
    }

    #[test]
    fn six_months_on_end_run_over_the_end_of_a_year_and_through_a_leap_day() {
        let six = evidence("2019-09-01", &[1; 6]);
        let found = months(&six, Some(6), day("2020-02-29")).unwrap();
        let expected = [
            "2019-09-01",
            "2019-10-01",
            "2019-11-01",
            "2019-12-01",
            "2020-01-01",
            "2020-02-01",
        ];
        assert_eq!(found, expected.map(day));
        assert!(months(&six, Some(6), day("2020-03-31")).is_ok());
        for (end, why) in [
            ("2020-01-31", "before its last month"),
            ("2020-04-01", "too long ago"),
        ] {
            assert_eq!(
                months(&six, Some(6), day(end)).unwrap_err().code(),
                "invalid",
                "{why}"
            );
        }
        // midnight of 31 December: the year's last month still counts the day after
        assert!(months(&evidence("2019-07-01", &[1; 6]), Some(6), day("2019-12-31")).is_ok());
        assert!(months(&evidence("2019-07-01", &[1; 6]), Some(6), day("2020-01-01")).is_ok());
        assert!(months(&evidence("2019-07-02", &[1; 6]), Some(6), day("2020-01-01")).is_err());
        assert!(months(&evidence("2019-08-01", &[1; 5]), Some(6), day("2019-12-31")).is_err());
    }

    #[test]
    fn every_month_is_above_the_line_of_that_month_not_at_it() {
        let first = [day("2020-01-01"), day("2020-02-01")];
        let lines = [Fen(60_000), Fen(61_000)];
        let judge = |incomes: &[i64]| out_of_hardship(&evidence("2020-01-01", incomes), &first, &lines, 3);
        assert!(judge(&[180_001, 183_001]).is_ok());
        assert_eq!(
            judge(&[180_000, 183_001]).unwrap_err().code(),
            "not_out_of_hardship"
        );
        assert_eq!(
            judge(&[180_001, 183_000]).unwrap_err().code(),
            "not_out_of_hardship"
        );
        let remains = Evidence {
            cause_removed: false,
            ..evidence("2020-01-01", &[1])
        };
        assert_eq!(
            out_of_hardship(&remains, &first, &lines, 1).unwrap_err().code(),
            "cause_remains"
        );
    }
}
