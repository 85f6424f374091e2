//! What an application is judged by: the member, the file, what was granted before, what limits it.

use super::rules::{Assessment, Case, FileFacts, Limit, Warning, judge};
use super::{Application, Details, NewApplication, Period, bill_already_used, draft::check_kind, store};
use crate::claims::{self, rules::stays};
use crate::db::types::Fen;
use crate::db::{Rx, Tx};
use crate::error::{Error, FieldError, Result};
use crate::files::household::{self, PersonId};
use crate::files::{self, File, FileId, Level, means, upkeep};
use crate::members::{self, Member, MemberId};
use crate::organizations::OrganizationId;
use crate::policies::rules::{Aid, AidCaps, AidKind, Cap};
use crate::policies::{self, PolicyId};
use crate::say;

/// Whom aid is for: a household on file, or a member.
pub(super) struct Subject {
    pub file: Option<File>,
    pub member: Member,
}

impl Subject {
    pub fn unit(&self) -> OrganizationId {
        let of_file = self.file.as_ref().map(|file| file.organization_id);
        of_file.unwrap_or(self.member.organization_id)
    }
}

/// A verdict with what granting it needs.
pub(super) struct Verdict {
    pub assessment: Assessment,
    pub needs_file: bool,
    pub level: Option<Level>,
    /// The limit it was judged by.
    pub limit: Option<Fen>,
    /// Digests of those who have had the kind once it is granted.
    pub people: Vec<String>,
}

/// What is asked for, whether it is stored or not.
struct Asked<'a> {
    kind: &'a str,
    period: Period,
    details: &'a Details,
    settlement: Option<String>,
    except: Option<super::AidId>,
}

/// The file or the member that a body names, in scope: exactly one of them.
pub(super) fn subject(rx: &mut Rx, file: Option<FileId>, member: Option<MemberId>) -> Result<Subject> {
    let unknown = |pointer: &'static str| {
        move |error| match error {
            Error::NotFound(_) => Error::unknown_reference(pointer),
            other => other,
        }
    };
    match (file, member) {
        (Some(file), None) => {
            let file = files::find(rx, file).map_err(unknown("/file_id"))?;
            let member = members::find_any(rx, file.member_id)?;
            Ok(Subject {
                file: Some(file),
                member,
            })
        }
        (None, Some(member)) => Ok(Subject {
            file: None,
            member: members::find(rx, member).map_err(unknown("/member_id"))?,
        }),
        _ => {
            let detail = say!(
                "file_id 与 member_id 须且只须填写一项",
                "give file_id or member_id, one of the two"
            );
            Err(Error::invalid("/file_id", "does_not_fit", detail))
        }
    }
}

/// Whom an application is for, whoever keeps the file now.
pub(super) fn subject_of(rx: &mut Rx, application: &Application) -> Result<Subject> {
    Ok(Subject {
        file: file_of(rx, application)?,
        member: members::find_any(rx, application.member_id)?,
    })
}

/// The file of an application, whoever keeps it now.
fn file_of(rx: &mut Rx, application: &Application) -> Result<Option<File>> {
    application
        .file_id
        .map(|file| files::unscoped(rx, file))
        .transpose()
}

/// Refuses what is wrong in itself, everything at once.
pub(super) fn check(rx: &mut Rx, subject: &Subject, details: &Details) -> Result<()> {
    let mut errors: Vec<FieldError> = details.payee.check();
    let payee = rx.keys.person(&details.payee.id_number);
    errors.extend(details.payee.of(&subject.member, &payee));
    if details.amount_fen.0 < 1 {
        let detail = say!("须大于零", "must be more than nothing");
        errors.push(FieldError::new("/amount_fen", "out_of_range", detail));
    }
    if details
        .bill
        .as_ref()
        .is_some_and(|bill| bill.covered_fen > bill.total_fen)
    {
        let detail = say!("报销合计超过总额", "others have paid more than the total");
        errors.push(FieldError::new(
            "/bill/covered_fen",
            "deductions_exceed_total",
            detail,
        ));
    }
    if let Some(person) = details.beneficiary_id
        && !in_household(rx, subject.file.as_ref(), person)?
    {
        let detail = say!("不是本户成员", "not in this household");
        errors.push(FieldError::new("/beneficiary_id", "not_found", detail));
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(errors))
    }
}

