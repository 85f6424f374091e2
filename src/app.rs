//! Assembles the service: routes, shared state, the server and its graceful stop.

use std::time::Duration;

use actix_web::dev::{ServerHandle, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data};
use actix_web::{App, HttpServer};
use tokio::signal::unix::{SignalKind, signal};
use utoipa_actix_web::AppExt as _;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_swagger_ui::{Config as DocsConfig, SwaggerUi};

use crate::attachments::scan::Scanner;
use crate::auth::http::Demo;
use crate::auth::limit::AddressLimit;
use crate::auth::password::Passwords;
use crate::auth::token::Tokens;
use crate::config::Serving;
use crate::db::Db;
use crate::error::Result;
use crate::http::idempotency::Running;
use crate::http::metrics::{self, Metrics};
use crate::http::openapi::{self, Document};
use crate::http::{Limits, edge, probes};
use crate::jobs::Jobs;
use crate::{
    aid, audit, audits, auth, batches, calendar, claims, codes, duplicates, duties, evidence, exports, files,
    flags, funds, insurance, members, organizations, payments, policies, recoveries, samples, separation,
    transfers, users, watch,
};

/// Everything below `/api/v1`.
fn api(config: &mut ServiceConfig) {
    config
        .configure(auth::http::routes)
        .configure(organizations::http::routes)
        .configure(users::http::routes)
        .configure(policies::http::routes)
        .configure(codes::http::routes)
        .configure(calendar::http::routes)
        .configure(funds::http::routes)
        .configure(batches::http::routes)
        .configure(members::http::routes)
        .configure(separation::http::routes)
        .configure(duplicates::http::routes)
        .configure(files::http::routes)
        .configure(files::household::http::routes)
        .configure(files::revisions::http::routes)
        .configure(files::procedure::http::routes)
        .configure(files::means::http::routes)
        .configure(files::stand_ins::http::routes)
        .configure(files::consents::http::routes)
        .configure(files::upkeep::http::routes)
        .configure(files::aftercare::http::routes)
        .configure(files::aftercare::inspections::http::routes)
        .configure(files::sealing::http::routes)
        .configure(files::papers::routes)
        .configure(files::registers::http::routes)
        .configure(files::questionnaires::http::routes)
        .configure(duties::http::routes)
        .configure(insurance::http::routes)
        .configure(insurance::claims::http::routes)
        .configure(payments::http::routes)
        .configure(payments::papers::routes)
        .configure(payments::accounts::http::routes)
        .configure(claims::http::routes)
        .configure(claims::papers::routes)
        .configure(aid::http::routes)
        .configure(aid::papers::routes)
        .configure(recoveries::http::routes)
        .configure(transfers::http::routes)
        .configure(flags::http::routes)
        .configure(flags::kept::http::routes)
        .configure(flags::runs::http::routes)
        .configure(audits::http::routes)
        .configure(audits::findings::http::routes)
        .configure(audits::guests::http::routes)
        .configure(samples::http::routes)
        .configure(watch::http::routes)
        .configure(evidence::http::routes)
        .configure(exports::http::routes)
        .configure(audit::http::routes)
        .configure(audit::witnesses::http::routes);
}

fn outside(config: &mut ServiceConfig) {
    config
        .service(probes::livez)
        .service(probes::readyz)
        .service(openapi::openapi)
        .configure(files::procedure::http::public_routes)
        .configure(audit::witnesses::http::public_routes)
        .service(auth::http::jwks);
}

/// The OpenAPI document of the service; that of the demo says so.
pub fn document(demo: bool) -> Document {
    let (_, api) = App::new()
        .into_utoipa_app()
        .service(utoipa_actix_web::scope("/api/v1").configure(api))
        .configure(outside)
        .service(metrics::get_metrics)
        .split_for_parts();
    Document::new(api, demo)
}

/// What all workers share.
#[derive(Clone)]
pub struct Shared {
    /// The database.
    pub db: Data<Db>,
    /// Password hashing.
    pub passwords: Data<Passwords>,
    /// Access tokens.
    pub tokens: Data<Tokens>,
    /// Sign-ins per address.
    pub limit: Data<AddressLimit>,
    /// What the service measures.
    pub metrics: Data<Metrics>,
    /// Keyed requests being carried out.
    pub running: Data<Running>,
    /// Limits on what clients send.
    pub limits: Data<Limits>,
    /// Whether this is the demo.
    pub demo: Data<Demo>,
    scanner: Data<Scanner>,
    document: Data<Document>,
    metrics_here: bool,
}

