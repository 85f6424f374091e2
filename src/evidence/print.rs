//! The pack as a page that prints on A4, for people to read and to file; what is checked is the JSON.

use actix_web::HttpResponse;
use chrono::FixedOffset;
use maud::{Markup, html};
use serde_json::{Map, Value};

use super::{Pack, words};
use crate::audit::pack::EvidenceEvent;
use crate::codes::Names;
use crate::http::page;

/// The page of a pack; `names` are those of the code lists.
pub(super) fn page(pack: &Pack, names: &Names, zone: FixedOffset) -> HttpResponse {
    page::printed("审计证据", &body(pack, names, zone))
}

fn body(pack: &Pack, names: &Names, zone: FixedOffset) -> Markup {
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
                (Words(names).records(section))
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

/// Writes records in the words of the code lists.
struct Words<'n>(&'n Names);

impl Words<'_> {
    /// One record, or one table for each of several.
    fn records(&self, section: &Value) -> Markup {
        match section {
            Value::Array(items) => html! { @for item in items { (self.records(item)) } },
            Value::Object(fields) => self.table(fields),
            other => html! { p { (self.text("", other)) } },
        }
    }

    fn table(&self, fields: &Map<String, Value>) -> Markup {
        html! {
            table {
                @for (name, value) in fields {
                    @if !is_empty(value) { tr { th { (words::field(name)) } td { (self.cell(name, value)) } } }
                }
            }
        }
    }

    fn cell(&self, field: &str, value: &Value) -> Markup {
        match value {
            Value::Object(fields) => self.table(fields),
            Value::Array(items) if items.iter().all(|item| !item.is_object()) => {
                html! { (items.iter().map(|item| self.text(field, item)).collect::<Vec<_>>().join("、")) }
            }
            Value::Array(items) => html! { @for item in items { (self.cell(field, item)) } },
            other => html! { (self.text(field, other)) },
        }
    }

    /// A value of a field: a list of codes is called like the field that it is for.
    fn text(&self, field: &str, value: &Value) -> String {
        match value {
            Value::Bool(true) => "是".to_owned(),
            Value::Bool(false) => "否".to_owned(),
            Value::String(text) => {
                let named = self.0.get(&(field.to_owned(), text.clone()));
                named
                    .map_or_else(|| words::value(text), String::as_str)
                    .to_owned()
            }
            other => other.to_string(),
        }
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
