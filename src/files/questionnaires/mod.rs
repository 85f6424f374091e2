//! Campaign visits (进万家走访, rule 57): households on file are visited with a questionnaire, and the answers are entered
//! into the file. Questions are data: other questions are the next version of the questionnaire's name.

use diesel::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::rules::complete;
use super::{File, FileId, Step};
use crate::audit::Event;
use crate::db::schema::{campaign_visits, questionnaires};
use crate::db::types::{Date, Id, Json, Timestamp};
use crate::db::{Rx, Tx, next_number};
use crate::error::{Error, FieldError, Result};
use crate::input;
use crate::input::{Fields, Input, Name};
use crate::keyring::{Keyring, Sealed};
use crate::ledger::Reached;
use crate::organizations::OrganizationId;
use crate::separation;
use crate::users::{self, UserId};

pub mod http;
mod rules;
mod store;

pub use rules::{Choice, Count, Kind, Question, Tally};

/// The id of a questionnaire.
pub type QuestionnaireId = Id<Questionnaire>;
/// The id of a campaign visit.
pub type VisitId = Id<Visit>;

/// A questionnaire; immutable for ever.
#[derive(Debug, Clone, HasQuery, Insertable, Serialize, ToSchema)]
#[diesel(table_name = questionnaires)]
pub struct Questionnaire {
    /// Its id.
    pub id: QuestionnaireId,
    /// Its name.
    #[schema(example = "2020 年进万家走访")]
    pub name: String,
    /// 1, and one more for each later one of the same name.
    pub version: i32,
    /// The first day of a visit with it.
    pub valid_from: Date,
    /// The last day; null for open-ended.
    pub valid_to: Option<Date>,
    /// What is asked, in order.
    #[schema(value_type = Vec<Question>)]
    pub questions: Json<Vec<Question>>,
    /// Who made it.
    pub created_by: UserId,
    /// When.
    pub created_at: Timestamp,
}

input! {
    /// A questionnaire to put in use.
    pub struct NewQuestionnaire {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<QuestionnaireId>,
        /// Its name; with one that is known it becomes the next version.
        #[schema(value_type = String, max_length = 100, example = "2020 年进万家走访")]
        pub name: Name,
        /// The first day of a visit with it.
        #[schema(value_type = String, format = "date", example = "2020-05-01")]
        pub valid_from: Date,
        /// The last day; null for open-ended.
        #[schema(value_type = Option<String>, format = "date", example = "2020-12-31")]
        pub valid_to: Option<Date>,
        /// What to ask, in order.
        #[schema(min_items = 1, max_items = 100)]
        pub questions: Vec<Question>,
    }
}

/// Answers by the key of their question; null and absent are the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers(Map<String, Value>);

impl Input for Answers {
    fn read(value: &Value, at: &str, errors: &mut Vec<FieldError>) -> Option<Self> {
        Fields::of(value, at, errors)?;
        value.as_object().cloned().map(Self)
    }
}

input! {
    /// A visit to enter.
    #[schema(as = NewCampaignVisit)]
    pub struct NewVisit {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<VisitId>,
        /// What was asked.
        #[schema(value_type = String, format = "uuid")]
        pub questionnaire_id: QuestionnaireId,
        /// The day: the file was on file, the questionnaire valid; not in the future.
        #[schema(value_type = String, format = "date")]
        pub visited_on: Date,
        /// Who went, 1 to 10 colleagues.
        #[schema(value_type = Vec<String>, min_items = 1, max_items = 10)]
        pub visitors: Vec<UserId>,
        /// Whom they met.
        pub met: Reached,
        /// By the key of the question: text, a code, a list of codes, a whole number, true or false. Those required must
        /// be there when somebody was met. Kept encrypted.
        #[schema(value_type = Object, example = json!({ "living": "hard", "needs": ["medicine"] }))]
        pub answers: Answers,
    }
}

/// A campaign visit, as kept.
#[derive(Debug, Clone, HasQuery, Insertable)]
#[diesel(table_name = campaign_visits)]
pub struct Visit {
    id: VisitId,
    file_id: FileId,
    organization_id: OrganizationId,
    questionnaire_id: QuestionnaireId,
    visited_on: Date,
    visitors: Json<Vec<UserId>>,
    met: Reached,
    answers_sealed: Sealed,
    recorded_by: UserId,
    recorded_at: Timestamp,
}

impl Visit {
    /// The answers by the key of their question.
    fn answers(&self, keys: &Keyring) -> Result<Map<String, Value>> {
        keys.open_json("campaign_visit", &self.answers_sealed)
    }
}

