//! Witnesses in SQL.

use diesel::prelude::*;

use super::{Witness, WitnessId};
use crate::db::schema::audit_witnesses;
use crate::db::{Rx, Tx, unique};
use crate::error::{Error, Result};
use crate::say;

pub(super) fn insert(tx: &mut Tx, witness: &Witness) -> Result<()> {
    let done = diesel::insert_into(audit_witnesses::table)
        .values(witness)
        .execute(tx.conn);
    unique(done, || {
        let detail = say!("该公钥已登记", "this key is registered already");
        Error::refused("witness_exists", detail)
    })?;
    Ok(())
}

pub(super) fn retire(tx: &mut Tx, witness: &Witness) -> Result<()> {
    let change = (
        audit_witnesses::retired_at.eq(witness.retired_at),
        audit_witnesses::version.eq(witness.version),
    );
    let live = audit_witnesses::table
        .find(witness.id)
        .filter(audit_witnesses::retired_at.is_null());
    match diesel::update(live).set(change).execute(tx.conn)? {
        0 => Err(Error::stale()),
        _ => Ok(()),
    }
}

pub(super) fn find(rx: &mut Rx, id: WitnessId) -> Result<Witness> {
    Witness::query()
        .find(id)
        .first(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("witness"))
}

/// All of them, retired ones too: there are a handful.
pub(super) fn all(rx: &mut Rx) -> Result<Vec<Witness>> {
    Ok(Witness::query().order(audit_witnesses::id).load(rx.conn)?)
}

/// Those whose signatures are taken.
pub(super) fn active(rx: &mut Rx) -> Result<Vec<Witness>> {
    let all = all(rx)?.into_iter();
    Ok(all.filter(|witness| witness.retired_at.is_none()).collect())
}

/// The keys of all witnesses, retired ones too: their signatures stay.
pub fn keys(rx: &mut Rx) -> Result<Vec<String>> {
    Ok(all(rx)?.into_iter().map(|witness| witness.key).collect())
}
