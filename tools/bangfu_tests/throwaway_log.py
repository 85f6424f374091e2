"""A log with throw-away keys, for tests: it writes packs, evidence and samples as docs/audit-formats.md says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .definitions import Json, covering, draw, mth, path, people, plain, sha

FIRST_DAY = 1_600_000_000  # 2020-09-13T12:26:40Z


class Signer:
    """A key that signs notes; its seed is the hash of its name."""

    def __init__(self, name: str, kind: int) -> None:
        self.kind = kind
        self.key = Ed25519PrivateKey.from_private_bytes(sha(name.encode()))
        self.public = bytes([kind]) + self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.rename(name)

    def rename(self, name: str) -> None:
        """Signs under another name from now on, with the same key."""
        self.name = name
        self.id = sha(name.encode(), b"\n", self.public)[:4]
        self.vkey = f"{name}+{self.id.hex()}+{base64.b64encode(self.public).decode()}"

    def line(self, text: str, time: int = FIRST_DAY) -> str:
        """The signature line of a text; a witness says when."""
        stamp, message = b"", text
        if self.kind == 4:
            stamp, message = time.to_bytes(8, "big"), f"cosignature/v1\ntime {time}\n{text}"
        signature = self.key.sign(message.encode())
        return f"— {self.name} {base64.b64encode(self.id + stamp + signature).decode()}\n"


class Log:
    """Events and what proves them."""

    def __init__(self, origin: str = "bangfu/0123abcd") -> None:
        self.key = Signer(origin, 1)
        self.witness = Signer("province.example/witness", 4)
        self.leaves: list[bytes] = []
        self.checkpoints: dict[int, str] = {}

    @property
    def size(self) -> int:
        """How many events there are."""
        return len(self.leaves)

    def opening(self, seq: int, field: str, side: str) -> bytes:
        """What opens a commitment."""
        return sha(self.key.name.encode(), f"{seq} {field} {side}".encode())

    def commit(self, seq: int, side: str, values: Json) -> dict[str, str]:
        """Commitments to values."""

        def one(field: str, value: Any) -> str:
            return hmac.new(self.opening(seq, field, side), plain(value).encode(), hashlib.sha256).hexdigest()

        return {field: one(field, value) for field, value in values.items()}

    def add(self, action: str = "file.approved", new: Json | None = None, old: Json | None = None, **more: Any) -> int:
        """Adds an event; its number."""
        seq = self.size + 1
        event = {
            "seq": seq,
            "at": f"2020-09-14T08:00:{seq % 60:02}.000000Z",
            "actor_id": None,
            "actor_role": "supervisor",
            "organization_id": "0174890e-0000-7000-8000-000000000001",
            "action": action,
            "subject_type": "file",
            "subject_id": "0174890e-0000-7000-8000-0000000000aa",
            "fields": self.commit(seq, "new", new or {}),
            "before": self.commit(seq, "old", old or {}),
            "reason": '低保 "复核"',
            "request_id": f"r{seq}",
            **more,
        }
        self.leaves.append(plain(event).encode())
        return seq

    def text(self, size: int) -> str:
        """The text of a checkpoint."""
        return f"{self.key.name}\n{size}\n{base64.b64encode(mth(self.leaves[:size])).decode()}\n"

    def checkpoint(self, cosigned: bool = True) -> str:
        """Signs the head as it is now."""
        text = self.text(self.size)
        note = f"{text}\n{self.key.line(text)}" + (self.witness.line(text, FIRST_DAY + self.size) if cosigned else "")
        self.checkpoints[self.size] = note
        return note

    def pack(
        self,
        folder: Path,
        first: int,
        last: int,
        size: int | None = None,
        forge: Callable[[dict[str, bytes], Json], None] | None = None,
    ) -> Path:
        """Writes a pack. `forge` may change files and manifest before the key signs, as a dishonest operator could."""
        size = size or max(self.checkpoints)
        sizes = [n for n in sorted(self.checkpoints) if first <= n <= last or n == size]
        rows = [{"at": "2020-09-14T08:00:00.000000Z", "note": self.checkpoints[n], "size": n} for n in sizes]
        sides = {
            side: [mth(self.leaves[a:b]).hex() for a, b in covering(*ends)]
            for side, ends in (("left", (0, first - 1)), ("right", (last, size)))
        }
        files = {
            "events.jsonl": b"".join(data + b"\n" for data in self.leaves[first - 1 : last]),
            "checkpoints.jsonl": "".join(plain(row) + "\n" for row in rows).encode(),
            "proof.json": plain(sides).encode(),
            "README.txt": "说明 How to check this.\n".encode(),
        }
        manifest = {
            "events": last - first + 1,
            "format": "bangfu-audit-pack/1",
            "from": first,
            "to": last,
            "size": size,
            "log_key": self.key.vkey,
            "witness_keys": [self.witness.vkey],
            "origin": self.key.name,
            "made_at": "2020-09-14T09:00:00.000000Z",
            "root": mth(self.leaves[:size]).hex(),
        }
        if forge:
            forge(files, manifest)
        manifest.setdefault("files", {name: sha(data).hex() for name, data in files.items()})
        files["manifest.json"] = plain(manifest).encode()
        text = f"bangfu-audit-pack/1\n{self.key.name}\n{sha(files['manifest.json']).hex()}\n"
        files["manifest.note"] = f"{text}\n{self.key.line(text)}".encode()
        folder.mkdir(parents=True)
        for name, data in files.items():
            (folder / name).write_bytes(data)
        return folder

    def proved(self, seq: int, size: int) -> Json:
        """An event with its proof."""
        return {
            "event": json.loads(self.leaves[seq - 1]),
            "proof": [step.hex() for step in path(seq - 1, self.leaves[:size])],
        }

    def named(self, size: int) -> Json:
        """What evidence and samples both say."""
        return {
            "origin": self.key.name,
            "log_key": self.key.vkey,
            "witness_keys": [self.witness.vkey],
            "checkpoint": self.checkpoints[size],
        }

    def evidence(self, seqs: list[int], shown: list[tuple[int, str, str, Any]], size: int | None = None) -> Json:
        """An evidence file: these events, and these values as (seq, field, side, value)."""
        size = size or max(self.checkpoints)
        openings = [
            {
                "seq": seq,
                "field": field,
                "side": side,
                "text": plain(value),
                "opening": self.opening(seq, field, side).hex(),
            }
            for seq, field, side, value in shown
        ]
        return {
            "format": "bangfu-evidence/1",
            **self.named(size),
            "made_at": "2020-09-14T09:00:00.000000Z",
            "subject": {"type": "payment", "id": "0174890e-0000-7000-8000-0000000000aa"},
            "openings": openings,
            "sections": {"payment": {"amount_fen": 50000}},
            "events": [self.proved(seq, size) for seq in seqs],
        }

    def freeze(self, sample: str, method: str, size: int, population: list[Json]) -> int:
        """The event that freezes a population."""
        digest = sha(plain(population).encode()).hex()
        return self.add(
            "audit_sample.frozen",
            {"population": digest, "method": method, "size": size},
            subject_type="audit_sample",
            subject_id=sample,
        )

    def sample(self, seq: int, method: str, size: int, population: list[Json], at: int) -> Json:
        """A sample file, drawn at the checkpoint of size `at`."""

        def opening(field: str) -> str:
            return self.opening(seq, field, "new").hex()

        frozen = {
            **self.proved(seq, at),
            "opening": opening("population"),
            "method_opening": opening("method"),
            "size_opening": opening("size"),
        }
        seed = sha(b"bangfu-sample/1\n", mth(self.leaves[:at]), sha(plain(population).encode()))
        return {
            "format": "bangfu-sample/1",
            "id": json.loads(self.leaves[seq - 1])["subject_id"],
            "method": method,
            "size": size,
            "population": population,
            "frozen": frozen,
            **self.named(at),
            "drawn": draw(method, size, population, seed),
        }


def small_log() -> Log:
    """Nine events with checkpoints at 3, 5, 8 and 9; event 4 freezes a sample."""
    log = Log()
    for n in range(3):
        log.add(new={"status": "approved", "amount_fen": 50000 + n}, old={"status": "verified"})
    log.checkpoint()
    log.freeze("0174890e-0000-7000-8000-0000000000bb", "random", 2, people(5))
    log.add("payment.paid")
    log.checkpoint()
    for _ in range(3):
        log.add("file.viewed")
    log.checkpoint(cosigned=False)
    log.add("audit_checkpoint.read", subject_id=None)
    log.checkpoint()
    return log
