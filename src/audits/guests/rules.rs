//! The rules of invitations. Values in, verdict out.

use chrono::TimeDelta;

use crate::auth::Role;
use crate::db::types::Date;
use crate::error::{Error, Result};
use crate::say;

/// An invitation runs out within the days of the policy.
pub(super) fn until(until: Date, today: Date, days: i64) -> Result<()> {
    let last = today + TimeDelta::days(days);
    if (today..=last).contains(&until) {
        return Ok(());
    }
    let detail = say!(
        "须在 {today} 至 {last} 之间",
        "must lie between {today} and {last}"
    );
    Err(Error::invalid("/until", "out_of_range", detail))
}

/// Only an account of a guest auditor is invited.
pub(super) fn is_guest(roles: &[Role], disabled: bool) -> Result<()> {
    if roles.contains(&Role::GuestAuditor) && !disabled {
        return Ok(());
    }
    let detail = say!("不是可用的特邀审计员账号", "not the account of a guest auditor");
    Err(Error::invalid("/user_id", "not_a_guest_auditor", detail))
}

/// A guest looks at one task at a time.
pub(super) fn has_run_out(until_on: Date, today: Date) -> Result<()> {
    match until_on < today {
        true => Ok(()),
        false => Err(already_invited()),
    }
}

/// The refusal of a second invitation beside one that holds.
pub(super) fn already_invited() -> Error {
    let detail = say!("该特邀审计员已有有效邀请", "the guest is invited already");
    Error::refused("already_invited", detail)
}

/// An invitation ends once.
pub(super) fn not_ended(ended: bool) -> Result<()> {
    if !ended {
        return Ok(());
    }
    let detail = say!("该邀请已结束", "the invitation has ended");
    Err(Error::refused("wrong_status", detail))
}

/// A guest writes about the task of the invitation only.
pub(super) fn of_task(invited: bool) -> Result<()> {
    if invited {
        return Ok(());
    }
    let detail = say!("未受邀参加该审计任务", "you are not invited to this task");
    Err(Error::refused("not_invited", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_is_for_guests_only_and_for_as_long_as_the_policy_says() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let today = day("2020-05-20");
        for (last, fits) in [
            ("2020-05-19", false),
            ("2020-05-20", true),
            ("2020-08-18", true),
            ("2020-08-19", false),
        ] {
            assert_eq!(until(day(last), today, 90).is_ok(), fits, "{last}");
        }
        assert!(is_guest(&[Role::GuestAuditor], false).is_ok());
        assert!(is_guest(&[Role::GuestAuditor], true).is_err() && is_guest(&[Role::Auditor], false).is_err());
        assert!(has_run_out(day("2020-05-19"), today).is_ok());
        assert_eq!(has_run_out(today, today).unwrap_err().code(), "already_invited");
    }
}
