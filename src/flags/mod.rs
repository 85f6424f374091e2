//! What auditors look at (审计疑点, 82): standing queries over payments, files and the figures of units, each with a reason and
//! evidence. What they find is [`kept`]; [`runs`] ask them all, on demand and every night.
//!
//! A query is asked for a time of at most a year, answers with what lies in the auditor's scope, and says nothing personal:
//! people are ids of payments, cases, members and accounts. What a constraint forbids is asked all the same: an empty
//! answer shows that the constraint holds.

use crate::audit::Event;
use crate::auth::Scope;
use crate::calendar;
use crate::db::Rx;
use crate::db::page::{Ask, Page};
use crate::db::types::{Date, Fen, Id};
use crate::error::Result;
use crate::files::File;
use crate::organizations::{self, Organization, OrganizationId};
use crate::payments::Payment;
use crate::policies::{
    self,
    rules::{Aid, AidKind, Flags},
};
use crate::text_enum;

mod evidence;
pub mod http;
pub mod kept;
mod rules;
pub mod runs;
mod store;
mod words;

pub use evidence::{Evidence, Flag, Subject};
use store::payments::Row;

/// Payments or units read at a time by a query that looks at each.
const CHUNK: i64 = 1000;
const CHUNK_LEN: usize = 1000;

text_enum! {
    /// A standing query.
    #[schema(as = AuditQueryCode)]
    pub enum Code {
        /// 重复领取.
        DuplicatePayee = "duplicate_payee",
        /// 超上限.
        OverCap = "over_cap",
        /// 先救助后建档.
        BeforeFile = "before_file",
        /// 亡故或退出后发放.
        AfterDeathOrExit = "after_death_or_exit",
        /// 多人共用账户.
        SharedCard = "shared_card",
        /// 多人共用电话.
        SharedPhone = "shared_phone",
        /// 自办自批.
        SelfApproved = "self_approved",
        /// 入户人即审批人.
        VisitorApproved = "visitor_approved",
        /// 化整为零.
        SplitGrants = "split_grants",
        /// 非工作时间审批.
        OffHours = "off_hours",
        /// 资金挪用.
        OutsidePurpose = "outside_purpose",
        /// 未经公示.
        NoNotice = "no_notice",
        /// 公示未满即批.
        BeforeNoticeEnd = "before_notice_end",
        /// 联系人即亲属.
        ContactIsRelative = "contact_is_relative",
        /// 纸质档案逾期未同步.
        PaperLate = "paper_late",
        /// 整数金额（提示）.
        RoundSums = "round_sums",
        /// 首位数字分布（提示）.
        Benford = "benford",
    }
}
text_enum! {
    /// What it means that a query finds something.
    #[schema(as = FlagSeverity)]
    pub enum Severity {
        /// Worth a look; usually explained.
        Hint = "hint",
        /// To be explained.
        Suspicion = "suspicion",
        /// A rule was broken: nothing should be found.
        Breach = "breach",
    }
}

/// What holds on the day of an approval.
struct Day {
    on: Date,
    bounds: Flags,
    kinds: Vec<AidKind>,
    worked: bool,
}

impl Day {
    fn read(rx: &mut Rx, on: Date) -> Result<Self> {
        Ok(Self {
            on,
            bounds: policies::in_force::<Flags>(rx, on)?.1,
            kinds: policies::in_force::<Aid>(rx, on)?.1.kinds,
            worked: calendar::is_worked(rx, on)?,
        })
    }

    /// The limit that an amount of this kind is just under.
    fn limit_of(&self, kind: &str, amount: Fen) -> Option<Fen> {
        let of_kind = self.kinds.iter().find(|rule| *rule.kind == *kind);
        let limits = [
            of_kind.and_then(|rule| rule.most_fen),
            self.bounds.split_limit_fen,
        ];
        limits
            .into_iter()
            .flatten()
            .find(|limit| rules::just_under(amount, *limit, &self.bounds))
    }
}

/// What a query finds in a time, in a unit of the scope or in all of it: in the order of the days.
fn run(
    rx: &mut Rx,
    code: Code,
    (from, to): (Date, Date),
    unit: Option<OrganizationId>,
    ask: &Ask,
) -> Result<Page<Flag>> {
    let seen = rx.scope.clone();
    organizations::narrow(rx, unit)?;
    let found = find(rx, code, (from, to), ask, &seen)?;
    Ok(ask.page(found, Flag::place))
}

/// What a query finds in a time in the scope, as many as are asked for, naming other payments that are `seen`.
fn find(rx: &mut Rx, code: Code, (from, to): (Date, Date), ask: &Ask, seen: &Scope) -> Result<Vec<Flag>> {
    match code.about() {
        Subject::Payment => payments_found(rx, code, (from, to), ask, seen),
        Subject::File => files_found(rx, code, (from, to), ask),
        Subject::Organization => figures_found(rx, code, (from, to), ask),
    }
}

fn payments_found(
    rx: &mut Rx,
    code: Code,
    (from, to): (Date, Date),
    ask: &Ask,
    seen: &Scope,
) -> Result<Vec<Flag>> {
    let wanted = usize::try_from(ask.fetch()).unwrap_or(usize::MAX);
    let mut search = store::payments::Search {
        code,
        from,
        to,
        after: ask.after_key::<Date, Payment>()?,
        most: if code.looks_at_each() { CHUNK } else { ask.fetch() },
    };
    let (mut found, mut day) = (Vec::new(), None);
    loop {
        let rows = store::payments::rows(rx, &search)?;
        let last = i64::try_from(rows.len()) != Ok(search.most);
        search.after = rows.last().map(|row| (row.on(code), row.id));
        for row in rows {
            found.extend(weigh(rx, code, &row, &mut day, seen)?);
            if found.len() == wanted {
                return Ok(found);
            }
        }
        if last {
            return Ok(found);
        }
    }
}

