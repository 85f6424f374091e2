//! The rules of audit tasks (80, 81). Values in, verdict out.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use crate::db::types::Date;
use crate::error::{Error, Result};
use crate::funds::FundId;
use crate::organizations::{self, Organization, OrganizationId};
use crate::{say, text_enum};

text_enum! {
    /// What was done about a task.
    pub enum Status {
        /// Nothing yet.
        Due = "due",
        /// Begun.
        Running = "running",
        /// Concluded.
        Done = "done",
    }
}
text_enum! {
    /// Where an audit task stands today.
    #[schema(as = AuditTaskStatus)]
    pub enum State {
        /// Not begun, and there is time.
        Due = "due",
        /// Begun, and there is time.
        Running = "running",
        /// Concluded.
        Done = "done",
        /// Not concluded on the day by which it should have been.
        Overdue = "overdue",
    }
}

/// What is audited: a unit, or a fund that it keeps.
pub(super) type Subject = (OrganizationId, Option<FundId>);

/// The audit of a unit, or of this fund of it, and where it stands; without a state nobody has planned it.
type Audit = (Option<FundId>, Option<State>);

/// Where a task stands on a day.
pub(super) fn state(status: Status, due_on: Date, today: Date) -> State {
    match status {
        Status::Done => State::Done,
        _ if due_on < today => State::Overdue,
        Status::Due => State::Due,
        Status::Running => State::Running,
    }
}

/// A unit audits what lies directly below it; so its own auditors do it (81).
pub(super) fn own_task(actor: Option<OrganizationId>, auditing: OrganizationId) -> Result<()> {
    if actor == Some(auditing) {
        return Ok(());
    }
    let detail = say!(
        "该任务由其他单位审计：每级审计其直接下级",
        "the audit is another unit's: each audits the level directly below it"
    );
    Err(Error::refused("other_unit", detail))
}

/// A task is begun once.
pub(super) fn may_start(status: Status) -> Result<()> {
    match status {
        Status::Due => Ok(()),
        other => Err(wrong_status(other)),
    }
}

/// Something is found, and somebody invited, while the audit is not over.
pub(super) fn still_runs(status: Status) -> Result<()> {
    match status {
        Status::Running => Ok(()),
        other => Err(wrong_status(other)),
    }
}

/// What was concluded stays.
pub(super) fn not_done(status: Status) -> Result<()> {
    match status {
        Status::Done => Err(wrong_status(status)),
        Status::Due | Status::Running => Ok(()),
    }
}

/// A task that runs is concluded when the unit has answered all that was found: it is heard first.
pub(super) fn may_finish(status: Status, unanswered: i64) -> Result<()> {
    still_runs(status)?;
    if unanswered == 0 {
        return Ok(());
    }
    let detail = say!(
        "尚有 {unanswered} 项审计发现未答复",
        "{unanswered} findings wait for an answer"
    );
    Err(Error::refused("findings_unanswered", detail))
}

fn wrong_status(status: Status) -> Error {
    let detail = say!(
        "审计任务状态为 {status}，不能办理",
        "an audit task that is {status} does not allow this"
    );
    Error::refused("wrong_status", detail).with("status", status)
}

/// What there is to audit of these units: each that is open and has a unit above, and each fund that it keeps.
pub(super) fn subjects(units: &[Organization], funds: &[(OrganizationId, FundId)]) -> BTreeSet<Subject> {
    let audited =
        |unit: &&Organization| unit.parent_id.is_some() && unit.status == organizations::Status::Active;
    let open: BTreeSet<_> = units.iter().filter(audited).map(|unit| unit.id).collect();
    let of_funds = funds.iter().filter(|(unit, _)| open.contains(unit));
    let of_funds = of_funds.map(|(unit, fund)| (*unit, Some(*fund)));
    open.iter().map(|unit| (*unit, None)).chain(of_funds).collect()
}

/// How many audits of a year stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AuditCoverageCounts)]
pub struct Counts {
    /// What there is to audit: units and the funds that they keep.
    pub subjects: i64,
    /// Of these, without a task.
    pub not_planned: i64,
    /// Not begun, and there is time.
    pub due: i64,
    /// Begun, and there is time.
    pub running: i64,
    /// Concluded.
    pub done: i64,
    /// Late.
    pub overdue: i64,
    /// Concluded, in basis points of what there is to audit, rounded down.
    #[schema(example = 5000)]
    pub coverage_bp: i64,
}

impl Counts {
    fn add(&mut self, state: Option<State>) {
        let slot = match state {
            None => &mut self.not_planned,
            Some(State::Due) => &mut self.due,
            Some(State::Running) => &mut self.running,
            Some(State::Done) => &mut self.done,
            Some(State::Overdue) => &mut self.overdue,
        };
        *slot += 1;
        self.subjects += 1;
        self.coverage_bp = self.done * 10_000 / self.subjects;
    }
}

/// The audits of one unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AuditCoverageLine)]
pub struct Line {
    /// The unit that is audited.
    pub organization_id: OrganizationId,
    /// Its name.
    #[schema(example = "镜湖区总工会")]
    pub name: String,
    /// Whether nobody has planned to audit the unit itself.
    pub unit_not_planned: bool,
    /// The funds of the unit that nobody has planned to audit.
    pub funds_not_planned: Vec<FundId>,
    /// How its audits stand.
    #[serde(flatten)]
    pub counts: Counts,
}

