//! What a query found, and what speaks for it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Code;
use super::rules::{OffHours, Standing};
use super::store::files::File;
use super::store::payments::{Other, Row};
use super::store::units::Unit;
use crate::aid::AidId;
use crate::auth::Scope;
use crate::claims::ClaimId;
use crate::db::types::{Date, Fen, Id, Timestamp, year_of};
use crate::files::FileId;
use crate::funds::LineId;
use crate::members::MemberId;
use crate::organizations::OrganizationId;
use crate::payments::{PaymentId, Status};
use crate::text_enum;
use crate::users::UserId;

text_enum! {
    /// What a flag is about.
    #[schema(as = FlagSubject)]
    pub enum Subject {
        /// A payment.
        Payment = "payment",
        /// A hardship file.
        File = "file",
        /// The figures of a unit for one kind of aid.
        Organization = "organization",
    }
}

/// What a query found.
#[derive(Debug, Serialize, ToSchema)]
pub struct Flag {
    /// What is flagged.
    pub subject_type: Subject,
    /// Which.
    #[schema(value_type = String, format = "uuid")]
    pub subject_id: Id<()>,
    /// Which figures of a unit; empty for everything else.
    #[serde(skip)]
    pub part: String,
    /// The unit of its case.
    #[schema(value_type = String, format = "uuid")]
    pub organization_id: OrganizationId,
    /// The day by which the query goes: that of the approval, of the payment, on which the file came on file or its paper was
    /// due; of figures the last one of the time.
    pub on: Date,
    /// How much, where it is about money.
    pub amount_fen: Option<Fen>,
    /// What speaks for it.
    pub evidence: Evidence,
}

/// What speaks for a flag: ids, days, amounts and counts, never a personal value. What a query does not look at is
/// left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = FlagEvidence)]
pub struct Evidence {
    /// A code of the list `aid_kind`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "living")]
    pub kind: Option<String>,
    /// What became of the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The claim, if it is for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "uuid")]
    pub claim_id: Option<ClaimId>,
    /// The application for aid, if it is for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "uuid")]
    pub aid_id: Option<AidId>,
    /// The member of the case.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "uuid")]
    pub member_id: Option<MemberId>,
    /// The file of the case.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "uuid")]
    pub file_id: Option<FileId>,
    /// Day of the approval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_on: Option<Date>,
    /// Day of payment.
    #[serde(skip_serializing_if = "Option::is_none")]
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
    /// First day of the file's notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice_from: Option<Date>,
    /// Last day of the file's notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice_until: Option<Date>,
    /// Until when the paper file was to be brought in step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paper_due_on: Option<Date>,
    /// How many amounts the figures are of.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 120)]
    pub cases: Option<i64>,
    /// So many in a hundred of them are whole hundreds of yuan.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 95)]
    pub hundreds_percent: Option<i64>,
    /// So many in a hundred of them are whole thousands of yuan.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 60)]
    pub thousands_percent: Option<i64>,
    /// The chi-square of their first digits against Benford's law, in thousandths.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 31_400)]
    pub chi_square_milli: Option<i64>,
    /// The first digit that departs most.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 5)]
    pub digit: Option<i64>,
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
            subject_type: Subject::Payment,
            subject_id: self.id.cast(),
            part: String::new(),
            organization_id: self.organization_id,
            on: self.on(code),
            amount_fen: Some(self.amount_fen),
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
            kind: Some(self.kind.clone()),
            status: Some(self.status),
            claim_id: self.claim_id,
            aid_id: self.aid_id,
            member_id: self.claim_member_id.or(self.aid_member_id),
            file_id: self.file_id,
            approved_on: Some(self.approved_on),
            paid_on: self.paid_on,
            granted_fen: self.granted_fen,
            limit_fen: self.limit_fen,
            opened_on: self.opened_on.filter(|_| about_file),
            closed_on: self.closed_on.filter(|_| about_file),
            died_on: self.died_on,
            user_ids: approval.or_else(|| (code == Code::SelfApproved).then(everybody)),
            approved_at: self.approved_at().filter(|_| code == Code::OffHours),
            budget_line_id: self.budget_line_id.filter(|_| code == Code::OutsidePurpose),
            ..Evidence::default()
        }
    }
}

impl File {
    /// The flag that it is.
    pub(super) fn flag(&self, code: Code) -> Flag {
        let late = code == Code::PaperLate;
        let about_notice = matches!(code, Code::NoNotice | Code::BeforeNoticeEnd);
        let people = match code {
            Code::NoNotice | Code::BeforeNoticeEnd => self.approver_id,
            Code::ContactIsRelative => self.contact_id,
            _ => None,
        };
        let evidence = Evidence {
            file_id: Some(self.id),
            member_id: Some(self.member_id),
            opened_on: self.opened_on,
            closed_on: self.closed_on,
            notice_from: self.notice_from.filter(|_| about_notice),
            notice_until: self.notice_until.filter(|_| about_notice),
            paper_due_on: self.paper_due_on.filter(|_| late),
            user_ids: people.map(|user| vec![user]),
            ..Evidence::default()
        };
        Flag {
            subject_type: Subject::File,
            subject_id: self.id.cast(),
            part: String::new(),
            organization_id: self.organization_id,
            on: self.on(code).unwrap_or_default(),
            amount_fen: None,
            evidence,
        }
    }

    /// The day by which the query goes.
    pub(super) fn on(&self, code: Code) -> Option<Date> {
        match code {
            Code::PaperLate => self.paper_due_on,
            _ => self.opened_on,
        }
    }
}

impl Unit {
    /// The flag that its figures for a kind of aid are.
    pub(super) fn flag(&self, kind: &str, until: Date, found: Standing, sum: Fen) -> Flag {
        let evidence = Evidence {
            kind: Some(kind.to_owned()),
            cases: Some(found.cases),
            hundreds_percent: Some(found.hundreds_percent),
            thousands_percent: Some(found.thousands_percent),
            chi_square_milli: found.chi_square_milli,
            digit: found.digit,
            ..Evidence::default()
        };
        Flag {
            subject_type: Subject::Organization,
            subject_id: self.id.cast(),
            part: format!("{kind}/{}", year_of(until)),
            organization_id: self.id,
            on: until,
            amount_fen: Some(sum),
            evidence,
        }
    }
}

impl Flag {
    /// Where a list goes on after it: what its query goes by, and its id.
    pub(super) fn place(&self) -> (String, String) {
        let key = match self.subject_type {
            Subject::Payment | Subject::File => self.on.to_string(),
            Subject::Organization => self.evidence.kind.clone().unwrap_or_default(),
        };
        (key, self.subject_id.to_string())
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
