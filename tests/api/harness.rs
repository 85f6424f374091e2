//! A running service on a fresh database, and one client per account.
//!
//! `BANGFU_TEST_POSTGRES` names a throw-away server (see `scripts/test`); without it the database is SQLite in a
//! temporary folder. Time is a dial: [`TestApp::set`] turns it.

use std::rc::Rc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, Once};

use actix_http::Request;
use actix_web::body::BoxBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::test::{self, TestRequest};
use bangfu::app::{self, Shared};
use bangfu::audit;
use bangfu::auth::Scope;
use bangfu::config::Serving;
use bangfu::db::types::{Date, Timestamp};
use bangfu::db::{self, Conn, Db, Options};
use bangfu::keyring::Keyring;
use chrono::{FixedOffset, TimeDelta};
use clap::Parser;
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};

use crate::invariants::INVARIANTS;

/// Password of every account that tests make.
pub const PASSWORD: &str = "Tests-2020";
/// Where every test begins: noon in Wuhu on a working day of the plan's year.
pub const START: &str = "2020-05-20T04:00:00Z";

type Handler = dyn Service<
        Request,
        Response = ServiceResponse<BoxBody>,
        Error = actix_web::Error,
        Future = std::pin::Pin<Box<dyn Future<Output = Result<ServiceResponse<BoxBody>, actix_web::Error>>>>,
    >;

/// The service under test.
#[derive(Clone)]
pub struct TestApp {
    pub db: Db,
    pub shared: Shared,
    pub url: String,
    handler: Rc<Handler>,
    offset: Arc<AtomicI64>,
    _dir: Rc<tempfile::TempDir>,
}

#[derive(Parser)]
struct Defaults {
    #[command(flatten)]
    serving: Serving,
}

/// Settings of the service under test: cheap password hashes, no limit per address that tests could meet.
pub fn serving() -> Serving {
    let flags = [
        "t",
        "--argon2-memory-kib",
        "8",
        "--argon2-iterations",
        "1",
        "--login-rate-per-minute",
        "1000000",
    ];
    Defaults::parse_from(flags).serving
}

/// The URL of a fresh database with the schema in place.
pub fn fresh_database(dir: &tempfile::TempDir) -> String {
    let Ok(server) = std::env::var("BANGFU_TEST_POSTGRES") else {
        let url = dir.path().join("bangfu.db").display().to_string();
        db::migrate(&mut Conn::open(&url).unwrap()).unwrap();
        return url;
    };
    static TEMPLATE: Once = Once::new();
    static CREATING: Mutex<()> = Mutex::new(());
    let template = format!("template_{}", std::process::id());
    let admin = |sql: &str| {
        Conn::open(&format!("{server}/postgres"))
            .unwrap()
            .batch_execute(sql)
            .unwrap()
    };
    TEMPLATE.call_once(|| {
        admin(&format!("CREATE DATABASE {template}"));
        db::migrate(&mut Conn::open(&format!("{server}/{template}")).unwrap()).unwrap();
    });
    let name = format!("test_{}", uuid::Uuid::now_v7().simple());
    // a template can be copied by one session at a time
    let _one_at_a_time = CREATING.lock().unwrap_or_else(|e| e.into_inner());
    admin(&format!("CREATE DATABASE {name} TEMPLATE {template}"));
    format!("{server}/{name}")
}

