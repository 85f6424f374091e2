//! The one connection type for both databases, and the two ways to use it: [`Db::read`] and [`Db::write`].
//!
//! Reads run on connections that cannot write. A write is one transaction with one actor and one moment. This is
//! the only module that knows which database it talks to.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use chrono::FixedOffset;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::r2d2::{ManageConnection, Pool, PooledConnection, R2D2Connection};

use crate::auth::{Actor, Scope};
use crate::error::{Error, Result};
use crate::keyring::Keyring;

mod backup;
mod copy;
mod migrations;
pub mod page;
pub mod schema;
mod series;
pub mod types;

pub use backup::backup;
pub use copy::copy;
pub use migrations::{Drift, drift, migrate};
pub use series::next_number;
use types::{Date, Id, Timestamp};

mod multi {
    #![allow(missing_docs)] // of what the derive makes

    /// A connection to either database; diesel writes the right dialect at run time.
    #[derive(diesel::MultiConnection)]
    pub enum Conn {
        /// The embedded database of a county office.
        Sqlite(diesel::SqliteConnection),
        /// The database server of a city or province.
        Postgres(diesel::PgConnection),
    }
}
pub use multi::{Conn, MultiBackend};

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Read,
    Write,
}

/// Whether `url` names a PostgreSQL server; everything else is the path of an SQLite file.
pub fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

impl Conn {
    /// A connection for maintenance: may write. Chosen by URL scheme: the derived `establish` would try each
    /// backend in turn, and SQLite would happily create a file called `postgres:`.
    pub fn open(url: &str) -> ConnectionResult<Self> {
        Self::open_for(url, Purpose::Write)
    }

    fn open_for(url: &str, purpose: Purpose) -> ConnectionResult<Self> {
        let mut conn = if is_postgres(url) {
            Self::Postgres(diesel::PgConnection::establish(url)?)
        } else {
            Self::Sqlite(diesel::SqliteConnection::establish(url)?)
        };
        conn.batch_execute(conn.settings(purpose))
            .map_err(ConnectionError::CouldntSetupConfiguration)?;
        Ok(conn)
    }

    /// `synchronous = FULL`: an acknowledged write survives a power cut. The auditor's promise that a read can't
    /// write is kept here, for every read of every role.
    fn settings(&self, purpose: Purpose) -> &'static str {
        const SQLITE: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
             PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON; PRAGMA cache_size = -262144;";
        const SQLITE_READ: &str = "PRAGMA busy_timeout = 5000; PRAGMA temp_store = MEMORY; PRAGMA query_only = ON; PRAGMA cache_size = -16384;";
        const POSTGRES: &str =
            "SET TIME ZONE 'UTC'; SET lock_timeout = '10s'; SET statement_timeout = '60s';";
        const POSTGRES_READ: &str = "SET TIME ZONE 'UTC'; SET statement_timeout = '60s'; \
             SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY;";
        match (self, purpose) {
            (Self::Sqlite(_), Purpose::Write) => SQLITE,
            (Self::Sqlite(_), Purpose::Read) => SQLITE_READ,
            (Self::Postgres(_), Purpose::Write) => POSTGRES,
            (Self::Postgres(_), Purpose::Read) => POSTGRES_READ,
        }
    }

    /// Begins a transaction that may write. SQLite must take its write lock at once: upgrading a read transaction
    /// later fails with `SQLITE_BUSY` instead of waiting.
    fn begin(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"),
            Self::Postgres(c) => AnsiTransactionManager::begin_transaction(c),
        }
    }

    /// Takes the lock `name` until the transaction ends, or says `false` if another transaction has it.
    fn try_lock(&mut self, name: &str) -> QueryResult<bool> {
        match self {
            // `BEGIN IMMEDIATE` already excludes every other writer
            Self::Sqlite(_) => Ok(true),
            Self::Postgres(c) => diesel::select(
                diesel::dsl::sql::<diesel::sql_types::Bool>("pg_try_advisory_xact_lock(hashtextextended(")
                    .bind::<diesel::sql_types::Text, _>(name)
                    .sql(", 0))"),
            )
            .get_result(c),
        }
    }

    /// Takes the lock `name` until the transaction ends, waiting for whoever has it. Says whether others may have
    /// written since the transaction began, so that what was read before is to be read again.
    fn lock(&mut self, name: &str) -> QueryResult<bool> {
        match self {
            Self::Sqlite(_) => Ok(false),
            Self::Postgres(c) => diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
                .bind::<diesel::sql_types::Text, _>(name)
                .execute(c)
                .map(|_| true),
        }
    }
}

