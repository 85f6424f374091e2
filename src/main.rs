//! The command line of Bangfu.
#![allow(clippy::print_stdout)] // talking to the terminal is what a command line does

use std::error::Error as StdError;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use bangfu::app::{self, Shared};
use bangfu::audit;
use bangfu::auth::Scope;
use bangfu::config::{self, Logging, Serving, Storage};
use bangfu::db::types::Timestamp;
use bangfu::db::{self, Conn, Db, Drift};
use bangfu::keyring::Keyring;
use bangfu::telemetry;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

mod commands;

type Done = Result<(), Box<dyn StdError>>;

/// 帮扶 Bangfu: case management for trade unions that look after hardship workers (困难职工).
#[derive(Parser)]
#[command(version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API.
    Serve(Serve),
    /// Serve with demo data of a believable Wuhu, on this machine only.
    Demo(commands::Demo),
    /// Make the database's schema what this program needs.
    Migrate(Migrate),
    /// Look after accounts.
    #[command(subcommand)]
    User(User),
    /// Look after the log.
    #[command(subcommand)]
    Audit(Audit),
    /// Print the OpenAPI document.
    Openapi,
    /// Write a consistent copy of the SQLite database, also while it is in use.
    Backup(Backup),
    /// Make a new keyring file for personal data. Keep a copy apart from the database's backups.
    Keyring {
        /// The file to make.
        file: PathBuf,
        /// Name of the log in its checkpoints, such as zgh.example.cn/bangfu; a random one when empty.
        #[arg(long)]
        origin: Option<String>,
    },
    /// Print every setting, its value and where it comes from; secrets hidden.
    Config(Serve),
    /// Ask the service on the listen address whether it is ready: for container health checks.
    Health(Serve),
}

#[derive(Args)]
struct Serve {
    #[command(flatten)]
    storage: Storage,
    #[command(flatten)]
    serving: Serving,
    #[command(flatten)]
    logging: Logging,
}

#[derive(Args)]
struct Migrate {
    #[command(flatten)]
    storage: Storage,
    /// Only say whether the schema is what this program needs; exit code 1 when not.
    #[arg(long)]
    check: bool,
}

#[derive(Subcommand)]
enum User {
    /// Make the first administrators of a new installation. Asks for the ID number and the password; an empty password makes a one-time one.
    Create(commands::CreateUser),
}

#[derive(Subcommand)]
enum Audit {
    /// Check the whole log: every event, every number, every root of the tree.
    Verify {
        #[command(flatten)]
        storage: Storage,
    },
}

#[derive(Args)]
struct Backup {
    #[command(flatten)]
    storage: Storage,
    /// The file to write; it must not exist yet.
    file: PathBuf,
}

/// The command line. The demo's data never stands in the folder of a real installation, unless somebody names it.
fn command_line() -> clap::Command {
    let demo_data = |demo: clap::Command| demo.mut_arg("data", |data| data.default_value("demo-data"));
    Cli::command().mut_subcommand("demo", demo_data)
}

