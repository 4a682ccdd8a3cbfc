"""Days, months and the like of both calendars, and how they are written in EDTF."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache

from hijridate import Gregorian, Hijri

HIJRI_YEARS = range(1343, 1501)
"""The years for which the Umm al-Qura calendar is known; dates of others are left open."""


def day_exists(year: int, month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]


def month_may_have(month: int, day: int) -> bool:
    """Whether some year has this day."""
    return 1 <= month <= 12 and 1 <= day <= monthrange(2020, month)[1]


def day_text(day: date) -> str:
    return day.isoformat()


def month_text(year: int, month: int) -> str:
    return f"{year:04}-{month:02}"


def month_ends(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def shifted(year: int, month: int, months: int) -> tuple[int, int]:
    """The month so many months later."""
    years, index = divmod(12 * year + month - 1 + months, 12)
    return years, index + 1


def months_away(day: date, months: int) -> date:
    """The same day so many months later, or the last one of that month."""
    year, month = shifted(day.year, day.month, months)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def week_of(day: date) -> tuple[date, date]:
    """Monday to Sunday, as ISO 8601 has it."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date | None:
    """The nth such weekday (1 Monday … 7 Sunday) of a month."""
    first = date(year, month, 1)
    day = 1 + (weekday - first.isoweekday()) % 7 + 7 * (nth - 1)
    return date(year, month, day) if day_exists(year, month, day) else None


@lru_cache(maxsize=1024)
def from_hijri(year: int, month: int, day: int) -> date | None:
    """The civil day by the Umm al-Qura calendar; None where there is no such day or it is unknown.

    Where months begin with a sighting of the moon it can differ by a day, seldom two.
    Source: the library hijridate.
    """
    if year not in HIJRI_YEARS:
        return None
    try:
        return date.fromisoformat(Hijri(year, month, day).to_gregorian().isoformat())
    except ValueError:
        return None


def hijri_month_ends(year: int, month: int) -> tuple[date, date] | None:
    first = from_hijri(year, month, 1)
    last = from_hijri(year, month, 30) or from_hijri(year, month, 29)
    return (first, last) if first and last else None


def to_hijri(day: date) -> tuple[int, int, int] | None:
    """Year, month and day of the Umm al-Qura calendar; None outside of its years."""
    try:
        told = Gregorian.fromdate(day).to_hijri()
    except (OverflowError, ValueError):
        return None
    return told.year, told.month, told.day
