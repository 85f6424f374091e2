//! The holiday calendar (rule 30): which days are worked is data, year by year, as the State Council announces it.

use std::collections::BTreeMap;

use chrono::Datelike as _;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::audit::Event;
use crate::db::schema::calendar_days;
use crate::db::types::{Date, Id};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::input::{Text, Year};
use crate::{input, say};

pub mod http;
mod rules;
mod store;

input! {
    /// A day that differs from the week: a holiday, or a weekend that is worked in exchange.
    #[derive(Debug, Serialize)]
    #[schema(as = NewCalendarDay)]
    pub struct NewDay {
        /// The day.
        pub day: Date,
        /// Whether it is worked.
        pub working: bool,
        /// The holiday's name.
        #[schema(value_type = String, example = "劳动节")]
        pub name: Text<60>,
    }
}

input! {
    /// The calendar of a year.
    pub struct NewCalendar {
        /// The year; it may be announced once.
        #[schema(value_type = i64, minimum = 2000, maximum = 2100, example = 2020)]
        pub year: Year,
        /// The document that announces it.
        #[schema(value_type = String, example = "国办发明电〔2025〕7号")]
        pub source: Text<200>,
        /// The days that differ from the week, each once.
        pub days: Vec<NewDay>,
    }
}

/// A day that differs from the week.
#[derive(Debug, Clone, HasQuery, Insertable, Serialize, ToSchema)]
#[diesel(table_name = calendar_days)]
#[schema(as = CalendarDay)]
pub struct Day {
    /// The day.
    pub day: Date,
    /// Whether it is worked.
    pub working: bool,
    /// The holiday's name.
    #[schema(example = "劳动节")]
    pub name: String,
}

/// Announces the calendar of a year, for good: periods are reckoned by it.
pub fn announce(tx: &mut Tx, new: NewCalendar) -> Result<i32> {
    let year = new.year.0;
    rules::well_formed(year, &new.days)?;
    if store::source(tx, year)?.is_some() {
        let detail = say!(
            "{year} 年的日历已公布",
            "the calendar of {year} has been announced"
        );
        return Err(Error::refused("calendar_exists", detail));
    }
    let of = |day: NewDay| Day {
        day: day.day,
        working: day.working,
        name: day.name.into(),
    };
    let days: Vec<_> = new.days.into_iter().map(of).collect();
    store::insert(tx, year, &new.source, &days)?;
    let event = Event::of::<Id<()>>("calendar.announced", "calendar", None).reason(year.to_string());
    event.field("days", &days).record(tx)?;
    Ok(year)
}

/// The `n`th working day after `day`. Refused with `no_calendar` when it lies in a year that is not announced.
pub fn working_day_after(rx: &mut Rx, day: Date, n: i64) -> Result<Date> {
    let mut years = BTreeMap::new();
    for year in day.year()..=day.year() + 1 {
        if store::source(rx, year)?.is_some() {
            years.insert(year, store::days(rx, year)?);
        }
    }
    rules::working_day_after(&years, day, n).map_err(|year| {
        let detail = say!(
            "{year} 年的节假日日历尚未录入，不能计算工作日",
            "the holiday calendar of {year} is missing: working days can't be counted"
        );
        Error::refused("no_calendar", detail).with("year", year)
    })
}

/// Whether a day is worked; where the calendar of its year was never announced, by the week alone.
pub fn is_worked(rx: &mut Rx, day: Date) -> Result<bool> {
    let mut years = BTreeMap::new();
    if store::source(rx, day.year())?.is_some() {
        years.insert(day.year(), store::days(rx, day.year())?);
    }
    Ok(rules::is_working(&years, day).unwrap_or(!rules::is_weekend(day)))
}

/// How many working days lie after `from` until `until`, that day included.
pub fn working_days_between(rx: &mut Rx, from: Date, until: Date) -> Result<i64> {
    let mut n = 0;
    while working_day_after(rx, from, n + 1)? <= until {
        n += 1;
    }
    Ok(n)
}
