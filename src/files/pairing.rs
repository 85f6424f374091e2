//! Pairing (结对帮扶, rule 50): one contact at a time for every file on file, with history.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::{File, FileId, event, rules, save, store};
use crate::auth::Role;
use crate::db::schema::pairings;
use crate::db::types::{Id, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::users::{self, User, UserId};
use crate::{input, ledger, organizations, separation};

pub(super) use store::end_current;

input! {
    /// With whom a file is paired.
    pub struct Pair {
        /// An enabled caseworker account that sees the file.
        #[schema(value_type = String, format = "uuid")]
        pub contact_id: UserId,
    }
}

input! {
    /// Whose files go to whom.
    pub struct Handover {
        /// The contact who leaves.
        #[schema(value_type = String, format = "uuid")]
        pub from_contact_id: UserId,
        /// Who takes over: an enabled caseworker account that sees every one of the files.
        #[schema(value_type = String, format = "uuid")]
        pub to_contact_id: UserId,
    }
}

/// What was handed over.
#[derive(Debug, Serialize, ToSchema)]
pub struct HandedOver {
    /// The files, in the order of their opening.
    #[schema(value_type = Vec<String>)]
    pub files: Vec<FileId>,
}

/// A time in which somebody was the contact of a file.
#[derive(Debug, Clone, HasQuery, Insertable, Identifiable, Serialize, ToSchema)]
#[diesel(table_name = pairings)]
pub struct Pairing {
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) id: Id<Pairing>,
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) file_id: FileId,
    /// Who.
    pub contact_id: UserId,
    /// From when.
    #[diesel(column_name = from_at)]
    pub from: Timestamp,
    /// Until when; null for the present contact.
    #[diesel(column_name = until_at)]
    pub until: Option<Timestamp>,
    /// By whom.
    pub paired_by: UserId,
}

/// Gives a file on file another contact; the pairing before ends at the same moment.
pub fn pair(tx: &mut Tx, before: &File, pair: &Pair) -> Result<File> {
    let contact = contact(tx, before, pair.contact_id)?;
    rules::may_pair(before, contact.id)?;
    separation::not_own(tx, &before.person)?;
    if contact.person == before.person {
        return Err(separation::same_person());
    }
    let mut after = before.clone();
    after.contact_id = Some(contact.id);
    store::end_current(tx, after.id)?;
    let pairing = Pairing {
        id: tx.new_id(),
        file_id: after.id,
        contact_id: contact.id,
        from: tx.now,
        until: None,
        paired_by: tx.actor.user()?,
    };
    store::insert_pairing(tx, &pairing)?;
    let event = event("file.paired", &after).field("contact_id", &after.contact_id);
    save(tx, &mut after, event)?;
    ledger::refresh(tx, after.id)?;
    Ok(after)
}

/// Hands every file of one contact, of units in scope, to another: all of them or none (48, 50).
pub fn hand_over(tx: &mut Tx, handover: &Handover) -> Result<HandedOver> {
    users::find(tx, handover.from_contact_id).map_err(|error| match error {
        Error::NotFound(_) => Error::unknown_reference("/from_contact_id"),
        other => other,
    })?;
    let mut files = Vec::new();
    for file in store::of_contact(tx, handover.from_contact_id)? {
        let to = Pair {
            contact_id: handover.to_contact_id,
        };
        let unfit = |error| match error {
            Error::Invalid(_) => Error::unknown_reference("/to_contact_id"),
            other => other,
        };
        files.push(pair(tx, &file, &to).map_err(unfit)?.id);
    }
    Ok(HandedOver { files })
}

/// Makes sure that an account, named at `pointer`, can look after every file of a contact in scope.
pub(super) fn check_successor(rx: &mut Rx, of: UserId, successor: UserId, pointer: &str) -> Result<()> {
    let user = match users::find_any(rx, successor) {
        Err(Error::NotFound(_)) => return Err(Error::unknown_reference(pointer)),
        found => found?,
    };
    let mut units: Vec<_> = store::of_contact(rx, of)?
        .iter()
        .map(|file| file.organization_id)
        .collect();
    units.sort_unstable();
    units.dedup();
    let mut fit = is_caseworker(&user);
    for unit in units {
        fit = fit && organizations::sees(rx, user.organization_id, unit)?;
    }
    if fit {
        Ok(())
    } else {
        Err(Error::unknown_reference(pointer))
    }
}

fn is_caseworker(user: &User) -> bool {
    !user.disabled && user.roles.0.contains(&Role::Caseworker)
}

/// The account that a body names as contact: an enabled caseworker whose unit is the file's or above it, so that
/// the contact sees the file.
fn contact(rx: &mut Rx, file: &File, id: UserId) -> Result<User> {
    let unknown = || Error::unknown_reference("/contact_id");
    let user = match users::find_any(rx, id) {
        Err(Error::NotFound(_)) => return Err(unknown()),
        found => found?,
    };
    if is_caseworker(&user) && organizations::sees(rx, user.organization_id, file.organization_id)? {
        Ok(user)
    } else {
        Err(unknown())
    }
}
