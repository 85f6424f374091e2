//! `/files`

use actix_web::{HttpResponse, get, patch, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::bodies::{FileChange, NewFile};
use super::review::{Close, Refusal, Return};
use super::store::{self, Filter, Sort};
use super::{
    Category, Ending, File, FileId, HandedOver, Handover, Pair, Pairing, Stage, Status, Step, revisions,
    sealing,
};
use crate::auth::policy::{
    CloseFiles, ConfirmPaper, PairFiles, Permission, ReadFiles, ReviewFiles, WriteFiles,
};
use crate::auth::{Creation, May, Sent};
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::db::types::{Date, Timestamp, year_of};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::http::Reply;
use crate::http::openapi::IfMatch;
use crate::input::{Input, Year};
use crate::organizations::OrganizationId;
use crate::users::{self, UserId};
use crate::{audit, parameters};

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(open)
        .service(get)
        .service(change)
        .service(submit)
        .service(withdraw)
        .service(request_review)
        .service(confirm_paper)
        .service(send_back)
        .service(reject)
        .service(approve)
        .service(pair)
        .service(pairings)
        .service(hand_over)
        .service(close)
        .service(reopen)
        .service(history);
}

parameters! {
    /// Which files.
    pub struct FileQuery {
        /// Only those that stand so.
        #[param(inline)]
        status: Option<Status>,
        /// Only those of this category.
        #[param(inline)]
        category: Option<Category>,
        /// Only those of this unit and the units below it.
        #[param(value_type = Option<String>, format = "uuid")]
        organization_id: Option<OrganizationId>,
        /// Only those with this contact.
        #[param(value_type = Option<String>, format = "uuid")]
        contact_id: Option<UserId>,
        /// Only those with duties in this year.
        #[param(inline)]
        year: Option<Year>,
        /// Only those whose five ones of the year (default: this one) are not complete, or only those where they are.
        incomplete: Option<bool>,
        /// Only those changed at or after this time.
        #[param(value_type = Option<String>, format = "date-time")]
        updated_since: Option<Timestamp>,
        /// Only those on file without a review of this year (36).
        #[param(inline)]
        unreviewed: Option<Year>,
        /// Whether only those on file that nobody has visited with help (36).
        never_helped: Option<bool>,
        /// Only those last changed before this time: for "unchanged for twelve months" (36).
        #[param(value_type = Option<String>, format = "date-time")]
        changed_before: Option<Timestamp>,
        /// Only those that wait at this step of the procedure.
        #[param(inline)]
        stage: Option<Stage>,
        /// Whether only those whose step is overdue (34).
        overdue: Option<bool>,
        /// Whether only those whose paper file is out of step for too long (38).
        paper_overdue: Option<bool>,
        /// Default: opened first, first; with `updated_since`, changed longest ago, first; with `overdue` or
        /// `paper_overdue`, due first, first.
        #[param(inline)]
        sort: Option<Sort>,
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

parameters! {
    /// Which page.
    pub struct FilePageQuery {
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

fn list_name(sort: Sort) -> &'static str {
    match sort {
        Sort::Id => "files",
        Sort::IdDown => "files_down",
        Sort::Updated => "files_updated",
        Sort::UpdatedDown => "files_updated_down",
        Sort::Due => "files_due",
        Sort::PaperDue => "files_paper_due",
    }
}

/// The files of the own subtree.
#[utoipa::path(tag = "files", operation_id = "list_files", security(("bearer" = ["files:read"])),
    params(FileQuery), responses((status = 200, body = Page<File>)))]
#[get("/files")]
async fn list(may: May<ReadFiles>) -> Result<HttpResponse> {
    let query: FileQuery = may.query()?;
    let ask = Ask::new(query.list(), query.limit, &query.cursor)?;
    may.read(move |rx| query.find(rx, &ask)).await
}

impl FileQuery {
    fn order(&self) -> Sort {
        let by_change = self.updated_since.or(self.changed_before).map(|_| Sort::Updated);
        let by_due = self.overdue.and_then(|overdue| overdue.then_some(Sort::Due));
        let by_paper = self.paper_overdue.and_then(|late| late.then_some(Sort::PaperDue));
        let sort = self.sort.or(by_change).or(by_due).or(by_paper);
        sort.unwrap_or_default()
    }

    /// The name of the list, which says its order.
    pub fn list(&self) -> &'static str {
        list_name(self.order())
    }

    /// A page of the files that it asks for.
    pub fn find(&self, rx: &mut Rx, ask: &Ask) -> Result<Page<File>> {
        if let Some(contact) = self.contact_id {
            users::find(rx, contact)?;
        }
        let (today, this_year) = (rx.today(), year_of(rx.today()));
        let year = self.year.map(|year| year.0);
        let filter = Filter {
            status: self.status,
            category: self.category,
            organization_id: self.organization_id,
            contact_id: self.contact_id,
            year: year
                .or(self.incomplete.map(|_| this_year))
                .map(|year| (year, self.incomplete.map(|incomplete| !incomplete))),
            updated_since: self.updated_since,
            unreviewed: self.unreviewed.map(|year| year.0),
            never_helped: self.never_helped.unwrap_or(false),
            changed_before: self.changed_before,
            stage: self.stage,
            paper_due_before: self.paper_overdue.and_then(|late| late.then_some(today)),
            due_before: self.overdue.and_then(|overdue| overdue.then_some(today)),
        };
        store::list(rx, &filter, self.order(), ask)
    }
}

