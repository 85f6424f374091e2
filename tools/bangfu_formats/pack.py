"""Packs: folders that hold a range of the log's events and everything that proves them."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .notes import Checkpoint, Key, Ring, Trust, read_checkpoint, read_note, signers
from .strict import Record, Rejected, read_canonical, read_small, show
from .tree import Roots, Tree, leaf

HASHED = "README.txt checkpoints.jsonl events.jsonl proof.json"
ALL = {"manifest.json", "manifest.note", *HASHED.split()}
LINE_LIMIT = 1 << 20  # bytes, with the newline


@dataclass(frozen=True)
class Pack:
    """A pack whose manifest is signed and well-formed. Its events and checkpoints are not read yet."""

    folder: Path
    log: Key
    ring: Ring
    first: int
    last: int
    size: int
    root: bytes
    files: Record
    left: list[bytes]
    right: list[bytes]

    def where(self, name: str) -> str:
        """How messages call a file of the pack."""
        return show(str(self.folder / name))


def open_pack(folder: Path, trust: Trust) -> Pack:
    """Reads everything but events and checkpoints."""
    check_listing(folder)
    where = show(str(folder / "manifest.json"))
    data = read_small(folder / "manifest.json")
    names = "events files format from log_key made_at origin root size to witness_keys"
    manifest = Record(read_canonical(data, where), names, where)
    manifest.exactly("format", "bangfu-audit-pack/1")
    log, ring = trust.accept(manifest)
    check_signature(folder / "manifest.note", data, log)
    manifest.time("made_at")
    first = manifest.integer("from", 1)
    last = manifest.integer("to", first)
    if manifest.integer("events", 1) != last - first + 1:
        raise manifest.wrong("events")
    files = Record(manifest.value["files"], HASHED, where)
    check_hash(folder / "README.txt", read_small(folder / "README.txt"), files)
    left, right = read_proof(folder / "proof.json", files)
    return Pack(
        folder, log, ring, first, last, manifest.integer("size", last), manifest.hash("root"), files, left, right
    )


def check_listing(folder: Path) -> None:
    """There are the six files and nothing else, and they are plain files: a link may show each reader another one."""
    found = {entry.name for entry in folder.iterdir()}
    for name in sorted(found ^ ALL):
        what = ("多余", "does not belong there") if name in found else ("缺失", "is missing")
        raise Rejected(show(str(folder / name)), f"文件{what[0]}", what[1])
    for name in sorted(ALL):
        if not stat.S_ISREG((folder / name).lstat().st_mode):
            raise Rejected(show(str(folder / name)), "不是普通文件", "is not a plain file")


def check_signature(path: Path, manifest: bytes, log: Key) -> None:
    """The log's key signed the manifest; there is one line, so that there is no byte that nobody signed."""
    where = show(str(path))
    note = read_note(read_small(path), where)
    text = f"bangfu-audit-pack/1\n{log.name}\n{hashlib.sha256(manifest).hexdigest()}\n"
    if note.text != text or len(note.lines) != 1 or log not in signers(note, {(log.name, log.id): log}, where):
        raise Rejected(where, "不是日志公钥对 manifest.json 的签名", "is not the log's signature of manifest.json")


def check_hash(path: Path, data: bytes, files: Record) -> None:
    """These bytes are those of the file that the manifest names."""
    if hashlib.sha256(data).digest() != files.hash(path.name):
        raise changed(path)


def changed(path: Path) -> Rejected:
    """To be raised: the file is another one than the manifest names."""
    return Rejected(
        show(str(path)), "与清单中的哈希不符：文件被改动", "is not the file that the manifest names: it was changed"
    )


def read_proof(path: Path, files: Record) -> tuple[list[bytes], list[bytes]]:
    """The roots of the full subtrees to the left and to the right of the events."""
    data = read_small(path)
    check_hash(path, data, files)
    proof = Record(read_canonical(data, show(str(path))), "left right", show(str(path)))
    return proof.hashes("left"), proof.hashes("right")


def lines(pack: Pack, name: str) -> Iterator[bytes]:
    """The lines of a file, one after the other; after the last one, the file's hash must fit. What is hashed is what
    was read, so that nobody can exchange the file in between."""
    hashed = hashlib.sha256()
    with open(pack.folder / name, "rb") as file:
        for line in iter(lambda: file.readline(LINE_LIMIT + 1), b""):
            hashed.update(line)
            if not line.endswith(b"\n") or len(line) > LINE_LIMIT:
                raise Rejected(pack.where(name), "有一行过长或没有换行符", "a line is too long or lacks its newline")
            yield line[:-1]
    if hashed.digest() != pack.files.hash(name):
        raise changed(pack.folder / name)


