//! The means of a household (经济状况, rules 11 to 19): what it declares, item by item, and the verdict that follows. Net
//! income per head is derived, never typed; a verdict is kept with the rules it was reached by.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::household::{self, PersonId};
use super::{File, FileId, Stage, Step, save};
use crate::audit::Event;
use crate::db::schema::assessments;
use crate::db::types::{Date, Fen, Id, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::{Error, FieldError, Result};
use crate::input::{Comment, Text};
use crate::keyring::Sealed;
use crate::organizations;
use crate::policies::rules::{Eligibility, ExclusionKind, ExpenseKind, IncomeKind};
use crate::policies::{self, DibaoStandard, PolicyId};
use crate::separation;
use crate::users::UserId;
use crate::{input, say, text_enum};

pub mod http;
mod rules;
mod store;

pub use rules::Verdict;
pub(super) use store::region_on;

/// The id of an assessment.
pub type AssessmentId = Id<Assessment>;

text_enum! {
    /// An answer about an exclusion (19).
    #[schema(as = ExclusionAnswer)]
    pub enum Answer {
        /// It is so: the file is barred.
        Yes = "yes",
        /// It is not so.
        No = "no",
        /// Not known yet.
        Unknown = "unknown",
    }
}
input! {
    /// Income of a person in the twelve months before.
    #[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[schema(as = IncomeItem)]
    pub struct Income {
        /// Whose; somebody in the household.
        #[schema(value_type = String, format = "uuid")]
        pub person_id: PersonId,
        /// What kind.
        pub kind: IncomeKind,
        /// In the year, in fen.
        pub amount_fen: Fen,
        /// What it is shown by.
        #[schema(value_type = String, max_length = 100, example = "收入证明（盖章）")]
        pub evidence: Text<100>,
    }
}
input! {
    /// A rigid expense for a person in the twelve months before.
    #[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[schema(as = ExpenseItem)]
    pub struct Expense {
        /// For whom; somebody in the household.
        #[schema(value_type = String, format = "uuid")]
        pub person_id: PersonId,
        /// What kind.
        pub kind: ExpenseKind,
        /// In the year, in fen.
        pub amount_fen: Fen,
        /// The voucher.
        #[schema(value_type = String, max_length = 100, example = "医保结算单")]
        pub evidence: Text<100>,
    }
}
input! {
    /// An answer about one exclusion.
    #[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Exclusion {
        /// Which.
        pub kind: ExclusionKind,
        /// Yes, no, or not known yet.
        pub answer: Answer,
    }
}
input! {
    /// What makes a worker from the countryside one of the city's (20).
    #[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[schema(as = MigrantWorker)]
    pub struct Migrant {
        /// Since when in a labour relation, by contract or in fact.
        #[schema(example = "2018-09-01")]
        pub employed_since: Date,
        /// Whether the worker lives in the city for good.
        pub lives_in_city: bool,
    }
}
input! {
    /// What a household declares of its means in the twelve months before.
    #[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
    #[schema(as = MeansDeclaration)]
    pub struct Declaration {
        /// Whether the urban 低保 standard applies.
        pub urban: bool,
        /// Income, item by item.
        pub income: Vec<Income>,
        /// Rigid expenses, item by item.
        pub expenses: Vec<Expense>,
        /// Able-bodied adults who neither work nor study: each counts for the minimum wage (17).
        #[schema(value_type = Vec<String>, example = json!([]))]
        pub idle_adults: Vec<PersonId>,
        /// Loss by a sudden event left after compensation, insurance and relief, in fen (14).
        pub loss_fen: Fen,
        /// Whether it receives the minimum living allowance.
        pub receives_dibao: bool,
        /// Whether it bears illness, schooling, disability or is a single parent's.
        pub burdened: bool,
        /// Of a head who is a worker from the countryside (农民工); else null.
        #[serde(default)]
        pub migrant: Option<Migrant>,
        /// An answer about each exclusion that was asked (19).
        pub exclusions: Vec<Exclusion>,
    }
}

/// A verdict, as kept.
#[derive(Debug, Clone, HasQuery, Insertable)]
#[diesel(table_name = assessments)]
pub struct Assessment {
    id: AssessmentId,
    file_id: FileId,
    file_version: i32,
    assessed_at: Timestamp,
    assessed_by: UserId,
    policy_id: PolicyId,
    line_id: PolicyId,
    excluded: bool,
    sealed: Sealed,
}

