//! The rules of changed accounts (75, 77). Values in, verdict out.

use super::{Account, ChangeStatus};
use crate::claims::Payee;
use crate::error::{Error, Result};
use crate::say;
use crate::separation::same_person;

/// A change is decided once.
pub(super) fn is_open(status: ChangeStatus) -> Result<()> {
    if status == ChangeStatus::Proposed {
        return Ok(());
    }
    let detail = say!("该变更已处理", "the change has been decided");
    Err(Error::refused("wrong_status", detail))
}

/// Who decides a change is another person than proposed it.
pub(super) fn another(proposer: &str, decider: &str) -> Result<()> {
    match proposer == decider {
        true => Err(same_person()),
        false => Ok(()),
    }
}

/// Another account is not the one that the payment has.
pub(super) fn differs(account: &Account, payee: &Payee) -> Result<()> {
    let same = account.account_number == payee.account_number
        && account.bank == payee.bank
        && account.account_type == payee.account_type;
    if !same {
        return Ok(());
    }
    let detail = say!("与原账户相同", "is the account that the payment has");
    Err(Error::invalid("/account_number", "unchanged", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_decided_once_and_by_another() {
        assert!(is_open(ChangeStatus::Proposed).is_ok() && another("a", "b").is_ok());
        assert_eq!(another("a", "a").unwrap_err().code(), "same_person");
        for decided in [ChangeStatus::Confirmed, ChangeStatus::Refused] {
            assert_eq!(is_open(decided).unwrap_err().code(), "wrong_status");
        }
    }
}