fn in_household(rx: &mut Rx, file: Option<&File>, person: PersonId) -> Result<bool> {
    match file {
        Some(file) => Ok(household::digest(rx, file.id, person)?.is_some()),
        None => Ok(false),
    }
}

/// The digest of the number of the bill, in the form in which claims keep theirs.
pub(super) fn settlement(rx: &Rx, details: &Details) -> Option<String> {
    let number = details.bill.as_ref()?.settlement_number.as_deref()?;
    Some(rx.keys.digest("settlement", &stays::compared(number)))
}

/// Judges an application as it stands, by the rules of today.
pub(super) fn verdict(rx: &mut Rx, application: &Application) -> Result<Verdict> {
    let subject = subject_of(rx, application)?;
    let details = application.details(rx)?;
    let asked = Asked {
        kind: &application.kind,
        period: application.period()?,
        details: &details,
        settlement: application.settlement_hash.clone(),
        except: Some(application.id),
    };
    assess(rx, &subject, &asked)
}

/// Judges what was never stored: the self-test.
pub(super) fn try_rule(rx: &mut Rx, new: NewApplication) -> Result<Assessment> {
    let subject = subject(rx, new.file_id, new.member_id)?;
    check_kind(rx, &new.kind)?;
    let (kind, period) = (new.kind.to_string(), new.period);
    let details = new.details();
    check(rx, &subject, &details)?;
    let asked = Asked {
        kind: &kind,
        period,
        details: &details,
        settlement: settlement(rx, &details),
        except: None,
    };
    Ok(assess(rx, &subject, &asked)?.assessment)
}

fn assess(rx: &mut Rx, subject: &Subject, asked: &Asked) -> Result<Verdict> {
    let today = rx.today();
    let (policy, aid) = policies::in_force::<Aid>(rx, today)?;
    let rule = aid.kinds.into_iter().find(|rule| *rule.kind == *asked.kind);
    let mut policies = vec![policy];
    let people = people(rx, subject, asked.details, rule.as_ref())?;
    let months = asked.period.months();
    let (limit, limited) = match &rule {
        Some(rule) => limit(rx, subject, asked, rule, &mut policies)?,
        None => (None, None),
    };
    if let Some(settlement) = &asked.settlement
        && store::settled(rx, settlement, asked.except)?
    {
        return Err(bill_already_used());
    }
    let case = Case {
        kind: (asked.kind, rule.as_ref()),
        period: asked.period,
        today,
        asked: asked.details.amount_fen,
        file: subject.file.as_ref().map(|file| facts_of(rx, file)).transpose()?,
        had_before: store::had(rx, &people, asked.kind, &months)?,
        limit,
        warnings: warnings(rx, subject, asked, &people, &months)?,
    };
    Ok(Verdict {
        assessment: judge(&case, policies, rx.now),
        needs_file: rule.as_ref().is_none_or(|rule| rule.needs_file),
        level: subject.file.as_ref().map(|file| file.level),
        limit: limited,
        people,
    })
}

fn facts_of(rx: &mut Rx, file: &File) -> Result<FileFacts> {
    let on_file = file.status == files::Status::OnFile;
    let review_missed = match upkeep::reviewed_in_time(rx, file.member_id) {
        Ok(()) => false,
        Err(Error::Refused { .. }) => true,
        Err(other) => return Err(other),
    };
    Ok(FileFacts {
        on_file_since: file.opened_on.filter(|_| on_file),
        review_missed,
    })
}

/// Digests of those whom a grant counts for: the household, the one it is meant for, or the member, by every record that
/// is merged into one (76).
fn people(rx: &mut Rx, subject: &Subject, details: &Details, rule: Option<&AidKind>) -> Result<Vec<String>> {
    let mut people = match (&subject.file, details.beneficiary_id) {
        (Some(file), _) if rule.is_some_and(|rule| rule.per_household) => {
            let mut all = household::digests(rx, file.id)?;
            all.extend(members::persons(rx, subject.member.id)?);
            all
        }
        (Some(file), Some(person)) => household::digest(rx, file.id, person)?.into_iter().collect(),
        _ => members::persons(rx, subject.member.id)?,
    };
    people.sort_unstable();
    people.dedup();
    Ok(people)
}

