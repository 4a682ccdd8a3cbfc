"""Civil dates as people state them: EDTF (ISO 8601-2) levels 0 and 1.

What is a value, by example::

    2017-12-10  2014-09  2017          a day, a month, a year
    2017~  2017-12?  2017-12-10%       approximate, uncertain, both
    2017-21 … 2017-24                  spring, summer, autumn, winter of 2017
    201X  20XX  2017-XX  2017-12-XX  2017-XX-XX     rightmost digits not stated
    -0043  Y17000                      years before 1 and after 9999
    2020-01-03T01:45:00+03:00          a second, to level 0's profile
    2014/2017  2020-02-21~/2020-02-29~ an interval; each end may be qualified
    2014/..  ../2017  2014/  /2017     an end that is open (`..`) or not known (empty)

Stricter than the standard, on purpose: the year 0000 is refused (people mean 1 BC, the year 1 or
nothing by it), and so are intervals that end before they begin or name no date at all.

The grammar is our own because the library `edtf` 5.0.2 takes 2 to 20 ms for each of these, accepts
reversed intervals, and cannot say in which way a date is wrong; the tests hold the two together.

Source: Library of Congress, Extended Date/Time Format (EDTF) Specification, 4 February 2019.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import isleap
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal, NamedTuple

__all__ = ["MAX_LENGTH", "CivilDate", "InvalidDate", "Precision", "parse"]

MAX_LENGTH = 64
"""Code points that a date may have."""

Precision = Literal["century", "decade", "year", "season", "month", "day", "second"]


class InvalidDate(ValueError):
    """The text is not a date that is accepted here.

    reason: an English sentence: what is wrong and how to mend it.
    position: code point offset of the trouble in the text, or None when it has no one place.
    """

    def __init__(self, reason: str, position: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.position = position


@dataclass(frozen=True, slots=True)
class CivilDate:
    """A date as stated, and the calendar days that it can mean (proleptic Gregorian).

    text: as given, which is already its one spelling.
    earliest, latest: the first and the last day meant; None where that end is open or not known,
        or where Python's `date` (years 1 to 9999) cannot hold it. They are strict: `~`, `?` and `%`
        do not widen them. A season's are wide, since level 1 leaves the hemisphere open: spring and
        autumn are their year; summer and winter, which run over New Year in one of the hemispheres,
        reach from 1 December of the year before to 31 March of the year after.
        Of a date with a time they are the day as written, in its own offset.
    approximate: `~` or `%` stands on the date or on an end of it.
    uncertain: `?` or `%` does.
    precision: of a single date; None of an interval. `2017-XX` has the precision of a month.
    """

    text: str
    earliest: date | None
    latest: date | None
    approximate: bool
    uncertain: bool
    precision: Precision | None = None


def parse(text: str) -> CivilDate:
    """The date that `text` states.

    text: at most MAX_LENGTH code points, ASCII, nothing around the date.
    Raises InvalidDate. Answers are kept for the 4,096 dates used last; takes some 10 µs else.
    """
    if len(text) > MAX_LENGTH:
        raise InvalidDate(
            f"a date has at most {MAX_LENGTH} characters; this has {len(text):,}", MAX_LENGTH
        )
    return _parse(text)


@lru_cache(maxsize=4096)
def _parse(text: str) -> CivilDate:
    _refuse_foreign_characters(text)
    if "/" in text:
        return _interval(text)
    if text == "..":
        raise InvalidDate('".." is an end of an interval: write a date beside it, as 2017/..', 0)
    stated = _stated(text, 0)
    return CivilDate(
        text=text,
        earliest=_as_date(stated.first),
        latest=_as_date(stated.last),
        approximate=stated.qualifier in ("~", "%"),
        uncertain=stated.qualifier in ("?", "%"),
        precision=stated.precision,
    )


def _interval(text: str) -> CivilDate:
    if text.count("/") > 1:
        raise InvalidDate(
            "an interval has one slash between its two dates; a day is written 2017-12-10",
            text.index("/", text.index("/") + 1),
        )
    before, after = text.split("/")
    start = None if before in ("", "..") else _stated(before, 0, in_interval=True)
    end = None if after in ("", "..") else _stated(after, len(before) + 1, in_interval=True)
    if start is None and end is None:
        raise InvalidDate("an interval needs a date at one end at least, as 2017/.. or ../2017", 0)
    # Only what no choice of days can make true is refused: 2017/2017-06 may well be.
    if start and end and start.first > end.last:
        raise InvalidDate(
            f"the interval ends ({after}) before it begins ({before}): swap the two dates",
            len(before) + 1,
        )
    qualifiers = {stated.qualifier for stated in (start, end) if stated}
    return CivilDate(
        text=text,
        earliest=_as_date(start.first) if start else None,
        latest=_as_date(end.last) if end else None,
        approximate=not qualifiers.isdisjoint("~%"),
        uncertain=not qualifiers.isdisjoint("?%"),
    )


class _Day(NamedTuple):
    """A calendar day of any year, which `datetime.date` has not; compares as days do."""

    year: int
    month: int
    day: int


class _Stated(NamedTuple):
    """One date, or one end of an interval: the days it can mean, and how surely."""

    first: _Day
    last: _Day
    precision: Precision
    qualifier: str


def _as_date(day: _Day) -> date | None:
    return date(*day) if 1 <= day.year <= 9999 else None


_DATE = re.compile(
    r"(?P<year>-?(?:\d{4}|\d{3}X|\d\dXX))"
    r"(?:-(?P<month>\d\d|XX)"
    r"(?:-(?P<day>\d\d|XX))?)?"
)
_LONG_YEAR = re.compile(r"Y(?P<year>-?[1-9]\d{4,})")
_TIME = re.compile(
    r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
    r"(?P<zone>Z|(?P<sign>[+-])(?P<zone_hour>\d\d)(?::(?P<zone_minute>\d\d))?)?"
)


def _stated(text: str, at: int, *, in_interval: bool = False) -> _Stated:
    """One date; `at` is where it begins in what was given."""
    if _TIME_MARK.search(text):
        if in_interval:
            raise InvalidDate("a date within an interval has no time of day", at + text.index("T"))
        return _with_time(text, at)
    qualifier = text[-1:] if text[-1:] in ("?", "~", "%") else ""
    body = text.removesuffix(qualifier)

    if long_year := _LONG_YEAR.fullmatch(body):
        return _of_years(int(long_year["year"]), int(long_year["year"]), "year", qualifier)

    found = _DATE.fullmatch(body)
    if found is None:
        raise InvalidDate(*_what_is_wrong(text, at))
    if "X" in body and in_interval:
        raise InvalidDate(
            "unspecified digits within an interval are EDTF level 2, which is not accepted: "
            "write the date as far as it is known",
            at + body.index("X"),
        )
    years, month, day = found["year"], found["month"], found["day"]
    if "X" in years:
        return _of_unspecified_year(years, month, at, qualifier)
    year = int(years)
    if year == 0:
        raise InvalidDate(
            "the year 0000 is not accepted: the years are 0001 and on, and -0001 and before", at
        )
    if month is None:
        return _of_years(year, year, "year", qualifier)
    if month == "XX":
        if day not in (None, "XX"):
            raise InvalidDate(
                "a day of an unspecified month is EDTF level 2, which is not accepted: "
                "write the month, or XX for the day too",
                at + found.start("day"),
            )
        return _of_years(year, year, "day" if day else "month", qualifier)
    return _of_month(year, int(month), day, at + found.start("month"), qualifier)


def _of_years(first: int, last: int, precision: Precision, qualifier: str) -> _Stated:
    return _Stated(_Day(first, 1, 1), _Day(last, 12, 31), precision, qualifier)


def _of_unspecified_year(years: str, month: str | None, at: int, qualifier: str) -> _Stated:
    if month is not None:
        raise InvalidDate(
            "a month of an unspecified year is EDTF level 2, which is not accepted: "
            "write the year with all its digits, or the year alone",
            at + len(years) + 1,
        )
    ends = int(years.replace("X", "0")), int(years.replace("X", "9"))
    precision: Precision = "century" if years.endswith("XX") else "decade"
    return _of_years(min(ends), max(ends), precision, qualifier)


_SPRING, _SUMMER, _AUTUMN, _WINTER = range(21, 25)


def _of_month(year: int, month: int, day: str | None, at: int, qualifier: str) -> _Stated:
    """A month, a season or a day; `at` is where the month stands."""
    if _SPRING <= month <= _WINTER:
        if day is not None:
            raise InvalidDate(f"{month} is a season, and a season has no day", at + 3)
        if month in (_SPRING, _AUTUMN):
            return _of_years(year, year, "season", qualifier)
        return _Stated(_Day(year - 1, 12, 1), _Day(year + 1, 3, 31), "season", qualifier)
    if 25 <= month <= 41:
        raise InvalidDate(
            f"{month} for a part of the year is EDTF level 2, which is not accepted: "
            "write the months as an interval, or a season from 21 to 24",
            at,
        )
    if not 1 <= month <= 12:
        raise InvalidDate(f"month {month:02} does not exist: months are 01 to 12", at)
    days = 28 + isleap(year) if month == 2 else 30 if month in (4, 6, 9, 11) else 31
    if day is None:
        return _Stated(_Day(year, month, 1), _Day(year, month, days), "month", qualifier)
    if day == "XX":
        return _Stated(_Day(year, month, 1), _Day(year, month, days), "day", qualifier)
    if not 1 <= int(day) <= days:
        raise InvalidDate(
            f"day {day} does not exist: month {month:02} of {year} has the days 01 to {days}",
            at + 3,
        )
    meant = _Day(year, month, int(day))
    return _Stated(meant, meant, "day", qualifier)


_TIME_MARK = re.compile(r"[\dX~?%]T")


def _with_time(text: str, at: int) -> _Stated:
    """A day and a time of it, to the second, as level 0 has them."""
    day, _, time = text.partition("T")
    stated = _stated(day, at)
    if stated.precision != "day" or "X" in day or stated.qualifier:
        raise InvalidDate("a time needs a whole day before it, as 2020-01-03T01:45:00", at)
    at += len(day) + 1
    if time[-1:] in ("?", "~", "%"):
        raise InvalidDate("a date with a time takes no ?, ~ or %", at + len(time) - 1)
    found = _TIME.fullmatch(time)
    if found is None:
        raise InvalidDate("a time is written 01:45:00, with Z or +03:00 after it where known", at)
    for part, limit in (("hour", 23), ("minute", 59), ("second", 59)):
        if int(found[part]) > limit:
            raise InvalidDate(
                f"{part} {found[part]} does not exist: it is 00 to {limit}", at + found.start(part)
            )
    if found["sign"]:
        hours, minutes = int(found["zone_hour"]), int(found["zone_minute"] or "0")
        if minutes > 59 or 60 * hours + minutes > 14 * 60:
            raise InvalidDate(
                "an offset from UTC is at most 14:00, with minutes from 00 to 59",
                at + found.start("zone"),
            )
        if found["sign"] == "-" and hours == minutes == 0:
            raise InvalidDate("write Z or +00:00 for UTC", at + found.start("zone"))
    return stated._replace(precision="second")


def _refuse_foreign_characters(text: str) -> None:
    if not text:
        raise InvalidDate("the date is empty: write it as 2017-12-10, 2017-12 or 2017", 0)
    found = re.search(r"[^!-~]", text)
    if found is None:
        return
    at, character = found.start(), found[0]
    if text != text.strip():
        at = 0 if text[0].isspace() else len(text.rstrip())
        raise InvalidDate("there is white space around the date: remove it", at)
    if character.isspace():
        raise InvalidDate(
            "a date has no white space in it: write 2017-12-10, with a T before a time", at
        )
    if unicodedata.decimal(character, None) is not None:
        plain = "".join(str(unicodedata.decimal(c, c)) for c in text)
        mended = f": write {plain}" if plain.isascii() and plain.isprintable() else ""
        raise InvalidDate(f"a date is written with the digits 0 to 9{mended}", at)
    if unicodedata.category(character) == "Pd" or character == "\N{MINUS SIGN}":
        raise InvalidDate('the parts of a date are joined by the plain hyphen "-"', at)
    raise InvalidDate(
        f"the character U+{ord(character):04X} has no place in a date: "
        "write it in digits, as 2017-12-10",
        at,
    )


_LEVEL_2 = "is EDTF level 2, which is not accepted"

# What is wrong with a date that does not read as one: the first that is found is told. Each is
# linear, and the text is short; \b and look-arounds keep them from firing inside longer digits.
_FAULTS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), reason)
    for pattern, reason in (
        (r"[\[\]{},]", f"a set of dates {_LEVEL_2}: file a claim for each date"),
        (
            r"(?i:open|unknown)",
            "an end that is open is written .. and one that is not known is left empty, "
            "as 2017/.. or 2017/",
        ),
        (r"\.\.", "an interval is written with a slash, as 2017/2018 or 2017/.."),
        (r"\^", f"a qualified season {_LEVEL_2}: write the season alone"),
        (r"(?<=\d)S(?=\d)", f"a number of significant digits {_LEVEL_2}: write ~ after the year"),
        (r"(?<=\d)E(?=\d)", f"a year in powers of ten {_LEVEL_2}: write all its digits"),
        (
            r"[?~%](?=[?~%]$)",
            "a date ends in one qualifier: ? for uncertain, ~ for approximate, % for both",
        ),
        (
            r"[?~%](?!$)",
            f"a qualifier before or within a date {_LEVEL_2}: write it once, at the end",
        ),
        (
            r"(?<=\d)[xu]+(?![a-z])",
            "a digit that is not specified is written as the capital letter X, as 201X",
        ),
        (
            r"X",
            f"X in this place {_LEVEL_2}: it may stand for the last one or two digits of a year, "
            "for a whole month and day, or for a whole day, as 201X, 20XX, 2017-XX or 2017-12-XX",
        ),
        (r"^Y", "Y stands before years of five digits or more alone, as Y17000"),
        (r"^-?\d{5,}-", "a year of five digits or more stands alone after a Y, as Y17000"),
        (r"^(?:\d{6}|\d{8})(?!\d)", "write hyphens between the parts, as 2017-12-10"),
        (r"^-?\d{5,}", "a year has four digits; a longer one is written with a Y, as Y17000"),
        (r"^\d{1,2}[-.]\d{1,2}[-.]\d{4}", "the year comes first, then month and day: 2017-12-10"),
        (r"^-?\d{1,3}(?!\d)", "a year has four digits, as 0843 or 2017"),
        (
            r"(?<=\d-)\d(?!\d)|(?<=\d-)\d{3,}",
            "month and day have two digits each, as 2017-02-05",
        ),
        (r"[A-Za-z]", "a date is written in digits, year first: 2017-12-10, 2017-12 or 2017"),
        (r"(?<=\d)[.:_]", "the parts of a date are joined by hyphens, as 2017-12-10"),
    )
)


def _what_is_wrong(text: str, at: int) -> tuple[str, int]:
    """The reason and position for a text that no form fits."""
    for fault, reason in _FAULTS:
        if found := fault.search(text):
            return reason, at + found.start()
    begun = _DATE.match(text)
    return (
        "this is not a date: write a day as 2017-12-10, a month as 2017-12, a year as 2017",
        at + (begun.end() if begun else 0),
    )
