//! Runs one piece of work again and again on a number of threads, and says how fast it went.

use std::sync::Barrier;
use std::time::{Duration, Instant};

/// How fast it went.
#[derive(Clone, Copy)]
pub struct Speed {
    pub per_second: f64,
    /// Milliseconds within which 50, 95 and 99 of a hundred were done.
    pub p50: f64,
    pub p95: f64,
    pub p99: f64,
}

/// For how long one measurement runs, and how often at most.
#[derive(Clone, Copy)]
pub struct Bounds {
    pub time: Duration,
    pub count: usize,
}

/// Runs `work` on `threads` threads; `begin` makes the work of one thread, and the work gets the number of its run.
/// The first fifth of the time only warms up.
/// It ends early when fewer than `threads` are `left` to be done.
pub fn measure<W: FnMut(usize)>(
    threads: usize,
    bounds: Bounds,
    left: impl Fn() -> usize + Sync,
    begin: impl Fn() -> W + Sync,
) -> Speed {
    let start = Barrier::new(threads);
    let (warm_up, each) = (bounds.time / 5, bounds.count.div_ceil(threads));
    let one = |thread: usize| {
        let mut work = begin();
        let mut run = thread * 7919;
        let mut next = || {
            let before = Instant::now();
            work(run);
            run += 1;
            before.elapsed()
        };
        start.wait();
        let begun = Instant::now();
        while begun.elapsed() < warm_up && left() > threads {
            next();
        }
        let (begun, mut took) = (Instant::now(), Vec::new());
        while begun.elapsed() < bounds.time && took.len() < each && left() > threads {
            took.push(next());
        }
        (took.len() as f64 / begun.elapsed().as_secs_f64(), took)
    };
    let runs: Vec<(f64, Vec<Duration>)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|n| scope.spawn(move || one(n))).collect();
        threads
            .into_iter()
            .map(|t| t.join().expect("a thread of the benchmark failed"))
            .collect()
    });
    let per_second = runs.iter().map(|(rate, _)| rate).sum();
    let mut took: Vec<Duration> = runs.into_iter().flat_map(|(_, took)| took).collect();
    took.sort_unstable();
    let within = |percent: usize| match took.len() {
        0 => f64::NAN,
        n => took[(n * percent / 100).min(n - 1)].as_secs_f64() * 1000.0,
    };
    Speed {
        per_second,
        p50: within(50),
        p95: within(95),
        p99: within(99),
    }
}
