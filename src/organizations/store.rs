//! The union tree in SQL.

use diesel::prelude::*;

use super::rules::OpenBelow;
use super::{Kind, Organization, OrganizationId, Status};
use crate::db::page::{Ask, Page};
use crate::db::schema::{files, illness_claims, organizations, users};
use crate::db::{Rx, Tx, unique};
use crate::error::{Error, Result};
use crate::say;

/// A unit in scope.
pub fn find(rx: &mut Rx, id: OrganizationId) -> Result<Organization> {
    visible(rx, id)?.ok_or(Error::NotFound("organization"))
}

/// A unit wherever it is: for the account that belongs to it.
pub fn find_any(rx: &mut Rx, id: OrganizationId) -> Result<Organization> {
    Ok(Organization::query()
        .filter(organizations::id.eq(id))
        .get_result(rx.conn)?)
}

/// The status of a unit, in scope or not.
pub(super) fn status(rx: &mut Rx, id: OrganizationId) -> Result<Option<Status>> {
    let unit = organizations::table.find(id).select(organizations::status);
    Ok(unit.get_result(rx.conn).optional()?)
}

/// A unit, if it is in scope.
pub(super) fn visible(rx: &mut Rx, id: OrganizationId) -> Result<Option<Organization>> {
    let found: Option<Organization> = Organization::query()
        .filter(organizations::id.eq(id))
        .get_result(rx.conn)
        .optional()?;
    Ok(found.filter(|unit| rx.scope.covers(&unit.path)))
}

/// The root of the tree, if the installation has one.
pub fn root(rx: &mut Rx) -> Result<Option<Organization>> {
    Ok(Organization::query()
        .filter(organizations::parent_id.is_null())
        .get_result(rx.conn)
        .optional()?)
}

pub(super) fn has_root(rx: &mut Rx) -> Result<bool> {
    let roots = organizations::table.filter(organizations::parent_id.is_null());
    Ok(diesel::select(diesel::dsl::exists(roots)).get_result(rx.conn)?)
}

/// What to list.
pub(super) struct Filter {
    pub parent_id: Option<OrganizationId>,
    pub kind: Option<Kind>,
    pub name: Option<String>,
}

/// Units in scope, by id.
pub(super) fn list(rx: &mut Rx, filter: Filter, ask: &Ask) -> Result<Page<Organization>> {
    if let Some(parent) = filter.parent_id {
        find(rx, parent)?;
    }
    let mut query = Organization::query().into_boxed();
    if let Some((first, beyond)) = rx.scope.range() {
        query = query
            .filter(organizations::path.ge(first))
            .filter(organizations::path.lt(beyond));
    }
    if let Some(parent) = filter.parent_id {
        query = query.filter(organizations::parent_id.eq(parent));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(organizations::kind.eq(kind));
    }
    if let Some(name) = filter.name {
        let literal = name.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        query = query.filter(organizations::name.like(format!("%{literal}%")).escape('\\'));
    }
    if let Some(id) = ask.after_id() {
        query = query.filter(
            organizations::id.gt(id
                .parse::<OrganizationId>()
                .map_err(|_| crate::db::page::bad_cursor())?),
        );
    }
    let rows = query.order(organizations::id).limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |unit: &Organization| (String::new(), unit.id.to_string())))
}

/// The path of a unit, in scope or not.
pub(super) fn path(rx: &mut Rx, id: OrganizationId) -> Result<String> {
    let unit = organizations::table.find(id);
    Ok(unit.select(organizations::path).get_result(rx.conn)?)
}

/// The region a unit lies in: its own code, or that of the nearest unit above that has one; without any, the code
/// of the unit itself.
pub fn region_code(rx: &mut Rx, unit: &Organization) -> Result<String> {
    let line: Vec<&str> = unit.path.split('/').filter(|id| !id.is_empty()).collect();
    let known = organizations::table
        .filter(organizations::id.eq_any(line))
        .filter(organizations::region_code.is_not_null())
        .order(organizations::path.desc())
        .select(organizations::region_code.assume_not_null());
    let nearest: Option<String> = known.first(rx.conn).optional()?;
    Ok(nearest.unwrap_or_else(|| unit.code.clone()))
}

