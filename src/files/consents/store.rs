//! Consents in SQL. The caller has checked that the file is in scope.

use diesel::prelude::*;

use super::{Consent, ConsentId, FileId, PersonId, Purpose};
use crate::db::schema::consents;
use crate::db::{Rx, Tx, unique};
use crate::error::{Error, Result};
use crate::say;

/// A consent of a file.
pub(super) fn find(rx: &mut Rx, file: FileId, id: ConsentId) -> Result<Consent> {
    Consent::query()
        .filter(consents::id.eq(id))
        .filter(consents::file_id.eq(file))
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("consent"))
}

/// Every consent of a file, in the order of recording.
pub(super) fn all(rx: &mut Rx, file: FileId) -> Result<Vec<Consent>> {
    let of_file = Consent::query().filter(consents::file_id.eq(file));
    Ok(of_file.order(consents::id).load(rx.conn)?)
}

/// Who has agreed to what and not withdrawn it.
pub(super) fn live(rx: &mut Rx, file: FileId) -> Result<Vec<(PersonId, Purpose)>> {
    let live = consents::table
        .filter(consents::file_id.eq(file))
        .filter(consents::withdrawn_on.is_null());
    Ok(live
        .select((consents::person_id, consents::purpose))
        .load(rx.conn)?)
}

pub(super) fn insert(tx: &mut Tx, consent: &Consent) -> Result<()> {
    let done = diesel::insert_into(consents::table)
        .values(consent)
        .execute(tx.conn);
    let again = || {
        let detail = say!(
            "该人员对此事项的同意仍有效",
            "this person has agreed to it already"
        );
        Error::refused("consent_exists", detail)
    };
    unique(done, again).map(drop)
}

/// Writes back that it was withdrawn; the caller has checked the version it read, in this transaction.
pub(super) fn withdraw(tx: &mut Tx, consent: &Consent) -> Result<()> {
    let place = consents::table
        .find(consent.id)
        .filter(consents::version.eq(consent.version - 1));
    let set = (
        consents::withdrawn_on.eq(consent.withdrawn_on),
        consents::version.eq(consent.version),
    );
    match diesel::update(place).set(set).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(Error::stale()),
    }
}
