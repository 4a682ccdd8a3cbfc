"""What is told against the day of publication, and periods: weeks, decades, parts of a year."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from claims.text.dates.calendars import (
    day_text,
    month_ends,
    month_text,
    months_away,
    nth_weekday,
    shifted,
    week_of,
)
from claims.text.dates.civil import Civil
from claims.text.dates.found import Kind, Problem
from claims.text.dates.outcomes import (
    Context,
    Outcome,
    Saying,
    weekday_problem,
)
from claims.text.dates.words import EARLY, LATE, MID, REST, SO_FAR


@dataclass(frozen=True, slots=True)
class Near(Saying):
    """Today, yesterday …; with the weekday that the text gives it."""

    days: int
    weekday: int | None = None

    def resolved(self, context: Context) -> Outcome:
        if context.published is None:
            return Outcome.open("date", relative=True)
        day = context.published + timedelta(days=self.days)
        problems: tuple[Problem, ...] = ()
        if self.weekday is not None and day.isoweekday() != self.weekday:
            problems = (weekday_problem(day, self.weekday),)
        return Outcome.of_day(day, relative=True, problems=problems)


@dataclass(frozen=True, slots=True)
class Weekday(Saying):
    """A weekday, told against publication (-1, 0: of this week, 1) or not at all."""

    weekday: int
    against: int | None = None

    def resolved(self, context: Context) -> Outcome:
        if context.published is None:
            return Outcome.open("date", relative=True)
        published = context.published
        back = (published.isoweekday() - self.weekday) % 7
        if self.against == 0:
            day = week_of(published)[0] + timedelta(days=self.weekday - 1)
            return Outcome.of_day(day, relative=True)
        if self.against == -1:
            return Outcome.of_day(published - timedelta(days=back or 7), relative=True)
        if self.against == 1:
            return Outcome.of_day(published + timedelta(days=7 - back), relative=True)
        past = published - timedelta(days=back)
        future = published if back == 0 else published + timedelta(days=7 - back)
        day, other = (future, past) if context.to_come else (past, future)
        others = () if day == other else (day_text(other),)
        return Outcome.of_day(day, relative=True, inferred=("week",), alternatives=others)


@dataclass(frozen=True, slots=True)
class Unit(Saying):
    """The last, this or the next week, month, year, decade or century; or a weekday of the week.

    Weeks are those of ISO 8601, from Monday, and approximate, since many begin on Saturday or
    Sunday. A weekend of Arabic texts runs from Friday to Sunday, which has those of all countries.
    """

    unit: str
    against: int
    weekday: int | None = None
    first_weekend_day: int = 6

    def resolved(self, context: Context) -> Outcome:
        kind: Kind = "date" if self.unit == "day" or self.weekday else "period"
        if context.published is None:
            return Outcome.open(kind, relative=True)
        day, against = context.published, self.against
        if self.unit == "day":
            return Outcome.of_day(day + timedelta(days=against), relative=True)
        if self.unit == "week":
            first, last = week_of(day + timedelta(days=7 * against))
            if self.weekday is not None:
                return Outcome.of_day(first + timedelta(days=self.weekday - 1), relative=True)
            told = Outcome.of_days(first, last, about=True, relative=True)
            return replace(told, precision="week")
        if self.unit == "weekend":
            first, last = week_of(day + timedelta(days=7 * against))
            first += timedelta(days=self.first_weekend_day - 1)
            return Outcome.of_days(first, last, about=self.first_weekend_day != 6, relative=True)
        if self.unit == "month":
            return Outcome.of_month(*shifted(day.year, day.month, against), relative=True)
        if self.unit == "year":
            return Outcome.of_year(day.year + against, relative=True)
        if self.unit == "decade":
            return replace(Years(day.year // 10 + against, 10).resolved(context), relative=True)
        return replace(Years(day.year // 100 + against, 100).resolved(context), relative=True)


@dataclass(frozen=True, slots=True)
class Years(Saying):
    """A decade or a century: the year without its last digits."""

    leading: int
    size: int

    def resolved(self, context: Context) -> Outcome:
        first = self.leading * self.size
        unstated = "X" if self.size == 10 else "XX"
        width = 3 if self.size == 10 else 2
        if not 100 <= first <= 9000:
            return Outcome.open("period")
        return Outcome(
            f"{self.leading:0{width}}{unstated}",
            "period",
            date(first, 1, 1),
            date(first + self.size - 1, 12, 31),
            precision="decade" if self.size == 10 else "century",
        )


@dataclass(frozen=True, slots=True)
class Decade(Saying):
    """The seventies: of a century that is told against publication, or the last such decade."""

    decade: int
    against: int | None = None

    def resolved(self, context: Context) -> Outcome:
        if context.published is None:
            return Outcome.open("period", relative=True)
        year = context.published.year
        if self.against is not None:
            leading = 10 * (year // 100 + self.against) + self.decade // 10
            return replace(Years(leading, 10).resolved(context), relative=True)
        century = year // 100 if self.decade <= year % 100 else year // 100 - 1
        told = Years(10 * century + self.decade // 10, 10).resolved(context)
        other = Years(10 * (century - 1) + self.decade // 10, 10).resolved(context)
        near = year - 100 * century - self.decade < 20 and other.value is not None
        return replace(
            told,
            relative=True,
            inferred=("year",),
            alternatives=(other.value,) if near and other.value else (),
        )


@dataclass(frozen=True, slots=True)
class Away(Saying):
    """So many days, weeks, months, years before (-1) or after (1) publication; None: a few.

    sign: 0 where the tense of the sentence says which.
    only_to_come: whether the sentence must speak of the future for it to be told from publication:
        "two days later" is told from another day.
    base: days between publication and the day from which it counts.
    """

    amounts: tuple[tuple[int | None, str], ...]
    sign: int
    about: bool = False
    only_to_come: bool = False
    base: int = 0

    def resolved(self, context: Context) -> Outcome:
        units = {unit for _, unit in self.amounts}
        kind: Kind = "date" if units & {"day", "week"} else "period"
        day = context.published
        untold = self.only_to_come and not context.to_come
        if day is None or untold or any(n is None for n, _ in self.amounts):
            return Outcome.open(kind, relative=True)
        sign = self.sign or (1 if context.to_come else -1)
        try:
            day += timedelta(days=self.base)
            for number, unit in self.amounts:
                step = sign * (number or 0)
                if unit == "day":
                    day += timedelta(days=step)
                elif unit == "week":
                    day += timedelta(days=7 * step)
                else:
                    day = months_away(day, step * _MONTHS_IN[unit])
        except (OverflowError, ValueError):
            return Outcome.open(kind, relative=True)
        if "day" in units:
            return Outcome.of_day(day, about=self.about, relative=True)
        if "week" in units:
            return Outcome.of_day(day, about=True, relative=True)
        if "month" in units:
            return Outcome.of_month(day.year, day.month, about=True, relative=True)
        return Outcome.of_year(day.year, about=True, relative=True)


_MONTHS_IN = {"month": 1, "year": 12, "decade": 120, "century": 1200}


@dataclass(frozen=True, slots=True)
class Lately(Saying):
    """The last (-1) or the next (1) so many days, weeks, …; None: a few."""

    number: int | None
    unit: str
    against: int

    def resolved(self, context: Context) -> Outcome:
        day = context.published
        if day is None:
            return Outcome.open("period", relative=True)
        if self.number is None:
            value = f"/{day_text(day)}" if self.against < 0 else f"{day_text(day)}/"
            return Outcome(value, "period", None, None, relative=True)
        try:
            if self.unit in ("day", "week"):
                days = self.number * (7 if self.unit == "week" else 1)
                ends = (-days, -1) if self.against < 0 else (1, days)
                first, last = (day + timedelta(days=n) for n in ends)
                return Outcome.of_days(first, last, about=self.unit == "week", relative=True)
            far = months_away(day, self.against * self.number * _MONTHS_IN[self.unit])
        except (OverflowError, ValueError):
            return Outcome.open("period", relative=True)
        first, last = sorted((day, far))
        if self.unit == "month":
            value = f"{month_text(first.year, first.month)}/{month_text(last.year, last.month)}"
        else:
            value = f"{first.year:04}/{last.year:04}"
        return Outcome(value, "period", first, last, relative=True)


@dataclass(frozen=True, slots=True)
class NthWeekday(Saying):
    """The nth such weekday of a month."""

    nth: int
    weekday: int
    of: Saying

    def resolved(self, context: Context) -> Outcome:
        return _within(
            self.of,
            context,
            "date",
            lambda day: nth_weekday(day.year, day.month, self.weekday, self.nth),
        )


def _within(
    of: Saying, context: Context, kind: Kind, choose: Callable[[date], date | None]
) -> Outcome:
    """A day of each month that `of` may mean."""
    told = of.resolved(context)
    if told.first is None:
        return replace(told, value=None, kind=kind, alternatives=())
    day = choose(told.first)
    if day is None:
        return Outcome.open(kind, relative=told.relative)
    others = []
    for value in told.alternatives:
        if len(value) == 7:
            other = choose(date.fromisoformat(value + "-01"))
            if other is not None:
                others.append(day_text(other))
    return Outcome.of_day(
        day, relative=told.relative, inferred=told.inferred, alternatives=tuple(others)
    )


@dataclass(frozen=True, slots=True)
class PartOf(Saying):
    """The nth week of a month or year; the nth quarter or half of a year. months: 3 or 6; 0: week.

    The first week of a month is that with its first Monday; that of a year has its 4 January.
    """

    nth: int
    months: int
    of: Saying

    def resolved(self, context: Context) -> Outcome:
        told = self.of.resolved(context)
        if told.first is None or told.last is None:
            return replace(told, value=None, alternatives=())
        year = told.first.year
        if self.months:
            if self.nth * self.months > 12:
                return Outcome.open("period")
            start, end = 1 + (self.nth - 1) * self.months, self.nth * self.months
            value = f"{month_text(year, start)}/{month_text(year, end)}"
            return Outcome(
                value,
                "period",
                date(year, start, 1),
                month_ends(year, end)[1],
                relative=told.relative,
                inferred=told.inferred,
            )
        first: date | None = None
        if told.precision == "month":
            first = nth_weekday(year, told.first.month, 1, self.nth)
        elif told.precision == "year" and self.nth <= 52:
            first = date.fromisocalendar(year, self.nth, 1)
        if first is None:
            return Outcome.open("period", relative=told.relative)
        last = first + timedelta(days=6)
        return Outcome.of_days(
            first, last, about=True, relative=told.relative, inferred=told.inferred
        )


@dataclass(frozen=True, slots=True)
class Unplaced(Saying):
    """A holiday that moves, or that is on different days in different countries."""

    def resolved(self, context: Context) -> Outcome:
        return Outcome.open("date", relative=True)


@dataclass(frozen=True, slots=True)
class Season(Saying):
    """A season of a year, or of one that is told against publication."""

    season: int
    year: int | None
    against: int | None = None

    def resolved(self, context: Context) -> Outcome:
        if self.year is not None:
            return Outcome(f"{self.year:04}-{self.season}", "period", precision="season")
        if context.published is None or self.against is None:
            return Outcome.open("period", relative=True)
        year, month = context.published.year, context.published.month
        begins = 3 * (self.season - 21) + 3
        if self.against > 0 and month >= begins:
            year += 1
        elif self.against < 0 and month < begins + 3:
            year -= 1
        return Outcome(f"{year:04}-{self.season}", "period", relative=True, precision="season")


@dataclass(frozen=True, slots=True)
class Portion(Saying):
    """Early, mid or late in a month, year, week, decade or century, which is approximate."""

    portion: str
    of: Saying

    def resolved(self, context: Context) -> Outcome:
        told = self.of.resolved(context)
        if told.first is None or told.last is None:
            return replace(told, value=told.value if told.precision == "season" else None)
        if self.portion in (REST, SO_FAR):
            return self._beside(told, context.published)
        value = _narrowed(told, self.portion)
        if value is None:
            return replace(told, value=None)
        return replace(told, value=value, kind="period", alternatives=(), precision="")

    def _beside(self, told: Outcome, published: date | None) -> Outcome:
        """What is left of a period on the day of publication, or what has gone by of it."""
        assert told.first is not None
        assert told.last is not None
        if published is None or not told.first <= published <= told.last:
            return replace(told, value=None, alternatives=())
        ends = (published, told.last) if self.portion == REST else (told.first, published)
        return Outcome.of_days(*ends, relative=True)


@dataclass(frozen=True, slots=True)
class WeekOf(Saying):
    """The week, Monday to Sunday, that has a day in it."""

    of: Civil

    def resolved(self, context: Context) -> Outcome:
        told = self.of.resolved(context)
        if told.first is None or told.kind != "date":
            return replace(told, value=None, kind="period", alternatives=(), yearless=None)
        others = [
            week_of(date.fromisoformat(value)) for value in told.alternatives if len(value) == 10
        ]
        first, last = week_of(told.first)
        return replace(
            told,
            value=f"{day_text(first)}~/{day_text(last)}~",
            kind="period",
            first=first,
            last=last,
            alternatives=tuple("/".join(f"{day_text(d)}~" for d in week) for week in others),
        )


def _narrowed(told: Outcome, portion: str) -> str | None:
    first, last = told.first, told.last
    assert first is not None
    assert last is not None
    if told.precision == "month":
        days = {EARLY: (1, 10), MID: (11, 20), LATE: (21, last.day)}[portion]
        return "/".join(day_text(first.replace(day=day)) + "~" for day in days)
    if told.precision == "year":
        months = {EARLY: (1, 4), MID: (5, 8), LATE: (9, 12)}[portion]
        return "/".join(month_text(first.year, month) + "~" for month in months)
    if told.precision in ("decade", "century"):
        size = 1 if told.precision == "decade" else 10
        years = {EARLY: (0, 3), MID: (4, 6), LATE: (7, 9)}[portion]
        ends = (first.year + size * years[0], first.year + size * years[1] + size - 1)
        return "/".join(f"{year:04}~" for year in ends)
    days_long = (last - first).days
    if days_long < 2:
        return None
    third = (days_long + 1) // 3
    starts = {EARLY: 0, MID: third, LATE: days_long - third + 1}
    begin = first + timedelta(days=starts[portion])
    end = begin + timedelta(days=third - 1) if portion != MID else last - timedelta(days=third)
    return f"{day_text(begin)}~/{day_text(end)}~"
