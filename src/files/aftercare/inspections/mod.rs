//! Who looks into a file from outside (rule 47): the person it is about at once, an outside body when another person
//! than the recorder has granted it. Files are not lent.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::audit::Event;
use crate::db::Tx;
use crate::db::schema::file_inspections;
use crate::db::types::{Id, Timestamp};
use crate::error::Result;
use crate::files::{File, FileId};
use crate::input::{Reason, Text};
use crate::keyring::{Keyring, Sealed};
use crate::users::UserId;
use crate::{input, members, separation, text_enum};

pub mod http;
mod rules;
mod store;

/// The id of an inspection.
pub type InspectionId = Id<Inspection>;

text_enum! {
    /// Who looks into a file.
    pub enum Inspector {
        /// The person it is about.
        Person = "person",
        /// A court, an authority or another body.
        OutsideBody = "outside_body",
    }
}
text_enum! {
    /// Where an inspection stands.
    #[schema(as = InspectionStatus)]
    pub enum Status {
        /// Waits for the decision.
        Requested = "requested",
        /// The file may be shown.
        Granted = "granted",
        /// It may not.
        Refused = "refused",
    }
}
text_enum! {
    /// What is decided about an inspection.
    #[schema(as = InspectionVerdict)]
    pub enum Verdict {
        /// The file may be shown.
        Granted = "granted",
        /// It may not.
        Refused = "refused",
    }
}

input! {
    /// A wish to look into a file. Who, proof and purpose are kept encrypted; long numbers in them are shown masked.
    pub struct NewInspection {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<InspectionId>,
        /// The person it is about, who sees it at once, or an outside body, which waits for the decision.
        pub by: Inspector,
        /// Their name, or body and name.
        #[schema(value_type = String, max_length = 100, example = "镜湖区人民法院 李某")]
        pub who: Text<100>,
        /// What proof of identity or letter was shown.
        #[schema(value_type = String, max_length = 200, example = "介绍信〔2020〕12 号")]
        pub proof: Text<200>,
        /// What for.
        #[schema(value_type = String, max_length = 500, example = "核实申请执行人的家庭情况")]
        pub purpose: Text<500>,
    }
}
input! {
    /// What is decided about an inspection by an outside body.
    #[schema(as = InspectionDecision)]
    pub struct Decision {
        /// Granted or refused.
        pub decision: Verdict,
        /// Why; stays in the log for ever.
        #[schema(example = "手续齐全")]
        pub reason: Reason,
    }
}

/// An inspection, as kept.
#[derive(Debug, Clone, HasQuery, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = file_inspections)]
#[diesel(treat_none_as_null = true)]
pub struct Inspection {
    id: InspectionId,
    file_id: FileId,
    inspector: Inspector,
    status: Status,
    sealed: Sealed,
    recorded_at: Timestamp,
    recorded_by: UserId,
    recorder_person: String,
    decided_at: Option<Timestamp>,
    decided_by: Option<UserId>,
    decider_person: Option<String>,
    version: i32,
}

/// What is sealed of an inspection.
#[derive(Serialize, Deserialize)]
struct Said {
    who: String,
    proof: String,
    purpose: String,
    reason: Option<String>,
}

/// An inspection of a file; long numbers in its texts are masked.
#[derive(Serialize, ToSchema)]
#[schema(as = Inspection)]
pub struct Shown {
    /// Its id.
    id: InspectionId,
    /// The file.
    file_id: FileId,
    /// Who looks into it.
    by: Inspector,
    /// Where it stands.
    status: Status,
    /// Their name, or body and name.
    #[schema(example = "镜湖区人民法院 李某")]
    who: String,
    /// What was shown.
    #[schema(example = "介绍信〔2020〕12 号")]
    proof: String,
    /// What for.
    #[schema(example = "核实申请执行人的家庭情况")]
    purpose: String,
    /// Who recorded it.
    recorded_by: UserId,
    /// When.
    recorded_at: Timestamp,
    /// Who decided it; null for the person and while it waits.
    decided_by: Option<UserId>,
    /// When.
    decided_at: Option<Timestamp>,
    /// Why.
    #[schema(example = "手续齐全")]
    reason: Option<String>,
    /// Version, for `If-Match`.
    version: i32,
}

impl Shown {
    fn of(inspection: &Inspection, keys: &Keyring) -> Result<Self> {
        let said: Said = keys.open_json("inspection", &inspection.sealed)?;
        Ok(Self {
            id: inspection.id,
            file_id: inspection.file_id,
            by: inspection.inspector,
            status: inspection.status,
            who: rules::mask_numbers(&said.who),
            proof: rules::mask_numbers(&said.proof),
            purpose: rules::mask_numbers(&said.purpose),
            recorded_by: inspection.recorded_by,
            recorded_at: inspection.recorded_at,
            decided_by: inspection.decided_by,
            decided_at: inspection.decided_at,
            reason: said.reason,
            version: inspection.version,
        })
    }
}

/// Records a wish to look into a file: granted at once to the person it is about.
pub fn record(tx: &mut Tx, file: &File, id: InspectionId, new: NewInspection) -> Result<Inspection> {
    separation::not_own(tx, &file.person)?;
    let said = Said {
        who: new.who.into(),
        proof: new.proof.into(),
        purpose: new.purpose.into(),
        reason: None,
    };
    let inspection = Inspection {
        id,
        file_id: file.id,
        inspector: new.by,
        status: rules::at_first(new.by),
        sealed: tx.keys.seal_json("inspection", &said)?,
        recorded_at: tx.now,
        recorded_by: tx.actor.user()?,
        recorder_person: tx.actor.person.clone(),
        decided_at: None,
        decided_by: None,
        decider_person: None,
        version: 1,
    };
    store::insert(tx, &inspection)?;
    event("inspection.recorded", file, &inspection)
        .field("by", &inspection.inspector)
        .record(tx)?;
    Ok(inspection)
}

/// Decides about an inspection by an outside body, as another person than its recorder.
pub fn decide(tx: &mut Tx, file: &File, before: &Inspection, decision: Decision) -> Result<Inspection> {
    rules::may_decide(before.status, &before.recorder_person, &tx.actor.person)?;
    separation::not_own(tx, &file.person)?;
    let said: Said = tx.keys.open_json("inspection", &before.sealed)?;
    let name = members::find_any(tx, file.member_id)?.name;
    for name in [&name, &said.who] {
        members::without_name(&decision.reason, name, "/reason")?;
    }
    let said = Said {
        reason: Some(decision.reason.to_string()),
        ..said
    };
    let mut after = Inspection {
        status: rules::status(decision.decision),
        sealed: tx.keys.seal_json("inspection", &said)?,
        decided_at: Some(tx.now),
        decided_by: Some(tx.actor.user()?),
        decider_person: Some(tx.actor.person.clone()),
        ..before.clone()
    };
    store::update(tx, &mut after)?;
    event("inspection.decided", file, &after)
        .reason(decision.reason)
        .record(tx)?;
    Ok(after)
}

fn event(action: &'static str, file: &File, inspection: &Inspection) -> Event {
    Event::of(action, "inspection", inspection.id)
        .organization(file.organization_id)
        .people([&file.person])
        .version(inspection.version)
        .field("file_id", &file.id)
        .field("status", &inspection.status)
}
