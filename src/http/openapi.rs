//! The OpenAPI document: what the handlers say of themselves, plus what holds for all of them.

use std::collections::BTreeMap;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use utoipa::ToSchema as _;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::security::{
    Flow, HttpAuthScheme, HttpBuilder, OAuth2, Password, Scopes, SecurityScheme,
};
use utoipa::openapi::{
    Content, InfoBuilder, LicenseBuilder, OpenApi, PathItem, Ref, RefOr, Required, Response, ResponseBuilder,
};

use super::examples::Examples;
use crate::auth::policy::POLICY;
use crate::error::{Error, FieldError, Language, Problem, ProblemField};
use crate::say;

/// The finished document, as JSON and as a table of methods by path for answers of 405.
pub struct Document {
    /// The document as pretty JSON, ending in a line feed.
    pub json: String,
    methods: BTreeMap<String, Vec<&'static str>>,
}

impl Document {
    /// Completes what the routes said of themselves.
    pub fn new(mut api: OpenApi, demo: bool) -> Self {
        describe(&mut api, demo);
        let components = api.components.get_or_insert_default();
        let examples = Examples::of(components);
        components.responses.extend(problem_responses());
        let mut methods = BTreeMap::new();
        for (path, item) in &mut api.paths.paths {
            let mut allowed = Vec::new();
            for (method, operation) in operations(item) {
                allowed.push(method);
                complete(method, path, operation);
                exemplify(operation, &examples);
            }
            methods.insert(path.clone(), allowed);
        }
        let json = format!("{}\n", api.to_pretty_json().unwrap_or_default());
        Self { json, methods }
    }

    /// The methods of the route that `path` belongs to.
    fn allowed(&self, path: &str) -> Option<String> {
        let parts: Vec<_> = path.split('/').collect();
        let fits = |pattern: &str| {
            let pattern: Vec<_> = pattern.split('/').collect();
            pattern.len() == parts.len()
                && pattern
                    .iter()
                    .zip(&parts)
                    .all(|(p, s)| p == s || (p.starts_with('{') && !s.is_empty()))
        };
        self.methods
            .iter()
            .find(|(pattern, _)| fits(pattern))
            .map(|(_, methods)| methods.join(", "))
    }
}

/// The answer where no route fits: 405 if another method would, else 404.
pub async fn no_route(req: HttpRequest, document: Data<Document>) -> Result<HttpResponse, Error> {
    Err(document
        .allowed(req.path())
        .map_or(Error::NotFound("page"), Error::MethodNotAllowed))
}

/// The OpenAPI 3.1 document of this service.
#[utoipa::path(tag = "service", operation_id = "get_openapi", responses((status = 200, body = Object, content_type = "application/json")))]
#[get("/openapi.json")]
pub async fn openapi(document: Data<Document>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(document.json.clone())
}

/// What the docs page of the demo begins with.
const DEMO: &str = "**演示模式：数据均为虚构，仅限本机访问。 Demo: all data are invented, and it listens on this machine only.**\n\n";

fn describe(api: &mut OpenApi, demo: bool) {
    let banner = if demo { DEMO } else { "" };
    api.info = InfoBuilder::new()
        .title("Bangfu 帮扶")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(format!("{banner}{}", include_str!("openapi.md"))))
        .license(Some(
            LicenseBuilder::new()
                .name("AGPL-3.0-or-later")
                .identifier(Some("AGPL-3.0-or-later"))
                .build(),
        ))
        .build();
    api.servers = None;
    let components = api.components.get_or_insert_default();
    for (name, schema) in [
        (Problem::name(), <Problem as utoipa::PartialSchema>::schema()),
        (
            ProblemField::name(),
            <ProblemField as utoipa::PartialSchema>::schema(),
        ),
    ] {
        components.schemas.insert(name.into_owned(), schema);
    }
    let scopes = Scopes::from_iter(POLICY.iter().map(|(name, roles)| {
        let roles: Vec<_> = roles.iter().map(|r| r.as_str()).collect();
        ((*name).to_owned(), roles.join(", "))
    }));
    let password = Flow::Password(Password::with_refresh_url(
        "/api/v1/auth/token",
        scopes.clone(),
        "/api/v1/auth/token",
    ));
    components.add_security_scheme("oauth2", SecurityScheme::OAuth2(OAuth2::new([password])));
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
}

fn operations(item: &mut PathItem) -> Vec<(&'static str, &mut Operation)> {
    let all = [
        ("GET", &mut item.get),
        ("POST", &mut item.post),
        ("PUT", &mut item.put),
        ("PATCH", &mut item.patch),
    ];
    all.into_iter()
        .filter_map(|(method, operation)| operation.as_mut().map(|o| (method, o)))
        .collect()
}

/// Operations that read, though they are a POST because their question is personal: they know no `Idempotency-Key`.
const READS: [&str; 6] = [
    "assess_illness_claim",
    "reveal_household_person",
    "reveal_member",
    "search_duplicates",
    "search_members",
    "try_policy",
];

