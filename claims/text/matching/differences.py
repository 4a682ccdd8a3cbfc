"""What two texts say differently: a denial, an opposite, a number, a date. Arabic and English.

Rough, and made to be careful: where one of these differs, the two are not called the same. What is
opposed in meaning alone is not noticed.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from claims.text.dates import dates_in
from claims.text.matching.words import words
from claims.text.sameness import same

# All words here are as `same` leaves them.

NEGATION = frozenset(
    [
        "not",
        "no",
        "never",
        "none",
        "neither",
        "nor",
        "cannot",
        "without",
        "false",
        "untrue",
        "fake",
        "hoax",
        "deny",
        "denies",
        "denied",
        "denying",
        "refute",
        "refutes",
        "refuted",
        "cant",
        "wont",
        "dont",
        "doesnt",
        "didnt",
        "isnt",
        "wasnt",
        "لا",
        "لم",
        "لن",
        "ليس",
        "ليست",
        "ليسوا",
        "غير",
        "عدم",
        "دون",
        "بدون",
        "نفي",
        "نفت",
        "ينفي",
        "تنفي",
        "نافيا",
        "نافيه",
        "كذب",
        "كاذب",
        "كاذبه",
        "ولا",
        "ولم",
        "ولن",
        "وليس",
        "وليست",
        "فلا",
        "فلم",
        "فلن",
        "وينفي",
        "وتنفي",
        "ونفي",
    ]
)

# Pairs of opposites; of Arabic words the part that stays when they are inflected.
_ENGLISH = (
    (
        "rise rises rising rose risen increase increases increased increasing climb climbs climbed "
        "jump jumps jumped soar soars soared grow grows grew grown growth gain gains gained surge "
        "surges surged higher raise raises raised",
        "fall falls falling fell fallen decrease decreases decreased decreasing decline declines "
        "declined drop drops dropped plunge plunges plunged shrink shrank lose loses lost sink "
        "sinks sank lower fewer cut cuts slump slumped reduce reduces reduced",
    ),
    (
        "accept accepts accepted approve approves approved agree agrees agreed allow allows "
        "allowed support supports supported",
        "reject rejects rejected refuse refuses refused ban bans banned forbid forbids forbade "
        "oppose opposes opposed block blocks blocked",
    ),
    ("win wins won", "lose loses lost"),
    (
        "open opens opened start starts started begin begins began resume resumes resumed",
        "close closes closed stop stops stopped end ends ended suspend suspends suspended halted",
    ),
    (
        "enter enters entered arrive arrives arrived",
        "leave leaves left withdraw withdraws withdrew",
    ),
)
_ARABIC = (
    (
        "رتفع رتفاع صعد صعود صاعد زاد زيد زياد زداد زدياد نمو قفز قفزه تضاعف كسب مكاسب اعلي رفع",
        "نخفض نخفاض هبط هبوط هابط تراجع نزل نزول خفض تخفيض قلص تقليص تدني خسر خسار خساير نكمش "
        "نكماش هوي انهار ادني",
    ),
    (
        "قبل قبول وافق موافق ايد ويد تاييد دعم سمح سماح اقر",
        "رفض عارض معارض منع حظر عترض ستنكر",
    ),
    ("فاز فوز ربح", "خسر خسار هزم هزيم"),
    (
        "فتح فتتح فتتاح بدا بدء نطلق نطلاق ستانف ستيناف ستئناف",
        "غلق اغلاق وقف يقاف توقف نتهي نتهاء نهي انهاء علق تعليق لغي الغاء",
    ),
    ("دخل دخول وصل وصول", "خرج خروج غادر مغادر نسحب نسحاب"),
)
_BEFORE = "(?:و|ف)?(?:س|ل|ب|ك)?(?:ال|لل)?[ايتنم]?ا?"
_AFTER = "(?:ه|ت|ات|ا|وا|ان|ون|ين|ها|هم|هما|نا)?"


def _pattern(parts: str) -> re.Pattern[str]:
    return re.compile(f"{_BEFORE}(?:{'|'.join(parts.split())}){_AFTER}")


OPPOSITES = tuple(
    ((frozenset(one.split()), _pattern(a)), (frozenset(other.split()), _pattern(b)))
    for (one, other), (a, b) in zip(_ENGLISH, _ARABIC, strict=True)
)

_NOT = re.compile(r"n['’]t\b")
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?(?!\w)")
# A number like this is taken for a year where nothing says that it is one, too.
_YEAR = re.compile(r"(?<![\w.,])(1[0-9]{3}|20[0-9]{2})(?![\w]|[.,]\d)")
_NUMBER_WORDS = {
    name: number
    for number, names in enumerate(
        (
            "two اثنان اثنين اثنتان اثنتين",
            "three ثلاث ثلاثه",
            "four اربع اربعه",
            "five خمس خمسه",
            "six ست سته",
            "seven سبع سبعه",
            "eight ثماني ثمانيه ثمان",
            "nine تسع تسعه",
            "ten عشر عشره",
        ),
        2,
    )
    for name in names.split()
}


@dataclass(frozen=True, slots=True)
class Date:
    """value: in EDTF, with XXXX for a year that is not said. spans: what it may mean, each from its
    first to its last day, month or year, as far as these are said."""

    value: str
    spans: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, *values: str) -> "Date":
        """That has one of these values."""
        value = values[0] if len(values) == 1 else f"[{','.join(values)}]"
        return cls(value, tuple(map(_span, values)))

    def fits(self, other: "Date") -> bool:
        return any(_meet(one, two) for one in self.spans for two in other.spans)

    def __str__(self) -> str:
        return self.value


def _span(value: str) -> tuple[str, str]:
    first, mark, last = value.partition("/")
    return _surely(first), _surely(last if mark else first)


def _surely(value: str) -> str:
    """About a day is a day of its month, about a month one of its year; a season is of its year."""
    if value.endswith("~") or value[5:7] > "12":
        return value.rstrip("~").rpartition("-")[0]
    return value if value.startswith("X") else value.rstrip("X")


def _meet(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether neither begins after the other ends; where one has no year, within the year."""
    if "X" in one[0] + other[0]:
        one, other = _within_year(one), _within_year(other)
    return _up_to(one[0], other[1]) and _up_to(other[0], one[1])


