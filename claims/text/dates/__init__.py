"""Dates in running text, Arabic and English: where they stand, what they mean, what is wrong.

`dates_in` finds days and periods told by names of months (of the Egyptian, Levantine, Maghrebi and
Hijri families, also two at once), in figures, in words, and against the day of publication. It
tells EDTF values and never makes up a day: what a text leaves out comes from the day of publication
and is named as inferred, or the value is None.

Pure and linear in the length of the text; needs neither Django nor a database.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from claims.text.dates.found import (
    CALENDARS,
    INFERRED,
    KINDS,
    MESSAGES,
    Calendar,
    Found,
    Inferred,
    Kind,
    Problem,
)
from claims.text.dates.grammar import Grammar
from claims.text.dates.sayings import Context
from claims.text.dates.tokens import Tokens
from claims.text.dates.words import NAMED_BY_DAY, PERHAPS_TO_COME, SINCE, UP_TO, is_to_come

__all__ = [
    "CALENDARS",
    "INFERRED",
    "KINDS",
    "MESSAGES",
    "Calendar",
    "Found",
    "Inferred",
    "Kind",
    "Problem",
    "dates_in",
]

_AROUND = 30
"""Tokens before and behind a date that are looked at."""
_SENTENCE_ENDS = frozenset(".!?؟\n")
_MONTH_FIRST = ("US", "PH")


def dates_in(text: str, language: str | None = None, published: date | None = None) -> list[Found]:
    """The dates of `text` in the order in which they stand; they do not overlap.

    language: a BCP 47 tag, or None where it is not known; words of both languages are read anyway.
        It says in which order 3/4/2020 is meant: day first in Arabic and in all regions of English
        but `en-US` and `en-PH`; `en` by itself leaves it open. None: as in Arabic where the text
        has Arabic letters, else open.
    published: the day against which "yesterday" is told; without it such dates have no value.
    """
    tokens = Tokens(text)
    arabic = _is_arabic(text, language)
    grammar = Grammar(
        tokens, day_first=_day_first(language, arabic), arabic=arabic, published=published
    )
    found = []
    for first, start, end, saying in grammar.read():
        told = saying.resolved(_context(tokens, first, published))
        found.append(
            Found(
                start=start,
                end=end,
                value=told.value,
                kind=told.kind,
                calendar=told.calendar,
                relative=told.relative,
                inferred=tuple(dict.fromkeys(told.inferred)) if told.value is not None else (),
                alternatives=tuple(
                    other for other in dict.fromkeys(told.alternatives) if other != told.value
                ),
                problems=told.problems,
            )
        )
    return found


def _is_arabic(text: str, language: str | None) -> bool:
    if language is not None:
        return language.partition("-")[0].lower() in ("ar", "arb", "fa", "ur", "ckb")
    return any("\u0620" <= letter <= "\u064a" for letter in text[:2000])


def _day_first(language: str | None, arabic: bool) -> bool | None:
    if arabic:
        return True
    regions = [part.upper() for part in (language or "").split("-")[1:] if len(part) == 2]
    return regions[0] not in _MONTH_FIRST if regions else None


def _context(tokens: Tokens, first: int, published: date | None) -> Context:
    """What the words around a date say of it, no further away than a sentence or so."""
    before = list(_until_an_end(tokens, range(first - 1, max(-1, first - _AROUND - 1), -1)))
    to_come = any(is_to_come(tokens.words[at], tokens.raw(at)) for at in before)
    behind = _until_an_end(tokens, range(first, min(tokens.count, first + _AROUND)))
    beside = [*before[:3], first]
    return Context(
        published,
        to_come=to_come,
        perhaps_to_come=to_come
        or any(tokens.words[at] in UP_TO for at in beside)
        or any(tokens.words[at] in PERHAPS_TO_COME for at in before)
        or any(
            is_to_come(tokens.words[at], tokens.raw(at)) or tokens.words[at] in PERHAPS_TO_COME
            for at in behind
        ),
        since=any(tokens.words[at] in SINCE for at in beside),
        names=any(tokens.words[at] in NAMED_BY_DAY for at in before[:1]),
    )


def _until_an_end(tokens: Tokens, places: range) -> Iterator[int]:
    """The places up to the end of the sentence; a dot within figures is none."""
    for at in places:
        word = tokens.words[at]
        if word in _SENTENCE_ENDS and not (word == "." and tokens.joined(at + 1)):
            return
        yield at