/// Adds what follows from method and path: path parameters, headers, and every error the edge can answer with.
fn complete(method: &'static str, path: &str, operation: &mut Operation) {
    let in_path: Vec<_> = path
        .split('/')
        .filter_map(|p| p.strip_prefix('{')?.strip_suffix('}'))
        .collect();
    let parameters = operation.parameters.get_or_insert_default();
    for name in &in_path {
        if !parameters.iter().any(|p| named(p, name)) {
            parameters.push(RefOr::T(path_parameter(name)));
        }
    }
    let secured = operation.security.is_some();
    let reads = operation
        .operation_id
        .as_deref()
        .is_some_and(|id| READS.contains(&id));
    if secured && method != "GET" && !reads {
        parameters.push(RefOr::T(header("Idempotency-Key", false, "重复提交的保护键，保存 24 小时 · A repeat with the same key gets the first answer (kept 24 hours)")));
    }
    let changes = parameters.iter().any(|p| named(p, "If-Match"));
    for status in errors(path, method, secured, changes) {
        let response = operation.responses.responses.entry(status.to_string());
        response.or_insert_with(|| RefOr::Ref(Ref::from_response_name(format!("Problem{status}"))));
    }
}

/// Gives every body of an operation an example.
fn exemplify(operation: &mut Operation, examples: &Examples) {
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.content
            .values_mut()
            .for_each(|content| example(content, examples));
    }
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            response
                .content
                .values_mut()
                .for_each(|content| example(content, examples));
        }
    }
}

fn example(content: &mut RefOr<Content>, examples: &Examples) {
    if let RefOr::T(content) = content
        && let Some(schema) = &content.schema
        && content.example.is_none()
    {
        content.example = Some(examples.body(schema));
    }
}

fn named(parameter: &RefOr<utoipa::openapi::path::Parameter>, name: &str) -> bool {
    matches!(parameter, RefOr::T(parameter) if parameter.name == name)
}

/// The statuses of errors that an operation of this form can answer with.
fn errors(path: &str, method: &str, secured: bool, changes: bool) -> &'static [u16] {
    match (path.starts_with("/api/"), secured, method) {
        (false, ..) => &[503],
        (true, false, _) => &[400, 401, 413, 415, 422, 429, 503],
        (true, true, "GET") => &[400, 401, 403, 404, 413, 503],
        (true, true, _) if changes => &[400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 503],
        (true, true, _) => &[400, 401, 403, 404, 409, 413, 415, 422, 503],
    }
}

/// What each status of a problem means, with one that has it.
fn problems() -> Vec<(Error, &'static str)> {
    let field = |at: &str, code, detail| vec![FieldError::new(at, code, detail)];
    let unknown = field(
        "/nickname",
        "unknown_field",
        say!("没有这个字段", "there is no such field"),
    );
    let invalid = field("/joined_on", "invalid_date", say!("须为日期", "must be a date"));
    let own = say!("同一案件须由不同的人办理", "different people must handle a case");
    vec![
        (Error::Malformed(unknown), "请求无法识别 · malformed"),
        (Error::Unauthenticated, "未登录 · not signed in"),
        (Error::Forbidden, "没有权限 · not allowed"),
        (
            Error::NotFound("file"),
            "没有可见的记录 · not found in your scope",
        ),
        (
            Error::refused("same_person", own),
            "规则或状态不允许 · refused by a rule or a conflict",
        ),
        (
            Error::Stale {
                changed: vec!["phone".into(), "employer".into()],
                conflicts: vec!["phone".into()],
            },
            "If-Match 已过期 · stale version, `fields` names what changed",
        ),
        (Error::TooLarge(262_144), "内容过大 · body too large"),
        (Error::UnsupportedMediaType, "须为 JSON · not JSON"),
        (
            Error::Invalid(invalid),
            "内容不合要求，`errors` 列出全部 · invalid values, all named in `errors`",
        ),
        (Error::PreconditionRequired, "缺少 If-Match · If-Match is missing"),
        (
            Error::TooMany(60),
            "过于频繁 · too many attempts, see Retry-After",
        ),
        (
            Error::Unavailable("".into()),
            "暂时不可用 · temporarily unavailable, see Retry-After",
        ),
    ]
}

/// The answers that problems are, by the names that operations refer to.
fn problem_responses() -> impl Iterator<Item = (String, RefOr<Response>)> {
    problems().into_iter().map(|(error, what)| {
        let problem = error.problem(Language::Chinese, "01723d2f-5c00-7c44-9d0a-2f6f3a1c5b7e");
        let mut content = Content::new(Some(Ref::from_schema_name("Problem")));
        content.example = serde_json::to_value(&problem).ok();
        let response = ResponseBuilder::new()
            .description(what)
            .content("application/problem+json", content);
        (format!("Problem{}", problem.status), RefOr::T(response.build()))
    })
}

fn path_parameter(name: &str) -> utoipa::openapi::path::Parameter {
    let schema = match name {
        "year" | "seq" => ObjectBuilder::new().schema_type(Type::Integer),
        _ => ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid))),
    };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .schema(Some(schema))
        .build()
}

fn header(name: &str, required: bool, description: &str) -> utoipa::openapi::path::Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(if required { Required::True } else { Required::False })
        .description(Some(description))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build()
}

/// The `If-Match` header, for the documentation of operations that change a record.
pub struct IfMatch;

impl utoipa::IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<utoipa::openapi::path::Parameter> {
        vec![header(
            "If-Match",
            true,
            "所读版本的 ETag · the ETag of the version you read",
        )]
    }
}
