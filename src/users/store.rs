//! Accounts in SQL.

use std::collections::HashSet;

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::{Status, User, UserId, rules};
use crate::auth::Role;
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::{login_attempts, organizations, users};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::organizations::OrganizationId;
use crate::{say, within};

/// An account in scope.
pub fn find(rx: &mut Rx, id: UserId) -> Result<User> {
    let mut query = User::query().filter(users::id.eq(id)).into_boxed();
    within!(one query, users::organization_id, rx);
    query
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("user"))
}

/// An account wherever it is: for the account itself, and for names beside ids.
pub fn find_any(rx: &mut Rx, id: UserId) -> Result<User> {
    User::query()
        .filter(users::id.eq(id))
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("user"))
}

/// The account with this folded name.
pub fn find_by_name(rx: &mut Rx, username_key: &str) -> Result<User> {
    let found = User::query()
        .filter(users::username_key.eq(username_key))
        .get_result(rx.conn);
    found.optional()?.ok_or(Error::NotFound("user"))
}

/// What to list.
pub(super) struct Filter {
    pub organization_id: Option<OrganizationId>,
    pub status: Option<Status>,
    pub role: Option<Role>,
    pub username: Option<String>,
}

/// Accounts in scope, by id.
pub(super) fn list(rx: &mut Rx, filter: Filter, ask: &Ask) -> Result<Page<User>> {
    let mut query = User::query().into_boxed();
    within!(query, users::organization_id, rx);
    if let Some(unit) = filter.organization_id {
        crate::organizations::find(rx, unit)?;
        query = query.filter(users::organization_id.eq(unit));
    }
    if let Some(status) = filter.status {
        query = query.filter(users::disabled.eq(status == Status::Disabled));
        let locked = login_attempts::table
            .filter(login_attempts::locked_until.gt(rx.now))
            .filter(login_attempts::user_id.is_not_null())
            .select(login_attempts::user_id.assume_not_null());
        query = match status {
            Status::Active => query.filter(users::id.ne_all(locked)),
            Status::Locked => query.filter(users::id.eq_any(locked)),
            Status::Disabled => query,
        };
    }
    if let Some(role) = filter.role {
        query = query.filter(users::roles.like(format!("%\"{role}\"%")));
    }
    if let Some(name) = filter.username {
        let start = super::username_key(&name)
            .replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_");
        query = query.filter(users::username_key.like(format!("{start}%")).escape('\\'));
    }
    if let Some(id) = ask.after_id() {
        query = query.filter(users::id.gt(id.parse::<UserId>().map_err(|_| bad_cursor())?));
    }
    let rows = query.order(users::id).limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |user: &User| (String::new(), user.id.to_string())))
}

/// Which of these accounts are locked now.
pub(super) fn locked(rx: &mut Rx, of: &[UserId]) -> Result<HashSet<UserId>> {
    let locked = login_attempts::table
        .filter(login_attempts::user_id.eq_any(of))
        .filter(login_attempts::locked_until.gt(rx.now))
        .select(login_attempts::user_id.assume_not_null());
    Ok(locked.load(rx.conn)?.into_iter().collect())
}

/// Whether any account has, or had, this folded name.
pub(super) fn name_in_use(rx: &mut Rx, username_key: &str) -> Result<bool> {
    let named = users::table.filter(users::username_key.eq(username_key));
    Ok(diesel::select(diesel::dsl::exists(named)).get_result(rx.conn)?)
}

/// Whether a person has an account that is not disabled.
pub(super) fn has_account(rx: &mut Rx, person: &str) -> Result<bool> {
    let held = users::table
        .filter(users::person.eq(person))
        .filter(users::disabled.eq(false));
    Ok(diesel::select(diesel::dsl::exists(held)).get_result(rx.conn)?)
}

/// How many accounts a unit has that are not disabled. Holds the unit until the transaction ends, so that of two
/// who count at once the second sees what the first has added.
pub(super) fn accounts_of(tx: &mut Tx, unit: OrganizationId) -> Result<i64> {
    diesel::update(organizations::table.find(unit))
        .set(organizations::version.eq(organizations::version))
        .execute(tx.conn)?;
    let accounts = users::table
        .filter(users::organization_id.eq(unit))
        .filter(users::disabled.eq(false));
    Ok(accounts.count().get_result(tx.conn)?)
}

/// Adds an account. The unique indexes are the backstop of two who check at once.
pub fn insert(tx: &mut Tx, user: &User) -> Result<()> {
    let done = diesel::insert_into(users::table).values(user).execute(tx.conn);
    match done {
        Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info)) => {
            Err(taken(info.message()))
        }
        other => Ok(other.map(drop)?),
    }
}

/// Which uniqueness was violated: both databases name the column or its index in the message.
fn taken(message: &str) -> Error {
    if message.contains("username_key") {
        rules::username_taken()
    } else if message.contains("person") {
        rules::person_has_account()
    } else {
        Error::refused("id_taken", say!("该 id 已被使用", "this id is in use"))
    }
}

/// Writes an account back with the next version; the caller has checked the version it read, in this transaction.
pub(super) fn update(tx: &mut Tx, user: &mut User) -> Result<()> {
    let read = user.version;
    user.version += 1;
    let place = users::table.find(user.id).filter(users::version.eq(read));
    match diesel::update(place).set(&*user).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(Error::stale()),
    }
}

/// Gives an account another password.
pub fn set_password(tx: &mut Tx, id: UserId, hash: String, must_change: bool) -> Result<()> {
    let values = (
        users::password_hash.eq(hash),
        users::must_change_password.eq(must_change),
        users::password_changed_at.eq(tx.now),
        users::version.eq(users::version + 1),
    );
    diesel::update(users::table.find(id))
        .set(values)
        .execute(tx.conn)?;
    Ok(())
}

/// Demands a new password before anything else (5, 89).
pub fn require_new_password(tx: &mut Tx, id: UserId) -> Result<()> {
    let values = (
        users::must_change_password.eq(true),
        users::version.eq(users::version + 1),
    );
    diesel::update(users::table.find(id))
        .set(values)
        .execute(tx.conn)?;
    Ok(())
}
