//! A database and keyring of its own, and the program run on them.
//!
//! `BANGFU_TEST_POSTGRES` names a throw-away server (see `scripts/test`); without it the database is SQLite.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread::JoinHandle;

use bangfu::db::Conn;
use bangfu::db::types::Timestamp;
use bangfu::db::{Db, Options};
use bangfu::keyring::Keyring;
use chrono::FixedOffset;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde_json::{Value, json};

use crate::client::{Client, Request};

/// Where a program keeps its data; empty until the program is run.
pub struct Installation {
    dir: tempfile::TempDir,
    database: Option<String>,
}

impl Installation {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let database = std::env::var("BANGFU_TEST_POSTGRES").ok().map(|server| {
            let name = format!("service_{}", uuid::Uuid::now_v7().simple());
            let mut admin = Conn::open(&format!("{server}/postgres")).unwrap();
            admin.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
            format!("{server}/{name}")
        });
        Self { dir, database }
    }

    pub fn on_postgres(&self) -> bool {
        self.database.is_some()
    }

    /// The folder of everything.
    pub fn folder(&self) -> &Path {
        self.dir.path()
    }

    /// The folder of the program's data.
    pub fn data(&self) -> PathBuf {
        self.folder().join("data")
    }

    /// For [`Conn::open`].
    pub fn url(&self) -> String {
        let file = || self.data().join("bangfu.db").display().to_string();
        self.database.clone().unwrap_or_else(file)
    }

    /// What DATABASE_URL says: nothing on SQLite.
    pub fn database_url(&self) -> &str {
        self.database.as_deref().unwrap_or_default()
    }

    /// The program with its settings in the environment; hashes are cheap.
    fn command<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bangfu"));
        command
            .args(arguments)
            .current_dir(self.folder())
            .env("BANGFU_DATA", self.data())
            .env("BANGFU_ARGON2_MEMORY_KIB", "64")
            .env("DATABASE_URL", self.database_url());
        command
    }

    /// Runs the program to its end, with these lines typed in.
    pub fn run(&self, arguments: &[&str], typed: &str) -> Output {
        let mut command = self.command(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    /// Runs the program, which must succeed; what it says.
    pub fn said(&self, arguments: &[&str], typed: &str) -> String {
        let done = self.run(arguments, typed);
        let (said, complained) = (text(&done.stdout), text(&done.stderr));
        assert!(done.status.success(), "{arguments:?}: {said}{complained}");
        said
    }

    /// Runs the program, which must fail; what it complains of.
    pub fn complained(&self, arguments: &[&str]) -> String {
        let done = self.run(arguments, "");
        assert!(!done.status.success(), "{arguments:?}: {}", text(&done.stdout));
        text(&done.stderr)
    }

    /// The same database, without the program.
    pub fn db(&self) -> Db {
        let options = Options {
            url: self.url(),
            readers: 2,
            writers: 2,
            zone: FixedOffset::east_opt(8 * 3600).unwrap(),
        };
        let keys = Keyring::load(&self.data().join("keyring.json")).unwrap();
        Db::open(&options, Arc::new(keys), Arc::new(Timestamp::now))
    }

    /// The number that a statement `SELECT … AS n` gives.
    pub fn number(&self, sql: &str) -> i64 {
        #[derive(QueryableByName)]
        struct Number {
            #[diesel(sql_type = BigInt)]
            n: i64,
        }
        let mut conn = Conn::open(&self.url()).unwrap();
        let number = diesel::sql_query(sql).get_result::<Number>(&mut conn);
        number.unwrap().n
    }

    /// Starts the program (`serve` or `demo`) and waits until it says that it serves.
    pub fn start(&self, arguments: &[&str]) -> Running {
        self.start_armed(arguments, "")
    }

    /// The same, to end itself at a point (`bangfu::failpoint`).
    pub fn start_armed(&self, arguments: &[&str], point: &str) -> Running {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let mut command = self.command(arguments);
        command
            .env("BANGFU_LISTEN", address.to_string())
            .env("BANGFU_LOG", "debug")
            .env("BANGFU_FAIL_AT", point);
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (serves, wait) = channel();
        let log = std::thread::spawn(move || {
            let mut log = String::new();
            for line in lines.map_while(Result::ok) {
                if line.contains("\"serving\"") {
                    let _ = serves.send(());
                }
                log.push_str(&line);
                log.push('\n');
            }
            log
        });
        if wait.recv().is_err() {
            let _ = child.wait();
            panic!("{arguments:?} ended: {}", log.join().unwrap());
        }
        let log = Some(log);
        Running { child, address, log }
    }

    /// Checks the log of events from the command line.
    pub fn verify(&self) {
        let said = self.said(&["audit", "verify"], "");
        assert!(said.starts_with("the log is whole"), "{said}");
    }
}

/// A program that serves; it ends with this value.
pub struct Running {
    child: Child,
    address: SocketAddr,
    log: Option<JoinHandle<String>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn client(&self) -> Client {
        Client::connect(self.address).unwrap()
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until it has ended itself.
    pub fn ended(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Asks as a container's health check does.
    pub fn is_healthy(&self, installation: &Installation) -> bool {
        let address = self.address.to_string();
        let asked = installation.run(&["health", "--listen", &address], "");
        asked.status.success()
    }

    /// Signs in; the header's value.
    pub fn sign_in(&self, username: &str, password: &str) -> String {
        let form = format!("grant_type=password&username={username}&password={password}");
        let headers = [("Content-Type", "application/x-www-form-urlencoded")];
        let request = Request::new("POST", "/api/v1/auth/token", &headers, &form);
        let answer = self.client().json(&request);
        format!("Bearer {}", answer["access_token"].as_str().unwrap())
    }

    /// Stops it as a service manager does; what it logged.
    pub fn stop(mut self) -> String {
        let pid = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(told.success());
        let status = self.child.wait().unwrap();
        let log = self.log.take().unwrap().join().unwrap();
        assert_eq!(
            status.code(),
            Some(0),
            "SIGTERM stops the service gracefully: {log}"
        );
        log
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

pub fn get(path: &str, bearer: &str) -> Request {
    Request::new("GET", &format!("/api/v1{path}"), &[("Authorization", bearer)], "")
}

pub fn post(path: &str, bearer: &str, body: &Value) -> Request {
    let headers = [("Authorization", bearer), ("Content-Type", "application/json")];
    Request::new("POST", &format!("/api/v1{path}"), &headers, &body.to_string())
}

/// A unit below `parent`.
pub fn unit(id: &str, parent: &str, code: &str) -> Value {
    json!({ "id": id, "parent_id": parent, "kind": "basic", "name": format!("基层工会{code}"), "code": code })
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
