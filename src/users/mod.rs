//! Accounts (rules 4 to 7): one person, one account, a name that is never used again.

use diesel::prelude::*;

use crate::auth::Role;
use crate::db::schema::users;
use crate::db::types::{Id, Json, Timestamp};
use crate::input::normal_number;
use crate::keyring::Sealed;
use crate::organizations::OrganizationId;

mod store;

pub use store::{find_any, find_by_name, insert, require_new_password, set_password};

/// The id of an account.
pub type UserId = Id<User>;

/// An account as it is kept.
#[derive(Debug, Clone, HasQuery, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = users)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The name to sign in with.
    pub username: String,
    /// The same folded, unique for ever.
    pub username_key: String,
    /// The holder's name.
    pub name: String,
    /// The holder's ID number, encrypted.
    pub id_number_sealed: Sealed,
    /// Digest of the ID number: keeps people from acting on their own case (6).
    pub person: String,
    /// The unit it belongs to.
    pub organization_id: OrganizationId,
    /// What it is for.
    pub roles: Json<Vec<Role>>,
    /// Permissions of an integration, by name.
    pub scopes: Json<Vec<String>>,
    /// Whether it can't be used any more.
    pub disabled: bool,
    /// Whether a first or expired password waits to be changed (5).
    pub must_change_password: bool,
    /// Argon2id hash in PHC form.
    pub password_hash: String,
    /// When the password was last changed.
    pub password_changed_at: Timestamp,
    /// Version, for `If-Match`.
    pub version: i32,
}

/// A user name folded so that names that look alike are the same: NFKC, no white space, upper case.
pub fn username_key(username: &str) -> String {
    normal_number(username)
}
