//! Who is known, and pairs of records, in SQL.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::rules::{KeyKind, Keys};
use super::{Known, KnownId, Pair, PairId, Status};
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::{duplicate_pairs, duplicate_sides, known_people, organizations, person_keys};
use crate::db::{Rx, Tx, unless_taken};
use crate::error::{Error, Result};
use crate::within;

/// Records read at most for the keys that point to one person or a few.
const PRECISE: i64 = 1000;
/// Records read at most for the sound of a name alone: the commonest names have more bearers.
const NAMESAKES: i64 = 200;

pub(super) fn put(tx: &mut Tx, known: &Known) -> Result<()> {
    let place = known_people::table.find(known.id);
    if diesel::update(place).set(known).execute(tx.conn)? == 0 {
        diesel::insert_into(known_people::table)
            .values(known)
            .execute(tx.conn)?;
        return Ok(());
    }
    diesel::update(duplicate_sides::table.filter(duplicate_sides::known_id.eq(known.id)))
        .set(duplicate_sides::organization_id.eq(known.organization_id))
        .execute(tx.conn)?;
    Ok(())
}

/// Writes the keys of a record anew; its accounts and households stay.
pub(super) fn put_keys(tx: &mut Tx, id: KnownId, keys: &Keys) -> Result<()> {
    let old = person_keys::table
        .filter(person_keys::known_id.eq(id))
        .filter(person_keys::kind.ne_all([KeyKind::Account, KeyKind::Household]));
    diesel::delete(old).execute(tx.conn)?;
    for (kind, key) in keys {
        diesel::insert_into(person_keys::table)
            .values(row(id, *kind, key))
            .execute(tx.conn)?;
    }
    Ok(())
}

pub(super) fn add_key(tx: &mut Tx, id: KnownId, (kind, key): &(KeyKind, String)) -> Result<()> {
    unless_taken(tx, |conn| {
        diesel::insert_into(person_keys::table)
            .values(row(id, *kind, key))
            .execute(conn)
    })
    .map(drop)
}

type KeyRow<'a> = (
    diesel::dsl::Eq<person_keys::known_id, KnownId>,
    diesel::dsl::Eq<person_keys::kind, KeyKind>,
    diesel::dsl::Eq<person_keys::key, &'a String>,
);

fn row(id: KnownId, kind: KeyKind, key: &String) -> KeyRow<'_> {
    (
        person_keys::known_id.eq(id),
        person_keys::kind.eq(kind),
        person_keys::key.eq(key),
    )
}

/// Somebody known, in scope or not.
pub(super) fn known(rx: &mut Rx, id: KnownId) -> Result<Known> {
    Ok(Known::query()
        .filter(known_people::id.eq(id))
        .get_result(rx.conn)?)
}

/// Those of `ids` whose unit is in scope.
pub(super) fn visible(rx: &mut Rx, ids: impl IntoIterator<Item = KnownId>) -> Result<BTreeSet<KnownId>> {
    let ids: Vec<_> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let mut query = known_people::table
        .filter(known_people::id.eq_any(ids))
        .select(known_people::id)
        .into_boxed();
    within!(one query, known_people::organization_id, rx);
    Ok(query.load(rx.conn)?.into_iter().collect())
}

/// Everybody among `ids`, in scope or not.
pub(super) fn people(rx: &mut Rx, ids: &[KnownId]) -> Result<BTreeMap<KnownId, Known>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<Known> = Known::query()
        .filter(known_people::id.eq_any(ids))
        .load(rx.conn)?;
    Ok(rows.into_iter().map(|known| (known.id, known)).collect())
}

/// The keys of a record.
pub(super) fn keys_of(rx: &mut Rx, id: KnownId) -> Result<Keys> {
    let rows: Vec<(KeyKind, String)> = person_keys::table
        .filter(person_keys::known_id.eq(id))
        .select((person_keys::kind, person_keys::key))
        .load(rx.conn)?;
    Ok(rows.into_iter().collect())
}

/// Everybody who shares a key, in scope or not, each with all their keys.
pub(super) fn sharing(rx: &mut Rx, keys: &Keys) -> Result<Vec<(Known, Keys)>> {
    let (names, precise): (Vec<_>, Vec<_>) = keys.iter().partition(|(kind, _)| *kind == KeyKind::Name);
    let mut ids = holders(rx, &precise, PRECISE)?;
    ids.extend(holders(rx, &names, NAMESAKES)?);
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<_> = ids.into_iter().collect();
    let rows = people(rx, &ids)?.into_values();
    let held: Vec<(KnownId, KeyKind, String)> = person_keys::table
        .filter(person_keys::known_id.eq_any(&ids))
        .select((person_keys::known_id, person_keys::kind, person_keys::key))
        .load(rx.conn)?;
    let mut by_id: BTreeMap<KnownId, Keys> = BTreeMap::new();
    for (id, kind, key) in held {
        by_id.entry(id).or_default().insert((kind, key));
    }
    let with_keys = |known: Known| {
        let keys = by_id.remove(&known.id).unwrap_or_default();
        (known, keys)
    };
    Ok(rows.map(with_keys).collect())
}

