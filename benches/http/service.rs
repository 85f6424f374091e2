//! A service of its own on a fresh database full of demo data, and a second way to the same database.

use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bangfu::auth::password::Passwords;
use bangfu::db::types::Timestamp;
use bangfu::db::{self, Conn, Db, Options};
use bangfu::demo;
use bangfu::keyring::Keyring;
use chrono::FixedOffset;
use diesel::connection::SimpleConnection as _;

use crate::client::Client;

/// Connections of the direct way: as many as threads.
const DIRECT_CONNECTIONS: u32 = 64;

/// A running service; it ends with this value.
pub struct Service {
    pub households: usize,
    pub direct: Db,
    /// How long loading took, and how large the database file is, where there is one.
    pub loading: Duration,
    pub megabytes: Option<u64>,
    address: SocketAddr,
    child: Child,
    _folder: tempfile::TempDir,
}

impl Service {
    /// Loads the demo into SQLite, or into a new database of `server`, and starts the service on it.
    pub fn start(server: Option<&str>, households: usize) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let keyring = folder.path().join("keyring.json");
        Keyring::create(&keyring).expect("a keyring");
        let file = folder.path().join("bangfu.db");
        let url = match server {
            None => file.display().to_string(),
            Some(server) => {
                let name = format!("bench_{}_{households}", std::process::id());
                execute(&format!("{server}/postgres"), &format!("CREATE DATABASE {name}"));
                format!("{server}/{name}")
            }
        };
        db::migrate(&mut Conn::open(&url).expect("the database")).expect("the schema");
        let options = Options {
            url: url.clone(),
            readers: DIRECT_CONNECTIONS,
            writers: DIRECT_CONNECTIONS,
            zone: FixedOffset::east_opt(8 * 3600).expect("an offset"),
        };
        let keys = Arc::new(Keyring::load(&keyring).expect("the keyring"));
        let direct = Db::open(&options, keys, Arc::new(Timestamp::now));
        let passwords = Passwords::new(19_456, 2, 1, 2).expect("parameters");
        let begun = Instant::now();
        demo::load(&direct, &passwords, households, Timestamp::now(), |_, _| {}).expect("the demo");
        execute(&url, "ANALYZE");
        let loading = begun.elapsed();
        let megabytes = std::fs::metadata(&file).ok().map(|m| m.len() / 1_000_000);
        let (address, child) = serve(folder.path(), server.map(|_| url.as_str()));
        Self {
            households,
            direct,
            loading,
            megabytes,
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
fn serve(folder: &std::path::Path, url: Option<&str>) -> (SocketAddr, Child) {
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
