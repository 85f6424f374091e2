//! Dated rules: every number a union may change is a row with the days on which it holds.

use chrono::Months;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::audit::Event;
use crate::db::schema::policies;
use crate::db::types::{Date, Id, Json, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::users::{self, UserId};

pub mod http;
pub mod rules;
mod store;
mod values;

pub use http::NewPolicy;
pub use rules::{DibaoStandard, Kind, Rule, Status, Values};

/// The id of a dated rule.
pub type PolicyId = Id<Policy>;

/// A dated rule.
#[derive(Debug, Clone, HasQuery, Insertable, AsChangeset, Identifiable, Serialize, ToSchema)]
#[diesel(table_name = policies)]
#[diesel(treat_none_as_null = true)]
pub struct Policy {
    /// Its id.
    pub id: PolicyId,
    /// What kind of rule.
    pub kind: Kind,
    /// First day on which it holds.
    pub valid_from: Date,
    /// Last day; null for open-ended.
    pub valid_to: Option<Date>,
    /// The region it holds in; null for everywhere.
    pub region_code: Option<String>,
    /// Its numbers.
    #[diesel(column_name = rules)]
    #[schema(value_type = Values)]
    pub values: Json<serde_json::Value>,
    /// Draft, in force, or superseded.
    pub status: Status,
    /// Who drafted it; null for the rules a new installation starts with.
    pub created_by: Option<UserId>,
    /// Who approved it.
    pub approved_by: Option<UserId>,
    /// When.
    pub approved_at: Option<Timestamp>,
    /// Version, for `If-Match`.
    pub version: i32,
}

/// Drafts a rule. It may begin in the past: decisions keep the rule that they were made by.
pub fn draft(tx: &mut Tx, id: PolicyId, new: NewPolicy) -> Result<Policy> {
    let region_code = new.region_code.map(String::from);
    rules::well_formed(new.kind, new.valid_from, new.valid_to, region_code.as_deref())?;
    let policy = Policy {
        id,
        kind: new.kind,
        valid_from: new.valid_from,
        valid_to: new.valid_to,
        region_code,
        values: Json(serde_json::to_value(new.values).map_err(Error::internal)?),
        status: Status::Draft,
        created_by: Some(tx.actor.user()?),
        approved_by: None,
        approved_at: None,
        version: 1,
    };
    store::insert(tx, &policy)?;
    event("policy.drafted", &policy)
        .field("kind", &policy.kind)
        .field("valid_from", &policy.valid_from)
        .field("valid_to", &policy.valid_to)
        .field("region_code", &policy.region_code)
        .field("values", &policy.values)
        .record(tx)?;
    Ok(policy)
}

/// Puts a draft in force for ever: by another person than its drafter. Rules about the same whose days
/// it covers all become superseded.
pub fn approve(tx: &mut Tx, draft: &Policy) -> Result<Policy> {
    let drafter = match draft.created_by {
        Some(id) => Some(users::find_any(tx, id)?.person),
        None => None,
    };
    rules::may_approve(draft, drafter.as_deref(), &tx.actor.person)?;
    let mut policy = Policy {
        status: Status::InForce,
        approved_by: Some(tx.actor.user()?),
        approved_at: Some(tx.now),
        ..draft.clone()
    };
    store::update(tx, &mut policy)?;
    event("policy.approved", &policy)
        .field("status", &policy.status)
        .field("approved_by", &policy.approved_by)
        .field("approved_at", &policy.approved_at)
        .record(tx)?;
    let about_the_same = store::in_force_of(tx, policy.kind)?;
    for old in about_the_same
        .iter()
        .filter(|old| rules::supersedes(&policy, old))
    {
        let version = store::supersede(tx, old)?;
        Event::of("policy.superseded", "policy", old.id)
            .version(version)
            .field("status", &Status::Superseded)
            .record(tx)?;
    }
    Ok(policy)
}

fn event(action: &'static str, policy: &Policy) -> Event {
    Event::of(action, "policy", policy.id).version(policy.version)
}

/// The 低保 standard of a region, urban or rural, that holds on a day, with its id (15). Without one nobody can be
/// assessed: 409 `no_policy`.
pub fn dibao_standard(rx: &mut Rx, region: &str, urban: bool, on: Date) -> Result<(PolicyId, DibaoStandard)> {
    for policy in store::holding(rx, Kind::DibaoStandard, Some(region), on)? {
        let (id, standard) = typed::<DibaoStandard>(policy)?;
        if standard.urban == urban {
            return Ok((id, standard));
        }
    }
    Err(Error::refused(
        "no_policy",
        crate::say!(
            "{region} 在 {on} 没有生效的低保标准",
            "no 低保 standard of region {region} is in force on {on}"
        ),
    ))
}

/// The rule of a kind that holds on a day, with its id. When several do, the one that began last; of those, the one
/// approved last. A missing rule is a refusal (15: cannot assess).
pub fn in_force<T: Rule>(rx: &mut Rx, on: Date) -> Result<(PolicyId, T)> {
    let holding = store::holding(rx, T::KIND, None, on)?;
    let policy = holding.into_iter().next().ok_or_else(|| {
        let kind = T::KIND;
        Error::refused(
            "no_policy",
            crate::say!(
                "{on} 没有生效的规则：{kind}",
                "no rule of kind {kind} is in force on {on}"
            ),
        )
    })?;
    typed(policy)
}

/// From when on the log stays in the database (83).
pub fn log_kept_from(rx: &mut Rx) -> Result<Timestamp> {
    let today = rx.today();
    let (_, audit) = in_force::<rules::Audit>(rx, today)?;
    let months = u32::try_from(audit.log_months).map_err(Error::internal)?;
    let day = today
        .checked_sub_months(Months::new(months))
        .ok_or_else(|| Error::internal("no such day"))?;
    Ok(Timestamp::on(day, 0, rx.zone))
}

/// A rule by its id, whatever holds today: for judging again what was judged by it.
pub fn by_id<T: Rule>(rx: &mut Rx, id: PolicyId) -> Result<T> {
    let policy = store::find(rx, id)?;
    if policy.kind != T::KIND {
        let detail = crate::say!("规则种类不符", "this rule is of another kind");
        return Err(Error::refused("wrong_kind", detail));
    }
    Ok(typed(policy)?.1)
}

fn typed<T: Rule>(policy: Policy) -> Result<(PolicyId, T)> {
    Ok((
        policy.id,
        serde_json::from_value(policy.values.0).map_err(Error::internal)?,
    ))
}
