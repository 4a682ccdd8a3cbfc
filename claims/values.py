"""What the value of a fact can be, and when two values cannot both be true.

Each value is read as an interval on a scale: from `low` up to, but not including, `high`. Two
values on one scale cannot both be true when their intervals have no point in common. The rules,
all of which rather miss a conflict than find a false one:

- A date is a day somewhere in what is stated: "2017-12" agrees with every day of that month. So is
  an interval: 2014/2017 agrees with 2016. An end that is open or not known bounds nothing.
- "~" widens a date at both ends by as long as what is stated: a day by a day, a year by a year.
  What is uncertain ("?", "%") bounds nothing: nobody stands by it.
- The day of a date with a time depends on where one is: it is widened by a day at both ends.
- A number is whatever rounds to it as it is written: "8" is from 7.5 to 8.5, "2.9" from 2.85 to
  2.95. So "8" and "9" disagree, while "2.9" and "3" do not.
- An approximate number reaches a tenth further at both ends, or as far as it would be rounded.
- A range is as wide as its ends; "at least 6" has none above.
- Units that Pint knows convert; of all others, and of none, the very same word alone compares
  (folded). A quantity of years never disagrees with one of metres.
- Entities and texts have no scale: that two differ does not say that either is wrong, for a
  subject may have several members, causes or names. People say so, by `contradicts`.
"""

import re
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, InvalidOperation
from functools import cache, lru_cache
from hashlib import md5
from typing import Any, NamedTuple
from uuid import UUID

from claims import dates
from claims.text.sameness import same

DIGITS = 50  # that are reckoned with; what does not fit widens an interval by less than anyone says
FLOOR, CEILING = (Context(prec=DIGITS, rounding=way) for way in (ROUND_FLOOR, ROUND_CEILING))
DATE = "date"
NO_UNIT = "number"
MOST_SCALE = 100  # characters


class Extent(NamedTuple):
    """Where a value lies: low <= value < high on a scale; an end is None where it is open.

    scale: None where the value cannot disagree with any other by itself.
    """

    scale: str | None
    low: Decimal | None
    high: Decimal | None


NOWHERE = Extent(None, None, None)


def disagree(one: Extent, other: Extent) -> bool:
    """Whether the two cannot both be true."""
    if one.scale is None or one.scale != other.scale:
        return False
    return lies_below(one, other) or lies_below(other, one)


def lies_below(one: Extent, other: Extent) -> bool:
    return one.high is not None and other.low is not None and one.high <= other.low


def extent(fact: Mapping[str, Any]) -> Extent:
    """Of a fact, by its columns: value, value_type, and of a quantity unit, approximate, ends."""
    try:
        if fact["value_type"] == "date":
            found = date_extent(dates.parse(fact["value"]))
        elif fact["value_type"] == "quantity":
            found = quantity_extent(fact)
        else:
            found = NOWHERE
    except (dates.InvalidDate, InvalidOperation):  # of a row that no request has made
        found = NOWHERE
    return NOWHERE if found.low is None and found.high is None else found


def date_extent(date: dates.CivilDate) -> Extent:
    """In days, as `datetime.date.toordinal` counts them."""
    low = None if date.earliest is None else date.earliest.toordinal()
    high = None if date.latest is None else date.latest.toordinal() + 1
    wider = 1 if date.precision == "second" else 0
    if date.approximate:
        if low is None or high is None:
            return NOWHERE
        wider += high - low
    if date.uncertain:
        return NOWHERE
    return Extent(
        DATE,
        None if low is None else Decimal(low - wider),
        None if high is None else Decimal(high + wider),
    )


def quantity_extent(fact: Mapping[str, Any]) -> Extent:
    approximate = bool(fact.get("approximate"))
    stated = {
        name: rounded(fact[name], approximate=approximate)
        for name in ("lower", "value", "upper")
        if fact.get(name) is not None
    }
    lowest, highest = (
        stated.get(end, stated.get("value", (None, None)))[i]
        for i, end in enumerate(("lower", "upper"))
    )
    scale = scale_of(fact.get("unit"))
    return Extent(
        scale.name,
        None if lowest is None else FLOOR.fma(lowest, scale.factor, scale.offset),
        None if highest is None else CEILING.fma(highest, scale.factor, scale.offset),
    )


def rounded(text: str, *, approximate: bool) -> tuple[Decimal, Decimal]:
    """From where to where numbers round to this one, as it is written; wider when approximate."""
    number = Decimal(text)
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    reach = Decimal((0, (5,), exponent - 1))
    if approximate:
        reach = max(reach, CEILING.divide(abs(number), Decimal(10)))
    return FLOOR.subtract(number, reach), CEILING.add(number, reach)


# Units


class Scale(NamedTuple):
    """What numbers with a unit are compared on: number × factor + offset."""

    name: str
    factor: Decimal = Decimal(1)
    offset: Decimal = Decimal(0)


