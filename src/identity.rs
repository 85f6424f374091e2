//! Numbers that belong to a person: ID number, mobile phone, bank card. Each is read in one normal form and checked
//! (91, 93); none is ever shown but masked (87).

use std::fmt;

use chrono::Datelike;
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::db::types::{Date, string_schema};
use crate::error::{Error, FieldError, Message, Result};
use crate::input::{Input, Text, normal_number};
use crate::{say, text_enum};

text_enum! {
    /// Sex, by the 17th digit of the ID number.
    pub enum Sex {
        /// 男.
        Male = "male",
        /// 女.
        Female = "female",
    }
}

/// A citizen's ID number (公民身份号码, GB 11643-1999) of 18 characters, with a real birth date and the right check
/// character. Old numbers of 15 digits are lengthened; unknown region prefixes are accepted: they are those of the
/// first issue (91).
#[derive(Clone, PartialEq, Eq)]
pub struct CitizenId {
    number: String,
    birth_date: Date,
}

impl CitizenId {
    /// Reads a number as people write it: with blanks, full-width, with a small x, of 15 digits.
    pub fn parse(text: &str) -> std::result::Result<Self, Message> {
        let mut number = normal_number(text);
        if number.len() == 15 && number.bytes().all(|b| b.is_ascii_digit()) {
            number.insert_str(6, "19");
            number.push(check_character(&number));
        }
        let form = number.len() == 18
            && number.as_bytes()[..17].iter().all(u8::is_ascii_digit)
            && (number.ends_with('X') || number.as_bytes()[17].is_ascii_digit());
        if !form {
            return Err(say!(
                "身份证号须为 18 位",
                "an ID number has 17 digits and a check character"
            ));
        }
        if !number.ends_with(check_character(&number[..17])) {
            return Err(say!("身份证号校验码不符", "the check character does not fit"));
        }
        let birth_date = Date::parse_from_str(&number[6..14], "%Y%m%d")
            .ok()
            .filter(|date| date.year() >= 1900);
        let birth_date = birth_date.ok_or_else(|| {
            say!(
                "身份证号中的出生日期不存在",
                "the birth date in it does not exist"
            )
        })?;
        Ok(Self { number, birth_date })
    }

    /// The 18 characters in clear: to be sealed or digested, never to be shown.
    pub fn as_str(&self) -> &str {
        &self.number
    }

    /// The birth date in it.
    pub fn birth_date(&self) -> Date {
        self.birth_date
    }

    /// Odd is male, even is female.
    pub fn sex(&self) -> Sex {
        if self.number.as_bytes()[16] % 2 == 1 {
            Sex::Male
        } else {
            Sex::Female
        }
    }

    /// Refuses a number, read at `pointer`, whose holder would not be born yet.
    pub fn born_by(&self, today: Date, pointer: &str) -> Result<()> {
        if self.birth_date <= today {
            return Ok(());
        }
        let detail = say!(
            "身份证号中的出生日期在未来",
            "the birth date in it lies in the future"
        );
        Err(Error::invalid(pointer, "invalid_id_number", detail))
    }
}

/// The check character of 17 digits: ISO 7064 MOD 11-2.
fn check_character(digits: &str) -> char {
    let sum = digits
        .bytes()
        .fold(0, |sum, digit| (sum + u32::from(digit - b'0')) * 2 % 11);
    char::from(b"10X98765432"[sum as usize])
}

/// A mobile phone number of the mainland: 11 digits, with or without +86 when read.
#[derive(Clone, PartialEq, Eq)]
pub struct Mobile(String);

impl Mobile {
    /// Reads a number as people write it.
    pub fn parse(text: &str) -> std::result::Result<Self, Message> {
        let number: String = normal_number(text).chars().filter(|c| *c != '-').collect();
        let number = number.strip_prefix("+86").unwrap_or(&number);
        let bytes = number.as_bytes();
        if bytes.len() == 11
            && bytes.iter().all(u8::is_ascii_digit)
            && bytes[0] == b'1'
            && (b'3'..=b'9').contains(&bytes[1])
        {
            Ok(Self(number.to_owned()))
        } else {
            Err(say!(
                "须为 11 位手机号码",
                "must be a mobile phone number of 11 digits"
            ))
        }
    }

