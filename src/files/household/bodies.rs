//! What is sent to and shown of a household.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{PERSON, PROFILE, Particulars, PersonForm, PersonId, ProfileForm, Recorded};
use crate::db::types::Date;
use crate::error::{Error, Result};
use crate::files::FileId;
use crate::identity::{CitizenId, Sex, mask_id, mask_name};
use crate::input::form::Content;
use crate::input::{Name, Reason, Text};
use crate::{changes, input, text_enum};

input! {
    /// Somebody to add to a household.
    #[schema(as = NewHouseholdPerson)]
    pub struct NewPerson {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<PersonId>,
        /// The name.
        #[schema(value_type = String, example = "王小明", max_length = 100)]
        pub name: Name,
        /// The ID number in clear; in one file at most (9).
        pub id_number: CitizenId,
        /// To the head: a code of the list `relation`.
        #[schema(value_type = String, example = "son")]
        pub relation: Text<60>,
        /// Since when in the household; not in the future, not before birth.
        pub joined_on: Date,
        /// What the form says.
        #[schema(required = false)]
        pub details: PersonForm,
    }
}

changes! {
    /// Changes of somebody in a household. Name and relation of the head can't change.
    #[schema(as = HouseholdChange)]
    pub struct PersonChange {
        /// The name.
        #[schema(value_type = Option<String>, max_length = 100)]
        pub name: Name,
        /// To the head: a code of the list `relation`.
        #[schema(value_type = Option<String>, example = "spouse")]
        pub relation: Text<60>,
        /// What the form says; fields that are not named stay.
        pub details: PersonForm,
    }
}

input! {
    /// When somebody left.
    #[schema(as = HouseholdLeaving)]
    pub struct Leave {
        /// The last day in the household; not in the future.
        pub left_on: Date,
        /// Why; stays in the log for ever.
        pub reason: Reason,
    }
}

text_enum! {
    /// A personal value of somebody in a household that can be shown in clear (87).
    #[schema(as = HouseholdField)]
    pub enum PersonalField {
        /// 姓名, which is masked for minors.
        Name = "name",
        /// 身份证号.
        IdNumber = "id_number",
        /// 手机号码.
        Phone = "phone",
        /// 疾病.
        Illness = "illness",
        /// 备注.
        Remarks = "remarks",
    }
}

input! {
    /// What to show in clear, and why.
    #[schema(as = HouseholdReveal)]
    pub struct Reveal {
        /// Which values.
        pub fields: Vec<PersonalField>,
        /// Why; stays in the log for ever.
        pub reason: Reason,
    }
}

/// Personal values in clear.
#[derive(Serialize, ToSchema)]
#[schema(as = HouseholdRevealed)]
pub struct Revealed {
    /// Each value that was asked for; null when the file has none.
    #[schema(value_type = BTreeMap<String, Option<String>>)]
    pub values: BTreeMap<PersonalField, Value>,
}

/// Somebody in a household, as shown: numbers masked, of a minor the name too (87, 88).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HouseholdPerson)]
pub struct Shown {
    /// Its id.
    id: PersonId,
    /// The file of the household.
    file_id: FileId,
    /// The name; masked for a minor.
    #[schema(example = "王*")]
    name: String,
    /// Masked.
    #[schema(example = "3402**********1202")]
    id_number: String,
    /// To the head.
    #[schema(example = "daughter")]
    relation: String,
    /// By the ID number.
    sex: Sex,
    /// By the ID number; null for a minor.
    birth_date: Option<Date>,
    /// Under 14 today: sensitive in every field (88).
    minor: bool,
    /// Since when in the household.
    joined_on: Date,
    /// Until when; null while in it.
    left_on: Option<Date>,
    /// What the form says, secrets masked.
    #[schema(value_type = PersonForm)]
    details: Map<String, Value>,
    /// Version, for `If-Match`.
    version: i32,
}

impl Shown {
    /// Where it stands in a list: the head first, the others in the order of joining.
    pub fn place(&self) -> (bool, Date, PersonId) {
        (self.relation != super::HEAD, self.joined_on, self.id)
    }

    /// What is shown of a person as recorded once.
    pub fn as_recorded(file_id: FileId, id: PersonId, person: Recorded, today: Date) -> Result<Self> {
        let Particulars {
            name,
            id_number,
            details,
        } = person.particulars;
        let number =
            CitizenId::parse(&id_number).map_err(|_| Error::internal("an ID number that is none"))?;
        let minor = super::rules::is_minor(number.birth_date(), today);
        Ok(Self {
            id,
            file_id,
            name: if minor { mask_name(&name) } else { name },
            id_number: mask_id(&id_number),
            relation: person.relation,
            sex: number.sex(),
            birth_date: Some(number.birth_date()).filter(|_| !minor),
            minor,
            joined_on: person.joined_on,
            left_on: person.left_on,
            details: details.shown(PERSON),
            version: person.version,
        })
    }
}

/// The form of a file, as shown.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FileProfile)]
pub struct ShownProfile {
    /// The file.
    file_id: FileId,
    /// What the form says, secrets masked.
    #[schema(value_type = ProfileForm)]
    profile: Map<String, Value>,
    /// Version of the file, for `If-Match`.
    version: i32,
}

impl ShownProfile {
    /// What of a form is shown.
    pub fn of(file_id: FileId, version: i32, profile: &Content) -> Self {
        Self {
            file_id,
            profile: profile.shown(PROFILE),
            version,
        }
    }
}
