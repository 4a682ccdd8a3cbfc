"""Files and bodies that hold documents: one a line, or one as a whole.

Of a file a line, or of a document all of it, is in memory at once, and neither may be larger than
the caller says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, ClassVar, NamedTuple

from claims.formats import strict_json
from claims.formats.importing.elements import begins_with_elements, elements
from claims.formats.importing.record import Unusable, Worded

BOM = b"\xef\xbb\xbf"
MOST_VALUES = 2_000_000  # of a whole document: each takes some fifty bytes


class Part(NamedTuple):
    """Records that stood together, and how many bytes they are of the file."""

    records: list[Any]
    size: int


@dataclass(frozen=True, slots=True)
class Documents:
    """How a file of JSON documents is read.

    reasons: why one is not, NOT_JSON, NOT_UTF8, TOO_LARGE and TOO_DEEP among them. line_limit,
    document_limit: in bytes.
    """

    reasons: ClassVar[Any]

    line_limit: int
    document_limit: int

    def records(self, value: object, place: str) -> list[Any]:
        """Every record that a document holds, in order; one that says so where there is none."""
        raise NotImplementedError

    def read(self, file: BinaryIO) -> Iterator[Part]:
        """The records of a file, in order. Every one of them is told, usable or not."""
        first = self.begun(file)
        # Blank lines before whatever comes.
        while first and not first.removeprefix(BOM).strip():
            first = self.begun(file)
        if first:
            yield from self.documents(first, file)

    def documents(self, first: bytes, file: BinaryIO) -> Iterator[Part]:
        """first: the line that is not blank, or the beginning of one that is too long."""
        head = first.removeprefix(BOM).lstrip()
        if self.is_too_long(first):
            # A list of many records is written in one line, too.
            is_list = begins_with_elements(head)
            yield from self.whole(first, file) if is_list else self.lines(None, file)
        elif self.is_value(head):
            yield from self.lines(first, file)
        else:
            yield from self.whole(first, file)

    # A document a line

    def lines(self, first: bytes | None, file: BinaryIO) -> Iterator[Part]:
        number, line = 1, first
        while line != b"":
            if line is None:
                size = self.line_limit + self.skip(file)
                yield Part([Unusable(str(number), self.reasons.TOO_LARGE)], size)
            elif line.strip():
                body = line.removeprefix(BOM) if number == 1 else line
                yield Part(self.of_line(body, number), len(line))
            number, line = number + 1, self.line(file)

    def of_line(self, line: bytes, number: int) -> list[Any]:
        value = self.parsed(line)
        if isinstance(value, Worded):
            return [Unusable(str(number), value)]
        return self.of_row(value, number)

    def of_row(self, value: object, number: int) -> list[Any]:
        return self.records(value, f"{number}#")

    def line(self, file: BinaryIO) -> bytes | None:
        """The next line; empty at the end, None for the beginning of one that is too long."""
        line = self.begun(file)
        return None if self.is_too_long(line) else line

    def begun(self, file: BinaryIO) -> bytes:
        """The next line, or as much of it as shows that it is too long."""
        return file.readline(self.line_limit + 2)

    def is_too_long(self, line: bytes) -> bool:
        return len(line.rstrip(b"\r\n")) > self.line_limit

    def skip(self, file: BinaryIO) -> int:
        """Go to the end of a line; how many bytes that were."""
        size = 0
        while True:
            rest = file.readline(self.line_limit)
            size += len(rest)
            if not rest or rest.endswith(b"\n"):
                return size

    def is_value(self, line: bytes) -> bool:
        """Whether a line is an object by itself, so that further lines are others."""
        if not line.startswith(b"{") or len(line) > self.line_limit + 2:
            return False
        return isinstance(self.parsed(line), dict)

    # One document

    def whole(self, first: bytes, file: BinaryIO) -> Iterator[Part]:
        body = self.rest(first, file)
        if len(body) <= self.document_limit:
            yield Part(self.of_document(body.removeprefix(BOM)), len(body))
        elif begins_with_elements(body):
            yield from self.elements(body.removeprefix(BOM), file)
        else:
            yield Part([Unusable("#", self.reasons.TOO_LARGE)], len(body))

    def rest(self, first: bytes, file: BinaryIO) -> bytes:
        """All of a document, or as much as shows that it is too large."""
        return first + file.read(max(0, self.document_limit + 1 - len(first)))

    def elements(self, body: bytes, file: BinaryIO) -> Iterator[Part]:
        """Of a list that is longer than a document may be, one record after the other."""
        for pointer, text, is_too_long in elements(body, file, most=self.line_limit):
            if text is None:
                reason = self.reasons.TOO_LARGE if is_too_long else self.reasons.NOT_JSON
                yield Part([Unusable(pointer, reason)], 0)
                continue
            written = text.encode("utf-8", "surrogateescape")
            value = self.parsed(written)
            if isinstance(value, Worded):
                found: list[Any] = [Unusable(pointer, value)]
            else:
                found = self.records(value, pointer)
            yield Part(found, len(written))

    def of_document(self, body: bytes) -> list[Any]:
        value = self.parsed(body, max_values=MOST_VALUES)
        if not isinstance(value, Worded):
            return self.records(value, "#")
        # Lines after all, of which the first is none.
        lines = [line for line in body.split(b"\n") if line.strip()]
        if len(lines) > 1 and any(self.is_value(line.strip()) for line in lines[:50]):
            return [
                record
                for number, line in enumerate(body.split(b"\n"), start=1)
                if line.strip()
                for record in self.of_line(line, number)
            ]
        return [Unusable("#", value)]

    def parsed(self, body: bytes, *, max_values: int = strict_json.MAX_VALUES) -> Any | Worded:
        """The value, or one of the reasons why there is none."""
        try:
            return strict_json.loads(body, max_values=max_values)
        except strict_json.NotJson as wrong:
            if "not UTF-8" in wrong.detail:
                reason = self.reasons.NOT_UTF8
            elif "deeper" in wrong.detail:
                reason = self.reasons.TOO_DEEP
            elif "more than" in wrong.detail:
                reason = self.reasons.TOO_LARGE
            else:
                reason = self.reasons.NOT_JSON
            return reason
