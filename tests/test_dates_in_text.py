"""Dates in running text: what is found where, what it means, what is wrong about it."""

import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from claims import dates as edtf
from claims.text.dates import CALENDARS, INFERRED, KINDS, MESSAGES, Found, dates_in
from claims.text.dates import words as w
from claims.text.dates.calendars import from_hijri
from claims.text.sameness import same
from tests.benchmarks import dates as benchmark

PUBLISHED = date(2020, 3, 14)  # a Saturday


def listed(names: str) -> list[str]:
    return [name.strip() for name in names.split("|")]


EGYPTIAN = listed("يناير|فبراير|مارس|أبريل|مايو|يونيو|يوليو|أغسطس|سبتمبر|أكتوبر|نوفمبر|ديسمبر")
LEVANTINE = listed(
    "كانون الثاني|شباط|آذار|نيسان|أيار|حزيران|تموز|آب|أيلول|تشرين الأول|تشرين الثاني|كانون الأول"
)
ALGERIAN = listed("جانفي|فيفري|مارس|أفريل|ماي|جوان|جويلية|أوت|سبتمبر|أكتوبر|نوفمبر|ديسمبر")
MOROCCAN = listed("يناير|فبراير|مارس|أبريل|ماي|يونيو|يوليوز|غشت|شتنبر|أكتوبر|نونبر|دجنبر")
HIJRI = listed(
    "محرم|صفر|ربيع الأول|ربيع الآخر|جمادى الأولى|جمادى الآخرة|رجب|شعبان|رمضان|شوال|ذو القعدة"
    "|ذي الحجة"
)
ENGLISH = listed(
    "January|February|March|April|May|June|July|August|September|October|November|December"
)
WEEKDAYS = listed("الاثنين|الثلاثاء|الأربعاء|الخميس|الجمعة|السبت|الأحد")
ENGLISH_WEEKDAYS = listed("Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday")
UNITS = listed("الأول|الثاني|الثالث|الرابع|الخامس|السادس|السابع|الثامن|التاسع|العاشر")


def ordinal(day: int) -> str:
    """A day of a month as Arabic says it in words."""
    if day <= 10:
        return UNITS[day - 1]
    if day < 20:
        return f"{'الحادي' if day == 11 else UNITS[day - 11]} عشر"
    tens = "العشرين" if day < 30 else "الثلاثين"
    unit = day % 10
    return tens if unit == 0 else f"{'الحادي' if unit == 1 else UNITS[unit - 1]} و{tens}"


def english_ordinal(day: int) -> str:
    ending = "th" if day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def with_digits(zero: str) -> Callable[[str], str]:
    return lambda text: text.translate({48 + n: chr(ord(zero) + n) for n in range(10)})


arabic_indic, persian = with_digits("٠"), with_digits("۰")

FORMS: dict[str, Callable[[date], str]] = {
    "egyptian": lambda d: f"{d.day} {EGYPTIAN[d.month - 1]} {d.year}",
    "levantine": lambda d: f"{d.day} {LEVANTINE[d.month - 1]} {d.year}",
    "algerian": lambda d: f"{d.day} {ALGERIAN[d.month - 1]} {d.year}",
    "moroccan": lambda d: f"{d.day} {MOROCCAN[d.month - 1]} {d.year}",
    "both": lambda d: f"{d.day} {EGYPTIAN[d.month - 1]}/{LEVANTINE[d.month - 1]} عام {d.year}",
    "in brackets": lambda d: f"{d.day} {LEVANTINE[d.month - 1]} ({EGYPTIAN[d.month - 1]}) {d.year}",
    "in words": lambda d: f"{ordinal(d.day)} من {EGYPTIAN[d.month - 1]} {d.year}",
    "of the month": lambda d: f"{ordinal(d.day)} من شهر {LEVANTINE[d.month - 1]} من عام {d.year}",
    "weekday": lambda d: f"{WEEKDAYS[d.weekday()]} {d.day} {EGYPTIAN[d.month - 1]} {d.year}",
    "weekday, comma": lambda d: (
        f"{WEEKDAYS[d.weekday()]}، {d.day} {EGYPTIAN[d.month - 1]}، {d.year}"
    ),
    "arabic digits": lambda d: arabic_indic(f"{d.day} {EGYPTIAN[d.month - 1]} {d.year}"),
    "persian digits": lambda d: persian(f"{d.day} {EGYPTIAN[d.month - 1]} {d.year}"),
    "figures": lambda d: f"{d.year}/{d.month:02}/{d.day:02}",
    "iso": date.isoformat,
    "era": lambda d: f"{d.day} {EGYPTIAN[d.month - 1]} {d.year}م",
    "english": lambda d: f"{d.day} {ENGLISH[d.month - 1]} {d.year}",
    "american": lambda d: f"{ENGLISH[d.month - 1]} {d.day}, {d.year}",
    "short": lambda d: f"{d.day} {ENGLISH[d.month - 1][:3]} {d.year}",
    "ordinal": lambda d: f"{english_ordinal(d.day)} of {ENGLISH[d.month - 1]} {d.year}",
    "english weekday": lambda d: (
        f"{ENGLISH_WEEKDAYS[d.weekday()]}, {ENGLISH[d.month - 1]} {d.day}, {d.year}"
    ),
}
SENTENCES = ("وقع ذلك في {}، ثم انتهى.", "It happened on {} and was over.", "{}", "«{}»", "({}).")

