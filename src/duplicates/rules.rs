//! When two records are of one person: keys by which candidates are found, and points that say how alike they are.
//! Values in, verdict out.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::sound::Spoken;
use crate::db::types::Date;
use crate::identity::CitizenId;
use crate::text_enum;

/// What is known of somebody who is looked for or registered. Numbers in their normal form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// In characters or pinyin.
    pub name: Option<String>,
    /// As typed, perhaps wrong.
    pub id_number: Option<String>,
    /// Said apart from the number.
    pub birth_date: Option<Date>,
    /// A mobile phone number.
    pub phone: Option<String>,
    /// A bank account number.
    pub account: Option<String>,
}

text_enum! {
    /// What two records are compared by.
    #[schema(as = DuplicatePart)]
    pub enum Part {
        /// 姓名.
        Name = "name",
        /// 身份证号.
        IdNumber = "id_number",
        /// 出生日期.
        BirthDate = "birth_date",
        /// 手机号.
        Phone = "phone",
        /// 银行账号.
        Account = "account",
        /// 同户.
        Household = "household",
    }
}

text_enum! {
    /// How two values agree.
    #[schema(as = DuplicateAgreement)]
    pub enum Agreement {
        /// 相同.
        Same = "same",
        /// 繁简相同: the same in simplified characters.
        SameScript = "same_script",
        /// 同音: the same in pinyin.
        SameSound = "same_sound",
        /// 近音: the same but for what ears confuse.
        NearSound = "near_sound",
        /// 一字或一处之差: one character differs; of a number that fails its check, one slip of the hand.
        OneSlip = "one_slip",
        /// 相近: at most two places differ.
        Near = "near",
        /// 不同.
        Different = "different",
    }
}

text_enum! {
    /// What a key of the index is made of.
    pub enum KeyKind {
        /// The ID number.
        IdNumber = "id_number",
        /// The sound of the name.
        Name = "name",
        /// The sound of the name and the birth date.
        NameAndBirth = "name_birth",
        /// The phone number.
        Phone = "phone",
        /// The account number.
        Account = "account",
        /// The household.
        Household = "household",
    }
}

/// One line of the reasoning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = DuplicateReason)]
pub struct Reason {
    /// What was compared.
    pub part: Part,
    /// How the two agree.
    pub agreement: Agreement,
    /// What it adds to the score.
    #[schema(example = 35)]
    pub points: i32,
}

/// What each agreement adds: positive speaks for one person, negative for two. Tuned with the generator of
/// `benches/duplicates.rs`; docs/duplicates.md has the measured quality.
pub const fn points(part: Part, agreement: Agreement) -> i32 {
    match (part, agreement) {
        (Part::IdNumber, Agreement::Same) => 100,
        (Part::IdNumber, Agreement::OneSlip) => 55,
        (Part::IdNumber, Agreement::Near) => -5,
        (Part::IdNumber, _) => -30,
        (Part::Name, Agreement::Same | Agreement::SameScript) => 35,
        (Part::Name, Agreement::SameSound) => 30,
        (Part::Name, Agreement::NearSound) => 25,
        (Part::Name, Agreement::OneSlip) => -15,
        (Part::Name, _) => -40,
        (Part::BirthDate, Agreement::Same) => 25,
        (Part::BirthDate, Agreement::Near) => 5,
        (Part::BirthDate, _) => -25,
        (Part::Phone, Agreement::Same) => 30,
        (Part::Account, Agreement::Same) => 30,
        (Part::Household, Agreement::Same) => 10,
        (Part::Phone | Part::Account, _) => -3,
        (Part::Household, _) => 0,
    }
}

/// The sum of the points, 0 to 100.
pub fn score(reasons: &[Reason]) -> i32 {
    reasons.iter().map(|r| r.points).sum::<i32>().clamp(0, 100)
}

/// Keys of somebody: in clear, or digests of them.
pub type Keys = BTreeSet<(KeyKind, String)>;

/// What is compared by keys alone.
const BY_KEY: [(Part, KeyKind); 3] = [
    (Part::Phone, KeyKind::Phone),
    (Part::Account, KeyKind::Account),
    (Part::Household, KeyKind::Household),
];

