"""Reading tokens as dates: what may begin a date is tried, and the longest reading is taken.

Each production looks at a bounded number of tokens from where it begins and never goes back
behind it, so that reading a text is linear in its length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple, TypeVar, cast

from claims.text.dates import words as w
from claims.text.dates.calendars import month_may_have
from claims.text.dates.found import Problem
from claims.text.dates.sayings import (
    Away,
    Between,
    BothCalendars,
    Civil,
    Decade,
    Faulty,
    Lately,
    MonthNamed,
    Near,
    NthWeekday,
    PartOf,
    Portion,
    Saying,
    Season,
    Torn,
    Unit,
    Usual,
    Weekday,
    WeekOf,
    Years,
    near_days,
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


class Grammar:
    """The dates of some tokens. day_first: the order of figures; None where it is not known."""

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
        if this or word in w.AGAINST_BEFORE:
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

    # Dates with a month or a year

    def civil(self, at: int) -> Read | None:
        """Day, month and year in words or figures, a weekday before them."""
        if ("civil", at) not in self._read:
            self._read["civil", at] = self._civil(at)
        return cast("Read | None", self._read["civil", at])

    def _civil(self, at: int) -> Read | None:
        weekday, place = self.weekday(at)
        if not weekday:
            weekday, place = self._short_weekday(at)
        if weekday:
            start = place - 1 if self.word(at) in w.DAY else at
            for _ in range(2):
                if self.word(place) in w.SEPARATORS or self.word(place) in w.IN_BEFORE_DAY:
                    place += 1
            if self.word(place) in w.DAY:
                place += 1
            found = self._dated(place, weekday)
            return None if found is None else Read(found.saying, found.end, start)
        return self._dated(at, None)

    def _short_weekday(self, at: int) -> tuple[int, int]:
        weekday = w.SHORT_WEEKDAYS.get(self.word(at), 0)
        if not weekday:
            return 0, at
        dotted = self.word(at + 1) in (".", ",") and self.tokens.joined(at + 1)
        place = at + 1 + dotted
        return (weekday, place) if dotted or self.number(place, 31) else (0, at)

    def _dated(self, at: int, weekday: int | None) -> Read | None:
        return (
            self._figures(at, weekday)
            or self._day_and_month(at, weekday)
            or self._month_and_day(at, weekday)
        )

    def _day_and_month(self, at: int, weekday: int | None) -> Read | None:
        day, end = self.day(at)
        if not day and self.word(at) in w.FIRSTS:
            day, end = 1, at + 1
        elif not day and not self.word(at).isascii():
            day, end = self.cardinal(at)
        if not 1 <= day <= 31:
            return None
        dotted = self.word(end) == "." and end == at + 1 and not self.word(end + 1).isascii()
        if dotted or self.word(end) in ("-", "–", "/"):
            end += 1
        if self.word(end) in w.OF and not dotted:
            end += 1
        unit, after = self.unit(end, "month")
        if unit is None and self.word(end) == "في":
            unit, after = self.unit(end + 1, "month")
        if unit is not None:
            return Read(Civil(day=day, weekday=weekday, against=unit.against), after)
        if self.word(end) in w.OF_MONTH and self.word(end + 1) in w.MONTH_HEADS:
            end += 1
        against = None
        if self.word(end) in w.AGAINST_BEFORE or self.word(end) in w.THIS:
            against = w.AGAINST_BEFORE.get(self.word(end), 0)
            end += 1
        month, end, _alone = self.month(end)
        if month is None:
            return None
        name_at = self.tokens.raw(end - 1)
        if name_at in ("may", "march") and not self.year(end)[0]:
            return None  # "second may", "first march"
        civil = Civil(day=day, month=month, weekday=weekday, against=against)
        if dotted and self.word(end) == "." and self.tokens.digits(end + 1) == 4:
            end += 1
        civil, end = self.tail(civil, end)
        return Read(civil, end)

    def _month_and_day(self, at: int, weekday: int | None) -> Read | None:
        place = at + (self.word(at) in w.OF_MONTH)
        month, end, _alone = self.month(place)
        if month is None or month.hijri:
            return None
        marked = end + (self.word(end) in ("/", "-"))
        if self.word(marked) == "the":
            marked += 1
        day, after = self.day(marked)
        if not day:
            day, after = self.cardinal(marked)
            if day > 31 or not self.closes(after):
                return None
        if not day or self._goes_on(after):
            return None
        civil = Civil(day=day, month=month, weekday=weekday)
        year, year_end, hijri, said = self.year(after)
        if year:
            return Read(self.with_year(civil, year, hijri=hijri, said=said), year_end)
        if self.tokens.text[self.tokens.starts[at] : self.tokens.ends[at]].isascii():
            if self.tokens.raw(place)[:1].islower() and month.number in (3, 5):
                return None
            return Read(civil, after)
        is_word = not self.number(marked)
        first_is_named = is_word and after - marked == 1 and day < 11
        if (is_word and not first_is_named) or weekday or self.closes(after):
            return Read(civil, after)
        return None

    def month_alone(self, at: int) -> Read | None:
        """A month, with or without a year; its words may need company to be one."""
        place, against = at, None
        word = self.word(at)
        if word in w.THIS or word in w.AGAINST_BEFORE:
            against = w.AGAINST_BEFORE.get(word, 0)
            place += 1
        said = self.word(place) in w.OF_MONTH
        month, end, alone = self.month(place + said)
        if month is None:
            return None
        civil, behind = self.tail(Civil(month=month, against=against), end)
        company = said or against is not None or behind > end
        within = self._within_range or self.word(place - 1) in w.IN_PREPOSITIONS
        if not (alone or company or within):
            return None
        if (
            not company
            and not alone
            and self.tokens.raw(place).islower()
            and (self.tokens.raw(place).isascii())
        ):
            return None
        return Read(civil, behind)

    # Figures

    def _figures(self, at: int, weekday: int | None) -> Read | None:
        """2016/04/21, 21-04-2016, 6.6.2021, 22/04, 2015/3, and 08/12, 2015."""
        first, mark = self.numbers(at), self.word(at + 1)
        if first < 0 or mark not in ("/", "-", "."):
            return None
        second = self.numbers(at + 2)
        if second < 0 or (mark != "/" and not self._tight(at, 3)):
            return None
        if self.word(at + 3) == mark and self.numbers(at + 4) >= 0:
            if mark != "/" and not self._tight(at, 5):
                return None
            if self._goes_on(at + 5) or (self.word(at + 5) == mark and self.tokens.digits(at + 6)):
                return None
            return self._three_figures(at, weekday, mark)
        if self.tokens.joined(at + 3) and (
            self.word(at + 3) in ("%", "٪") or self._goes_on(at + 3)
        ):
            return None
        return self._two_figures(at, weekday, mark)

    def _tight(self, at: int, count: int) -> bool:
        return all(self.tokens.joined(at + n) for n in range(1, count))

    def _three_figures(self, at: int, weekday: int | None, mark: str) -> Read | None:
        digits = [self.tokens.digits(at + n) for n in (0, 2, 4)]
        first, second, third = (self.numbers(at + n) for n in (0, 2, 4))
        hijri, end, said = self.era(at + 5)
        if digits[0] == 4 and max(digits[1:]) <= 2:
            year, order = first, [(second, third)]
        elif digits[2] == 4 and max(digits[:2]) <= 2:
            year, order = third, [(second, first), (first, second)]
        elif digits == [2, 2, 2] and mark == "/":
            return self._short_years(at, weekday, (first, second, third))
        else:
            return None
        if not 1000 <= year < 3000:
            return None
        inferred = False
        if self.arabic and not said and year in HIJRI_BY_ITSELF:
            hijri = inferred = True

        def civil(month: int, day: int) -> Civil:
            return Civil(
                day=day,
                month=MonthNamed(month, str(month), hijri),
                year=year,
                weekday=weekday,
                hijri_year=hijri,
                inferred=("calendar",) if inferred else (),
            )

        if not _may_be(order):
            introduced = weekday is not None or self.word(at - 1) in w.ON_PREPOSITIONS
            if mark != "/" and not introduced:
                return None  # "decision 3-40-2012"
            return self._faulty(order[0], end)
        return self._ordered(order, civil, end)

    def _faulty(self, figures: tuple[int, int], end: int) -> Read | None:
        """Figures meant as month and day that cannot be; None where they are far from it."""
        small, large = sorted(figures)
        if 1 <= small <= 12 and 31 < large < 40:
            return Read(Faulty(Problem.of("no_such_day", month=small, day=large)), end)
        if 12 < small <= large <= 31:
            return Read(Faulty(Problem.of("no_such_month", month=figures[0])), end)
        return None

    def _ordered(
        self,
        order: list[tuple[int, int]],
        civil: Callable[[int, int], Civil],
        end: int,
    ) -> Read:
        """Of (month, day) and (day, month) what can be; day first is told first."""
        readings = [civil(month, day) for month, day in _may_be(order)]
        if len(readings) == 1:
            return Read(readings[0], end)
        if self.day_first is None:
            return Read(Torn(tuple(readings)), end)
        if not self.day_first:
            readings.reverse()
        return Read(Usual(readings[0], readings[1]), end)

    def _short_years(
        self, at: int, weekday: int | None, figures: tuple[int, int, int]
    ) -> Read | None:
        """16/04/21: which of them is the year, and of which century, is not told."""
        first, second, third = figures
        orders = ((third, second, first), (third, first, second), (first, second, third))
        readings = [
            Civil(day=day, month=MonthNamed(month, str(month)), year=2000 + year, weekday=weekday)
            for year, month, day in orders
            if 1 <= month <= 12 and month_may_have(month, day)
        ]
        if not readings or self._goes_on(at + 5):
            return None
        return Read(Torn(tuple(readings)), at + 5)

    def _two_figures(self, at: int, weekday: int | None, mark: str) -> Read | None:
        digits = [self.tokens.digits(at + n) for n in (0, 2)]
        first, second = (self.numbers(at + n) for n in (0, 2))
        end = at + 3
        if mark == ".":
            return None
        if digits[0] == 4 and digits[1] <= 2 and 1000 <= first < 3000:
            return self._year_and_month(first, second, end)
        if digits[1] == 4 and digits[0] <= 2 and 1000 <= second < 3000 and 1 <= first <= 12:
            return Read(Civil(month=MonthNamed(first, str(first)), year=second), end)
        if digits == [4, 4] and second == first + 1 and first in PLAIN_YEARS:
            return Read(Between(Civil(year=first), Civil(year=second)), end)
        if max(digits) > 2:
            return None
        year, behind = None, end
        if self.word(end) in w.SEPARATORS and self.tokens.digits(end + 1) in (2, 4):
            year, behind, _hijri, _said = self.year(end)
            if not year and self.tokens.digits(end + 1) == 2 and self.closes(end + 2):
                year, behind = 2000 + self.numbers(end + 1), end + 2
        before = self.word(at - 1)
        introduced = before in w.ON_PREPOSITIONS or weekday is not None or bool(year)
        padded = "0" in (self.tokens.raw(at)[:1], self.tokens.raw(at + 2)[:1])
        if not introduced:
            if not self.arabic:
                return None
            if mark == "-" and not (padded and self.closes(end)):
                return None
            if mark == "/" and (not self.closes(end) or (first, second) in ((24, 7), (7, 24))):
                return None
            if not padded and max(first, second) < 13:
                return None
        elif not year and not self.closes(end):
            return None

        def civil(month: int, day: int) -> Civil:
            return Civil(
                day=day, month=MonthNamed(month, str(month)), year=year or None, weekday=weekday
            )

        orders = ((second, first), (first, second))
        if not any(month_may_have(month, day) for month, day in orders):
            return None
        able = [(month, day) for month, day in orders if month_may_have(month, day)]
        return self._ordered(able, civil, behind if year else end)

    def _year_and_month(self, year: int, month: int, end: int) -> Read | None:
        if self.tokens.digits(end - 1) == 2 and month == (year + 1) % 100:
            years = Between(Civil(year=year), Civil(year=year + 1))
            if month > 12:
                return Read(years, end)
            reading = Civil(month=MonthNamed(month, str(month)), year=year)
            return Read(Torn((reading,)), end)
        if not 1 <= month <= 12:
            return None
        hijri = self.arabic and year in HIJRI_BY_ITSELF
        month_named = MonthNamed(month, str(month), hijri)
        return Read(
            Civil(
                month=month_named,
                year=year,
                hijri_year=hijri,
                inferred=("calendar",) if hijri else (),
            ),
            end,
        )

    # Years

    def year_alone(self, at: int) -> Read | None:
        """A year that is introduced as one, or stands behind a preposition in a clause's end."""
        introduced = self.word(at) in w.OF_YEAR and self.word(at) != "year"
        if introduced and self.word(at - 1) in w.TITLES:
            return None
        if self.word(at) == "year" or (self.word(at) == "the" and self.word(at + 1) == "year"):
            introduced, place = True, at + 1 + (self.word(at) == "the")
        else:
            place = at + introduced
        digits = self.tokens.digits(place)
        if digits == 4 or (digits == 3 and introduced):
            year, end = self.number(place), place + 1
            if not year or self._goes_on(end):
                return None
            hijri, end, said = self.era(end)
            if not introduced and not said:
                alone = self.closes(end) and year in PLAIN_YEARS
                before = self.word(at - 1)
                if not alone or not (before in w.PREPOSITIONS or before in ("|", "(", "\n")):
                    return None
            inferred = self.arabic and not said and year in HIJRI_BY_ITSELF
            civil = Civil(
                year=year,
                hijri_year=hijri or inferred,
                inferred=("calendar",) if inferred else (),
            )
            return Read(civil, end, at)
        if digits:
            return None
        year, end = self.year_in_words(place, introduced=introduced)
        if not year or (not introduced and year < 1100):
            return None
        if not introduced and self.word(at - 1) not in w.PREPOSITIONS:
            return None
        hijri, end, _said = self.era(end)
        return Read(Civil(year=year, hijri_year=hijri), end)

    def decade(self, at: int) -> Read | None:
        decade = w.DECADES.get(self.word(at))
        if decade is None:
            return self._english_decade(at)
        end = at + 1
        place = end + (self.word(end) in w.OF)
        century = self.century(place)
        if century is not None:
            told = century.saying
            if isinstance(told, Unit):
                return Read(Decade(decade, told.against), century.end)
            assert isinstance(told, Years)
            return Read(Years(10 * told.leading + decade // 10, 10), century.end)
        return Read(Decade(decade), end)

    def _english_decade(self, at: int) -> Read | None:
        place = at + (self.word(at) == "the")
        number = self.numbers(place)
        end = place + 1
        if self.word(end) == "'" and self.tokens.joined(end):
            end += 1
        if self.word(end) != "s" or not self.tokens.joined(end) or number % 10 or number < 0:
            return None
        if 1000 <= number < 2100:
            return Read(Years(number // 10, 10), end + 1, place)
        return None

    def century(self, at: int) -> Read | None:
        """The nineteenth, the last, the 19th century."""
        place = at + (self.word(at) == "the")
        if self.word(place) in w.CENTURY:
            against, end = self.against_behind(place + 1)
            if against is not None:
                return Read(Unit("century", against), end)
            number, end = self.ordinal(place + 1)
            if not number:
                end = place + 1 + (self.word(place + 1) in ("ال", "الـ"))
                number, end = self.number(end, 30), end + 1
            return Read(Years(number - 1, 100), end) if number else None
        if self.word(place + 1) == "century" and self.word(place) in w.AGAINST_BEFORE:
            return Read(Unit("century", w.AGAINST_BEFORE[self.word(place)]), place + 2)
        number, end = self.day(place)
        if number and end > place and self.word(end) in ("-", "century"):
            end += self.word(end) == "-"
            if self.word(end) == "century":
                return Read(Years(number - 1, 100), end + 1, place)
        return None

    # Told against publication

    def near(self, at: int) -> Read | None:
        """Today, yesterday and the like, and the weekday that is said of them."""
        found = self._phrase(at, _NEAR_DAYS)
        if found is None:
            return None
        days, end = found
        if self.word(at) == "اليوم":
            if self.word(end) in w.DAY_OF_WHAT or self.word(end) in w.BEFORE_NOW:
                return None
            if self.word(end) in w.NEXT_IN_STORY:
                return Read(Away(((1, "day"),), 1, only_to_come=True), end + 1)
            against, behind = self.against_behind(end)
            if against is not None:
                return Read(Unit("day", against), behind)
        marked = end + (self.word(end) in ("(", ",", "،", "-"))
        weekday, behind = self.weekday(marked)
        if weekday and (marked == end or self.word(end) != "(" or self.word(behind) == ")"):
            behind += self.word(end) == "("
            if self.day(behind)[0] and self._dated(behind, weekday) is not None:
                return Read(Near(days), end)
            if self.against_behind(behind)[0] is None:
                return Read(Near(days, weekday), behind)
        return Read(Near(days), end)

    def weekday_alone(self, at: int) -> Read | None:
        """A weekday, what is said of it, the week it is of."""
        place, against = at, None
        word = self.word(at)
        this = word in w.THIS or word in w.AGAINST_BEFORE
        if this:
            against = w.AGAINST_BEFORE.get(word, 0)
            place += 1
        weekday, end = self.weekday(place)
        if not weekday:
            return None
        start = at if this else end - 1
        if against is not None:
            return Read(Weekday(weekday, against), end, start)
        against, behind = self.against_behind(end)
        if against is not None:
            return Read(Weekday(weekday, against), behind, start)
        of = end + (self.word(end) in w.OF)
        unit, behind = self.unit(of, "week")
        if unit is not None:
            return Read(replace(unit, weekday=weekday), behind, start)
        nth, behind = self.ordinal(end)
        if 1 <= nth <= 5 and behind == end + 1 and not self.word(end).isascii():
            month = self._of_month(behind)
            if month is not None:
                return Read(NthWeekday(nth, weekday, month.saying), month.end, start)
            if self.closes(behind):
                return Read(NthWeekday(nth, weekday, Unit("month", 0)), behind, start)
        day_at = end + (self.word(end) in ("في", "the"))
        day, behind = self.day(day_at)
        if day and self.closes(behind) and not self._goes_on(behind) and self._near(day, weekday):
            return Read(Civil(day=day, weekday=weekday), behind, start)
        return Read(Weekday(weekday), end, start)

    def _near(self, day: int, weekday: int) -> bool:
        """Whether a month near has this day on this weekday; else it counts other things."""
        return self.published is None or bool(near_days(self.published, day, weekday))

    def _of_month(self, at: int) -> Read | None:
        """Behind `of` or `in`: a month, named or told against publication."""
        place = at + (self.word(at) in w.OF or self.word(at) in ("في", "in"))
        unit, end = self.unit(place, "month")
        if unit is not None:
            return Read(unit, end)
        found = self.month_alone(place)
        if found is not None:
            return found
        said = place + (self.word(place) in w.OF_MONTH)
        month, end, _alone = self.month(said)
        if month is None:
            return None
        civil, end = self.tail(Civil(month=month), end)
        return Read(civil, end)

    def _of_year(self, at: int) -> Read | None:
        place = at + (self.word(at) in w.OF or self.word(at) in ("في", "in"))
        unit, end = self.unit(place, "year")
        if unit is not None:
            return self._or_year(unit, end)
        year, end, hijri, _said = self.year(place)
        return Read(Civil(year=year, hijri_year=hijri), end) if year else None

    def unit_alone(self, at: int) -> Read | None:
        """The last week, this month; a weekday or a few of them may follow the week."""
        weekend = self._phrase(at, _WEEKEND)
        if weekend is not None:
            first_day, end = weekend
            against, end = self.against_behind(end)
            return Read(Unit("weekend", against or 0, first_weekend_day=first_day), end)
        if self.word(at) in w.AGAINST_BEFORE and self.word(at + 1) == "weekend":
            return Read(Unit("weekend", w.AGAINST_BEFORE[self.word(at)]), at + 2)
        unit, end = self.unit(at)
        if unit is None:
            return None
        if unit.unit == "week":
            ranged = self._weekdays_of(unit, end)
            if ranged is not None:
                return ranged
            weekday, behind = self.weekday(end)
            if weekday:
                return Read(replace(unit, weekday=weekday), behind)
        return self._or_year(unit, end)

    def _or_year(self, unit: Unit, at: int) -> Read:
        """ "Last year, 2016" is 2016, whatever the day of publication."""
        year, end = self.plain_year(at) if unit.unit == "year" else (0, at)
        return Read(Civil(year=year), end) if year else Read(unit, at)

    def _weekdays_of(self, unit: Unit, at: int) -> Read | None:
        if self.word(at) not in w.BETWEEN and self.word(at) not in w.FROM:
            return None
        first, end = self.weekday(at + 1)
        if not first:
            return None
        joined, behind = self.and_word(end)
        last = w.WEEKDAYS.get(joined, 0)
        if not last and self.word(end) in w.TO:
            last, behind = self.weekday(end + 1)
        if not last:
            return None
        return Read(Between(replace(unit, weekday=first), replace(unit, weekday=last)), behind)

    def nth(self, at: int) -> Read | None:
        """The first Friday of July, the third quarter of 2020, the second week of this month."""
        word = self.word(at)
        place = at + (word == "the")
        word = self.word(place)
        if word in w.NTHS:
            weekday, end = self.weekday(place + 1)
            if not weekday:
                weekday = w.BARE_WEEKDAYS.get(self.word(place + 1), 0)
                end = place + 2
            month = self._of_month(end) if weekday else None
            return (
                Read(NthWeekday(w.NTHS[word], weekday, month.saying), month.end) if month else None
            )
        if word.isascii():
            nth, end = self.ordinal(place)
            part = self.word(end)
            weekday = w.WEEKDAYS.get(part, 0)
            if nth and weekday:
                month = self._of_month(end + 1)
                return Read(NthWeekday(nth, weekday, month.saying), month.end) if month else None
        else:
            part = word
            nth, end = self.ordinal(place + 1)
            end -= 1
        if not nth or not (part in w.QUARTERS or w.UNITS.get(part) == "week"):
            return None
        months = w.QUARTERS.get(part, 0)
        of = self._of_year(end + 1)
        if of is None and not months:
            of = self._of_month(end + 1)
        return Read(PartOf(nth, months, of.saying), of.end) if of else None

    def week_of(self, at: int) -> Read | None:
        """The week of 30 November."""
        place = at + 1 + (self.word(at + 1) in w.OF)
        found = self._day_and_month(place, None) or self._figures(place, None)
        if found is None or not isinstance(found.saying, Civil) or found.saying.day is None:
            return None
        return Read(WeekOf(found.saying), found.end)

    def season(self, at: int) -> Read | None:
        word, place, against = self.word(at), at, None
        if word in w.THIS or word in w.AGAINST_BEFORE:
            against = w.AGAINST_BEFORE.get(word, 0)
            place += 1
        season = w.SEASONS.get(self.word(place))
        if season is None:
            return None
        end = place + 1
        if against is not None:
            return Read(Season(season, None, against), end)
        year, behind, hijri, _said = self.year(end)
        if year and not hijri:
            return Read(Season(season, year), behind)
        against, behind = self.against_behind(end)
        if against is not None and self.word(place)[:2] == "ال":
            return Read(Season(season, None, against), behind)
        return None

    def portion(self, at: int) -> Read | None:
        """Early, mid, late in a month, year, week or decade."""
        found = self._phrase(at, _PORTIONS)
        if found is None:
            return None
        portion, place = found
        weekly = self.unit(place, "week", "month", "year", "decade", "century")
        of: Read | None = self._or_year(weekly[0], weekly[1]) if weekly[0] else None
        if of is None:
            of = self._of_month(place) or self._introduced_year(place) or self._current(place)
        if of is None:
            of = self.decade(place) or self.century(place) or self.season(place)
        if of is None:
            return None
        return Read(Portion(portion, of.saying), of.end)

    def _current(self, at: int) -> Read | None:
        """A bare "the year" behind "the end of": the current one."""
        place = at + (self.word(at) == "the")
        unit = w.DEFINITE_UNITS.get(self.word(place), "")
        english = self.word(place).isascii()
        if unit not in ("week", "month", "year") or (english and place == at):
            return None
        behind = self.word(place + 1)
        if not self.closes(place + 1) or behind in w.OF or self.number(place + 1):
            return None
        return Read(Unit(unit, 0), place + 1)

    def _introduced_year(self, at: int) -> Read | None:
        place = at + (self.word(at) in w.OF)
        introduced = self.word(place) in w.OF_YEAR
        if not introduced and self.number(place) not in PLAIN_YEARS:
            return None
        year, end, hijri, _said = self.year(place)
        if not year or not (introduced or self.closes(end)):
            return None
        return Read(Civil(year=year, hijri_year=hijri), end)

    def amount(self, at: int) -> tuple[int | None, str, int, bool]:
        """So many of a unit: how many (None: a few), the unit ("" if none), the token behind."""
        place = at
        about = self.word(place) in w.ABOUT
        place += about
        if self.word(place) == "a" and self.word(place + 1) in w.FEW:
            place += 1
        word = self.word(place)
        if word in w.DUALS:
            return 2, w.DUALS[word], place + 1, about
        if word in w.FEW:
            unit = w.UNITS.get(self.word(place + 1), "")
            return None, unit, place + 2, about
        number, end = self.count(place)
        if number:
            unit = w.UNITS.get(self.word(end), "")
            return number, unit, end + 1, about
        unit = w.UNITS.get(word, "")
        if unit and word.isascii():
            return 0, "", at, False
        if unit and word in w.DEFINITE_UNITS:
            return 0, "", at, False
        return (1, unit, place + 1, about) if unit else (0, "", at, False)

    def amounts(self, at: int) -> tuple[tuple[tuple[int | None, str], ...], int, bool]:
        """One to three amounts joined by `and` or a comma."""
        number, unit, end, about = self.amount(at)
        if not unit:
            return (), at, False
        found = [(number, unit)]
        for _ in range(2):
            place = end
            if self.word(place) in w.AND or self.word(place) in w.SEPARATORS:
                more, unit, behind, _about = self.amount(place + 1)
            else:
                break
            if not unit:
                break
            found.append((more, unit))
            end = behind
        return tuple(found), end, about

    def away(self, at: int) -> Read | None:
        """Three days ago, in two weeks, and the Arabic `before` and `after` so much time."""
        word = self.word(at)
        if word in w.BEFORE_NOW or word in w.AFTER_NOW:
            found, end, about = self.amounts(at + 1)
            if not found or self.number(end) or self.word(end) in w.THOUSANDS:
                return None  # "before the year 2020"
            if self.word(end) in ("من", "علي", "عن") and self.word(end + 1) not in w.NOW:
                return None  # "three years after the war": told from something else
            if self.word(end) in w.AGAINST:
                return None
            if self.word(end) in w.OF and self.word(end + 1) in w.NOW:
                end += 2
            if word in w.AFTER_NOW:
                return Read(Away(found, 1, about, only_to_come=True), end)
            if word == "منذ" and not (found[0][0] == 1 or found[0][0] is None or end > at + 1):
                return None
            return Read(Away(found, -1, about), end)
        if word == "in" and self.word(at + 1) != "the":
            found, end, about = self.amounts(at + 1)
            if found and self.word(end) in w.CLOSING | {"time", "from"}:
                return Read(Away(found, 1, about, only_to_come=True), end)
            return None
        found, end, about = self.amounts(at)
        if not found:
            return None
        if self.word(end) in w.AGO:
            return Read(Away(found, -1, about), end + 1)
        if self.word(end) in ("from", "من") and self.word(end + 1) in w.NEAR_HEADS:
            near = self.near(end + 1)
            if near is not None and isinstance(near.saying, Near):
                return Read(Away(found, 1, about, base=near.saying.days), near.end)
        if self.word(end) in ("from", "من") and self.word(end + 1) in w.NOW:
            return Read(Away(found, 1 if self.word(end) == "from" else 0, about), end + 2)
        return None

    def lately(self, at: int) -> Read | None:
        """The last three years, the coming days, with the number before or behind in Arabic."""
        place = at + (self.word(at) == "the")
        word = self.word(place)
        if word in w.AGAINST_BEFORE or word in w.LASTS:
            number, unit, end, _about = self.amount(place + 1)
            plain = word in w.LASTS or word != "this"
            if unit and plain and (number != 1 or self.word(place + 1).isdigit()):
                before = -1 if word in w.LASTS else w.AGAINST_BEFORE[word]
                return Read(Lately(number, unit, before), end)
            unit = w.UNITS.get(self.word(place + 1), "")
            if unit and word != "this" and self.word(place + 1).endswith("s"):
                return Read(Lately(None, unit, w.AGAINST_BEFORE.get(word, -1)), place + 2)
            return None
        if word in w.DUALS:
            against, end = self.against_behind(place + 1)
            return Read(Lately(2, w.DUALS[word], against), end) if against else None
        number, end = self.count(place)
        if number:
            unit = w.UNITS.get(self.word(end), "")
            against, end = self.against_behind(end + 1)
            return Read(Lately(number, unit, against), end) if unit and against else None
        unit = w.UNITS.get(word, "")
        if not unit or word in w.DEFINITE_UNITS or word.isascii():
            return None
        if self.word(place + 1) in w.FEW_AFTER:
            against, end = self.against_behind(place + 2)
            return Read(Lately(None, unit, against), end) if against else None
        number, end = self._definite_count(place + 1)
        against, behind = self.against_behind(end)
        if self.word(end) in w.RECENT:
            against, behind = -1, end + 1
        if not against:
            return None
        return Read(Lately(number or None, unit, against), behind)

    def _definite_count(self, at: int) -> tuple[int, int]:
        """ "The three" as Arabic says it behind what is counted, or in figures."""
        number = self.number(at, 999)
        if number:
            return number, at + 1
        word = self.word(at)
        if word[:2] == "ال" and word[2:] in w.CARDINALS:
            return w.CARDINALS[word[2:]], at + 1
        if word[:2] == "ال" and word[2:] in w.TENS:
            return 10 * w.TENS[word[2:]], at + 1
        return 0, at

    # Days of a month that is not named

    def day_alone(self, at: int) -> Read | None:
        """A day of the month without its month: only where words and the clause's end say so."""
        place = at
        introduced = self.word(at) in w.DAY and bool(self.number(at + 1, 31))
        place += introduced
        day, end = self.day(place)
        if not day or day > 31 or not self.closes(end) or self._goes_on(end):
            return None
        before = self.word(at - 1)
        in_words = not self.number(place)
        joined = self._joined[-1:] == "ل" and in_words
        if introduced:
            return Read(Civil(day=day), end) if self.word(end) not in w.OF else None
        if self.word(end) in w.OF or self.word(end) in ("و", "او"):
            return None
        if in_words:
            compound = end - place > 1 or day >= 20
            fits = compound and (joined or before in ("في", "الي"))
        else:
            fits = before == "في" and self.word(end) in w.CLOSING and self.word(end) not in "([،,"
        return Read(Civil(day=day), end) if fits else None

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


def _may_be(order: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of pairs of a month and a day those in range, each once."""
    return [
        (month, day) for month, day in dict.fromkeys(order) if 1 <= month <= 12 and 1 <= day <= 31
    ]


def _other_family(one: w.Month, other: w.Month) -> bool:
    english = {"english", "short"}
    if one.family in english and other.family in english:
        return False
    return one.family != other.family and "hijri" not in (one.family, other.family)


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


def _by_head(phrases: Mapping[tuple[str, ...], T]) -> Phrases[T]:
    """Phrases by their first word, the longest first."""
    found: Phrases[T] = {}
    for phrase in sorted(phrases, key=len, reverse=True):
        found.setdefault(phrase[0], []).append((phrase[1:], phrases[phrase]))
    return found


_MONTHS = _by_head(w.MONTHS)
_NEAR_DAYS = _by_head(w.NEAR_DAYS)
_PORTIONS = _by_head(w.PORTIONS)
_WEEKEND = _by_head(w.WEEKEND)
