"""Packs changed and signed again by an operator who has the key of the log."""

from __future__ import annotations

import json
from typing import Any

from .definitions import Json, mth, plain, sha
from .support import Case
from .throwaway_log import Log, Signer, small_log


class OperatorLies(Case):
    """The operator changes a pack and signs it; the tree and the checkpoints give it away."""

    def forged(self, forge: Any, says: str, first: int = 1, last: int = 9, **more: Any) -> None:
        """The operator changes a pack and signs it; that is refused."""
        path = self.pack(first, last, f"forged-{len(list(self.folder.iterdir()))}", forge=forge)
        self.refused(path, says=says, **more)

    def lines(self, change: Any, name: str = "events.jsonl") -> Any:
        """A forger who changes the list of lines of a file."""

        def forge(files: dict[str, bytes], _: Json) -> None:
            rows = files[name].splitlines(keepends=True)
            change(rows)
            files[name] = b"".join(rows)

        return forge

    def test_an_event_changed_by_who_has_the_key_is_found_between_its_checkpoints(self) -> None:
        def change(rows: list[bytes]) -> None:
            rows[3] = rows[3].replace(b"supervisor", b"caseworker")

        self.forged(self.lines(change), "among the events 4 to 5")

    def test_an_event_left_out_is_found(self) -> None:
        self.forged(self.lines(lambda rows: rows.pop(3)), "seq 4: the numbers have a gap")
        self.forged(self.lines(lambda rows: rows.pop()), "the events from 9 on are missing")

        def renumber(rows: list[bytes]) -> None:
            del rows[3]
            for at in range(3, len(rows)):
                rows[at] = rows[at].replace(b'"seq":%d' % (at + 2), b'"seq":%d' % (at + 1))
            rows.append(rows[-1].replace(b'"seq":8', b'"seq":9'))

        self.forged(self.lines(renumber), "among the events 4 to 5")

    def test_events_reordered_or_inserted_are_found(self) -> None:
        def swap(rows: list[bytes]) -> None:
            rows[3], rows[4] = rows[4], rows[3]

        self.forged(self.lines(swap), "seq 4: the numbers have a gap")

        def swap_and_renumber(rows: list[bytes]) -> None:
            rows[5], rows[6] = rows[6].replace(b'"seq":7', b'"seq":6'), rows[5].replace(b'"seq":6', b'"seq":7')

        self.forged(self.lines(swap_and_renumber), "among the events 6 to 8")
        self.forged(self.lines(lambda rows: rows.insert(3, rows[3])), "seq 5: the numbers have a gap")
        self.forged(self.lines(lambda rows: rows.append(rows[-1].replace(b'"seq":9', b'"seq":10'))), "more events")

    def test_an_event_in_another_form_is_found(self) -> None:
        for old, new in (
            (b'"seq":5', b'"seq":5.0'),
            (b'"seq":5', b'"seq":true'),
            (b'"seq":5', b'"seq": 5'),
            (b'"seq":5', b'"seq":"5"'),
            (b'"seq":5', b'"seq":5,"seq":5'),
            (b'"seq":5', b'"hash":"","seq":5'),
            (b'"seq":5', b'"seq":5' + b"0" * 5000),
            (b"{", b"["),
            (b'"reason"', b'"reason":"\xff","reason"'),
            (b"\n", b""),
            (b"\n", b"\n\n"),
            (b"\n", b" \n"),
            (b"\n", b"\r\n"),
        ):

            def change(rows: list[bytes], old: bytes = old, new: bytes = new) -> None:
                rows[4] = rows[4].replace(old, new, 1)

            self.forged(self.lines(change), "events.jsonl")
        self.forged(self.lines(lambda rows: rows.insert(0, b'"' + b"x" * 2**21 + b'"\n')), "too long")

    def test_a_root_from_another_log_is_found(self) -> None:
        other = small_log()
        other.leaves[0] = other.leaves[0].replace(b"supervisor", b"caseworker")
        other.checkpoint()

        def graft(files: dict[str, bytes], manifest: Json) -> None:
            rows = [json.loads(row) for row in files["checkpoints.jsonl"].splitlines()]
            rows[-1]["note"] = other.checkpoints[9]
            files["checkpoints.jsonl"] = "".join(plain(row) + "\n" for row in rows).encode()
            manifest["root"] = sha(b"").hex()

        self.forged(graft, "is not the head that the manifest names")

        def graft_whole(files: dict[str, bytes], manifest: Json) -> None:
            graft(files, manifest)
            manifest["root"] = mth(other.leaves).hex()

        self.forged(graft_whole, "does not fit the checkpoint of size 9")
        stranger = Log("bangfu/99999999")
        stranger.leaves = self.log.leaves
        stranger.checkpoint()

        def foreign(files: dict[str, bytes], _: Json) -> None:
            row = {"at": "2020-09-14T08:00:00Z", "note": stranger.checkpoints[9], "size": 9}
            files["checkpoints.jsonl"] = (plain(row) + "\n").encode()

        self.forged(foreign, "belongs to another log: bangfu/99999999")
        self.refused(stranger.pack(self.folder / "stranger", 1, 9), says="belongs to another log")

    def note_forger(self, note: str) -> Any:
        """A forger who puts another note in the place of the head."""

        def forge(files: dict[str, bytes], _: Json) -> None:
            rows = files["checkpoints.jsonl"].splitlines(keepends=True)
            rows[-1] = (plain({"at": "2020-09-14T08:00:00Z", "note": note, "size": 9}) + "\n").encode()
            files["checkpoints.jsonl"] = b"".join(rows)

        return forge

    def test_a_witness_that_did_not_sign_or_at_no_possible_time_does_not_count(self) -> None:
        text = self.log.text(9)
        signed = f"{text}\n{self.log.key.line(text)}"
        self.forged(self.note_forger(signed), "did not co-sign")
        for time in (0, 253402300800, 2**63, 2**64 - 1):
            self.forged(self.note_forger(signed + self.log.witness.line(text, time)), "forged or damaged")
        unsigned = f"{text}\n{self.log.witness.line(text)}"
        self.forged(self.note_forger(unsigned), "the log's key bangfu/0123abcd did not sign it")

    def test_a_key_of_the_operator_under_the_name_of_a_witness_does_not_count(self) -> None:
        text, forger = self.log.text(9), Signer("forger", 4)
        forger.rename(self.log.witness.name)
        graft = self.note_forger(f"{text}\n{self.log.key.line(text)}{forger.line(text)}")

        def forge(files: dict[str, bytes], manifest: Json) -> None:
            graft(files, manifest)
            manifest["witness_keys"].append(forger.vkey)

        self.verify(self.pack(name="pack", forge=forge), witness=False)
        self.forged(forge, "did not co-sign")

    def test_checkpoints_of_another_form_are_refused(self) -> None:
        root = self.log.text(9).split("\n")[2]
        name = self.log.key.name
        for text in (
            f"{name}\n09\n{root}\n",
            f"{name}\n+9\n{root}\n",
            f"{name}\n9 \n{root}\n",
            f"{name}\n９\n{root}\n",
            f"{name}\n9\n{root}\nmore\n",
            f"{name}\n9\n\n",
            f"{name}\n9\n{root[:-2]}==\n",
            f"{name}\n9\n{root}\n\n",
            f"{name}\n0\n{root}\n",
            f"{name}\n{10**15 * 9}9\n{root}\n",
            f"{name}\n9\n{root[:-2]}{chr(ord(root[-2]) + 1)}=\n",
            f"\n{name}\n9\n{root}\n",
        ):
            self.forged(self.note_forger(f"{text}\n{self.log.key.line(text)}"), "checkpoints.jsonl")

    def test_checkpoints_twice_or_out_of_order_or_out_of_range_are_refused(self) -> None:
        def rows_of(*sizes: int) -> Any:
            def forge(files: dict[str, bytes], _: Json) -> None:
                files["checkpoints.jsonl"] = "".join(
                    plain({"at": "2020-09-14T08:00:00Z", "note": self.log.checkpoints[n], "size": n}) + "\n"
                    for n in sizes
                ).encode()

            return forge

        for sizes in ((3, 3, 9), (5, 3, 9), (3, 5, 9, 9), (9, 5), (3, 5), ()):
            self.forged(rows_of(*sizes), "checkpoints.jsonl")
        self.forged(rows_of(3, 9), "checkpoints.jsonl:1", first=4)
        self.forged(rows_of(5, 8, 9), "checkpoints.jsonl:2", first=4, last=7)

        def lying_size(files: dict[str, bytes], _: Json) -> None:
            files["checkpoints.jsonl"] = files["checkpoints.jsonl"].replace(b'"size":3', b'"size":4')

        self.forged(lying_size, "checkpoints.jsonl:1")

    def test_manifests_that_say_something_else_are_refused(self) -> None:
        witness, twin = self.log.witness, Signer(self.log.witness.name, 4)
        twin.rename("other.example/witness")
        own = Signer(self.log.key.name, 4).vkey  # the log's own key as a witness
        changes: list[Json] = [
            {"events": 8},
            {"events": True},
            {"events": 9.0},
            {"from": 0},
            {"from": 2},
            {"from": -1},
            {"to": 8},
            {"to": 10},
            {"size": 8},
            {"size": 10},
            {"size": 2**53},
            {"size": "9"},
            {"size": None},
            {"root": "0" * 64},
            {"root": "0"},
            {"root": mth(self.log.leaves).hex().upper()},
            {"format": "bangfu-audit-pack/2"},
            {"origin": "bangfu/other"},
            {"made_at": 1},
            {"made_at": "yesterday"},
            {"more": 1},
            {"log_key": witness.vkey},
            {"log_key": ""},
            {"witness_keys": [self.log.key.vkey]},
            {"witness_keys": "x"},
            {"witness_keys": [1]},
            {"witness_keys": [witness.vkey, twin.vkey]},
            {"witness_keys": [own]},
            {"files": {}},
            {"files": []},
            {"files": {"../secret": "0" * 64}},
        ]
        for change in changes:
            with self.subTest(change):
                self.forged(lambda _, manifest, change=change: manifest.update(change), "")
        self.forged(lambda files, manifest: manifest.pop("made_at"), "must be an object")
        proofs = (
            b"{}",
            b"[]",
            b'{"left":[],"right":[""]}',
            b'{"left":["00"],"right":[]}',
            b'{"left":[],"right":["' + b"0" * 64 + b'"]}',
            b'{"left":[],"right":[],"x":1}',
            b'{"left":[],"right":[] }',
        )
        for proof in proofs:
            self.forged(lambda files, _, proof=proof: files.update({"proof.json": proof}), "proof.json")
        for side in ("left", "right"):

            def wrong(files: dict[str, bytes], _: Json, side: str = side) -> None:
                proof = json.loads(files["proof.json"])
                proof[side][0] = sha(b"x").hex()
                files["proof.json"] = plain(proof).encode()

            self.forged(wrong, "does not fit the checkpoint", first=4, last=5)

    def test_forged_signatures_are_found(self) -> None:
        path = self.pack()
        note = path / "manifest.note"
        text, _ = note.read_text(encoding="utf-8").split("\n\n")
        other = Signer("x", 1)
        other.name, other.id = self.log.key.name, self.log.key.id
        note.write_text(f"{text}\n\n{other.line(text + chr(10))}", encoding="utf-8")
        self.refused(path, says="forged or damaged")
        note.write_text(
            f"{text}\n\n{self.log.key.line(text + chr(10))}{self.log.witness.line(text + chr(10))}", encoding="utf-8"
        )
        self.refused(path, says="is not the log's signature")

        def forge_witness(files: dict[str, bytes], _: Json) -> None:
            forger = Signer("y", 4)
            forger.name, forger.id = self.log.witness.name, self.log.witness.id
            rows = [json.loads(row) for row in files["checkpoints.jsonl"].splitlines()]
            rows[-1]["note"] = (
                f"{self.log.text(9)}\n{self.log.key.line(self.log.text(9))}{forger.line(self.log.text(9))}"
            )
            files["checkpoints.jsonl"] = "".join(plain(row) + "\n" for row in rows).encode()

        self.forged(forge_witness, "forged or damaged")
