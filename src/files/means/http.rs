//! `/files/{id}/means`, `/files/{id}/assessments`, `/policies/{id}/what-if`

use actix_web::{HttpResponse, get, post, put};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Assessment, AssessmentId, Declaration, Override, Shift, Verdict, store};
use crate::auth::May;
use crate::auth::policy::{AssessFiles, OverrideExclusions, ReadFiles, WhatIf, WriteFiles};
use crate::db::Rx;
use crate::db::Tx;
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::error::Result;
use crate::files::http::carry_out;
use crate::files::{self, File, FileId, sealing};
use crate::http::Reply;
use crate::http::openapi::IfMatch;
use crate::input::Nothing;
use crate::parameters;
use crate::users::UserId;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(get_means)
        .service(put_means)
        .service(assess_file)
        .service(list_assessments)
        .service(override_exclusion)
        .service(what_if);
}

parameters! {
    /// Which page.
    pub struct AssessmentQuery {
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

/// What a household declares.
#[derive(Serialize, ToSchema)]
pub struct Means {
    /// The file.
    file_id: FileId,
    /// Null while nothing is declared.
    declaration: Option<Declaration>,
    /// Version of the file, for `If-Match`.
    version: i32,
}

/// A verdict with its circumstances.
#[derive(Serialize, ToSchema)]
pub struct FileAssessment {
    /// Its id.
    id: AssessmentId,
    /// The file.
    file_id: FileId,
    /// The version of the file that was judged.
    file_version: i32,
    /// Who asked for it.
    assessed_by: UserId,
    /// The verdict.
    #[serde(flatten)]
    verdict: Verdict,
}

/// What a draft rule would change.
#[derive(Serialize, ToSchema)]
pub struct WhatIfReport {
    /// The households that would change category.
    items: Vec<Shift>,
}

fn shown(rx: &Rx, one: &Assessment) -> Result<FileAssessment> {
    Ok(FileAssessment {
        id: one.id,
        file_id: one.file_id,
        file_version: one.file_version,
        assessed_by: one.assessed_by,
        verdict: rx.keys.open_json("assessment", &one.sealed)?,
    })
}

/// Every verdict on a household, oldest first.
pub fn all_shown(rx: &mut Rx, file: FileId) -> Result<Vec<FileAssessment>> {
    let page = store::list(rx, file, &Ask::whole("assessments"))?;
    page.items.iter().map(|one| shown(rx, one)).collect()
}

/// What a household declares of its means (16 to 19).
#[utoipa::path(tag = "means", operation_id = "get_file_means", security(("bearer" = ["files:read"])),
    responses((status = 200, body = Means)))]
#[get("/files/{id}/means")]
async fn get_means(may: May<ReadFiles>) -> Result<HttpResponse> {
    let id = may.id("file")?;
    may.query::<Nothing>()?;
    let reader = may.actor.clone();
    let declared = move |rx: &mut Rx| {
        let file = sealing::open_to(rx, &reader, id)?;
        let means = Means {
            file_id: file.id,
            declaration: super::declaration(rx, id)?,
            version: file.version,
        };
        Ok((means, sealing::seen(rx, &reader, &file, None)?))
    };
    let means = may.look(declared).await?;
    Ok(Reply::ok(means.version, &means).into_response())
}

/// Declare the means of a household, in place of what was declared before. The version is the file's.
#[utoipa::path(tag = "means", operation_id = "put_file_means", security(("bearer" = ["files:write"])),
    params(IfMatch), request_body = Declaration, responses((status = 200, body = File)))]
#[put("/files/{id}/means")]
async fn put_means(may: May<WriteFiles>) -> Result<HttpResponse> {
    let declare = |tx: &mut Tx, file: &File, declared: Declaration| super::declare(tx, file, &declared);
    carry_out(may, |_| Ok(()), declare).await
}

/// Judge a household by the rules of today and keep the verdict, each clause true or false (11 to 19).
#[utoipa::path(tag = "means", operation_id = "assess_file", security(("bearer" = ["files:assess"])),
    responses((status = 201, body = FileAssessment)))]
#[post("/files/{id}/assessments")]
async fn assess_file(may: May<AssessFiles>) -> Result<HttpResponse> {
    let id = may.id("file")?;
    may.write(move |tx, sent| {
        let file = files::find(tx, id)?;
        sent.nothing()?;
        let (assessment, verdict) = super::assess(tx, &file)?;
        let shown = FileAssessment {
            id: assessment,
            file_id: file.id,
            file_version: file.version,
            assessed_by: tx.actor.user()?,
            verdict,
        };
        Ok(Reply::created(&format!("/files/{id}/assessments"), 1, &shown))
    })
    .await
}

/// The verdicts on a household, oldest first.
#[utoipa::path(tag = "means", operation_id = "list_file_assessments", security(("bearer" = ["files:read"])),
    params(AssessmentQuery), responses((status = 200, body = Page<FileAssessment>)))]
#[get("/files/{id}/assessments")]
async fn list_assessments(may: May<ReadFiles>) -> Result<HttpResponse> {
    let id = may.id("file")?;
    let query: AssessmentQuery = may.query()?;
    let ask = Ask::new("assessments", query.limit, &query.cursor)?;
    let reader = may.actor.clone();
    let listed = move |rx: &mut Rx| {
        let file = sealing::open_to(rx, &reader, id)?;
        let verdicts = store::list(rx, id, &ask)?.map(|one| shown(rx, &one))?;
        Ok((verdicts, sealing::seen(rx, &reader, &file, None)?))
    };
    Ok(Reply::plain(&may.look(listed).await?).into_response())
}

/// Set the exclusions of a file aside with a reason, by the city (19).
#[utoipa::path(tag = "means", operation_id = "override_file_exclusion", security(("bearer" = ["files:override"])),
    params(IfMatch), request_body = Override, responses((status = 200, body = File)))]
#[post("/files/{id}/override-exclusion")]
async fn override_exclusion(may: May<OverrideExclusions>) -> Result<HttpResponse> {
    let set_aside = |tx: &mut Tx, file: &File, given: Override| super::set_aside(tx, file, &given);
    carry_out(may, |_| Ok(()), set_aside).await
}

/// Which files on file a rule of eligibility, mostly a draft, would put into another category; stores nothing.
#[utoipa::path(tag = "means", operation_id = "try_policy", security(("bearer" = ["policies:what_if"])),
    responses((status = 200, body = WhatIfReport)))]
#[post("/policies/{id}/what-if")]
async fn what_if(may: May<WhatIf>) -> Result<HttpResponse> {
    let id = may.id("policy")?;
    may.query::<Nothing>()?;
    may.read(move |rx| super::what_if(rx, id).map(|items| WhatIfReport { items }))
        .await
}
