//! The standing queries about payments in SQL. Each is a condition on payments of a time, which are read along the index of its day;
//! whatever else it looks at is found by an index from the payment.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{self, BigInt, Bool, Nullable, Text};

use crate::aid::AidId;
use crate::claims::ClaimId;
use crate::db::Rx;
use crate::db::schema::{aid_applications, files, illness_claims, organizations, payments};
use crate::db::types::{Date, Fen, Timestamp};
use crate::error::Result;
use crate::files::FileId;
use crate::flags::{Code, rules};
use crate::funds::LineId;
use crate::members::MemberId;
use crate::organizations::OrganizationId;
use crate::payments::{PaymentId, Status};
use crate::policies::rules::Flags;
use crate::users::UserId;
use crate::within;

/// Other payments that are read for one at most.
const OTHERS: i64 = 50;
/// How a payment stands that was given up, and how one that was not made. Said by what it is not, so that the databases
/// read along the day and not along the status.
const GIVEN_UP: [Status; 2] = [Status::Failed, Status::Cancelled];
const NOT_MADE: [Status; 3] = [Status::Due, Status::Failed, Status::Cancelled];

/// Which payments.
pub(in crate::flags) struct Search {
    pub code: Code,
    pub from: Date,
    pub to: Date,
    pub after: Option<(Date, PaymentId)>,
    pub most: i64,
}

/// A payment with what its case and its file say.
#[derive(Queryable)]
pub(in crate::flags) struct Row {
    pub id: PaymentId,
    pub organization_id: OrganizationId,
    pub kind: String,
    pub person: String,
    pub amount_fen: Fen,
    pub status: Status,
    pub approved_on: Date,
    pub paid_on: Option<Date>,
    pub claim_id: Option<ClaimId>,
    pub aid_id: Option<AidId>,
    pub recorder_id: UserId,
    pub verifier_id: UserId,
    pub approver_id: UserId,
    pub payer_id: Option<UserId>,
    pub budget_line_id: Option<LineId>,
    pub claim_member_id: Option<MemberId>,
    pub claim_approved_at: Option<Timestamp>,
    pub aid_member_id: Option<MemberId>,
    pub aid_approved_at: Option<Timestamp>,
    pub file_id: Option<FileId>,
    pub opened_on: Option<Date>,
    pub closed_on: Option<Date>,
    pub granted_fen: Option<Fen>,
    pub limit_fen: Option<Fen>,
    pub died_on: Option<Date>,
}

/// Another payment that is concerned.
#[derive(Queryable, QueryableByName)]
pub(in crate::flags) struct Other {
    #[diesel(sql_type = Text)]
    pub id: PaymentId,
    #[diesel(sql_type = BigInt)]
    pub amount_fen: Fen,
    /// The place of its unit in the tree.
    #[diesel(sql_type = Text)]
    pub path: String,
}

/// What is looked at beside the payment, as SQL over `payments` and its case.
const GRANTED: &str = "(SELECT CAST(SUM(a.granted_fen) AS BIGINT) FROM aid_applications a \
    WHERE a.cap_subject = aid_applications.cap_subject AND a.year = aid_applications.year AND a.cap = aid_applications.cap \
      AND a.status IN ('approved', 'paid') AND a.released_at IS NULL)";
const LIMIT: &str = "(SELECT l.limit_fen FROM aid_limits l WHERE l.cap = aid_applications.cap \
    AND l.subject = aid_applications.cap_subject AND l.year = aid_applications.year)";
const LAST_STATUS: &str = "FROM member_statuses s WHERE s.member_id = coalesce(illness_claims.member_id, aid_applications.member_id) \
    AND s.effective_on <= payments.paid_on ORDER BY s.effective_on DESC, s.id DESC LIMIT 1";
const NO_MONEY: &str = "CAST(NULL AS BIGINT)";

