//! What a questionnaire may ask, what an answer may be, and how answers are counted. Values in, values out.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::Questionnaire;
use crate::db::types::Date;
use crate::error::FieldError;
use crate::input::{Comment, Input, Text, number};
use crate::ledger::Reached;
use crate::users::UserId;
use crate::{input, say, text_enum};

text_enum! {
    /// What a question takes.
    #[schema(as = QuestionKind)]
    pub enum Kind {
        /// At most 2,000 characters.
        Text = "text",
        /// The code of one option.
        Choice = "choice",
        /// The codes of some options.
        Choices = "choices",
        /// A whole number.
        Number = "number",
        /// True or false.
        YesNo = "yes_no",
    }
}
input! {
    /// What can be chosen.
    #[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[schema(as = QuestionOption)]
    pub struct Choice {
        /// Letters a to z, digits, underscore; once in the question.
        #[schema(value_type = String, max_length = 40, example = "hard")]
        pub code: Text<40>,
        /// In Chinese.
        #[schema(value_type = String, max_length = 100, example = "困难")]
        pub label_zh: Text<100>,
    }
}
input! {
    /// A question.
    #[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Question {
        /// Letters a to z, digits, underscore; once in the questionnaire.
        #[schema(value_type = String, max_length = 40, example = "living")]
        pub key: Text<40>,
        /// In Chinese.
        #[schema(value_type = String, max_length = 200, example = "目前生活状况")]
        pub text_zh: Text<200>,
        /// In English.
        #[schema(value_type = Option<String>, max_length = 200, example = "How does the household live now?")]
        pub text_en: Option<Text<200>>,
        /// What it takes.
        #[schema(example = "choice")]
        pub kind: Kind,
        /// What can be chosen, for a choice or choices.
        #[schema(required = false, max_items = 100)]
        pub options: Vec<Choice>,
        /// Whether it must be answered when somebody was met.
        pub required: bool,
    }
}

/// How often something was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AnswerCount)]
pub struct Count {
    /// The code of the option; `yes` or `no`.
    #[schema(example = "hard")]
    pub code: String,
    /// Visits with this answer.
    #[schema(example = 12)]
    pub visits: i64,
}

/// How a question was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = QuestionTally)]
pub struct Tally {
    /// The key of the question.
    #[schema(example = "living")]
    pub key: String,
    /// Visits at which it was answered.
    pub answered: i64,
    /// By what can be answered, in order.
    pub counts: Vec<Count>,
}

/// The largest number that can be answered, and with a minus the smallest.
const NUMBER: i64 = 1_000_000_000_000;

impl Kind {
    /// Whether such a question has options.
    fn chooses(self) -> bool {
        matches!(self, Self::Choice | Self::Choices)
    }
}

/// What is wrong with a questionnaire.
pub fn faults(valid_from: Date, valid_to: Option<Date>, questions: &[Question]) -> Vec<FieldError> {
    let mut faults = Vec::new();
    if valid_to.is_some_and(|end| end < valid_from) {
        let detail = say!("不得早于 valid_from", "must not be before valid_from");
        faults.push(FieldError::new("/valid_to", "end_before_begin", detail));
    }
    if questions.is_empty() {
        faults.push(required("/questions"));
    }
    let keys: Vec<&str> = questions.iter().map(|question| &*question.key).collect();
    for (n, question) in questions.iter().enumerate() {
        let at = format!("/questions/{n}");
        faults.extend(code_fault(&keys, n, format!("{at}/key")));
        faults.extend(option_faults(question, &at));
    }
    faults
}

fn option_faults(question: &Question, at: &str) -> Vec<FieldError> {
    let options = &question.options;
    match (question.kind.chooses(), options.is_empty()) {
        (true, true) => vec![required(format!("{at}/options"))],
        (false, false) => {
            let detail = say!("该题型没有选项", "a question of this kind has no options");
            vec![FieldError::new(format!("{at}/options"), "does_not_fit", detail)]
        }
        _ => {
            let codes: Vec<&str> = options.iter().map(|option| &*option.code).collect();
            let fault = |n| code_fault(&codes, n, format!("{at}/options/{n}/code"));
            (0..codes.len()).filter_map(fault).collect()
        }
    }
}

/// What is wrong with the `n`th of some keys or codes, which stands at `at`.
fn code_fault(codes: &[&str], n: usize, at: String) -> Option<FieldError> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if !codes[n].bytes().all(allowed) {
        let detail = say!(
            "只能用小写字母、数字和下划线",
            "letters a to z, digits and underscores only"
        );
        return Some(FieldError::new(at, "invalid_key", detail));
    }
    codes[..n].contains(&codes[n]).then(|| duplicate(at))
}

