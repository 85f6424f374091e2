//! How an export is written (90): it begins with who exported what and when, and ends with how many rows there were.

use serde_json::{Map, Value, json};

use super::columns::Column;
use super::lists::{List, Row};
use super::rules::Format;
use crate::bank::cell::safe;
use crate::db::types::Timestamp;
use crate::error::{Error, Result};

/// From so many characters on a spreadsheet would round a number.
const LONG_NUMBER: usize = 12;

/// Who exported what, and when: stands in what leaves.
#[derive(Debug, Clone)]
pub struct Watermark {
    /// The export.
    pub export: String,
    /// What.
    pub list: List,
    /// How.
    pub format: Format,
    /// Whether in clear.
    pub clear: bool,
    /// Name of the account.
    pub username: String,
    /// Its unit.
    pub unit: String,
    /// When the download began.
    pub at: Timestamp,
}

impl Watermark {
    /// The name of the file.
    pub fn file_name(&self) -> String {
        let end = match self.format {
            Format::Csv => "csv",
            Format::JsonLines => "jsonl",
        };
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let user: String = self.username.chars().map(plain).collect();
        let at: String = self.at.to_string().chars().take(19).map(plain).collect();
        format!("{}-{user}-{at}-{}.{end}", self.list, self.export)
    }

    /// The media type of the file.
    pub fn media_type(&self) -> &'static str {
        match self.format {
            Format::Csv => "text/csv; charset=utf-8",
            Format::JsonLines => "application/x-ndjson",
        }
    }

    fn columns(&self) -> impl Iterator<Item = &'static Column> {
        self.list.columns(self.clear)
    }

    /// What comes before the rows.
    pub fn head(&self) -> Result<Vec<u8>> {
        match self.format {
            Format::Csv => {
                let masked = if self.clear {
                    "明文 clear"
                } else {
                    "脱敏 masked"
                };
                let mark = format!(
                    "# 导出 exported by {} · {} · {} · {} · {} · {masked}",
                    self.username, self.unit, self.at, self.export, self.list
                );
                let titles = self.columns().map(|column| column.title.to_owned()).collect();
                csv("\u{feff}", vec![vec![safe(&mark)], titles])
            }
            Format::JsonLines => line(&json!({ "export": {
                "id": self.export, "list": self.list, "clear": self.clear, "exported_by": self.username,
                "organization": self.unit, "at": self.at,
            } })),
        }
    }

    /// Rows.
    pub fn rows(&self, rows: &[Row]) -> Result<Vec<u8>> {
        match self.format {
            Format::Csv => {
                let cells = |row: &Row| self.columns().map(|column| cell(row.cell(column))).collect();
                csv("", rows.iter().map(cells).collect())
            }
            Format::JsonLines => {
                let mut lines = Vec::new();
                for row in rows {
                    let field = |column: &Column| (column.name.to_owned(), row.cell(column).clone());
                    let object: Map<String, Value> = self.columns().map(field).collect();
                    lines.extend(line(&object)?);
                }
                Ok(lines)
            }
        }
    }

    /// What comes after the rows: how many there were, and whether they are all.
    pub fn end(&self, rows: i64, complete: bool) -> Result<Vec<u8>> {
        match self.format {
            Format::Csv => {
                let all = if complete {
                    "完整 complete"
                } else {
                    "已达上限，不完整 incomplete"
                };
                csv(
                    "",
                    vec![vec![format!("# 共 {rows} 行 rows · {} · {all}", self.export)]],
                )
            }
            Format::JsonLines => line(&json!({ "end": {
                "id": self.export, "rows": rows, "complete": complete,
            } })),
        }
    }
}

/// A value as a cell that a spreadsheet shows as it is, never runs and never rounds.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => {
            let number = text.len() >= LONG_NUMBER
                && text
                    .strip_suffix(['X', 'x'])
                    .unwrap_or(text)
                    .bytes()
                    .all(|b| b.is_ascii_digit());
            match number {
                true => format!("'{text}"),
                false => safe(text),
            }
        }
        other => other.to_string(),
    }
}

/// Lines of CSV after a beginning: RFC 4180.
fn csv(beginning: &str, lines: Vec<Vec<String>>) -> Result<Vec<u8>> {
    let mut csv = csv::WriterBuilder::new()
        .flexible(true)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::from(beginning));
    for line in lines {
        csv.write_record(line).map_err(Error::internal)?;
    }
    csv.into_inner()
        .map_err(|error| Error::internal(error.to_string()))
}

fn line(value: &impl serde::Serialize) -> Result<Vec<u8>> {
    let mut line = serde_json::to_vec(value).map_err(Error::internal)?;
    line.push(b'\n');
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(format: Format) -> Watermark {
        Watermark {
            export: "e1".into(),
            list: List::Files,
            format,
            clear: false,
            username: "=王 a/b".into(),
            unit: "镜湖区总工会".into(),
            at: "2020-05-20T04:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn a_cell_is_shown_as_it_is_never_run_and_never_rounded() {
        let of = |text: &str| cell(&Value::String(text.into()));
        assert_eq!(of("=1+1"), "'=1+1");
        assert_eq!(of("\t@x"), "'@x");
        assert_eq!(of("340299197001010028"), "'340299197001010028");
        assert_eq!(of("34029919700101002X"), "'34029919700101002X");
        assert_eq!(of("3402**********002X"), "3402**********002X");
        assert_eq!(of("13900000000"), "13900000000");
        assert_eq!(cell(&Value::Null), "");
        assert_eq!(cell(&json!(50_000)), "50000");
    }

    #[test]
    fn what_leaves_says_who_took_it_and_how_much_there_was() {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let csv = mark(Format::Csv);
        let head = text(csv.head().unwrap());
        assert!(head.starts_with("\u{feff}# 导出 exported by =王 a/b · 镜湖区总工会 · 2020-05-20T04:00:00.000000Z · e1 · files · 脱敏 masked\r\n"), "{head}");
        assert_eq!(head.matches("\r\n").count(), 2);
        assert_eq!(
            text(csv.end(3, true).unwrap()),
            "# 共 3 行 rows · e1 · 完整 complete\r\n"
        );
        assert_eq!(csv.file_name(), "files----a-b-2020-05-20T04-00-00-e1.csv");
        let lines = mark(Format::JsonLines);
        let last: Value = serde_json::from_slice(&lines.end(3, false).unwrap()).unwrap();
        assert_eq!(
            last,
            json!({ "end": { "id": "e1", "rows": 3, "complete": false } })
        );
        assert!(lines.head().unwrap().ends_with(b"}\n"));
    }

    #[test]
    fn no_two_columns_of_a_list_have_one_name() {
        for list in List::ALL {
            let names: Vec<_> = list.columns(true).map(|column| column.name).collect();
            let once: std::collections::BTreeSet<_> = names.iter().collect();
            assert_eq!(once.len(), names.len(), "{list}");
            assert!(names.contains(&"member_id"), "{list}");
        }
    }
}
