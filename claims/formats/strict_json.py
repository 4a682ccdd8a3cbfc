"""JSON as RFC 8259 means it, and as a record that is compared, hashed and signed needs it.

The parser is the standard library's, which reports places and repeated keys; what it lets pass is
refused here: `NaN`, repeated keys, half characters, NUL, numbers beyond what is stored, depth. One
pass over the body does all for honest input. Only where a cheap look at the bytes shows that a
refusal is possible, a second pass finds the place.

orjson does not serve: it keeps the last of repeated keys and rounds large integers, silently. The
tests hold that whatever it refuses is refused here.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import NoReturn
from urllib.parse import quote

__all__ = ["MAX_DEPTH", "MAX_VALUES", "NotJson", "loads"]

MAX_DEPTH = 64
"""Arrays and objects that may stand in one another."""

MAX_VALUES = 250_000
"""Values in one body, counting arrays and objects twice unless they are empty.

Two bytes of an array of arrays become a hundred in memory; no honest body has nearly as many.
"""

_LONGEST_POINTER = 500
_FRAGMENT_SAFE = "!$&'()*+,;=:@?"
_LEAST, _GREATEST = -(2**63), 2**63 - 1


class NotJson(ValueError):
    """The body is refused.

    detail: an English sentence; names line and column (from 1) of a syntax error.
    pointer: where, as a JSON pointer in a URI fragment (RFC 6901, section 6), `#` for the whole.
    """

    def __init__(self, detail: str, pointer: str = "#") -> None:
        super().__init__(detail)
        self.detail = detail
        self.pointer = pointer


def loads(body: bytes, *, max_depth: int = MAX_DEPTH, max_values: int = MAX_VALUES) -> object:
    """The value of a JSON body: dict, list, str, int (64 bit, signed), float, bool or None.

    Raises NotJson. The size of the body is the caller's to limit; of 8 MB each takes some 0.2 s
    at most, as an answer or as a refusal.
    """
    text = _decoded(body)
    if _values(text, max_values) > max_values:
        raise NotJson(f"the body holds more than {max_values:,} values")
    reader = _Reader()
    try:
        value: object = reader.decode(text, may_be_large=_may_be_large(body))
    except RecursionError:
        raise NotJson(_too_deep(max_depth)) from None
    except json.JSONDecodeError as error:
        wrong = error.msg.removesuffix(" at")
        raise NotJson(
            f"the body is not JSON: {wrong} at line {error.lineno}, column {error.colno}"
        ) from None
    if text.count("[") + text.count("{") > max_depth and _is_deeper(value, max_depth):
        raise NotJson(_too_deep(max_depth))
    if reader.refused or any(map(body.__contains__, _MAY_BE_BAD_TEXT)):
        _refuse_values(value)
    return value


def _too_deep(max_depth: int) -> str:
    return f"the body is nested deeper than {max_depth} arrays and objects"


def _decoded(body: bytes) -> str:
    if body.startswith(b"\xef\xbb\xbf"):
        raise NotJson("the body begins with a byte order mark: leave it out")
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise NotJson(f"the body is not UTF-8: {error.reason} at byte {error.start}") from None
    if not text.strip(" \t\r\n"):
        raise NotJson("the body is empty: send a JSON value")
    return text


_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


def _values(text: str, enough: int) -> int:
    """How many values the body holds: exact only above `enough`, where it matters."""
    count = _openings_and_commas(text)
    return count if count <= enough else _openings_and_commas(_STRING.sub("", text))


def _openings_and_commas(text: str) -> int:
    return text.count(",") + text.count("[") + text.count("{")


class _Refused:
    """Stands in the value for what is refused there, until it is known where that is."""

    def __init__(self, detail: str) -> None:
        self.detail = detail


class _Repeating(dict[str, object]):
    """An object that names a key more than once."""

    key: str


class _Reader:
    """The standard decoder with a stand-in for each thing that it would let pass."""

    def __init__(self) -> None:
        self.refused = False

    def decode(self, text: str, *, may_be_large: bool) -> object:
        # The hooks for numbers take a call for each number: only where one may be too large.
        decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_constant=self._constant,
            parse_int=self._integer if may_be_large else None,
            parse_float=self._float if may_be_large else None,
        )
        value: object = decoder.decode(text)
        return value

    def _object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        read = dict(pairs)
        if len(read) == len(pairs):
            return read
        # The stand-in is needed each time: it may be what hides another, of a value that is lost.
        self.refused = True
        repeating = _Repeating(read)
        seen: set[str] = set()
        for repeating.key, _ in pairs:
            if repeating.key in seen:
                break
            seen.add(repeating.key)
        return repeating

    def _constant(self, name: str) -> _Refused:
        return self._refuse(f"{name} is not JSON: use null, or say it in a text")

    def _integer(self, digits: str) -> int | _Refused:
        # Python itself refuses to read more than 4,300 digits, and takes long for some thousands.
        if len(digits) > 20 or not _LEAST <= (value := int(digits)) <= _GREATEST:
            return self._refuse("the integer does not fit into 64 bits")
        return value

    def _float(self, digits: str) -> float | _Refused:
        value = float(digits)
        return value if math.isfinite(value) else self._refuse("the number is too large")

    def _refuse(self, detail: str) -> _Refused:
        self.refused = True
        return _Refused(detail)


# Anything that is out of range has a whole part of 19 digits or an exponent of three; the same
# digits within a text cost a second pass, no more. Looking for these in bytes that were made alike
# takes a tenth of what a pattern takes.
_ALIKE = (
    bytes(
        ord("0") if chr(it).isdigit() else ord(chr(it).lower()) if chr(it) in "eE+" else ord(" ")
        for it in range(128)
    )
    + b" " * 128
)
_MAY_BE_LARGE = b"0" * 19, b"e000", b"e+000"
# The one way to write NUL in JSON, and what half characters begin with.
_MAY_BE_BAD_TEXT = rb"\u0000", rb"\ud", rb"\uD"
_BAD_TEXT = re.compile("[\0\ud800-\udfff]")


def _may_be_large(body: bytes) -> bool:
    alike = body.translate(_ALIKE)
    return any(map(alike.__contains__, _MAY_BE_LARGE))


def _is_deeper(value: object, max_depth: int) -> bool:
    """Whether arrays and objects stand deeper than that in one another; level by level."""
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(max_depth):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return bool(level)


def _refuse_values(value: object) -> None:
    """Refuses the first value or key, in the order of the body, that may not be there."""
    path: list[str | int] = []
    _refuse_value(value, path)
    open_ones: list[Iterator[tuple[str | int, object]]] = [_inside(value)]
    while open_ones:
        for key, inner in open_ones[-1]:
            if isinstance(key, str) and (found := _BAD_TEXT.search(key)):
                _refuse(f"a key of the object holds {_named(found[0])}", path)
            path.append(key)
            _refuse_value(inner, path)
            if isinstance(inner, (dict, list)):
                open_ones.append(_inside(inner))
                break
            path.pop()
        else:
            open_ones.pop()
            if path:
                path.pop()


def _inside(value: object) -> Iterator[tuple[str | int, object]]:
    if isinstance(value, dict):
        return iter(value.items())
    return enumerate(value) if isinstance(value, list) else iter(())


def _refuse_value(value: object, path: list[str | int]) -> None:
    if isinstance(value, str):
        if found := _BAD_TEXT.search(value):
            _refuse(f"the text holds {_named(found[0])} at offset {found.start()}", path)
    elif isinstance(value, _Refused):
        _refuse(value.detail, path)
    elif isinstance(value, _Repeating):
        shown = value.key if len(value.key) <= 80 else f"{value.key[:80]}…"
        name = json.dumps(shown, ensure_ascii=False).encode(errors="backslashreplace").decode()
        _refuse(f"the object has the key {name} more than once", path)


def _named(character: str) -> str:
    if character == "\0":
        return "the character NUL, which cannot be stored"
    return f"half a character (U+{ord(character):04X}, a surrogate without its other half)"


def _refuse(detail: str, path: list[str | int]) -> NoReturn:
    """Points at the path, or at as much of it as is bearable in an answer."""
    pointer = "#"
    for key in path:
        segment = str(key).replace("~", "~0").replace("/", "~1")
        further = f"{pointer}/{quote(segment, safe=_FRAGMENT_SAFE, errors='replace')}"
        if len(further) > _LONGEST_POINTER:
            break
        pointer = further
    raise NotJson(detail, pointer)
