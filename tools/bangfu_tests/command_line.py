"""The command as an auditor runs it."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
from pathlib import Path
from unittest import mock

import bangfu_audit

from .definitions import people
from .support import TOOLS, Case


class CommandLine(Case):
    """The command as an auditor runs it."""

    def run_tool(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(TOOLS / "bangfu_audit.py"), *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)

    def ask(self, code: int, *words: str | Path) -> str:
        """Runs the command in this process and checks its exit code; gives what it prints."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                found = bangfu_audit.main([str(word) for word in words])
            except SystemExit as leaving:
                found = int(leaving.code or 0)
        self.assertEqual(found, code, err.getvalue())
        return out.getvalue() + err.getvalue()

    def test_the_exit_codes(self) -> None:
        pack, key, witness = self.log.pack(self.folder / "pack", 1, 9), self.log.key.vkey, self.log.witness.vkey
        known = self.write("known", self.log.checkpoints[5].encode())
        self.ask(0, "verify", pack, "--key", key, "--known", known, "--witness", witness)
        self.assertIn("without --key", self.ask(0, "verify", pack))
        self.ask(0, "verify", "--key", key, pack)
        self.ask(1, "verify", self.log.pack(self.folder / "eight", 1, 8, size=8), "--key", key, "--witness", witness)
        self.ask(1, "verify", known, "--key", key)
        for words in (
            (),
            ("verify",),
            ("look", pack),
            ("verify", pack, "--kee", key),
            ("verify", self.folder / "nothing"),
            ("verify", pack, "--known", "nothing"),
            ("verify", pack, "--key", "nonsense"),
            ("verify", pack, "--key", witness),
            ("verify", pack, "--witness", key),
            ("draw", pack),
            ("draw", known, known),
            ("draw", known, "--witness", witness),
        ):
            self.ask(2, *words)

    def test_a_refusal_is_said_on_a_line_of_chinese_and_one_of_english(self) -> None:
        pack = self.log.pack(self.folder / "pack", 1, 9)
        events = (pack / "events.jsonl").read_bytes().splitlines(keepends=True)
        (pack / "events.jsonl").write_bytes(b"".join(events[:3] + events[4:]))
        ran = self.run_tool("verify", pack, "--key", self.log.key.vkey)
        self.assertEqual((ran.returncode, ran.stdout), (1, ""))
        chinese, english = ran.stderr.splitlines()
        self.assertRegex(chinese, "^不通过：.*events.jsonl, seq 4：编号不连续")
        self.assertRegex(english, "^Does not hold: .*events.jsonl, seq 4: the numbers have a gap")

    def test_a_sample_is_drawn_again_and_its_ids_printed(self) -> None:
        value = self.log.sample(4, "random", 2, people(5), 5)
        path = self.write("sample.json", value)
        ran = self.run_tool("draw", path, "--key", self.log.key.vkey)
        self.assertEqual((ran.returncode, ran.stdout.split()), (0, value["drawn"]))
        lying = self.write("lying.json", {**value, "drawn": ["p000", "p001"]})
        ran = self.run_tool("draw", lying)
        self.assertEqual((ran.returncode, ran.stdout.split()), (1, value["drawn"]))
        self.assertNotIn("Traceback", ran.stderr)

    def test_what_a_file_says_does_not_steer_the_terminal(self) -> None:
        value = self.log.evidence([2], [])
        value["origin"] = "\x1b[2J\u202e\n"
        said = self.ask(1, "verify", self.write("hostile\x1b[2J.json", value))
        self.assertNotIn("\x1b", said)
        self.assertEqual(len(said.splitlines()), 2)

    def test_what_can_not_be_read_is_no_crash(self) -> None:
        with mock.patch.object(Path, "read_bytes", side_effect=PermissionError("no")):
            self.ask(1, "verify", self.write("evidence.json", b""))
        with mock.patch.object(Path, "read_bytes", side_effect=MemoryError()):
            self.ask(1, "verify", self.write("evidence.json", b""))
