//! `/auth`, `/me` and the public keys.

use actix_web::web::{Bytes, Data};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::door::{Door, TokenAnswer, accounts_policy, record_failure};
use super::limit::AddressLimit;
use super::password::{self, Passwords};
use super::policy::Oneself;
use super::store;
use super::token::{PublicKeys, Tokens};
use super::{Actor, May, Role, Scope};
use crate::db::Db;
use crate::db::types::Timestamp;
use crate::error::{Error, Problem, Result};
use crate::http::{Reply, RequestId};
use crate::input::Text;
use crate::organizations::{self, Organization};
use crate::users::{self, UserId};
use crate::{audit, input, say};

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(create_token)
        .service(revoke_token)
        .service(change_password)
        .service(me);
}

/// The form of the token endpoint (RFC 6749).
#[derive(Deserialize, ToSchema)]
pub struct TokenForm {
    /// `password`, `refresh_token` or `client_credentials`.
    #[schema(example = "password")]
    grant_type: String,
    /// For `password`.
    #[schema(example = "caseworker")]
    username: Option<String>,
    /// For `password`.
    #[schema(example = "Bangfu-2020")]
    password: Option<String>,
    /// For `refresh_token`.
    refresh_token: Option<String>,
    /// For `client_credentials`, unless sent by HTTP Basic.
    client_id: Option<String>,
    /// For `client_credentials`, unless sent by HTTP Basic.
    client_secret: Option<String>,
}

/// The form of the revocation endpoint (RFC 7009).
#[derive(Deserialize, ToSchema)]
pub struct RevokeForm {
    /// A refresh or an access token.
    token: String,
    /// Not needed.
    #[serde(rename = "token_type_hint")]
    _hint: Option<String>,
}

/// The most bytes that a form of the token endpoints takes.
const FORM_LIMIT: usize = 16_384;

fn form<T: serde::de::DeserializeOwned>(req: &HttpRequest, body: &[u8]) -> Result<T> {
    let is_form = req
        .content_type()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded");
    if body.len() > FORM_LIMIT {
        return Err(Error::TooLarge(FORM_LIMIT));
    }
    if !is_form {
        return Err(Error::OAuth("invalid_request"));
    }
    let parsed = actix_web::web::Query::<T>::from_query(std::str::from_utf8(body).unwrap_or_default());
    parsed
        .map(actix_web::web::Query::into_inner)
        .map_err(|_| Error::OAuth("invalid_request"))
}

/// Sign in, or go on with a refresh token (OAuth 2.0, RFC 6749).
///
/// Unknown users and wrong passwords get the same answer in the same time; a locked name gets 429 (rule 89).
#[utoipa::path(tag = "accounts", operation_id = "create_token",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, body = TokenAnswer)))]
#[post("/auth/token")]
async fn create_token(
    req: HttpRequest,
    body: Bytes,
    db: Data<Db>,
    tokens: Data<Tokens>,
    passwords: Data<Passwords>,
    limit: Data<AddressLimit>,
) -> Result<HttpResponse> {
    limit.check(&req)?;
    let form: TokenForm = form(&req, &body)?;
    let request_id = RequestId::of(&req);
    let required = |field: Option<String>| {
        field
            .filter(|f| f.len() <= 256 && !f.contains('\0'))
            .ok_or(Error::OAuth("invalid_request"))
    };
    let door = Door {
        db: (**db).clone(),
        tokens: tokens.into_inner(),
        passwords: (**passwords).clone(),
        request_id,
    };
    let answer = match form.grant_type.as_str() {
        "password" => {
            door.sign_in(required(form.username)?, required(form.password)?, false)
                .await?
        }
        "client_credentials" => {
            let (id, secret) = match basic(&req) {
                Some(pair) => pair,
                None => (required(form.client_id)?, required(form.client_secret)?),
            };
            door.sign_in(id, secret, true).await?
        }
        "refresh_token" => door.refresh(required(form.refresh_token)?).await?,
        _ => return Err(Error::OAuth("unsupported_grant_type")),
    };
    Ok(HttpResponse::Ok()
        .insert_header(("Pragma", "no-cache"))
        .json(answer))
}

fn basic(req: &HttpRequest) -> Option<(String, String)> {
    let header = req.headers().get("authorization")?.to_str().ok()?;
    let (scheme, pair) = header.split_once(' ')?;
    let decoded = STANDARD
        .decode(Some(pair).filter(|_| scheme.eq_ignore_ascii_case("basic"))?)
        .ok()?;
    let (id, secret) = std::str::from_utf8(&decoded)
        .ok()?
        .split_once(':')
        .map(|(i, s)| (i.to_owned(), s.to_owned()))?;
    Some((id, secret)).filter(|(id, secret)| id.len() <= 256 && secret.len() <= 256)
}

/// Revoke a token (RFC 7009): its session ends, with every token of it. Unknown tokens are no error.
#[utoipa::path(tag = "accounts", operation_id = "revoke_token",
    request_body(content = RevokeForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "revoked, or nothing to revoke")))]
#[post("/auth/revoke")]
async fn revoke_token(
    req: HttpRequest,
    body: Bytes,
    db: Data<Db>,
    tokens: Data<Tokens>,
) -> Result<HttpResponse> {
    let form: RevokeForm = form(&req, &body)?;
    let tokens = tokens.into_inner();
    db.write(Actor::system(), RequestId::of(&req), move |tx| {
        let session = match store::session_of_refresh_token(tx, &form.token)? {
            Some(session) => Some(session),
            None => tokens.verify(tx, &form.token).ok().map(|claims| claims.sid),
        };
        let Some(session) = session else { return Ok(()) };
        let Some(user) = store::signed_in(tx, session)? else {
            return Ok(());
        };
        store::end_session(tx, session)?;
        audit::Event::of("session.ended", "user", user.id).record(tx)
    })
    .await?;
    Ok(HttpResponse::Ok().finish())
}

