//! The file for the bank.

use encoding_rs::GB18030;

use super::cell::safe;
use super::layout::{Encoding, Field, Layout};
use crate::db::types::Fen;
use crate::error::{Error, Result};

/// A line of the file, everything in clear: it is written and forgotten.
pub struct Line {
    /// Its number, by which the bank answers.
    pub reference: String,
    /// 户名.
    pub payee_name: String,
    /// 账号: plain digits, as banks read them.
    pub account_number: String,
    /// 开户行.
    pub bank: String,
    /// 金额.
    pub amount: Fen,
    /// 用途.
    pub purpose: String,
}

/// The file for the bank: the same lines by the same layout are the same bytes.
pub fn write(layout: &Layout, lines: &[Line]) -> Result<Vec<u8>> {
    let mut csv = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let headers = layout.columns.iter().map(|column| safe(&column.header));
    csv.write_record(headers).map_err(unwritable)?;
    for (at, line) in lines.iter().enumerate() {
        let cells = layout.columns.iter().map(|column| cell(column.field, at, line));
        csv.write_record(cells).map_err(unwritable)?;
    }
    let text = csv.into_inner().map_err(unwritable)?;
    let text = String::from_utf8(text).map_err(unwritable)?;
    Ok(match layout.encoding {
        Encoding::Utf8Bom => format!("\u{feff}{text}").into_bytes(),
        Encoding::Gb18030 => GB18030.encode(&text).0.into_owned(),
    })
}

fn cell(field: Field, at: usize, line: &Line) -> String {
    match field {
        Field::LineNumber => (at + 1).to_string(),
        Field::Reference => safe(&line.reference),
        Field::PayeeName => safe(&line.payee_name),
        Field::AccountNumber => safe(&line.account_number),
        Field::Bank => safe(&line.bank),
        Field::Amount => format!("{}.{:02}", line.amount.0 / 100, line.amount.0 % 100),
        Field::Purpose => safe(&line.purpose),
    }
}

fn unwritable(error: impl std::fmt::Display) -> Error {
    Error::internal(format!("a bank file could not be written: {error}"))
}
