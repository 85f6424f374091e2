//! A second record of a person who is registered already is merged into the other: it stays with its history, and
//! points there. Undoing takes the pointer away; nothing else was rewritten.

use super::bodies::{Merge, Unmerge};
use super::{Member, MemberId, event, rules, store};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::{duplicates, say, separation};

/// Takes a record out of use in favour of another that was decided to be of the same person.
pub(super) fn merge(tx: &mut Tx, before: &Member, merge: Merge) -> Result<Member> {
    rules::without_name(&merge.reason, &before.name, "/reason")?;
    let kept = match store::find(tx, merge.into) {
        Err(Error::NotFound(_)) => return Err(Error::unknown_reference("/into")),
        found => found?,
    };
    for record in [before, &kept] {
        separation::not_own(tx, &record.person)?;
    }
    rules::may_merge(before, &kept)?;
    if !duplicates::are_same(tx, before.id.cast(), kept.id.cast())? {
        let detail = say!(
            "须先认定两条记录为同一人",
            "it must have been decided that the two records are of one person"
        );
        return Err(Error::refused("not_decided", detail));
    }
    if store::has_merged(tx, before.id)? {
        let detail = say!(
            "已有记录并入本记录",
            "other records are merged into this one: keep this one, or undo those first"
        );
        return Err(Error::refused("has_merged", detail));
    }
    if store::on_file(tx, before.id)? {
        let detail = say!(
            "该记录有未结的档案：请先注销（重复建档）",
            "this record has a file that has not ended: close it as a merged duplicate first"
        );
        return Err(Error::refused("file_exists", detail));
    }
    let mut after = before.clone();
    after.merged_into = Some(kept.id);
    store::update(tx, &mut after)?;
    event("member.merged", &after)
        .field("merged_into", &after.merged_into)
        .people([&kept.person])
        .reason(merge.reason)
        .record(tx)?;
    Ok(after)
}

/// Makes a merged record one of its own again.
pub(super) fn undo(tx: &mut Tx, before: &Member, undo: Unmerge) -> Result<Member> {
    rules::without_name(&undo.reason, &before.name, "/reason")?;
    separation::not_own(tx, &before.person)?;
    let Some(kept) = before.merged_into else {
        let detail = say!("该记录未被合并", "this record is not merged");
        return Err(Error::refused("not_merged", detail));
    };
    let mut after = before.clone();
    after.merged_into = None;
    store::update(tx, &mut after)?;
    let other = store::find_any(tx, kept)?.person;
    event("member.unmerged", &after)
        .field("merged_into", &kept)
        .people([other])
        .reason(undo.reason)
        .record(tx)?;
    Ok(after)
}

/// Refuses a new case on a record that is merged; names the record to use to those who see it.
pub fn not_merged(rx: &mut Rx, member: &Member) -> Result<()> {
    let Some(kept) = member.merged_into else {
        return Ok(());
    };
    let detail = say!(
        "该记录已并入同一人的另一条记录",
        "this record is merged into another of the same person"
    );
    let refusal = Error::refused("merged", detail);
    Err(match store::find(rx, kept) {
        Ok(_) => refusal.with("member_id", kept),
        Err(Error::NotFound(_)) => refusal,
        Err(other) => other,
    })
}

/// The digests of whoever has this one: one for each merged record, or this one of somebody who is no member.
pub fn same_person(rx: &mut Rx, person: String) -> Result<Vec<String>> {
    match store::id_of(rx, &person)? {
        Some(member) => persons(rx, member),
        None => Ok(vec![person]),
    }
}

/// The digests of a person: one for each record that is merged with the member's (62).
pub fn persons(rx: &mut Rx, member: MemberId) -> Result<Vec<String>> {
    store::persons(rx, member)
}
