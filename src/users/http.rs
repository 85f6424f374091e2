//! `/users`

use actix_web::web::Data;
use actix_web::{HttpResponse, get, patch, post, put};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::rules::{Status, Username};
use super::store::Filter;
use super::{User, UserId, store};
use crate::auth::password::{Passwords, one_time};
use crate::auth::policy::{GrantRoles, ReadUsers, WriteUsers};
use crate::auth::{Creation, May, Role, accounts_policy};
use crate::db::Rx;
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::error::Result;
use crate::http::Reply;
use crate::http::openapi::IfMatch;
use crate::identity::{CitizenId, mask_id};
use crate::input::{Name, Nothing, Text};
use crate::organizations::OrganizationId;
use crate::{changes, input, parameters};

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(create)
        .service(get)
        .service(change)
        .service(disable)
        .service(reset_password)
        .service(grant)
        .service(unlock);
}

/// An account.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub struct Account {
    /// Its id.
    id: UserId,
    /// The name to sign in with; never given to another account.
    #[schema(example = "wang.fang")]
    username: String,
    /// The holder's name.
    #[schema(example = "王芳")]
    name: String,
    /// The holder's ID number, masked.
    #[schema(example = "3402**********001X")]
    id_number: String,
    /// The unit it belongs to.
    organization_id: OrganizationId,
    /// What it is for.
    roles: Vec<Role>,
    /// Permissions of an integration; empty for people.
    scopes: Vec<String>,
    /// Whether it can be used.
    status: Status,
    /// Whether a first or expired password waits to be changed.
    must_change_password: bool,
    /// Version, for `If-Match`.
    version: i32,
}

/// An account whose password was made just now.
#[derive(Serialize, ToSchema)]
#[schema(as = UserWithPassword)]
struct WithPassword {
    #[serde(flatten)]
    user: Account,
    /// To be handed over in person and changed at the first sign-in; shown this once, null in a repeat by `id`.
    #[schema(example = "k7mq2xw9pfhtd-Z7")]
    one_time_password: Option<String>,
}

/// The account as clients see it.
fn show(rx: &mut Rx, user: User) -> Result<Account> {
    let locked = !store::locked(rx, &[user.id])?.is_empty();
    shown(rx, user, locked)
}

fn shown(rx: &Rx, user: User, locked: bool) -> Result<Account> {
    let status = match (user.disabled, locked) {
        (true, _) => Status::Disabled,
        (false, true) => Status::Locked,
        (false, false) => Status::Active,
    };
    Ok(Account {
        id: user.id,
        username: user.username,
        name: user.name,
        id_number: mask_id(&rx.keys.open("id_number", &user.id_number_sealed)?),
        organization_id: user.organization_id,
        roles: user.roles.0,
        scopes: user.scopes.0,
        status,
        must_change_password: user.must_change_password,
        version: user.version,
    })
}

/// The answer to a change of an account.
fn answer(rx: &mut Rx, user: User) -> Result<Reply> {
    Ok(Reply::ok(user.version, &show(rx, user)?))
}

input! {
    /// A new account; it gets its roles from a security administrator.
    pub struct NewUser {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<UserId>,
        /// The name to sign in with.
        pub username: Username,
        /// The holder's name.
        #[schema(value_type = String, example = "王芳", max_length = 100)]
        pub name: Name,
        /// The holder's ID number.
        pub id_number: CitizenId,
        /// The unit it belongs to.
        #[schema(value_type = String, format = "uuid")]
        pub organization_id: OrganizationId,
    }
}

changes! {
    /// Changes of an account.
    pub struct UserChange {
        /// The holder's name.
        #[schema(value_type = Option<String>, max_length = 100)]
        pub name: Name,
        /// The unit it belongs to.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub organization_id: OrganizationId,
    }
}

input! {
    /// What an account is for.
    pub struct Grant {
        /// All of its roles from now on.
        #[schema(value_type = Vec<Role>)]
        pub roles: Option<Vec<Role>>,
        /// For an integration: what it may do, by the names of permissions.
        #[schema(value_type = Vec<String>, example = json!([]))]
        pub scopes: Vec<Text<40>>,
    }
}

parameters! {
    /// Which accounts.
    pub struct UserQuery {
        /// Only those of this unit.
        #[param(value_type = Option<String>, format = "uuid")]
        organization_id: Option<OrganizationId>,
        /// Only those in this state.
        #[param(inline)]
        status: Option<Status>,
        /// Only those with this role.
        #[param(inline)]
        role: Option<Role>,
        /// Only those whose user name begins so, whatever the case.
        #[param(value_type = Option<String>)]
        username: Option<Text<40>>,
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

/// The accounts of the own subtree (4).
#[utoipa::path(tag = "accounts", operation_id = "list_users", security(("bearer" = ["users:read"])),
    params(UserQuery), responses((status = 200, body = Page<Account>)))]
#[get("/users")]
async fn list(may: May<ReadUsers>) -> Result<HttpResponse> {
    let query: UserQuery = may.query()?;
    let ask = Ask::new("users", query.limit, &query.cursor)?;
    let filter = Filter {
        organization_id: query.organization_id,
        status: query.status,
        role: query.role,
        username: query.username.map(String::from),
    };
    may.read(move |rx| {
        let page = store::list(rx, filter, &ask)?;
        let ids: Vec<_> = page.items.iter().map(|user| user.id).collect();
        let locked = store::locked(rx, &ids)?;
        page.map(|user| {
            let locked = locked.contains(&user.id);
            shown(rx, user, locked)
        })
    })
    .await
}

