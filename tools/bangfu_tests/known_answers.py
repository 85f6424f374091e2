"""Known answers of the world: tests/vectors, where the tests of the service read them too, and RFCs."""

from __future__ import annotations

import contextlib
import json

from bangfu_formats import notes, strict, tree

from .definitions import Json, sha
from .support import VECTORS, Case, vectors
from .write_vectors import write_all


class KnownAnswers(Case):
    """What the world agrees on."""

    def test_the_tree_of_certificate_transparency(self) -> None:
        known = vectors("rfc6962.json")
        roots = {entry["size"]: entry["root"] for entry in known["roots"]}
        leaves = [bytes.fromhex(text) for text in known["leaves"]]
        self.assertEqual(roots[8], "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")
        growing = tree.Tree()
        for size, data in enumerate(leaves, 1):
            self.assertEqual(tree.leaf(data).hex(), known["leaf_hashes"][size - 1])
            growing.add(1, tree.leaf(data))
            self.assertEqual(growing.root().hex(), roots[size])

    def test_inclusion_proofs_of_the_tree_of_certificate_transparency(self) -> None:
        known = vectors("rfc6962.json")
        roots = {entry["size"]: entry["root"] for entry in known["roots"]}
        for entry in known["inclusion"]:
            proof = [bytes.fromhex(step) for step in entry["proof"]]
            digest = bytes.fromhex(known["leaf_hashes"][entry["index"]])
            root = tree.root_by_proof(entry["index"], entry["size"], digest, proof)
            self.assertEqual(root and root.hex(), roots[entry["size"]])
            self.assertIsNone(tree.root_by_proof(entry["index"], entry["size"], digest, [*proof, digest]))
            if proof:
                self.assertIsNone(tree.root_by_proof(entry["index"], entry["size"], digest, proof[1:]))
                altered = [*proof[:-1], sha(proof[-1])]
                self.assertNotEqual(tree.root_by_proof(entry["index"], entry["size"], digest, altered), root)

    def test_the_vectors_are_what_the_definitions_give(self) -> None:
        write_all(self.folder)
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                committed = VECTORS / path.relative_to(self.folder)
                self.assertEqual(path.read_bytes(), committed.read_bytes(), committed)

    def test_signed_notes_of_the_checksum_database_and_of_public_logs(self) -> None:
        known = vectors("signed-note.json")
        for entry in known["good"]:
            self.assertEqual(self.signed_by(entry), entry["signed_by"], entry["source"])
        for entry in known["bad"]:
            with self.subTest(entry["why"]), contextlib.suppress(strict.Rejected):
                self.assertEqual(self.signed_by(entry), [])
        for text in known["bad_keys"]:
            with self.assertRaises(strict.Rejected, msg=text):
                self.any_key(text)

    def any_key(self, text: str) -> notes.Key:
        """A key of either kind."""
        with contextlib.suppress(strict.Rejected):
            return notes.read_key(text, notes.WITNESS, "")
        return notes.read_key(text, notes.LOG, "")

    def signed_by(self, entry: Json) -> list[Json]:
        """Whose signatures a note of the vectors has."""
        keys = [self.any_key(text) for text in entry["keys"]]
        found = notes.signers(notes.read_note(entry["note"].encode(), ""), notes.key_ring(keys, ""), "")
        named = [(text, key) for text, key in zip(entry["keys"], keys) if key in found]
        return [
            {"key": text, "time": found[key]} if key.kind == notes.WITNESS else {"key": text} for text, key in named
        ]

    def test_the_first_signatures_of_rfc_8032(self) -> None:
        for public, message, signature in [
            (
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
                "d25bf5f0595bbe24655141438e7a100b",
            ),
            (
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                "r",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
                "387b2eaeb4302aeeb00d291612bb0c00",
            ),
        ]:
            key = notes.Key("rfc8032", notes.LOG, bytes.fromhex(public))
            self.assertEqual(key.signed(message, bytes.fromhex(signature)), 0)
            self.assertIsNone(key.signed(message + "!", bytes.fromhex(signature)))
            self.assertIsNone(key.signed(message, bytes.fromhex(signature) + b"\0"))
            # s + the group's order: the same equation, other bytes
            s = (
                int.from_bytes(bytes.fromhex(signature)[32:], "little")
                + 2**252
                + 27742317777372353535851937790883648493
            )
            self.assertIsNone(key.signed(message, bytes.fromhex(signature)[:32] + s.to_bytes(32, "little")))

    def test_canonical_json_of_rfc_8785(self) -> None:
        names = {"€": 1, "\r": 2, "\ufb33": 3, "1": 4, "😀": 5, "\u0080": 6, "ö": 7}
        order = [pair[1] for pair in json.loads(strict.canonical(names, ""), object_pairs_hook=list)]
        self.assertEqual(order, [2, 4, 6, 7, 1, 5, 3])
        self.assertEqual(
            strict.canonical('€$\u000f\nA\'B"\\\\"/\u007f\u2028', ""),
            '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/\u007f\u2028"'.encode(),
        )
        self.assertEqual(strict.canonical("\b\t\n\f\r\x00\x1f", ""), b'"\\b\\t\\n\\f\\r\\u0000\\u001f"')
        self.assertEqual(
            strict.canonical([None, True, {}, [], -5, 2**53 - 1], ""), b"[null,true,{},[],-5,9007199254740991]"
        )
        for wrong in (1.5, 1.0, 2**53, -(2**53), float("nan"), float("inf"), "\ud800", {"\udfff": 1}, [[[1e3]]]):
            with self.assertRaises(strict.Rejected, msg=repr(wrong)):
                strict.canonical(wrong, "")

    def test_json_that_two_readers_could_understand_differently_is_refused(self) -> None:
        for wrong in (
            b"",
            b"{",
            b'{"a":1,"a":1}',
            b'{"a":1,"\\u0061":1}',
            b"NaN",
            b"[Infinity]",
            b"-Infinity",
            b"\xff",
            b"\xef\xbb\xbf{}",
            b'"\xed\xa0\x80"',
            b"{} {}",
            b"[1,]",
            b"'a'",
            b'"\n"',
            b"01",
            b"+1",
            b"1.",
            b"0x1",
            b"tru",
            b"[" * 100_000,
            b'{"a":' * 5000 + b"1" + b"}" * 5000,
            b"\x00",
            "{}".encode("utf-16"),
        ):
            with self.assertRaises(strict.Rejected, msg=wrong[:20]):
                strict.read_json(wrong, "")
        for wrong in (
            b'{"b":1,"a":1}',
            b'{"a": 1}',
            b"{} ",
            b"{}\n",
            b'"\\u0041"',
            b'"\\/"',
            b'"\\u001F"',
            b"-0",
            b"1.0",
            b"1e2",
            b"1E400",
            b"9007199254740992",
            b"9" * 5000,
            b'"\\ud800"',
        ):
            with self.assertRaises(strict.Rejected, msg=wrong[:20]):
                strict.read_canonical(wrong, "")
