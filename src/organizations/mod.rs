//! The union tree (rules 1 to 3): units, one parent each, no cycles. It is not the tree of regions.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::audit::Event;
use crate::auth::Scope;
use crate::db::schema::organizations;
use crate::db::types::Id;
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::say;

pub mod http;
mod rules;
mod store;

pub use http::{NewOrganization, OrganizationChange};
pub use rules::{Kind, Status};
pub use store::{children, find, find_any, region_code, root, subtree, subtree_ids};

/// The id of a unit.
pub type OrganizationId = Id<Organization>;

/// A unit of the union.
#[derive(
    Debug, Clone, PartialEq, Eq, HasQuery, Insertable, AsChangeset, Identifiable, Serialize, ToSchema,
)]
#[diesel(table_name = organizations)]
#[diesel(treat_none_as_null = true)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// The unit above; null for the root.
    pub parent_id: Option<OrganizationId>,
    /// What kind of unit.
    pub kind: Kind,
    /// Its name.
    #[schema(example = "镜湖区总工会")]
    pub name: String,
    /// Its code, unique in the service.
    #[schema(example = "340202")]
    pub code: String,
    /// The region it lies in (GB/T 2260).
    #[schema(example = "340202")]
    pub region_code: Option<String>,
    /// Whether it is open.
    pub status: Status,
    /// The ids from the root down to here, each followed by a slash.
    #[serde(skip)]
    pub path: String,
    /// Version, for `If-Match`.
    pub version: i32,
}

/// Opens a unit below `new.parent_id`, or the root of a new installation when that is `None`.
pub fn open(tx: &mut Tx, id: OrganizationId, new: NewOrganization) -> Result<Organization> {
    let above = match new.parent_id {
        Some(parent) => {
            let parent = store::visible(tx, parent)?.ok_or_else(|| Error::unknown_reference("/parent_id"))?;
            rules::may_have_children(&parent)?;
            parent.path
        }
        None if store::has_root(tx)? => return Err(rules::second_root()),
        None => "/".to_owned(),
    };
    let region_code = new.region_code.map(String::from);
    rules::region(region_code.as_deref())?;
    let organization = Organization {
        id,
        parent_id: new.parent_id,
        kind: new.kind,
        name: new.name.into(),
        code: new.code.into(),
        region_code,
        status: Status::Active,
        path: format!("{above}{id}/"),
        version: 1,
    };
    store::insert(tx, &organization)?;
    event("organization.opened", &organization)
        .field("parent_id", &organization.parent_id)
        .field("kind", &organization.kind)
        .field("name", &organization.name)
        .field("code", &organization.code)
        .record(tx)?;
    Ok(organization)
}

/// Changes name, kind, code or region.
pub fn change(tx: &mut Tx, before: &Organization, change: OrganizationChange) -> Result<Organization> {
    rules::still_open(before)?;
    let mut after = before.clone();
    after.kind = change.kind.unwrap_or(after.kind);
    after.name = change.name.map_or(after.name, String::from);
    after.code = change.code.map_or(after.code, String::from);
    after.region_code = change
        .region_code
        .map_or(after.region_code, |code| code.map(String::from));
    rules::region(after.region_code.as_deref())?;
    if before.kind != after.kind && !store::children(tx, before.id)?.is_empty() {
        rules::may_have_children(&after)?;
    }
    store::update(tx, &mut after)?;
    event("organization.changed", &after)
        .change("kind", &before.kind, &after.kind)
        .change("name", &before.name, &after.name)
        .change("code", &before.code, &after.code)
        .change("region_code", &before.region_code, &after.region_code)
        .record(tx)?;
    Ok(after)
}

/// Moves a unit with everything below it under another parent; never under itself (no cycles).
pub fn relocate(tx: &mut Tx, before: &Organization, parent_id: OrganizationId) -> Result<Organization> {
    let parent = store::visible(tx, parent_id)?.ok_or_else(|| Error::unknown_reference("/parent_id"))?;
    rules::may_move(before, &parent)?;
    let mut after = Organization {
        parent_id: Some(parent_id),
        path: format!("{}{}/", parent.path, before.id),
        ..before.clone()
    };
    store::move_subtree(tx, &before.path, &after.path)?;
    store::update(tx, &mut after)?;
    event("organization.moved", &after)
        .field("parent_id", &after.parent_id)
        .record(tx)?;
    Ok(after)
}

/// Closes a unit below which nothing is open: no unit, account or live file.
pub fn close(tx: &mut Tx, before: &Organization) -> Result<Organization> {
    rules::may_close(before, store::open_below(tx, before)?)?;
    let mut after = Organization {
        status: Status::Closed,
        ..before.clone()
    };
    store::update(tx, &mut after)?;
    event("organization.closed", &after)
        .field("status", &after.status)
        .record(tx)?;
    Ok(after)
}

/// The unit a body refers to at `pointer`: visible and open, else 422.
pub fn referred(rx: &mut Rx, id: OrganizationId, pointer: &str) -> Result<Organization> {
    let unit = store::visible(rx, id)?.ok_or_else(|| Error::unknown_reference(pointer))?;
    match unit.status {
        Status::Active => Ok(unit),
        Status::Closed => Err(Error::invalid(
            pointer,
            "closed",
            say!("该单位已关闭", "this unit is closed"),
        )),
    }
}

/// Whether a unit is in scope.
pub fn in_scope(rx: &mut Rx, id: OrganizationId) -> Result<bool> {
    Ok(store::visible(rx, id)?.is_some())
}

/// Whether there is such a unit, in scope or not, and it is open.
pub fn is_open(rx: &mut Rx, id: OrganizationId) -> Result<bool> {
    Ok(store::status(rx, id)? == Some(Status::Active))
}

/// Narrows what `rx` sees from now on to the subtree of the unit that a filter names; 404 when it is not in scope.
pub fn narrow(rx: &mut Rx, unit: Option<OrganizationId>) -> Result<()> {
    if let Some(id) = unit {
        rx.scope = Scope::Under(store::find(rx, id)?.path);
    }
    Ok(())
}

/// Whether somebody of the unit `who` sees what belongs to the unit `what`: it is the same or below.
pub fn sees(rx: &mut Rx, who: OrganizationId, what: OrganizationId) -> Result<bool> {
    Ok(store::path(rx, what)?.starts_with(&store::path(rx, who)?))
}

fn event(action: &'static str, organization: &Organization) -> Event {
    Event::of(action, "organization", organization.id)
        .organization(organization.id)
        .version(organization.version)
}
