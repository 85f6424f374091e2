//! Stays in hospital: what is wrong in itself (60, 63), whatever the programme says.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::db::types::{Date, Fen};
use crate::error::FieldError;
use crate::input::{Name, Text, normal_number};
use crate::{input, say};

input! {
    /// What the member was in hospital for.
    #[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Illness {
        /// The diagnosis in words.
        #[schema(value_type = String, example = "肺部恶性肿瘤", max_length = 100)]
        pub name: Name,
        /// Its code (ICD-10), or null.
        #[schema(value_type = Option<String>, example = "C34.9", max_length = 16)]
        pub icd10_code: Option<Text<16>>,
    }
}
input! {
    /// What others paid of a stay, in fen; null counts as nothing (60).
    #[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Deductions {
        /// 基本医保统筹.
        pub basic_insurance_fen: Option<Fen>,
        /// 大病保险.
        pub critical_illness_insurance_fen: Option<Fen>,
        /// 医疗救助.
        pub medical_assistance_fen: Option<Fen>,
        /// 单位报销、公务员补助.
        pub employer_fen: Option<Fen>,
        /// 商业保险.
        pub commercial_insurance_fen: Option<Fen>,
        /// 工会互助保障.
        pub mutual_aid_fen: Option<Fen>,
        /// 其他.
        pub other_fen: Option<Fen>,
    }
}
input! {
    /// One stay in hospital, as its settlement says.
    #[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Stay {
        /// The hospital.
        #[schema(value_type = String, example = "芜湖市第一人民医院", max_length = 100)]
        pub hospital: Name,
        /// Day of admission.
        pub admitted_on: Date,
        /// Day of discharge; decides the year the stay belongs to (61).
        pub discharged_on: Date,
        /// Number of the settlement; it supports one grant ever (63).
        #[schema(value_type = String, example = "YB20200401-00017", max_length = 64)]
        pub settlement_number: Text<64>,
        /// The whole bill in fen.
        pub total_fen: Fen,
        /// What others paid of it.
        pub deductions: Deductions,
        /// The part outside the insurance catalogue (自费) in fen; null counts as nothing.
        pub off_catalogue_fen: Option<Fen>,
    }
}

impl Deductions {
    /// Everything that others paid.
    pub fn sum(&self) -> Fen {
        let Self {
            basic_insurance_fen,
            critical_illness_insurance_fen,
            medical_assistance_fen,
            employer_fen,
            commercial_insurance_fen,
            mutual_aid_fen,
            other_fen,
        } = self;
        let all = [
            basic_insurance_fen,
            critical_illness_insurance_fen,
            medical_assistance_fen,
            employer_fen,
            commercial_insurance_fen,
            mutual_aid_fen,
            other_fen,
        ];
        all.into_iter().flatten().copied().sum()
    }
}

/// A settlement number as it is compared: half-width, upper-case, without white space (63), without characters that nobody
/// sees, and with one kind of dash.
pub fn compared(settlement_number: &str) -> String {
    let seen = |c: char| match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' => Some('-'),
        c if c.is_alphanumeric() || c.is_ascii_graphic() => Some(c),
        _ => None,
    };
    normal_number(settlement_number)
        .chars()
        .filter_map(seen)
        .collect()
}

impl Stay {
    /// The settlement number as it is compared (63).
    pub fn settlement(&self) -> String {
        compared(&self.settlement_number)
    }

    /// Readmission on the day of discharge is no overlap.
    fn overlaps(&self, other: &Self) -> bool {
        self.admitted_on < other.discharged_on && other.admitted_on < self.discharged_on
    }
}