input! {
    /// A change of one's own password.
    pub struct PasswordChange {
        /// The present password.
        #[schema(value_type = String, example = "Bangfu-2020")]
        current_password: Text<256>,
        /// The new one: at least 8 characters of 3 classes by default.
        #[schema(value_type = String, example = "Chunjie-2021")]
        new_password: Text<256>,
    }
}

/// Change one's own password (5). Other sessions of the account end.
#[utoipa::path(tag = "accounts", operation_id = "change_password", security(("bearer" = ["self"])),
    request_body = PasswordChange, responses((status = 200, body = Me), (status = 429, body = Problem, content_type = "application/problem+json", description = "过于频繁 · too many attempts, see Retry-After")))]
#[post("/auth/password")]
async fn change_password(
    may: May<Oneself>,
    passwords: Data<Passwords>,
    demo: Data<Demo>,
) -> Result<HttpResponse> {
    if let Some(answer) = may.answered().await? {
        return Ok(answer);
    }
    let change: PasswordChange = may.body()?;
    let (current, new) = (
        change.current_password.to_string(),
        change.new_password.to_string(),
    );
    if current == new {
        return Err(Error::invalid(
            "/new_password",
            "same_password",
            say!("须与原密码不同", "must differ from the present one"),
        ));
    }
    let (user, demo) = (may.user.clone(), demo.0);
    let (id, db, wanted) = (user.id, may.db().clone(), new.clone());
    let account = db
        .write(may.actor.clone(), may.request_id().to_owned(), move |tx| {
            let account = users::find_any(tx, id)?;
            let policy = accounts_policy(tx)?;
            password::check_new(&wanted, &account.username, &policy, "/new_password")?;
            match store::begin_attempt(tx, &account.username, &policy)? {
                Some(seconds) => Err(Error::TooMany(u64::try_from(seconds).unwrap_or(1))),
                None => Ok(account),
            }
        })
        .await?;
    let old_hash = account.password_hash.clone();
    let (right, hash) = passwords
        .in_turn(move |p| (p.check(&current, Some(&old_hash)), p.hash(&new)))
        .await?;
    if !right {
        let name = account.username;
        db.write(may.actor.clone(), may.request_id().to_owned(), move |tx| {
            let who = store::candidate(tx, &name)?;
            record_failure(tx, &name, who)
        })
        .await?;
        return Err(Error::invalid(
            "/current_password",
            "wrong_password",
            say!("当前密码不对", "the present password is wrong"),
        ));
    }
    let hash = hash?;
    may.write(move |tx, _| {
        store::unlock(tx, &account.username)?;
        store::end_sessions(tx, user.id, Some(user.session_id))?;
        users::set_password(tx, user.id, hash, false)?;
        audit::Event::of("user.password_changed", "user", user.id).record(tx)?;
        let user = store::signed_in(tx, user.session_id)?.ok_or(Error::Unauthenticated)?;
        Ok(Reply::plain(&own_account(tx, &user, demo)?))
    })
    .await
}

/// Whether the service runs with demo data.
pub struct Demo(pub bool);

/// One's own account.
#[derive(Serialize, ToSchema)]
pub struct Me {
    user: Myself,
    organization: Organization,
    roles: Vec<Role>,
    /// What the account may do.
    permissions: Vec<String>,
    /// Whether the service runs with demo data.
    demo: bool,
    /// The moment by the server's clock.
    server_time: Timestamp,
}

/// The account itself.
#[derive(Serialize, ToSchema)]
pub struct Myself {
    id: UserId,
    #[schema(example = "caseworker")]
    username: String,
    #[schema(example = "王芳")]
    name: String,
    must_change_password: bool,
}

fn own_account(rx: &mut crate::db::Rx, user: &store::SignedIn, demo: bool) -> Result<Me> {
    let account = users::find_any(rx, user.id)?;
    let organization = organizations::find_any(rx, account.organization_id)?;
    let myself = Myself {
        id: user.id,
        username: account.username,
        name: account.name,
        must_change_password: user.must_change_password,
    };
    let permissions = user.permissions().into_iter().map(str::to_owned).collect();
    Ok(Me {
        user: myself,
        organization,
        roles: user.roles.clone(),
        permissions,
        demo,
        server_time: rx.now,
    })
}

/// Who am I, and what may I do?
#[utoipa::path(tag = "accounts", operation_id = "get_me", security(("bearer" = ["self"])), responses((status = 200, body = Me)))]
#[get("/me")]
async fn me(may: May<Oneself>, demo: Data<Demo>) -> Result<HttpResponse> {
    may.query::<input::Nothing>()?;
    let (user, demo) = (may.user.clone(), demo.0);
    may.read(move |rx| own_account(rx, &user, demo)).await
}

/// The public keys of access tokens (RFC 7517).
#[utoipa::path(tag = "service", operation_id = "get_jwks", responses((status = 200, body = PublicKeys)))]
#[get("/.well-known/jwks.json")]
pub async fn jwks(db: Data<Db>, tokens: Data<Tokens>) -> Result<HttpResponse> {
    let tokens = tokens.into_inner();
    Ok(HttpResponse::Ok().json(db.read(Scope::All, move |rx| tokens.public_keys(rx)).await?))
}
