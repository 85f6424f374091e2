//! The commands of an installation from its first day to the night its backup is needed.

use bangfu::db::Conn;
use diesel::connection::SimpleConnection as _;
use serde_json::Value;

use crate::client::Request;
use crate::installation::{Installation, get, post, text, unit};

const PASSWORD: &str = "Chunjie-2020";

/// A migrated installation with a keyring and its first administrator.
fn installed() -> Installation {
    let installation = Installation::new();
    std::fs::create_dir(installation.data()).unwrap();
    let pending = installation.complained(&["migrate", "--check"]);
    assert!(pending.contains("migrations are pending"), "{pending}");
    installation.said(&["migrate"], "");
    installation.said(&["migrate"], "");
    installation.said(&["migrate", "--check"], "");
    let keyring = installation.data().join("keyring.json").display().to_string();
    let missing = installation.complained(&["serve"]);
    assert!(
        missing.contains("BANGFU_KEYRING") && missing.contains("bangfu keyring"),
        "{missing}"
    );
    installation.said(&["keyring", &keyring], "");
    let over = installation.complained(&["keyring", &keyring]);
    assert!(!over.is_empty(), "a keyring is never overwritten");
    installation
}

fn create<'a>(role: &'a str, username: &'a str) -> [&'a str; 10] {
    let unit = "芜湖市总工会";
    [
        "user",
        "create",
        "--role",
        role,
        "--username",
        username,
        "--name",
        "管理员",
        "--organization",
        unit,
    ]
}

#[test]
fn a_new_installation_gets_its_first_administrators_and_is_in_use() {
    let installation = installed();
    let typed = format!("340299197001010028\n{PASSWORD}\n");
    let made = installation.said(&create("system_admin", "diyi"), &typed);
    assert!(!made.contains(PASSWORD) && !made.contains("340299"), "{made}");
    let once = installation.said(&create("security_admin", "dier"), "340299196006300214\n\n");
    let (_, once) = once.trim().rsplit_once(' ').unwrap();
    for (who, typed) in [
        (create("system_admin", "disan"), typed.as_str()),
        (create("caseworker", "disi"), "340299196006300214\nLaogong-2020\n"),
        (
            create("system_admin", "diwu"),
            "340299196006300215\nLaogong-2020\n",
        ),
        (create("system_admin", "diliu"), "340299196006300214\nweak\n"),
    ] {
        let refused = installation.run(&who, typed);
        assert!(!refused.status.success(), "{who:?}");
        let complaint = String::from_utf8(refused.stderr).unwrap();
        assert!(
            complaint.starts_with("bangfu: ") && !complaint.contains("340299"),
            "{complaint}"
        );
    }
    let service = installation.start(&["serve"]);
    assert!(service.is_healthy(&installation));
    let bearer = service.sign_in("diyi", PASSWORD);
    let me = service.client().json(&get("/me", &bearer));
    assert_eq!(me["organization"]["name"], "芜湖市总工会");
    assert!(me["demo"] != Value::Bool(true), "{me}");
    service.sign_in("dier", once);
    service.stop();
    installation.verify();
}

/// Runs one of PostgreSQL's programs on the installation's database, as the README says.
fn postgres(installation: &Installation, program: &str, arguments: &[&str]) {
    let folder = std::env::var("BANGFU_PG_BIN").expect("scripts/with-postgres says where it is");
    let mut command = std::process::Command::new(format!("{folder}/{program}"));
    let done = command
        .arg(format!("--dbname={}", installation.url()))
        .args(arguments)
        .output()
        .unwrap();
    assert!(done.status.success(), "{program}: {}", text(&done.stderr));
}

fn back_up(installation: &Installation, copy: &str) {
    if !installation.on_postgres() {
        installation.said(&["backup", copy], "");
        let twice = installation.complained(&["backup", copy]);
        assert!(twice.contains("exists"), "{twice}");
        return;
    }
    let advice = installation.complained(&["backup", copy]);
    let file = format!("--file={copy}");
    assert!(
        advice.contains("pg_dump --format=custom --file=FILE \"$DATABASE_URL\""),
        "{advice}"
    );
    postgres(installation, "pg_dump", &["--format=custom", &file]);
}

fn restore(installation: &Installation, copy: &str) {
    if installation.on_postgres() {
        return postgres(installation, "pg_restore", &["--clean", "--if-exists", copy]);
    }
    let file = installation.url();
    for end in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{file}{end}"));
    }
    std::fs::copy(copy, &file).unwrap();
}

