//! Tables in Markdown.

use std::process::Command;

use crate::measure::Speed;
use crate::money::Took;
use crate::sealing::Sealing;
use crate::service::Filled;

/// One measurement.
pub struct Line {
    pub operation: &'static str,
    pub households: usize,
    pub connections: usize,
    pub http: Speed,
    pub direct: Speed,
}

fn said_by(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|o| String::from_utf8_lossy(&o.stdout).trim().to_owned());
    text.unwrap_or_default()
}

/// What it ran on.
pub fn machine() {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(0, |n| n.get());
    let changed = !said_by("git", &["status", "--porcelain"]).is_empty();
    println!(
        "Machine: {}, {cores} cores, {}; client and service share them. Commit {}{}, {}, {}.",
        cpu.map_or("unknown processor", |(_, name)| name),
        said_by("uname", &["-sr"]),
        said_by("git", &["rev-parse", "--short", "HEAD"]),
        if changed { " with changes" } else { "" },
        said_by("rustc", &["--version"]),
        if cfg!(debug_assertions) {
            "unoptimised"
        } else {
            "optimised"
        },
    );
}

/// What was filled.
pub fn filled(demo: &Filled) {
    println!(
        "\n{} households were filled in {:.0} s, {} MB in SQLite.",
        demo.households,
        demo.took.as_secs_f64(),
        demo.megabytes
    );
}

/// What sealing costs.
pub fn sealing(database: &str, measured: &Sealing) {
    let [p50, p99, most] = measured.lag;
    println!(
        "\n## {database}, sealing, {} connections that write\n",
        measured.connections
    );
    println!("| sealed, writes/s | not sealed, writes/s | ratio | wait p50 ms | p99 ms | most ms |");
    println!("|---:|---:|---:|---:|---:|---:|");
    println!(
        "| {:.0} | {:.0} | {:.3} | {p50:.0} | {p99:.0} | {most:.0} |",
        measured.on,
        measured.off,
        measured.on / measured.off
    );
}

/// Every measurement of one service.
pub fn table(database: &str, demo: &Filled, lines: &[Line]) {
    println!("\n## {database}, {} households\n", demo.households);
    println!(
        "| operation | connections | requests/s | p50 ms | p95 ms | p99 ms | directly/s | HTTP to direct |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|");
    for line in lines {
        let Speed {
            per_second,
            p50,
            p95,
            p99,
        } = line.http;
        println!(
            "| {} | {} | {per_second:.0} | {p50:.2} | {p95:.2} | {p99:.2} | {:.0} | {:.2} |",
            line.operation,
            line.connections,
            line.direct.per_second,
            per_second / line.direct.per_second
        );
    }
}

/// What batches took.
pub fn batches(database: &str, demo: &Filled, took: &[Took]) {
    if took.is_empty() {
        return;
    }
    println!("\n## {database}, {} households: batches\n", demo.households);
    println!("| operation | lines | HTTP s | directly s | lines/s over HTTP | HTTP to direct |");
    println!("|---|---:|---:|---:|---:|---:|");
    for one in took {
        let (http, direct) = (one.http.as_secs_f64(), one.direct.as_secs_f64());
        println!(
            "| {} | {} | {http:.2} | {direct:.2} | {:.0} | {:.2} |",
            one.operation,
            one.lines,
            one.lines as f64 / http,
            direct / http
        );
    }
}

/// The time of the largest demo to that of the smallest.
pub fn ratios(database: &str, lines: &[Line], households: &[usize]) {
    let (Some(least), Some(most)) = (households.iter().min(), households.iter().max()) else {
        return;
    };
    if least == most {
        return;
    }
    println!("\n## {database}, {most} households to {least}\n");
    println!("| operation | connections | median time, ratio | rate, ratio |");
    println!("|---|---:|---:|---:|");
    for large in lines.iter().filter(|line| line.households == *most) {
        let same = |line: &&Line| {
            line.households == *least
                && (line.operation, line.connections) == (large.operation, large.connections)
        };
        if let Some(small) = lines.iter().find(same) {
            println!(
                "| {} | {} | {:.2} | {:.2} |",
                large.operation,
                large.connections,
                large.http.p50 / small.http.p50,
                large.http.per_second / small.http.per_second
            );
        }
    }
}
