//! What is sent to and shown of the register.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Group, Member, MemberId, PersonalField, Status};
use crate::db::page::{Cursor, Limit};
use crate::db::types::Date;
use crate::error::Result;
use crate::identity::{CitizenId, Mobile, Sex, mask_id, mask_phone};
use crate::input::{Name, Reason};
use crate::keyring::Keyring;
use crate::organizations::OrganizationId;
use crate::{changes, input};

/// A member as shown: numbers masked (87).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Member)]
pub struct Shown {
    /// Its id.
    id: MemberId,
    /// The unit it belongs to.
    organization_id: OrganizationId,
    /// Its name.
    #[schema(example = "王芳")]
    name: String,
    /// Masked.
    #[schema(example = "3402**********002X")]
    id_number: String,
    /// Masked.
    #[schema(example = "138****0000")]
    phone: Option<String>,
    /// By the ID number.
    sex: Sex,
    /// By the ID number.
    birth_date: Date,
    /// The status of today.
    status: Status,
    /// The day of joining the union.
    joined_on: Date,
    /// Which of the eight groups (84).
    group: Option<Group>,
    /// For whom it works.
    employer: Option<String>,
    /// The record of the same person that is used instead, when this one turned out to be a second.
    #[schema(value_type = Option<String>, format = "uuid")]
    merged_into: Option<MemberId>,
    /// Version, for `If-Match`.
    version: i32,
}

impl Shown {
    /// What of a member is shown.
    pub fn of(member: Member, keys: &Keyring) -> Result<Self> {
        Ok(Self {
            id_number: mask_id(&member.id_number(keys)?),
            phone: member.phone(keys)?.map(|number| mask_phone(&number)),
            id: member.id,
            organization_id: member.organization_id,
            name: member.name,
            sex: member.sex,
            birth_date: member.birth_date,
            status: member.status,
            joined_on: member.joined_on,
            group: member.group,
            employer: member.employer,
            merged_into: member.merged_into,
            version: member.version,
        })
    }
}

input! {
    /// Which record of the same person is used from now on, and why.
    #[schema(as = MergeMember)]
    pub struct Merge {
        /// The record that stays in use.
        #[schema(value_type = String, format = "uuid")]
        pub into: MemberId,
        /// Why; stays in the log for ever.
        pub reason: Reason,
    }
}

input! {
    /// Why a merged record is a record of its own again.
    #[schema(as = UnmergeMember)]
    pub struct Unmerge {
        /// Why; stays in the log for ever.
        pub reason: Reason,
    }
}

input! {
    /// A person to register.
    pub struct NewMember {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<MemberId>,
        /// The unit it belongs to.
        #[schema(value_type = String, format = "uuid")]
        pub organization_id: OrganizationId,
        /// Its name.
        #[schema(value_type = String, example = "王芳", max_length = 100)]
        pub name: Name,
        /// The ID number in clear; sex and birth date follow from it (91).
        pub id_number: CitizenId,
        /// The mobile phone number in clear.
        #[schema(value_type = Option<String>, example = "13800000000")]
        pub phone: Option<Mobile>,
        /// Default: serving, from the day of joining on.
        pub status: Option<Status>,
        /// The day of joining the union; not in the future.
        pub joined_on: Date,
        /// Which of the eight groups, or null (84).
        pub group: Option<Group>,
        /// For whom it works.
        #[schema(value_type = Option<String>, max_length = 100)]
        pub employer: Option<Name>,
    }
}

changes! {
    /// Changes of a member.
    pub struct MemberChange {
        /// Its name.
        #[schema(value_type = Option<String>, max_length = 100)]
        pub name: Name,
        /// The mobile phone number in clear; null for none.
        #[schema(value_type = Option<String>)]
        pub phone: Option<Mobile>,
        /// Which of the eight groups; null for none.
        #[schema(value_type = Option<Group>)]
        pub group: Option<Group>,
        /// For whom it works; null for nobody.
        #[schema(value_type = Option<String>, max_length = 100)]
        pub employer: Option<Name>,
    }
}

input! {
    /// What a member is from a day on.
    pub struct StatusChange {
        /// The status.
        pub status: Status,
        /// Its first day; not in the future, not before joining.
        pub effective_on: Date,
        /// Why; stays in the log for ever.
        pub reason: Reason,
    }
}

input! {
    /// Where a member goes.
    pub struct Transfer {
        /// The unit it belongs to from now on.
        #[schema(value_type = String, format = "uuid")]
        pub organization_id: OrganizationId,
        /// The first day there; not in the future, not before joining.
        pub effective_on: Date,
    }
}

input! {
    /// Whom to find; at least one of the three.
    pub struct MemberSearch {
        /// The whole ID number.
        #[schema(value_type = Option<String>)]
        pub id_number: Option<CitizenId>,
        /// The beginning of the name.
        #[schema(value_type = Option<String>, max_length = 100)]
        pub name: Option<Name>,
        /// The whole phone number.
        #[schema(value_type = Option<String>)]
        pub phone: Option<Mobile>,
        /// 1 to 200.
        #[schema(value_type = Option<i64>, minimum = 1, maximum = 200)]
        pub limit: Limit,
        /// From the page before.
        #[schema(value_type = Option<String>)]
        pub cursor: Cursor,
    }
}

input! {
    /// What to show in clear, and why.
    pub struct Reveal {
        /// Which values.
        pub fields: Vec<PersonalField>,
        /// Why; stays in the log for ever.
        pub reason: Reason,
    }
}

/// Personal values in clear.
#[derive(Serialize, ToSchema)]
pub struct Revealed {
    /// Each value that was asked for; null when the register has none.
    #[schema(value_type = BTreeMap<String, Option<String>>)]
    pub values: BTreeMap<PersonalField, Option<String>>,
}
