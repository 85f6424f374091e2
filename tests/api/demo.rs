//! The demo's data: whole, believable, and not empty for anybody who is told an account.

use std::collections::BTreeSet;

use bangfu::auth::Scope;
use bangfu::demo;
use bangfu::identity::CitizenId;
use bangfu::members::Member;
use diesel::prelude::*;
use serde_json::json;

use crate::harness::TestApp;

const HOUSEHOLDS: usize = 120;

async fn filled() -> TestApp {
    let app = TestApp::start().await;
    // late in a year, when much has been done and something is overdue
    app.set("2022-11-24");
    demo::load(
        &app.db,
        &app.shared.passwords,
        HOUSEHOLDS,
        app.db.now(),
        |_, _| {},
    )
    .unwrap();
    app
}

/// ID numbers and names in the order of registration.
fn people(app: &TestApp) -> Vec<(String, String)> {
    let read = app.db.read_blocking(Scope::All, |rx| {
        let members: Vec<Member> = Member::query().load(rx.conn)?;
        members
            .iter()
            .map(|m| Ok((m.id_number(rx.keys)?, m.name.clone())))
            .collect()
    });
    let mut people: Vec<(String, String)> = read.unwrap();
    people.sort();
    people
}

#[actix_web::test]
async fn the_demo_is_whole_and_the_same_on_every_machine() {
    let (app, other) = (filled().await, filled().await);
    app.check_invariants();
    let known = people(&app);
    assert_eq!(known, people(&other));
    for (number, name) in &known {
        assert!(
            number.starts_with("340299") && CitizenId::parse(number).is_ok(),
            "{number}"
        );
        assert!(name.chars().count() >= 2, "{name}");
    }
    for table in [
        "files",
        "actions",
        "illness_claims",
        "payments",
        "pairings",
        "waivers",
        "duties",
    ] {
        let count = format!("SELECT COUNT(*) AS n FROM {table}");
        assert_eq!(app.count(&count), other.count(&count), "{table}");
    }
    assert_eq!(
        app.count("SELECT COUNT(*) AS n FROM files WHERE episode = 1"),
        HOUSEHOLDS as i64
    );
    assert_eq!(
        app.count("SELECT COUNT(DISTINCT group_code) AS n FROM members"),
        8
    );
}

#[actix_web::test]
async fn nothing_in_the_demo_lies_in_the_future_or_out_of_order() {
    let app = filled().await;
    for sql in [
        "SELECT COUNT(*) AS n FROM audit_events WHERE at > '2022-11-24 12:00:00' AND action <> 'user.password_set'",
        "SELECT COUNT(*) AS n FROM actions WHERE occurred_at > recorded_at",
        "SELECT COUNT(*) AS n FROM audit_events a JOIN audit_events b ON b.seq = a.seq + 1 WHERE b.at < a.at",
        "SELECT COUNT(*) AS n FROM payments WHERE paid_on < approved_on",
    ] {
        assert_eq!(app.count(sql), 0, "{sql}");
    }
}

#[actix_web::test]
async fn claims_and_files_stand_in_every_state() {
    let app = filled().await;
    let has = |table: &str, status: &str| {
        app.count(&format!(
            "SELECT COUNT(*) AS n FROM {table} WHERE status = '{status}'"
        )) > 0
    };
    for status in [
        "draft",
        "submitted",
        "returned",
        "verified",
        "approved",
        "paid",
        "rejected",
        "withdrawn",
    ] {
        assert!(has("illness_claims", status), "{status}");
    }
    for status in ["due", "paid", "failed"] {
        assert!(has("payments", status), "{status}");
    }
    for status in ["draft", "submitted", "on_file"] {
        assert!(has("files", status), "{status}");
    }
}

#[actix_web::test]
async fn every_account_that_is_told_signs_in_and_sees_something() {
    let app = filled().await;
    let mut names = BTreeSet::new();
    for (key, username, password) in demo::accounts() {
        assert!(names.insert(key));
        let grant = match key {
            "integration" => {
                json!({ "grant_type": "client_credentials", "client_id": username, "client_secret": password })
            }
            _ => json!({ "grant_type": "password", "username": username, "password": password }),
        };
        let form: Vec<(&str, &str)> = grant
            .as_object()
            .unwrap()
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str().unwrap()))
            .collect();
        let answer = app.token(&form).await.expect(200);
        assert_eq!(answer.body["must_change_password"], false, "{key}");
        let client = crate::harness::Client {
            app: app.clone(),
            token: answer.text("/access_token"),
        };
        let paths: &[&str] = match key {
            "caseworker" | "caseworker_b" | "caseworker_2" => &[
                "/members",
                "/files?status=on_file",
                "/illness-claims",
                "/worklist",
            ],
            "supervisor" | "supervisor_b" | "supervisor_2" | "city_supervisor" | "integration" => {
                &["/members", "/files", "/illness-claims"]
            }
            "finance" | "finance_b" => &["/payments?status=due"],
            "auditor" => &["/files", "/payments", "/audit/events"],
            _ => &["/users", "/organizations"],
        };
        for path in paths {
            assert!(
                !client.get(path).await.expect(200).items().is_empty(),
                "{key} {path}"
            );
        }
    }
}
