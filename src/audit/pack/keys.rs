//! The keys that are known while checking, and what they signed.

use std::collections::BTreeSet;

use super::wanted::{Noted, Wanted};
use super::{Fault, Question};
use crate::note::{Head, Kind, Note, Verifier};

/// The keys that are known while checking.
pub(super) struct Keys {
    pub log: Verifier,
    pub witnesses: Vec<Verifier>,
}

impl Keys {
    /// The keys that a file names, as far as they may stand together and fit what is known from elsewhere.
    pub(super) fn read(
        origin: &str,
        log: &str,
        witnesses: &[String],
        question: &Question,
    ) -> Result<Self, Fault> {
        let bad = || Fault::new("公钥格式不正确", "a key is not in its form");
        let log: Verifier = log.parse().map_err(|()| bad())?;
        let mut all: Vec<Verifier> = witnesses
            .iter()
            .map(|key| key.parse())
            .collect::<Result<_, ()>>()
            .map_err(|()| bad())?;
        if log.kind() != Kind::Log
            || log.name() != origin
            || all.iter().any(|key| key.kind() != Kind::Witness)
        {
            return Err(bad());
        }
        if question.key.as_ref().is_some_and(|known| *known != log) {
            return Err(Fault::new(
                "日志公钥与已知的不同：这是另一本日志",
                "the log's key is not the one that is known: this is another log",
            ));
        }
        for key in &question.witnesses {
            if !all.contains(key) {
                all.push(key.clone());
            }
        }
        let distinct: BTreeSet<_> = all.iter().chain([&log]).map(Verifier::public).collect();
        if distinct.len() != all.len() + 1 {
            return Err(Fault::new("两个公钥相同", "one key under two names"));
        }
        Ok(Self { log, witnesses: all })
    }

    /// The head that a checkpoint's note says, if the log signed it and every known witness that is named did.
    pub(super) fn head(&self, note: &str) -> Result<(Head, Vec<Verifier>), Fault> {
        let form = || Fault::new("检查点格式不正确", "a checkpoint is not in its form");
        let note: Note = note.parse().map_err(|()| form())?;
        let head: Head = note.text().parse().map_err(|()| form())?;
        if head.origin != self.log.name() {
            return Err(Fault::new("检查点属于另一本日志", "a checkpoint of another log"));
        }
        if note.signed_by(&self.log).is_none() {
            let zh = format!("规模 {} 的检查点签名无效", head.size);
            return Err(Fault::new(
                zh,
                format!("the checkpoint of size {} is not signed by the log", head.size),
            ));
        }
        let claimed = self.witnesses.iter().filter(|key| note.claims(key));
        let mut signed: Vec<Verifier> = Vec::new();
        for key in claimed {
            if note.signed_by(key).is_none() {
                let zh = format!("规模 {} 的检查点上 {} 的签名无效", head.size, key.name());
                let en = format!(
                    "the signature of {} under the checkpoint of size {} is forged",
                    key.name(),
                    head.size
                );
                return Err(Fault::new(zh, en));
            }
            signed.push(key.clone());
        }
        Ok((head, signed))
    }

    /// The checkpoints that were noted elsewhere.
    pub(super) fn noted(&self, question: &Question) -> Result<Vec<Noted>, Fault> {
        let read = |(by, note): &(String, String)| {
            let (head, _) = self.head(note)?;
            Ok(Noted {
                head,
                by: by.clone(),
                first_from: None,
            })
        };
        question.known.iter().map(read).collect()
    }

    /// Whether a checkpoint that stands alone is the one that was noted, whatever was noted.
    pub(super) fn alone(&self, head: &Head, question: &Question) -> Result<(), Fault> {
        let mut wanted = Wanted::default();
        for noted in self.noted(question)? {
            wanted.add(noted, head.size)?;
        }
        wanted.meets(head.size, &head.root)?;
        wanted.done()
    }

    /// Whether the witnesses that were asked for signed.
    pub(super) fn witnessed(signed: &[Verifier], question: &Question) -> Result<(), Fault> {
        match question.witnesses.iter().find(|key| !signed.contains(key)) {
            None => Ok(()),
            Some(key) => Err(Fault::new(
                format!("{} 没有在检查点上签名", key.name()),
                format!("{} has not signed under the head", key.name()),
            )),
        }
    }
}
