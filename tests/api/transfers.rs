use serde_json::{Value, json};

use crate::given::{Shot, Town, claim, id_number, race};
use crate::harness::nothing;

#[actix_web::test]
async fn a_file_goes_to_another_union_with_everything_and_the_former_sees_none_of_it() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let file = town.file_on_file(&member).await;
    let place = format!("/files/{file}");
    let worker = town.client("caseworker").await;
    let child = json!({ "name": "周小梅", "id_number": id_number(50_001), "relation": "daughter", "joined_on": "2015-01-01" });
    worker
        .post(&format!("{place}/household"), child)
        .await
        .expect(201);
    let lodged = worker
        .post("/illness-claims", claim(&member, 1, 1_000_000, "T-1"))
        .await
        .expect(201)
        .id();
    let transfer = format!("/transfers/{}", town.send_on(&file, &town.yijiang_basic).await);
    let (sender, receiver) = (town.client("supervisor").await, town.client("supervisor_2").await);
    let waiting = receiver
        .get("/transfers?status=pending")
        .await
        .expect(200)
        .items();
    assert_eq!(waiting[0]["member_name"], "职**");
    assert_eq!(
        waiting[0]["handover"],
        json!({ "revisions": 5, "people": 2, "attachments": 0, "open_duties": 4, "open_claims": 1 })
    );
    receiver.get(&place).await.expect(404);
    sender
        .act(&transfer, "/accept", json!({ "contact_id": null }))
        .await
        .problem(409, "other_unit");
    let contact = json!({ "contact_id": town.user_id("caseworker_2") });
    let taken = receiver.act(&transfer, "/accept", contact).await.expect(200);
    assert_eq!(taken.text("/status"), "accepted");
    let there = town.client("caseworker_2").await;
    for path in [
        &place,
        &format!("{place}/five-ones/2020"),
        &format!("/members/{member}"),
        &format!("/illness-claims/{lodged}"),
    ] {
        worker.get(path).await.expect(404);
        there.get(path).await.expect(200);
    }
    assert_eq!(
        there
            .get(&format!("{place}/household"))
            .await
            .expect(200)
            .items()
            .len(),
        2
    );
    let revisions = there.get(&format!("{place}/revisions")).await.expect(200).items();
    assert_eq!(
        revisions.len(),
        7,
        "the history travels, with the move and the new contact"
    );
    assert_eq!(
        there.get("/worklist?year=2020").await.expect(200).items().len(),
        4
    );
    assert_eq!(
        worker.get("/worklist?year=2020").await.expect(200).items().len(),
        0
    );
    assert_eq!(
        sender
            .get("/transfers?direction=out")
            .await
            .expect(200)
            .items()
            .len(),
        1
    );
    receiver
        .act(&transfer, "/decline", nothing())
        .await
        .problem(409, "decided");
    let search = json!({ "name": "周小梅", "id_number": id_number(50_001) });
    let found = worker.post("/duplicates/search", search).await.expect(200);
    assert_eq!(
        found.body,
        json!({ "items": [], "elsewhere": [town.yijiang_basic] })
    );
}

