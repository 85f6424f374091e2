"""Samples, and draws."""

from __future__ import annotations

import json
from typing import Any
from unittest import mock

from bangfu_formats import sample, strict

from .definitions import Json, people, sha
from .support import Case, vectors


class Samples(Case):
    """Samples, and draws."""

    def sample(self, **more: Any) -> Json:
        return {**self.log.sample(4, "random", 2, people(5), 5), **more}

    def test_a_sound_sample_is_drawn_again(self) -> None:
        said = self.verify(self.write("sample.json", self.sample()), self.log.pack(self.folder / "pack", 1, 9))
        self.assertIn("event 4 froze the population", said)

    def test_one_bit_changed_anywhere_is_found(self) -> None:
        sound = json.dumps(self.sample(), separators=(",", ":"), ensure_ascii=False).encode()
        self.verify(self.write("sound.json", sound))
        for at in range(len(sound)):
            damaged = bytearray(sound)
            damaged[at] ^= 1 << at % 8
            path = self.write("damaged.json", bytes(damaged))
            with self.assertRaises(strict.Rejected, msg=f"byte {at}: {sound[at - 20 : at + 20]!r}"):
                self.verify(path)

    def test_samples_that_say_something_else_are_refused(self) -> None:
        frozen = self.sample()["frozen"]
        shuffled = list(reversed(people(5)))
        other_event = {**frozen, **self.log.proved(5, 5)}
        for change, says in (
            ({"drawn": ["p000", "p001"]}, "drawn again"),
            ({"drawn": []}, "drawn again"),
            ({"size": 3}, 'the value shown for "size"'),
            ({"method": "stratified"}, 'the value shown for "method"'),
            ({"population": people(4)}, 'shown for "population"'),
            ({"population": people(6)}, 'shown for "population"'),
            ({"population": shuffled}, "not in order"),
            ({"population": []}, "population"),
            ({"population": people(5) + people(5)[4:]}, "twice"),
            ({"id": "another"}, "subject_id"),
            ({"size": 0}, "size"),
            ({"size": True}, "size"),
            ({"frozen": other_event}, "action"),
            ({"frozen": {**frozen, "opening": frozen["size_opening"]}}, 'shown for "population"'),
            ({"checkpoint": self.log.checkpoints[3]}, "lies beyond"),
            ({"checkpoint": self.log.checkpoints[9]}, "its proof"),
        ):
            with self.subTest(says):
                self.refused(self.write("sample.json", self.sample(**change)), says=says)
        for item in (
            {"id": "", "stratum": "", "amount_fen": 1},
            {"id": "p", "stratum": None, "amount_fen": 1},
            {"id": "p", "stratum": "", "amount_fen": -1},
            {"id": "p", "stratum": ""},
            {"id": 1, "stratum": "", "amount_fen": 1},
            "p",
        ):
            self.refused(self.write("sample.json", self.sample(population=[item])))

    def test_a_root_later_than_the_first_after_the_freeze_is_found(self) -> None:
        path = self.write("sample.json", self.log.sample(4, "random", 2, people(5), 9))
        self.verify(path)
        self.refused(
            path,
            self.log.pack(self.folder / "pack", 1, 9),
            says="did not use the first checkpoint after it (of size 5)",
        )
        note = self.log.checkpoints[5]
        sound = self.log.pack(self.folder / "later", 6, 9)
        self.refused(path, sound, known=[note], says="did not use the first checkpoint")

    def test_the_vectors_are_drawn(self) -> None:
        for case in vectors("samples.json")["cases"]:
            root, digest = bytes.fromhex(case["root"]), bytes.fromhex(case["digest"])
            self.assertEqual(sha(strict.canonical(case["population"], "")), digest)
            self.assertEqual(sample.seed_of(root, digest).hex(), case["seed"])
            drawn = sample.draw(case["method"], case["size"], case["population"], bytes.fromhex(case["seed"]))
            self.assertEqual(drawn, case["drawn"], (case["method"], case["size"]))

    def test_strata_get_what_is_counted_by_hand(self) -> None:
        def counts(size: int) -> dict[str, int]:
            items = people(10, "甲甲乙甲乙丙甲乙甲甲")  # 甲 6, 乙 3, 丙 1
            drawn = set(sample.draw("stratified", size, items, b"any seed") or [])
            return {name: sum(item["stratum"] == name and item["id"] in drawn for item in items) for name in "甲乙丙"}

        # One each; of the 7 that remain, 甲 has 5 and 乙 2. R = 2: 10/7 and 4/7, so 1 and 0; the last to 乙 (4 > 3).
        self.assertEqual(counts(5), {"甲": 2, "乙": 2, "丙": 1})
        self.assertEqual(counts(3), {"甲": 1, "乙": 1, "丙": 1})
        # R = 6: 30/7 = 4 rest 2, 12/7 = 1 rest 5: the last one to 乙.
        self.assertEqual(counts(9), {"甲": 5, "乙": 3, "丙": 1})
        self.assertIsNone(sample.draw("stratified", 2, people(3, "甲乙丙"), b""))
        # Ties go by name, by bytes: 丙 (e4 b8 99), 乙 (e4 b9 99), 甲 (e7 94 b2). R = 1, three equal strata.
        tied = people(12, "甲乙丙")
        drawn = sample.draw("stratified", 4, tied, b"seed") or []
        self.assertEqual(sorted(item["stratum"] for item in tied if item["id"] in drawn), ["丙", "丙", "乙", "甲"])

    def test_money_is_drawn_where_positions_computed_by_hand_fall(self) -> None:
        def at(start: int, size: int, *amounts: int) -> list[str]:
            items = [sample.Item(b"", f"p{n}", "", amount) for n, amount in enumerate(amounts)]
            with mock.patch("bangfu_formats.sample.hashlib.sha256") as hashed:
                hashed.return_value.digest.return_value = start.to_bytes(32, "big")
                return sample.monetary_unit(items, size, b"")

        # T = 10; size 2: positions floor((u + 10k)/2); u = 3: 1 and 6.
        self.assertEqual(at(3, 2, 1, 1, 4, 1, 3), ["p1", "p3"])
        self.assertEqual(at(13, 2, 1, 1, 4, 1, 3), ["p1", "p3"])  # u = 13 mod 10
        self.assertEqual(at(0, 2, 5, 5), ["p0", "p1"])  # 0 and 5: the first fen of each
        self.assertEqual(at(9, 2, 5, 5), ["p0", "p1"])  # 4 and 9: the last fen of each
        self.assertEqual(at(4, 1, 4, 0, 1, 5), ["p2"])  # 4: behind the first, and not the one of nothing
        self.assertEqual(at(7, 5, 9, 1), ["p0", "p1"])  # 1, 3, 5, 7, 9: four in the first, drawn once
        self.assertEqual(at(7, 2**53 - 1, 3, 0, 7), ["p0", "p2"])
        self.assertEqual(at(7, 3, 0, 0), [])
