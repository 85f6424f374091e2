use serde_json::{Value, json};

use crate::given::{Town, id_number};
use crate::harness::{Answer, Client, nothing};

struct Household {
    place: String,
    head: String,
}

impl Town {
    /// A draft of the `n`th member that says it is in deep hardship.
    async fn household(&self, n: usize) -> Household {
        let place = self.whole_draft(n).await;
        let people = self
            .client("caseworker")
            .await
            .get(&format!("{place}/household"))
            .await
            .items();
        Household {
            place,
            head: people[0]["id"].as_str().unwrap().to_owned(),
        }
    }

    async fn line(&self, region: &str, from: &str, monthly_fen: i64) {
        let values = json!({ "monthly_fen": monthly_fen, "urban": true });
        self.rule(
            json!({ "kind": "dibao_standard", "valid_from": from, "region_code": region, "values": values }),
        )
        .await;
    }
}

async fn assess(client: &Client, place: &str) -> Answer {
    client.post(&format!("{place}/assessments"), nothing()).await
}

async fn declare(client: &Client, household: &Household, declared: Value) -> Answer {
    client.put(&household.place, "/means", declared).await
}

#[actix_web::test]
async fn a_verdict_names_its_rules_its_sums_and_every_clause_and_is_kept() {
    let town = Town::start().await;
    town.line("340200", "2020-01-01", 60_000).await;
    let household = town.household(1).await;
    let worker = town.client("caseworker").await;
    for n in [2, 3] {
        let person = json!({ "name": "家人", "id_number": id_number(n), "relation": "other", "joined_on": "2012-01-01" });
        worker
            .post(&format!("{}/household", household.place), person)
            .await
            .expect(201);
    }
    for (rigid, category) in [
        (3_840_000, json!("relative")),
        (3_840_001, json!("deep")),
        (1_680_000, Value::Null),
        (1_680_001, json!("relative")),
    ] {
        declare(
            &worker,
            &household,
            Town::means(&household.head, 6_000_000, rigid),
        )
        .await
        .expect(200);
        let verdict = assess(&worker, &household.place).await.expect(201);
        assert_eq!(verdict.body["category"], category, "{rigid}");
        assert_eq!(
            (
                &verdict.body["people"],
                &verdict.body["line_fen"],
                &verdict.body["income_fen"]
            ),
            (&json!(3), &json!(60_000), &json!(6_000_000))
        );
    }
    let verdicts = worker
        .get(&format!("{}/assessments", household.place))
        .await
        .expect(200)
        .items();
    assert_eq!(verdicts.len(), 4);
    let clauses: Vec<_> = verdicts[0]["clauses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| (c["clause"].as_str().unwrap(), c["met"].as_bool().unwrap()))
        .collect();
    assert_eq!(
        clauses,
        [
            ("deep", false),
            ("relative", true),
            ("accidental", false),
            ("not_excluded", true)
        ]
    );
    assert_eq!(verdicts[0]["net_per_head_month_fen"], 60_000);
}

#[actix_web::test]
async fn items_belong_to_people_of_the_household() {
    let town = Town::start().await;
    let household = town.household(1).await;
    let worker = town.client("caseworker").await;
    let stranger = town.household(2).await.head;
    let refused = declare(&worker, &household, Town::means(&stranger, 1, 1))
        .await
        .expect(422);
    assert_eq!(
        refused.pointers(),
        ["/expenses/0/person_id", "/income/0/person_id"]
    );
}

#[actix_web::test]
async fn nobody_is_judged_without_a_standard_and_the_refusal_says_which() {
    let town = Town::start().await;
    let household = town.household(1).await;
    let worker = town.client("caseworker").await;
    let refused = assess(&worker, &household.place).await.expect(409);
    assert_eq!(refused.text("/code"), "no_policy");
    assert!(refused.text("/detail").contains("340200"));
    town.line("340200", "2020-01-01", 60_000).await;
    assess(&worker, &household.place).await.expect(201);
    let mut idle = Town::means(&household.head, 0, 0);
    idle["idle_adults"] = json!([household.head]);
    declare(&worker, &household, idle).await.expect(200);
    assert_eq!(
        assess(&worker, &household.place).await.expect(409).text("/code"),
        "no_policy"
    );
}

#[actix_web::test]
async fn a_region_whose_code_changed_is_judged_by_the_standard_of_its_successor_from_that_day_on() {
    let town = Town::start().await;
    let admin = town.client("system_admin").await;
    for unit in [&town.jinghu_basic, &town.jinghu] {
        admin
            .patch(
                &format!("/organizations/{unit}"),
                json!({ "region_code": "340208" }),
            )
            .await
            .expect(200);
    }
    town.line("340208", "2020-01-01", 60_000).await;
    town.line("340209", "2020-07-06", 65_000).await;
    let household = town.household(1).await;
    let line = |answer: Answer| answer.expect(201).body["line_fen"].clone();
    for (day, expected) in [("2020-07-05", 60_000), ("2020-07-06", 65_000)] {
        town.app.set(day);
        let worker = town.client("caseworker").await;
        assert_eq!(line(assess(&worker, &household.place).await), expected, "{day}");
    }
}

#[actix_web::test]
async fn a_file_is_handed_in_under_the_category_that_the_rules_find() {
    let town = Town::start().await;
    town.whole_procedure(&["national"]).await;
    let household = town.household(1).await;
    let worker = town.client("caseworker").await;
    for (income, code, found) in [
        (3_000_000, "not_eligible", Value::Null),
        (1_500_000, "category_mismatch", json!("relative")),
    ] {
        declare(&worker, &household, Town::means(&household.head, income, 200_000))
            .await
            .expect(200);
        let refused = worker
            .act(&household.place, "/submit", nothing())
            .await
            .expect(409);
        assert_eq!(
            (
                refused.text("/code").as_str(),
                &refused.body["assessment"]["category"]
            ),
            (code, &found)
        );
    }
    worker
        .patch(&household.place, json!({ "category": "relative" }))
        .await
        .expect(200);
    worker
        .act(&household.place, "/submit", nothing())
        .await
        .expect(200);
}

#[actix_web::test]
async fn an_exclusion_bars_the_approval_until_the_city_sets_it_aside_with_a_reason() {
    let town = Town::start().await;
    let steps = json!(["basic_review", "city_approval"]);
    let values = json!({ "visitors": 2, "notice_working_days": 5, "step_days": 10, "levels": ["national"], "steps": steps });
    town.rule(json!({ "kind": "procedure", "valid_from": "2020-05-01", "values": values }))
        .await;
    town.line("340200", "2020-01-01", 60_000).await;
    let household = town.household(1).await;
    let worker = town.client("caseworker").await;
    let mut declared = Town::means(&household.head, 1_200_000, 800_000);
    declared["exclusions"] =
        json!([{ "kind": "private_car", "answer": "yes" }, { "kind": "second_home", "answer": "unknown" }]);
    declare(&worker, &household, declared).await.expect(200);
    worker
        .act(&household.place, "/submit", nothing())
        .await
        .expect(200);
    town.client("supervisor")
        .await
        .act(&household.place, "/basic-review", nothing())
        .await
        .expect(200);
    let city = town.client("city_supervisor").await;
    assert_eq!(
        city.act(&household.place, "/approve", nothing())
            .await
            .expect(409)
            .text("/code"),
        "excluded"
    );
    let id = household.place.trim_start_matches("/files/").to_owned();
    let forced = format!(
        "UPDATE files SET status = 'on_file', stage = NULL, opened_on = '2020-05-20' WHERE id = '{id}'"
    );
    assert!(town.app.sql(&forced).unwrap_err().contains("bars the file"));
    let reason = json!({ "reason": "车辆为残疾人代步，已核实" });
    let district = town.client("supervisor_b").await;
    assert_eq!(
        district
            .act(&household.place, "/override-exclusion", reason.clone())
            .await
            .expect(409)
            .text("/code"),
        "wrong_unit"
    );
    city.act(&household.place, "/override-exclusion", reason.clone())
        .await
        .expect(200);
    assert_eq!(
        city.act(&household.place, "/override-exclusion", reason)
            .await
            .expect(409)
            .text("/code"),
        "already_overridden"
    );
    city.act(&household.place, "/approve", nothing())
        .await
        .expect(200);
}

#[actix_web::test]
async fn a_draft_rule_says_who_would_change_category_and_stores_nothing() {
    let town = Town::start().await;
    town.line("340200", "2020-01-01", 60_000).await;
    let supervisor = town.client("supervisor").await;
    let worker = town.client("caseworker").await;
    let mut files = Vec::new();
    for (n, rigid) in [(1, 1_000_000), (2, 0)] {
        let file = town.household(n).await;
        // exactly twice the line for one person: 14,400 yuan a year
        declare(&worker, &file, Town::means(&file.head, 1_440_000 + rigid, rigid))
            .await
            .expect(200);
        worker.act(&file.place, "/submit", nothing()).await.expect(200);
        supervisor
            .act(&file.place, "/approve", nothing())
            .await
            .expect(200);
        files.push(file);
    }
    declare(&worker, &files[1], Town::means(&files[1].head, 9_000_000, 0))
        .await
        .expect(200);
    let draft = json!({ "kind": "eligibility", "valid_from": "2020-01-01", "values": { "schemes": ["scheme_2020"], "relative_inclusive": true, "accidental_percent": 50 } });
    let draft = town
        .client("security_admin")
        .await
        .post("/policies", draft)
        .await
        .expect(201)
        .id();
    let before = town.app.count("SELECT COUNT(*) AS n FROM assessments");
    let report = supervisor
        .post(&format!("/policies/{draft}/what-if"), nothing())
        .await
        .expect(200)
        .items();
    assert_eq!(report.len(), 1, "{report:?}");
    assert_eq!(report[0]["file_id"], files[0].place.trim_start_matches("/files/"));
    assert_eq!(
        (&report[0]["before"], &report[0]["after"]),
        (&Value::Null, &json!("relative"))
    );
    assert_eq!(town.app.count("SELECT COUNT(*) AS n FROM assessments"), before);
    let other = supervisor.get("/policies?kind=five_ones").await.items()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        supervisor
            .post(&format!("/policies/{other}/what-if"), nothing())
            .await
            .expect(409)
            .text("/code"),
        "wrong_kind"
    );
}
