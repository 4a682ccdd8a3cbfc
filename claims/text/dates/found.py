"""What is told of a date that was found in a text, and what can be wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["date", "period"]
Calendar = Literal["gregorian", "hijri"]
Inferred = Literal["day", "month", "year", "week", "order", "calendar"]

KINDS: tuple[Kind, ...] = ("date", "period")
CALENDARS: tuple[Calendar, ...] = ("gregorian", "hijri")
INFERRED: tuple[Inferred, ...] = ("day", "month", "year", "week", "order", "calendar")

MESSAGES: dict[str, tuple[str, str]] = {
    "months_disagree": (
        "The month is named twice and the names disagree: {first} is month {first_number}, "
        "{second} is month {second_number}.",
        "ذُكر الشهر باسمين مختلفين: «{first}» هو الشهر {first_number}، "
        "و«{second}» هو الشهر {second_number}.",
    ),
    "weekday_mismatch": (
        "The weekday does not fit: {date} was a {actual}, not a {stated}.",
        "يوم الأسبوع لا يطابق التاريخ: {date} يوافق {actual_ar}، لا {stated_ar}.",
    ),
    "no_such_day": (
        "The day does not exist: month {month}{of_year} has no day {day}.",
        "هذا اليوم غير موجود: ليس في الشهر {month}{of_year_ar} يوم {day}.",
    ),
    "no_such_month": (
        "The month does not exist: there is no month {month}.",
        "هذا الشهر غير موجود: لا يوجد شهر رقمه {month}.",
    ),
    "after_publication": (
        "The date lies after the article's ({published}), and nothing says that it is to come.",
        "التاريخ لاحق لتاريخ نشر المقال ({published})، ولا شيء في النص يدل على أنه في المستقبل.",
    ),
    "calendars_disagree": (
        "The two calendars disagree: the Hijri date is about {hijri}, the other is {gregorian}.",
        "التقويمان لا يتطابقان: التاريخ الهجري يوافق {hijri} تقريبا، والتاريخ الآخر {gregorian}.",
    ),
    "interval_reversed": (
        "The period ends before it begins.",
        "تنتهي الفترة قبل أن تبدأ.",
    ),
}
"""Everything that can be wrong, by its stable code: the message in English and in Arabic."""

WEEKDAYS_IN_MESSAGES: tuple[tuple[str, str], ...] = (
    ("Monday", "الاثنين"),
    ("Tuesday", "الثلاثاء"),
    ("Wednesday", "الأربعاء"),
    ("Thursday", "الخميس"),
    ("Friday", "الجمعة"),
    ("Saturday", "السبت"),
    ("Sunday", "الأحد"),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about a date that cannot be true. code: a key of MESSAGES, which is stable."""

    code: str
    message: str
    message_ar: str

    @classmethod
    def of(cls, code: str, **told: object) -> Problem:
        english, arabic = MESSAGES[code]
        year = told.get("year")
        told["of_year"] = f" of {year}" if year else ""
        told["of_year_ar"] = f" من عام {year}" if year else ""
        return cls(code, english.format(**told), arabic.format(**told))


@dataclass(frozen=True, slots=True)
class Found:
    """A date of a text.

    start, end: code points of the text, end exclusive.
    value: EDTF, or None where it cannot be told without guessing.
    kind: `date` is one day, `period` all that is longer.
    calendar: that in which the text names it. A value is always Gregorian; that of a Hijri date is
        approximate (`~`), since the civil calendar may differ from the computed one by a day or
        two.
    relative: the text tells it against another day ("yesterday", "last January", "3 May" without
        a year), which is taken to be the day of publication.
    inferred: what the text leaves out and was supplied: a year, a month, a week from the day of
        publication; the order of day and month; the calendar of a year such as 1441.
    alternatives: other values that the words allow, in EDTF.
    problems: what cannot be true about it.
    yearless: where there is no value because the text leaves out the year of a day, or of two that
        are the ends of a period, and there is no day of publication to supply it: the rest of it in
        EDTF, such as XXXX-12-10.
    """

    start: int
    end: int
    value: str | None
    kind: Kind
    calendar: Calendar = "gregorian"
    relative: bool = False
    inferred: tuple[Inferred, ...] = ()
    alternatives: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    yearless: str | None = None
