use actix_web::test::TestRequest;
use serde_json::json;

use crate::given::{JPEG, Town};

fn why() -> serde_json::Value {
    json!({ "reason": "核对原件" })
}

#[actix_web::test]
async fn a_paper_is_attached_listed_without_content_opened_with_a_reason_and_taken_away() {
    let town = Town::start().await;
    let file = town.file_on_file(&town.member(1).await).await;
    let kept = town
        .attach("caseworker", &file, "id_card", JPEG)
        .await
        .expect(201);
    assert_eq!(
        (kept.text("/kind"), kept.text("/media_type")),
        ("id_card".into(), "image/jpeg".into())
    );
    let place = kept.header("location").replace("/api/v1", "");
    let worker = town.client("caseworker").await;
    let list = worker
        .get(&format!("/files/{file}/attachments"))
        .await
        .expect(200);
    assert_eq!(list.items()[0], kept.body);
    let opened = worker.post(&format!("{place}/open"), why()).await.expect(200);
    assert_eq!(
        (opened.bytes.as_slice(), opened.header("content-type")),
        (JPEG, "image/jpeg".into())
    );
    assert_eq!(opened.header("content-disposition"), "attachment");
    worker.post(&format!("{place}/open"), json!({})).await.expect(422);
    let voided = worker.act(&place, "/void", why()).await.expect(200);
    assert!(voided.body["voided_at"].is_string());
    worker
        .post(&format!("{place}/open"), why())
        .await
        .problem(409, "voided");
    worker.act(&place, "/void", why()).await.problem(409, "voided");
    assert_eq!(town.app.count("SELECT COUNT(*) AS n FROM attachment_contents"), 0);
    let auditor = town.client("auditor").await;
    for action in [
        "file.attached",
        "file.attachment_opened",
        "file.attachment_voided",
    ] {
        let events = auditor
            .get(&format!("/audit/events?action={action}"))
            .await
            .expect(200)
            .items();
        assert_eq!(events.len(), 1, "{action}");
    }
}

#[actix_web::test]
async fn the_same_content_is_kept_once_and_as_long_as_one_paper_needs_it() {
    let town = Town::start().await;
    let file = town.file_on_file(&town.member(1).await).await;
    let other = town.file_on_file(&town.member(2).await).await;
    let first = town
        .attach("caseworker", &file, "medical", JPEG)
        .await
        .expect(201);
    let second = town
        .attach("caseworker", &other, "medical", JPEG)
        .await
        .expect(201);
    assert_eq!(town.app.count("SELECT COUNT(*) AS n FROM attachment_contents"), 1);
    let worker = town.client("caseworker").await;
    let place = |answer: &crate::harness::Answer| answer.header("location").replace("/api/v1", "");
    worker.act(&place(&first), "/void", why()).await.expect(200);
    let opened = worker
        .post(&format!("{}/open", place(&second)), why())
        .await
        .expect(200);
    assert_eq!(opened.bytes, JPEG);
    let elsewhere = format!("/files/{file}/attachments/{}/open", second.id());
    worker.post(&elsewhere, why()).await.expect(404);
}

#[actix_web::test]
async fn a_paper_that_lies_about_its_type_is_too_large_or_cut_off_is_refused() {
    let town = Town::start().await;
    let file = town.file_on_file(&town.member(1).await).await;
    let worker = town.client("caseworker").await;
    let path = format!("/files/{file}/attachments/signature");
    let send = async |media_type: &str, content: Vec<u8>| {
        let request = TestRequest::post()
            .insert_header(("Content-Type", media_type))
            .set_payload(content);
        worker.raw(request, &path).await
    };
    for (media_type, content, code) in [
        ("image/png", JPEG.to_vec(), "type_mismatch"),
        ("image/jpeg", b"<html>".to_vec(), "type_mismatch"),
        ("image/jpeg", JPEG[..8].to_vec(), "cut_off"),
        ("image/jpeg", Vec::new(), "required"),
    ] {
        let refused = send(media_type, content).await.expect(422);
        assert_eq!(refused.text("/errors/0/code"), code);
    }
    send("text/html", JPEG.to_vec()).await.expect(415);
    send("image/jpeg", vec![0xff; 10 * 1024 * 1024 + 1])
        .await
        .expect(413);
    let unknown = TestRequest::post()
        .insert_header(("Content-Type", "image/jpeg"))
        .set_payload(JPEG);
    worker
        .raw(unknown, &format!("/files/{file}/attachments/poem"))
        .await
        .expect(404);
    let repeat = || {
        TestRequest::post()
            .insert_header(("Content-Type", "image/jpeg"))
            .insert_header(("Idempotency-Key", "photo-1"))
            .set_payload(JPEG)
    };
    let first = worker.raw(repeat(), &path).await.expect(201);
    let again = worker.raw(repeat(), &path).await.expect(201);
    assert_eq!(
        (first.id(), again.header("idempotency-replayed")),
        (again.id(), "true".into())
    );
    assert_eq!(town.app.count("SELECT COUNT(*) AS n FROM attachments"), 1);
}
