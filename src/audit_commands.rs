//! The commands about the log: checking it, here or anywhere, packs, witnesses.

use std::path::{Path, PathBuf};

use bangfu::audit;
use bangfu::audit::pack::{self, Noted, Question};
use bangfu::auth::Scope;
use bangfu::config::Storage;
use bangfu::db::types::Timestamp;
use bangfu::note::{Kind, Verifier};
use bangfu::policies;
use bangfu::samples;
use bangfu::witness::{self, Witness};
use clap::{Args, Subcommand};

use crate::{Done, deep, open_database, print_line};

#[derive(Subcommand)]
pub enum Audit {
    /// Check packs, evidence files and samples, with no server; without a path: the whole log in the database.
    Verify(Verify),
    /// Write a part of the log as a pack that anybody can check.
    Export(Export),
    /// Remove the events of a pack from the database, when the policy `audit` says that they are old enough. Keep the pack.
    Retire {
        #[command(flatten)]
        storage: Storage,
        /// The pack, as `bangfu audit export` wrote it.
        dir: PathBuf,
    },
    /// Watch the log of a service elsewhere: check that it only grew, and sign under its head.
    Witness(Watch),
    /// Make the key of a witness and print its public half, for the service's security administrator to register.
    WitnessKey {
        /// The file to make.
        file: PathBuf,
        /// The name that the witness signs under, such as province.example/witness.
        #[arg(long)]
        name: String,
    },
    /// Print the public half of the log's key, for auditors to note down.
    Key {
        #[command(flatten)]
        storage: Storage,
    },
}

#[derive(Args)]
pub struct Verify {
    #[command(flatten)]
    storage: Storage,
    /// Packs (folders), evidence files and samples.
    paths: Vec<PathBuf>,
    /// The key of the log as it was noted at installation.
    #[arg(long, value_parser = |text: &str| key(text, Kind::Log))]
    key: Option<Verifier>,
    /// A file with a checkpoint that was noted before; may be given more than once.
    #[arg(long, value_name = "FILE")]
    known: Vec<PathBuf>,
    /// The key of a witness that must have signed; may be given more than once.
    #[arg(long, value_parser = |text: &str| key(text, Kind::Witness))]
    witness: Vec<Verifier>,
}

#[derive(Args)]
pub struct Export {
    #[command(flatten)]
    storage: Storage,
    /// Number of the first event.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(i64).range(1..))]
    from: i64,
    /// Number of the last event; the last of the log when empty.
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..))]
    to: Option<i64>,
    /// The folder to make.
    dir: PathBuf,
}

#[derive(Args)]
pub struct Watch {
    /// Where the service is, such as https://bangfu.example.cn.
    #[arg(long)]
    url: String,
    /// The witness's key file, as made by `bangfu audit witness-key`.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Folder for what the witness remembers.
    #[arg(long, value_name = "DIR", default_value = "witness")]
    state: PathBuf,
    /// The key of the log as it was noted at installation; else that of the first run.
    #[arg(long, value_parser = |text: &str| key(text, Kind::Log))]
    log_key: Option<Verifier>,
    /// Look again after so many seconds; once when 0.
    #[arg(long, default_value_t = 0)]
    every: u64,
}

fn key(text: &str, kind: Kind) -> Result<Verifier, &'static str> {
    let key: Option<Verifier> = text.parse().ok();
    key.filter(|key| key.kind() == kind)
        .ok_or("not a key of that kind: name+id+base64")
}

pub fn run(command: &Audit) -> Done {
    match command {
        Audit::Verify(settings) if settings.paths.is_empty() => verify_database(&settings.storage),
        Audit::Verify(settings) => verify(settings),
        Audit::Export(settings) => export(settings),
        Audit::Retire { storage, dir } => retire(storage, dir),
        Audit::Witness(settings) => watch(settings),
        Audit::WitnessKey { file, name } => {
            print_line(&witness::create_key(file, name).map_err(deep)?.to_string())
        }
        Audit::Key { storage } => print_line(&open_database(storage)?.keys().log().verifier().to_string()),
    }
}