parameters! {
    /// The file of when.
    pub struct FileAsOfQuery {
        /// As it was at the end of this day; default now (39).
        as_of: Option<Date>,
    }
}

/// One file, as it is or as of a day.
#[utoipa::path(tag = "files", operation_id = "get_file", security(("bearer" = ["files:read"])),
    params(FileAsOfQuery), responses((status = 200, body = File)))]
#[get("/files/{id}")]
async fn get(may: May<ReadFiles>) -> Result<HttpResponse> {
    let id = may.id("file")?;
    let query: FileAsOfQuery = may.query()?;
    let Some(day) = query.as_of else {
        let now = move |rx: &mut Rx| store::find(rx, id).map(|file| (file.version, file));
        return may.fetch(now).await;
    };
    let reader = may.actor.clone();
    let as_it_was = move |rx: &mut Rx| {
        let file = sealing::open_to(rx, &reader, id)?;
        let found = revisions::file_on(rx, id, day)?;
        Ok((found, sealing::seen(rx, &reader, &file, Some(day))?))
    };
    let (version, found) = may.look(as_it_was).await?;
    Ok(Reply::ok(version, &found).into_response())
}

/// Open a file as a draft; a member has one at a time (9).
#[utoipa::path(tag = "files", operation_id = "create_file", security(("bearer" = ["files:write"])),
    request_body = NewFile, responses((status = 201, body = File), (status = 200, body = File, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/files")]
async fn open(may: May<WriteFiles>) -> Result<HttpResponse> {
    may.write(|tx, sent| {
        let new: NewFile = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => store::find(tx, id).map(|file| Reply::ok(file.version, &file).replayed()),
            Creation::New(id) => super::open(tx, id, new).map(|file| created(&file)),
        }
    })
    .await
}

fn created(file: &File) -> Reply {
    Reply::created(&format!("/files/{}", file.id), file.version, file)
}

/// Carries out a verb on the file in the path: finds it, checks `If-Match`, reads the body, and answers with the
/// file after `verb`. Whether it is the time for that is asked before the version, and again when somebody else was
/// quicker: of two who decide at once the other is told what became of the file, not that it changed.
pub(super) async fn carry_out<P: Permission, B: Input>(
    may: May<P>,
    in_time: impl Fn(&File) -> Result<()> + Send + 'static,
    verb: impl FnOnce(&mut Tx, &File, B) -> Result<File> + Send + 'static,
) -> Result<HttpResponse> {
    run(may, in_time, |tx, sent, file| verb(tx, file, sent.body()?), ok).await
}

/// Like [`carry_out`] for verbs without input.
pub(super) async fn carry_out_plain<P: Permission>(
    may: May<P>,
    in_time: impl Fn(&File) -> Result<()> + Send + 'static,
    verb: fn(&mut Tx, &File) -> Result<File>,
    answer: fn(&File) -> Reply,
) -> Result<HttpResponse> {
    let plain = move |tx: &mut Tx, sent: &Sent, file: &File| {
        sent.nothing()?;
        verb(tx, file)
    };
    run(may, in_time, plain, answer).await
}

async fn run<P: Permission>(
    may: May<P>,
    in_time: impl Fn(&File) -> Result<()> + Send + 'static,
    verb: impl FnOnce(&mut Tx, &Sent, &File) -> Result<File> + Send + 'static,
    answer: fn(&File) -> Reply,
) -> Result<HttpResponse> {
    let id = may.id("file")?;
    may.write(move |tx, sent| {
        let file = store::find(tx, id)?;
        in_time(&file)?;
        sent.expect(tx, id, file.version)?;
        match verb(tx, sent, &file) {
            Err(stale @ Error::Stale { .. }) => {
                in_time(&store::find(tx, id)?)?;
                Err(stale)
            }
            done => done.map(|file| answer(&file)),
        }
    })
    .await
}

/// Whether a step may be taken now.
fn may_take(step: Step) -> impl Fn(&File) -> Result<()> {
    move |file| file.status.after(step).map(drop)
}

pub(super) fn ok(file: &File) -> Reply {
    Reply::ok(file.version, file)
}

/// Change a draft, a returned file, or one on file; the last is the yearly update (52).
#[utoipa::path(tag = "files", operation_id = "update_file", security(("bearer" = ["files:write"])),
    params(IfMatch), request_body = FileChange, responses((status = 200, body = File)))]
