//! Repeats that have no second effect: `Idempotency-Key` and ids made by clients.
//!
//! The answer is stored in the transaction of its effect, so either both exist or neither. It is encrypted: it may
//! hold a one-time password.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;
use diesel::prelude::*;

use super::Reply;
use crate::db::schema::{client_ids, idempotency_keys};
use crate::db::types::Timestamp;
use crate::db::{Rx, Tx, unique};
use crate::error::{Error, FieldError, Result};
use crate::keyring::Sealed;
use crate::say;

/// How long an answer is kept for repeats.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// The keyed requests that this copy of the service is carrying out right now.
#[derive(Default, Clone)]
pub struct Running(Arc<Mutex<HashSet<String>>>);

/// A keyed request: the key belongs to the caller and the operation.
#[derive(Clone)]
pub struct Keyed {
    caller: String,
    operation: String,
    key: String,
    content: String,
}

/// The place of one keyed request among the running ones; leaving it makes room for a repeat.
pub struct Ticket {
    running: Running,
    request: Keyed,
}

impl Keyed {
    /// A request with this key and content.
    pub fn new(caller: String, operation: String, key: &str, content: String) -> Result<Self> {
        if key.is_empty() || key.len() > 255 || !key.bytes().all(|b| b.is_ascii_graphic()) {
            let detail = say!(
                "Idempotency-Key 须为 1 到 255 个可见 ASCII 字符",
                "Idempotency-Key must be 1 to 255 visible ASCII characters"
            );
            return Err(Error::Malformed(vec![FieldError::new(
                "",
                "invalid_idempotency_key",
                detail,
            )]));
        }
        Ok(Self {
            caller,
            operation,
            key: key.to_owned(),
            content,
        })
    }

    fn name(&self) -> String {
        format!("{}\n{}\n{}", self.caller, self.operation, self.key)
    }

    fn body_hash(&self, rx: &Rx) -> String {
        rx.keys.digest("idempotency_body", &self.content)
    }

    /// The answer that this request got before, if it did.
    pub fn answered(&self, rx: &mut Rx) -> Result<Option<Reply>> {
        let place = (
            self.caller.as_str(),
            self.operation.as_str(),
            rx.keys.digest("idempotency_key", &self.key),
        );
        let stored: Option<Row> = idempotency_keys::table
            .find(place)
            .get_result(rx.conn)
            .optional()?;
        let Some(row) = stored.filter(|row| row.created_at.plus(KEPT) > rx.now) else {
            return Ok(None);
        };
        if row.body_hash != self.body_hash(rx) {
            let detail = say!(
                "该 Idempotency-Key 已用于其他内容",
                "this Idempotency-Key was used with other content"
            );
            return Err(Error::invalid("", "idempotency_key_reused", detail));
        }
        let reply: Reply = rx.keys.open_json("answer", &row.answer_sealed)?;
        Ok(Some(reply.replayed()))
    }
}

impl Running {
    /// Enters a keyed request, unless one with the same key is still running.
    pub fn enter(&self, request: Keyed) -> Result<Ticket> {
        let ticket = Ticket {
            running: self.clone(),
            request,
        };
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if running.insert(ticket.request.name()) {
            Ok(ticket)
        } else {
            Err(in_progress())
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.running
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.request.name());
    }
}

fn in_progress() -> Error {
    Error::refused(
        "request_in_progress",
        say!(
            "相同的请求正在处理",
            "the same request is still being carried out"
        ),
    )
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = idempotency_keys)]
struct Row {
    caller_id: String,
    operation: String,
    key_hash: String,
    body_hash: String,
    answer_sealed: Sealed,
    created_at: Timestamp,
}

/// Runs `work` unless the same request has been answered before; then gives that answer again.
pub fn once(tx: &mut Tx, ticket: &Ticket, work: impl FnOnce(&mut Tx) -> Result<Reply>) -> Result<Reply> {
    let request = &ticket.request;
    if !tx.try_lock(&request.name())? {
        return Err(in_progress());
    }
    if let Some(reply) = request.answered(tx)? {
        return Ok(reply);
    }
    let reply = work(tx)?;
    let row = Row {
        caller_id: request.caller.clone(),
        operation: request.operation.clone(),
        key_hash: tx.keys.digest("idempotency_key", &request.key),
        body_hash: request.body_hash(tx),
        answer_sealed: tx.keys.seal_json("answer", &reply)?,
        created_at: tx.now,
    };
    let expired = (&row.caller_id, &row.operation, &row.key_hash);
    diesel::delete(idempotency_keys::table.find(expired)).execute(tx.conn)?;
    diesel::insert_into(idempotency_keys::table)
        .values(&row)
        .execute(tx.conn)?;
    Ok(reply)
}

/// The refusal of an id that something else has.
pub fn id_taken() -> Error {
    Error::refused(
        "id_taken",
        say!("该 id 已用于其他内容", "this id was used for other content"),
    )
}

/// Claims a client-made id for content with this digest: `true` when it is new, `false` when the same caller sent
/// the same content before.
pub fn claim_id(tx: &mut Tx, id: &str, digest: &str) -> Result<bool> {
    let caller = tx.actor.user()?.to_string();
    let known: Option<(String, String)> = client_ids::table
        .find(id)
        .select((client_ids::caller_id, client_ids::body_hash))
        .get_result(tx.conn)
        .optional()?;
    match known {
        Some((by, what)) if by == caller && what == digest => Ok(false),
        Some(_) => Err(id_taken()),
        None => {
            let row = (
                client_ids::id.eq(id),
                client_ids::caller_id.eq(caller),
                client_ids::body_hash.eq(digest),
            );
            unique(
                diesel::insert_into(client_ids::table)
                    .values(row)
                    .execute(tx.conn),
                id_taken,
            )?;
            Ok(true)
        }
    }
}

/// Forgets answers that are no longer kept.
pub fn cleanup(tx: &mut Tx) -> Result<usize> {
    let before = tx.now.plus(-KEPT);
    Ok(
        diesel::delete(idempotency_keys::table.filter(idempotency_keys::created_at.lt(before)))
            .execute(tx.conn)?,
    )
}
