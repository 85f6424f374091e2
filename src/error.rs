//! Everything that can stop a request, and how it looks to the client (RFC 9457).
//!
//! An error says what kind of thing went wrong; [`Error::problem`] turns it into `application/problem+json`
//! in the client's language. Messages are made in Chinese and English at the place that knows what happened.

use std::error::Error as StdError;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};
use serde::Serialize;
use utoipa::ToSchema;

/// The result of anything that can stop a request.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A sentence in both languages of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Simplified Chinese, the default.
    pub zh: String,
    /// English.
    pub en: String,
}

/// A [`Message`] from two format strings: `say!("没有{what}", "no such {what}")`.
#[macro_export]
macro_rules! say {
    ($zh:literal, $en:literal) => {
        $crate::error::Message {
            zh: format!($zh),
            en: format!($en),
        }
    };
}

/// The language of an answer, from `Accept-Language`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Simplified Chinese.
    #[default]
    Chinese,
    /// English.
    English,
}

impl Language {
    /// The first of the languages we speak in an `Accept-Language` header; Chinese when there is none.
    pub fn accepted(header: &str) -> Self {
        let first =
            header
                .split(',')
                .find_map(|tag| match tag.trim().get(..2)?.to_ascii_lowercase().as_str() {
                    "zh" => Some(Self::Chinese),
                    "en" => Some(Self::English),
                    _ => None,
                });
        first.unwrap_or_default()
    }

    /// The tag for `Content-Language`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// The sentence in this language.
    pub fn of(self, message: &Message) -> String {
        match self {
            Self::Chinese => message.zh.clone(),
            Self::English => message.en.clone(),
        }
    }
}

/// One thing wrong with the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// JSON pointer into the body (`/stays/0/total_fen`), or `?name` for a query parameter.
    pub pointer: String,
    /// Stable English code.
    pub code: &'static str,
    /// What is wrong, for a person.
    pub detail: Message,
}

impl FieldError {
    /// A complaint about the value at `pointer`.
    pub fn new(pointer: impl Into<String>, code: &'static str, detail: Message) -> Self {
        Self {
            pointer: pointer.into(),
            code,
            detail,
        }
    }
}

