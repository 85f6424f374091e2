//! Papers of a case (38, 65, 74): photos, scans and documents, kept once by content, encrypted, shown one at a time with
//! a reason. A case is a file, a claim, an application for aid or a payment; each of those features has the routes to its own papers.

use diesel::prelude::*;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use crate::audit::Event;
use crate::db::schema::attachments;
use crate::db::types::{Id, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::input::Reason;
use crate::keyring::hex;
use crate::organizations::OrganizationId;
use crate::users::UserId;
use crate::{input, members, say, separation, text_enum};

pub mod http;
mod rules;
pub mod scan;
mod store;

pub use rules::{MediaType, sniff};
pub use store::{contents, count, kinds, of_kind};

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
        /// 死亡证明 (65).
        DeathCertificate = "death_certificate",
        /// 亲属关系证明 (65).
        KinshipProof = "kinship_proof",
        /// 监护证明 (73).
        GuardianshipProof = "guardianship_proof",
        /// 授权委托书 (74).
        Proxy = "proxy",
        /// 走访照片.
        VisitPhoto = "visit_photo",
        /// 其他.
        Other = "other",
    }
}

/// Whose papers; a plain id, because cases build on this module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A hardship file's.
    File(Id<()>),
    /// An illness claim's.
    Claim(Id<()>),
    /// An application for aid's.
    Aid(Id<()>),
    /// A payment's.
    Payment(Id<()>),
}

impl Owner {
    /// Where the papers are, below `/api/v1`.
    fn place(self) -> String {
        match self {
            Self::File(id) => format!("/files/{id}/attachments"),
            Self::Claim(id) => format!("/illness-claims/{id}/attachments"),
            Self::Aid(id) => format!("/aid-applications/{id}/attachments"),
            Self::Payment(id) => format!("/payments/{id}/attachments"),
        }
    }

    /// What attaching, opening and taking away are called in the log.
    fn actions(self) -> [&'static str; 3] {
        match self {
            Self::File(_) => [
                "file.attached",
                "file.attachment_opened",
                "file.attachment_voided",
            ],
            Self::Claim(_) => [
                "claim.attached",
                "claim.attachment_opened",
                "claim.attachment_voided",
            ],
            Self::Aid(_) => ["aid.attached", "aid.attachment_opened", "aid.attachment_voided"],
            Self::Payment(_) => [
                "payment.attached",
                "payment.attachment_opened",
                "payment.attachment_voided",
            ],
        }
    }

    /// The ids of file, claim, application and payment, of which one is there.
    fn ids(self) -> [Option<Id<()>>; 4] {
        match self {
            Self::File(id) => [Some(id), None, None, None],
            Self::Claim(id) => [None, Some(id), None, None],
            Self::Aid(id) => [None, None, Some(id), None],
            Self::Payment(id) => [None, None, None, Some(id)],
        }
    }
}

/// A case that has papers.
pub struct Case {
    /// Which.
    pub owner: Owner,
    /// Its unit.
    pub organization_id: OrganizationId,
    /// The digests of the people whose own case it is: they keep away from its papers (6).
    pub persons: Vec<String>,
    /// The member's name, which no reason may hold.
    pub name: String,
    /// The kinds of which one paper at least must stay, because what was handed in rests on it.
    pub needed: Vec<Kind>,
    /// The papers that must stay, because something that was done names them.
    pub named: Vec<AttachmentId>,
}

/// A paper of a case.
#[derive(Debug, Clone, HasQuery, Insertable, Serialize, ToSchema)]
#[diesel(table_name = attachments)]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// The file, if it is a file's.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub file_id: Option<Id<()>>,
    /// The illness claim, if it is a claim's.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub claim_id: Option<Id<()>>,
    /// The application for aid, if it is an application's.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub aid_id: Option<Id<()>>,
    /// The payment, if it is a payment's.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub payment_id: Option<Id<()>>,
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

