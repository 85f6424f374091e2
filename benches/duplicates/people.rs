//! Made-up people with known truth: a population with the names and families of the demo, and questions that ask for
//! one of them with the slips of real desks. The same seed gives the same people and questions everywhere.

use bangfu::db::types::Date;
use bangfu::demo::names::{MEN, SURNAMES, WOMEN};
use bangfu::demo::seed::Seed;
use bangfu::duplicates::rules::Facts;
use chrono::{Datelike as _, TimeDelta};
use pinyin::ToPinyin as _;

/// Somebody in the population.
#[derive(Debug, Clone)]
pub struct Someone {
    pub name: String,
    pub id_number: String,
    pub phone: String,
    pub account: String,
}

/// How a question differs from the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slip {
    PinyinAndPhone,
    TraditionalAndPhone,
    HomophoneAndPhone,
    WrongDigit,
    SwappedDigits,
    MissingDigit,
    OldNumberInPinyin,
    WrongCharacterAndDigit,
    BirthDateInPinyin,
    AnotherNumber,
    AccountOnly,
    /// Not in the register: the twin of somebody who is.
    AbsentTwin,
    /// Not in the register: a parent or child on the same phone.
    AbsentKin,
    /// Not in the register: the same name, born on the same day.
    AbsentNamesake,
    /// The same, and nothing else is said.
    AbsentNamesakeWithoutNumber,
}

impl Slip {
    pub const ALL: [Self; 15] = [
        Self::PinyinAndPhone,
        Self::TraditionalAndPhone,
        Self::HomophoneAndPhone,
        Self::WrongDigit,
        Self::SwappedDigits,
        Self::MissingDigit,
        Self::OldNumberInPinyin,
        Self::WrongCharacterAndDigit,
        Self::BirthDateInPinyin,
        Self::AnotherNumber,
        Self::AccountOnly,
        Self::AbsentTwin,
        Self::AbsentKin,
        Self::AbsentNamesake,
        Self::AbsentNamesakeWithoutNumber,
    ];

    /// Whether the question is about somebody who is not in the register.
    pub fn is_absent(self) -> bool {
        self >= Self::AbsentTwin
    }
}

/// A question, and whom it is about, if they are in the register.
pub struct Question {
    pub slip: Slip,
    pub about: Option<usize>,
    pub facts: Facts,
}

/// Characters of the names in the other script.
const TRADITIONAL: &[(char, char)] = &[
    ('张', '張'),
    ('刘', '劉'),
    ('陈', '陳'),
    ('吴', '吳'),
    ('杨', '楊'),
    ('孙', '孫'),
    ('赵', '趙'),
    ('许', '許'),
    ('马', '馬'),
    ('叶', '葉'),
    ('国', '國'),
    ('强', '強'),
    ('卫', '衛'),
    ('东', '東'),
    ('军', '軍'),
    ('伟', '偉'),
    ('涛', '濤'),
    ('华', '華'),
    ('丽', '麗'),
    ('静', '靜'),
    ('红', '紅'),
    ('兰', '蘭'),
    ('凤', '鳳'),
    ('爱', '愛'),
    ('龙', '龍'),
    ('庆', '慶'),
    ('钱', '錢'),
    ('郑', '鄭'),
    ('谢', '謝'),
    ('宝', '寶'),
    ('贵', '貴'),
    ('长', '長'),
];
/// Characters that sound the same.
const HOMOPHONES: &[(char, char)] = &[
    ('伟', '玮'),
    ('丽', '莉'),
    ('芳', '方'),
    ('静', '婧'),
    ('涛', '韬'),
    ('英', '瑛'),
    ('华', '骅'),
    ('军', '君'),
    ('强', '锵'),
    ('梅', '玫'),
    ('红', '宏'),
    ('兰', '岚'),
    ('敏', '皿'),
    ('霞', '侠'),
    ('玉', '钰'),
    ('志', '智'),
    ('建', '健'),
    ('文', '雯'),
    ('婷', '庭'),
    ('佳', '嘉'),
    ('海', '亥'),
    ('平', '萍'),
    ('燕', '彦'),
    ('娟', '鹃'),
];

