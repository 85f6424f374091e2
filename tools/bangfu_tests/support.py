"""What every test has: a folder of its own, a small log, and a way to ask the verifier."""

from __future__ import annotations

import json
import tempfile
import unittest
from pathlib import Path
from typing import Any

import bangfu_audit
from bangfu_formats import notes, strict

from .throwaway_log import Log, small_log

TOOLS = Path(__file__).resolve().parent.parent
VECTORS = TOOLS.parent / "tests" / "vectors"
SHOWN = [(2, "status", "new", "approved"), (2, "status", "old", "verified"), (3, "amount_fen", "new", 50002)]


def vectors(name: str) -> Any:
    """A file of known answers."""
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


class Case(unittest.TestCase):
    """A folder of its own for each test, and a way to ask the verifier."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.log = small_log()

    def verify(self, *paths: Path, log: Log | None = None, known: list[str] | None = None, witness: bool = True) -> str:
        """Asks with the key of the log and, if wanted, its witness; gives what is said to hold."""
        log = log or self.log
        files = []
        for number, note in enumerate(known or []):
            files.append(self.folder / f"known-{number}")
            files[-1].write_text(note, encoding="utf-8")
        key = notes.read_key(log.key.vkey, notes.LOG, "key")
        witnesses = [notes.read_key(log.witness.vkey, notes.WITNESS, "witness")] if witness else []
        return "\n".join(bangfu_audit.Audit(key, witnesses).run(list(paths), files))

    def refused(self, *paths: Path, says: str = "", **more: Any) -> None:
        """The verifier refuses, and says so."""
        with self.assertRaises(strict.Rejected) as found:
            self.verify(*paths, **more)
        where, chinese, english = found.exception.args
        self.assertTrue(chinese and english)
        self.assertIn(says, f"{where}: {english}")

    def write(self, name: str, value: Any) -> Path:
        """A file with this JSON, or these bytes."""
        data = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
        (self.folder / name).write_bytes(data)
        return self.folder / name

    def pack(self, first: int = 1, last: int = 9, name: str = "pack", **more: Any) -> Path:
        """Writes a pack of the small log."""
        return self.log.pack(self.folder / name, first, last, **more)