/// The keys under which somebody is found.
pub fn keys(facts: &Facts) -> Keys {
    let mut keys = BTreeSet::new();
    let sounds = facts.name.as_deref().map(|name| Spoken::of(name).folded());
    for sound in sounds
        .unwrap_or_default()
        .iter()
        .filter(|sound| !sound.is_empty())
    {
        if let Some(birth) = facts.born() {
            keys.insert((KeyKind::NameAndBirth, format!("{sound} {birth}")));
        }
        keys.insert((KeyKind::Name, sound.clone()));
    }
    for number in facts.id_number.iter().flat_map(|typed| readings(typed)) {
        keys.insert((KeyKind::IdNumber, number));
    }
    let mut take = |kind, value: &Option<String>| keys.extend(value.iter().map(|v| (kind, v.clone())));
    take(KeyKind::Phone, &facts.phone);
    take(KeyKind::Account, &facts.account);
    keys
}

impl Facts {
    fn born(&self) -> Option<Date> {
        let by_number = || Some(CitizenId::parse(self.id_number.as_deref()?).ok()?.birth_date());
        self.birth_date.or_else(by_number)
    }
}

/// Every number that a typed one can stand for: itself when it passes its check; else each that one slip of the hand
/// makes of it: a digit wrong, two neighbours swapped, one missing or one too many.
pub fn readings(typed: &str) -> Vec<String> {
    if let Ok(number) = CitizenId::parse(typed) {
        return vec![number.as_str().to_owned()];
    }
    let sound: BTreeSet<_> = slips(typed)
        .iter()
        .filter_map(|text| CitizenId::parse(text).ok())
        .map(|number| number.as_str().to_owned())
        .collect();
    sound.into_iter().collect()
}

fn slips(typed: &str) -> Vec<String> {
    let chars: Vec<char> = typed.chars().collect();
    let with = |range: std::ops::Range<usize>, new: &[char]| {
        let (head, tail) = (&chars[..range.start], &chars[range.end..]);
        [head, new, tail].concat().into_iter().collect::<String>()
    };
    let digits = || "0123456789X".chars();
    match chars.len() {
        17 => (0..=17)
            .flat_map(|at| digits().map(move |c| (at, c)))
            .map(|(at, c)| with(at..at, &[c]))
            .collect(),
        18 => {
            let wrong = (0..18)
                .flat_map(|at| digits().map(move |c| (at, c)))
                .map(|(at, c)| with(at..at + 1, &[c]));
            let swapped = (0..17).map(|at| with(at..at + 2, &[chars[at + 1], chars[at]]));
            wrong.chain(swapped).collect()
        }
        19 => (0..19).map(|at| with(at..at + 1, &[])).collect(),
        _ => Vec::new(),
    }
}

/// How alike `facts` are to somebody of that name and number, each with their keys. What one side does not know says
/// nothing.
pub fn compare(facts: &Facts, own: &Keys, name: &str, id_number: &str, other: &Keys) -> Vec<Reason> {
    let mut found = Vec::new();
    if let Some(sought) = &facts.name {
        found.push((Part::Name, names(sought, name)));
    }
    if let Some(typed) = &facts.id_number {
        found.push((Part::IdNumber, numbers(typed, id_number)));
    }
    let same_number = found.contains(&(Part::IdNumber, Agreement::Same));
    let births = facts
        .born()
        .zip(CitizenId::parse(id_number).ok().map(|n| n.birth_date()));
    if let Some((one, other)) = births.filter(|_| !same_number) {
        found.push((Part::BirthDate, dates(one, other)));
    }
    for (part, kind) in BY_KEY {
        let own: BTreeSet<_> = own.iter().filter(|(k, _)| *k == kind).collect();
        let mut others = other.iter().filter(|(k, _)| *k == kind).peekable();
        if !own.is_empty() && others.peek().is_some() {
            let same = others.any(|key| own.contains(key));
            found.push((
                part,
                if same {
                    Agreement::Same
                } else {
                    Agreement::Different
                },
            ));
        }
    }
    let reason = |(part, agreement)| Reason {
        part,
        agreement,
        points: points(part, agreement),
    };
    found.into_iter().map(reason).collect()
}

