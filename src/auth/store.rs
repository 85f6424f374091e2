//! Sessions, refresh tokens and failed sign-ins in SQL.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use diesel::prelude::*;

use super::policy::Permission;
use super::{Actor, Role, Scope};
use crate::db::schema::{
    audit_guests, audit_tasks, login_attempts, organizations, refresh_tokens, sessions, users,
};
use crate::db::types::{Id, Json, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::Result;
use crate::keyring::random;
use crate::organizations::Organization;
use crate::policies::rules::Accounts;
use crate::users::User;

/// A signed-in device.
pub struct Session;

/// The account behind a request, as the database knows it now.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The account.
    pub id: Id<User>,
    /// Its session.
    pub session_id: Id<Session>,
    /// Its roles.
    pub roles: Vec<Role>,
    /// The permissions of an integration; empty for people.
    pub scopes: Vec<String>,
    /// Whether a first or expired password waits to be changed.
    pub must_change_password: bool,
    person: String,
    organization_id: Id<Organization>,
    scope: Scope,
}

impl SignedIn {
    /// The role that grants `P`, if any does; an integration needs the scope by name too, a guest auditor an invitation.
    /// What concerns the own account needs no role: a new account has none yet.
    pub fn grants<P: Permission>(&self) -> Option<&'static str> {
        if P::WITH_OLD_PASSWORD {
            return Some(self.first_role());
        }
        if self.scope == Scope::Nothing {
            return None;
        }
        let role = self.roles.iter().find(|role| P::ROLES.contains(role))?;
        let named = self.scopes.iter().any(|scope| scope == P::NAME);
        (*role != Role::Integration || named).then_some(role.as_str())
    }

    /// For the log.
    pub fn first_role(&self) -> &'static str {
        self.roles.first().map_or("none", |role| role.as_str())
    }

    /// Every permission by name.
    pub fn permissions(&self) -> Vec<&'static str> {
        if self.scope == Scope::Nothing {
            return Vec::new();
        }
        let of = |name: &str| {
            !self.roles.contains(&Role::Integration) || self.scopes.iter().any(|scope| scope == name)
        };
        let granted = super::policy::POLICY
            .iter()
            .filter(|(_, roles)| roles.iter().any(|r| self.roles.contains(r)));
        granted.map(|(name, _)| *name).filter(|name| of(name)).collect()
    }

    /// The account acting under `role`.
    pub fn actor(&self, role: &'static str) -> Actor {
        Actor {
            id: Some(self.id),
            role,
            organization_id: Some(self.organization_id),
            scope: self.scope.clone(),
            person: self.person.clone(),
        }
    }
}

/// The account of a session that has not ended, if the account is not disabled.
pub fn signed_in(rx: &mut Rx, session_id: Id<Session>) -> Result<Option<SignedIn>> {
    type Row = (
        Id<User>,
        Json<Vec<Role>>,
        Json<Vec<String>>,
        bool,
        String,
        Id<Organization>,
        String,
        Option<String>,
    );
    let row: Option<Row> = sessions::table
        .inner_join(users::table.inner_join(organizations::table))
        .filter(sessions::id.eq(session_id))
        .filter(sessions::ended_at.is_null())
        .filter(users::disabled.eq(false))
        .select((
            users::id,
            users::roles,
            users::scopes,
            users::must_change_password,
            users::person,
            users::organization_id,
            organizations::path,
            organizations::parent_id,
        ))
        .get_result(rx.conn)
        .optional()?;
    let Some((id, roles, scopes, must_change_password, person, organization_id, path, parent)) = row else {
        return Ok(None);
    };
    let (organization_id, scope) = match parent {
        _ if roles.0.contains(&Role::GuestAuditor) => match guest_of(rx, id)? {
            Some((audited, path)) => (audited, Scope::Under(path)),
            None => (organization_id, Scope::Nothing),
        },
        Some(_) => (organization_id, Scope::Under(path)),
        None => (organization_id, Scope::All),
    };
    Ok(Some(SignedIn {
        id,
        session_id,
        roles: roles.0,
        scopes: scopes.0,
        must_change_password,
        person,
        organization_id,
        scope,
    }))
}

/// The unit of the audit task that a guest auditor is invited to now, with its place in the tree: the guest works there.
fn guest_of(rx: &mut Rx, user: Id<User>) -> Result<Option<(Id<Organization>, String)>> {
    let (open, today) = (audit_guests::ended_at.is_null(), rx.today());
    let unit = audit_guests::table
        .inner_join(audit_tasks::table.on(audit_tasks::id.eq(audit_guests::task_id)))
        .inner_join(organizations::table.on(organizations::id.eq(audit_tasks::audited_organization_id)))
        .filter(audit_guests::user_id.eq(user).and(open))
        .filter(audit_guests::from_on.le(today))
        .filter(audit_guests::until_on.ge(today))
        .select((organizations::id, organizations::path));
    Ok(unit.get_result(rx.conn).optional()?)
}

