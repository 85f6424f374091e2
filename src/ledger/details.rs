//! What can be done for a household, by kind (rules 51 to 55): the facts of which the ledger is made.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::types::{Date, Fen};
use crate::error::FieldError;
use crate::input::{Fields, Name, Prose, Text};
use crate::text_enum;
use crate::users::UserId;

text_enum! {
    /// The five ones, in their order.
    #[schema(as = DutyKind)]
    pub enum Kind {
        /// 一次电话 (51).
        Call = "call",
        /// 一次信息更新 (52).
        FileUpdate = "file_update",
        /// 一次关爱 (53).
        CareVisit = "care_visit",
        /// 一份保障 (54).
        Insurance = "insurance",
        /// 一份岗位 (55).
        JobPlacement = "job_placement",
    }
}
text_enum! {
    /// By which means a household was called.
    pub enum Channel {
        /// 电话.
        Phone = "phone",
        /// 短信.
        Sms = "sms",
        /// 微信.
        Wechat = "wechat",
    }
}
text_enum! {
    /// Who was reached or met.
    pub enum Reached {
        /// The worker.
        Worker = "worker",
        /// Somebody of the family.
        Family = "family",
        /// Nobody.
        Nobody = "nobody",
    }
}
text_enum! {
    /// How a call ended.
    pub enum CallOutcome {
        /// Somebody was spoken with.
        Reached = "reached",
        /// Nobody answered.
        NoAnswer = "no_answer",
        /// The number belongs to somebody else.
        WrongNumber = "wrong_number",
        /// They did not want to talk.
        Refused = "refused",
    }
}
text_enum! {
    /// Where a visit took place.
    pub enum Place {
        /// At home.
        Home = "home",
        /// In hospital.
        Hospital = "hospital",
        /// At work.
        Workplace = "workplace",
        /// Elsewhere.
        Other = "other",
    }
}
text_enum! {
    /// What was brought to a visit.
    pub enum GiftKind {
        /// 慰问金.
        Money = "money",
        /// 慰问品.
        Goods = "goods",
        /// Nothing.
        None = "none",
    }
}
text_enum! {
    /// Who paid for an insurance.
    pub enum Payer {
        /// The city's union.
        City = "city",
        /// The province's.
        Province = "province",
        /// The unit's.
        Unit = "unit",
        /// The household itself.
        Own = "self",
    }
}
text_enum! {
    /// What was offered towards a job.
    pub enum Service {
        /// 岗位推荐.
        Referral = "referral",
        /// 技能培训.
        Training = "training",
        /// 职业指导.
        Guidance = "guidance",
        /// 创业扶持.
        StartUp = "start_up",
    }
}
text_enum! {
    /// To whom a job was offered.
    pub enum Beneficiary {
        /// The worker.
        Worker = "worker",
        /// A member of the family.
        FamilyMember = "family_member",
    }
}
text_enum! {
    /// What came of it; any result is enough, the duty is to offer (55).
    pub enum PlacementResult {
        /// Offered.
        Offered = "offered",
        /// Interviewed.
        Interviewed = "interviewed",
        /// Hired.
        Hired = "hired",
        /// Declined.
        Declined = "declined",
        /// The training or guidance was completed.
        Completed = "completed",
    }
}

