//! A believable Wuhu for trying things out: the union tree of the plan of 2020, synthetic people, hardship files,
//! this year's five ones partly done, claims around the threshold in every state.
//!
//! Chance has a fixed seed, so for a given day every machine sees the same. Everything is done through the same
//! verbs as over the API, at moments in the past and by accounts whose part it is; only several at a time in one
//! transaction.

use chrono::Datelike as _;

use crate::audit;
use crate::auth::Actor;
use crate::auth::password::Passwords;
use crate::db::types::Timestamp;
use crate::db::{Db, Tx};
use crate::error::{Error, Result};
use crate::input::Input;
use crate::ledger;

mod case;
mod claim;
mod household;
mod illness;
pub mod names;
mod people;
pub mod seed;
mod staff;
mod story;
mod units;

pub use staff::accounts;

use case::Case;
use people::People;
use staff::World;
use story::{Calendar, Step, Story};

/// How many steps one transaction carries.
const BATCH: usize = 2000;
/// How many stories are told side by side: so few that what they touch stays in the database's cache.
const SIDE_BY_SIDE: usize = 2000;

/// Fills an empty database with a demo of so many households, as of `now`. `progress` is told how many steps of how
/// many are done.
pub fn load(
    db: &Db,
    passwords: &Passwords,
    households: usize,
    now: Timestamp,
    mut progress: impl FnMut(usize, usize),
) -> Result<()> {
    let calendar = Calendar::new(now, db.zone());
    let mut people = People::default();
    let world = write(db, |tx| staff::settle(tx, passwords, &mut people, calendar))?;
    let stories = story::everybody(households, &mut people, calendar);
    let all = stories.iter().map(|story| story.steps.len()).sum();
    let mut done = 0;
    for stories in stories.chunks(SIDE_BY_SIDE) {
        tell(db, &world, stories, calendar, |steps| {
            done += steps;
            progress(done, all);
        })?;
        audit::flush(db)?;
    }
    Ok(())
}

/// Tells stories side by side, from the first step to the last.
fn tell(
    db: &Db,
    world: &World,
    stories: &[Story],
    calendar: Calendar,
    mut progress: impl FnMut(usize),
) -> Result<()> {
    let mut cases: Vec<Case> = stories.iter().map(|_| Case::default()).collect();
    let mut year = None;
    for batch in timeline(stories).chunks(BATCH) {
        write(db, |tx| {
            for (at, n, step) in batch {
                let day = at.date(calendar.zone);
                if year.replace(day.year()) != Some(day.year()) {
                    open_year(tx, &cases, Timestamp::on(day, 1, calendar.zone))?;
                }
                let story = &stories[*n];
                perform(tx, world, story, &mut cases[*n], story.steps[*step])?;
            }
            Ok(())
        })?;
        progress(batch.len());
    }
    Ok(())
}

/// Every step of every story, by time.
fn timeline(stories: &[Story]) -> Vec<(Timestamp, usize, usize)> {
    let mut all: Vec<(Timestamp, usize, usize)> = Vec::new();
    for (story, told) in stories.iter().enumerate() {
        let steps = told.steps.iter().enumerate();
        all.extend(steps.map(|(n, (at, _))| (*at, story, n)));
    }
    all.sort_unstable();
    all
}

fn write<T>(db: &Db, work: impl FnOnce(&mut Tx) -> Result<T>) -> Result<T> {
    db.write_blocking(Actor::system(), "demo".into(), work)
}

/// The work of a new year: the ledgers of everybody on file.
fn open_year(tx: &mut Tx, cases: &[Case], at: Timestamp) -> Result<()> {
    act_as(tx, &Actor::system(), at);
    let on_file = cases.iter().filter(|case| case.on_file);
    on_file
        .filter_map(|case| case.file)
        .try_for_each(|file| ledger::refresh(tx, file))
}

/// From now on `actor` acts, at this moment.
fn act_as(tx: &mut Tx, actor: &Actor, at: Timestamp) {
    tx.actor = actor.clone();
    tx.scope = actor.scope.clone();
    tx.now = at;
}

/// A request body, as a client would have sent it.
fn body<T: Input>(value: serde_json::Value) -> Result<T> {
    let mut errors = Vec::new();
    T::read(&value, "", &mut errors).ok_or(Error::Invalid(errors))
}

fn perform(
    tx: &mut Tx,
    world: &World,
    story: &Story,
    case: &mut Case,
    step: (Timestamp, Step),
) -> Result<()> {
    let done = match step.1 {
        Step::Claim(of_claim) => claim::perform(tx, world, story, case, of_claim, step.0),
        _ => case::perform(tx, world, story, case, step.1, step.0),
    };
    done.map_err(|error| {
        tracing::error!(?step, error = ?error, "a step of the demo was refused");
        error
    })
}
