//! Units and accounts of the demo.

use chrono::TimeDelta;
use serde_json::json;

use super::people::People;
use super::seed::Seed;
use super::story::Calendar;
use super::units::{AREAS, Area, DIRECT, ROOT, STREET_BASICS};
use super::{act_as, body};
use crate::auth::password::Passwords;
use crate::auth::policy::POLICY;
use crate::auth::{Actor, Role, Scope};
use crate::db::Tx;
use crate::db::types::Timestamp;
use crate::error::Result;
use crate::organizations::{self, Kind, Organization, OrganizationId};
use crate::users::{self, UserId};
use crate::{calendar, policies};

/// The accounts that are told to whoever starts the demo: name, role, unit (an index into [`AREAS`], or the city),
/// password. Who signs in with one sees a world that is not empty.
const NAMED: &[(&str, Role, Option<usize>, &str)] = &[
    ("caseworker", Role::Caseworker, Some(0), "Bangfu-2020-cw"),
    ("caseworker_b", Role::Caseworker, Some(0), "Bangfu-2020-cwb"),
    ("caseworker_2", Role::Caseworker, Some(4), "Bangfu-2020-cw2"),
    ("supervisor", Role::Supervisor, Some(0), "Bangfu-2020-sv"),
    ("supervisor_b", Role::Supervisor, Some(0), "Bangfu-2020-svb"),
    ("supervisor_2", Role::Supervisor, Some(4), "Bangfu-2020-sv2"),
    ("city_supervisor", Role::Supervisor, None, "Bangfu-2020-cs"),
    ("finance", Role::Finance, None, "Bangfu-2020-fi"),
    ("finance_b", Role::Finance, None, "Bangfu-2020-fib"),
    ("auditor", Role::Auditor, None, "Bangfu-2020-au"),
    ("system_admin", Role::SystemAdmin, None, "Bangfu-2020-sy"),
    ("security_admin", Role::SecurityAdmin, None, "Bangfu-2020-se"),
    ("integration", Role::Integration, None, "Bangfu-2020-in"),
];

/// Invented 低保 standards, in fen per head and month, by the region codes of today.
const STANDARDS: &[(&str, i64)] = &[
    ("340200", 71_000),
    ("340202", 71_000),
    ("340207", 71_000),
    ("340209", 71_000),
    ("340210", 68_000),
    ("340212", 68_000),
    ("340223", 66_000),
    ("340281", 66_000),
];

/// The accounts of the demo: what each is called in `--accounts`, its user name, its password.
pub fn accounts() -> Vec<(&'static str, &'static str, &'static str)> {
    NAMED
        .iter()
        .map(|(name, _, _, password)| (*name, *name, *password))
        .collect()
}

/// The people of an area, and the unions that their households belong to.
pub(super) struct Team {
    pub caseworkers: Vec<Actor>,
    pub supervisors: Vec<Actor>,
    pub unions: Vec<(OrganizationId, String)>,
}

impl Team {
    /// A contact, the same for the same number.
    pub fn contact(&self, number: usize) -> &Actor {
        &self.caseworkers[number % self.caseworkers.len()]
    }

    /// A supervisor, the same for the same number.
    pub fn supervisor(&self, number: usize) -> &Actor {
        &self.supervisors[number % self.supervisors.len()]
    }
}

/// Everybody who acts. The team of the city comes last.
pub(super) struct World {
    pub teams: Vec<Team>,
    pub finance: Actor,
}

impl World {
    pub fn team(&self, area: usize) -> &Team {
        &self.teams[area.min(AREAS.len())]
    }

    pub fn city(&self) -> &Team {
        self.team(AREAS.len())
    }
}

/// Makes the units, the accounts and the demo's own policies.
pub(super) fn settle(
    tx: &mut Tx,
    passwords: &Passwords,
    people: &mut People,
    calendar: Calendar,
) -> Result<World> {
    let founded = Timestamp::on(calendar.new_year(2) + TimeDelta::days(4), 9, calendar.zone);
    let mut hiring = Hiring::begin(tx, passwords, people, calendar, founded)?;
    let mut teams = Vec::new();
    for (n, area) in AREAS.iter().enumerate() {
        teams.push(hiring.area(n, area)?);
    }
    teams.push(hiring.city()?);
    let mut others = Vec::new();
    for (name, role, _, _) in NAMED
        .iter()
        .filter(|(_, role, place, _)| place.is_none() && is_central(*role))
    {
        others.push(hiring.hire(name, *role, None)?);
    }
    let world = World {
        teams,
        finance: others.swap_remove(0),
    };
    hiring.policies(&world)?;
    hiring.calendars()?;
    Ok(world)
}

