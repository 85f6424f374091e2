//! How many people of the eight groups are insured, against the target of the year (84).
//!
//! Somebody counts for the year in which the cover begins. It is counted from an index of that year, never from the table.

use serde::Serialize;
use utoipa::ToSchema;

use crate::db::Rx;
use crate::db::types::year_bounds;
use crate::error::{Error, Result};
use crate::members::Group;
use crate::organizations::{self, OrganizationId};
use crate::policies::{self, rules::InsuranceTarget};
use crate::text_enum;

pub(super) mod http;
mod rules;
mod store;

text_enum! {
    /// By what coverage is divided.
    #[schema(as = CoverageGroupBy)]
    pub enum GroupBy {
        /// By the eight groups.
        Group = "group",
        /// By units.
        Organization = "organization",
    }
}

/// A number of people and their shares.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = CoverageCount)]
pub struct Count {
    /// Different people.
    #[schema(example = 1)]
    pub people: i64,
    /// Covers: somebody with two plans has two.
    #[schema(example = 1)]
    pub enrolled: i64,
    /// Shares.
    #[schema(example = 1)]
    pub shares: i64,
}

/// One of the eight groups, or a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = CoverageGroup)]
pub struct Part {
    /// Code of the group, or id of the unit.
    #[schema(example = "courier")]
    pub id: String,
    /// Its name.
    #[schema(example = "快递员")]
    pub name: String,
}

/// Coverage of a group or a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = CoverageLine)]
pub struct Line {
    /// Of what.
    pub group: Part,
    /// How many people are to be insured; null when nobody said.
    #[schema(example = 1500)]
    pub target: Option<i64>,
    /// How many are.
    #[serde(flatten)]
    pub count: Count,
}

/// Coverage of a year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = InsuranceCoverage)]
pub struct Coverage {
    /// The year in which the covers begin.
    #[schema(example = 2020)]
    pub year: i32,
    /// The unit, with the units below it.
    pub organization_id: OrganizationId,
    /// How many people of the eight groups are to be insured; null when nobody said.
    #[schema(example = 8700)]
    pub target: Option<i64>,
    /// People of the eight groups.
    pub total: Count,
    /// Members of none of the groups: they count for no target.
    pub others: Count,
    /// Each group, or each unit that has a target or insured people of the groups.
    pub items: Vec<Line>,
}

/// Coverage of a year in a unit and below it.
fn coverage(rx: &mut Rx, year: i32, unit: OrganizationId, group_by: GroupBy) -> Result<Coverage> {
    let unit = organizations::find(rx, unit)?;
    organizations::narrow(rx, Some(unit.id))?;
    let target = target(rx, year)?;
    let at_root = unit.parent_id.is_none();
    let items = match group_by {
        GroupBy::Group => rules::by_group(&store::by_group(rx, year)?, target.as_ref().filter(|_| at_root)),
        GroupBy::Organization => {
            let counts = store::by_unit(rx, year)?;
            rules::by_unit(store::units(rx)?, &counts, target.as_ref())
        }
    };
    Ok(Coverage {
        year,
        organization_id: unit.id,
        target: target.and_then(|target| rules::target_of(&target, &unit.code, at_root)),
        total: store::total(rx, year, true)?,
        others: store::total(rx, year, false)?,
        items,
    })
}

/// The target in force on the last day of a year, if there is one.
fn target(rx: &mut Rx, year: i32) -> Result<Option<InsuranceTarget>> {
    match policies::in_force::<InsuranceTarget>(rx, year_bounds(year).1) {
        Ok((_, target)) => Ok(Some(target)),
        Err(Error::Refused { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The name of a group.
fn name(group: Group) -> &'static str {
    match group {
        Group::TruckDriver => "货车司机",
        Group::Courier => "快递员",
        Group::CareWorker => "护工护理员",
        Group::DomesticWorker => "家政服务员",
        Group::MallInformation => "商场信息员",
        Group::DeliveryRider => "网约送餐员",
        Group::RealEstateAgent => "房产中介员",
        Group::SecurityGuard => "保安员",
    }
}
