//! A service of its own on a fresh database full of demo data, and a second way to the same database.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bangfu::auth::password::Passwords;
use bangfu::db::types::Timestamp;
use bangfu::db::{self, Conn, Db, Options};
use bangfu::demo;
use bangfu::keyring::Keyring;
use chrono::FixedOffset;
use diesel::connection::SimpleConnection as _;

use crate::client::Client;

/// Services so far: each has a database of its own.
static SERVICES: AtomicUsize = AtomicUsize::new(0);

/// Connections of the direct way: as many as threads.
const DIRECT_CONNECTIONS: u32 = 64;

/// A demo of so many households, filled once: each service gets a copy.
pub struct Filled {
    pub households: usize,
    /// How long it took.
    pub took: Duration,
    pub megabytes: u64,
    folder: PathBuf,
    _temporary: Option<tempfile::TempDir>,
}

impl Filled {
    /// A demo of so many households: that in the folder of its number below `kept`, else a new one, which is kept there.
    pub fn with(households: usize, kept: Option<&Path>) -> Self {
        let temporary = kept
            .is_none()
            .then(|| tempfile::tempdir().expect("a temporary folder"));
        let folder = match (kept, &temporary) {
            (Some(kept), _) => kept.join(households.to_string()),
            (None, Some(temporary)) => temporary.path().to_owned(),
            (None, None) => unreachable!("one of the two is there"),
        };
        let there = folder.join("bangfu.db").exists();
        let mut filled = Self {
            households,
            took: Duration::ZERO,
            megabytes: 0,
            folder,
            _temporary: temporary,
        };
        if !there {
            filled.fill();
        }
        let size = std::fs::metadata(filled.database()).expect("the database").len();
        filled.megabytes = size / 1_000_000;
        filled
    }

    fn fill(&mut self) {
        let households = self.households;
        std::fs::create_dir_all(&self.folder).expect("the folder");
        Keyring::create(&self.folder.join("keyring.json"), None).expect("a keyring");
        let url = self.database();
        db::migrate(&mut Conn::open(&url).expect("the database")).expect("the schema");
        let (db, begun) = (self.open(&url), Instant::now());
        let passwords = Passwords::new(19_456, 2, 1, 2).expect("parameters");
        demo::load(&db, &passwords, households, Timestamp::now(), |_, _| {}).expect("the demo");
        self.took = begun.elapsed();
        execute(&url, "ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)");
    }

    fn database(&self) -> String {
        self.folder.join("bangfu.db").display().to_string()
    }

    fn open(&self, url: &str) -> Db {
        let options = Options {
            url: url.to_owned(),
            readers: DIRECT_CONNECTIONS,
            writers: DIRECT_CONNECTIONS,
            zone: FixedOffset::east_opt(8 * 3600).expect("an offset"),
        };
        let keys = Keyring::load(&self.folder.join("keyring.json")).expect("the keyring");
        Db::open(&options, Arc::new(keys), Arc::new(Timestamp::now))
    }
}

/// A running service; it ends with this value.
pub struct Service {
    pub households: usize,
    pub direct: Db,
    pub address: SocketAddr,
    child: Child,
    _folder: tempfile::TempDir,
}

impl Service {
    /// Starts the service on a copy of the demo, in SQLite or in a new database of `server`.
    pub fn start(server: Option<&str>, filled: &Filled) -> Self {
        Self::sealing_every(server, filled, None)
    }

    /// The same with a pause of so many milliseconds between two runs of the log's sealer.
    pub fn sealing_every(server: Option<&str>, filled: &Filled, pause: Option<u64>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let keyring = filled.folder.join("keyring.json");
        std::fs::copy(keyring, folder.path().join("keyring.json")).expect("the keyring");
        let url = match server {
            None => {
                let file = folder.path().join("bangfu.db");
                std::fs::copy(filled.database(), &file).expect("a copy");
                file.display().to_string()
            }
            Some(server) => {
                let name = format!(
                    "bench_{}_{}_{}",
                    std::process::id(),
                    filled.households,
                    SERVICES.fetch_add(1, Ordering::Relaxed)
                );
                execute(&format!("{server}/postgres"), &format!("CREATE DATABASE {name}"));
                let url = format!("{server}/{name}");
                let mut to = Conn::open(&url).expect("the database");
                db::migrate(&mut to).expect("the schema");
                let mut from = Conn::open(&filled.database()).expect("the demo");
                db::copy(&mut from, &mut to).expect("a copy");
                execute(&url, "VACUUM ANALYZE");
                url
            }
        };
        let (address, child) = serve(folder.path(), server.map(|_| url.as_str()), pause);
        Self {
            households: filled.households,
            direct: filled.open(&url),
            address,
            child,
            _folder: folder,
        }
    }

    /// A new connection.
    pub fn client(&self) -> Client {
        Client::connect(self.address).expect("a connection")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn execute(url: &str, sql: &str) {
    let mut conn = Conn::open(url).expect("the database");
    conn.batch_execute(sql).expect("a statement");
}

/// Starts the program as it is in production, with its log (one line per request) thrown away.
fn serve(folder: &std::path::Path, url: Option<&str>, pause: Option<u64>) -> (SocketAddr, Child) {
    let free = TcpListener::bind("127.0.0.1:0")
        .and_then(|l| l.local_addr())
        .expect("a port");
    let mut command = Command::new(env!("CARGO_BIN_EXE_bangfu"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("BANGFU_")) {
        command.env_remove(name);
    }
    command
        .arg("serve")
        .arg("--data")
        .arg(folder)
        .arg("--listen")
        .arg(free.to_string());
    command.env("DATABASE_URL", url.unwrap_or_default());
    if let Some(pause) = pause {
        command.env("BANGFU_SEAL_MILLISECONDS", pause.to_string());
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let child = command.spawn().expect("the program");
    let begun = Instant::now();
    while Client::connect(free).is_err() {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "the service does not start"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    (free, child)
}
