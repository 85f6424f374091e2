"""Tree, canonical JSON and draws by the words of the RFC and of docs/audit-formats.md, without a thought for speed.

Shares no code with the verifier, so that an error of one is none of both.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

Json = dict[str, Any]


def sha(*parts: bytes) -> bytes:
    """SHA-256."""
    return hashlib.sha256(b"".join(parts)).digest()


def plain(value: Any) -> str:
    """Canonical JSON, for names that are ASCII."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def half(n: int) -> int:
    """The largest power of two below n."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(leaves: list[bytes]) -> bytes:
    """The tree's head by the definition of RFC 6962, 2.1."""
    if not leaves:
        return sha()
    if len(leaves) == 1:
        return sha(b"\x00", leaves[0])
    k = half(len(leaves))
    return sha(b"\x01", mth(leaves[:k]), mth(leaves[k:]))


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """The inclusion proof of leaf m by the definition of RFC 6962, 2.1.1."""
    if len(leaves) == 1:
        return []
    k = half(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def consistency(m: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """The consistency proof of the first m leaves by the definition of RFC 6962, 2.1.2."""
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = half(len(leaves))
    if m <= k:
        return [*consistency(m, leaves[:k], whole), mth(leaves[k:])]
    return [*consistency(m - k, leaves[k:], False), mth(leaves[:k])]


def covering(begin: int, end: int) -> list[tuple[int, int]]:
    """The full subtrees that cover the leaves from begin to before end."""
    found = []
    while begin < end:
        width = 1
        while begin % (width * 2) == 0 and begin + width * 2 <= end:
            width *= 2
        found.append((begin, begin + width))
        begin += width
    return found


def draw(method: str, size: int, population: list[Json], seed: bytes) -> list[str] | None:
    """A sample by the words of the format, without a thought for speed; None when it can't be drawn."""
    items = sorted(population, key=lambda item: (sha(seed, item["id"].encode()), item["id"].encode()))
    if method == "monetary_unit":
        chosen = money_drawn(items, size, seed)
    elif size >= len(items):
        chosen = {item["id"] for item in items}
    elif method == "random":
        chosen = {item["id"] for item in items[:size]}
    else:
        strata = sorted({item["stratum"] for item in items}, key=str.encode)
        if size < len(strata):
            return None
        counts = [sum(item["stratum"] == stratum for item in items) for stratum in strata]
        rest, remaining = size - len(strata), len(items) - len(strata)
        take = [1 + rest * (count - 1) // remaining for count in counts]
        order = sorted(range(len(strata)), key=lambda n: (-(rest * (counts[n] - 1) % remaining), n))
        for n in order[: size - sum(take)]:
            take[n] += 1
        chosen = set()
        for stratum, count in zip(strata, take):
            chosen |= {item["id"] for item in [item for item in items if item["stratum"] == stratum][:count]}
    return [item["id"] for item in items if item["id"] in chosen]


def money_drawn(items: list[Json], size: int, seed: bytes) -> set[str]:
    """Lays the items on the line and looks where each position falls."""
    total, chosen = sum(item["amount_fen"] for item in items), set()
    for k in range(size if total else 0):
        position = (int.from_bytes(sha(seed, b"start"), "big") % total + k * total) // size
        for item in items:
            if position < item["amount_fen"]:
                chosen.add(item["id"])
                break
            position -= item["amount_fen"]
    return chosen


def people(n: int, strata: str = "镜弋", amounts: tuple[int, ...] = (50000,)) -> list[Json]:
    """A population of n items."""
    return [
        {"id": f"p{i:03}", "stratum": strata[i % len(strata)], "amount_fen": amounts[i % len(amounts)]}
        for i in range(n)
    ]