input! {
    /// Why the city sets an exclusion aside.
    #[schema(as = ExclusionOverride)]
    pub struct Override {
        /// In words; kept encrypted.
        #[schema(value_type = String, max_length = 2000)]
        pub reason: Comment,
    }
}

/// A household that a draft rule would put into another category.
#[derive(Debug, Serialize, ToSchema)]
pub struct Shift {
    /// The file.
    pub file_id: FileId,
    /// Its number.
    pub number: String,
    /// By the rule in force; null for none.
    pub before: Option<super::Category>,
    /// By the draft; null for none.
    pub after: Option<super::Category>,
}

/// Declares the means of a household, in place of what was declared before.
pub fn declare(tx: &mut Tx, before: &File, declared: &Declaration) -> Result<File> {
    before.status.after(Step::Change)?;
    check_people(tx, before.id, declared)?;
    let mut file = before.clone();
    if declaration(tx, file.id)?.as_ref() == Some(declared) {
        return Ok(file);
    }
    store::put(tx, file.id, declared)?;
    let event = Event::of("file.means_declared", "file", file.id)
        .organization(file.organization_id)
        .people([&file.person])
        .field("means", declared);
    super::keep(tx, &mut file, event)?;
    Ok(file)
}

/// What a household declares, if it has.
pub fn declaration(rx: &mut Rx, file: FileId) -> Result<Option<Declaration>> {
    store::declaration(rx, file)
}

/// The last verdict on a household, if there was one.
pub(super) fn last_verdict(rx: &mut Rx, file: FileId) -> Result<Option<Verdict>> {
    let last = store::last(rx, file)?;
    last.map(|assessment| rx.keys.open_json("assessment", &assessment.sealed))
        .transpose()
}

/// Judges a household by the rules of today and keeps the verdict.
pub fn assess(tx: &mut Tx, file: &File) -> Result<(AssessmentId, Verdict)> {
    separation::not_own(tx, &file.person)?;
    let today = tx.today();
    let rule = policies::in_force(tx, today)?;
    let verdict = judge(tx, file, (rule.0, &rule.1))?;
    let assessment = Assessment {
        id: tx.new_id(),
        file_id: file.id,
        file_version: file.version,
        assessed_at: tx.now,
        assessed_by: tx.actor.user()?,
        policy_id: verdict.policy_id,
        line_id: verdict.line_id,
        excluded: verdict.excluded,
        sealed: tx.keys.seal_json("assessment", &verdict)?,
    };
    store::insert(tx, &assessment)?;
    let household = household::digests(tx, file.id)?;
    Event::of("file.assessed", "assessment", assessment.id)
        .organization(file.organization_id)
        .people([&file.person])
        .people(household)
        .field("file_id", &file.id)
        .field("category", &verdict.category)
        .record(tx)?;
    Ok((assessment.id, verdict))
}

/// The verdict on a household by a rule, nothing kept. Refused with `no_declaration` while nothing is declared.
fn judge(rx: &mut Rx, file: &File, rule: (PolicyId, &Eligibility)) -> Result<Verdict> {
    let Some(declared) = declaration(rx, file.id)? else {
        let detail = say!("尚未填报家庭经济状况", "the household has not declared its means");
        return Err(Error::refused("no_declaration", detail));
    };
    let today = rx.today();
    let (line_id, line) = line(rx, file, declared.urban)?;
    let case = rules::Case {
        scheme: file.scheme,
        people: household::size(rx, file.id)?,
        line: line.monthly_fen,
        today,
        declared: &declared,
    };
    rules::judge(&case, rule, line_id, rx.now)
}

/// The 低保 standard by which the household of a file is helped today, with its rule, and how many people it has (15).
pub fn standard(rx: &mut Rx, file: &File) -> Result<(PolicyId, Fen, i64)> {
    let urban = declaration(rx, file.id)?.is_none_or(|declared| declared.urban);
    let (id, line) = line(rx, file, urban)?;
    Ok((id, line.monthly_fen, household::size(rx, file.id)?))
}

