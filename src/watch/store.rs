//! Events by person and by account, in SQL.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::Watcher;
use crate::audit::{Look, Record};
use crate::db::Rx;
use crate::db::page::{Ask, Page};
use crate::db::schema::{audit_events, event_looks, event_people, organizations, users};
use crate::db::types::{Id, Timestamp};
use crate::error::{Error, Result};
use crate::organizations::OrganizationId;
use crate::users::UserId;
use crate::{say, within};

/// A time to look at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Window {
    /// From this time on.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub to: Option<Timestamp>,
}

impl Window {
    /// From one time on, before another.
    pub fn new(from: Option<Timestamp>, to: Option<Timestamp>) -> Result<Self> {
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            let detail = say!("不能早于 from", "must not be before `from`");
            return Err(Error::invalid("/to", "out_of_range", detail));
        }
        Ok(Self { from, to })
    }
}

/// The place of an event in a list: by time, then id.
type Place = Option<(Timestamp, Id<Record>)>;

/// Narrows a query to a window and to what comes after the last event seen, by the time and id of a table.
macro_rules! in_window {
    ($query:ident, $at:expr, $id:expr, $window:expr, $after:expr) => {
        if let Some(from) = $window.from {
            $query = $query.filter($at.ge(from));
        }
        if let Some(to) = $window.to {
            $query = $query.filter($at.lt(to));
        }
        if let Some((at, id)) = $after {
            $query = $query.filter($at.ge(at)).filter($at.gt(at).or($id.gt(id)));
        }
    };
}

/// A page of the events that concern somebody, by any of the digests: each once, oldest first.
pub fn of_people(rx: &mut Rx, persons: &[String], window: &Window, ask: &Ask) -> Result<Page<Record>> {
    let after = ask.after_key::<Timestamp, Record>()?;
    let mut found = Vec::new();
    for person in persons {
        found.extend(of_person(rx, person, window, after, ask.fetch())?);
    }
    found.sort_by_key(|event| (event.at, event.id));
    found.dedup_by_key(|event| event.id);
    found.truncate(usize::try_from(ask.fetch()).unwrap_or(usize::MAX));
    Ok(page(ask, found))
}

/// Every event that concerns somebody in a window, oldest first.
pub(super) fn all_of_people(rx: &mut Rx, persons: &[String], window: &Window) -> Result<Vec<Record>> {
    let mut found = Vec::new();
    for person in persons {
        found.extend(of_person(rx, person, window, None, i64::MAX)?);
    }
    found.sort_by_key(|event| (event.at, event.id));
    found.dedup_by_key(|event| event.id);
    Ok(found)
}

fn of_person(rx: &mut Rx, person: &str, window: &Window, after: Place, most: i64) -> Result<Vec<Record>> {
    let mut query = event_people::table
        .inner_join(audit_events::table)
        .filter(event_people::person.eq(person.to_owned()))
        .filter(audit_events::seq.is_not_null())
        .select(Record::as_select())
        .into_boxed();
    within!(one query, audit_events::organization_id.assume_not_null(), rx);
    in_window!(query, event_people::at, event_people::event_id, window, after);
    let in_order = query.order((event_people::at, event_people::event_id));
    Ok(in_order.limit(most).load(rx.conn)?)
}

/// A page of what an account did, oldest first: everything, one kind of look, or the changes.
pub fn of_user(
    rx: &mut Rx,
    user: UserId,
    kind: Option<Look>,
    window: &Window,
    ask: &Ask,
) -> Result<Page<Record>> {
    let after = ask.after_key::<Timestamp, Record>()?;
    let found = match kind {
        None | Some(Look::Changed) => {
            let mut query = Record::query()
                .filter(audit_events::actor_id.eq(user))
                .filter(audit_events::seq.is_not_null())
                .into_boxed();
            within!(one query, audit_events::organization_id.assume_not_null(), rx);
            if kind.is_some() {
                query = query.filter(audit_events::action.ne_all(Look::harmless()));
            }
            in_window!(query, audit_events::at, audit_events::id, window, after);
            let in_order = query.order((audit_events::at, audit_events::id));
            in_order.limit(ask.fetch()).load(rx.conn)?
        }
        Some(look) => {
            let mut query = event_looks::table
                .inner_join(audit_events::table)
                .filter(event_looks::actor_id.eq(user))
                .filter(event_looks::look.eq(look))
                .filter(audit_events::seq.is_not_null())
                .select(Record::as_select())
                .into_boxed();
            within!(one query, audit_events::organization_id.assume_not_null(), rx);
            in_window!(query, event_looks::at, event_looks::event_id, window, after);
            let in_order = query.order((event_looks::at, event_looks::event_id));
            in_order.limit(ask.fetch()).load(rx.conn)?
        }
    };
    Ok(page(ask, found))
}

fn page(ask: &Ask, found: Vec<Record>) -> Page<Record> {
    ask.page(found, |event| (event.at.to_string(), event.id.to_string()))
}

/// The accounts that did these events.
pub(super) fn watchers(rx: &mut Rx, events: &[Record]) -> Result<BTreeMap<UserId, Watcher>> {
    let ids: Vec<UserId> = events.iter().filter_map(|event| event.actor_id).collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<(UserId, String, OrganizationId, String)> = users::table
        .inner_join(organizations::table)
        .filter(users::id.eq_any(ids))
        .select((
            users::id,
            users::name,
            users::organization_id,
            organizations::name,
        ))
        .load(rx.conn)?;
    let watcher = |(id, name, organization_id, organization)| {
        let watcher = Watcher {
            id,
            name,
            organization_id,
            organization,
        };
        (id, watcher)
    };
    Ok(rows.into_iter().map(watcher).collect())
}
