//! Dated rules in SQL.

use diesel::prelude::*;

use super::{Kind, Policy, PolicyId, Status};
use crate::db::Rx;
use crate::db::schema::policies;
use crate::db::types::Date;
use crate::error::{Error, Result};

/// A dated rule; everybody may know the rules.
pub(super) fn find(rx: &mut Rx, id: PolicyId) -> Result<Policy> {
    Policy::query()
        .filter(policies::id.eq(id))
        .first(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("policy"))
}

/// The rule of a kind, without region, that holds on a day.
pub(super) fn in_force(rx: &mut Rx, kind: Kind, on: Date) -> Result<Option<Policy>> {
    let holds = Policy::query()
        .filter(policies::kind.eq(kind))
        .filter(policies::status.ne(Status::Draft))
        .filter(policies::region_code.is_null())
        .filter(policies::valid_from.le(on))
        .filter(policies::valid_to.is_null().or(policies::valid_to.ge(on)));
    let latest = (
        policies::valid_from.desc(),
        policies::approved_at.desc(),
        policies::id.desc(),
    );
    Ok(holds.order(latest).first(rx.conn).optional()?)
}