/// Everything that is wrong with the stays of a claim in itself, with pointers into its body.
pub fn check(stays: &[Stay], today: Date) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut settlements = BTreeSet::new();
    for (i, stay) in stays.iter().enumerate() {
        let mut wrong = |field: &str, code, detail| {
            errors.push(FieldError::new(format!("/stays/{i}/{field}"), code, detail));
        };
        if stay.discharged_on < stay.admitted_on {
            let detail = say!("出院日期早于入院日期", "discharged before admitted");
            wrong("discharged_on", "out_of_range", detail);
        } else if stay.discharged_on > today {
            let detail = say!("出院日期在未来", "the discharge lies in the future");
            wrong("discharged_on", "out_of_range", detail);
        }
        if stay.deductions.sum() > stay.total_fen {
            let detail = say!(
                "各项扣除合计超过总费用",
                "the deductions together are more than the total"
            );
            wrong("deductions", "deductions_exceed_total", detail);
        }
        if stay.off_catalogue_fen > Some(stay.total_fen) {
            let detail = say!("自费部分超过总费用", "more than the total");
            wrong("off_catalogue_fen", "out_of_range", detail);
        }
        if !settlements.insert(stay.settlement()) {
            let detail = say!(
                "同一结算单在本申请中出现两次",
                "this settlement stands in the claim twice"
            );
            wrong("settlement_number", "settlement_already_used", detail);
        }
        if stays[..i].iter().any(|earlier| earlier.overlaps(stay)) {
            let detail = say!("与另一次住院时间重叠", "overlaps with another stay");
            wrong("admitted_on", "stays_overlap", detail);
        }
    }
    errors
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A stay from one day to another with a bill and what others paid of it, in fen.
    pub fn stay(from: &str, to: &str, total: i64, deducted: i64, settlement: &str) -> Stay {
        let text = serde_json::json!({
            "hospital": "医院", "admitted_on": from, "discharged_on": to, "settlement_number": settlement, "total_fen": total,
            "deductions": { "basic_insurance_fen": deducted }, "off_catalogue_fen": null,
        });
        let mut errors = Vec::new();
        crate::input::Input::read(&text, "", &mut errors).unwrap_or_else(|| panic!("{errors:?}"))
    }

    fn mistakes(stays: &[Stay]) -> Vec<(String, &'static str)> {
        let today = "2020-05-20".parse().unwrap();
        check(stays, today)
            .into_iter()
            .map(|e| (e.pointer, e.code))
            .collect()
    }

    #[test]
    fn readmission_on_the_day_of_discharge_is_no_overlap() {
        let first = stay("2020-01-01", "2020-01-10", 1, 0, "a");
        let next = |from, to| mistakes(&[first.clone(), stay(from, to, 1, 0, "b")]);
        assert_eq!(next("2020-01-10", "2020-01-12"), []);
        assert_eq!(next("2020-01-10", "2020-01-10"), []);
        let overlap = [("/stays/1/admitted_on".to_owned(), "stays_overlap")];
        assert_eq!(next("2020-01-09", "2020-01-12"), overlap);
        assert_eq!(next("2020-01-05", "2020-01-05"), overlap);
        assert_eq!(next("2019-12-01", "2020-02-01"), overlap);
        assert_eq!(next("2019-12-01", "2020-01-01"), []);
    }

    #[test]
    fn every_mistake_has_its_pointer() {
        let mut dear = stay("2020-02-01", "2020-02-03", 100, 100, "c");
        dear.off_catalogue_fen = Some(Fen(101));
        let stays = [
            stay("2020-01-05", "2020-01-01", 100, 101, " ab1"),
            stay("2020-03-01", "2020-05-21", 100, 100, "ＡＢ１ "),
            dear,
        ];
        let found = mistakes(&stays);
        let expected = [
            ("/stays/0/discharged_on", "out_of_range"),
            ("/stays/0/deductions", "deductions_exceed_total"),
            ("/stays/1/discharged_on", "out_of_range"),
            ("/stays/1/settlement_number", "settlement_already_used"),
            ("/stays/2/off_catalogue_fen", "out_of_range"),
        ];
        assert_eq!(found, expected.map(|(p, c)| (p.to_owned(), c)));
    }
}