    /// The 11 digits in clear: to be sealed or digested, never to be shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The number of a bank account, a card's or a passbook's: 13 to 19 digits.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountNumber(String);

impl AccountNumber {
    /// Reads a number as people write it.
    pub fn parse(text: &str) -> std::result::Result<Self, Message> {
        let number: String = normal_number(text).chars().filter(|c| *c != '-').collect();
        if !(13..=19).contains(&number.len()) || !number.bytes().all(|b| b.is_ascii_digit()) {
            return Err(say!("须为 13 至 19 位数字", "must be 13 to 19 digits"));
        }
        Ok(Self(number))
    }

    /// The digits in clear: to be sealed or digested, never to be shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether the check digit of a card number is right (ISO/IEC 7812-1, rule 93); passbooks have none.
pub fn card_fits(number: &str) -> std::result::Result<(), Message> {
    if luhn(number).is_multiple_of(10) {
        return Ok(());
    }
    Err(say!("银行卡号校验位不符", "the check digit does not fit"))
}

/// A bank card number: an account number with the right check digit.
#[derive(Clone, PartialEq, Eq)]
pub struct BankCard(String);

impl BankCard {
    /// Reads a number as people write it.
    pub fn parse(text: &str) -> std::result::Result<Self, Message> {
        let AccountNumber(number) = AccountNumber::parse(text)?;
        card_fits(&number)?;
        Ok(Self(number))
    }

    /// The digits in clear: to be sealed or digested, never to be shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn luhn(digits: &str) -> u32 {
    let weighed = digits.bytes().rev().zip([1, 2].into_iter().cycle());
    weighed
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .map(|n| n / 10 + n % 10)
        .sum()
}

/// The first character of a name, the rest hidden: 张*; of a compound surname two.
pub fn mask_name(name: &str) -> String {
    const COMPOUND: [&str; 8] = ["欧阳", "上官", "司马", "诸葛", "司徒", "夏侯", "皇甫", "尉迟"];
    let long = name.chars().count() > 2;
    let shown = match COMPOUND.iter().any(|surname| name.starts_with(surname)) && long {
        true => 2,
        false => 1,
    };
    let mask = |(at, c)| if at < shown { c } else { '*' };
    name.chars().enumerate().map(mask).collect()
}

/// `3402**********001X`: the first and the last four.
pub fn mask_id(number: &str) -> String {
    mask(number, 4)
}

/// `138****0000`: the first three and the last four.
pub fn mask_phone(number: &str) -> String {
    mask(number, 3)
}

/// `6222********0124`: the first and the last four.
pub fn mask_account(number: &str) -> String {
    mask(number, 4)
}

/// Keeps the first `head` and the last four characters; of a number shorter than a phone's, nothing.
fn mask(text: &str, head: usize) -> String {
    let length = text.chars().count();
    let hidden = |at: usize| length < 11 || (at >= head && at + 4 < length);
    text.chars()
        .enumerate()
        .map(|(at, c)| if hidden(at) { '*' } else { c })
        .collect()
}

macro_rules! personal {
    ($name:ident, $code:literal, $mask:ident, $example:literal) => {
        impl Input for $name {
            fn read(value: &Value, at: &str, errors: &mut Vec<FieldError>) -> Option<Self> {
                let text = Text::<40>::read(value, at, errors)?;
                match Self::parse(&text) {
                    Ok(number) => Some(number),
                    Err(detail) => {
                        errors.push(FieldError::new(at, $code, detail));
                        None
                    }
                }
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str(&$mask(self.as_str()))
            }
        }
        impl utoipa::PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                string_schema(|o| {
                    o.max_length(Some(40))
                        .examples([serde_json::json!($example)])
                })
            }
        }
        impl utoipa::ToSchema for $name {}
    };
}
personal!(CitizenId, "invalid_id_number", mask_id, "34029919700101001X");
personal!(Mobile, "invalid_phone", mask_phone, "13800000000");
personal!(
    AccountNumber,
    "invalid_account_number",
    mask_account,
    "6200000000000005"
);
personal!(
    BankCard,
    "invalid_account_number",
    mask_account,
    "6200000000000005"
);

