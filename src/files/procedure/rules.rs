//! The procedure of a file that is handed in (建档程序, rules 25 to 34), pure: where it stands, who may take it on,
//! where it goes next. The whole state machine is [`after`]: from each step to the next that the policy names.

use super::{Check, CheckResult, CheckSubject, Outcome, Visit};
use crate::db::types::Date;
use crate::error::{Error, Result};
use crate::files::{File, Stage, Status};
use crate::organizations::Kind;
use crate::say;
use crate::separation::Part;

/// The step after `done`, at which the file must stand: none is skipped, none is done twice.
pub fn after(status: Status, stage: Option<Stage>, steps: &[Stage], done: Stage) -> Result<Option<Stage>> {
    match (status, stage) {
        (Status::Submitted, Some(stage)) if stage == done => {
            let at = steps.iter().position(|step| *step == done);
            Ok(at.and_then(|at| steps.get(at + 1)).copied())
        }
        (Status::Submitted, Some(stage)) => {
            let detail = say!(
                "档案正待{stage}，不能先办{done}",
                "the file waits for {stage}, not for {done}"
            );
            Err(Error::refused("wrong_stage", detail).with("stage", stage))
        }
        _ => {
            let detail = say!(
                "档案当前状态（{status}）不能办理此事",
                "this can't be done to a file that is {status}"
            );
            Err(Error::refused("wrong_status", detail).with("status", status))
        }
    }
}

/// The part that somebody takes who carries out a step: four people at least, as one person has one part (6).
pub fn part(stage: Stage) -> Part {
    match stage {
        Stage::BasicReview => Part::Reviewer,
        Stage::HomeVisit => Part::Visitor,
        Stage::EconomicCheck | Stage::CountyReview | Stage::PublicNotice => Part::Verifier,
        Stage::CityApproval => Part::Approver,
    }
}

/// Each step belongs to a level of the union: the county's are no basic union's, the approval is the city's.
pub fn may_from(stage: Stage, unit: Kind) -> Result<()> {
    let fits = match stage {
        Stage::BasicReview | Stage::HomeVisit => true,
        Stage::EconomicCheck | Stage::CountyReview | Stage::PublicNotice => {
            !matches!(unit, Kind::Basic | Kind::TownStreet)
        }
        Stage::CityApproval => unit == Kind::City,
    };
    if fits {
        return Ok(());
    }
    let detail = say!("此步须由上级工会办理", "this step is taken by a union above");
    Err(Error::refused("wrong_unit", detail).with("stage", stage))
}

/// A visit was made by enough people, each once, while the file was on its way (27).
pub fn sound_visit(visit: &Visit, at_least: i64, today: Date) -> Result<()> {
    if visit.visited_on > today {
        let detail = say!("不能晚于今天", "must not be in the future");
        return Err(Error::invalid("/visited_on", "in_future", detail));
    }
    let visitors = &visit.visitors;
    let distinct = visitors
        .iter()
        .enumerate()
        .all(|(at, who)| !visitors[..at].contains(who));
    let enough = i64::try_from(visitors.len()).is_ok_and(|n| n >= at_least);
    if distinct && enough {
        return Ok(());
    }
    let detail = say!(
        "入户调查至少 {at_least} 人，每人一次",
        "at least {at_least} visitors, each named once"
    );
    Err(Error::invalid("/visitors", "too_few", detail))
}

/// A check says something about each subject, once, with an authorisation that held on the day (28, 29).
pub fn sound_check(check: &Check, today: Date) -> Result<()> {
    if check.checked_on > today {
        let detail = say!("不能晚于今天", "must not be in the future");
        return Err(Error::invalid("/checked_on", "in_future", detail));
    }
    let authorized = check.authorization.signed_on..=check.authorization.valid_to;
    if !authorized.contains(&check.checked_on) {
        let detail = say!(
            "核对日须在授权书有效期内",
            "the check must lie within the authorisation"
        );
        return Err(Error::invalid("/authorization", "out_of_range", detail));
    }
    let times = |subject: &CheckSubject| check.findings.iter().filter(|f| f.subject == *subject).count();
    if CheckSubject::ALL.iter().any(|subject| times(subject) != 1) {
        let detail = say!(
            "六个核对项目各须一条结果",
            "each of the six subjects needs one finding"
        );
        return Err(Error::invalid("/findings", "incomplete", detail));
    }
    Ok(())
}

