"""Evidence about one case."""

from __future__ import annotations

import contextlib
import copy
import json
from typing import Any

from bangfu_formats import strict

from .support import SHOWN, Case


class Evidence(Case):
    """Evidence about one case."""

    def test_sound_evidence_holds_and_says_what_is_not_proved(self) -> None:
        said = self.verify(self.write("evidence.json", self.log.evidence([2, 3, 5], SHOWN)))
        self.assertIn("3 events and 3 values are proved", said)
        self.assertIn("proved by nothing", said)

    def test_one_bit_changed_in_what_is_proved_is_found(self) -> None:
        value = self.log.evidence([2, 3], SHOWN[:2])
        free = [json.dumps(value[name], separators=(",", ":")).encode() for name in ("sections", "subject", "made_at")]
        sound = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
        unproved = set()
        for part in free:
            unproved |= set(range(sound.index(part), sound.index(part) + len(part)))
        for at in range(len(sound)):
            damaged = bytearray(sound)
            damaged[at] ^= 1 << at % 8
            path = self.write("damaged.json", bytes(damaged))
            if at in unproved:
                with contextlib.suppress(strict.Rejected):
                    self.verify(path)
            else:
                with self.assertRaises(strict.Rejected, msg=f"byte {at}: {sound[at - 20 : at + 20]!r}"):
                    self.verify(path)

    def test_evidence_that_says_something_else_is_refused(self) -> None:
        def changed(change: Any, says: str) -> None:
            value = copy.deepcopy(self.log.evidence([2, 3, 5], SHOWN))
            change(value)
            self.refused(self.write("changed.json", value), says=says)

        changed(lambda v: v["events"][1]["event"].update(actor_role="caseworker"), "seq 3: the event or its proof")
        changed(lambda v: v["events"][1]["proof"].pop(), "seq 3: the event or its proof")
        changed(lambda v: v["events"][1]["event"].update(hash="00"), "seq 3")
        changed(lambda v: v["events"][1]["event"].update(seq=10), "seq 10: lies beyond")
        changed(lambda v: v["events"].reverse(), "not in the order")
        changed(lambda v: v["events"].append(v["events"][2]), "not in the order")
        changed(lambda v: v["openings"][2].update(text="50003"), 'seq 3: the value shown for "amount_fen"')
        changed(lambda v: v["openings"][0].update(side="old"), 'the value shown for "status"')
        changed(lambda v: v["openings"][0].update(side="both"), "seq 2")
        changed(lambda v: v["openings"][0].update(seq=4), "seq 4: a value is shown of no event")
        changed(lambda v: v["openings"].append(v["openings"][0]), "or twice")
        changed(lambda v: v["openings"][0].update(field="name"), "seq 2")
        changed(lambda v: v["openings"][0].update(opening=v["openings"][0]["opening"] + "00"), "opening")
        changed(lambda v: v.update(checkpoint=self.log.checkpoints[5]), "the event or its proof")
        changed(lambda v: v.update(checkpoint=self.log.checkpoints[8]), "")
        changed(lambda v: v.update(more=1), "must be an object")

    def test_a_witness_that_was_asked_for_must_have_co_signed(self) -> None:
        path = self.write("evidence.json", self.log.evidence([2], [], size=8))
        self.verify(path, witness=False)
        self.refused(path, says="did not co-sign")