/// How far the audits of a year have come (80): units with something to audit, in the order given, and all together.
pub(super) fn coverage(
    units: &[Organization],
    funds: &[(OrganizationId, FundId)],
    tasks: &[(Subject, State)],
) -> (Counts, Vec<Line>) {
    let planned: BTreeSet<_> = tasks.iter().map(|(subject, _)| *subject).collect();
    let mut found: BTreeMap<OrganizationId, Vec<Audit>> = BTreeMap::new();
    for ((unit, fund), state) in tasks {
        found.entry(*unit).or_default().push((*fund, Some(*state)));
    }
    for (unit, fund) in subjects(units, funds).difference(&planned) {
        found.entry(*unit).or_default().push((*fund, None));
    }
    let mut total = Counts::default();
    let mut lines = Vec::new();
    for unit in units {
        let Some(audits) = found.get(&unit.id) else {
            continue;
        };
        let mut counts = Counts::default();
        for (_, state) in audits {
            counts.add(*state);
            total.add(*state);
        }
        let missing = || audits.iter().filter(|(_, state)| state.is_none());
        lines.push(Line {
            organization_id: unit.id,
            name: unit.name.clone(),
            unit_not_planned: missing().any(|(fund, _)| fund.is_none()),
            funds_not_planned: missing().filter_map(|(fund, _)| *fund).collect(),
            counts,
        });
    }
    (total, lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::types::{Id, Timestamp};
    use crate::organizations::Kind;

    fn unit(parent_id: Option<OrganizationId>, status: organizations::Status) -> Organization {
        Organization {
            id: Id::new(Timestamp::now()),
            parent_id,
            kind: Kind::District,
            name: "n".into(),
            code: "c".into(),
            region_code: None,
            status,
            path: "/".into(),
            version: 1,
        }
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_task_is_overdue_from_the_day_after_it_was_due_until_it_is_concluded() {
        let due = day("2020-12-31");
        let on = |status, today| state(status, due, day(today));
        assert_eq!(on(Status::Due, "2020-12-31"), State::Due);
        assert_eq!(on(Status::Running, "2020-12-31"), State::Running);
        assert_eq!(on(Status::Due, "2021-01-01"), State::Overdue);
        assert_eq!(on(Status::Running, "2021-01-01"), State::Overdue);
        assert_eq!(on(Status::Done, "2021-01-01"), State::Done);
    }

    #[test]
    fn a_task_begins_once_and_ends_when_everything_is_answered() {
        assert!(may_start(Status::Due).is_ok() && may_start(Status::Running).is_err());
        assert!(may_finish(Status::Running, 0).is_ok() && may_finish(Status::Due, 0).is_err());
        let waiting = may_finish(Status::Running, 2).unwrap_err();
        assert_eq!(waiting.code(), "findings_unanswered");
        assert!(not_done(Status::Due).is_ok() && not_done(Status::Done).is_err());
    }

    #[test]
    fn the_root_and_closed_units_are_audited_by_nobody() {
        use organizations::Status::{Active, Closed};
        let root = unit(None, Active);
        let (open, closed) = (unit(Some(root.id), Active), unit(Some(root.id), Closed));
        let fund = Id::new(Timestamp::now());
        let units = [root.clone(), open.clone(), closed.clone()];
        let funds = [(root.id, fund), (open.id, fund), (closed.id, fund)];
        let expected = BTreeSet::from([(open.id, None), (open.id, Some(fund))]);
        assert_eq!(subjects(&units, &funds), expected);
    }

    #[test]
    fn what_has_no_task_is_shown_and_counts_against_the_coverage() {
        let root = unit(None, organizations::Status::Active);
        let district = unit(Some(root.id), organizations::Status::Active);
        let gone = unit(Some(root.id), organizations::Status::Closed);
        let fund = Id::new(Timestamp::now());
        let units = [root, district.clone(), gone.clone()];
        let tasks = [
            ((district.id, None), State::Done),
            ((gone.id, None), State::Overdue),
        ];
        let (total, lines) = coverage(&units, &[(district.id, fund)], &tasks);
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].funds_not_planned, [fund]);
        assert!(!lines[0].unit_not_planned);
        let half = Counts {
            subjects: 2,
            not_planned: 1,
            done: 1,
            coverage_bp: 5000,
            ..Counts::default()
        };
        assert_eq!(lines[0].counts, half);
        assert_eq!((total.subjects, total.overdue, total.coverage_bp), (3, 1, 3333));
        let (nothing, none) = coverage(&[], &[], &[]);
        assert_eq!((nothing, none.len()), (Counts::default(), 0));
    }

    #[test]
    fn only_auditors_of_the_unit_above_audit_a_unit() {
        let (own, other) = (Id::new(Timestamp::now()), Id::new(Timestamp::now()));
        assert!(own_task(Some(own), own).is_ok());
        assert_eq!(own_task(Some(other), own).unwrap_err().code(), "other_unit");
        assert!(own_task(None, own).is_err());
    }
}
