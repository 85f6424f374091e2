//! The commands that fill a database: the demo, and the first administrators.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bangfu::app::{self, Shared};
use bangfu::auth::password::{self, Passwords};
use bangfu::auth::{Actor, Role};
use bangfu::config::{Logging, Serving, Storage};
use bangfu::db::types::Timestamp;
use bangfu::db::{self, Conn, Db};
use bangfu::demo;
use bangfu::error::Error;
use bangfu::keyring::Keyring;
use bangfu::policies::rules::Accounts;
use bangfu::users::{self, FirstAdministrator};
use bangfu::{input, policies, telemetry};
use clap::Args;

use crate::{Done, deep, open_database};

#[derive(Args)]
pub struct Demo {
    #[command(flatten)]
    storage: Storage,
    #[command(flatten)]
    serving: Serving,
    #[command(flatten)]
    logging: Logging,
    /// Households to make.
    #[arg(long, env = "BANGFU_DEMO_HOUSEHOLDS", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=200_000))]
    households: u32,
    /// Begin again: forget the data of the last demo.
    #[arg(long)]
    fresh: bool,
    /// Also write the accounts to this file, as JSON.
    #[arg(long, value_name = "FILE")]
    accounts: Option<PathBuf>,
}

/// Fills the database if it is empty, prints how to try it, and serves.
pub fn demo(settings: &Demo) -> Done {
    if !settings.serving.listen.ip().is_loopback() {
        return Err(
            "BANGFU_LISTEN: the demo listens on this machine only; use 127.0.0.1 or `bangfu serve`".into(),
        );
    }
    telemetry::start(&settings.logging.log, settings.logging.log_format)
        .map_err(|e| format!("BANGFU_LOG: {e}"))?;
    let storage = &settings.storage;
    let mut serving = settings.serving.clone();
    // the limit per address protects a service that strangers can reach; here it would stop tests
    serving.login_rate_per_minute = std::num::NonZeroU32::MAX;
    let shared = prepare(settings, storage, &serving)?;
    tell(settings, storage)?;
    Ok(actix_web::rt::System::new().block_on(app::serve(shared, &serving))?)
}

fn prepare(
    settings: &Demo,
    storage: &Storage,
    serving: &Serving,
) -> Result<Shared, Box<dyn std::error::Error>> {
    std::fs::create_dir_all(&storage.data)?;
    let url = storage.url()?;
    if settings.fresh {
        forget(storage, &url)?;
    }
    if !storage.keyring_file().exists() {
        Keyring::create(&storage.keyring_file(), None).map_err(deep)?;
    }
    db::migrate(&mut Conn::open(&url)?).map_err(deep)?;
    let db = open_database(storage)?;
    let shared = Shared::new(db.clone(), serving, true).map_err(deep)?;
    let filled = db.read_blocking(bangfu::auth::Scope::All, |rx| {
        Ok(bangfu::organizations::root(rx)?.is_some())
    });
    if !filled.map_err(deep)? {
        fill(settings, storage, &shared)?;
    }
    Ok(shared)
}

/// Fills the empty database. One on a server is filled by way of an embedded one, which is many times quicker than
/// to ask the server for each statement.
fn fill(settings: &Demo, storage: &Storage, shared: &Shared) -> Done {
    let (households, started) = (settings.households as usize, std::time::Instant::now());
    let url = storage.url()?;
    if db::is_postgres(&url) {
        let folder = storage.data.join("filling");
        std::fs::create_dir_all(&folder)?;
        let mut scratch = storage.options()?;
        scratch.url = folder.join("bangfu.db").display().to_string();
        remove_database(&scratch.url)?;
        db::migrate(&mut Conn::open(&scratch.url)?).map_err(deep)?;
        let embedded = Db::open(&scratch, shared.db.keys().clone(), Arc::new(Timestamp::now));
        tell_stories(&embedded, shared, households)?;
        db::copy(&mut Conn::open(&scratch.url)?, &mut Conn::open(&url)?).map_err(deep)?;
        drop(embedded);
        std::fs::remove_dir_all(folder)?;
    } else {
        tell_stories(&shared.db, shared, households)?;
    }
    println!(
        "\r演示数据 demo data: {households} households in {:.1} s          ",
        started.elapsed().as_secs_f64()
    );
    Ok(())
}

fn tell_stories(db: &Db, shared: &Shared, households: usize) -> Done {
    let progress = |done: usize, all: usize| {
        print!(
            "\r正在生成演示数据 filling with demo data: {}%  ",
            done * 100 / all.max(1)
        );
        let _ = std::io::stdout().flush();
    };
    demo::load(db, &shared.passwords, households, db.now(), progress).map_err(deep)
}

