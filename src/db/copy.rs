//! Everything of an embedded database into an empty one on a server: the quick way to fill the latter.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::Conn;
use crate::error::Result;

/// Rows per statement.
const ROWS: usize = 1000;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(conn: &mut Conn, sql: &str) -> QueryResult<Vec<String>> {
    let rows: Vec<Line> = diesel::sql_query(sql).load(conn)?;
    Ok(rows.into_iter().map(|row| row.line).collect())
}

/// Copies every row of the SQLite database `from` to the PostgreSQL database `to`, which has the same schema and
/// nothing in it but what the schema begins with. All of it or nothing: one transaction. The triggers stay out of
/// it, because what they keep is copied too.
pub fn copy(from: &mut Conn, to: &mut Conn) -> Result<()> {
    // rows refer only to rows written before them
    let tables = tables(from)?;
    to.transaction(|to| {
        for table in &tables {
            to.batch_execute(&format!("ALTER TABLE {table} DISABLE TRIGGER USER"))?;
        }
        for table in tables.iter().rev() {
            to.batch_execute(&format!("DELETE FROM {table}"))?;
        }
        for table in &tables {
            copy_table(from, to, table)?;
        }
        for table in &tables {
            to.batch_execute(&format!("ALTER TABLE {table} ENABLE TRIGGER USER"))?;
        }
        Ok(())
    })
}

/// Every table, each after those that it refers to.
fn tables(conn: &mut Conn) -> QueryResult<Vec<String>> {
    let names = lines(
        conn,
        "SELECT name AS line FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY rowid",
    )?;
    let (mut seen, mut ordered) = (BTreeSet::new(), Vec::new());
    for name in names {
        place(conn, name, &mut seen, &mut ordered)?;
    }
    Ok(ordered)
}

fn place(
    conn: &mut Conn,
    table: String,
    seen: &mut BTreeSet<String>,
    ordered: &mut Vec<String>,
) -> QueryResult<()> {
    if !seen.insert(table.clone()) {
        return Ok(());
    }
    let referred = format!("SELECT \"table\" AS line FROM pragma_foreign_key_list('{table}')");
    for other in lines(conn, &referred)? {
        place(conn, other, seen, ordered)?;
    }
    ordered.push(table);
    Ok(())
}

/// Copies a table, each row as a JSON object that PostgreSQL reads by the types of its own columns.
fn copy_table(from: &mut Conn, to: &mut Conn, table: &str) -> Result<()> {
    let columns = lines(
        from,
        &format!("SELECT name AS line FROM pragma_table_info('{table}')"),
    )?;
    let fields: Vec<_> = columns.iter().map(|name| format!("'{name}', {name}")).collect();
    let mut after = 0;
    loop {
        let page = format!(
            "SELECT json_object('rowid', rowid, {}) AS line FROM {table} WHERE rowid > {after} ORDER BY rowid LIMIT {ROWS}",
            fields.join(", ")
        );
        let rows = lines(from, &page)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last_rowid(last);
        let names = columns.join(", ");
        let insert = format!(
            "INSERT INTO {table} ({names}) SELECT {names} FROM json_populate_recordset(NULL::{table}, $1::json)"
        );
        diesel::sql_query(insert)
            .bind::<Text, _>(format!("[{}]", rows.join(",")))
            .execute(to)?;
    }
}

/// The row's number, with which its object begins.
fn last_rowid(row: &str) -> i64 {
    let digits = row.split([':', ',']).nth(1);
    digits.and_then(|number| number.parse().ok()).unwrap_or(i64::MAX)
}