/// That somebody asked a standing query: it concerns whom the payments that it found are for and who got them, or whose
/// files it found.
fn asked(rx: &mut Rx, code: Code, found: &[Flag]) -> Result<Event> {
    let ids = found.iter().map(|flag| flag.subject_id);
    let people = match code.about() {
        Subject::Payment => store::payments::people(rx, ids.map(Id::cast).collect())?,
        Subject::File => store::files::people(rx, ids.map(Id::cast).collect())?,
        Subject::Organization => Vec::new(),
    };
    Ok(Event::about("audit.read", "audit_query", code.to_string()).people(people))
}

fn files_found(rx: &mut Rx, code: Code, (from, to): (Date, Date), ask: &Ask) -> Result<Vec<Flag>> {
    let search = store::files::Search {
        code,
        from,
        to,
        after: ask.after_key::<Date, File>()?,
        most: ask.fetch(),
        today: rx.today(),
    };
    let rows = store::files::rows(rx, &search)?;
    Ok(rows.into_iter().map(|file| file.flag(code)).collect())
}

/// Units whose figures stand out, in the order of their ids, and of each the kinds of aid in theirs.
fn figures_found(rx: &mut Rx, code: Code, (from, to): (Date, Date), ask: &Ask) -> Result<Vec<Flag>> {
    let Some(bounds) = policies::in_force::<Flags>(rx, to)?.1.figures else {
        return Ok(Vec::new());
    };
    let wanted = usize::try_from(ask.fetch()).unwrap_or(usize::MAX);
    let after = ask.after_key::<String, Organization>()?;
    let (mut found, mut first) = (Vec::new(), after.as_ref().map(|(_, id)| *id));
    loop {
        let mut units = store::units::from(rx, first, CHUNK + 1)?;
        first = units.get(CHUNK_LEN).map(|unit| unit.id);
        units.truncate(CHUNK_LEN);
        for unit in &units {
            for (kind, counts) in store::units::figures(rx, unit, from, to)? {
                let fixed = bounds.fixed_kinds.iter().any(|fixed| **fixed == *kind);
                let before = after
                    .as_ref()
                    .is_some_and(|(last, id)| *id == unit.id && kind <= *last);
                let standing = match code {
                    _ if fixed || before => None,
                    Code::Benford => rules::first_digits(&counts, &bounds),
                    _ => rules::roundness(&counts, &bounds),
                };
                let sum = counts.iter().map(|count| count.sum).sum();
                found.extend(standing.map(|standing| unit.flag(&kind, to, standing, sum)));
            }
            if found.len() >= wanted {
                found.truncate(wanted);
                return Ok(found);
            }
        }
        if first.is_none() {
            return Ok(found);
        }
    }
}

/// The flag that a payment found by a query is, if it stands a closer look.
fn weigh(rx: &mut Rx, code: Code, row: &Row, day: &mut Option<Day>, seen: &Scope) -> Result<Option<Flag>> {
    let mut evidence = row.evidence(code);
    match code {
        Code::SplitGrants => {
            let day = on_day(rx, row.approved_on, day)?;
            let Some(limit) = day.limit_of(&row.kind, row.amount_fen) else {
                return Ok(None);
            };
            let others = store::payments::beside(rx, row, limit, &day.bounds)?;
            if others.is_empty() {
                return Ok(None);
            }
            let granted = row.amount_fen.0 + others.iter().map(|other| other.amount_fen.0).sum::<i64>();
            (evidence.limit_fen, evidence.granted_fen) = (Some(limit), Some(Fen(granted)));
            evidence.name(&others, seen);
        }
        Code::OffHours => {
            let Some(at) = row.approved_at() else {
                return Ok(None);
            };
            let zone = rx.zone;
            let day = on_day(rx, at.date(zone), day)?;
            evidence.off_hours = rules::off_hours(day.worked, at.hour(zone), &day.bounds);
            if evidence.off_hours.is_none() {
                return Ok(None);
            }
        }
        _ => {
            if let Some(others) = store::payments::others(rx, code, row.id)? {
                evidence.name(&others, seen);
            }
        }
    }
    Ok(Some(row.flag(code, evidence)))
}

/// What holds on a day; payments come in the order of their days, so the last one is kept.
fn on_day<'d>(rx: &mut Rx, on: Date, known: &'d mut Option<Day>) -> Result<&'d Day> {
    let day = match known.take() {
        Some(day) if day.on == on => day,
        _ => Day::read(rx, on)?,
    };
    Ok(known.insert(day))
}

impl Code {
    /// What it finds.
    fn about(self) -> Subject {
        match self {
            Self::NoNotice | Self::BeforeNoticeEnd | Self::ContactIsRelative | Self::PaperLate => {
                Subject::File
            }
            Self::RoundSums | Self::Benford => Subject::Organization,
            _ => Subject::Payment,
        }
    }

    /// Whether it is about what is now, whenever the file came on file or its paper was due.
    fn lasts(self) -> bool {
        matches!(self, Self::ContactIsRelative | Self::PaperLate)
    }

    /// Whether each payment of the time is looked at, because its day or its neighbours decide.
    fn looks_at_each(self) -> bool {
        matches!(self, Self::SplitGrants | Self::OffHours)
    }

    /// Whether the query goes by the day of payment; else by that of the approval.
    fn by_payment(self) -> bool {
        matches!(self, Self::DuplicatePayee | Self::AfterDeathOrExit)
    }
}
