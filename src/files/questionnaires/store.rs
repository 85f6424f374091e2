//! Questionnaires and campaign visits in SQL.

use diesel::prelude::*;

use super::{Questionnaire, QuestionnaireId, Visit, VisitId};
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::{campaign_visits, questionnaires};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::files::FileId;
use crate::within;

/// A questionnaire; everybody who visits may know it.
pub(super) fn find(rx: &mut Rx, id: QuestionnaireId) -> Result<Questionnaire> {
    Questionnaire::query()
        .filter(questionnaires::id.eq(id))
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("questionnaire"))
}

/// Questionnaires, by id.
pub(super) fn list(rx: &mut Rx, ask: &Ask) -> Result<Page<Questionnaire>> {
    let mut query = Questionnaire::query().into_boxed();
    if let Some(id) = ask.after_id() {
        let id: QuestionnaireId = id.parse().map_err(|_| bad_cursor())?;
        query = query.filter(questionnaires::id.gt(id));
    }
    let in_order = query.order(questionnaires::id);
    let rows = in_order.limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |one: &Questionnaire| (String::new(), one.id.to_string())))
}

pub(super) fn insert(tx: &mut Tx, questionnaire: &Questionnaire) -> Result<()> {
    diesel::insert_into(questionnaires::table)
        .values(questionnaire)
        .execute(tx.conn)?;
    Ok(())
}

pub(super) fn insert_visit(tx: &mut Tx, visit: &Visit) -> Result<()> {
    diesel::insert_into(campaign_visits::table)
        .values(visit)
        .execute(tx.conn)?;
    Ok(())
}

/// A visit to a file. The caller has checked that the file is in scope.
pub(super) fn find_visit(rx: &mut Rx, file: FileId, id: VisitId) -> Result<Visit> {
    Visit::query()
        .filter(campaign_visits::id.eq(id))
        .filter(campaign_visits::file_id.eq(file))
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("campaign_visit"))
}

/// The visits to a file, in the order of entry. The caller has checked that the file is in scope.
pub(super) fn visits(rx: &mut Rx, file: FileId, ask: &Ask) -> Result<Page<Visit>> {
    let mut query = Visit::query()
        .filter(campaign_visits::file_id.eq(file))
        .into_boxed();
    if let Some(id) = ask.after_id() {
        let id: VisitId = id.parse().map_err(|_| bad_cursor())?;
        query = query.filter(campaign_visits::id.gt(id));
    }
    let in_order = query.order(campaign_visits::id);
    let rows = in_order.limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |visit: &Visit| (String::new(), visit.id.to_string())))
}

/// Up to `most` visits with a questionnaire, of units in scope, that follow `after`.
pub(super) fn visits_with(
    rx: &mut Rx,
    questionnaire: QuestionnaireId,
    after: Option<VisitId>,
    most: i64,
) -> Result<Vec<Visit>> {
    let mut query = Visit::query()
        .filter(campaign_visits::questionnaire_id.eq(questionnaire))
        .into_boxed();
    within!(query, campaign_visits::organization_id, rx);
    if let Some(id) = after {
        query = query.filter(campaign_visits::id.gt(id));
    }
    Ok(query.order(campaign_visits::id).limit(most).load(rx.conn)?)
}
