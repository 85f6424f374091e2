//! `kill -9` under load: every acknowledged write is there afterwards, and the log is whole.

use std::sync::mpsc::{Sender, channel};

use crate::client::Client;
use crate::installation::{Installation, Running, get, post, unit};

const WRITERS: usize = 4;
/// Acknowledged writes before the service is killed.
const ENOUGH: usize = 60;

fn count(installation: &Installation, from: &str) -> i64 {
    installation.number(&format!("SELECT COUNT(*) AS n FROM {from}"))
}

/// Opens units until the service is gone, and tells which were acknowledged.
fn write(mut client: Client, bearer: &str, root: &str, writer: usize, acknowledged: &Sender<String>) {
    for n in 0.. {
        let id = uuid::Uuid::now_v7().to_string();
        let body = unit(&id, root, &format!("K{writer}-{n}"));
        match client.send(&post("/organizations", bearer, &body)) {
            Ok((201, _)) if acknowledged.send(id).is_ok() => {}
            Ok((status, body)) => panic!("{status}: {}", String::from_utf8_lossy(body)),
            Err(_) => return,
        }
    }
}

/// Kills the service while it is written to; the ids it acknowledged.
fn kill_under_load(mut service: Running) -> Vec<String> {
    let bearer = service.sign_in("system_admin", "Bangfu-2020-sy");
    let me = service.client().json(&get("/me", &bearer));
    let root = me["organization"]["id"].as_str().unwrap();
    let (sender, acknowledged) = channel();
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (client, bearer, sender) = (service.client(), &bearer, sender.clone());
            scope.spawn(move || write(client, bearer, root, writer, &sender));
        }
        drop(sender);
        let mut ids: Vec<String> = acknowledged.iter().take(ENOUGH).collect();
        service.kill();
        ids.extend(acknowledged.iter());
        ids
    })
}

#[test]
fn no_acknowledged_write_is_lost_when_the_service_is_killed_under_load() {
    let installation = Installation::new();
    let ids = kill_under_load(installation.start(&["demo", "--households", "5"]));
    assert!(ids.len() >= ENOUGH);
    let again = installation.start(&["demo", "--households", "5"]);
    let bearer = again.sign_in("system_admin", "Bangfu-2020-sy");
    let mut client = again.client();
    for id in &ids {
        let (status, _) = client
            .send(&get(&format!("/organizations/{id}"), &bearer))
            .unwrap();
        assert_eq!(status, 200, "{id} was acknowledged");
    }
    again.stop();
    installation.verify();
    let events = "audit_events WHERE action = 'organization.opened' AND seq IS NOT NULL";
    assert_eq!(
        count(&installation, "organizations"),
        count(&installation, events),
        "every effect has its event, and no event is without its effect"
    );
}
