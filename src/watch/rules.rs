//! What a person is told about who looked at their file. Values in, words out.

use chrono::Days;

use crate::audit::Look;
use crate::db::types::Date;
use crate::error::{Error, Result};
use crate::say;

/// Days that one report may span: a leap year.
const LONGEST: i64 = 366;

/// Refuses a time that is none or that is too long for one report.
pub fn span(from: Date, to: Date) -> Result<()> {
    if (0..LONGEST).contains(&(to - from).num_days()) {
        return Ok(());
    }
    let detail = say!(
        "须不早于 from，至多 {LONGEST} 天",
        "must not be before `from`, nor more than {LONGEST} days on"
    );
    Err(Error::invalid("/to", "out_of_range", detail))
}

/// The day after.
pub fn next(day: Date) -> Date {
    day.checked_add_days(Days::new(1)).unwrap_or(day)
}

/// A reason without the names of other people.
pub fn without_others(reason: &str, others: &[String]) -> String {
    let hidden = |text: String, name: &String| text.replace(name.as_str(), "某某");
    others
        .iter()
        .filter(|name| !name.is_empty())
        .fold(reason.to_owned(), hidden)
}

/// A kind of look in words.
pub fn look(look: Look) -> &'static str {
    match look {
        Look::Seen => "查看",
        Look::Changed => "办理",
        Look::Exported => "导出",
        Look::Printed => "打印",
        Look::Searched => "查询",
        Look::Audited => "审计查阅日志",
        Look::SignedIn => "登录",
    }
}

/// A role in words.
pub fn role(role: &str) -> &'static str {
    match role {
        "caseworker" => "经办",
        "supervisor" => "审核",
        "finance" => "财务",
        "auditor" => "经费审查",
        "system_admin" => "系统管理",
        "security_admin" => "安全管理",
        "integration" => "对接系统",
        _ => "系统自动",
    }
}

/// What an event was about, in words.
pub fn subject(kind: &str) -> &'static str {
    match kind {
        "member" => "会员信息",
        "file" => "困难职工档案",
        "attachment" => "材料附件",
        "assessment" => "家庭经济状况认定",
        "objection" => "公示异议",
        "consent" => "单独同意",
        "transfer" => "档案移交",
        "follow_up" => "退出后回访",
        "inspection" => "查档",
        "campaign_visit" => "入户走访",
        "action" => "五个一帮扶",
        "temporary_relief" => "临时救助",
        "borderline_entry" => "边缘困难名册",
        "illness_claim" => "大病慰问申请",
        "aid_application" => "帮扶申请",
        "payment" => "资金发放",
        "payment_batch" => "发放批次",
        "recovery" => "资金追回",
        "insurance_list" | "enrolment" => "互助参保",
        "insurance_claim" => "互助理赔",
        "duplicate" => "重复登记核对",
        "relative" => "回避申报",
        "person" => "按身份证号查询",
        _ => "审计日志",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_report_spans_a_year_at_most() {
        assert!(span(day("2020-01-01"), day("2020-12-31")).is_ok());
        assert!(span(day("2020-01-01"), day("2020-01-01")).is_ok());
        assert!(span(day("2020-01-01"), day("2021-01-01")).is_err());
        assert!(span(day("2020-01-02"), day("2020-01-01")).is_err());
    }

    #[test]
    fn a_reason_names_nobody_else() {
        let others = ["周梅".to_owned(), String::new()];
        assert_eq!(without_others("核对周梅的残疾证", &others), "核对某某的残疾证");
    }
}
