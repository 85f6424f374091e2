//! The standing queries about files in SQL. Each is a condition on the files that came on file, or whose paper was due, in a
//! time; they are read along the index of that day, and whatever else is looked at is found by an index from the file.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{self, Bool, Nullable};

use crate::db::Rx;
use crate::db::schema::{files, public_notices};
use crate::db::types::Date;
use crate::error::Result;
use crate::files::FileId;
use crate::flags::Code;
use crate::members::MemberId;
use crate::organizations::OrganizationId;
use crate::users::UserId;
use crate::within;

/// Which files.
pub(in crate::flags) struct Search {
    pub code: Code,
    pub from: Date,
    pub to: Date,
    pub after: Option<(Date, FileId)>,
    pub most: i64,
    pub today: Date,
}

/// A file with the notice of its last round.
#[derive(Queryable)]
pub(in crate::flags) struct File {
    pub id: FileId,
    pub organization_id: OrganizationId,
    pub member_id: MemberId,
    pub contact_id: Option<UserId>,
    pub approver_id: Option<UserId>,
    pub opened_on: Option<Date>,
    pub closed_on: Option<Date>,
    pub paper_due_on: Option<Date>,
    pub notice_from: Option<Date>,
    pub notice_until: Option<Date>,
}

/// The digests of whose files these are.
pub(in crate::flags) fn people(rx: &mut Rx, ids: Vec<FileId>) -> Result<Vec<String>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let heads = files::table.filter(files::id.eq_any(ids));
    Ok(heads.select(files::person).load(rx.conn)?)
}

/// The condition on a file that is, or was, on file.
fn condition(code: Code) -> &'static str {
    match code {
        // the steps that the file had to take are written down with it
        Code::NoNotice => {
            "files.steps LIKE '%public_notice%' AND (public_notices.id IS NULL OR public_notices.from_on >= files.opened_on)"
        }
        Code::BeforeNoticeEnd => {
            "public_notices.from_on < files.opened_on AND public_notices.until_on >= files.opened_on"
        }
        Code::ContactIsRelative => CONTACT_IS_RELATIVE,
        Code::PaperLate => "files.status = 'on_file'",
        _ => "1 = 0",
    }
}

/// The contact lives in the household, or has declared somebody in it as a relative (回避). Whoever it is may have two accounts;
/// both are one person.
const CONTACT_IS_RELATIVE: &str = "files.status = 'on_file' AND EXISTS (SELECT 1 FROM users u WHERE u.id = files.contact_id AND ( \
    u.person = files.person \
    OR EXISTS (SELECT 1 FROM relatives r WHERE r.user_person = u.person AND r.person = files.person) \
    OR EXISTS (SELECT 1 FROM household_people h WHERE h.file_id = files.id AND h.live AND (h.person = u.person \
      OR EXISTS (SELECT 1 FROM relatives r WHERE r.user_person = u.person AND r.person = h.person)))))";

/// Files of a time that a query finds, in the order of its day.
pub(in crate::flags) fn rows(rx: &mut Rx, search: &Search) -> Result<Vec<File>> {
    let column = match search.code {
        Code::PaperLate => "files.paper_due_on",
        _ => "files.opened_on",
    };
    let day = || sql::<Nullable<sql_types::Date>>(column);
    let of_round = public_notices::file_id
        .eq(files::id)
        .and(public_notices::round.eq(files::round));
    let mut query = files::table
        .left_join(public_notices::table.on(of_round))
        .filter(day().ge(search.from))
        .filter(day().le(search.to))
        .filter(sql::<Bool>(&format!("({})", condition(search.code))))
        .select((
            files::id,
            files::organization_id,
            files::member_id,
            files::contact_id,
            files::approver_id,
            files::opened_on,
            files::closed_on,
            files::paper_due_on,
            public_notices::from_on.nullable(),
            public_notices::until_on.nullable(),
        ))
        .into_boxed();
    within!(one query, files::organization_id, rx);
    if search.code == Code::PaperLate {
        query = query.filter(files::paper_due_on.lt(search.today));
    }
    if let Some((on, id)) = search.after {
        let later = day().gt(on).or(files::id.nullable().gt(id));
        query = query.filter(day().ge(on)).filter(later);
    }
    Ok(query.order((day(), files::id)).limit(search.most).load(rx.conn)?)
}