/// An objection is decided once.
pub fn is_open(outcome: Option<Outcome>) -> Result<()> {
    outcome.map_or(Ok(()), |_| Err(is_decided()))
}

/// The refusal of a second decision.
pub fn is_decided() -> Error {
    Error::refused(
        "wrong_status",
        say!("异议已处理", "the objection has been decided"),
    )
}

/// Whether a check found that what was said is not so: then the file goes back (29).
pub fn misfits(check: &Check) -> bool {
    check
        .findings
        .iter()
        .any(|finding| finding.result == CheckResult::Mismatch)
}

/// The approval waits for the end of the notice, if there must be one, and for every objection (30, 32).
pub fn may_approve(file: &File, notice_until: Option<Date>, open_objection: bool, today: Date) -> Result<()> {
    if open_objection {
        let detail = say!("有异议尚未处理", "an objection is not decided yet");
        return Err(Error::refused("objection_open", detail));
    }
    if !file.steps.0.contains(&Stage::PublicNotice) {
        return Ok(());
    }
    match notice_until {
        Some(until) if until < today => Ok(()),
        _ => {
            let detail = say!("公示尚未期满", "the public notice has not ended");
            Err(Error::refused("notice_running", detail).with("until_on", notice_until))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What may be tried with a file on its way: a step, or handing it in again after a return.
    #[derive(Debug, Clone, Copy)]
    enum Try {
        Do(Stage),
        Return,
        Submit,
    }

    fn tries() -> impl Strategy<Value = Vec<Try>> {
        let stage = prop::sample::select(Stage::ALL.to_vec()).prop_map(Try::Do);
        let one = prop_oneof![8 => stage, 1 => Just(Try::Return), 2 => Just(Try::Submit)];
        prop::collection::vec(one, 0..120)
    }

    fn orders() -> impl Strategy<Value = Vec<Stage>> {
        let before = [
            Stage::BasicReview,
            Stage::HomeVisit,
            Stage::EconomicCheck,
            Stage::CountyReview,
            Stage::PublicNotice,
        ];
        Just(before.to_vec()).prop_shuffle().prop_map(|mut steps| {
            steps.push(Stage::CityApproval);
            steps
        })
    }

    proptest! {
        #[test]
        fn no_sequence_of_calls_ends_without_every_step_since_the_file_was_handed_in(steps in orders(), tries in tries()) {
            let (mut status, mut stage) = (Status::Submitted, Some(steps[0]));
            let mut done: Vec<Stage> = Vec::new();
            for attempt in tries {
                match attempt {
                    Try::Return if status == Status::Submitted => (status, stage) = (Status::Returned, None),
                    Try::Submit if status == Status::Returned => {
                        (status, stage) = (Status::Submitted, Some(steps[0]));
                        done.clear();
                    }
                    Try::Do(step) => {
                        let Ok(next) = after(status, stage, &steps, step) else { continue };
                        done.push(step);
                        stage = next;
                        if next.is_none() {
                            status = Status::OnFile;
                        }
                    }
                    _ => {}
                }
                prop_assert!(status != Status::OnFile || done == steps);
            }
        }
    }

    #[test]
    fn four_different_parts_lie_between_handing_in_and_approval() {
        let mut parts: Vec<_> = Stage::ALL.iter().map(|stage| part(*stage)).collect();
        parts.push(Part::Recorder);
        parts.sort_unstable();
        parts.dedup();
        assert!(parts.len() >= 4);
    }
}
