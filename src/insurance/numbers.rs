//! The policy numbers that the insurer returns (85): each row puts one person's cover in force, changes nothing, or is
//! named with its problem; none stops the others. The same rows again change nothing.

use std::collections::{HashMap, HashSet};

use csv::ByteRecord;
use serde::Serialize;
use utoipa::ToSchema;

use super::rules::{self, MAX_PEOPLE, Step};
use super::{Enrolment, EnrolmentStatus, List, complete, enrolment_event, look, store};
use crate::bank::answer::{characters, column, decode, scientific, wrong_encoding};
use crate::bank::layout::Encoding;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::identity::CitizenId;
use crate::input::{Input as _, Text, UpTo};
use crate::{input, ledger, say, text_enum};

/// The name under which a policy number is sealed.
pub(super) const SEAL: &str = "insurance_policy_number";
/// The column of the ID numbers in a file.
const ID_NUMBER: &str = "身份证号";
/// The column of the policy numbers.
const POLICY_NUMBER: &str = "保单号";

text_enum! {
    /// Why a row of policy numbers needs a person.
    #[schema(as = PolicyNumberProblem)]
    pub enum Problem {
        /// 栏数不足或为空.
        MissingCell = "missing_cell",
        /// 电子表格把编号变成了 1.23E+17.
        ScientificNumber = "scientific_number",
        /// 身份证号不合格式.
        InvalidIdNumber = "invalid_id_number",
        /// 保单号过长或含不允许的字符.
        InvalidPolicyNumber = "invalid_policy_number",
        /// 名单中没有此人.
        UnknownPerson = "unknown_person",
        /// 此人出现两次.
        Twice = "twice",
        /// 与先前的保单号不同.
        Contradicts = "contradicts",
    }
}

input! {
    /// Whose policy has which number.
    #[schema(as = ReturnedPolicy)]
    pub struct NumberBack {
        /// The ID number, in clear.
        #[schema(value_type = String, max_length = 40)]
        pub id_number: Text<40>,
        /// The policy's number.
        #[schema(value_type = String, max_length = 64)]
        pub policy_number: Text<64>,
    }
}
input! {
    /// Policy numbers that the insurer returned, up to 500.
    #[schema(as = ReturnedPolicies)]
    pub struct NumbersBack {
        /// The rows.
        #[schema(value_type = Vec<NumberBack>, max_items = 500)]
        pub policies: UpTo<MAX_PEOPLE, NumberBack>,
    }
}

/// A row that could not be carried out; what stood in it is not repeated.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PolicyNumberQuery)]
pub struct Odd {
    /// The row, from 1; in a file the one after the header.
    #[schema(example = 17)]
    line: usize,
    /// What is wrong with it.
    problem: Problem,
}

/// What rows of policy numbers came to.
#[derive(Debug, Clone, Default)]
pub(super) struct Taken {
    pub accepted: usize,
    pub unchanged: usize,
    pub odd: Vec<Odd>,
}

/// A row: ID number and policy number, or why it can't be read.
pub(super) type Row = std::result::Result<(String, String), Problem>;

impl NumbersBack {
    /// As rows.
    pub(super) fn rows(self) -> Vec<(usize, Row)> {
        let row = |(at, back): (usize, NumberBack)| {
            (at + 1, Ok((back.id_number.into(), back.policy_number.into())))
        };
        self.policies.0.into_iter().enumerate().map(row).collect()
    }
}

/// Reads a CSV file with the columns 身份证号 and 保单号, in UTF-8 or GB18030.
///
/// # Errors
/// 422 `wrong_encoding`; `missing_column`, naming it; `too_long` when it has more rows than a list has people.
pub(super) fn read(content: &[u8]) -> Result<Vec<(usize, Row)>> {
    let (content, unicode) = characters(content);
    let encoding = if unicode {
        Encoding::Utf8Bom
    } else {
        Encoding::Gb18030
    };
    let mut csv = csv::ReaderBuilder::new().flexible(true).from_reader(content);
    let headers = csv.byte_headers().map_err(|_| wrong_encoding())?;
    let names: Option<Vec<String>> = headers.iter().map(|cell| decode(encoding, cell)).collect();
    let names = names.ok_or_else(wrong_encoding)?;
    let columns = (column(&names, ID_NUMBER)?, column(&names, POLICY_NUMBER)?);
    let (mut rows, mut record, mut at) = (Vec::new(), ByteRecord::new(), 0);
    while csv.read_byte_record(&mut record).map_err(|_| wrong_encoding())? {
        at += 1;
        if record.iter().all(|cell| cell.trim_ascii().is_empty()) {
            continue;
        }
        rows.push((at, cells(encoding, &record, columns)));
    }
    if rows.len() > MAX_PEOPLE {
        let detail = say!("最多 {MAX_PEOPLE} 行", "at most {MAX_PEOPLE} rows");
        return Err(Error::invalid("", "too_long", detail));
    }
    Ok(rows)
}

