"""Days, weeks and months as a time zone has them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def begin_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a day, in UTC.

    Where clocks jump over midnight, it is when they jump; where midnight comes twice, the first
    one that is of this day: clocks that go back from midnight stay in the day before once more.
    """
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    at = midnight.astimezone(UTC)
    if at.astimezone(zone).date() < day:
        at = midnight.replace(fold=1).astimezone(UTC)
    return at


def first_day(day: date, every: str) -> date:
    """Of the week or month that it is in."""
    if every == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if every == "month" else day


def next_day(day: date, every: str) -> date:
    """The first day of the next one. day: the first of its own."""
    if every == "month":
        return (day + timedelta(days=31)).replace(day=1)
    return day + timedelta(days=7 if every == "week" else 1)


class Step(NamedTuple):
    """A day, week or month: its first day, and when that begins, as answers spell them."""

    day: str
    begins_at: str
    microseconds: int


def steps(since: datetime, until: datetime, every: str, zone: ZoneInfo) -> Iterator[Step]:
    """All that have an instant from `since` to before `until`."""
    day, end = first_day(since.astimezone(zone).date(), every), microseconds(until)
    while (step := step_of(day, zone)).microseconds < end:
        yield step
        day = next_day(day, every)


@lru_cache(maxsize=20_000)
def step_of(day: date, zone: ZoneInfo) -> Step:
    """Kept, as what a zone's clocks showed takes longer to find than to count what was filed."""
    begin = begin_of(day, zone)
    return Step(day.isoformat(), spelled(begin), microseconds(begin))


def spelled(at: datetime) -> str:
    return f"{at.isoformat(timespec='microseconds')[:26]}Z"


def microseconds(at: datetime) -> int:
    """Since 1970."""
    return (at - EPOCH) // timedelta(microseconds=1)


def instant(at: int) -> datetime:
    return EPOCH + timedelta(microseconds=at)
