//! A file goes to another union (移交, rule 48): one unit sends it, the other accepts it, and in that moment everything
//! that is still to be done goes with it: the member, the household, open duties, drafts and open claims. The whole
//! history travels; the former unit sees none of it from then on. What it has decided and paid stays in its books.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::audit::Event;
use crate::db::schema::file_transfers;
use crate::db::types::{Id, Json, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::files::{self, File, FileId, Pair};
use crate::input::Comment;
use crate::keyring::Sealed;
use crate::organizations::{self, OrganizationId};
use crate::separation::{not_own, same_person};
use crate::users::UserId;
use crate::{aid, attachments, claims, input, members, say, text_enum};

pub mod http;
mod rules;
mod store;

/// The id of a transfer.
pub type TransferId = Id<Transfer>;

text_enum! {
    /// Why a file goes to another union.
    #[schema(as = TransferReason)]
    pub enum Why {
        /// 单位撤销或关闭.
        EmployerClosed = "employer_closed",
        /// 职工调动或迁居.
        WorkerMoved = "worker_moved",
        /// 其他; needs a comment.
        Other = "other",
    }
}
text_enum! {
    /// Where a transfer stands.
    #[schema(as = TransferStatus)]
    pub enum Status {
        /// The receiving unit has not answered.
        Pending = "pending",
        /// The file is the receiving unit's.
        Accepted = "accepted",
        /// The receiving unit does not take it.
        Declined = "declined",
        /// The sending unit took it back.
        Cancelled = "cancelled",
    }
}

/// A file on its way, as kept.
#[derive(Debug, Clone, HasQuery, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = file_transfers)]
#[diesel(treat_none_as_null = true)]
pub struct Transfer {
    id: TransferId,
    file_id: FileId,
    from_organization_id: OrganizationId,
    organization_id: OrganizationId,
    reason_code: Why,
    comment_sealed: Option<Sealed>,
    status: Status,
    handed_over: Option<Json<HandedOver>>,
    requested_at: Timestamp,
    requested_by: UserId,
    requester_person: String,
    decided_at: Option<Timestamp>,
    decided_by: Option<UserId>,
    decider_person: Option<String>,
    version: i32,
}

/// What was handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = TransferHandover)]
pub struct HandedOver {
    /// Versions of the file.
    #[schema(example = 12)]
    pub revisions: i32,
    /// People in the household.
    #[schema(example = 3)]
    pub people: i64,
    /// Papers attached.
    #[schema(example = 5)]
    pub attachments: i64,
    /// Duties of the five ones that are not done.
    #[schema(example = 4)]
    pub open_duties: i64,
    /// Claims and applications for aid that are not decided.
    #[schema(example = 1)]
    pub open_claims: i64,
}

input! {
    /// Where a file goes and why.
    #[schema(as = NewTransfer)]
    pub struct NewTransfer {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<TransferId>,
        /// The receiving unit: any that is open, also outside your scope. It accepts or declines.
        #[schema(value_type = String, format = "uuid")]
        pub organization_id: OrganizationId,
        /// Why; `other` needs a comment.
        pub reason_code: Why,
        /// In words; kept encrypted.
        #[schema(value_type = Option<String>, max_length = 2000)]
        pub comment: Option<Comment>,
    }
}
input! {
    /// How a file is taken over.
    #[schema(as = AcceptTransfer)]
    pub struct Accept {
        /// The new contact of a file on file, or null: then it is on the list of gaps (50).
        #[schema(value_type = Option<String>, format = "uuid")]
        pub contact_id: Option<UserId>,
    }
}

/// Sends a file on its way.
fn request(tx: &mut Tx, file: &File, id: TransferId, new: NewTransfer) -> Result<Transfer> {
    rules::explained(new.reason_code, new.comment.as_deref())?;
    rules::may_go(file, new.organization_id)?;
    not_own(tx, &file.person)?;
    if !organizations::is_open(tx, new.organization_id)? {
        return Err(Error::unknown_reference("/organization_id"));
    }
    let comment = new.comment.as_deref();
    let transfer = Transfer {
        id,
        file_id: file.id,
        from_organization_id: file.organization_id,
        organization_id: new.organization_id,
        reason_code: new.reason_code,
        comment_sealed: comment
            .map(|text| tx.keys.seal("file_transfer", text))
            .transpose()?,
        status: Status::Pending,
        handed_over: None,
        requested_at: tx.now,
        requested_by: tx.actor.user()?,
        requester_person: tx.actor.person.clone(),
        decided_at: None,
        decided_by: None,
        decider_person: None,
        version: 1,
    };
    store::insert(tx, &transfer)?;
    event("transfer.requested", &transfer, file).record(tx)?;
    Ok(transfer)
}

/// Takes a file over, with everything that is still to be done, in one step.
fn accept(tx: &mut Tx, transfer: &Transfer, accept: &Accept) -> Result<Transfer> {
    let file = files::unscoped(tx, transfer.file_id)?;
    by_receiver(tx, transfer, &file)?;
    if file.organization_id != transfer.from_organization_id {
        return Err(Error::stale());
    }
    let handed_over = handed_over(tx, &file)?;
    let to = transfer.organization_id;
    members::follow(tx, file.member_id, to)?;
    claims::follow(tx, file.member_id, to)?;
    aid::follow(tx, file.member_id, to)?;
    let moved = files::move_to(tx, &file, to)?;
    if let Some(contact_id) = accept.contact_id {
        files::pair(tx, &moved, &Pair { contact_id })?;
    }
    let after = decide(tx, transfer, Status::Accepted, Some(Json(handed_over)))?;
    event("transfer.accepted", &after, &file)
        .version(after.version)
        .record(tx)?;
    Ok(after)
}

/// Leaves a file where it is.
fn decline(tx: &mut Tx, transfer: &Transfer) -> Result<Transfer> {
    let file = files::unscoped(tx, transfer.file_id)?;
    by_receiver(tx, transfer, &file)?;
    let after = decide(tx, transfer, Status::Declined, None)?;
    event("transfer.declined", &after, &file)
        .version(after.version)
        .record(tx)?;
    Ok(after)
}

/// Takes a file back that is on its way; by the sending unit.
fn cancel(tx: &mut Tx, transfer: &Transfer) -> Result<Transfer> {
    if !organizations::in_scope(tx, transfer.from_organization_id)? {
        return Err(not_yours());
    }
    let file = files::unscoped(tx, transfer.file_id)?;
    let after = decide(tx, transfer, Status::Cancelled, None)?;
    event("transfer.cancelled", &after, &file)
        .version(after.version)
        .record(tx)?;
    Ok(after)
}

/// The acting person is of the receiving unit or above it, not the sender, and not the case itself.
fn by_receiver(tx: &mut Tx, transfer: &Transfer, file: &File) -> Result<()> {
    if !organizations::in_scope(tx, transfer.organization_id)? {
        return Err(not_yours());
    }
    if transfer.requester_person == tx.actor.person {
        return Err(same_person());
    }
    not_own(tx, &file.person)
}

fn not_yours() -> Error {
    let detail = say!(
        "应由另一方单位办理",
        "this is for the other of the two units to do"
    );
    Error::refused("other_unit", detail)
}

fn decide(
    tx: &mut Tx,
    transfer: &Transfer,
    status: Status,
    handed_over: Option<Json<HandedOver>>,
) -> Result<Transfer> {
    let after = Transfer {
        status,
        handed_over,
        decided_at: Some(tx.now),
        decided_by: Some(tx.actor.user()?),
        decider_person: Some(tx.actor.person.clone()),
        version: transfer.version + 1,
        ..transfer.clone()
    };
    store::update(tx, &after)?;
    Ok(after)
}

/// What goes with a file.
fn handed_over(rx: &mut Rx, file: &File) -> Result<HandedOver> {
    Ok(HandedOver {
        revisions: file.version,
        people: files::household::size(rx, file.id)?,
        attachments: attachments::count(rx, file.id.papers())?,
        open_duties: crate::ledger::open_duties(rx, file.id)?,
        open_claims: claims::open_claims(rx, file.member_id)? + aid::open_applications(rx, file.member_id)?,
    })
}

fn event(action: &'static str, transfer: &Transfer, file: &File) -> Event {
    Event::of(action, "transfer", transfer.id)
        .organization(transfer.from_organization_id)
        .people([&file.person])
        .field("file_id", &transfer.file_id)
        .field("organization_id", &transfer.organization_id)
        .field("reason_code", &transfer.reason_code)
        .field("status", &transfer.status)
}