/// The answers as they are kept, each of its kind, and what is wrong with them: all of it at once.
pub fn read(
    questions: &[Question],
    sent: &Map<String, Value>,
    met: Reached,
) -> (Map<String, Value>, Vec<FieldError>) {
    let (mut answers, mut faults) = (Map::new(), Vec::new());
    for question in questions {
        let at = format!("/answers/{}", &*question.key);
        match sent.get(&*question.key).filter(|value| says_something(value)) {
            Some(value) => {
                let read = question.read(value, &at, &mut faults);
                answers.extend(read.map(|answer| (question.key.to_string(), answer)));
            }
            None if question.required && met != Reached::Nobody => faults.push(required(at)),
            None => {}
        }
    }
    for key in sent
        .keys()
        .filter(|key| questions.iter().all(|q| *q.key != ***key))
    {
        let at = format!("/answers/{}", key.replace('~', "~0").replace('/', "~1"));
        let detail = say!("问卷没有这道题", "the questionnaire has no such question");
        faults.push(FieldError::new(at, "unknown_question", detail));
    }
    (answers, faults)
}

/// Whether a value is an answer: null and the choice of nothing are none.
fn says_something(value: &Value) -> bool {
    !value.is_null() && !value.as_array().is_some_and(Vec::is_empty)
}

impl Question {
    fn read(&self, value: &Value, at: &str, faults: &mut Vec<FieldError>) -> Option<Value> {
        match self.kind {
            Kind::Text => Comment::read(value, at, faults).map(|text| json!(&*text)),
            Kind::Number => number(value, at, faults, -NUMBER, NUMBER).map(Value::from),
            Kind::YesNo => bool::read(value, at, faults).map(Value::from),
            Kind::Choice => {
                let code = Text::<40>::read(value, at, faults)?;
                self.offers(&code, at, faults).then(|| json!(&*code))
            }
            Kind::Choices => self.some_of(&Vec::read(value, at, faults)?, at, faults),
        }
    }

    fn some_of(&self, codes: &[Text<40>], at: &str, faults: &mut Vec<FieldError>) -> Option<Value> {
        let before = faults.len();
        for (n, code) in codes.iter().enumerate() {
            let at = format!("{at}/{n}");
            if codes[..n].contains(code) {
                faults.push(duplicate(at));
            } else {
                self.offers(code, &at, faults);
            }
        }
        (faults.len() == before).then(|| json!(codes))
    }

    fn offers(&self, code: &str, at: &str, faults: &mut Vec<FieldError>) -> bool {
        let offered = self.options.iter().any(|option| *option.code == *code);
        if !offered {
            let codes: Vec<&str> = self.options.iter().map(|option| &*option.code).collect();
            let all = codes.join("·");
            let detail = say!("须为以下之一：{all}", "must be one of {all}");
            faults.push(FieldError::new(at, "unknown_code", detail));
        }
        offered
    }

    /// What its answers are counted by; nothing when they are free text or numbers.
    fn countable(&self) -> Vec<&str> {
        match self.kind {
            Kind::Choice | Kind::Choices => self.options.iter().map(|option| &*option.code).collect(),
            Kind::YesNo => vec!["yes", "no"],
            Kind::Text | Kind::Number => Vec::new(),
        }
    }
}

/// A visit lies in the time of its questionnaire and in that of the file, and not in the future.
pub fn day_fault(
    day: Date,
    asked: &Questionnaire,
    opened_on: Option<Date>,
    today: Date,
) -> Option<FieldError> {
    let first = opened_on.map_or(asked.valid_from, |opened| opened.max(asked.valid_from));
    let last = asked.valid_to.map_or(today, |end| end.min(today));
    let detail = say!(
        "须在 {first} 与 {last} 之间：档案在档、问卷有效",
        "must be from {first} to {last}: the file on file, the questionnaire valid"
    );
    let outside = day < first || day > last;
    outside.then(|| FieldError::new("/visited_on", "out_of_range", detail))
}

/// One to ten people went, each named once.
pub fn party_fault(visitors: &[UserId]) -> Option<FieldError> {
    let once = |(n, who): (usize, &UserId)| !visitors[..n].contains(who);
    let fits = (1..=10).contains(&visitors.len()) && visitors.iter().enumerate().all(once);
    let detail = say!(
        "走访人 1 至 10 名，每人一次",
        "from 1 to 10 visitors, each named once"
    );
    (!fits).then(|| FieldError::new("/visitors", "out_of_range", detail))
}

/// The questions that can be counted, none of them answered yet.
pub fn tallies(questions: &[Question]) -> Vec<Tally> {
    let none = |code: &str| Count {
        code: code.to_owned(),
        visits: 0,
    };
    let tally = |question: &Question| Tally {
        key: question.key.to_string(),
        answered: 0,
        counts: question.countable().into_iter().map(none).collect(),
    };
    let all = questions.iter().map(tally);
    all.filter(|tally| !tally.counts.is_empty()).collect()
}

/// Counts the answers of a visit.
pub fn count(tallies: &mut [Tally], answers: &Map<String, Value>) {
    for tally in tallies {
        let codes = match answers.get(&tally.key) {
            None => continue,
            Some(Value::Bool(true)) => vec!["yes"],
            Some(Value::Bool(false)) => vec!["no"],
            Some(Value::Array(codes)) => codes.iter().filter_map(Value::as_str).collect(),
            Some(code) => code.as_str().into_iter().collect(),
        };
        tally.answered += 1;
        for count in &mut tally.counts {
            count.visits += i64::from(codes.contains(&count.code.as_str()));
        }
    }
}

