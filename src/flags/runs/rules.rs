//! What a run looks at (82). Values in, values out.

use chrono::TimeDelta;

use crate::db::types::{Date, year_bounds, year_of};
use crate::error::Error;
use crate::flags::{Code, Subject};
use crate::{say, text_enum};

/// How long a run has its turn when it says nothing: long enough for the slowest page.
pub const TURN: TimeDelta = TimeDelta::minutes(10);

text_enum! {
    /// Why the queries were run.
    #[schema(as = AuditFlagRunCause)]
    pub enum Cause {
        /// The service did, once in the night.
        Nightly = "nightly",
        /// An auditor asked for it.
        OnDemand = "on_demand",
    }
}
text_enum! {
    /// How a run stands.
    #[schema(as = AuditFlagRunStatus)]
    pub enum Status {
        /// It is at work.
        Running = "running",
        /// Every query was asked.
        Done = "done",
        /// Some queries failed; what they had found before stays as it was.
        Incomplete = "incomplete",
        /// The service ended meanwhile; a later run did its work.
        BrokenOff = "broken_off",
    }
}

/// The days that a query is asked about in a run that looks at these: figures are of the calendar year, and what lasts is looked
/// at whenever it began.
pub fn days(code: Code, (from, to): (Date, Date)) -> (Date, Date) {
    match code.about() {
        Subject::Organization => year_bounds(year_of(to)),
        _ if code.lasts() => (Date::from_ymd_opt(1900, 1, 1).unwrap_or(from), to),
        _ => (from, to),
    }
}

/// The refusal of a run while another is at work.
pub fn running() -> Error {
    let detail = say!("已有一次排查正在进行", "another run is at work");
    Error::refused("run_in_progress", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_of_the_year_and_what_lasts_is_looked_at_whenever_it_began() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let asked = (day("2019-05-21"), day("2020-05-20"));
        assert_eq!(days(Code::SharedCard, asked), asked);
        assert_eq!(days(Code::Benford, asked), (day("2020-01-01"), day("2020-12-31")));
        assert_eq!(
            days(Code::PaperLate, asked),
            (day("1900-01-01"), day("2020-05-20"))
        );
    }
}
