//! The pack as a page that prints on A4, for people to read and to file; what is checked is the JSON.

use actix_web::HttpResponse;
use chrono::FixedOffset;
use maud::{Markup, html};
use serde_json::{Map, Value};

use super::{Pack, words};
use crate::audit::pack::EvidenceEvent;
use crate::http::page;

/// The page of a pack.
pub(super) fn page(pack: &Pack, zone: FixedOffset) -> HttpResponse {
    page::printed("审计证据", &body(pack, zone))
}

fn body(pack: &Pack, zone: FixedOffset) -> Markup {
    let about = if pack.subject.kind == "payment" {
        "一笔资金发放"
    } else {
        "一户困难职工档案"
    };
    html! {
        h1 { "审计证据：" (about) }
        table {
            tr { th { "编号" } td.k { (pack.subject.id) } th { "档案截至" } td.k { (pack.subject.as_of) } }
            tr { th { "出具时间" } td.k { (pack.made_at.minute(zone)) } th { "日志" } td { (pack.origin) } }
        }
        @for (name, title) in words::SECTIONS {
            @if let Some(section) = pack.sections.get(*name).filter(|section| !is_empty(section)) {
                h2 { (title) }
                (records(section))
            }
        }
        h2 { "操作日志（按日志号）" }
        (events(&pack.events))
        h2 { "日志校验点" }
        pre { (pack.checkpoint) }
        p { "校验公钥：" span.h { (pack.log_key) } }
        p { "本页供阅读；与其内容相同的 JSON 证据包含每条日志的证明，可脱离本系统核验。" }
    }
}

fn is_empty(section: &Value) -> bool {
    match section {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

/// One record, or one table for each of several.
fn records(section: &Value) -> Markup {
    match section {
        Value::Array(items) => html! { @for item in items { (records(item)) } },
        Value::Object(fields) => table(fields),
        other => html! { p { (text(other)) } },
    }
}

fn table(fields: &Map<String, Value>) -> Markup {
    html! {
        table {
            @for (name, value) in fields {
                @if !is_empty(value) { tr { th { (words::field(name)) } td { (cell(value)) } } }
            }
        }
    }
}

fn cell(value: &Value) -> Markup {
    match value {
        Value::Object(fields) => table(fields),
        Value::Array(items) if items.iter().all(|item| !item.is_object()) => {
            html! { (items.iter().map(text).collect::<Vec<_>>().join("、")) }
        }
        Value::Array(items) => html! { @for item in items { (cell(item)) } },
        other => html! { (text(other)) },
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Bool(true) => "是".to_owned(),
        Value::Bool(false) => "否".to_owned(),
        Value::String(text) => words::value(text).to_owned(),
        other => other.to_string(),
    }
}

fn events(events: &[EvidenceEvent]) -> Markup {
    let part = |event: &Value, name: &str| event[name].as_str().unwrap_or_default().to_owned();
    html! {
        table {
            thead { tr { th { "日志号" } th { "时间（UTC）" } th { "操作" } th { "账号" } th { "事由" } } }
            tbody {
                @for proved in events {
                    tr {
                        td.n { (proved.event["seq"]) } td.k { (part(&proved.event, "at")) } td { (part(&proved.event, "action")) }
                        td.h { (part(&proved.event, "actor_id")) } td { (part(&proved.event, "reason")) }
                    }
                }
            }
        }
    }
}
