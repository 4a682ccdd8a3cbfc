"""The elements of a JSON array that is too long to be held, one after the other."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO, NamedTuple

AT_ONCE = 1 << 20  # bytes that are read together

# Where a list of records begins within an object: of a DataFeed, of an answer of Google's; of a
# page of annotations, of an answer and of an export of Hypothesis.
_LISTS = "dataFeedElement|claims|items|rows|annotations"
_BEGINS = re.compile(rf'\s*(?:\[|\{{[^\[\]]{{0,10000}}?"({_LISTS})"\s*:\s*\[)')
_BETWEEN = re.compile(r"[\s,]*")


class Element(NamedTuple):
    """text: None where it is longer than it may be, or no JSON, after which nothing is known."""

    pointer: str
    text: str | None
    is_too_long: bool = False


def begins_with_elements(body: bytes) -> bool:
    """Whether a document is a list of records, or holds one that it begins with."""
    return _BEGINS.match(body[:20_000].decode("utf-8", "ignore")) is not None


def elements(body: bytes, file: BinaryIO, *, most: int) -> Iterator[Element]:
    """body: how the document begins; file: the rest of it. most: characters of an element."""
    decoder, utf8 = json.JSONDecoder(), codecs.getincrementaldecoder("utf-8")("surrogateescape")
    text = utf8.decode(body)
    begins = _BEGINS.match(text)
    assert begins is not None
    pointer = f"#/{begins[1]}" if begins[1] else "#"
    at, number, is_whole = begins.end(), 0, False
    while True:
        between = _BETWEEN.match(text, at)
        assert between is not None
        at = between.end()
        if text.startswith("]", at):
            return
        end = None
        if at < len(text):
            with suppress(json.JSONDecodeError, RecursionError):
                _value, end = decoder.raw_decode(text, at)
        # What stands at the end of what was read so far may go on.
        if end is not None and (end < len(text) or is_whole):
            is_too_long = end - at > most
            yield Element(f"{pointer}/{number}", None if is_too_long else text[at:end], is_too_long)
            at, number = end, number + 1
        elif is_whole or len(text) - at > most:
            yield Element(f"{pointer}/{number}", None, is_too_long=len(text) - at > most)
            return
        else:
            more = file.read(AT_ONCE)
            is_whole = not more
            text, at = text[at:] + utf8.decode(more, final=is_whole), 0
