//! Accounts in SQL.

use diesel::prelude::*;

use super::{User, UserId};
use crate::db::schema::users;
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};

/// An account wherever it is: for the account itself, and for names beside ids.
pub fn find_any(rx: &mut Rx, id: UserId) -> Result<User> {
    User::query()
        .filter(users::id.eq(id))
        .first(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("user"))
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

/// The account with this folded name.
pub fn find_by_name(rx: &mut Rx, username_key: &str) -> Result<User> {
    let found = User::query()
        .filter(users::username_key.eq(username_key))
        .first(rx.conn);
    found.optional()?.ok_or(Error::NotFound("user"))
}

/// Adds an account.
pub fn insert(tx: &mut Tx, user: &User) -> Result<()> {
    diesel::insert_into(users::table).values(user).execute(tx.conn)?;
    Ok(())
}