days = st.dates(date(1900, 1, 1), date(2020, 3, 14))


def of(text: str, published: date | None = PUBLISHED, language: str | None = None) -> list[Any]:
    return [
        (text[found.start : found.end], found.value)
        for found in dates_in(text, language, published)
    ]


def codes(text: str, published: date | None = PUBLISHED) -> list[str]:
    return [wrong.code for found in dates_in(text, None, published) for wrong in found.problems]


def sound(text: str, found: list[Found]) -> None:
    """What holds of all that is ever found."""
    for one in found:
        assert 0 <= one.start < one.end <= len(text)
        piece = text[one.start : one.end]
        assert piece == piece.strip()
        for value in (one.value, *one.alternatives):
            if value is not None:
                stated = edtf.parse(value)
                if one.kind == "date":
                    assert stated.precision == "day"
        assert one.value not in one.alternatives
        assert one.kind in KINDS
        assert one.calendar in CALENDARS
        assert set(one.inferred) <= set(INFERRED)
        for wrong in one.problems:
            assert wrong.code in MESSAGES
            assert "{" not in wrong.message + wrong.message_ar
    for before, behind in pairwise(found):
        assert before.end <= behind.start


# --- all forms -----------------------------------------------------------------------------------


@given(day=days, form=st.sampled_from(sorted(FORMS)), sentence=st.sampled_from(SENTENCES))
@example(day=date(2020, 2, 29), form="in words", sentence=SENTENCES[0])
def test_a_day_is_found_again_in_every_form_that_it_can_be_written_in(day, form, sentence):
    written = FORMS[form](day)
    text = sentence.format(written)
    [found] = dates_in(text, None, PUBLISHED)
    sound(text, [found])
    assert same(text[found.start : found.end]) == same(written)
    assert found.value == day.isoformat()
    assert (found.kind, found.calendar, found.relative) == ("date", "gregorian", False)
    assert found.problems == ()


@given(
    day=days,
    form=st.sampled_from(["egyptian", "levantine", "both", "in words", "weekday"]),
    marks=st.lists(st.sampled_from("\u064e\u0651\u0640\u200d\u200f"), min_size=1, max_size=6),
)
def test_vowel_marks_tatweel_and_unseen_characters_change_nothing(day, form, marks):
    written = FORMS[form](day)
    letters = [
        c + marks[at % len(marks)] if "\u0620" <= c <= "\u064a" and at % 3 == 0 else c
        for at, c in enumerate(written)
    ]
    text = "في \u200f" + "".join(letters) + "\u200f، قال"
    [found] = dates_in(text, "ar", PUBLISHED)
    sound(text, [found])
    assert found.value == day.isoformat()


@given(day=days, last=st.integers(0, 27), egyptian=st.booleans())
def test_a_period_is_found_again(day, last, egyptian):
    until = day + timedelta(days=last + 1)
    names = EGYPTIAN if egyptian else LEVANTINE
    first, second = (f"{d.day} {names[d.month - 1]} {d.year}" for d in (day, until))
    [found] = dates_in(f"استمر من {first} إلى {second}.", "ar", PUBLISHED)
    assert found.value == f"{day}/{until}"
    assert found.kind == "period"
    assert not found.problems