/// The condition on a payment that was not given up, unless it says otherwise.
fn condition(code: Code) -> String {
    match code {
        Code::DuplicatePayee | Code::SharedCard | Code::SharedPhone => {
            let tail = tail(code).unwrap_or_default();
            format!("EXISTS (SELECT 1 FROM {tail})")
        }
        Code::OverCap => format!("{GRANTED} > {LIMIT} OR {}", SECOND_CLAIM.join(" OR ")),
        Code::BeforeFile => {
            "aid_applications.needs_file AND (files.opened_on IS NULL OR files.opened_on > payments.approved_on)".into()
        }
        Code::AfterDeathOrExit => format!(
            "payments.payee_person = payments.person AND (SELECT s.status {LAST_STATUS}) = 'deceased' \
             OR aid_applications.needs_file AND files.closed_on < payments.paid_on"
        ),
        Code::SelfApproved => SELF_APPROVED.into(),
        Code::VisitorApproved => VISITOR_APPROVED.into(),
        Code::OutsidePurpose => OUTSIDE_PURPOSE.into(),
        Code::SplitGrants => "1 = 1".into(),
        Code::OffHours => "payments.replaces_id IS NULL".into(),
        // of files and units
        Code::NoNotice
        | Code::BeforeNoticeEnd
        | Code::ContactIsRelative
        | Code::PaperLate
        | Code::RoundSums
        | Code::Benford => "1 = 0".into(),
    }
}

/// A second condolence of the programme year: by the same number, or by a record that was merged with this one later.
const SECOND_CLAIM: [&str; 4] = [
    "EXISTS (SELECT 1 FROM illness_claims c WHERE c.person = illness_claims.person AND c.id <> illness_claims.id \
      AND c.programme_year = illness_claims.programme_year AND c.status IN ('approved', 'paid') AND c.released_at IS NULL)",
    "EXISTS (SELECT 1 FROM members own JOIN illness_claims c ON c.member_id = own.merged_into WHERE own.id = illness_claims.member_id \
      AND c.programme_year = illness_claims.programme_year AND c.status IN ('approved', 'paid') AND c.released_at IS NULL)",
    "EXISTS (SELECT 1 FROM members m JOIN illness_claims c ON c.member_id = m.id WHERE m.merged_into = illness_claims.member_id \
      AND c.programme_year = illness_claims.programme_year AND c.status IN ('approved', 'paid') AND c.released_at IS NULL)",
    "EXISTS (SELECT 1 FROM members own JOIN members m ON m.merged_into = own.merged_into JOIN illness_claims c ON c.member_id = m.id \
      WHERE own.id = illness_claims.member_id AND m.id <> own.id \
      AND c.programme_year = illness_claims.programme_year AND c.status IN ('approved', 'paid') AND c.released_at IS NULL)",
];

/// Fewer people than parts, or somebody who had a part gets the money.
const SELF_APPROVED: &str = "(SELECT COUNT(DISTINCT c.user_person) FROM case_parts c WHERE c.case_id = coalesce(payments.claim_id, payments.aid_id) \
      AND c.user_id IN (payments.recorder_id, payments.verifier_id, payments.approver_id, payments.payer_id)) \
      < CASE WHEN payments.payer_id IS NULL THEN 3 ELSE 4 END \
    OR EXISTS (SELECT 1 FROM case_parts c WHERE c.case_id = coalesce(payments.claim_id, payments.aid_id) AND c.user_person = payments.payee_person)";

/// The approver of the case visited the member's household on the way of its file to approval, or in a campaign before the
/// payment was approved; the recorder of the file may have been a visitor too. Whoever it is may have two accounts.
const VISITOR_APPROVED: &str = "EXISTS (SELECT 1 FROM files f JOIN case_parts v ON v.case_id = f.id JOIN case_parts w ON w.user_person = v.user_person \
    WHERE f.member_id = coalesce(illness_claims.member_id, aid_applications.member_id) \
      AND w.case_id = coalesce(payments.claim_id, payments.aid_id) AND w.user_id = payments.approver_id \
      AND (v.part = 'visitor' OR EXISTS (SELECT 1 FROM file_steps s WHERE s.file_id = f.id AND s.stage = 'home_visit' AND s.done_by = v.user_id))) \
    OR EXISTS (SELECT 1 FROM files f JOIN campaign_visits v ON v.file_id = f.id JOIN users w ON w.id = payments.approver_id \
    JOIN users u ON u.person = w.person \
    WHERE f.member_id = coalesce(illness_claims.member_id, aid_applications.member_id) \
      AND v.visited_on <= payments.approved_on AND v.visitors LIKE '%' || u.id || '%')";

