//! `/metrics` in the Prometheus text format.

use std::time::Duration;

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use prometheus::{
    Encoder as _, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};

use crate::db::Db;
use crate::error::{Error, Result};

/// What the service measures about itself.
pub struct Metrics {
    registry: Registry,
    requests: HistogramVec,
    pool: IntGaugeVec,
    jobs: IntCounterVec,
    unsealed: IntGauge,
    seal_lag: IntGauge,
}

impl Metrics {
    /// Registers every metric.
    pub fn new() -> Result<Self> {
        let buckets = vec![
            0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
        ];
        let requests = HistogramOpts::new("bangfu_http_request_seconds", "Time to answer, by route pattern")
            .buckets(buckets);
        let pool = Opts::new("bangfu_db_connections", "Database connections, by pool and state");
        let jobs = Opts::new(
            "bangfu_job_runs_total",
            "Runs of background jobs, by job and outcome",
        );
        let metrics = Self {
            registry: Registry::new(),
            requests: HistogramVec::new(requests, &["method", "route", "status"]).map_err(Error::internal)?,
            pool: IntGaugeVec::new(pool, &["pool", "state"]).map_err(Error::internal)?,
            jobs: IntCounterVec::new(jobs, &["job", "outcome"]).map_err(Error::internal)?,
            unsealed: gauge("bangfu_audit_unsealed_events", "Events waiting to be sealed")?,
            seal_lag: gauge(
                "bangfu_audit_seal_lag_milliseconds",
                "Age of the oldest event waiting to be sealed",
            )?,
        };
        let parts: [Box<dyn prometheus::core::Collector>; 5] = [
            Box::new(metrics.requests.clone()),
            Box::new(metrics.pool.clone()),
            Box::new(metrics.jobs.clone()),
            Box::new(metrics.unsealed.clone()),
            Box::new(metrics.seal_lag.clone()),
        ];
        for part in parts {
            metrics.registry.register(part).map_err(Error::internal)?;
        }
        Ok(metrics)
    }

    /// One request was answered.
    pub fn request(&self, method: &str, route: &str, status: u16, took: Duration) {
        // anybody can invent a method, and a label stays for ever
        let method = match method {
            "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS" => method,
            _ => "other",
        };
        self.requests
            .with_label_values(&[method, route, &status.to_string()])
            .observe(took.as_secs_f64());
    }

    /// One job ran.
    pub fn job(&self, name: &str, succeeded: bool) {
        self.jobs
            .with_label_values(&[name, if succeeded { "ok" } else { "failed" }])
            .inc();
    }

    /// What waits for the sealer: how many events, and for how many milliseconds the oldest.
    pub fn seal_lag(&self, events: i64, milliseconds: i64) {
        self.unsealed.set(events);
        self.seal_lag.set(milliseconds);
    }

    fn render(&self, db: &Db) -> Result<Vec<u8>> {
        for (pool, used, all) in db.pool_use() {
            self.pool.with_label_values(&[pool, "used"]).set(used.into());
            self.pool.with_label_values(&[pool, "all"]).set(all.into());
        }
        let mut text = Vec::new();
        TextEncoder::new()
            .encode(&self.registry.gather(), &mut text)
            .map_err(Error::internal)?;
        Ok(text)
    }
}

fn gauge(name: &str, help: &str) -> Result<IntGauge> {
    IntGauge::new(name, help).map_err(Error::internal)
}

/// Prometheus metrics.
#[utoipa::path(tag = "service", operation_id = "get_metrics", responses((status = 200, body = String, content_type = "text/plain")))]
#[get("/metrics")]
pub async fn get_metrics(metrics: Data<Metrics>, db: Data<Db>) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4")
        .body(metrics.render(&db)?))
}
