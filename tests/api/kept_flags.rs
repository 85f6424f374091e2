use bangfu::flags::runs;
use serde_json::{Value, json};

use crate::flags::{account, condoled, one_card, own, split};
use crate::given::{Shot, Town, id_number, race, racers};
use crate::harness::{Answer, nothing};
use crate::procedure;

/// Runs the queries as an account.
async fn run(town: &Town, who: &str) -> Answer {
    let auditor = town.client(who).await;
    auditor.post("/audit/flag-runs", nothing()).await.expect(201)
}

fn number(run: &Answer, name: &str) -> i64 {
    run.body[name].as_i64().unwrap()
}

/// What was found, opened, came back, changed and is gone.
fn tally(run: &Answer) -> [i64; 5] {
    ["found", "opened", "came_back", "changed", "gone"].map(|name| number(run, name))
}

/// The flags of a query as an auditor sees them.
async fn flags(town: &Town, who: &str, code: &str) -> Vec<Value> {
    let auditor = town.client(who).await;
    let kept = auditor.get(&format!("/audit/flags?code={code}")).await;
    kept.expect(200).items()
}

fn place(flag: &Value) -> String {
    format!("/audit/flags/{}", flag["id"].as_str().unwrap())
}

async fn dismiss(town: &Town, flag: &Value, reason: &str, comment: Option<&str>) -> Answer {
    let why = json!({ "reason_code": reason, "comment": comment });
    let auditor = town.client("auditor").await;
    auditor.act(&place(flag), "/dismiss", why).await
}

/// A file whose contact has declared its member as a relative; the place of the file.
async fn relatives_contact(town: &Town, n: usize) -> String {
    let file = format!("/files/{}", town.nth_file(n).await);
    let relative = json!({ "id_number": id_number(n), "relation": "sibling" });
    let contact = town.client("caseworker").await;
    contact.post("/me/relatives", relative).await.expect(201);
    file
}

async fn pair(town: &Town, file: &str, contact: &str) {
    let supervisor = town.client("supervisor").await;
    let with = json!({ "contact_id": town.user_id(contact) });
    supervisor.act(file, "/pair", with).await.expect(200);
}

/// A third payee with the account of two others.
async fn one_more_with_the_card(town: &Town) -> String {
    let mut payee = own(33);
    payee["account_number"] = json!(account(24));
    condoled(town, 33, payee).await
}

#[actix_web::test]
async fn what_the_queries_find_is_kept_once_and_told_with_its_reason_evidence_and_history() {
    let town = Town::start().await;
    let cards = one_card(&town).await;
    let first = run(&town, "auditor").await;
    assert_eq!(tally(&first), [2, 2, 0, 0, 0]);
    assert_eq!(
        (
            first.text("/cause"),
            first.text("/status"),
            first.body["failed"].clone()
        ),
        ("on_demand".into(), "done".into(), json!([]))
    );
    let again = run(&town, "auditor").await;
    assert_eq!(tally(&again), [2, 0, 0, 0, 0]);
    let kept = flags(&town, "auditor", "shared_card").await;
    let mut subjects: Vec<_> = kept
        .iter()
        .map(|flag| flag["subject_id"].as_str().unwrap())
        .collect();
    subjects.sort_unstable();
    let mut expected: Vec<_> = cards.iter().map(String::as_str).collect();
    expected.sort_unstable();
    assert_eq!(subjects, expected);
    let auditor = town.client("auditor").await;
    let told = auditor.get(&place(&kept[0])).await.expect(200);
    assert_eq!(told.text("/title"), "多人共用账户");
    assert_eq!(
        (told.text("/status"), told.text("/opened_because")),
        ("open".into(), "found".into())
    );
    assert_eq!(told.body["evidence"]["others"], 1);
    assert_eq!(told.text("/history/0/action"), "audit_flag.found");
    let all = auditor.get("/audit/flags").await.expect(200).body.to_string();
    for secret in ["职工", "340299", "999999", "徽商银行"] {
        assert!(!all.contains(secret), "{secret}");
    }
    let runs = auditor.get("/audit/flag-runs").await.expect(200).items();
    assert_eq!(runs[0]["id"], again.body["id"]);
    assert_eq!(runs.len(), 2);
    auditor
        .get(&format!("/audit/flag-runs/{}", first.id()))
        .await
        .expect(200);
}