/// What limits a kind, and the limit itself.
fn limit(
    rx: &mut Rx,
    subject: &Subject,
    asked: &Asked,
    rule: &AidKind,
    policies: &mut Vec<PolicyId>,
) -> Result<(Option<Limit>, Option<Fen>)> {
    let (Some(file), true) = (&subject.file, rule.cap != Cap::None) else {
        return Ok((None, None));
    };
    let mut limit = match rule.cap {
        Cap::None => return Ok((None, None)),
        Cap::Medical => match &asked.details.bill {
            Some(bill) => return Ok((Some(Limit::medical(bill.total_fen, bill.covered_fen)), None)),
            None => return Err(required("/bill")),
        },
        Cap::Living => {
            let (caps, standard, people) = standard(rx, file, policies)?;
            let people = caps.living_per_member.then_some(people);
            Limit::living(caps.living_months, standard, people)
        }
        Cap::Education => {
            let (caps, standard, _) = standard(rx, file, policies)?;
            Limit::education(caps.education_months, standard)
        }
    };
    let Some(whose) = whose(rx, file, asked.details, rule.cap)? else {
        return Err(required("/beneficiary_id"));
    };
    limit.used = store::used(rx, rule.cap, &whose, asked.period.year)?;
    let fen = limit.limit;
    Ok((Some(limit), Some(fen)))
}

fn required(pointer: &'static str) -> Error {
    Error::invalid(
        pointer,
        "required",
        say!("该项目须填写", "this kind of aid needs it"),
    )
}

fn standard(rx: &mut Rx, file: &File, policies: &mut Vec<PolicyId>) -> Result<(AidCaps, Fen, i64)> {
    let today = rx.today();
    let (policy, caps) = policies::in_force::<AidCaps>(rx, today)?;
    let (line, standard, people) = means::standard(rx, file)?;
    policies.extend([policy, line]);
    Ok((caps, standard, people))
}

/// Whose limit it is: the household's, by the number of its file, or the student's, by digest.
fn whose(rx: &mut Rx, file: &File, details: &Details, cap: Cap) -> Result<Option<String>> {
    match (cap, details.beneficiary_id) {
        (Cap::Living, _) => Ok(Some(file.number.clone())),
        (Cap::Education, Some(person)) => household::digest(rx, file.id, person),
        _ => Ok(None),
    }
}

/// The limit over the year that an application counts against, if its kind has one.
pub(super) fn limited(
    tx: &mut Tx,
    application: &Application,
    details: &Details,
) -> Result<Option<(Cap, String)>> {
    let today = tx.today();
    let (_, aid) = policies::in_force::<Aid>(tx, today)?;
    let rule = aid.kinds.into_iter().find(|rule| *rule.kind == *application.kind);
    let file = file_of(tx, application)?;
    let (Some(rule), Some(file)) = (rule, file) else {
        return Ok(None);
    };
    let whose = whose(tx, &file, details, rule.cap)?;
    Ok(whose.map(|whose| (rule.cap, whose)))
}

/// What is no refusal but should be known: help from other programmes for the same people.
fn warnings(
    rx: &mut Rx,
    subject: &Subject,
    asked: &Asked,
    people: &[String],
    months: &[String],
) -> Result<Vec<Warning>> {
    let mut warnings = Vec::new();
    let year = asked.period.year;
    if claims::was_granted(rx, subject.member.id, year)? {
        warnings.push(Warning::CondolenceThisYear);
    }
    if store::had_other(rx, people, asked.kind, months)? {
        warnings.push(Warning::OtherAidInPeriod);
    }
    if let Some(settlement) = &asked.settlement
        && claims::uses_settlement(rx, settlement)?
    {
        warnings.push(Warning::SettlementElsewhere);
    }
    Ok(warnings)
}