def checkpoints(pack: Pack, roots: Roots) -> Iterator[Checkpoint]:
    """The checkpoints of a pack, by size; their signatures are checked. The last is the head of the manifest."""
    name = "checkpoints.jsonl"
    size, root = 0, b""
    for number, line in enumerate(lines(pack, name), 1):
        where = f"{pack.where(name)}:{number}"
        record = Record(read_canonical(line, where), "at note size", where)
        record.time("at")
        found = read_checkpoint(record.string("note").encode(), pack.log, pack.ring, where)
        fits = pack.first <= found.size <= pack.last or found.size == pack.size
        if found.size <= size or not fits or record.integer("size", 1) != found.size:
            raise Rejected(where, "检查点的规模不对", "the size of the checkpoint is wrong")
        roots.signed_at(found.size, where)
        size, root = found.size, found.root
        yield found
    if (size, root) != (pack.size, pack.root):
        raise Rejected(
            pack.where(name),
            "最后一个检查点不是清单所说的日志头",
            "the last checkpoint is not the head that the manifest names",
        )


def read_event(line: bytes, seq: int, where: str) -> None:
    """An event in its one canonical form, under its number."""
    event = Record(read_canonical(line, where), None, where)
    if event.integer("seq", 1) != seq or "hash" in event.value:
        raise Rejected(
            where,
            "编号不连续：有事件被删去、插入或调换",
            "the numbers have a gap: an event was left out, inserted or moved",
        )


def compare(checkpoint: Checkpoint, root: bytes, since: int, where: str) -> None:
    """The signed root is that of the events."""
    if checkpoint.root != root:
        size = checkpoint.size
        raise Rejected(
            where,
            f"与规模 {size} 的检查点不符：第 {since + 1} 至 {size} 号事件中有改动、缺失、调换或插入",
            f"does not fit the checkpoint of size {size}: among the events {since + 1} to {size} "
            "one was changed, left out, moved or inserted",
        )


def begin(pack: Pack, tree: Tree) -> None:
    """Goes on where the pack before ended; without one, with the subtrees on the left."""
    if tree.size and pack.first != tree.size + 1:
        raise Rejected(pack.where(""), f"应接第 {tree.size} 号事件", f"must go on after event {tree.size}")
    if tree.size:
        fits = pack.left == [root for _, root in tree.parts]
    else:
        fits = tree.add_cover(pack.first - 1, pack.left)
    if not fits:
        raise Rejected(pack.where("proof.json"), "left 与前面的事件不符", "left does not fit the events before")


def walk(pack: Pack, tree: Tree, roots: Roots) -> Checkpoint:
    """Reads events and checkpoints side by side, adds the events to the tree, and gives the head."""
    begin(pack, tree)
    if tree.size in roots.wanted:
        roots.tell(tree.size, tree.root(), pack.where("proof.json"))
    signed = checkpoints(pack, roots)
    due, since, events = next(signed, None), tree.size, pack.where("events.jsonl")
    for line in lines(pack, "events.jsonl"):
        seq = tree.size + 1
        where = f"{events}, seq {seq}"
        if seq > pack.last:
            raise Rejected(where, "事件多于清单所说", "there are more events than the manifest says")
        read_event(line, seq, where)
        tree.add(1, leaf(line))
        if seq in roots.wanted:
            roots.tell(seq, tree.root(), where)
        if due is not None and due.size == seq < pack.size:
            compare(due, tree.root(), since, where)
            due, since = next(signed, None), seq
    if tree.size != pack.last:
        raise Rejected(
            pack.where("events.jsonl"),
            f"缺少第 {tree.size + 1} 号起的事件",
            f"the events from {tree.size + 1} on are missing",
        )
    whole = Tree(tree.parts)
    if not whole.add_cover(pack.size, pack.right):
        raise Rejected(pack.where("proof.json"), "right 的个数不对", "right has the wrong number of hashes")
    if due is None or next(signed, None) is not None:
        raise Rejected(pack.where("checkpoints.jsonl"), "缺少日志头", "the head is missing")
    compare(due, whole.root(), since, pack.where("events.jsonl"))
    roots.tell(pack.size, due.root, pack.where("checkpoints.jsonl"))
    return due


def check_packs(packs: list[Pack], roots: Roots) -> Checkpoint:
    """Checks packs in the order of their events, and gives the head of the last. All heads must be of the one tree."""
    roots.wanted.update(pack.size for pack in packs)
    tree = Tree()
    for pack in packs:
        head = walk(pack, tree, roots)
    for pack in packs:
        if pack.size > tree.size and pack.size != head.size:
            raise Rejected(
                pack.where(""),
                f"凭所给文件无法判断规模 {pack.size} 时的根",
                f"the root at size {pack.size} can't be told from what is given",
            )
    return head
