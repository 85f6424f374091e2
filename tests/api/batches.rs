use serde_json::{Value, json};

use crate::given::{Shot, Town, race, race_files};
use crate::harness::nothing;

const HEADER: &str = "业务参考号,金额,处理结果,原因代码\r\n";

/// A batch of the payments of that many approved claims, sent to the bank.
async fn exported(town: &Town, claims: usize) -> String {
    for n in 1..=claims {
        town.approved_claim(n).await;
    }
    let place = town.approved_batch().await;
    let finance = town.client("finance").await;
    finance.act(&place, "/export", nothing()).await.expect(200);
    place
}

async fn lines(town: &Town, place: &str) -> Vec<Value> {
    town.client("finance")
        .await
        .get(&format!("{place}/lines"))
        .await
        .expect(200)
        .items()
}

fn said(line: &Value, rest: &str) -> String {
    format!("{},{rest}\r\n", line["reference"].as_str().unwrap())
}

async fn statuses(town: &Town, place: &str) -> Vec<String> {
    let lines = lines(town, place).await;
    lines
        .iter()
        .map(|line| line["status"].as_str().unwrap().to_owned())
        .collect()
}

#[actix_web::test]
async fn a_batch_goes_to_the_bank_is_answered_and_closed_by_different_people() {
    let town = Town::start().await;
    let [_, budget] = town.budget("illness_condolence", 100_000).await;
    let place = exported(&town, 2).await;
    let sent = lines(&town, &place).await;
    let text = format!(
        "{HEADER}{}{}",
        said(&sent[0], "500.00,成功,"),
        said(&sent[1], "500.00,失败,R01")
    );
    town.answer("finance", &place, text.clone())
        .await
        .problem(409, "same_person");
    let answered = town.answer("finance_b", &place, text).await.expect(200);
    assert_eq!(answered.body["answer"]["paid"], 1);
    assert_eq!(answered.body["answer"]["returned"], 1);
    assert_eq!(answered.body["batch"]["status"], "settled");
    assert_eq!(statuses(&town, &place).await, ["paid", "returned"]);
    let finance = town.client("finance").await;
    let list = finance.get(&format!("{place}/pay-list")).await.expect(200);
    assert_eq!(
        list.body["total_fen"], 50_000,
        "what came back is not on the pay list"
    );
    let back = format!("/payments/{}", sent[1]["payment_id"].as_str().unwrap());
    let shown = finance.get(&back).await.expect(200);
    assert_eq!(
        (shown.text("/status"), shown.text("/fail_reason")),
        ("failed".into(), "account_closed".into())
    );
    finance.act(&back, "/reissue", nothing()).await.expect(201);
    town.client("finance_b")
        .await
        .act(&place, "/close", nothing())
        .await
        .problem(409, "same_person");
    finance.act(&place, "/close", nothing()).await.expect(200);
    let auditor = town.client("auditor").await;
    let line = auditor.get(&format!("/budget-lines/{budget}")).await;
    assert_eq!(line.body["balance"]["paid_fen"], 50_000);
    assert_eq!(line.body["balance"]["committed_fen"], 50_000);
}

#[actix_web::test]
async fn maker_checker_and_approver_are_three_people_in_the_rule_and_in_the_database() {
    let town = Town::start().await;
    town.approved_claim(1).await;
    let finance = town.client("finance").await;
    let new = json!({ "organization_id": town.jinghu_basic, "layout_id": "00000000-0000-7000-8000-000000000061", "payment_ids": null });
    let place = format!(
        "/payment-batches/{}",
        finance.post("/payment-batches", new).await.expect(201).id()
    );
    finance.act(&place, "/submit", nothing()).await.expect(200);
    finance
        .act(&place, "/check", nothing())
        .await
        .problem(409, "same_person");
    town.client("finance_b")
        .await
        .act(&place, "/check", nothing())
        .await
        .expect(200);
    let supervisor = town.client("city_supervisor").await;
    let miscounted = json!({ "total_fen": 50_001, "line_count": 1 });
    supervisor
        .act(&place, "/approve", miscounted)
        .await
        .problem(409, "totals_differ");
    for column in ["maker_person", "checker_person"] {
        let behind = format!(
            "UPDATE payment_batches SET status = 'approved', approver_person = {column}, approved_by = made_by"
        );
        assert!(
            town.app.sql(&behind).is_err(),
            "the database lets {column} approve"
        );
    }
    for behind in [
        "UPDATE payment_batches SET total_fen = 1",
        "UPDATE batch_lines SET amount_fen = 1",
        "DELETE FROM batch_lines",
        "UPDATE payments SET status = 'cancelled'",
    ] {
        assert!(town.app.sql(behind).is_err(), "the database allows: {behind}");
    }
}

