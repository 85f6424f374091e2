//! What the insurer gets (85): the people in fixed columns and the master form below, made once, the same bytes for ever.

use super::{List, look, plans, store};
use crate::bank::cell::safe;
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::{members, organizations};

/// The name under which it is sealed.
const SEAL: &str = "insurance_list";
/// The columns of a person.
const PEOPLE: [&str; 7] = ["序号", "姓名", "身份证号", "份数", "保费", "起始日期", "终止日期"];
/// The columns of the master form.
const MASTER: [&str; 6] = ["参保单位", "互助计划", "总人数", "总份数", "总保费", "填报日期"];

/// Makes the file of a list and keeps it encrypted; gives its digest.
pub(super) fn make(tx: &mut Tx, list: &List) -> Result<String> {
    let content = write(tx, list)?;
    let sealed = tx.keys.seal_bytes(SEAL, &content)?;
    store::keep_content(tx, list.id, &sealed)?;
    Ok(tx.keys.digest_bytes(SEAL, &content))
}

/// CSV in UTF-8 with a mark; ID numbers in clear stand here and nowhere else.
fn write(rx: &mut Rx, list: &List) -> Result<Vec<u8>> {
    let mut csv = csv::WriterBuilder::new()
        .flexible(true)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::from("\u{feff}"));
    csv.write_record(PEOPLE).map_err(unwritable)?;
    let mut shares = 0;
    for enrolment in store::all_of(rx, list.id)? {
        let member = members::find_any(rx, enrolment.member_id)?;
        shares += enrolment.shares;
        let cells = [
            enrolment.line.to_string(),
            safe(&member.name),
            safe(&member.id_number(rx.keys)?),
            enrolment.shares.to_string(),
            enrolment.premium_fen.to_string(),
            enrolment.starts_on.to_string(),
            enrolment.ends_on.to_string(),
        ];
        csv.write_record(cells).map_err(unwritable)?;
    }
    let unit = organizations::find(rx, list.organization_id)?.name;
    let plan = plans::referred(rx, list.plan_id)?;
    let master = [
        safe(&unit),
        safe(&plan.name),
        list.head_count.to_string(),
        shares.to_string(),
        list.total_fen.to_string(),
        rx.today().to_string(),
    ];
    csv.write_record(MASTER).map_err(unwritable)?;
    csv.write_record(master).map_err(unwritable)?;
    csv.into_inner().map_err(unwritable)
}

fn unwritable(error: impl std::fmt::Display) -> Error {
    Error::internal(format!("a list for an insurer could not be written: {error}"))
}

/// The file as it was made; each look at it is an event.
pub(super) fn content(tx: &mut Tx, list: &List) -> Result<Vec<u8>> {
    let sealed = store::content(tx, list.id)?.ok_or_else(|| {
        super::rules::after(list.status, super::Step::ReadBack)
            .err()
            .unwrap_or(Error::NotFound("insurance_list"))
    })?;
    let content = tx.keys.open_bytes(SEAL, &sealed)?;
    look(tx, "insurance_list.downloaded", list)?
        .field("content_hash", &list.content_hash)
        .record(tx)?;
    Ok(content)
}