impl TestApp {
    /// The service on a fresh database, at [`START`].
    pub async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = fresh_database(&dir);
        let keyring = dir.path().join("keyring.json");
        Keyring::create(&keyring, None).unwrap();
        let offset = Arc::new(AtomicI64::new(0));
        let dial = offset.clone();
        // time goes on by a millisecond per reading, so that order is visible in times and ids and nothing depends on speed
        let clock = Arc::new(move || {
            let micros = dial.fetch_add(1000, Ordering::SeqCst);
            START
                .parse::<Timestamp>()
                .unwrap()
                .plus(TimeDelta::microseconds(micros))
        });
        let zone = FixedOffset::east_opt(8 * 3600).unwrap();
        let options = Options {
            url: url.clone(),
            readers: 4,
            writers: 8,
            zone,
        };
        let db = Db::open(&options, Arc::new(Keyring::load(&keyring).unwrap()), clock);
        let shared = Shared::new(db.clone(), &serving(), false).unwrap();
        let service = test::init_service(app::app(&shared)).await;
        let handler: Rc<Handler> = Rc::new(BoxedService(Rc::new(service)));
        Self {
            db,
            shared,
            url,
            handler,
            offset,
            _dir: Rc::new(dir),
        }
    }

    /// Turns the clock to noon in Wuhu on a day.
    pub fn set(&self, day: &str) {
        let zone = FixedOffset::east_opt(8 * 3600).unwrap();
        let noon = Timestamp::on(day.parse::<Date>().unwrap(), 12, zone);
        self.set_time(noon);
    }

    /// Turns the clock to a moment.
    pub fn set_time(&self, at: Timestamp) {
        let micros = at.since(START.parse().unwrap()).num_microseconds().unwrap();
        self.offset.store(micros, Ordering::SeqCst);
    }

    /// Sends a request and reads the answer.
    pub async fn send(&self, request: TestRequest) -> Answer {
        let response = self
            .handler
            .call(request.to_request())
            .await
            .expect("the edge answers every error");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = test::read_body(response).await;
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        let header = |name: &str| headers.get(name).map(|v| v.to_str().unwrap().to_owned());
        Answer {
            status,
            etag: header("etag"),
            headers: Rc::new(headers),
            bytes: bytes.to_vec(),
            body,
        }
    }

    /// Signs in and gives the client of that account; an integration signs in as one.
    pub async fn sign_in(&self, username: &str) -> Client {
        let answer = if username.starts_with("integration") {
            let form = [
                ("grant_type", "client_credentials"),
                ("client_id", username),
                ("client_secret", PASSWORD),
            ];
            self.token(&form).await
        } else {
            self.token(&[
                ("grant_type", "password"),
                ("username", username),
                ("password", PASSWORD),
            ])
            .await
        };
        assert_eq!(answer.status, 200, "{username}: {}", answer.body);
        Client {
            app: self.clone(),
            token: answer.text("/access_token"),
        }
    }

    /// Asks the token endpoint.
    pub async fn token(&self, form: &[(&str, &str)]) -> Answer {
        self.send(TestRequest::post().uri("/api/v1/auth/token").set_form(form))
            .await
    }

    /// Checks what must hold after every test: the log whole, every reference whole, every total right.
    pub fn check_invariants(&self) {
        audit::flush(&self.db).unwrap();
        let verdict = self
            .db
            .read_blocking(Scope::All, |rx| audit::verify(rx, 1, None))
            .unwrap();
        assert!(verdict.valid, "the log is broken: {verdict:?}");
        assert_eq!(
            self.count("SELECT COUNT(*) AS n FROM audit_events WHERE seq IS NULL"),
            0
        );
        for (what, sql) in INVARIANTS {
            assert_eq!(self.count(sql), 0, "{what}");
        }
    }

    /// The number that a statement `SELECT … AS n` gives.
    pub fn count(&self, sql: &str) -> i64 {
        use diesel::RunQueryDsl as _;
        #[derive(diesel::QueryableByName)]
        struct Count {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            n: i64,
        }
        diesel::sql_query(sql)
            .get_result::<Count>(&mut Conn::open(&self.url).unwrap())
            .unwrap()
            .n
    }

    /// Runs SQL behind the service's back; the error's text when the database refuses.
    pub fn sql(&self, sql: &str) -> Result<(), String> {
        Conn::open(&self.url)
            .unwrap()
            .batch_execute(sql)
            .map_err(|e| e.to_string())
    }

    /// Whether the test runs on PostgreSQL.
    pub fn on_postgres(&self) -> bool {
        db::is_postgres(&self.url)
    }
}

/// An answer of the service.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub etag: Option<String>,
    pub headers: Rc<actix_web::http::header::HeaderMap>,
    pub bytes: Vec<u8>,
    pub body: Value,
}

