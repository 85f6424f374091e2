//! Nothing scans a table, neither a list, count, search or worklist nor a verb: the plan of every statement, as each
//! of the databases makes it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, Once};

use bangfu::auth::Role;
use bangfu::auth::policy::POLICY;
use bangfu::db::Conn;
use diesel::connection::{Instrumentation, InstrumentationEvent, SimpleConnection as _};
use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};
use serde_json::{Value, json};

use crate::given::{Case, Town, id_number};

/// Statements by the URL of their database.
static STATEMENTS: Mutex<BTreeMap<String, BTreeSet<String>>> = Mutex::new(BTreeMap::new());

/// Notes what one connection runs, once somebody has asked for its database's statements.
struct Listener {
    url: String,
}

impl Instrumentation for Listener {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => url.clone_into(&mut self.url),
            InstrumentationEvent::StartQuery { query, .. } => {
                if let Some(statements) = STATEMENTS.lock().unwrap().get_mut(&self.url) {
                    let text = query.to_string();
                    let (sql, _binds) = text.split_once(" -- binds").unwrap_or((&text, ""));
                    statements.insert(sql.to_owned());
                }
            }
            _ => {}
        }
    }
}

fn listen() {
    static ONCE: Once = Once::new();
    let listener = || -> Option<Box<dyn Instrumentation>> { Some(Box::new(Listener { url: String::new() })) };
    ONCE.call_once(|| diesel::connection::set_default_instrumentation(listener).unwrap());
}

/// A value that a parameter takes.
fn values(parameter: &Value, case: &Case) -> Vec<String> {
    let (name, schema) = (parameter["name"].as_str().unwrap(), &parameter["schema"]);
    if let Some(all) = schema["enum"].as_array() {
        return all.iter().map(|v| v.as_str().unwrap().to_owned()).collect();
    }
    let one = match (
        schema["type"].as_str().unwrap_or_default(),
        schema["format"].as_str(),
    ) {
        (_, Some("uuid")) => case.id_for(name).unwrap_or(&case.claim),
        (_, Some("date")) => "2020-05-19",
        ("integer", _) if ["from", "to", "size"].contains(&name) => "1",
        ("integer", _) => "2020",
        ("boolean", _) => "true",
        ("string", None) => "a",
        _ => "2020-05-19T04:00:00Z",
    };
    vec![one.to_owned()]
}

/// The queries to ask an operation: none but what it needs, and each parameter by itself.
fn queries(operation: &Value, case: &Case) -> Vec<String> {
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let in_query = |p: &&Value| p["in"] == "query" && p["name"] != "limit" && p["name"] != "cursor";
    let mut base = Vec::new();
    if parameters.iter().any(|p| p["name"] == "limit") {
        base.push("limit=1".to_owned());
    }
    let required = |p: &&Value| p["in"] == "query" && p["required"] == true;
    for parameter in parameters.iter().filter(required) {
        base.push(format!("{}=1", parameter["name"].as_str().unwrap()));
    }
    let limit = base.join("&");
    let mut all = vec![limit.clone()];
    for parameter in parameters.iter().filter(in_query).filter(|p| !required(p)) {
        let name = parameter["name"].as_str().unwrap();
        all.extend(
            values(parameter, case)
                .iter()
                .map(|value| format!("{limit}&{name}={value}")),
        );
    }
    all
}

/// The paths of an operation: one for each value of a parameter of its path that has few.
fn places(path: &str, operation: &Value) -> Vec<String> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let few = parameters.filter(|p| p["in"] == "path").find_map(|p| {
        let all = p["schema"]["enum"].as_array()?;
        Some((format!("{{{}}}", p["name"].as_str()?), all))
    });
    match few {
        Some((name, all)) => all
            .iter()
            .map(|value| path.replace(&name, value.as_str().unwrap()))
            .collect(),
        None => vec![path.to_owned()],
    }
}

/// An account of the root and one of a district.
fn at_two_levels(role: Role) -> [String; 2] {
    match role {
        Role::Caseworker | Role::Supervisor => [format!("city_{role}"), role.to_string()],
        _ => [role.to_string(), format!("{role}_2")],
    }
}

