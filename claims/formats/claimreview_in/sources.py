"""Files and bodies that hold reviews: which kind they are, and their records one after the other.

Of a file a line, or of a document all of it, is in memory at once, and neither may be larger than
the caller says.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple, cast

from claims.formats import strict_json
from claims.formats.claimreview_in import pages, tables
from claims.formats.claimreview_in.documents import records
from claims.formats.claimreview_in.elements import begins_with_elements, elements
from claims.formats.claimreview_in.outcomes import Outcomes
from claims.formats.claimreview_in.record import Reason, Record, Unusable

BOM = b"\xef\xbb\xbf"
UTF16 = b"\xff\xfe", b"\xfe\xff"
MOST_VALUES = 2_000_000  # of a whole document: each takes some fifty bytes


class Part(NamedTuple):
    """Records that stood together, and how many bytes they are of the file."""

    records: list[Record]
    size: int


@dataclass(frozen=True, slots=True)
class Source:
    """How a file is read.

    mapping: of a table; None: its rows are documents of their own. line_limit, document_limit: in
    bytes. charset: of a page, where it was told beside it.
    """

    outcomes: Outcomes
    line_limit: int
    document_limit: int
    mapping: tables.TableMapping | None = None
    charset: str | None = None

    def read(self, file: BinaryIO) -> Iterator[Part]:
        """The records of a file, in order. Every one of them is told, usable or not."""
        if self.mapping is not None and self.mapping.format == "csv":
            yield from self.table(file)
            return
        first = self.line(file)
        head = (first or b"").removeprefix(BOM).lstrip()
        if first is not None and not head:
            # Blank lines before whatever comes.
            while first is not None and not first.removeprefix(BOM).strip():
                first = self.line(file)
                if first == b"":
                    return
            head = (first or b"").lstrip()
        if head.startswith((b"<", *UTF16)):
            yield from self.whole(first or b"", file, is_page=True)
        elif first is None or is_value(head, self.line_limit):
            yield from self.lines(first, file)
        else:
            yield from self.whole(first, file, is_page=False)

    # A record a line

    def lines(self, first: bytes | None, file: BinaryIO) -> Iterator[Part]:
        number, line = 1, first
        while line != b"":
            if line is None:
                size = self.line_limit + self.skip(file)
                yield Part([Unusable(str(number), Reason.TOO_LARGE)], size)
            elif line.strip():
                body = line.removeprefix(BOM) if number == 1 else line
                yield Part(self.of_line(body, number), len(line))
            number, line = number + 1, self.line(file)

    def of_line(self, line: bytes, number: int) -> list[Record]:
        value = parsed(line)
        if isinstance(value, Reason):
            return [Unusable(str(number), value)]
        if is_end(value):
            return []
        if self.mapping is not None:
            return [self.mapping.record(value, str(number), self.outcomes)]
        return records(value, self.outcomes, f"{number}#")

    def line(self, file: BinaryIO) -> bytes | None:
        """The next line; empty at the end, None for the beginning of one that is too long."""
        line = file.readline(self.line_limit + 2)
        return line if len(line.rstrip(b"\r\n")) <= self.line_limit else None

    def skip(self, file: BinaryIO) -> int:
        """Go to the end of a line; how many bytes that were."""
        size = 0
        while True:
            rest = file.readline(self.line_limit)
            size += len(rest)
            if not rest or rest.endswith(b"\n"):
                return size

    # One document

    def whole(self, first: bytes, file: BinaryIO, *, is_page: bool) -> Iterator[Part]:
        body = first + file.read(max(0, self.document_limit + 1 - len(first)))
        if len(body) > self.document_limit:
            if not is_page and self.mapping is None and begins_with_elements(body):
                yield from self.elements(body.removeprefix(BOM), file)
            else:
                yield Part([Unusable("#", Reason.TOO_LARGE)], len(body))
        elif is_page:
            yield Part(self.of_text(body), len(body))
        elif self.mapping is not None:
            yield Part([Unusable("#", Reason.NOT_JSON)], len(body))
        else:
            yield Part(self.of_document(body.removeprefix(BOM)), len(body))

    def elements(self, body: bytes, file: BinaryIO) -> Iterator[Part]:
        """Of a list that is longer than a document may be, one record after the other."""
        for pointer, text, is_too_long in elements(body, file, most=self.line_limit):
            if text is None:
                reason = Reason.TOO_LARGE if is_too_long else Reason.NOT_JSON
                yield Part([Unusable(pointer, reason)], 0)
                continue
            written = text.encode("utf-8", "surrogateescape")
            value = parsed(written)
            if isinstance(value, Reason):
                found: list[Record] = [Unusable(pointer, value)]
            else:
                found = records(value, self.outcomes, pointer)
            yield Part(found, len(written))

    def of_document(self, body: bytes) -> list[Record]:
        value = parsed(body, max_values=MOST_VALUES)
        if not isinstance(value, Reason):
            return records(value, self.outcomes)
        # Lines after all, of which the first is none.
        lines = [line for line in body.split(b"\n") if line.strip()]
        if len(lines) > 1 and any(is_value(line.strip(), self.line_limit) for line in lines[:50]):
            return [
                record
                for number, line in enumerate(body.split(b"\n"), start=1)
                if line.strip()
                for record in self.of_line(line, number)
            ]
        return [Unusable("#", value)]

    def of_text(self, body: bytes) -> list[Record]:
        """Of a page, or of JSON in UTF-16, which is known by its mark."""
        text = pages.decoded(body, self.charset)
        if text.lstrip()[:1] in {"{", "["}:
            return self.of_document(text.encode())
        return self.of_page(text)

    def of_page(self, page: str) -> list[Record]:
        found: list[Record] = []
        blocks = pages.blocks(page)
        for number, block in enumerate(blocks, start=1):
            value = parsed(block.encode("utf-8", "ignore"))
            if isinstance(value, Reason):
                value = parsed(pages.mended(block).encode("utf-8", "ignore"))
            if isinstance(value, Reason):
                found.append(Unusable(f"{number}#", value))
                continue
            within = records(value, self.outcomes, f"{number}#")
            # A page describes its site and its author beside the review, in blocks of their own.
            found += [it for it in within if not is_none(it)]
        return found or [Unusable("#", Reason.NO_REVIEW)]

    # Rows

    def table(self, file: BinaryIO) -> Iterator[Part]:
        assert self.mapping is not None
        counted = Counted(file)
        reader = io.BufferedReader(cast(Any, counted))
        if reader.peek(2)[:2] in UTF16:
            text = io.TextIOWrapper(reader, "utf-16", "replace", newline="")
        else:
            # Bytes that are no UTF-8 become half characters, by which the row is known.
            text = io.TextIOWrapper(reader, "utf-8-sig", "surrogateescape", newline="")
        before = 0
        for number, row in enumerate(tables.rows(iter(text)), start=1):
            size, before = counted.size - before, counted.size
            yield Part([self.of_row(row, number)], size)

    def of_row(self, row: dict[str, str] | None, number: int) -> Record:
        assert self.mapping is not None
        if row is None:
            return Unusable(str(number), Reason.TOO_LARGE)
        if any(isinstance(it, str) and HALF.search(it) for it in row.values()):
            return Unusable(str(number), Reason.NOT_UTF8)
        return self.mapping.record(row, str(number), self.outcomes)


HALF = re.compile("[\ud800-\udfff]")


class Counted(io.RawIOBase):
    """A file of which is known how much was read."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        data = self.file.read(len(buffer))
        buffer[: len(data)] = data
        self.size += len(data)
        return len(data)


def parsed(body: bytes, *, max_values: int = strict_json.MAX_VALUES) -> object | Reason:
    try:
        return strict_json.loads(body, max_values=max_values)
    except strict_json.NotJson as wrong:
        if "not UTF-8" in wrong.detail:
            return Reason.NOT_UTF8
        if "deeper" in wrong.detail:
            return Reason.TOO_DEEP
        return Reason.TOO_LARGE if "more than" in wrong.detail else Reason.NOT_JSON


def is_end(value: object) -> bool:
    """Whether it is the last line of an export of ours, which is no record."""
    return isinstance(value, dict) and value.get("end") is True and value.keys() == END


END = {"end", "count", "as_of"}


def is_value(line: bytes, limit: int) -> bool:
    """Whether a line is an object by itself, so that further lines are others."""
    if not line.startswith(b"{") or len(line) > limit + 2:
        return False
    value = parsed(line)
    return isinstance(value, dict)


def is_none(record: Record) -> bool:
    return isinstance(record, Unusable) and record.reason is Reason.NO_REVIEW