#[actix_web::test]
async fn flags_are_listed_by_code_severity_status_unit_and_day() {
    let town = Town::start().await;
    one_card(&town).await;
    run(&town, "auditor").await;
    let auditor = town.client("auditor").await;
    let found = async |query: &str| {
        auditor
            .get(&format!("/audit/flags?{query}"))
            .await
            .expect(200)
            .items()
            .len()
    };
    assert_eq!(found("severity=suspicion&status=open").await, 2);
    assert_eq!(found("severity=breach").await, 0);
    assert_eq!(found("status=gone").await, 0);
    assert_eq!(found("from=2020-05-20&to=2020-05-20").await, 2);
    assert_eq!(found("to=2020-05-19").await, 0);
    assert_eq!(found(&format!("organization_id={}", town.jinghu_basic)).await, 2);
    assert_eq!(found(&format!("organization_id={}", town.yijiang)).await, 0);
    let page = auditor.get("/audit/flags?limit=1").await.expect(200);
    let cursor = page.text("/next_cursor");
    assert_eq!(found(&format!("limit=1&cursor={cursor}")).await, 1);
    let worker = town.client("supervisor").await;
    worker.get("/audit/flags").await.problem(403, "forbidden");
    worker
        .post("/audit/flag-runs", nothing())
        .await
        .problem(403, "forbidden");
}

#[actix_web::test]
async fn of_eight_runs_at_once_none_makes_a_second_flag() {
    let town = Town::start().await;
    one_card(&town).await;
    let token = town.client("auditor").await.token;
    let shot = Shot {
        token,
        path: "/audit/flag-runs".into(),
        etag: None,
        body: nothing(),
    };
    for (status, body) in race(&town, vec![shot; 8]) {
        assert!(
            status == 201 || body["code"] == "run_in_progress",
            "{status} {body}"
        );
    }
    assert_eq!(town.app.count("SELECT COUNT(*) AS n FROM audit_flags"), 2);
    let twice = "INSERT INTO audit_flags SELECT 'x', code, severity, subject_type, subject_id, part, organization_id, on_day, amount_fen, evidence, \
        status, opened_because, first_found_on, last_found_on, gone_on, dismissed_by, dismissed_at, dismissal_code, run_id, version, updated_at \
        FROM audit_flags WHERE id = (SELECT MIN(id) FROM audit_flags)";
    assert!(town.app.sql(twice).unwrap_err().to_lowercase().contains("unique"));
}

#[actix_web::test]
async fn the_nightly_run_is_made_once_a_day_however_many_copies_there_are() {
    let town = Town::start().await;
    one_card(&town).await;
    let db = town.app.db.clone();
    racers(8, move |_| runs::nightly(&db, &|| false).unwrap());
    let nightly = "SELECT COUNT(*) AS n FROM audit_flag_runs WHERE cause = 'nightly' AND status = 'done'";
    assert_eq!(town.app.count(nightly), 1);
    assert_eq!(town.app.count("SELECT COUNT(*) AS n FROM audit_flags"), 2);
    runs::nightly(&town.app.db, &|| false).unwrap();
    assert_eq!(town.app.count(nightly), 1);
    town.app.set("2020-05-21");
    runs::nightly(&town.app.db, &|| false).unwrap();
    assert_eq!(town.app.count(nightly), 2);
    let auditor = town.client("auditor").await;
    let last = auditor.get("/audit/flag-runs").await.expect(200).items()[0].clone();
    assert_eq!(
        (&last["started_by"], &last["from_on"]),
        (&Value::Null, &json!("2019-05-22"))
    );
}

#[actix_web::test]
async fn a_run_that_was_broken_off_gives_way_after_a_while_and_is_made_again() {
    let town = Town::start().await;
    one_card(&town).await;
    runs::nightly(&town.app.db, &|| true).unwrap();
    let broken_off = "SELECT COUNT(*) AS n FROM audit_flag_runs WHERE status = 'broken_off'";
    assert_eq!(town.app.count(broken_off), 1);
    let auditor = town.client("auditor").await;
    let killed = "UPDATE audit_flag_turn SET run_id = 'killed', until_at = '2020-05-20 05:00:00'";
    town.app.sql(killed).unwrap();
    let refused = auditor.post("/audit/flag-runs", nothing()).await;
    refused.problem(409, "run_in_progress");
    runs::nightly(&town.app.db, &|| false).unwrap();
    assert_eq!(town.app.count("SELECT COUNT(*) AS n FROM audit_flags"), 0);
    town.app.set_time("2020-05-20T05:00:01Z".parse().unwrap());
    runs::nightly(&town.app.db, &|| false).unwrap();
    assert_eq!(town.app.count("SELECT COUNT(*) AS n FROM audit_flags"), 2);
}

