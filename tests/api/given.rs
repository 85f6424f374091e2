//! What tests start from: the tree of units and one account per role, in two districts.

use std::sync::Arc;

use bangfu::auth::{Actor, Role};
use bangfu::db::Tx;
use bangfu::db::types::{Id, Json};
use bangfu::organizations::{self, Kind, NewOrganization, Organization, OrganizationId};
use bangfu::users::{self, User};

use crate::harness::{Client, PASSWORD, TestApp};

/// A city with two districts, each with a basic union; one account per role.
///
/// `caseworker`, `supervisor` … belong to the basic union of the first district or to the district; the `*_2` to the
/// second; `city_*`, finance, auditor and the administrators to the root.
pub struct Town {
    pub app: TestApp,
    pub root: String,
    pub jinghu: String,
    pub jinghu_basic: String,
    pub yijiang: String,
    pub yijiang_basic: String,
}

/// Accounts: user name, role, unit by index into root, jinghu, jinghu_basic, yijiang, yijiang_basic.
const ACCOUNTS: &[(&str, Role, usize)] = &[
    ("caseworker", Role::Caseworker, 1),
    ("caseworker_b", Role::Caseworker, 1),
    ("supervisor", Role::Supervisor, 1),
    ("supervisor_b", Role::Supervisor, 1),
    ("caseworker_2", Role::Caseworker, 3),
    ("supervisor_2", Role::Supervisor, 3),
    ("city_caseworker", Role::Caseworker, 0),
    ("city_supervisor", Role::Supervisor, 0),
    ("city_supervisor_b", Role::Supervisor, 0),
    ("finance", Role::Finance, 0),
    ("finance_b", Role::Finance, 0),
    ("finance_2", Role::Finance, 3),
    ("auditor", Role::Auditor, 0),
    ("auditor_2", Role::Auditor, 3),
    ("system_admin", Role::SystemAdmin, 0),
    ("system_admin_2", Role::SystemAdmin, 3),
    ("security_admin", Role::SecurityAdmin, 0),
    ("security_admin_b", Role::SecurityAdmin, 0),
    ("security_admin_2", Role::SecurityAdmin, 3),
    ("integration", Role::Integration, 1),
];

impl Town {
    /// A fresh service with units and accounts.
    pub async fn start() -> Self {
        let app = TestApp::start().await;
        let password_hash = app.shared.passwords.hash(PASSWORD).unwrap();
        let units = app.db.write_blocking(Actor::system(), "given".into(), |tx| {
            let units = units(tx)?;
            for (n, (username, role, unit)) in ACCOUNTS.iter().enumerate() {
                let user = account(tx, n, username, *role, units[*unit], &password_hash);
                users::insert(tx, &user)?;
            }
            Ok(units.map(|id| id.to_string()))
        });
        let [root, jinghu, jinghu_basic, yijiang, yijiang_basic] = units.unwrap();
        Self {
            app,
            root,
            jinghu,
            jinghu_basic,
            yijiang,
            yijiang_basic,
        }
    }

    /// The client of an account.
    pub async fn client(&self, username: &str) -> Client {
        self.app.sign_in(username).await
    }

    /// The id of an account.
    pub fn user_id(&self, username: &str) -> String {
        let name = users::username_key(username);
        let found = self
            .app
            .db
            .read_blocking(bangfu::auth::Scope::All, move |rx| users::find_by_name(rx, &name));
        found.unwrap().id.to_string()
    }
}

impl Drop for Town {
    /// Every test checks the invariants, unless it has failed already.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.app.check_invariants();
        }
    }
}

fn units(tx: &mut Tx) -> bangfu::error::Result<[OrganizationId; 5]> {
    let mut open = |parent_id, kind, name: &str, code: &str| {
        let body = serde_json::json!({ "parent_id": parent_id, "kind": kind, "name": name, "code": code, "region_code": "340200" });
        let new: NewOrganization = bangfu::input::read_body(body.to_string().as_bytes())?;
        let id: Id<Organization> = tx.new_id();
        organizations::open(tx, id, new).map(|unit| unit.id)
    };
    let root = open(None, Kind::City, "芜湖市总工会", "340200")?;
    let jinghu = open(Some(root), Kind::District, "镜湖区总工会", "340202")?;
    let jinghu_basic = open(Some(jinghu), Kind::Basic, "镜湖区环卫工会", "340202-01")?;
    let yijiang = open(Some(root), Kind::District, "弋江区总工会", "340203")?;
    let yijiang_basic = open(Some(yijiang), Kind::Basic, "弋江区快递工会", "340203-01")?;
    Ok([root, jinghu, jinghu_basic, yijiang, yijiang_basic])
}

fn account(tx: &Tx, n: usize, username: &str, role: Role, unit: OrganizationId, password_hash: &str) -> User {
    let id_number = id_number(9000 + n);
    let scopes = match role {
        Role::Integration => bangfu::auth::policy::POLICY
            .iter()
            .filter(|(_, roles)| roles.contains(&Role::Integration))
            .map(|(name, _)| (*name).to_owned())
            .collect(),
        _ => Vec::new(),
    };
    User {
        id: tx.new_id(),
        username: username.into(),
        username_key: users::username_key(username),
        name: format!("测试{n}"),
        id_number_sealed: tx.keys.seal("id_number", &id_number).unwrap(),
        person: tx.keys.person(&id_number),
        organization_id: unit,
        roles: Json(vec![role]),
        scopes: Json(scopes),
        disabled: false,
        must_change_password: false,
        password_hash: password_hash.into(),
        password_changed_at: tx.now,
        version: 1,
    }
}

/// The `n`th synthetic ID number (prefix 340299, never issued); its check character is right.
pub fn id_number(n: usize) -> String {
    const WEIGHTS: [usize; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let (day, sequence) = (n / 1000, n % 1000);
    let body = format!(
        "340299{:04}{:02}{:02}{sequence:03}",
        1960 + day / 28 % 40,
        1 + day / 1120 % 12,
        1 + day % 28
    );
    let sum: usize = body
        .bytes()
        .zip(WEIGHTS)
        .map(|(digit, weight)| usize::from(digit - b'0') * weight)
        .sum();
    format!("{body}{}", char::from(b"10X98765432"[sum % 11]))
}

/// Threads that a race runs with.
pub fn racers<T: Send + 'static>(n: usize, run: impl Fn(usize) -> T + Send + Sync + 'static) -> Vec<T> {
    let (run, start) = (Arc::new(run), Arc::new(std::sync::Barrier::new(n)));
    let threads: Vec<_> = (0..n)
        .map(|i| {
            let (run, start) = (run.clone(), start.clone());
            std::thread::spawn(move || {
                start.wait();
                run(i)
            })
        })
        .collect();
    threads.into_iter().map(|thread| thread.join().unwrap()).collect()
}
