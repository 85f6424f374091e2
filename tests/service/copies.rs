//! Several copies of the service on one database.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::client::{Client, Request};
use crate::installation::{Installation, Running, get, post, unit};

const EACH: usize = 20;

/// Opens units at one copy; how many were acknowledged.
fn write(mut client: Client, bearer: &str, root: &str, copy: usize) -> usize {
    let open = |n: usize| {
        let id = uuid::Uuid::now_v7().to_string();
        post(
            "/organizations",
            bearer,
            &unit(&id, root, &format!("C{copy}-{n}")),
        )
    };
    (0..EACH)
        .filter(|n| client.send(&open(*n)).unwrap().0 == 201)
        .count()
}

/// Sends one request with one key to both copies at once; the ids they answer with.
fn repeat(copies: [&Running; 2], bearer: &str, root: &str) -> BTreeSet<String> {
    let body = json!({ "parent_id": root, "kind": "basic", "name": "同一请求", "code": "ONCE" }).to_string();
    let headers = [
        ("Authorization", bearer),
        ("Content-Type", "application/json"),
        ("Idempotency-Key", "one-bar-of-signal"),
    ];
    let request = Request::new("POST", "/api/v1/organizations", &headers, &body);
    let send = |copy: &Running| loop {
        let mut client = copy.client();
        let (status, answer) = client.send(&request).unwrap();
        let answer: Value = serde_json::from_slice(answer).unwrap();
        match status {
            201 => return answer["id"].as_str().unwrap().to_owned(),
            _ => assert_eq!(answer["code"], "request_in_progress", "{answer}"),
        }
    };
    std::thread::scope(|scope| {
        let sent = copies.map(|copy| scope.spawn(move || send(copy)));
        sent.map(|thread| thread.join().unwrap()).into_iter().collect()
    })
}

#[test]
fn two_copies_share_sessions_keys_and_one_log() {
    let installation = Installation::new();
    installation.start(&["demo", "--households", "5"]).stop();
    let (one, two) = (installation.start(&["serve"]), installation.start(&["serve"]));
    let bearer = one.sign_in("system_admin", "Bangfu-2020-sy");
    let me = two.client().json(&get("/me", &bearer));
    let root = me["organization"]["id"].as_str().unwrap();
    let written: usize = std::thread::scope(|scope| {
        let writers = [&one, &two].map(|copy| copy.client()).into_iter().enumerate();
        let (bearer, mut threads) = (&bearer, Vec::new());
        for (n, client) in writers {
            threads.push(scope.spawn(move || write(client, bearer, root, n)));
        }
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(written, 2 * EACH);
    assert_eq!(
        repeat([&one, &two], &bearer, root).len(),
        1,
        "one effect for one key"
    );
    let revoke = Request::new(
        "POST",
        "/api/v1/auth/revoke",
        &[("Content-Type", "application/x-www-form-urlencoded")],
        &format!("token={}", bearer.trim_start_matches("Bearer ")),
    );
    assert_eq!(two.client().send(&revoke).unwrap().0, 200);
    let mut client = one.client();
    let (status, _) = client.send(&get("/me", &bearer)).unwrap();
    assert_eq!(
        status, 401,
        "a session that ended at one copy has ended at the other"
    );
    one.stop();
    two.stop();
    installation.verify();
}
