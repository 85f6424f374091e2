//! The bank's answer, read line by line; a line that can't be read never stops the others.

use std::borrow::Cow;

use csv::ByteRecord;
use encoding_rs::GB18030;
use serde::Serialize;

use super::layout::{Encoding, Layout, ReturnCode};
use crate::db::types::Fen;
use crate::error::{Error, Result};
use crate::{say, text_enum};

text_enum! {
    /// Why a line of an answer needs a person.
    #[schema(as = BankAnswerProblem)]
    pub enum Problem {
        /// 编码不对.
        WrongEncoding = "wrong_encoding",
        /// 栏数不足.
        MissingCell = "missing_cell",
        /// 电子表格把编号变成了 1.23E+17.
        ScientificNumber = "scientific_number",
        /// 金额无法识别.
        BadAmount = "bad_amount",
        /// 处理结果无法识别.
        UnknownStatus = "unknown_status",
        /// 原因代码无法识别.
        UnknownCode = "unknown_code",
        /// 本批次没有这一笔.
        UnknownLine = "unknown_line",
        /// 金额与发出的不一致.
        WrongAmount = "wrong_amount",
        /// 与先前的结果矛盾.
        Contradicts = "contradicts",
    }
}

/// What a line says became of its payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Outcome {
    /// It was paid.
    Paid,
    /// It came back.
    Returned(ReturnCode),
}

/// A line that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The number of a line of the batch.
    pub reference: String,
    /// How much.
    pub amount: Fen,
    /// What became of it.
    pub outcome: Outcome,
}

/// A line of the answer, or why it can't be read; the first line after the header is 1.
pub type Read = (usize, std::result::Result<Row, (Problem, String)>);

/// Where the columns are.
struct Columns {
    reference: usize,
    amount: usize,
    status: usize,
    code: usize,
}

/// Reads an answer, handing each line to `each`.
///
/// # Errors
/// 422 `wrong_encoding` when the file is neither UTF-8 nor, by the layout, GB18030; `missing_column`, naming it.
pub fn read(layout: &Layout, content: &[u8], mut each: impl FnMut(Read) -> Result<()>) -> Result<()> {
    let (content, encoding) = characters(content, layout.encoding)?;
    let mut csv = csv::ReaderBuilder::new().flexible(true).from_reader(content);
    let headers = csv.byte_headers().map_err(|_| wrong_encoding())?.clone();
    let columns = Columns::find(layout, encoding, &headers)?;
    let mut record = ByteRecord::new();
    let mut at = 0;
    while csv.read_byte_record(&mut record).map_err(|_| wrong_encoding())? {
        at += 1;
        if record.iter().all(|cell| cell.trim_ascii().is_empty()) {
            continue;
        }
        each((at, columns.row(layout, encoding, &record)))?;
    }
    Ok(())
}

/// A file without its mark, and how its characters are written: UTF-8 if they can be, else `other`.
///
/// # Errors
/// 422 `wrong_encoding` when it is UTF-16.
pub fn characters(content: &[u8], other: Encoding) -> Result<(&[u8], Encoding)> {
    if content.starts_with(&[0xff, 0xfe]) || content.starts_with(&[0xfe, 0xff]) {
        return Err(wrong_encoding());
    }
    Ok(match content.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (rest, Encoding::Utf8Bom),
        None if std::str::from_utf8(content).is_ok() => (content, Encoding::Utf8Bom),
        None => (content, other),
    })
}

/// The refusal of a file whose characters can't be read.
pub fn wrong_encoding() -> Error {
    let detail = say!(
        "文件编码无法识别，请用 UTF-8 或 GB18030",
        "the file is neither UTF-8 nor GB18030"
    );
    Error::invalid("", "wrong_encoding", detail)
}

impl Columns {
    fn find(layout: &Layout, encoding: Encoding, headers: &ByteRecord) -> Result<Self> {
        let names: Option<Vec<_>> = headers.iter().map(|cell| decode(encoding, cell)).collect();
        let names = names.ok_or_else(wrong_encoding)?;
        let column = |wanted: &str| column(&names, wanted);
        let answer = &layout.answer;
        Ok(Self {
            reference: column(&answer.reference)?,
            amount: column(&answer.amount)?,
            status: column(&answer.status)?,
            code: column(&answer.code)?,
        })
    }

    fn row(
        &self,
        layout: &Layout,
        encoding: Encoding,
        record: &ByteRecord,
    ) -> std::result::Result<Row, (Problem, String)> {
        let cell = |at: usize| {
            let raw = record.get(at).ok_or((Problem::MissingCell, String::new()))?;
            decode(encoding, raw).ok_or((Problem::WrongEncoding, String::new()))
        };
        let reference = cell(self.reference)?;
        if scientific(&reference) {
            return Err((Problem::ScientificNumber, reference));
        }
        let fail = |problem| (problem, reference.clone());
        let amount = amount(&cell(self.amount)?).ok_or_else(|| fail(Problem::BadAmount))?;
        let status = cell(self.status)?;
        let says = |words: &[crate::input::Text<40>]| words.iter().any(|word| **word == *status);
        let outcome = if says(&layout.answer.paid) {
            Outcome::Paid
        } else if says(&layout.answer.returned) {
            let code = cell(self.code)?;
            let known = layout.answer.codes.iter().find(|known| *known.bank == *code);
            Outcome::Returned(known.ok_or_else(|| fail(Problem::UnknownCode))?.means)
        } else {
            return Err(fail(Problem::UnknownStatus));
        };
        Ok(Row {
            reference,
            amount,
            outcome,
        })
    }
}