#[test]
fn a_backup_made_while_serving_is_the_database_again() {
    let installation = Installation::new();
    let copy = installation.folder().join("copy").display().to_string();
    let service = installation.start(&["demo", "--households", "5"]);
    let bearer = service.sign_in("system_admin", "Bangfu-2020-sy");
    let mut client = service.client();
    let me = client.json(&get("/me", &bearer));
    let root = me["organization"]["id"].as_str().unwrap();
    let (kept, lost) = (
        "01723d2f-5c00-7c44-9d0a-2f6f3a1c5b7e",
        "01723d2f-5c00-7c44-9d0a-2f6f3a1c5b7f",
    );
    client.json(&post("/organizations", &bearer, &unit(kept, root, "A")));
    back_up(&installation, &copy);
    client.json(&post("/organizations", &bearer, &unit(lost, root, "B")));
    service.stop();
    restore(&installation, &copy);
    installation.verify();
    let service = installation.start(&["serve"]);
    let bearer = service.sign_in("system_admin", "Bangfu-2020-sy");
    let status = |id| {
        let mut client = service.client();
        let sent = client.send(&get(&format!("/organizations/{id}"), &bearer));
        sent.unwrap().0
    };
    assert_eq!((status(kept), status(lost)), (200, 404));
    service.stop();
}

#[test]
fn a_program_that_is_older_than_the_schema_refuses_to_start() {
    let installation = installed();
    let mut conn = Conn::open(&installation.url()).unwrap();
    conn.batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')")
        .unwrap();
    for arguments in [&["serve"][..], &["migrate"], &["migrate", "--check"]] {
        let refused = installation.complained(arguments);
        assert!(refused.contains("newer"), "{arguments:?}: {refused}");
    }
}

#[test]
fn the_demo_is_found_again_begun_again_and_kept_on_this_machine() {
    let installation = Installation::new();
    let demo = ["demo", "--households", "5", "--accounts", "accounts.json"];
    let service = installation.start(&demo);
    let accounts = std::fs::read(installation.folder().join("accounts.json")).unwrap();
    let accounts: Value = serde_json::from_slice(&accounts).unwrap();
    for name in [
        "caseworker",
        "caseworker_2",
        "supervisor",
        "supervisor_2",
        "city_supervisor",
        "finance",
        "auditor",
    ] {
        assert!(accounts[name]["password"].is_string(), "{name}");
    }
    let member = |service: &crate::installation::Running| {
        let bearer = service.sign_in("caseworker", "Bangfu-2020-cw");
        let me = service.client().json(&get("/me", &bearer));
        assert_eq!(me["demo"], true);
        let docs = Request::new("GET", "/openapi.json", &[], "");
        let about = service.client().json(&docs)["info"]["description"].to_string();
        assert!(about.contains("演示"), "{about}");
        let list = service.client().json(&get("/members?limit=1", &bearer));
        list["items"][0]["id"].as_str().unwrap().to_owned()
    };
    let first = member(&service);
    service.stop();
    let service = installation.start(&demo);
    assert_eq!(member(&service), first, "a second start finds the same data");
    service.stop();
    let abroad = installation.complained(&["demo", "--listen", "0.0.0.0:8080"]);
    assert!(abroad.contains("BANGFU_LISTEN"), "{abroad}");
    if installation.on_postgres() {
        let refused = installation.complained(&["demo", "--fresh"]);
        assert!(refused.contains("dropdb"), "{refused}");
        return;
    }
    let service = installation.start(&["demo", "--households", "5", "--fresh"]);
    assert_ne!(member(&service), first, "ids are made anew");
    service.stop();
    std::fs::remove_file(installation.data().join(".bangfu-demo")).unwrap();
    let foreign = installation.complained(&["demo", "--fresh"]);
    assert!(foreign.contains("not made by the demo"), "{foreign}");
}

#[test]
fn every_setting_is_shown_with_its_source_and_wrong_ones_are_named() {
    let installation = Installation::new();
    let shown = installation.said(&["config", "--body-limit", "65536"], "");
    assert!(
        shown.contains("BANGFU_BODY_LIMIT") && shown.contains("65536"),
        "{shown}"
    );
    assert!(
        !shown.contains(&installation.url()),
        "the database's URL is a secret: {shown}"
    );
    for (flag, value) in [
        ("--body-limit", "9"),
        ("--zone", "Shanghai"),
        ("--listen", "here"),
        ("--database-url", "mysql://x"),
    ] {
        let refused = installation.complained(&["serve", flag, value]);
        let setting = flag.trim_start_matches("--").to_uppercase().replace('-', "_");
        assert!(
            refused.contains(flag) || refused.contains(&setting),
            "{flag}: {refused}"
        );
    }
}