/// What happens to files after they are closed.
async fn aftercare(town: &Town) {
    let (worker, supervisor) = (town.client("caseworker").await, town.client("supervisor").await);
    for n in [11, 12, 13] {
        let place = format!(
            "/files/{}",
            town.closed_file(n, "exited", "out_of_hardship").await
        );
        let call = json!({ "called_on": "2020-05-20", "reached": "worker", "outcome": "at_risk" });
        worker
            .post(&format!("{place}/follow-ups"), call)
            .await
            .expect(201);
        if n == 13 {
            let draft = supervisor.act(&place, "/reopen", json!({})).await.expect(201);
            let draft = format!("/files/{}", draft.id());
            worker.act(&draft, "/withdraw", json!({})).await.expect(200);
        }
    }
}

/// What becomes of insurance lists that are given up, and of covers that end or never were.
async fn insurance(town: &Town, case: &Case) {
    let (worker, supervisor) = (town.client("caseworker").await, town.client("supervisor").await);
    let (one, other) = (town.member(961).await, town.member(962).await);
    let given_up = town.approved_list(&[&one], "unit").await;
    let why = json!({ "reason": "人员变动" });
    supervisor
        .act(&given_up, "/cancel", why.clone())
        .await
        .expect(200);
    let sent = town.sent_list(&[&one, &other], "self").await;
    let people = worker.get(&format!("{sent}/enrolments")).await.items();
    let refused = format!("/enrolments/{}", people[0]["id"].as_str().unwrap());
    worker.act(&refused, "/void", why).await.expect(200);
    let left = json!({ "ended_on": "2020-05-20", "reason_code": "left", "reason": "离职" });
    let cover = format!("/enrolments/{}", case.enrolment);
    worker.act(&cover, "/end", left).await.expect(200);
    let paid = json!({ "status": "paid", "decided_on": "2020-05-20", "amount_fen": 100 });
    let claim = format!("/insurance-claims/{}", case.insurance_claim);
    worker.act(&claim, "/decide", paid).await.expect(200);
}

/// What becomes of a finding, of a guest and of a sample of payments.
async fn audits(town: &Town, case: &Case) {
    let (auditor, closer) = (town.client("auditor").await, town.client("auditor_b").await);
    let unit = town.client("supervisor").await;
    let said = json!({ "text": "已补签" });
    let finding = format!("/audit/findings/{}", case.audit_finding);
    unit.act(&finding, "/answer", said.clone()).await.expect(200);
    auditor.act(&finding, "/reject", said.clone()).await.expect(200);
    unit.act(&finding, "/answer", said).await.expect(200);
    closer.act(&finding, "/accept", json!({})).await.expect(200);
    let task = format!("/audit/tasks/{}", case.audit_task);
    let guest = format!("{task}/guests/{}", case.audit_guest);
    let mut found = crate::given::finding();
    (found["subject_type"], found["subject_id"]) = (json!("payment"), json!(case.payment));
    let guest_auditor = town.client("guest_auditor").await;
    let second = guest_auditor.post(&format!("{task}/findings"), found).await;
    let second = format!("/audit/findings/{}", second.expect(201).id());
    auditor.act(&guest, "/revoke", json!({})).await.expect(200);
    let said = json!({ "text": "情况属实，已整改" });
    unit.act(&second, "/answer", said).await.expect(200);
    let end = json!({ "conclusion": "资金使用合规" });
    auditor.act(&task, "/finish", end).await.expect(200);
    let mut of_payments = crate::given::sample(&town.jinghu);
    of_payments["population"]["of"] = json!("payments");
    let frozen = auditor.post("/audit/samples", of_payments).await;
    frozen.expect(201);
}