impl Shared {
    /// The shared state for these settings.
    pub fn new(db: Db, serving: &Serving, demo: bool) -> Result<Self> {
        let at_once = serving.argon2_at_once as usize;
        let passwords = Passwords::new(
            serving.argon2_memory_kib,
            serving.argon2_iterations,
            serving.argon2_parallelism,
            at_once,
        )?;
        Ok(Self {
            db: Data::new(db),
            passwords: Data::new(passwords),
            tokens: Data::new(Tokens::new(
                serving.access_token_minutes,
                serving.key_rotation_days,
            )),
            limit: Data::new(AddressLimit::new(
                serving.login_rate_per_minute,
                serving.trusted_proxies,
            )),
            metrics: Data::new(Metrics::new()?),
            running: Data::new(Running::default()),
            limits: Data::new(Limits {
                body: serving.body_limit as usize,
                attachment: serving.attachment_limit as usize,
            }),
            scanner: Data::new(Scanner::new(serving.scan_command.clone())),
            demo: Data::new(Demo(demo)),
            document: Data::new(document(demo)),
            metrics_here: demo && serving.metrics_listen.is_none(),
        })
    }
}

/// The application that each worker runs.
pub fn app(
    shared: &Shared,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse,
        Error = actix_web::Error,
        InitError = (),
    > + use<>,
> {
    let (app, _) = App::new()
        .into_utoipa_app()
        .app_data(shared.db.clone())
        .app_data(shared.passwords.clone())
        .app_data(shared.tokens.clone())
        .app_data(shared.limit.clone())
        .app_data(shared.metrics.clone())
        .app_data(shared.running.clone())
        .app_data(shared.scanner.clone())
        .app_data(shared.limits.clone())
        .app_data(shared.demo.clone())
        .app_data(shared.document.clone())
        .service(utoipa_actix_web::scope("/api/v1").configure(api))
        .configure(outside)
        .split_for_parts();
    let docs = DocsConfig::from("/openapi.json")
        .try_it_out_enabled(true)
        .persist_authorization(false);
    let metrics_here = shared.metrics_here;
    app.configure(move |config| {
        if metrics_here {
            config.service(metrics::get_metrics);
        }
    })
    .service(web::redirect("/", "/docs/"))
    .service(web::redirect("/docs", "/docs/"))
    .service(SwaggerUi::new("/docs/{_:.*}").config(docs))
    .default_service(web::to(openapi::no_route))
    .wrap(from_fn(edge::edge))
}

/// From now on SIGTERM and SIGINT end the server gracefully. Asked for before anybody is told that it serves: the
/// server itself would only listen for them a moment later.
fn stop_when_asked(server: ServerHandle) -> std::io::Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    actix_web::rt::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        server.stop(true).await;
    });
    Ok(())
}

/// Serves until SIGTERM or SIGINT; then stops accepting, finishes what runs, and seals the log.
pub async fn serve(shared: Shared, serving: &Serving) -> std::io::Result<()> {
    let jobs = Jobs::start(&shared.db, &shared.metrics, &shared.limit, serving);
    let workers = if serving.workers == 0 {
        std::thread::available_parallelism().map_or(2, |n| n.get())
    } else {
        serving.workers
    };
    let main = shared.clone();
    let server = HttpServer::new(move || app(&main))
        .workers(workers)
        .shutdown_timeout(serving.shutdown_seconds)
        .client_request_timeout(Duration::from_secs(15))
        .disable_signals()
        .bind(serving.listen)?
        .run();
    stop_when_asked(server.handle())?;
    if let Some(address) = serving.metrics_listen {
        let shared = shared.clone();
        let metrics = HttpServer::new(move || {
            App::new()
                .app_data(shared.metrics.clone())
                .app_data(shared.db.clone())
                .service(metrics::get_metrics)
        });
        actix_web::rt::spawn(metrics.workers(1).disable_signals().bind(address)?.run());
    }
    tracing::info!(address = %serving.listen, "serving");
    server.await?;
    jobs.stop().await;
    let db = shared.db.clone();
    match web::block(move || audit::flush(&db)).await {
        Ok(Ok(())) => tracing::info!("stopped; the log is sealed"),
        Ok(Err(error)) => tracing::warn!(error = %error, "stopped; the log will be sealed at the next start"),
        Err(error) => tracing::warn!(error = %error, "stopped; the log will be sealed at the next start"),
    }
    Ok(())
}