/// `count` people: every tenth shares a phone with a husband or wife, every fiftieth is a twin.
pub fn population(count: usize) -> Vec<Someone> {
    let mut people: Vec<Someone> = Vec::with_capacity(count);
    for n in 0..count {
        let mut seed = Seed::of("people", n);
        let kin = people.last().cloned();
        let one = match kin {
            Some(kin) if n % 50 == 1 => twin(&kin, 1, &mut seed),
            Some(kin) if n % 10 == 2 => Someone {
                phone: kin.phone,
                ..stranger(n, &mut seed)
            },
            _ => stranger(n, &mut seed),
        };
        people.push(one);
    }
    people
}

fn stranger(n: usize, seed: &mut Seed) -> Someone {
    let born = seed.day(day(1955, 1, 1), day(2002, 12, 31));
    let man = seed.chance(50);
    let age = usize::from(born.year() > 1974) + usize::from(born.year() > 1989);
    let given = seed.pick(if man { MEN[age] } else { WOMEN[age] });
    let sequence = seed.below(499) * 2 + usize::from(man);
    Someone {
        name: format!("{}{given}", seed.weighted(SURNAMES)),
        id_number: number(born, sequence),
        phone: format!("199{:08}", n),
        account: format!("62170000{:011}", n),
    }
}

/// Born on the same day, registered soon after, living together: all the same but one character and the number's end.
fn twin(kin: &Someone, next: usize, seed: &mut Seed) -> Someone {
    let mut name: Vec<char> = kin.name.chars().collect();
    let last = name.len() - 1;
    while name[last] == kin.name.chars().nth(last).unwrap_or_default() {
        name[last] = *seed.pick(&['伟', '强', '丽', '静', '浩', '婷', '斌', '敏']);
    }
    let sequence: usize = kin.id_number[14..17].parse().unwrap_or_default();
    Someone {
        name: name.into_iter().collect(),
        id_number: number(born(kin), (sequence + next) % 1000),
        account: format!("62180000{:011}", seed.below(1_000_000_000)),
        ..kin.clone()
    }
}

/// `count` questions about people of a population, each kind as often as the others.
pub fn questions(people: &[Someone], count: usize) -> Vec<Question> {
    let ask = |n: usize| {
        let mut seed = Seed::of("questions", n);
        let (about, slip) = (seed.below(people.len()), Slip::ALL[n % Slip::ALL.len()]);
        Question {
            slip,
            about: Some(about).filter(|_| !slip.is_absent()),
            facts: asked(&people[about], slip, &mut seed),
        }
    };
    (0..count).map(ask).collect()
}

