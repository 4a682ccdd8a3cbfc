"""A passage of a text, the refusals to name one, and a text that is asked about repeatedly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from claims.text.folding import Fold
from claims.text.occurrences import Spans

CONTEXT = 32
"""Code points of prefix and of suffix that are told with a passage."""

MOST_CANDIDATES = 10
"""Places that are told of an ambiguous passage."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Where a passage stands and what the text says there: `text[start:end] == exact`.

    prefix, suffix: what the text has before and after it, shorter at the text's ends.
    """

    start: int
    end: int
    exact: str
    prefix: str
    suffix: str


class PassageRefused(ValueError):
    """The passage cannot be pinned down. reason: an English sentence that says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PassageNotFound(PassageRefused):
    """It is not in the text, or not where it was said to be.

    nearest: the place that comes nearest to it, where there is one.
    """

    def __init__(self, reason: str, nearest: Passage | None = None) -> None:
        super().__init__(reason)
        self.nearest = nearest


class PassageAmbiguous(PassageRefused):
    """It is in the text more than once, and its prefix and suffix do not tell which is meant.

    candidates: the first places in the order of the text, at most MOST_CANDIDATES.
    total: how many places there are; such as overlap count separately.
    """

    def __init__(self, reason: str, candidates: list[Passage], total: int) -> None:
        super().__init__(reason)
        self.candidates = candidates
        self.total = total


def passage_at(text: str, start: int, end: int) -> Passage:
    """The passage from `start` to `end`, with up to CONTEXT code points on either side.

    Raises PassageNotFound when the offsets lie outside of the text or hold nothing.
    """
    if not 0 <= start < end <= len(text):
        raise PassageNotFound(
            f"there is no passage from {start} to {end}: offsets count the Unicode code points of "
            f"the text from 0, the end is exclusive, and the text has {len(text)}"
        )
    return Passage(
        start=start,
        end=end,
        exact=text[start:end],
        prefix=text[max(0, start - CONTEXT) : start],
        suffix=text[end : end + CONTEXT],
    )


class Searchable:
    """A text with what searching it loosely needs, made when first asked for and then kept.

    Takes 12 to 16 bytes for each code point, so keep it for a request, not for ever.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    @classmethod
    def of(cls, text: str | Searchable) -> Searchable:
        return cls(text) if isinstance(text, str) else text

    @cached_property
    def with_spaces(self) -> Fold:
        return Fold.of(self.text)

    @cached_property
    def without_spaces(self) -> Fold:
        return self.with_spaces.without_spaces()

    def verbatim(self, exact: str, prefix: str = "", suffix: str = "") -> Spans:
        return Spans.verbatim(self.text, exact, prefix, suffix)

    def loosely(self, exact: str, prefix: str = "", suffix: str = "") -> Iterator[Spans]:
        """The places by each loose form of the text, the stricter first, made when asked for."""
        yield Spans.loose(self.with_spaces, exact, prefix, suffix)
        yield Spans.loose(self.without_spaces, exact, prefix, suffix)

    def passage(self, start: int, end: int) -> Passage:
        return passage_at(self.text, start, end)
