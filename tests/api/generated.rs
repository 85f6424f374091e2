//! Generated bodies and parameters for every operation of the OpenAPI document: no 5xx, no status that the document
//! does not name.

use std::collections::BTreeSet;

use actix_web::test::TestRequest;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

use crate::given::{Case, Town};

/// Bodies per operation.
const TRIES: usize = 40;

/// Values that break careless programs.
fn nasty() -> impl Strategy<Value = Value> {
    let fixed = prop::sample::select(vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(1),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1.5),
        json!(1e308),
        json!(""),
        json!(" "),
        json!("\u{0}"),
        json!("a\u{202e}b"),
        json!("' OR 1=1 --"),
        json!("<script>"),
        json!("👷"),
        json!("x".repeat(5000)),
        json!("2021-02-31"),
        json!("0000-01-01"),
        json!("9999-12-31"),
        json!("2020-05-19"),
        json!("2020-05-19T10:00:00Z"),
        json!("9999-12-31T23:59:60Z"),
        json!([]),
        json!({}),
        json!([null]),
        json!({"a": {"b": [1]}}),
        json!("340299197001010028"),
        json!("３４０２９９１９７００１０１００２８"),
        json!("110105491231002"),
        json!("13900000000"),
        json!("9999990000000006"),
        json!("call"),
        json!("other"),
        json!("worker"),
        json!("scheme_2020"),
        json!("deep"),
        json!("serving"),
        json!(["caseworker"]),
        json!(2020),
        json!(999_999_999_999_i64),
    ]);
    prop_oneof![4 => fixed, 1 => ".{0,12}".prop_map(Value::from), 1 => any::<i64>().prop_map(Value::from)]
}

/// The names of all fields below a schema, references followed.
fn field_names(document: &Value, schema: &Value, depth: usize, found: &mut BTreeSet<String>) {
    if depth == 0 {
        return;
    }
    match schema {
        Value::Object(object) => {
            if let Some(Value::Object(properties)) = object.get("properties") {
                found.extend(properties.keys().cloned());
            }
            if let Some(target) = object.get("$ref").and_then(Value::as_str) {
                field_names(
                    document,
                    document.pointer(&target[1..]).unwrap(),
                    depth - 1,
                    found,
                );
            }
            object
                .values()
                .for_each(|inner| field_names(document, inner, depth - 1, found));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|inner| field_names(document, inner, depth - 1, found)),
        _ => {}
    }
}

struct Generator {
    runner: TestRunner,
}

impl Generator {
    fn pick<T: std::fmt::Debug>(&mut self, strategy: impl Strategy<Value = T>) -> T {
        strategy.new_tree(&mut self.runner).unwrap().current()
    }

    /// An object of some of these fields with nasty values, now and then nested, now and then with real ids.
    fn body(&mut self, names: &[String], case: &Case, depth: usize) -> Value {
        let mut object = Map::new();
        for name in names {
            let value = match self.pick(0..10_u8) {
                0..=2 => continue,
                3 => case.id_for(name).map_or(Value::Null, Value::from),
                4 if depth > 0 => self.body(names, case, depth - 1),
                5 if depth > 0 => json!([self.body(names, case, depth - 1)]),
                _ => self.pick(nasty()),
            };
            object.insert(name.clone(), value);
        }
        Value::Object(object)
    }
}

fn who_may(permission: &str) -> &'static str {
    let roles = bangfu::auth::policy::POLICY
        .iter()
        .find(|(name, _)| *name == permission);
    match roles
        .and_then(|(_, roles)| roles.first())
        .map(|role| role.as_str())
    {
        Some("supervisor") => "city_supervisor",
        Some("caseworker") | None => "caseworker",
        Some(other) => other,
    }
}