@given(
    month=st.integers(1, 12),
    year=st.integers(1900, 2019),
    names=st.sampled_from(
        [
            EGYPTIAN,
            LEVANTINE,
            ALGERIAN,
            MOROCCAN,
            ENGLISH,
        ]
    ),
)
def test_a_month_of_a_year_is_found_in_every_family_of_names(month, year, names):
    assert of(f"في {names[month - 1]} {year}") == [
        (f"{names[month - 1]} {year}", f"{year}-{month:02}")
    ]


@given(
    year=st.integers(1350, 1490),
    month=st.integers(1, 12),
    day=st.integers(1, 29),
    named=st.booleans(),
)
def test_a_hijri_day_is_told_in_the_civil_calendar_as_approximate(year, month, day, named):
    text = f"{day} {HIJRI[month - 1]} {year} هـ" if named else f"{year}/{month}/{day} هـ"
    [found] = dates_in(text, "ar", None)
    assert found.calendar == "hijri"
    assert found.value == f"{from_hijri(year, month, day)}~"
    assert found.end == len(text)


# --- what is wrong -------------------------------------------------------------------------------


@given(day=days, other=st.integers(1, 12), slash=st.booleans())
def test_two_names_of_a_month_either_agree_or_are_told_to_disagree(day, other, slash):
    first, second = EGYPTIAN[day.month - 1], LEVANTINE[other - 1]
    both = f"{first}/{second}" if slash else f"{first} ({second})"
    [found] = dates_in(f"في {day.day} {both} {day.year}", "ar", PUBLISHED)
    if other == day.month:
        assert found.problems == ()
        assert found.value == day.isoformat()
    else:
        assert [wrong.code for wrong in found.problems] == ["months_disagree"]
        assert found.value is None
        assert day.isoformat() in found.alternatives
        assert first in found.problems[0].message
        assert second in found.problems[0].message_ar


@given(day=days, weekday=st.integers(0, 6), english=st.booleans())
def test_a_weekday_either_fits_or_is_told_not_to(day, weekday, english):
    text = (
        f"{ENGLISH_WEEKDAYS[weekday]}, {day.day} {ENGLISH[day.month - 1]} {day.year}"
        if english
        else f"{WEEKDAYS[weekday]} {day.day} {EGYPTIAN[day.month - 1]} {day.year}"
    )
    assert codes(text) == ([] if weekday == day.weekday() else ["weekday_mismatch"])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("في 31 أبريل 2019", "no_such_day"),
        ("في 29 فبراير 2019", "no_such_day"),
        ("في 30 شباط", "no_such_day"),
        ("on 31/4/2019", "no_such_day"),
        ("on 2019-02-30", "no_such_day"),
        ("في 13/13/2019", "no_such_month"),
        ("31 من الشهر المقبل", "no_such_day"),
        ("31 رجب 1441", "no_such_day"),
        ("في 32/1/2019", "no_such_day"),
        ("الجمعة 15 رجب 1441", "weekday_mismatch"),
        ("وأعلن ذلك في 5 مايو 2021", "after_publication"),
        ("it was announced on 5 May 2021", "after_publication"),
        ("اليوم الأحد", "weekday_mismatch"),
        ("today, Sunday", "weekday_mismatch"),
        ("11 جمادى الأولى 1441 هـ الموافق 16 يناير 2020", "calendars_disagree"),
        ("من 10 إلى 5 يناير 2020", "interval_reversed"),
        ("يناير/كانون الأول الماضي", "months_disagree"),
    ],
)
def test_what_cannot_be_true_is_told(text, code):
    [found] = dates_in(text, None, PUBLISHED)
    assert [wrong.code for wrong in found.problems] == [code]
    sound(text, [found])


def test_every_kind_of_problem_is_tried_above():
    [tried] = [
        mark.args[1]
        for mark in test_what_cannot_be_true_is_told.pytestmark
        if mark.name == "parametrize"
    ]
    assert {code for _text, code in tried} == MESSAGES.keys()


@pytest.mark.parametrize(
    "text",
    [
        "سيعقد المؤتمر في 5 مايو 2021",
        "The conference will open on 5 May 2021",
        "من المقرر أن تبدأ في 5 مايو 2021",
        "يستمر حتى 5 مايو 2021",
        "from 1 May 2020 to 5 May 2021",
        "by 2030",
        "اليوم السبت",
        "أمس (الجمعة)",
        "11 جمادى الأولى 1441 هـ الموافق 6 يناير 2020",
        "11 جمادى الأولى 1441 هـ الموافق 7 يناير 2020",
        "يناير/فبراير 2020",
        "29 فبراير 2020",
        "قرار رقم 3-40-2012",
    ],
)
def test_what_may_well_be_is_not_flagged(text):
    assert codes(text) == []


