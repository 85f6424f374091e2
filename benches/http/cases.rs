//! Claims for the benchmark and for tests of the program, made without HTTP, and the accounts that make them.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use bangfu::auth::{Actor, Role, Scope};
use bangfu::claims::{self, ClaimId, NewClaim};
use bangfu::db::schema::{batch_lines, organizations as units};
use bangfu::db::types::Date;
use bangfu::db::{Db, Tx};
use bangfu::error::Result;
use bangfu::input::read_body;
use bangfu::members::{self, MemberId, NewMember};
use bangfu::organizations::{self, OrganizationId};
use bangfu::{demo, payments, users};
use chrono::{Datelike as _, TimeDelta};
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::client::{Client, Request};

/// How much each claim is granted.
pub const GRANT_FEN: i64 = 50_000;
/// Claims of one unit of work.
const AT_ONCE: usize = 500;

/// An account of the demo, as it acts.
pub fn actor(db: &Db, username: &str) -> Actor {
    let found = db.read_blocking(Scope::All, |rx| {
        let user = users::find_by_name(rx, &users::username_key(username))?;
        let path: String = units::table
            .find(user.organization_id)
            .select(units::path)
            .first(rx.conn)?;
        Ok(Actor {
            id: Some(user.id),
            role: user.roles.0.first().map_or("", |role: &Role| role.as_str()),
            organization_id: Some(user.organization_id),
            scope: Scope::Under(path),
            person: user.person,
        })
    });
    found.expect("an account of the demo")
}

/// The `n`th synthetic number (prefix 340299, never issued) of somebody born from 1930 on.
pub fn number(n: usize) -> String {
    let born = Date::from_ymd_opt(1930, 1, 1).unwrap_or_default() + TimeDelta::days((n / 1000 % 7000) as i64);
    let body = format!("340299{}{:03}", born.format("%Y%m%d"), n % 1000);
    let sum = body
        .bytes()
        .fold(0, |sum, digit| (sum + u32::from(digit - b'0')) * 2 % 11);
    format!("{body}{}", char::from(b"10X98765432"[sum as usize]))
}

/// Numbers that follow on each other belong to people who are years apart: whoever is registered is compared with all
/// who have a similar number, name or account, and in a register of a city those are few.
fn spread(n: usize) -> usize {
    1_000_000 + n * 7_919 % 6_000_000
}

/// A name that hardly anybody else has.
fn name(n: usize) -> String {
    let character = |n: usize| char::from_u32(0x4e00 + (n * 7_919 % 20_000) as u32).unwrap_or('测');
    [
        "测".to_owned(),
        character(n).into(),
        character(n / 137 + 1).into(),
    ]
    .concat()
}

