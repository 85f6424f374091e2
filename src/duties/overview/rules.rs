//! Adding up a summary (56). Values in, sums out.

use std::collections::{BTreeMap, HashMap};

use super::{DutyCounts, Group, SummaryLine};
use crate::ledger::{Kind, State};
use crate::organizations::{Organization, OrganizationId, Status};

/// What a counter counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Complete ledgers.
    Complete,
    /// Duties of a kind in a state.
    Duties {
        /// The kind.
        kind: Kind,
        /// The state.
        state: State,
        /// Whether they were due before today.
        past: bool,
    },
}

/// A counter of a unit and contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The unit.
    pub organization_id: OrganizationId,
    /// The contact; empty for none.
    pub contact: String,
    /// What is counted.
    pub counted: Counted,
    /// How many.
    pub n: i64,
}

/// The line of a group.
pub fn line(group: Group, cells: &[Cell]) -> SummaryLine {
    let empty = Kind::ALL.iter().map(|kind| (*kind, DutyCounts::default()));
    let mut kinds: BTreeMap<Kind, DutyCounts> = empty.collect();
    let (mut households, mut complete) = (0, 0);
    for cell in cells {
        match cell.counted {
            Counted::Complete => complete += cell.n,
            Counted::Duties {
                state: State::None, ..
            } => {}
            Counted::Duties { kind, state, past } => {
                // every file that was on file has one duty of each kind
                if kind == Kind::Call {
                    households += cell.n;
                }
                *slot(kinds.entry(kind).or_default(), state, past) += cell.n;
            }
        }
    }
    SummaryLine {
        group,
        households,
        complete,
        completion_bp: basis_points(complete, households),
        kinds,
    }
}

fn slot(counts: &mut DutyCounts, state: State, past: bool) -> &mut i64 {
    match state {
        State::Done => &mut counts.done,
        State::Waived => &mut counts.waived,
        State::NotApplicable | State::None => &mut counts.not_applicable,
        State::Open if past => &mut counts.overdue,
        State::Open => &mut counts.due,
    }
}

fn basis_points(part: i64, whole: i64) -> i64 {
    if whole == 0 { 0 } else { part * 10_000 / whole }
}

/// The counters of each group.
pub fn split(cells: Vec<Cell>, group: impl Fn(&Cell) -> Option<String>) -> BTreeMap<String, Vec<Cell>> {
    let mut groups: BTreeMap<String, Vec<Cell>> = BTreeMap::new();
    for cell in cells {
        if let Some(name) = group(&cell) {
            groups.entry(name).or_default().push(cell);
        }
    }
    groups
}

/// A line per kind of duty, from the total.
pub fn by_kind(total: &SummaryLine) -> Vec<SummaryLine> {
    let line = |(kind, counts): (&Kind, &DutyCounts)| {
        let complete = counts.done + counts.waived;
        let households = complete + counts.due + counts.overdue;
        let group = Group {
            id: Some(kind.to_string()),
            name: Some(kind_name(*kind).to_owned()),
        };
        SummaryLine {
            group,
            households,
            complete,
            completion_bp: basis_points(complete, households),
            kinds: BTreeMap::from([(*kind, *counts)]),
        }
    };
    total.kinds.iter().map(line).collect()
}

/// The campaign's own name of a duty.
fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Call => "一次电话",
        Kind::FileUpdate => "一次信息更新",
        Kind::CareVisit => "一次关爱",
        Kind::Insurance => "一份保障",
        Kind::JobPlacement => "一份岗位",
    }
}

/// A line per contact who has any household, by name.
pub fn by_contact(groups: BTreeMap<String, Vec<Cell>>, names: &HashMap<String, String>) -> Vec<SummaryLine> {
    let lines = groups.into_iter().map(|(id, cells)| {
        let name = names.get(&id).cloned();
        let id = Some(id).filter(|id| !id.is_empty());
        line(Group { id, name }, &cells)
    });
    let mut lines: Vec<_> = lines.filter(|line| line.households > 0).collect();
    lines.sort_by(|a, b| (&a.group.name, &a.group.id).cmp(&(&b.group.name, &b.group.id)));
    lines
}

/// The unit itself for what it holds directly, if anything; then the units directly below, each with its subtree.
pub fn by_unit(
    unit: &Organization,
    children: &[Organization],
    below: Vec<(OrganizationId, String)>,
    cells: Vec<Cell>,
) -> Vec<SummaryLine> {
    let child_of = |path: &str| {
        path.strip_prefix(unit.path.as_str())?
            .split('/')
            .next()
            .map(str::to_owned)
    };
    let place: HashMap<OrganizationId, String> = below
        .into_iter()
        .map(|(id, path)| (id, child_of(&path).unwrap_or_default()))
        .collect();
    let mut groups = split(cells, |cell| place.get(&cell.organization_id).cloned());
    let mut of = |unit: &Organization, key: &str| {
        let group = Group {
            id: Some(unit.id.to_string()),
            name: Some(unit.name.clone()),
        };
        line(group, &groups.remove(key).unwrap_or_default())
    };
    let own = Some(of(unit, "")).filter(|line| line.households > 0 || children.is_empty());
    let lines = children
        .iter()
        .map(|child| (child, of(child, &child.id.to_string())));
    let lines = lines.filter(|(child, line)| child.status == Status::Active || line.households > 0);
    let lines: Vec<_> = lines.map(|(_, line)| line).collect();
    own.into_iter().chain(lines).collect()
}
