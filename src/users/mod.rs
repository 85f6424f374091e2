//! Accounts (rules 4 to 7): one person, one account, a name that is never used again.

use diesel::prelude::*;

use crate::audit::Event;
use crate::auth::{self, Role};
use crate::db::Tx;
use crate::db::schema::users;
use crate::db::types::{Id, Json, Timestamp};
use crate::error::Result;
use crate::identity::CitizenId;
use crate::input::{Name, normal_number};
use crate::keyring::Sealed;
use crate::organizations::{self, NewOrganization, OrganizationId};

pub mod http;
mod rules;
mod store;

pub use http::{Grant, NewUser, UserChange};
pub use rules::{Status, Username};
pub use store::{find, find_any, find_by_name, insert, require_new_password, set_password};

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

/// Opens an account without roles (4). `password_hash` is that of a one-time password; `limit` is how many accounts
/// the unit may have.
pub fn create(
    tx: &mut Tx,
    id: UserId,
    new: NewUser,
    password_hash: String,
    limit: Option<i64>,
) -> Result<User> {
    new.id_number.born_by(tx.today(), "/id_number")?;
    place(tx, new.organization_id, limit)?;
    add(tx, id, new, password_hash, Vec::new())
}

/// Makes sure that one more account may belong to a unit: visible, open, below its limit.
fn place(tx: &mut Tx, unit: OrganizationId, limit: Option<i64>) -> Result<()> {
    organizations::referred(tx, unit, "/organization_id")?;
    if limit.is_some() {
        rules::room_for_one_more(store::accounts_of(tx, unit)?, limit)?;
    }
    Ok(())
}

fn add(tx: &mut Tx, id: UserId, new: NewUser, password_hash: String, roles: Vec<Role>) -> Result<User> {
    let user = User {
        id,
        username_key: username_key(&new.username),
        username: new.username.into(),
        name: new.name.into(),
        id_number_sealed: tx.keys.seal("id_number", new.id_number.as_str())?,
        person: tx.keys.person(new.id_number.as_str()),
        organization_id: new.organization_id,
        must_change_password: rules::must_change_one_time_password(&roles),
        roles: Json(roles),
        scopes: Json(Vec::new()),
        disabled: false,
        password_hash,
        password_changed_at: tx.now,
        version: 1,
    };
    if store::name_in_use(tx, &user.username_key)? {
        return Err(rules::username_taken());
    }
    if store::has_account(tx, &user.person)? {
        return Err(rules::person_has_account());
    }
    store::insert(tx, &user)?;
    // failures under a name that did not exist yet are not the new holder's
    auth::unlock(tx, &user.username)?;
    event("user.created", &user)
        .field("username", &user.username)
        .field("name", &user.name)
        .field("id_number", &new.id_number.as_str())
        .field("organization_id", &user.organization_id)
        .field("roles", &user.roles)
        .record(tx)?;
    Ok(user)
}

/// Changes the holder's name or the unit. The sessions go on: what they may see follows the unit at once.
pub fn change(tx: &mut Tx, before: &User, change: UserChange, limit: Option<i64>) -> Result<User> {
    rules::still_enabled(before.disabled)?;
    let mut after = before.clone();
    after.name = change.name.map_or(after.name, String::from);
    if let Some(unit) = change.organization_id.filter(|to| *to != before.organization_id) {
        place(tx, unit, limit)?;
        after.organization_id = unit;
    }
    store::update(tx, &mut after)?;
    event("user.changed", &after)
        .change("name", &before.name, &after.name)
        .change("organization_id", &before.organization_id, &after.organization_id)
        .record(tx)?;
    Ok(after)
}

