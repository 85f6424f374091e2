//! Cells that a spreadsheet shows and never runs.

/// A text as a cell: control characters are left out, and what a spreadsheet would take for a formula, also behind
/// blanks, begins with an apostrophe.
pub fn safe(text: &str) -> String {
    let clean: String = text.chars().filter(|c| !c.is_control()).collect();
    let blank = |c: char| c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}');
    let first = clean.trim_start_matches(blank).chars().next();
    match first {
        Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠') => format!("'{clean}"),
        _ => clean,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_becomes_text_also_behind_blanks_and_control_characters() {
        for cell in [
            "=1+1",
            " =1",
            "\t@x",
            "\u{3000}+1",
            "\u{200b}-1",
            "\r\n=1",
            "\0=1",
            "＝1",
        ] {
            assert!(safe(cell).starts_with('\''), "{cell:?}");
            assert!(!safe(cell).contains(char::is_control), "{cell:?}");
        }
        for cell in ["张三", "6200000000000005", "徽商银行 芜湖分行", "A=1"] {
            assert_eq!(safe(cell), cell);
        }
    }
}