fn required(at: impl Into<String>) -> FieldError {
    FieldError::new(at, "required", say!("必填", "required"))
}

fn duplicate(at: String) -> FieldError {
    FieldError::new(at, "duplicate", say!("不能重复", "must not be repeated"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(key: &str, kind: Kind, codes: &[&str]) -> Question {
        let text = |text: &str| Text::read(&json!(text), "", &mut Vec::new()).unwrap();
        let option = |code: &&str| Choice {
            code: Text::read(&json!(code), "", &mut Vec::new()).unwrap(),
            label_zh: Text::read(&json!("选项"), "", &mut Vec::new()).unwrap(),
        };
        Question {
            key: Text::read(&json!(key), "", &mut Vec::new()).unwrap(),
            text_zh: text("问题"),
            text_en: None,
            kind,
            options: codes.iter().map(option).collect(),
            required: true,
        }
    }

    fn of_each_kind() -> Vec<Question> {
        vec![
            question("said", Kind::Text, &[]),
            question("living", Kind::Choice, &["fine", "hard"]),
            question("needs", Kind::Choices, &["medicine", "work"]),
            question("people", Kind::Number, &[]),
            question("insured", Kind::YesNo, &[]),
        ]
    }

    fn told(faults: &[FieldError]) -> Vec<(&str, &str)> {
        faults.iter().map(|f| (f.pointer.as_str(), f.code)).collect()
    }

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn answers_of_the_right_kind_are_kept_as_they_are() {
        let sent = map(
            json!({ "said": "一切都好", "living": "hard", "needs": ["work", "medicine"], "people": 3, "insured": false }),
        );
        assert_eq!(read(&of_each_kind(), &sent, Reached::Worker), (sent, vec![]));
    }

    #[test]
    fn every_wrong_answer_is_named_at_once() {
        let sent = map(
            json!({ "said": 1, "living": "rich", "needs": ["work", "work", "car"], "people": 1.5, "insured": "yes", "a/b": 1 }),
        );
        let (_, faults) = read(&of_each_kind(), &sent, Reached::Family);
        let expected = [
            ("/answers/said", "wrong_type"),
            ("/answers/living", "unknown_code"),
            ("/answers/needs/1", "duplicate"),
            ("/answers/needs/2", "unknown_code"),
            ("/answers/people", "out_of_range"),
            ("/answers/insured", "wrong_type"),
            ("/answers/a~1b", "unknown_question"),
        ];
        assert_eq!(told(&faults), expected);
    }

    #[test]
    fn only_when_somebody_was_met_must_the_questions_be_answered() {
        let sent = map(json!({ "said": null, "needs": [] }));
        assert_eq!(read(&of_each_kind(), &sent, Reached::Worker).1.len(), 5);
        assert_eq!(
            read(&of_each_kind(), &sent, Reached::Nobody),
            (Map::new(), vec![])
        );
    }

    #[test]
    fn a_questionnaire_names_each_question_once_and_gives_options_where_one_chooses() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let from = day("2020-05-01");
        assert!(faults(from, Some(from), &of_each_kind()).is_empty());
        let wrong = [
            question("living", Kind::Choice, &[]),
            question("living", Kind::Text, &["fine"]),
            question("Needs", Kind::Choices, &["a", "a", "b c"]),
        ];
        let found = faults(from, Some(day("2020-04-30")), &wrong);
        let expected = [
            ("/valid_to", "end_before_begin"),
            ("/questions/0/options", "required"),
            ("/questions/1/key", "duplicate"),
            ("/questions/1/options", "does_not_fit"),
            ("/questions/2/key", "invalid_key"),
            ("/questions/2/options/1/code", "duplicate"),
            ("/questions/2/options/2/code", "invalid_key"),
        ];
        assert_eq!(told(&found), expected);
        assert_eq!(told(&faults(from, None, &[])), [("/questions", "required")]);
    }

    #[test]
    fn choices_and_yes_or_no_are_counted_and_words_are_not() {
        let mut tallies = tallies(&of_each_kind());
        count(
            &mut tallies,
            &map(json!({ "said": "好", "living": "hard", "needs": ["work", "medicine"], "insured": true })),
        );
        count(
            &mut tallies,
            &map(json!({ "living": "hard", "insured": false, "people": 2 })),
        );
        count(&mut tallies, &Map::new());
        let shown: Vec<_> = tallies
            .iter()
            .map(|tally| {
                let counts = tally.counts.iter().map(|c| format!("{} {}", c.code, c.visits));
                (
                    tally.key.as_str(),
                    tally.answered,
                    counts.collect::<Vec<_>>().join(", "),
                )
            })
            .collect();
        let expected = [
            ("living", 2, "fine 0, hard 2".to_owned()),
            ("needs", 1, "medicine 1, work 1".to_owned()),
            ("insured", 2, "yes 1, no 1".to_owned()),
        ];
        assert_eq!(shown, expected);
    }
}
