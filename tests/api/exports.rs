use serde_json::{Value, json};

use crate::given::{Shot, Town, id_number, race};
use crate::harness::{Answer, nothing};

fn asked(list: &str, filter: Value, format: &str, clear: bool) -> Value {
    json!({ "list": list, "filter": filter, "format": format, "clear": clear, "reason": "季度核对" })
}

async fn ask(town: &Town, who: &str, body: Value) -> Answer {
    town.client(who).await.post("/exports", body).await
}

async fn download(town: &Town, who: &str, id: &str) -> Answer {
    let client = town.client(who).await;
    client.post(&format!("/exports/{id}/download"), nothing()).await
}

/// What was downloaded, as lines.
fn lines(answer: &Answer) -> Vec<String> {
    let text = String::from_utf8(answer.bytes.clone()).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn json_lines(answer: &Answer) -> Vec<Value> {
    lines(answer)
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A policy on exports from the beginning of the year on.
async fn bounds(town: &Town, free: i64, most: i64) {
    let values = json!({ "masked_rows_without_approval": free, "most_rows": most, "valid_hours": 24 });
    town.rule(json!({ "kind": "exports", "valid_from": "2020-01-01", "values": values }))
        .await;
}

#[actix_web::test]
async fn a_masked_export_is_ready_at_once_and_says_who_took_it_and_how_many_rows_it_has() {
    let town = Town::start().await;
    town.member(1).await;
    town.member(2).await;
    let export = ask(&town, "caseworker", asked("members", json!({}), "csv", false))
        .await
        .expect(201);
    assert_eq!(
        (
            export.text("/status"),
            export.body["expected_rows"].clone(),
            export.header("location")
        ),
        (
            "ready".into(),
            json!(2),
            format!("/api/v1/exports/{}", export.id())
        )
    );
    let file = download(&town, "caseworker", &export.id()).await.expect(200);
    assert!(
        file.bytes
            .starts_with("\u{feff}# 导出 exported by caseworker · 镜湖区总工会 · 2020-05-20T".as_bytes())
    );
    assert!(
        file.header("content-disposition")
            .contains("members-caseworker-2020-05-20T04-00-0")
    );
    assert!(file.header("content-disposition").contains(&export.id()));
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    let text = String::from_utf8(file.bytes.clone()).unwrap();
    assert_eq!(text.matches("\r\n").count(), 5, "mark, titles, two rows, end");
    assert!(lines(&file)[1].starts_with("会员编号,所属工会,姓名,身份证号,"));
    assert!(
        text.contains("3402**********0015") && !text.contains(&id_number(1)) && !text.contains("19900000001")
    );
    assert!(lines(&file)[4].contains("共 2 行 rows") && lines(&file)[4].contains("complete"));
    let again = town
        .client("caseworker")
        .await
        .get(&format!("/exports/{}", export.id()))
        .await;
    assert_eq!(again.body["downloads"], 1);
}

#[actix_web::test]
async fn only_who_asked_downloads_and_only_until_it_expires() {
    let town = Town::start().await;
    town.member(1).await;
    let export = ask(
        &town,
        "caseworker",
        asked("members", json!({}), "json_lines", false),
    )
    .await
    .expect(201);
    for other in ["caseworker_b", "supervisor"] {
        download(&town, other, &export.id())
            .await
            .problem(409, "not_requester");
    }
    download(&town, "caseworker_2", &export.id())
        .await
        .problem(404, "not_found");
    let rows = json_lines(&download(&town, "caseworker", &export.id()).await.expect(200));
    assert_eq!(rows[0]["export"]["exported_by"], "caseworker");
    assert_eq!(rows[1]["name"], "职工1");
    assert_eq!(
        rows[2],
        json!({ "end": { "id": export.id(), "rows": 1, "complete": true } })
    );
    town.app.set("2020-05-22");
    download(&town, "caseworker", &export.id())
        .await
        .problem(409, "expired");
    let worker = town.client("caseworker").await;
    assert_eq!(
        worker
            .get(&format!("/exports/{}", export.id()))
            .await
            .text("/status"),
        "expired"
    );
    assert_eq!(worker.get("/exports?status=expired").await.items().len(), 1);
    assert_eq!(worker.get("/exports?status=ready").await.items().len(), 0);
}

#[actix_web::test]
async fn nothing_leaves_in_clear_without_the_approval_of_another_person() {
    let town = Town::start().await;
    town.member(1).await;
    let export = ask(&town, "supervisor", asked("members", json!({}), "csv", true))
        .await
        .expect(201);
    assert_eq!(export.text("/status"), "requested");
    download(&town, "supervisor", &export.id())
        .await
        .problem(409, "wrong_status");
    let place = format!("/exports/{}", export.id());
    let own = town
        .client("supervisor")
        .await
        .act(&place, "/approve", nothing())
        .await;
    own.problem(409, "same_person");
    let other = town.client("supervisor_2").await;
    other.get(&place).await.problem(404, "not_found");
    let approver = town.client("supervisor_b").await;
    let approved = approver.act(&place, "/approve", nothing()).await.expect(200);
    assert_eq!(
        (approved.text("/status"), approved.text("/decided_by")),
        ("approved".into(), town.user_id("supervisor_b"))
    );
    let text = String::from_utf8(
        download(&town, "supervisor", &export.id())
            .await
            .expect(200)
            .bytes,
    )
    .unwrap();
    assert!(
        text.contains(&format!("'{}", id_number(1))) && text.contains("19900000001"),
        "{text}"
    );
    for behind in [
        "UPDATE exports SET decided_by = requested_by, decider_person = requester_person",
        "UPDATE exports SET clear = FALSE",
        "UPDATE exports SET filter = '{}', list = 'files'",
        "UPDATE exports SET status = 'ready', decided_by = NULL, decider_person = NULL, decided_at = NULL",
        "DELETE FROM exports",
    ] {
        assert!(town.app.sql(behind).is_err(), "the database takes {behind}");
    }
}

#[actix_web::test]
async fn payees_are_in_clear_only_when_it_was_approved() {
    let town = Town::start().await;
    town.approved_claim(1).await;
    for list in ["payments", "illness_claims"] {
        let masked = ask(&town, "caseworker", asked(list, json!({}), "json_lines", false))
            .await
            .expect(201);
        let rows = json_lines(&download(&town, "caseworker", &masked.id()).await.expect(200));
        assert_eq!(rows[1]["payee_account_number"], "9999********0006", "{list}");
        assert!(rows[1].get("illness").is_none());
        let clear = ask(&town, "caseworker", asked(list, json!({}), "json_lines", true))
            .await
            .expect(201);
        let approver = town.client("supervisor").await;
        approver
            .act(&format!("/exports/{}", clear.id()), "/approve", nothing())
            .await
            .expect(200);
        let rows = json_lines(&download(&town, "caseworker", &clear.id()).await.expect(200));
        assert_eq!(rows[1]["payee_account_number"], "9999990000000006", "{list}");
        assert_eq!(rows[1]["payee_id_number"], json!(id_number(1)));
        assert!(rows[1]["member_id"].is_string());
    }
}

#[actix_web::test]
async fn an_export_is_decided_once_of_eight_at_once() {
    let town = Town::start().await;
    town.member(1).await;
    let export = ask(&town, "caseworker", asked("members", json!({}), "csv", true))
        .await
        .expect(201);
    let mut shots = Vec::new();
    for n in 0..8 {
        let (who, verb, body) = match n % 2 {
            0 => ("supervisor", "approve", nothing()),
            _ => ("city_supervisor", "refuse", json!({ "reason": "用途不明" })),
        };
        shots.push(Shot {
            token: town.client(who).await.token,
            path: format!("/exports/{}/{verb}", export.id()),
            etag: export.etag.clone(),
            body,
        });
    }
    let answers = race(&town, shots);
    let done = answers.iter().filter(|(status, _)| *status == 200).count();
    assert_eq!(done, 1, "{answers:?}");
    assert!(
        answers.iter().all(|(status, _)| [200, 409, 412].contains(status)),
        "{answers:?}"
    );
    let decided =
        "SELECT COUNT(*) AS n FROM audit_events WHERE action IN ('export.approved', 'export.refused')";
    assert_eq!(town.app.count(decided), 1);
}

#[actix_web::test]
async fn a_refused_export_never_leaves() {
    let town = Town::start().await;
    town.member(1).await;
    let export = ask(&town, "caseworker", asked("members", json!({}), "csv", true))
        .await
        .expect(201);
    let place = format!("/exports/{}", export.id());
    let approver = town.client("supervisor").await;
    let refused = approver
        .act(&place, "/refuse", json!({ "reason": "用途不明" }))
        .await
        .expect(200);
    assert_eq!(refused.text("/status"), "refused");
    download(&town, "caseworker", &export.id())
        .await
        .problem(409, "wrong_status");
    approver
        .act(&place, "/approve", nothing())
        .await
        .problem(409, "wrong_status");
}

#[actix_web::test]
async fn more_rows_than_the_policy_lets_go_wait_for_approval_or_stay() {
    let town = Town::start().await;
    for n in 1..=3 {
        town.member(n).await;
    }
    bounds(&town, 2, 3).await;
    let waits = ask(&town, "caseworker", asked("members", json!({}), "csv", false))
        .await
        .expect(201);
    assert_eq!(waits.text("/status"), "requested");
    let few = json!({ "organization_id": town.yijiang_basic });
    let elsewhere = ask(&town, "caseworker", asked("members", few, "csv", false)).await;
    assert_eq!(elsewhere.problem(422, "invalid").pointers(), ["/filter"]);
    town.member(4).await;
    let many = ask(&town, "caseworker", asked("members", json!({}), "csv", false)).await;
    assert_eq!(many.problem(409, "too_many_rows").body["most_rows"], 3);
    let approver = town.client("supervisor").await;
    approver
        .act(&format!("/exports/{}", waits.id()), "/approve", nothing())
        .await
        .expect(200);
    let file = download(&town, "caseworker", &waits.id()).await.expect(200);
    assert!(
        lines(&file).last().unwrap().contains("incomplete"),
        "a fourth came since"
    );
    assert_eq!(lines(&file).len(), 6);
}

#[actix_web::test]
async fn nobody_exports_what_they_may_not_read_and_the_filter_is_that_of_the_list() {
    let town = Town::start().await;
    let whole = asked("members", json!({}), "csv", false);
    ask(&town, "finance", whole.clone())
        .await
        .problem(403, "forbidden");
    ask(&town, "auditor", whole.clone())
        .await
        .problem(403, "forbidden");
    ask(&town, "system_admin", whole.clone())
        .await
        .problem(403, "forbidden");
    ask(
        &town,
        "finance",
        asked("payments", json!({ "status": "due" }), "csv", false),
    )
    .await
    .expect(201);
    for (filter, status, pointer) in [
        (json!({ "colour": "red" }), 400, "/filter/colour"),
        (json!({ "limit": 5 }), 400, "/filter/limit"),
        (json!({ "status": "asleep" }), 422, "/filter/status"),
        (json!([]), 422, "/filter"),
    ] {
        let refused = ask(&town, "caseworker", asked("members", filter, "csv", false))
            .await
            .expect(status);
        assert_eq!(refused.pointers(), [pointer]);
    }
    let refused = ask(&town, "caseworker", asked("files", json!({}), "csv", true)).await;
    assert_eq!(refused.problem(422, "invalid").pointers(), ["/clear"]);
    town.member(1).await;
    let retired = asked("members", json!({ "status": "retired" }), "csv", false);
    assert_eq!(
        ask(&town, "caseworker", retired).await.expect(201).body["expected_rows"],
        0
    );
}

#[actix_web::test]
async fn auditors_export_masked_below_audit_and_never_in_clear() {
    let town = Town::start().await;
    town.member(1).await;
    let auditor = town.client("auditor").await;
    let clear = auditor
        .post("/audit/exports", asked("members", json!({}), "csv", true))
        .await;
    clear.problem(409, "masked_only");
    let masked = auditor
        .post("/audit/exports", asked("members", json!({}), "csv", false))
        .await
        .expect(201);
    let file = auditor
        .post(&format!("/audit/exports/{}/download", masked.id()), nothing())
        .await
        .expect(200);
    assert!(
        String::from_utf8(file.bytes)
            .unwrap()
            .contains("3402**********0015")
    );
}

#[actix_web::test]
async fn the_log_names_list_filter_and_count_of_an_export_and_no_value() {
    let town = Town::start().await;
    town.member(1).await;
    let filter = json!({ "status": "serving", "organization_id": town.jinghu });
    let export = ask(&town, "caseworker", asked("members", filter, "csv", false))
        .await
        .expect(201);
    download(&town, "caseworker", &export.id()).await.expect(200);
    let auditor = town.client("auditor").await;
    let events = auditor
        .get(&format!("/audit/events?subject_id={}", export.id()))
        .await
        .items();
    let told: Vec<_> = events
        .iter()
        .map(|event| {
            (
                event["action"].as_str().unwrap(),
                event["reason"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("export.requested", "季度核对"),
            ("export.download_begun", "members [organization_id,status] masked"),
            (
                "export.page_downloaded",
                "members [organization_id,status] masked"
            ),
            (
                "export.downloaded",
                "members [organization_id,status] masked · 1 rows"
            ),
        ]
    );
    let all = serde_json::to_string(&events).unwrap();
    assert!(!all.contains("serving") && !all.contains("职工1"));
}

#[actix_web::test]
async fn every_list_leaves_page_by_page_with_each_row_once() {
    let town = Town::start().await;
    let case = town.case().await;
    let same = "organization_id, name, id_number_sealed, phone_sealed, phone_hash, sex, birth_date, status, joined_on, \
        group_code, employer, recorder_id, merged_into, version, updated_at";
    let copies = format!(
        "INSERT INTO members (id, person, {same}) WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1200) \
        SELECT '00000000-0000-7000-8000-' || substr(CAST(1000000000000 + n AS TEXT), 2), 'copy' || n, {same} FROM numbers, members WHERE id = '{}'",
        case.member
    );
    town.app.sql(&copies).unwrap();
    bounds(&town, 10_000, 10_000).await;
    for list in [
        "members",
        "files",
        "actions",
        "illness_claims",
        "aid_applications",
        "payments",
    ] {
        let export = ask(&town, "caseworker", asked(list, json!({}), "json_lines", false))
            .await
            .expect(201);
        let rows = json_lines(&download(&town, "caseworker", &export.id()).await.expect(200));
        let expected = export.body["expected_rows"].as_u64().unwrap();
        let ids: std::collections::BTreeSet<_> =
            rows[1..rows.len() - 1].iter().map(Value::to_string).collect();
        assert_eq!(ids.len() as u64, expected, "{list}");
        assert_eq!(rows.last().unwrap()["end"]["rows"], json!(expected), "{list}");
        assert!(
            expected > 0 && (list != "members" || expected > 1200),
            "{list}: {expected}"
        );
    }
}