/// Why a request can't be carried out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No valid token (401).
    #[error("not signed in")]
    Unauthenticated,
    /// Signed in, but the role does not allow it (403).
    #[error("forbidden")]
    Forbidden,
    /// The password has to be changed before anything else (403, rule 5).
    #[error("must change password")]
    MustChangePassword,
    /// There is none, or none that the caller can see (404).
    #[error("no such {0}")]
    NotFound(&'static str),
    /// The path exists with other methods (405).
    #[error("method not allowed")]
    MethodNotAllowed(String),
    /// Can't be understood: bad JSON, unknown field or parameter (400).
    #[error("malformed")]
    Malformed(Vec<FieldError>),
    /// Understood, but a value is of the wrong type, form or range (422).
    #[error("invalid")]
    Invalid(Vec<FieldError>),
    /// A rule or a state says no (409).
    #[error("refused: {code}")]
    Refused {
        /// Stable English code.
        code: &'static str,
        /// The reason, for a person.
        detail: Message,
        /// Further members of the problem, such as the assessment that failed.
        more: serde_json::Map<String, serde_json::Value>,
    },
    /// `If-Match` names an older version (412).
    #[error("stale")]
    Stale {
        /// The fields that changed since.
        changed: Vec<String>,
        /// Those of them that the request would change too: what a client has to merge.
        conflicts: Vec<String>,
    },
    /// `If-Match` is missing (428).
    #[error("If-Match is missing")]
    PreconditionRequired,
    /// The body is larger than the limit in bytes (413).
    #[error("body too large")]
    TooLarge(usize),
    /// The body is not JSON (415).
    #[error("unsupported media type")]
    UnsupportedMediaType,
    /// Too many attempts; try again after so many seconds (429).
    #[error("too many attempts")]
    TooMany(u64),
    /// An error of the OAuth 2.0 endpoints, in their own form (RFC 6749, 5.2).
    #[error("oauth: {0}")]
    OAuth(&'static str),
    /// The database or the disk is away; nothing was stored (503).
    #[error("unavailable")]
    Unavailable(#[source] Box<dyn StdError + Send + Sync>),
    /// Our fault: logged in full, told to the client as a bare 500.
    #[error("internal error")]
    Internal(#[source] Box<dyn StdError + Send + Sync>),
}

impl Error {
    /// A record that somebody else has changed meanwhile, it is not known how.
    pub fn stale() -> Self {
        Self::Stale {
            changed: Vec::new(),
            conflicts: Vec::new(),
        }
    }

    /// A fault of ours.
    pub fn internal(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }

    /// The refusal of a rule.
    pub fn refused(code: &'static str, detail: Message) -> Self {
        Self::Refused {
            code,
            detail,
            more: serde_json::Map::new(),
        }
    }

    /// One invalid value.
    pub fn invalid(pointer: impl Into<String>, code: &'static str, detail: Message) -> Self {
        Self::Invalid(vec![FieldError::new(pointer, code, detail)])
    }

    /// A reference in the body to something that does not exist for the caller.
    pub fn unknown_reference(pointer: impl Into<String>) -> Self {
        Self::invalid(
            pointer,
            "not_found",
            say!("所指的记录不存在", "there is no such record"),
        )
    }

    /// Adds a member to a refusal's problem; other errors stay as they are.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        if let Self::Refused { more, .. } = &mut self
            && let Ok(value) = serde_json::to_value(value)
        {
            more.insert(name.to_owned(), value);
        }
        self
    }

    /// The stable code of the problem.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::MustChangePassword => "must_change_password",
            Self::NotFound(_) => "not_found",
            Self::MethodNotAllowed(_) => "method_not_allowed",
            Self::Malformed(_) => "malformed",
            Self::Invalid(_) => "invalid",
            Self::Refused { code, .. } | Self::OAuth(code) => code,
            Self::Stale { .. } => "stale",
            Self::PreconditionRequired => "precondition_required",
            Self::TooLarge(_) => "too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::TooMany(_) => "too_many_requests",
            Self::Unavailable(_) => "unavailable",
            Self::Internal(_) => "internal",
        }
    }

    fn title(&self) -> Message {
        match self {
            Self::Unauthenticated => say!("请先登录", "Sign in first"),
            Self::Forbidden => say!("没有权限", "Your role does not allow this"),
            Self::MustChangePassword => say!("请先修改密码", "Change your password first"),
            Self::NotFound(_) => say!("没有这条记录", "There is no such record"),
            Self::MethodNotAllowed(_) => say!("不支持该方法", "Method not allowed"),
            Self::Malformed(_) => say!("请求无法识别", "The request can't be understood"),
            Self::Invalid(_) => say!("内容不合要求", "Some values are not valid"),
            Self::Refused { .. } => say!("按规则不能办理", "A rule says no"),
            Self::OAuth(_) => say!("登录失败", "Sign-in failed"),
            Self::Stale { .. } => say!("记录已被他人修改", "The record has changed meanwhile"),
            Self::PreconditionRequired => say!("缺少 If-Match", "If-Match is missing"),
            Self::TooLarge(_) => say!("内容过大", "The body is too large"),
            Self::UnsupportedMediaType => say!("内容类型不支持", "Unsupported media type"),
            Self::TooMany(_) => say!("请求过于频繁", "Too many attempts"),
            Self::Unavailable(_) => say!("服务暂时不可用", "Temporarily unavailable"),
            Self::Internal(_) => say!("系统内部错误", "Internal error"),
        }
    }

    fn detail(&self) -> Message {
        match self {
            Self::Unauthenticated => say!(
                "令牌缺失、过期或已失效",
                "The token is missing, expired or revoked"
            ),
            Self::Forbidden => say!("当前角色不能做这件事", "None of your roles may do this"),
            Self::MustChangePassword => {
                say!(
                    "首次登录或密码到期，须先修改密码",
                    "First sign-in or expired password: change it before going on"
                )
            }
            Self::NotFound(what) => say!("没有可见的记录：{what}", "No {what} that you can see"),
            Self::MethodNotAllowed(allow) => say!("可用方法：{allow}", "Allowed: {allow}"),
            Self::Malformed(errors) | Self::Invalid(errors) => {
                let n = errors.len();
                say!("共 {n} 处问题，见 errors", "{n} problem(s), see errors")
            }
            Self::Refused { detail, .. } => detail.clone(),
            Self::OAuth(code) => say!("{code}", "{code}"),
            Self::Stale { changed, .. } if changed.is_empty() => {
                say!("请重新读取后再试", "Fetch it again and retry")
            }
            Self::Stale { changed, .. } => {
                let fields = changed.join(", ");
                say!("以下字段已变化：{fields}", "These fields have changed: {fields}")
            }
            Self::PreconditionRequired => {
                say!(
                    "修改记录须带上所读版本的 ETag",
                    "Send the ETag of the version you read in If-Match"
                )
            }
            Self::TooLarge(limit) => say!("上限为 {limit} 字节", "The limit is {limit} bytes"),
            Self::UnsupportedMediaType => say!("请使用 application/json", "Use application/json"),
            Self::TooMany(seconds) => say!("请在 {seconds} 秒后再试", "Try again in {seconds} seconds"),
            Self::Unavailable(_) => say!(
                "没有写入任何内容，请稍后再试",
                "Nothing was stored; try again shortly"
            ),
            Self::Internal(_) => say!(
                "已记录，请联系管理员并提供 request_id",
                "It was logged; quote the request_id"
            ),
        }
    }

    /// The error as the client sees it.
    pub fn problem(&self, language: Language, request_id: &str) -> Problem {
        let status = self.status_code().as_u16();
        let mut problem = Problem {
            kind: format!("urn:bangfu:problem:{}", self.code()),
            title: language.of(&self.title()),
            status,
            detail: language.of(&self.detail()),
            code: self.code().to_owned(),
            request_id: request_id.to_owned(),
            errors: None,
            fields: None,
            conflicts: None,
            more: serde_json::Map::new(),
        };
        match self {
            Self::Malformed(errors) | Self::Invalid(errors) => {
                let told = errors.iter().map(|e| ProblemField {
                    pointer: e.pointer.clone(),
                    code: e.code.to_owned(),
                    detail: language.of(&e.detail),
                });
                problem.errors = Some(told.collect());
            }
            Self::Stale { changed, conflicts } => {
                problem.fields = Some(changed.clone());
                problem.conflicts = Some(conflicts.clone());
            }
            Self::Refused { more, .. } => problem.more = more.clone(),
            _ => {}
        }
        problem
    }
}

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        match error {
            error if is_outage(&error) => Self::Unavailable(error.into()),
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => taken(info.as_ref()),
            error => Self::internal(error),
        }
    }
}

