//! After the end of a file: calls to the household (rule 44), how many files are resolved (rules 41, 42), and how long
//! files are kept (rule 46). Who looks into a file from outside is in `inspections` (rule 47).

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::{File, FileId, Status};
use crate::audit::Event;
use crate::db::schema::follow_ups;
use crate::db::types::{Date, Id, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::Result;
use crate::input::Comment;
use crate::keyring::{Keyring, Sealed};
use crate::ledger::details::Reached;
use crate::organizations::{self, OrganizationId};
use crate::policies::{self, rules::Procedure};
use crate::users::UserId;
use crate::{input, separation, text_enum};

pub mod http;
pub mod inspections;
mod rules;
mod store;

pub use rules::months;

/// The id of a call.
pub type FollowUpId = Id<FollowUp>;

text_enum! {
    /// How a household is doing after the end of its file.
    pub enum FollowUpOutcome {
        /// 稳定: it gets along.
        Stable = "stable",
        /// 有返困风险: it may fall back.
        AtRisk = "at_risk",
        /// 已返困: it has fallen back. Nothing but a record: re-opening the file is another verb (43).
        Relapsed = "relapsed",
    }
}

input! {
    /// A call to a household after the end of its file.
    pub struct NewFollowUp {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<FollowUpId>,
        /// The day: not before the end of the file, not in the future.
        pub called_on: Date,
        /// Who was reached.
        pub reached: Reached,
        /// How the household is doing; null exactly when nobody was reached.
        pub outcome: Option<FollowUpOutcome>,
        /// In words; kept encrypted.
        #[schema(value_type = Option<String>, max_length = 2000)]
        pub notes: Option<Comment>,
    }
}

/// A call, as kept.
#[derive(Debug, Clone, HasQuery, Insertable)]
#[diesel(table_name = follow_ups)]
pub struct FollowUp {
    id: FollowUpId,
    file_id: FileId,
    called_on: Date,
    reached: Reached,
    outcome: Option<FollowUpOutcome>,
    notes_sealed: Option<Sealed>,
    recorded_by: UserId,
    recorded_at: Timestamp,
}

/// A call to a household after the end of its file.
#[derive(Serialize, ToSchema)]
#[schema(as = FollowUp)]
pub struct ShownFollowUp {
    /// Its id.
    id: FollowUpId,
    /// The file.
    file_id: FileId,
    /// The day.
    called_on: Date,
    /// Who was reached.
    reached: Reached,
    /// How the household is doing; null when nobody was reached.
    outcome: Option<FollowUpOutcome>,
    /// In words.
    notes: Option<String>,
    /// Who recorded it.
    recorded_by: UserId,
    /// When.
    recorded_at: Timestamp,
}

impl ShownFollowUp {
    fn of(call: &FollowUp, keys: &Keyring) -> Result<Self> {
        let notes = call.notes_sealed.as_ref();
        Ok(Self {
            id: call.id,
            file_id: call.file_id,
            called_on: call.called_on,
            reached: call.reached,
            outcome: call.outcome,
            notes: notes.map(|sealed| keys.open("follow_up", sealed)).transpose()?,
            recorded_by: call.recorded_by,
            recorded_at: call.recorded_at,
        })
    }
}

/// A file whose household is to be called.
#[derive(Queryable, Serialize, ToSchema)]
pub struct DueFollowUp {
    /// The file.
    file_id: FileId,
    /// Its number.
    #[schema(example = "340202-2020-000017")]
    file_number: String,
    /// The unit that keeps it.
    organization_id: OrganizationId,
    /// The day it ended.
    closed_on: Option<Date>,
    /// The scheduled day for which nobody was reached.
    due_on: Option<Date>,
    /// How the household was doing when somebody was last reached; null when nobody was yet.
    last_outcome: Option<FollowUpOutcome>,
}

/// How many of the files that were on file at a day are resolved today (42).
#[derive(Debug, Serialize, ToSchema)]
pub struct Resolution {
    /// The day, at whose end the files are counted.
    base_on: Date,
    /// Files on file then, without those deregistered since: exited, relieved and rest.
    #[schema(example = 9)]
    on_file: i64,
    /// Of these, out of hardship today (40).
    #[schema(example = 5)]
    exited: i64,
    /// Of these, relieved today (41).
    #[schema(example = 1)]
    relieved: i64,
    /// Of these, still on file.
    #[schema(example = 3)]
    rest: i64,
    /// Files on file then that were deregistered since (45): a death or a move resolves nothing, so they are in no
    /// other number.
    #[schema(example = 2)]
    deregistered: i64,
    /// Exited and relieved in basis points of `on_file`, rounded down; null when that is 0.
    #[schema(example = 6_666)]
    rate_bp: Option<i64>,
    /// What is to be reached.
    #[schema(example = 10_000)]
    target_bp: i64,
}

/// A file that has been kept for as long as it must be; nothing is ever deleted by itself (46).
#[derive(Serialize, ToSchema)]
pub struct Disposable {
    /// The file.
    file_id: FileId,
    /// Its number.
    #[schema(example = "340202-2009-000017")]
    file_number: String,
    /// The unit that keeps it.
    organization_id: OrganizationId,
    /// How it ended.
    status: Status,
    /// The day it ended.
    #[schema(example = "2009-11-30")]
    closed_on: Date,
    /// The last day on which it must be kept.
    #[schema(example = "2019-11-30")]
    kept_until: Date,
}

/// Plans the calls to the household of a file that was closed, by the policy of the day; none after a
/// deregistration.
pub(super) fn begin(tx: &mut Tx, file: &File) -> Result<()> {
    if rules::may_follow_up(file.status).is_err() {
        return Ok(());
    }
    let today = tx.today();
    let (_, procedure): (_, Procedure) = policies::in_force(tx, today)?;
    store::insert_plan(tx, file.id, &rules::months(procedure.follow_up_months))?;
    follow(tx, file)
}

/// Keeps the plan of the file of the episode before true: calls end with a re-opening, and go on when that comes to
/// nothing.
pub(super) fn follow_former(tx: &mut Tx, file: &File) -> Result<()> {
    let Some(former) = file.former_id else {
        return Ok(());
    };
    let former = store::former(tx, former)?;
    follow(tx, &former)
}

/// Keeps the plan of a closed file true to its calls and to its re-opening; nothing when it has none.
fn follow(tx: &mut Tx, file: &File) -> Result<()> {
    let Some((closed_on, months)) = file.closed_on.zip(store::lock_plan(tx, file.id)?) else {
        return Ok(());
    };
    let last = store::last_reached(tx, file.id)?;
    let (called_on, outcome) = last.map_or((None, None), |(day, outcome)| (Some(day), outcome));
    let next_on = match store::is_reopened(tx, file)? {
        true => None,
        false => rules::next(closed_on, &months, called_on),
    };
    store::update_plan(tx, file.id, next_on, outcome)
}

/// Records a call to the household of a file that ended in an exit or in relief (44).
pub fn record(tx: &mut Tx, file: &File, id: FollowUpId, new: NewFollowUp) -> Result<FollowUp> {
    rules::may_follow_up(file.status)?;
    let today = tx.today();
    let closed_on = file.closed_on.unwrap_or(today);
    let faults = rules::faults(new.called_on, new.reached, new.outcome, closed_on, today);
    super::rules::complete(faults)?;
    separation::not_own(tx, &file.person)?;
    let notes = new.notes.as_deref();
    let call = FollowUp {
        id,
        file_id: file.id,
        called_on: new.called_on,
        reached: new.reached,
        outcome: new.outcome,
        notes_sealed: notes.map(|text| tx.keys.seal("follow_up", text)).transpose()?,
        recorded_by: tx.actor.user()?,
        recorded_at: tx.now,
    };
    store::insert(tx, &call)?;
    follow(tx, file)?;
    Event::of("follow_up.recorded", "follow_up", call.id)
        .organization(file.organization_id)
        .people([&file.person])
        .field("file_id", &file.id)
        .field("called_on", &call.called_on)
        .field("reached", &call.reached)
        .field("outcome", &call.outcome)
        .record(tx)?;
    Ok(call)
}

/// How many of the files that were on file at a day are resolved today, of a unit and those below it (42).
pub fn resolution(rx: &mut Rx, base_on: Option<Date>, unit: Option<OrganizationId>) -> Result<Resolution> {
    let base_on = rules::base_day(base_on, rx.today())?;
    organizations::narrow(rx, unit)?;
    let counted = store::on_file_at(rx, base_on)?;
    Ok(rules::resolution(base_on, &counted))
}

/// Years for which files are kept, by the policy of today (46).
fn years_kept(rx: &mut Rx) -> Result<i32> {
    let today = rx.today();
    let (_, procedure): (_, Procedure) = policies::in_force(rx, today)?;
    Ok(rules::years_kept(procedure.retention_years))
}
