//! Who gets the money (65, 73): the member, to an account in the own name; the guardian of a member who can't act; and of
//! a member who has died a close relative. Guardians and heirs bring proof.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;
use utoipa::ToSchema;

use crate::attachments::{self, Kind, Owner};
use crate::db::Rx;
use crate::error::{Error, FieldError, Result};
use crate::identity::{AccountNumber, CitizenId, card_fits, mask_account, mask_id};
use crate::input::{Name, Text};
use crate::members::{self, Member};
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
text_enum! {
    /// What kind of account it is.
    #[derive(Default)]
    pub enum AccountType {
        /// 银行卡: its number has a check digit (93).
        #[default]
        Card = "card",
        /// 存折: its number has none.
        Passbook = "passbook",
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
        pub account_number: AccountNumber,
        /// What kind of account; a card when nothing is said.
        pub account_type: Option<AccountType>,
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
    /// What kind of account.
    pub account_type: AccountType,
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
    /// What kind of account.
    pub account_type: AccountType,
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
            account_type: new.account_type.unwrap_or_default(),
            bank: new.bank.into(),
            relation: new.relation.map(String::from),
        }
    }
}

impl Payee {
    /// What is wrong with it in itself: an heir or a guardian says how they are related to the member and is somebody
    /// else (65); the number of a card has the right check digit (93).
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.kind != PayeeKind::Member && self.relation.is_none() {
            let detail = say!("须填写与会员的关系", "needs the relation to the member");
            errors.push(FieldError::new("/payee/relation", "required", detail));
        }
        errors.extend(account_fits(self.account_type, &self.account_number, "/payee/account_number").err());
        errors
    }

    /// What is wrong with it for this member: the payee called the member has the name and the ID number that the
    /// register knows, any other has another (73). `person` is the digest of the payee's ID number.
    pub fn of(&self, member: &Member, person: &str) -> Vec<FieldError> {
        let own = person == member.person;
        let mut errors = Vec::new();
        if self.kind == PayeeKind::Member {
            let detail = || say!("与会员登记不符", "is not what the register says of the member");
            if plain(&self.name) != plain(&member.name) {
                errors.push(FieldError::new("/payee/name", "not_the_member", detail()));
            }
            if !own {
                errors.push(FieldError::new("/payee/id_number", "not_the_member", detail()));
            }
        } else if own {
            let detail = say!("这是会员本人", "that is the member");
            errors.push(FieldError::new("/payee/id_number", "is_the_member", detail));
        }
        errors
    }

    /// The payee with its numbers masked.
    pub fn masked(self) -> MaskedPayee {
        MaskedPayee {
            kind: self.kind,
            name: self.name,
            id_number: mask_id(&self.id_number),
            account_number: mask_account(&self.account_number),
            account_type: self.account_type,
            bank: self.bank,
            relation: self.relation,
        }
    }
}

/// A name whatever its width and spaces.
fn plain(name: &str) -> String {
    name.nfkc().filter(|c| !c.is_whitespace()).collect()
}

/// The number of a card has the right check digit (93).
///
/// # Errors
/// `invalid_account_number` at `pointer`.
pub fn account_fits(kind: AccountType, number: &str, pointer: &str) -> std::result::Result<(), FieldError> {
    match kind {
        AccountType::Passbook => Ok(()),
        AccountType::Card => {
            card_fits(number).map_err(|detail| FieldError::new(pointer, "invalid_account_number", detail))
        }
    }
}

/// The papers that show that a payee of this kind may have the money (65, 73).
pub fn proofs(kind: PayeeKind) -> &'static [Kind] {
    match kind {
        PayeeKind::Member => &[],
        PayeeKind::Heir => &[Kind::DeathCertificate, Kind::KinshipProof],
        PayeeKind::Guardian => &[Kind::GuardianshipProof],
    }
}

/// Only who has died leaves money to heirs (65).
///
/// # Errors
/// 409 `member_alive`.
pub fn may_inherit(kind: PayeeKind, member: &Member) -> Result<()> {
    if kind != PayeeKind::Heir || member.status == members::Status::Deceased {
        return Ok(());
    }
    let detail = say!(
        "会员在登记中未亡故，不能由亲属领取",
        "the register does not say that the member has died: no heir is paid"
    );
    Err(Error::refused("member_alive", detail))
}

/// Looks at a payee as a case is handed in and as it is granted: somebody who lives, an heir of a member who has died,
/// and with the proof that is needed among the papers of the case (65, 73, 77).
///
/// # Errors
/// 409 `member_alive`, `member_deceased`, `payee_deceased`, `missing_proof` (with the `kinds`).
pub fn may_receive(rx: &mut Rx, kind: PayeeKind, person: &str, member: &Member, papers: Owner) -> Result<()> {
    may_inherit(kind, member)?;
    let dead = member.status == members::Status::Deceased;
    if dead && kind != PayeeKind::Heir {
        let detail = say!(
            "会员已亡故，须改由近亲属领取",
            "the member has died: a close relative is to be the payee"
        );
        return Err(Error::refused("member_deceased", detail));
    }
    if kind != PayeeKind::Member && members::is_known_dead(rx, person)? {
        let detail = say!("收款人已亡故", "the payee has died");
        return Err(Error::refused("payee_deceased", detail));
    }
    let there = attachments::kinds(rx, papers)?;
    let missing: Vec<Kind> = proofs(kind)
        .iter()
        .copied()
        .filter(|kind| !there.contains(kind))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let detail = say!("缺少证明材料", "proof is missing: attach it first");
    Err(Error::refused("missing_proof", detail).with("kinds", missing))
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
            account_type: AccountType::Card,
            bank: "徽商银行".into(),
            relation: relation.map(str::to_owned),
        }
    }

    #[test]
    fn an_heir_or_a_guardian_names_the_relation_to_the_member() {
        assert!(payee(PayeeKind::Member, None).check().is_empty());
        for kind in [PayeeKind::Heir, PayeeKind::Guardian] {
            assert!(payee(kind, Some("配偶")).check().is_empty());
            assert_eq!(payee(kind, None).check().len(), 1);
        }
    }

    #[test]
    fn the_check_digit_of_a_card_is_right_and_a_passbook_has_none() {
        let wrong = "6200000000000006";
        assert!(account_fits(AccountType::Card, "6200000000000005", "").is_ok());
        assert!(account_fits(AccountType::Card, wrong, "").is_err());
        assert!(account_fits(AccountType::Passbook, wrong, "").is_ok());
    }

    #[test]
    fn a_name_is_the_same_whatever_its_width() {
        assert_eq!(plain("Ｗａｎｇ　Wei"), plain("WangWei"));
        assert_ne!(plain("王伟"), plain("王维"));
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
