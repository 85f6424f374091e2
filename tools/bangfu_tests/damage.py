"""Nothing that anybody may put into a file makes the verifier stumble."""

from __future__ import annotations

from typing import Any

from bangfu_formats import strict

from .definitions import Json, people
from .support import SHOWN, Case


class Damage(Case):
    """Nothing that anybody may put into a file makes the verifier stumble."""

    STRANGE: tuple[Any, ...] = (
        None,
        True,
        False,
        0,
        -1,
        1.5,
        2**53,
        10**400,
        "",
        "x",
        "0" * 64,
        "\ud800",
        "\x00\x1b[2J\u202e",
        "é" * 300,
        [],
        {},
        [[]],
        [None],
        {"": None},
        {"a": {"b": []}},
    )

    def spots(self, value: Any) -> Any:
        """Every place in a value, as a function that puts something else there."""
        for at in range(len(value)) if isinstance(value, list) else list(value) if isinstance(value, dict) else ():
            yield value, at
            yield from self.spots(value[at])

    def strange(self, name: str, sound: Json, free: set[str]) -> None:
        for container, at in self.spots(sound):
            if at in free:
                continue
            kept = container[at]
            for odd in self.STRANGE:
                if type(odd) is type(kept) and odd == kept:
                    continue
                container[at] = odd
                path = self.write(name, sound)
                try:
                    self.verify(path)
                    self.fail(f"{at} = {odd!r}")
                except strict.Rejected:
                    pass
            container[at] = kept
        self.verify(self.write(name, sound))

    def test_any_value_in_any_place_of_evidence_is_refused(self) -> None:
        free = {"sections", "subject", "payment", "amount_fen", "type", "id", "witness_keys", "openings"}
        self.strange("evidence.json", self.log.evidence([2], SHOWN[:2]), free)

    def test_any_value_in_any_place_of_a_sample_is_refused(self) -> None:
        self.strange("sample.json", self.log.sample(4, "random", 2, people(5), 5), {"witness_keys"})

    def test_files_of_rubbish_are_refused(self) -> None:
        for rubbish in (
            b"",
            b"\x00" * 100,
            b"\xff\xfe{}",
            b"[" * 200_000,
            b"{" * 200_000,
            b'{"a":' * 2000,
            b"1" * 100_000,
            b"1e999999999",
            b"NaN",
            b'"\\ud800"',
            b"null",
            b"[]",
            b"{}",
            b'{"format":null}',
            b'{"format":"bangfu-evidence/1"}',
            b'{"format":"bangfu-sample/1"}',
            b'{"format":"\\ud800"}',
        ):
            self.refused(self.write("rubbish", rubbish))
            with self.assertRaises(strict.Rejected):
                self.verify(self.write("evidence.json", self.log.evidence([2], [])), known=[rubbish.decode("latin-1")])
