//! What is measured: each operation as requests, and as the same work done directly.

use std::sync::atomic::{AtomicUsize, Ordering};

use bangfu::auth::{Actor, Scope};
use bangfu::claims::{self, NewClaim};
use bangfu::db::schema::{duties, files, members};
use bangfu::db::types::{Date, Timestamp};
use bangfu::db::{Db, Rx, Tx};
use bangfu::duplicates::{self, rules::Facts};
use bangfu::duties::overview::{self, GroupBy};
use bangfu::duties::{self as five_ones, NewAction};
use bangfu::files::{self as hardship, File, FileId, revisions};
use bangfu::input::read_body;
use bangfu::ledger::{self, Kind};
use bangfu::members::{self as registry, MemberId};
use bangfu::organizations::{self, OrganizationId};
use bangfu::within;
use chrono::{Datelike as _, TimeDelta};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde_json::{Value, json};

use crate::cases::{self, actor, number, sign_in};
use crate::client::Request;
use crate::money::{self, Stock};
use crate::service::Service;

/// Rows of a page.
const PAGE: i64 = 20;
/// Files that the requests go to, at most.
const FILES: usize = 20_000;

/// An operation: its requests, and the same work without HTTP, for the `n`th time.
pub struct Operation {
    pub name: &'static str,
    pub requests: fn(&Sample, usize) -> Vec<Request>,
    pub direct: fn(&Db, &Sample, usize),
    /// What it uses up, laid in before each measurement.
    pub stock: Option<Stock>,
}

