//! Settings: every flag is also an environment variable (`.env.example` lists them); wrong values are refused at
//! start with the setting's name.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use chrono::FixedOffset;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, ValueEnum};

use crate::db::{self, Options};

/// Where the data is.
#[derive(Debug, Clone, Args)]
pub struct Storage {
    /// Folder of the SQLite database (and, in the demo, of its keys).
    #[arg(long, env = "BANGFU_DATA", default_value = "data", value_name = "DIR")]
    pub data: PathBuf,
    /// PostgreSQL server, as postgres://user:password@host/database; SQLite in the data folder when empty.
    #[arg(
        long,
        env = "DATABASE_URL",
        default_value = "",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub database_url: String,
    /// File that holds the database URL: for container secrets.
    #[arg(long, env = "DATABASE_URL_FILE", value_name = "FILE")]
    pub database_url_file: Option<PathBuf>,
    /// Keyring file for personal data, as made by `bangfu keyring`; default: keyring.json in the data folder.
    #[arg(long, env = "BANGFU_KEYRING", value_name = "FILE")]
    pub keyring: Option<PathBuf>,
    /// Zone whose days, months and years count, as an offset from UTC.
    #[arg(
        long,
        env = "BANGFU_ZONE",
        default_value = "+08:00",
        allow_hyphen_values = true
    )]
    pub zone: FixedOffset,
    /// Connections for reads.
    #[arg(long, env = "BANGFU_READ_CONNECTIONS", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub read_connections: u32,
    /// Connections for writes on PostgreSQL; SQLite always has one.
    #[arg(long, env = "BANGFU_WRITE_CONNECTIONS", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub write_connections: u32,
}

/// How the service serves.
#[derive(Debug, Clone, Args)]
pub struct Serving {
    /// Address to listen on.
    #[arg(long, env = "BANGFU_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Address for /metrics; none when empty (in the demo: the main address).
    #[arg(long, env = "BANGFU_METRICS_LISTEN")]
    pub metrics_listen: Option<SocketAddr>,
    /// Worker threads; 0 for one per core.
    #[arg(long, env = "BANGFU_WORKERS", default_value_t = 0)]
    pub workers: usize,
    /// Largest request body in bytes, attachments and answers of banks apart.
    #[arg(long, env = "BANGFU_BODY_LIMIT", default_value_t = 262_144, value_parser = clap::value_parser!(u32).range(1024..=16_777_216))]
    pub body_limit: u32,
    /// Largest attachment or answer of a bank in bytes.
    #[arg(long, env = "BANGFU_ATTACHMENT_LIMIT", default_value_t = 10_485_760, value_parser = clap::value_parser!(u32).range(1024..=104_857_600))]
    pub attachment_limit: u32,
    /// Program that looks at each attachment before it is kept: it gets the content on its standard input, and exits
    /// with 0 when it is clean, with 1 when it is not.
    #[arg(long, env = "BANGFU_SCAN_COMMAND", value_name = "PROGRAM")]
    pub scan_command: Option<PathBuf>,
    /// Memory of one password hash, in KiB.
    #[arg(long, env = "BANGFU_ARGON2_MEMORY_KIB", default_value_t = 19_456, value_parser = clap::value_parser!(u32).range(8..=4_194_304))]
    pub argon2_memory_kib: u32,
    /// Passes over that memory.
    #[arg(long, env = "BANGFU_ARGON2_ITERATIONS", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub argon2_iterations: u32,
    /// Lanes of one password hash.
    #[arg(long, env = "BANGFU_ARGON2_PARALLELISM", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub argon2_parallelism: u32,
    /// Password hashes computed at once.
    #[arg(long, env = "BANGFU_ARGON2_AT_ONCE", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub argon2_at_once: u32,
    /// Sign-ins per minute and address.
    #[arg(long, env = "BANGFU_LOGIN_RATE_PER_MINUTE", default_value = "30")]
    pub login_rate_per_minute: NonZeroU32,
    /// Reverse proxies in front whose X-Forwarded-For is believed.
    #[arg(long, env = "BANGFU_TRUSTED_PROXIES", default_value_t = 0)]
    pub trusted_proxies: usize,
    /// Minutes an access token is valid.
    #[arg(long, env = "BANGFU_ACCESS_TOKEN_MINUTES", default_value_t = 15, value_parser = clap::value_parser!(i64).range(1..=1440))]
    pub access_token_minutes: i64,
    /// Days a key signs tokens before a new one takes over.
    #[arg(long, env = "BANGFU_KEY_ROTATION_DAYS", default_value_t = 30, value_parser = clap::value_parser!(i64).range(1..=3650))]
    pub key_rotation_days: i64,
    /// Milliseconds between two runs of the log's sealer.
    #[arg(long, env = "BANGFU_SEAL_MILLISECONDS", default_value_t = 200, value_parser = clap::value_parser!(u64).range(10..=60_000))]
    pub seal_milliseconds: u64,
    /// Seconds between two signed heads of the log, when something happened.
    #[arg(long, env = "BANGFU_CHECKPOINT_SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub checkpoint_seconds: u64,
    /// Seconds that running requests get to finish at shutdown.
    #[arg(long, env = "BANGFU_SHUTDOWN_SECONDS", default_value_t = 20)]
    pub shutdown_seconds: u64,
}

