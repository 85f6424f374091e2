//! What is sent to and shown of the procedure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Notice, Objection, ObjectionId};
use crate::attachments::AttachmentId;
use crate::db::types::{Date, Timestamp};
use crate::error::Result;
use crate::files::{Category, FileId, Stage};
use crate::input::{Comment, Prose, Text};
use crate::keyring::Keyring;
use crate::users::UserId;
use crate::{input, text_enum};

text_enum! {
    /// Where a household was visited.
    pub enum VisitPlace {
        /// At home.
        Home = "home",
        /// In hospital.
        Hospital = "hospital",
        /// At work.
        Workplace = "workplace",
        /// Elsewhere.
        Other = "other",
    }
}
text_enum! {
    /// What is checked (29).
    pub enum CheckSubject {
        /// 房产.
        Housing = "housing",
        /// 车辆.
        Vehicle = "vehicle",
        /// 经商办企.
        Business = "business",
        /// 社会保险.
        SocialInsurance = "social_insurance",
        /// 存款.
        Deposits = "deposits",
        /// 死亡登记.
        Death = "death",
    }
}
text_enum! {
    /// What a check found.
    pub enum CheckResult {
        /// As it was said.
        Match = "match",
        /// Not as it was said: the file goes back.
        Mismatch = "mismatch",
    }
}
text_enum! {
    /// What became of an objection.
    #[schema(as = ObjectionOutcome)]
    pub enum Outcome {
        /// 成立: the file goes back.
        Upheld = "upheld",
        /// 不成立: the notice runs on.
        Dismissed = "dismissed",
    }
}

input! {
    /// A home visit (27).
    #[derive(Debug, Serialize, Deserialize)]
    #[schema(as = HomeVisit)]
    pub struct Visit {
        /// The day; not in the future.
        pub visited_on: Date,
        /// Where.
        pub place: VisitPlace,
        /// Who, the recording account among them; the policy says how many at least.
        #[schema(value_type = Vec<String>)]
        pub visitors: Vec<UserId>,
        /// The signatures of the worker and the visitors: attachments of the kind `signature`; the policy says how many
        /// at least.
        #[serde(default)]
        #[schema(value_type = Option<Vec<String>>)]
        pub signatures: Option<Vec<AttachmentId>>,
        /// What they found; kept encrypted.
        #[schema(value_type = String, max_length = 2000)]
        pub findings: Prose<2000>,
    }
}
input! {
    /// Permission of the household to ask elsewhere (28).
    #[derive(Debug, Serialize, Deserialize)]
    #[schema(as = CheckAuthorization)]
    pub struct Authorization {
        /// The day on which the worker signed, for all adults of the household.
        #[schema(example = "2020-05-18")]
        pub signed_on: Date,
        /// Its last day.
        #[schema(example = "2020-11-18")]
        pub valid_to: Date,
    }
}
input! {
    /// What was found about one subject.
    #[derive(Debug, Serialize, Deserialize)]
    #[schema(as = CheckFinding)]
    pub struct Finding {
        /// What was checked.
        pub subject: CheckSubject,
        /// As it was said, or not.
        pub result: CheckResult,
        /// Who answered.
        #[schema(value_type = String, max_length = 100, example = "不动产登记中心")]
        pub source: Text<100>,
    }
}
input! {
    /// A check of a household's means (29).
    #[derive(Debug, Serialize, Deserialize)]
    #[schema(as = EconomicCheck)]
    pub struct Check {
        /// The day; not in the future, within the authorisation.
        pub checked_on: Date,
        /// The household's permission.
        pub authorization: Authorization,
        /// One finding for each of the six subjects.
        pub findings: Vec<Finding>,
    }
}

input! {
    /// An objection to a notice (32).
    #[derive(Debug, Serialize, Deserialize)]
    pub struct NewObjection {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<ObjectionId>,
        /// Who objects and how to reach them, or null; kept encrypted and shown to nobody.
        #[schema(value_type = Option<String>, max_length = 100)]
        pub reporter: Option<Text<100>>,
        /// What is objected; kept encrypted.
        #[schema(value_type = String, max_length = 2000)]
        pub content: Comment,
    }
}
input! {
    /// What becomes of an objection.
    #[schema(as = ObjectionDecision)]
    pub struct Decision {
        /// Upheld or dismissed.
        pub outcome: Outcome,
        /// What was found; kept encrypted.
        #[schema(value_type = String, max_length = 2000)]
        pub finding: Comment,
    }
}

/// What is sealed of an objection.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Said {
    /// Who objects: protected.
    reporter: Option<String>,
    /// What is objected.
    content: String,
    /// What was found.
    finding: Option<String>,
}

impl Said {
    /// What somebody said who objects.
    pub fn of(new: &NewObjection) -> Self {
        Self {
            reporter: new.reporter.as_deref().map(str::to_owned),
            content: new.content.to_string(),
            finding: None,
        }
    }

    /// The same with what was found.
    #[must_use]
    pub fn with_finding(self, decision: &Decision) -> Self {
        Self {
            finding: Some(decision.finding.to_string()),
            ..self
        }
    }
}

/// An objection as shown: its reporter is protected.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Objection)]
pub struct ShownObjection {
    /// Its id.
    id: ObjectionId,
    /// The file.
    file_id: FileId,
    /// When it was lodged.
    lodged_at: Timestamp,
    /// Who recorded it.
    recorded_by: UserId,
    /// Whether somebody stands behind it by name.
    named: bool,
    /// What is objected.
    content: String,
    /// What became of it; null while open.
    outcome: Option<Outcome>,
    /// What was found.
    finding: Option<String>,
    /// Who decided it.
    decided_by: Option<UserId>,
    /// When.
    decided_at: Option<Timestamp>,
    /// Version, for `If-Match`.
    version: i32,
}

impl ShownObjection {
    /// What of an objection is shown.
    pub fn of(objection: &Objection, keys: &Keyring) -> Result<Self> {
        let said: Said = keys.open_json("objection", &objection.sealed)?;
        Ok(Self {
            id: objection.id,
            file_id: objection.file_id,
            lodged_at: objection.lodged_at,
            recorded_by: objection.recorded_by,
            named: said.reporter.is_some(),
            content: said.content,
            outcome: objection.outcome,
            finding: said.finding,
            decided_by: objection.decided_by,
            decided_at: objection.decided_at,
            version: objection.version,
        })
    }
}

/// A notice as the public reads it: nothing else of the file can stand here (31).
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicNotice {
    /// The name, masked.
    #[schema(example = "王*")]
    name: String,
    /// The unit.
    #[schema(example = "镜湖区环卫工会")]
    unit: String,
    /// The category.
    category: Category,
    /// The first day.
    from_on: Date,
    /// The last day.
    until_on: Date,
}

impl From<Notice> for PublicNotice {
    fn from(notice: Notice) -> Self {
        Self {
            name: notice.name_masked,
            unit: notice.unit_name,
            category: notice.category,
            from_on: notice.from_on,
            until_on: notice.until_on,
        }
    }
}

/// Where a file stands in the procedure, and what was done since it was handed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Proceedings {
    /// The file.
    pub file_id: FileId,
    /// The step at which it waits; null when it is not handed in.
    pub stage: Option<Stage>,
    /// Until when that should be done.
    pub due_on: Option<Date>,
    /// The steps, in their order.
    pub steps: Vec<Stage>,
    /// The home visit.
    #[schema(inline = false)]
    pub visit: Option<Visit>,
    /// The check of the means.
    pub check: Option<Check>,
    /// The notice.
    pub notice: Option<PublicNotice>,
}
