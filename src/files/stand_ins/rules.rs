//! The rules of a stand-in. Values in, verdict out.

use super::{NewStandIn, StandIn};
use crate::db::types::Date;
use crate::error::{Error, Result};
use crate::say;

/// Days that a stand-in lasts at most: who is away for longer hands the households over.
const DAYS: i64 = 366;

/// It begins today or later, ends after it begins and within a year, and nobody stands in for themselves.
pub fn sound(new: &NewStandIn, today: Date) -> Result<()> {
    if new.contact_id == new.stand_in_id {
        let detail = say!("代管人不能是本人", "nobody stands in for themselves");
        return Err(Error::invalid("/stand_in_id", "does_not_fit", detail));
    }
    if new.from_on < today {
        let detail = say!("不得早于今天", "must not be before today");
        return Err(Error::invalid("/from_on", "out_of_range", detail));
    }
    let days = new.until_on.signed_duration_since(new.from_on).num_days();
    if !(0..DAYS).contains(&days) {
        let detail = say!(
            "须在起始日之后、一年以内",
            "must be on or after the first day and within a year of it"
        );
        return Err(Error::invalid("/until_on", "out_of_range", detail));
    }
    Ok(())
}

/// Only what has not ended can be ended.
pub fn runs(stand_in: &StandIn, today: Date) -> Result<()> {
    if stand_in.ended_at.is_none() && today <= stand_in.until_on {
        return Ok(());
    }
    Err(Error::refused("ended", say!("代管已结束", "it has ended")))
}
