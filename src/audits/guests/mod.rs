//! Guest auditors (特邀审计员): let in to the unit of one audit task from a day to a day, at most as long as the policy
//! says. Before and after they see nothing: [`crate::auth`] asks the database at each request.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Task, TaskId, rules as task_rules};
use crate::audit::Event;
use crate::db::Tx;
use crate::db::schema::audit_guests;
use crate::db::types::{Date, Id, Timestamp};
use crate::error::{Error, Result};
use crate::input;
use crate::policies::{self, rules::Audit};
use crate::users::{self, UserId};

pub mod http;
mod rules;
mod store;

/// The id of an invitation.
pub type GuestId = Id<Guest>;

/// The invitation of a guest auditor to a task.
#[derive(Debug, Clone, HasQuery, Insertable, AsChangeset, Identifiable, Serialize, ToSchema)]
#[diesel(table_name = audit_guests)]
#[diesel(treat_none_as_null = true)]
#[schema(as = AuditGuest)]
pub struct Guest {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: GuestId,
    /// The audit task.
    #[schema(value_type = String, format = "uuid")]
    pub task_id: TaskId,
    /// The account that is let in.
    #[schema(value_type = String, format = "uuid")]
    pub user_id: UserId,
    /// First day.
    pub from_on: Date,
    /// Last day.
    pub until_on: Date,
    /// Who invited.
    #[schema(value_type = String, format = "uuid")]
    pub granted_by: UserId,
    /// When.
    pub granted_at: Timestamp,
    /// When it was ended, before or after it ran out.
    pub ended_at: Option<Timestamp>,
    /// By whom.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub ended_by: Option<UserId>,
    /// Version, for `If-Match`.
    pub version: i32,
}

input! {
    /// Whom to let in.
    #[schema(as = NewAuditGuest)]
    pub struct NewGuest {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<GuestId>,
        /// The account: a guest auditor.
        #[schema(value_type = String, format = "uuid")]
        pub user_id: UserId,
        /// Last day: within the days of the policy from today on.
        #[schema(example = "2020-06-30")]
        pub until: Date,
    }
}

/// Lets a guest auditor in, from today on: an auditor of the unit that audits, and one invitation at a time.
fn invite(tx: &mut Tx, id: GuestId, task: &Task, new: &NewGuest) -> Result<Guest> {
    task_rules::own_task(tx.actor.organization_id, task.organization_id)?;
    task_rules::not_done(task.status)?;
    let today = tx.today();
    let days = policies::in_force::<Audit>(tx, today)?.1.guest_days;
    rules::until(new.until, today, days)?;
    let account = match users::find(tx, new.user_id) {
        Err(Error::NotFound(_)) => Err(Error::unknown_reference("/user_id")),
        found => found,
    }?;
    rules::is_guest(&account.roles.0, account.disabled)?;
    if let Some(last) = store::open_of(tx, account.id)? {
        rules::has_run_out(last.until_on, today)?;
        end(tx, last)?;
    }
    let guest = Guest {
        id,
        task_id: task.id,
        user_id: account.id,
        from_on: today,
        until_on: new.until,
        granted_by: tx.actor.user()?,
        granted_at: tx.now,
        ended_at: None,
        ended_by: None,
        version: 1,
    };
    store::insert(tx, &guest)?;
    event("audit_guest.invited", &guest, task)
        .field("task_id", &guest.task_id)
        .field("user_id", &guest.user_id)
        .field("until_on", &guest.until_on)
        .record(tx)?;
    Ok(guest)
}

/// Ends an invitation at once.
fn revoke(tx: &mut Tx, guest: Guest, task: &Task) -> Result<Guest> {
    task_rules::own_task(tx.actor.organization_id, task.organization_id)?;
    rules::not_ended(guest.ended_at.is_some())?;
    end(tx, guest)
}

fn end(tx: &mut Tx, mut guest: Guest) -> Result<Guest> {
    guest.ended_at = Some(tx.now);
    guest.ended_by = Some(tx.actor.user()?);
    store::update(tx, &mut guest)?;
    let audited = store::audited(tx, guest.task_id)?;
    Event::of("audit_guest.ended", "audit_guest", guest.id)
        .organization(audited)
        .version(guest.version)
        .field("ended_at", &guest.ended_at)
        .record(tx)?;
    Ok(guest)
}

/// Makes sure that the actor is a guest of this task today.
pub(super) fn invited(tx: &mut Tx, task: TaskId) -> Result<()> {
    let (user, today) = (tx.actor.user()?, tx.today());
    let guest = store::open_of(tx, user)?;
    rules::of_task(guest.is_some_and(|guest| guest.task_id == task && guest.until_on >= today))
}

fn event(action: &'static str, guest: &Guest, task: &Task) -> Event {
    Event::of(action, "audit_guest", guest.id)
        .organization(task.audited_organization_id)
        .version(guest.version)
}
