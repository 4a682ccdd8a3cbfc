"""Reading tokens: numbers in words, and the parts of which a date is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple, TypeVar, cast

from claims.text.dates import words as w
from claims.text.dates.civil import Civil
from claims.text.dates.outcomes import MonthNamed, Saying
from claims.text.dates.periods import (
    Unit,
)
from claims.text.dates.tokens import Tokens

HIJRI_BY_ITSELF = range(1300, 1500)
"""Years written in figures that are Hijri ones in Arabic where nothing says which they are."""
PLAIN_YEARS = range(1800, 2101)
"""Numbers that are years where a preposition alone says so."""


T = TypeVar("T")
Phrases = dict[str, list[tuple[tuple[str, ...], T]]]


class Read(NamedTuple):
    """A saying and the token behind it. start: where it begins, if not where it was looked for."""

    saying: Saying
    end: int
    start: int | None = None


def _by_head(phrases: Mapping[tuple[str, ...], T]) -> Phrases[T]:
    """Phrases by their first word, the longest first."""
    found: Phrases[T] = {}
    for phrase in sorted(phrases, key=len, reverse=True):
        found.setdefault(phrase[0], []).append((phrase[1:], phrases[phrase]))
    return found


_MONTHS = _by_head(w.MONTHS)
NEAR_DAYS = _by_head(w.NEAR_DAYS)
PORTIONS = _by_head(w.PORTIONS)
WEEKEND = _by_head(w.WEEKEND)
HOLIDAYS = _by_head(w.HOLIDAYS)


class Words:
    """What can be read at a token. day_first: the order of figures; None where it is not known.

    What is read stands between a token and the one behind it; nothing there is told by 0 or None.
    """

    def __init__(
        self,
        tokens: Tokens,
        *,
        day_first: bool | None,
        arabic: bool,
        published: date | None = None,
    ) -> None:
        self.tokens = tokens
        self.day_first = day_first
        self.arabic = arabic
        self.published = published
        self.word = tokens.words.__getitem__
        self.numbers = tokens.numbers.__getitem__
        self._joined = ""
        self._within_range = False
        self._read: dict[tuple[str, int], Any] = {}

    # Tokens

    @contextmanager
    def shown(self, at: int, word: str) -> Iterator[None]:
        """With a token taken for this word, without what Arabic joins before it."""
        kept = self.tokens.words[at]
        self.tokens.words[at] = word
        self._read.clear()
        try:
            yield
        finally:
            self.tokens.words[at] = kept
            self._read.clear()

    def number(self, at: int, most: int = 9999) -> int:
        """A number from 1 to `most` in figures, else 0."""
        number = self.numbers(at)
        return number if 1 <= number <= most else 0

    def _within_figures(self, at: int) -> bool:
        """Whether a number goes on from something before it, as in 1.2.3 or A4."""
        tokens = self.tokens
        if not tokens.joined(at):
            return False
        before = self.word(at - 1)
        if before in "./-:,٫٬" and before:
            return bool(tokens.digits(at - 2)) and tokens.joined(at - 1)
        return before in ("$", "€", "£", "#", "+", "@") or (before.isalpha() and before.isascii())

    def closes(self, at: int) -> bool:
        """Whether nothing that is counted comes at this token: the clause or phrase ends here."""
        word = self.word(at)
        if word == "." or word == ",":
            return not (self.tokens.digits(at + 1) and self.tokens.joined(at + 1))
        if word in w.CLOSING or word in w.PARTICLES:
            return True
        return word[:1] == "و" and len(word) > 1

    # Numbers in words

    def and_word(self, at: int) -> tuple[str, int]:
        """The word behind an `and`, which Arabic joins to it, and the token behind that word."""
        word = self.word(at)
        if word == "و" or word == "and":
            return self.word(at + 1), at + 2
        return (word[1:], at + 1) if word[:1] == "و" else ("", at)

    def cardinal(self, at: int) -> tuple[int, int]:
        """A number from 1 to 99 in words and the token behind it; 0 where there is none."""
        word = self.word(at)
        if word in w.CARDINALS:
            number = w.CARDINALS[word]
            if number < 10 and self.word(at + 1) in w.TEEN:
                return number + 10, at + 2
            joined, end = self.and_word(at + 1)
            if number < 10 and joined in w.TENS:
                return number + 10 * w.TENS[joined], end
            return number, at + 1
        if word in w.TENS:
            number = 10 * w.TENS[word]
            after = at + 2 if self.word(at + 1) == "-" else at + 1
            unit = w.CARDINALS.get(self.word(after), 0)
            if word.isascii() and 0 < unit < 10 and self.word(after) not in ("a", "an"):
                return number + unit, after + 1
            return number, at + 1
        return 0, at

    def count(self, at: int) -> tuple[int, int]:
        number = self.number(at)
        return (number, at + 1) if number else self.cardinal(at)

    def ordinal(self, at: int) -> tuple[int, int]:
        """First to thirty-first in words and the token behind; 0 where there is none."""
        word = self.word(at)
        if word in w.TENS_ORDINAL:
            return w.TENS_ORDINAL[word], at + 1
        if word in ("twenty", "thirty"):
            after = at + 2 if self.word(at + 1) == "-" else at + 1
            unit = w.ORDINALS.get(self.word(after), 0)
            ends = unit < 10 and self.word(after).isascii() and unit
            return (10 * w.TENS[word] + unit, after + 1) if ends else (0, at)
        number = w.ORDINALS.get(word, 0)
        if not number:
            return 0, at
        if number < 10:
            if self.word(at + 1) in w.TEEN:
                return number + 10, at + 2
            joined, end = self.and_word(at + 1)
            if joined in w.TENS_ORDINAL:
                return number + w.TENS_ORDINAL[joined], end
        return (0, at) if word in w.ELEVENTH else (number, at + 1)

    def year_in_words(self, at: int, *, introduced: bool = False) -> tuple[int, int]:
        """A year such as "two thousand and eighteen" in Arabic words."""
        word, end = self.word(at), at + 1
        year = w.THOUSANDS.get(word, 0)
        if not year and not (introduced and word in w.HUNDREDS):
            return 0, at
        if year:
            joined, after = self.and_word(end)
            if joined in w.HUNDREDS:
                year, end = year + w.HUNDREDS[joined], after
        else:
            year = w.HUNDREDS[word]
        rest, after = self.after_and(end)
        if rest:
            year, end = year + rest, after
        if year == 1000 or (year == 2000 and not introduced and not self.closes(end)):
            return 0, at
        return year, end

    def after_and(self, at: int) -> tuple[int, int]:
        """A number in words behind an `and`."""
        word = self.word(at)
        if word == "و":
            return self.cardinal(at + 1)
        if word[:1] != "و":
            return 0, at
        with self.shown(at, word[1:]):
            return self.cardinal(at)

    # Parts of a date

    def weekday(self, at: int) -> tuple[int, int]:
        """A weekday and the token behind; `day` may stand before it. 0 where there is none."""
        after_day = self.word(at) in w.DAY
        place = at + after_day
        word = self.word(place)
        weekday = w.WEEKDAYS.get(word, 0)
        if not weekday and after_day:
            weekday = w.BARE_WEEKDAYS.get(word, 0)
        return (weekday, place + 1) if weekday else (0, at)

    def day(self, at: int) -> tuple[int, int]:
        """A day of a month in figures or as an ordinal."""
        number = self.number(at, 31)
        if number and self.tokens.digits(at) <= 2:
            end = at + 1
            if self.word(end) in ("st", "nd", "rd", "th") and self.tokens.joined(end):
                end += 1
            return number, end
        return self.ordinal(at)

    def one_month(self, at: int) -> tuple[w.Month | None, int]:
        """One name of a month, the longest that fits."""
        found = self._phrase(at, _MONTHS)
        return found if found is not None else (None, at)

    def _phrase(self, at: int, phrases: Phrases[T]) -> tuple[T, int] | None:
        """What the longest of the phrases that stand here means, and the token behind it."""
        for rest, meaning in phrases.get(self.word(at), ()):
            for step, word in enumerate(rest, at + 1):
                if self.word(step) != word:
                    break
            else:
                return meaning, at + 1 + len(rest)
        return None

    def month(self, at: int) -> tuple[MonthNamed | None, int, bool]:
        """A month by one or two names, the token behind, and whether the name alone is enough."""
        if self.word(at) not in _MONTHS:
            return None, at, False
        known = self._read.get(("month", at))
        if known is None:
            known = self._read["month", at] = self._month(at)
        return cast(tuple[MonthNamed | None, int, bool], known)

    def _month(self, at: int) -> tuple[MonthNamed | None, int, bool]:
        month, end = self.one_month(at)
        if month is None:
            return None, at, False
        if month.family == "short" and self.word(end) == "." and self.tokens.joined(end):
            end += 1
        hijri = month.family == "hijri"
        named = MonthNamed(month.number, self._named(at, end), hijri)
        mark = self.word(end)
        if not hijri and mark in ("/", "-", "–", "(", "\\", "،", "او"):
            other, after = self.one_month(end + 1)
            if other is not None and _other_family(month, other):
                closed = mark != "(" or self.word(after) == ")"
                if closed and (mark in "/(\\-–" or other.number == month.number):
                    second = MonthNamed(other.number, self._named(end + 1, after))
                    if other.number != month.number:
                        named = replace(named, other=second)
                    return named, after + (mark == "("), True
        elif not hijri:
            other, after = self.one_month(end)
            if other and other.number == month.number and _other_family(month, other):
                return named, after, True
        name = self.tokens.raw(at)
        lower = month.weak and name.isascii() and not name[:1].isupper()
        return named, end, not month.weak and not lower

    def _named(self, at: int, end: int) -> str:
        return self.tokens.text[self.tokens.starts[at] : self.tokens.ends[end - 1]]

    def against_behind(self, at: int) -> tuple[int | None, int]:
        """Last, this or next as Arabic has it, behind what it belongs to."""
        against = w.AGAINST.get(self.word(at))
        return (against, at + 1) if against is not None else (None, at)

    def unit(self, at: int, *units: str) -> tuple[Unit | None, int]:
        """ "The next week", "this month", in either language."""
        word = self.word(at)
        this = word in w.THIS
        if this or (word in w.AGAINST_BEFORE and word != "past"):
            unit = w.DEFINITE_UNITS.get(self.word(at + 1))
            if unit and unit != "day" and (not units or unit in units):
                english = self.word(at + 1).isascii()
                if english != this:
                    return Unit(unit, w.AGAINST_BEFORE.get(word, 0)), at + 2
            return None, at
        unit = w.DEFINITE_UNITS.get(word)
        if unit == "year" and self.word(at - 1) in w.TITLES:
            return None, at
        if unit and not word.isascii() and (not units or unit in units):
            against, end = self.against_behind(at + 1)
            if against is not None:
                return Unit(unit, against), end
        return None, at

    def year(self, at: int) -> tuple[int, int, bool, bool]:
        """A year behind a month: the year, the token behind it, Hijri or not, and if that is said.

        `of the year` and a comma may stand before it.
        """
        place = at
        if self.word(place) in w.SEPARATORS or self.word(place) == "-":
            place += 1
        if self.word(place) in w.OF:
            place += 1
        introduced = self.word(place) in w.OF_YEAR
        place += introduced
        year, end = 0, place
        digits = self.tokens.digits(place)
        if digits == 4 or (digits == 3 and introduced):
            year = self.number(place)
            end = place + 1
            if not introduced and not 1000 <= year < 3000:
                return 0, at, False, False
            if end < self.tokens.count and self._goes_on(end):
                return 0, at, False, False
        elif digits == 0:
            year, end = self.year_in_words(place, introduced=introduced)
        if not year:
            return 0, at, False, False
        hijri, end, said = self.era(end)
        return year, end, hijri, said

    def _goes_on(self, at: int) -> bool:
        """Whether figures go on at a token, as in 2017/18 or 2017.5."""
        joined = self.tokens.joined
        mark = self.word(at)
        if mark in ("%", "٪"):
            return True
        return (
            mark in ("/", ".", ",", ":")
            and joined(at)
            and (bool(self.tokens.digits(at + 1)) and joined(at + 1))
        )

    def era(self, at: int) -> tuple[bool, int, bool]:
        """Whether a year is Hijri, the token behind the word for it, and whether there is one."""
        word = self.word(at)
        if word in w.ERA_HIJRI:
            return True, at + 1, True
        abbreviates = self.word(at + 1) == "." and self.tokens.joined(at + 2)
        if word in w.ERA_COMMON and not (word == "م" and abbreviates):
            return False, at + 1, True
        return False, at, False

    def tail(self, civil: Civil, at: int) -> tuple[Civil, int]:
        """What stands behind a month: a year, or last, this, next."""
        year, end, hijri, said = self.year(at)
        if year:
            return self.with_year(civil, year, hijri=hijri, said=said), end
        against, end = self.against_behind(at)
        what = "month"
        if against is None:
            unit, end = self.unit(at + (self.word(at) in w.OF), "year")
            if unit is None:
                return civil, at
            against, what = unit.against, "year"
        year, behind = self.plain_year(end)
        if year:  # "next July, 2016"
            return replace(civil, year=year), behind
        return replace(civil, against=against, against_what=what), end

    def plain_year(self, at: int) -> tuple[int, int]:
        """A year in figures that stands behind words for it; 0 where there is none."""
        place = at + (self.word(at) in w.SEPARATORS or self.word(at) == "(")
        year = self.number(place)
        if year not in PLAIN_YEARS or not self.closes(place + 1) or self._goes_on(place + 1):
            return 0, at
        if self.word(at) == "(":
            return (year, place + 2) if self.word(place + 1) == ")" else (0, at)
        return year, place + 1

    def with_year(self, civil: Civil, year: int, *, hijri: bool, said: bool) -> Civil:
        """A Hijri month has a Hijri year, unless the figure is far from all of them."""
        hijri_month = civil.month is not None and civil.month.hijri
        if hijri_month and not said and year > HIJRI_BY_ITSELF.stop:
            return replace(civil, year=year, hijri_year=False)
        return replace(civil, year=year, hijri_year=hijri or hijri_month)


def _other_family(one: w.Month, other: w.Month) -> bool:
    english = {"english", "short"}
    if one.family in english and other.family in english:
        return False
    return one.family != other.family and "hijri" not in (one.family, other.family)
