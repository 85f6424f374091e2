#!/usr/bin/env python3
"""核验帮扶系统交给审计人员的数据：日志数据包、单案证据、抽样。不联网，不使用被审计单位的任何程序。
Checks what Bangfu hands to auditors: packs of its log, evidence about a case, samples. It uses no network and none of
the programs of those who are audited.

The formats are described in docs/audit-formats.md; `bangfu_formats` beside this file follows that text, module by
module. Nothing is written, executed or fetched. Needs Python 3.9 and the package `cryptography` (for Ed25519 alone).

Exit code: 0 everything holds, 1 something does not, 2 the question was wrong.
"""

from __future__ import annotations

import argparse
import sys
from datetime import datetime, timezone
from pathlib import Path

if sys.version_info < (3, 9):
    sys.exit("需要 Python 3.9 或更高版本。Needs Python 3.9 or later.")
try:
    from bangfu_formats.evidence import read_evidence
    from bangfu_formats.notes import LOG, WITNESS, Checkpoint, Key, Trust, key_ring, read_checkpoint, read_key
    from bangfu_formats.pack import Pack, check_packs, open_pack
    from bangfu_formats.sample import Sample, read_sample
    from bangfu_formats.strict import Record, Rejected, WrongQuestion, read_json, read_small, show
    from bangfu_formats.tree import Roots
except ImportError as missing:
    print(f"无法运行，请安装 Python 包 cryptography（Debian：python3-cryptography）：{missing}", file=sys.stderr)
    print(
        f"Can't run; please install the Python package cryptography (Debian: python3-cryptography): {missing}",
        file=sys.stderr,
    )
    sys.exit(2)


