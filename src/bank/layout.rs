//! How the files of a bank look: data, one row per bank and version.

use serde::{Deserialize, Serialize};

use crate::error::FieldError;
use crate::input::{Input as _, Text};
use crate::{input, say, text_enum};

text_enum! {
    /// How a file's characters are written.
    #[schema(as = BankFileEncoding)]
    pub enum Encoding {
        /// UTF-8 with a byte order mark, which spreadsheets need.
        Utf8Bom = "utf8_bom",
        /// GB18030, which the programs of most banks in China read.
        Gb18030 = "gb18030",
    }
}
text_enum! {
    /// What stands in a column.
    #[schema(as = BankFileField)]
    pub enum Field {
        /// 序号.
        LineNumber = "line_number",
        /// The line's own number, by which the bank answers.
        Reference = "reference",
        /// 户名.
        PayeeName = "payee_name",
        /// 账号.
        AccountNumber = "account_number",
        /// 开户行.
        Bank = "bank",
        /// 金额, in yuan with two decimals.
        Amount = "amount",
        /// 用途.
        Purpose = "purpose",
    }
}
text_enum! {
    /// Why a bank returned money.
    #[schema(as = BankReturnCode)]
    pub enum ReturnCode {
        /// 账户已注销.
        AccountClosed = "account_closed",
        /// 户名不符.
        NameMismatch = "name_mismatch",
        /// 账户不存在.
        AccountNotFound = "account_not_found",
        /// 其他.
        Other = "other",
    }
}

input! {
    /// A column of the file for the bank.
    #[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[schema(as = BankFileColumn)]
    pub struct Column {
        /// Its header.
        #[schema(value_type = String, example = "户名", max_length = 40)]
        pub header: Text<40>,
        /// What stands in it.
        pub field: Field,
    }
}
input! {
    /// A code by which a bank says why it returned money.
    #[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[schema(as = BankReturnMapping)]
    pub struct Mapping {
        /// The bank's code.
        #[schema(value_type = String, example = "R01", max_length = 40)]
        pub bank: Text<40>,
        /// What it means.
        pub means: ReturnCode,
    }
}
input! {
    /// How the bank's answer is read.
    #[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[schema(as = BankAnswerLayout)]
    pub struct AnswerLayout {
        /// Header of the column with the line's number.
        #[schema(value_type = String, example = "业务参考号", max_length = 40)]
        pub reference: Text<40>,
        /// Header of the column with the amount in yuan.
        #[schema(value_type = String, example = "金额", max_length = 40)]
        pub amount: Text<40>,
        /// Header of the column that says what became of it.
        #[schema(value_type = String, example = "处理结果", max_length = 40)]
        pub status: Text<40>,
        /// Header of the column with the bank's code.
        #[schema(value_type = String, example = "原因代码", max_length = 40)]
        pub code: Text<40>,
        /// Words that say it was paid.
        #[schema(value_type = Vec<String>, example = json!(["成功"]))]
        pub paid: Vec<Text<40>>,
        /// Words that say it came back.
        #[schema(value_type = Vec<String>, example = json!(["失败", "退回"]))]
        pub returned: Vec<Text<40>>,
        /// The bank's codes.
        pub codes: Vec<Mapping>,
    }
}
input! {
    /// How the files of a bank look.
    #[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[schema(as = BankFileLayout)]
    pub struct Layout {
        /// How its characters are written.
        pub encoding: Encoding,
        /// The columns, in order.
        #[schema(example = json!([{ "header": "业务参考号", "field": "reference" }, { "header": "户名", "field": "payee_name" },
            { "header": "账号", "field": "account_number" }, { "header": "金额", "field": "amount" }]))]
        pub columns: Vec<Column>,
        /// How the answer is read.
        pub answer: AnswerLayout,
    }
}

impl Layout {
    /// A file needs the number, the account, the name and the amount of a line, each column once; an answer says in
    /// some words what was paid and what came back.
    pub fn faults(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        for needed in [
            Field::Reference,
            Field::PayeeName,
            Field::AccountNumber,
            Field::Amount,
        ] {
            if !self.columns.iter().any(|column| column.field == needed) {
                let detail = say!("缺少栏目 {needed}", "lacks the column {needed}");
                faults.push(FieldError::new("/layout/columns", "required", detail));
            }
        }
        for (at, column) in self.columns.iter().enumerate() {
            let twice = |other: &Column| other.header == column.header || other.field == column.field;
            if self.columns[..at].iter().any(twice) {
                let pointer = format!("/layout/columns/{at}");
                faults.push(FieldError::new(pointer, "duplicate", say!("重复", "twice")));
            }
        }
        let answer = &self.answer;
        for (name, words) in [("paid", &answer.paid), ("returned", &answer.returned)] {
            if words.is_empty() {
                let pointer = format!("/layout/answer/{name}");
                faults.push(FieldError::new(pointer, "required", say!("必填", "required")));
            }
        }
        faults
    }

    /// A layout as kept.
    pub fn from_json(text: &str) -> Option<Self> {
        let value = serde_json::from_str(text).ok()?;
        Self::read(&value, "", &mut Vec::new())
    }
}