# --- against the day of publication --------------------------------------------------------------

ONE_BY_ONE = [
    ("اليوم", "2020-03-14"), ("أمس", "2020-03-13"), ("أول من أمس", "2020-03-12"),
    ("أمس الأول", "2020-03-12"), ("غدا", "2020-03-15"), ("بعد غد", "2020-03-16"),
    ("اليوم السبت", "2020-03-14"), ("today, Saturday", "2020-03-14"),
    ("the day before yesterday", "2020-03-12"), ("yesterday", "2020-03-13"),
    ("الجمعة الماضي", "2020-03-13"), ("السبت الماضي", "2020-03-07"),
    ("الاثنين المقبل", "2020-03-16"), ("last Friday", "2020-03-13"),
    ("next Monday", "2020-03-16"), ("الثالث من يناير الماضي", "2020-01-03"),
    ("15 من الشهر المقبل", "2020-04-15"), ("20 ديسمبر من العام الماضي", "2019-12-20"),
    ("قبل ثلاثة أيام", "2020-03-11"), ("منذ يومين", "2020-03-12"),
    ("قبل أسبوعين", "2020-02-29~"), ("two weeks ago", "2020-02-29~"),
    ("three days ago", "2020-03-11"), ("قبل شهرين", "2020-01~"), ("a month ago", "2020-02~"),
    ("قبل 5 سنوات", "2015~"), ("five years ago", "2015~"),
    ("قبل بضعة أيام", None), ("a few days ago", None), ("قبل سنوات", None), ("قبل أشهر", None),
    ("قبل عام", "2019~"),
    ("the past year", "2019/2020"), ("last year", "2019"), ("this April 28", "2020-04-28"),
    ("January 3-5, 2020", "2020-01-03/2020-01-05"), ("3 أيام مضت", "2020-03-11"),
    ("بعد أسبوعين من اليوم", "2020-03-28~"),
    ("أواخر فبراير/شباط الماضي", "2020-02-21~/2020-02-29~"),
    ("early February", "2020-02-01~/2020-02-10~"), ("مطلع عام 2019", "2019-01~/2019-04~"),
    ("mid-2019", "2019-05~/2019-08~"), ("سبتمبر الماضي", "2019-09"), ("last March", "2019-03"),
    ("الأسبوع الماضي", "2020-03-02~/2020-03-08~"), ("this month", "2020-03"),
    ("العام المقبل", "2021"), ("القرن الماضي", "19XX"), ("السبعينات", "197X"),
    ("ثمانينيات القرن الماضي", "198X"), ("the 1990s", "199X"),
    ("القرن التاسع عشر", "18XX"), ("القرن الـ19", "18XX"), ("the 19th century", "18XX"),
    ("صيف 2016", "2016-22"), ("last summer", "2019-22"),
    ("الربع الثالث من عام 2019", "2019-07/2019-09"), ("النصف الأول من 2019", "2019-01/2019-06"),
    ("آخر ثلاث سنوات", "2017/2020"), ("السنوات الخمس الماضية", "2015/2020"),
    ("the next two weeks", "2020-03-15~/2020-03-28~"), ("الأيام القليلة الماضية", "/2020-03-14"),
    ("بين عامي 2014 و2018", "2014/2018"), ("2014-2018", "2014/2018"),
    ("من 20 ديسمبر إلى 5 يناير", "2019-12-20/2020-01-05"),
    ("بين 20 يوليو و22 أكتوبر المقبل", "2020-07-20/2020-10-22"),
    ("أول يوم جمعة من يناير 2020", "2020-01-03"), ("the first Friday of July 2019", "2019-07-05"),
    ("أسبوع 30 نوفمبر 2016", "2016-11-28~/2016-12-04~"),
    ("later this year", "2020-03-14/2020-12-31"), ("بقية العام", "2020-03-14/2020-12-31"),
    ("غرة رمضان 1440", "2019-05-06~"), ("رمضان الماضي", "2019-05-06~/2019-06-03~"),
    ("عيد الأضحى الماضي", "2019-08-11~"), ("عيد الفطر 1440 هـ", "2019-06-04~"),
    ("عيد الأضحى 2019", "2019-08-11~"), ("رمضان 2019", "2019-05-06~/2019-06-03~"),
    ("ليلة رأس السنة", "2019-12-31"), ("عيد الشكر 2010", "2010-11-25"), ("عيد الفصح", None),
    ("عيد الاستقلال عام 2019", None), ("Christmas Day 2019", "2019-12-25"),
    ("New Year's Eve", "2019-12-31"), ("عيد الميلاد", "2019-12-25"),
    ("عام ألف وتسعمائة وثمانية وأربعين", "1948"), ("عام مائتين وسبعة وستين", "0267"),
    ("من الجمعة حتى الأحد", "2020-03-06/2020-03-08"), ("13-14 مارس 2019", "2019-03-13/2019-03-14"),
    ("من 20 ديسمبر 2019 إلى 5 يناير", "2019-12-20/2020-01-05"),
    ("من 3 يناير 2020 إلى 5 مارس", "2020-01-03/2020-03-05"), ("from 2014 to 2018", "2014/2018"),
    ("between January 3 and January 5, 2019", "2019-01-03/2019-01-05"),
    ("14 مارس الماضي", "2019-03-14"), ("14 مارس المقبل", "2021-03-14"),
    ("14 مارس الجاري", "2020-03-14"), ("مارس المقبل", "2021-03"), ("29 فبراير", "2020-02-29"),
    ("رمضان المقبل", "2020-04-24~/2020-05-23~"), ("10 رمضان من العام الماضي", "2019-05-15~"),
    ("رجب الجاري", "2020-02-25~/2020-03-24~"), ("20 رجب", "2020-03-15~"),
    ("عام 1441 هـ", "2019-08-31~/2020-08-19~"), ("الاثنين 15 رجب 1441", "2020-03-10~"),
    ("30 صفر 1441", "2019-10-29~"), ("5 رجب 1600 هـ", None), ("شعبان 1600 هـ", None),
    ("عام 1600 هـ", None), ("6 مارس 2020 (11 رجب 1441)", "2020-03-06"),
    ("11 رجب 1441 هـ (6 مارس 2020 م)", "2020-03-06"), ("Fri., 3 Jan. 2020", "2020-01-03"),
    ("Friday the 3rd of January 2020", "2020-01-03"), ("May the 3rd, 2019", "2019-05-03"),
    ("3rd of last January", "2020-01-03"), ("2011-12", None), ("2014-15", "2014/2015"),
    ("3-2020", "2020-03"), ("16/04/21", None), ("last century", "19XX"), ("العشرينيات", "202X"),
    ("السبعينيات من القرن التاسع عشر", "187X"), ("early 1990s", "1990~/1993~"),
    ("أواخر القرن التاسع عشر", "1870~/1899~"), ("mid-summer 2016", "2016-22"),
    ("الأسبوع الماضي من الأربعاء إلى الجمعة", "2020-03-04/2020-03-06"),
    ("نوفمبر بين 19 و20", "2019-11-19/2019-11-20"), ("weekend", "2020-03-14/2020-03-15"),
    ("الأسبوع الثالث من هذا الشهر", "2020-03-16~/2020-03-22~"),
    ("الأسبوع الأول من عام 2015", "2014-12-29~/2015-01-04~"), ("الربع الخامس من عام 2015", None),
    ("خامس جمعة من فبراير 2019", None), ("منتصف الأسبوع المقبل", "2020-03-18~/2020-03-20~"),
    ("عطلة نهاية الأسبوع", "2020-03-13~/2020-03-15~"), ("الأربعاء 3/4/2019", "2019-04-03"),
    ("الجمعة من الأسبوع الماضي", "2020-03-06"), ("أكتوبر.2", "2019-10-02"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "value"), ONE_BY_ONE)
