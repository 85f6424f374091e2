//! How fast the service is, over HTTP on loopback with kept connections, and as ratios: 100,000 files to 1,000, and
//! HTTP to the same work done directly on the same database in the same run.
//!
//!     cargo bench --bench http                                          # SQLite
//!     scripts/with-postgres --durable cargo bench --bench http          # SQLite and PostgreSQL
//!     cargo bench --bench http -- --households 500,5000 --seconds 1     # a quick look
#![allow(clippy::print_stdout, clippy::expect_used)] // a measurement that can't be made stops

use std::time::Duration;

use clap::Parser;

mod cases;
mod client;
mod measure;
mod money;
mod operations;
mod report;
mod sealing;
mod service;

use measure::{Bounds, measure};
use operations::{OPERATIONS, Sample};
use report::Line;
use service::{Filled, Service};

/// Measures the service.
#[derive(Parser)]
struct Arguments {
    /// Households of the demo, one service after another.
    #[arg(long, value_delimiter = ',', default_value = "1000,100000")]
    households: Vec<usize>,
    /// Connections at once.
    #[arg(long, value_delimiter = ',', default_value = "1,8,64")]
    connections: Vec<usize>,
    /// Seconds per measurement.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Requests per measurement at most.
    #[arg(long, default_value_t = 200_000)]
    requests: usize,
    /// Only operations whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// Verified claims that each measurement of approvals may use up.
    #[arg(long, default_value_t = 2_000)]
    claims: usize,
    /// Lines of the batches whose export and import are measured, 1 to 10,000.
    #[arg(long, value_delimiter = ',', default_value = "10000")]
    lines: Vec<usize>,
    /// How often each batch is made and measured.
    #[arg(long, default_value_t = 3)]
    batches: usize,
    /// Connections at once while the cost of sealing is measured; 0 leaves it out.
    #[arg(long, default_value_t = 64)]
    sealing: usize,
    /// Folder where filled demos are kept for the next run.
    #[arg(long)]
    demos: Option<std::path::PathBuf>,
    /// Said by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let arguments = Arguments::parse();
    report::machine();
    let kept = arguments.demos.as_deref();
    let filled = |n: &usize| Filled::with(*n, kept);
    let demos: Vec<Filled> = arguments.households.iter().map(filled).collect();
    demos.iter().for_each(report::filled);
    let postgres = std::env::var("BANGFU_TEST_POSTGRES").ok();
    for (name, server) in [("SQLite", None), ("PostgreSQL", postgres.as_deref())] {
        if name == "SQLite" || server.is_some() {
            database(&arguments, &demos, name, server);
        }
    }
}

fn database(arguments: &Arguments, demos: &[Filled], name: &str, server: Option<&str>) {
    let mut lines = Vec::new();
    if let Some(smallest) = demos
        .first()
        .filter(|_| arguments.sealing > 0 && sealing::OPERATION.contains(&arguments.only))
    {
        let measured = sealing::run(server, smallest, arguments.sealing, arguments.seconds);
        report::sealing(name, &measured);
    }
    for demo in demos {
        let service = Service::start(server, demo);
        money::fund(&service);
        let measured = run(arguments, &service);
        report::table(name, demo, &measured);
        lines.extend(measured);
        let batches = money::measure(&service, &arguments.lines, arguments.batches, &arguments.only);
        report::batches(name, demo, &batches);
    }
    report::ratios(name, &lines, &arguments.households);
}

/// Measures every operation at every number of connections, each directly after the same work without HTTP.
fn run(arguments: &Arguments, service: &Service) -> Vec<Line> {
    let sample = Sample::take(service);
    let bounds = Bounds {
        time: Duration::from_secs_f64(arguments.seconds),
        count: arguments.requests,
    };
    let mut lines = Vec::new();
    for operation in OPERATIONS.iter().filter(|o| o.name.contains(&arguments.only)) {
        for connections in &arguments.connections {
            let left = || operation.stock.map_or(usize::MAX, |stock| (stock.left)(&sample));
            let lay_in = || {
                if let Some(stock) = operation.stock {
                    (stock.lay_in)(&service.direct, &sample, arguments.claims);
                }
            };
            lay_in();
            let direct = measure(*connections, bounds, left, || {
                let (direct, sample) = (&service.direct, &sample);
                move |n| (operation.direct)(direct, sample, n)
            });
            lay_in();
            let http = measure(*connections, bounds, left, || {
                let mut client = service.client();
                let sample = &sample;
                move |n| {
                    for request in (operation.requests)(sample, n) {
                        let (status, body) = client.send(&request).expect("the service answers");
                        let body = String::from_utf8_lossy(body);
                        assert!(
                            (200..300).contains(&status),
                            "{}: {status}: {body}",
                            operation.name
                        );
                    }
                }
            });
            lines.push(Line {
                operation: operation.name,
                households: service.households,
                connections: *connections,
                http,
                direct,
            });
        }
    }
    lines
}
