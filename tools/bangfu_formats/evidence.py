"""Evidence about one case: events of the log with proofs, and the values that they commit to."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from .notes import Checkpoint, Trust, read_checkpoint
from .strict import Record, Rejected, canonical, show
from .tree import leaf, root_by_proof

NAMES = "format origin log_key witness_keys checkpoint made_at subject sections events openings"


def event_in(value: Any, proof: list[bytes], checkpoint: Checkpoint, where: str) -> Record:
    """An event whose proof leads to the checkpoint."""
    event = Record(value, None, where)
    seq = event.integer("seq", 1)
    where = f"{where}, seq {seq}"
    digest = leaf(canonical(event.value, where))
    if "hash" in event.value or seq > checkpoint.size:
        raise Rejected(where, "不在检查点之内", "lies beyond the checkpoint")
    if root_by_proof(seq - 1, checkpoint.size, digest, proof) != checkpoint.root:
        raise Rejected(where, "事件或其证明与检查点不符", "the event or its proof does not fit the checkpoint")
    return Record(value, None, where)


def opens(event: Record, side: str, field: str, opening: bytes, text: str) -> None:
    """The event committed to this text for this field: `side` is "fields" for the new value, "before" for the old."""
    commitments = Record(event.value.get(side), None, event.where)
    if hmac.new(opening, text.encode(), hashlib.sha256).digest() != commitments.hash(field):
        raise Rejected(
            event.where,
            f"“{show(field)}” 所示的值不是记入日志的值",
            f'the value shown for "{show(field)}" is not the logged one',
        )


def read_evidence(record: Record, trust: Trust) -> tuple[Checkpoint, int, int]:
    """Checks an evidence file; gives its checkpoint, and how many events and values it proves."""
    record = Record(record.value, NAMES, record.where)
    log, ring = trust.accept(record)
    record.time("made_at")
    checkpoint = read_checkpoint(record.string("checkpoint").encode(), log, ring, record.where)
    events: dict[int, Record] = {}
    last = 0
    for item in record.items("events"):
        entry = Record(item, "event proof", record.where)
        event = event_in(entry.value["event"], entry.hashes("proof"), checkpoint, record.where)
        seq = event.integer("seq", 1)
        if seq <= last:
            raise Rejected(event.where, "事件未按编号排列", "the events are not in the order of their numbers")
        events[seq], last = event, seq
    if not events:
        raise record.wrong("events")
    shown = set()
    for item in record.items("openings"):
        opening = Record(item, "seq field side text opening", record.where)
        seq, field, side = opening.integer("seq", 1), opening.string("field"), opening.string("side")
        if seq not in events or side not in ("new", "old") or (seq, field, side) in shown:
            raise Rejected(
                f"{record.where}, seq {seq}",
                "所示的值没有对应的事件，或重复",
                "a value is shown of no event in the file, or twice",
            )
        shown.add((seq, field, side))
        opens(
            events[seq], "fields" if side == "new" else "before", field, opening.hash("opening"), opening.string("text")
        )
    return checkpoint, len(events), len(shown)
