//! Finding the same person again (9, 94) in spite of scripts, pinyin, slips of the hand and old numbers: everybody
//! who is registered is known by keys; candidates come from the keys, never from reading the table, and are scored
//! with reasons. What was decided of two records is kept.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::audit::Event;
use crate::db::schema::{duplicate_pairs, known_people};
use crate::db::types::{Id, Json, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::input::Reason as Why;
use crate::keyring::{Keyring, Sealed};
use crate::organizations::OrganizationId;
use crate::policies::rules::Duplicates;
use crate::users::UserId;
use crate::{input, policies, say, separation, text_enum};

pub mod http;
pub mod rules;
pub mod sound;
mod store;

pub use rules::KeyKind;
use rules::{Facts, Keys, Reason};

/// The id of a pair of records.
pub type PairId = Id<Pair>;
/// The id of somebody known: that of the member, or of the person in a household.
pub type KnownId = Id<Known>;

/// Candidates shown at most.
const CANDIDATES: usize = 20;

text_enum! {
    /// What kind of record somebody is known by.
    #[schema(as = KnownKind)]
    pub enum Kind {
        /// A member in the register.
        Member = "member",
        /// Somebody in a household.
        HouseholdPerson = "household_person",
    }
}
text_enum! {
    /// Where two records stand that may be of one person.
    #[schema(as = DuplicateStatus)]
    pub enum Status {
        /// Nobody has decided.
        Open = "open",
        /// One person.
        Same = "same",
        /// Two people.
        NotSame = "not_same",
    }
}
text_enum! {
    /// What two records are.
    #[schema(as = DuplicateDecision)]
    pub enum Decision {
        /// One person.
        Same = "same",
        /// Two people.
        NotSame = "not_same",
    }
}

input! {
    /// What two records are, and why.
    #[schema(as = DecideDuplicate)]
    pub struct Decide {
        /// One person or two.
        pub decision: Decision,
        /// Why; stays in the log for ever.
        pub reason: Why,
    }
}

/// Somebody who is known.
#[derive(Debug, Clone, HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = known_people)]
#[diesel(treat_none_as_null = true)]
pub struct Known {
    /// The id of the record.
    pub id: KnownId,
    /// What kind of record it is.
    pub kind: Kind,
    /// Digest of the ID number.
    pub person: String,
    /// The unit that holds the record.
    pub organization_id: OrganizationId,
    /// The file, of somebody in a household.
    pub file_id: Option<Id<()>>,
    /// Name and number, encrypted.
    pub facts_sealed: Sealed,
}

/// Two records that may be of one person.
#[derive(Debug, Clone, HasQuery, Insertable)]
#[diesel(table_name = duplicate_pairs)]
pub struct Pair {
    id: PairId,
    first_id: KnownId,
    second_id: KnownId,
    score: i32,
    reasons: Json<Vec<Reason>>,
    status: Status,
    found_at: Timestamp,
    decided_by: Option<UserId>,
    decided_at: Option<Timestamp>,
    version: i32,
}

#[derive(Serialize, Deserialize)]
struct Named {
    name: String,
    id_number: String,
}

/// Whose record it is and where it stands.
pub struct Record<'a> {
    /// The id of the member or of the person in a household.
    pub id: KnownId,
    /// Which of the two.
    pub kind: Kind,
    /// The unit that holds it.
    pub organization_id: OrganizationId,
    /// The file, of somebody in a household.
    pub file_id: Option<Id<()>>,
    /// The name.
    pub name: &'a str,
    /// The ID number, checked.
    pub id_number: &'a str,
    /// The phone number.
    pub phone: Option<&'a str>,
}

/// Somebody found, and why.
pub struct Candidate {
    known: Known,
    reasons: Vec<Reason>,
}

impl Candidate {
    /// The record.
    pub fn id(&self) -> KnownId {
        self.known.id
    }

    /// 0 to 100.
    pub fn score(&self) -> i32 {
        rules::score(&self.reasons)
    }
}

impl Known {
    fn named(&self, keys: &Keyring) -> Result<Named> {
        keys.open_json("known_person", &self.facts_sealed)
    }
}

/// Makes a record known, or known as it now stands, and keeps each likely duplicate as a pair to be decided.
pub fn know(tx: &mut Tx, record: &Record) -> Result<()> {
    let named = Named {
        name: record.name.to_owned(),
        id_number: record.id_number.to_owned(),
    };
    let known = Known {
        id: record.id,
        kind: record.kind,
        person: tx.keys.person(record.id_number),
        organization_id: record.organization_id,
        file_id: record.file_id,
        facts_sealed: tx.keys.seal_json("known_person", &named)?,
    };
    let facts = Facts {
        name: Some(named.name),
        id_number: Some(named.id_number),
        phone: record.phone.map(str::to_owned),
        ..Facts::default()
    };
    store::put(tx, &known)?;
    store::put_keys(tx, known.id, &digests(tx.keys, &facts))?;
    if let Some(file) = record.file_id {
        let household = digest(tx.keys, &(KeyKind::Household, file.to_string()));
        store::add_key(tx, known.id, &household)?;
    }
    suspect(tx, &known, &facts)
}

/// Adds a bank account or a household to what is known of a record; who once had it keeps it as evidence.
pub fn know_more(tx: &mut Tx, id: KnownId, kind: KeyKind, value: &str) -> Result<()> {
    let key = digest(tx.keys, &(kind, value.to_owned()));
    store::add_key(tx, id, &key)?;
    let known = store::known(tx, id)?;
    let named = known.named(tx.keys)?;
    let facts = Facts {
        name: Some(named.name),
        id_number: Some(named.id_number),
        ..Facts::default()
    };
    suspect(tx, &known, &facts)
}

