//! Dated rules: every number a union may change is a row with the days on which it holds.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::Rx;
use crate::db::schema::policies;
use crate::db::types::{Date, Id, Json, Timestamp};
use crate::error::{Error, Result};
use crate::users::UserId;

pub mod rules;
mod store;

pub use rules::{Kind, Rule, Status};

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
    #[schema(value_type = Object)]
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

/// The rule of a kind that holds on a day, with its id. When several do, the one that began last; of those, the one
/// approved last. A missing rule is a refusal (15: cannot assess).
pub fn in_force<T: Rule>(rx: &mut Rx, on: Date) -> Result<(PolicyId, T)> {
    let policy = store::in_force(rx, T::KIND, on)?.ok_or_else(|| {
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

/// A rule by its id, whatever holds today: for judging again what was judged by it.
pub fn by_id<T: Rule>(rx: &mut Rx, id: PolicyId) -> Result<T> {
    Ok(typed(store::find(rx, id)?)?.1)
}

fn typed<T: Rule>(policy: Policy) -> Result<(PolicyId, T)> {
    Ok((
        policy.id,
        serde_json::from_value(policy.values.0).map_err(Error::internal)?,
    ))
}
