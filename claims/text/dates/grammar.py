"""Reading tokens as dates: what may begin a date is tried, and the longest reading is taken.

Each production looks at a bounded number of tokens from where it begins and never goes back
behind it, so that reading a text is linear in its length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from claims.text.dates import words as w
from claims.text.dates.between import Between, BothCalendars
from claims.text.dates.civil import Civil, Usual
from claims.text.dates.outcomes import Saying
from claims.text.dates.periods import (
    Away,
    Lately,
)
from claims.text.dates.reading import PLAIN_YEARS, Read
from claims.text.dates.told import Told


class Grammar(Told):
    """The dates of some tokens."""

    def read(self) -> Iterator[tuple[int, int, int, Saying]]:
        """The dates in order: their first token, start and end in code points, and the saying."""
        at, tokens = 0, self.tokens
        while at < tokens.count:
            found = self._at(at)
            if found is None:
                at += 1
                continue
            start, end, saying = found
            yield at, start, tokens.trimmed_end(end - 1), saying
            at = end

    def _at(self, at: int) -> tuple[int, int, Saying] | None:
        word = self.word(at)
        self._read.clear()
        if not word:
            if self.numbers(at) < 0 or self._within_figures(at):
                return None
            found = self._longest(at, _FIGURES)
            return None if found is None else self._told(found, at, self.tokens.starts[at])
        starting = _STARTING.get(word)
        if starting is None:
            return None
        letters, bare, productions = starting
        self._joined = word[:letters]
        if not letters:
            found = self._longest(at, productions)
        else:
            with self.shown(at, bare):
                found = self._longest(at, productions)
        self._joined = ""
        if found is None:
            return None
        joined = letters if not word.startswith("لل", letters - 1) else 0
        start = self.tokens.after_letters(at, joined) if joined else self.tokens.starts[at]
        return self._told(found, at, start)

    def _told(self, found: Read, at: int, start: int) -> tuple[int, int, Saying]:
        if found.start is not None and found.start != at:
            start = self.tokens.starts[found.start]
        return start, found.end, found.saying

    def _longest(self, at: int, productions: tuple[Production, ...]) -> Read | None:
        if self.word(at) == "the" and not self._goes_with_the(at + 1):
            return None
        best: Read | None = None
        for production in productions:
            found = production(self, at)
            if found is not None and (best is None or found.end > best.end):
                best = found
        return best

    def _goes_with_the(self, at: int) -> bool:
        word = self.word(at)
        return (word in _STARTING or not word or word in _THE_MORE) and word != "the"

    # From one to another

    def ranged(self, at: int) -> Read | None:
        """From … to …, between … and …."""
        years = self._years_between(at + 1)
        if years is not None:
            return years
        between = self.word(at) in w.BETWEEN
        left, day_end = self._end_of(at + 1), 0
        day, day_end = self.day(at + 1)
        found = None
        if left is not None:
            found = self._to(left.saying, left.end, between=between)
        if found is None and day:
            found = self._to(day, day_end, between=between)
        return found

    def ranged_bare(self, at: int) -> Read | None:
        """The same without the first word."""
        left = self._end_of(at)
        if left is not None and self.word(left.end) in w.TO:
            found = self._to(left.saying, left.end, between=False)
            if found is not None:
                return Read(found.saying, found.end, left.start)
        day, end = self.day(at)
        return self._to(day, end, between=False) if day else None

    def beside(self, at: int) -> Read | None:
        """The first of "5 and 6 January": a day whose month stands behind the next one."""
        day, end = self.day(at)
        if not day or self.word(at - 1) not in w.ON_PREPOSITIONS or self.word(end) not in w.AND:
            return None
        other = self._end_of(end + 1)
        if other is None or not isinstance(other.saying, Civil):
            return None
        told = other.saying
        if told.day is None or (told.month is None and told.against is None):
            return None
        return Read(replace(told, day=day, weekday=None), end)

    def _years_between(self, at: int) -> Read | None:
        """2014 to 2018; between the years 2014 and 2018."""
        place = at + (self.word(at) in w.OF_YEARS or self.word(at) in w.OF_YEAR)
        introduced = place > at
        first, end = self.number(place), place + 1
        if self.tokens.digits(place) != 4:
            return None
        if self.word(end) == "و" or self.word(end) in w.TO or self.word(end) == "and":
            end += 1
        else:
            return None
        end += self.word(end) in w.OF_YEAR
        last = self.number(end)
        if self.tokens.digits(end) != 4 or self._goes_on(end + 1):
            return None
        sure = introduced or self.closes(end + 1)
        if not sure or first not in PLAIN_YEARS or last not in PLAIN_YEARS:
            return None
        return Read(Between(Civil(year=first), Civil(year=last)), end + 1)

    def years_ranged(self, at: int) -> Read | None:
        """2014-2018 by itself, the second one later."""
        found = self._years_between(at)
        if found is None:
            return None
        told = found.saying
        assert isinstance(told, Between)
        assert isinstance(told.left, Civil)
        assert isinstance(told.right, Civil)
        rising = (told.left.year or 0) < (told.right.year or 0)
        return found if rising and self.word(at + 1) in w.TO else None

    def _end_of(self, at: int) -> Read | None:
        """One end of a range, where also a month's name that is another word is one."""
        productions = _ENDS.get(self.word(at), ())
        if not self.word(at):
            productions = (Grammar.civil, Grammar.century)
        if not productions:
            return None
        self._within_range = True
        try:
            return self._longest(at, productions)
        finally:
            self._within_range = False

    def _to(self, left: Saying | int, at: int, *, between: bool) -> Read | None:
        word = self.word(at)
        if between and (word in w.AND or word in ("-", "–")):
            return self._joined_to(left, at + 1)
        if word in w.TO:
            if word in ("-", "–", "—") and isinstance(left, Civil) and left.day is None:
                return None
            return self._joined_to(left, at + 1)
        if between and word[:1] == "و" and len(word) > 1:
            with self.shown(at, word[1:]):
                return self._joined_to(left, at)
        return None

    def _joined_to(self, left: Saying | int, at: int) -> Read | None:
        right = self._end_of(at)
        if isinstance(left, int):
            if right is None or not isinstance(right.saying, Civil):
                return None
            told = right.saying
            if told.day is None or (told.month is None and told.against is None):
                return None
            start = replace(told, day=left, weekday=None)
            return Read(Between(start, told), right.end)
        if right is None:
            day, end = self.day(at)
            if not day or not isinstance(left, Civil) or left.day is None or not self.closes(end):
                return None
            if left.month is None:
                return None
            year, behind, hijri, said = self.year(end)
            if year and left.year is None:  # "January 3-5, 2020"
                left, end = self.with_year(left, year, hijri=hijri, said=said), behind
            return Read(Between(left, replace(left, day=day, weekday=None)), end)
        told_right = right.saying
        if isinstance(left, Civil) and isinstance(told_right, Civil):
            left, told_right = _shared(left, told_right)
        if isinstance(left, (Away, Lately)) or isinstance(told_right, (Away, Lately)):
            return None
        return Read(Between(left, told_right), right.end)

    def days_of_month(self, at: int) -> Read | None:
        """November between 19 and 20."""
        found = self.month_alone(at)
        if found is None or not isinstance(found.saying, Civil):
            return None
        end = found.end
        if self.word(end) not in w.BETWEEN and self.word(end) not in w.FROM:
            return None
        first, place = self.day(end + 1)
        if not first or not (self.word(place) in w.AND or self.word(place) in w.TO):
            return None
        last, place = self.day(place + 1)
        if not last:
            return None
        civil = found.saying
        return Read(Between(replace(civil, day=first), replace(civil, day=last)), place)

    # By both calendars

    def both(self, at: int) -> Read | None:
        """A Hijri day and the Gregorian one that it is said to be, or the other way round."""
        one = self.civil(at)
        if one is None or not isinstance(one.saying, Civil) or one.saying.day is None:
            return None
        place = one.end
        place += self.word(place) in w.SEPARATORS
        mark = self.word(place)
        if mark in ("الموافق", "الموافقه", "الموافقة"):
            place += 1
            while self.word(place) in ("ل", "لـ", "ليوم") or self.word(place) in w.DAY:
                place += 1
        elif mark in ("(", "/", "-"):
            place += 1
        else:
            return None
        other = self.civil(place)
        if other is None or not isinstance(other.saying, (Civil, Usual)):
            return None
        told = other.saying
        is_hijri = isinstance(told, Civil) and told.hijri
        if one.saying.hijri == is_hijri:
            return None
        end = other.end
        if mark == "(":
            if self.word(end) != ")":
                return None
            end += 1
        if one.saying.hijri:
            return Read(BothCalendars(one.saying, told), end, one.start)
        assert isinstance(told, Civil)
        return Read(BothCalendars(told, one.saying), end, one.start)


