"""When two values of facts cannot both be true: the written rules, by example and by property."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims import dates, values
from claims.text.sameness import same
from claims.values import NOWHERE, disagree, extent


def date(value: str) -> values.Extent:
    return extent({"value_type": "date", "value": value})


def quantity(value: str | None = None, unit: str | None = None, **more: Any) -> values.Extent:
    return extent({"value_type": "quantity", "value": value, "unit": unit, **more})


def about(value: str, unit: str | None = None) -> values.Extent:
    return quantity(value, unit, approximate=True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (date("2017-12-10"), date("2017-12-09")),
        (date("2017-12-10"), date("2017-11")),
        (date("2017"), date("2018")),
        (date("2014/2016"), date("2017-12-10")),
        (date("2018/.."), date("2017-12-10")),
        (date("2017-12-10~"), date("2017-12-08")),
        (date("2017~"), date("2019")),
        (date("201X"), date("2009-12-31")),
        (date("2020-01-03T01:45:00+03:00"), date("2020-01-05")),
        (quantity("8"), quantity("9")),
        (quantity("8"), quantity(lower="9")),
        (quantity("8"), quantity(upper="7")),
        (quantity("8"), quantity(lower="9", upper="12")),
        (about("3", "years"), quantity("4", "years")),
        (quantity("3", "years"), quantity("24", "months")),
        (quantity("10", "km"), quantity("6500", "m")),
        (quantity("10", "كيلومترات"), quantity("5", "miles")),
        (quantity("3", "سنوات"), quantity("5", "years")),
        (quantity("3", "طن"), quantity("2000", "kg")),
        (quantity("5", "%"), quantity("7", "بالمئة")),
        (quantity("8", "soldiers"), quantity("9", "Soldiers ")),
        (quantity("8", "شخص"), quantity("9", "شَخص")),
        (quantity("3", "tons"), quantity("4", "tons")),
        (quantity("0", "degrees Celsius"), quantity("0", "degrees Fahrenheit")),
        (quantity("100", "km2"), quantity("100", "square miles")),
    ],
)
def test_these_cannot_both_be_true(one: values.Extent, other: values.Extent) -> None:
    assert disagree(one, other)
    assert disagree(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (date("2017-12"), date("2017-12-10")),
        (date("2017"), date("2017-12")),
        (date("2014/2017"), date("2017-12-10")),
        (date("2014/.."), date("2017-12-10")),
        (date("2017-12-10~"), date("2017-12-09")),
        (date("2017~"), date("2018-12-31")),
        (date("2017-12-10?"), date("2001")),
        (date("2017-12-10%"), date("2001")),
        (date("2014~/.."), date("2001")),
        (date("2017-23"), date("2017-12-10")),
        # One and the same instant, in Baghdad and in Greenwich.
        (date("2020-01-03T01:45:00+03:00"), date("2020-01-02T22:45:00Z")),
        (date("2017-12-10"), quantity("2017")),
        (about("3", "years"), quantity("2.9", "years")),
        (about("3", "سنوات"), quantity("2.9", "years")),
        (about("100"), quantity("92")),
        (quantity("8"), quantity(lower="6")),
        (quantity("8"), quantity("7", lower="6", upper="9")),
        (quantity("3", "years"), quantity("36", "months")),
        (quantity("2.9"), quantity("2.93")),
        (quantity("2.9"), quantity("3")),
        (quantity("10", "km"), quantity("10000", "metres")),
        (quantity("5", "%"), quantity("5", "per cent")),
        (quantity("37", "درجة مئوية"), quantity("98.6", "degrees fahrenheit")),
        # What cannot be compared.
        (quantity("8", "soldiers"), quantity("9", "people")),
        (quantity("8", "soldiers"), quantity("9")),
        (quantity("8", "years"), quantity("9", "km")),
        (quantity("3", "tons"), quantity("3", "طن")),
        (
            extent({"value_type": "entity", "value": "Iraq"}),
            extent({"value_type": "entity", "value": "Syria"}),
        ),
        (
            extent({"value_type": "text", "value": "red"}),
            extent({"value_type": "text", "value": "blue"}),
        ),
    ],
)
def test_these_can_both_be_true(one: values.Extent, other: values.Extent) -> None:
    assert not disagree(one, other)
    assert not disagree(other, one)


# Every value that can be stated

DAY = st.dates().map(str)
PRECISE = st.one_of(DAY, DAY.map(lambda it: it[:7]), DAY.map(lambda it: it[:4]))
QUALIFIED = st.tuples(PRECISE, st.sampled_from(["", "~", "?", "%"])).map("".join)


def is_date(text: str) -> bool:
    try:
        dates.parse(text)
    except dates.InvalidDate:
        return False
    return True


DATES = st.one_of(
    QUALIFIED,
    st.tuples(QUALIFIED | st.just(".."), QUALIFIED | st.just("..")).map("/".join),
    st.integers(0, 209).map(lambda it: f"{it:03}X"),
    DAY.map(lambda it: f"{it}T01:45:00+03:00"),
).filter(is_date)
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=3).map(
    lambda it: f"{it.normalize():f}"
)
UNITS = st.sampled_from([None, "years", "أشهر", "km", "miles", "people", "°C", "degF", "%"])
RANGES = st.lists(st.none() | NUMBERS, min_size=3, max_size=3).map(
    lambda found: (
        lambda given: {
            name: given.pop(0) if it is not None else None
            for name, it in zip(("lower", "value", "upper"), found, strict=True)
        }
    )(sorted((it for it in found if it is not None), key=Decimal))
)
QUANTITIES = st.builds(
    lambda found, unit, approximate: {**found, "unit": unit, "approximate": approximate},
    RANGES.filter(lambda it: any(it.values())),
    UNITS,
    st.booleans() | st.none(),
)
EXTENTS = st.one_of(
    DATES.map(date), QUANTITIES.map(lambda it: extent({"value_type": "quantity", **it}))
)


@given(EXTENTS, EXTENTS)
def test_it_does_not_matter_which_of_two_is_named_first(one: Any, other: Any) -> None:
    assert disagree(one, other) == disagree(other, one)


@given(EXTENTS)
def test_no_value_disagrees_with_itself(it: values.Extent) -> None:
    assert not disagree(it, it)
    assert it == NOWHERE or it.low is None or it.high is None or it.low < it.high


def wider_dates(text: str) -> list[str]:
    """Dates that are the same, but less precise, or less sure."""
    if "T" in text:
        return [text[:10] + "~"]
    if "/" in text:
        start, end = text.split("/")
        found = [f"{cut(start)}/{end}", f"{start}/{cut(end)}", f"{text.rstrip('~?%')}?"]
        if not set(text) & set("~?%"):
            found += [f"../{end}", f"{start}/..", f"{start}~/{end}"]
        return [it for it in found if is_date(it)]
    found = [cut(text), f"{cut(text, 7)}", f"{text.rstrip('~?%')}?"]
    if not set(text) & set("~?%"):
        found += [f"{text}/..", f"../{text}", f"{text}~", f"{text}/{text}"]
    return [it for it in found if is_date(it)]


def cut(text: str, length: int = 4) -> str:
    """A date as of its year or month alone, as sure as it was."""
    plain = text.rstrip("~?%")
    return text if plain == ".." else plain[:length] + text[len(plain) :]


@given(DATES, EXTENTS, st.data())
def test_a_wider_date_never_makes_a_conflict(text: str, other: values.Extent, data: Any) -> None:
    wider = data.draw(st.sampled_from([*wider_dates(text), text]))
    assert disagree(date(text), other) or not disagree(date(wider), other), wider


@given(QUANTITIES, EXTENTS, st.data())
def test_a_wider_quantity_never_makes_a_conflict(asked: Any, other: Any, data: Any) -> None:
    asked = {"value_type": "quantity", **asked}
    wider = dict(asked)
    match data.draw(st.sampled_from(["approximate", "lower", "upper", "no lower", "no upper"])):
        case "approximate":
            wider["approximate"] = True
        case "lower":
            ends = [asked[name] for name in ("lower", "value") if asked[name] is not None]
            if ends:
                by = data.draw(st.integers(0, 10**6))
                wider["lower"] = f"{Decimal(ends[0]) - by:f}"
        case "upper":
            ends = [asked[name] for name in ("upper", "value") if asked[name] is not None]
            if ends:
                by = data.draw(st.integers(0, 10**6))
                wider["upper"] = f"{Decimal(ends[0]) + by:f}"
        case "no lower":
            wider |= {"lower": None, "value": None}
        case "no upper":
            wider |= {"upper": None, "value": None}
    if any(wider[name] is not None for name in ("lower", "value", "upper")):
        assert disagree(extent(asked), other) or not disagree(extent(wider), other)


WHOLE = st.integers(-6, 6)
ENDS = st.tuples(st.none() | WHOLE, st.none() | WHOLE).filter(
    lambda it: it != (None, None) and (None in it or it[0] <= it[1])
)


@given(ENDS, ENDS)
def test_of_small_whole_numbers_it_is_as_trying_each(one: Any, other: Any) -> None:
    def numbers(ends: Any) -> set[int]:
        low, high = ends
        return set(range(-20 if low is None else low, 20 if high is None else high + 1))

    def stated(ends: Any) -> values.Extent:
        low, high = (None if it is None else str(it) for it in ends)
        return quantity(low) if low == high else quantity(lower=low, upper=high)

    assert disagree(stated(one), stated(other)) == (not numbers(one) & numbers(other))


# Units and words


@pytest.mark.parametrize(
    "unit", ["9**9**9", "1e9", "2", "m" * 80, "__import__('os')", "a b c", "/"]
)
def test_what_is_no_unit_is_a_word(unit: str) -> None:
    assert values.scale_of(unit).name.startswith("as written: ")


def test_every_word_of_the_table_is_a_unit_that_pint_knows() -> None:
    for word, name in values.names().items():
        assert values.pint_scale(name), word


def test_the_longest_unit_fits_into_an_index() -> None:
    assert len(values.scale_of("ﷺ" * 80).name) <= values.MOST_SCALE


def test_a_row_that_no_request_could_make_disagrees_with_nothing() -> None:
    assert date("soon") == quantity("many") == NOWHERE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Liberation of Iraq", " LIBERATION  of iraq "),
        ("إعلان التحرير", "اعلان التحرير"),
        ("مدرسة", "مدرسه"),
        ("تحريرُ العِراقِ", "تحرير العراق"),
        ("الــعــراق", "العراق"),
        ("کی", "كي"),
        ("Café", "cafe"),
        ("٢٠١٧", "2017"),
        ("۲۰۱۷", "2017"),
        ("a\u200fb", "ab"),
    ],
)
def test_what_differs_in_folding_alone_is_the_same(one: str, other: str) -> None:
    assert same(one) == same(other)
    assert values.about(one, "p") == values.about(other, "p")


def test_subject_and_property_are_kept_apart() -> None:
    assert values.about("a", "b").matter != values.about("b", "a").matter
    assert values.about("a b", "c").matter != values.about("a", "b c").matter