/// A paper with the SHA-256 of its content, by which it is compared with another copy.
#[derive(Debug, Clone, Serialize)]
pub struct Hashed {
    #[serde(flatten)]
    paper: Attachment,
    sha256: Option<String>,
}

/// The papers of a case with the hashes of their contents; none of what was taken away.
pub fn hashed(rx: &mut Rx, owner: Owner) -> Result<Vec<Hashed>> {
    let papers = store::all(rx, owner)?.into_iter();
    papers
        .map(|paper| {
            let content = paper
                .address
                .as_deref()
                .map(|address| store::content(rx, address));
            let sha256 = content.transpose()?.map(|content| hex(&Sha256::digest(content)));
            Ok(Hashed { paper, sha256 })
        })
        .collect()
}

/// Keeps a paper of a case; the same content is kept once.
fn attach(tx: &mut Tx, case: &Case, kind: Kind, content: &[u8], said: &str) -> Result<Attachment> {
    let media_type = sniff(content, said)?;
    not_own(tx, case)?;
    let address = tx.keys.digest_bytes("attachment", content);
    store::keep(tx, &address, content)?;
    let [file_id, claim_id, aid_id, payment_id] = case.owner.ids();
    let attachment = Attachment {
        id: tx.new_id(),
        file_id,
        claim_id,
        aid_id,
        payment_id,
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
    let [attached, ..] = case.owner.actions();
    event(attached, case, &attachment).record(tx)?;
    Ok(attachment)
}

/// The content of a paper; the log keeps who saw it and why (47, 87).
fn open(tx: &mut Tx, case: &Case, attachment: &Attachment, why: Why) -> Result<Vec<u8>> {
    members::without_name(&why.reason, &case.name, "/reason")?;
    let address = attachment.address.as_deref().ok_or_else(voided)?;
    let content = store::content(tx, address)?;
    let [_, opened, _] = case.owner.actions();
    event(opened, case, attachment).reason(why.reason).record(tx)?;
    Ok(content)
}

/// Takes a paper away, such as one of another person: the record stays, the content goes.
fn void(tx: &mut Tx, case: &Case, before: &Attachment, why: Why) -> Result<Attachment> {
    members::without_name(&why.reason, &case.name, "/reason")?;
    not_own(tx, case)?;
    let address = before.address.as_deref().ok_or_else(voided)?;
    let kept = store::kinds(tx, case.owner)?;
    let same = kept.iter().filter(|kind| **kind == before.kind).count();
    let last = case.needed.contains(&before.kind) && same < 2;
    rules::may_void(last || case.named.contains(&before.id))?;
    let after = Attachment {
        address: None,
        voided_at: Some(tx.now),
        version: before.version + 1,
        ..before.clone()
    };
    store::void(tx, &after)?;
    store::forget(tx, address)?;
    let [.., voided] = case.owner.actions();
    event(voided, case, &after)
        .version(after.version)
        .reason(why.reason)
        .record(tx)?;
    Ok(after)
}

/// Holds the papers of a case until the unit of work ends: nobody takes one away on which it rests.
pub fn hold(tx: &mut Tx, owner: Owner) -> Result<()> {
    tx.lock(&owner.place()).map(drop)
}

/// Nobody handles the papers of a case of their own.
fn not_own(tx: &mut Tx, case: &Case) -> Result<()> {
    for person in &case.persons {
        separation::not_own(tx, person)?;
    }
    Ok(())
}

fn voided() -> Error {
    Error::refused("voided", say!("附件已作废", "the attachment was taken away"))
}

fn event(action: &'static str, case: &Case, attachment: &Attachment) -> Event {
    let event = Event::of(action, "attachment", attachment.id)
        .organization(case.organization_id)
        .people(&case.persons)
        .field("kind", &attachment.kind)
        .field("size_bytes", &attachment.size_bytes);
    match case.owner {
        Owner::File(id) => event.field("file_id", &id),
        Owner::Claim(id) => event.field("claim_id", &id),
        Owner::Aid(id) => event.field("aid_id", &id),
        Owner::Payment(id) => event.field("payment_id", &id),
    }
}
