//! What a payment is for: a claim on the condolence, or an application for aid.

use super::{Payment, Stop};
use crate::aid::{self, AidId, Application};
use crate::claims::{self, Claim, ClaimId, Payee};
use crate::db::types::{Fen, Id};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::funds::Line;
use crate::members::MemberId;
use crate::organizations::OrganizationId;
use crate::separation::Part;
use crate::users::UserId;

/// The kind of aid that a condolence is (58): a code of the list `aid_kind`.
const CONDOLENCE: &str = "illness_condolence";

/// The case of a payment.
pub enum Case {
    /// A claim.
    Claim(Claim),
    /// An application.
    Aid(Application),
}

/// What was granted, and by whom: what a payment is made from.
pub(super) struct Grant {
    pub claim_id: Option<ClaimId>,
    pub aid_id: Option<AidId>,
    pub kind: String,
    pub person: String,
    pub organization_id: OrganizationId,
    pub payee: Payee,
    pub amount: Fen,
    pub recorder_id: UserId,
    pub verifier_id: UserId,
    pub approver_id: UserId,
    pub line: Option<Line>,
}

impl Grant {
    /// Of a claim.
    pub fn of_claim(granted: &claims::Granted, line: Option<Line>) -> Self {
        let claim = &granted.claim;
        Self {
            claim_id: Some(claim.id),
            aid_id: None,
            kind: CONDOLENCE.to_owned(),
            person: claim.person.clone(),
            organization_id: claim.organization_id,
            payee: granted.payee.clone(),
            amount: granted.amount,
            recorder_id: claim.recorder_id,
            verifier_id: granted.verifier_id,
            approver_id: granted.approver_id,
            line,
        }
    }

    /// Of an application for aid.
    pub fn of_aid(granted: &aid::Granted, line: Option<Line>) -> Self {
        let application = &granted.application;
        Self {
            claim_id: None,
            aid_id: Some(application.id),
            kind: application.kind.clone(),
            person: application.person.clone(),
            organization_id: application.organization_id,
            payee: granted.payee.clone(),
            amount: granted.amount,
            recorder_id: application.recorder_id,
            verifier_id: granted.verifier_id,
            approver_id: granted.approver_id,
            line,
        }
    }
}

/// The kind of aid of a claim.
pub(super) fn condolence() -> &'static str {
    CONDOLENCE
}

impl Case {
    /// The case of a payment in scope.
    pub fn of(rx: &mut Rx, payment: &Payment) -> Result<Self> {
        match (payment.claim_id, payment.aid_id) {
            (Some(claim), _) => claims::find(rx, claim).map(Self::Claim),
            (None, Some(aid)) => aid::find(rx, aid).map(Self::Aid),
            (None, None) => Err(Error::internal("a payment without a case")),
        }
    }

    /// Its id, as that of a case.
    pub fn id(&self) -> Id<()> {
        match self {
            Self::Claim(claim) => claim.id.cast(),
            Self::Aid(application) => application.id.cast(),
        }
    }

    /// Its number.
    pub fn number(&self) -> &str {
        match self {
            Self::Claim(claim) => &claim.number,
            Self::Aid(application) => &application.number,
        }
    }

    /// The member it is about.
    pub fn member_id(&self) -> MemberId {
        match self {
            Self::Claim(claim) => claim.member_id,
            Self::Aid(application) => application.member_id,
        }
    }

    /// Takes a part on it for the acting person (6).
    pub fn take_part(&self, tx: &mut Tx, part: Part) -> Result<()> {
        match self {
            Self::Claim(claim) => claims::take_part(tx, claim, part),
            Self::Aid(application) => aid::take_part(tx, application, part),
        }
    }

    /// Marks it as paid.
    pub(super) fn paid(self, tx: &mut Tx) -> Result<()> {
        match self {
            Self::Claim(claim) => claims::paid(tx, claim).map(drop),
            Self::Aid(application) => aid::paid(tx, application),
        }
    }

    /// Marks it as approved again, because the money came back.
    pub(super) fn unpaid(self, tx: &mut Tx) -> Result<()> {
        match self {
            Self::Claim(claim) => claims::unpaid(tx, claim).map(drop),
            Self::Aid(application) => aid::unpaid(tx, application),
        }
    }

    /// Sets free what the grant had used up, because its payment was cancelled.
    pub(super) fn released(self, tx: &mut Tx) -> Result<()> {
        match self {
            Self::Claim(claim) => claims::released(tx, claim),
            Self::Aid(application) => aid::released(tx, application),
        }
    }

    /// Why it may not be paid any more by itself (77).
    pub(super) fn stopped(&self, rx: &mut Rx) -> Result<Option<Stop>> {
        match self {
            Self::Claim(_) => Ok(None),
            Self::Aid(application) => Ok(aid::has_ended(rx, application)?.then_some(Stop::FileEnded)),
        }
    }
}
