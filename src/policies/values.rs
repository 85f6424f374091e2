//! The numbers of each kind of rule, typed. What a union may change is here and in dated rows, never a constant.

use serde::{Deserialize, Serialize};

use super::rules::Kind;
use crate::db::types::{Date, Fen};
use crate::error::FieldError;
use crate::input::{Input, MonthDay, Text};
use crate::{say, text_enum};

text_enum! {
    /// The taxonomy a file is judged by (11).
    pub enum Scheme {
        /// 低保户、低保边缘户、意外致困户.
        Scheme2016 = "scheme_2016",
        /// 深度困难、相对困难、意外致困.
        Scheme2020 = "scheme_2020",
    }
}

text_enum! {
    /// By whose standard the file is kept (23).
    #[schema(as = FileLevel)]
    pub enum Level {
        /// 全国级.
        National = "national",
        /// 省级.
        Provincial = "provincial",
        /// 市级.
        City = "city",
        /// 区县级.
        County = "county",
        /// 基层.
        Basic = "basic",
    }
}

text_enum! {
    /// A step of the procedure between handing in and approval (25).
    #[schema(as = FileStage)]
    pub enum Stage {
        /// 基层初审.
        BasicReview = "basic_review",
        /// 入户调查 (27).
        HomeVisit = "home_visit",
        /// 经济状况核对 (29).
        EconomicCheck = "economic_check",
        /// 区县、系统复核.
        CountyReview = "county_review",
        /// 公示 (30).
        PublicNotice = "public_notice",
        /// 市总审批.
        CityApproval = "city_approval",
    }
}

text_enum! {
    /// Kind of income (17).
    pub enum IncomeKind {
        /// 工资.
        Wages = "wages",
        /// 经营收入.
        Business = "business",
        /// 赡养、抚养、扶养费.
        Support = "support",
        /// 养老金.
        Pension = "pension",
        /// 城乡居民基础养老金.
        ResidentPension = "resident_pension",
        /// 失业保险金.
        UnemploymentBenefit = "unemployment_benefit",
        /// 赔偿、补偿.
        Compensation = "compensation",
        /// 利息、股息.
        Interest = "interest",
        /// 租金.
        Rent = "rent",
        /// 拆迁补偿.
        Demolition = "demolition",
        /// 受赠.
        Gift = "gift",
        /// 工会救助.
        UnionRelief = "union_relief",
        /// 节日慰问.
        FestivalGift = "festival_gift",
        /// 其他.
        Other = "other",
    }
}
text_enum! {
    /// Kind of rigid expense (18).
    pub enum ExpenseKind {
        /// 医疗自付.
        Medical = "medical",
        /// 子女就学.
        Schooling = "schooling",
        /// 残疾护理.
        DisabilityCare = "disability_care",
        /// 无房租房.
        Rent = "rent",
        /// 赡养老人.
        ElderSupport = "elder_support",
        /// 必要就业成本.
        EmploymentCost = "employment_cost",
    }
}
text_enum! {
    /// What bars a file (19).
    pub enum ExclusionKind {
        /// 两套及以上住房.
        SecondHome = "second_home",
        /// 经商办企、雇工.
        BusinessOwner = "business_owner",
        /// 高收费就学、自费留学.
        CostlySchooling = "costly_schooling",
        /// 自用机动车.
        PrivateCar = "private_car",
        /// 已退休.
        Retired = "retired",
    }
}

/// The typed numbers of one kind of rule.
pub trait Rule: serde::de::DeserializeOwned + Serialize + Input {
    /// The kind they belong to.
    const KIND: Kind;
}

/// What is wrong with a rule's numbers though each is of its form; pointers are relative to `values`.
type Faults = Vec<(&'static str, &'static str, crate::error::Message)>;

/// Numbers by which the service could not work.
trait Sound {
    fn faults(&self) -> Faults {
        Vec::new()
    }
}

text_enum! {
    /// To what somebody agrees (88).
    #[schema(as = ConsentPurpose)]
    pub enum Purpose {
        /// 处理敏感个人信息.
        SensitiveData = "sensitive_data",
        /// 公示.
        PublicNotice = "public_notice",
        /// 向外部核对家庭经济状况.
        OutsideCheck = "outside_check",
    }
}