class Audit:
    """One run of `verify`: everything given must be of one log, and of one tree of it."""

    def __init__(self, key: Key | None, witnesses: list[Key]) -> None:
        self.trust = Trust(key, witnesses)
        self.key_given = key is not None
        self.roots = Roots()
        self.findings: list[str] = []

    def say(self, chinese: str, english: str) -> None:
        """Keeps a message for the end: nothing is said to hold while something else may not."""
        self.findings += [chinese, english]

    def run(self, paths: list[Path], known: list[Path]) -> list[str]:
        """Checks everything; what holds, or `Rejected` at the first thing that does not."""
        for path in [*paths, *known]:
            if not path.exists():
                raise WrongQuestion(show(str(path)), "不存在", "does not exist")
        packs = [open_pack(path, self.trust) for path in paths if path.is_dir()]
        documents = [self.read_document(path) for path in paths if not path.is_dir()]
        noted = [self.read_known(path) for path in known]
        if packs:
            self.roots.wanted.update(checkpoint.size for _, checkpoint in documents + noted)
            self.check_packs(packs)
        else:
            for where, checkpoint in documents:
                self.roots.tell(checkpoint.size, checkpoint.root, where)
        for where, checkpoint in documents + noted:
            self.roots.agree(checkpoint.size, checkpoint.root, where)
            self.roots.signed_at(checkpoint.size, where)
        if noted:
            self.say(
                f"通过：先前记下的 {len(noted)} 个检查点都在这个日志之中",
                f"Holds: the {len(noted)} checkpoints noted before are of this log",
            )
        self.warn(bool(noted))
        return self.findings

    def check_packs(self, packs: list[Pack]) -> None:
        """Checks packs that follow each other, says what they hold, and who co-signed."""
        packs.sort(key=lambda pack: pack.first)
        head = check_packs(packs, self.roots)
        self.trust.need_witnesses(head, show(str(packs[-1].folder)))
        first, last, origin = packs[0].first, packs[-1].last, show(packs[0].log.name)
        root = head.root.hex()
        self.say(
            f"通过：日志 {origin} 第 {first} 至 {last} 号事件；日志头 {head.size} 件，根 {root}",
            f"Holds: events {first} to {last} of the log {origin}; its head has {head.size} events and the root {root}",
        )
        if (first, last) != (1, head.size):
            self.say(
                f"注意：只核验了一部分，日志共 {head.size} 件",
                f"Note: this is a part only, the log has {head.size} events",
            )
        for key, time in head.signers.items():
            if key.kind == WITNESS:
                at = datetime.fromtimestamp(time, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
                self.say(f"见证：{show(key.name)} 于 {at} 会签", f"Witness: {show(key.name)} co-signed at {at}")
                if key not in self.trust.witnesses:
                    self.say("注意：此见证人只由数据包自称", "Note: that this is a witness only the pack says")

    def read_document(self, path: Path) -> tuple[str, Checkpoint]:
        """Checks an evidence file or a sample file; where it is, and its checkpoint."""
        where = show(str(path))
        record = Record(read_json(path.read_bytes(), where), None, where)
        if record.string("format") == "bangfu-sample/1":
            sample = read_sample(record, self.trust)
            same_draw(sample, where)
            self.roots.gaps.append((sample.seq, sample.checkpoint.size))
            checkpoint = sample.checkpoint
            seq, drawn = sample.seq, len(sample.drawn)
            self.say(
                f"通过：{where}：第 {seq} 号事件冻结总体，重新抽取的 {drawn} 项相同",
                f"Holds: {where}: event {seq} froze the population, the {drawn} items drawn again are the same",
            )
        else:
            record.exactly("format", "bangfu-evidence/1")
            checkpoint, events, values = read_evidence(record, self.trust)
            self.say(
                f"通过：{where}：{events} 件事件和 {values} 个值已证明",
                f"Holds: {where}: {events} events and {values} values are proved",
            )
            self.say(
                "注意：其余内容（sections）供阅读，未经证明",
                "Note: the rest (sections) is for reading, and proved by nothing",
            )
        self.trust.need_witnesses(checkpoint, where)
        return where, checkpoint

    def read_known(self, path: Path) -> tuple[str, Checkpoint]:
        """A checkpoint that the auditor noted before; the log's key must have signed it."""
        where, log = show(str(path)), self.trust.log
        if log is None:
            raise WrongQuestion(where, "没有可核验的文件", "there is nothing to check it against")
        return where, read_checkpoint(read_small(path), log, key_ring([log, *self.trust.witnesses], where), where)

    def warn(self, known: bool) -> None:
        """Says what was not checked, because the auditor did not say what it could be checked against."""
        if not self.key_given:
            self.say(
                "注意：未给 --key，只用了文件自带的公钥：若文件整个是伪造的，发现不了",
                "Note: without --key the file's own key was used: if all of it is forged, that can't be found out",
            )
        if not known and not self.trust.witnesses:
            self.say(
                "注意：未给 --known 或 --witness，不能发现给别人看的是另一份日志",
                "Note: without --known or --witness it can't be found out whether others are shown another log",
            )


def same_draw(sample: Sample, where: str) -> None:
    """The file says what was drawn, and that is what is drawn."""
    if sample.said != sample.drawn:
        raise Rejected(where, "抽样结果不符：重新抽取得到的是另一些", "drawn again, the sample is another one")


def draw_again(path: Path, key: Key | None) -> None:
    """Checks a sample's file and prints what is drawn, one id on a line."""
    where = show(str(path))
    if not path.is_file():
        raise WrongQuestion(where, "不存在", "does not exist")
    record = Record(read_json(path.read_bytes(), where), None, where)
    record.exactly("format", "bangfu-sample/1")
    sample = read_sample(record, Trust(key, []))
    for item in sample.drawn:
        print(show(item))
    same_draw(sample, where)


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    summary = (__doc__ or "").split("\n\n", maxsplit=1)[0]
    parser = argparse.ArgumentParser(prog="bangfu_audit.py", description=summary, allow_abbrev=False)
    add = parser.add_argument
    add("command", choices=["verify", "draw"], help="核验 check / 重新抽样 draw again")
    add(
        "paths", nargs="+", type=Path, metavar="PATH", help="数据包目录、证据或抽样文件 pack folder, evidence or sample"
    )
    add("--key", metavar="VKEY", help="安装时记下的日志公钥 the log's verifier key, noted at installation")
    note_help = "先前记下的检查点 a checkpoint noted before"
    add("--known", action="append", default=[], type=Path, metavar="NOTEFILE", help=note_help)
    witness_help = "必须会签的见证人公钥 a witness that must have co-signed"
    add("--witness", action="append", default=[], metavar="VKEY", help=witness_help)
    return parser


def answer(asked: argparse.Namespace) -> None:
    """Does what the command line asks; raises `Rejected` when something does not hold."""
    try:
        key = read_key(asked.key, LOG, "--key") if asked.key is not None else None
        witnesses = [read_key(text, WITNESS, "--witness") for text in asked.witness]
        key_ring([*witnesses, *([key] if key else [])], "--witness")
    except Rejected as wrong:
        raise WrongQuestion(*wrong.args) from None
    if asked.command == "verify":
        print(*Audit(key, witnesses).run(asked.paths, asked.known), sep="\n")
    elif len(asked.paths) != 1 or asked.known or witnesses:
        raise WrongQuestion("draw", "只接受一个抽样文件和 --key", "takes one sample file and --key")
    else:
        draw_again(asked.paths[0], key)


def main(argv: list[str] | None = None) -> int:
    """The command; its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal without Chinese must not stop a check
    asked = arguments().parse_intermixed_args(argv)
    try:
        answer(asked)
        return 0
    except Rejected as found:
        code, (where, chinese, english) = found.code, found.args
    except (OSError, MemoryError, RecursionError) as trouble:  # what can't be read was not checked
        code, where, chinese, english = 1, type(trouble).__name__, show(str(trouble)), show(str(trouble))
    verdict = ("不通过", "Does not hold") if code == 1 else ("无法核验", "Can't be checked")
    print(f"{verdict[0]}：{where}：{chinese}", file=sys.stderr)
    print(f"{verdict[1]}: {where}: {english}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
