"""Writes what can be computed of tests/vectors: cd tools && python3 -m bangfu_tests.write_vectors ../tests/vectors"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from .definitions import Json, consistency, draw, mth, path, people, plain, sha
from .throwaway_log import small_log

CT_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]


def rfc6962() -> Json:
    """Every root and proof over the eight leaves of Certificate Transparency's reference tree."""
    leaves = [bytes.fromhex(text) for text in CT_LEAVES]
    sizes = range(1, 9)
    return {
        "source": "RFC 6962, section 2.1, over the eight leaves of the reference tree of Certificate Transparency "
        "(certificate-transparency-go, transparency-dev/merkle testdata); hashes in hex, indexes from 0",
        "leaves": CT_LEAVES,
        "leaf_hashes": [mth([data]).hex() for data in leaves],
        "roots": [{"size": n, "root": mth(leaves[:n]).hex()} for n in range(9)],
        "inclusion": [
            {"size": n, "index": m, "proof": [step.hex() for step in path(m, leaves[:n])]}
            for n in sizes
            for m in range(n)
        ],
        "consistency": [
            {"old": m, "new": n, "proof": [step.hex() for step in consistency(m, leaves[:n])]}
            for n in sizes
            for m in range(1, n + 1)
        ],
    }


def samples() -> Json:
    """Draws of the three methods, ordinary ones and those at the edges."""
    mixed = people(10, "甲甲乙甲乙丙甲乙甲甲")  # 甲 6, 乙 3, 丙 1
    money = people(8, "甲", (0, 100, 1, 999_900, 0, 3, 250_000, 50_000))
    large = [{"id": f"p{i}", "stratum": "", "amount_fen": 2**53 - 1} for i in range(3)]
    cases = [
        ("random", 3, mixed),
        ("random", 10, mixed),
        ("random", 2**53 - 1, mixed),
        ("random", 1, mixed[:1]),
        ("stratified", 5, mixed),
        ("stratified", 3, mixed),
        ("stratified", 9, mixed),
        ("stratified", 10, mixed),
        ("stratified", 11, mixed),
        ("stratified", 2, mixed),
        ("stratified", 4, people(12, "丙乙甲")),
        ("stratified", 5, people(12, "丙乙甲")),
        ("stratified", 3, people(4, "甲乙丙丁")),
        ("stratified", 4, people(4, "甲乙丙丁")),
        ("stratified", 4, people(9, "a\U0001f600\ufb33")),
        ("stratified", 50, people(200, "甲乙乙丙丙丙丁")),
        ("monetary_unit", 1, money),
        ("monetary_unit", 4, money),
        ("monetary_unit", 40, money),
        ("monetary_unit", 3, people(4, "甲", (0,))),
        ("monetary_unit", 7, people(4, "甲", (1,))),
        ("monetary_unit", 2, large),
        ("monetary_unit", 60, people(300, "甲乙", (1, 50000, 120000, 300000, 20))),
    ]

    def case(n: int, method: str, size: int, population: list[Json]) -> Json:
        root, digest = sha(b"root", bytes([n])), sha(plain(population).encode())
        seed = sha(b"bangfu-sample/1\n", root, digest)
        return {
            "method": method,
            "size": size,
            "population": population,
            "root": root.hex(),
            "digest": digest.hex(),
            "seed": seed.hex(),
            "drawn": draw(method, size, population, seed),
        }

    return {
        "source": "computed from the words of docs/audit-formats.md by tools/throwaway_log.py, in another way than "
        "the verifiers do; `drawn` is null where the method can't draw that many",
        "cases": [case(n, *one) for n, one in enumerate(cases)],
    }


def write_log(folder: Path) -> None:
    """A log of nine events as packs, evidence, a sample and checkpoints, with the keys."""
    log = small_log()
    log.pack(folder / "pack-1-9", 1, 9)
    log.pack(folder / "pack-1-5", 1, 5, size=8)
    log.pack(folder / "pack-6-8", 6, 8)
    log.pack(folder / "pack-9-9", 9, 9)
    shown = [(2, "status", "new", "approved"), (2, "status", "old", "verified"), (3, "amount_fen", "new", 50002)]
    write_json(folder / "evidence.json", log.evidence([2, 3, 5], shown))
    write_json(folder / "sample.json", log.sample(4, "random", 2, people(5), 5))
    for size in (3, 9):
        (folder / f"checkpoint-{size}.note").write_text(log.checkpoints[size], encoding="utf-8")
    write_json(folder / "keys.json", {"log": log.key.vkey, "witness": log.witness.vkey})


def write_json(path: Path, value: Any) -> None:
    """A file of JSON, for people too."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def write_all(target: Path) -> None:
    """All of them."""
    write_json(target / "rfc6962.json", rfc6962())
    write_json(target / "samples.json", samples())
    write_log(target / "log")


if __name__ == "__main__":
    write_all(Path(sys.argv[1]))
