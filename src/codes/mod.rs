//! Code lists (DOMAIN 7.6): what the fields of a form may say, as dated rows.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::Rx;
use crate::db::schema::code_values;
use crate::db::types::Date;
use crate::error::{FieldError, Result};
use crate::say;

pub mod http;
mod store;

/// A code of a list.
#[derive(Debug, Clone, HasQuery, Serialize, ToSchema)]
#[diesel(table_name = code_values)]
pub struct Code {
    /// The list it belongs to.
    #[schema(example = "marital_status")]
    pub list: String,
    /// The code as it stands in answers.
    #[schema(example = "married")]
    pub code: String,
    /// In Chinese, as on the union's form.
    #[schema(example = "已婚")]
    pub zh: String,
    /// In English.
    #[schema(example = "married")]
    pub en: String,
    /// The national standard with the same list; null when there is none.
    #[schema(example = "GB/T 2261.2-2003")]
    pub standard: Option<String>,
    /// The code of that standard.
    #[schema(example = "20")]
    pub standard_code: Option<String>,
    /// First day on which it may be used.
    pub valid_from: Date,
    /// Last day; null for open-ended.
    pub valid_to: Option<Date>,
}

/// Names by list and code.
pub type Names = BTreeMap<(String, String), String>;

/// What is wrong with codes that are used today: each is given with its pointer and its list.
pub fn faults(rx: &mut Rx, used: &[(String, &str, &str)]) -> Result<Vec<FieldError>> {
    let today = rx.today();
    let mut faults = Vec::new();
    for (pointer, list, code) in used {
        if !store::holds(rx, list, code, today)? {
            let detail = say!(
                "代码表 {list} 中没有此代码",
                "the list {list} has no such code: see /code-lists"
            );
            faults.push(FieldError::new(pointer, "unknown_code", detail));
        }
    }
    Ok(faults)
}

/// The Chinese name of a code, whenever it held; the code itself when the list does not have it.
pub fn name(rx: &mut Rx, list: &str, code: &str) -> Result<String> {
    Ok(store::name(rx, list, code)?.unwrap_or_else(|| code.to_owned()))
}

/// The Chinese names of all codes, by list and code, whenever they held.
pub fn names(rx: &mut Rx) -> Result<Names> {
    store::names(rx)
}
