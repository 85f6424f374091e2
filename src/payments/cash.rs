//! Payments in cash (74): the exception, with a reason; whoever gets the money, or an agent with a proxy, signs, and so
//! does the handler. The policy may bound or forbid it.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::http::Paying;
use super::{Payment, PaymentId, rules};
use crate::attachments::{self, AttachmentId, Kind};
use crate::db::schema::payments;
use crate::db::types::Date;
use crate::db::{Rx, Tx};
use crate::error::{Error, FieldError, Result};
use crate::identity::{CitizenId, mask_id};
use crate::input::{Comment, Name};
use crate::keyring::Sealed;
use crate::policies::{self, rules::Funding};
use crate::{input, say};

input! {
    /// Why a payment is made in cash, and who signs.
    #[schema(as = NewCash)]
    pub struct NewCash {
        /// Why not to an account.
        #[schema(value_type = String, max_length = 2000, example = "农村网点撤并，本人行动不便")]
        pub reason: Comment,
        /// The signature of the payee, or of the agent: an attachment of the payment, of the kind `signature`.
        #[schema(value_type = String, format = "uuid")]
        pub payee_signature_id: AttachmentId,
        /// The signature of the handler: another such attachment.
        #[schema(value_type = String, format = "uuid")]
        pub handler_signature_id: AttachmentId,
        /// Who takes the money for the payee; null when it is the payee.
        pub agent: Option<NewAgent>,
    }
}

input! {
    /// Who takes cash for the payee.
    pub struct NewAgent {
        /// Name.
        #[schema(value_type = String, example = "张小军", max_length = 100)]
        pub name: Name,
        /// ID number.
        pub id_number: CitizenId,
        /// The proxy: an attachment of the payment, of the kind `proxy`.
        #[schema(value_type = String, format = "uuid")]
        pub proxy_attachment_id: AttachmentId,
    }
}

/// What is kept of a payment in cash; nothing of any other.
#[derive(Debug, Clone, Default, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = payments)]
#[diesel(treat_none_as_null = true)]
pub struct Cash {
    /// Reason and agent, encrypted.
    pub cash_sealed: Option<Sealed>,
    /// The signature of the payee or the agent.
    pub payee_signature_id: Option<AttachmentId>,
    /// The signature of the handler.
    pub handler_signature_id: Option<AttachmentId>,
    /// The agent's proxy.
    pub proxy_id: Option<AttachmentId>,
    /// Digest of the agent's ID number.
    pub agent_person: Option<String>,
}

/// What is personal in it.
#[derive(Serialize, Deserialize)]
struct Details {
    reason: String,
    agent: Option<Agent>,
}

#[derive(Serialize, Deserialize)]
struct Agent {
    name: String,
    id_number: String,
}

/// A payment in cash as it is shown.
#[derive(Serialize, ToSchema)]
#[schema(as = Cash)]
pub struct ShownCash {
    /// Why not to an account.
    #[schema(example = "农村网点撤并，本人行动不便")]
    pub reason: String,
    /// The signature of the payee or the agent.
    #[schema(value_type = String, format = "uuid")]
    pub payee_signature_id: AttachmentId,
    /// The signature of the handler.
    #[schema(value_type = String, format = "uuid")]
    pub handler_signature_id: AttachmentId,
    /// Who took the money for the payee.
    pub agent: Option<ShownAgent>,
}

/// Who took cash for the payee, as it is shown.
#[derive(Serialize, ToSchema)]
#[schema(as = CashAgent)]
pub struct ShownAgent {
    /// Name.
    #[schema(example = "张小军")]
    pub name: String,
    /// ID number, masked.
    #[schema(example = "3402**********001X")]
    pub id_number: String,
    /// The proxy.
    #[schema(value_type = String, format = "uuid")]
    pub proxy_attachment_id: AttachmentId,
}