/// An account number of its own, with its check digit.
fn account(n: usize) -> String {
    let body = format!("999999{n:09}");
    let sum: usize = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            let doubled = usize::from(digit - b'0') * (2 - at % 2);
            doubled / 10 + doubled % 10
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// Verified claims of members numbered from `first` on, in a unit.
pub fn verified(db: &Db, unit: OrganizationId, first: usize, count: usize) -> Vec<ClaimId> {
    let (contact, verifier) = (actor(db, "caseworker"), actor(db, "supervisor"));
    let numbers: Vec<usize> = (first..first + count).collect();
    let lodged = all(db, &contact, &numbers, |tx, n| lodge(tx, unit, *n));
    all(db, &verifier, &lodged, |tx, id| {
        let claim = claims::find(tx, *id)?;
        claims::verify(tx, claim).map(|claim| claim.id)
    })
}

/// The same, approved: each is a payment that is due.
pub fn approved(db: &Db, unit: OrganizationId, first: usize, count: usize) -> Vec<ClaimId> {
    let (approver, claims) = (actor(db, "city_supervisor"), verified(db, unit, first, count));
    all(db, &approver, &claims, |tx, id| approve(tx, *id))
}

/// Approves a verified claim.
pub fn approve(tx: &mut Tx, id: ClaimId) -> Result<ClaimId> {
    let claim = claims::find(tx, id)?;
    payments::approve(tx, claim).map(|(claim, _)| claim.id)
}

/// Does the same to each, many of them in one unit of work.
fn all<T, R>(db: &Db, actor: &Actor, each: &[T], step: impl Fn(&mut Tx, &T) -> Result<R>) -> Vec<R> {
    let mut done = Vec::new();
    for some in each.chunks(AT_ONCE) {
        let work = |tx: &mut Tx| some.iter().map(|one| step(tx, one)).collect::<Result<Vec<R>>>();
        let made = db.write_blocking(actor.clone(), "cases".into(), work);
        done.extend(made.expect("a step of a claim"));
    }
    done
}

fn lodge(tx: &mut Tx, unit: OrganizationId, n: usize) -> Result<ClaimId> {
    let (member, id): (MemberId, ClaimId) = (tx.new_id(), tx.new_id());
    let registration = json!({ "organization_id": unit, "name": name(n), "id_number": number(spread(n)), "joined_on": "2010-01-01" });
    let new: NewMember = read_body(registration.to_string().as_bytes())?;
    members::register(tx, member, new)?;
    let new: NewClaim = read_body(claim(member, tx.today(), n).to_string().as_bytes())?;
    let claim = claims::create(tx, id, new)?;
    claims::submit(tx, claim).map(|claim| claim.id)
}

fn claim(member: MemberId, today: Date, n: usize) -> Value {
    let day = today - TimeDelta::days(30);
    json!({
        "member_id": member, "programme_year": day.year(), "illness": { "name": "急性心肌梗死", "icd10_code": "I21.9" },
        "stays": [{ "hospital": "江城第一医院", "admitted_on": day, "discharged_on": day, "settlement_number": format!("CASE-{n}"),
            "total_fen": 1_000_000, "deductions": {}, "off_catalogue_fen": 0 }],
        "payee": { "kind": "member", "name": name(n), "id_number": number(spread(n)), "account_number": account(n),
            "bank": "江城农商银行" },
    })
}

/// Accounts of the demo, signed in at a service.
pub struct Desk {
    pub address: SocketAddr,
    tokens: BTreeMap<&'static str, String>,
}

impl Desk {
    /// Signs in whoever has to do with money.
    pub fn open(address: SocketAddr) -> Self {
        let people = ["finance", "finance_b", "city_supervisor"];
        let tokens = people.map(|who| (who, sign_in(address, who)));
        Self {
            address,
            tokens: tokens.into(),
        }
    }

    /// The record at a place.
    pub fn get(&self, who: &str, place: &str) -> Value {
        self.answer(&Request::new("GET", &path(place), &[self.bearer(who)], ""))
    }

    pub fn post(&self, who: &str, place: &str, body: &Value) -> Value {
        let headers = [self.bearer(who), JSON];
        self.answer(&Request::new("POST", &path(place), &headers, &body.to_string()))
    }

    /// A verb on a record: reads its version first.
    pub fn act(&self, who: &str, place: &str, verb: &str, body: &Value) -> Value {
        self.answer(&self.verb(who, place, verb, body))
    }

    /// The request of a verb on a record as it is now.
    pub fn verb(&self, who: &str, place: &str, verb: &str, body: &Value) -> Request {
        let version = format!("\"{}\"", self.get(who, place)["version"]);
        let headers = [self.bearer(who), JSON, ("If-Match", version.as_str())];
        Request::new(
            "POST",
            &path(&format!("{place}/{verb}")),
            &headers,
            &body.to_string(),
        )
    }

    /// The request with the bank's answer.
    pub fn file(&self, who: &str, place: &str, day: Date, content: &str) -> Request {
        let headers = [self.bearer(who), ("Content-Type", "text/csv")];
        Request::new(
            "POST",
            &path(&format!("{place}/answers/{day}")),
            &headers,
            content,
        )
    }

    /// Sends a request that must succeed.
    pub fn answer(&self, request: &Request) -> Value {
        self.client().json(request)
    }

    pub fn client(&self) -> Client {
        Client::connect(self.address).expect("a connection")
    }

    fn bearer(&self, who: &str) -> (&str, &str) {
        ("Authorization", &self.tokens[who])
    }

    /// A budget line of a unit for this year's condolences.
    pub fn budget(&self, unit: OrganizationId, today: Date, amount_fen: i64) -> Value {
        let (code, kind) = (format!("CASE-{amount_fen}"), "illness_condolence");
        let fund = json!({ "organization_id": unit, "code": code, "name": "工会经费", "source": "union", "kinds": [kind],
            "valid_from": "2020-01-01" });
        let fund = self.post("finance", "/funds", &fund);
        let place = format!("/funds/{}", fund["id"].as_str().expect("an id"));
        let money = json!({ "amount_fen": amount_fen, "reference": "拨款" });
        self.post("finance", &format!("{place}/receipts"), &money);
        let line = json!({ "organization_id": unit, "year": today.year(), "aid_kind": kind, "amount_fen": amount_fen, "reference": "预算" });
        self.post("city_supervisor", &format!("{place}/budget-lines"), &line)
    }

    /// A batch of all that is due in a unit, handed on until it may be exported; its place.
    pub fn approved_batch(&self, unit: OrganizationId) -> String {
        let new = json!({ "organization_id": unit, "layout_id": "00000000-0000-7000-8000-000000000061" });
        let made = self.post("finance", "/payment-batches", &new);
        let place = format!("/payment-batches/{}", made["id"].as_str().expect("an id"));
        let counted = json!({ "total_fen": made["total_fen"], "line_count": made["line_count"] });
        self.act("finance", &place, "submit", &json!({}));
        self.act("finance_b", &place, "check", &json!({}));
        self.act("city_supervisor", &place, "approve", &counted);
        place
    }
}

const JSON: (&str, &str) = ("Content-Type", "application/json");

fn path(place: &str) -> String {
    format!("/api/v1{place}")
}

/// The header of an account of the demo.
pub fn sign_in(address: SocketAddr, account: &str) -> String {
    let accounts = demo::accounts();
    let mut known = accounts.iter();
    let (_, username, password) = known.find(|(name, ..)| *name == account).expect("an account");
    let form = if account == "integration" {
        format!("grant_type=client_credentials&client_id={username}&client_secret={password}")
    } else {
        format!("grant_type=password&username={username}&password={password}")
    };
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    let mut client = Client::connect(address).expect("a connection");
    let answer = client.json(&Request::new("POST", "/api/v1/auth/token", &headers, &form));
    format!("Bearer {}", answer["access_token"].as_str().expect("a token"))
}

/// A unit of its own below another.
pub fn unit(db: &Db, parent: OrganizationId, code: &str) -> OrganizationId {
    let opened = db.write_blocking(Actor::system(), "cases".into(), |tx| {
        let id = tx.new_id();
        let new =
            json!({ "parent_id": parent, "kind": "basic", "name": format!("基层工会{code}"), "code": code });
        organizations::open(tx, id, read_body(new.to_string().as_bytes())?)
    });
    opened.expect("a unit").id
}

/// The bank's answer to every line of a batch: each paid, save those that `returned` names by their place.
pub fn bank_says(db: &Db, batch: &str, returned: impl Fn(usize) -> bool) -> String {
    let references: Vec<String> = db
        .read_blocking(Scope::All, |rx| {
            let id = batch.rsplit('/').next().unwrap_or_default();
            let of = batch_lines::table.filter(batch_lines::batch_id.eq(id.to_owned()));
            let exported = of.filter(batch_lines::status.eq("exported"));
            let in_order = exported.order(batch_lines::reference);
            Ok(in_order.select(batch_lines::reference).load(rx.conn)?)
        })
        .expect("lines");
    let mut text = "业务参考号,金额,处理结果,原因代码\r\n".to_owned();
    for (at, reference) in references.iter().enumerate() {
        let rest = if returned(at) { "失败,R01" } else { "成功," };
        text.push_str(&format!("{reference},{}.00,{rest}\r\n", GRANT_FEN / 100));
    }
    text
}