/// The refusal when a constraint nobody foresaw stops a second of something: two requests at once, or a client-made
/// id that is somebody else's.
fn taken(info: &dyn DatabaseErrorInformation) -> Error {
    let is_id = |name: &str| name.ends_with("_pkey") || name.ends_with(".id");
    if info.constraint_name().is_some_and(is_id) || is_id(info.message()) {
        return Error::refused("id_taken", say!("该 id 已被使用", "this id is taken"));
    }
    Error::refused(
        "conflict",
        say!("他人同时办理了同一件事", "somebody did the same at the same time"),
    )
}

/// Whether the database rather than the statement is at fault: gone, full, or unable to take the work now.
fn is_outage(error: &DieselError) -> bool {
    const OUTAGES: [&str; 10] = [
        "database or disk is full",
        "disk I/O error",
        "database is locked",
        "unable to open database file",
        "deadlock detected",
        "due to lock timeout",
        "terminating connection",
        "server closed the connection",
        "no connection to the server",
        "No space left on device",
    ];
    match error {
        DieselError::DatabaseError(
            DatabaseErrorKind::ClosedConnection
            | DatabaseErrorKind::UnableToSendCommand
            | DatabaseErrorKind::SerializationFailure,
            _,
        )
        | DieselError::BrokenTransactionManager => true,
        DieselError::DatabaseError(_, info) => OUTAGES.iter().any(|text| info.message().contains(text)),
        DieselError::RollbackErrorOnCommit { commit_error, .. } => is_outage(commit_error),
        _ => false,
    }
}

impl From<diesel::r2d2::PoolError> for Error {
    fn from(error: diesel::r2d2::PoolError) -> Self {
        Self::Unavailable(error.into())
    }
}
impl From<actix_web::error::BlockingError> for Error {
    fn from(error: actix_web::error::BlockingError) -> Self {
        Self::internal(error)
    }
}

/// `application/problem+json` (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// A URN made from the code.
    #[serde(rename = "type")]
    #[schema(example = "urn:bangfu:problem:invalid")]
    pub kind: String,
    /// A short summary, the same for every problem of this kind.
    #[schema(example = "内容不合要求")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 422)]
    pub status: u16,
    /// What happened this time.
    #[schema(example = "共 1 处问题，见 errors")]
    pub detail: String,
    /// Stable English code for programs.
    #[schema(example = "invalid")]
    pub code: String,
    /// The request's id, to quote when asking for help.
    #[schema(example = "0192f3c1-7d2e-7c44-9d0a-2f6f3a1c5b7e")]
    pub request_id: String,
    /// Every invalid value, for `malformed` and `invalid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<Vec<ProblemField>>,
    /// The fields that changed since the version in `If-Match`, for `stale`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<String>>,
    /// Those of them that this request would change too, for `stale`: what is to be merged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conflicts: Option<Vec<String>>,
    /// Further members that explain a refusal.
    #[serde(flatten)]
    #[schema(ignore)]
    pub more: serde_json::Map<String, serde_json::Value>,
}

/// One invalid value.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemField {
    /// JSON pointer into the body, or `?name` for a query parameter.
    #[schema(example = "/stays/0/total_fen")]
    pub pointer: String,
    /// Stable English code.
    #[schema(example = "out_of_range")]
    pub code: String,
    /// What is wrong.
    #[schema(example = "须为 0 到 1000000000000 的整数")]
    pub detail: String,
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::MustChangePassword => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Refused { .. } => StatusCode::CONFLICT,
            Self::OAuth("invalid_client") => StatusCode::UNAUTHORIZED,
            Self::OAuth(_) => StatusCode::BAD_REQUEST,
            Self::Stale { .. } => StatusCode::PRECONDITION_FAILED,
            Self::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Only the status: `http::edge` knows the request and writes the problem.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_language_wins_and_chinese_is_the_default() {
        assert_eq!(Language::accepted("fr-FR, en;q=0.8, zh;q=0.5"), Language::English);
        assert_eq!(Language::accepted("zh-CN,zh;q=0.9,en;q=0.8"), Language::Chinese);
        assert_eq!(Language::accepted(""), Language::Chinese);
        assert_eq!(Language::accepted("é"), Language::Chinese);
    }
}