#[actix_web::test]
async fn no_generated_input_causes_a_fault_or_an_undocumented_answer() {
    let town = Town::start().await;
    let case = town.case().await;
    let document: Value = serde_json::from_str(&bangfu::app::document(false).json).unwrap();
    let mut generator = Generator {
        runner: TestRunner::deterministic(),
    };
    for (path, item) in document["paths"].as_object().unwrap() {
        let Some(path) = path
            .strip_prefix("/api/v1")
            .filter(|path| !path.starts_with("/auth/"))
        else {
            continue;
        };
        for (method, operation) in item.as_object().unwrap() {
            let who = who_may(operation["security"][0]["bearer"][0].as_str().unwrap());
            let client = town.client(who).await;
            let mut names = BTreeSet::new();
            field_names(&document, &operation["requestBody"], 8, &mut names);
            let names: Vec<String> = names.into_iter().collect();
            for _ in 0..TRIES {
                let body = generator.body(&names, &case, 1);
                let mut place = case.place(path);
                if method == "get" {
                    place = format!("{place}?{}", query(&mut generator, operation));
                }
                let request = match method.as_str() {
                    "get" => TestRequest::get(),
                    "patch" => TestRequest::patch(),
                    "put" => TestRequest::put(),
                    _ => TestRequest::post(),
                };
                let version = generator.pick(1..4_u8);
                let request = request.insert_header(("If-Match", format!("\"{version}\"")));
                let request = if method == "get" {
                    request
                } else {
                    request.set_json(&body)
                };
                let answer = client.raw(request, &place).await;
                let documented = operation["responses"]
                    .as_object()
                    .unwrap()
                    .contains_key(&answer.status.to_string());
                assert!(
                    documented && answer.status < 500,
                    "{method} {place}\n{body}\n{} {}",
                    answer.status,
                    answer.body
                );
            }
        }
    }
}

/// The request bodies that the document shows are understood: their fields are known and of the right type and form.
/// What they refer to need not exist.
#[actix_web::test]
async fn the_examples_of_the_document_are_understood() {
    let town = Town::start().await;
    let case = town.case().await;
    let document: Value = serde_json::from_str(&bangfu::app::document(false).json).unwrap();
    let (mut bodies, mut misunderstood) = (0, Vec::new());
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for answer in operation["responses"].as_object().unwrap().values() {
                for content in answer["content"].as_object().into_iter().flat_map(Map::values) {
                    assert!(content.get("example").is_some(), "{method} {path}: {answer}");
                }
            }
            let Some(example) = operation.pointer("/requestBody/content/application~1json/example") else {
                assert!(
                    operation["requestBody"].is_null()
                        || path.contains("/auth/")
                        || path.contains("{attachment_kind}")
                        || path.contains("{paid_on}"),
                    "{method} {path}"
                );
                continue;
            };
            let Some(path) = path.strip_prefix("/api/v1") else {
                continue;
            };
            let client = town
                .client(who_may(operation["security"][0]["bearer"][0].as_str().unwrap()))
                .await;
            let place = case.place(path);
            let request = match method.as_str() {
                "patch" => TestRequest::patch(),
                "put" => TestRequest::put(),
                _ => TestRequest::post(),
            };
            let etag = client
                .get(place.rsplit_once('/').map_or("", |(record, _)| record))
                .await
                .etag;
            let etag = etag.or(client.get(&place).await.etag).unwrap_or("\"1\"".into());
            let request = request.insert_header(("If-Match", etag)).set_json(example);
            let answer = client.raw(request, &place).await;
            let about_values = |error: &Value| {
                !["not_found", "closed", "wrong_password"].contains(&error["code"].as_str().unwrap())
            };
            let wrong = answer.body["errors"]
                .as_array()
                .is_some_and(|errors| errors.iter().any(about_values));
            if answer.status == 400 || wrong {
                misunderstood.push(format!("{method} {place}\n{example}\n{}", answer.body));
            }
            bodies += 1;
        }
    }
    assert!(bodies > 25, "{bodies}");
    assert!(misunderstood.is_empty(), "{}", misunderstood.join("\n\n"));
}

/// A query string of some of the operation's parameters, percent-encoded.
fn query(generator: &mut Generator, operation: &Value) -> String {
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let in_query = parameters
        .iter()
        .filter(|p| p["in"] == "query")
        .map(|p| p["name"].as_str().unwrap().to_owned());
    let chosen: Vec<String> = in_query.filter(|_| generator.pick(any::<bool>())).collect();
    let encode = |value: &str| value.bytes().map(|b| format!("%{b:02x}")).collect::<String>();
    let pairs = chosen.into_iter().map(|name| {
        let value = generator.pick(nasty());
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("{name}={}", encode(&text.chars().take(300).collect::<String>()))
    });
    pairs.collect::<Vec<_>>().join("&")
}
