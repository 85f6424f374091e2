//! Who gets the money (65, 73).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::FieldError;
use crate::identity::{BankCard, CitizenId, mask_account, mask_id};
use crate::input::{Name, Text};
use crate::{input, say, text_enum};

text_enum! {
    /// Who the payee is to the member.
    pub enum PayeeKind {
        /// The member.
        Member = "member",
        /// A close relative of a member who has died (65).
        Heir = "heir",
        /// The guardian of a member who can't act.
        Guardian = "guardian",
    }
}
input! {
    /// The payee, with numbers in clear.
    pub struct NewPayee {
        /// Who it is to the member.
        pub kind: PayeeKind,
        /// Name, as the account has it.
        #[schema(value_type = String, example = "张三", max_length = 100)]
        pub name: Name,
        /// ID number.
        #[schema(value_type = String, example = "34029919700101001X")]
        pub id_number: CitizenId,
        /// Account or card number, in the payee's own name (73).
        #[schema(value_type = String, example = "6200000000000005")]
        pub account_number: BankCard,
        /// The bank.
        #[schema(value_type = String, example = "徽商银行", max_length = 100)]
        pub bank: Name,
        /// The relation to the member; required unless it is the member.
        #[schema(value_type = Option<String>, example = "配偶", max_length = 40)]
        pub relation: Option<Text<40>>,
    }
}

/// The payee as it is kept, inside an encrypted value only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payee {
    /// Who it is to the member.
    pub kind: PayeeKind,
    /// Name.
    pub name: String,
    /// ID number in clear.
    pub id_number: String,
    /// Account number in clear.
    pub account_number: String,
    /// The bank.
    pub bank: String,
    /// The relation to the member.
    pub relation: Option<String>,
}

/// The payee as it is shown: numbers masked (87).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Payee)]
pub struct MaskedPayee {
    /// Who it is to the member.
    pub kind: PayeeKind,
    /// Name.
    #[schema(example = "张三")]
    pub name: String,
    /// ID number, masked.
    #[schema(example = "3402**********001X")]
    pub id_number: String,
    /// Account number, masked.
    #[schema(example = "6200********0005")]
    pub account_number: String,
    /// The bank.
    #[schema(example = "徽商银行")]
    pub bank: String,
    /// The relation to the member.
    pub relation: Option<String>,
}

impl From<NewPayee> for Payee {
    fn from(new: NewPayee) -> Self {
        Self {
            kind: new.kind,
            name: new.name.into(),
            id_number: new.id_number.as_str().to_owned(),
            account_number: new.account_number.as_str().to_owned(),
            bank: new.bank.into(),
            relation: new.relation.map(String::from),
        }
    }
}

impl Payee {
    /// An heir or a guardian says how they are related to the member (65).
    pub fn check(&self) -> Result<(), FieldError> {
        if self.kind == PayeeKind::Member || self.relation.is_some() {
            return Ok(());
        }
        let detail = say!("须填写与会员的关系", "needs the relation to the member");
        Err(FieldError::new("/payee/relation", "required", detail))
    }

    /// The payee with its numbers masked.
    pub fn masked(self) -> MaskedPayee {
        MaskedPayee {
            kind: self.kind,
            name: self.name,
            id_number: mask_id(&self.id_number),
            account_number: mask_account(&self.account_number),
            bank: self.bank,
            relation: self.relation,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payee(kind: PayeeKind, relation: Option<&str>) -> Payee {
        Payee {
            kind,
            name: "张三".into(),
            id_number: "34029919700101001X".into(),
            account_number: "6200000000000005".into(),
            bank: "徽商银行".into(),
            relation: relation.map(str::to_owned),
        }
    }

    #[test]
    fn an_heir_or_a_guardian_names_the_relation_to_the_member() {
        assert!(payee(PayeeKind::Member, None).check().is_ok());
        for kind in [PayeeKind::Heir, PayeeKind::Guardian] {
            assert!(payee(kind, Some("配偶")).check().is_ok());
            assert!(payee(kind, None).check().is_err());
        }
    }

    #[test]
    fn numbers_are_shown_masked() {
        let shown = serde_json::to_string(&payee(PayeeKind::Member, None).masked()).unwrap();
        assert!(
            shown.contains("3402**********001X") && shown.contains("6200********0005"),
            "{shown}"
        );
    }
}
