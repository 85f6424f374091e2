//! Sending a claim back and refusing it, with reasons (33, 35).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::http::{Rejection, Returning};
use super::rules::{RejectCode, ReturnCode, Verb, steps};
use super::{Claim, Status, event, step, store, take_part};
use crate::db::Tx;
use crate::db::types::Timestamp;
use crate::error::{Error, Result};
use crate::say;
use crate::users::UserId;

/// A return or a rejection. None is ever dropped.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ClaimDecision)]
pub struct Decision {
    /// `returned` or `rejected`.
    pub status: Status,
    /// Why.
    #[schema(example = "missing_material")]
    pub reason_code: String,
    /// The fields to be mended.
    pub fields: Vec<String>,
    /// Why, in words.
    pub comment: Option<String>,
    /// By whom.
    #[schema(value_type = String, format = "uuid")]
    pub decided_by: UserId,
    /// When.
    pub decided_at: Timestamp,
}

impl Decision {
    /// A decision of the acting person at this moment.
    pub(crate) fn new(
        tx: &Tx,
        status: Status,
        code: &str,
        fields: Vec<String>,
        comment: Option<String>,
    ) -> Result<Self> {
        Ok(Self {
            status,
            reason_code: code.to_owned(),
            fields,
            comment,
            decided_by: tx.actor.user()?,
            decided_at: tx.now,
        })
    }

    /// The comment of a decision, which the reason `other` needs.
    pub(crate) fn comment(comment: Option<String>, other: bool) -> Result<Option<String>> {
        if other && comment.is_none() {
            let detail = say!("选择“其他”须说明原因", "`other` needs a comment");
            return Err(Error::invalid("/comment", "required", detail));
        }
        Ok(comment)
    }
}

/// Sends a claim back to be mended; a verification it had is void.
pub fn return_to_sender(tx: &mut Tx, claim: Claim, why: Returning) -> Result<Claim> {
    let other = why.reason_code == ReturnCode::Other;
    let comment = Decision::comment(why.comment.map(String::from), other)?;
    let fields = why.fields.into_iter().map(String::from).collect();
    let decision = Decision::new(tx, Status::Returned, why.reason_code.as_str(), fields, comment)?;
    decide(tx, claim, Verb::Return, decision, "claim.returned")
}

/// Refuses a claim.
pub fn reject(tx: &mut Tx, claim: Claim, why: Rejection) -> Result<Claim> {
    let other = why.reason_code == RejectCode::Other;
    let comment = Decision::comment(why.comment.map(String::from), other)?;
    let code = why.reason_code.as_str();
    let decision = Decision::new(tx, Status::Rejected, code, Vec::new(), comment)?;
    decide(tx, claim, Verb::Reject, decision, "claim.rejected")
}

fn decide(
    tx: &mut Tx,
    mut claim: Claim,
    verb: Verb,
    decision: Decision,
    action: &'static str,
) -> Result<Claim> {
    let verified_it = claim.verifier_id == Some(decision.decided_by);
    let part = steps::judging(claim.status, verified_it, verb);
    step(tx, &mut claim, verb)?;
    take_part(tx, &claim, part)?;
    let reason = decision.reason_code.clone();
    let mut decisions = claim.decisions(tx)?;
    decisions.push(decision);
    claim.decisions_sealed = tx.keys.seal_json("claim_decisions", &decisions)?;
    claim.verifier_id = None;
    store::update(tx, &claim)?;
    event(action, &claim)
        .field("status", &claim.status)
        .reason(reason)
        .record(tx)?;
    Ok(claim)
}
