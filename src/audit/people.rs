//! Whom an event concerns, and how it was looked at: beside the log, by digest, so that a question about one person or one
//! account is one read along an index however long the log is.

use diesel::prelude::*;
use diesel::sql_types;

use super::{Event, Look, Record};
use crate::db::schema::{event_looks, event_people};
use crate::db::{MultiBackend, Rx, Tx};
use crate::error::Result;

/// People noted by one statement: an export of ten thousand lines is a hundred of them.
const AT_ONCE: usize = 100;

/// Notes whom an event concerns.
pub(super) fn note(tx: &mut Tx, event: &Record, mut people: Vec<String>) -> Result<()> {
    people.retain(|person| !person.is_empty());
    people.sort_unstable();
    people.dedup();
    for some in people.chunks(AT_ONCE) {
        let rows: Vec<_> = (0..some.len())
            .map(|n| format!("(${}, ${}, ${})", 3 * n + 1, 3 * n + 2, 3 * n + 3))
            .collect();
        let insert = format!(
            "INSERT INTO event_people (person, at, event_id) VALUES {}",
            rows.join(", ")
        );
        let mut insert = diesel::sql_query(insert).into_boxed::<MultiBackend>();
        for person in some {
            insert = insert
                .bind::<sql_types::Text, _>(person.clone())
                .bind::<sql_types::Timestamp, _>(event.at)
                .bind::<sql_types::Text, _>(event.id);
        }
        insert.execute(tx.conn)?;
    }
    Ok(())
}

/// Notes that an event changed nothing but was a look, by its actor.
pub(super) fn note_look(tx: &mut Tx, event: &Record) -> Result<()> {
    let look = Look::of(&event.action);
    let Some(actor) = event.actor_id.filter(|_| look != Look::Changed) else {
        return Ok(());
    };
    let row = (
        event_looks::actor_id.eq(actor),
        event_looks::look.eq(look),
        event_looks::at.eq(event.at),
        event_looks::event_id.eq(event.id),
    );
    diesel::insert_into(event_looks::table)
        .values(row)
        .execute(tx.conn)?;
    Ok(())
}

/// Whom these events concern.
pub fn concerned(rx: &mut Rx, events: &[Record]) -> Result<Vec<String>> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<_> = events.iter().map(|event| event.id).collect();
    let people = event_people::table.filter(event_people::event_id.eq_any(ids));
    Ok(people.select(event_people::person).distinct().load(rx.conn)?)
}

/// That somebody read in the log about one subject, and what was shown: it concerns whom the shown events concern, and
/// belongs where they do.
pub(super) fn read_about(rx: &mut Rx, subject_id: Option<String>, shown: &[Record]) -> Result<Event> {
    let Some(subject_id) = subject_id else {
        return Ok(Event::of::<()>("audit.read", "audit_log", None));
    };
    let first = shown.first();
    let subject_type = first.map_or("record", |event| &event.subject_type);
    let mut event = Event::about("audit.read", subject_type, subject_id).people(concerned(rx, shown)?);
    if let Some(unit) = first.and_then(|event| event.organization_id) {
        event = event.organization(unit);
    }
    Ok(event)
}
