"""Samples: drawn by a seed that nobody knew when the population was frozen, so that anyone can draw them again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, NamedTuple

from .evidence import event_in, opens
from .notes import Checkpoint, Trust, read_checkpoint
from .strict import Record, Rejected, canonical

NAMES = "format id method size population frozen origin log_key witness_keys checkpoint drawn"


class Item(NamedTuple):
    """An item of the population; `key` decides its place in the draw."""

    key: bytes
    id: str
    stratum: str
    amount: int


def seed_of(root: bytes, digest: bytes) -> bytes:
    """The seed, from the root of the checkpoint and the digest of the population."""
    return hashlib.sha256(b"bangfu-sample/1\n" + root + digest).digest()


def in_draw_order(population: list[dict[str, Any]], seed: bytes) -> list[Item]:
    """The items by key, then id."""
    return sorted(
        Item(hashlib.sha256(seed + item["id"].encode()).digest(), item["id"], item["stratum"], item["amount_fen"])
        for item in population
    )


def draw(method: str, size: int, population: list[dict[str, Any]], seed: bytes) -> list[str] | None:
    """The ids that are drawn, in order of key; None when the method can't draw a sample of that size."""
    items = in_draw_order(population, seed)
    if method == "random":
        return [item.id for item in items[:size]]
    if method == "stratified":
        return stratified(items, size)
    if method == "monetary_unit":
        return monetary_unit(items, size, seed)
    return None


def stratified(items: list[Item], size: int) -> list[str] | None:
    """One of each stratum; the rest in proportion to what remains of each, by largest remainders."""
    if size >= len(items):
        return [item.id for item in items]
    counts: dict[str, int] = {}
    for item in items:
        counts[item.stratum] = counts.get(item.stratum, 0) + 1
    rest, remaining = size - len(counts), len(items) - len(counts)
    if rest < 0:
        return None
    shares = {name: divmod(rest * (count - 1), remaining) for name, count in counts.items()}
    left_over = rest - sum(whole for whole, _ in shares.values())
    by_remainder = sorted(shares, key=lambda name: (-shares[name][1], name.encode()))
    to_take = {name: 1 + shares[name][0] for name in shares}
    for name in by_remainder[:left_over]:
        to_take[name] += 1
    drawn = []
    for item in items:
        if to_take[item.stratum] > 0:
            to_take[item.stratum] -= 1
            drawn.append(item.id)
    return drawn


def monetary_unit(items: list[Item], size: int, seed: bytes) -> list[str]:
    """The items, laid one after the other on a line of as many fen as they have, into which a position falls. The
    positions are floor((start + k * total) / size) for k from 0 to size - 1."""
    total = sum(item.amount for item in items)
    if total == 0:
        return []
    start = int.from_bytes(hashlib.sha256(seed + b"start").digest(), "big") % total
    drawn, begin = [], 0
    for item in items:
        end = begin + item.amount
        # The first position at or behind `begin` has the least k >= 0 with start + k * total >= begin * size.
        k = max(0, -((start - begin * size) // total))
        if start + k * total < end * size:
            drawn.append(item.id)
        begin = end
    return drawn


@dataclass(frozen=True)
class Sample:
    """A sample whose population and checkpoint are proved: what the file says was drawn, and what must be drawn."""

    checkpoint: Checkpoint
    seq: int
    said: list[str]
    drawn: list[str]


def read_population(record: Record) -> list[dict[str, Any]]:
    """The population: its ids in the order of their bytes, none twice."""
    population, last = record.items("population"), b""
    for value in population:
        item = Record(value, "id stratum amount_fen", record.where)
        item.integer("amount_fen", 0)
        item.string("stratum")
        if item.string("id").encode() <= last:
            raise Rejected(
                record.where,
                "总体未按 id 排列，或 id 重复、为空",
                "the population is not in order of id, or an id stands twice or is empty",
            )
        last = item.string("id").encode()
    if not population:
        raise record.wrong("population")
    return population


def read_sample(record: Record, trust: Trust) -> Sample:
    """Checks that population, method and size were frozen before the seed was known, and draws again."""
    record = Record(record.value, NAMES, record.where)
    where = record.where
    log, ring = trust.accept(record)
    checkpoint = read_checkpoint(record.string("checkpoint").encode(), log, ring, where)
    frozen = Record(record.value["frozen"], "event proof opening method_opening size_opening", where)
    event = event_in(frozen.value["event"], frozen.hashes("proof"), checkpoint, where)
    event.exactly("action", "audit_sample.frozen")
    event.exactly("subject_type", "audit_sample")
    event.exactly("subject_id", record.string("id"))
    method, size, population = record.string("method"), record.integer("size", 1), read_population(record)
    digest = hashlib.sha256(canonical(population, where)).digest()
    opens(event, "fields", "population", frozen.hash("opening"), f'"{digest.hex()}"')
    opens(event, "fields", "method", frozen.hash("method_opening"), f'"{method}"')
    opens(event, "fields", "size", frozen.hash("size_opening"), str(size))
    drawn = draw(method, size, population, seed_of(checkpoint.root, digest))
    if drawn is None:
        raise Rejected(where, "此法不能抽取这个数量", "this method can't draw so many")
    return Sample(checkpoint, event.integer("seq", 1), record.strings("drawn"), drawn)
