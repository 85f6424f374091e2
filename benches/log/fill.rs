//! A log of made-up events, written by the database itself: one INSERT per table, its indexes built afterwards.

use bangfu::audit::tree::Frontier;
use bangfu::db::{Conn, is_postgres};
use bangfu::keyring::hex;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;

/// Events that concern a person.
pub const PER_PERSON: i64 = 100;
/// Events of an account.
pub const PER_ACCOUNT: i64 = 10_000;
/// One event in so many is no change but a look.
const PER_LOOK: i64 = 50;

#[derive(QueryableByName)]
struct Index {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    sql: String,
}

/// The indexes of the tables that are filled, but those of keys.
fn indexes(conn: &mut Conn, postgres: bool) -> Vec<Index> {
    let listed = if postgres {
        "SELECT indexname AS name, indexdef AS sql FROM pg_indexes WHERE tablename IN ('audit_events', 'event_people', 'event_looks') \
         AND indexname NOT LIKE '%_pkey' AND indexname NOT LIKE '%_key' AND schemaname = 'public'"
    } else {
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL \
         AND tbl_name IN ('audit_events', 'event_people', 'event_looks')"
    };
    diesel::sql_query(listed).load(conn).expect("the indexes")
}

/// The id of an account, by its number.
pub fn account(n: i64) -> String {
    format!("01900000-0000-7000-8001-{n:012x}")
}

/// The id of what a person's events are about.
pub fn subject(person: i64) -> String {
    format!("01900000-0000-7000-8002-{person:012x}")
}

/// The digest of a person; in the order of the numbers, so that the key is written in its order.
pub fn person(n: i64) -> String {
    format!("{n:064x}")
}

/// Fills an empty log with `events` events in a unit: person after person, their events spread over the whole time.
pub fn fill(conn: &mut Conn, url: &str, unit: &str, events: i64) {
    let postgres = is_postgres(url);
    let hex = |digits: i64, n: &str| match postgres {
        true => format!("lpad(to_hex({n}), {digits}, '0')"),
        false => format!("printf('%0{digits}x', {n})"),
    };
    let (people, accounts) = (events / PER_PERSON, (events / PER_ACCOUNT).max(1));
    // the i-th row is the (i % 100)-th event of person i / 100
    let place = format!("((i % {PER_PERSON}) * {people} + i / {PER_PERSON})");
    let at = match postgres {
        true => format!("timestamp '2020-01-01' + {place} * interval '1 second'"),
        false => format!("strftime('%Y-%m-%d %H:%M:%S', 1577836800 + {place}, 'unixepoch')"),
    };
    let rows = match postgres {
        true => format!("generate_series(0, {events}::bigint - 1) AS rows (i)"),
        false => format!(
            "(WITH RECURSIVE rows (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM rows WHERE i < {events} - 1) SELECT i FROM rows)"
        ),
    };
    let id = format!("'01900000-0000-7000-8000-' || {}", hex(12, &place));
    let actor = format!(
        "'01900000-0000-7000-8001-' || {}",
        hex(12, &format!("{place} % {accounts}"))
    );
    let subject = format!(
        "'01900000-0000-7000-8002-' || {}",
        hex(12, &format!("i / {PER_PERSON}"))
    );
    let digest = hex(64, &format!("i / {PER_PERSON}"));
    let hash = hex(64, &place);
    let looks = format!("{place} / {accounts} % {PER_LOOK} = 0");
    let action = format!("CASE WHEN {looks} THEN 'member.revealed' ELSE 'member.changed' END");
    let dropped = indexes(conn, postgres);
    for index in &dropped {
        conn.batch_execute(&format!("DROP INDEX {}", index.name))
            .expect("no index");
    }
    for insert in [
        format!(
            "INSERT INTO audit_events (id, seq, at, actor_id, actor_role, organization_id, action, subject_type, subject_id, \
             fields, before, reason, request_id, hash) \
             SELECT {id}, {place} + 1, {at}, {actor}, 'caseworker', '{unit}', {action}, 'member', {subject}, '{{}}', '{{}}', NULL, 'r', {hash} FROM {rows}"
        ),
        format!("INSERT INTO event_people (person, at, event_id) SELECT {digest}, {at}, {id} FROM {rows}"),
        format!(
            "INSERT INTO event_looks (actor_id, look, at, event_id) SELECT {actor}, 'seen', {at}, {id} FROM {rows} WHERE {looks}"
        ),
    ] {
        conn.batch_execute(&insert).expect("events");
    }
    for index in &dropped {
        conn.batch_execute(&index.sql).expect("an index");
    }
    nodes(conn, events);
    conn.batch_execute("ANALYZE").expect("statistics");
}

/// The kept nodes of the tree over the made-up hashes: of the n-th leaf, the number n.
fn nodes(conn: &mut Conn, events: i64) {
    let (mut tree, mut rows) = (Frontier::default(), Vec::new());
    for n in 0..u64::try_from(events).expect("a number") {
        let mut leaf = [0; 32];
        leaf[24..].copy_from_slice(&n.to_be_bytes());
        tree.grow(leaf, |(level, place), root| {
            if level % 8 == 0 {
                rows.push(format!("({level}, {place}, '{}')", hex(root)));
            }
        });
    }
    for some in rows.chunks(500) {
        let insert = format!(
            "INSERT INTO audit_nodes (level, place, hash) VALUES {}",
            some.join(", ")
        );
        conn.batch_execute(&insert).expect("nodes");
    }
}
