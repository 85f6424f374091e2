//! `/questionnaires` and `/files/{id}/visits`

use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{NewQuestionnaire, NewVisit, Questionnaire, QuestionnaireId, Summary, Visit, VisitId, store};
use crate::auth::policy::{ReadFiles, VisitFiles, WriteQuestionnaires};
use crate::auth::{Creation, May};
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::db::types::{Date, Timestamp};
use crate::error::Result;
use crate::files::{self, FileId};
use crate::http::Reply;
use crate::input::Nothing;
use crate::keyring::Keyring;
use crate::ledger::Reached;
use crate::organizations::{self, OrganizationId};
use crate::parameters;
use crate::users::UserId;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(create)
        .service(get)
        .service(summary)
        .service(list_visits)
        .service(enter);
}

parameters! {
    /// Which page.
    pub struct QuestionnaireQuery {
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

parameters! {
    /// Whose visits to count.
    pub struct SummaryQuery {
        /// Only those of this unit and the units below it.
        #[param(value_type = Option<String>, format = "uuid")]
        organization_id: Option<OrganizationId>,
    }
}

/// A campaign visit.
#[derive(Serialize, ToSchema)]
#[schema(as = CampaignVisit)]
pub struct ShownVisit {
    /// Its id.
    id: VisitId,
    /// The file.
    #[schema(value_type = String, format = "uuid")]
    file_id: FileId,
    /// What was asked.
    #[schema(value_type = String, format = "uuid")]
    questionnaire_id: QuestionnaireId,
    /// The day.
    visited_on: Date,
    /// Who went.
    #[schema(value_type = Vec<String>)]
    visitors: Vec<UserId>,
    /// Whom they met.
    met: Reached,
    /// By the key of the question; what was not answered is absent.
    #[schema(value_type = Object, example = json!({ "living": "hard", "needs": ["medicine"] }))]
    answers: Map<String, Value>,
    /// Who entered it.
    recorded_by: UserId,
    /// When.
    recorded_at: Timestamp,
}

impl ShownVisit {
    /// Opens what is sealed.
    fn of(visit: Visit, keys: &Keyring) -> Result<Self> {
        Ok(Self {
            answers: visit.answers(keys)?,
            id: visit.id,
            file_id: visit.file_id,
            questionnaire_id: visit.questionnaire_id,
            visited_on: visit.visited_on,
            visitors: visit.visitors.0,
            met: visit.met,
            recorded_by: visit.recorded_by,
            recorded_at: visit.recorded_at,
        })
    }
}

/// The questionnaires of the union, with every version.
#[utoipa::path(tag = "questionnaires", operation_id = "list_questionnaires", security(("bearer" = ["files:read"])),
    params(QuestionnaireQuery), responses((status = 200, body = Page<Questionnaire>)))]
#[get("/questionnaires")]
async fn list(may: May<ReadFiles>) -> Result<HttpResponse> {
    let query: QuestionnaireQuery = may.query()?;
    let ask = Ask::new("questionnaires", query.limit, &query.cursor)?;
    may.read(move |rx| store::list(rx, &ask)).await
}

/// Put a questionnaire in use, as the next version of its name; only at the root. It never changes (57).
#[utoipa::path(tag = "questionnaires", operation_id = "create_questionnaire", security(("bearer" = ["questionnaires:write"])),
    request_body = NewQuestionnaire, responses((status = 201, body = Questionnaire), (status = 200, body = Questionnaire, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/questionnaires")]
async fn create(may: May<WriteQuestionnaires>) -> Result<HttpResponse> {
    may.actor.scope.at_the_root()?;
    may.write(|tx, sent| {
        let new: NewQuestionnaire = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => store::find(tx, id).map(|found| Reply::ok(1, &found).replayed()),
            Creation::New(id) => {
                let made = super::create(tx, id, new)?;
                Ok(Reply::created(&format!("/questionnaires/{id}"), 1, &made))
            }
        }
    })
    .await
}

/// One questionnaire.
#[utoipa::path(tag = "questionnaires", operation_id = "get_questionnaire", security(("bearer" = ["files:read"])),
    responses((status = 200, body = Questionnaire)))]
#[get("/questionnaires/{id}")]
async fn get(may: May<ReadFiles>) -> Result<HttpResponse> {
    let id = may.id("questionnaire")?;
    may.query::<Nothing>()?;
    may.read(move |rx| store::find(rx, id)).await
}

/// How a questionnaire was answered in the own subtree: counts of choices and of yes or no, no words.
#[utoipa::path(tag = "questionnaires", operation_id = "get_questionnaire_summary", security(("bearer" = ["files:read"])),
    params(SummaryQuery), responses((status = 200, body = Summary)))]
#[get("/questionnaires/{id}/summary")]
async fn summary(may: May<ReadFiles>) -> Result<HttpResponse> {
    let id = may.id("questionnaire")?;
    let query: SummaryQuery = may.query()?;
    may.read(move |rx| {
        organizations::narrow(rx, query.organization_id)?;
        let questionnaire = store::find(rx, id)?;
        super::summary(rx, &questionnaire)
    })
    .await
}

/// The campaign visits to a file, with the answers (57).
#[utoipa::path(tag = "questionnaires", operation_id = "list_file_visits", security(("bearer" = ["files:read"])),
    params(QuestionnaireQuery), responses((status = 200, body = Page<ShownVisit>)))]
#[get("/files/{id}/visits")]
async fn list_visits(may: May<ReadFiles>) -> Result<HttpResponse> {
    let id = may.id("file")?;
    let query: QuestionnaireQuery = may.query()?;
    let ask = Ask::new("file_visits", query.limit, &query.cursor)?;
    may.read(move |rx| {
        files::find(rx, id)?;
        let page = store::visits(rx, id, &ask)?;
        page.map(|visit| ShownVisit::of(visit, rx.keys))
    })
    .await
}

/// Enter a campaign visit into a file on file, with the answers to a questionnaire (57).
#[utoipa::path(tag = "questionnaires", operation_id = "create_file_visit", security(("bearer" = ["files:visit"])),
    request_body = NewVisit, responses((status = 201, body = ShownVisit), (status = 200, body = ShownVisit, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/files/{id}/visits")]
async fn enter(may: May<VisitFiles>) -> Result<HttpResponse> {
    let id: FileId = may.id("file")?;
    may.write(move |tx, sent| {
        let file = files::find(tx, id)?;
        let new: NewVisit = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(visit) => {
                let visit = store::find_visit(tx, id, visit)?;
                Ok(Reply::ok(1, &ShownVisit::of(visit, tx.keys)?).replayed())
            }
            Creation::New(visit) => {
                let visit = super::visit(tx, &file, visit, new)?;
                let shown = ShownVisit::of(visit, tx.keys)?;
                Ok(Reply::created(&format!("/files/{id}/visits"), 1, &shown))
            }
        }
    })
    .await
}