/// Disables an account for good; its sessions end at once (4). Its name stays taken.
pub fn disable(tx: &mut Tx, before: &User) -> Result<User> {
    rules::still_enabled(before.disabled)?;
    rules::another_person(&tx.actor.person, &before.person)?;
    let mut after = User {
        disabled: true,
        ..before.clone()
    };
    store::update(tx, &mut after)?;
    auth::end_sessions(tx, after.id, None)?;
    event("user.disabled", &after)
        .field("status", &Status::Disabled)
        .record(tx)?;
    Ok(after)
}

/// Gives an account a one-time password, whose hash this is; its sessions end at once (5).
pub fn reset_password(tx: &mut Tx, before: &User, password_hash: String) -> Result<User> {
    rules::still_enabled(before.disabled)?;
    let mut after = User {
        password_hash,
        password_changed_at: tx.now,
        must_change_password: rules::must_change_one_time_password(&before.roles.0),
        ..before.clone()
    };
    store::update(tx, &mut after)?;
    auth::end_sessions(tx, after.id, None)?;
    event("user.password_reset", &after)
        .field("must_change_password", &after.must_change_password)
        .record(tx)?;
    Ok(after)
}

/// Says what an account is for; its sessions end at once (6, 7).
pub fn grant(tx: &mut Tx, before: &User, grant: Grant) -> Result<User> {
    rules::still_enabled(before.disabled)?;
    rules::another_person(&tx.actor.person, &before.person)?;
    let scopes = grant.scopes.into_iter().map(String::from).collect();
    let (roles, scopes) = rules::grant(rules::named(grant.roles)?, scopes)?;
    let must_change = before.must_change_password;
    let mut after = User {
        must_change_password: rules::must_change_password_after_grant(must_change, &before.roles.0, &roles),
        roles: Json(roles),
        scopes: Json(scopes),
        ..before.clone()
    };
    store::update(tx, &mut after)?;
    auth::end_sessions(tx, after.id, None)?;
    event("user.roles_granted", &after)
        .field("roles", &after.roles)
        .change("scopes", &before.scopes, &after.scopes)
        .change("must_change_password", &must_change, &after.must_change_password)
        .record(tx)?;
    Ok(after)
}

/// Forgets the failed sign-ins of an account, so that it is not locked any more (89).
pub fn unlock(tx: &mut Tx, before: &User) -> Result<User> {
    rules::still_enabled(before.disabled)?;
    let mut after = before.clone();
    auth::unlock(tx, &after.username)?;
    store::update(tx, &mut after)?;
    event("user.unlocked", &after)
        .field("status", &Status::Active)
        .record(tx)?;
    Ok(after)
}

crate::input! {
    /// The first administrator of a new installation, as the command line is told.
    pub struct FirstAdministrator {
        /// The name to sign in with.
        #[schema(value_type = String)]
        pub username: Username,
        /// The holder's name.
        #[schema(value_type = String)]
        pub name: Name,
        /// The holder's ID number.
        #[schema(value_type = String)]
        pub id_number: CitizenId,
        /// `system_admin` or `security_admin`.
        pub role: Role,
        /// The root, for an installation that has no units yet.
        pub root: NewOrganization,
    }
}

/// Makes an administrator at the root, and the root itself when there is none. `password_hash` is that of a one-time
/// password. Only for the command line: over HTTP, accounts begin without roles and two administrators take part.
pub fn bootstrap(tx: &mut Tx, first: FirstAdministrator, password_hash: String) -> Result<User> {
    rules::first_role(first.role)?;
    first.id_number.born_by(tx.today(), "/id_number")?;
    let root = match organizations::root(tx)? {
        Some(root) => root,
        None => {
            let id = tx.new_id();
            organizations::open(tx, id, first.root)?
        }
    };
    let new = NewUser {
        id: None,
        username: first.username,
        name: first.name,
        id_number: first.id_number,
        organization_id: root.id,
    };
    let id = tx.new_id();
    add(tx, id, new, password_hash, vec![first.role])
}

fn event(action: &'static str, user: &User) -> Event {
    Event::of(action, "user", user.id)
        .organization(user.organization_id)
        .version(user.version)
}
