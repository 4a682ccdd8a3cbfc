"""Days, months and years that are named, in both calendars, and figures that may be such."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from claims.text.dates.calendars import (
    HIJRI_YEARS,
    day_exists,
    day_text,
    from_hijri,
    hijri_month_ends,
    month_may_have,
    month_text,
    shifted,
    to_hijri,
)
from claims.text.dates.found import Inferred, Kind, Problem
from claims.text.dates.outcomes import (
    Context,
    MonthNamed,
    Outcome,
    Saying,
    near_days,
    of_two,
    weekday_problem,
)

_YEARS_TO_A_29TH = 8
"""29 February can be so far away: no century year but each fourth is a leap year."""


@dataclass(frozen=True, slots=True)
class Civil(Saying):
    """Day, month, year and weekday, as far as they are named.

    against: -1 before, 0 in, 1 after the day of publication, said of `against_what`: the month
        or the year.
    """

    day: int | None = None
    month: MonthNamed | None = None
    year: int | None = None
    weekday: int | None = None
    against: int | None = None
    against_what: str = "month"
    hijri_year: bool = False
    inferred: tuple[Inferred, ...] = ()

    @property
    def hijri(self) -> bool:
        return self.hijri_year or (self.month is not None and self.month.hijri)

    @property
    def kind(self) -> Kind:
        return "date" if self.day is not None else "period"

    def resolved(self, context: Context) -> Outcome:
        if self.month is not None and self.month.other is not None:
            return self._torn(self.month, self.month.other, context)
        told = self._in_hijri(context) if self.hijri else self._in_gregorian(context)
        if self.inferred:
            told = replace(told, inferred=(*told.inferred, *self.inferred))
        return self._checked(told, context)

    def _torn(self, named: MonthNamed, other: MonthNamed, context: Context) -> Outcome:
        """Two names of a month that disagree: neither is taken."""
        both = [replace(self, month=replace(m, other=None)) for m in (named, other)]
        told = [saying.resolved(context) for saying in both]
        problem = Problem.of(
            "months_disagree",
            first=named.name,
            first_number=named.number,
            second=other.name,
            second_number=other.number,
        )
        return Outcome.open(
            self.kind,
            relative=self.year is None,
            alternatives=tuple(t.value for t in told if t.value is not None),
            problems=(problem,),
        )

    def _checked(self, told: Outcome, context: Context) -> Outcome:
        """With the problems of weekday and of publication."""
        problems = list(told.problems)
        if (
            self.weekday is not None
            and told.kind == "date"
            and told.first is not None
            and not self._fits_weekday(told.first)
        ):
            problems.append(weekday_problem(told.first, self.weekday))
        if self.year is not None and self.day is not None and not told.inferred and told.first:
            problems += after_publication(told.first, context)
        return replace(told, problems=tuple(problems))

    # Gregorian

    def _in_gregorian(self, context: Context) -> Outcome:
        number = self.month.number if self.month else None
        if self.day is not None and number is not None and not month_may_have(number, self.day):
            return self._no_such_day(number, self.day)
        if self.year is not None:
            return self._of_year(self.year, number)
        if context.published is None or (context.names and self.against is None):
            yearless = None
            if number is not None and self.day is not None:
                yearless = f"XXXX-{number:02}-{self.day:02}"
            return Outcome.open(self.kind, relative=True, yearless=yearless)
        year = context.published.year
        if self.against is not None and self.against_what == "year":
            return replace(self._of_year(year + self.against, number), relative=True)
        if number is None:
            return self._without_month(context, context.published)
        if self.day is None:
            return self._month_without_year(number, context, context.published)
        if self.against == 0:
            return replace(self._of_year(year, number), relative=True)
        past, future = self._last_and_next(number, self.day, context.published)
        if self.against is not None:
            day = past if self.against < 0 else future
            if day == context.published:  # "of last January" is no day of publication
                day = self._other_year(day, self.against)
            if day is None:
                return Outcome.open("date", relative=True)
            return Outcome.of_day(day, relative=True)
        day, others = of_two(past, future, context, self.weekday)
        if day is None:
            return Outcome.open("date", relative=True)
        return Outcome.of_day(
            day, relative=True, inferred=("year",), alternatives=tuple(map(day_text, others))
        )

    def _no_such_day(self, month: int, day: int) -> Outcome:
        return Outcome.open(
            "date", problems=(Problem.of("no_such_day", month=month, day=day, year=self.year),)
        )

    def _of_year(self, year: int, month: int | None) -> Outcome:
        if not 1 <= year <= 9999:
            return Outcome.open(self.kind)
        if month is None:
            return Outcome.of_year(year)
        if self.day is None:
            return Outcome.of_month(year, month)
        if not day_exists(year, month, self.day):
            return self._no_such_day(month, self.day)
        return Outcome.of_day(date(year, month, self.day))

    def _other_year(self, day: date, step: int) -> date | None:
        for years in range(1, _YEARS_TO_A_29TH + 1):
            if day_exists(day.year + step * years, day.month, day.day):
                return day.replace(year=day.year + step * years)
        return None

    def _last_and_next(
        self, month: int, day: int, published: date
    ) -> tuple[date | None, date | None]:
        """The last such day up to publication and the first from it on."""

        def first_of(years: range) -> date | None:
            for year in years:
                if 1 <= year <= 9999 and day_exists(year, month, day):
                    found = date(year, month, day)
                    if (found <= published) if years.step < 0 else (found >= published):
                        return found
            return None

        year = published.year
        return (
            first_of(range(year, year - _YEARS_TO_A_29TH - 1, -1)),
            first_of(range(year, year + _YEARS_TO_A_29TH + 1)),
        )

    def _month_without_year(self, month: int, context: Context, published: date) -> Outcome:
        year = published.year
        past = year if month <= published.month else year - 1
        future = year if month >= published.month else year + 1
        if self.against is not None:
            if self.against == 0:
                chosen = year
            elif self.against < 0:
                chosen = past if month != published.month else year - 1
            else:
                chosen = future if month != published.month else year + 1
            return Outcome.of_month(chosen, month, relative=True)
        nearer = 12 * (future - year) + month - published.month < (
            12 * (year - past) + published.month - month
        )
        forward = context.to_come or (nearer and not context.since)
        chosen, other = (future, past) if forward else (past, future)
        others = (month_text(other, month),) if other != chosen else ()
        return Outcome.of_month(
            chosen, month, relative=True, inferred=("year",), alternatives=others
        )

    def _without_month(self, context: Context, published: date) -> Outcome:
        """A day of a month that is told against publication, or is not told at all."""
        assert self.day is not None
        day = self.day
        if self.against is not None:
            year, month = shifted(published.year, published.month, self.against)
            if not day_exists(year, month, day):
                return self._no_such_day(month, day)
            return Outcome.of_day(date(year, month, day), relative=True)
        days = near_days(published, day, self.weekday)
        past = max((d for d in days if d <= published), default=None)
        future = min((d for d in days if d >= published), default=None)
        # A month is left out mostly where it is the current one.
        this_month = [
            d
            for d in (past, future)
            if d and (d.year, d.month) == (published.year, published.month)
        ]
        chosen, others = of_two(past, future, context, None)
        if len(this_month) == 1 and chosen != this_month[0] and not context.to_come:
            chosen, others = this_month[0], tuple(d for d in (chosen,) if d is not None)
        if chosen is None:
            return Outcome.open("date", relative=True)
        return Outcome.of_day(
            chosen,
            relative=True,
            inferred=("month", "year"),
            alternatives=tuple(map(day_text, others)),
        )

    # Hijri

    def _in_hijri(self, context: Context) -> Outcome:
        number = self.month.number if self.month else None
        if self.day is not None and self.day > 30 and number is not None:
            return replace(self._no_such_day(number, self.day), calendar="hijri")
        if self.year is not None and self.year > HIJRI_YEARS.stop and number is not None:
            return self._of_common_year(self.year, number)
        if self.year is not None:
            return self._of_hijri_year(self.year, number)
        now = to_hijri(context.published) if context.published else None
        if now is None or number is None:
            return Outcome.open(self.kind, relative=True, calendar="hijri")
        year, month, day = now
        if self.against is not None and self.against_what == "year":
            return replace(self._of_hijri_year(year + self.against, number), relative=True)
        here = (number, self.day) if self.day is not None else (number,)
        today = (month, day) if self.day is not None else (month,)
        past = year - (here > today)
        future = year + (here < today)
        if self.against is not None:
            strictly = here == today
            chosen = (
                year
                if self.against == 0
                else (past - strictly if self.against < 0 else future + strictly)
            )
            return replace(self._of_hijri_year(chosen, number), relative=True)
        told = [self._of_hijri_year(y, number) for y in dict.fromkeys((past, future))]
        firsts = [one.first for one in told if one.first is not None]
        if len(firsts) < len(told):
            return Outcome.open(self.kind, relative=True, calendar="hijri")
        first, _others = of_two(firsts[0], firsts[-1], context, None)
        if self.weekday is not None and self.day is not None:
            fitting = [f for f in firsts if self._fits_weekday(f)]
            first = fitting[0] if len(fitting) == 1 else first
        [chosen_one] = [one for one in told if one.first == first]
        return replace(
            chosen_one,
            relative=True,
            inferred=("year",),
            alternatives=tuple(one.value for one in told if one is not chosen_one and one.value),
        )

    def _fits_weekday(self, day: date) -> bool:
        """Whether it can be the weekday that is stated; of a Hijri day also its neighbours."""
        near = range(-1, 2) if self.hijri else range(1)
        return any((day + timedelta(days=n)).isoweekday() == self.weekday for n in near)

    def _of_common_year(self, year: int, month: int) -> Outcome:
        """Ramadan 2019: the one that begins in that year, where there is one alone."""
        near = (year - 622) * 33 // 32
        told = [self._of_hijri_year(hijri, month) for hijri in range(near - 1, near + 3)]
        fitting = [one for one in told if one.first is not None and one.first.year == year]
        return fitting[0] if len(fitting) == 1 else Outcome.open(self.kind, calendar="hijri")

    def _of_hijri_year(self, year: int, month: int | None) -> Outcome:
        if month is None:
            ends = from_hijri(year, 1, 1), from_hijri(year + 1, 1, 1)
            if ends[0] is None or ends[1] is None:
                return Outcome.open(self.kind, calendar="hijri")
            last = ends[1] - timedelta(days=1)
            return Outcome.of_days(ends[0], last, about=True, calendar="hijri")
        if self.day is None:
            span = hijri_month_ends(year, month)
            if span is None:
                return Outcome.open("period", calendar="hijri")
            return Outcome.of_days(*span, about=True, calendar="hijri")
        day = from_hijri(year, month, self.day)
        if day is None and self.day == 30 and (first := from_hijri(year, month, 1)):
            day = first + timedelta(days=29)  # a month that was computed short and seen long
        if day is None:
            return Outcome.open("date", calendar="hijri")
        return Outcome.of_day(day, about=True, calendar="hijri")


def after_publication(first: date, context: Context) -> list[Problem]:
    if context.published is None or context.perhaps_to_come or first <= context.published:
        return []
    return [Problem.of("after_publication", published=day_text(context.published))]


@dataclass(frozen=True, slots=True)
class Torn(Saying):
    """Figures that can be read in several ways, of which none is the usual one."""

    readings: tuple[Saying, ...]

    def resolved(self, context: Context) -> Outcome:
        told = [reading.resolved(context) for reading in self.readings]
        values = tuple(dict.fromkeys(t.value for t in told if t.value is not None))
        return Outcome.open(
            told[0].kind, alternatives=values, relative=any(t.relative for t in told)
        )


@dataclass(frozen=True, slots=True)
class Usual(Saying):
    """What is read in the usual way; the other way is kept. what: that which is usual."""

    reading: Civil
    other: Civil
    what: Inferred = "order"

    def resolved(self, context: Context) -> Outcome:
        told, other = self.reading.resolved(context), self.other.resolved(context)
        if other.value is None or other.value == told.value:
            return told
        if self.reading.weekday is not None and told.problems and not other.problems:
            return replace(other, inferred=(*other.inferred, "order"))
        return replace(
            told,
            inferred=(*told.inferred, self.what),
            alternatives=(*told.alternatives, other.value),
            problems=told.problems if other.problems else (),
        )


@dataclass(frozen=True, slots=True)
class Faulty(Saying):
    """Figures that are meant as a date and name none."""

    problem: Problem

    def resolved(self, context: Context) -> Outcome:
        return Outcome.open("date", problems=(self.problem,))