fn holders(rx: &mut Rx, keys: &[&(KeyKind, String)], limit: i64) -> Result<BTreeSet<KnownId>> {
    if keys.is_empty() {
        return Ok(BTreeSet::new());
    }
    let keys: Vec<_> = keys.iter().map(|(_, key)| key).collect();
    let ids: Vec<KnownId> = person_keys::table
        .filter(person_keys::key.eq_any(keys))
        .limit(limit)
        .select(person_keys::known_id)
        .load(rx.conn)?;
    Ok(ids.into_iter().collect())
}

/// Inserts a pair; `false` when the two were found before.
pub(super) fn insert_pair(tx: &mut Tx, pair: &Pair, sides: [&Known; 2]) -> Result<bool> {
    let done = unless_taken(tx, |conn| {
        diesel::insert_into(duplicate_pairs::table)
            .values(pair)
            .execute(conn)
    });
    if done?.is_none() {
        return Ok(false);
    }
    for known in sides {
        let side = (
            duplicate_sides::pair_id.eq(pair.id),
            duplicate_sides::known_id.eq(known.id),
            duplicate_sides::organization_id.eq(known.organization_id),
        );
        diesel::insert_into(duplicate_sides::table)
            .values(side)
            .execute(tx.conn)?;
    }
    Ok(true)
}

/// Writes back what was decided; the caller has checked the version it read, in this transaction.
pub(super) fn update_pair(tx: &mut Tx, pair: &Pair) -> Result<()> {
    let place = duplicate_pairs::table
        .find(pair.id)
        .filter(duplicate_pairs::version.eq(pair.version - 1));
    let set = (
        duplicate_pairs::status.eq(pair.status),
        duplicate_pairs::decided_by.eq(pair.decided_by),
        duplicate_pairs::decided_at.eq(pair.decided_at),
        duplicate_pairs::version.eq(pair.version),
    );
    match diesel::update(place).set(set).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(Error::stale()),
    }
}

/// Whether two records, the lesser id first, were decided to be of one person.
pub(super) fn are_same(rx: &mut Rx, first: KnownId, second: KnownId) -> Result<bool> {
    let pair = duplicate_pairs::table
        .filter(duplicate_pairs::first_id.eq(first))
        .filter(duplicate_pairs::second_id.eq(second))
        .filter(duplicate_pairs::status.eq(Status::Same));
    Ok(diesel::select(diesel::dsl::exists(pair)).get_result(rx.conn)?)
}

/// A pair with a side in scope.
pub(super) fn pair(rx: &mut Rx, id: PairId) -> Result<Pair> {
    let none = || Error::NotFound("duplicate");
    let found: Option<Pair> = Pair::query()
        .filter(duplicate_pairs::id.eq(id))
        .get_result(rx.conn)
        .optional()?;
    let pair = found.ok_or_else(none)?;
    let seen = visible(rx, [pair.first_id, pair.second_id])?;
    if seen.is_empty() { Err(none()) } else { Ok(pair) }
}

/// Pairs with a side in scope, in the order of being found.
pub(super) fn pairs(rx: &mut Rx, status: Option<Status>, ask: &Ask) -> Result<Page<Pair>> {
    let mut query = Pair::query().into_boxed();
    if let Some((first, beyond)) = rx.scope.range() {
        let units = organizations::table
            .filter(organizations::path.ge(first))
            .filter(organizations::path.lt(beyond))
            .select(organizations::id);
        let sides = duplicate_sides::table
            .filter(duplicate_sides::organization_id.eq_any(units))
            .select(duplicate_sides::pair_id);
        query = query.filter(duplicate_pairs::id.eq_any(sides));
    }
    if let Some(status) = status {
        query = query.filter(duplicate_pairs::status.eq(status));
    }
    if let Some(id) = ask.after_id() {
        let id: PairId = id.parse().map_err(|_| bad_cursor())?;
        query = query.filter(duplicate_pairs::id.gt(id));
    }
    let rows = query
        .order(duplicate_pairs::id)
        .limit(ask.fetch())
        .load(rx.conn)?;
    Ok(ask.page(rows, |pair: &Pair| (String::new(), pair.id.to_string())))
}
