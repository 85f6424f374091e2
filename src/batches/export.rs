//! The file for the bank: made once, kept encrypted with its digest, the same bytes for ever (75, 77).

use super::rules::Step;
use super::{Batch, Line, LineStatus, Made, event, layouts, look, rules, store};
use crate::bank;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::{failpoint, payments};

/// How lines stand that are in the file.
const SENT: &[LineStatus] = &[LineStatus::Exported, LineStatus::Paid, LineStatus::Returned];

/// Makes the file. Every payment is looked at once more: what may not be paid now stays behind with its reason.
pub fn export(tx: &mut Tx, mut batch: Batch) -> Result<Batch> {
    super::step(tx, &mut batch, Step::Export)?;
    failpoint!("export.begun");
    rules::another(&tx.actor.person, &[batch.approver_person.as_ref()])?;
    let mut lines = Vec::new();
    let mut blocked = 0;
    for line in store::pending(tx, batch.id)? {
        match send(tx, &line)? {
            Some(written) => lines.push(written),
            None => blocked += 1,
        }
        failpoint!("export.line");
    }
    rules::has_lines(i32::try_from(lines.len()).unwrap_or(i32::MAX))?;
    let layout = layouts::referred(tx, batch.layout_id)?.layout()?;
    failpoint!("export.looked");
    let content = bank::write(&layout, &lines)?;
    let made = Made {
        hash: tx.keys.digest_bytes("bank_file", &content),
        content: tx.keys.seal_bytes("bank_file", &content)?,
    };
    failpoint!("export.made");
    batch.exported_by = Some(tx.actor.user()?);
    batch.exporter_person = Some(tx.actor.person.clone());
    batch.exported_at = Some(tx.now);
    batch.content_hash = Some(made.hash.clone());
    store::keep_content(tx, batch.id, &made.content)?;
    failpoint!("export.kept");
    store::update(tx, &batch)?;
    event("batch.exported", &batch)
        .people(store::people(tx, batch.id, SENT)?)
        .field("lines", &lines.len())
        .field("blocked", &blocked)
        .field("content_hash", &made.hash)
        .record(tx)?;
    failpoint!("export.done");
    Ok(batch)
}

/// The line as the bank gets it, or nothing when it stays behind.
fn send(tx: &mut Tx, line: &Line) -> Result<Option<bank::Line>> {
    let (payment, stop) = payments::hand_over(tx, line.payment_id)?;
    if let Some(reason) = stop {
        store::block(tx, line.id, reason)?;
        return Ok(None);
    }
    store::set_line(tx, line.id, LineStatus::Exported)?;
    let payee = payment.payee(tx)?;
    Ok(Some(bank::Line {
        reference: line.reference.clone(),
        payee_name: payee.name,
        account_number: payee.account_number,
        bank: payee.bank,
        amount: line.amount_fen,
        purpose: payments::purpose(tx, &payment)?,
    }))
}

/// The file as it was made; each look at it is an event.
pub(super) fn content(tx: &mut Tx, batch: &Batch) -> Result<Vec<u8>> {
    let sealed = store::content(tx, batch.id)?.ok_or_else(|| {
        rules::after(batch.status, Step::Settle)
            .err()
            .unwrap_or(Error::NotFound("payment_batch"))
    })?;
    let content = tx.keys.open_bytes("bank_file", &sealed)?;
    look("batch.downloaded", batch)
        .people(store::people(tx, batch.id, SENT)?)
        .field("content_hash", &batch.content_hash)
        .record(tx)?;
    Ok(content)
}
