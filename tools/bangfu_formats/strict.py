"""Files are read strictly: bytes that two readers could understand differently are refused, and nothing crashes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

MOST = 2**53 - 1  # larger integers are not the same to every reader of JSON
SMALL_FILE = 1 << 20  # bytes that manifest.json, proof.json, README.txt and a note may have at most


class Rejected(Exception):
    """Something does not hold: where, and what in Chinese and in English."""

    code = 1  # with which the command ends

    def __init__(self, where: str, chinese: str, english: str) -> None:
        super().__init__(where, chinese, english)


class WrongQuestion(Rejected):
    """The command line asks for what can't be checked."""

    code = 2


def show(text: str) -> str:
    """Text from a file as it may be printed: a hostile file must not steer the terminal."""
    cut = text if len(text) <= 500 else text[:500] + "…"
    return "".join(c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in cut)


def read_small(path: Path) -> bytes:
    """A file that is never large."""
    with open(path, "rb") as file:
        data = file.read(SMALL_FILE + 1)
    if len(data) > SMALL_FILE:
        raise Rejected(show(str(path)), "文件过大", "the file is too large")
    return data


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, if no name stands twice in it: of two values one reader takes the first, another the last."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def number(digits: str) -> int | float:
    """A small integer; any other becomes a float, and no field of ours takes floats."""
    return int(digits) if len(digits) <= 17 and digits != "-0" else float(digits)


def refuse(constant: str) -> Any:
    """NaN and Infinity, which Python would read, are no JSON."""
    raise ValueError(constant)


DECODER = json.JSONDecoder(object_pairs_hook=unique, parse_int=number, parse_constant=refuse)
ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def read_json(data: bytes, where: str) -> Any:
    """Reads JSON of which there are no two opinions: UTF-8, no name twice in an object, no NaN."""
    try:
        return DECODER.decode(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Rejected(
            where,
            "不是合格的 JSON（须为 UTF-8，名称不得重复）",
            "is not sound JSON (it must be UTF-8, with no name twice)",
        ) from None


def ordered(value: Any) -> Any:
    """The value with the names of its objects in the order of RFC 8785: by UTF-16 code units."""
    if isinstance(value, dict):
        return {name: ordered(value[name]) for name in sorted(value, key=lambda name: name.encode("utf-16-be"))}
    if isinstance(value, list):
        return [ordered(item) for item in value]
    if value is None or isinstance(value, (str, bool)) or (isinstance(value, int) and abs(value) <= MOST):
        return value
    raise ValueError("a number that is no integer of at most 2^53 - 1")


def canonical(value: Any, where: str) -> bytes:
    """RFC 8785, without fractions, which these files never hold. Python escapes strings as the RFC wants it."""
    try:
        return ENCODER.encode(ordered(value)).encode("utf-8")
    except (ValueError, RecursionError):  # half a surrogate pair can't be encoded, which is a ValueError too
        raise Rejected(where, "含有不允许的数字或字符", "holds a number or character that is not allowed") from None


def read_canonical(data: bytes, where: str) -> Any:
    """Reads JSON that must be written in the one canonical way, so that not a byte can differ unnoticed."""
    value = read_json(data, where)
    if canonical(value, where) != data:
        raise Rejected(where, "不是规范 JSON（RFC 8785）", "is not canonical JSON (RFC 8785)")
    return value


class Record:
    """An object from a file. It has exactly the expected names, and each value is asked for with its type."""

    def __init__(self, value: Any, names: str | None, where: str) -> None:
        self.where = where
        if not isinstance(value, dict) or (names is not None and set(value) != set(names.split())):
            wanted = f"：{names}" if names else ""
            raise Rejected(where, f"应为对象{wanted}", f"must be an object{wanted.replace('：', ' of ')}")
        self.value: dict[str, Any] = value

    def wrong(self, name: str) -> Rejected:
        """To be raised: the value of this name is not what the format says."""
        return Rejected(
            self.where, f"“{show(name)}” 的值不合格式", f'the value of "{show(name)}" does not fit the format'
        )

    def integer(self, name: str, least: int) -> int:
        """An integer from `least` to 2^53 - 1."""
        value = self.value.get(name)
        if type(value) is not int or not least <= value <= MOST:  # not isinstance: True is an int to Python
            raise self.wrong(name)
        return value

    def string(self, name: str) -> str:
        """Text that can be written as UTF-8."""
        value = self.value.get(name)
        try:
            if isinstance(value, str) and value.encode("utf-8") is not None:
                return value
        except UnicodeEncodeError:  # half a surrogate pair, which JSON can spell
            pass
        raise self.wrong(name)

    def exactly(self, name: str, wanted: str) -> None:
        """A value that is always the same."""
        if self.string(name) != wanted:
            raise Rejected(self.where, f"“{name}” 应为 {show(wanted)}", f'"{name}" must be {show(wanted)}')

    def time(self, name: str) -> None:
        """A time in UTC. Nothing proves it; it only has to be one."""
        if not re.fullmatch(
            r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z", self.string(name)
        ):
            raise self.wrong(name)

    def items(self, name: str) -> list[Any]:
        """A list."""
        value = self.value.get(name)
        if not isinstance(value, list):
            raise self.wrong(name)
        return value

    def strings(self, name: str) -> list[str]:
        """A list of texts."""
        return [Record({name: item}, name, self.where).string(name) for item in self.items(name)]

    def hash(self, name: str) -> bytes:
        """32 bytes in lower-case hex."""
        value = self.value.get(name)
        if not isinstance(value, str) or not re.fullmatch("[0-9a-f]{64}", value):
            raise self.wrong(name)
        return bytes.fromhex(value)

    def hashes(self, name: str) -> list[bytes]:
        """A list of such."""
        return [Record({name: item}, name, self.where).hash(name) for item in self.items(name)]