macro_rules! values {
    ($($kind:ident),+) => {
        /// The numbers of a rule, by its kind.
        #[derive(Clone, Serialize, utoipa::ToSchema)]
        #[serde(untagged)]
        #[schema(as = PolicyValues)]
        pub enum Values {
            $(#[allow(missing_docs)] $kind($kind)),+
        }

        impl Values {
            /// Reads the numbers of a rule of `kind`, which stand at `at`; what is wrong goes to `errors`.
            pub fn read(kind: Kind, value: &serde_json::Value, at: &str, errors: &mut Vec<FieldError>) -> Option<Self> {
                let (values, faults) = match kind {
                    $(Kind::$kind => {
                        let values = $kind::read(value, at, errors)?;
                        let faults = values.faults();
                        (Self::$kind(values), faults)
                    }),+
                };
                let none = faults.is_empty();
                errors.extend(faults.into_iter().map(|(field, code, detail)| {
                    FieldError::new(format!("{at}/{field}"), code, detail)
                }));
                none.then_some(values)
            }
        }
    };
}
values!(
    IllnessCondolence,
    FiveOnes,
    DibaoStandard,
    Eligibility,
    Procedure,
    AidCaps,
    Accounts,
    Duplicates,
    Funding,
    Aid,
    InsuranceTarget,
    Flags,
    Audit,
    Exports
);

macro_rules! rule {
    ($(#[$meta:meta])* $kind:ident { $($(#[$fmeta:meta])* $field:ident: $type:ty),* $(,)? }) => {
        crate::input! {
            $(#[$meta])*
            #[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
            pub struct $kind { $($(#[$fmeta])* pub $field: $type),* }
        }
        impl Rule for $kind {
            const KIND: Kind = Kind::$kind;
        }
    };
}

rule! {
    /// 会员大病慰问：self-paid hospital costs from the threshold on are condoled with one amount (58 to 64).
    IllnessCondolence {
        /// The threshold in fen: 1,000,000 is ¥10,000.00.
        threshold_fen: Fen,
        /// Whether exactly the threshold is enough.
        inclusive: bool,
        /// The condolence in fen.
        amount_fen: Fen,
        /// Whether costs outside the insurance catalogue (自费) count as self-paid.
        off_catalogue_counts: bool,
        /// Last day to apply, in the year after the programme year.
        window_to: MonthDay,
    }
}
rule! {
    /// 五个一：when each duty is due and what counts (50 to 56).
    FiveOnes {
        /// First day of the year's campaign; what was done before does not count.
        campaign_from: MonthDay,
        /// Last day of the campaign.
        campaign_to: MonthDay,
        /// When each duty is due.
        due: DueDays,
        /// A file that comes on file late has at least so many days for each duty.
        grace_days: i64,
        /// Last day, in the following year, on which an action of the year may be recorded.
        closing: MonthDay,
        /// Whether a care visit counts only when something was brought.
        care_visit_needs_gift: bool,
    }
}
crate::input! {
    /// When each of the five ones is due.
    #[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct DueDays {
        /// 一次电话.
        pub call: MonthDay,
        /// 一次信息更新.
        pub file_update: MonthDay,
        /// 一次关爱.
        pub care_visit: MonthDay,
        /// 一份保障.
        pub insurance: MonthDay,
        /// 一份岗位.
        pub job_placement: MonthDay,
    }
}
rule! {
    /// 低保标准 of a region (15).
    DibaoStandard {
        /// Per head and month, in fen.
        monthly_fen: Fen,
        /// Whether it is the urban standard.
        urban: bool,
    }
}
rule! {
    /// 困难认定 (11 to 14).
    Eligibility {
        /// The schemes by which new files may be judged.
        schemes: Vec<Scheme>,
        /// Whether exactly twice the line is still relative hardship.
        relative_inclusive: bool,
        /// Accidental hardship: loss above this percentage of yearly income.
        accidental_percent: i64,
        /// Income that does not count (17); none stands for the basic residents' pension and festival gifts.
        #[serde(default)]
        #[schema(required = false)]
        uncounted_income: Vec<IncomeKind>,
        /// What an able-bodied idle adult counts for in a month, in fen: the local minimum wage (17).
        #[serde(default)]
        minimum_wage_fen: Option<Fen>,
        /// At most so much of a kind of expense counts for a person in a year (18).
        #[serde(default)]
        #[schema(required = false)]
        expense_caps: Vec<ExpenseCap>,
        /// Months of labour relation of a worker from the countryside at least (20); null for 12.
        #[serde(default)]
        migrant_months: Option<i64>,
        /// Months on end in which income must have been above the line before an exit (40); null when no evidence is
        /// asked for.
        #[serde(default)]
        exit_months: Option<i64>,
        /// What bars a file (19); none stands for all.
        #[serde(default)]
        #[schema(required = false)]
        exclusions: Vec<ExclusionKind>,
    }
}
crate::input! {
    /// How much of a kind of expense counts.
    #[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct ExpenseCap {
        /// The kind.
        pub kind: ExpenseKind,
        /// For a person in a year, in fen.
        pub yearly_fen: Fen,
    }
}
rule! {
    /// 建档程序 (27, 30, 34).
    Procedure {
        /// Visitors at least.
        visitors: i64,
        /// Signatures at a home visit at least, as attachments (27); null for none.
        #[serde(default)]
        visit_signatures: Option<i64>,
        /// What everybody in the household agrees to before the file is handed in for the whole procedure (88).
        #[serde(default)]
        #[schema(required = false)]
        consents: Vec<Purpose>,
        /// Working days in which the paper file is brought in step with this one (38); null for 30.
        #[serde(default)]
        paper_days: Option<i64>,
        /// From this day on a file whose yearly review was missed blocks new payments to its household (36); null for
        /// never.
        #[serde(default)]
        unreviewed_blocks_from: Option<Date>,
        /// Working days of publicity.
        notice_working_days: i64,
        /// Days for each step.
        step_days: i64,
        /// Files to look at in a spot check, in a hundred at least (37); null for 30.
        #[serde(default)]
        spot_check_percent: Option<i64>,
        /// Levels of file that take the whole procedure with the whole form (24, 25); the others are decided at once.
        #[serde(default)]
        #[schema(required = false)]
        levels: Vec<Level>,
        /// The steps in their order, ending with the approval; none stands for all in the usual order.
        #[serde(default)]
        #[schema(required = false)]
        steps: Vec<Stage>,
        /// Months after its end at which the household of a file is called (44); null for 3, 6 and 12.
        #[serde(default)]
        #[schema(example = json!([3, 6, 12]))]
        follow_up_months: Option<Vec<i64>>,
        /// Years for which a file is kept after its end (46); null for 10.
        #[serde(default)]
        #[schema(example = 10)]
        retention_years: Option<i64>,
    }
}
rule! {
    /// 救助上限 (70 to 72).
    AidCaps {
        /// Living aid per household and year: months of the 低保 standard.
        living_months: i64,
        /// Education aid per student and year: months of the 低保 standard.
        education_months: i64,
        /// Whether the living cap is multiplied by the members of the household.
        living_per_member: bool,
    }
}
rule! {
    /// 账号 (4, 89).
    #[derive(Default)]
    Accounts {
        /// Characters of a password at least.
        password_min_length: i64,
        /// Classes of characters at least, of upper, lower, digit and other.
        password_min_classes: i64,
        /// Days until a password must be changed.
        password_max_age_days: i64,
        /// Failures that lock a name.
        lock_after_failures: i64,
        /// Minutes a name stays locked.
        lock_minutes: i64,
        /// Minutes without use after which a session ends.
        idle_minutes: i64,
        /// Hours after which a session ends in any case.
        session_hours: i64,
        /// Accounts per unit at most; null for no limit.
        accounts_per_unit: Option<i64>,
    }
}

rule! {
    /// 查重: from which score on two records may be of one person (9).
    Duplicates {
        /// From this score on, of 0 to 100, a pair is kept to be decided, and a unit elsewhere is named.
        likely_from: i64,
        /// From this score on a search shows a candidate.
        possible_from: i64,
    }
}

rule! {
    /// 资金 (68, 79).
    Funding {
        /// What central and provincial money may be spent on: codes of the list `aid_kind`.
        #[schema(value_type = Vec<String>, example = json!(["living", "medical", "education", "legal", "training", "placement"]))]
        central_kinds: Vec<Text<60>>,
        /// From this day on nothing is approved for which no budget line is found; null: never.
        #[schema(example = json!(null))]
        budget_needed_from: Option<Date>,
        /// The most of a payment that is made in cash (74), in fen; 0 forbids cash, null bounds nothing.
        #[schema(example = json!(null))]
        cash_limit_fen: Option<Fen>,
        /// For how many years after a recovery for false information nothing new is granted to the person (78); null: the
        /// bar ends with the recovery.
        #[schema(example = json!(null))]
        recovery_bar_years: Option<i64>,
    }
}

text_enum! {
    /// For how long a kind of aid is granted at a time: once per person and period (76).
    #[schema(as = AidPeriodKind)]
    pub enum PeriodKind {
        /// 每年.
        Year = "year",
        /// 每半年.
        HalfYear = "half_year",
        /// 每季度.
        Quarter = "quarter",
        /// 每月.
        Month = "month",
    }
}
text_enum! {
    /// What limits a kind of aid (70 to 72).
    #[schema(as = AidCap)]
    pub enum Cap {
        /// Nothing but the money there is.
        None = "none",
        /// 生活救助: months of the 低保 standard for a household in a year (70).
        Living = "living",
        /// 医疗救助: what is left of the bill (71).
        Medical = "medical",
        /// 助学: months of the 低保 standard for a student in a year (72).
        Education = "education",
    }
}
rule! {
    /// 帮扶项目 (67, 69, 76): the kinds of aid that can be applied for.
    Aid {
        /// Each kind once.
        kinds: Vec<AidKind>,
    }
}
crate::input! {
    /// What a kind of aid asks for.
    #[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[schema(as = AidKindRule)]
    pub struct AidKind {
        /// A code of the list `aid_kind`.
        #[schema(value_type = String, example = "living")]
        pub kind: Text<60>,
        /// Whether it is for households on file only (67).
        pub needs_file: bool,
        /// For how long it is granted at a time.
        pub period: PeriodKind,
        /// Whether one grant is for the whole household, so that nobody else of it gets another for the period (76).
        pub per_household: bool,
        /// What limits it.
        pub cap: Cap,
        /// At most so much at a time, in fen; null for no such bound.
        #[schema(example = json!(null))]
        pub most_fen: Option<Fen>,
    }
}

crate::input! {
    /// How many people of a group are to be insured.
    #[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[schema(as = InsuranceGroupTarget)]
    pub struct GroupTarget {
        /// One of the eight groups.
        #[schema(value_type = String, example = "courier", max_length = 60)]
        pub group: Text<60>,
        /// How many people.
        #[schema(example = 1500)]
        pub people: i64,
    }
}
crate::input! {
    /// How many people of a unit and the units below it are to be insured.
    #[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[schema(as = InsuranceUnitTarget)]
    pub struct UnitTarget {
        /// Code of the unit.
        #[schema(value_type = String, example = "340202", max_length = 40)]
        pub unit: Text<40>,
        /// How many people.
        #[schema(example = 900)]
        pub people: i64,
    }
}
rule! {
    /// 互助参保目标: how many people of the eight groups are insured in the year (84).
    InsuranceTarget {
        /// In all.
        #[schema(example = 8700)]
        people: i64,
        /// Of groups.
        groups: Vec<GroupTarget>,
        /// Of units.
        units: Vec<UnitTarget>,
    }
}
rule! {
    /// 审计疑点 (82): what the standing queries of auditors take for suspicious.
    Flags {
        /// Days within which grants of one kind to one person are looked at together.
        split_days: i64,
        /// How far below its limit a grant is just under it, in a hundred.
        split_percent: i64,
        /// A limit for every kind of aid, such as that for cash, in fen; null: only those of the kinds.
        split_limit_fen: Option<Fen>,
        /// The hour from which approvals are usually made, 0 to 23.
        office_from: i64,
        /// The hour from which they are not any more, 1 to 24.
        office_to: i64,
        /// How many days back the nightly run looks; null: to the beginning of the year.
        look_back_days: Option<i64>,
        /// From when on figures of a unit are worth a hint; null: they never are.
        figures: Option<Figures>,
    }
}
crate::input! {
    /// From when on figures of a unit and kind of aid are worth a hint (82).
    #[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[schema(as = FlagFigures)]
    pub struct Figures {
        /// Amounts that there must be before their roundness says something.
        #[schema(example = 30)]
        pub round_cases: i64,
        /// So many in a hundred of them are whole hundreds of yuan.
        #[schema(example = 90)]
        pub hundreds_percent: i64,
        /// So many in a hundred of them are whole thousands of yuan.
        #[schema(example = 60)]
        pub thousands_percent: i64,
        /// Amounts that there must be before their first digits say something.
        #[schema(example = 110)]
        pub benford_cases: i64,
        /// The chi-square of the first digits against Benford's law, in thousandths.
        #[schema(example = 20_090)]
        pub chi_square_milli: i64,
        /// Kinds of aid whose amounts are fixed and so say nothing: codes of the list `aid_kind`.
        #[schema(value_type = Vec<String>, example = json!(["illness_condolence"]))]
        pub fixed_kinds: Vec<Text<60>>,
    }
}
rule! {
    /// 导出控制 (90): how much may leave at once, and for how long.
    Exports {
        /// Rows of a masked export that needs no approval.
        masked_rows_without_approval: i64,
        /// Rows of any export.
        most_rows: i64,
        /// Hours for which an export may be approved, and then downloaded.
        valid_hours: i64,
    }
}

rule! {
    /// 审计 (80, 81): when the audits of a year are due, and for how long what.
    Audit {
        /// Last day of the year's audits.
        due: MonthDay,
        /// Days that a unit has at most to put right what was found.
        #[schema(example = 60)]
        rectify_days: i64,
        /// Days for which a guest auditor is let in at most.
        #[schema(example = 90)]
        guest_days: i64,
        /// Months for which the log stays in the database before its parts may be moved to files (83): ten years, because
        /// approvals and payments are in it.
        #[schema(example = 120)]
        log_months: i64,
    }
}

fn between(faults: &mut Faults, field: &'static str, n: i64, min: i64, max: i64) {
    if !(min..=max).contains(&n) {
        let detail = say!("须为 {min} 到 {max}", "must be from {min} to {max}");
        faults.push((field, "out_of_range", detail));
    }
}

/// Whether there are months, each from 1 to 60 and more than the one before.
fn ascend(months: &[i64]) -> bool {
    let in_range = months.iter().all(|n| (1..=60).contains(n));
    !months.is_empty() && in_range && months.windows(2).all(|pair| pair[0] < pair[1])
}

impl Eligibility {
    /// Whether a kind of income counts (17).
    pub fn counts(&self, kind: IncomeKind) -> bool {
        const BY_DEFAULT: [IncomeKind; 2] = [IncomeKind::ResidentPension, IncomeKind::FestivalGift];
        match self.uncounted_income.is_empty() {
            true => !BY_DEFAULT.contains(&kind),
            false => !self.uncounted_income.contains(&kind),
        }
    }

    /// The most that counts of a kind of expense for a person in a year, in fen.
    pub fn cap(&self, kind: ExpenseKind) -> Fen {
        let cap = self.expense_caps.iter().find(|cap| cap.kind == kind);
        cap.map_or(Fen(Fen::MAX), |cap| cap.yearly_fen)
    }

    /// Whether a file is barred for this (19).
    pub fn bars(&self, kind: ExclusionKind) -> bool {
        self.exclusions.is_empty() || self.exclusions.contains(&kind)
    }
}

impl Procedure {
    /// The steps that a file of this level takes after it is handed in.
    pub fn steps_of(&self, level: Level) -> Vec<Stage> {
        if !self.levels.contains(&level) {
            vec![Stage::CityApproval]
        } else if self.steps.is_empty() {
            Stage::ALL.to_vec()
        } else {
            self.steps.clone()
        }
    }
}

impl Sound for IllnessCondolence {}
impl Sound for AidCaps {}
impl Sound for Funding {
    fn faults(&self) -> Faults {
        let mut faults = Faults::new();
        if let Some(years) = self.recovery_bar_years {
            between(&mut faults, "recovery_bar_years", years, 0, 50);
        }
        faults
    }
}
impl Sound for Aid {
    fn faults(&self) -> Faults {
        let kinds = &self.kinds;
        let once = kinds
            .iter()
            .enumerate()
            .all(|(at, one)| !kinds[..at].iter().any(|other| other.kind == one.kind));
        match once {
            true => Faults::new(),
            false => vec![("kinds", "duplicate", say!("每项至多一次", "each at most once"))],
        }
    }
}
impl Sound for InsuranceTarget {}
impl Sound for Flags {
    fn faults(&self) -> Faults {
        let mut faults = Faults::new();
        between(&mut faults, "split_days", self.split_days, 1, 366);
        between(&mut faults, "split_percent", self.split_percent, 1, 100);
        between(&mut faults, "office_from", self.office_from, 0, 23);
        between(&mut faults, "office_to", self.office_to, self.office_from + 1, 24);
        if let Some(days) = self.look_back_days {
            between(&mut faults, "look_back_days", days, 1, 3660);
        }
        if let Some(figures) = &self.figures {
            let mut check = |field, n, min, max| between(&mut faults, field, n, min, max);
            check("figures/round_cases", figures.round_cases, 1, 1_000_000);
            check("figures/hundreds_percent", figures.hundreds_percent, 1, 100);
            check("figures/thousands_percent", figures.thousands_percent, 1, 100);
            check("figures/benford_cases", figures.benford_cases, 1, 1_000_000);
            check(
                "figures/chi_square_milli",
                figures.chi_square_milli,
                1,
                1_000_000_000,
            );
        }
        faults
    }
}
impl Sound for Exports {
    fn faults(&self) -> Faults {
        let mut faults = Faults::new();
        between(&mut faults, "most_rows", self.most_rows, 1, 10_000_000);
        let free = self.masked_rows_without_approval;
        between(
            &mut faults,
            "masked_rows_without_approval",
            free,
            0,
            self.most_rows,
        );
        between(&mut faults, "valid_hours", self.valid_hours, 1, 720);
        faults
    }
}
impl Sound for Audit {
    fn faults(&self) -> Faults {
        let mut faults = Faults::new();
        between(&mut faults, "rectify_days", self.rectify_days, 1, 366);
        between(&mut faults, "guest_days", self.guest_days, 1, 366);
        between(&mut faults, "log_months", self.log_months, 6, 1200);
        faults
    }
}
impl Sound for FiveOnes {
    fn faults(&self) -> Faults {
        if self.campaign_to >= self.campaign_from {
            return Faults::new();
        }
        let detail = say!("不得早于 campaign_from", "must not be before campaign_from");
        vec![("campaign_to", "end_before_begin", detail)]
    }
}
impl Sound for DibaoStandard {
    fn faults(&self) -> Faults {
        let mut faults = Faults::new();
        between(&mut faults, "monthly_fen", self.monthly_fen.0, 1, Fen::MAX);
        faults
    }
}
impl Sound for Eligibility {
    fn faults(&self) -> Faults {
        let mut faults = Faults::new();
        if self.schemes.is_empty() {
            faults.push(("schemes", "required", say!("至少一项", "at least one")));
        }
        if let Some(months) = self.migrant_months {
            between(&mut faults, "migrant_months", months, 0, 120);
        }
        if let Some(months) = self.exit_months {
            between(&mut faults, "exit_months", months, 1, 24);
        }
        between(
            &mut faults,
            "accidental_percent",
            self.accidental_percent,
            1,
            1000,
        );
        faults
    }
}
impl Sound for Procedure {
    fn faults(&self) -> Faults {
        let mut faults = Faults::new();
        between(&mut faults, "step_days", self.step_days, 1, 365);
        between(&mut faults, "visitors", self.visitors, 1, 10);
        let percent = self.spot_check_percent.unwrap_or(30);
        between(&mut faults, "spot_check_percent", percent, 1, 100);
        between(
            &mut faults,
            "notice_working_days",
            self.notice_working_days,
            1,
            60,
        );
        let steps = &self.steps;
        let once = steps
            .iter()
            .enumerate()
            .all(|(at, step)| !steps[..at].contains(step));
        if !once || steps.last().is_some_and(|last| *last != Stage::CityApproval) {
            let detail = say!(
                "每步至多一次，最后一步为审批",
                "each step at most once, the approval last"
            );
            faults.push(("steps", "does_not_fit", detail));
        }
        if self
            .follow_up_months
            .as_deref()
            .is_some_and(|months| !ascend(months))
        {
            let detail = say!(
                "须为由小到大的月数，每个 1 到 60",
                "months from 1 to 60, each more than the one before"
            );
            faults.push(("follow_up_months", "does_not_fit", detail));
        }
        if let Some(years) = self.retention_years {
            between(&mut faults, "retention_years", years, 1, 100);
        }
        faults
    }
}
impl Sound for Accounts {
    /// A typing mistake here could lock everybody out, or let everybody in.
    fn faults(&self) -> Faults {
        let mut faults = Faults::new();
        let mut check = |field, n, min, max| between(&mut faults, field, n, min, max);
        check("password_min_length", self.password_min_length, 8, 64);
        check("password_min_classes", self.password_min_classes, 1, 4);
        check("password_max_age_days", self.password_max_age_days, 1, 3650);
        check("lock_after_failures", self.lock_after_failures, 2, 100);
        check("lock_minutes", self.lock_minutes, 1, 1440);
        check("idle_minutes", self.idle_minutes, 1, 1440);
        check("session_hours", self.session_hours, 1, 720);
        if let Some(limit) = self.accounts_per_unit {
            check("accounts_per_unit", limit, 1, 100_000);
        }
        faults
    }
}
impl Sound for Duplicates {
    fn faults(&self) -> Faults {
        let mut faults = Faults::new();
        between(&mut faults, "likely_from", self.likely_from, 1, 100);
        between(
            &mut faults,
            "possible_from",
            self.possible_from,
            1,
            self.likely_from,
        );
        faults
    }
}
