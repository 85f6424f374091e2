//! What may be recorded and waived (50 to 55). Values in, verdict out.

use crate::db::types::{Date, Timestamp};
use crate::error::{Error, FieldError, Result};
use crate::ledger::details::{Details, Gift, GiftKind};
use crate::ledger::{Reason, State};
use crate::say;

/// When an action was done, and the days that bound it.
#[derive(Debug, Clone, Copy)]
pub struct When {
    /// The moment it was done.
    pub occurred_at: Timestamp,
    /// The day that was.
    pub on: Date,
    /// The present moment.
    pub now: Timestamp,
    /// The present day.
    pub today: Date,
    /// The day the file came on file.
    pub opened_on: Date,
    /// The last day it was on file, once it has left.
    pub closed_on: Option<Date>,
}

/// The refusal of anything done for a file that never came on file.
pub fn never_on_file() -> Error {
    Error::refused(
        "not_on_file",
        say!(
            "该档案未曾在档，不能登记五个一",
            "the file has never been on file: there is nothing to record"
        ),
    )
}

/// An action is not in the future, and was done while the file was on file.
pub fn may_have_occurred(when: &When) -> Result<()> {
    let at = |code, detail| Err(Error::invalid("/occurred_at", code, detail));
    let opened_on = when.opened_on;
    if when.occurred_at > when.now {
        return at("in_future", say!("不能晚于当前时间", "must not be in the future"));
    }
    if when.on < opened_on {
        return at(
            "before_on_file",
            say!(
                "不能早于建档日 {opened_on}",
                "must not be before the file came on file, {opened_on}"
            ),
        );
    }
    match when.closed_on {
        Some(closed_on) if when.on > closed_on => at(
            "after_on_file",
            say!(
                "不能晚于退档日 {closed_on}",
                "must not be after the file left, {closed_on}"
            ),
        ),
        _ => Ok(()),
    }
}

/// What was done in a year is recorded until its closing day in the next.
pub fn year_is_open(when: &When, closing: Date) -> Result<()> {
    if when.today <= closing {
        return Ok(());
    }
    Err(Error::refused(
        "year_closed",
        say!(
            "该年度已于 {closing} 截止登记",
            "the year was closed for recording on {closing}"
        ),
    ))
}

/// Values of an action that do not fit together.
pub fn check(details: &Details) -> Result<()> {
    let mut errors = Vec::new();
    match details {
        Details::CareVisit(visit) => check_gift(&visit.gift, &mut errors),
        Details::Insurance(cover) if cover.covers_to < cover.covers_from => errors.push(FieldError::new(
            "/covers_to",
            "before_start",
            say!(
                "不能早于保障开始日",
                "must not be before the first day of the cover"
            ),
        )),
        _ => {}
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(errors))
    }
}

fn check_gift(gift: &Gift, errors: &mut Vec<FieldError>) {
    let amount = gift.amount_fen.map(|fen| fen.0);
    match (gift.kind, amount) {
        (GiftKind::Money, None | Some(0)) => errors.push(FieldError::new(
            "/gift/amount_fen",
            "required",
            say!("慰问金须填写金额", "a gift of money needs its amount"),
        )),
        (GiftKind::None, Some(1..)) => errors.push(FieldError::new(
            "/gift/amount_fen",
            "not_allowed",
            say!(
                "没有慰问品时不能填写金额",
                "nothing was brought, so there is no amount"
            ),
        )),
        _ => {}
    }
}

/// Only an open duty is set aside.
pub fn may_waive(state: State) -> Result<()> {
    let refuse = |code, detail| Err(Error::refused(code, detail));
    match state {
        State::Open => Ok(()),
        State::Done => refuse(
            "already_done",
            say!(
                "该项已完成，无需免除",
                "the duty is done: there is nothing to waive"
            ),
        ),
        State::Waived => refuse("already_waived", say!("该项已免除", "the duty is waived already")),
        State::NotApplicable | State::None => refuse(
            "not_applicable",
            say!("该项本不适用", "the duty does not apply anyway"),
        ),
    }
}

/// "Other" says nothing without words.
pub fn reason_is_told(reason: Reason, comment: Option<&str>) -> Result<()> {
    if reason == Reason::Other && comment.is_none() {
        return Err(Error::invalid(
            "/comment",
            "required",
            say!("原因为“其他”时须说明", "the reason `other` needs a comment"),
        ));
    }
    Ok(())
}