def test_what_is_told_against_the_day_of_publication(written, value):
    for text in (written, f"قيل ({written})."):
        [found] = dates_in(text, None, PUBLISHED)
        sound(text, [found])
        assert found.value == value
        assert not found.problems
    assert text[found.start : found.end] == written.removeprefix("the ") or (
        text[found.start : found.end] == written
    )


@pytest.mark.parametrize(
    "written", ["أمس", "last year", "الثالث من يناير الماضي", "3 May", "الجمعة"]
)
def test_without_a_day_of_publication_they_have_no_value(written):
    [found] = dates_in(written)
    assert found.value is None
    assert found.relative


@pytest.mark.parametrize(
    ("written", "yearless"),
    [
        ("3 May", "XXXX-05-03"),
        ("الأحد 22 يناير/كانون الثاني الجاري", "XXXX-01-22"),
        ("from 3 to 5 May", "XXXX-05-03/XXXX-05-05"),
        ("3 May 2020", None),
        ("in May", None),
        ("the week of 3 May", None),
        ("the first Friday of May", None),
    ],
)
def test_of_a_day_without_a_year_the_rest_is_told(written, yearless):
    assert [found.yearless for found in dates_in(written)] == [yearless]
    assert {found.yearless for found in dates_in(written, None, PUBLISHED)} == {None}