/// The statements of a case from beginning to end, and of every GET of the OpenAPI document, asked from the root and
/// from a district, with every filter, first page and second.
async fn statements(town: &Town) -> BTreeSet<String> {
    STATEMENTS
        .lock()
        .unwrap()
        .insert(town.app.url.clone(), BTreeSet::new());
    let case = town.case().await;
    aftercare(town).await;
    insurance(town, &case).await;
    audits(town, &case).await;
    crate::flags::suspicious(town).await;
    let document: Value = serde_json::from_str(&bangfu::app::document(false).json).unwrap();
    let mut clients = BTreeMap::new();
    for who in Role::ALL.iter().flat_map(|role| at_two_levels(*role)) {
        clients.insert(who.clone(), town.client(&who).await);
    }
    for (path, item) in document["paths"].as_object().unwrap() {
        let Some((path, operation)) = path.strip_prefix("/api/v1").zip(item.get("get")) else {
            continue;
        };
        let permission = operation["security"][0]["bearer"][0].as_str().unwrap();
        let roles = POLICY
            .iter()
            .find(|(name, _)| *name == permission)
            .map_or(&[][..], |(_, roles)| roles);
        let asked = places(path, operation).into_iter().flat_map(|place| {
            queries(operation, &case)
                .into_iter()
                .map(move |query| (place.clone(), query))
        });
        let asked: Vec<_> = asked.collect();
        for who in at_two_levels(*roles.first().unwrap_or(&Role::Caseworker)) {
            for (place, query) in &asked {
                let ask = format!("{}?{query}", case.place(place));
                let page = clients[&who].get(&ask).await;
                assert!([200, 404].contains(&page.status), "{who} {ask}: {}", page.body);
                if let Some(cursor) = page.body["next_cursor"].as_str() {
                    clients[&who]
                        .get(&format!("{ask}&cursor={cursor}"))
                        .await
                        .expect(200);
                }
            }
        }
    }
    for search in [
        json!({ "name": "职工" }),
        json!({ "id_number": id_number(1) }),
        json!({ "phone": "19900000001" }),
    ] {
        clients["caseworker"]
            .post("/members/search", search)
            .await
            .expect(200);
    }
    let sought = json!({ "name": "zhi gong 1", "id_number": "34029919600101101X", "phone": "19900000001" });
    clients["caseworker"]
        .post("/duplicates/search", sought)
        .await
        .expect(200);
    for who in ["auditor", "auditor_2"] {
        let asked =
            json!({ "id_number": id_number(1), "from": "2020-05-19T04:00:00Z", "to": null, "limit": 1 });
        let page = clients[who]
            .post("/audit/people/events", asked.clone())
            .await
            .expect(200);
        let mut next = asked;
        next["cursor"] = page.body["next_cursor"].clone();
        clients[who].post("/audit/people/events", next).await.expect(200);
    }
    let asked = json!({ "identified_by": "id_card", "from": "2020-01-01", "to": "2020-12-31" });
    let report = format!("/members/{}/access-report", case.member);
    clients["caseworker"].post(&report, asked).await.expect(200);
    STATEMENTS.lock().unwrap().remove(&town.app.url).unwrap()
}

#[derive(QueryableByName)]
struct OnSqlite {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[derive(QueryableByName)]
struct OnPostgres {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}

/// How the database would run a statement, whatever the values: a line per step.
fn plan(conn: &mut Conn, sql: &str) -> Vec<String> {
    if !matches!(conn, Conn::Postgres(_)) {
        let explained = diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}"));
        return explained
            .load::<OnSqlite>(conn)
            .unwrap()
            .into_iter()
            .map(|p| p.detail)
            .collect();
    }
    // the tables are so small that reading them whole would be right; so that is forbidden where there is another way
    let settings =
        "SET enable_seqscan = off; SET enable_bitmapscan = off; SET plan_cache_mode = force_generic_plan";
    conn.batch_execute(&format!("{settings}; DEALLOCATE ALL; PREPARE it AS {sql}"))
        .unwrap();
    let values = (1..)
        .take_while(|n| sql.contains(&format!("${n}")))
        .map(|_| "NULL")
        .collect::<Vec<_>>();
    let values = if values.is_empty() {
        String::new()
    } else {
        format!("({})", values.join(", "))
    };
    let explained = diesel::sql_query(format!("EXPLAIN (COSTS OFF) EXECUTE it{values}"));
    explained
        .load::<OnPostgres>(conn)
        .unwrap()
        .into_iter()
        .map(|p| p.line)
        .collect()
}

/// Tables that grow with the people looked after, and so must not be read from end to end. The others have a row per
/// unit, account or rule.
const GROWING: &[&str] = &[
    "payment_batches",
    "batch_lines",
    "bank_answers",
    "bank_answer_queries",
    "insurance_lists",
    "enrolments",
    "insurance_claims",
    "book_movements",
    "book_accounts",
    "budget_lines",
    "members",
    "member_statuses",
    "member_transfers",
    "case_parts",
    "files",
    "pairings",
    "file_changes",
    "file_profiles",
    "file_revisions",
    "file_reviews",
    "file_exits",
    "follow_ups",
    "file_follow_up_plans",
    "file_inspections",
    "relatives",
    "consents",
    "stand_ins",
    "file_transfers",
    "temporary_reliefs",
    "borderline_entries",
    "campaign_visits",
    "attachments",
    "attachment_contents",
    "known_people",
    "person_keys",
    "duplicate_pairs",
    "duplicate_sides",
    "file_means",
    "assessments",
    "exclusion_overrides",
    "file_steps",
    "public_notices",
    "objections",
    "household_people",
    "actions",
    "waivers",
    "ledgers",
    "ledger_counts",
    "duties",
    "duty_counts",
    "illness_claims",
    "settlement_uses",
    "payments",
    "account_changes",
    "recoveries",
    "recovery_instalments",
    "bars",
    "audit_flags",
    "exports",
    "audit_events",
    "audit_nodes",
    "audit_checkpoints",
    "audit_cosignatures",
    "event_notes",
    "event_people",
    "event_looks",
    "record_versions",
];

