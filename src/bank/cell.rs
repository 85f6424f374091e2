//! Cells that a spreadsheet shows and never runs.

use unicode_normalization::UnicodeNormalization as _;

/// A text as a cell: control characters are left out, and what a spreadsheet would take for a formula, also behind
/// blanks, begins with an apostrophe.
pub fn safe(text: &str) -> String {
    let clean: String = text.chars().filter(|c| !c.is_control()).collect();
    let seen = clean.trim_start_matches(|c: char| c.is_whitespace() || unseen(c));
    match seen.chars().nfkc().next() {
        Some('=' | '+' | '-' | '−' | '@') => format!("'{clean}"),
        _ => clean,
    }
}

/// Characters that take no room: soft hyphens, joiners, marks of direction and of byte order.
fn unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
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
            "+1",
            "-1",
            "@x",
            "\t=1",
            "\r=1",
            "\n=1",
            "\u{feff}=1",
            "\u{202e}=1",
            "\u{ad} \u{2066}=1",
            "＝1",
            "＋1",
            "－1",
            "＠x",
            "　＝1",
            "﹢1",
            "﹣1",
            "−1",
            "﹦1",
            "﹫x",
        ] {
            assert!(safe(cell).starts_with('\''), "{cell:?}");
            assert!(!safe(cell).contains(char::is_control), "{cell:?}");
        }
        for cell in [
            "张三",
            "6200000000000005",
            "徽商银行 芜湖分行",
            "A=1",
            "张-三",
            "",
            "  ",
            "'=1",
        ] {
            assert_eq!(safe(cell), cell);
        }
    }
}
