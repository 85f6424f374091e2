//! The numbers of each kind of rule, typed. What a union may change is here and in dated rows, never a constant.

use serde::{Deserialize, Serialize};

use crate::db::types::Fen;
use crate::input::MonthDay;
use crate::text_enum;

text_enum! {
    /// Kind of a dated rule.
    #[schema(as = PolicyKind)]
    pub enum Kind {
        /// 会员大病慰问 (58 to 64).
        IllnessCondolence = "illness_condolence",
        /// 五个一 (50 to 56).
        FiveOnes = "five_ones",
        /// 低保标准 (15).
        DibaoStandard = "dibao_standard",
        /// 困难认定 (11 to 14, 19).
        Eligibility = "eligibility",
        /// 建档程序 (27, 30, 34).
        Procedure = "procedure",
        /// 救助上限 (70 to 72).
        AidCaps = "aid_caps",
        /// 账号 (4, 89).
        Accounts = "accounts",
    }
}
text_enum! {
    /// State of a dated rule.
    #[schema(as = PolicyStatus)]
    pub enum Status {
        /// Written, not yet approved.
        Draft = "draft",
        /// Approved; immutable for ever.
        InForce = "in_force",
        /// Approved, but a later approval covers all of its time.
        Superseded = "superseded",
    }
}

text_enum! {
    /// The taxonomy a file is judged by (11).
    pub enum Scheme {
        /// 低保户、低保边缘户、意外致困户.
        Scheme2016 = "scheme_2016",
        /// 深度困难、相对困难、意外致困.
        Scheme2020 = "scheme_2020",
    }
}

/// The typed numbers of one kind of rule.
pub trait Rule: serde::de::DeserializeOwned + Serialize + crate::input::Input {
    /// The kind they belong to.
    const KIND: Kind;
}

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
    }
}
rule! {
    /// 建档程序 (27, 30, 34).
    Procedure {
        /// Visitors at least.
        visitors: i64,
        /// Working days of publicity.
        notice_working_days: i64,
        /// Days for each step.
        step_days: i64,
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
