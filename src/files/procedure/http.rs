//! `/files/{id}/procedure`, the verbs of its steps, objections, and what the public reads.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::bodies::{Proceedings, PublicNotice, ShownObjection};
use super::{Check, Decision, NewObjection, Objection, Visit, rules, store};
use crate::auth::policy::{
    DecideObjections, PublishNotices, ReadFiles, RecordObjections, VerifyFiles, VisitFiles,
};
use crate::auth::{Creation, May, Scope};
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::db::{Db, Rx};
use crate::error::Result;
use crate::files::http::{carry_out, carry_out_plain, ok};
use crate::files::{self, File, FileId, Stage};
use crate::http::Reply;
use crate::http::openapi::IfMatch;
use crate::input::{self, Nothing};
use crate::parameters;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(get_procedure)
        .service(basic_review)
        .service(visit)
        .service(check)
        .service(county_review)
        .service(publicise)
        .service(list_objections)
        .service(object)
        .service(get_objection)
        .service(decide);
}

/// The route that the public reads, outside the API.
pub fn public_routes(config: &mut ServiceConfig) {
    config.service(public_notices);
}

parameters! {
    /// Which page.
    pub struct NoticeQuery {
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

/// Where a file stands in the procedure and what was done since it was handed in.
pub fn proceedings(rx: &mut Rx, file: FileId) -> Result<Proceedings> {
    let file = files::find(rx, file)?;
    let notice = store::notice(rx, file.id, file.round)?;
    Ok(Proceedings {
        visit: store::step(rx, &file, Stage::HomeVisit)?,
        check: store::step(rx, &file, Stage::EconomicCheck)?,
        notice: notice.map(PublicNotice::from),
        file_id: file.id,
        stage: file.stage,
        due_on: file.due_on,
        steps: file.steps.0,
    })
}

/// Where a file stands in the procedure and what was done since it was handed in (25).
#[utoipa::path(tag = "procedure", operation_id = "get_file_procedure", security(("bearer" = ["files:read"])),
    responses((status = 200, body = Proceedings)))]
#[get("/files/{id}/procedure")]
async fn get_procedure(may: May<ReadFiles>) -> Result<HttpResponse> {
    let id = may.id("file")?;
    may.query::<Nothing>()?;
    may.read(move |rx| proceedings(rx, id)).await
}

/// Whether a file waits at a step.
fn at(stage: Stage) -> impl Fn(&File) -> Result<()> {
    move |file| rules::after(file.status, file.stage, &file.steps.0, stage).map(drop)
}

/// Review a file in its unit, as another person than its recorder (25).
#[utoipa::path(tag = "procedure", operation_id = "review_file_in_unit", security(("bearer" = ["files:verify"])),
    params(IfMatch), responses((status = 200, body = File)))]
#[post("/files/{id}/basic-review")]
async fn basic_review(may: May<VerifyFiles>) -> Result<HttpResponse> {
    carry_out_plain(may, at(Stage::BasicReview), super::basic_review, ok).await
}

/// Record a home visit, by one of the visitors (27).
#[utoipa::path(tag = "procedure", operation_id = "visit_file", security(("bearer" = ["files:visit"])),
    params(IfMatch), request_body = Visit, responses((status = 200, body = File)))]
#[post("/files/{id}/home-visit")]
async fn visit(may: May<VisitFiles>) -> Result<HttpResponse> {
    carry_out(may, at(Stage::HomeVisit), super::visit).await
}

/// Record the check of a household's means; a mismatch sends the file back (28, 29).
#[utoipa::path(tag = "procedure", operation_id = "check_file", security(("bearer" = ["files:verify"])),
    params(IfMatch), request_body = Check, responses((status = 200, body = File)))]
#[post("/files/{id}/economic-check")]
async fn check(may: May<VerifyFiles>) -> Result<HttpResponse> {
    carry_out(may, at(Stage::EconomicCheck), super::check).await
}

/// Review a file above its unit (25).
#[utoipa::path(tag = "procedure", operation_id = "review_file_above_unit", security(("bearer" = ["files:verify"])),
    params(IfMatch), responses((status = 200, body = File)))]
#[post("/files/{id}/county-review")]
async fn county_review(may: May<VerifyFiles>) -> Result<HttpResponse> {
    carry_out_plain(may, at(Stage::CountyReview), super::county_review, ok).await
}

/// Publish the notice of a file for the working days of the policy (30, 31).
#[utoipa::path(tag = "procedure", operation_id = "publicise_file", security(("bearer" = ["files:publicise"])),
    params(IfMatch), responses((status = 200, body = File)))]
