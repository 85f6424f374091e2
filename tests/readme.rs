//! The README's tour, taken from the README and run against the demo.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Command, Stdio};

/// Every `sh` block of the tour, in order.
fn tour() -> String {
    let readme = std::fs::read_to_string("README.md").unwrap();
    let section = readme
        .split("## Five-minute tour")
        .nth(1)
        .unwrap()
        .split("\n## ")
        .next()
        .unwrap();
    let blocks: Vec<_> = section
        .split("```sh\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert!(blocks.len() >= 5);
    blocks.concat()
}

#[test]
fn the_tour_of_the_readme_does_what_it_says() {
    let dir = tempfile::tempdir().unwrap();
    let accounts = dir.path().join("accounts.json");
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let address = format!("127.0.0.1:{port}");
    let mut demo = Command::new(env!("CARGO_BIN_EXE_bangfu"))
        .args([
            "demo",
            "--households",
            "40",
            "--argon2-memory-kib",
            "64",
            "--log",
            "warn",
            "--listen",
            &address,
        ])
        .arg("--data")
        .arg(dir.path().join("data"))
        .arg("--accounts")
        .arg(&accounts)
        .env_remove("DATABASE_URL")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // what the demo prints last is the next command to try; curl waits for the port
    let mut printed = BufReader::new(demo.stdout.take().unwrap()).lines();
    assert!(printed.any(|line| line.unwrap().starts_with("Next: ")));
    let wait = format!(
        "curl -sf --retry 50 --retry-connrefused --retry-delay 1 http://{address}/readyz >/dev/null\n"
    );
    let run = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &format!("{wait}{}", tour())])
        .env("B", format!("http://{address}"))
        .current_dir(dir.path())
        .output()
        .unwrap();
    let _ = Command::new("kill")
        .args(["-TERM", &demo.id().to_string()])
        .status();
    let stopped = demo.wait().unwrap();
    let (said, complained) = (
        String::from_utf8_lossy(&run.stdout),
        String::from_utf8_lossy(&run.stderr),
    );
    assert!(run.status.success(), "{said}\n{complained}");
    for expected in [
        "3402**********0028",
        "member_exists",
        "on_file",
        r#"{"done":5,"applicable":5,"complete":true}"#,
        r#"{"out_of_pocket_fen":1000000,"threshold_fen":1000000,"eligible":true,"amount_fen":50000}"#,
        "same_person",
        r#"{"status":"paid","amount_fen":50000}"#,
        r#""code":"below_threshold""#,
        r#""action":"claim.paid","actor_role":"finance""#,
        r#""valid":true"#,
        "forbidden",
    ] {
        assert!(
            said.contains(expected),
            "the tour does not say {expected}:\n{said}\n{complained}"
        );
    }
    assert_eq!(stopped.code(), Some(0), "SIGTERM stops the service gracefully");
    let verified = Command::new(env!("CARGO_BIN_EXE_bangfu"))
        .args(["audit", "verify", "--data"])
        .arg(dir.path().join("data"))
        .env_remove("DATABASE_URL")
        .output()
        .unwrap();
    assert!(
        verified.status.success(),
        "{}",
        String::from_utf8_lossy(&verified.stderr)
    );
}
