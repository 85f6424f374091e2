//! `/policies`

use actix_web::{HttpResponse, get, post};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::rules::Values;
use super::{Kind, Policy, PolicyId, Status, store};
use crate::auth::policy::{ApprovePolicies, ReadPolicies, WritePolicies};
use crate::auth::{Creation, May};
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::db::types::Date;
use crate::error::{FieldError, Result};
use crate::http::Reply;
use crate::http::openapi::IfMatch;
use crate::input::{Fields, Input, Nothing, Text};
use crate::parameters;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(get).service(approve);
}

/// A new rule.
#[derive(Clone, ToSchema)]
pub struct NewPolicy {
    /// Made by the client (UUIDv7), or null.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub id: Option<PolicyId>,
    /// What kind of rule; it decides the form of `values`.
    pub kind: Kind,
    /// First day on which it holds; it may be past.
    #[schema(value_type = String, format = "date")]
    pub valid_from: Date,
    /// Last day; null for open-ended.
    #[schema(value_type = Option<String>, format = "date")]
    pub valid_to: Option<Date>,
    /// The region (GB/T 2260) of a 低保 standard; null for every other kind.
    #[schema(value_type = Option<String>, max_length = 6)]
    pub region_code: Option<Text<6>>,
    /// Its numbers.
    pub values: Values,
}

impl Input for NewPolicy {
    fn read(value: &Value, at: &str, errors: &mut Vec<FieldError>) -> Option<Self> {
        let mut fields = Fields::of(value, at, errors)?;
        let id = fields.take("id", errors);
        let kind: Option<Kind> = fields.take("kind", errors);
        let valid_from = fields.take("valid_from", errors);
        let valid_to = fields.take("valid_to", errors);
        let region_code = fields.take("region_code", errors);
        let values: Option<Value> = fields.take("values", errors);
        fields.finish(errors);
        let values = Values::read(kind?, &values?, &format!("{at}/values"), errors);
        Some(Self {
            id: id?,
            kind: kind?,
            valid_from: valid_from?,
            valid_to: valid_to?,
            region_code: region_code?,
            values: values?,
        })
    }
}

parameters! {
    /// Which rules.
    pub struct PolicyQuery {
        /// Only of this kind.
        #[param(inline)]
        kind: Option<Kind>,
        /// Only in this state.
        #[param(inline)]
        status: Option<Status>,
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

/// The dated rules.
#[utoipa::path(tag = "policies", operation_id = "list_policies", security(("bearer" = ["policies:read"])),
    params(PolicyQuery), responses((status = 200, body = Page<Policy>)))]
#[get("/policies")]
async fn list(may: May<ReadPolicies>) -> Result<HttpResponse> {
    let query: PolicyQuery = may.query()?;
    let ask = Ask::new("policies", query.limit, &query.cursor)?;
    may.read(move |rx| store::list(rx, query.kind, query.status, &ask))
        .await
}

/// One dated rule.
#[utoipa::path(tag = "policies", operation_id = "get_policy", security(("bearer" = ["policies:read"])),
    responses((status = 200, body = Policy)))]
#[get("/policies/{id}")]
async fn get(may: May<ReadPolicies>) -> Result<HttpResponse> {
    let id = may.id("policy")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| store::find(rx, id).map(|policy| (policy.version, policy)))
        .await
}

/// Draft a rule; only at the root.
#[utoipa::path(tag = "policies", operation_id = "create_policy", security(("bearer" = ["policies:write"])),
    request_body = NewPolicy, responses((status = 201, body = Policy), (status = 200, body = Policy, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/policies")]
async fn create(may: May<WritePolicies>) -> Result<HttpResponse> {
    may.actor.scope.at_the_root()?;
    may.write(|tx, sent| {
        let new: NewPolicy = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => {
                store::find(tx, id).map(|policy| Reply::ok(policy.version, &policy).replayed())
            }
            Creation::New(id) => {
                let policy = super::draft(tx, id, new)?;
                Ok(Reply::created(
                    &format!("/policies/{id}"),
                    policy.version,
                    &policy,
                ))
            }
        }
    })
    .await
}

/// Put a rule in force for ever: another person than its drafter, at the root.
#[utoipa::path(tag = "policies", operation_id = "approve_policy", security(("bearer" = ["policies:approve"])),
    params(IfMatch), responses((status = 200, body = Policy)))]
#[post("/policies/{id}/approve")]
async fn approve(may: May<ApprovePolicies>) -> Result<HttpResponse> {
    may.actor.scope.at_the_root()?;
    let id = may.id("policy")?;
    may.write(move |tx, sent| {
        let policy = store::find(tx, id)?;
        sent.expect(tx, id, policy.version)?;
        sent.nothing()?;
        let policy = super::approve(tx, &policy)?;
        Ok(Reply::ok(policy.version, &policy))
    })
    .await
}
