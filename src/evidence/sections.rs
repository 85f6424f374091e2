//! The records that belong to a pack, as they are shown to an auditor.

use chrono::Datelike as _;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Gathered, Subject, rules, store};
use crate::attachments::{self, Owner};
use crate::db::Rx;
use crate::db::types::{Date, Id, Timestamp};
use crate::error::{Error, Result};
use crate::files::{self, File, household, means, procedure, revisions};
use crate::payments::{self, Case, Payment};
use crate::{aid, batches, claims, funds, ledger, members, recoveries, separation};

/// Sections in the making.
#[derive(Default)]
struct Sections {
    all: Map<String, Value>,
    subjects: Vec<String>,
}

impl Sections {
    fn put(&mut self, name: &str, value: impl Serialize) -> Result<()> {
        let value = serde_json::to_value(value).map_err(Error::internal)?;
        self.subjects.extend(rules::ids(&value));
        self.all.insert(name.to_owned(), value);
        Ok(())
    }
}

/// What led to a payment.
pub(super) fn of_payment(rx: &mut Rx, payment: &Payment) -> Result<Gathered> {
    let mut sections = Sections::default();
    let case = Case::of(rx, payment)?;
    let (file, papers) = match &case {
        Case::Claim(claim) => {
            sections.put("claim", claims::http::Shown::of(rx, claim.clone())?)?;
            (
                store::file_of(rx, claim.member_id, payment.approved_on)?,
                claim.id.papers(),
            )
        }
        Case::Aid(application) => {
            sections.put("aid_application", aid::http::Shown::of(rx, application.clone())?)?;
            let file = match application.file_id {
                Some(file) => Some(files::unscoped(rx, file)?),
                None => None,
            };
            (file, application.id.papers())
        }
    };
    sections.put("payment", payments::http::Shown::of(rx, payment.clone())?)?;
    sections.put(
        "account_changes",
        payments::accounts::http::of_payment(rx, payment.id)?,
    )?;
    let (line, movements) = funds::http::of_payment(rx, payment.budget_line_id, payment.id)?;
    let movements = serde_json::to_value(movements).map_err(Error::internal)?;
    let line = serde_json::to_value(line).map_err(Error::internal)?;
    let moved = moved(&line, &movements);
    sections.put("budget_line", line)?;
    sections.put("book_movements", movements)?;
    let (sheets, lines): (Vec<_>, Vec<_>) = batches::http::of_payment(rx, payment.id)?.into_iter().unzip();
    sections.put("payment_batches", sheets)?;
    sections.put("batch_lines", lines)?;
    sections.put("recoveries", recoveries::http::of_payment(rx, payment.id)?)?;
    let member = members::find_any(rx, case.member_id())?;
    sections.put("member", members::Shown::of(member, rx.keys)?)?;
    if let Some(file) = &file {
        put_file(rx, &mut sections, file, payment.approved_on)?;
    }
    let owners = [payment.id.papers(), papers];
    let cases = [payment.id.cast(), case.id()];
    finish(
        rx,
        sections,
        (&owners, &cases, file.as_ref()),
        moved,
        Subject {
            kind: "payment",
            id: payment.id.cast(),
            as_of: payment.approved_on,
        },
    )
}

/// What led to a file as it was on a day.
pub(super) fn of_file(rx: &mut Rx, file: &File, day: Date) -> Result<Gathered> {
    let mut sections = Sections::default();
    let member = members::find_any(rx, file.member_id)?;
    sections.put("member", members::Shown::of(member, rx.keys)?)?;
    put_file(rx, &mut sections, file, day)?;
    finish(
        rx,
        sections,
        (&[], &[], Some(file)),
        Vec::new(),
        Subject {
            kind: "file",
            id: file.id.cast(),
            as_of: day,
        },
    )
}

/// The file and all that hangs on it, its household as it was at the end of a day.
fn put_file(rx: &mut Rx, sections: &mut Sections, file: &File, day: Date) -> Result<()> {
    sections.put("file", revisions::file_on(rx, file.id, day)?.1)?;
    let (people, profile) = household::http::as_of(rx, file.id, day)?;
    sections.put("household", people)?;
    sections.put("profile", profile)?;
    sections.put("assessments", means::http::all_shown(rx, file.id)?)?;
    sections.put("procedure", procedure::http::proceedings(rx, file.id)?)?;
    sections.put("objections", procedure::http::objections(rx, file.id)?)?;
    let Some(opened_on) = file.opened_on.filter(|opened| *opened <= day) else {
        return Ok(());
    };
    let last = file.closed_on.unwrap_or(day).min(day);
    let mut ledgers = Vec::new();
    for year in opened_on.year()..=last.year() {
        ledgers.push(ledger::ledger(rx, file.id, year)?);
    }
    sections.put("five_ones", ledgers)
}

type Around<'a> = (&'a [Owner], &'a [Id<()>], Option<&'a File>);

/// Adds the papers, who did which part, and the rules and people that the sections name.
fn finish(
    rx: &mut Rx,
    mut sections: Sections,
    (owners, cases, file): Around,
    moved: Vec<(String, Timestamp)>,
    subject: Subject,
) -> Result<Gathered> {
    let owners = owners.iter().copied().chain(file.map(|file| file.id.papers()));
    let mut papers = Vec::new();
    for owner in owners {
        papers.extend(attachments::hashed(rx, owner)?);
    }
    sections.put("attachments", papers)?;
    let cases = cases.iter().copied().chain(file.map(|file| file.id.cast()));
    let mut parts = Vec::new();
    for case in cases {
        for (user, part, round) in separation::parts(rx, case)? {
            parts.push(json!({ "case_id": case, "user_id": user, "part": part, "round": round }));
        }
    }
    sections.put("parts", parts)?;
    let named = rules::named(&sections.all);
    sections
        .all
        .insert("policies".into(), store::policies(rx, &named)?);
    sections.all.insert("people".into(), store::people(rx, &named)?);
    let mut subjects = sections.subjects;
    subjects.extend(file.map(|file| file.id.to_string()));
    Ok(Gathered {
        subject,
        sections: sections.all,
        subjects,
        moved,
    })
}

/// Fund and moment of each movement.
fn moved(line: &Value, movements: &Value) -> Vec<(String, Timestamp)> {
    let fund = line["fund_id"].as_str().unwrap_or_default();
    let moments = movements.as_array().into_iter().flatten();
    let moments = moments.filter_map(|one| one["at"].as_str()?.parse().ok());
    moments.map(|at| (fund.to_owned(), at)).collect()
}