def _within_year(span: tuple[str, str]) -> tuple[str, str]:
    """Without the year; anything, where another year begins within it."""
    (first, last) = (it[4:] for it in span)
    return (first, last) if span[0][:4] == span[1][:4] and _up_to(first, last) else ("", "")


def _up_to(one: str, other: str) -> bool:
    """Whether it is not after the other, as far as both are said."""
    said = min(len(one), len(other))
    return one[:said] <= other[:said]


@dataclass(frozen=True, slots=True)
class Said:
    """What a text says that can differ."""

    negations: frozenset[str]
    sides: tuple[tuple[frozenset[str], frozenset[str]], ...]
    numbers: dict[Decimal, str]
    dates: tuple[Date, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """kind: negation, direction, number or date. asked, claim: what each text says, null: nothing.

    decides: whether the two cannot be the same.
    """

    kind: str
    asked: str | None
    claim: str | None
    decides: bool = True


@lru_cache(maxsize=200)
def said(text: str) -> Said:
    dates, rest = _dates(text)
    its_words = words(_NOT.sub(" not", same(text)))
    numbers: dict[Decimal, str] = {}
    for found in _NUMBER.finditer(rest):
        value = Decimal(found[0].replace(",", ""))
        numbers.setdefault(value, found[0])
    for word in words(rest):
        if word in _NUMBER_WORDS:
            numbers.setdefault(Decimal(_NUMBER_WORDS[word]), word)
    return Said(
        frozenset(NEGATION.intersection(its_words)),
        tuple((_of_side(its_words, one), _of_side(its_words, two)) for one, two in OPPOSITES),
        numbers,
        tuple(dates),
    )


def _of_side(its_words: Iterable[str], side: tuple[frozenset[str], re.Pattern[str]]) -> frozenset:
    listed, pattern = side
    return frozenset(it for it in its_words if it in listed or pattern.fullmatch(it))


def _dates(text: str) -> tuple[list[Date], str]:
    """The dates of a text that are told by themselves, and the rest of it, folded."""
    dates: dict[str, Date] = {}
    rest, at = "", 0
    for found in dates_in(text):
        values = [it for it in (found.yearless, found.value, *found.alternatives) if it is not None]
        if values:
            it = Date.of(*values)
            dates.setdefault(it.value, it)
            rest += f"{text[at : found.start]} "
            at = found.end
    rest = same(rest + text[at:])
    for year in _YEAR.findall(rest):
        dates.setdefault(year, Date.of(year))
    return list(dates.values()), _YEAR.sub(" ", rest)


def differences(asked: Said, claim: Said) -> list[Difference]:
    return [*_negation(asked, claim), *_direction(asked, claim), *_values(asked, claim)]


def _negation(asked: Said, claim: Said) -> Iterator[Difference]:
    if bool(asked.negations) != bool(claim.negations):
        yield Difference("negation", _listed(asked.negations), _listed(claim.negations))


def _direction(asked: Said, claim: Said) -> Iterator[Difference]:
    """One says rise and not fall, the other fall and not rise."""
    for (one, two), (its_one, its_two) in zip(asked.sides, claim.sides, strict=True):
        if (one - two and not two and its_two - its_one and not its_one) or (
            two - one and not one and its_one - its_two and not its_two
        ):
            yield Difference("direction", _listed(one | two), _listed(its_one | its_two))


def _values(asked: Said, claim: Said) -> Iterator[Difference]:
    """What one alone has: it decides where the other has another one in its place."""
    mine = [it for it in asked.dates if not any(it.fits(other) for other in claim.dates)]
    theirs = [it for it in claim.dates if not any(it.fits(other) for other in asked.dates)]
    yield from _unlike("date", map(str, mine), map(str, theirs))
    numbers = [told for value, told in asked.numbers.items() if value not in claim.numbers]
    its = [told for value, told in claim.numbers.items() if value not in asked.numbers]
    yield from _unlike("number", numbers, its)


def _unlike(kind: str, mine: Iterable[str], theirs: Iterable[str]) -> Iterator[Difference]:
    asked, claim = _in_order(mine), _in_order(theirs)
    if asked or claim:
        yield Difference(kind, asked, claim, decides=bool(asked and claim))


def _listed(found: Iterable[str]) -> str | None:
    return _in_order(sorted(found))


def _in_order(found: Iterable[str]) -> str | None:
    return ", ".join(list(found)[:5]) or None