#[post("/files/{id}/publicise")]
async fn publicise(may: May<PublishNotices>) -> Result<HttpResponse> {
    carry_out_plain(may, at(Stage::PublicNotice), super::publicise, ok).await
}

/// Every objection to a file; who objected stays protected.
pub fn objections(rx: &mut Rx, file: FileId) -> Result<Vec<ShownObjection>> {
    let page = store::objections(rx, file, &Ask::whole("objections"))?;
    let shown = page.items.iter().map(|one| ShownObjection::of(one, rx.keys));
    shown.collect()
}

/// The objections to a file (32).
#[utoipa::path(tag = "procedure", operation_id = "list_file_objections", security(("bearer" = ["files:read"])),
    params(NoticeQuery), responses((status = 200, body = Page<ShownObjection>)))]
#[get("/files/{id}/objections")]
async fn list_objections(may: May<ReadFiles>) -> Result<HttpResponse> {
    let id = may.id("file")?;
    let query: NoticeQuery = may.query()?;
    let ask = Ask::new("objections", query.limit, &query.cursor)?;
    may.read(move |rx| {
        files::find(rx, id)?;
        let page = store::objections(rx, id, &ask)?;
        page.map(|objection| ShownObjection::of(&objection, rx.keys))
    })
    .await
}

/// Record an objection to the notice of a file; who objects is protected (32).
#[utoipa::path(tag = "procedure", operation_id = "create_objection", security(("bearer" = ["objections:write"])),
    request_body = NewObjection, responses((status = 201, body = ShownObjection), (status = 200, body = ShownObjection, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/files/{id}/objections")]
async fn object(may: May<RecordObjections>) -> Result<HttpResponse> {
    let id = may.id("file")?;
    may.write(move |tx, sent| {
        let file = files::find(tx, id)?;
        let new: NewObjection = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => {
                let objection = store::objection(tx, file.id, id)?;
                reply(tx, &objection).map(Reply::replayed)
            }
            Creation::New(id) => {
                let objection = super::object(tx, &file, id, &new)?;
                let place = format!("/files/{}/objections/{id}", file.id);
                let shown = ShownObjection::of(&objection, tx.keys)?;
                Ok(Reply::created(&place, objection.version, &shown))
            }
        }
    })
    .await
}

fn reply(rx: &Rx, objection: &Objection) -> Result<Reply> {
    let shown = ShownObjection::of(objection, rx.keys)?;
    Ok(Reply::ok(objection.version, &shown))
}

/// One objection.
#[utoipa::path(tag = "procedure", operation_id = "get_objection", security(("bearer" = ["files:read"])),
    responses((status = 200, body = ShownObjection)))]
#[get("/files/{id}/objections/{objection_id}")]
async fn get_objection(may: May<ReadFiles>) -> Result<HttpResponse> {
    let (file, id) = (may.id("file")?, may.path("objection_id", "objection")?);
    may.query::<Nothing>()?;
    may.fetch(move |rx| {
        files::find(rx, file)?;
        let objection = store::objection(rx, file, id)?;
        Ok((objection.version, ShownObjection::of(&objection, rx.keys)?))
    })
    .await
}

/// Decide an objection, as another person than its recorder (32).
#[utoipa::path(tag = "procedure", operation_id = "decide_objection", security(("bearer" = ["objections:decide"])),
    params(IfMatch), request_body = Decision, responses((status = 200, body = ShownObjection)))]
#[post("/files/{id}/objections/{objection_id}/decide")]
async fn decide(may: May<DecideObjections>) -> Result<HttpResponse> {
    let (file, id) = (may.id("file")?, may.path("objection_id", "objection")?);
    may.write(move |tx, sent| {
        let file = files::find(tx, file)?;
        let objection = store::objection(tx, file.id, id)?;
        rules::is_open(objection.outcome)?;
        sent.expect(tx, id, objection.version)?;
        let decision: Decision = sent.body()?;
        let objection = super::decide(tx, &file, &objection, &decision)?;
        reply(tx, &objection)
    })
    .await
}

/// The notices that run today, masked, for everybody (30, 31).
#[utoipa::path(tag = "public", operation_id = "list_public_notices", params(NoticeQuery),
    responses((status = 200, body = Page<PublicNotice>)))]
#[get("/public/notices")]
async fn public_notices(request: HttpRequest, db: Data<Db>) -> Result<HttpResponse> {
    let query: NoticeQuery = input::read_query(request.query_string())?;
    let ask = Ask::new("public_notices", query.limit, &query.cursor)?;
    let page = db.read(Scope::All, move |rx| {
        let today = rx.today();
        store::running(rx, today, &ask)?.map(|notice| Ok(PublicNotice::from(notice)))
    });
    Ok(HttpResponse::Ok().json(page.await?))
}
