"""From one day to another, and one day by two calendars."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from claims.text.dates.calendars import (
    day_text,
)
from claims.text.dates.civil import Civil
from claims.text.dates.found import Calendar, Problem
from claims.text.dates.outcomes import (
    Context,
    Outcome,
    Saying,
)
from claims.text.dates.periods import Weekday


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
        if left.yearless and right.yearless:
            return replace(told, yearless=f"{left.yearless}/{right.yearless}")
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