#[actix_web::test]
async fn a_payment_in_a_batch_is_neither_paid_by_hand_nor_put_in_another_until_the_batch_is_cancelled() {
    let town = Town::start().await;
    town.approved_claim(1).await;
    let place = town.approved_batch().await;
    let payment = lines(&town, &place).await[0]["payment_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let finance = town.client("finance").await;
    let today = finance.get("/me").await.text("/server_time")[..10].to_owned();
    let paid = json!({ "paid_on": today, "method": "bank_transfer", "reference": "X" });
    let payments = format!("/payments/{payment}");
    finance
        .act(&payments, "/pay", paid.clone())
        .await
        .problem(409, "in_batch");
    let again = json!({ "organization_id": town.jinghu_basic, "layout_id": "00000000-0000-7000-8000-000000000062", "payment_ids": [payment] });
    finance
        .post("/payment-batches", again.clone())
        .await
        .problem(409, "in_batch");
    finance
        .act(&place, "/cancel", json!({ "reason": "重新编制" }))
        .await
        .expect(200);
    finance.post("/payment-batches", again).await.expect(201);
}

#[actix_web::test]
async fn of_eight_who_put_a_payment_in_a_batch_or_pay_it_at_once_one_wins() {
    let town = Town::start().await;
    town.approved_claim(1).await;
    let finance = town.client("finance").await;
    let payment = finance.get("/payments?status=due").await.items()[0].clone();
    let id = payment["id"].as_str().unwrap().to_owned();
    let today = finance.get("/me").await.text("/server_time")[..10].to_owned();
    let batch = json!({ "organization_id": town.jinghu_basic, "layout_id": "00000000-0000-7000-8000-000000000061", "payment_ids": [id] });
    let pay = json!({ "paid_on": today, "method": "bank_transfer", "reference": "X" });
    let etag = finance.get(&format!("/payments/{id}")).await.header("etag");
    let shots = (0..8).map(|n| {
        let token = finance.token.clone();
        match n % 2 {
            0 => Shot {
                token,
                path: "/payment-batches".into(),
                etag: None,
                body: batch.clone(),
            },
            _ => Shot {
                token,
                path: format!("/payments/{id}/pay"),
                etag: Some(etag.clone()),
                body: pay.clone(),
            },
        }
    });
    let answers = race(&town, shots.collect());
    let won = answers.iter().filter(|(status, _)| *status < 300).count();
    assert_eq!(won, 1, "{answers:?}");
    assert!(
        answers
            .iter()
            .all(|(status, _)| [200, 201, 409, 412].contains(status)),
        "{answers:?}"
    );
}

#[actix_web::test]
async fn of_eight_who_export_at_once_one_makes_the_file() {
    let town = Town::start().await;
    let [_, budget] = town.budget("illness_condolence", 200_000).await;
    for n in 1..=3 {
        town.approved_claim(n).await;
    }
    let place = town.approved_batch().await;
    let tokens = [
        town.client("finance").await.token,
        town.client("finance_b").await.token,
    ];
    let etag = town.client("finance").await.get(&place).await.header("etag");
    let shots = (0..8).map(|n| Shot {
        token: tokens[n % 2].clone(),
        path: format!("{place}/export"),
        etag: Some(etag.clone()),
        body: nothing(),
    });
    let mut answers = race(&town, shots.collect());
    answers.sort_by_key(|(status, _)| *status);
    assert_eq!(answers[0].0, 200, "{answers:?}");
    let late = |(status, body): &(u16, Value)| *status == 409 && body["code"] == "wrong_status";
    assert!(answers[1..].iter().all(late), "{answers:?}");
    assert_eq!(statuses(&town, &place).await, ["exported"; 3]);
    let exported = "SELECT COUNT(*) AS n FROM audit_events WHERE action = 'batch.exported'";
    assert_eq!(town.app.count(exported), 1);
    let finance = town.client("finance").await;
    let download = format!("{place}/download");
    let file = finance.post(&download, nothing()).await.expect(200).bytes;
    assert_eq!(
        String::from_utf8(file).unwrap().lines().count(),
        4,
        "a header and each line once"
    );
    let line = finance.get(&format!("/budget-lines/{budget}")).await;
    assert_eq!(line.body["balance"]["committed_fen"], 150_000);
}

#[actix_web::test]
async fn the_same_answer_sent_by_eight_at_once_is_carried_out_once_and_each_is_told_what_came_of_it() {
    let town = Town::start().await;
    let [_, budget] = town.budget("illness_condolence", 200_000).await;
    let place = exported(&town, 3).await;
    let sent = lines(&town, &place).await;
    let text = [
        HEADER.to_owned(),
        said(&sent[0], "500.00,成功,"),
        said(&sent[1], "500.00,失败,R02"),
        said(&sent[2], "500.00,成功,"),
        "X,1.00,成功,\r\n".to_owned(),
    ];
    // whoever exported may not answer; two sessions of another stand for two people
    let answers = send_at_once(&town, &place, vec![text.concat(); 8]).await;
    assert!(answers.iter().all(|(status, _)| *status == 200), "{answers:?}");
    let same = |(_, body): &(u16, Value)| body["answer"] == answers[0].1["answer"];
    assert!(answers.iter().all(same), "{answers:?}");
    assert_eq!(statuses(&town, &place).await, ["paid", "returned", "paid"]);
    let finance = town.client("finance").await;
    let queries = finance.get(&format!("{place}/queries")).await.expect(200).items();
    assert_eq!(queries.len(), 1);
    for (action, times) in [("batch.answered", 1), ("payment.paid", 2), ("payment.failed", 1)] {
        let events = format!("SELECT COUNT(*) AS n FROM audit_events WHERE action = '{action}'");
        assert_eq!(town.app.count(&events), times, "{action}");
    }
    let line = finance.get(&format!("/budget-lines/{budget}")).await;
    assert_eq!(line.body["balance"]["paid_fen"], 100_000);
    assert_eq!(line.body["balance"]["committed_fen"], 0);
}

#[actix_web::test]
async fn answers_that_overlap_and_come_at_once_pay_each_line_once_and_settle_the_batch() {
    let town = Town::start().await;
    let place = exported(&town, 4).await;
    let sent = lines(&town, &place).await;
    let overlapping = (0..8).map(|n| {
        let (one, other) = (&sent[n % 4], &sent[(n + 1) % 4]);
        let unlike = format!("X-{n},1.00,成功,\r\n");
        [
            HEADER,
            &said(one, "500.00,成功,"),
            &said(other, "500.00,成功,"),
            &unlike,
        ]
        .concat()
    });
    let answers = send_at_once(&town, &place, overlapping.collect()).await;
    assert!(answers.iter().all(|(status, _)| *status == 200), "{answers:?}");
    let sum = |name: &str| -> i64 {
        let numbers = answers
            .iter()
            .map(|(_, body)| body["answer"][name].as_i64().unwrap());
        numbers.sum()
    };
    assert_eq!((sum("paid"), sum("unchanged"), sum("queued")), (4, 12, 8));
    let after = town.client("finance").await.get(&place).await.expect(200);
    assert_eq!(after.text("/status"), "settled");
}

/// Files for a batch, each sent from a thread of its own, half of them by another session.
async fn send_at_once(town: &Town, place: &str, files: Vec<String>) -> Vec<(u16, Value)> {
    let tokens = [
        town.client("finance_b").await.token,
        town.client("finance_b").await.token,
    ];
    let today = town
        .client("finance_b")
        .await
        .get("/me")
        .await
        .text("/server_time")[..10]
        .to_owned();
    let files = files.into_iter().enumerate().map(|(n, content)| {
        let path = format!("{place}/answers/{today}");
        (tokens[n % 2].clone(), path, content.into_bytes())
    });
    race_files(town, files.collect())
}

#[actix_web::test]
async fn odd_cells_wait_for_a_person_and_the_lines_around_them_are_carried_out() {
    let town = Town::start().await;
    let place = exported(&town, 3).await;
    let sent = lines(&town, &place).await;
    let huge = "9".repeat(1_000_000);
    let text = [
        "户名,业务参考号,金额,处理结果,原因代码,备注\r".to_owned(),
        format!(
            "测试,{},￥５００．００,成功,,\"分\n两行\"\r",
            sent[0]["reference"].as_str().unwrap()
        ),
        "测试,PC\0,500.00,成功,,\r".to_owned(),
        format!("测试,{huge},500.00,成功,,\r"),
        format!("测试,'{},500,成功,,\r", sent[1]["reference"].as_str().unwrap()),
        format!("测试,{},-500.00,成功,,\r", sent[2]["reference"].as_str().unwrap()),
        format!(
            "测试,\"{},500.00,成功,,\r",
            sent[2]["reference"].as_str().unwrap()
        ),
    ];
    let text = text.concat();
    let (content, ..) = encoding_rs::GB18030.encode(&text);
    let answered = town
        .answer("finance_b", &place, content.into_owned())
        .await
        .expect(200);
    assert_eq!(answered.body["answer"]["paid"], 2);
    assert_eq!(statuses(&town, &place).await, ["paid", "paid", "exported"]);
    let queries = town
        .client("finance")
        .await
        .get(&format!("{place}/queries"))
        .await;
    let items = queries.expect(200).items();
    let problems: Vec<_> = items
        .iter()
        .map(|query| query["problem"].as_str().unwrap())
        .collect();
    assert_eq!(
        problems,
        ["wrong_encoding", "unknown_line", "bad_amount", "missing_cell"]
    );
    assert_eq!(items[1]["reference"].as_str().unwrap().len(), 100);
}

#[actix_web::test]
async fn of_more_than_a_thousand_odd_lines_the_rest_is_counted_and_one_query_says_so() {
    let town = Town::start().await;
    let place = exported(&town, 1).await;
    let sent = lines(&town, &place).await;
    let odd: String = (0..1_200).map(|n| format!("X-{n},1.00,成功,\r\n")).collect();
    let text = format!("{HEADER}{odd}{}", said(&sent[0], "500.00,成功,"));
    let answered = town.answer("finance_b", &place, text).await.expect(200);
    assert_eq!(answered.body["answer"]["queued"], 1_200);
    assert_eq!(answered.body["answer"]["paid"], 1);
    let kept = |problem: &str| {
        let of = format!("SELECT COUNT(*) AS n FROM bank_answer_queries WHERE problem = '{problem}'");
        town.app.count(&of)
    };
    assert_eq!((kept("unknown_line"), kept("too_many")), (1_000, 1));
    let at = "SELECT CAST(line AS BIGINT) AS n FROM bank_answer_queries WHERE problem = 'too_many'";
    assert_eq!(town.app.count(at), 1_001);
    let finance = town.client("finance").await;
    finance
        .act(&place, "/close", nothing())
        .await
        .problem(409, "open_lines");
}

#[actix_web::test]
async fn the_file_is_made_once_and_is_the_same_bytes_and_an_event_each_time() {
    let town = Town::start().await;
    let place = exported(&town, 1).await;
    let finance = town.client("finance").await;
    finance
        .act(&place, "/export", nothing())
        .await
        .problem(409, "wrong_status");
    let first = finance
        .post(&format!("{place}/download"), nothing())
        .await
        .expect(200);
    let second = finance
        .post(&format!("{place}/download"), nothing())
        .await
        .expect(200);
    assert_eq!(first.bytes, second.bytes);
    let text = String::from_utf8(first.bytes).unwrap();
    let reference = lines(&town, &place).await[0]["reference"]
        .as_str()
        .unwrap()
        .to_owned();
    let line = format!("1,{reference},职工1,9999990000000006,徽商银行,500.00,会员大病慰问\r\n");
    assert_eq!(
        text,
        format!("\u{feff}序号,业务参考号,户名,账号,开户行,金额,用途\r\n{line}")
    );
    let id = place.rsplit('/').next().unwrap();
    let seen = format!(
        "SELECT COUNT(*) AS n FROM audit_events WHERE action = 'batch.downloaded' AND subject_id = '{id}'"
    );
    assert_eq!(town.app.count(&seen), 2);
    for column in ["content_sealed", "content_hash"] {
        assert!(
            town.app
                .sql(&format!("UPDATE payment_batches SET {column} = 'x'"))
                .is_err()
        );
    }
}

#[actix_web::test]
async fn who_died_since_the_approval_stays_behind_and_the_others_go() {
    let town = Town::start().await;
    town.approved_claim(1).await;
    town.approved_claim(2).await;
    let place = town.approved_batch().await;
    let caseworker = town.client("caseworker").await;
    let members = caseworker.get("/members").await.items();
    let dead = format!("/members/{}", members[0]["id"].as_str().unwrap());
    let today = caseworker.get("/me").await.text("/server_time")[..10].to_owned();
    let status = json!({ "status": "deceased", "effective_on": today, "reason": "病故" });
    caseworker.act(&dead, "/status", status).await.expect(200);
    let finance = town.client("finance").await;
    finance.act(&place, "/export", nothing()).await.expect(200);
    let after = lines(&town, &place).await;
    assert_eq!(
        (&after[0]["status"], &after[0]["blocked_reason"]),
        (&json!("blocked"), &json!("payee_dead"))
    );
    assert_eq!(after[1]["status"], "exported");
    let file = finance
        .post(&format!("{place}/download"), nothing())
        .await
        .expect(200);
    let text = String::from_utf8(file.bytes).unwrap();
    assert!(!text.contains(after[0]["reference"].as_str().unwrap()));
    let freed = json!({ "organization_id": town.jinghu_basic, "layout_id": "00000000-0000-7000-8000-000000000061", "payment_ids": null });
    let next = finance.post("/payment-batches", freed).await.expect(201);
    assert_eq!(next.body["line_count"], 1);
}

#[actix_web::test]
async fn an_answer_is_carried_out_once_and_what_is_odd_in_it_waits_for_a_person() {
    let town = Town::start().await;
    let place = exported(&town, 3).await;
    let sent = lines(&town, &place).await;
    let text = [
        HEADER.to_owned(),
        said(&sent[0], "500.00,成功,"),
        said(&sent[1], "50.00,成功,"),
        said(&sent[2], "500.00,失败,R77"),
        "PC-2020-999999-00001,500.00,成功,\r\n1.23E+17,500.00,成功,\r\n".to_owned(),
    ];
    let first = town.answer("finance_b", &place, text.concat()).await.expect(200);
    assert_eq!(first.body["answer"]["paid"], 1);
    assert_eq!(first.body["answer"]["queued"], 4);
    let again = town.answer("finance_b", &place, text.concat()).await.expect(200);
    assert_eq!(again.body, first.body);
    let finance = town.client("finance").await;
    let queries = finance.get(&format!("{place}/queries")).await.expect(200).items();
    let problems: Vec<_> = queries
        .iter()
        .map(|query| query["problem"].as_str().unwrap())
        .collect();
    assert_eq!(
        problems,
        [
            "wrong_amount",
            "unknown_code",
            "unknown_line",
            "scientific_number"
        ]
    );
    let turned = format!("{HEADER}{}", said(&sent[0], "500.00,失败,R01"));
    let turned = town.answer("finance_b", &place, turned).await.expect(200);
    assert_eq!(turned.body["answer"]["queued"], 1);
    let rest = format!(
        "{HEADER}{}{}{}",
        said(&sent[0], "500.00,成功,"),
        said(&sent[1], "500.00,成功,"),
        said(&sent[2], "500.00,失败,R99")
    );
    let rest = town.answer("finance_b", &place, rest).await.expect(200);
    assert_eq!(rest.body["answer"]["unchanged"], 1);
    finance
        .act(&place, "/close", nothing())
        .await
        .problem(409, "open_lines");
    for query in finance.get(&format!("{place}/queries")).await.items() {
        let resolve = format!("{place}/queries/{}/resolve", query["id"].as_str().unwrap());
        finance
            .post(&resolve, json!({ "reason": "已与银行核对" }))
            .await
            .expect(200);
        finance
            .post(&resolve, json!({ "reason": "已与银行核对" }))
            .await
            .problem(409, "already_resolved");
    }
    finance.act(&place, "/close", nothing()).await.expect(200);
}

#[actix_web::test]
async fn a_file_that_is_no_answer_is_refused_by_name_and_nothing_is_done() {
    let town = Town::start().await;
    let place = exported(&town, 1).await;
    for (content, code) in [
        (b"\xff\xfeP\0".to_vec(), "wrong_encoding"),
        ("业务参考号,金额\n".as_bytes().to_vec(), "missing_column"),
    ] {
        let refused = town
            .answer("finance_b", &place, content)
            .await
            .problem(422, "invalid");
        assert_eq!(refused.body["errors"][0]["code"], code);
    }
    assert_eq!(statuses(&town, &place).await, ["exported"]);
}

#[actix_web::test]
async fn the_pay_list_and_the_voucher_say_the_amount_in_capitals_and_show_no_number_in_clear() {
    let town = Town::start().await;
    let place = exported(&town, 2).await;
    let finance = town.client("finance").await;
    let list = finance.get(&format!("{place}/pay-list")).await.expect(200);
    assert_eq!(list.text("/total_in_capitals"), "人民币壹仟元整");
    let payment = lines(&town, &place).await[0]["payment_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let voucher = finance
        .get(&format!("/payments/{payment}/voucher"))
        .await
        .expect(200);
    assert_eq!(voucher.text("/amount_in_capitals"), "人民币伍佰元整");
    for page in [
        format!("{place}/pay-list.html"),
        format!("/payments/{payment}/voucher.html"),
    ] {
        let printed = String::from_utf8(finance.get(&page).await.expect(200).bytes).unwrap();
        assert!(
            printed.contains("9999********0006") && printed.contains("元整"),
            "{printed}"
        );
        assert!(!printed.contains("9999990000000006"), "{printed}");
        assert_eq!(printed.contains("¥1,000.00"), page.ends_with("pay-list.html"));
    }
}