/// The line is of another kind, or the money is for files of a stricter standard (68, 23).
const OUTSIDE_PURPOSE: &str = "EXISTS (SELECT 1 FROM budget_lines l JOIN funds f ON f.id = l.fund_id WHERE l.id = payments.budget_line_id \
      AND (l.aid_kind <> payments.kind OR payments.aid_id IS NOT NULL \
        AND (f.source = 'central' AND coalesce(aid_applications.level, '') <> 'national' \
          OR f.source = 'provincial' AND coalesce(aid_applications.level, '') NOT IN ('national', 'provincial'))))";

/// Where the `other` payments come from that a payment is suspicious together with: what follows FROM.
fn tail(code: Code) -> Option<&'static str> {
    match code {
        // of one kind, for the same programme year or a month in common
        Code::DuplicatePayee => Some(
            "payments other WHERE other.payee_person = payments.payee_person AND other.kind = payments.kind \
             AND other.id <> payments.id AND other.status = 'paid' \
             AND ((SELECT c.programme_year FROM illness_claims c WHERE c.id = other.claim_id) \
                = (SELECT c.programme_year FROM illness_claims c WHERE c.id = payments.claim_id) \
               OR EXISTS (SELECT 1 FROM aid_uses u JOIN aid_uses v ON v.month = u.month WHERE u.aid_id = payments.aid_id AND v.aid_id = other.aid_id))",
        ),
        Code::SharedCard => Some(
            "payments other WHERE other.account_hash = payments.account_hash AND other.payee_person <> payments.payee_person \
             AND other.status IN ('due', 'paid')",
        ),
        // two who were decided to be one person are one
        Code::SharedPhone => Some(
            "known_people k JOIN person_keys a ON a.known_id = k.id AND a.kind = 'phone' JOIN person_keys b ON b.key = a.key AND b.kind = 'phone' \
             JOIN known_people w ON w.id = b.known_id JOIN payments other ON other.payee_person = w.person \
             WHERE k.person = payments.payee_person AND w.person <> payments.payee_person AND other.status IN ('due', 'paid') \
             AND NOT EXISTS (SELECT 1 FROM duplicate_pairs d WHERE d.first_id = k.id AND d.second_id = w.id AND d.status = 'same') \
             AND NOT EXISTS (SELECT 1 FROM duplicate_pairs d WHERE d.first_id = w.id AND d.second_id = k.id AND d.status = 'same')",
        ),
        _ => None,
    }
}

/// What is read beside the payment for its evidence: granted, limit, day of death.
fn facts(code: Code) -> [String; 3] {
    let (granted, limit) = match code {
        Code::OverCap => (GRANTED, LIMIT),
        _ => (NO_MONEY, NO_MONEY),
    };
    let died = match code {
        Code::AfterDeathOrExit => {
            format!("(SELECT CASE WHEN s.status = 'deceased' THEN s.effective_on END {LAST_STATUS})")
        }
        _ => "CAST(NULL AS DATE)".into(),
    };
    [granted.into(), limit.into(), died]
}

