//! Attachments in SQL. The caller has checked that the case is in scope.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::{Attachment, AttachmentId, Kind, Owner};
use crate::db::schema::{attachment_contents, attachments};
use crate::db::{MultiBackend, Rx, Tx, unless_taken};
use crate::error::{Error, Result};
use crate::keyring::Sealed;

/// The attachments of a case.
fn papers<'a>(owner: Owner) -> attachments::BoxedQuery<'a, MultiBackend> {
    let all = attachments::table.into_boxed();
    match owner {
        Owner::File(id) => all.filter(attachments::file_id.eq(id)),
        Owner::Claim(id) => all.filter(attachments::claim_id.eq(id)),
        Owner::Aid(id) => all.filter(attachments::aid_id.eq(id)),
        Owner::Payment(id) => all.filter(attachments::payment_id.eq(id)),
    }
}

/// An attachment of a case.
pub(super) fn find(rx: &mut Rx, owner: Owner, id: AttachmentId) -> Result<Attachment> {
    let found = papers(owner).filter(attachments::id.eq(id));
    found
        .select(Attachment::as_select())
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("attachment"))
}

/// The attachments of a case, in the order of attaching.
pub(super) fn all(rx: &mut Rx, owner: Owner) -> Result<Vec<Attachment>> {
    let in_order = papers(owner).order(attachments::id);
    Ok(in_order.select(Attachment::as_select()).load(rx.conn)?)
}

/// How many of `ids` are attachments of the case of this kind, and not voided.
pub fn of_kind(rx: &mut Rx, owner: Owner, kind: Kind, ids: &[AttachmentId]) -> Result<i64> {
    let found = papers(owner)
        .filter(attachments::kind.eq(kind))
        .filter(attachments::voided_at.is_null())
        .filter(attachments::id.eq_any(ids.to_vec()));
    Ok(found.count().get_result(rx.conn)?)
}

/// How many different contents `ids` have that are attachments of the case of this kind, and not voided.
pub fn contents(rx: &mut Rx, owner: Owner, kind: Kind, ids: &[AttachmentId]) -> Result<usize> {
    let found = papers(owner)
        .filter(attachments::kind.eq(kind))
        .filter(attachments::voided_at.is_null())
        .filter(attachments::id.eq_any(ids.to_vec()));
    let addresses: Vec<Option<String>> = found.select(attachments::address).load(rx.conn)?;
    Ok(addresses.into_iter().collect::<BTreeSet<_>>().len())
}

/// The kinds of a case's attachments that are not voided, once for each.
pub fn kinds(rx: &mut Rx, owner: Owner) -> Result<Vec<Kind>> {
    let kept = papers(owner).filter(attachments::voided_at.is_null());
    Ok(kept.select(attachments::kind).load(rx.conn)?)
}

/// How many attachments of a case are not voided.
pub fn count(rx: &mut Rx, owner: Owner) -> Result<i64> {
    let kept = papers(owner).filter(attachments::voided_at.is_null());
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