fn line(rx: &mut Rx, file: &File, urban: bool) -> Result<(PolicyId, DibaoStandard)> {
    let unit = organizations::find(rx, file.organization_id)?;
    let (today, region) = (rx.today(), organizations::region_code(rx, &unit)?);
    let region = region_on(rx, region, today)?;
    policies::dibao_standard(rx, &region, urban, today)
}

/// Makes sure, when a file is handed in for the whole procedure, that the rules find the category it claims (11 to 14).
pub(super) fn hand_in(tx: &mut Tx, file: &File) -> Result<()> {
    let (_, verdict) = assess(tx, file)?;
    if verdict.category == Some(file.category) {
        return Ok(());
    }
    let detail = match verdict.category {
        None => say!(
            "按现行标准不符合建档条件",
            "by the rules in force this is no hardship"
        ),
        Some(found) => say!(
            "按现行标准应为{found}，与填报类别不符",
            "by the rules in force the category is {found}"
        ),
    };
    let code = verdict.category.map_or("not_eligible", |_| "category_mismatch");
    Err(Error::refused(code, detail).with("assessment", verdict))
}

/// Refuses with `excluded` while something bars a file and the city has not set it aside (19).
pub(super) fn not_excluded(rx: &mut Rx, file: &File) -> Result<()> {
    let Some(last) = store::last(rx, file.id)? else {
        return Ok(());
    };
    if !last.excluded || store::is_overridden(rx, file)? {
        return Ok(());
    }
    let detail = say!(
        "存在排除情形，须市总说明理由后方可批准",
        "something bars the file: the city has to set it aside with a reason"
    );
    Err(Error::refused("excluded", detail))
}

/// Sets the exclusions of a file aside, by the city, as long as it waits for approval (19).
pub fn set_aside(tx: &mut Tx, before: &File, given: &Override) -> Result<File> {
    if before.stage != Some(Stage::CityApproval) {
        let detail = say!("档案未到审批环节", "the file does not wait for approval");
        return Err(Error::refused("wrong_stage", detail));
    }
    separation::check(
        tx,
        before.id,
        separation::Part::Approver,
        before.judging_round(),
        &before.person,
    )?;
    super::procedure::from_unit(tx, Stage::CityApproval)?;
    store::insert_override(tx, before, given)?;
    let mut file = before.clone();
    let event = super::event("file.exclusion_set_aside", &file);
    save(tx, &mut file, event)?;
    Ok(file)
}

/// Which files on file a draft rule of eligibility would put into another category; stores nothing.
pub fn what_if(rx: &mut Rx, policy: PolicyId) -> Result<Vec<Shift>> {
    let draft: Eligibility = policies::by_id(rx, policy)?;
    let today = rx.today();
    let (id, present): (_, Eligibility) = policies::in_force(rx, today)?;
    let mut shifts = Vec::new();
    for file in store::live_with_means(rx)? {
        let before = judge(rx, &file, (id, &present))?.category;
        let after = judge(rx, &file, (policy, &draft))?.category;
        if before != after {
            shifts.push(Shift {
                file_id: file.id,
                number: file.number,
                before,
                after,
            });
        }
    }
    Ok(shifts)
}

/// Everybody who is named is in the household, each exclusion once.
fn check_people(rx: &mut Rx, file: FileId, declared: &Declaration) -> Result<()> {
    let people = household::present_ids(rx, file)?;
    let mut errors = Vec::new();
    let mut named = |at: String, who: PersonId| {
        if !people.contains(&who) {
            let detail = say!("不是本户成员", "not in this household");
            errors.push(FieldError::new(at, "not_found", detail));
        }
    };
    for (at, item) in declared.income.iter().enumerate() {
        named(format!("/income/{at}/person_id"), item.person_id);
    }
    for (at, item) in declared.expenses.iter().enumerate() {
        named(format!("/expenses/{at}/person_id"), item.person_id);
    }
    for (at, who) in declared.idle_adults.iter().enumerate() {
        named(format!("/idle_adults/{at}"), *who);
    }
    for (at, exclusion) in declared.exclusions.iter().enumerate() {
        if declared.exclusions[..at]
            .iter()
            .any(|other| other.kind == exclusion.kind)
        {
            let detail = say!("每项至多一次", "each at most once");
            errors.push(FieldError::new(
                format!("/exclusions/{at}/kind"),
                "duplicate",
                detail,
            ));
        }
    }
    super::rules::complete(errors)
}