fn main() -> ExitCode {
    let matches = command_line().get_matches();
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let done = match cli.command {
        Command::Serve(settings) => serve(&settings),
        Command::Demo(settings) => commands::demo(&settings),
        Command::Migrate(settings) => migrate(&settings),
        Command::User(User::Create(settings)) => commands::create_user(&settings),
        Command::Audit(Audit::Verify { storage }) => verify(&storage),
        Command::Openapi => {
            print!("{}", app::document(false).json);
            Ok(())
        }
        Command::Backup(settings) => backup(&settings),
        Command::Keyring { file, origin } => keyring(&file, origin.as_deref()),
        Command::Config(_) => explain(&matches),
        Command::Health(settings) => health(&settings.serving),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bangfu: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Makes a keyring and prints what auditors note down: the public half of the log's key.
fn keyring(file: &Path, origin: Option<&str>) -> Done {
    Keyring::create(file, origin).map_err(deep)?;
    let keys = Keyring::load(file).map_err(deep)?;
    println!(
        "日志公钥 key of the log, for auditors to note down:\n{}",
        keys.log().verifier()
    );
    Ok(())
}

fn print_line(text: &str) -> Done {
    println!("{text}");
    Ok(())
}

/// The cause behind an error of the service, for people at a terminal.
fn deep(error: bangfu::error::Error) -> Box<dyn StdError> {
    match error {
        bangfu::error::Error::Internal(source) | bangfu::error::Error::Unavailable(source) => source,
        other => Box::new(other),
    }
}

fn open_database(storage: &Storage) -> Result<Db, Box<dyn StdError>> {
    let options = storage.options()?;
    let keys = Keyring::load(&storage.keyring_file()).map_err(|error| {
        let file = storage.keyring_file();
        format!(
            "BANGFU_KEYRING: {}: {}; make one with `bangfu keyring {}`",
            file.display(),
            deep(error),
            file.display()
        )
    })?;
    Ok(Db::open(&options, Arc::new(keys), Arc::new(Timestamp::now)))
}

/// A county office's SQLite migrates itself; PostgreSQL is migrated by `bangfu migrate`, once for all copies.
fn check_schema(storage: &Storage) -> Done {
    let url = storage.url()?;
    let mut conn = Conn::open(&url)?;
    if !db::is_postgres(&url) {
        return db::migrate(&mut conn).map_err(deep);
    }
    match db::drift(&mut conn).map_err(deep)? {
        Drift::None => Ok(()),
        Drift::Behind => Err("the schema is behind this program: run `bangfu migrate`".into()),
        Drift::Ahead => Err("the database is newer than this program: install the newer program".into()),
    }
}

fn serve(settings: &Serve) -> Done {
    telemetry::start(&settings.logging.log, settings.logging.log_format)
        .map_err(|e| format!("BANGFU_LOG: {e}"))?;
    std::fs::create_dir_all(&settings.storage.data)?;
    let db = open_database(&settings.storage)?;
    check_schema(&settings.storage)?;
    let shared = Shared::new(db, &settings.serving, false).map_err(deep)?;
    Ok(actix_web::rt::System::new().block_on(app::serve(shared, &settings.serving))?)
}

fn migrate(settings: &Migrate) -> Done {
    let url = settings.storage.url()?;
    if !db::is_postgres(&url) && !settings.check {
        std::fs::create_dir_all(&settings.storage.data)?;
    }
    let mut conn = Conn::open(&url)?;
    if !settings.check {
        db::migrate(&mut conn).map_err(deep)?;
        println!("the schema is up to date");
        return Ok(());
    }
    match db::drift(&mut conn).map_err(deep)? {
        Drift::None => print_line("the schema is up to date"),
        Drift::Behind => Err("migrations are pending".into()),
        Drift::Ahead => Err("the database is newer than this program".into()),
    }
}

fn verify(storage: &Storage) -> Done {
    let db = open_database(storage)?;
    let verdict = db
        .read_blocking(Scope::All, |rx| audit::verify(rx, 1, None))
        .map_err(deep)?;
    match verdict.first_bad_seq {
        None => print_line(&format!("the log is whole: {} events checked", verdict.checked)),
        Some(seq) => Err(format!(
            "the log does not fit from event {seq} on; {} events checked",
            verdict.checked
        )
        .into()),
    }
}

fn backup(settings: &Backup) -> Done {
    let mut conn = Conn::open(&settings.storage.url()?)?;
    match db::backup(&mut conn, &settings.file).map_err(deep)? {
        None => print_line(&format!(
            "written: {}; keep the keyring apart from it",
            settings.file.display()
        )),
        Some(command) => Err(format!("on PostgreSQL use: {command}").into()),
    }
}

fn explain(matches: &clap::ArgMatches) -> Done {
    if let (Some(matches), Some(command)) = (
        matches.subcommand_matches("config"),
        Cli::command().find_subcommand("config"),
    ) {
        print!("{}", config::explain(command, matches));
    }
    Ok(())
}

/// One GET of `/readyz`; a wildcard address is asked on loopback.
fn health(serving: &Serving) -> Done {
    use std::io::{Read as _, Write as _};
    let mut address = serving.listen;
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    let limit = std::time::Duration::from_secs(5);
    let mut stream = std::net::TcpStream::connect_timeout(&address, limit)?;
    stream.set_read_timeout(Some(limit))?;
    stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let status = answer.lines().next().unwrap_or_default();
    if status.contains(" 200 ") {
        print_line(status)
    } else {
        Err(status.into())
    }
}
