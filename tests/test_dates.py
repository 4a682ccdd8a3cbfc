"""Civil dates: which texts are dates, which days they mean, and how the others are refused."""

from datetime import date

import pytest
from edtf import parse_edtf
from hypothesis import given
from hypothesis import strategies as st

from claims import dates
from claims.dates import MAX_LENGTH, InvalidDate, parse


def attempt(text):
    """The date and None, or None and the refusal."""
    try:
        return parse(text), None
    except InvalidDate as refused:
        return None, refused


MEANT = [
    # text, earliest, latest, approximate, uncertain, precision
    ("2017-12-10", "2017-12-10", "2017-12-10", False, False, "day"),
    ("2014-09", "2014-09-01", "2014-09-30", False, False, "month"),
    ("2020-02", "2020-02-01", "2020-02-29", False, False, "month"),
    ("1900-02", "1900-02-01", "1900-02-28", False, False, "month"),
    ("2017", "2017-01-01", "2017-12-31", False, False, "year"),
    ("0001", "0001-01-01", "0001-12-31", False, False, "year"),
    ("9999", "9999-01-01", "9999-12-31", False, False, "year"),
    ("2017~", "2017-01-01", "2017-12-31", True, False, "year"),
    ("2017-12?", "2017-12-01", "2017-12-31", False, True, "month"),
    ("2017-12-10%", "2017-12-10", "2017-12-10", True, True, "day"),
    ("201X", "2010-01-01", "2019-12-31", False, False, "decade"),
    ("20XX", "2000-01-01", "2099-12-31", False, False, "century"),
    ("201X~", "2010-01-01", "2019-12-31", True, False, "decade"),
    ("2017-XX", "2017-01-01", "2017-12-31", False, False, "month"),
    ("2017-02-XX", "2017-02-01", "2017-02-28", False, False, "day"),
    ("2017-XX-XX", "2017-01-01", "2017-12-31", False, False, "day"),
    ("2017-21", "2017-01-01", "2017-12-31", False, False, "season"),
    ("2017-22", "2016-12-01", "2018-03-31", False, False, "season"),
    ("2017-23~", "2017-01-01", "2017-12-31", True, False, "season"),
    ("2017-24", "2016-12-01", "2018-03-31", False, False, "season"),
    ("9999-24", "9998-12-01", None, False, False, "season"),
    ("-0043", None, None, False, False, "year"),
    ("-0044-03-15", None, None, False, False, "day"),
    ("-0004-02-29", None, None, False, False, "day"),
    ("-201X", None, None, False, False, "decade"),
    ("Y17000", None, None, False, False, "year"),
    ("Y-17000", None, None, False, False, "year"),
    ("2020-01-03T01:45:00", "2020-01-03", "2020-01-03", False, False, "second"),
    ("2020-01-03T01:45:00Z", "2020-01-03", "2020-01-03", False, False, "second"),
    ("2020-01-03T01:45:00+03:00", "2020-01-03", "2020-01-03", False, False, "second"),
    ("2020-01-03T01:45:00-04", "2020-01-03", "2020-01-03", False, False, "second"),
    ("2014/2017", "2014-01-01", "2017-12-31", False, False, None),
    ("2017-12-10/2017-12", "2017-12-10", "2017-12-31", False, False, None),
    ("2017/2017-06", "2017-01-01", "2017-06-30", False, False, None),
    ("2020-02-21~/2020-02-29~", "2020-02-21", "2020-02-29", True, False, None),
    ("1984?/2004-06~", "1984-01-01", "2004-06-30", True, True, None),
    ("2017/2018%", "2017-01-01", "2018-12-31", True, True, None),
    ("2017-21/2017-23", "2017-01-01", "2017-12-31", False, False, None),
    ("2017/..", "2017-01-01", None, False, False, None),
    ("../2017", None, "2017-12-31", False, False, None),
    ("2017~/", "2017-01-01", None, True, False, None),
    ("/2017", None, "2017-12-31", False, False, None),
    ("-0043/2017", None, "2017-12-31", False, False, None),
]


