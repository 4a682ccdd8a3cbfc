"""Claims from a file of any length: read ahead, filed batch by batch."""

import gc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from claims.actions.bulk import Asked, Became, file_claims
from claims.errors import Refusal, TooLarge
from claims.formats.claim_lines import Reader
from claims.models import Member

MOST_BYTES = 8_000_000  # of lines in a batch, whatever their number
SKIPPED = b""  # stands for a line that is longer than a body may be


@dataclass(slots=True)
class Tally:
    """What became of the lines. without_id: of those loaded, so that they could be loaded twice."""

    lines: int = 0
    loaded: int = 0
    there: int = 0
    refused: int = 0
    without_id: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """number: in the file, from 1. said: what is asked for, or why it cannot be read."""

    number: int
    said: Asked | Refusal

    def document(self, refusal: Refusal) -> dict[str, Any]:
        """That it was refused, as JSON."""
        pk = None if isinstance(self.said, Refusal) else self.said.id
        return {
            "line": self.number,
            "id": None if pk is None else str(pk),
            "problem": refusal.slug,
            "detail": str(refusal.detail),
            "errors": [fault.document() for fault in refusal.faults],
        }


@dataclass(frozen=True, slots=True)
class Part:
    """Lines that are filed in one transaction, and how many bytes of the file they are."""

    lines: list[Line]
    size: int


def load(
    file: BinaryIO,
    tally: Tally,
    *,
    by: Member,
    batch: int,
    refuse: Callable[[dict[str, Any]], None],
    tick: Callable[[int], None],
) -> None:
    """File the claims of a file, at most `batch` in a transaction.

    tally: kept up to date, so that it is right whatever happens. refuse: told of each line that is
    not filed. tick: told the bytes of each part that is done.
    """
    parts = read(file, batch)
    # A part is read and checked while the database is at work on the one before.
    with ThreadPoolExecutor(1) as ahead, swept_less():
        following = ahead.submit(next, parts, None)
        while part := following.result():
            following = ahead.submit(next, parts, None)
            for document in filed(part.lines, tally, by=by):
                refuse(document)
            tick(part.size)


@contextmanager
def swept_less() -> Iterator[None]:
    """Rows come and go by the thousand: not with every few hundred is everything gone through."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def filed(lines: list[Line], tally: Tally, *, by: Member) -> Iterator[dict[str, Any]]:
    """File what could be read, count all, and tell what was refused, in order."""
    asked = [it.said for it in lines if isinstance(it.said, Asked)]
    fates = iter(file_claims(asked, by=by))
    tally.lines += len(lines)
    for line in lines:
        fate = line.said if isinstance(line.said, Refusal) else next(fates)
        if isinstance(fate, Refusal):
            tally.refused += 1
            yield line.document(fate)
        elif fate is Became.THERE:
            tally.there += 1
        else:
            tally.loaded += 1
            tally.without_id += isinstance(line.said, Asked) and line.said.id is None


def read(file: BinaryIO, batch: int) -> Iterator[Part]:
    reader = Reader()
    lines: list[Line] = []
    size = 0
    for number, (length, body) in enumerate(bodies(file), start=1):
        size += length
        if body.strip() or body is SKIPPED:
            lines.append(Line(number, asked_in(body, reader)))
        if len(lines) == batch or size >= MOST_BYTES:
            yield Part(lines, size)
            lines, size = [], 0
    if lines:
        yield Part(lines, size)


def bodies(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """How long each line is, and what is in it, unless that is more than a body may be."""
    most = settings.BODY_LIMIT
    while line := file.readline(most + 2):
        if len(line.rstrip(b"\r\n")) <= most:
            yield len(line), line
            continue
        length = len(line)
        while line and not line.endswith(b"\n"):
            line = file.readline(most)
            length += len(line)
        yield length, SKIPPED


def asked_in(body: bytes, reader: Reader) -> Asked | Refusal:
    if body is SKIPPED:
        return TooLarge.at(
            "#", _("A line may have %(limit)d bytes.") % {"limit": settings.BODY_LIMIT}
        )
    try:
        said = reader.read(body)
    except Refusal as refusal:
        return refusal
    pk: UUID | None = said.pop("id", None)
    appearance = said.pop("appearance", None)
    return Asked(said, [] if appearance is None else [("#/appearance", appearance)], pk)