#[cfg(test)]
mod tests {
    use super::*;

    const VALID: [&str; 16] = [
        "11010519491231002X",
        "34029919700101001X",
        "340299197001010028",
        "340299200002290142",
        "340299196006300214",
        "340299198001010030",
        "340299198001010081",
        "340299198001010022",
        "340299198001010073",
        "340299198001010014",
        "340299198001010065",
        "340299198001010196",
        "340299198001010057",
        "340299198001010188",
        "340299198001010049",
        "34029919800101009X",
    ];

    #[test]
    fn every_check_character_is_known_and_every_wrong_digit_found() {
        for number in VALID {
            assert_eq!(CitizenId::parse(number).unwrap().as_str(), number);
        }
        let right = VALID[1];
        for (at, digit) in (0..17).flat_map(|at| (0..10).map(move |digit| (at, digit))) {
            let wrong = format!("{}{digit}{}", &right[..at], &right[at + 1..]);
            assert_eq!(CitizenId::parse(&wrong).is_ok(), wrong == right, "{wrong}");
        }
        assert!(CitizenId::parse("110105194912310021").is_err());
    }

    #[test]
    fn a_number_is_read_as_people_write_it() {
        let normal = CitizenId::parse("11010519491231002X").unwrap();
        for written in [
            " 110105 19491231 002x ",
            "110105491231002",
            "１１０１０５１９４９１２３１００２Ｘ",
            "１１０１０５１９４９１２３１００２ｘ",
        ] {
            assert!(CitizenId::parse(written).unwrap() == normal, "{written}");
        }
        for wrong in [
            "",
            "1",
            "1101054912310020",
            "X1010519491231002X",
            "11010519491231002Y",
            "1101051949123100é",
            "٣40299197001010028",
        ] {
            assert!(CitizenId::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_birth_date_is_real_and_past_and_the_sex_is_in_the_number() {
        assert!(
            CitizenId::parse("340299198502290018").is_err(),
            "1985 had no 29 February"
        );
        let child = CitizenId::parse("340299201212121202").unwrap();
        let birth = Date::from_ymd_opt(2012, 12, 12).unwrap();
        assert_eq!((child.sex(), child.birth_date()), (Sex::Female, birth));
        assert_eq!(CitizenId::parse(VALID[1]).unwrap().sex(), Sex::Male);
        assert!(child.born_by(birth, "/id_number").is_ok());
        assert!(child.born_by(birth.pred_opt().unwrap(), "/id_number").is_err());
    }

    #[test]
    fn cards_and_phones_are_checked() {
        for card in [
            "9999990000000006",
            "9999990000000000014",
            "9999991234567890124",
            "6200 0000 0000 0005",
        ] {
            assert!(BankCard::parse(card).is_ok(), "{card}");
        }
        for card in [
            "6200000000000006",
            "620000000000",
            "62000000000000000005",
            "62000000000000x5",
        ] {
            assert!(BankCard::parse(card).is_err(), "{card}");
        }
        assert!(AccountNumber::parse("6200000000000006").is_ok(), "a passbook's");
        assert!(AccountNumber::parse("620000000000").is_err());
        for phone in ["13800000000", "+86 138-0000-0000", "１３８００００００００"] {
            assert_eq!(Mobile::parse(phone).unwrap().as_str(), "13800000000");
        }
        for phone in ["12800000000", "1380000000", "0553-1234567", "138000000000"] {
            assert!(Mobile::parse(phone).is_err(), "{phone}");
        }
    }

    #[test]
    fn masks_hide_the_middle() {
        assert_eq!(mask_id("34029919700101001X"), "3402**********001X");
        assert_eq!(mask_phone("13800000000"), "138****0000");
        assert_eq!(mask_account("6222000000000124"), "6222********0124");
        assert_eq!(mask_account("1234567"), "*******");
        assert_eq!(
            format!("{:?}", BankCard::parse("6200000000000005").unwrap()),
            "6200********0005"
        );
    }
}
