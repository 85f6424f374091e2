//! Signing in: sessions begin here, go on with refresh tokens, and failures are counted.

use std::sync::Arc;

use chrono::TimeDelta;
use serde::Serialize;
use utoipa::ToSchema;

use super::password::Passwords;
use super::store::{self, Candidate, Refresh};
use super::token::Tokens;
use super::{Actor, Role};
use crate::audit;
use crate::db::types::Id;
use crate::db::{Db, Tx};
use crate::error::{Error, Result};
use crate::policies::{self, rules::Accounts};
use crate::users::{self, User, UserId};

/// The answer of the token endpoint.
#[derive(Serialize, ToSchema)]
pub struct TokenAnswer {
    /// Send it as `Authorization: Bearer …`.
    access_token: String,
    /// Exchange it once for the next pair; null for integrations.
    refresh_token: Option<String>,
    /// `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds until the access token expires.
    #[schema(example = 900)]
    expires_in: i64,
    /// Until the password is changed, only `/me`, `/auth/password` and `/auth/revoke` are open.
    must_change_password: bool,
}

/// What signing in needs.
pub(super) struct Door {
    pub db: Db,
    pub tokens: Arc<Tokens>,
    pub passwords: Passwords,
    pub request_id: String,
}

impl Door {
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.db
            .write(Actor::system(), self.request_id.clone(), work)
            .await
    }

    /// A new session for whoever knows the password: of a person, or of a program.
    pub async fn sign_in(&self, name: String, password: String, integration: bool) -> Result<TokenAnswer> {
        let wrong = if integration {
            Error::OAuth("invalid_client")
        } else {
            Error::OAuth("invalid_grant")
        };
        let of = name.clone();
        let (locked, candidate, policy) = self
            .write(move |tx| {
                let policy = accounts_policy(tx)?;
                let locked = store::begin_attempt(tx, &of, &policy)?;
                let candidate = store::candidate(tx, &of)?;
                Ok((
                    locked,
                    candidate.filter(|c| c.roles.0.contains(&Role::Integration) == integration),
                    policy,
                ))
            })
            .await?;
        if let Some(seconds) = locked {
            return Err(Error::TooMany(u64::try_from(seconds).unwrap_or(1)));
        }
        let hash = candidate.as_ref().map(|c| c.password_hash.clone());
        let right = self
            .passwords
            .in_turn(move |p| p.check(&password, hash.as_deref()))
            .await?;
        let Some(candidate) = candidate.clone().filter(|_| right) else {
            self.write(move |tx| record_failure(tx, &name, candidate)).await?;
            return Err(wrong);
        };
        let tokens = self.tokens.clone();
        self.write(move |tx| begin_session(tx, &tokens, &name, &candidate, &policy))
            .await
    }

    /// The next tokens of a session. A refresh token used twice ends it.
    pub async fn refresh(&self, token: String) -> Result<TokenAnswer> {
        let tokens = self.tokens.clone();
        let done = self.write(move |tx| {
            let policy = accounts_policy(tx)?;
            match store::refresh(tx, &token, &policy)? {
                Refresh::Rotated(user, session, next) => {
                    let must_change_password =
                        store::signed_in(tx, session)?.is_some_and(|s| s.must_change_password);
                    answer(tx, &tokens, user, session, Some(next), must_change_password).map(Some)
                }
                Refresh::Reused(user, session) => {
                    audit::Event::of("session.reuse_detected", "user", user)
                        .reason(session.to_string())
                        .record(tx)?;
                    Ok(None)
                }
                Refresh::Invalid => Ok(None),
            }
        });
        done.await?.ok_or(Error::OAuth("invalid_grant"))
    }
}

/// The rules for accounts that are in force now.
pub fn accounts_policy(tx: &mut Tx) -> Result<Accounts> {
    let today = tx.today();
    Ok(policies::in_force::<Accounts>(tx, today)?.1)
}

fn begin_session(
    tx: &mut Tx,
    tokens: &Tokens,
    name: &str,
    who: &Candidate,
    policy: &Accounts,
) -> Result<TokenAnswer> {
    store::unlock(tx, name)?;
    let integration = who.roles.0.contains(&Role::Integration);
    let expired = tx.now.since(who.password_changed_at) > TimeDelta::days(policy.password_max_age_days);
    if expired && !integration && !who.must_change_password {
        users::require_new_password(tx, who.id)?;
    }
    let must_change_password = !integration && (who.must_change_password || expired);
    let (session, refresh_token) = store::new_session(tx, who.id)?;
    audit::Event::of("session.started", "user", who.id)
        .organization(who.organization_id)
        .record(tx)?;
    answer(
        tx,
        tokens,
        who.id,
        session,
        (!integration).then_some(refresh_token),
        must_change_password,
    )
}

fn answer(
    tx: &mut Tx,
    tokens: &Tokens,
    user: UserId,
    session: Id<store::Session>,
    refresh_token: Option<String>,
    must_change_password: bool,
) -> Result<TokenAnswer> {
    let access_token = tokens.issue(tx, user, session)?;
    let expires_in = tokens.valid.num_seconds();
    Ok(TokenAnswer {
        access_token,
        refresh_token,
        token_type: "Bearer",
        expires_in,
        must_change_password,
    })
}

/// A failed sign-in is an event; when it locks the account, its sessions end at once.
pub(super) fn record_failure(tx: &mut Tx, name: &str, who: Option<Candidate>) -> Result<()> {
    let locked = store::locked_until(tx, name)?.is_some();
    let Some(who) = who else {
        return audit::Event::of::<User>("session.refused", "user", None).record(tx);
    };
    audit::Event::of("session.refused", "user", who.id)
        .organization(who.organization_id)
        .record(tx)?;
    if locked {
        store::end_sessions(tx, who.id, None)?;
        audit::Event::of("account.locked", "user", who.id)
            .organization(who.organization_id)
            .record(tx)?;
    }
    Ok(())
}
