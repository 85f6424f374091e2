"""Packs as they are handed over, and what a messenger without the key could do to them."""

from __future__ import annotations

from bangfu_formats import strict

from .support import Case
from .throwaway_log import Log, Signer, small_log


class Packs(Case):
    """Packs as they are handed over."""

    def test_a_sound_pack_holds_whatever_part_of_the_log_it_is(self) -> None:
        for size in (3, 5, 8, 9):
            for last in range(1, size + 1):
                for first in range(1, last + 1):
                    path = self.pack(first, last, f"{first}-{last}-{size}", size=size)
                    said = self.verify(path, witness=size != 8)
                    self.assertIn(f"events {first} to {last}", said)
                    self.assertEqual("part only" in said, (first, last) != (1, size))

    def test_one_bit_changed_anywhere_is_found(self) -> None:
        self.log = Log()
        for _ in range(3):
            self.log.add(new={"status": "approved"}, old={"status": "verified"})
            self.log.checkpoint()
        path = self.pack(2, 3)
        self.verify(path)
        for file in sorted(path.iterdir()):
            sound = file.read_bytes()
            for at in range(len(sound)):
                damaged = bytearray(sound)
                damaged[at] ^= 1 << at % 8
                file.write_bytes(damaged)
                with self.assertRaises(strict.Rejected, msg=f"{file.name}, byte {at}"):
                    self.verify(path, witness=False)
            file.write_bytes(sound)
        self.verify(path)

    def test_bytes_cut_off_or_added_are_found(self) -> None:
        path = self.pack()
        for file in sorted(path.iterdir()):
            sound = file.read_bytes()
            for damaged in (
                sound[:-1],
                sound[1:],
                b"",
                sound + b"\n",
                sound + b" ",
                b"\n" + sound,
                sound + sound,
                sound.replace(b"\n", b"\r\n") + b"\r",
                b"\xef\xbb\xbf" + sound,
                b"\xff" * 9,
                b"[" * 9999,
                b"9" * 9999,
            ):
                file.write_bytes(damaged)
                self.refused(path, witness=False)
            file.write_bytes(sound)
        self.verify(path)

    def test_files_missing_or_too_many_or_no_files_are_found(self) -> None:
        path = self.pack()
        for name in ("events.jsonl", "README.txt", "manifest.note"):
            (path / name).rename(self.folder / name)
            self.refused(path, says=f"{name}: is missing")
            (path / name).symlink_to(self.folder / name)
            self.refused(path, says=f"{name}: is not a plain file")
            (path / name).unlink()
            (path / name).mkdir()
            self.refused(path, says=f"{name}: is not a plain file")
            (path / name).rmdir()
            (self.folder / name).rename(path / name)
        for name in ("more", ".hidden", "EVENTS.JSONL", "\u202e\x1b[2J"):
            (path / name).write_bytes(b"")
            self.refused(path, says="does not belong there")
            (path / name).unlink()
        self.verify(path)

    def test_a_log_with_the_same_name_and_another_key_is_another_log(self) -> None:
        forger = small_log()
        forger.key = Signer("forger", 1)
        forger.key.rename(self.log.key.name)
        forger.checkpoints.clear()
        forger.checkpoint()
        path = forger.pack(self.folder / "forged", 1, 9)
        self.verify(path, log=forger)
        self.refused(path, says="belongs to another log")
        sound = self.pack()
        self.refused(sound, path, says="belongs to another log")

    def test_a_truncated_log_presented_as_whole_is_found_by_who_noted_more(self) -> None:
        path = self.pack(1, 5, size=5)
        self.verify(path)
        self.refused(path, known=[self.log.checkpoints[9]], says="truncated")

    def test_a_fork_shown_to_one_auditor_and_not_the_other_is_found(self) -> None:
        fork = small_log()
        fork.leaves[4] = fork.leaves[4].replace(b"payment.paid", b"payment.void")
        for size in (5, 8, 9):
            text = fork.text(size)
            fork.checkpoints[size] = f"{text}\n{fork.key.line(text)}{fork.witness.line(text)}"
        path = self.pack()
        self.verify(path, known=[self.log.checkpoints[5], self.log.checkpoints[9], fork.checkpoints[3]])
        for size in (5, 8, 9):
            self.refused(path, known=[fork.checkpoints[size]], says=f"a fork: there are two roots at size {size}")
        evidence = self.write("fork.json", fork.evidence([5], []))
        self.verify(evidence)
        self.refused(path, evidence, says="a fork")
        self.refused(evidence, known=[self.log.checkpoints[9]], says="a fork")
        self.refused(evidence, self.write("own.json", self.log.evidence([5], [])), says="a fork")

    def test_what_can_not_be_told_of_a_noted_checkpoint_does_not_hold(self) -> None:
        part = self.pack(6, 7, "part")
        self.verify(part, known=[self.log.checkpoints[5], self.log.checkpoints[9]])
        self.refused(part, known=[self.log.checkpoints[3]], says="can't be told")
        self.refused(part, known=[self.log.checkpoints[8]], says="can't be told")
        evidence = self.write("evidence.json", self.log.evidence([2], []))
        self.verify(evidence, known=[self.log.checkpoints[9]])
        self.refused(evidence, known=[self.log.checkpoints[5]], says="can't be told")
        self.verify(evidence, self.pack(name="whole"), known=[self.log.checkpoints[5]])

    def test_a_noted_checkpoint_is_worth_nothing_without_the_logs_signature(self) -> None:
        path, text = self.pack(), self.log.text(9)
        stranger = Log("bangfu/99999999")
        stranger.leaves = self.log.leaves
        for note, says in (
            (f"{text}\n{self.log.witness.line(text)}", "did not sign it"),
            (stranger.checkpoint(), "another log"),
            ("", "is not a sound signed note"),
            (text, "is not a sound signed note"),
        ):
            self.refused(path, known=[note], says=says)

    def test_packs_in_a_row_hold_in_any_order_and_not_with_a_gap(self) -> None:
        first, middle, last = self.pack(1, 3, "first", size=5), self.pack(4, 5, "middle"), self.pack(6, 9, "last")
        self.assertIn("events 1 to 9", self.verify(last, first, middle, known=list(self.log.checkpoints.values())))
        self.assertIn("events 4 to 9", self.verify(middle, last, known=[self.log.checkpoints[3]]))
        self.refused(first, last, says="must go on after event 3")
        self.refused(first, first, says="must go on after event 3")
        self.refused(first, middle, self.pack(5, 9, "overlap"), says="must go on after event 5")

    def test_the_head_of_each_pack_must_be_of_the_same_tree(self) -> None:
        early = self.pack(1, 3, "early", size=8)
        self.refused(early, self.pack(4, 5, "middle"), says="the root at size 8 can't be told", witness=False)
        self.verify(early, self.pack(4, 8, "more"), witness=False)
        late = self.pack(1, 3, "late", size=9)
        self.refused(late, self.pack(4, 5, "short", size=5), says="the root at size 9 can't be told")
        fork = small_log()
        fork.leaves[6] = fork.leaves[6].replace(b"file.viewed", b"file.edited")
        fork.checkpoint()
        for end in (5, 9):
            self.refused(
                fork.pack(self.folder / f"fork-{end}", 1, 3, size=9), self.pack(4, end, f"end-{end}"), says="a fork"
            )

    def test_a_pack_that_goes_on_from_other_events_is_refused(self) -> None:
        other = small_log()
        other.leaves[0] = other.leaves[0].replace(b"supervisor", b"caseworker")
        other.checkpoint()
        self.refused(
            self.pack(1, 5, "first", size=5), other.pack(self.folder / "second", 6, 9), says="left does not fit"
        )
