//! What is still to be done: one's own worklist, files nobody looks after, and the summary by unit, contact and
//! kind (50, 56). All read what the ledger keeps, never the facts.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::db::Rx;
use crate::db::types::Date;
use crate::error::Result;
use crate::ledger::{FileId, Kind, Status};
use crate::members::MemberId;
use crate::organizations::{self, OrganizationId};
use crate::text_enum;
use crate::users::UserId;

pub mod http;
pub mod rules;
mod store;

/// A member beside something of theirs.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MemberName {
    /// The member's id.
    #[schema(value_type = String, format = "uuid")]
    pub id: MemberId,
    /// The name.
    #[schema(example = "王芳")]
    pub name: String,
}

/// An open duty of the caller.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WorkItem {
    /// The file.
    #[schema(value_type = String, format = "uuid")]
    pub file_id: FileId,
    /// The file's number.
    pub file_number: String,
    /// Whom it is about.
    pub member: MemberName,
    /// The file's unit.
    pub organization_id: OrganizationId,
    /// The year the duty belongs to.
    #[schema(example = 2020)]
    pub year: i32,
    /// Which duty.
    pub kind: Kind,
    /// Due or overdue.
    pub status: Status,
    /// The last day to do it in time.
    pub due_on: Date,
}

text_enum! {
    /// Why a file is on the gap list (50).
    pub enum GapReason {
        /// Nobody is paired with it.
        NoContact = "no_contact",
        /// Its contact's account is disabled.
        ContactDisabled = "contact_disabled",
        /// Its contact is a caseworker no more, or of a unit that does not see the file.
        ContactMoved = "contact_moved",
    }
}

/// A file on file that nobody looks after (50).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Gap {
    /// The file.
    #[schema(value_type = String, format = "uuid")]
    pub file_id: FileId,
    /// The file's number.
    pub file_number: String,
    /// Whom it is about.
    pub member: MemberName,
    /// The file's unit.
    pub organization_id: OrganizationId,
    /// The contact who is disabled, if there is one.
    pub contact_id: Option<UserId>,
    /// Why nobody looks after it.
    pub reason: GapReason,
}

text_enum! {
    /// By what a summary is broken down.
    pub enum GroupBy {
        /// By the units directly below.
        Organization = "organization",
        /// By contact.
        Contact = "contact",
        /// By kind of duty.
        Kind = "kind",
    }
}

/// What a line of a summary is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Group {
    /// Id of the unit or account, or the kind; null for files without a contact.
    pub id: Option<String>,
    /// Its name.
    #[schema(example = "镜湖区总工会")]
    pub name: Option<String>,
}

/// Duties of one kind, by what they are today.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct DutyCounts {
    /// Still in time.
    pub due: i64,
    /// Done.
    pub done: i64,
    /// Their day has passed.
    pub overdue: i64,
    /// Set aside, counted as if done.
    pub waived: i64,
    /// Not counted.
    pub not_applicable: i64,
}

/// One line of a summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SummaryLine {
    /// What it is about.
    pub group: Group,
    /// Files that were on file in the year; by kind, those to which the duty applies.
    pub households: i64,
    /// Those of which every duty that applies is done or waived; by kind, those of which this one is.
    pub complete: i64,
    /// `complete` of `households` in basis points, rounded down: 10,000 is all of them.
    #[schema(minimum = 0, maximum = 10000, example = 7250)]
    pub completion_bp: i64,
    /// The duties by kind.
    #[schema(value_type = BTreeMap<String, DutyCounts>)]
    pub kinds: BTreeMap<Kind, DutyCounts>,
}

/// How far the five ones of a year have come (56).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Summary {
    /// The year.
    #[schema(example = 2020)]
    pub year: i32,
    /// The unit, with everything below it.
    pub organization_id: OrganizationId,
    /// All of it.
    pub total: SummaryLine,
    /// Broken down.
    pub items: Vec<SummaryLine>,
}

/// The summary of a unit in scope and everything below it.
pub fn summary(rx: &mut Rx, year: i32, unit: OrganizationId, group_by: GroupBy) -> Result<Summary> {
    let unit = organizations::find(rx, unit)?;
    let cells = store::cells(rx, year, &unit, false)?;
    let group = Group {
        id: Some(unit.id.to_string()),
        name: Some(unit.name.clone()),
    };
    let total = rules::line(group, &cells);
    let items = match group_by {
        GroupBy::Kind => rules::by_kind(&total),
        GroupBy::Contact => {
            let cells = store::cells(rx, year, &unit, true)?;
            let groups = rules::split(cells, |cell| Some(cell.contact.clone()));
            let names = store::user_names(rx, groups.keys().filter(|id| !id.is_empty()))?;
            rules::by_contact(groups, &names)
        }
        GroupBy::Organization => {
            let children = organizations::children(rx, unit.id)?;
            let below = organizations::subtree_ids(rx, &unit)?;
            rules::by_unit(&unit, &children, below, cells)
        }
    };
    Ok(Summary {
        year,
        organization_id: unit.id,
        total,
        items,
    })
}
