"""The Merkle tree of RFC 6962, section 2.1."""

from __future__ import annotations

import hashlib

from .strict import Rejected


def leaf(data: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A growing tree. Its full subtrees, from left to right and ever smaller, are all that is needed to go on."""

    def __init__(self, parts: list[tuple[int, bytes]] | None = None) -> None:
        self.parts = list(parts or [])  # of each full subtree: how many leaves, and the root over them
        self.size = sum(width for width, _ in self.parts)

    def add(self, width: int, root: bytes) -> None:
        """Adds the full subtree that follows (a leaf has width 1). Two of one width make one of twice that."""
        self.size += width
        while self.parts and self.parts[-1][0] == width:
            root = node(self.parts.pop()[1], root)
            width *= 2
        self.parts.append((width, root))

    def add_cover(self, end: int, roots: list[bytes]) -> bool:
        """Adds the roots of the full subtrees up to before leaf `end`; False when there are not as many as needed."""
        widths = cover(self.size, end)
        for width, root in zip(widths, roots):
            self.add(width, root)
        return len(widths) == len(roots)

    def root(self) -> bytes:
        """The root over everything: what remains is folded from the right."""
        *larger, (_, root) = self.parts
        for _, left in reversed(larger):
            root = node(left, root)
        return root


def power_below(n: int) -> int:
    """The largest power of two that does not exceed n."""
    return 1 << (n.bit_length() - 1)


def cover(begin: int, end: int) -> list[int]:
    """The widths of the full subtrees that cover the leaves from `begin` to before `end`, from left to right."""
    widths = []
    while begin < end:
        width = power_below(end - begin)
        if begin:
            width = min(width, begin & -begin)  # the largest power of two that divides `begin`
        widths.append(width)
        begin += width
    return widths


def root_by_proof(index: int, size: int, digest: bytes, proof: list[bytes]) -> bytes | None:
    """The root that an inclusion proof leads to from leaf number `index` (from 0); None if its length is wrong."""
    turns = []  # from the root down to the leaf: whether the leaf lies in the right half
    while size > 1:
        half = power_below(size - 1)
        turns.append(index >= half)
        index, size = (index - half, size - half) if turns[-1] else (index, half)
    if len(turns) != len(proof):
        return None
    for right, sibling in zip(reversed(turns), proof):
        digest = node(sibling, digest) if right else node(digest, sibling)
    return digest


class Roots:
    """What is known of the tree: its roots at the sizes that somebody wants to know."""

    def __init__(self) -> None:
        self.wanted: set[int] = set()
        self.at: dict[int, bytes] = {}
        self.gaps: list[tuple[int, int]] = []  # of each sample: its event's number, and the size of its checkpoint

    def tell(self, size: int, root: bytes, where: str) -> None:
        """The tree has this root at this size; two roots at one size are a fork."""
        if self.at.setdefault(size, root) != root:
            raise Rejected(
                where,
                f"分叉：规模 {size} 有两个不同的根，两份都请保存为证据",
                f"a fork: there are two roots at size {size}; keep both as evidence",
            )

    def agree(self, size: int, root: bytes, where: str) -> None:
        """A checkpoint from elsewhere must be one of this tree; what can't be told does not hold."""
        head = max(self.at)
        if size > head:
            raise Rejected(
                where,
                f"已有 {size} 件事件，而所给的日志头只有 {head} 件：被截短，或所给文件较旧",
                f"there were {size} events, the head that is given has only {head}: truncated, or older",
            )
        if size not in self.at:
            raise Rejected(
                where,
                f"凭所给文件无法判断规模 {size} 时的根",
                f"the root at size {size} can't be told from what is given",
            )
        self.tell(size, root, where)

    def signed_at(self, size: int, where: str) -> None:
        """The log signed a checkpoint of this size. A sample must have taken the first one after its event: who may
        wait for a later one chooses the sample."""
        for seq, chosen in self.gaps:
            if seq <= size < chosen:
                raise Rejected(
                    where,
                    f"第 {seq} 号事件冻结的抽样没有使用其后的第一个检查点（规模 {size}），而用了规模 {chosen} 的",
                    f"the sample frozen by event {seq} did not use the first checkpoint after it (of size "
                    f"{size}) but that of size {chosen}",
                )
