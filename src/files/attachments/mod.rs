//! Papers of a file (38): photos, scans and documents, kept once by content, encrypted, shown one at a time with a
//! reason.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::{File, FileId};
use crate::audit::Event;
use crate::db::Tx;
use crate::db::schema::attachments;
use crate::db::types::{Id, Timestamp};
use crate::error::{Error, Result};
use crate::input::Reason;
use crate::users::UserId;
use crate::{input, members, say, separation, text_enum};

pub mod http;
mod rules;
pub mod scan;
mod store;

pub use rules::{MediaType, sniff};
pub use store::{count, find, of_kind};

/// The id of an attachment.
pub type AttachmentId = Id<Attachment>;

text_enum! {
    /// What a paper is.
    #[schema(as = AttachmentKind)]
    pub enum Kind {
        /// 申请书.
        Application = "application",
        /// 身份证.
        IdCard = "id_card",
        /// 户口本.
        HouseholdRegister = "household_register",
        /// 收入证明.
        IncomeProof = "income_proof",
        /// 低保证.
        DibaoCertificate = "dibao_certificate",
        /// 诊断、医保结算单、发票.
        Medical = "medical",
        /// 学费票据、录取通知书.
        Schooling = "schooling",
        /// 劳动合同.
        LabourContract = "labour_contract",
        /// 会议纪要.
        Minutes = "minutes",
        /// 公示照片.
        NoticePhoto = "notice_photo",
        /// 银行卡复印件.
        BankCard = "bank_card",
        /// 经济状况核对授权书.
        Authorization = "authorization",
        /// 单独同意书.
        Consent = "consent",
        /// 签名.
        Signature = "signature",
        /// 走访照片.
        VisitPhoto = "visit_photo",
        /// 其他.
        Other = "other",
    }
}

/// A paper of a file.
#[derive(Debug, Clone, HasQuery, Insertable, Serialize, ToSchema)]
#[diesel(table_name = attachments)]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// The file.
    pub file_id: FileId,
    /// What it is.
    pub kind: Kind,
    /// By its content.
    pub media_type: MediaType,
    /// Its size.
    #[schema(example = 204_800)]
    pub size_bytes: i32,
    /// Where its content is.
    #[serde(skip)]
    pub address: Option<String>,
    /// Who attached it.
    pub attached_by: UserId,
    /// When.
    pub attached_at: Timestamp,
    /// When it was taken away: its content is gone.
    pub voided_at: Option<Timestamp>,
    /// Version, for `If-Match`.
    pub version: i32,
}

input! {
    /// Why a paper is opened or taken away.
    #[schema(as = AttachmentReason)]
    pub struct Why {
        /// Why; stays in the log for ever.
        pub reason: Reason,
    }
}

/// Keeps a paper of a file; the same content is kept once.
pub fn attach(tx: &mut Tx, file: &File, kind: Kind, content: &[u8], said: &str) -> Result<Attachment> {
    let media_type = sniff(content, said)?;
    separation::not_own(tx, &file.person)?;
    let address = tx.keys.digest_bytes("attachment", content);
    store::keep(tx, &address, content)?;
    let attachment = Attachment {
        id: tx.new_id(),
        file_id: file.id,
        kind,
        media_type,
        size_bytes: i32::try_from(content.len()).unwrap_or(i32::MAX),
        address: Some(address),
        attached_by: tx.actor.user()?,
        attached_at: tx.now,
        voided_at: None,
        version: 1,
    };
    store::insert(tx, &attachment)?;
    event("file.attached", file, &attachment).record(tx)?;
    Ok(attachment)
}

/// The content of a paper; the log keeps who saw it and why (47, 87).
pub fn open(tx: &mut Tx, file: &File, attachment: &Attachment, why: Why) -> Result<Vec<u8>> {
    without_name(tx, file, &why.reason)?;
    let address = attachment.address.as_deref().ok_or_else(voided)?;
    let content = store::content(tx, address)?;
    event("file.attachment_opened", file, attachment)
        .reason(why.reason)
        .record(tx)?;
    Ok(content)
}

/// Takes a paper away, such as one of another person: the record stays, the content goes.
pub fn void(tx: &mut Tx, file: &File, before: &Attachment, why: Why) -> Result<Attachment> {
    without_name(tx, file, &why.reason)?;
    separation::not_own(tx, &file.person)?;
    let address = before.address.as_deref().ok_or_else(voided)?;
    let after = Attachment {
        address: None,
        voided_at: Some(tx.now),
        version: before.version + 1,
        ..before.clone()
    };
    store::void(tx, &after)?;
    store::forget(tx, address)?;
    event("file.attachment_voided", file, &after)
        .version(after.version)
        .reason(why.reason)
        .record(tx)?;
    Ok(after)
}

fn without_name(tx: &mut Tx, file: &File, reason: &Reason) -> Result<()> {
    let name = members::find_any(tx, file.member_id)?.name;
    members::without_name(reason, &name, "/reason")
}

fn voided() -> Error {
    Error::refused("voided", say!("附件已作废", "the attachment was taken away"))
}

fn event(action: &'static str, file: &File, attachment: &Attachment) -> Event {
    Event::of(action, "attachment", attachment.id)
        .organization(file.organization_id)
        .field("file_id", &file.id)
        .field("kind", &attachment.kind)
        .field("size_bytes", &attachment.size_bytes)
}
