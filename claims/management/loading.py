"""Claims from a file of any length: read ahead, filed batch by batch."""

import gc
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, BinaryIO, NamedTuple

import orjson
from django.conf import settings
from django.db.models import Model
from django.utils.translation import gettext as _

from claims.actions.bulk import Asked, Became, file_claims
from claims.actions.store import Columns, Refused, Store
from claims.errors import Refusal, TooLarge
from claims.formats.claim_lines import Reader
from claims.management.elsewhere import Line, elsewhere
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

    def __iadd__(self, other: "Tally") -> "Tally":
        for name, count in asdict(other).items():
            setattr(self, name, getattr(self, name) + count)
        return self


class Claimed(NamedTuple):
    """number: in the file, from 1. said: the claim that is asked for, or why it cannot be read.

    A claim as JSON, which goes from process to process in a fifth of the time that objects take.
    """

    number: int
    said: bytes | Refusal


class Part(NamedTuple):
    """Lines that are filed in one transaction, and how many bytes of the file they are."""

    lines: list[Claimed]
    size: int


class Filed(NamedTuple):
    """What became of a part: counts, the lines that were refused, and its bytes of the file."""

    tally: Tally
    refused: list[dict[str, Any]]
    size: int


class Afar(Store):
    """Over the connection of another process."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self.line = line

    def begin(self) -> datetime:
        at: datetime = self.line.ask("begin")
        return at

    def commit(self) -> None:
        self.line.ask("commit")

    def undo(self) -> None:
        self.line.tell("undo")

    def rows(self, model: type[Model], pks: Collection[str], *columns: str) -> list[Columns]:
        rows: list[Columns] = self.line.ask("rows", model, pks, *columns)
        return rows

    def locked(self, articles: Collection[str]) -> dict[str, str | None]:
        headlines: dict[str, str | None] = self.line.ask("locked", list(articles))
        return headlines

    def newest_texts(self, articles: Collection[str]) -> list[Columns]:
        rows: list[Columns] = self.line.ask("newest_texts", list(articles))
        return rows

    def texts(self, contents: Sequence[str]) -> list[tuple[str, str | None]]:
        texts: list[tuple[str, str | None]] = self.line.ask("texts", contents)
        return texts

    def copy(self, model: type[Model], rows: bytes) -> None:
        self.line.tell("copy", model, rows)

    def check(self) -> None:
        self.line.tell("check")


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

    One process reads and checks, another makes the rows of the part before, this one has them
    stored: three that work at once.
    """
    store = Store()
    with (
        swept_less(),
        elsewhere(lambda line: read(file, batch)) as parts,
        elsewhere(lambda line: filing(parts, by, Afar(line)), store, Refused) as filed,
    ):
        try:
            for part in filed:
                tally += part.tally
                for document in part.refused:
                    refuse(document)
                tick(part.size)
        finally:
            store.undo()


def filing(parts: Iterable[Part], by: Member, store: Store) -> Iterator[Filed]:
    for part in parts:
        tally = Tally()
        refused = list(file(part.lines, tally, by=by, store=store))
        yield Filed(tally, refused, part.size)


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


def file(
    lines: list[Claimed], tally: Tally, *, by: Member, store: Store
) -> Iterator[dict[str, Any]]:
    """File what could be read, count all, and tell what was refused, in order."""
    asked = [asked_for(it.said) for it in lines if isinstance(it.said, bytes)]
    fates = zip(asked, file_claims(asked, by=by, store=store), strict=True)
    tally.lines += len(lines)
    for number, said in lines:
        claim, fate = (None, said) if isinstance(said, Refusal) else next(fates)
        pk = None if claim is None else claim.id
        if isinstance(fate, Refusal):
            tally.refused += 1
            yield document(fate, line=number, pk=pk)
        elif fate is Became.THERE:
            tally.there += 1
        else:
            tally.loaded += 1
            tally.without_id += pk is None


def document(refusal: Refusal, *, line: int, pk: str | None) -> dict[str, Any]:
    """That a line was refused, as JSON."""
    return {
        "line": line,
        "id": pk,
        "problem": refusal.slug,
        "detail": str(refusal.detail),
        "errors": [fault.document() for fault in refusal.faults],
    }


def read(file: BinaryIO, batch: int) -> Iterator[Part]:
    reader = Reader()
    lines: list[Claimed] = []
    size = 0
    for number, (length, body) in enumerate(bodies(file), start=1):
        size += length
        if body.strip() or body is SKIPPED:
            lines.append(Claimed(number, said_in(body, reader)))
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


def said_in(body: bytes, reader: Reader) -> bytes | Refusal:
    if body is SKIPPED:
        return TooLarge.at(
            "#", _("A line may have %(limit)d bytes.") % {"limit": settings.BODY_LIMIT}
        )
    try:
        return orjson.dumps(reader.read(body))
    except Refusal as refusal:
        return refusal


def asked_for(said: bytes) -> Asked:
    told = orjson.loads(said)
    pk = told.pop("id", None)
    return Asked.of(told, id=pk)