/// Begins a session; the answer is its id and its first refresh token.
pub fn new_session(tx: &mut Tx, user: Id<User>) -> Result<(Id<Session>, String)> {
    let id: Id<Session> = tx.new_id();
    let row = (
        sessions::id.eq(id),
        sessions::user_id.eq(user),
        sessions::created_at.eq(tx.now),
        sessions::last_used_at.eq(tx.now),
    );
    diesel::insert_into(sessions::table)
        .values(row)
        .execute(tx.conn)?;
    Ok((id, new_refresh_token(tx, id)?))
}

fn new_refresh_token(tx: &mut Tx, session: Id<Session>) -> Result<String> {
    let token = URL_SAFE_NO_PAD.encode(random::<32>()?);
    let row = (
        refresh_tokens::token_hash.eq(tx.keys.digest("refresh_token", &token)),
        refresh_tokens::session_id.eq(session),
        refresh_tokens::issued_at.eq(tx.now),
    );
    diesel::insert_into(refresh_tokens::table)
        .values(row)
        .execute(tx.conn)?;
    Ok(token)
}

/// Ends every session of a user, but for one that may go on.
pub fn end_sessions(tx: &mut Tx, user: Id<User>, but: Option<Id<Session>>) -> Result<usize> {
    let open = sessions::table
        .filter(sessions::user_id.eq(user))
        .filter(sessions::ended_at.is_null());
    let now = tx.now;
    let ended = match but {
        Some(but) => diesel::update(open.filter(sessions::id.ne(but)))
            .set(sessions::ended_at.eq(now))
            .execute(tx.conn)?,
        None => diesel::update(open)
            .set(sessions::ended_at.eq(now))
            .execute(tx.conn)?,
    };
    Ok(ended)
}

/// Ends one session; `false` when it had ended already.
pub fn end_session(tx: &mut Tx, session: Id<Session>) -> Result<bool> {
    let open = sessions::table
        .filter(sessions::id.eq(session))
        .filter(sessions::ended_at.is_null());
    Ok(diesel::update(open)
        .set(sessions::ended_at.eq(tx.now))
        .execute(tx.conn)?
        == 1)
}

/// What a refresh token turned out to be.
pub enum Refresh {
    /// The session goes on, with a new refresh token.
    Rotated(Id<User>, Id<Session>, String),
    /// It had been used before: somebody else has a copy, and the session has been ended.
    Reused(Id<User>, Id<Session>),
    /// Unknown, expired, or of a session that has ended.
    Invalid,
}

/// Exchanges a refresh token for the next one.
pub fn refresh(tx: &mut Tx, token: &str, policy: &Accounts) -> Result<Refresh> {
    /// Session, when the token was used, user, when the session began, was last used, and ended.
    type Known = (
        Id<Session>,
        Option<Timestamp>,
        Id<User>,
        Timestamp,
        Timestamp,
        Option<Timestamp>,
    );
    let hash = tx.keys.digest("refresh_token", token);
    let row: Option<Known> = refresh_tokens::table
        .inner_join(sessions::table.on(sessions::id.eq(refresh_tokens::session_id)))
        .filter(refresh_tokens::token_hash.eq(&hash))
        .select((
            sessions::id,
            refresh_tokens::used_at,
            sessions::user_id,
            sessions::created_at,
            sessions::last_used_at,
            sessions::ended_at,
        ))
        .get_result(tx.conn)
        .optional()?;
    let Some((session, used_at, user, created_at, last_used_at, ended_at)) = row else {
        return Ok(Refresh::Invalid);
    };
    let fresh = refresh_tokens::table
        .filter(refresh_tokens::token_hash.eq(&hash))
        .filter(refresh_tokens::used_at.is_null());
    let claimed = diesel::update(fresh)
        .set(refresh_tokens::used_at.eq(tx.now))
        .execute(tx.conn)?
        == 1;
    if used_at.is_some() || !claimed {
        end_session(tx, session)?;
        return Ok(Refresh::Reused(user, session));
    }
    let idle = tx.now.since(last_used_at) > TimeDelta::minutes(policy.idle_minutes);
    let old = tx.now.since(created_at) > TimeDelta::hours(policy.session_hours);
    if ended_at.is_some() || idle || old || signed_in(tx, session)?.is_none() {
        end_session(tx, session)?;
        return Ok(Refresh::Invalid);
    }
    let now = tx.now;
    diesel::update(sessions::table.find(session))
        .set(sessions::last_used_at.eq(now))
        .execute(tx.conn)?;
    Ok(Refresh::Rotated(user, session, new_refresh_token(tx, session)?))
}

