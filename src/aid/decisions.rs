//! Sending an application back and refusing it, with reasons (33, 35).

use super::bodies::{Rejection, Returning};
use super::rules::RejectCode;
use super::{Application, event, step, store, take_part};
use crate::claims::rules::{ReturnCode, steps};
use crate::claims::{Decision, Status, Verb};
use crate::db::Tx;
use crate::error::Result;

/// Sends an application back to be mended; a verification it had is void.
pub fn return_to_sender(tx: &mut Tx, application: Application, why: Returning) -> Result<Application> {
    let other = why.reason_code == ReturnCode::Other;
    let comment = Decision::comment(why.comment.map(String::from), other)?;
    let fields = why.fields.into_iter().map(String::from).collect();
    let decision = Decision::new(tx, Status::Returned, why.reason_code.as_str(), fields, comment)?;
    decide(tx, application, Verb::Return, decision, "aid.returned")
}

/// Refuses an application.
pub fn reject(tx: &mut Tx, application: Application, why: Rejection) -> Result<Application> {
    let other = why.reason_code == RejectCode::Other;
    let comment = Decision::comment(why.comment.map(String::from), other)?;
    let code = why.reason_code.as_str();
    let decision = Decision::new(tx, Status::Rejected, code, Vec::new(), comment)?;
    decide(tx, application, Verb::Reject, decision, "aid.rejected")
}

fn decide(
    tx: &mut Tx,
    mut application: Application,
    verb: Verb,
    decision: Decision,
    action: &'static str,
) -> Result<Application> {
    let verified_it = application.verifier_id == Some(decision.decided_by);
    let part = steps::judging(application.status, verified_it, verb);
    step(tx, &mut application, verb)?;
    take_part(tx, &application, part)?;
    let reason = decision.reason_code.clone();
    let mut decisions = application.decisions(tx)?;
    decisions.push(decision);
    application.decisions_sealed = tx.keys.seal_json("aid_decisions", &decisions)?;
    application.verifier_id = None;
    application.confirmed_by = None;
    store::update(tx, &application)?;
    event(action, &application)
        .field("status", &application.status)
        .reason(reason)
        .record(tx)?;
    Ok(application)
}