fn names(one: &str, other: &str) -> Agreement {
    let (one, other) = (Spoken::of(one), Spoken::of(other));
    if one.written == other.written {
        Agreement::Same
    } else if one.simplified == other.simplified {
        Agreement::SameScript
    } else if !one.readings.is_disjoint(&other.readings) {
        Agreement::SameSound
    } else if !one.folded().is_disjoint(&other.folded()) {
        Agreement::NearSound
    } else if one_slip(&one, &other) {
        Agreement::OneSlip
    } else {
        Agreement::Different
    }
}

fn one_slip(one: &Spoken, other: &Spoken) -> bool {
    let long = |name: &Spoken| name.simplified.chars().count() > 2;
    one.in_characters() == other.in_characters()
        && long(one)
        && long(other)
        && strsim::osa_distance(&one.simplified, &other.simplified) == 1
}

fn numbers(typed: &str, known: &str) -> Agreement {
    let readings = readings(typed);
    let sound = CitizenId::parse(typed).is_ok();
    match readings.iter().any(|reading| reading == known) {
        true if sound => Agreement::Same,
        true => Agreement::OneSlip,
        false if strsim::osa_distance(readings.first().map_or(typed, String::as_str), known) <= 2 => {
            Agreement::Near
        }
        false => Agreement::Different,
    }
}

fn dates(one: Date, other: Date) -> Agreement {
    let written = |date: Date| date.format("%Y%m%d").to_string();
    let turned = |date: Date| date.format("%Y%d%m").to_string();
    if one == other {
        Agreement::Same
    } else if strsim::osa_distance(&written(one), &written(other)) == 1 || written(one) == turned(other) {
        Agreement::Near
    } else {
        Agreement::Different
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBER: &str = "34029919700101001X";

    fn compared(facts: &Facts, name: &str, number: &str) -> i32 {
        let other = Facts {
            name: Some(name.into()),
            id_number: Some(number.into()),
            phone: Some("13800000000".into()),
            ..Facts::default()
        };
        score(&compare(facts, &keys(facts), name, number, &keys(&other)))
    }

    fn facts(name: &str, number: &str, phone: &str) -> Facts {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Facts {
            name: some(name),
            id_number: some(number),
            phone: some(phone),
            ..Facts::default()
        }
    }

    #[test]
    fn a_wrong_number_is_read_as_every_number_that_one_slip_makes_of_it() {
        for wrong in [
            "34029919700101011X",
            "34029919700110001X",
            "3402991970010101X",
            "340299197001010001X",
            "340299197001010018",
        ] {
            assert!(readings(wrong).contains(&NUMBER.to_owned()), "{wrong}");
            assert!(readings(wrong).len() < 40, "{wrong}");
        }
        assert_eq!(readings("340299700101001"), [NUMBER]);
        assert_eq!(readings("nonsense"), [""; 0]);
    }

    #[test]
    fn one_person_scores_above_the_line_and_relatives_and_namesakes_below() {
        for (name, number, phone) in [
            ("张伟", NUMBER, ""),
            ("張偉", "34029919700101011X", ""),
            ("zhang wei", "", "13800000000"),
            ("Wei Zhang", "340299700101001", ""),
            ("张伟", "", "13800000000"),
        ] {
            let score = compared(&facts(name, number, phone), "张伟", NUMBER);
            assert!(score >= 60, "{name} {number} {phone}: {score}");
        }
        // a spouse with the same phone, a namesake of another birthday, twins
        let spouse = compared(&facts("李娜", "", "13800000000"), "张伟", NUMBER);
        let namesake = compared(&facts("张伟", "340299198001010030", ""), "张伟", NUMBER);
        assert!(spouse < 40 && namesake < 40, "{spouse} {namesake}");
        for [one, other] in [["张强", "张伟"], ["张国强", "张国伟"]] {
            let twin = facts(one, "340299197001010036", "13800000000");
            assert!(compared(&twin, other, NUMBER) < 60, "{one}");
        }
    }

    #[test]
    fn more_that_agrees_never_lowers_the_score() {
        let name = facts("张伟", "", "");
        let with_phone = facts("张伟", "", "13800000000");
        let with_number = facts("张伟", NUMBER, "13800000000");
        let score = |facts| compared(facts, "张伟", NUMBER);
        assert!(score(&name) < score(&with_phone) && score(&with_phone) < score(&with_number));
    }
}
