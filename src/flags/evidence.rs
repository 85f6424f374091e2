//! What a query found, and what speaks for it.

use serde::Serialize;
use utoipa::ToSchema;

use super::Code;
use super::rules::OffHours;
use super::store::{Other, Row};
use crate::aid::AidId;
use crate::auth::Scope;
use crate::claims::ClaimId;
use crate::db::types::{Date, Fen, Timestamp};
use crate::files::FileId;
use crate::funds::LineId;
use crate::members::MemberId;
use crate::organizations::OrganizationId;
use crate::payments::{PaymentId, Status};
use crate::users::UserId;

/// A payment that a query found.
#[derive(Debug, Serialize, ToSchema)]
pub struct Flag {
    /// What is flagged.
    #[schema(example = "payment")]
    pub subject_type: &'static str,
    /// Which.
    #[schema(value_type = String, format = "uuid")]
    pub subject_id: PaymentId,
    /// The unit of its case.
    #[schema(value_type = String, format = "uuid")]
    pub organization_id: OrganizationId,
    /// The day by which the query goes: that of the approval, or of the payment.
    pub on: Date,
    /// How much.
    pub amount_fen: Fen,
    /// What speaks for it.
    pub evidence: Evidence,
}

/// What speaks for a flag: ids, days, amounts and counts, never a personal value. What a query does not look at is
/// left out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FlagEvidence)]
pub struct Evidence {
    /// A code of the list `aid_kind`.
    #[schema(example = "living")]
    pub kind: String,
    /// What became of the payment.
    pub status: Status,
    /// The claim, if it is for one.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub claim_id: Option<ClaimId>,
    /// The application for aid, if it is for one.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub aid_id: Option<AidId>,
    /// The member of the case.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub member_id: Option<MemberId>,
    /// The file of the case.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub file_id: Option<FileId>,
    /// Day of the approval.
    pub approved_on: Date,
    /// Day of payment.
    pub paid_on: Option<Date>,
    /// How many other payments are concerned, in the own scope or not; 50 stands for 50 or more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1)]
    pub others: Option<usize>,
    /// Those of them that are in the own scope.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    pub other_payment_ids: Option<Vec<PaymentId>>,
    /// What was granted altogether.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub granted_fen: Option<Fen>,
    /// What may be granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_fen: Option<Fen>,
    /// The day the file came on file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened_on: Option<Date>,
    /// The day the file ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_on: Option<Date>,
    /// The day the member died.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub died_on: Option<Date>,
    /// The accounts of those who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    pub user_ids: Option<Vec<UserId>>,
    /// When it was approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_at: Option<Timestamp>,
    /// How that lies outside office hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub off_hours: Option<OffHours>,
    /// The budget line it is paid from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "uuid")]
    pub budget_line_id: Option<LineId>,
}

impl Row {
    /// The day by which the query goes.
    pub(super) fn on(&self, code: Code) -> Date {
        let paid_on = self.paid_on.filter(|_| code.by_payment());
        paid_on.unwrap_or(self.approved_on)
    }

    /// When its case was approved.
    pub(super) fn approved_at(&self) -> Option<Timestamp> {
        self.claim_approved_at.or(self.aid_approved_at)
    }

    /// The flag that it is.
    pub(super) fn flag(&self, code: Code, evidence: Evidence) -> Flag {
        Flag {
            subject_type: "payment",
            subject_id: self.id,
            organization_id: self.organization_id,
            on: self.on(code),
            amount_fen: self.amount_fen,
            evidence,
        }
    }

    /// What is known without another look.
    pub(super) fn evidence(&self, code: Code) -> Evidence {
        let about_file = matches!(code, Code::BeforeFile | Code::AfterDeathOrExit);
        let approval = matches!(code, Code::VisitorApproved | Code::OffHours).then(|| vec![self.approver_id]);
        let everybody = || {
            let three = [self.recorder_id, self.verifier_id, self.approver_id];
            three.into_iter().chain(self.payer_id).collect()
        };
        Evidence {
            kind: self.kind.clone(),
            status: self.status,
            claim_id: self.claim_id,
            aid_id: self.aid_id,
            member_id: self.claim_member_id.or(self.aid_member_id),
            file_id: self.file_id,
            approved_on: self.approved_on,
            paid_on: self.paid_on,
            others: None,
            other_payment_ids: None,
            granted_fen: self.granted_fen,
            limit_fen: self.limit_fen,
            opened_on: self.opened_on.filter(|_| about_file),
            closed_on: self.closed_on.filter(|_| about_file),
            died_on: self.died_on,
            user_ids: approval.or_else(|| (code == Code::SelfApproved).then(everybody)),
            approved_at: self.approved_at().filter(|_| code == Code::OffHours),
            off_hours: None,
            budget_line_id: self.budget_line_id.filter(|_| code == Code::OutsidePurpose),
        }
    }
}

impl Evidence {
    /// Counts other payments, and names those in scope.
    pub(super) fn name(&mut self, others: &[Other], seen: &Scope) {
        let visible = others.iter().filter(|other| seen.covers(&other.path));
        self.others = Some(others.len());
        self.other_payment_ids = Some(visible.map(|other| other.id).collect());
    }
}