/// Removes the last demo's database. One that is not the demo's own SQLite file is for its owner to drop.
fn forget(storage: &Storage, url: &str) -> Done {
    if db::is_postgres(url) {
        return Err("--fresh: empty the PostgreSQL database yourself (dropdb, createdb)".into());
    }
    if !storage.data.join(".bangfu-demo").exists() && Path::new(url).exists() {
        return Err(format!("--fresh: {url} was not made by the demo; it stays").into());
    }
    remove_database(url)
}

fn remove_database(file: &str) -> Done {
    for end in ["", "-wal", "-shm"] {
        let file = format!("{file}{end}");
        if Path::new(&file).exists() {
            std::fs::remove_file(file)?;
        }
    }
    Ok(())
}

/// Prints where the demo is and who may sign in.
fn tell(settings: &Demo, storage: &Storage) -> Done {
    std::fs::write(storage.data.join(".bangfu-demo"), "")?;
    let address = format!("http://{}", settings.serving.listen);
    println!("\n帮扶 Bangfu — 演示 demo: invented people, this machine only\n");
    println!(
        "  API   {address}/api/v1\n  docs  {address}/docs/\n  data  {}\n",
        storage.url()?.split('@').next_back().unwrap_or_default()
    );
    for (role, username, password) in demo::accounts() {
        println!("  {role:<16} {username:<16} {password}");
    }
    println!(
        "\nNext: curl -s {address}/api/v1/auth/token -d grant_type=password -d username=caseworker -d password={}\n",
        demo::accounts()[0].2
    );
    if let Some(file) = &settings.accounts {
        let entry = |(role, username, password): &(&str, &str, &str)| {
            (
                (*role).to_owned(),
                serde_json::json!({ "username": username, "password": password }),
            )
        };
        let all: serde_json::Map<_, _> = demo::accounts().iter().map(entry).collect();
        std::fs::write(file, serde_json::to_string_pretty(&all)?)?;
    }
    Ok(())
}

#[derive(Args)]
pub struct CreateUser {
    #[command(flatten)]
    storage: Storage,
    #[command(flatten)]
    serving: Serving,
    /// system_admin or security_admin.
    #[arg(long, value_parser = |text: &str| text.parse::<Role>().map_err(|()| "not a role"))]
    role: Role,
    /// Name to sign in with.
    #[arg(long)]
    username: String,
    /// The person's name.
    #[arg(long)]
    name: String,
    /// Name of the root unit, for the first account.
    #[arg(long, default_value = "市总工会")]
    organization: String,
    /// Code of the root unit, for the first account.
    #[arg(long, default_value = "root")]
    organization_code: String,
}

/// Makes one of the first administrators.
pub fn create_user(settings: &CreateUser) -> Done {
    let db = open_database(&settings.storage)?;
    let id_number = ask("身份证号 ID number: ")?;
    let typed = ask("密码（留空则生成一次性密码） Password (empty for a one-time one): ")?;
    let one_time = typed.is_empty();
    let password = if one_time {
        password::one_time().map_err(deep)?
    } else {
        typed
    };
    let serving = &settings.serving;
    let passwords = Passwords::new(
        serving.argon2_memory_kib,
        serving.argon2_iterations,
        serving.argon2_parallelism,
        1,
    );
    let hash = passwords.and_then(|p| p.hash(&password)).map_err(deep)?;
    let body = serde_json::json!({
        "role": settings.role, "username": settings.username, "name": settings.name, "id_number": id_number,
        "root": { "kind": "city", "name": settings.organization, "code": settings.organization_code },
    });
    let first: FirstAdministrator = input::read_body(body.to_string().as_bytes()).map_err(explain)?;
    let done = db.write_blocking(Actor::system(), "user create".into(), |tx| {
        let today = tx.today();
        let (_, policy) = policies::in_force::<Accounts>(tx, today)?;
        password::check_new(&password, &settings.username, &policy, "/password")?;
        users::bootstrap(tx, first, hash)
    });
    let user = done.map_err(explain)?;
    println!("{} {} ({})", settings.role, user.username, user.id);
    if one_time {
        println!("一次性密码 one-time password: {password}");
    }
    Ok(())
}

/// Asks at the terminal without echo, or reads a line of standard input.
fn ask(question: &str) -> Result<String, Box<dyn std::error::Error>> {
    if std::io::stdin().is_terminal() {
        return Ok(rpassword::prompt_password(question)?);
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// What is wrong with what was typed, for a person at a terminal.
fn explain(error: Error) -> Box<dyn std::error::Error> {
    let problem = error.problem(bangfu::error::Language::English, "");
    let errors = problem.errors.unwrap_or_default();
    let lines: Vec<_> = errors
        .iter()
        .map(|e| format!("{} {}", e.pointer, e.detail))
        .collect();
    if lines.is_empty() {
        deep(error)
    } else {
        lines.join("; ").into()
    }
}