def test_a_year_that_is_left_out_is_the_nearest_and_said_to_be_inferred():
    [found] = dates_in("وقع في 22 يناير", "ar", PUBLISHED)
    assert (found.value, found.inferred) == ("2020-01-22", ("year",))
    assert found.alternatives == ("2021-01-22",)
    [found] = dates_in("سيعقد في 22 يناير", "ar", PUBLISHED)
    assert (found.value, found.alternatives) == ("2021-01-22", ("2020-01-22",))
    [found] = dates_in("الأربعاء 22 يناير", "ar", date(2021, 6, 1))
    assert found.problems[0].code == "weekday_mismatch"
    [found] = dates_in("الجمعة 22 يناير", "ar", date(2020, 9, 1))  # of 2021, not of 2020
    assert (found.value, found.problems) == ("2021-01-22", ())


def test_days_that_share_a_month_are_found_each():
    assert of("في 25 و26 أغسطس 2019") == [("25", "2019-08-25"), ("26 أغسطس 2019", "2019-08-26")]
    assert of("on 5 and 6 January 2019") == [("5", "2019-01-05"), ("6 January 2019", "2019-01-06")]


def test_a_day_that_names_an_event_is_not_given_the_year_of_the_article():
    assert of("بعد ثورة 25 يناير") == [("25 يناير", None)]


@pytest.mark.parametrize(
    ("language", "value", "alternatives"),
    [
        ("ar", "2019-04-03", ("2019-03-04",)),
        ("en-GB", "2019-04-03", ("2019-03-04",)),
        ("en-US", "2019-03-04", ("2019-04-03",)),
        ("en", None, ("2019-04-03", "2019-03-04")),
        (None, None, ("2019-04-03", "2019-03-04")),
    ],
)
def test_the_order_of_figures_is_that_of_the_language_or_left_open(language, value, alternatives):
    [found] = dates_in("3/4/2019", language, PUBLISHED)
    assert (found.value, found.alternatives) == (value, alternatives)


def test_figures_that_allow_one_order_alone_need_no_language():
    assert of("13/4/2019 4/13/2019 2019/4/13") == [
        ("13/4/2019", "2019-04-13"), ("4/13/2019", "2019-04-13"), ("2019/4/13", "2019-04-13"),
    ]  # fmt: skip


def test_a_year_of_the_hijra_in_figures_is_not_taken_for_one_of_the_common_era():
    [found] = dates_in("في 1441/5/11", "ar", PUBLISHED)
    assert (found.value, found.calendar, found.inferred) == ("2020-01-06~", "hijri", ("calendar",))


# --- what is no date -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "صفر أهداف", "مارس الرياضة", "آب إلى بيته", "رجب طيب أردوغان", "الأمين العام الحالي",
        "بعد نحو 3 سنوات من الحرب", "في عيد ميلاده",
        "قبل 3 أيام من الانتخابات", "الساعة 10:30 و12.5%",
        "15 شخصا في 15 مدينة", "اليوم العالمي للكتاب", "version 3.14, 192.168.1.1", "24/7",
        "He may march", "April Ryan asked", "the Sat nav", "a total of 2020 people",
        "the score was 3-2", "I second that",
        "page 12/15", "كل عام وأنتم بخير", "2020 مقعدا", "", " \n ", "ـــــ", "\u200f\u200f",
    ],
)  # fmt: skip
def test_other_words_and_numbers_are_no_dates(text):
    assert of(text) == []


def test_a_date_does_not_go_on_in_the_next_paragraph():
    assert of("المادة 10\nيناير 2020") == [("يناير 2020", "2020-01")]