macro_rules! details {
    ($(#[$meta:meta])* $name:ident { $($(#[$fmeta:meta])* $field:ident: $type:ty),* $(,)? }) => {
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        $(#[$meta])*
        pub struct $name { $($(#[$fmeta])* pub $field: $type),* }

        impl $name {
            fn take(fields: &mut Fields, errors: &mut Vec<FieldError>) -> Option<Self> {
                $(let $field = fields.take::<$type>(stringify!($field), errors);)*
                Some(Self { $($field: $field?),* })
            }
        }
    };
}

details! {
    /// A call; done only when somebody was reached by the paired contact (51).
    Call {
        /// By which means.
        channel: Channel,
        /// Who was reached.
        reached: Reached,
        /// How it ended.
        outcome: CallOutcome,
    }
}
details! {
    /// A look at the file: a change of the file is noticed by itself, this confirms that nothing changed (52).
    FileUpdate {
        /// Whether somebody confirmed that nothing changed.
        no_change_confirmed: bool,
    }
}
crate::input! {
    /// What was brought.
    #[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Gift {
        /// Money, goods or nothing.
        pub kind: GiftKind,
        /// Its worth in fen; required for money.
        pub amount_fen: Option<Fen>,
        /// What it was.
        #[schema(value_type = Option<String>, max_length = 200)]
        pub description: Option<Text<200>>,
    }
}
details! {
    /// A visit; done when somebody was met and, by the policy's default, something was brought (53).
    CareVisit {
        /// Where.
        place: Place,
        /// Who went along, besides the one who performed it.
        #[schema(value_type = Vec<String>)]
        visitors: Vec<UserId>,
        /// What was brought.
        gift: Gift,
        /// Who was met.
        met: Reached,
    }
}
details! {
    /// An insurance; done in every year in which its cover is in force (54).
    Insurance {
        /// The insurer.
        #[schema(value_type = String, max_length = 100)]
        insurer: Name,
        /// The product.
        #[schema(value_type = String, max_length = 100)]
        product: Name,
        /// The policy's number; answers show its last four characters.
        #[schema(value_type = String, max_length = 64)]
        policy_number: Text<64>,
        /// First day of the cover.
        covers_from: Date,
        /// Last day of the cover.
        covers_to: Date,
        /// The premium in fen.
        premium_fen: Fen,
        /// Who paid it.
        payer: Payer,
    }
}
details! {
    /// A job offered to the worker or the family (55).
    JobPlacement {
        /// What was offered.
        service: Service,
        /// To whom.
        beneficiary: Beneficiary,
        /// The employer.
        #[schema(value_type = Option<String>, max_length = 100)]
        employer: Option<Name>,
        /// The position.
        #[schema(value_type = Option<String>, max_length = 100)]
        position: Option<Name>,
        /// What came of it.
        result: PlacementResult,
    }
}

/// What was done, tagged by `kind`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = ActionDetails)]
pub enum Details {
    /// 一次电话.
    Call(Call),
    /// 一次信息更新.
    FileUpdate(FileUpdate),
    /// 一次关爱.
    CareVisit(CareVisit),
    /// 一份保障.
    Insurance(Insurance),
    /// 一份岗位.
    JobPlacement(JobPlacement),
}

impl Details {
    /// Takes the fields that belong to `kind`.
    pub fn take(kind: Kind, fields: &mut Fields, errors: &mut Vec<FieldError>) -> Option<Self> {
        match kind {
            Kind::Call => Call::take(fields, errors).map(Self::Call),
            Kind::FileUpdate => FileUpdate::take(fields, errors).map(Self::FileUpdate),
            Kind::CareVisit => CareVisit::take(fields, errors).map(Self::CareVisit),
            Kind::Insurance => Insurance::take(fields, errors).map(Self::Insurance),
            Kind::JobPlacement => JobPlacement::take(fields, errors).map(Self::JobPlacement),
        }
    }

    /// The kind of duty it is done for.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Call(_) => Kind::Call,
            Self::FileUpdate(_) => Kind::FileUpdate,
            Self::CareVisit(_) => Kind::CareVisit,
            Self::Insurance(_) => Kind::Insurance,
            Self::JobPlacement(_) => Kind::JobPlacement,
        }
    }
}

/// An action as it is kept, encrypted: what was done, and notes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Notes.
    pub notes: Option<Prose<2000>>,
    /// What was done.
    #[serde(flatten)]
    pub details: Details,
}

impl Kept {
    /// The name under which it is sealed.
    pub const SEAL: &'static str = "action";
}
