//! Attachments in SQL. The caller has checked that the file is in scope.

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::{Attachment, AttachmentId, FileId, Kind};
use crate::db::schema::{attachment_contents, attachments};
use crate::db::{Rx, Tx, unless_taken};
use crate::error::{Error, Result};
use crate::keyring::Sealed;

/// An attachment of a file.
pub fn find(rx: &mut Rx, file: FileId, id: AttachmentId) -> Result<Attachment> {
    Attachment::query()
        .filter(attachments::id.eq(id))
        .filter(attachments::file_id.eq(file))
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("attachment"))
}

/// The attachments of a file, in the order of attaching.
pub(super) fn all(rx: &mut Rx, file: FileId) -> Result<Vec<Attachment>> {
    let of_file = Attachment::query().filter(attachments::file_id.eq(file));
    Ok(of_file.order(attachments::id).load(rx.conn)?)
}

/// How many of `ids` are attachments of the file of this kind, and not voided.
pub fn of_kind(rx: &mut Rx, file: FileId, kind: Kind, ids: &[AttachmentId]) -> Result<i64> {
    let found = attachments::table
        .filter(attachments::file_id.eq(file))
        .filter(attachments::kind.eq(kind))
        .filter(attachments::voided_at.is_null())
        .filter(attachments::id.eq_any(ids));
    Ok(found.count().get_result(rx.conn)?)
}

/// How many attachments of a file are not voided.
pub fn count(rx: &mut Rx, file: FileId) -> Result<i64> {
    let kept = attachments::table
        .filter(attachments::file_id.eq(file))
        .filter(attachments::voided_at.is_null());
    Ok(kept.count().get_result(rx.conn)?)
}

/// Keeps a content, once.
pub(super) fn keep(tx: &mut Tx, address: &str, content: &[u8]) -> Result<()> {
    let known = attachment_contents::table.find(address);
    if diesel::select(diesel::dsl::exists(known)).get_result(tx.conn)? {
        return Ok(());
    }
    let sealed = tx.keys.seal_bytes("attachment", content)?;
    let row = (
        attachment_contents::address.eq(address),
        attachment_contents::sealed.eq(sealed),
    );
    unless_taken(tx, |conn| {
        diesel::insert_into(attachment_contents::table)
            .values(row)
            .execute(conn)
    })
    .map(drop)
}

/// The content at an address.
pub(super) fn content(rx: &mut Rx, address: &str) -> Result<Vec<u8>> {
    let sealed: Sealed = attachment_contents::table
        .find(address)
        .select(attachment_contents::sealed)
        .get_result(rx.conn)?;
    rx.keys.open_bytes("attachment", &sealed)
}

pub(super) fn insert(tx: &mut Tx, attachment: &Attachment) -> Result<()> {
    diesel::insert_into(attachments::table)
        .values(attachment)
        .execute(tx.conn)?;
    Ok(())
}

/// Writes back that an attachment was voided; the caller has checked the version it read, in this transaction.
pub(super) fn void(tx: &mut Tx, attachment: &Attachment) -> Result<()> {
    let place = attachments::table
        .find(attachment.id)
        .filter(attachments::version.eq(attachment.version - 1));
    let set = (
        attachments::address.eq(None::<String>),
        attachments::voided_at.eq(attachment.voided_at),
        attachments::version.eq(attachment.version),
    );
    match diesel::update(place).set(set).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(Error::stale()),
    }
}

/// Deletes a content to which no attachment points, not even one that was made at this moment.
pub(super) fn forget(tx: &mut Tx, address: &str) -> Result<()> {
    let used = attachments::table.filter(attachments::address.eq(address));
    if diesel::select(diesel::dsl::exists(used)).get_result(tx.conn)? {
        return Ok(());
    }
    let content = attachment_contents::table.find(address);
    match tx.conn.transaction(|conn| diesel::delete(content).execute(conn)) {
        Err(DieselError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _)) => Ok(()),
        done => Ok(done.map(drop)?),
    }
}
