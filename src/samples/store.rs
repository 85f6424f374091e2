//! Samples in SQL.

use std::collections::HashMap;

use diesel::prelude::*;

use super::rules::{self, Item};
use super::{Of, Sample, SampleId, StratifyBy, TaskId};
use crate::audit::tree::Hash;
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::{audit_samples, files, payments};
use crate::db::types::{Date, Fen, Id};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::organizations::{self as units, OrganizationId};
use crate::payments as paying;
use crate::within;

/// A sample of a unit in scope.
pub(super) fn find(rx: &mut Rx, id: SampleId) -> Result<Sample> {
    let mut query = Sample::query().filter(audit_samples::id.eq(id)).into_boxed();
    within!(one query, audit_samples::organization_id, rx);
    query
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("audit_sample"))
}

/// Samples of units in scope, by id.
pub(super) fn list(
    rx: &mut Rx,
    unit: Option<OrganizationId>,
    task: Option<TaskId>,
    ask: &Ask,
) -> Result<Page<Sample>> {
    units::narrow(rx, unit)?;
    let mut query = Sample::query().into_boxed();
    within!(query, audit_samples::organization_id, rx);
    if let Some(task) = task {
        query = query.filter(audit_samples::task_id.eq(task));
    }
    if let Some(after) = ask.after_id() {
        let after: SampleId = after.parse().map_err(|_| bad_cursor())?;
        query = query.filter(audit_samples::id.gt(after));
    }
    let rows = query.order(audit_samples::id).limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |sample: &Sample| (String::new(), sample.id.to_string())))
}

/// What there is to draw from in the scope: one more than may be at most, to know when there are too many.
pub(super) fn population_of(
    rx: &mut Rx,
    of: Of,
    time: (Date, Date),
    by: Option<StratifyBy>,
) -> Result<Vec<Item>> {
    let units = units::subtree(rx)?.into_iter();
    let codes: HashMap<_, _> = units.map(|unit| (unit.id, unit.code)).collect();
    let item = |(id, amount, unit): Row| Item {
        id: id.to_string(),
        stratum: rules::stratum(by, codes.get(&unit).map_or("", String::as_str), amount),
        amount_fen: amount.0,
    };
    let rows = match of {
        Of::Payments => paid(rx, time)?,
        Of::Files => on_file(rx, time)?,
    };
    Ok(rows.into_iter().map(item).collect())
}

/// A record with its amount and its unit.
type Row = (Id<()>, Fen, OrganizationId);

fn paid(rx: &mut Rx, (from, to): (Date, Date)) -> Result<Vec<Row>> {
    let mut query = payments::table
        .filter(payments::paid_on.ge(from))
        .filter(payments::paid_on.le(to))
        .filter(payments::status.eq(paying::Status::Paid))
        .select((payments::id, payments::amount_fen, payments::organization_id))
        .into_boxed();
    within!(one query, payments::organization_id, rx);
    Ok(query.limit(rules::MOST + 1).load(rx.conn)?)
}

fn on_file(rx: &mut Rx, (from, to): (Date, Date)) -> Result<Vec<Row>> {
    let mut query = files::table
        .filter(files::opened_on.le(to))
        .filter(files::closed_on.is_null().or(files::closed_on.ge(from)))
        .select((files::id, files::organization_id))
        .into_boxed();
    within!(query, files::organization_id, rx);
    let rows: Vec<(Id<()>, OrganizationId)> = query.limit(rules::MOST + 1).load(rx.conn)?;
    Ok(rows.into_iter().map(|(id, unit)| (id, Fen(0), unit)).collect())
}

pub(super) fn insert(tx: &mut Tx, sample: &Sample, population: &str) -> Result<()> {
    let row = (
        audit_samples::id.eq(sample.id),
        audit_samples::task_id.eq(sample.task_id),
        audit_samples::organization_id.eq(sample.organization_id),
        audit_samples::population_of.eq(sample.population_of),
        audit_samples::from_on.eq(sample.from_on),
        audit_samples::to_on.eq(sample.to_on),
        audit_samples::method.eq(sample.method),
        audit_samples::stratify_by.eq(sample.stratify_by),
        audit_samples::size.eq(sample.size),
        audit_samples::population.eq(population),
        audit_samples::population_size.eq(sample.population_size),
        audit_samples::digest.eq(&sample.digest),
        audit_samples::frozen_at.eq(sample.frozen_at),
        audit_samples::frozen_by.eq(sample.frozen_by),
    );
    diesel::insert_into(audit_samples::table)
        .values(row)
        .execute(tx.conn)?;
    Ok(())
}

/// What a sample is drawn from, with its digest.
pub(super) fn population(rx: &mut Rx, id: SampleId) -> Result<(Vec<Item>, Hash)> {
    let sample = audit_samples::table.find(id);
    let text: String = sample.select(audit_samples::population).get_result(rx.conn)?;
    let items = serde_json::from_str(&text).map_err(Error::internal)?;
    Ok((items, rules::digest(&text)))
}
