"""Verdicts that stand as streams of ClaimReview: a document a line, or one DataFeed.

Both are a `Table` of documents of claims as `claims.formats.claimreview` takes them, each of which
has any number of verdicts: what is counted are these.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

import orjson

from claims.formats import claimreview
from claims.formats.claimreview import Told
from claims.formats.tables import Ndjson, end_line

Json = dict[str, Any]


class Reviews:
    """site: where Isnad is reached. wanted: whether a verdict is asked for."""

    def __init__(self, *, site: str, wanted: Callable[[Told], bool]) -> None:
        self.site = site
        self.wanted = wanted
        self.count = 0

    def written(self, documents: Sequence[bytes]) -> list[bytes]:
        written = [orjson.dumps(it) for document in documents for it in self.told(document)]
        self.count += len(written)
        return written

    def told(self, document: bytes) -> Iterator[Json]:
        claim = orjson.loads(document)
        return (self.one(claim, it) for it in claim["verdicts"] if self.wanted(it))

    def one(self, claim: Told, verdict: Told) -> Json:
        raise NotImplementedError


class ReviewLines(Reviews):
    """A ClaimReview a line, each whole; the last line says that these are all."""

    media_type: ClassVar[str] = Ndjson.media_type
    extension: ClassVar[str] = Ndjson.extension

    def begin(self) -> bytes:
        return b""

    def page(self, documents: Sequence[bytes]) -> bytes:
        return b"".join(b"%s\n" % it for it in self.written(documents))

    def end(self, count: int, as_of: int) -> bytes:
        return end_line(self.count, as_of)

    def one(self, claim: Told, verdict: Told) -> Json:
        return claimreview.document(claim, verdict, site=self.site)


class ReviewFeed(Reviews):
    """One DataFeed; cut off, it is no JSON. feed: as `data_feed` makes it, of no reviews."""

    media_type: ClassVar[str] = claimreview.MEDIA_TYPE
    extension: ClassVar[str] = "jsonld"

    def __init__(self, *, feed: Json, site: str, wanted: Callable[[Told], bool]) -> None:
        super().__init__(site=site, wanted=wanted)
        self.feed = feed

    def begin(self) -> bytes:
        return orjson.dumps(self.feed).removesuffix(b"]}")

    def page(self, documents: Sequence[bytes]) -> bytes:
        follows = bool(self.count)
        elements = b",\n".join(self.written(documents))
        return b",\n" + elements if follows and elements else elements

    def end(self, count: int, as_of: int) -> bytes:
        return b"]}\n"

    def one(self, claim: Told, verdict: Told) -> Json:
        return claimreview.element(claim, verdict, site=self.site)
