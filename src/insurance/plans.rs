//! Insurance plans: rows that are never changed, only followed by a later revision (85).

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::store;
use crate::audit::Event;
use crate::auth::Scope;
use crate::db::schema::insurance_plans;
use crate::db::types::{Date, Fen, Id, Json, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::{Error, FieldError, Result};
use crate::input::{Name, Text};
use crate::members::Group;
use crate::users::UserId;
use crate::{input, say};

/// The id of a plan.
pub type PlanId = Id<Plan>;

/// A plan of an insurer, one revision of it.
#[derive(Debug, Clone, HasQuery, Insertable, Serialize, ToSchema)]
#[diesel(table_name = insurance_plans)]
#[schema(as = InsurancePlan)]
pub struct Plan {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: PlanId,
    /// Its code.
    #[schema(example = "accident")]
    pub code: String,
    /// The how-manieth of the code.
    pub revision: i32,
    /// Its name.
    #[schema(example = "在职职工意外伤害互助保障")]
    pub name: String,
    /// Who insures.
    pub insurer: String,
    /// Price of a share for the whole term.
    #[schema(example = 5000)]
    pub share_price_fen: Fen,
    /// Months that a cover lasts.
    #[schema(example = 12)]
    pub term_months: i32,
    /// Age in whole years at the start, at least.
    #[schema(example = 16)]
    pub age_from: i32,
    /// Age in whole years at the start, at most.
    #[schema(example = 60)]
    pub age_to: i32,
    /// Shares of a person at most.
    #[schema(example = 3)]
    pub max_shares: i32,
    /// Whether everybody on a list has the same shares.
    pub equal_shares: bool,
    /// First day on which it is applied for; null for no limit.
    pub apply_from: Option<Date>,
    /// Last day; null for no limit.
    pub apply_to: Option<Date>,
    /// Groups of members that it is for; none for all members.
    #[diesel(column_name = for_groups)]
    #[schema(value_type = Vec<Group>)]
    pub groups: Json<Vec<Group>>,
    /// First day on which a cover by it starts.
    pub valid_from: Date,
    /// Last day on which one starts; null for open-ended.
    pub valid_to: Option<Date>,
    /// Who gave it; null for the plans a new installation starts with.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: Timestamp,
}

input! {
    /// A plan of an insurer; of a known code it is the next revision.
    #[schema(as = NewInsurancePlan)]
    pub struct NewPlan {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<PlanId>,
        /// Its code.
        #[schema(value_type = String, example = "accident", max_length = 40)]
        pub code: Text<40>,
        /// Its name.
        #[schema(value_type = String, example = "在职职工意外伤害互助保障", max_length = 100)]
        pub name: Name,
        /// Who insures.
        #[schema(value_type = String, example = "中国职工保险互助会", max_length = 100)]
        pub insurer: Name,
        /// Price of a share for the whole term, in fen.
        #[schema(example = 5000)]
        pub share_price_fen: Fen,
        /// Months that a cover lasts, 1 to 120.
        #[schema(example = 12)]
        pub term_months: i64,
        /// Age in whole years at the start, at least; null for 16.
        #[schema(example = 16)]
        pub age_from: Option<i64>,
        /// Age in whole years at the start, at most; null for 60.
        #[schema(example = 60)]
        pub age_to: Option<i64>,
        /// Shares of a person at most; null for 3.
        #[schema(example = 3)]
        pub max_shares: Option<i64>,
        /// Whether everybody on a list has the same shares; null for yes.
        pub equal_shares: Option<bool>,
        /// First day on which it is applied for, or null.
        #[schema(example = "2020-01-01")]
        pub apply_from: Option<Date>,
        /// Last day, or null.
        #[schema(example = "2020-12-31")]
        pub apply_to: Option<Date>,
        /// Groups of members that it is for; none for all members.
        #[schema(example = json!(["courier", "delivery_rider"]))]
        pub groups: Vec<Group>,
        /// First day on which a cover by it starts.
        #[schema(example = "2020-01-01")]
        pub valid_from: Date,
        /// Last day on which one starts, or null.
        #[schema(example = json!(null))]
        pub valid_to: Option<Date>,
    }
}

/// Keeps a plan, at the root.
pub(super) fn keep(tx: &mut Tx, id: PlanId, new: NewPlan) -> Result<Plan> {
    if tx.actor.scope != Scope::All {
        return Err(Error::Forbidden);
    }
    let code = String::from(new.code);
    let small = |n: i64| i32::try_from(n).unwrap_or(i32::MAX);
    let plan = Plan {
        id,
        revision: store::newest_revision(tx, &code, None)? + 1,
        code,
        name: new.name.into(),
        insurer: new.insurer.into(),
        share_price_fen: new.share_price_fen,
        term_months: small(new.term_months),
        age_from: small(new.age_from.unwrap_or(16)),
        age_to: small(new.age_to.unwrap_or(60)),
        max_shares: small(new.max_shares.unwrap_or(3)),
        equal_shares: new.equal_shares.unwrap_or(true),
        apply_from: new.apply_from,
        apply_to: new.apply_to,
        groups: Json(new.groups),
        valid_from: new.valid_from,
        valid_to: new.valid_to,
        created_by: Some(tx.actor.user()?),
        created_at: tx.now,
    };
    let faults = faults(&plan);
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    store::insert_plan(tx, &plan)?;
    Event::of("insurance_plan.kept", "insurance_plan", id)
        .field("code", &plan.code)
        .field("revision", &plan.revision)
        .field("share_price_fen", &plan.share_price_fen)
        .record(tx)?;
    Ok(plan)
}

/// Numbers by which nobody could be insured.
fn faults(plan: &Plan) -> Vec<FieldError> {
    let between = |pointer: &'static str, n: i64, min: i64, max: i64| {
        let detail = say!("须为 {min} 到 {max}", "must be from {min} to {max}");
        (!(min..=max).contains(&n)).then(|| FieldError::new(pointer, "out_of_range", detail))
    };
    let after = |pointer: &'static str, from: Option<Date>, to: Option<Date>| {
        let detail = say!("不得早于开始日", "must not be before the beginning");
        let wrong = from.zip(to).is_some_and(|(from, to)| to < from);
        wrong.then(|| FieldError::new(pointer, "end_before_begin", detail))
    };
    let most = 100_000_000 / i64::from(plan.max_shares.max(1));
    let checks = [
        between("/share_price_fen", plan.share_price_fen.0, 1, most),
        between("/term_months", plan.term_months.into(), 1, 120),
        between("/age_from", plan.age_from.into(), 0, 120),
        between("/age_to", plan.age_to.into(), plan.age_from.into(), 120),
        between("/max_shares", plan.max_shares.into(), 1, 100),
        after("/apply_to", plan.apply_from, plan.apply_to),
        after("/valid_to", Some(plan.valid_from), plan.valid_to),
    ];
    checks.into_iter().flatten().collect()
}

/// A plan that a body names, else 422.
pub(super) fn referred(rx: &mut Rx, id: PlanId) -> Result<Plan> {
    store::plan(rx, id)?.ok_or_else(|| Error::unknown_reference("/plan_id"))
}
