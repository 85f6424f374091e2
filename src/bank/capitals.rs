//! Amounts in the capitals of vouchers (人民币大写), by the 正确填写票据和结算凭证的基本规定.

use crate::db::types::Fen;

const DIGITS: [&str; 10] = ["零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"];
const PLACES: [&str; 4] = ["", "拾", "佰", "仟"];
const GROUPS: [&str; 5] = ["", "万", "亿", "万亿", "亿亿"];

/// An amount in words: `整` after 元 or 角, nothing after 分; one `零` for the zeros within the
/// yuan, none where thousands follow a group, before a 角 that is
/// nothing when 分 follow, and after yuan that end in zero. Less than nothing is said with 负.
pub fn capitals(amount: Fen) -> String {
    let sign = if amount.0 < 0 { "负" } else { "" };
    let fen = amount.0.unsigned_abs();
    let (yuan, jiao, cents) = (fen / 100, fen / 10 % 10, fen % 10);
    let mut words = format!("人民币{sign}");
    if yuan > 0 || fen == 0 {
        words += &integer(yuan);
        words += "元";
    }
    if jiao > 0 && yuan > 0 && yuan.is_multiple_of(10) || jiao == 0 && cents > 0 && yuan > 0 {
        words += "零";
    }
    if jiao > 0 {
        words += DIGITS[jiao as usize];
        words += "角";
    }
    if cents > 0 {
        words += DIGITS[cents as usize];
        words += "分";
    } else {
        words += "整";
    }
    words
}

/// A whole number by groups of four digits.
fn integer(n: u64) -> String {
    if n == 0 {
        return DIGITS[0].into();
    }
    let mut words = String::new();
    let mut zero = false;
    for group in (0..GROUPS.len()).rev() {
        let four = n / 10_u64.pow(4 * group as u32) % 10_000;
        for place in (0..4).rev() {
            let digit = four / 10_u64.pow(place as u32) % 10;
            if digit == 0 {
                zero = !words.is_empty();
                continue;
            }
            if zero {
                words += DIGITS[0];
            }
            zero = false;
            words += DIGITS[digit as usize];
            words += PLACES[place];
        }
        if four > 0 {
            words += group_name(group, n);
            // a zero before the name of the group is not said when thousands follow; else the next digit sets it again
            zero = false;
        }
    }
    words
}

/// 万亿 is said as 万 when the group below it, the 亿, has digits of its own.
fn group_name(group: usize, n: u64) -> &'static str {
    let below = n / 100_000_000 % 10_000;
    if group == 3 && below > 0 {
        "万"
    } else {
        GROUPS[group]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_the_rules_for_vouchers_say() {
        for (fen, words) in [
            (0, "零元整"),
            (1, "壹分"),
            (5, "伍分"),
            (10, "壹角整"),
            (50, "伍角整"),
            (99, "玖角玖分"),
            (100, "壹元整"),
            (101, "壹元零壹分"),
            (110, "壹元壹角整"),
            (1_000, "壹拾元整"),
            (1_001, "壹拾元零壹分"),
            (1_010, "壹拾元零壹角整"),
            (1_100, "壹拾壹元整"),
            (10_000, "壹佰元整"),
            (10_100, "壹佰零壹元整"),
            (11_000, "壹佰壹拾元整"),
            (32_504, "叁佰贰拾伍元零肆分"),
            (50_000, "伍佰元整"),
            (100_000, "壹仟元整"),
            (100_100, "壹仟零壹元整"),
            (101_000, "壹仟零壹拾元整"),
            (140_950, "壹仟肆佰零玖元伍角整"),
            (600_714, "陆仟零柒元壹角肆分"),
            (168_032, "壹仟陆佰捌拾元零叁角贰分"),
            (1_000_000, "壹万元整"),
            (1_000_100, "壹万零壹元整"),
            (1_100_000, "壹万壹仟元整"),
            (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
            (10_000_000, "壹拾万元整"),
            (10_700_053, "壹拾万柒仟元零伍角叁分"),
            (10_000_100, "壹拾万零壹元整"),
            (100_000_000, "壹佰万元整"),
            (100_001_000, "壹佰万零壹拾元整"),
            (1_000_000_000, "壹仟万元整"),
            (10_000_000_000, "壹亿元整"),
            (10_000_000_100, "壹亿零壹元整"),
            (10_001_000_000, "壹亿零壹万元整"),
            (10_010_000_000, "壹亿零壹拾万元整"),
            (11_000_000_000, "壹亿壹仟万元整"),
            (100_010_000_001, "壹拾亿零壹拾万元零壹分"),
            (1_000_000_000_000, "壹佰亿元整"),
            (100_000_000_000_000, "壹万亿元整"),
            (120_000_000_000_000, "壹万贰仟亿元整"),
            (100_010_000_000_000, "壹万零壹亿元整"),
            (1_050, "壹拾元零伍角整"),
            (105, "壹元零伍分"),
            (10_005, "壹佰元零伍分"),
            (100_010, "壹仟元零壹角整"),
            (10_001_000, "壹拾万零壹拾元整"),
            (100_000_100, "壹佰万零壹元整"),
            (1_001_000_101, "壹仟零壹万零壹元零壹分"),
            (
                999_999_999_999_999,
                "玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分",
            ),
            (-50_000, "负伍佰元整"),
        ] {
            assert_eq!(capitals(Fen(fen)), format!("人民币{words}"), "{fen}");
        }
    }

    /// Reads what was written: the digits with their places.
    fn read(words: &str) -> i64 {
        let words = words.trim_start_matches("人民币").trim_end_matches('整');
        let (mut total, mut section, mut digit) = (0_i64, 0_i64, 0_i64);
        let mut fen = 0;
        for word in words.chars().map(|c| c.to_string()) {
            if let Some(n) = DIGITS.iter().position(|d| *d == word) {
                digit = n as i64;
                continue;
            }
            match word.as_str() {
                "拾" => section += digit * 10,
                "佰" => section += digit * 100,
                "仟" => section += digit * 1_000,
                "万" => section = (section + digit) * 10_000,
                "亿" => {
                    total += (section + digit) * 100_000_000;
                    section = 0;
                }
                "元" => {
                    total += section + digit;
                    section = 0;
                }
                "角" => fen += digit * 10,
                "分" => fen += digit,
                other => panic!("{other}"),
            }
            digit = 0;
        }
        total * 100 + fen
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_in_capitals_reads_as_the_same_amount(fen in 0_i64..10_000_000_000_000) {
            let words = capitals(Fen(fen));
            proptest::prop_assert_eq!(read(&words), fen, "{}", words);
            proptest::prop_assert!(!words.contains("零零") && !words.contains("零元") || fen < 100, "{}", words);
        }
    }
}
