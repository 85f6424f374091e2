//! What sealing costs the writers, and how long an event waits for it: the same writes with the sealer on and, as good
//! as, off, in turns.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bangfu::audit;
use bangfu::auth::Scope;
use bangfu::db::Db;

use crate::measure::{Bounds, measure};
use crate::operations::{OPERATIONS, Sample};
use crate::service::{Filled, Service};

/// The operation whose writes are counted.
pub const OPERATION: &str = "log a call";
/// How often each is measured.
const ROUNDS: usize = 3;
/// A pause between two runs of the sealer that no measurement outlasts.
const NEVER: u64 = 60_000;

/// What was measured.
pub struct Sealing {
    pub connections: usize,
    /// Writes a second with the sealer and without, the median of the rounds.
    pub on: f64,
    pub off: f64,
    /// Milliseconds that the oldest waiting event had waited, in 50 and 99 of a hundred looks, and at most.
    pub lag: [f64; 3],
}

/// Measures writes of so many connections.
pub fn run(server: Option<&str>, filled: &Filled, connections: usize, seconds: f64) -> Sealing {
    let (mut on, mut off, mut lags) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        off.push(one(server, filled, connections, seconds, Some(NEVER)).0);
        let (rate, lag) = one(server, filled, connections, seconds, None);
        on.push(rate);
        lags.extend(lag);
    }
    lags.sort_unstable_by(f64::total_cmp);
    let within = |percent: usize| lags.get(lags.len() * percent / 100).copied().unwrap_or(f64::NAN);
    Sealing {
        connections,
        on: median(on),
        off: median(off),
        lag: [within(50), within(99), lags.last().copied().unwrap_or(f64::NAN)],
    }
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_unstable_by(f64::total_cmp);
    of[of.len() / 2]
}

fn one(
    server: Option<&str>,
    filled: &Filled,
    connections: usize,
    seconds: f64,
    pause: Option<u64>,
) -> (f64, Vec<f64>) {
    let service = Service::sealing_every(server, filled, pause);
    let sample = Sample::take(&service);
    let operation = OPERATIONS
        .iter()
        .find(|one| one.name == OPERATION)
        .expect("the operation");
    let bounds = Bounds {
        time: Duration::from_secs_f64(seconds),
        count: usize::MAX,
    };
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watching = scope.spawn(|| watch(&service.direct, &done));
        let speed = measure(
            connections,
            bounds,
            || usize::MAX,
            || {
                let mut client = service.client();
                let sample = &sample;
                move |n| {
                    for request in (operation.requests)(sample, n) {
                        let (status, _) = client.send(&request).expect("the service answers");
                        assert!((200..300).contains(&status), "{status}");
                    }
                }
            },
        );
        done.store(true, Ordering::Relaxed);
        (speed.per_second, watching.join().expect("the looks at the log"))
    })
}

/// Looks at the oldest waiting event again and again: its age in milliseconds, 0 when nothing waits.
fn watch(db: &Db, done: &AtomicBool) -> Vec<f64> {
    let mut ages = Vec::new();
    while !done.load(Ordering::Relaxed) {
        let (_, oldest) = db.read_blocking(Scope::All, audit::unsealed).expect("a look");
        let age = oldest.map_or(0, |at| db.now().since(at).num_microseconds().unwrap_or(i64::MAX));
        ages.push(age as f64 / 1000.0);
        std::thread::sleep(Duration::from_millis(10));
    }
    ages
}
