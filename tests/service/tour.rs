//! The README's tour, taken from the README and run against the demo; and what the service logged meanwhile.

use std::process::{Command, Output};

use crate::client::Request;
use crate::installation::{Installation, Running, get, post, text};

/// Every `sh` block of the tour, in order.
fn tour() -> String {
    let readme = std::fs::read_to_string("README.md").unwrap();
    let tour = readme.split("## Five-minute tour").nth(1).unwrap();
    let section = tour.split("\n## ").next().unwrap();
    let blocks = section.split("```sh\n").skip(1);
    let blocks: Vec<_> = blocks.map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(blocks.len() >= 5);
    blocks.concat()
}

fn take_the_tour(installation: &Installation, service: &Running) -> Output {
    Command::new("bash")
        .args(["-euo", "pipefail", "-c", &tour()])
        .env("B", service.url())
        .env("BANGFU", env!("CARGO_BIN_EXE_bangfu"))
        .env("DATA", installation.data())
        .env("DATABASE_URL", installation.database_url())
        .env("TOOLS", concat!(env!("CARGO_MANIFEST_DIR"), "/tools"))
        .env("PYTHON", crate::packs::python())
        .current_dir(installation.folder())
        .output()
        .unwrap()
}

/// Requests that carry personal values where none belong, as clients by mistake do.
fn blunder(service: &Running) {
    let bearer = service.sign_in("caseworker", "Bangfu-2020-cw");
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let wrong = "grant_type=password&username=340299197001010028&password=13900000001";
    for request in [
        get("/members/340299197001010028", &bearer),
        get("/members?id_number=340299197001010028", &bearer),
        get("/files?cursor=13900000001", &bearer),
        get("/members", "Bearer 340299197001010028"),
        post(
            "/members",
            &bearer,
            &serde_json::json!({ "name": "陈秀英", "id_number": "34029919700101002X", "340299197001010028": 1 }),
        ),
        post("/members", &bearer, &"340299197001010028".into()),
        Request::new("POST", "/api/v1/auth/token", &form, wrong),
    ] {
        let mut client = service.client();
        let (status, _) = client.send(&request).unwrap();
        assert!((400..500).contains(&status), "{status}");
    }
}

/// Runs of digits and dashes in the log that are not part of an id.
fn numbers(log: &str) -> impl Iterator<Item = &str> {
    let words = log.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    words.filter(|word| uuid::Uuid::parse_str(word).is_err())
}

#[test]
fn the_tour_of_the_readme_does_what_it_says_and_the_service_logs_nothing_personal() {
    let installation = Installation::new();
    let service = installation.start(&["demo", "--households", "40", "--accounts", "accounts.json"]);
    let run = take_the_tour(&installation, &service);
    blunder(&service);
    let log = service.stop();
    let (said, complained) = (text(&run.stdout), text(&run.stderr));
    assert!(run.status.success(), "{said}\n{complained}");
    for expected in [
        "3402**********0028",
        "member_exists",
        r#"{"score":85,"likely":true,"why":["same_sound","one_slip"]}"#,
        "on_file",
        r#""/profile/address""#,
        r#""name":"周**","id_number":"3402**********1202","minor":true"#,
        r#"{"category":"deep","people":2,"income_fen":3600000,"rigid_fen":2400000,"line_fen":71000"#,
        "wrong_stage",
        r#""code":"notice_running""#,
        r#"{"name":"周**","unit":"#,
        r#"{"version":1,"action":"file.opened""#,
        r#"{"done":5,"applicable":5,"complete":true}"#,
        r#"{"asked_fen":5000000,"granted_fen":852000,"trimmed":true,"clauses":[{"kind_offered":true}"#,
        r#"["duplicate_aid","cap_reached"]"#,
        r#"{"out_of_pocket_fen":1000000,"threshold_fen":1000000,"eligible":true,"amount_fen":50000}"#,
        "same_person",
        r#"{"available_fen":950000,"committed_fen":50000,"paid_fen":0,"#,
        "totals_differ",
        "陈秀英,9999990000000006,徽商银行,500.00",
        "in_batch",
        r#"{"status":"settled","paid":1}"#,
        "closed",
        r#"{"available_fen":950000,"committed_fen":0,"paid_fen":50000,"#,
        r#""code":"below_threshold""#,
        r#""action":"claim.paid","actor_role":"finance""#,
        r#""valid":true"#,
        r#""shared_card""#,
        "forbidden",
        r#"{"field":"status","matches":"new"}"#,
        "evidence.json: 成立",
        "日志成立",
        "found out",
    ] {
        assert!(
            said.contains(expected),
            "the tour does not say {expected}:\n{said}\n{complained}"
        );
    }
    installation.verify();
    assert!(log.contains("/api/v1/illness-claims/{id}/approve"), "{log}");
    for line in log.lines() {
        // names, illnesses, banks and addresses are Chinese; ID, phone and card numbers have eleven digits or more
        assert!(line.is_ascii(), "{line}");
        let long = numbers(line).find(|word| word.matches(|c: char| c.is_ascii_digit()).count() >= 11);
        assert_eq!(long, None, "{line}");
    }
}