#[actix_web::test]
async fn a_file_stays_when_it_is_declined_or_taken_back_and_goes_one_way_at_a_time() {
    let town = Town::start().await;
    let file = town.file_on_file(&town.member(1).await).await;
    let (sender, receiver) = (town.client("supervisor").await, town.client("supervisor_2").await);
    let first = format!("/transfers/{}", town.send_on(&file, &town.yijiang).await);
    let again = json!({ "organization_id": town.yijiang, "reason_code": "worker_moved", "comment": null });
    let to = format!("/files/{file}/transfers");
    sender.post(&to, again).await.problem(409, "transfer_pending");
    receiver
        .act(&first, "/cancel", nothing())
        .await
        .problem(409, "other_unit");
    assert_eq!(
        receiver
            .act(&first, "/decline", nothing())
            .await
            .expect(200)
            .text("/status"),
        "declined"
    );
    let second = format!("/transfers/{}", town.send_on(&file, &town.yijiang).await);
    assert_eq!(
        sender
            .act(&second, "/cancel", nothing())
            .await
            .expect(200)
            .text("/status"),
        "cancelled"
    );
    town.client("caseworker")
        .await
        .get(&format!("/files/{file}"))
        .await
        .expect(200);
    for (body, at) in [
        (
            json!({ "organization_id": town.jinghu_basic, "reason_code": "worker_moved", "comment": null }),
            "/organization_id",
        ),
        (
            json!({ "organization_id": file, "reason_code": "worker_moved", "comment": null }),
            "/organization_id",
        ),
        (
            json!({ "organization_id": town.yijiang, "reason_code": "other", "comment": null }),
            "/comment",
        ),
    ] {
        assert_eq!(sender.post(&to, body).await.expect(422).pointers(), [at]);
    }
}

#[actix_web::test]
async fn who_sends_a_file_does_not_accept_it_and_a_file_that_is_being_judged_stays() {
    let town = Town::start().await;
    let file = town.file_on_file(&town.member(1).await).await;
    let above = town.client("city_supervisor").await;
    let new = json!({ "organization_id": town.yijiang, "reason_code": "employer_closed", "comment": null });
    let sent = above
        .post(&format!("/files/{file}/transfers"), new.clone())
        .await
        .expect(201);
    let place = format!("/transfers/{}", sent.id());
    above
        .act(&place, "/accept", json!({ "contact_id": null }))
        .await
        .problem(409, "same_person");
    let own = format!(
        "UPDATE file_transfers SET status = 'accepted', handed_over = '{{}}', decided_by = requested_by, decider_person = requester_person WHERE id = '{}'",
        sent.id()
    );
    assert!(town.app.sql(&own).is_err());
    let worker = town.client("caseworker").await;
    let draft = json!({ "member_id": town.member(2).await, "scheme": "scheme_2020", "category": "deep", "level": "city", "primary_cause": "major_illness" });
    let judged = format!("/files/{}", worker.post("/files", draft).await.expect(201).id());
    worker.act(&judged, "/submit", nothing()).await.expect(200);
    above
        .post(&format!("{judged}/transfers"), new)
        .await
        .problem(409, "wrong_status");
}

#[actix_web::test]
async fn of_eight_answers_to_a_transfer_at_once_one_counts() {
    let town = Town::start().await;
    let file = town.file_on_file(&town.member(1).await).await;
    let place = format!("/transfers/{}", town.send_on(&file, &town.yijiang_basic).await);
    let receiver = town.client("supervisor_2").await;
    let etag = receiver.get(&place).await.expect(200).etag;
    let shot = |verb: &str, body: Value| Shot {
        token: receiver.token.clone(),
        path: format!("{place}/{verb}"),
        etag: etag.clone(),
        body,
    };
    let pair = [
        shot("accept", json!({ "contact_id": null })),
        shot("decline", json!({})),
    ];
    let answers = race(&town, pair.iter().cycle().take(8).cloned().collect());
    let won = answers.iter().filter(|(status, _)| *status == 200).count();
    assert_eq!(won, 1, "{answers:?}");
    assert!(
        answers.iter().all(|(status, _)| [200, 409].contains(status)),
        "{answers:?}"
    );
    let moved = format!(
        "SELECT COUNT(*) AS n FROM files WHERE organization_id = '{}'",
        town.yijiang_basic
    );
    let accepted = "SELECT COUNT(*) AS n FROM file_transfers WHERE status = 'accepted'";
    assert_eq!(town.app.count(&moved), town.app.count(accepted));
}

