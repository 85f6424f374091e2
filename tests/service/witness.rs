//! The witness client against running services: it signs while a log grows, and finds a log of which somebody else was
//! shown another one.

use bangfu::note::Note;
use serde_json::{Value, json};

use crate::installation::{Installation, Running, get, post, unit};

/// Does something that is logged, and has it come under a head.
fn write(service: &Running, code: &str) -> Value {
    let bearer = service.sign_in("system_admin", "Bangfu-2020-sy");
    let me = service.client().json(&get("/me", &bearer));
    let id = uuid::Uuid::now_v7().to_string();
    let new = unit(&id, me["organization"]["id"].as_str().unwrap(), code);
    assert_eq!(
        service
            .client()
            .send(&post("/organizations", &bearer, &new))
            .unwrap()
            .0,
        201
    );
    head(service)
}

/// The newest head.
fn head(service: &Running) -> Value {
    let auditor = service.sign_in("auditor", "Bangfu-2020-au");
    service.client().json(&get("/audit/checkpoint", &auditor))
}

/// The arguments of a witness of a service.
fn look<'a>(url: &'a str, key: &'a str, state: &'a str) -> [&'a str; 8] {
    ["audit", "witness", "--url", url, "--key", key, "--state", state]
}

/// Registers a witness.
fn register(service: &Running, key: &str) {
    let admin = service.sign_in("security_admin", "Bangfu-2020-se");
    let new = json!({ "key": key });
    assert_eq!(
        service
            .client()
            .send(&post("/audit/witnesses", &admin, &new))
            .unwrap()
            .0,
        201
    );
}

#[test]
fn a_witness_signs_under_a_log_that_grows_and_finds_the_fork_that_another_was_shown() {
    let (one, fork) = (Installation::new(), Installation::new());
    one.start(&["demo", "--households", "2"]).stop();
    std::fs::create_dir_all(fork.data()).unwrap();
    std::fs::copy(one.data().join("keyring.json"), fork.data().join("keyring.json")).unwrap();
    fork.start(&["demo", "--households", "4"]).stop();
    let place = |name: &str| one.folder().join(name).display().to_string();
    let (key, state) = (place("witness.json"), place("witness"));
    let public = one.said(
        &["audit", "witness-key", &key, "--name", "province.example/w"],
        "",
    );
    let shown_to_us = one.start(&["serve"]);
    register(&shown_to_us, public.trim());
    for code in ["W1", "W2"] {
        write(&shown_to_us, code);
        one.said(&look(&shown_to_us.url(), &key, &state), "");
    }
    let signed: Note = std::fs::read_to_string(one.folder().join("witness/checkpoint.note"))
        .unwrap()
        .parse()
        .unwrap();
    let seen: bangfu::note::Head = signed.text().parse().unwrap();
    let cosigned = format!(
        "SELECT COUNT(*) AS n FROM audit_cosignatures WHERE size = {}",
        seen.size
    );
    assert_eq!(one.number(&cosigned), 1);
    let shown_to_others = fork.start(&["serve"]);
    register(&shown_to_others, public.trim());
    assert!(head(&shown_to_others)["size"].as_u64().unwrap() > seen.size);
    let found = one.complained(&look(&shown_to_others.url(), &key, &state));
    assert!(found.contains("the log forked"), "{found}");
    assert_eq!(
        fork.number("SELECT COUNT(*) AS n FROM audit_cosignatures"),
        0,
        "it does not sign under a fork"
    );
    let kept = std::fs::read_dir(one.folder().join("witness")).unwrap();
    let kept: Vec<_> = kept
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(kept.iter().any(|name| name.starts_with("fork-")), "{kept:?}");
    one.said(&look(&shown_to_us.url(), &key, &state), "");
    let elsewhere = place("elsewhere");
    one.said(&look(&shown_to_others.url(), &key, &elsewhere), "");
    let back = one.complained(&look(&shown_to_us.url(), &key, &elsewhere));
    assert!(back.contains("the log went back"), "{back}");
    shown_to_us.stop();
    shown_to_others.stop();
}
