//! Schema migrations: the portable ones plus those of one dialect, in order of date.

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Conn, MultiBackend};
use crate::error::{Error, Result};

const COMMON: EmbeddedMigrations = embed_migrations!("migrations/common");
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

struct Migrations(EmbeddedMigrations);

impl MigrationSource<MultiBackend> for Migrations {
    fn migrations(&self) -> diesel::migration::Result<Vec<Box<dyn Migration<MultiBackend>>>> {
        let mut all = COMMON.migrations()?;
        all.extend(self.0.migrations()?);
        Ok(all)
    }
}

impl Migrations {
    fn of(conn: &Conn) -> Self {
        match conn {
            Conn::Sqlite(_) => Self(SQLITE),
            Conn::Postgres(_) => Self(POSTGRES),
        }
    }
}

/// How the schema of a database differs from the one this binary knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drift {
    /// Not at all.
    None,
    /// Migrations are pending.
    Behind,
    /// The database has migrations this binary does not know: the binary is too old for it.
    Ahead,
}

/// What a statement gives by the name of `text`.
#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    text: String,
}

/// The migrations that were run. Diesel's own function would make its table where there is none, which a connection
/// that only reads must not.
fn applied(conn: &mut Conn) -> Result<Vec<MigrationVersion<'static>>> {
    let table = match conn {
        Conn::Sqlite(_) => "SELECT name AS text FROM sqlite_master WHERE name = '__diesel_schema_migrations'",
        Conn::Postgres(_) => {
            "SELECT CAST(tablename AS TEXT) AS text FROM pg_tables \
             WHERE tablename = '__diesel_schema_migrations' AND schemaname = current_schema()"
        }
    };
    if diesel::sql_query(table).load::<Row>(conn)?.is_empty() {
        return Ok(Vec::new());
    }
    let rows = diesel::sql_query("SELECT CAST(version AS TEXT) AS text FROM __diesel_schema_migrations");
    let rows: Vec<Row> = rows.load(conn)?;
    Ok(rows.into_iter().map(|row| row.text.into()).collect())
}

/// Compares the schema with the one this binary knows.
pub fn drift(conn: &mut Conn) -> Result<Drift> {
    let known: Vec<_> =
        MigrationSource::<MultiBackend>::migrations(&Migrations::of(conn)).map_err(Error::internal)?;
    let known: Vec<MigrationVersion> = known.iter().map(|m| m.name().version().as_owned()).collect();
    let applied = applied(conn)?;
    Ok(
        match (
            applied.iter().all(|m| known.contains(m)),
            applied.len() == known.len(),
        ) {
            (false, _) => Drift::Ahead,
            (true, false) => Drift::Behind,
            (true, true) => Drift::None,
        },
    )
}

/// Runs pending migrations; safe when several copies start at once. Refuses a schema newer than this binary.
pub fn migrate(conn: &mut Conn) -> Result<()> {
    let (lock, unlock) = match conn {
        // each migration takes SQLite's write lock by itself, and a second process finds nothing pending
        Conn::Sqlite(_) => ("SELECT 1", "SELECT 1"),
        Conn::Postgres(_) => (
            "SELECT pg_advisory_lock(4205117)",
            "SELECT pg_advisory_unlock(4205117)",
        ),
    };
    conn.batch_execute(lock)?;
    let migrations = Migrations::of(conn);
    let done = match drift(conn)? {
        Drift::Ahead => Err(Error::internal(
            "the database is newer than this program: install the newer program",
        )),
        _ => conn
            .run_pending_migrations(migrations)
            .map(drop)
            .map_err(Error::internal),
    };
    conn.batch_execute(unlock)?;
    done
}