/// Payments of a time that a query may be about, in the order of its day.
pub(in crate::flags) fn rows(rx: &mut Rx, search: &Search) -> Result<Vec<Row>> {
    let column = if search.code.by_payment() {
        "payments.paid_on"
    } else {
        "payments.approved_on"
    };
    let day = || sql::<sql_types::Date>(column);
    let [granted, limit, died] = facts(search.code);
    let mut query = payments::table
        .left_join(illness_claims::table.on(payments::claim_id.eq(illness_claims::id.nullable())))
        .left_join(aid_applications::table.on(payments::aid_id.eq(aid_applications::id.nullable())))
        .left_join(files::table.on(aid_applications::file_id.eq(files::id.nullable())))
        .filter(day().ge(search.from))
        .filter(day().le(search.to))
        .filter(payments::status.ne_all(GIVEN_UP))
        .filter(sql::<Bool>(&format!("({})", condition(search.code))))
        .select((
            payments::id,
            payments::organization_id,
            payments::kind,
            payments::person,
            payments::amount_fen,
            payments::status,
            payments::approved_on,
            payments::paid_on,
            payments::claim_id,
            payments::aid_id,
            payments::recorder_id,
            payments::verifier_id,
            payments::approver_id,
            payments::payer_id,
            payments::budget_line_id,
            illness_claims::member_id.nullable(),
            illness_claims::approved_at.nullable(),
            aid_applications::member_id.nullable(),
            aid_applications::approved_at.nullable(),
            aid_applications::file_id.nullable(),
            files::opened_on.nullable(),
            files::closed_on.nullable(),
            sql::<Nullable<BigInt>>(&granted),
            sql::<Nullable<BigInt>>(&limit),
            sql::<Nullable<sql_types::Date>>(&died),
        ))
        .into_boxed();
    // the unit of each payment is looked up: along the day comes what the time bounds, along the units all they ever paid
    within!(one query, payments::organization_id, rx);
    if search.code.by_payment() {
        query = query.filter(payments::status.ne_all(NOT_MADE));
    }
    if let Some((on, id)) = search.after {
        query = query
            .filter(day().ge(on))
            .filter(day().gt(on).or(payments::id.gt(id)));
    }
    let in_order = query.order((day(), payments::id)).limit(search.most);
    Ok(in_order.load(rx.conn)?)
}

/// The other payments that a payment is suspicious together with; `None` where the query knows none.
pub(in crate::flags) fn others(rx: &mut Rx, code: Code, payment: PaymentId) -> Result<Option<Vec<Other>>> {
    let Some(tail) = tail(code) else {
        return Ok(None);
    };
    let query = diesel::sql_query(format!(
        "SELECT DISTINCT other.id, other.amount_fen, unit.path FROM organizations unit, payments, {tail} \
         AND payments.id = $1 AND unit.id = other.organization_id ORDER BY other.id LIMIT {OTHERS}"
    ));
    Ok(Some(query.bind::<Text, _>(payment).load(rx.conn)?))
}

/// The digests of whom payments are for and of who gets them.
pub(in crate::flags) fn people(rx: &mut Rx, ids: Vec<PaymentId>) -> Result<Vec<String>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(String, String)> = payments::table
        .filter(payments::id.eq_any(ids))
        .select((payments::person, payments::payee_person))
        .load(rx.conn)?;
    Ok(rows.into_iter().flat_map(<[String; 2]>::from).collect())
}

/// The other grants of the kind to the person that are just under the limit too, some days before or after.
pub(in crate::flags) fn beside(rx: &mut Rx, row: &Row, limit: Fen, bounds: &Flags) -> Result<Vec<Other>> {
    let (first, last) = rules::around(row.approved_on, bounds);
    let others = payments::table
        .inner_join(organizations::table.on(organizations::id.eq(payments::organization_id)))
        .filter(payments::person.eq(&row.person))
        .filter(payments::kind.eq(&row.kind))
        .filter(payments::approved_on.between(first, last))
        .filter(payments::amount_fen.ge(rules::just_under_from(limit, bounds)))
        .filter(payments::amount_fen.lt(limit))
        .filter(payments::status.ne_all(GIVEN_UP))
        .filter(payments::id.ne(row.id))
        .order(payments::id)
        .limit(OTHERS);
    let columns = (payments::id, payments::amount_fen, organizations::path);
    Ok(others.select(columns).load(rx.conn)?)
}