/// The steps of a plan that read a growing table from end to end, or walk along an index and look at each row. The
/// first page of everything walks along an index too, and ends with the page.
fn walks(sql: &str, plan: &[String]) -> Vec<String> {
    let listing = !sql.contains(" WHERE ") && sql.contains(" LIMIT ");
    let word_after = |line: &str, mark: &str| {
        line.split_once(mark)
            .map(|(_, rest)| rest.split(' ').next().unwrap().to_owned())
    };
    let grows = |table: Option<String>| table.is_some_and(|table| GROWING.contains(&&*table));
    let mut found = Vec::new();
    for (n, line) in plan.iter().enumerate() {
        let details = || plan[n + 1..].iter().take_while(|l| !l.contains("->"));
        let bare = !details().any(|l| l.trim_start().starts_with("Index Cond"))
            && details().any(|l| l.trim_start().starts_with("Filter"));
        let walk = grows(word_after(line, "SCAN ")) && !listing
            || grows(word_after(line, "Seq Scan on "))
            || line.contains("Index") && grows(word_after(line, " on ")) && bare;
        if walk {
            found.push(line.clone());
        }
    }
    found
}

/// A step of SQLite's program for a statement.
#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    opcode: String,
    #[diesel(sql_type = Integer)]
    p1: i32,
    #[diesel(sql_type = Integer)]
    p2: i32,
}

/// A table or index and where it begins in the file.
#[derive(QueryableByName)]
struct Root {
    #[diesel(sql_type = Integer)]
    rootpage: i32,
    #[diesel(sql_type = Text)]
    tbl_name: String,
}

/// The growing tables that a write walks through on SQLite from their beginning: in what it says, in its triggers, or in
/// looking for rows that refer to what it changes. PostgreSQL does not show its triggers.
fn walked_by_write(conn: &mut Conn, sql: &str) -> BTreeSet<String> {
    let roots = "SELECT rootpage, tbl_name FROM sqlite_master WHERE rootpage > 0";
    let roots: Vec<Root> = diesel::sql_query(roots).load(conn).unwrap();
    let roots: BTreeMap<i32, String> = roots
        .into_iter()
        .map(|root| (root.rootpage, root.tbl_name))
        .collect();
    let steps: Vec<Step> = diesel::sql_query(format!("EXPLAIN {sql}")).load(conn).unwrap();
    let (mut open, mut walked) = (BTreeMap::new(), BTreeSet::new());
    for step in steps {
        match step.opcode.as_str() {
            "OpenRead" | "OpenWrite" => {
                open.insert(step.p1, roots.get(&step.p2).cloned());
            }
            "Rewind" => walked.extend(open.get(&step.p1).cloned().flatten()),
            other if other.starts_with("Open") => {
                open.insert(step.p1, None);
            }
            _ => {}
        }
    }
    walked.retain(|table| GROWING.contains(&table.as_str()));
    walked
}

#[actix_web::test]
async fn nothing_scans_a_table() {
    listen();
    let town = Town::start().await;
    let statements = statements(&town).await;
    let mut conn = Conn::open(&town.app.url).unwrap();
    let mut bad = Vec::new();
    for sql in statements.iter().filter(|s| {
        ["SELECT", "WITH", "UPDATE"]
            .iter()
            .any(|verb| s.starts_with(verb))
    }) {
        let plan = plan(&mut conn, sql);
        if !walks(sql, &plan).is_empty() {
            bad.push(format!("{sql}\n    {}", plan.join("\n    ")));
        }
    }
    let writes = |s: &&String| {
        ["INSERT", "UPDATE", "DELETE"]
            .iter()
            .any(|verb| s.starts_with(verb))
    };
    for sql in statements
        .iter()
        .filter(writes)
        .filter(|_| !town.app.on_postgres())
    {
        let walked = walked_by_write(&mut conn, sql);
        if !walked.is_empty() {
            bad.push(format!("{sql}\n    walks through {walked:?}"));
        }
    }
    assert!(statements.len() > 50, "{}", statements.len());
    assert!(bad.is_empty(), "{}", bad.join("\n\n"));
}
