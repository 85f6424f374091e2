//! What clients send about lists and those on them.

use super::ListId;
use super::plans::PlanId;
use super::rules::{EndReason, MAX_PEOPLE};
use crate::db::types::Date;
use crate::input;
use crate::input::{Reason, Text, UpTo};
use crate::ledger::details::Payer;
use crate::members::MemberId;
use crate::organizations::OrganizationId;

input! {
    /// A list to make: of one person or of many.
    #[schema(as = NewInsuranceList)]
    pub struct NewList {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<ListId>,
        /// The unit that insures its people, and those of the units below.
        #[schema(value_type = String, format = "uuid")]
        pub organization_id: OrganizationId,
        /// By which plan: its newest revision for the first day of the cover.
        #[schema(value_type = String, format = "uuid", example = "00000000-0000-7000-8000-000000000a61")]
        pub plan_id: PlanId,
        /// Who pays the premium.
        pub payer: Payer,
        /// First day of all covers, not before today.
        #[schema(example = "2030-06-01")]
        pub starts_on: Date,
        /// The people, up to 500.
        #[schema(value_type = Vec<NewEnrolment>, max_items = 500)]
        pub people: UpTo<MAX_PEOPLE, NewEnrolment>,
    }
}
input! {
    /// Somebody to be insured.
    pub struct NewEnrolment {
        /// A serving member of the unit or below it.
        #[schema(value_type = String, format = "uuid")]
        pub member_id: MemberId,
        /// Shares.
        #[schema(example = 1)]
        pub shares: i64,
    }
}
input! {
    /// How the premium was paid.
    #[schema(as = InsuranceListSending)]
    pub struct Sending {
        /// The day: not before the approval, not in the future, not after the cover began.
        #[schema(example = "2020-05-20")]
        pub paid_on: Date,
        /// The bank's or the voucher's number.
        #[schema(value_type = String, max_length = 64)]
        pub reference: Text<64>,
    }
}
input! {
    /// Why a list is given up.
    #[schema(as = InsuranceListCancellation)]
    pub struct ListCancellation {
        /// Why; stays in the log for ever.
        pub reason: Reason,
    }
}
input! {
    /// How a cover ended early.
    #[schema(as = EnrolmentEnd)]
    pub struct Ending {
        /// Its last day: not in the future.
        #[schema(example = "2020-05-20")]
        pub ended_on: Date,
        /// Why.
        pub reason_code: EndReason,
        /// The same in words; stays in the log for ever.
        pub reason: Reason,
    }
}
input! {
    /// Why somebody was never insured.
    #[schema(as = EnrolmentVoiding)]
    pub struct Voiding {
        /// Why; stays in the log for ever.
        pub reason: Reason,
    }
}