fn cells(encoding: Encoding, record: &ByteRecord, (id_number, policy_number): (usize, usize)) -> Row {
    let cell = |at: usize| {
        let text = record.get(at).and_then(|raw| decode(encoding, raw));
        text.filter(|text| !text.is_empty()).ok_or(Problem::MissingCell)
    };
    Ok((cell(id_number)?, cell(policy_number)?))
}

/// Carries the rows out, and puts the list in force when nobody on it waits any more.
pub(super) fn read_back(tx: &mut Tx, list: &List, rows: Vec<(usize, Row)>) -> Result<(List, Taken)> {
    let list = store::locked(tx, list.id)?;
    rules::after(list.status, Step::ReadBack)?;
    let on_it = store::all_of(tx, list.id)?.into_iter();
    let mut waiting: HashMap<String, Enrolment> = on_it.map(|e| (e.person.clone(), e)).collect();
    let (mut taken, mut seen, mut insured) = (Taken::default(), HashSet::new(), Vec::new());
    for (line, row) in rows {
        match place(tx, &mut waiting, &mut seen, row)? {
            Ok(Some(person)) => {
                taken.accepted += 1;
                insured.push(person);
            }
            Ok(None) => taken.unchanged += 1,
            Err(problem) => taken.odd.push(Odd { line, problem }),
        }
    }
    if taken.accepted == 0 {
        return Ok((list, taken));
    }
    look(tx, "insurance_list.numbers_read", &list)?
        .field("accepted", &taken.accepted)
        .field("odd", &taken.odd.len())
        .record(tx)?;
    let list = complete(tx, list)?;
    ledger::refresh_households(tx, insured)?;
    Ok((list, taken))
}

/// Whom a row put in force, nobody, or its problem.
type Placed = std::result::Result<Option<String>, Problem>;

fn place(
    tx: &mut Tx,
    waiting: &mut HashMap<String, Enrolment>,
    seen: &mut HashSet<String>,
    row: Row,
) -> Result<Placed> {
    let (id_number, policy_number) = match row.and_then(legible) {
        Ok(legible) => legible,
        Err(problem) => return Ok(Err(problem)),
    };
    let person = tx.keys.person(id_number.as_str());
    let Some(enrolment) = waiting.get_mut(&person) else {
        return Ok(Err(Problem::UnknownPerson));
    };
    if !seen.insert(person.clone()) {
        return Ok(Err(Problem::Twice));
    }
    match (&enrolment.policy_number_sealed, enrolment.status) {
        (_, EnrolmentStatus::Voided) => Ok(Err(Problem::UnknownPerson)),
        (Some(sealed), _) if tx.keys.open(SEAL, sealed)? == *policy_number => Ok(Ok(None)),
        (Some(_), _) => Ok(Err(Problem::Contradicts)),
        (None, _) => {
            put_in_force(tx, enrolment, &policy_number)?;
            Ok(Ok(Some(person)))
        }
    }
}

/// The numbers of a row, if they have their form.
fn legible(
    (id_number, policy_number): (String, String),
) -> std::result::Result<(CitizenId, Text<64>), Problem> {
    if scientific(&id_number) || scientific(&policy_number) {
        return Err(Problem::ScientificNumber);
    }
    let id_number = CitizenId::parse(&id_number).map_err(|_| Problem::InvalidIdNumber)?;
    let policy_number = clean(&policy_number).ok_or(Problem::InvalidPolicyNumber)?;
    Ok((id_number, policy_number))
}

/// A policy number as a line of text, if it is one.
pub(super) fn clean(policy_number: &str) -> Option<Text<64>> {
    Text::read(&policy_number.into(), "", &mut Vec::new())
}

fn put_in_force(tx: &mut Tx, enrolment: &mut Enrolment, policy_number: &str) -> Result<()> {
    enrolment.status = EnrolmentStatus::InForce;
    enrolment.confirmed_on = Some(tx.today());
    enrolment.policy_number_sealed = Some(tx.keys.seal(SEAL, policy_number)?);
    store::update_enrolment(tx, enrolment)?;
    enrolment_event("enrolment.in_force", enrolment)
        .field("status", &enrolment.status)
        .field("policy_number", &policy_number)
        .record(tx)
}