# Words as people write them, by what Pint calls them: folded, in the singular and its plurals.
WORDS = {
    "year": "سنة سنتان سنتين سنوات سنين عام عاما عامان عامين أعوام",
    "month": "شهر شهرا شهران شهرين أشهر شهور",
    "week": "أسبوع أسبوعا أسبوعان أسبوعين أسابيع",
    "day": "يوم يوما يومان يومين أيام",
    "hour": "ساعة ساعتان ساعتين ساعات",
    "minute": "دقيقة دقيقتان دقيقتين دقائق",
    "second": "ثانية ثانيتان ثانيتين ثوان ثواني",
    "meter": "متر مترا متران مترين أمتار",
    "kilometer": "كيلومتر كيلومترا كيلومترات كلم كم",
    "centimeter": "سنتيمتر سنتيمترا سنتيمترات سم",
    "millimeter": "مليمتر ملليمتر مليمترات ملم",
    "mile": "ميل ميلا أميال",
    "foot": "قدم قدما أقدام",
    "gram": "غرام غراما غرامات جرام جراما جرامات",
    "kilogram": "كيلوغرام كيلوغراما كيلوغرامات كيلوجرام كيلوجراما كيلوجرامات كغم كغ كجم",
    "metric_ton": "طن طنا أطنان tonne tonnes",
    "liter": "لتر لترا لترات ليتر ليترات",
    "hectare": "هكتار هكتارا هكتارات",
    "megawatt": "ميغاواط ميجاواط ميغاوات ميجاوات",
    "kilowatt": "كيلوواط كيلووات",
    "percent": "% ٪ percent بالمئة بالمائة",
}
PHRASES = {
    "per cent": "percent",
    "في المئة": "percent",
    "في المائة": "percent",
    "درجة مئوية": "degC",
    "درجات مئوية": "degC",
    "degrees celsius": "degC",
    "degree celsius": "degC",
    "degrees fahrenheit": "degF",
    "كيلومتر مربع": "kilometer**2",
    "كم مربع": "kilometer**2",
    "متر مربع": "meter**2",
    "متر مكعب": "meter**3",
    "square kilometers": "kilometer**2",
    "square kilometres": "kilometer**2",
    "square meters": "meter**2",
    "square metres": "meter**2",
    "square miles": "mile**2",
    "cubic meters": "meter**3",
    "cubic metres": "meter**3",
    "كم/ساعة": "kilometer/hour",
}
# Short, long and metric tons are all written so: which one is meant, nobody can tell.
AMBIGUOUS = {"ton", "tons"}
# Nothing that could be a sum to work out goes to Pint: words, a power of two or three, a division.
UNIT = re.compile(r"[A-Za-zµμ°]{1,30}(?:\^?[23])?(?:/[A-Za-zµμ°]{1,30}(?:\^?[23])?)?")


def scale_of(unit: str | None) -> Scale:
    return Scale(NO_UNIT) if unit is None else scale_by_unit(unit)


@lru_cache(maxsize=4096)
def scale_by_unit(unit: str) -> Scale:
    word = same(unit)
    known = names().get(word)
    if known is None and word not in AMBIGUOUS:
        asked = unicodedata.normalize("NFKC", unit.strip())
        known = next((it for it in (asked, word) if UNIT.fullmatch(it) and pint_scale(it)), None)
    found = known and pint_scale(known)
    return found or Scale(bounded(f"as written: {word}"))


@cache
def names() -> dict[str, str]:
    """What Pint calls a unit, by the folded words for it."""
    by_word = {same(it): name for name, words in WORDS.items() for it in words.split()}
    return by_word | {same(phrase): name for phrase, name in PHRASES.items()}


@lru_cache(maxsize=4096)
def pint_scale(name: str) -> Scale | None:
    """None where Pint knows no such unit, or one that is no straight line (decibel)."""
    registry = units()
    with suppress(Exception):  # whatever a text that is no unit leads to
        zero, one, two = (
            registry.Quantity(Decimal(n), registry.parse_units(powers(name))).to_base_units()
            for n in range(3)
        )
        offset, factor = zero.magnitude, one.magnitude - zero.magnitude
        straight = abs(two.magnitude - zero.magnitude - 2 * factor) <= abs(factor) / 10**9
        if factor > 0 and straight:
            base = str(one.units)
            return Scale(bounded(f"in {base}"), Decimal(factor), Decimal(offset))
    return None


def powers(name: str) -> str:
    """km2 and km^2 as Pint reads them."""
    return re.sub(r"(?<=[^\W\d])\^?([23])", r"**\1", name)


@cache
def units() -> Any:
    """Pint's registry; it takes a moment to make, and most processes never need it."""
    from pint import UnitRegistry

    return UnitRegistry(non_int_type=Decimal, autoconvert_offset_to_baseunit=True)


def bounded(name: str) -> str:
    """The name of a scale, short enough for an index."""
    return (
        name if len(name) <= MOST_SCALE else md5(name.encode(), usedforsecurity=False).hexdigest()
    )


# What facts are about


class About(NamedTuple):
    """What a fact is about, as keys: those of one `matter` can contradict each other."""

    subject: UUID
    property: UUID
    matter: UUID


def about(subject: str, property: str) -> About:
    of_subject, of_property = key(subject), key(property)
    both = md5(of_subject.bytes + of_property.bytes, usedforsecurity=False)
    return About(of_subject, of_property, UUID(bytes=both.digest()))


def key(text: str) -> UUID:
    """The same for texts that differ in folding alone."""
    return UUID(bytes=md5(same(text).encode(), usedforsecurity=False).digest())