/// Writes come last: they make the files longer that are read.
pub const OPERATIONS: &[Operation] = &[
    Operation {
        name: "file and its five ones",
        requests: |s, n| {
            let (file, year) = (s.own[n % s.own.len()], s.year);
            let five_ones = s.get(&format!("/files/{file}/five-ones/{year}"), &s.caseworker);
            vec![s.get(&format!("/files/{file}"), &s.caseworker), five_ones]
        },
        direct: |db, s, n| {
            let (file, year) = (s.own[n % s.own.len()], s.year);
            s.read(db, |rx| hardship::find(rx, file).map(drop));
            s.read(db, |rx| ledger::ledger(rx, file, year).map(drop));
        },
        stock: None,
    },
    Operation {
        name: "worklist",
        requests: |s, _| vec![s.get(&format!("/worklist?limit={PAGE}"), &s.caseworker)],
        direct: |db, s, _| s.read(db, |rx| worklist(rx, s)),
        stock: None,
    },
    Operation {
        name: "files of a basic union",
        requests: |s, _| vec![s.get(&list_path(s.basic), &s.caseworker)],
        direct: |db, s, _| s.read(db, |rx| list(rx, s.basic)),
        stock: None,
    },
    Operation {
        name: "files of a district",
        requests: |s, _| vec![s.get(&list_path(s.district), &s.caseworker)],
        direct: |db, s, _| s.read(db, |rx| list(rx, s.district)),
        stock: None,
    },
    Operation {
        name: "summary of the city",
        requests: |s, _| vec![s.get(&format!("/five-ones/{}/summary", s.year), &s.supervisor)],
        direct: |db, s, _| {
            let summary = |rx: &mut Rx| overview::summary(rx, s.year, s.root, GroupBy::Organization);
            db.read_blocking(Scope::All, |rx| summary(rx).map(drop))
                .expect("a summary");
        },
        stock: None,
    },
    Operation {
        name: "assess a claim",
        requests: |s, n| vec![s.post("/illness-claims/assess", &s.caseworker, &s.claim(n))],
        direct: |db, s, n| {
            let body = s.claim(n).to_string();
            s.read(db, |rx| {
                let new: NewClaim = read_body(body.as_bytes())?;
                claims::try_rule(rx, new).map(drop)
            });
        },
        stock: None,
    },
    Operation {
        name: "file as of a day",
        requests: |s, n| {
            let path = format!("/files/{}?as_of={}", s.own[n % s.own.len()], s.today);
            vec![s.get(&path, &s.caseworker)]
        },
        direct: |db, s, n| {
            let file = s.own[n % s.own.len()];
            s.read(db, |rx| {
                hardship::find(rx, file)?;
                revisions::file_on(rx, file, s.today).map(drop)
            });
        },
        stock: None,
    },
    Operation {
        name: "look for a duplicate",
        requests: |s, n| vec![s.post("/duplicates/search", &s.caseworker, &Sample::sought(n))],
        direct: |db, s, n| {
            let sought = Sample::sought(n);
            let text = |name: &str| sought[name].as_str().map(str::to_owned);
            let facts = Facts {
                name: text("name"),
                id_number: text("id_number"),
                ..Facts::default()
            };
            let search = db.write_blocking(s.contact.clone(), "bench".into(), |tx| {
                duplicates::search(tx, &facts).map(drop)
            });
            search.expect("a search");
        },
        stock: None,
    },
    Operation {
        name: "a new file handed in and approved",
        requests: |s, _| {
            let new = s.newcomer();
            let place = format!("/files/{}", new.file);
            vec![
                s.post("/members", &s.caseworker, &new.registration),
                s.post("/files", &s.caseworker, &new.draft),
                s.act(&format!("{place}/submit"), &s.caseworker, 1),
                s.act(&format!("{place}/approve"), &s.supervisor, 2),
            ]
        },
        direct: |db, s, _| {
            let new = s.newcomer();
            let work = |actor: &Actor, step: &dyn Fn(&mut Tx) -> bangfu::error::Result<()>| {
                db.write_blocking(actor.clone(), "bench".into(), step)
                    .expect("a step");
            };
            work(&s.contact, &|tx| {
                let body = read_body(new.registration.to_string().as_bytes())?;
                registry::register(tx, new.member, body).map(drop)
            });
            work(&s.contact, &|tx| {
                let body = read_body(new.draft.to_string().as_bytes())?;
                hardship::open(tx, new.file, body).map(drop)
            });
            work(&s.contact, &|tx| {
                let file = hardship::find(tx, new.file)?;
                hardship::submit(tx, &file).map(drop)
            });
            work(&s.leader, &|tx| {
                let file = hardship::find(tx, new.file)?;
                hardship::approve(tx, &file).map(drop)
            });
        },
        stock: None,
    },
    Operation {
        name: "log a call",
        requests: |s, _| {
            let path = format!("/files/{}/actions", s.next_file());
            vec![s.post(&path, &s.integration, &s.call())]
        },
        direct: |db, s, _| {
            let (file, body) = (s.next_file(), s.call().to_string());
            let done = db.write_blocking(s.program.clone(), "bench".into(), |tx| {
                let new: NewAction = read_body(body.as_bytes())?;
                let (id, subject) = (tx.new_id(), ledger::subject(tx, file)?);
                five_ones::record(tx, &subject, id, new).map(drop)
            });
            done.expect("a call");
        },
        stock: None,
    },
    Operation {
        name: "approve a claim",
        requests: |s, _| {
            let next = s.verified.next();
            let approve = |id| {
                s.act(
                    &format!("/illness-claims/{id}/approve"),
                    &s.supervisor,
                    money::VERIFIED,
                )
            };
            next.map(approve).into_iter().collect()
        },
        direct: |db, s, _| {
            if let Some(id) = s.verified.next() {
                let done = db.write_blocking(s.leader.clone(), "bench".into(), |tx| cases::approve(tx, id));
                done.expect("an approval");
            }
        },
        stock: Some(Stock {
            lay_in: |db, s, count| s.verified.fill(db, s.district, count),
            left: |s| s.verified.left(),
        }),
    },
];

fn list_path(unit: OrganizationId) -> String {
    format!("/files?organization_id={unit}&limit={PAGE}")
}

