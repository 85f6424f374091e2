"""Keys, signed notes and checkpoints: C2SP signed-note, tlog-checkpoint and tlog-cosignature."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .strict import MOST, Record, Rejected, show

LOG, WITNESS = 1, 4  # the types of keys
NOTE_LIMIT, LINES_LIMIT, NAME_LIMIT = 1 << 16, 64, 200  # bytes, signature lines, bytes
LAST_SECOND = 253402300799  # of the year 9999

# Points of small order on the curve, in every encoding: a "key" that has signatures which fit every message.
P = 2**255 - 19
Y8 = int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little")
SMALL_ORDER = {
    (y + (sign << 255)).to_bytes(32, "little") for y in (0, 1, P - 1, P, P + 1, Y8, P - Y8) for sign in (0, 1)
}


def unbase64(text: str) -> bytes:
    """Base64 written in the one right way; ValueError otherwise. Python alone would overlook stray bits at its end."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("not what encoding gives")
    return data


def is_control(c: str) -> bool:
    """Whether this is a control character (Unicode category Cc)."""
    return c < " " or "\x7f" <= c < "\xa0"


def is_name(name: str) -> bool:
    """Whether a key may be called so."""
    return 0 < len(name.encode()) <= NAME_LIMIT and not any(c.isspace() or is_control(c) or c == "+" for c in name)


@dataclass(frozen=True)
class Key:
    """The public half of a key, and the name it signs under."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """Four bytes by which a signature line finds its key. They prove nothing: the signature does."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def signed(self, text: str, signature: bytes) -> int | None:
        """When the key signed the text, in seconds since 1970 (0 for a log, which says no time); None if it did not."""
        message, time = text.encode(), 0
        if self.kind == WITNESS:
            time, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            message = b"cosignature/v1\ntime %d\n" % time + message
            if not 1 <= time <= LAST_SECOND:
                return None
        if len(signature) != 64 or signature[:32] in SMALL_ORDER:
            return None
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return None
        return time


def read_key(text: str, kind: int, where: str) -> Key:
    """A key written `name+id in hex+base64 of type and public key`."""
    try:
        name, key_id, encoded = text.split("+", 2)
        data = unbase64(encoded)
        key = Key(name, kind, data[1:])
        of_kind = data[0] == kind and len(data) == 33 and key.public not in SMALL_ORDER
        if of_kind and is_name(name) and key.id.hex() == key_id:
            return key
    except (ValueError, IndexError):
        pass
    whose = ("日志", "a log") if kind == LOG else ("见证人", "a witness")
    raise Rejected(where, f"不是{whose[0]}的公钥：{show(text)}", f"is no verifier key of {whose[1]}: {show(text)}")


Ring = dict[tuple[str, bytes], Key]  # keys by name and id


def key_ring(keys: Iterable[Key], where: str) -> Ring:
    """Keys that can be told apart. One public key under two names would make one witness look like two."""
    ring: Ring = {}
    for key in keys:
        if ring.setdefault((key.name, key.id), key) != key:
            raise Rejected(
                where, f"两把公钥无法区分：{show(key.name)}", f"two keys can't be told apart: {show(key.name)}"
            )
    if len({key.public for key in ring.values()}) != len(ring):
        raise Rejected(where, "同一把公钥以两个名称出现", "one public key stands under two names")
    return ring


class Line(NamedTuple):
    """A signature line under a note."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True)
class Note:
    """A text and the signature lines under it, not checked yet."""

    text: str
    lines: list[Line]


def read_note(data: bytes, where: str) -> Note:
    """Takes a signed note apart; its last empty line divides text and signatures."""
    try:
        text, _, below = data.decode("utf-8").rpartition("\n\n")
        *rows, end = below.split("\n")
        sound = text and end == "" and 1 <= len(rows) <= LINES_LIMIT and len(data) <= NOTE_LIMIT
        if not sound or any(is_control(c) and c != "\n" for c in text + below):
            raise ValueError("not a note")
        return Note(text + "\n", [read_line(row) for row in rows])
    except ValueError:
        raise Rejected(where, "不是合格的签名文本（C2SP signed note）", "is not a sound signed note (C2SP)") from None


def read_line(row: str) -> Line:
    """A row `— name base64`; ValueError when it is none."""
    dash, name, encoded = row.split(" ")
    data = unbase64(encoded)
    if dash != "—" or not is_name(name) or len(data) < 5:
        raise ValueError("not a signature line")
    return Line(name, data[:4], data[4:])


def signers(note: Note, ring: Ring, where: str) -> dict[Key, int]:
    """Who of those in the ring signed, and when; no line of theirs may be wrong. Lines of others are ignored, as C2SP
    wants it: they may be witnesses we know nothing of."""
    found: dict[Key, int] = {}
    for line in note.lines:
        key = ring.get((line.name, line.key_id))
        if key is None:
            continue
        time = key.signed(note.text, line.signature)
        if time is None:
            raise Rejected(
                where,
                f"{show(line.name)} 的签名不对：伪造或损坏",
                f"the signature of {show(line.name)} is wrong: forged or damaged",
            )
        found.setdefault(key, time)
    return found


@dataclass(frozen=True)
class Checkpoint:
    """What the log signed: so many events, and this root over them."""

    size: int
    root: bytes
    signers: dict[Key, int]


def read_checkpoint(data: bytes, log: Key, ring: Ring, where: str) -> Checkpoint:
    """A note of the log whose text is origin, size and root, each on its line."""
    note = read_note(data, where)
    try:
        origin, size, encoded, end = note.text.split("\n")
        root = unbase64(encoded)
        if end or len(root) != 32 or not re.fullmatch("[1-9][0-9]{0,15}", size) or int(size) > MOST:
            raise ValueError("not a checkpoint")
    except ValueError:
        raise Rejected(where, "不是检查点", "is not a checkpoint") from None
    if origin != log.name:
        raise Rejected(where, f"属于另一个日志：{show(origin)}", f"belongs to another log: {show(origin)}")
    found = signers(note, ring, where)
    if log not in found:
        raise Rejected(
            where, f"没有日志公钥 {show(log.name)} 的签名", f"the log's key {show(log.name)} did not sign it"
        )
    return Checkpoint(int(size), root, found)


@dataclass
class Trust:
    """What the auditor knows from elsewhere: the log's key, if any, and witnesses. All files must be of one log."""

    log: Key | None
    witnesses: list[Key]

    def accept(self, record: Record) -> tuple[Key, Ring]:
        """The log's key and all keys that a file names, if its log is the right one."""
        log = read_key(record.string("log_key"), LOG, record.where)
        self.log = self.log or log
        if log != self.log:
            raise Rejected(
                record.where,
                f"属于另一个日志：{show(log.name)}，公钥 {log.public.hex()}",
                f"belongs to another log: {show(log.name)}, public key {log.public.hex()}",
            )
        record.exactly("origin", log.name)
        named = [read_key(text, WITNESS, record.where) for text in record.strings("witness_keys")]
        return log, key_ring([log, *self.witnesses, *named], record.where)

    def need_witnesses(self, head: Checkpoint, where: str) -> None:
        """Those whom the auditor named must have co-signed."""
        for witness in self.witnesses:
            if witness not in head.signers:
                raise Rejected(where, f"见证人 {show(witness.name)} 没有会签", f"{show(witness.name)} did not co-sign")