fn verify_database(storage: &Storage) -> Done {
    let db = open_database(storage)?;
    let verdict = db
        .read_blocking(Scope::All, |rx| audit::verify(rx, 1, None))
        .map_err(deep)?;
    match verdict.first_bad_seq {
        None if verdict.moved > 0 => print_line(&format!(
            "the log is whole: {} events checked; events 1 to {} were moved to files: check them with those that follow",
            verdict.checked, verdict.moved
        )),
        None => print_line(&format!("the log is whole: {} events checked", verdict.checked)),
        Some(seq) => Err(format!(
            "the log does not fit from event {seq} on; {} events checked",
            verdict.checked
        )
        .into()),
    }
}

fn verify(settings: &Verify) -> Done {
    let mut question = Question {
        key: settings.key.clone(),
        witnesses: settings.witness.clone(),
        known: Vec::new(),
    };
    for file in &settings.known {
        question
            .known
            .push((file.display().to_string(), std::fs::read_to_string(file)?));
    }
    if let Some(missing) = settings.paths.iter().find(|path| !path.exists()) {
        return Err(format!("{}: no such file or folder", missing.display()).into());
    }
    let (packs, files): (Vec<PathBuf>, Vec<PathBuf>) =
        settings.paths.iter().cloned().partition(|path| path.is_dir());
    let mut noted = Vec::new();
    for path in &files {
        noted.push(file(path, &question, packs.is_empty())?);
    }
    if !packs.is_empty() {
        told(&pack::check(&packs, &noted, &question)?)?;
    }
    if settings.key.is_none() {
        print_line(
            "未核对日志公钥（--key）：请与安装时记下的比对 · the log's key was taken from the files: compare it with the one noted at installation",
        )?;
    }
    Ok(())
}

/// Checks an evidence file or a sample.
fn file(file: &Path, question: &Question, alone: bool) -> Result<Noted, Box<dyn std::error::Error>> {
    let content = std::fs::read(file)?;
    let format = pack::read_strictly(&content).and_then(|value| value["format"].as_str().map(str::to_owned));
    let name = file.display();
    if format.as_deref() == Some("bangfu-sample/1") {
        let (noted, drawn) = samples::check(&content, question, alone)?;
        print_line(&format!(
            "{name}: 成立 · holds: 抽出 drawn {drawn}, 检查点 checkpoint {}",
            noted.head.size
        ))?;
        return Ok(noted);
    }
    let (noted, events, openings) = pack::check_evidence(&content, question, alone)?;
    print_line(&format!(
        "{name}: 成立 · holds: {events} 条事件 events, {openings} 个核对过的值 values opened, 检查点 checkpoint {}; 其余内容仅供阅读 · the rest is for reading and not proved",
        noted.head.size
    ))?;
    Ok(noted)
}

fn told(report: &pack::Report) -> Done {
    let witnesses = match &report.witnesses[..] {
        [] => "无 none".to_owned(),
        keys => keys.iter().map(Verifier::name).collect::<Vec<_>>().join(", "),
    };
    print_line(&format!(
        "日志成立 · the log holds: 事件 events {}–{}, 检查点 checkpoints {}, 规模 size {}, 见证人 witnesses: {witnesses}\n日志公钥 key: {}",
        report.from, report.to, report.checkpoints, report.head.size, report.log_key
    ))
}

fn export(settings: &Export) -> Done {
    let db = open_database(&settings.storage)?;
    let to = pack::export(&db, settings.from, settings.to, &settings.dir).map_err(deep)?;
    print_line(&format!(
        "{}: 事件 events {}–{to}\n日志公钥 key: {}",
        settings.dir.display(),
        settings.from,
        db.keys().log().verifier()
    ))
}

fn retire(storage: &Storage, dir: &Path) -> Done {
    let db = open_database(storage)?;
    let (from, to) = audit::retire(&db, dir, policies::log_kept_from).map_err(deep)?;
    print_line(&format!(
        "事件 events {from}–{to} 已移出数据库，请妥善保管 moved out of the database; keep {}",
        dir.display()
    ))
}

fn watch(settings: &Watch) -> Done {
    let key = witness::load_key(&settings.key).map_err(deep)?;
    let witness = Witness::new(&settings.url, key, &settings.state).map_err(deep)?;
    loop {
        let head = witness
            .look(settings.log_key.as_ref(), Timestamp::now())
            .map_err(deep)?;
        print_line(&format!("已签名 signed: {} 规模 size {}", head.origin, head.size))?;
        if settings.every == 0 {
            return Ok(());
        }
        std::thread::sleep(std::time::Duration::from_secs(settings.every));
    }
}