/// How much the service says about itself.
#[derive(Debug, Clone, Args)]
pub struct Logging {
    /// What to log, as in RUST_LOG.
    #[arg(long, env = "BANGFU_LOG", default_value = "info", value_name = "FILTER")]
    pub log: String,
    /// Form of the log.
    #[arg(long, env = "BANGFU_LOG_FORMAT", default_value = "json")]
    pub log_format: LogFormat,
}

/// Form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One JSON object per line.
    Json,
    /// For people.
    Pretty,
}

impl Serving {
    /// The pause between two runs of the log's sealer.
    pub fn seal_every(&self) -> Duration {
        Duration::from_millis(self.seal_milliseconds)
    }

    /// The pause between two signed heads of the log.
    pub fn sign_every(&self) -> Duration {
        Duration::from_secs(self.checkpoint_seconds)
    }
}

impl Storage {
    /// The database's URL: that of the PostgreSQL server, or the path of the SQLite file.
    pub fn url(&self) -> Result<String, String> {
        let url = match &self.database_url_file {
            None => self.database_url.clone(),
            Some(file) => std::fs::read_to_string(file)
                .map_err(|e| format!("DATABASE_URL_FILE: {e}"))?
                .trim()
                .to_owned(),
        };
        match url.as_str() {
            "" => Ok(self.data.join("bangfu.db").display().to_string()),
            url if db::is_postgres(url) => Ok(url.to_owned()),
            _ => Err("DATABASE_URL: must begin with postgres:// or postgresql://; for SQLite leave it empty and set BANGFU_DATA".into()),
        }
    }

    /// The keyring's file.
    pub fn keyring_file(&self) -> PathBuf {
        self.keyring
            .clone()
            .unwrap_or_else(|| self.data.join("keyring.json"))
    }

    /// How to open the database.
    pub fn options(&self) -> Result<Options, String> {
        let (readers, writers) = (self.read_connections, self.write_connections);
        Ok(Options {
            url: self.url()?,
            readers,
            writers,
            zone: self.zone,
        })
    }
}

/// Every setting of a command line with its value and where it comes from; secrets hidden.
pub fn explain(command: &clap::Command, matches: &ArgMatches) -> String {
    let mut lines = String::new();
    for argument in command.get_arguments().filter(|a| a.get_env().is_some()) {
        let id = argument.get_id().as_str();
        let source = match matches.value_source(id) {
            Some(ValueSource::CommandLine) => "flag",
            Some(ValueSource::EnvVariable) => "environment",
            Some(_) => "default",
            None => "unset",
        };
        let raw = matches.get_raw(id).map(|v| {
            v.map(|s| s.to_string_lossy().into_owned())
                .collect::<Vec<_>>()
                .join(" ")
        });
        let secret = argument.is_hide_env_values_set() && raw.as_deref().is_some_and(|v| !v.is_empty());
        let value = if secret {
            "(hidden)".to_owned()
        } else {
            raw.unwrap_or_default()
        };
        let name = argument.get_env().unwrap_or_default().to_string_lossy();
        lines.push_str(&format!("{name}={value}  # {source}\n"));
    }
    lines
}