@pytest.mark.parametrize(
    ("text", "earliest", "latest", "approximate", "uncertain", "precision"), MEANT
)
def test_a_date_means_these_days(text, earliest, latest, approximate, uncertain, precision):
    meant = parse(text)
    assert meant.text == text
    assert meant.earliest == (date.fromisoformat(earliest) if earliest else None)
    assert meant.latest == (date.fromisoformat(latest) if latest else None)
    assert (meant.approximate, meant.uncertain) == (approximate, uncertain)
    assert meant.precision == precision


REFUSED = [
    # text, position, what the reason says
    ("", 0, "empty"),
    ("2017-13", 5, "month 13 does not exist: months are 01 to 12"),
    ("2017-13-45", 5, "month 13 does not exist"),
    ("2017-00", 5, "month 00 does not exist"),
    ("2017-02-30", 8, "day 30 does not exist: month 02 of 2017 has the days 01 to 28"),
    ("1900-02-29", 8, "01 to 28"),
    ("2017-04-31", 8, "01 to 30"),
    ("2017-12-00", 8, "day 00 does not exist"),
    ("-0001-02-29", 9, "01 to 28"),
    ("2015/2017-02-30", 13, "day 30 does not exist"),
    ("0000", 0, "the year 0000 is not accepted"),
    ("-0000", 0, "the year 0000 is not accepted"),
    ("0000-01-01", 0, "the year 0000 is not accepted"),
    ("2017/2016", 5, "ends (2016) before it begins (2017)"),
    ("2017-12-10/2017-12-09", 11, "before it begins"),
    ("2017/-0043", 5, "before it begins"),
    ("Y17000/2017", 7, "before it begins"),
    ("..", 0, "end of an interval"),
    ("/", 0, "a date at one end at least"),
    ("../..", 0, "a date at one end at least"),
    ("2017/12/10", 7, "one slash"),
    ("10/12/2017", 5, "one slash"),
    (" 2017", 0, "white space around"),
    ("2017\n", 4, "white space around"),
    ("10 December 2017", 2, "no white space in it"),
    ("2017\x00", 4, "U+0000"),
    ("\ud800", 0, "U+D800"),
    ("2017é", 4, "U+00E9"),
    ("٢٠١٧-١٢", 0, "digits 0 to 9: write 2017-12"),
    ("۲۰۱۷", 0, "digits 0 to 9: write 2017"),
    ("٢٠١٧ م", 0, "digits 0 to 9"),
    ("2017 م", 4, "no white space in it"),
    ("2017–12", 4, "plain hyphen"),
    ("1" * (MAX_LENGTH + 1), MAX_LENGTH, "at most 64 characters; this has 65"),
    ("1" * MAX_LENGTH, 0, "a year has four digits"),
    ("20171210", 0, "write hyphens"),
    ("201712", 0, "write hyphens"),
    ("12017-01", 0, "stands alone after a Y"),
    ("Y2017", 0, "Y stands before years of five digits or more"),
    ("Y17000-01", 0, "Y stands before years of five digits or more"),
    ("10-12-2017", 0, "the year comes first"),
    ("17", 0, "a year has four digits"),
    ("2017-1-5", 5, "two digits each"),
    ("2017-12-1", 8, "two digits each"),
    ("2017.12.10", 4, "joined by hyphens"),
    ("yesterday", 0, "written in digits"),
    ("2017-", 4, "this is not a date"),
    ("~", 0, "this is not a date"),
    ("2017/unknown", 5, "left empty"),
    ("2017-21-03", 8, "a season has no day"),
    ("2020-01T10:00:00", 0, "a whole day before it"),
    ("2020-XX-XXT10:00:00", 0, "a whole day before it"),
    ("2020-01-03T10:00", 11, "a time is written 01:45:00"),
    ("2020-01-03T24:00:00", 11, "hour 24 does not exist"),
    ("2020-01-03T10:60:00", 14, "minute 60 does not exist"),
    ("2020-01-03T10:00:60", 17, "second 60 does not exist"),
    ("2020-01-03T10:00:00+14:01", 19, "at most 14:00"),
    ("2020-01-03T10:00:00-00:00", 19, "write Z or +00:00"),
    ("2020-01-03T10:00:00~", 19, "takes no ?, ~ or %"),
    ("2020-01-03T10:00:00/2021", 10, "no time of day"),
    ("2017~~", 4, "ends in one qualifier"),
    ("199x", 3, "capital letter X"),
    ("199u", 3, "capital letter X"),
]


