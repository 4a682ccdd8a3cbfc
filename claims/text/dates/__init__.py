"""Dates in running text, Arabic and English: where they stand, what they mean, what is wrong.

`dates_in` finds days and periods told by names of months (of the Egyptian, Levantine, Maghrebi and
Hijri families, also two at once), in figures, in words, and against the day of publication. It
tells EDTF values and never makes up a day: what a text leaves out comes from the day of publication
and is named as inferred, or the value is None.

Pure and linear in the length of the text; needs neither Django nor a database.
"""

from __future__ import annotations

from datetime import date
from itertools import islice

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
from claims.text.dates.outcomes import Context
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


def dates_in(
    text: str,
    language: str | None = None,
    published: date | None = None,
    *,
    most: int | None = None,
) -> list[Found]:
    """The dates of `text` in the order in which they stand; they do not overlap.

    language: a BCP 47 tag, or None where it is not known; words of both languages are read anyway.
        It says in which order 3/4/2020 is meant: day first in Arabic and in all regions of English
        but `en-US` and `en-PH`; `en` by itself leaves it open. None: as in Arabic where the text
        has Arabic letters, else open.
    published: the day against which "yesterday" is told; without it such dates have no value.
    most: how many to find; None: all. Each costs some 0.1 ms, and 1,000,000 code points of words
        one or two seconds.
    """
    tokens = Tokens(text)
    arabic = _is_arabic(text, language)
    grammar = Grammar(
        tokens, day_first=_day_first(language, arabic), arabic=arabic, published=published
    )
    found = []
    around: _Around | None = None
    for first, start, end, saying in islice(grammar.read(), most):
        around = around or _Around(tokens)
        told = saying.resolved(around.context(first, published))
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
                yearless=told.yearless,
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


class _Around:
    """What the words around a date say of it, no further away than its sentence or _AROUND tokens.

    Kept as running counts, so that a text with many dates costs no more than one with many words.
    """

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._begins: list[int] = []
        self._ends: list[int] = []
        self._to_come = [0]
        self._perhaps = [0]
        marks: dict[str, tuple[bool, bool]] = {}
        begin = 0
        for at in range(tokens.count):
            word = tokens.words[at]
            self._begins.append(begin)
            # A dot within figures is no end.
            if word in _SENTENCE_ENDS and not (word == "." and tokens.joined(at + 1)):
                self._ends += [at] * (at + 1 - begin)
                begin = at + 1
            mark = (False, False)
            if len(word) > 1:
                raw = tokens.raw(at)
                known = marks.get(raw)
                if known is None:
                    known = marks[raw] = is_to_come(word, raw), word in PERHAPS_TO_COME
                mark = known
            self._to_come.append(self._to_come[-1] + mark[0])
            self._perhaps.append(self._perhaps[-1] + mark[1])
        self._ends += [tokens.count] * (tokens.count - begin)

    def context(self, first: int, published: date | None) -> Context:
        """That of the date whose first token this is."""
        begin = max(self._begins[first], first - _AROUND)
        end = min(self._ends[first], first + _AROUND)
        words = self._tokens.words
        beside = words[max(begin, first - 3) : first + 1]
        to_come = self._to_come[first] > self._to_come[begin]
        perhaps = self._to_come[end] > self._to_come[begin] or (
            self._perhaps[end] > self._perhaps[begin]
        )
        return Context(
            published,
            to_come=to_come,
            perhaps_to_come=perhaps or not UP_TO.isdisjoint(beside),
            since=not SINCE.isdisjoint(beside),
            names=first > begin and words[first - 1] in NAMED_BY_DAY,
        )
