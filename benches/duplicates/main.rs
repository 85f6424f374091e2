//! How well and how fast the same person is found again: precision and recall over made-up people with known truth,
//! and the time of a look-up among 100,000 people as a ratio to that among 1,000, in one run.
//!
//!     cargo bench --bench duplicates
//!     cargo bench --bench duplicates -- --people 1000,10000
#![allow(clippy::print_stdout, clippy::expect_used)] // a measurement that can't be made stops

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bangfu::auth::Actor;
use bangfu::db::types::{Id, Timestamp};
use bangfu::db::{self, Conn, Db, Options};
use bangfu::duplicates::{self, KeyKind, Kind, KnownId, Record};
use bangfu::keyring::Keyring;
use bangfu::organizations::{self, Kind as UnitKind, NewOrganization, Organization, OrganizationId};
use chrono::FixedOffset;
use clap::Parser;

mod people;

use people::{Question, Slip, Someone};

/// Measures the search for duplicates.
#[derive(Parser)]
struct Arguments {
    /// People, one register after another.
    #[arg(long, value_delimiter = ',', default_value = "1000,100000")]
    people: Vec<usize>,
    /// Questions asked of each.
    #[arg(long, default_value_t = 3000)]
    questions: usize,
    /// Said by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

/// A register of made-up people.
struct Register {
    db: Db,
    ids: Vec<KnownId>,
    _folder: tempfile::TempDir,
}

impl Register {
    fn of(people: &[Someone]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (keyring, url) = (
            folder.path().join("keyring.json"),
            folder.path().join("bangfu.db"),
        );
        Keyring::create(&keyring, None).expect("a keyring");
        let url = url.display().to_string();
        db::migrate(&mut Conn::open(&url).expect("the database")).expect("the schema");
        let options = Options {
            url,
            readers: 1,
            writers: 1,
            zone: FixedOffset::east_opt(8 * 3600).expect("an offset"),
        };
        let keys = Keyring::load(&keyring).expect("the keyring");
        let db = Db::open(&options, Arc::new(keys), Arc::new(Timestamp::now));
        let system = || (Actor::system(), "bench".to_owned());
        let (actor, request) = system();
        let unit = db.write_blocking(actor, request, root).expect("a unit");
        let mut ids = Vec::with_capacity(people.len());
        for batch in people.chunks(500) {
            let (actor, request) = system();
            let known = db.write_blocking(actor, request, |tx| {
                batch
                    .iter()
                    .map(|one| know(tx, unit, one))
                    .collect::<Result<Vec<_>, _>>()
            });
            ids.extend(known.expect("people"));
        }
        Self {
            db,
            ids,
            _folder: folder,
        }
    }

    /// Asks everything: who was found with which score, and how long each answer took.
    fn ask(&self, questions: &[Question]) -> (Vec<Vec<(KnownId, i32)>>, Vec<Duration>) {
        let one = |question: &Question| {
            let begun = Instant::now();
            let found = self.db.write_blocking(Actor::system(), "bench".into(), |tx| {
                duplicates::search(tx, &question.facts)
            });
            let took = begun.elapsed();
            let (found, _) = found.expect("an answer");
            (found.iter().map(|c| (c.id(), c.score())).collect(), took)
        };
        questions.iter().map(one).unzip()
    }
}

fn root(tx: &mut db::Tx) -> bangfu::error::Result<OrganizationId> {
    let body = serde_json::json!({ "parent_id": null, "kind": UnitKind::City, "name": "市总工会", "code": "340200", "region_code": "340200" });
    let new: NewOrganization = bangfu::input::read_body(body.to_string().as_bytes())?;
    let id: Id<Organization> = tx.new_id();
    organizations::open(tx, id, new).map(|unit| unit.id)
}

fn know(tx: &mut db::Tx, organization_id: OrganizationId, one: &Someone) -> bangfu::error::Result<KnownId> {
    let record = Record {
        id: tx.new_id(),
        kind: Kind::Member,
        organization_id,
        file_id: None,
        name: &one.name,
        id_number: &one.id_number,
        phone: Some(&one.phone),
    };
    duplicates::know(tx, &record)?;
    duplicates::know_more(tx, record.id, KeyKind::Account, &one.account)?;
    Ok(record.id)
}

/// Counts of one line of the report.
#[derive(Default, Clone, Copy)]
struct Counts {
    asked: u32,
    right: u32,
    wrong: u32,
}

impl Counts {
    fn line(self, what: &str) {
        let percent = |part: u32, whole: u32| 100.0 * f64::from(part) / f64::from(whole.max(1));
        println!(
            "| {what} | {} | {} | {:.1} % | {:.1} % |",
            self.asked,
            self.wrong,
            percent(self.right, self.right + self.wrong),
            percent(self.right, self.asked)
        );
    }
}

fn quality(register: &Register, questions: &[Question], found: &[Vec<(KnownId, i32)>]) {
    let count = |line: i32, of: &dyn Fn(&Question) -> bool| {
        let mut counts = Counts::default();
        for (question, found) in questions.iter().zip(found).filter(|(question, _)| of(question)) {
            let about = question.about.map(|n| register.ids[n]);
            counts.asked += u32::from(about.is_some());
            for (id, _) in found.iter().filter(|(_, score)| *score >= line) {
                counts.right += u32::from(Some(*id) == about);
                counts.wrong += u32::from(Some(*id) != about);
            }
        }
        counts
    };
    println!("\n| score from | people sought | wrong | precision | recall |\n|---|---|---|---|---|");
    for line in [40, 50, 60, 70, 80, 90] {
        count(line, &|_| true).line(&line.to_string());
    }
    println!("\n| slip, at 60 | people sought | wrong | precision | recall |\n|---|---|---|---|---|");
    for slip in Slip::ALL {
        count(60, &|question| question.slip == slip).line(&format!("{slip:?}"));
    }
}

fn main() {
    let arguments = Arguments::parse();
    let mut medians = BTreeMap::new();
    for count in arguments.people {
        let people = people::population(count);
        let begun = Instant::now();
        let register = Register::of(&people);
        println!(
            "\n## {count} people, made known in {:.1} s",
            begun.elapsed().as_secs_f64()
        );
        let questions = people::questions(&people, arguments.questions);
        let (found, mut took) = register.ask(&questions);
        quality(&register, &questions, &found);
        took.sort_unstable();
        let (median, late) = (took[took.len() / 2], took[took.len() * 99 / 100]);
        println!("\na look-up: median {median:.2?}, 99 of 100 within {late:.2?}");
        medians.insert(count, median);
    }
    if let (Some((few, quick)), Some((many, slow))) = (medians.first_key_value(), medians.last_key_value()) {
        println!(
            "\namong {many} people {:.1} times as long as among {few}",
            slow.as_secs_f64() / quick.as_secs_f64()
        );
    }
}
