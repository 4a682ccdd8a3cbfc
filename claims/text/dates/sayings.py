"""What the words of a date say, before and after it is held against the day of publication."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from claims.text.dates.calendars import (
    day_exists,
    day_text,
    from_hijri,
    hijri_month_ends,
    month_ends,
    month_may_have,
    month_text,
    months_away,
    nth_weekday,
    shifted,
    to_hijri,
    week_of,
)
from claims.text.dates.found import WEEKDAYS_IN_MESSAGES, Calendar, Inferred, Kind, Problem
from claims.text.dates.words import EARLY, LATE, MID, REST, SO_FAR

_YEARS_TO_A_29TH = 8


@dataclass(frozen=True, slots=True)
class Context:
    """published: the article's day. What the text around the saying tells:

    to_come: the words before it speak of the future. perhaps_to_come: they may, or those behind it.
    since: it stands behind a word for `since`. names: it names an event ("the attacks of 11
    September"), whose year is not that of the article.
    """

    published: date | None
    to_come: bool = False
    perhaps_to_come: bool = False
    since: bool = False
    names: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """A saying held against its context; see Found. first, last: the days that are meant."""

    value: str | None
    kind: Kind
    first: date | None = None
    last: date | None = None
    calendar: Calendar = "gregorian"
    relative: bool = False
    inferred: tuple[Inferred, ...] = ()
    alternatives: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    precision: str = ""

    @classmethod
    def of_day(cls, day: date, *, about: bool = False, **more: object) -> Outcome:
        value = day_text(day) + ("~" if about else "")
        return cls(value, "date", day, day, precision="day", **more)  # type: ignore[arg-type]

    @classmethod
    def of_days(cls, first: date, last: date, *, about: bool = False, **more: object) -> Outcome:
        mark = "~" if about else ""
        value = f"{day_text(first)}{mark}/{day_text(last)}{mark}"
        return cls(value, "period", first, last, **more)  # type: ignore[arg-type]

    @classmethod
    def of_month(cls, year: int, month: int, *, about: bool = False, **more: object) -> Outcome:
        value = month_text(year, month) + ("~" if about else "")
        first, last = month_ends(year, month)
        return cls(value, "period", first, last, precision="month", **more)  # type: ignore[arg-type]

    @classmethod
    def of_year(cls, year: int, *, about: bool = False, **more: object) -> Outcome:
        value = f"{year:04}" + ("~" if about else "")
        first, last = date(year, 1, 1), date(year, 12, 31)
        return cls(value, "period", first, last, precision="year", **more)  # type: ignore[arg-type]

    @classmethod
    def open(cls, kind: Kind, **more: object) -> Outcome:
        return cls(None, kind, **more)  # type: ignore[arg-type]


def near_days(published: date, day: int, weekday: int | None) -> list[date]:
    """The days of this number in the months around publication, on the weekday if one is said."""
    months = (shifted(published.year, published.month, n) for n in (-1, 0, 1))
    days = [date(y, m, day) for y, m in months if 1 <= y <= 9999 and day_exists(y, m, day)]
    return [d for d in days if weekday is None or d.isoweekday() == weekday]


class Saying:
    """One phrase that names a day or a period."""

    def resolved(self, context: Context) -> Outcome:
        raise NotImplementedError


def _weekday_problem(day: date, weekday: int) -> Problem:
    actual, actual_ar = WEEKDAYS_IN_MESSAGES[day.isoweekday() - 1]
    stated, stated_ar = WEEKDAYS_IN_MESSAGES[weekday - 1]
    return Problem.of(
        "weekday_mismatch",
        date=day_text(day),
        actual=actual,
        actual_ar=actual_ar,
        stated=stated,
        stated_ar=stated_ar,
    )


def _chosen(
    past: date | None, future: date | None, context: Context, weekday: int | None
) -> tuple[date | None, tuple[date, ...]]:
    """Of the last and the next day that fit, the one that is meant, and the other if it may be.

    The weekday decides, then words that look forward or back, then which of them is nearer.
    """
    days = list(dict.fromkeys(day for day in (past, future) if day is not None))
    if weekday is not None and (fitting := [d for d in days if d.isoweekday() == weekday]):
        days = fitting
    if len(days) < 2:
        return (days[0] if days else None), ()
    assert context.published is not None
    forward = days[1] - context.published < context.published - days[0]
    if context.to_come or (forward and not context.since):
        days.reverse()
    return days[0], (days[1],)


@dataclass(frozen=True, slots=True)
class MonthNamed:
    """number: 1 to 12. name: as the text has it. other: a second name that says another month."""

    number: int
    name: str
    hijri: bool = False
    other: MonthNamed | None = None


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
            problems.append(_weekday_problem(told.first, self.weekday))
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
            return Outcome.open(self.kind, relative=True)
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
        day, others = _chosen(past, future, context, self.weekday)
        if day is None:
            return Outcome.open("date", relative=True)
        return Outcome.of_day(
            day, relative=True, inferred=("year",), alternatives=tuple(map(day_text, others))
        )

    def _no_such_day(self, month: int, day: int) -> Outcome:
        return Outcome.open("date", problems=(Problem.of("no_such_day", month=month, day=day),))

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
        chosen, others = _chosen(past, future, context, None)
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
        first, _others = _chosen(firsts[0], firsts[-1], context, None)
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

    readings: tuple[Civil, ...]

    def resolved(self, context: Context) -> Outcome:
        told = [reading.resolved(context) for reading in self.readings]
        values = tuple(dict.fromkeys(t.value for t in told if t.value is not None))
        return Outcome.open(
            told[0].kind, alternatives=values, relative=any(t.relative for t in told)
        )


@dataclass(frozen=True, slots=True)
class Usual(Saying):
    """Figures that are read in the order that is usual in the language; the other is kept."""

    reading: Civil
    other: Civil

    def resolved(self, context: Context) -> Outcome:
        told, other = self.reading.resolved(context), self.other.resolved(context)
        if other.value is None or other.value == told.value:
            return told
        if self.reading.weekday is not None and told.problems and not other.problems:
            return replace(other, inferred=(*other.inferred, "order"))
        return replace(
            told,
            inferred=(*told.inferred, "order"),
            alternatives=(*told.alternatives, other.value),
            problems=told.problems if other.problems else (),
        )


@dataclass(frozen=True, slots=True)
class Faulty(Saying):
    """Figures that are meant as a date and name none."""

    problem: Problem

    def resolved(self, context: Context) -> Outcome:
        return Outcome.open("date", problems=(self.problem,))


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
            problems = (_weekday_problem(day, self.weekday),)
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
            return replace(told, value=None, kind="period", alternatives=())
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


@dataclass(frozen=True, slots=True)
class Between(Saying):
    """From one day or period to another."""

    left: Saying
    right: Saying

    def resolved(self, context: Context) -> Outcome:
        context = replace(context, perhaps_to_come=True)  # periods may well run beyond the day
        left, right = self._ends(context)
        calendar: Calendar = "hijri" if "hijri" in (left.calendar, right.calendar) else "gregorian"
        problems = tuple(dict.fromkeys((*left.problems, *right.problems)))
        told = Outcome(
            None,
            "period",
            left.first,
            right.last,
            calendar=calendar,
            relative=left.relative or right.relative,
            inferred=tuple(dict.fromkeys((*left.inferred, *right.inferred))),
            problems=problems,
        )
        if left.first and right.last and left.first > right.last:
            problem = (Problem.of("interval_reversed"),) if self._both_named() else ()
            return replace(told, first=None, last=None, problems=(*problems, *problem))
        if left.value is None or right.value is None:
            return told
        start, end = left.value.split("/")[0], right.value.split("/")[-1]
        if not start or not end or "X" in start + end:
            return told
        return replace(told, value=f"{start}/{end}")

    def _both_named(self) -> bool:
        """Whether the order of the ends is in the text itself."""
        left, right = self.left, self.right
        return isinstance(left, Civil) and isinstance(right, Civil) and left.hijri == right.hijri

    def _ends(self, context: Context) -> tuple[Outcome, Outcome]:
        """Each end, of which one may take its year or week from the other."""
        left, right = self.left, self.right
        if isinstance(left, Weekday) and left.against is None:
            last = right.resolved(context)
            if last.first is None or last.kind != "date":
                return left.resolved(context), last
            back = (last.first.isoweekday() - left.weekday) % 7
            first = last.first - timedelta(days=back or 7)
            return replace(Outcome.of_day(first, relative=True), inferred=last.inferred), last
        if isinstance(left, Civil) and isinstance(right, Civil):
            if left.year is not None and right.year is None and right.against is None:
                first_told = left.resolved(context)
                told = replace(right, year=left.year, hijri_year=left.hijri_year).resolved(context)
                if _before(told, first_told) and right.month != left.month:
                    told = replace(right, year=left.year + 1).resolved(context)
                return first_told, told
            if left.year is None and left.against is None and not left.hijri and not right.hijri:
                last = right.resolved(context)
                if last.first is None:
                    return left.resolved(context), last
                year = last.first.year
                told = replace(left, year=year).resolved(context)
                if _before(last, told) and right.month != left.month:
                    told = replace(left, year=year - 1).resolved(context)
                return replace(told, relative=last.relative, inferred=last.inferred), last
        return left.resolved(context), right.resolved(context)


def _before(one: Outcome, other: Outcome) -> bool:
    return one.last is not None and other.first is not None and one.last < other.first


@dataclass(frozen=True, slots=True)
class BothCalendars(Saying):
    """The same day by both calendars."""

    hijri: Civil
    gregorian: Saying
    told: dict[str, str] = field(default_factory=dict, compare=False)

    def resolved(self, context: Context) -> Outcome:
        one, other = self.hijri.resolved(context), self.gregorian.resolved(context)
        problems = (*(p for p in one.problems if p.code != "after_publication"), *other.problems)
        if one.first and other.first and one.kind == other.kind == "date":
            away = abs((one.first - other.first).days)
            if away > 2 and not one.relative and not other.relative:
                told = Problem.of(
                    "calendars_disagree",
                    hijri=day_text(one.first),
                    gregorian=day_text(other.first),
                )
                return Outcome.open(
                    "date",
                    calendar="hijri",
                    alternatives=tuple(v for v in (other.value, one.value) if v),
                    problems=(*problems, told),
                )
        return replace(other, calendar="hijri", problems=tuple(dict.fromkeys(problems)))