/// Keeps each likely duplicate of a record as a pair, once.
fn suspect(tx: &mut Tx, known: &Known, facts: &Facts) -> Result<()> {
    let own = store::keys_of(tx, known.id)?;
    let line = policy(tx)?.likely_from;
    let likely = candidates(tx, facts, &own, line)?;
    for other in likely.iter().filter(|other| other.known.person != known.person) {
        let (first, second) = if known.id < other.known.id {
            (known, &other.known)
        } else {
            (&other.known, known)
        };
        let pair = Pair {
            id: tx.new_id(),
            first_id: first.id,
            second_id: second.id,
            score: other.score(),
            reasons: Json(other.reasons.clone()),
            status: Status::Open,
            found_at: tx.now,
            decided_by: None,
            decided_at: None,
            version: 1,
        };
        if store::insert_pair(tx, &pair, [first, second])? {
            event("duplicate.found", &pair, [known, &other.known])
                .field("score", &pair.score)
                .record(tx)?;
        }
    }
    Ok(())
}

/// Everybody known who may be meant, from the score `line` on, the likeliest first.
fn candidates(rx: &mut Rx, facts: &Facts, own: &Keys, line: i64) -> Result<Vec<Candidate>> {
    let mut found = Vec::new();
    for (known, keys) in store::sharing(rx, own)? {
        let named = known.named(rx.keys)?;
        let reasons = rules::compare(facts, own, &named.name, &named.id_number, &keys);
        if i64::from(rules::score(&reasons)) >= line {
            found.push(Candidate { known, reasons });
        }
    }
    found.sort_by_key(|candidate| (-candidate.score(), candidate.known.id));
    Ok(found)
}

/// Everybody who may be meant by `facts`: those in scope from the policy's `possible_from` on; of those elsewhere, for
/// the likely ones, only the unit to ask. The search is logged with what it found, never with what was sought.
pub fn search(tx: &mut Tx, facts: &Facts) -> Result<(Vec<Candidate>, Vec<OrganizationId>)> {
    let policy = policy(tx)?;
    let own = digests(tx.keys, facts);
    let found = candidates(tx, facts, &own, policy.possible_from)?;
    let visible = store::visible(tx, found.iter().map(|candidate| candidate.known.id))?;
    let (mut seen, hidden): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|candidate| visible.contains(&candidate.known.id));
    seen.truncate(CANDIDATES);
    let mut elsewhere: Vec<_> = hidden
        .iter()
        .filter(|candidate| i64::from(candidate.score()) >= policy.likely_from)
        .map(|candidate| candidate.known.organization_id)
        .collect();
    elsewhere.sort_unstable();
    elsewhere.dedup();
    let sought = facts.id_number.as_deref().map(|number| tx.keys.person(number));
    let event = match &sought {
        Some(person) => Event::about_person("duplicate.searched", person),
        None => Event::of::<Pair>("duplicate.searched", "duplicate", None),
    };
    event
        .people(sought)
        .people(seen.iter().map(|candidate| &candidate.known.person))
        .field("found", &seen.len())
        .field("elsewhere", &elsewhere)
        .record(tx)?;
    Ok((seen, elsewhere))
}

/// Decides what two records are, by somebody who sees both and is neither.
fn decide(tx: &mut Tx, pair: &Pair, decide: Decide) -> Result<Pair> {
    let both = store::people(tx, &[pair.first_id, pair.second_id])?;
    if store::visible(tx, both.keys().copied())?.len() < 2 {
        let detail = say!(
            "另一条记录在其他单位：请由两单位的共同上级决定",
            "the other record is held elsewhere: somebody above both units decides"
        );
        let units: Vec<_> = both.values().map(|known| known.organization_id).collect();
        return Err(Error::refused("beyond_scope", detail).with("organization_ids", units));
    }
    for known in both.values() {
        separation::not_own(tx, &known.person)?;
    }
    let after = Pair {
        status: match decide.decision {
            Decision::Same => Status::Same,
            Decision::NotSame => Status::NotSame,
        },
        decided_by: Some(tx.actor.user()?),
        decided_at: Some(tx.now),
        version: pair.version + 1,
        ..pair.clone()
    };
    store::update_pair(tx, &after)?;
    event("duplicate.decided", &after, both.values())
        .version(after.version)
        .change("status", &pair.status, &after.status)
        .reason(decide.reason)
        .record(tx)?;
    Ok(after)
}

/// Whether it was decided that two records are of one person.
pub fn are_same(rx: &mut Rx, one: KnownId, other: KnownId) -> Result<bool> {
    store::are_same(rx, one.min(other), one.max(other))
}

fn policy(rx: &mut Rx) -> Result<Duplicates> {
    let today = rx.today();
    Ok(policies::in_force(rx, today)?.1)
}

fn digests(keys: &Keyring, facts: &Facts) -> Keys {
    rules::keys(facts).iter().map(|key| digest(keys, key)).collect()
}

fn digest(keys: &Keyring, (kind, key): &(KeyKind, String)) -> (KeyKind, String) {
    let mut digest = keys.digest(&format!("known/{kind}"), key);
    digest.truncate(32);
    (*kind, digest)
}

fn event<'a>(action: &'static str, pair: &Pair, people: impl IntoIterator<Item = &'a Known>) -> Event {
    Event::of(action, "duplicate", pair.id)
        .people(people.into_iter().map(|known| &known.person))
        .field("first_id", &pair.first_id)
        .field("second_id", &pair.second_id)
}
