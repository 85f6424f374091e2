//! What happens beside the requests: sealing the log, signing its head, tidying up, and asking the standing queries of
//! auditors.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::audit;
use crate::auth::limit::AddressLimit;
use crate::auth::{self, Actor, Scope};
use crate::config::Serving;
use crate::db::Db;
use crate::error::Result;
use crate::flags;
use crate::http::idempotency;
use crate::http::metrics::Metrics;
use crate::ledger;

/// The running jobs; [`Jobs::stop`] ends them.
pub struct Jobs {
    stop: watch::Sender<bool>,
    handles: Vec<JoinHandle<()>>,
}

impl Jobs {
    /// Starts the sealer, the signer, the hourly work, and the look whether the standing queries are to be run: at once after
    /// a start, and then soon after midnight.
    pub fn start(db: &Db, metrics: &Data<Metrics>, limit: &Data<AddressLimit>, serving: &Serving) -> Self {
        let (stop, stopping) = watch::channel(false);
        let (sealed, lag, tidied, limit) = (db.clone(), metrics.clone(), db.clone(), limit.clone());
        let seal = move || {
            audit::seal_all(&sealed)?;
            let (events, oldest) = sealed.read_blocking(Scope::All, audit::unsealed)?;
            let age = oldest.map_or(0, |at| sealed.now().since(at).num_milliseconds());
            lag.seal_lag(events, age);
            Ok(())
        };
        let signed = db.clone();
        let sign = move || audit::sign(&signed);
        let tidy = move || {
            limit.cleanup();
            hourly(&tidied)
        };
        let (asking, ending) = (db.clone(), stopping.clone());
        let flag = move || flags::runs::nightly(&asking, &|| *ending.borrow());
        let handles = vec![
            every(serving.seal_every(), "seal", metrics, stopping.clone(), seal),
            every(serving.sign_every(), "sign", metrics, stopping.clone(), sign),
            every(Duration::from_secs(3600), "tidy", metrics, stopping.clone(), tidy),
            every(Duration::from_secs(600), "flags", metrics, stopping, flag),
        ];
        Self { stop, handles }
    }

    /// Asks every job to finish what it is doing, and waits for it.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        for handle in self.handles {
            let _ = handle.await;
        }
    }
}

fn hourly(db: &Db) -> Result<()> {
    db.write_blocking(Actor::system(), String::new(), |tx| {
        auth::cleanup(tx)?;
        idempotency::cleanup(tx)?;
        Ok(())
    })?;
    ledger::open_year(db)
}

/// Runs `job` at once, then again and again with a pause, until asked to stop.
fn every(
    pause: Duration,
    name: &'static str,
    metrics: &Data<Metrics>,
    mut stopping: watch::Receiver<bool>,
    job: impl Fn() -> Result<()> + Send + Sync + 'static,
) -> JoinHandle<()> {
    let (metrics, job) = (metrics.clone(), Arc::new(job));
    actix_web::rt::spawn(async move {
        loop {
            let run = job.clone();
            let outcome = match actix_web::web::block(move || run()).await {
                Ok(outcome) => outcome,
                Err(cancelled) => Err(cancelled.into()),
            };
            metrics.job(name, outcome.is_ok());
            if let Err(error) = outcome {
                tracing::warn!(job = name, error = %error, "job failed; it runs again");
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stopping.changed() => return,
            }
        }
    })
}