def _shared(left: Civil, right: Civil) -> tuple[Civil, Civil]:
    """A day without a month has that of the other end, and what is said of it."""
    if left.month is None and left.day is not None and left.against is None:
        left = replace(
            left,
            month=right.month,
            year=left.year or right.year,
            hijri_year=right.hijri_year,
            against=right.against,
            against_what=right.against_what,
        )
    elif left.hijri and right.hijri and left.year is None and left.against is None:
        left = replace(left, year=right.year, hijri_year=right.hijri_year, against=right.against)
    return left, right


Production = Callable[[Grammar, int], Read | None]

_OF_RANGES: tuple[Production, ...] = (
    Grammar.civil,
    Grammar.month_alone,
    Grammar.near,
    Grammar.weekday_alone,
    Grammar.unit_alone,
    Grammar.portion,
    Grammar.decade,
    Grammar.century,
    Grammar.season,
)
_FIGURES: tuple[Production, ...] = (
    Grammar.civil,
    Grammar.both,
    Grammar.ranged_bare,
    Grammar.years_ranged,
    Grammar.beside,
    Grammar.year_alone,
    Grammar.day_alone,
    Grammar.away,
    Grammar.lately,
    Grammar.decade,
    Grammar.century,
)


def _productions() -> dict[str, tuple[Production, ...]]:
    """Which productions a word may begin."""
    heads: dict[str, list[Production]] = {}

    def begin(with_words: object, *productions: Production) -> None:
        for word in with_words:  # type: ignore[attr-defined]
            known = heads.setdefault(word, [])
            known += [p for p in productions if p not in known]

    dated = (Grammar.civil, Grammar.both, Grammar.ranged_bare)
    begin(w.MONTH_HEADS, *dated, Grammar.month_alone, Grammar.days_of_month)
    begin([*w.OF_MONTH, *w.THIS, *w.AGAINST_BEFORE], Grammar.month_alone, Grammar.days_of_month)
    begin(w.OF_MONTH, *dated)
    begin([*w.WEEKDAYS, *w.DAY, *w.SHORT_WEEKDAYS], *dated)
    begin([*w.WEEKDAYS, *w.DAY, *w.THIS, *w.AGAINST_BEFORE], Grammar.weekday_alone)
    begin([*w.ORDINALS, *w.TENS_ORDINAL, "twenty", "thirty"], *dated, Grammar.day_alone)
    begin([*w.FIRSTS, *(word for word in (*w.CARDINALS, *w.TENS) if not word.isascii())], *dated)
    begin([*w.ORDINALS, "the", *w.NTHS, *w.QUARTERS, *w.DEFINITE_UNITS], Grammar.nth)
    begin((name[0] for name in w.HOLIDAYS), Grammar.holiday)
    begin(w.DAY, Grammar.day_alone)
    begin(["اسبوع", "week"], Grammar.week_of)
    begin(w.NEAR_HEADS, Grammar.near, Grammar.ranged_bare)
    begin(
        [*w.THIS, *w.AGAINST_BEFORE, *w.DEFINITE_UNITS, "عطله", "نهايه", "weekend", "the"],
        Grammar.unit_alone,
    )
    begin([*w.THIS, *w.AGAINST_BEFORE, *w.SEASONS], Grammar.season)
    begin(w.PORTION_HEADS, Grammar.portion)
    begin([*w.OF_YEAR, "the", *w.THOUSANDS, *w.HUNDREDS], Grammar.year_alone)
    begin([*w.DECADES, "the"], Grammar.decade)
    begin([*w.CENTURY, "the", *w.ORDINALS], Grammar.century)
    begin(
        [*w.BEFORE_NOW, *w.AFTER_NOW, "in", *w.CARDINALS, *w.TENS, *w.UNITS, *w.FEW, *w.DUALS],
        Grammar.away,
    )
    begin(
        ["the", *w.AGAINST_BEFORE, *w.LASTS, *w.DUALS, *w.UNITS, *w.CARDINALS, *w.TENS],
        Grammar.lately,
    )
    begin([*w.FROM, *w.BETWEEN], Grammar.ranged)
    begin(["the"], *dated)
    return {word: tuple(found) for word, found in heads.items()}


def _starting() -> dict[str, tuple[int, str, tuple[Production, ...]]]:
    """By word, also with what Arabic joins before it: letters joined, bare word, what to try."""
    productions = _productions()
    found = {word: (0, word, tried) for word, tried in productions.items()}
    for word, tried in productions.items():
        if word.isascii() or word in w.FROM or word in w.THIS:
            continue
        for joined in ("و", "ف", "ب", "ل", "ك", "وب", "ول", "فب", "فل"):
            found.setdefault(joined + word, (len(joined), word, tried))
            if word.startswith("ال") and joined[-1] == "ل":
                found.setdefault(joined + word[1:], (len(joined), word, tried))
    for word in (*w.FROM, *w.THIS):
        if not word.isascii():
            for joined in ("و", "ف"):
                found.setdefault(joined + word, (1, word, productions[word]))
    return found


_STARTING = _starting()
_ENDS = {
    word: tuple(production for production in tried if production in _OF_RANGES)
    for word, tried in _productions().items()
}
_THE_MORE = frozenset(
    ("year", *(p[1] for p in (*w.PORTIONS, *w.NEAR_DAYS, *w.WEEKEND) if p[0] == "the"))
)
"""Words that mean a date behind `the` alone, beside those that may begin one."""