/// Roles that the city fills once, besides the administrators, who come first of all.
fn is_central(role: Role) -> bool {
    matches!(role, Role::Finance | Role::Auditor | Role::Integration)
}

struct Hiring<'a, 'c> {
    tx: &'a mut Tx<'c>,
    passwords: &'a Passwords,
    people: &'a mut People,
    calendar: Calendar,
    root: Organization,
    system_admin: Actor,
    security_admin: Actor,
    /// The password hash of the accounts that nobody is told about: of a password that nobody knows.
    closed: String,
}

impl<'a, 'c> Hiring<'a, 'c> {
    fn begin(
        tx: &'a mut Tx<'c>,
        passwords: &'a Passwords,
        people: &'a mut People,
        calendar: Calendar,
        founded: Timestamp,
    ) -> Result<Self> {
        act_as(tx, &Actor::system(), founded);
        let id = tx.new_id();
        let root = json!({ "id": null, "parent_id": null, "kind": Kind::City, "name": ROOT.0, "code": ROOT.1,
            "region_code": ROOT.1 });
        let root = organizations::open(tx, id, body(root)?)?;
        let closed = passwords.hash(&crate::auth::password::one_time()?)?;
        let mut this = Self {
            tx,
            passwords,
            people,
            calendar,
            root,
            system_admin: Actor::system(),
            security_admin: Actor::system(),
            closed,
        };
        this.system_admin = this.hire("system_admin", Role::SystemAdmin, None)?;
        this.security_admin = this.hire("security_admin", Role::SecurityAdmin, None)?;
        Ok(this)
    }

    /// The units of an area and its staff.
    fn area(&mut self, n: usize, area: &Area) -> Result<Team> {
        let unit = self.open(&self.root.clone(), (area.kind, area.name, area.code), area.region)?;
        let mut unions = Vec::new();
        for (k, name) in area.basics.iter().enumerate() {
            let (name, code) = (format!("{name}工会"), format!("{}-{:02}", area.code, k + 1));
            unions.push(self.open(&unit, (Kind::Basic, &name, &code), area.region)?);
        }
        for (k, street) in area.streets.iter().enumerate() {
            let (name, code) = (format!("{street}总工会"), format!("{}-S{}", area.code, k + 1));
            let above = self.open(&unit, (Kind::TownStreet, &name, &code), area.region)?;
            for (l, name) in STREET_BASICS.iter().enumerate() {
                let (name, code) = (format!("{street}{name}"), format!("{code}-{}", l + 1));
                unions.push(self.open(&above, (Kind::Basic, &name, &code), area.region)?);
            }
        }
        self.team(Some(n), &unit, 2 + area.weight / 3, 2, unions)
    }

    /// What lies directly below the city, and the city's own staff.
    fn city(&mut self) -> Result<Team> {
        let (root, mut unions) = (self.root.clone(), Vec::new());
        for (name, kind, code) in DIRECT {
            unions.push(self.open(&root, (*kind, name, code), ROOT.1)?);
        }
        self.team(None, &root, 3, 3, unions)
    }

    fn team(
        &mut self,
        area: Option<usize>,
        unit: &Organization,
        caseworkers: usize,
        supervisors: usize,
        unions: Vec<Organization>,
    ) -> Result<Team> {
        let mut hire = |role: Role, letters: &str, count: usize| -> Result<Vec<Actor>> {
            let here = |(_, r, place, _): &&_| *r == role && *place == area;
            let named: Vec<_> = NAMED.iter().filter(here).collect();
            let mut staff = Vec::new();
            for n in 1..=count {
                let other = format!("{letters}-{}-{n}", unit.code.to_lowercase());
                let name = named.get(n - 1).map_or(other.as_str(), |(name, ..)| name);
                staff.push(self.hire(name, role, Some(unit))?);
            }
            Ok(staff)
        };
        Ok(Team {
            caseworkers: hire(Role::Caseworker, "cw", caseworkers)?,
            supervisors: hire(Role::Supervisor, "sv", supervisors)?,
            unions: unions.into_iter().map(|u| (u.id, u.name)).collect(),
        })
    }

    /// A moment after the last one.
    fn step(&mut self, actor: &Actor) {
        let at = self.tx.now.plus(TimeDelta::seconds(20));
        act_as(self.tx, actor, at);
    }

    fn open(&mut self, above: &Organization, unit: (Kind, &str, &str), region: &str) -> Result<Organization> {
        let actor = self.system_admin.clone();
        self.step(&actor);
        let new = json!({ "id": null, "parent_id": above.id, "kind": unit.0, "name": unit.1, "code": unit.2,
            "region_code": region });
        let id = self.tx.new_id();
        organizations::open(self.tx, id, body(new)?)
    }

