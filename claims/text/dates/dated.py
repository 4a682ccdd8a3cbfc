"""Reading dates that have a month or a year, in words and in figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast

from claims.text.dates import words as w
from claims.text.dates.between import Between
from claims.text.dates.calendars import month_may_have
from claims.text.dates.civil import Civil, Faulty, Torn, Usual
from claims.text.dates.found import Problem
from claims.text.dates.outcomes import MonthNamed
from claims.text.dates.periods import (
    Decade,
    Unit,
    Years,
)
from claims.text.dates.reading import HIJRI_BY_ITSELF, PLAIN_YEARS, Read, Words


class Dated(Words):
    """Days, months, years, decades and centuries that are named."""

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
        tight = self.word(end) == "." and self._tight(end, 2) and self.tokens.joined(end)
        marked = end + (tight or self.word(end) in ("/", "-"))
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
        if against is not None and word.isascii():
            dated = self._month_and_day(place, None)
            if dated is not None and isinstance(dated.saying, Civil):  # "this April 28"
                return Read(replace(dated.saying, against=against), dated.end)
        civil, behind = self.tail(Civil(month=month, against=against), end)
        company = said or against is not None or behind > end
        if not company and self.word(place) in w.GIVEN_NAMES and self.tokens.raw(end).istitle():
            return None
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
            return Read(Torn((reading, years)), end)
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


def _may_be(order: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of pairs of a month and a day those in range, each once."""
    return [
        (month, day) for month, day in dict.fromkeys(order) if 1 <= month <= 12 and 1 <= day <= 31
    ]
