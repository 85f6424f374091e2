//! The extractor that authorises a request and carries what was sent.
//!
//! A handler that takes `May<P>` runs only for those who may `P`. Body and query are read later, by the handler, so
//! that who may is decided before what: 401, 403 and 404 come before 400 and 422.

use std::collections::BTreeSet;
use std::marker::PhantomData;
use std::str::FromStr;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::web::{Bytes, BytesMut, Data};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse};
use futures_util::StreamExt as _;
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::policy::Permission;
use super::token::Tokens;
use super::{Actor, Scope, store};
use crate::db::types::Id;
use crate::db::{Db, Rx, Tx};
use crate::error::{Error, Language, Result};
use crate::http::idempotency::{self, Keyed, Running};
use crate::http::{ActorId, Limits, Reply, RequestId, media_type_is_json};
use crate::input::{self, Input, Nothing};
use crate::keyring::hex;
use crate::users::User;
use crate::{audit, say};

/// An authorised request: the actor may `P`.
pub struct May<P> {
    /// Who asks.
    pub actor: Actor,
    /// The account, with roles and session.
    pub user: store::SignedIn,
    db: Db,
    running: Data<Running>,
    sent: Sent,
    permission: PhantomData<P>,
}

/// What the client sent besides its token.
#[derive(Clone)]
pub struct Sent {
    request: HttpParts,
    body: Bytes,
}

#[derive(Clone)]
struct HttpParts {
    id: String,
    method: String,
    pattern: String,
    path: String,
    query: String,
    parameters: Arc<Vec<(String, String)>>,
    if_match: Option<String>,
    idempotency_key: Option<String>,
    content_type: Option<String>,
    language: Language,
    json: bool,
}

/// Whether a create is new or the repeat of one that was answered before.
pub enum Creation<T: 'static> {
    /// Make it, with this id.
    New(Id<T>),
    /// It was made already, by the same caller from the same content.
    Repeat(Id<T>),
}

impl HttpParts {
    fn of(req: &HttpRequest) -> Self {
        let header = |name: &str| {
            req.headers()
                .get(name)
                .map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned())
        };
        let parameters = req
            .match_info()
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Self {
            id: RequestId::of(req),
            method: req.method().to_string(),
            pattern: req.match_pattern().unwrap_or_default(),
            path: req.path().to_owned(),
            query: req.query_string().to_owned(),
            parameters: Arc::new(parameters),
            if_match: header("if-match"),
            idempotency_key: header("idempotency-key"),
            content_type: header("content-type"),
            language: Language::accepted(&header("accept-language").unwrap_or_default()),
            json: media_type_is_json(req),
        }
    }
}

impl Sent {
    /// The body, every mistake named at once.
    pub fn body<T: Input>(&self) -> Result<T> {
        if !self.request.json {
            return Err(Error::UnsupportedMediaType);
        }
        input::read_body(&self.body)
    }

    /// The body as it is, with the media type that it is said to have: of what is not JSON.
    pub fn content(&self) -> (&Bytes, &str) {
        (
            &self.body,
            self.request.content_type.as_deref().unwrap_or_default(),
        )
    }

    /// Makes sure that the body of a verb without input is empty or `{}`.
    pub fn nothing(&self) -> Result<()> {
        if self.body.is_empty() {
            Ok(())
        } else {
            self.body::<Nothing>().map(drop)
        }
    }

    /// Makes sure that `If-Match` names the present `version` of the record; else names the fields that changed.
    pub fn expect(&self, rx: &mut Rx, id: impl std::fmt::Display, version: i32) -> Result<()> {
        let given = self
            .request
            .if_match
            .as_deref()
            .map(str::trim)
            .filter(|etag| !etag.is_empty() && *etag != "*");
        let given = given.ok_or(Error::PreconditionRequired)?;
        match given.trim_matches('"').parse::<i32>() {
            Ok(read) if read == version => Ok(()),
            Ok(read) => {
                let changed = audit::changed_since(rx, &id.to_string(), read)?;
                let sent = self.paths();
                let conflicts = changed.iter().filter(|field| sent.contains(*field)).cloned();
                Err(Error::Stale {
                    conflicts: conflicts.collect(),
                    changed,
                })
            }
            Err(_) => Err(Error::stale()),
        }
    }

    /// The fields that the body names, those of objects inside it by path: `details/health`.
    fn paths(&self) -> BTreeSet<String> {
        fn walk(at: &str, value: &serde_json::Value, found: &mut BTreeSet<String>) {
            for (name, value) in value.as_object().into_iter().flatten() {
                let path = format!("{at}{name}");
                walk(&format!("{path}/"), value, found);
                found.insert(path);
            }
        }
        let mut found = BTreeSet::new();
        let body = serde_json::from_slice(&self.body).unwrap_or_default();
        walk("", &body, &mut found);
        found
    }