impl Cash {
    /// The papers that a payment in cash names.
    pub fn papers(&self) -> Vec<AttachmentId> {
        let named = [self.payee_signature_id, self.handler_signature_id, self.proxy_id];
        named.into_iter().flatten().collect()
    }

    /// What of it is shown; nothing when the payment is none in cash.
    pub fn shown(&self, rx: &Rx) -> Result<Option<ShownCash>> {
        let (Some(sealed), Some(payee_signature_id), Some(handler_signature_id)) = (
            &self.cash_sealed,
            self.payee_signature_id,
            self.handler_signature_id,
        ) else {
            return Ok(None);
        };
        let details: Details = rx.keys.open_json("payment_cash", sealed)?;
        let agent = details.agent.zip(self.proxy_id);
        Ok(Some(ShownCash {
            reason: details.reason,
            payee_signature_id,
            handler_signature_id,
            agent: agent.map(|(agent, proxy_attachment_id)| ShownAgent {
                name: agent.name,
                id_number: mask_id(&agent.id_number),
                proxy_attachment_id,
            }),
        }))
    }
}

/// What to keep of a payment: of one in cash reason, signatures and agent, once they are found to be in order.
///
/// # Errors
/// 422 `cash_needs_reason`, `cash_needs_signatures`, `cash_needs_proxy`, `does_not_fit`; 409 `over_cash_limit`.
pub(super) fn of(tx: &mut Tx, payment: &Payment, paying: &Paying) -> Result<Cash> {
    let Some(cash) = rules::cash(paying.method, paying.cash.as_ref())? else {
        return Ok(Cash::default());
    };
    signed(tx, payment.id, cash)?;
    within_limit(tx, payment, paying.paid_on)?;
    let details = Details {
        reason: cash.reason.clone().into(),
        agent: cash.agent.as_ref().map(|agent| Agent {
            name: agent.name.to_string(),
            id_number: agent.id_number.as_str().to_owned(),
        }),
    };
    let agent = cash.agent.as_ref();
    Ok(Cash {
        cash_sealed: Some(tx.keys.seal_json("payment_cash", &details)?),
        payee_signature_id: Some(cash.payee_signature_id),
        handler_signature_id: Some(cash.handler_signature_id),
        proxy_id: agent.map(|agent| agent.proxy_attachment_id),
        agent_person: agent.map(|agent| tx.keys.person(agent.id_number.as_str())),
    })
}

/// Two different signatures, and the proxy of an agent, are papers of the payment.
fn signed(tx: &mut Tx, payment: PaymentId, cash: &NewCash) -> Result<()> {
    let mut errors = Vec::new();
    let signatures = [cash.payee_signature_id, cash.handler_signature_id];
    let papers = payment.papers();
    attachments::hold(tx, papers)?;
    if attachments::contents(tx, papers, Kind::Signature, &signatures)? != 2 {
        let detail = say!(
            "须有收款人（或代领人）和经办人两份不同的签名附件",
            "the payee (or agent) and the handler sign: two different attachments of the kind `signature`"
        );
        errors.push(FieldError::new(
            "/cash/payee_signature_id",
            "cash_needs_signatures",
            detail,
        ));
    }
    if let Some(agent) = &cash.agent
        && attachments::contents(tx, papers, Kind::Proxy, &[agent.proxy_attachment_id])? != 1
    {
        let detail = say!(
            "代领须有委托书附件",
            "an agent needs a proxy: an attachment of that kind"
        );
        errors.push(FieldError::new(
            "/cash/agent/proxy_attachment_id",
            "cash_needs_proxy",
            detail,
        ));
    }
    match errors.is_empty() {
        true => Ok(()),
        false => Err(Error::Invalid(errors)),
    }
}

fn within_limit(tx: &mut Tx, payment: &Payment, paid_on: Date) -> Result<()> {
    let limit = policies::in_force::<Funding>(tx, paid_on)?.1.cash_limit_fen;
    rules::within_cash_limit(payment.amount_fen, limit)
}
