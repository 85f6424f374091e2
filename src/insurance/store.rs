//! Plans, lists and enrolments in SQL.

use diesel::prelude::*;

use super::plans::{Plan, PlanId};
use super::{Enrolment, EnrolmentId, EnrolmentStatus, List, ListId, Status};
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::{enrolments, insurance_lists, insurance_plans, organizations as units};
use crate::db::types::Date;
use crate::db::{Rx, Tx, unique};
use crate::error::{Error, Result};
use crate::keyring::Sealed;
use crate::members::{self, Member, MemberId};
use crate::organizations::{self, Organization, OrganizationId};
use crate::{say, within};

/// Every plan, by code and revision.
pub(super) fn plans(rx: &mut Rx) -> Result<Vec<Plan>> {
    let in_order = Plan::query().order((insurance_plans::code, insurance_plans::revision));
    Ok(in_order.load(rx.conn)?)
}

/// A plan.
pub(super) fn plan(rx: &mut Rx, id: PlanId) -> Result<Option<Plan>> {
    let one = Plan::query().filter(insurance_plans::id.eq(id));
    Ok(one.get_result(rx.conn).optional()?)
}

/// The newest revision of a code, of those by which a cover may start on a day; 0 when there is none.
pub(super) fn newest_revision(rx: &mut Rx, code: &str, on: Option<Date>) -> Result<i32> {
    let mut of_code = insurance_plans::table
        .filter(insurance_plans::code.eq(code))
        .select(diesel::dsl::max(insurance_plans::revision))
        .into_boxed();
    if let Some(on) = on {
        let open = insurance_plans::valid_to.is_null();
        of_code = of_code
            .filter(insurance_plans::valid_from.le(on))
            .filter(open.or(insurance_plans::valid_to.ge(on)));
    }
    Ok(of_code.get_result::<Option<i32>>(rx.conn)?.unwrap_or(0))
}

pub(super) fn insert_plan(tx: &mut Tx, plan: &Plan) -> Result<()> {
    let done = diesel::insert_into(insurance_plans::table)
        .values(plan)
        .execute(tx.conn);
    let taken = || {
        Error::refused(
            "code_taken",
            say!("该版本已存在", "this revision is there already"),
        )
    };
    unique(done, taken).map(drop)
}

/// A list in scope.
pub(super) fn find(rx: &mut Rx, id: ListId) -> Result<List> {
    let mut query = List::query().filter(insurance_lists::id.eq(id)).into_boxed();
    within!(one query, insurance_lists::organization_id, rx);
    query
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("insurance_list"))
}

/// A list for changing those on it: whoever else does waits until the work is done.
pub(super) fn locked(tx: &mut Tx, id: ListId) -> Result<List> {
    tx.lock(&format!("insurance list {id}"))?;
    Ok(List::query()
        .filter(insurance_lists::id.eq(id))
        .get_result(tx.conn)?)
}

/// What to list.
pub(super) struct Filter {
    pub organization_id: Option<OrganizationId>,
    pub plan_id: Option<PlanId>,
    pub status: Option<Status>,
}

/// Lists in scope, by id.
pub(super) fn list(rx: &mut Rx, filter: Filter, ask: &Ask) -> Result<Page<List>> {
    organizations::narrow(rx, filter.organization_id)?;
    let mut query = List::query().into_boxed();
    within!(query, insurance_lists::organization_id, rx);
    if let Some(plan) = filter.plan_id {
        query = query.filter(insurance_lists::plan_id.eq(plan));
    }
    if let Some(status) = filter.status {
        query = query.filter(insurance_lists::status.eq(status));
    }
    if let Some(after) = ask.after_id() {
        let after: ListId = after.parse().map_err(|_| bad_cursor())?;
        query = query.filter(insurance_lists::id.gt(after));
    }
    let in_order = query.order(insurance_lists::id);
    let rows = in_order.limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |list: &List| (String::new(), list.id.to_string())))
}

pub(super) fn insert(tx: &mut Tx, list: &List) -> Result<()> {
    diesel::insert_into(insurance_lists::table)
        .values(list)
        .execute(tx.conn)?;
    Ok(())
}

/// Takes the row, as its next version, until the work is done; `false` when somebody came first.
pub(super) fn next_version(tx: &mut Tx, list: &mut List) -> Result<bool> {
    let read = list.version;
    let place = insurance_lists::table
        .find(list.id)
        .filter(insurance_lists::version.eq(read));
    let taken = diesel::update(place)
        .set(insurance_lists::version.eq(read + 1))
        .execute(tx.conn)?;
    list.version = read + 1;
    Ok(taken == 1)
}

pub(super) fn update(tx: &mut Tx, list: &List) -> Result<()> {
    let place = insurance_lists::table.find(list.id);
    diesel::update(place).set(list).execute(tx.conn)?;
    Ok(())
}

/// Keeps what goes to the insurer.
pub(super) fn keep_content(tx: &mut Tx, id: ListId, content: &Sealed) -> Result<()> {
    let place = insurance_lists::table.find(id);
    diesel::update(place)
        .set(insurance_lists::content_sealed.eq(content))
        .execute(tx.conn)?;
    Ok(())
}

/// What went to the insurer.
pub(super) fn content(rx: &mut Rx, id: ListId) -> Result<Option<Sealed>> {
    let place = insurance_lists::table.find(id);
    Ok(place
        .select(insurance_lists::content_sealed)
        .get_result(rx.conn)?)
}

