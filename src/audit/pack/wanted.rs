//! What was noted elsewhere and must hold of the tree.

use std::collections::BTreeMap;

use super::Fault;
use crate::audit::tree::Hash;
use crate::note::Head;

/// A head that must be the tree's at its size, and whose word that is.
#[derive(Debug, Clone)]
pub struct Noted {
    /// The head.
    pub head: Head,
    /// Where it was noted.
    pub by: String,
    /// From which size on it must be the first: no other head may be between.
    pub first_from: Option<u64>,
}

/// Heads that the tree must have had, by size, and the sizes at which it must have had none.
#[derive(Default)]
pub(super) struct Wanted {
    heads: BTreeMap<u64, Vec<Noted>>,
    none: Vec<(u64, u64)>,
}

impl Wanted {
    pub(super) fn add(&mut self, noted: Noted, largest: u64) -> Result<(), Fault> {
        if noted.head.size > largest {
            let (by, size) = (&noted.by, noted.head.size);
            return Err(Fault::new(
                format!("日志被截短：{by} 有规模 {size} 的检查点，这里只到 {largest}"),
                format!(
                    "the log was cut off: {by} has a checkpoint of size {size}, here it ends at {largest}"
                ),
            ));
        }
        if let Some(from) = noted.first_from {
            self.none.push((from, noted.head.size));
        }
        self.heads.entry(noted.head.size).or_default().push(noted);
        self.heads.keys().try_for_each(|size| self.allows(*size))
    }

    /// Whether there may have been a head of this size.
    pub(super) fn allows(&self, size: u64) -> Result<(), Fault> {
        let earlier = self
            .none
            .iter()
            .find(|(from, below)| (*from..*below).contains(&size));
        match earlier {
            None => Ok(()),
            Some((from, below)) => Err(Fault::new(
                format!("样本的种子不是冻结（事件 {from}）后的第一个检查点：规模 {size} 早于 {below}"),
                format!(
                    "a sample was not drawn from the first checkpoint after its freezing (event {from}): there was one of size {size} before {below}"
                ),
            )),
        }
    }

    /// Compares the root at a size with those that were noted.
    pub(super) fn meets(&mut self, size: u64, root: &Hash) -> Result<(), Fault> {
        let noted = self.heads.remove(&size).unwrap_or_default();
        match noted.iter().find(|noted| noted.head.root != *root) {
            None => Ok(()),
            Some(noted) => Err(Fault::new(
                format!("日志被改写：规模 {size} 的树根与 {} 记下的不同", noted.by),
                format!(
                    "the log was rewritten: its root at size {size} is not that of {}",
                    noted.by
                ),
            )),
        }
    }

    pub(super) fn done(&self) -> Result<(), Fault> {
        match self.heads.first_key_value() {
            None => Ok(()),
            Some((size, noted)) => Err(Fault::new(
                format!("用这些证据包无法核对 {} 的检查点（规模 {size}）", noted[0].by),
                format!(
                    "these packs can't tell about the checkpoint of {} (size {size})",
                    noted[0].by
                ),
            )),
        }
    }
}
