//! The rules of accounts (4 to 7). Values in, verdict out.

use std::collections::BTreeSet;
use std::ops::Deref;

use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::auth::Role;
use crate::auth::policy::{POLICY, compatible};
use crate::db::types::string_schema;
use crate::error::{Error, FieldError, Result};
use crate::input::{Input, Text};
use crate::{say, text_enum};

text_enum! {
    /// Whether an account can be used.
    #[schema(as = UserStatus)]
    pub enum Status {
        /// It can.
        Active = "active",
        /// Not for some minutes, after too many failed sign-ins (89).
        Locked = "locked",
        /// Never again.
        Disabled = "disabled",
    }
}

/// The name to sign in with: 2 to 40 letters and digits of any script, or `.`, `_`, `-`, `@`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Username(String);

impl Input for Username {
    fn read(value: &Value, at: &str, errors: &mut Vec<FieldError>) -> Option<Self> {
        let text = String::from(Text::<40>::read(value, at, errors)?);
        let allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@');
        if text.chars().count() >= 2 && text.chars().all(allowed) {
            return Some(Self(text));
        }
        let detail = say!(
            "用户名为 2 至 40 个文字、数字或 . _ - @",
            "a user name has 2 to 40 letters, digits or . _ - @"
        );
        errors.push(FieldError::new(at, "invalid_username", detail));
        None
    }
}
impl Deref for Username {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}
impl From<Username> for String {
    fn from(name: Username) -> Self {
        name.0
    }
}
impl utoipa::PartialSchema for Username {
    fn schema() -> RefOr<Schema> {
        string_schema(|o| {
            o.min_length(Some(2))
                .max_length(Some(40))
                .examples([serde_json::json!("wang.fang")])
        })
    }
}
impl utoipa::ToSchema for Username {}

/// A name that any account has or had is never given again (4).
pub fn username_taken() -> Error {
    Error::refused(
        "username_taken",
        say!("用户名已被使用", "the user name is, or once was, in use"),
    )
}

/// One person, one account (4).
pub fn person_has_account() -> Error {
    let detail = say!(
        "该人员已有启用的账号",
        "this person has an account that is not disabled"
    );
    Error::refused("person_has_account", detail)
}

/// A unit may be allowed only so many accounts (4); `None` for no limit.
pub fn room_for_one_more(accounts: i64, limit: Option<i64>) -> Result<()> {
    match limit {
        Some(limit) if accounts >= limit => {
            let detail = say!(
                "该单位的账号数已达上限 {limit}",
                "the unit has its {limit} accounts already"
            );
            Err(Error::refused("too_many_accounts", detail))
        }
        _ => Ok(()),
    }
}

/// A disabled account stays as it is (4).
pub fn still_enabled(disabled: bool) -> Result<()> {
    if disabled {
        return Err(Error::refused(
            "disabled",
            say!("账号已停用", "the account is disabled"),
        ));
    }
    Ok(())
}

/// Nobody changes the own roles or disables the own account (7). Both are digests of ID numbers.
pub fn another_person(actor: &str, holder: &str) -> Result<()> {
    if actor == holder {
        return Err(Error::refused(
            "same_person",
            say!("不能对本人的账号操作", "nobody does this to the own account"),
        ));
    }
    Ok(())
}

/// The roles of a grant: an empty list takes all of them, an absent one is a mistake.
pub fn named(roles: Option<Vec<Role>>) -> Result<Vec<Role>> {
    let missing = || Error::invalid("/roles", "required", say!("必填", "is required"));
    roles.ok_or_else(missing)
}

