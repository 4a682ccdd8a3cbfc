"""What is told of the words of a date, held against the day of publication."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from claims.text.dates.calendars import (
    day_exists,
    day_text,
    month_ends,
    month_text,
    shifted,
)
from claims.text.dates.found import WEEKDAYS_IN_MESSAGES, Calendar, Inferred, Kind, Problem


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
    yearless: str | None = None

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


def weekday_problem(day: date, weekday: int) -> Problem:
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


def of_two(
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
