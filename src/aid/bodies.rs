//! What clients send about applications for aid.

use serde::{Deserialize, Serialize};

use super::rules::{Period, RejectCode, Warning};
use super::{AidId, Details};
use crate::claims::rules::ReturnCode;
use crate::claims::{NewPayee, Payee};
use crate::db::types::Fen;
use crate::files::FileId;
use crate::files::household::PersonId;
use crate::input::{Comment, Text};
use crate::members::MemberId;
use crate::{changes, input};

input! {
    /// The bill that medical aid helps with (71).
    #[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[schema(as = AidBill)]
    pub struct Bill {
        /// The whole bill, in fen.
        #[schema(example = 3_000_000)]
        pub total_fen: Fen,
        /// What insurances, employers and others have paid of it, in fen.
        #[schema(example = 2_400_000)]
        pub covered_fen: Fen,
        /// The number of the settlement; a bill is helped with once.
        #[schema(value_type = Option<String>, example = "JS-2020-0001", max_length = 60)]
        pub settlement_number: Option<Text<60>>,
    }
}

input! {
    /// An application for aid.
    #[schema(as = NewAidApplication)]
    pub struct NewApplication {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<AidId>,
        /// The file of the household, for aid to a household on file; else null.
        #[schema(value_type = Option<String>, format = "uuid", example = json!(null))]
        pub file_id: Option<FileId>,
        /// The member, where there is no file; else null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub member_id: Option<MemberId>,
        /// A code of the list `aid_kind`; the rule `aid` says which can be applied for.
        #[schema(value_type = String, example = "temporary")]
        pub kind: Text<60>,
        /// For which time, of the length that the rule names.
        #[schema(example = "2020-05")]
        pub period: Period,
        /// How much is asked for, in fen.
        #[schema(example = 100_000)]
        pub amount_fen: Fen,
        /// Who of the household it is for: education aid needs the student.
        #[schema(value_type = Option<String>, format = "uuid", example = json!(null))]
        pub beneficiary_id: Option<PersonId>,
        /// The bill; medical aid needs it.
        pub bill: Option<Bill>,
        /// Why it is needed; kept encrypted.
        #[schema(value_type = String, max_length = 2000, example = "家中失火，暂住亲戚家")]
        pub need: Comment,
        /// Who gets the money.
        pub payee: NewPayee,
    }
}

impl NewApplication {
    pub(super) fn details(self) -> Details {
        Details {
            amount_fen: self.amount_fen,
            beneficiary_id: self.beneficiary_id,
            bill: self.bill,
            need: self.need.into(),
            payee: Payee::from(self.payee),
        }
    }
}

changes! {
    /// Changes of a draft or a returned application.
    #[schema(as = AidApplicationChange)]
    pub struct Change {
        /// A code of the list `aid_kind`.
        #[schema(value_type = String, example = "temporary")]
        pub kind: Text<60>,
        /// For which time.
        #[schema(example = "2020-05")]
        pub period: Period,
        /// How much is asked for, in fen.
        #[schema(example = 100_000)]
        pub amount_fen: Fen,
        /// Who of the household it is for.
        #[schema(value_type = Option<String>, format = "uuid", example = json!(null))]
        pub beneficiary_id: Option<PersonId>,
        /// The bill.
        pub bill: Option<Bill>,
        /// Why it is needed.
        #[schema(value_type = String, max_length = 2000, example = "家中失火，暂住亲戚家")]
        pub need: Comment,
        /// Who gets the money.
        pub payee: NewPayee,
    }
}

input! {
    /// What whoever verifies vouches for.
    #[schema(as = AidVerification)]
    pub struct Verification {
        /// The warnings of the assessment that were looked into: all of them (76).
        #[schema(value_type = Vec<Warning>)]
        pub confirmed_warnings: Vec<Warning>,
    }
}

input! {
    /// Why an application is sent back.
    #[schema(as = AidReturn)]
    pub struct Returning {
        /// Why.
        pub reason_code: ReturnCode,
        /// The fields to be mended.
        #[schema(value_type = Vec<String>)]
        pub fields: Vec<Text<100>>,
        /// Why, in words; `other` needs it.
        #[schema(value_type = Option<String>, max_length = 2000)]
        pub comment: Option<Comment>,
    }
}

input! {
    /// Why an application is refused.
    #[schema(as = AidRejection)]
    pub struct Rejection {
        /// Why.
        pub reason_code: RejectCode,
        /// Why, in words; `other` needs it.
        #[schema(value_type = Option<String>, max_length = 2000)]
        pub comment: Option<Comment>,
    }
}
