//! Auditors change nothing: every operation of the OpenAPI document is tried as an auditor and as a guest, and no row of
//! any table has changed but those of the log, of auditing and of the own account.

use std::collections::BTreeMap;

use actix_web::test::TestRequest;
use bangfu::db::Conn;
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde_json::{Value, json};

use crate::given::{Case, Town};
use crate::harness::{Client, TestApp};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Every row of every table, by table: the names are the database's own, so a new table is looked at too.
type Content = BTreeMap<String, Vec<String>>;

fn content(app: &TestApp) -> Content {
    let mut conn = Conn::open(&app.url).unwrap();
    let mut lines = |sql: &str| -> Vec<String> {
        let found = diesel::sql_query(sql).load::<Line>(&mut conn).unwrap();
        found.into_iter().map(|row| row.line).collect()
    };
    let names = match app.on_postgres() {
        true => {
            "SELECT table_name::text AS line FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        }
        false => "SELECT name AS line FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    };
    let mut all = Content::new();
    for table in lines(names) {
        let row = match app.on_postgres() {
            true => "t::text".to_owned(),
            false => {
                let columns = lines(&format!("SELECT name AS line FROM pragma_table_info('{table}')"));
                let quoted = columns.iter().map(|column| format!("quote(\"{column}\")"));
                quoted.collect::<Vec<_>>().join(" || '|' || ")
            }
        };
        let mut rows = lines(&format!("SELECT {row} AS line FROM \"{table}\" t"));
        rows.sort();
        all.insert(table, rows);
    }
    all
}

/// What may change when an auditor reads and audits: the log, what belongs to auditing, the own account with the relatives
/// whose cases it keeps away from, and keys of requests.
fn of_auditing(table: &str) -> bool {
    table.starts_with("audit_")
        || [
            "event_notes",
            "event_people",
            "event_looks",
            "exports",
            "record_versions",
            "client_ids",
            "idempotency_keys",
            "sessions",
            "refresh_tokens",
            "login_attempts",
            "relatives",
        ]
        .contains(&table)
}

/// The tables that were changed though they may not be; what is for ever has only got more.
fn changed(before: &Content, after: &Content) -> Vec<String> {
    let same = |(table, rows): &(&String, &Vec<String>)| {
        let now = after.get(*table).cloned().unwrap_or_default();
        match table.as_str() {
            "event_notes" | "record_versions" | "client_ids" | "relatives" => {
                rows.iter().all(|row| now.binary_search(row).is_ok())
            }
            table => of_auditing(table) || now == **rows,
        }
    };
    assert!(before.keys().eq(after.keys()));
    let others = before.iter().filter(|table| !same(table));
    others.map(|(table, _)| table.clone()).collect()
}

/// Tries every operation with an example as its body; how many were tried, and those that write outside of auditing and
/// the own account and were not refused.
async fn try_all(client: &Client, case: &Case) -> (usize, Vec<String>) {
    let document: Value = serde_json::from_str(&bangfu::app::document(false).json).unwrap();
    let (mut tried, mut allowed) = (0, Vec::new());
    for (path, item) in document["paths"].as_object().unwrap() {
        let Some(path) = path.strip_prefix("/api/v1") else {
            continue;
        };
        for (method, operation) in item.as_object().unwrap() {
            let place = case.place(path);
            let request = match method.as_str() {
                "get" => TestRequest::get(),
                "patch" => TestRequest::patch(),
                "put" => TestRequest::put(),
                _ => TestRequest::post(),
            };
            let record = place.rsplit_once('/').map_or("", |(record, _)| record);
            let etag = client.get(record).await.etag;
            let etag = etag.or(client.get(&place).await.etag).unwrap_or("\"1\"".into());
            let request = request.insert_header(("If-Match", etag));
            let example = operation.pointer("/requestBody/content/application~1json/example");
            let request = match method.as_str() {
                "get" => request,
                _ => request.set_json(example.unwrap_or(&json!({}))),
            };
            let answer = client.raw(request, &place).await;
            assert!(answer.status < 500, "{method} {place}: {}", answer.body);
            tried += 1;
            let permission = operation["security"][0]["bearer"][0].as_str();
            let own = path.starts_with("/audit/") || permission.is_none_or(|name| name == "self");
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            // what only reads, though it is a POST, knows no key
            let writes = parameters.into_iter().any(|p| p["name"] == "Idempotency-Key");
            if writes && !own && answer.status != 403 {
                allowed.push(format!("{method} {path}: {}", answer.status));
            }
        }
    }
    (tried, allowed)
}

#[actix_web::test]
async fn no_operation_that_an_auditor_or_a_guest_tries_changes_anything_outside_of_auditing() {
    let town = Town::start().await;
    let case = town.case().await;
    let before = content(&town.app);
    let full = before.values().filter(|rows| !rows.is_empty()).count();
    assert!(full > 50, "the town is full: {full} of {}", before.len());
    for who in ["auditor", "guest_auditor"] {
        let (tried, allowed) = try_all(&town.client(who).await, &case).await;
        assert!(tried > 200, "{tried}");
        assert!(allowed.is_empty(), "{who}: {allowed:#?}");
        let after = content(&town.app);
        assert_eq!(changed(&before, &after), [""; 0], "{who}");
        assert_ne!(
            before["audit_events"], after["audit_events"],
            "the log shows that {who} tried"
        );
    }

    // the comparison notices what others change
    let worker = town.client("caseworker").await;
    let member = format!("/members/{}", case.member);
    worker
        .patch(&member, json!({ "employer": "某公司" }))
        .await
        .expect(200);
    assert!(changed(&before, &content(&town.app)).contains(&"members".to_owned()));
}