fn asked(one: &Someone, slip: Slip, seed: &mut Seed) -> Facts {
    let name = Some(one.name.clone());
    let phone = Some(one.phone.clone());
    let none = Facts::default();
    match slip {
        Slip::PinyinAndPhone => Facts {
            name: Some(spelt(&one.name, seed)),
            phone,
            ..none
        },
        Slip::TraditionalAndPhone => Facts {
            name: Some(swapped(&one.name, TRADITIONAL)),
            phone,
            ..none
        },
        Slip::HomophoneAndPhone => Facts {
            name: Some(swapped(&one.name, HOMOPHONES)),
            phone,
            ..none
        },
        Slip::WrongDigit => Facts {
            name,
            id_number: Some(wrong_digit(&one.id_number, seed)),
            ..none
        },
        Slip::SwappedDigits => Facts {
            name,
            id_number: Some(swapped_digits(&one.id_number, seed)),
            ..none
        },
        Slip::MissingDigit => {
            let at = seed.below(17);
            let short = format!("{}{}", &one.id_number[..at], &one.id_number[at + 1..]);
            Facts {
                name,
                id_number: Some(short),
                ..none
            }
        }
        Slip::OldNumberInPinyin => {
            let old = format!("{}{}", &one.id_number[..6], &one.id_number[8..17]);
            let number = if one.id_number[6..].starts_with("19") {
                old
            } else {
                one.id_number.clone()
            };
            Facts {
                name: Some(spelt(&one.name, seed)),
                id_number: Some(number),
                ..none
            }
        }
        Slip::WrongCharacterAndDigit => {
            let mut chars: Vec<char> = one.name.chars().collect();
            let last = chars.len() - 1;
            chars[last] = *seed.pick(&['明', '亮', '洋', '琴', '超']);
            let id_number = Some(wrong_digit(&one.id_number, seed));
            Facts {
                name: Some(chars.into_iter().collect()),
                id_number,
                phone,
                ..none
            }
        }
        Slip::BirthDateInPinyin => Facts {
            name: Some(spelt(&one.name, seed)),
            birth_date: Some(born(one)),
            phone,
            ..none
        },
        Slip::AnotherNumber => {
            let sequence = seed.below(1000);
            Facts {
                name,
                id_number: Some(number(born(one), sequence)),
                phone,
                ..none
            }
        }
        Slip::AccountOnly => Facts {
            name,
            account: Some(one.account.clone()),
            phone: Some(format!("198{:08}", seed.below(100_000_000))),
            ..none
        },
        Slip::AbsentTwin => {
            let twin = twin(one, 3, seed);
            Facts {
                name: Some(twin.name),
                id_number: Some(twin.id_number),
                phone,
                ..none
            }
        }
        Slip::AbsentKin => {
            let kin = stranger(seed.below(1_000_000), seed);
            let family: String = one.name.chars().take(1).collect();
            let given: String = kin.name.chars().skip(1).collect();
            Facts {
                name: Some(family + &given),
                id_number: Some(kin.id_number),
                phone,
                ..none
            }
        }
        Slip::AbsentNamesake => {
            let sequence = seed.below(1000);
            let phone = Some(format!("198{:08}", seed.below(100_000_000)));
            Facts {
                name,
                id_number: Some(number(born(one), sequence)),
                phone,
                ..none
            }
        }
        Slip::AbsentNamesakeWithoutNumber => Facts {
            name,
            birth_date: Some(born(one)),
            ..none
        },
    }
}

/// In pinyin: in one word or several, the family name first or last.
fn spelt(name: &str, seed: &mut Seed) -> String {
    let words: Vec<_> = name.to_pinyin().flatten().map(pinyin::Pinyin::plain).collect();
    let (family, given) = words.split_at(1);
    match seed.below(3) {
        0 => words.concat(),
        1 => format!("{} {}", family.concat(), given.concat()),
        _ => format!(
            "{} {}",
            given.concat().to_uppercase(),
            family.concat().to_uppercase()
        ),
    }
}

fn swapped(name: &str, table: &[(char, char)]) -> String {
    let other = |c: char| table.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to);
    name.chars().map(other).collect()
}

fn wrong_digit(number: &str, seed: &mut Seed) -> String {
    let at = seed.below(17);
    let digit = (number.as_bytes()[at] - b'0' + 1 + u8::try_from(seed.below(9)).unwrap_or_default()) % 10;
    format!("{}{digit}{}", &number[..at], &number[at + 1..])
}

fn swapped_digits(number: &str, seed: &mut Seed) -> String {
    let at = 6 + seed.below(10);
    format!(
        "{}{}{}{}",
        &number[..at],
        &number[at + 1..at + 2],
        &number[at..=at],
        &number[at + 2..]
    )
}

fn born(one: &Someone) -> Date {
    Date::parse_from_str(&one.id_number[6..14], "%Y%m%d").unwrap_or_default()
}

fn day(year: i32, month: u32, day: u32) -> Date {
    Date::from_ymd_opt(year, month, day).unwrap_or_default() + TimeDelta::zero()
}

/// A synthetic number (prefix 340299, never issued) with its check character.
fn number(born: Date, sequence: usize) -> String {
    let body = format!("340299{}{sequence:03}", born.format("%Y%m%d"));
    let sum = body
        .bytes()
        .fold(0, |sum, digit| (sum + u32::from(digit - b'0')) * 2 % 11);
    format!("{body}{}", char::from(b"10X98765432"[sum as usize]))
}