/// A pooled connection that remembers whether it has failed, so that it is not handed out again.
pub struct Slot {
    conn: Conn,
    broken: bool,
}

struct Manager {
    url: String,
    purpose: Purpose,
}

impl ManageConnection for Manager {
    type Connection = Slot;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> std::result::Result<Slot, Self::Error> {
        let conn = Conn::open_for(&self.url, self.purpose).map_err(diesel::r2d2::Error::ConnectionError)?;
        Ok(Slot { conn, broken: false })
    }
    fn is_valid(&self, slot: &mut Slot) -> std::result::Result<(), Self::Error> {
        slot.conn.ping().map_err(diesel::r2d2::Error::QueryError)
    }
    fn has_broken(&self, slot: &mut Slot) -> bool {
        slot.broken || slot.conn.is_broken()
    }
}

/// Where the time comes from.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How to open the database.
#[derive(Clone)]
pub struct Options {
    /// `postgres://…`, or the path of an SQLite file.
    pub url: String,
    /// Connections for reads.
    pub readers: u32,
    /// Connections for writes; SQLite has one whatever this says.
    pub writers: u32,
    /// The zone whose days, months and years count.
    pub zone: FixedOffset,
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    readers: Pool<Manager>,
    writers: Pool<Manager>,
    keys: Arc<Keyring>,
    clock: Clock,
    zone: FixedOffset,
}

/// What a read has at hand: a connection that cannot write, the keys, the moment, and how far the reader may see.
pub struct Rx<'c> {
    /// The connection.
    pub conn: &'c mut Conn,
    /// Keys for personal data.
    pub keys: &'c Keyring,
    /// The moment of this unit of work.
    pub now: Timestamp,
    /// The zone whose days count.
    pub zone: FixedOffset,
    /// What the actor may see; every query narrows by it (rule 3).
    pub scope: Scope,
}

impl Rx<'_> {
    /// The present day in the configured zone.
    pub fn today(&self) -> Date {
        self.now.date(self.zone)
    }
}

/// A unit of work: one transaction, one actor, one moment. Functions that write take it, so nothing is written
/// outside a transaction.
pub struct Tx<'c> {
    rx: Rx<'c>,
    /// Who does it.
    pub actor: Actor,
    /// The request it belongs to, for the log.
    pub request_id: String,
}

impl<'c> Deref for Tx<'c> {
    type Target = Rx<'c>;
    fn deref(&self) -> &Rx<'c> {
        &self.rx
    }
}
impl DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.rx
    }
}

impl Tx<'_> {
    /// A new id for something made in this unit of work.
    pub fn new_id<T>(&self) -> Id<T> {
        Id::new(self.now)
    }

    /// Takes the lock `name` until the transaction ends, or says `false` if another transaction has it.
    pub fn try_lock(&mut self, name: &str) -> Result<bool> {
        Ok(self.conn.try_lock(name)?)
    }

    /// Takes the lock `name` until the transaction ends, waiting for whoever has it. Says whether others may have
    /// written since the transaction began, so that what was read before is to be read again.
    pub fn lock(&mut self, name: &str) -> Result<bool> {
        Ok(self.conn.lock(name)?)
    }
}

impl Db {
    /// Opens the pools; no connection is made until the first is needed.
    pub fn open(options: &Options, keys: Arc<Keyring>, clock: Clock) -> Self {
        let pool = |purpose, size: u32| {
            Pool::builder()
                .max_size(size)
                .min_idle(Some(0))
                .connection_timeout(Duration::from_secs(3))
                // a broken connection is noticed by its first failure, not by a round trip before each use
                .test_on_check_out(false)
                .error_handler(Box::new(diesel::r2d2::NopErrorHandler))
                .build_unchecked(Manager {
                    url: options.url.clone(),
                    purpose,
                })
        };
        let writers = if is_postgres(&options.url) {
            options.writers
        } else {
            1
        };
        Self {
            readers: pool(Purpose::Read, options.readers),
            writers: pool(Purpose::Write, writers),
            keys,
            clock,
            zone: options.zone,
        }
    }