#[patch("/files/{id}")]
async fn change(may: May<WriteFiles>) -> Result<HttpResponse> {
    carry_out(may, |_| Ok(()), super::change).await
}

/// Hand a file in for review.
#[utoipa::path(tag = "files", operation_id = "submit_file", security(("bearer" = ["files:write"])),
    params(IfMatch), responses((status = 200, body = File)))]
#[post("/files/{id}/submit")]
async fn submit(may: May<WriteFiles>) -> Result<HttpResponse> {
    carry_out_plain(may, may_take(Step::Submit), super::submit, ok).await
}

/// Take a file back before it comes on file.
#[utoipa::path(tag = "files", operation_id = "withdraw_file", security(("bearer" = ["files:write"])),
    params(IfMatch), responses((status = 200, body = File)))]
#[post("/files/{id}/withdraw")]
async fn withdraw(may: May<WriteFiles>) -> Result<HttpResponse> {
    carry_out_plain(may, may_take(Step::Withdraw), super::withdraw, ok).await
}

/// Send a file back to be corrected (6, 33).
#[utoipa::path(tag = "files", operation_id = "return_file", security(("bearer" = ["files:review"])),
    params(IfMatch), request_body = Return, responses((status = 200, body = File)))]
#[post("/files/{id}/return")]
async fn send_back(may: May<ReviewFiles>) -> Result<HttpResponse> {
    carry_out(may, may_take(Step::Return), super::send_back).await
}

/// Refuse a file for good (6).
#[utoipa::path(tag = "files", operation_id = "reject_file", security(("bearer" = ["files:review"])),
    params(IfMatch), request_body = Refusal, responses((status = 200, body = File)))]
#[post("/files/{id}/reject")]
async fn reject(may: May<ReviewFiles>) -> Result<HttpResponse> {
    carry_out(may, may_take(Step::Reject), super::reject).await
}

/// Put a file on file, as another person than its recorder (6).
#[utoipa::path(tag = "files", operation_id = "approve_file", security(("bearer" = ["files:review"])),
    params(IfMatch), responses((status = 200, body = File)))]
#[post("/files/{id}/approve")]
async fn approve(may: May<ReviewFiles>) -> Result<HttpResponse> {
    carry_out_plain(may, may_take(Step::Approve), super::approve, ok).await
}

/// Ask for the one review of a refusal: other people judge the file from the start (35).
#[utoipa::path(tag = "files", operation_id = "request_review_of_file", security(("bearer" = ["files:write"])),
    params(IfMatch), responses((status = 200, body = File)))]