    /// Decides what a create with the optional client-made `id` is: new, a repeat, or a conflict.
    pub fn creating<T>(&self, tx: &mut Tx, id: Option<Id<T>>) -> Result<Creation<T>> {
        let Some(id) = id else {
            return Ok(Creation::New(tx.new_id()));
        };
        if id.uuid().get_version_num() != 7 {
            return Err(Error::invalid(
                "/id",
                "invalid_id",
                say!("须为 UUIDv7", "must be a UUIDv7"),
            ));
        }
        let content: serde_json::Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let content = serde_json_canonicalizer::to_string(&content).map_err(Error::internal)?;
        let digest = tx
            .keys
            .digest("client_id", &format!("{}\n{content}", self.request.path));
        let name = id.to_string();
        if !idempotency::claim_id(tx, &name, &digest)? {
            return Ok(Creation::Repeat(id));
        }
        // every record has an event: an id that the log knows belongs to one that the service itself named
        if audit::knows(tx, &name)? {
            return Err(idempotency::id_taken());
        }
        Ok(Creation::New(id))
    }
}

impl<P: Permission> May<P> {
    /// The id in the path; one that is no id names nothing.
    pub fn id<T>(&self, what: &'static str) -> Result<Id<T>> {
        self.path("id", what)
    }

    /// A parameter of the path; one that can't be read names nothing.
    pub fn path<T: FromStr>(&self, name: &str, what: &'static str) -> Result<T> {
        let found = self.sent.request.parameters.iter().find(|(n, _)| n == name);
        found
            .and_then(|(_, value)| value.parse().ok())
            .ok_or(Error::NotFound(what))
    }

    /// The language that the client reads.
    pub fn language(&self) -> Language {
        self.sent.request.language
    }

    /// The query parameters, every mistake named at once.
    pub fn query<T: Input>(&self) -> Result<T> {
        input::read_query(&self.sent.request.query)
    }

    /// The body, for reads that take their question in one.
    pub fn body<T: Input>(&self) -> Result<T> {
        self.sent.body()
    }

    /// Runs a read in the actor's scope, on a connection that cannot write.
    pub async fn read<T: Serialize + Send + 'static>(
        &self,
        work: impl FnOnce(&mut Rx) -> Result<T> + Send + 'static,
    ) -> Result<HttpResponse> {
        let found = self.db.read(self.actor.scope.clone(), work).await?;
        Ok(HttpResponse::Ok().json(found))
    }

    /// Like [`May::read`], for one record with its version, which becomes the `ETag`.
    pub async fn fetch<T: Serialize + Send + 'static>(
        &self,
        work: impl FnOnce(&mut Rx) -> Result<(i32, T)> + Send + 'static,
    ) -> Result<HttpResponse> {
        let (version, found) = self.db.read(self.actor.scope.clone(), work).await?;
        Ok(HttpResponse::Ok()
            .insert_header(("ETag", format!("\"{version}\"")))
            .json(found))
    }

    /// Runs a read whose looking is an event, on a connection that cannot write, and records the event in a unit of work of
    /// its own before anything is answered: what can't be recorded is not shown (83).
    pub async fn look<T, E>(&self, work: impl FnOnce(&mut Rx) -> Result<(T, E)> + Send + 'static) -> Result<T>
    where
        T: Send + 'static,
        E: Into<Option<audit::Event>> + Send + 'static,
    {
        let (found, event) = self.db.read(self.actor.scope.clone(), work).await?;
        if let Some(event) = event.into() {
            self.note(event).await?;
        }
        Ok(found)
    }

    /// Records what the actor looked at.
    async fn note(&self, event: audit::Event) -> Result<()> {
        let request_id = self.sent.request.id.clone();
        let noting = move |tx: &mut Tx| event.record(tx);
        self.db.write(self.actor.clone(), request_id, noting).await
    }

    /// Runs a write in one transaction. With an `Idempotency-Key` the answer is stored in the same transaction, and
    /// a repeat gets the stored answer.
    pub async fn write(
        self,
        work: impl FnOnce(&mut Tx, &Sent) -> Result<Reply> + Send + 'static,
    ) -> Result<HttpResponse> {
        let keyed = self.keyed()?;
        let Self {
            actor,
            db,
            running,
            sent,
            ..
        } = self;
        let ticket = keyed.map(|request| running.enter(request)).transpose()?;
        let request_id = sent.request.id.clone();
        let reply = db.write(actor, request_id, move |tx| match ticket {
            Some(ticket) => idempotency::once(tx, &ticket, |tx| work(tx, &sent)),
            None => work(tx, &sent),
        });
        Ok(reply.await?.into_response())
    }

    /// The answer that a write with this `Idempotency-Key` got before, if it did: for writes that begin their work
    /// before [`May::write`].
    pub async fn answered(&self) -> Result<Option<HttpResponse>> {
        let Some(request) = self.keyed()? else {
            return Ok(None);
        };
        let found = self
            .db
            .read(self.actor.scope.clone(), move |rx| request.answered(rx))
            .await?;
        Ok(found.map(Reply::into_response))
    }

    /// This write by its `Idempotency-Key`, if it has one. A write takes no query.
    fn keyed(&self) -> Result<Option<Keyed>> {
        let request = &self.sent.request;
        if !request.query.is_empty() {
            self.query::<Nothing>()?;
        }
        let Some(key) = request.idempotency_key.as_deref() else {
            return Ok(None);
        };
        // in another unit the account is another caller: an answer from the old scope is not given again
        let unit = self.actor.organization_id.ok_or(Error::Unauthenticated)?;
        let caller = format!("{}@{unit}", self.actor.user()?);
        let operation = format!("{} {}", request.method, request.pattern);
        let body = hex(&Sha256::digest(&self.sent.body));
        let content = format!("{}\n{body}", request.path);
        Keyed::new(caller, operation, key, content).map(Some)
    }

    /// Forgets the `Idempotency-Key`: what is shown in clear is decided and logged each time it is shown.
    #[must_use]
    pub fn each_time(mut self) -> Self {
        self.sent.request.idempotency_key = None;
        self
    }

    /// What the client sent, for work before the read or write.
    pub fn sent(&self) -> &Sent {
        &self.sent
    }

    /// The database, for work outside a single read or write.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// The request's id.
    pub fn request_id(&self) -> &str {
        &self.sent.request.id
    }
}

