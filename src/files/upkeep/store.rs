//! Reviews and spot checks in SQL.

use diesel::prelude::*;

use super::{Finding, Review, SpotCheck, SpotCheckId};
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::{file_reviews, files, organizations, spot_checks};
use crate::db::types::Date;
use crate::db::{Rx, Tx, unique};
use crate::error::{Error, Result};
use crate::files::{FileId, Status};
use crate::keyring::Sealed;
use crate::members::MemberId;
use crate::organizations::Organization;
use crate::users::UserId;
use crate::{say, within};

pub(super) fn insert_review(tx: &mut Tx, review: &Review) -> Result<()> {
    let note = review.comment.as_deref();
    let sealed = note.map(|text| tx.keys.seal("file_review", text)).transpose()?;
    let row = (
        file_reviews::file_id.eq(review.file_id),
        file_reviews::year.eq(review.year),
        file_reviews::reviewed_on.eq(review.reviewed_on),
        file_reviews::reviewed_by.eq(review.reviewed_by),
        file_reviews::result.eq(review.result),
        file_reviews::note_sealed.eq(sealed),
    );
    let done = diesel::insert_into(file_reviews::table)
        .values(row)
        .execute(tx.conn);
    let again = || {
        Error::refused(
            "already_reviewed",
            say!("本年度已复核", "it has been reviewed this year"),
        )
    };
    unique(done, again).map(drop)
}

type Row = (i32, Date, UserId, Finding, Option<Sealed>);

/// The reviews of a file, by year. The caller has checked that the file is in scope.
pub(super) fn reviews(rx: &mut Rx, file_id: FileId) -> Result<Vec<Review>> {
    let of_file = file_reviews::table.filter(file_reviews::file_id.eq(file_id));
    let rows: Vec<Row> = of_file
        .order(file_reviews::year)
        .select((
            file_reviews::year,
            file_reviews::reviewed_on,
            file_reviews::reviewed_by,
            file_reviews::result,
            file_reviews::note_sealed,
        ))
        .load(rx.conn)?;
    let read = |(year, reviewed_on, reviewed_by, result, note): Row| {
        let comment = note
            .map(|sealed| rx.keys.open("file_review", &sealed))
            .transpose()?;
        Ok(Review {
            file_id,
            year,
            reviewed_on,
            reviewed_by,
            result,
            comment,
        })
    };
    rows.into_iter().map(read).collect()
}

/// The numbers of the files on file of a unit and the units below it, in order.
pub(super) fn numbers_on_file(rx: &mut Rx, unit: &Organization) -> Result<Vec<String>> {
    let beyond = format!("{}0", unit.path.trim_end_matches('/'));
    let below = organizations::table
        .filter(organizations::path.ge(unit.path.clone()))
        .filter(organizations::path.lt(beyond))
        .select(organizations::id);
    Ok(files::table
        .filter(files::status.eq(Status::OnFile))
        .filter(files::organization_id.eq_any(below))
        .order(files::number)
        .select(files::number)
        .load(rx.conn)?)
}

pub(super) fn insert_check(tx: &mut Tx, check: &SpotCheck) -> Result<()> {
    diesel::insert_into(spot_checks::table)
        .values(check)
        .execute(tx.conn)?;
    Ok(())
}

/// A spot check of a unit in scope.
pub(super) fn find_check(rx: &mut Rx, id: SpotCheckId) -> Result<SpotCheck> {
    let mut query = SpotCheck::query().filter(spot_checks::id.eq(id)).into_boxed();
    within!(one query, spot_checks::organization_id, rx);
    query
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("spot_check"))
}

/// The spot checks of units in scope.
pub(super) fn checks(rx: &mut Rx, ask: &Ask) -> Result<Page<SpotCheck>> {
    let mut query = SpotCheck::query().into_boxed();
    within!(query, spot_checks::organization_id, rx);
    if let Some(id) = ask.after_id() {
        let id: SpotCheckId = id.parse().map_err(|_| bad_cursor())?;
        query = query.filter(spot_checks::id.gt(id));
    }
    let rows = query.order(spot_checks::id).limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |check: &SpotCheck| (String::new(), check.id.to_string())))
}

/// The file on file of a member, in scope or not, and the day it came on file.
pub(super) fn on_file(rx: &mut Rx, member: MemberId) -> Result<Option<(FileId, Date)>> {
    let live: Option<(FileId, Option<Date>)> = files::table
        .filter(files::member_id.eq(member))
        .filter(files::status.eq(Status::OnFile))
        .select((files::id, files::opened_on))
        .get_result(rx.conn)
        .optional()?;
    Ok(live.and_then(|(file, opened_on)| Some((file, opened_on?))))
}
