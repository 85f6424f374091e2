//! Code lists in SQL.

use diesel::prelude::*;

use super::{Code, Names};
use crate::db::Rx;
use crate::db::schema::code_values;
use crate::db::types::Date;
use crate::error::Result;

/// Whether a list has a code on a day.
pub(super) fn holds(rx: &mut Rx, list: &str, code: &str, on: Date) -> Result<bool> {
    let found = code_values::table
        .filter(code_values::list.eq(list))
        .filter(code_values::code.eq(code))
        .filter(code_values::valid_from.le(on))
        .filter(code_values::valid_to.is_null().or(code_values::valid_to.ge(on)));
    Ok(diesel::select(diesel::dsl::exists(found)).get_result(rx.conn)?)
}

/// The codes of all lists, or of one, that hold on a day, in the order of the form.
pub(super) fn list(rx: &mut Rx, list: Option<&str>, on: Date) -> Result<Vec<Code>> {
    let mut query = Code::query()
        .filter(code_values::valid_from.le(on))
        .filter(code_values::valid_to.is_null().or(code_values::valid_to.ge(on)))
        .into_boxed();
    if let Some(list) = list {
        query = query.filter(code_values::list.eq(list));
    }
    Ok(query
        .order((code_values::list, code_values::place))
        .load(rx.conn)?)
}

/// The Chinese name of a code; the latest, if it was named anew.
pub(super) fn name(rx: &mut Rx, list: &str, code: &str) -> Result<Option<String>> {
    let found = code_values::table
        .filter(code_values::list.eq(list))
        .filter(code_values::code.eq(code));
    let latest = found.order(code_values::valid_from.desc()).limit(1);
    Ok(latest.select(code_values::zh).get_result(rx.conn).optional()?)
}

/// The Chinese names of all codes; the latest, if one was named anew.
pub(super) fn names(rx: &mut Rx) -> Result<Names> {
    let rows: Vec<(String, String, String)> = code_values::table
        .order(code_values::valid_from)
        .select((code_values::list, code_values::code, code_values::zh))
        .load(rx.conn)?;
    Ok(rows
        .into_iter()
        .map(|(list, code, zh)| ((list, code), zh))
        .collect())
}
