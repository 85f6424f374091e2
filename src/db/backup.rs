//! A consistent copy of the embedded database while it is in use.

use std::path::Path;

use diesel::prelude::*;

use super::Conn;
use crate::error::{Error, Result};

/// Writes a consistent copy of an SQLite database to `target`, which must not exist yet. On PostgreSQL the answer
/// is the command to use instead.
pub fn backup(conn: &mut Conn, target: &Path) -> Result<Option<&'static str>> {
    match conn {
        Conn::Postgres(_) => Ok(Some("pg_dump --format=custom --file=FILE \"$DATABASE_URL\"")),
        Conn::Sqlite(_) if target.exists() => Err(Error::internal(
            "the file exists already; backups never overwrite",
        )),
        Conn::Sqlite(c) => {
            let name = target
                .to_str()
                .ok_or_else(|| Error::internal("the file name is not UTF-8"))?;
            diesel::sql_query("VACUUM INTO ?")
                .bind::<diesel::sql_types::Text, _>(name)
                .execute(c)?;
            Ok(None)
        }
    }
}