/// The roles and scopes that an account gets, each once, if they go together (6, 7).
pub fn grant(roles: Vec<Role>, scopes: Vec<String>) -> Result<(Vec<Role>, Vec<String>)> {
    let roles: Vec<_> = roles.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    let integration = roles.contains(&Role::Integration);
    let mut errors = Vec::new();
    for (at, scope) in scopes.iter().enumerate() {
        if !for_integrations(scope) {
            errors.push(FieldError::new(
                format!("/scopes/{at}"),
                "unknown_code",
                say!("接口账号没有这项权限", "integrations have no such permission"),
            ));
        }
    }
    if !integration && !scopes.is_empty() {
        let detail = say!("只有接口账号才有权限范围", "only an integration has scopes");
        errors.push(FieldError::new("/scopes", "not_an_integration", detail));
    }
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    if !compatible(&roles) {
        let detail = say!(
            "审计、系统管理、安全管理、接口各角色均不得与其他角色兼任",
            "auditor, either administrator and integration go with no other role"
        );
        return Err(Error::refused("incompatible_roles", detail).with("roles", &roles));
    }
    let scopes = scopes.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    Ok((roles, scopes))
}

fn for_integrations(scope: &str) -> bool {
    POLICY
        .iter()
        .any(|(name, roles)| *name == scope && roles.contains(&Role::Integration))
}

/// Whether a one-time password has to be changed at the first sign-in (5): a program has nobody to change it.
pub fn must_change_one_time_password(roles: &[Role]) -> bool {
    !roles.contains(&Role::Integration)
}

/// Whether an account whose roles change has to change its password: what an administrator saw as the secret of a
/// program is no person's password (5).
pub fn must_change_password_after_grant(now: bool, before: &[Role], after: &[Role]) -> bool {
    let was = before.contains(&Role::Integration);
    match after.contains(&Role::Integration) {
        true => false,
        false => now || was,
    }
}

/// A new installation begins with one of the administrators.
pub fn first_role(role: Role) -> Result<()> {
    match role {
        Role::SystemAdmin | Role::SecurityAdmin => Ok(()),
        _ => Err(Error::refused(
            "not_an_administrator",
            say!(
                "命令行只能建立系统管理员或安全管理员",
                "the command line makes only system and security administrators"
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Role::*;

    fn names(scopes: &[&str]) -> Vec<String> {
        scopes.iter().map(|s| (*s).to_owned()).collect()
    }

    #[test]
    fn roles_come_once_each_and_only_those_that_go_together() {
        let (roles, _) = grant(vec![Supervisor, Caseworker, Supervisor], vec![]).unwrap();
        assert_eq!(roles, [Caseworker, Supervisor]);
        assert!(grant(vec![], vec![]).is_ok());
        for together in [
            [Auditor, Finance],
            [SystemAdmin, SecurityAdmin],
            [Integration, Caseworker],
        ] {
            assert_eq!(
                grant(together.to_vec(), vec![]).unwrap_err().code(),
                "incompatible_roles"
            );
        }
    }

    #[test]
    fn scopes_are_permissions_of_integrations_and_for_them_only() {
        assert!(grant(vec![Integration], names(&["members:read", "files:read"])).is_ok());
        assert!(grant(vec![Caseworker], names(&["members:read"])).is_err());
        for unknown in ["payments:pay", "self", "", "everything"] {
            match grant(vec![Integration], names(&["members:read", unknown])).unwrap_err() {
                Error::Invalid(errors) => assert_eq!(errors[0].pointer, "/scopes/1"),
                other => panic!("{other}"),
            }
        }
    }

    #[test]
    fn a_limit_counts_the_accounts_there_are() {
        assert!(room_for_one_more(4, Some(5)).is_ok() && room_for_one_more(900, None).is_ok());
        assert!(room_for_one_more(5, Some(5)).is_err() && room_for_one_more(0, Some(0)).is_err());
    }

    #[test]
    fn a_programs_secret_is_no_persons_password() {
        assert!(!must_change_password_after_grant(true, &[], &[Integration]));
        assert!(must_change_password_after_grant(
            false,
            &[Integration],
            &[Caseworker]
        ));
        assert!(!must_change_password_after_grant(
            false,
            &[Caseworker],
            &[Supervisor]
        ));
    }
}
