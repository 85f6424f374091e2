//! The bank's answer, read line by line; a line that can't be read never stops the others.

use std::borrow::Cow;

use csv::ByteRecord;
use encoding_rs::GB18030;
use serde::Serialize;
use unicode_normalization::UnicodeNormalization as _;

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
        /// 存疑过多，自此行起只计数不逐条列出.
        TooMany = "too_many",
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
/// 422 `wrong_encoding` when the file is neither UTF-8 nor GB18030; `missing_column`, naming it.
pub fn read(layout: &Layout, content: &[u8], mut each: impl FnMut(Read) -> Result<()>) -> Result<()> {
    let (content, unicode) = characters(content);
    let mut csv = csv::ReaderBuilder::new().flexible(true).from_reader(content);
    let headers = csv.byte_headers().map_err(|_| wrong_encoding())?.clone();
    // UTF-16, with or without its mark
    if headers.iter().any(|cell| cell.contains(&0)) {
        return Err(wrong_encoding());
    }
    let (encoding, columns) = Columns::of_file(layout, unicode, &headers)?;
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

/// A file without its mark, and whether it is UTF-8 throughout.
pub fn characters(content: &[u8]) -> (&[u8], bool) {
    let marked = content.strip_prefix(b"\xef\xbb\xbf");
    let unicode = marked.is_some() || std::str::from_utf8(content).is_ok();
    (marked.unwrap_or(content), unicode)
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
    /// Where the columns are, and in which encoding: banks answer in either, whatever they are sent. A file that is not
    /// UTF-8 throughout is GB18030, or UTF-8 with a damaged line.
    fn of_file(layout: &Layout, unicode: bool, headers: &ByteRecord) -> Result<(Encoding, Self)> {
        let found = |encoding| -> Result<_> { Ok((encoding, Self::find(layout, encoding, headers)?)) };
        if unicode {
            return found(Encoding::Utf8Bom);
        }
        found(Encoding::Gb18030).or_else(|error| found(Encoding::Utf8Bom).map_err(|_: Error| error))
    }

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

/// A cell without the blanks around it; none with a NUL in it, which no database keeps as text.
pub fn decode(encoding: Encoding, raw: &[u8]) -> Option<String> {
    let text = match encoding {
        Encoding::Utf8Bom => Cow::Borrowed(std::str::from_utf8(raw).ok()?),
        Encoding::Gb18030 => GB18030.decode_without_bom_handling_and_without_replacement(raw)?,
    };
    let around = |c: char| c.is_whitespace() || c == '\u{feff}';
    let text = text.trim_matches(around).trim_start_matches('\'');
    (!text.contains('\0')).then(|| text.to_owned())
}

/// Whether a spreadsheet has turned a number into something like `1.23E+17`.
pub fn scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    mantissa.parse::<f64>().is_ok() && exponent.starts_with(['+', '-']) && exponent[1..].parse::<u8>().is_ok()
}

/// An amount in yuan with up to two decimals, of half or full width; thousands may be set off by commas.
fn amount(text: &str) -> Option<Fen> {
    let plain: String = text.nfkc().filter(|c| *c != ',').collect();
    let plain = plain.trim_start_matches('¥').trim_start();
    let (yuan, decimals) = plain.split_once('.').unwrap_or((plain, ""));
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
        let text = format!("{HEADER}P-1,1,成功,\n");
        let utf16 = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        let marked = |mark: &[u8], rest: Vec<u8>| [mark, &rest].concat();
        for (content, expected) in [
            (marked(b"\xff\xfe", utf16(u16::to_le_bytes)), "wrong_encoding"),
            (marked(b"\xfe\xff", utf16(u16::to_be_bytes)), "wrong_encoding"),
            (utf16(u16::to_le_bytes), "wrong_encoding"),
            (utf16(u16::to_be_bytes), "wrong_encoding"),
            (b"\xff\xff\xff,1\n".to_vec(), "wrong_encoding"),
            ("参考号,金额,结果\n".into(), "missing_column"),
            (
                GB18030.encode("参考号,金额,结果\n").0.into_owned(),
                "missing_column",
            ),
            (text.replace(',', ";").into(), "missing_column"),
            (Vec::new(), "missing_column"),
            (b"\xef\xbb\xbf".to_vec(), "missing_column"),
        ] {
            assert_eq!(code(&content), expected, "{content:?}");
        }
        let missing = read(&layout(), "参考号,金额,结果\n".as_bytes(), |_| Ok(())).unwrap_err();
        assert!(format!("{missing:?}").contains("代码"), "{missing:?}");
    }

    #[test]
    fn every_line_end_and_both_encodings_are_read_whatever_the_layout_says() {
        for line_end in ["\n", "\r\n", "\r"] {
            for mark in ["", "\u{feff}"] {
                let text = format!("{mark}{HEADER}\nP-1,1,成功,\r\n\n\"P-\"\"2\",\"1\",成功,\r\n")
                    .replace("\r\n", "\n")
                    .replace('\n', line_end);
                for content in [text.clone().into_bytes(), GB18030.encode(&text).0.into_owned()] {
                    for encoding in [Encoding::Utf8Bom, Encoding::Gb18030] {
                        let layout = Layout { encoding, ..layout() };
                        let mut references = Vec::new();
                        let read = read(&layout, &content, |(_, row)| {
                            references.push(row.unwrap().reference);
                            Ok(())
                        });
                        assert!(read.is_ok());
                        assert_eq!(references, ["P-1", "P-\"2"], "{line_end:?} {mark:?} {encoding}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_header_alone_is_an_answer_about_nothing() {
        assert!(rows(HEADER.as_bytes()).is_empty());
        assert!(rows(HEADER.trim_end().as_bytes()).is_empty());
    }

    #[test]
    fn amounts_are_read_as_people_and_spreadsheets_write_them_or_not_at_all() {
        for (text, fen) in [
            ("500", Some(50_000)),
            ("500.5", Some(50_050)),
            ("500.05", Some(50_005)),
            ("0.01", Some(1)),
            ("500.", Some(50_000)),
            ("1,234.50", Some(123_450)),
            ("1，234.50", Some(123_450)),
            ("¥500", Some(50_000)),
            ("￥500.00", Some(50_000)),
            ("￥ 500.00", Some(50_000)),
            ("５００．００", Some(50_000)),
            ("92233720368547758.07", Some(i64::MAX)),
            ("92233720368547758.08", None),
            ("999999999999999999999", None),
            ("-500", None),
            ("－500", None),
            ("(500.00)", None),
            ("+500", None),
            ("500.001", None),
            ("500.00.0", None),
            (".50", None),
            ("5E+4", None),
            ("500元", None),
            ("伍佰", None),
            ("￥", None),
            ("", None),
            ("5 00", None),
        ] {
            assert_eq!(amount(text), fen.map(Fen), "{text:?}");
        }
    }

    #[test]
    fn numbers_that_a_spreadsheet_has_shortened_are_told_from_others() {
        for text in ["1.23E+17", "1.23457E+17", "3.40299e+17", "1E+18", "6.2E-5"] {
            assert!(scientific(text), "{text}");
        }
        for text in [
            "PC-2020-000001-00001",
            "340299197001010028",
            "E+17",
            "1.23E",
            "1.23E17",
            "A1E+5",
            "",
        ] {
            assert!(!scientific(text), "{text}");
        }
    }

    #[test]
    fn odd_cells_are_a_line_for_a_person_or_nothing_special_and_never_the_end() {
        use Problem::*;
        let huge = "9".repeat(2_000_000);
        for (line, problem) in [
            ("P\0-1,1,成功,".to_owned(), Some(WrongEncoding)),
            ("P-1,1\0,成功,".to_owned(), Some(WrongEncoding)),
            (format!("{huge},1,成功,"), None),
            (format!("P-1,{huge},成功,"), Some(BadAmount)),
            (format!("P-1,1,{huge},"), Some(UnknownStatus)),
            ("\"P-1\",\"1\",\"成功\",\"a\nb\r\nc\"".to_owned(), None),
            ("\"P-1\"x,1,成功,".to_owned(), None),
            (" P-1 ,\t1 ,　成功　,".to_owned(), None),
            ("'P-1,1,成功,".to_owned(), None),
            ("P-1,1,成功,,,,,,".to_owned(), None),
            ("P-1;1;成功;".to_owned(), Some(MissingCell)),
        ] {
            let read = rows(format!("{HEADER}{line}\r\nP-2,1,成功,\r\n").as_bytes());
            let start: String = line.chars().take(20).collect();
            assert_eq!(read[0].as_ref().err().map(|e| e.0), problem, "{start:?}");
            assert_eq!(read[1].as_ref().unwrap().reference, "P-2", "{start:?}");
        }
    }

    #[test]
    fn a_damaged_line_of_a_file_in_utf8_is_the_only_one_that_waits() {
        let mut content = format!("{HEADER}P-1,1,成功,\nP-2,1,成功,\nP-3,1,成功,\n").into_bytes();
        let at = content.windows(3).position(|bytes| bytes == b"P-2").unwrap();
        content[at] = 0xff;
        let read = rows(&content);
        assert!(read[0].is_ok() && read[2].is_ok());
        assert_eq!(read[1].as_ref().unwrap_err().0, Problem::WrongEncoding);
    }

    #[test]
    fn a_file_that_breaks_off_within_quotes_gives_a_line_to_look_at() {
        let text = format!("{HEADER}P-1,1,成功,\n\"P-2,1,成功,");
        let read = rows(text.as_bytes());
        assert!(read[0].is_ok());
        assert_eq!(read[1].as_ref().unwrap_err().0, Problem::MissingCell);
    }
}
