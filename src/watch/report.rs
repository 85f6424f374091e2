//! "Who has seen my file" (47): what a person is told who proves who they are. Everybody who looked stands with unit and
//! role: who wants to know more takes the number in the log to the unit or to an auditor, and nobody is exposed at the counter.

use actix_web::HttpResponse;
use chrono::FixedOffset;
use maud::{Markup, html};
use serde::Serialize;
use utoipa::ToSchema;

use super::store::Window;
use super::{rules, store};
use crate::audit::{Event, Look, Record};
use crate::auth::Scope;
use crate::db::types::{Date, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::Result;
use crate::files::household;
use crate::http::page;
use crate::identity::{mask_id, mask_name};
use crate::members::{self, Member, MemberId};
use crate::{input, organizations, separation, text_enum};

text_enum! {
    /// How a person proved who they are.
    #[schema(as = IdentityProof)]
    pub enum Proof {
        /// 居民身份证.
        IdCard = "id_card",
        /// 社会保障卡.
        SocialSecurityCard = "social_security_card",
        /// 护照.
        Passport = "passport",
        /// 本人委托书.
        Proxy = "proxy",
    }
}

input! {
    /// What a person wants to know.
    pub struct NewAccessReport {
        /// How the person proved who they are.
        pub identified_by: Proof,
        /// First day.
        #[schema(example = "2020-01-01")]
        pub from: Date,
        /// Last day, at most a year on.
        #[schema(example = "2020-12-31")]
        pub to: Date,
    }
}

/// Who has seen or changed what is kept of a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessReport {
    /// The member.
    #[schema(value_type = String, format = "uuid")]
    member_id: MemberId,
    /// The name, masked.
    #[schema(example = "王*")]
    name: String,
    /// The ID number, masked.
    #[schema(example = "3402**********001X")]
    id_number: String,
    /// First day.
    from: Date,
    /// Last day.
    to: Date,
    /// When it was made.
    made_at: Timestamp,
    /// By which unit.
    #[schema(example = "镜湖区总工会")]
    made_by: String,
    /// Every look, oldest first.
    items: Vec<AccessEntry>,
}

/// Somebody looked.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessEntry {
    /// Its number in the log.
    seq: Option<i64>,
    /// When.
    at: Timestamp,
    /// What kind of look.
    look: Look,
    /// At what kind of thing.
    #[schema(example = "file")]
    subject_type: String,
    /// From which unit; null for the service itself.
    #[schema(example = "镜湖区总工会")]
    organization: Option<String>,
    /// Under which role.
    #[schema(example = "caseworker")]
    role: String,
    /// Why: a code or words, without the names of others.
    reason: Option<String>,
}

/// Makes the report for a member in scope, by somebody who is not that person. All looks are in it, those from other units
/// too.
pub(super) fn make(
    tx: &mut Tx,
    id: MemberId,
    asked: impl FnOnce(&Tx) -> Result<NewAccessReport>,
    action: &'static str,
) -> Result<AccessReport> {
    let member = members::find(tx, id)?;
    let asked = asked(tx)?;
    rules::span(asked.from, asked.to)?;
    separation::not_own(tx, &member.person)?;
    let persons = members::persons(tx, id)?;
    let report = report(tx, &member, &persons, (asked.from, asked.to))?;
    Event::of(action, "member", id)
        .organization(member.organization_id)
        .people(persons)
        .field("from", &asked.from)
        .field("to", &asked.to)
        .reason(asked.identified_by.as_str())
        .record(tx)?;
    Ok(report)
}

fn report(
    tx: &mut Tx,
    member: &Member,
    persons: &[String],
    (from, to): (Date, Date),
) -> Result<AccessReport> {
    let window = Window {
        from: Some(Timestamp::on(from, 0, tx.zone)),
        to: Some(Timestamp::on(rules::next(to), 0, tx.zone)),
    };
    let unit = match tx.actor.organization_id {
        Some(unit) => organizations::find(tx, unit)?.name,
        None => String::new(),
    };
    Ok(AccessReport {
        member_id: member.id,
        name: mask_name(&member.name),
        id_number: mask_id(&member.id_number(tx.keys)?),
        from,
        to,
        made_at: tx.now,
        made_by: unit,
        items: entries(tx, persons, &window)?,
    })
}

/// Every look in a window, whatever the unit: it is the person who asks, not the official at the counter.
fn entries(rx: &mut Rx, persons: &[String], window: &Window) -> Result<Vec<AccessEntry>> {
    let scope = std::mem::replace(&mut rx.scope, Scope::All);
    let found = store::all_of_people(rx, persons, window);
    rx.scope = scope;
    let found = found?;
    let watchers = store::watchers(rx, &found)?;
    let others = household::names_beside(rx, persons)?;
    let entry = |event: Record| AccessEntry {
        look: Look::of(&event.action),
        organization: event
            .actor_id
            .and_then(|id| Some(watchers.get(&id)?.organization.clone())),
        reason: event.reason.map(|reason| rules::without_others(&reason, &others)),
        seq: event.seq,
        at: event.at,
        subject_type: event.subject_type,
        role: event.actor_role,
    };
    Ok(found.into_iter().map(entry).collect())
}

/// The report as a page that prints on A4.
pub(super) fn print(report: &AccessReport, zone: FixedOffset) -> HttpResponse {
    page::printed("个人信息查阅情况告知单", &body(report, zone))
}

fn body(report: &AccessReport, zone: FixedOffset) -> Markup {
    html! {
        h1 { "个人信息查阅情况告知单" }
        table {
            tr { th { "姓名" } td { (report.name) } th { "身份证号" } td.k { (report.id_number) } }
            tr { th { "期间" } td { (report.from) " 至 " (report.to) } th { "次数" } td { (report.items.len()) } }
        }
        table {
            thead { tr { th { "日志号" } th { "时间" } th { "方式" } th { "内容" } th { "单位" } th { "岗位" } th { "事由" } } }
            tbody {
                @for entry in &report.items {
                    tr {
                        td.n { (entry.seq.unwrap_or_default()) } td.k { (entry.at.minute(zone)) }
                        td { (rules::look(entry.look)) } td { (rules::subject(&entry.subject_type)) }
                        td { (entry.organization.as_deref().unwrap_or("—")) } td { (rules::role(&entry.role)) }
                        td { (entry.reason.as_deref().unwrap_or("")) }
                    }
                }
            }
        }
        p { "日志号可供工会经费审查部门核对。本单依据本人申请出具，不含他人信息。" }
        div.signs { span { "出具单位：" (report.made_by) } span { "出具时间：" (report.made_at.minute(zone)) } span { "本人签收：" } }
    }
}