#[actix_web::test]
async fn a_flag_is_dismissed_with_a_reason_and_opens_again_only_when_its_evidence_changes() {
    let town = Town::start().await;
    one_card(&town).await;
    run(&town, "auditor").await;
    let kept = flags(&town, "auditor", "shared_card").await;
    let unsaid = dismiss(&town, &kept[0], "other", None).await;
    assert_eq!(unsaid.problem(422, "invalid").pointers(), ["/comment"]);
    let said = "两人系夫妻，已核对开户证明";
    let done = dismiss(&town, &kept[0], "explained", Some(said))
        .await
        .expect(200);
    assert_eq!(
        (
            done.text("/status"),
            done.text("/dismissal_code"),
            done.text("/dismissed_by")
        ),
        ("dismissed".into(), "explained".into(), town.user_id("auditor"))
    );
    dismiss(&town, &kept[0], "explained", None)
        .await
        .problem(409, "wrong_status");
    let auditor = town.client("auditor").await;
    let told = auditor.get(&place(&kept[0])).await.expect(200);
    assert_eq!(told.text("/history/1/comment"), said);
    assert_eq!(tally(&run(&town, "auditor").await), [2, 0, 0, 0, 0]);
    assert_eq!(auditor.get(&place(&kept[0])).await.text("/status"), "dismissed");
    one_more_with_the_card(&town).await;
    assert_eq!(tally(&run(&town, "auditor").await), [3, 1, 0, 2, 0]);
    let told = auditor.get(&place(&kept[0])).await.expect(200);
    assert_eq!(
        (
            told.text("/status"),
            told.text("/opened_because"),
            told.body["dismissed_by"].clone()
        ),
        ("open".into(), "evidence_changed".into(), Value::Null)
    );
    assert_eq!(told.body["evidence"]["others"], 2);
    let told = auditor.get(&place(&kept[1])).await.expect(200);
    assert_eq!(
        (told.text("/status"), told.text("/opened_because")),
        ("open".into(), "found".into())
    );
}

#[actix_web::test]
async fn an_auditor_opens_a_dismissed_flag_again() {
    let town = Town::start().await;
    one_card(&town).await;
    run(&town, "auditor").await;
    let kept = flags(&town, "auditor", "shared_card").await;
    let auditor = town.client("auditor").await;
    let why = json!({ "reason": "家属关系证明存疑" });
    let early = auditor.act(&place(&kept[0]), "/reopen", why.clone()).await;
    early.problem(409, "wrong_status");
    dismiss(&town, &kept[0], "usual", None).await.expect(200);
    let open = auditor.act(&place(&kept[0]), "/reopen", why).await.expect(200);
    assert_eq!(
        (open.text("/status"), open.text("/opened_because")),
        ("open".into(), "reopened".into())
    );
    let verb = format!("{}/dismiss", place(&kept[0]));
    let usual = json!({ "reason_code": "usual", "comment": null });
    auditor.act_on(&verb, "\"1\"", usual).await.expect(412);
}

#[actix_web::test]
async fn what_is_not_found_any_more_is_marked_with_the_day_and_comes_back_as_it_was() {
    let town = Town::start().await;
    let file = relatives_contact(&town, 41).await;
    assert_eq!(tally(&run(&town, "auditor").await), [1, 1, 0, 0, 0]);
    let flag = flags(&town, "auditor", "contact_is_relative").await[0].clone();
    assert_eq!(
        (&flag["subject_type"], &flag["evidence"]["user_ids"]),
        (&json!("file"), &json!([town.user_id("caseworker")]))
    );
    pair(&town, &file, "caseworker_b").await;
    town.app.set("2020-05-22");
    assert_eq!(tally(&run(&town, "auditor").await), [0, 0, 0, 0, 1]);
    let auditor = town.client("auditor").await;
    let gone = auditor.get(&place(&flag)).await.expect(200);
    assert_eq!(
        (gone.text("/status"), gone.text("/gone_on")),
        ("gone".into(), "2020-05-22".into())
    );
    pair(&town, &file, "caseworker").await;
    assert_eq!(tally(&run(&town, "auditor").await), [1, 0, 1, 0, 0]);
    let back = auditor.get(&place(&flag)).await.expect(200);
    assert_eq!(
        (
            back.text("/status"),
            back.text("/opened_because"),
            back.body["gone_on"].clone()
        ),
        ("open".into(), "found_again".into(), Value::Null)
    );
    dismiss(&town, &flag, "explained", None).await.expect(200);
    pair(&town, &file, "caseworker_b").await;
    assert_eq!(number(&run(&town, "auditor").await, "gone"), 1);
    pair(&town, &file, "caseworker").await;
    run(&town, "auditor").await;
    let still = auditor.get(&place(&flag)).await.expect(200);
    assert_eq!(still.text("/status"), "dismissed");
    let happened: Vec<_> = still.body["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        happened,
        [
            "audit_flag.found",
            "audit_flag.gone",
            "audit_flag.found_again",
            "audit_flag.dismissed",
            "audit_flag.gone",
            "audit_flag.found_again"
        ]
    );
}