/// One account.
#[utoipa::path(tag = "accounts", operation_id = "get_user", security(("bearer" = ["users:read"])),
    responses((status = 200, body = Account)))]
#[get("/users/{id}")]
async fn get(may: May<ReadUsers>) -> Result<HttpResponse> {
    let id = may.id("user")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| {
        let user = store::find(rx, id)?;
        Ok((user.version, show(rx, user)?))
    })
    .await
}

/// A one-time password and its hash, computed when it is its turn and before the transaction begins.
async fn fresh(passwords: &Passwords) -> Result<(String, String)> {
    let password = one_time()?;
    let to_hash = password.clone();
    let hash = passwords.in_turn(move |p| p.hash(&to_hash)).await??;
    Ok((password, hash))
}

/// Open an account, without roles (4, 5).
#[utoipa::path(tag = "accounts", operation_id = "create_user", security(("bearer" = ["users:write"])),
    request_body = NewUser, responses((status = 201, body = WithPassword), (status = 200, body = WithPassword, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/users")]
async fn create(may: May<WriteUsers>, passwords: Data<Passwords>) -> Result<HttpResponse> {
    let (password, hash) = fresh(&passwords).await?;
    may.write(move |tx, sent| {
        let new: NewUser = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => {
                let user = store::find(tx, id)?;
                let (version, user) = with_password(tx, user, None)?;
                Ok(Reply::ok(version, &user).replayed())
            }
            Creation::New(id) => {
                let limit = accounts_policy(tx)?.accounts_per_unit;
                let user = super::create(tx, id, new, hash, limit)?;
                let (version, user) = with_password(tx, user, Some(password))?;
                Ok(Reply::created(&format!("/users/{id}"), version, &user))
            }
        }
    })
    .await
}

fn with_password(rx: &mut Rx, user: User, one_time_password: Option<String>) -> Result<(i32, WithPassword)> {
    let user = show(rx, user)?;
    Ok((
        user.version,
        WithPassword {
            user,
            one_time_password,
        },
    ))
}

/// Change the holder's name or the unit of an account (4).
#[utoipa::path(tag = "accounts", operation_id = "update_user", security(("bearer" = ["users:write"])),
    params(IfMatch), request_body = UserChange, responses((status = 200, body = Account)))]
#[patch("/users/{id}")]
async fn change(may: May<WriteUsers>) -> Result<HttpResponse> {
    let id = may.id("user")?;
    may.write(move |tx, sent| {
        let user = store::find(tx, id)?;
        sent.expect(tx, id, user.version)?;
        let change = sent.body()?;
        let limit = accounts_policy(tx)?.accounts_per_unit;
        let user = super::change(tx, &user, change, limit)?;
        answer(tx, user)
    })
    .await
}

/// Disable an account for good; its sessions end at once (4). Nobody disables the own account.
#[utoipa::path(tag = "accounts", operation_id = "disable_user", security(("bearer" = ["users:write"])),
    params(IfMatch), responses((status = 200, body = Account)))]
#[post("/users/{id}/disable")]
async fn disable(may: May<WriteUsers>) -> Result<HttpResponse> {
    let id = may.id("user")?;
    may.write(move |tx, sent| {
        let user = store::find(tx, id)?;
        sent.expect(tx, id, user.version)?;
        sent.nothing()?;
        let user = super::disable(tx, &user)?;
        answer(tx, user)
    })
    .await
}

/// Give an account a one-time password; its sessions end at once (5).
#[utoipa::path(tag = "accounts", operation_id = "reset_user_password", security(("bearer" = ["users:write"])),
    params(IfMatch), responses((status = 200, body = WithPassword)))]
#[post("/users/{id}/reset-password")]
async fn reset_password(may: May<WriteUsers>, passwords: Data<Passwords>) -> Result<HttpResponse> {
    let id = may.id("user")?;
    let (password, hash) = fresh(&passwords).await?;
    may.write(move |tx, sent| {
        let user = store::find(tx, id)?;
        sent.expect(tx, id, user.version)?;
        sent.nothing()?;
        let user = super::reset_password(tx, &user, hash)?;
        let (version, user) = with_password(tx, user, Some(password))?;
        Ok(Reply::ok(version, &user))
    })
    .await
}

/// Say what an account is for; its sessions end at once (6, 7). Nobody changes the own roles.
#[utoipa::path(tag = "accounts", operation_id = "update_user_roles", security(("bearer" = ["users:roles"])),
    params(IfMatch), request_body = Grant, responses((status = 200, body = Account)))]
#[put("/users/{id}/roles")]
async fn grant(may: May<GrantRoles>) -> Result<HttpResponse> {
    let id = may.id("user")?;
    may.write(move |tx, sent| {
        let user = store::find(tx, id)?;
        sent.expect(tx, id, user.version)?;
        let user = super::grant(tx, &user, sent.body()?)?;
        answer(tx, user)
    })
    .await
}

/// Forget the failed sign-ins of an account (89).
#[utoipa::path(tag = "accounts", operation_id = "unlock_user", security(("bearer" = ["users:roles"])),
    params(IfMatch), responses((status = 200, body = Account)))]
#[post("/users/{id}/unlock")]
async fn unlock(may: May<GrantRoles>) -> Result<HttpResponse> {
    let id = may.id("user")?;
    may.write(move |tx, sent| {
        let user = store::find(tx, id)?;
        sent.expect(tx, id, user.version)?;
        sent.nothing()?;
        let user = super::unlock(tx, &user)?;
        answer(tx, user)
    })
    .await
}
