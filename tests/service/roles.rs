//! The roles of `deploy/postgres-roles.sql`: the service can add to the log and do nothing else to it.

use std::process::Command;

use bangfu::db::Conn;
use diesel::connection::SimpleConnection as _;

use crate::installation::{Installation, text};

/// `psql` of the server that the tests run on.
fn psql(url: &str, file: &str) {
    let folder = std::env::var("BANGFU_PG_BIN").unwrap();
    let run = Command::new(format!("{folder}/psql"))
        .args(["--quiet", "--no-psqlrc", "--file", file, url])
        .output()
        .unwrap();
    assert!(run.status.success(), "{}{}", text(&run.stdout), text(&run.stderr));
}

#[test]
fn the_role_of_the_service_can_add_to_the_log_and_do_nothing_else_to_it() {
    let installation = Installation::new();
    if !installation.on_postgres() {
        return; // one file, no roles: docs/audit.md says so
    }
    installation.start(&["demo", "--households", "1"]).stop();
    psql(&installation.url(), "deploy/postgres-roles.sql");
    let mut conn = Conn::open(&installation.url()).unwrap();
    let mut tried = |sql: &str| {
        let asked = format!("BEGIN; SET LOCAL ROLE bangfu_service; {sql}; ROLLBACK");
        let done = conn.batch_execute(&asked);
        if done.is_err() {
            conn.batch_execute("ROLLBACK").unwrap();
        }
        done.map_err(|error| error.to_string())
    };
    for sql in [
        "SELECT COUNT(*) FROM audit_events",
        "INSERT INTO audit_events (id, at, actor_role, action, subject_type, fields, before, request_id) VALUES ('x', now(), 'x', 'x', 'x', '{}', '{}', 'x')",
        "UPDATE audit_events SET seq = seq, hash = hash WHERE seq IS NULL",
        "INSERT INTO audit_nodes VALUES (8, 1000, 'x')",
        "UPDATE organizations SET name = name",
    ] {
        assert_eq!(tried(sql), Ok(()), "{sql}");
    }
    for sql in [
        "UPDATE audit_events SET action = 'x'",
        "DELETE FROM audit_events",
        "TRUNCATE audit_events",
        "UPDATE audit_checkpoints SET root = 'x'",
        "DELETE FROM audit_nodes",
        "DELETE FROM audit_cosignatures",
        "INSERT INTO audit_segments VALUES (256, 1, 'x', now())",
        "ALTER TABLE audit_events DISABLE TRIGGER USER",
        "DROP TRIGGER audit_events_no_delete ON audit_events",
        "CREATE TABLE mine (n INT)",
        "SET session_replication_role = replica",
    ] {
        let refused = tried(sql).unwrap_err();
        assert!(
            refused.contains("permission denied") || refused.contains("must be owner"),
            "{sql}: {refused}"
        );
    }
}