#[actix_web::test]
async fn no_flag_and_no_run_is_deleted_or_becomes_another() {
    let town = Town::start().await;
    one_card(&town).await;
    run(&town, "auditor").await;
    for (behind, why) in [
        ("DELETE FROM audit_flags", "flags are kept"),
        (
            "UPDATE audit_flags SET code = 'off_hours'",
            "stays what it is about",
        ),
        ("DELETE FROM audit_flag_runs", "runs are kept"),
        ("UPDATE audit_flag_runs SET found = 0", "stays as it was"),
    ] {
        let refused = town.app.sql(behind).unwrap_err();
        assert!(refused.contains(why), "{refused}");
    }
    assert!(town.app.sql("UPDATE audit_flags SET status = 'gone'").is_err());
    assert!(
        town.app
            .sql("UPDATE audit_flags SET status = 'dismissed'")
            .is_err()
    );
}

#[actix_web::test]
async fn a_run_of_a_district_looks_at_its_own_subtree_and_leaves_the_others_alone() {
    let town = Town::start().await;
    one_card(&town).await;
    run(&town, "auditor").await;
    let elsewhere = run(&town, "auditor_2").await;
    assert_eq!(tally(&elsewhere), [0, 0, 0, 0, 0]);
    assert_eq!(elsewhere.text("/organization_id"), town.yijiang);
    assert!(flags(&town, "auditor_2", "shared_card").await.is_empty());
    let kept = flags(&town, "auditor", "shared_card").await;
    assert!(kept.iter().all(|flag| flag["status"] == "open"));
    let other = town.client("auditor_2").await;
    other.get(&place(&kept[0])).await.problem(404, "not_found");
    assert_eq!(other.get("/audit/flag-runs").await.items().len(), 1);
}

#[actix_web::test]
async fn a_query_that_fails_is_named_and_what_it_found_before_stays() {
    let town = Town::start().await;
    one_card(&town).await;
    relatives_contact(&town, 41).await;
    run(&town, "auditor").await;
    town.app.sql("ALTER TABLE relatives RENAME TO elsewhere").unwrap();
    let failed = run(&town, "auditor").await;
    town.app.sql("ALTER TABLE elsewhere RENAME TO relatives").unwrap();
    assert_eq!(
        (failed.text("/status"), failed.body["failed"].clone()),
        ("incomplete".into(), json!(["contact_is_relative"]))
    );
    assert_eq!((number(&failed, "found"), number(&failed, "gone")), (2, 0));
    assert_eq!(
        flags(&town, "auditor", "contact_is_relative").await[0]["status"],
        "open"
    );
}

/// A file that came on file on 28 May after its notice.
async fn published(town: &Town, n: usize) -> String {
    let draft = town.whole_draft(n).await;
    for (step, who) in procedure::STEPS.iter().take(6) {
        procedure::take(town, &draft, step, who).await.expect(200);
    }
    town.app.set("2020-05-28");
    procedure::take(town, &draft, "approve", "city_supervisor")
        .await
        .expect(200);
    draft.rsplit('/').next().unwrap().to_owned()
}

async fn ask(town: &Town, code: &str) -> Vec<Value> {
    let auditor = town.client("auditor").await;
    auditor
        .get(&format!("/audit/queries/{code}"))
        .await
        .expect(200)
        .items()
}