#[actix_web::test]
async fn a_stand_in_has_the_absent_contacts_worklist_and_calls_that_count_until_the_last_day() {
    let town = Town::start().await;
    let file = town.file_on_file(&town.member(1).await).await;
    let work = async || {
        let worker = town.client("caseworker_b").await;
        worker.get("/worklist?year=2020").await.expect(200).items().len()
    };
    let call = async |at: &str| {
        let call = json!({ "kind": "call", "occurred_at": at, "channel": "phone", "reached": "worker", "outcome": "reached" });
        let worker = town.client("caseworker_b").await;
        worker
            .post(&format!("/files/{file}/actions"), call)
            .await
            .expect(201);
        let ledger = worker
            .get(&format!("/files/{file}/five-ones/2020"))
            .await
            .expect(200);
        ledger.text("/duties/0/status")
    };
    let id = town.stand_in("caseworker", "caseworker_b").await;
    assert_eq!(work().await, 0);
    town.app.set("2020-05-31");
    assert_eq!(call("2020-05-31T02:00:00Z").await, "due", "not yet");
    town.app.set("2020-06-01");
    assert_eq!(work().await, 5);
    let supervisor = town.client("supervisor").await;
    let again = json!({ "contact_id": town.user_id("caseworker"), "stand_in_id": town.user_id("caseworker_b"),
        "from_on": "2020-06-30", "until_on": "2020-07-30" });
    supervisor
        .post("/pairings/stand-ins", again)
        .await
        .problem(409, "stand_in_exists");
    town.app.set("2020-07-01");
    assert_eq!(work().await, 0);
    assert_eq!(call("2020-07-01T02:00:00Z").await, "due", "no more");
    assert_eq!(call("2020-06-30T15:59:59Z").await, "done", "on the last day");
    let place = format!("/pairings/stand-ins/{id}");
    town.client("supervisor")
        .await
        .act(&place, "/end", nothing())
        .await
        .problem(409, "ended");
}

#[actix_web::test]
async fn a_stand_in_is_another_caseworker_who_sees_the_files_and_ends_early_when_the_contact_is_back() {
    let town = Town::start().await;
    town.file_on_file(&town.member(1).await).await;
    let supervisor = town.client("supervisor").await;
    let id = |who| town.user_id(who);
    for (contact, stand_in, from, until, at) in [
        (
            "caseworker",
            "caseworker",
            "2020-06-01",
            "2020-06-02",
            "/stand_in_id",
        ),
        (
            "caseworker",
            "caseworker_2",
            "2020-06-01",
            "2020-06-02",
            "/stand_in_id",
        ),
        (
            "caseworker",
            "finance",
            "2020-06-01",
            "2020-06-02",
            "/stand_in_id",
        ),
        (
            "caseworker_2",
            "caseworker",
            "2020-06-01",
            "2020-06-02",
            "/contact_id",
        ),
        (
            "caseworker",
            "caseworker_b",
            "2020-05-01",
            "2020-06-02",
            "/from_on",
        ),
        (
            "caseworker",
            "caseworker_b",
            "2020-06-02",
            "2020-06-01",
            "/until_on",
        ),
        (
            "caseworker",
            "caseworker_b",
            "2020-06-01",
            "2021-06-02",
            "/until_on",
        ),
    ] {
        let new = json!({ "contact_id": id(contact), "stand_in_id": id(stand_in), "from_on": from, "until_on": until });
        let refused = supervisor.post("/pairings/stand-ins", new).await.expect(422);
        assert_eq!(refused.pointers(), [at], "{contact} {stand_in}");
    }
    let place = format!(
        "/pairings/stand-ins/{}",
        town.stand_in("caseworker", "caseworker_b").await
    );
    let ended = supervisor.act(&place, "/end", nothing()).await.expect(200);
    assert!(ended.body["ended_at"].is_string());
    assert_eq!(
        supervisor
            .get("/pairings/stand-ins")
            .await
            .expect(200)
            .items()
            .len(),
        1
    );
    town.stand_in("caseworker", "caseworker_b").await;
}
