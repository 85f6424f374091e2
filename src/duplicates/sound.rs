//! How a name is written and how it sounds: scripts, variants and pinyin, so that 張偉, 张伟, "zhang wei" and
//! "Wei Zhang" meet.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use pinyin::ToPinyinMulti as _;
use unicode_normalization::UnicodeNormalization as _;

/// Readings of a name at most: surnames such as 单 and 解 have three.
const READINGS: usize = 6;

/// A name as it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// Half-width, small, without blanks and dots.
    pub written: String,
    /// The same in simplified characters.
    pub simplified: String,
    /// In pinyin without tones and blanks, one for each reading.
    pub readings: BTreeSet<String>,
}

impl Spoken {
    /// Hears a name, in characters or in pinyin.
    pub fn of(name: &str) -> Self {
        let written = plain(name);
        let simplified = simplified(&written);
        let readings = if written.chars().any(is_han) {
            read_aloud(&simplified)
        } else {
            orders(name)
        };
        Self {
            written,
            simplified,
            readings,
        }
    }

    /// The readings with what ears and dialects confuse made equal: zh and z, ng and n, ü and u.
    pub fn folded(&self) -> BTreeSet<String> {
        self.readings.iter().map(|reading| fold(reading)).collect()
    }

    /// Whether it is written in characters.
    pub fn in_characters(&self) -> bool {
        self.written.chars().any(is_han)
    }
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}' | '〇')
}

fn plain(name: &str) -> String {
    name.nfkc()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn simplified(text: &str) -> String {
    static CONVERTER: OnceLock<Option<OpenCC>> = OnceLock::new();
    let converter = CONVERTER.get_or_init(|| OpenCC::from_config(BuiltinConfig::T2s).ok());
    converter
        .as_ref()
        .map_or_else(|| text.to_owned(), |converter| converter.convert(text))
}

/// Every reading of a name in characters, the commonest first, no more than [`READINGS`].
fn read_aloud(name: &str) -> BTreeSet<String> {
    let mut readings = vec![String::new()];
    for (c, sounds) in name.chars().zip(name.to_pinyin_multi()) {
        let mut syllables: Vec<String> = Vec::new();
        match sounds {
            Some(sounds) => syllables.extend(sounds.into_iter().map(|sound| letters(sound.plain()))),
            None => syllables.push(c.to_string()),
        }
        let mut seen = BTreeSet::new();
        syllables.retain(|syllable| seen.insert(syllable.clone()));
        let longer = syllables
            .iter()
            .flat_map(|syllable| readings.iter().map(move |reading| format!("{reading}{syllable}")));
        readings = longer.take(READINGS).collect();
    }
    readings.into_iter().collect()
}

/// A name in pinyin as it stands, and with the last word first: 'Wei Zhang' is 张伟 too.
fn orders(name: &str) -> BTreeSet<String> {
    let words: Vec<_> = name
        .split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’')
        .map(letters)
        .filter(|word| !word.is_empty())
        .collect();
    let turned = words
        .last()
        .into_iter()
        .chain(words.split_last().map_or(&[][..], |(_, first)| first));
    [words.concat(), turned.cloned().collect()].into()
}

/// Small letters and digits without tone marks.
fn letters(text: &str) -> String {
    let plain: String = text
        .nfkd()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    plain.replace('v', "u").replace("lyu", "lu").replace("nyu", "nu")
}

fn fold(reading: &str) -> String {
    let pairs = [("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n")];
    pairs
        .iter()
        .fold(reading.to_owned(), |text, (from, to)| text.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meet(one: &str, other: &str) -> bool {
        let (one, other) = (Spoken::of(one), Spoken::of(other));
        !one.folded().is_disjoint(&other.folded())
    }

    #[test]
    fn a_name_is_heard_in_either_script_in_pinyin_in_any_order_and_width() {
        for other in [
            "張偉",
            "张玮",
            "Zhang Wei",
            "zhangwei",
            "Wei ZHANG",
            "Ｚｈāｎｇ　Ｗěｉ",
            "张 伟",
        ] {
            assert!(meet("张伟", other), "{other}");
        }
        assert!(meet("吕芳", "LYU FANG") && meet("吕芳", "lv fang") && meet("吕芳", "呂芳"));
        assert!(meet("单雄", "shan xiong") && meet("曾巩", "zeng gong") && meet("解兰", "Xie Lan"));
        assert!(meet("阿依古丽·买买提", "阿依古丽买买提"));
        assert!(!meet("张伟", "张芳") && !meet("张伟", "李伟"));
    }

    #[test]
    fn scripts_are_one_and_variants_sound_alike() {
        assert_eq!(Spoken::of("陳國強").simplified, "陈国强");
        assert!(meet("刘昇", "刘升") && meet("叶喆", "葉哲"));
    }

    #[test]
    fn a_name_of_many_readings_has_few_keys_and_any_text_is_heard() {
        assert!(Spoken::of("仇和解单朴").readings.len() <= READINGS);
        for odd in ["", " ", "·", "🙂", "𠈌", "张🙂", "'", "a b c d e f g"] {
            assert!(Spoken::of(odd).readings.len() <= READINGS, "{odd}");
        }
    }
}
