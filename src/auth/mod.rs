//! Who is asking, what they may do, and how far they may see.

use crate::db::types::Id;
use crate::organizations::Organization;
use crate::text_enum;
use crate::users::User;

mod door;
pub mod http;
pub mod limit;
mod may;
pub mod password;
pub mod policy;
mod store;
pub mod token;

pub use door::accounts_policy;
pub use may::{Creation, May, Sent};
pub use store::{cleanup, end_sessions, new_session, unlock};

text_enum! {
    /// What an account is for. Neither administrator reads case data; the auditor changes nothing.
    pub enum Role {
        /// Records members, files, actions and claims.
        Caseworker = "caseworker",
        /// Reviews, approves, waives and pairs.
        Supervisor = "supervisor",
        /// Pays.
        Finance = "finance",
        /// Reads everything in scope, changes nothing.
        Auditor = "auditor",
        /// Reads what an auditor reads, of the unit of one audit task and while invited to it; nothing before and after.
        GuestAuditor = "guest_auditor",
        /// Keeps organizations and accounts.
        SystemAdmin = "system_admin",
        /// Grants roles, unlocks, keeps policies and keys.
        SecurityAdmin = "security_admin",
        /// A program with named scopes.
        Integration = "integration",
    }
}

/// What an actor may see: the subtree of one unit (rule 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Everything: the root's accounts, and the service itself.
    All,
    /// The unit with this path and what is below it.
    Under(String),
    /// Nothing: a guest auditor who is not invited.
    Nothing,
}

impl Scope {
    /// Whether a unit with this path is inside.
    pub fn covers(&self, path: &str) -> bool {
        match self {
            Self::All => true,
            Self::Under(top) => path.starts_with(top.as_str()),
            Self::Nothing => false,
        }
    }

    /// Refuses (403) all but the root's accounts: for what is made for the whole union.
    pub fn at_the_root(&self) -> crate::error::Result<()> {
        match self {
            Self::All => Ok(()),
            Self::Under(_) | Self::Nothing => Err(crate::error::Error::Forbidden),
        }
    }

    /// The first path inside and the first beyond, as one range; `None` for everything.
    pub fn range(&self) -> Option<(String, String)> {
        match self {
            Self::All => None,
            // paths end in '/', whose successor in byte order is '0'
            Self::Under(top) => Some((top.clone(), format!("{}0", top.trim_end_matches('/')))),
            Self::Nothing => Some((String::new(), String::new())),
        }
    }
}

/// Narrows a boxed query to the rows whose unit lies in the scope of `$rx`: the one place that does (rule 3).
/// `within!(one query, …)` says that the query is for one record: its unit is looked up, instead of all units of the
/// scope.
#[macro_export]
macro_rules! within {
    (one $query:ident, $organization_id:expr, $rx:expr) => {
        if let Some((first, beyond)) = $rx.scope.range() {
            use $crate::db::schema::organizations as unit;
            $query = $query.filter(diesel::dsl::exists(
                unit::table
                    .filter(unit::id.eq($organization_id))
                    .filter(unit::path.ge(first))
                    .filter(unit::path.lt(beyond)),
            ));
        }
    };
    ($query:ident, $organization_id:expr, $rx:expr) => {
        if let Some((first, beyond)) = $rx.scope.range() {
            use $crate::db::schema::organizations as unit;
            $query = $query.filter(
                $organization_id.eq_any(
                    unit::table
                        .filter(unit::path.ge(first))
                        .filter(unit::path.lt(beyond))
                        .select(unit::id),
                ),
            );
        }
    };
}

/// Who does a unit of work.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The account; `None` for the service itself.
    pub id: Option<Id<User>>,
    /// The role under which it is done, for the log.
    pub role: &'static str,
    /// The account's unit.
    pub organization_id: Option<Id<Organization>>,
    /// How far the account sees.
    pub scope: Scope,
    /// The keyed digest of the account holder's ID number: nobody acts on a case of their own (rule 6).
    pub person: String,
}

impl Actor {
    /// The service itself: jobs and the command line.
    pub fn system() -> Self {
        Self {
            id: None,
            role: "system",
            organization_id: None,
            scope: Scope::All,
            person: String::new(),
        }
    }

    /// The account; for work that only a person can do.
    pub fn user(&self) -> crate::error::Result<Id<User>> {
        self.id.ok_or(crate::error::Error::Forbidden)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_lies_in_the_scope_of_nothing() {
        let (first, beyond) = Scope::Nothing.range().unwrap();
        for path in ["", "/", "/a/"] {
            let between = path >= first.as_str() && path < beyond.as_str();
            assert!(!between && !Scope::Nothing.covers(path), "{path}");
        }
    }

    #[test]
    fn a_scope_covers_its_own_subtree_and_no_sibling_with_the_same_beginning() {
        let scope = Scope::Under("/a/b/".into());
        let (first, beyond) = scope.range().unwrap();
        for (path, inside) in [
            ("/a/b/", true),
            ("/a/b/c/", true),
            ("/a/", false),
            ("/a/bc/", false),
            ("/a/b0/", false),
        ] {
            assert_eq!(scope.covers(path), inside, "{path}");
            assert_eq!(path >= first.as_str() && path < beyond.as_str(), inside, "{path}");
        }
    }
}