/// A member in scope, of the unit or below it.
pub(super) fn member_of(rx: &mut Rx, unit: &Organization, id: MemberId) -> Result<Option<Member>> {
    let member = match members::find(rx, id) {
        Err(Error::NotFound(_)) => return Ok(None),
        found => found?,
    };
    let path = units::table.find(member.organization_id).select(units::path);
    let path: String = path.get_result(rx.conn)?;
    Ok(path.starts_with(&unit.path).then_some(member))
}

/// Whether a person, by any of the digests, has a cover of a plan on one of these days.
pub(super) fn is_covered(
    rx: &mut Rx,
    persons: &[String],
    plan: &str,
    (first, last): (Date, Date),
) -> Result<bool> {
    let ended = enrolments::ended_on.is_null();
    let covers = enrolments::table
        .filter(enrolments::person.eq_any(persons.to_vec()))
        .filter(enrolments::plan_code.eq(plan))
        .filter(enrolments::status.ne(EnrolmentStatus::Voided))
        .filter(enrolments::starts_on.le(last))
        .filter(enrolments::ends_on.ge(first))
        .filter(ended.or(enrolments::ended_on.ge(first)));
    Ok(diesel::select(diesel::dsl::exists(covers)).get_result(rx.conn)?)
}

/// Whether a person is on a list.
pub(super) fn is_on(rx: &mut Rx, list: ListId, person: &str) -> Result<bool> {
    let place = enrolments::table
        .filter(enrolments::list_id.eq(list))
        .filter(enrolments::person.eq(person));
    Ok(diesel::select(diesel::dsl::exists(place)).get_result(rx.conn)?)
}

pub(super) fn insert_enrolment(tx: &mut Tx, enrolment: &Enrolment) -> Result<()> {
    diesel::insert_into(enrolments::table)
        .values(enrolment)
        .execute(tx.conn)?;
    Ok(())
}

/// Somebody on a list, in scope.
pub(super) fn enrolment(rx: &mut Rx, id: EnrolmentId) -> Result<Enrolment> {
    let mut query = Enrolment::query().filter(enrolments::id.eq(id)).into_boxed();
    within!(one query, enrolments::organization_id, rx);
    query
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("enrolment"))
}

/// Writes an enrolment back with the next version.
pub(super) fn update_enrolment(tx: &mut Tx, enrolment: &mut Enrolment) -> Result<()> {
    let read = enrolment.version;
    enrolment.version += 1;
    enrolment.updated_at = tx.now;
    let place = enrolments::table
        .find(enrolment.id)
        .filter(enrolments::version.eq(read));
    match diesel::update(place).set(&*enrolment).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(Error::stale()),
    }
}

/// Everybody on a list, in their order: up to 500.
pub(super) fn all_of(rx: &mut Rx, list: ListId) -> Result<Vec<Enrolment>> {
    Ok(Enrolment::query()
        .filter(enrolments::list_id.eq(list))
        .order(enrolments::line)
        .load(rx.conn)?)
}

/// The digests of everybody on a list.
pub(super) fn persons(rx: &mut Rx, list: ListId) -> Result<Vec<String>> {
    Ok(enrolments::table
        .filter(enrolments::list_id.eq(list))
        .select(enrolments::person)
        .load(rx.conn)?)
}

/// Those on a list, in their order.
pub(super) fn on_list(rx: &mut Rx, list: ListId, ask: &Ask) -> Result<Page<Enrolment>> {
    let mut query = Enrolment::query()
        .filter(enrolments::list_id.eq(list))
        .into_boxed();
    if let Some(after) = ask.after_id() {
        let after: i32 = after.parse().map_err(|_| bad_cursor())?;
        query = query.filter(enrolments::line.gt(after));
    }
    let rows = query.order(enrolments::line).limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |enrolment: &Enrolment| {
        (String::new(), enrolment.line.to_string())
    }))
}

/// Whose enrolments.
pub(super) struct Whose {
    pub member_id: Option<MemberId>,
    pub organization_id: Option<OrganizationId>,
    pub status: Option<EnrolmentStatus>,
}

/// Enrolments in scope, by id.
pub(super) fn enrolments(rx: &mut Rx, whose: Whose, ask: &Ask) -> Result<Page<Enrolment>> {
    organizations::narrow(rx, whose.organization_id)?;
    let mut query = Enrolment::query().into_boxed();
    within!(query, enrolments::organization_id, rx);
    if let Some(member) = whose.member_id {
        query = query.filter(enrolments::member_id.eq(member));
    }
    if let Some(status) = whose.status {
        query = query.filter(enrolments::status.eq(status));
    }
    if let Some(after) = ask.after_id() {
        let after: EnrolmentId = after.parse().map_err(|_| bad_cursor())?;
        query = query.filter(enrolments::id.gt(after));
    }
    let rows = query.order(enrolments::id).limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |enrolment: &Enrolment| {
        (String::new(), enrolment.id.to_string())
    }))
}

/// How many of a list wait for their policy number.
pub(super) fn open_lines(rx: &mut Rx, list: ListId) -> Result<i64> {
    let open = enrolments::table
        .filter(enrolments::list_id.eq(list))
        .filter(enrolments::status.eq(EnrolmentStatus::Listed));
    Ok(open.count().get_result(rx.conn)?)
}

/// Voids everybody on a list that is given up.
pub(super) fn void_all(tx: &mut Tx, list: ListId) -> Result<()> {
    let place = enrolments::table.filter(enrolments::list_id.eq(list));
    let set = (
        enrolments::status.eq(EnrolmentStatus::Voided),
        enrolments::version.eq(enrolments::version + 1),
        enrolments::updated_at.eq(tx.now),
    );
    diesel::update(place).set(set).execute(tx.conn)?;
    Ok(())
}
