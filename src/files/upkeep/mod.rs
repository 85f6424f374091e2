//! Keeping files true once they are on file: the review of each year and spot checks (rules 36, 37).

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::{File, FileId, Status};
use crate::audit::Event;
use crate::db::schema::spot_checks;
use crate::db::types::{Date, Id, Json, Timestamp, year_of};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::input::{Comment, Text};
use crate::members::MemberId;
use crate::organizations::{self, OrganizationId};
use crate::policies::{self, rules::Procedure};
use crate::separation;
use crate::users::UserId;
use crate::{calendar, input, say, text_enum};

pub mod http;
mod rules;
mod store;

/// Working days for the paper when the policy says nothing: 总工办〔2016〕36号 (38).
const PAPER_DAYS: i64 = 30;

text_enum! {
    /// What a yearly review found.
    #[schema(as = FileReviewResult)]
    pub enum Finding {
        /// Still in hardship, nothing to change.
        Unchanged = "unchanged",
        /// Still in hardship; the file is to be changed.
        Changed = "changed",
        /// No longer in hardship: the file is to be closed.
        OutOfHardship = "out_of_hardship",
    }
}

input! {
    /// The review of this year.
    #[schema(as = NewFileReview)]
    pub struct NewReview {
        /// What it found.
        pub result: Finding,
        /// In words; kept encrypted.
        #[schema(value_type = Option<String>, max_length = 2000)]
        pub comment: Option<Comment>,
    }
}

/// A yearly review.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = FileReview)]
pub struct Review {
    /// The file.
    pub file_id: FileId,
    /// The year.
    pub year: i32,
    /// The day.
    pub reviewed_on: Date,
    /// By whom.
    pub reviewed_by: UserId,
    /// What it found.
    pub result: Finding,
    /// In words.
    pub comment: Option<String>,
}

/// The id of a spot check.
pub type SpotCheckId = Id<SpotCheck>;

input! {
    /// A sample to draw.
    pub struct NewSpotCheck {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<SpotCheckId>,
        /// Of the files of this unit and the units below it.
        #[schema(value_type = String, format = "uuid")]
        pub organization_id: OrganizationId,
        /// What the draw follows from: best something that nobody could choose, such as a lottery number of the day.
        #[schema(value_type = String, max_length = 100, example = "双色球 2020061 期")]
        pub seed: Text<100>,
        /// How many in a hundred; default and least what the policy says.
        pub percent: Option<i64>,
    }
}

/// A spot check: the sample are those files of the population whose SHA-256 of seed, line feed and number comes first.
#[derive(Debug, Clone, HasQuery, Insertable, Serialize, ToSchema)]
#[diesel(table_name = spot_checks)]
pub struct SpotCheck {
    /// Its id.
    pub id: SpotCheckId,
    /// Of which unit.
    pub organization_id: OrganizationId,
    /// Of which year.
    pub year: i32,
    /// What the draw follows from.
    pub seed: String,
    /// How many in a hundred.
    pub percent: i32,
    /// The numbers of all files on file, in order.
    #[schema(value_type = Vec<String>, example = json!(["340202-2020-000001", "340202-2020-000002"]))]
    pub population: Json<Vec<String>>,
    /// The numbers of those to look at.
    #[schema(value_type = Vec<String>, example = json!(["340202-2020-000002"]))]
    pub sample: Json<Vec<String>>,
    /// When it was drawn.
    pub drawn_at: Timestamp,
    /// By whom.
    pub drawn_by: UserId,
}

/// Reviews a file on file, once a year.
pub fn review(tx: &mut Tx, file: &File, new: NewReview) -> Result<Review> {
    if file.status != Status::OnFile {
        let detail = say!("只有在档档案须年度复核", "only files on file are reviewed");
        return Err(Error::refused("wrong_status", detail).with("status", file.status));
    }
    separation::not_own(tx, &file.person)?;
    let review = Review {
        file_id: file.id,
        year: year_of(tx.today()),
        reviewed_on: tx.today(),
        reviewed_by: tx.actor.user()?,
        result: new.result,
        comment: new.comment.map(String::from),
    };
    store::insert_review(tx, &review)?;
    Event::of("file.reviewed_yearly", "file", file.id)
        .organization(file.organization_id)
        .people([&file.person])
        .field("year", &review.year)
        .field("result", &review.result)
        .record(tx)?;
    Ok(review)
}

/// Refuses a payment to a member whose file on file missed its yearly review, from the day on that the policy says (36).
pub fn reviewed_in_time(rx: &mut Rx, member: MemberId) -> Result<()> {
    let today = rx.today();
    let (_, procedure): (_, Procedure) = policies::in_force(rx, today)?;
    if procedure.unreviewed_blocks_from.is_none_or(|from| today < from) {
        return Ok(());
    }
    let Some((file, opened_on)) = store::on_file(rx, member)? else {
        return Ok(());
    };
    let reviewed: Vec<_> = store::reviews(rx, file)?
        .iter()
        .map(|review| review.year)
        .collect();
    if rules::review_missed(opened_on, &reviewed, today) {
        let detail = say!(
            "该户档案未按时年度复核，复核前不得发放",
            "the household's file has missed its yearly review: review it first"
        );
        return Err(Error::refused("file_not_reviewed", detail));
    }
    Ok(())
}

/// Until when the paper of a file that changes today must be in step (38): so many working days, or as many weeks
/// as they fill where the calendar is not announced.
pub fn paper_due_on(rx: &mut Rx) -> Result<Date> {
    let today = rx.today();
    let (_, procedure): (_, Procedure) = policies::in_force(rx, today)?;
    let days = procedure.paper_days.unwrap_or(PAPER_DAYS);
    match calendar::working_day_after(rx, today, days) {
        Err(Error::Refused { .. }) => Ok(rules::weeks_for(today, days)),
        found => found,
    }
}

/// Draws a sample of the files on file of a unit and the units below it.
pub fn draw(tx: &mut Tx, id: SpotCheckId, new: NewSpotCheck) -> Result<SpotCheck> {
    let unit = organizations::referred(tx, new.organization_id, "/organization_id")?;
    let today = tx.today();
    let (_, procedure): (_, Procedure) = policies::in_force(tx, today)?;
    let percent = rules::percent(new.percent, procedure.spot_check_percent)?;
    let population = store::numbers_on_file(tx, &unit)?;
    let check = SpotCheck {
        id,
        organization_id: unit.id,
        year: year_of(today),
        sample: Json(rules::sample(&population, &new.seed, percent)),
        population: Json(population),
        seed: new.seed.into(),
        percent,
        drawn_at: tx.now,
        drawn_by: tx.actor.user()?,
    };
    store::insert_check(tx, &check)?;
    Event::of("spot_check.drawn", "spot_check", check.id)
        .organization(unit.id)
        .field("seed", &check.seed)
        .field("sample", &check.sample)
        .record(tx)?;
    Ok(check)
}

/// A spot check of a unit in scope.
pub fn find(rx: &mut Rx, id: SpotCheckId) -> Result<SpotCheck> {
    store::find_check(rx, id)
}