/// Where a column is.
///
/// # Errors
/// 422 `missing_column`, naming it.
pub fn column(names: &[String], wanted: &str) -> Result<usize> {
    let at = names.iter().position(|name| name == wanted);
    at.ok_or_else(|| {
        let detail = say!("缺少栏目“{wanted}”", "lacks the column {wanted}");
        Error::invalid("", "missing_column", detail)
    })
}

/// A cell without the blanks around it.
pub fn decode(encoding: Encoding, raw: &[u8]) -> Option<String> {
    let text = match encoding {
        Encoding::Utf8Bom => Cow::Borrowed(std::str::from_utf8(raw).ok()?),
        Encoding::Gb18030 => GB18030.decode_without_bom_handling_and_without_replacement(raw)?,
    };
    Some(text.trim().trim_start_matches('\'').to_owned())
}

/// Whether a spreadsheet has turned a number into something like `1.23E+17`.
pub fn scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    mantissa.parse::<f64>().is_ok() && exponent.starts_with(['+', '-']) && exponent[1..].parse::<u8>().is_ok()
}

/// An amount in yuan with up to two decimals; thousands may be set off by commas.
fn amount(text: &str) -> Option<Fen> {
    let plain = text.trim_start_matches(['¥', '￥']).replace([',', '，'], "");
    let (yuan, decimals) = plain.split_once('.').unwrap_or((&plain, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if yuan.is_empty() || !digits(yuan) || !digits(decimals) || decimals.len() > 2 {
        return None;
    }
    let fen: i64 = format!("{decimals:0<2}").parse().ok()?;
    let yuan: i64 = yuan.parse().ok()?;
    yuan.checked_mul(100)?.checked_add(fen).map(Fen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn layout() -> Layout {
        let text = json!({
            "encoding": "gb18030",
            "columns": [{ "header": "参考号", "field": "reference" }, { "header": "户名", "field": "payee_name" },
                { "header": "账号", "field": "account_number" }, { "header": "金额", "field": "amount" }],
            "answer": { "reference": "参考号", "amount": "金额", "status": "结果", "code": "代码",
                "paid": ["成功"], "returned": ["失败"], "codes": [{ "bank": "R01", "means": "account_closed" }] },
        });
        Layout::from_json(&text.to_string()).unwrap()
    }

    fn rows(content: &[u8]) -> Vec<std::result::Result<Row, (Problem, String)>> {
        let mut rows = Vec::new();
        read(&layout(), content, |(_, row)| {
            rows.push(row);
            Ok(())
        })
        .unwrap();
        rows
    }

    fn code(content: &[u8]) -> String {
        match read(&layout(), content, |_| Ok(())) {
            Err(Error::Invalid(errors)) => errors[0].code.to_string(),
            other => panic!("{other:?}"),
        }
    }

    const HEADER: &str = "参考号,金额,结果,代码\r\n";

    #[test]
    fn lines_are_read_in_either_encoding_with_and_without_a_mark_with_quotes_and_either_line_end() {
        let text = format!("{HEADER}P-1,500.00,成功,\r\n\"P-2\",\"1,234.5\",失败,R01\n");
        let paid = Row {
            reference: "P-1".into(),
            amount: Fen(50_000),
            outcome: Outcome::Paid,
        };
        let back = Row {
            reference: "P-2".into(),
            amount: Fen(123_450),
            outcome: Outcome::Returned(ReturnCode::AccountClosed),
        };
        let marked = format!("\u{feff}{text}");
        let gb = GB18030.encode(&text).0.into_owned();
        for content in [text.as_bytes(), marked.as_bytes(), &gb] {
            assert_eq!(rows(content), [Ok(paid.clone()), Ok(back.clone())]);
        }
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named_and_does_not_stop_the_others() {
        let text = format!(
            "{HEADER}1.23E+17,1,成功,\nP-2,一百,成功,\nP-3,1.001,成功,\nP-4,1,处理中,\nP-5,1,失败,R99\nP-6\n,,,\nP-7,1,成功,\n"
        );
        let problems: Vec<_> = rows(text.as_bytes())
            .into_iter()
            .map(|row| row.err().map(|e| e.0))
            .collect();
        use Problem::*;
        assert_eq!(
            problems,
            [
                Some(ScientificNumber),
                Some(BadAmount),
                Some(BadAmount),
                Some(UnknownStatus),
                Some(UnknownCode),
                Some(MissingCell),
                None,
            ]
        );
    }

    #[test]
    fn a_file_in_another_encoding_or_without_a_column_is_refused_by_name() {
        assert_eq!(code(b"\xff\xfeP\0"), "wrong_encoding");
        assert_eq!(code(b"\xff\xff\xff,1\n"), "wrong_encoding");
        assert_eq!(code("参考号,金额,结果\n".as_bytes()), "missing_column");
    }

    #[test]
    fn a_file_that_breaks_off_within_quotes_gives_a_line_to_look_at() {
        let text = format!("{HEADER}P-1,1,成功,\n\"P-2,1,成功,");
        let read = rows(text.as_bytes());
        assert!(read[0].is_ok());
        assert_eq!(read[1].as_ref().unwrap_err().0, Problem::MissingCell);
    }
}
