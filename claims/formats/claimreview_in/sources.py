"""Files and bodies that hold reviews: which kind they are, and their records one after the other.

Besides documents of JSON: pages that carry them, and tables.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, ClassVar, cast

from claims.formats.claimreview_in import documents, pages, tables
from claims.formats.claimreview_in.outcomes import Outcomes
from claims.formats.claimreview_in.record import Reason, Record
from claims.formats.importing import Documents, Part, Unusable
from claims.formats.importing.sources import BOM

UTF16 = b"\xff\xfe", b"\xfe\xff"


@dataclass(frozen=True, slots=True)
class Source(Documents):
    """How a file is read.

    mapping: of a table; None: its rows are documents of their own. charset: of a page, where it was
    told beside it.
    """

    reasons: ClassVar[type[Reason]] = Reason

    outcomes: Outcomes
    mapping: tables.TableMapping | None = None
    charset: str | None = None

    def records(self, value: object, place: str) -> list[Record]:
        return documents.records(value, self.outcomes, place)

    def read(self, file: BinaryIO) -> Iterator[Part]:
        if self.mapping is not None and self.mapping.format == "csv":
            return self.table(file)
        return Documents.read(self, file)

    def documents(self, first: bytes, file: BinaryIO) -> Iterator[Part]:
        head = first.removeprefix(BOM).lstrip()
        if not self.is_too_long(first) and head.startswith((b"<", *UTF16)):
            return self.page(first, file)
        return Documents.documents(self, first, file)

    def of_row(self, value: object, number: int) -> list[Record]:
        if is_end(value):
            return []
        if self.mapping is not None:
            return [self.mapping.record(value, str(number), self.outcomes)]
        return Documents.of_row(self, value, number)

    def whole(self, first: bytes, file: BinaryIO) -> Iterator[Part]:
        if self.mapping is None:
            yield from Documents.whole(self, first, file)
            return
        body = self.rest(first, file)
        too_large = len(body) > self.document_limit
        reason = Reason.TOO_LARGE if too_large else Reason.NOT_JSON
        yield Part([Unusable("#", reason)], len(body))

    # Pages

    def page(self, first: bytes, file: BinaryIO) -> Iterator[Part]:
        body = self.rest(first, file)
        if len(body) > self.document_limit:
            yield Part([Unusable("#", Reason.TOO_LARGE)], len(body))
        else:
            yield Part(self.of_text(body), len(body))

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
            value = self.parsed(block.encode("utf-8", "ignore"))
            if isinstance(value, Reason):
                value = self.parsed(pages.mended(block).encode("utf-8", "ignore"))
            if isinstance(value, Reason):
                found.append(Unusable(f"{number}#", value))
                continue
            within = self.records(value, f"{number}#")
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
            yield Part([self.of_columns(row, number)], size)

    def of_columns(self, row: dict[str, str] | None, number: int) -> Record:
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


def is_end(value: object) -> bool:
    """Whether it is the last line of an export of ours, which is no record."""
    return isinstance(value, dict) and value.get("end") is True and value.keys() == END


END = {"end", "count", "as_of"}


def is_none(record: Record) -> bool:
    return isinstance(record, Unusable) and record.reason is Reason.NO_REVIEW