/// The statements of `GET /files?organization_id=`.
fn list(rx: &mut Rx, unit: OrganizationId) -> bangfu::error::Result<()> {
    rx.scope = Scope::Under(organizations::find(rx, unit)?.path);
    let mut query = File::query().into_boxed();
    within!(query, files::organization_id, rx);
    let rows: Vec<File> = query.order(files::id).limit(PAGE + 1).load(rx.conn)?;
    assert!(!rows.is_empty());
    Ok(())
}

/// The statement of `GET /worklist`.
fn worklist(rx: &mut Rx, sample: &Sample) -> bangfu::error::Result<()> {
    let mut query = duties::table
        .inner_join(files::table.inner_join(members::table))
        .filter(duties::contact_id.eq(sample.contact.id))
        .filter(sql::<Bool>("duties.state = 'open'"))
        .select((
            duties::file_id,
            files::number,
            members::id,
            members::name,
            duties::organization_id,
            duties::year,
            duties::kind,
            duties::due_on,
        ))
        .into_boxed();
    within!(query, duties::organization_id, rx);
    type Work = (FileId, String, MemberId, String, OrganizationId, i32, Kind, Date);
    let order = (duties::due_on, duties::file_id, duties::kind);
    let rows: Vec<Work> = query.order(order).limit(PAGE + 1).load(rx.conn)?;
    assert!(!rows.is_empty());
    Ok(())
}

/// Somebody who is registered and put on file.
struct Newcomer {
    member: MemberId,
    file: FileId,
    registration: Value,
    draft: Value,
}

/// Whom and what the requests are about.
pub struct Sample {
    year: i32,
    today: Date,
    now: Timestamp,
    root: OrganizationId,
    district: OrganizationId,
    basic: OrganizationId,
    /// Files and members of the caseworker's district; files of the whole city.
    own: Vec<FileId>,
    people: Vec<MemberId>,
    all: Vec<FileId>,
    /// Claims to approve.
    verified: money::Verified,
    next: AtomicUsize,
    newcomers: AtomicUsize,
    contact: Actor,
    leader: Actor,
    program: Actor,
    caseworker: String,
    supervisor: String,
    integration: String,
}

impl Sample {
    /// Signs in and looks around.
    pub fn take(service: &Service) -> Self {
        let db = &service.direct;
        let (contact, program) = (actor(db, "caseworker"), actor(db, "integration"));
        let root = program.organization_id.expect("a unit");
        let district = contact.organization_id.expect("a unit");
        let now = Timestamp::now();
        let today = now.date(db.zone());
        let own = files_on_file(db, &contact.scope);
        let people = read(db, contact.scope.clone(), |rx| {
            let mut query = members::table.select(members::id).into_boxed();
            within!(query, members::organization_id, rx);
            let serving = query.filter(members::status.eq("serving"));
            Ok(serving.limit(1000).load(rx.conn)?)
        });
        Self {
            year: today.year(),
            today,
            now,
            root,
            district,
            basic: read(db, Scope::All, |rx| {
                Ok(hardship::find(rx, own[0])?.organization_id)
            }),
            own,
            people,
            all: files_on_file(db, &Scope::All),
            verified: money::Verified::default(),
            next: AtomicUsize::new(0),
            newcomers: AtomicUsize::new(0),
            leader: actor(db, "city_supervisor"),
            caseworker: sign_in(service.address, "caseworker"),
            supervisor: sign_in(service.address, "city_supervisor"),
            integration: sign_in(service.address, "integration"),
            contact,
            program,
        }
    }

    fn read(&self, db: &Db, work: impl FnOnce(&mut Rx) -> bangfu::error::Result<()>) {
        read(db, self.contact.scope.clone(), work);
    }

    fn get(&self, path: &str, token: &str) -> Request {
        Request::new("GET", &format!("/api/v1{path}"), &[("Authorization", token)], "")
    }

