//! `/files/{id}/reviews` and `/spot-checks`

use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{NewReview, NewSpotCheck, Review, SpotCheck, store};
use crate::auth::policy::{DrawSpotChecks, ReadFiles, ReviewYearly};
use crate::auth::{Creation, May};
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::error::Result;
use crate::files::{self, FileId};
use crate::http::Reply;
use crate::input::Nothing;
use crate::parameters;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_reviews)
        .service(review_yearly)
        .service(list_checks)
        .service(draw)
        .service(get_check);
}

parameters! {
    /// Which page.
    pub struct SpotCheckQuery {
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

/// The yearly reviews of a file.
#[derive(Serialize, ToSchema)]
pub struct FileReviews {
    /// By year.
    items: Vec<Review>,
}

/// The yearly reviews of a file (36).
#[utoipa::path(tag = "upkeep", operation_id = "list_file_reviews", security(("bearer" = ["files:read"])),
    responses((status = 200, body = FileReviews)))]
#[get("/files/{id}/reviews")]
async fn list_reviews(may: May<ReadFiles>) -> Result<HttpResponse> {
    let id = may.id("file")?;
    may.query::<Nothing>()?;
    may.read(move |rx| {
        files::find(rx, id)?;
        let items = store::reviews(rx, id)?;
        Ok(FileReviews { items })
    })
    .await
}

/// Review a file on file, once each calendar year (36).
#[utoipa::path(tag = "upkeep", operation_id = "create_file_review", security(("bearer" = ["files:review_yearly"])),
    request_body = NewReview, responses((status = 201, body = Review)))]
#[post("/files/{id}/reviews")]
async fn review_yearly(may: May<ReviewYearly>) -> Result<HttpResponse> {
    let id: FileId = may.id("file")?;
    may.write(move |tx, sent| {
        let file = files::find(tx, id)?;
        let review = super::review(tx, &file, sent.body()?)?;
        Ok(Reply::created(&format!("/files/{id}/reviews"), 1, &review))
    })
    .await
}

/// The spot checks of the own subtree (37).
#[utoipa::path(tag = "upkeep", operation_id = "list_spot_checks", security(("bearer" = ["files:read"])),
    params(SpotCheckQuery), responses((status = 200, body = Page<SpotCheck>)))]
#[get("/spot-checks")]
async fn list_checks(may: May<ReadFiles>) -> Result<HttpResponse> {
    let query: SpotCheckQuery = may.query()?;
    let ask = Ask::new("spot_checks", query.limit, &query.cursor)?;
    may.read(move |rx| store::checks(rx, &ask)).await
}

/// Draw a sample of the files on file of a unit, which anybody can draw again from its seed (37).
#[utoipa::path(tag = "upkeep", operation_id = "create_spot_check", security(("bearer" = ["spot_checks:draw"])),
    request_body = NewSpotCheck, responses((status = 201, body = SpotCheck), (status = 200, body = SpotCheck, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/spot-checks")]
async fn draw(may: May<DrawSpotChecks>) -> Result<HttpResponse> {
    may.write(|tx, sent| {
        let new: NewSpotCheck = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => super::find(tx, id).map(|check| Reply::ok(1, &check).replayed()),
            Creation::New(id) => {
                let check = super::draw(tx, id, new)?;
                Ok(Reply::created(&format!("/spot-checks/{id}"), 1, &check))
            }
        }
    })
    .await
}

/// One spot check.
#[utoipa::path(tag = "upkeep", operation_id = "get_spot_check", security(("bearer" = ["files:read"])),
    responses((status = 200, body = SpotCheck)))]
#[get("/spot-checks/{id}")]
async fn get_check(may: May<ReadFiles>) -> Result<HttpResponse> {
    let id = may.id("spot_check")?;
    may.query::<Nothing>()?;
    may.read(move |rx| super::find(rx, id)).await
}