#[actix_web::test]
async fn a_file_without_a_notice_or_approved_while_it_ran_is_found_though_the_database_refuses_it() {
    let town = procedure::start().await;
    let file = published(&town, 31).await;
    town.nth_file(32).await;
    assert!(ask(&town, "no_notice").await.is_empty());
    assert!(ask(&town, "before_notice_end").await.is_empty());
    town.app
        .sql("UPDATE public_notices SET until_on = '2020-05-28'")
        .unwrap();
    let found = ask(&town, "before_notice_end").await;
    assert_eq!(
        (
            found.len(),
            &found[0]["subject_id"],
            &found[0]["evidence"]["notice_until"]
        ),
        (1, &json!(file), &json!("2020-05-28"))
    );
    assert!(ask(&town, "no_notice").await.is_empty());
    town.app.sql("DELETE FROM public_notices").unwrap();
    let found = ask(&town, "no_notice").await;
    assert_eq!(
        found[0]["evidence"]["user_ids"],
        json!([town.user_id("city_supervisor")])
    );
    assert!(ask(&town, "before_notice_end").await.is_empty());
}

#[actix_web::test]
async fn paper_that_is_out_of_step_for_longer_than_allowed_is_found_until_it_is_confirmed() {
    let town = Town::start().await;
    let file = format!("/files/{}", town.nth_file(31).await);
    let worker = town.client("caseworker").await;
    worker
        .patch(&file, json!({ "primary_cause": "accident" }))
        .await
        .expect(200);
    assert!(ask(&town, "paper_late").await.is_empty());
    town.lasting_passwords().await;
    town.app.set("2020-12-20");
    let found = ask(&town, "paper_late").await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["on"], found[0]["evidence"]["paper_due_on"]);
    assert_eq!(number(&run(&town, "auditor").await, "opened"), 1);
    let worker = town.client("caseworker").await;
    worker.act(&file, "/paper", nothing()).await.expect(200);
    assert_eq!(number(&run(&town, "auditor").await, "gone"), 1);
}

#[actix_web::test]
async fn who_visited_in_a_campaign_and_then_approved_is_found() {
    let town = Town::start().await;
    town.budget("training", 1_000_000).await;
    let (file, other) = (town.nth_file(31).await, town.nth_file(32).await);
    let questionnaire = town.questionnaire().await;
    let mut visit = town.visit(&questionnaire, json!({ "living": "hard", "insured": true }));
    visit["visitors"] = json!([town.user_id("supervisor_b")]);
    let visitor = town.client("supervisor_b").await;
    visitor
        .post(&format!("/files/{file}/visits"), visit)
        .await
        .expect(201);
    let visited = crate::flags::helped(&town, &file, 31, "training", "2020-H1", 100_000).await;
    crate::flags::helped(&town, &other, 32, "training", "2020-H1", 100_000).await;
    let found = ask(&town, "visitor_approved").await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["subject_id"], json!(visited));
}

#[actix_web::test]
async fn figures_of_a_unit_are_hints_by_the_numbers_of_the_policy_and_fixed_amounts_say_nothing() {
    let town = Town::start().await;
    one_card(&town).await;
    split(&town).await;
    assert!(ask(&town, "round_sums").await.is_empty(), "two are no figures");
    let figures = json!({ "round_cases": 2, "hundreds_percent": 40, "thousands_percent": 100, "benford_cases": 2,
        "chi_square_milli": 1000, "fixed_kinds": ["illness_condolence"] });
    let values = json!({ "split_days": 30, "split_percent": 10, "split_limit_fen": null, "office_from": 8, "office_to": 18,
        "look_back_days": 366, "figures": figures });
    town.rule(json!({ "kind": "flags", "valid_from": "2020-01-01", "values": values }))
        .await;
    let round = ask(&town, "round_sums").await;
    assert_eq!(round.len(), 1);
    assert_eq!(
        (
            &round[0]["subject_type"],
            &round[0]["subject_id"],
            &round[0]["evidence"]["kind"]
        ),
        (
            &json!("organization"),
            &json!(town.jinghu_basic),
            &json!("temporary")
        )
    );
    assert_eq!(
        (
            &round[0]["evidence"]["cases"],
            &round[0]["evidence"]["hundreds_percent"]
        ),
        (&json!(5), &json!(40))
    );
    let benford = ask(&town, "benford").await;
    assert_eq!((benford.len(), &benford[0]["evidence"]["digit"]), (1, &json!(9)));
    let auditor = town.client("auditor").await;
    let told = auditor.get("/audit/queries").await.expect(200).items();
    for code in ["round_sums", "benford"] {
        let query = told.iter().find(|query| query["code"] == code).unwrap();
        assert_eq!(query["severity"], "hint");
        assert!(query["title"].as_str().unwrap().starts_with("提示"), "{query}");
    }
    run(&town, "auditor").await;
    let kept = flags(&town, "auditor", "benford").await;
    assert_eq!((kept.len(), &kept[0]["on"]), (1, &json!("2020-12-31")));
}
