"""What the finder tells of one candidate claim."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from claims.text.quotations.moments import Moment
from claims.text.quotations.numbers import Number

Reason = Literal[
    "quoted_after_verb",
    "quoted_before_verb",
    "quoted_again",
    "reported_after_verb",
    "reported_before_verb",
    "reported_by_participle",
    "attributed",
]


@dataclass(frozen=True, slots=True)
class Span:
    """`text[start:end]`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mention:
    """Who is taken to speak. known_as: a fuller naming of the same one elsewhere in the text."""

    start: int
    end: int
    known_as: Span | None = None


@dataclass(slots=True)
class Candidate:
    """A passage that carries a claim, as far as can be told.

    speech: quoted in the speaker's words, or retold. chain: who passed it on, from the speaker on.
    verb: the words for which it is proposed. dates, numbers: of the whole sentence.
    """

    start: int
    end: int
    speech: Literal["direct", "indirect"]
    reason: Reason
    verb: Span | None = None
    speaker: Mention | None = None
    chain: list[Mention] = field(default_factory=list)
    dates: list[Moment] = field(default_factory=list)
    numbers: list[Number] = field(default_factory=list)