#[post("/files/{id}/request-review")]
async fn request_review(may: May<WriteFiles>) -> Result<HttpResponse> {
    let asked = |file: &File| super::rules::may_review(file).map(drop);
    carry_out_plain(may, asked, super::request_review, ok).await
}

/// Confirm that the paper file says what this one says (38).
#[utoipa::path(tag = "upkeep", operation_id = "confirm_file_paper", security(("bearer" = ["files:paper"])),
    params(IfMatch), responses((status = 200, body = File)))]
#[post("/files/{id}/paper")]
async fn confirm_paper(may: May<ConfirmPaper>) -> Result<HttpResponse> {
    carry_out_plain(may, super::rules::paper_differs, super::confirm_paper, ok).await
}

/// Give a file its contact (50).
#[utoipa::path(tag = "files", operation_id = "pair_file", security(("bearer" = ["files:pair"])),
    params(IfMatch), request_body = Pair, responses((status = 200, body = File)))]
#[post("/files/{id}/pair")]
async fn pair(may: May<PairFiles>) -> Result<HttpResponse> {
    carry_out(
        may,
        |_| Ok(()),
        |tx, file, body: Pair| super::pair(tx, file, &body),
    )
    .await
}

/// Hand every file of one contact to another, all or none: for a contact who leaves (48, 50).
#[utoipa::path(tag = "files", operation_id = "hand_over_pairings", security(("bearer" = ["files:pair"])),
    request_body = Handover, responses((status = 200, body = HandedOver)))]
#[post("/pairings/handover")]
async fn hand_over(may: May<PairFiles>) -> Result<HttpResponse> {
    may.write(|tx, sent| {
        let handover: Handover = sent.body()?;
        super::hand_over(tx, &handover).map(|done| Reply::plain(&done))
    })
    .await
}

/// Who was a file's contact, and when (50).
#[utoipa::path(tag = "files", operation_id = "list_file_pairings", security(("bearer" = ["files:read"])),
    params(FilePageQuery), responses((status = 200, body = Page<Pairing>)))]
#[get("/files/{id}/pairings")]
async fn pairings(may: May<ReadFiles>) -> Result<HttpResponse> {
    let id = may.id("file")?;
    let query: FilePageQuery = may.query()?;
    let ask = Ask::new("pairings", query.limit, &query.cursor)?;
    may.read(move |rx| {
        store::find(rx, id)?;
        store::pairings(rx, id, &ask)
    })
    .await
}

/// End a file (40, 41, 45).
#[utoipa::path(tag = "files", operation_id = "close_file", security(("bearer" = ["files:close"])),
    params(IfMatch), request_body = Close, responses((status = 200, body = File)))]
#[post("/files/{id}/close")]
async fn close(may: May<CloseFiles>) -> Result<HttpResponse> {
    carry_out(may, may_take(Step::Close(Ending::Exited)), super::close).await
}

/// Begin a new episode of a file that has ended (43).
#[utoipa::path(tag = "files", operation_id = "reopen_file", security(("bearer" = ["files:close"])),
    params(IfMatch), responses((status = 201, body = File)))]
#[post("/files/{id}/reopen")]
async fn reopen(may: May<CloseFiles>) -> Result<HttpResponse> {
    carry_out_plain(may, may_take(Step::Reopen), super::reopen, created).await
}

/// What happened to a file, oldest first, with what was said (39).
#[utoipa::path(tag = "files", operation_id = "get_file_history", security(("bearer" = ["files:read"])),
    params(FilePageQuery), responses((status = 200, body = Page<audit::Entry>)))]
#[get("/files/{id}/history")]
async fn history(may: May<ReadFiles>) -> Result<HttpResponse> {
    let id: FileId = may.id("file")?;
    let query: FilePageQuery = may.query()?;
    let ask = Ask::new("file_history", query.limit, &query.cursor)?;
    let history = move |rx: &mut Rx| {
        let file = store::find(rx, id)?;
        let event = super::look(rx, "file.past_read", &file)?.field("history", &true);
        Ok((audit::history(rx, &id.to_string(), &ask)?, event))
    };
    Ok(HttpResponse::Ok().json(may.look(history).await?))
}