/// The units directly below, by code.
pub fn children(rx: &mut Rx, id: OrganizationId) -> Result<Vec<Organization>> {
    Ok(Organization::query()
        .filter(organizations::parent_id.eq(id))
        .order(organizations::code)
        .load(rx.conn)?)
}

/// Every unit in scope, in the order of the tree.
pub fn subtree(rx: &mut Rx) -> Result<Vec<Organization>> {
    let mut query = Organization::query().into_boxed();
    if let Some((first, beyond)) = rx.scope.range() {
        query = query
            .filter(organizations::path.ge(first))
            .filter(organizations::path.lt(beyond));
    }
    Ok(query.order(organizations::path).load(rx.conn)?)
}

/// The ids and paths of a unit and everything below it.
pub fn subtree_ids(rx: &mut Rx, unit: &Organization) -> Result<Vec<(OrganizationId, String)>> {
    let beyond = format!("{}0", unit.path.trim_end_matches('/'));
    let below = organizations::table
        .filter(organizations::path.ge(&unit.path))
        .filter(organizations::path.lt(beyond));
    Ok(below
        .select((organizations::id, organizations::path))
        .load(rx.conn)?)
}

pub(super) fn insert(tx: &mut Tx, organization: &Organization) -> Result<()> {
    let done = diesel::insert_into(organizations::table)
        .values(organization)
        .execute(tx.conn);
    unique(done, taken).map(drop)
}

fn taken() -> Error {
    Error::refused(
        "organization_exists",
        say!(
            "代码或同级名称已被使用",
            "the code, or the name below the same unit, is taken"
        ),
    )
}

/// Writes a unit back with the next version; the caller has checked the version it read, in this transaction.
pub(super) fn update(tx: &mut Tx, organization: &mut Organization) -> Result<()> {
    let read = organization.version;
    organization.version += 1;
    let place = organizations::table
        .find(organization.id)
        .filter(organizations::version.eq(read));
    let written = unique(diesel::update(place).set(&*organization).execute(tx.conn), taken)?;
    if written == 1 { Ok(()) } else { Err(Error::stale()) }
}

/// Gives everything below `from` its new path; the unit itself is written by [`update`].
pub(super) fn move_subtree(tx: &mut Tx, from: &str, to: &str) -> Result<()> {
    let beyond = format!("{}0", from.trim_end_matches('/'));
    let below: Vec<(OrganizationId, String)> = organizations::table
        .filter(organizations::path.gt(from))
        .filter(organizations::path.lt(beyond))
        .select((organizations::id, organizations::path))
        .load(tx.conn)?;
    for (id, path) in below {
        let path = format!("{to}{}", &path[from.len()..]);
        diesel::update(organizations::table.find(id))
            .set(organizations::path.eq(path))
            .execute(tx.conn)?;
    }
    Ok(())
}

pub(super) fn open_below(rx: &mut Rx, unit: &Organization) -> Result<OpenBelow> {
    const ENDED: [&str; 5] = ["exited", "relieved", "deregistered", "rejected", "withdrawn"];
    let units = organizations::table
        .filter(organizations::parent_id.eq(unit.id))
        .filter(organizations::status.eq(Status::Active));
    let users = users::table
        .filter(users::organization_id.eq(unit.id))
        .filter(users::disabled.eq(false));
    let files = files::table
        .filter(files::organization_id.eq(unit.id))
        .filter(files::status.ne_all(ENDED));
    let claims = illness_claims::table
        .filter(illness_claims::organization_id.eq(unit.id))
        .filter(illness_claims::status.ne_all(["paid", "rejected", "withdrawn"]));
    Ok(OpenBelow {
        units: units.count().get_result(rx.conn)?,
        users: users.count().get_result(rx.conn)?,
        files: files.count().get_result(rx.conn)?,
        claims: claims.count().get_result(rx.conn)?,
    })
}