    /// The same database at another moment: for tests and for demo data.
    #[must_use]
    pub fn at(&self, clock: Clock) -> Self {
        Self {
            clock,
            ..self.clone()
        }
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// The zone whose days count.
    pub fn zone(&self) -> FixedOffset {
        self.zone
    }

    /// Keys for personal data.
    pub fn keys(&self) -> &Arc<Keyring> {
        &self.keys
    }

    /// Connections in use and in all, of the readers and of the writers.
    pub fn pool_use(&self) -> [(&'static str, u32, u32); 2] {
        let used = |pool: &Pool<Manager>| {
            let state = pool.state();
            (state.connections - state.idle_connections, state.connections)
        };
        let (readers, writers) = (used(&self.readers), used(&self.writers));
        [("read", readers.0, readers.1), ("write", writers.0, writers.1)]
    }

    /// Runs `work` on a blocking thread, on a connection that cannot write.
    pub async fn read<T: Send + 'static>(
        &self,
        scope: Scope,
        work: impl FnOnce(&mut Rx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let db = self.clone();
        web::block(move || db.read_blocking(scope, work)).await?
    }

    /// [`Db::read`] for callers that are on a blocking thread already.
    pub fn read_blocking<T>(&self, scope: Scope, work: impl FnOnce(&mut Rx) -> Result<T>) -> Result<T> {
        let mut slot = self.readers.get()?;
        let mut rx = Rx {
            conn: &mut slot.conn,
            keys: &self.keys,
            now: self.now(),
            zone: self.zone,
            scope,
        };
        let done = work(&mut rx);
        retire_if_broken(&mut slot, &done);
        done
    }

    /// Runs `work` on a blocking thread inside one transaction, and commits if it returns `Ok`.
    pub async fn write<T: Send + 'static>(
        &self,
        actor: Actor,
        request_id: String,
        work: impl FnOnce(&mut Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let db = self.clone();
        web::block(move || db.write_blocking(actor, request_id, work)).await?
    }

    /// [`Db::write`] for callers that are on a blocking thread already.
    pub fn write_blocking<T>(
        &self,
        actor: Actor,
        request_id: String,
        work: impl FnOnce(&mut Tx) -> Result<T>,
    ) -> Result<T> {
        let mut slot = self.begin()?;
        let done = self.transact(&mut slot, actor, request_id, work);
        retire_if_broken(&mut slot, &done);
        done
    }

    /// A writer with its transaction begun. Connections that died while they were idle are thrown away on the way:
    /// after a restart of the database server the first writers don't pay for it.
    fn begin(&self) -> Result<PooledConnection<Manager>> {
        let mut dead = 0;
        loop {
            let mut slot = self.writers.get()?;
            match slot.conn.begin().map_err(Error::from) {
                Ok(()) => return Ok(slot),
                Err(Error::Unavailable(_)) if dead < self.writers.max_size() => {
                    slot.broken = true;
                    dead += 1;
                }
                Err(error) => {
                    slot.broken = true;
                    return Err(error);
                }
            }
        }
    }

    fn transact<T>(
        &self,
        slot: &mut Slot,
        actor: Actor,
        request_id: String,
        work: impl FnOnce(&mut Tx) -> Result<T>,
    ) -> Result<T> {
        type Manager = <Conn as Connection>::TransactionManager;
        // the moment is read after the lock is taken, so that on SQLite later writes carry later times
        let scope = actor.scope.clone();
        let rx = Rx {
            conn: &mut slot.conn,
            keys: &self.keys,
            now: self.now(),
            zone: self.zone,
            scope,
        };
        match work(&mut Tx {
            rx,
            actor,
            request_id,
        }) {
            Ok(done) => {
                if let Err(error) = Manager::commit_transaction(&mut slot.conn) {
                    // a commit that failed on a full disk leaves SQLite's transaction open
                    let _ = Manager::rollback_transaction(&mut slot.conn);
                    slot.broken = true;
                    return Err(error.into());
                }
                Ok(done)
            }
            Err(refused) => {
                slot.broken |= Manager::rollback_transaction(&mut slot.conn).is_err();
                Err(refused)
            }
        }
    }
}

fn retire_if_broken<T>(slot: &mut PooledConnection<Manager>, done: &Result<T>) {
    slot.broken |= matches!(done, Err(Error::Unavailable(_)));
}

/// Runs `work` behind a savepoint: `None` when a uniqueness constraint forbids it, and the transaction goes on, so
/// that the refusal can name what is there already.
pub fn unless_taken<T>(tx: &mut Tx, work: impl FnOnce(&mut Conn) -> QueryResult<T>) -> Result<Option<T>> {
    use diesel::result::{DatabaseErrorKind, Error as DieselError};
    match tx.conn.transaction(work) {
        Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(None),
        done => Ok(Some(done?)),
    }
}

/// Turns the violation of a uniqueness constraint into `refusal`: the index is the backstop of a check that two
/// concurrent writers both passed.
pub fn unique<T>(done: QueryResult<T>, refusal: impl FnOnce() -> Error) -> Result<T> {
    use diesel::result::{DatabaseErrorKind, Error as DieselError};
    match done {
        Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Err(refusal()),
        other => Ok(other?),
    }
}