@pytest.mark.parametrize(("text", "position", "says"), REFUSED)
def test_what_is_no_date_is_refused_with_place_and_remedy(text, position, says):
    with pytest.raises(InvalidDate) as refused:
        parse(text)
    assert says in refused.value.reason
    assert refused.value.position == position


@pytest.mark.parametrize(
    "text",
    [
        *("?2017", "2017?-12", "2004-06-~11", "156X-12-25", "1XXX", "XXXX", "2017-1X"),
        *("2017-XX-10", "2017-12-1X", "1950S2", "Y17E8", "2017-25", "2017-41", "[1667,1668]"),
        *("{1667,1668}", "2004-06-XX/2004-07-03", "2017-21^x"),
    ],
)
def test_level_2_is_refused_by_name(text):
    with pytest.raises(InvalidDate, match="level 2"):
        parse(text)


def test_the_seeds_dates_are_dates():
    for text in ("2014-09", "2020-02", "2017-12-10", "2020-01-06", "2020-03-14"):
        assert parse(text).earliest


@given(st.dates())
def test_every_day_of_pythons_calendar_is_a_date_and_means_itself(day):
    meant = parse(day.isoformat())
    assert (meant.earliest, meant.latest, meant.precision) == (day, day, "day")


@given(st.dates(), st.dates())
def test_an_interval_is_accepted_exactly_when_it_does_not_run_backwards(one, other):
    text = f"{one}/{other}"
    if one <= other:
        assert (parse(text).earliest, parse(text).latest) == (one, other)
    else:
        with pytest.raises(InvalidDate, match="before it begins"):
            parse(text)


date_like = st.text("0123456789-/X~?%.TYZ:+SE[] ", max_size=MAX_LENGTH)
forms = st.from_regex(
    r"\A(\.\.|-?[0-2]\d{2}[\dX](-([012][\d]|XX)(-([0-3]\d|XX))?)?[~?%]?|Y-?[1-9]\d{4,6})?"
    r"(/(\.\.|-?[0-2]\d{3}(-[01]\d(-[0-3]\d)?)?[~?%]?)?)?\Z"
)


@given(st.one_of(st.text(), date_like, forms))
def test_any_text_is_a_date_or_refused_and_its_bounds_are_in_order(text):
    meant, refused = attempt(text)
    if refused:
        assert refused.reason
        assert refused.position is None or 0 <= refused.position <= len(text)
    else:
        assert meant.text == text
        assert parse(meant.text) == meant
        if meant.earliest and meant.latest:
            assert meant.earliest <= meant.latest


@given(forms.filter(lambda text: "T" not in text))
def test_what_is_accepted_is_edtf_to_the_library_too_with_the_same_days(text):
    meant, refused = attempt(text)
    if refused:
        return
    if text[-1] in "~?%" and meant.precision == "season":
        text = text[:-1]  # the specification puts a season "in place of a month"; the library half
    if "Y" in text and meant.precision is None:
        return  # the library has no years after 9999 within an interval
    theirs = parse_edtf(text)
    if meant.precision == "season" or "-2" in text or not meant.earliest or not meant.latest:
        return  # the library takes seasons for northern ones, and fails or guesses at open ends
    assert tuple(theirs.lower_strict()[:3]) == meant.earliest.timetuple()[:3]
    assert tuple(theirs.upper_strict()[:3]) == meant.latest.timetuple()[:3]


@pytest.mark.parametrize(
    "text",
    [
        *("9" * 64, "2017-" * 12, "?" * 64, "1E" * 32, "1S" * 32, "X" * 64, "." * 64, "-" * 64),
        *("u" * 64, "/" * 64, "1" * 10**6, "2020-02-21~/2020-02-29~", "\u0660" * 64),
    ],
)
@pytest.mark.timeout(10)  # each takes some microseconds, were it not for a pattern that backtracks
def test_no_text_takes_long(text):
    dates._parse.cache_clear()
    attempt(text)