/// How a questionnaire was answered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuestionnaireSummary)]
pub struct Summary {
    /// The questionnaire.
    pub questionnaire_id: QuestionnaireId,
    /// Visits with it.
    pub visits: i64,
    /// Those at which somebody was met.
    pub met: i64,
    /// The questions that can be counted: choices, and yes or no.
    pub questions: Vec<Tally>,
}

/// Puts a questionnaire in use, as the next version of its name.
pub fn create(tx: &mut Tx, id: QuestionnaireId, new: NewQuestionnaire) -> Result<Questionnaire> {
    complete(rules::faults(new.valid_from, new.valid_to, &new.questions))?;
    let name = String::from(new.name);
    let version = next_number(tx, &format!("questionnaire/{name}"))?;
    let questionnaire = Questionnaire {
        id,
        name,
        version: i32::try_from(version).map_err(Error::internal)?,
        valid_from: new.valid_from,
        valid_to: new.valid_to,
        questions: Json(new.questions),
        created_by: tx.actor.user()?,
        created_at: tx.now,
    };
    store::insert(tx, &questionnaire)?;
    Event::of("questionnaire.created", "questionnaire", questionnaire.id)
        .field("name", &questionnaire.name)
        .field("version", &questionnaire.version)
        .field("valid_from", &questionnaire.valid_from)
        .field("valid_to", &questionnaire.valid_to)
        .field("questions", &questionnaire.questions)
        .record(tx)?;
    Ok(questionnaire)
}

/// Enters a visit into a file that is on file.
pub fn visit(tx: &mut Tx, file: &File, id: VisitId, new: NewVisit) -> Result<Visit> {
    file.status.after(Step::Visit)?;
    separation::not_own(tx, &file.person)?;
    let questionnaire = match store::find(tx, new.questionnaire_id) {
        Err(Error::NotFound(_)) => return Err(Error::unknown_reference("/questionnaire_id")),
        found => found?,
    };
    let (answers, mut faults) = rules::read(&questionnaire.questions.0, &new.answers.0, new.met);
    faults.extend(rules::day_fault(
        new.visited_on,
        &questionnaire,
        file.opened_on,
        tx.today(),
    ));
    faults.extend(rules::party_fault(&new.visitors));
    complete(faults)?;
    require_colleagues(tx, &new.visitors)?;
    let visit = Visit {
        id,
        file_id: file.id,
        organization_id: file.organization_id,
        questionnaire_id: questionnaire.id,
        visited_on: new.visited_on,
        visitors: Json(new.visitors),
        met: new.met,
        answers_sealed: tx.keys.seal_json("campaign_visit", &answers)?,
        recorded_by: tx.actor.user()?,
        recorded_at: tx.now,
    };
    store::insert_visit(tx, &visit)?;
    // no revision: a visit stays as it is and changes no field of the file. A new version would make the forms that
    // colleagues have open stale, and count as the yearly update (52)
    Event::of("file.visited_campaign", "campaign_visit", visit.id)
        .organization(file.organization_id)
        .people([&file.person])
        .field("file_id", &visit.file_id)
        .field("questionnaire_id", &visit.questionnaire_id)
        .field("visited_on", &visit.visited_on)
        .field("met", &visit.met)
        .record(tx)?;
    Ok(visit)
}

/// Who went along are accounts in the caller's scope.
fn require_colleagues(tx: &mut Tx, visitors: &[UserId]) -> Result<()> {
    for (at, visitor) in visitors.iter().enumerate() {
        match users::find(tx, *visitor) {
            Err(Error::NotFound(_)) => return Err(Error::unknown_reference(format!("/visitors/{at}"))),
            found => found?,
        };
    }
    Ok(())
}

/// Visits whose answers are opened at a time.
const PAGE: i64 = 500;

/// How a questionnaire was answered in the units in scope. Answers are sealed, so they are counted here and not by the
/// database.
pub fn summary(rx: &mut Rx, questionnaire: &Questionnaire) -> Result<Summary> {
    let mut summary = Summary {
        questionnaire_id: questionnaire.id,
        visits: 0,
        met: 0,
        questions: rules::tallies(&questionnaire.questions.0),
    };
    let mut last = None;
    loop {
        let page = store::visits_with(rx, questionnaire.id, last, PAGE)?;
        let Some(end) = page.last() else {
            return Ok(summary);
        };
        last = Some(end.id);
        for visit in &page {
            summary.visits += 1;
            summary.met += i64::from(visit.met != Reached::Nobody);
            rules::count(&mut summary.questions, &visit.answers(rx.keys)?);
        }
    }
}