/// The session that a refresh token belongs to, used or not.
pub fn session_of_refresh_token(rx: &mut Rx, token: &str) -> Result<Option<Id<Session>>> {
    let hash = rx.keys.digest("refresh_token", token);
    Ok(refresh_tokens::table
        .find(hash)
        .select(refresh_tokens::session_id)
        .get_result(rx.conn)
        .optional()?)
}

/// The account that signs in by this name.
#[derive(Debug, Clone, Queryable)]
pub struct Candidate {
    /// The account.
    pub id: Id<User>,
    /// Hash of its password.
    pub password_hash: String,
    /// When the password was last changed.
    pub password_changed_at: Timestamp,
    /// A first password waits to be changed.
    pub must_change_password: bool,
    /// Its roles.
    pub roles: Json<Vec<Role>>,
    /// Its unit.
    pub organization_id: Id<Organization>,
}

/// The enabled account called `username`, whatever the case.
pub fn candidate(rx: &mut Rx, username: &str) -> Result<Option<Candidate>> {
    let found = users::table
        .filter(users::username_key.eq(crate::users::username_key(username)))
        .filter(users::disabled.eq(false))
        .select((
            users::id,
            users::password_hash,
            users::password_changed_at,
            users::must_change_password,
            users::roles,
            users::organization_id,
        ));
    Ok(found.get_result(rx.conn).optional()?)
}

fn name_hash(rx: &Rx, username: &str) -> String {
    rx.keys
        .digest("login_name", &crate::users::username_key(username))
}

/// Counts an attempt before the password is checked, so that attempts at once can't slip through, and says for how
/// many seconds the name is locked, if it is (rule 89). Known and unknown names are treated alike.
pub fn begin_attempt(tx: &mut Tx, username: &str, policy: &Accounts) -> Result<Option<i64>> {
    let hash = name_hash(tx, username);
    let row: Option<(i32, Option<Timestamp>)> = login_attempts::table
        .find(&hash)
        .select((login_attempts::failures, login_attempts::locked_until))
        .get_result(tx.conn)
        .optional()?;
    let lock_time = TimeDelta::minutes(policy.lock_minutes);
    let failures = match row {
        Some((_, Some(until))) if until > tx.now => return Ok(Some(until.since(tx.now).num_seconds() + 1)),
        Some((_, Some(_))) | None => 1,
        Some((failures, None)) => failures + 1,
    };
    let locked_until = (i64::from(failures) >= policy.lock_after_failures).then(|| tx.now.plus(lock_time));
    let user_id: Option<Id<User>> = users::table
        .filter(users::username_key.eq(crate::users::username_key(username)))
        .select(users::id)
        .get_result(tx.conn)
        .optional()?;
    let values = (
        login_attempts::user_id.eq(user_id),
        login_attempts::failures.eq(failures),
        login_attempts::last_at.eq(tx.now),
        login_attempts::locked_until.eq(locked_until),
    );
    if row.is_some() {
        diesel::update(login_attempts::table.find(&hash))
            .set(values)
            .execute(tx.conn)?;
    } else {
        let row = (login_attempts::name_hash.eq(hash), values);
        diesel::insert_into(login_attempts::table)
            .values(row)
            .execute(tx.conn)?;
    }
    Ok(None)
}

/// Forgets the failures of a name: after a sign-in that succeeded, or by hand.
pub fn unlock(tx: &mut Tx, username: &str) -> Result<()> {
    let hash = name_hash(tx, username);
    diesel::delete(login_attempts::table.find(hash)).execute(tx.conn)?;
    Ok(())
}

/// Until when a name is locked, if it is.
pub fn locked_until(rx: &mut Rx, username: &str) -> Result<Option<Timestamp>> {
    let hash = name_hash(rx, username);
    let until: Option<Option<Timestamp>> = login_attempts::table
        .find(hash)
        .select(login_attempts::locked_until)
        .get_result(rx.conn)
        .optional()?;
    Ok(until.flatten().filter(|until| *until > rx.now))
}

/// Forgets refresh tokens and failures that no longer matter.
pub fn cleanup(tx: &mut Tx) -> Result<usize> {
    let (month, day) = (
        tx.now.plus(TimeDelta::days(-30)),
        tx.now.plus(TimeDelta::days(-1)),
    );
    let tokens =
        diesel::delete(refresh_tokens::table.filter(refresh_tokens::issued_at.lt(month))).execute(tx.conn)?;
    let attempts =
        diesel::delete(login_attempts::table.filter(login_attempts::last_at.lt(day))).execute(tx.conn)?;
    Ok(tokens + attempts)
}