    fn post(&self, path: &str, token: &str, body: &Value) -> Request {
        let headers = [("Authorization", token), ("Content-Type", "application/json")];
        Request::new("POST", &format!("/api/v1{path}"), &headers, &body.to_string())
    }

    /// Each file in turn, so that none gets much longer than the others.
    fn next_file(&self) -> FileId {
        self.all[self.next.fetch_add(1, Ordering::Relaxed) % self.all.len()]
    }

    /// Acts on version `version` of a record.
    fn act(&self, path: &str, token: &str, version: i32) -> Request {
        let version = format!("\"{version}\"");
        let headers = [
            ("Authorization", token),
            ("Content-Type", "application/json"),
            ("If-Match", version.as_str()),
        ];
        Request::new("POST", &format!("/api/v1{path}"), &headers, "{}")
    }

    /// The next of many people who are in no register, all born before anybody of the demo.
    fn newcomer(&self) -> Newcomer {
        let n = self.newcomers.fetch_add(1, Ordering::Relaxed);
        let (member, file) = (MemberId::new(Timestamp::now()), FileId::new(Timestamp::now()));
        let id_number = number(n);
        Newcomer {
            member,
            file,
            registration: json!({ "id": member, "organization_id": self.basic, "name": format!("测试{n}"), "id_number": id_number,
                "joined_on": "1990-01-01" }),
            draft: json!({ "id": file, "member_id": member, "scheme": "scheme_2020", "category": "deep", "level": "city",
                "primary_cause": "major_illness" }),
        }
    }

    /// Somebody who is looked for: a name of the demo in pinyin, and a number with a slip.
    fn sought(n: usize) -> Value {
        let names = [
            "wang jianguo",
            "zhang wei",
            "李秀英",
            "Liu Yang",
            "陳桂英",
            "吴志强",
        ];
        let mut id_number = number(n);
        let last = if id_number.ends_with('1') { "2" } else { "1" };
        id_number.replace_range(17.., last);
        json!({ "name": names[n % names.len()], "id_number": id_number })
    }

    fn call(&self) -> Value {
        json!({ "kind": "call", "occurred_at": self.now, "channel": "phone", "reached": "worker", "outcome": "reached",
            "notes": "生活平稳，继续关注。" })
    }

    fn claim(&self, n: usize) -> Value {
        let day = |ago| self.today - TimeDelta::days(ago);
        json!({
            "member_id": self.people[n % self.people.len()], "programme_year": day(30).year(),
            "illness": { "name": "脑梗死", "icd10_code": "I63.9" },
            "stays": [{ "hospital": "江城第一医院", "admitted_on": day(40), "discharged_on": day(30),
                "settlement_number": format!("BENCH-{n}"), "total_fen": 3_000_000,
                "deductions": { "basic_insurance_fen": 2_000_000 }, "off_catalogue_fen": 100_000 }],
            "payee": { "kind": "guardian", "name": "测试", "id_number": "34029919700101001X",
                "account_number": "9999990000000000006", "bank": "江城农商银行", "relation": "配偶" },
        })
    }
}

fn read<T>(db: &Db, scope: Scope, work: impl FnOnce(&mut Rx) -> bangfu::error::Result<T>) -> T {
    db.read_blocking(scope, work).expect("a read")
}

fn files_on_file(db: &Db, scope: &Scope) -> Vec<FileId> {
    let all: Vec<FileId> = read(db, scope.clone(), |rx| {
        let mut query = files::table.select(files::id).into_boxed();
        within!(query, files::organization_id, rx);
        Ok(query
            .filter(files::status.eq("on_file"))
            .order(files::id)
            .load(rx.conn)?)
    });
    // spread over the whole table, in no order that a cache would like
    let (step, count) = (7919, all.len());
    (0..count.min(FILES)).map(|n| all[n * step % count]).collect()
}