impl Answer {
    /// The string at a JSON pointer.
    pub fn text(&self, pointer: &str) -> String {
        let value = self
            .body
            .pointer(pointer)
            .unwrap_or_else(|| panic!("no {pointer} in {}", self.body));
        value
            .as_str()
            .unwrap_or_else(|| panic!("{pointer} is no text in {}", self.body))
            .to_owned()
    }

    /// The id of the record.
    pub fn id(&self) -> String {
        self.text("/id")
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> String {
        self.headers
            .get(name)
            .map(|v| v.to_str().unwrap().to_owned())
            .unwrap_or_default()
    }

    /// The answer itself, if it has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        self
    }

    /// The answer itself, if it is a problem with this status and code.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Self {
        assert_eq!(
            (self.status, self.body["code"].as_str()),
            (status, Some(code)),
            "{}",
            self.body
        );
        self
    }

    /// The pointers of invalid values, sorted.
    pub fn pointers(&self) -> Vec<String> {
        let errors = self.body["errors"].as_array().cloned().unwrap_or_default();
        let mut pointers: Vec<_> = errors
            .iter()
            .map(|e| e["pointer"].as_str().unwrap().to_owned())
            .collect();
        pointers.sort();
        pointers
    }

    /// The records of a list.
    pub fn items(&self) -> Vec<Value> {
        self.body["items"]
            .as_array()
            .cloned()
            .unwrap_or_else(|| panic!("no list: {}", self.body))
    }
}

/// A signed-in account.
#[derive(Clone)]
pub struct Client {
    pub app: TestApp,
    pub token: String,
}

impl Client {
    fn request(&self, request: TestRequest, path: &str) -> TestRequest {
        request
            .uri(&format!("/api/v1{path}"))
            .insert_header(("Authorization", format!("Bearer {}", self.token)))
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.app.send(self.request(TestRequest::get(), path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.app
            .send(self.request(TestRequest::post(), path).set_json(body))
            .await
    }

    /// A POST with further headers.
    pub async fn post_with(&self, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
        let mut request = self.request(TestRequest::post(), path).set_json(body);
        for (name, value) in headers {
            request = request.insert_header((*name, *value));
        }
        self.app.send(request).await
    }

    /// A verb on a record whose version was read before: `If-Match` with the given tag.
    pub async fn act_on(&self, path: &str, etag: &str, body: Value) -> Answer {
        self.post_with(path, &[("If-Match", etag)], body).await
    }

    /// A verb on a record: reads its version first. `record` is the path of the record, `verb` what follows.
    pub async fn act(&self, record: &str, verb: &str, body: Value) -> Answer {
        let etag = self.get(record).await.expect(200).etag.unwrap();
        self.act_on(&format!("{record}{verb}"), &etag, body).await
    }

    pub async fn patch_on(&self, path: &str, etag: &str, body: Value) -> Answer {
        let request = self
            .request(TestRequest::patch(), path)
            .insert_header(("If-Match", etag));
        self.app.send(request.set_json(body)).await
    }

    /// A PATCH of a record: reads its version first.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        let etag = self.get(path).await.expect(200).etag.unwrap();
        self.patch_on(path, &etag, body).await
    }

    /// A PUT below a record: reads the record's version first.
    pub async fn put(&self, record: &str, rest: &str, body: Value) -> Answer {
        let etag = self.get(record).await.expect(200).etag.unwrap();
        let path = format!("{record}{rest}");
        let request = self
            .request(TestRequest::put(), &path)
            .insert_header(("If-Match", etag.as_str()));
        self.app.send(request.set_json(body)).await
    }

    /// Any request, as bytes.
    pub async fn raw(&self, request: TestRequest, path: &str) -> Answer {
        self.app.send(self.request(request, path)).await
    }
}

/// Gives a service whose future is nameable, so that it can be kept behind one pointer.
struct BoxedService<S>(Rc<S>);

impl<S> Service<Request> for BoxedService<S>
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = actix_web::Error> + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = actix_web::Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>>>>;

    fn poll_ready(&self, cx: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx)
    }
    fn call(&self, request: Request) -> Self::Future {
        let service = self.0.clone();
        Box::pin(async move { service.call(request).await })
    }
}

/// An empty JSON object.
pub fn nothing() -> Value {
    json!({})
}
