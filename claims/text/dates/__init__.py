"""Dates in running text, Arabic and English: where they stand, what they mean, what is wrong.

`dates_in` finds days and periods told by names of months (of the Egyptian, Levantine, Maghrebi and
Hijri families, also two at once), in figures, in words, and against the day of publication. It
tells EDTF values and never makes up a day: what a text leaves out comes from the day of publication
and is named as inferred, or the value is None.

Pure and linear in the length of the text; needs neither Django nor a database.
"""

from __future__ import annotations

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
from claims.text.dates.words import is_to_come

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
    sentences = _Sentences(tokens)
    for start, end, saying in grammar.read():
        told = saying.resolved(Context(published, sentences.to_come_at(start)))
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


class _Sentences:
    """Which sentences speak of the future, asked in the order of the text."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._end = -1
        self._next = 0
        self._to_come = False

    def to_come_at(self, place: int) -> bool:
        tokens = self._tokens
        while self._end <= place and self._next < tokens.count:
            self._read_one()
        return self._to_come

    def _read_one(self) -> None:
        """Go on to the end of the next sentence."""
        tokens, at = self._tokens, self._next
        self._to_come = False
        while at < tokens.count:
            word = tokens.words[at]
            at += 1
            if word in _SENTENCE_ENDS and not (
                word == "." and at < tokens.count and tokens.joined(at)
            ):
                break
            if len(word) > 1 and not self._to_come:
                self._to_come = is_to_come(word, tokens.raw(at - 1))
        self._next = at
        self._end = tokens.starts[at] if at < tokens.count else len(tokens.text) + 1
