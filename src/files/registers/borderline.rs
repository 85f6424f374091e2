//! The borderline register (rule 22): applicants who narrowly missed a file. They get no central money, so nothing here
//! leads to a payment.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{ended, rules, store, subject};
use crate::audit::Event;
use crate::db::Tx;
use crate::db::schema::borderline_entries;
use crate::db::types::{Id, Timestamp};
use crate::error::{Error, Result};
use crate::files::{self, FileId, means};
use crate::input::Comment;
use crate::keyring::Sealed;
use crate::members::{Member, MemberId};
use crate::organizations::OrganizationId;
use crate::users::UserId;
use crate::{input, say, separation, text_enum};

/// The id of an entry.
pub type EntryId = Id<Entry>;

text_enum! {
    /// Why somebody leaves the borderline register.
    #[schema(as = BorderlineRemovalReason)]
    pub enum RemovalReason {
        /// 已建档.
        OnFile = "on_file",
        /// 状况好转.
        Improved = "improved",
        /// 迁出.
        Moved = "moved",
        /// 其他.
        Other = "other",
    }
}

/// An entry, as kept.
#[derive(Debug, Clone, HasQuery, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = borderline_entries)]
#[diesel(treat_none_as_null = true)]
pub struct Entry {
    /// Its id.
    pub id: EntryId,
    /// Who.
    pub member_id: MemberId,
    /// Digest of that person's ID number.
    pub person: String,
    /// The unit of the member when it was recorded.
    pub organization_id: OrganizationId,
    /// The file that was not granted.
    pub assessment_file_id: Option<FileId>,
    /// [`Said`], encrypted.
    pub sealed: Sealed,
    /// Who recorded it.
    pub recorded_by: UserId,
    /// When.
    pub recorded_at: Timestamp,
    /// Why it was removed.
    pub removed_reason: Option<RemovalReason>,
    /// The same in words, encrypted.
    pub comment_sealed: Option<Sealed>,
    /// Who removed it.
    pub removed_by: Option<UserId>,
    /// When.
    pub removed_at: Option<Timestamp>,
    /// Version, for `If-Match`.
    pub version: i32,
}

/// What an entry keeps encrypted.
#[derive(Debug, Serialize, Deserialize)]
pub struct Said {
    /// What was noted.
    pub note: String,
    /// Net income per head and month by the last assessment of the file, in fen.
    pub net_per_head_fen: Option<i64>,
}

input! {
    /// Somebody to keep in the register.
    #[schema(as = NewBorderlineEntry)]
    pub struct NewEntry {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<EntryId>,
        /// Who.
        #[schema(value_type = String, format = "uuid")]
        pub member_id: MemberId,
        /// A rejected or withdrawn file of the member: the figure is taken from its last assessment.
        #[schema(value_type = Option<String>, format = "uuid", example = json!(null))]
        pub assessment_file_id: Option<FileId>,
        /// Why to keep it in view; kept encrypted.
        #[schema(value_type = String, max_length = 2000, example = "人均收入略高于标准，每半年回访")]
        pub note: Comment,
    }
}

input! {
    /// Why somebody leaves the register.
    #[schema(as = BorderlineRemoval)]
    pub struct Removal {
        /// The reason; `other` needs a comment.
        pub reason_code: RemovalReason,
        /// In words; kept encrypted.
        #[schema(value_type = Option<String>, max_length = 2000)]
        pub comment: Option<Comment>,
    }
}

impl Entry {
    /// Refuses with `ended` what was removed.
    pub fn still_current(&self) -> Result<()> {
        match self.removed_at {
            None => Ok(()),
            Some(_) => Err(ended()),
        }
    }
}

/// Keeps a member who is not on file in the register, once at a time.
pub fn record(tx: &mut Tx, id: EntryId, new: NewEntry) -> Result<Entry> {
    let member = subject(tx, new.member_id)?;
    let net_per_head_fen = match new.assessment_file_id {
        Some(file) => figure(tx, &member, file)?,
        None => None,
    };
    if let Some((file, organization_id)) = store::on_file(tx, member.id)? {
        return Err(files::file_exists(tx, file, organization_id)?);
    }
    let said = Said {
        note: new.note.into(),
        net_per_head_fen,
    };
    let entry = Entry {
        id,
        member_id: member.id,
        person: member.person,
        organization_id: member.organization_id,
        assessment_file_id: new.assessment_file_id,
        sealed: tx.keys.seal_json("borderline", &said)?,
        recorded_by: tx.actor.user()?,
        recorded_at: tx.now,
        removed_reason: None,
        comment_sealed: None,
        removed_by: None,
        removed_at: None,
        version: 1,
    };
    if !store::insert_entry(tx, &entry)? {
        let detail = say!(
            "该会员已在边缘困难名册中",
            "this member is on the register already"
        );
        return Err(Error::refused("on_register", detail));
    }
    event("borderline.recorded", &entry)
        .field("member_id", &entry.member_id)
        .field("assessment_file_id", &entry.assessment_file_id)
        .record(tx)?;
    Ok(entry)
}

/// Net income per head and month, in fen, by the last assessment of a file of the member that was not granted.
fn figure(tx: &mut Tx, member: &Member, file: FileId) -> Result<Option<i64>> {
    let file = match files::find(tx, file) {
        Err(Error::NotFound(_)) => return Err(Error::unknown_reference("/assessment_file_id")),
        found => found?,
    };
    rules::near_miss(&file, member.id)?;
    let last = means::last_verdict(tx, file.id)?;
    Ok(last.map(|verdict| verdict.net_per_head_month_fen))
}

/// Takes somebody off the register; the entry stays.
pub fn remove(tx: &mut Tx, before: &Entry, removal: Removal) -> Result<Entry> {
    before.still_current()?;
    let comment = removal.comment.as_deref();
    files::rules::explained(removal.reason_code == RemovalReason::Other, comment)?;
    separation::not_own(tx, &before.person)?;
    let mut after = Entry {
        removed_reason: Some(removal.reason_code),
        comment_sealed: comment
            .map(|text| tx.keys.seal("borderline_removal", text))
            .transpose()?,
        removed_by: Some(tx.actor.user()?),
        removed_at: Some(tx.now),
        ..before.clone()
    };
    store::update_entry(tx, &mut after)?;
    event("borderline.removed", &after)
        .field("removed_at", &after.removed_at)
        .reason(removal.reason_code.as_str())
        .record(tx)?;
    Ok(after)
}

fn event(action: &'static str, entry: &Entry) -> Event {
    Event::of(action, "borderline_entry", entry.id)
        .organization(entry.organization_id)
        .people([&entry.person])
        .version(entry.version)
}