    /// An account that can be used at once.
    fn hire(&mut self, username: &str, role: Role, unit: Option<&Organization>) -> Result<Actor> {
        let unit = unit.unwrap_or(&self.root).clone();
        let organization_id = unit.id;
        let person = self
            .people
            .person(&mut Seed::of(username, 0), self.calendar.year, 26, 54);
        let new = json!({ "id": null, "username": username, "name": person.name, "id_number": person.id_number,
            "organization_id": organization_id });
        let named = NAMED.iter().find(|(name, ..)| *name == username);
        let hash = named
            .map(|(_, _, _, password)| self.passwords.hash(password))
            .transpose()?;
        let hash = hash.unwrap_or_else(|| self.closed.clone());
        let (admin, security) = (self.system_admin.clone(), self.security_admin.clone());
        self.step(&admin);
        let id: UserId = self.tx.new_id();
        let user = users::create(self.tx, id, body(new)?, hash.clone(), None)?;
        let scopes: Vec<&str> = match role {
            Role::Integration => POLICY
                .iter()
                .filter(|(_, roles)| roles.contains(&role))
                .map(|(name, _)| *name)
                .collect(),
            _ => Vec::new(),
        };
        self.step(&security);
        let grant = json!({ "roles": [role], "scopes": scopes });
        let user = users::grant(self.tx, &user, body(grant)?)?;
        // the password counts from today on: it must not have expired before it is tried
        let then = std::mem::replace(&mut self.tx.now, self.calendar.now);
        users::set_password(self.tx, id, hash, false)?;
        self.tx.now = then;
        Ok(Actor {
            id: Some(id),
            role: role.as_str(),
            organization_id: Some(organization_id),
            scope: if unit.parent_id.is_some() {
                Scope::Under(unit.path)
            } else {
                Scope::All
            },
            person: user.person,
        })
    }

    /// The demo's own rules: five ones with due days over the year, passwords that do not age, invented 低保 standards;
    /// the whole procedure for files of the province's standard, from today on.
    fn policies(&mut self, world: &World) -> Result<()> {
        let new_year = self.calendar.new_year(0);
        let drafted = Timestamp::on(new_year - TimeDelta::days(20), 10, self.calendar.zone);
        let five_ones = json!({ "campaign_from": "01-01", "campaign_to": "12-31", "grace_days": 30, "closing": "01-31",
            "care_visit_needs_gift": true, "due": { "call": "06-30", "file_update": "09-30", "insurance": "10-31",
            "job_placement": "11-30", "care_visit": "12-31" } });
        let accounts = json!({ "password_min_length": 8, "password_min_classes": 3, "password_max_age_days": 3650,
            "lock_after_failures": 5, "lock_minutes": 15, "idle_minutes": 30, "session_hours": 12,
            "accounts_per_unit": null });
        let procedure =
            json!({ "visitors": 2, "notice_working_days": 5, "step_days": 10, "levels": ["provincial"] });
        let eligibility = json!({ "schemes": ["scheme_2016", "scheme_2020"], "relative_inclusive": false,
            "accidental_percent": 50, "minimum_wage_fen": 193_000 });
        let mut rules = vec![
            ("five_ones", new_year, None, five_ones),
            ("accounts", new_year, None, accounts),
            ("eligibility", new_year, None, eligibility),
            (
                "procedure",
                self.calendar.now.date(self.calendar.zone),
                None,
                procedure,
            ),
        ];
        for (region, monthly_fen) in STANDARDS {
            let standard = json!({ "monthly_fen": monthly_fen, "urban": true });
            rules.push(("dibao_standard", new_year, Some(*region), standard));
        }
        for (kind, valid_from, region, values) in rules {
            act_as(self.tx, &self.security_admin, drafted);
            let new = json!({ "id": null, "kind": kind, "valid_from": valid_from, "valid_to": null, "region_code": region,
                "values": values });
            let id = self.tx.new_id();
            let draft = policies::draft(self.tx, id, body(new)?)?;
            let approver = world.city().supervisor(0).clone();
            act_as(self.tx, &approver, drafted.plus(TimeDelta::days(2)));
            policies::approve(self.tx, &draft)?;
        }
        Ok(())
    }

    /// The calendars of this year and the next, plain weeks where the holidays are not known, so that notices can be
    /// tried out in any year.
    fn calendars(&mut self) -> Result<()> {
        act_as(self.tx, &self.security_admin, self.calendar.now);
        for year in [self.calendar.year, self.calendar.year + 1] {
            let plain = json!({ "year": year, "source": "演示数据：未列节假日", "days": [] });
            match calendar::announce(self.tx, body(plain)?) {
                Err(known) if known.code() == "calendar_exists" => {}
                done => drop(done?),
            }
        }
        Ok(())
    }
}
