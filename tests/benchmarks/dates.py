"""How well dates are found in Arabic sentences, by the published cases of Recognizers-Text.

Read from the shared folder (ISNAD_SHARED), never copied. What counts is said in `docs/dates.md`:

- Cases are those of dates, periods, and of the models that take all kinds together. Those of
  holidays, which are names, are told apart; those of times of day and durations are only held
  against dates found where there are none.
- A span is right when it is exactly the same, but for white space at its ends. Where a case gives
  no place for its text (-1), the text's first occurrence is meant; a case without one is left out.
- A value is right when it is one of the resolutions of the case, of which there are two where the
  year is left out. Ends of ours are inclusive, theirs exclusive; marks of approximation are left
  out. A value is asked of each case that has one.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from claims import dates as edtf
from claims.text.dates import Found, dates_in
from tests.benchmarks.goals import Goal

SHARED = Path(os.environ.get("ISNAD_SHARED") or Path(__file__).parents[3] / "shared") / "dates"
ASKED = ("DateExtractor", "DateParser", "DatePeriodExtractor", "DatePeriodParser")
HOLIDAYS = ("HolidayExtractor", "HolidayParser")
MIXED = ("MergedExtractor", "MergedParser", "DateTimeModel")
WITHOUT = ("TimeExtractor", "TimeParser", "DurationExtractor", "DurationParser")
LEAST = 0.85  # of precision and recall of dates
KINDS = {"date": "date", "daterange": "period"}


@dataclass
class Expected:
    """kind: date, period, or other. days: for each resolution its first and last day."""

    start: int
    end: int
    kind: str
    days: list[tuple[date, date]] = field(default_factory=list)


@dataclass
class Case:
    name: str
    text: str
    published: date | None
    expected: list[Expected]


@dataclass
class Tally:
    """What was found, expected and right, of spans and of values; and what was not right."""

    counts: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)

    def rate(self, right: str, of: str) -> float:
        return self.counts[right] / self.counts[of] if self.counts[of] else 1.0

    @property
    def span_precision(self) -> float:
        return self.rate("found and right", "found")

    @property
    def span_recall(self) -> float:
        return self.rate("spans right", "spans")

    @property
    def value_precision(self) -> float:
        return self.rate("values right", "values told")

    @property
    def value_recall(self) -> float:
        return self.rate("values right", "values")


def cases(folder: Path = SHARED, names: tuple[str, ...] = ASKED + MIXED) -> Iterator[Case]:
    for name in names:
        for told in json.loads((folder / f"{name}.json").read_text(encoding="utf-8-sig")):
            reference = (told.get("Context") or {}).get("ReferenceDateTime")
            yield Case(
                name,
                told["Input"],
                date.fromisoformat(reference[:10]) if reference else None,
                [
                    found
                    for result in told["Results"]
                    if (found := expected(told["Input"], result)) is not None
                ],
            )


def expected(text: str, result: dict[str, Any]) -> Expected | None:
    """None where the text that a case wants is not in its input."""
    words, start = result["Text"], result["Start"]
    length = result["Length"] if "Length" in result else result["End"] - start + 1
    if start < 0:
        start, length = spelled(text).find(spelled(words.strip())), len(words.strip())
        if start < 0:
            return None
    found = text[start : start + length]
    start += len(found) - len(found.lstrip())
    kind = str(result.get("Type") or result["TypeName"]).removeprefix("datetimeV2.")
    return Expected(
        start,
        start + len(found.strip()),
        KINDS.get(kind, "other"),
        list(resolutions(result)),
    )


def spelled(text: str) -> str:
    """With one form of alef, in which some cases differ from their own input."""
    return text.translate(dict.fromkeys(map(ord, "أإآ"), "ا"))


def resolutions(result: dict[str, Any]) -> Iterator[tuple[date, date]]:
    """First and last day of each resolution that a case has."""
    value = result.get("Value") or {}
    told = [value.get("FutureResolution") or {}, value.get("PastResolution") or {}]
    listed = value.get("values")
    if listed is None and isinstance(result.get("Resolution"), dict):
        listed = result["Resolution"]["values"]
    for one in listed or []:
        if one.get("type") == "date":
            told.append({"date": one.get("value")})
        elif one.get("type") == "daterange" and "start" in one and "end" in one:
            told.append({"startDate": one["start"], "endDate": one["end"]})
    for one in told:
        try:
            if "date" in one:
                day = date.fromisoformat(one["date"])
                if day.year > 1:
                    yield day, day
            elif "startDate" in one and "endDate" in one:
                last = date.fromisoformat(one["endDate"]) - timedelta(days=1)
                first = date.fromisoformat(one["startDate"])
                yield first, max(first, last)
        except ValueError:
            continue  # "not resolved"


def days_of(found: Found) -> tuple[date | None, date | None]:
    if found.value is None:
        return None, None
    told = edtf.parse(found.value)
    return told.earliest, told.latest


def right(found: Found, wanted: Expected) -> bool:
    """Whether the value is one of the resolutions.

    Their ends of periods between two named days are inclusive in the same notation, so that both
    readings of the last day are taken for a period.
    """
    first, last = days_of(found)
    if first is None or last is None:
        return False
    more = (0, 1) if wanted.kind == "period" else (0,)
    return any(first == a and last in {b + timedelta(days=n) for n in more} for a, b in wanted.days)


def measured(folder: Path = SHARED, names: tuple[str, ...] = ASKED + MIXED) -> dict[str, Tally]:
    tallies = {"date": Tally(), "period": Tally()}
    for case in cases(folder, names):
        found = dates_in(case.text, "ar", case.published)
        count(case, found, tallies)
    return tallies


def count(case: Case, found: list[Found], tallies: dict[str, Tally]) -> None:
    spans = {(f.start, f.end): f for f in found}
    wanted_spans = {(e.start, e.end) for e in case.expected if e.kind != "other"}
    others = [e for e in case.expected if e.kind == "other"]
    for one in found:
        within = any(e.start < one.end and one.start < e.end for e in others)
        if (one.start, one.end) not in wanted_spans and within:
            continue  # a date with a time of day, which has a span of its own
        tally = tallies[one.kind]
        tally.counts["found"] += 1
        tally.counts["found and right"] += (one.start, one.end) in wanted_spans
        if (one.start, one.end) not in wanted_spans:
            tally.missed.append(f"+ {case.text[one.start : one.end]!r} in {case.text!r}")
    for wanted in case.expected:
        if wanted.kind == "other":
            continue
        tally = tallies[wanted.kind]
        tally.counts["spans"] += 1
        same = spans.get((wanted.start, wanted.end))
        tally.counts["spans right"] += same is not None
        if same is None:
            tally.missed.append(f"- {case.text[wanted.start : wanted.end]!r} in {case.text!r}")
        if wanted.days:
            near = same or next(
                (f for f in found if f.start < wanted.end and wanted.start < f.end), None
            )
            tally.counts["values"] += 1
            tally.counts["values told"] += near is not None and near.value is not None
            ok = near is not None and right(near, wanted)
            tally.counts["values right"] += ok
            if not ok:
                told = None if near is None else near.value
                tally.missed.append(f"= {told} for {wanted.days} in {case.text!r}")


def found_without(folder: Path = SHARED) -> tuple[int, int]:
    """In how many sentences without any date one is found, and of how many."""
    without = [
        case for case in cases(folder, WITHOUT) if all(e.kind == "other" for e in case.expected)
    ]
    return sum(bool(dates_in(case.text, "ar", case.published)) for case in without), len(without)


def told(*, all_of_it: bool = False) -> Iterator[str | Goal]:
    """The table, and what was not right where that is asked for."""
    tallies = measured()
    yield f"{'':8}  spans  precision  recall  values  precision recall"
    with_holidays = measured(names=ASKED + MIXED + HOLIDAYS)["date"]
    for kind, tally in {**tallies, "date (*)": with_holidays}.items():
        yield (
            f"{kind:8} {tally.counts['spans']:6} {tally.span_precision:10.3f} "
            f"{tally.span_recall:7.3f} {tally.counts['values']:7} {tally.value_precision:10.3f} "
            f"{tally.value_recall:6.3f}"
        )
    yield "(*) with the cases of holidays by their names"
    for what in ("span_precision", "span_recall", "value_precision", "value_recall"):
        figure = getattr(tallies["date"], what)
        yield Goal(f"dates: {what.replace('_', ', ')}", [figure], LEAST, unit="")
    wrongly, of = found_without()
    yield f"sentences of times and durations in which a date is found: {wrongly} of {of}"
    if all_of_it:
        for kind, tally in tallies.items():
            yield from (f"{kind}: {line}" for line in tally.missed)