impl<P: Permission> FromRequest for May<P> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, mut payload) = (req.clone(), payload.take());
        Box::pin(async move {
            let parts = HttpParts::of(&req);
            let db = app_data::<Db>(&req)?;
            let user = sign_in(&req, &db).await?;
            req.extensions_mut().insert(ActorId(user.id.to_string()));
            let Some(role) = user.grants::<P>() else {
                record_refusal(&db, &user, &parts).await?;
                return Err(Error::Forbidden);
            };
            if user.must_change_password && !P::WITH_OLD_PASSWORD {
                return Err(Error::MustChangePassword);
            }
            let limits = app_data::<Limits>(&req)?;
            let limit = match parts.content_type {
                Some(_) if !parts.json => limits.attachment,
                _ => limits.body,
            };
            let body = read_body(&mut payload, limit).await?;
            let running = app_data::<Running>(&req)?;
            let sent = Sent { request: parts, body };
            let db = (**db).clone();
            Ok(Self {
                actor: user.actor(role),
                user,
                db,
                running,
                sent,
                permission: PhantomData,
            })
        })
    }
}

fn app_data<T: 'static>(req: &HttpRequest) -> Result<Data<T>> {
    req.app_data::<Data<T>>()
        .cloned()
        .ok_or_else(|| Error::internal("the application is not fully configured"))
}

/// The account behind the bearer token, as the database knows it now.
async fn sign_in(req: &HttpRequest, db: &Db) -> Result<store::SignedIn> {
    let header = req
        .headers()
        .get("authorization")
        .and_then(|v| v.to_str().ok())
        .ok_or(Error::Unauthenticated)?;
    let (scheme, token) = header.split_once(' ').ok_or(Error::Unauthenticated)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Error::Unauthenticated);
    }
    let (token, tokens) = (token.trim().to_owned(), app_data::<Tokens>(req)?);
    db.read(Scope::All, move |rx| {
        let claims = tokens.verify(rx, &token)?;
        store::signed_in(rx, claims.sid)?.ok_or(Error::Unauthenticated)
    })
    .await
}

/// Refusals are events too (rule 83).
async fn record_refusal(db: &Db, user: &store::SignedIn, parts: &HttpParts) -> Result<()> {
    let actor = user.actor(user.first_role());
    let (id, operation) = (user.id, format!("{} {}", parts.method, parts.pattern));
    db.write(actor, parts.id.clone(), move |tx| {
        let event = audit::Event::of::<User>("access.refused", "user", id).reason(operation);
        event.record(tx)
    })
    .await
}

/// Reads the body up to `limit` bytes.
async fn read_body(payload: &mut Payload, limit: usize) -> Result<Bytes> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Error::Malformed(vec![]))?;
        if body.len() + chunk.len() > limit {
            return Err(Error::TooLarge(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
