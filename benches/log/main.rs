//! Who saw this person, what did this user do, what happened to this subject; sealing a thousand events, proving one: the
//! time in a long log as a ratio to that in a short one, in one run.
//!
//!     cargo bench --bench log
//!     cargo bench --bench log -- --events 10000,100000
//!     cargo bench --bench log -- --postgres postgres://…/empty_database
#![allow(clippy::print_stdout, clippy::expect_used)] // a measurement that can't be made stops

use std::sync::Arc;
use std::time::{Duration, Instant};

use bangfu::audit::{self, Event, Look};
use bangfu::auth::{Actor, Scope};
use bangfu::db::page::{Ask, Limit};
use bangfu::db::types::{Id, Timestamp};
use bangfu::db::{self, Conn, Db, Options, Rx};
use bangfu::error::Result;
use bangfu::input::Input as _;
use bangfu::keyring::Keyring;
use bangfu::organizations::{self, Kind, NewOrganization, Organization};
use bangfu::watch::{self, Window};
use chrono::FixedOffset;
use clap::Parser;
use diesel::connection::SimpleConnection as _;
use serde_json::json;

mod fill;

/// Measures questions about the log.
#[derive(Parser)]
struct Arguments {
    /// Events, one log after another; ratios are to the first.
    #[arg(long, value_delimiter = ',', default_value = "100000,1000,10000000")]
    events: Vec<i64>,
    /// Questions of each kind.
    #[arg(long, default_value_t = 500)]
    questions: i64,
    /// An empty PostgreSQL database, which is emptied again; else files of SQLite.
    #[arg(long)]
    postgres: Option<String>,
    /// Said by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

/// A question by the number of the person or account, and what answers it.
type Question = (&'static str, fn(&mut Rx, i64, i64) -> Result<usize>);

const QUESTIONS: &[Question] = &[
    ("this person", |rx, events, n| {
        let people = [fill::person(n * 7919 % (events / fill::PER_PERSON))];
        watch::of_people(rx, &people, &Window::default(), &page("person_events")?)
            .map(|page| page.items.len())
    }),
    ("this user", |rx, events, n| {
        let account = fill::account(n * 31 % (events / fill::PER_ACCOUNT).max(1)).parse();
        let account = account.expect("an id");
        watch::of_user(rx, account, None, &Window::default(), &page("user_events")?)
            .map(|page| page.items.len())
    }),
    ("what this user saw", |rx, events, n| {
        let account = fill::account(n * 31 % (events / fill::PER_ACCOUNT).max(1)).parse();
        let account = account.expect("an id");
        let seen = Some(Look::Seen);
        watch::of_user(rx, account, seen, &Window::default(), &page("seen")?).map(|page| page.items.len())
    }),
    ("this subject", |rx, events, n| {
        let subject = fill::subject(n * 7919 % (events / fill::PER_PERSON));
        audit::history(rx, &subject, &page("history")?).map(|page| page.items.len())
    }),
];

/// The first page of a list.
fn page(list: &'static str) -> Result<Ask> {
    Ask::new(list, Limit::missing().expect("a default"), &None)
}

/// A log of so many events.
struct Log {
    db: Db,
    scope: Scope,
    events: i64,
    url: String,
    _folder: tempfile::TempDir,
}

impl Log {
    fn of(events: i64, postgres: Option<&str>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let keyring = folder.path().join("keyring.json");
        Keyring::create(&keyring, None).expect("a keyring");
        let file = folder.path().join("bangfu.db").display().to_string();
        let url = postgres.map_or(file, str::to_owned);
        db::migrate(&mut Conn::open(&url).expect("the database")).expect("the schema");
        let options = Options {
            url: url.clone(),
            readers: 1,
            writers: 1,
            zone: FixedOffset::east_opt(8 * 3600).expect("an offset"),
        };
        let keys = Keyring::load(&keyring).expect("the keyring");
        let db = Db::open(&options, Arc::new(keys), Arc::new(Timestamp::now));
        let unit = db.write_blocking(Actor::system(), "bench".into(), district);
        let (unit, path) = unit.expect("a unit");
        audit::flush(&db).expect("the events of the units");
        let mut conn = Conn::open(&url).expect("the database");
        conn.batch_execute(forget(&url)).expect("an empty log");
        let begun = Instant::now();
        fill::fill(&mut conn, &url, &unit, events);
        println!(
            "{events} events written in {:.0} s",
            begun.elapsed().as_secs_f64()
        );
        Self {
            db,
            scope: Scope::Under(path),
            events,
            url,
            _folder: folder,
        }
    }

    /// The median time of a question.
    fn ask(&self, (_, question): &Question, times: i64) -> Duration {
        let one = |n| {
            let begun = Instant::now();
            let found = self
                .db
                .read_blocking(self.scope.clone(), |rx| question(rx, self.events, n));
            assert!(found.expect("an answer") > 0, "an empty answer");
            begun.elapsed()
        };
        let mut took: Vec<_> = (0..times).map(one).collect();
        took.sort_unstable();
        took[took.len() / 2]
    }
}

/// Runs of a piece of work on the log.
const RUNS: usize = 15;
/// Events that are sealed at once.
const SEALED: usize = 1000;

/// A piece of work on a log, in the order in which they are done; how long it took.
type Work = (&'static str, fn(&Log) -> Duration);

const WORKS: &[Work] = &[
    ("seal 1,000 events", |log| {
        let written = log.db.write_blocking(Actor::system(), "bench".into(), |tx| {
            for _ in 0..SEALED {
                Event::of::<Organization>("bench.happened", "organization", None).record(tx)?;
            }
            Ok(())
        });
        written.expect("events");
        let begun = Instant::now();
        let sealed = audit::seal(&log.db).expect("the sealer");
        assert_eq!(sealed, SEALED, "a whole batch");
        begun.elapsed()
    }),
    ("prove an event", |log| {
        let (begun, seq) = (Instant::now(), log.events * 2 / 3);
        let proof = log
            .db
            .read_blocking(Scope::All, |rx| audit::proof(rx, seq, log.events));
        assert!(!proof.expect("a proof").is_empty());
        begun.elapsed()
    }),
];

impl Log {
    /// The median time of a piece of work.
    fn work(&self, (_, work): &Work) -> Duration {
        let mut took: Vec<_> = (0..RUNS).map(|_| work(self)).collect();
        took.sort_unstable();
        took[RUNS / 2]
    }
}

/// Takes away the events that the units made, so that numbers begin at 1.
fn forget(url: &str) -> &'static str {
    if db::is_postgres(url) {
        "ALTER TABLE audit_events DISABLE TRIGGER USER; DELETE FROM audit_events; ALTER TABLE audit_events ENABLE TRIGGER USER"
    } else {
        "DROP TRIGGER audit_events_no_delete; DELETE FROM audit_events"
    }
}

/// A city and a district of it; id and path of the district.
fn district(tx: &mut db::Tx) -> Result<(String, String)> {
    let mut open = |parent: Option<Id<Organization>>, kind, code: &str| {
        let body = json!({ "parent_id": parent, "kind": kind, "name": "总工会", "code": code, "region_code": "340200" });
        let new: NewOrganization = bangfu::input::read_body(body.to_string().as_bytes())?;
        let id: Id<Organization> = tx.new_id();
        organizations::open(tx, id, new)
    };
    let city = open(None, Kind::City, "340200")?;
    let district = open(Some(city.id), Kind::District, "340202")?;
    Ok((district.id.to_string(), district.path))
}

fn main() {
    let arguments = Arguments::parse();
    let mut first: Vec<(&str, Duration)> = Vec::new();
    println!("| question | events | median | ratio |\n|---|---|---|---|");
    for events in &arguments.events {
        let log = Log::of(*events, arguments.postgres.as_deref());
        let asked = QUESTIONS
            .iter()
            .map(|question| (question.0, log.ask(question, arguments.questions)));
        let mut measured: Vec<_> = asked.collect();
        measured.extend(WORKS.iter().map(|work| (work.0, log.work(work))));
        for (name, took) in measured {
            let known = first.iter().find(|(of, _)| *of == name).map(|(_, took)| *took);
            let base = known.unwrap_or(took);
            if known.is_none() {
                first.push((name, took));
            }
            let ratio = took.as_secs_f64() / base.as_secs_f64();
            println!("| {name} | {events} | {took:.1?} | {ratio:.2} |");
        }
        if arguments.postgres.is_some() {
            let mut conn = Conn::open(&log.url).expect("the database");
            conn.batch_execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
                .expect("an empty database");
        }
    }
}