# --- whatever the text ---------------------------------------------------------------------------

PIECES = sorted(
    {
        *(word for name in w.MONTHS for word in name),
        *w.WEEKDAYS, *w.ORDINALS, *w.CARDINALS, *w.TENS, *w.UNITS, *w.DUALS, *w.AGAINST,
        *w.AGAINST_BEFORE, *w.SEASONS, *w.DECADES, *w.HUNDREDS, *w.THOUSANDS, *w.QUARTERS,
        *w.PREPOSITIONS, *w.THIS, *w.FIRSTS, *w.NTHS, *w.CENTURY, *w.ERA_HIJRI, *w.ERA_COMMON,
        *(word for phrase in (*w.NEAR_DAYS, *w.PORTIONS) for word in phrase),
        "الموافق", "و", "وفبراير", "بين", "ago", "the", "/", "-", ".", ",", "(", ")", "%", "\n",
        "st", "s", "'", "قال", "0", "1", "2", "12", "13", "29", "30", "31", "32", "99", "1441",
        "1300", "2020", "2100", "9999", "٢٠٢٠", "10000", "لل", "ب", "\u200f", "ـ",
    }
)  # fmt: skip
texts = st.lists(
    st.tuples(st.sampled_from(PIECES), st.sampled_from(["", " ", " ", " "])), max_size=30
).map(lambda pieces: "".join(piece + space for piece, space in pieces))
published_days = st.none() | st.dates() | st.just(PUBLISHED)
languages = st.sampled_from([None, "ar", "en", "en-US", "fr"])


@given(text=texts | st.text(max_size=80), published=published_days, language=languages)
@example(text="1 سنه من الان", published=date(1, 1, 1), language="ar")
@example(text="after 9999 years next century", published=date(9999, 12, 31), language="en")
def test_what_is_found_is_sound_whatever_the_text(text, published, language):
    found = dates_in(text, language, published)
    sound(text, found)
    assert dates_in(text, language, published) == found
    assert dates_in(text, language, published, most=1) == found[:1]


GROWING = [
    "الأول ", "يناير ", "يناير/", "كانون ", "الجمعة ", "يوم ", "يوم 1 ", "من ", "من 1 ", "بين 1 و",
    "1 يناير إلى ", "ألف ", "مائة و", "قبل ", "قبل يوم و ", "آخر ", "هذا ", "نهاية ", "العام ",
    "the ", "a ", "one ", "twenty-", "last ", "early ", "in ", "May ", "1/", "1.", "1-", "2014-",
    "1 ", "11/5/1441 ", "ـ", "ي\u064e\u064e\u064e\u064e", "\u200f", "abc", " ", "\n", "(", "و",
    "11 رجب 1441 (", "منذ 1 يوم، ",
]  # fmt: skip


def steps(text: str) -> int:
    """How many functions of Python are called to read a text."""
    count = 0

    def counting(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counting)
    try:
        dates_in(text, None, PUBLISHED)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("piece", GROWING)
def test_the_work_grows_with_the_text_and_no_faster(piece):
    dates_in(piece * 200, None, PUBLISHED)  # what is kept for later is made
    once, twice = steps(piece * 200), steps(piece * 400)
    assert twice <= 2.1 * once + 200
    assert once <= 200 * 1_500


@pytest.mark.timeout(120)
@pytest.mark.unmeasured
def test_a_text_of_a_million_code_points_is_read():
    sentence = "وأعلن العراق تحرير كامل أراضيه في 10 ديسمبر/كانون الأول عام 2017، ثم أعيد ذلك كله. "
    text = (sentence * 20_000)[:1_000_000]
    assert len(dates_in(text, "ar", PUBLISHED, most=20_000)) >= 1_000_000 // len(sentence)


# --- by itself, and by the measure ---------------------------------------------------------------


def test_it_needs_neither_django_nor_settings():
    asked = "import sys, claims.text.dates as d; d.dates_in('أمس'); print('django' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"


@pytest.mark.skipif(
    not benchmark.SHARED.is_dir(), reason="the cases are not ours to copy: see ISNAD_SHARED"
)
def test_of_the_published_cases_of_dates_enough_are_right():
    told = benchmark.measured()["date"]
    assert told.counts["spans"] >= 100
    assert told.span_precision >= 0.85
    assert told.span_recall >= 0.85
    assert told.value_precision >= 0.85
    assert told.value_recall >= 0.85
