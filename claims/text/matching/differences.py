"""What two texts say differently: a denial, an opposite, a number, a date. Arabic and English.

Rough, and made to be careful: where one of these differs, the two are not called the same. What is
opposed in meaning alone is not noticed.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

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

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan يناير كانون_الثاني",
            "february feb فبراير شباط",
            "march mar مارس اذار",
            "april apr ابريل نيسان",
            "may مايو ايار",
            "june jun يونيو حزيران",
            "july jul يوليو تموز",
            "august aug اغسطس اب",
            "september sep sept سبتمبر ايلول",
            "october oct اكتوبر تشرين_الاول",
            "november nov نوفمبر تشرين_الثاني",
            "december dec ديسمبر كانون_الاول",
        ),
        1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted((it.replace("_", r"\s+") for it in _MONTHS), key=len, reverse=True))
_OTHER_NAME = rf"(?:\s*[/(،]\s*(?:{_MONTH})\s*\)?)?"
_YEAR = r"(?:\s*,?\s*(?:عام\s+|سنه\s+|of\s+)?(?P<year>1[0-9]{3}|20[0-9]{2}))?"
_DATE = re.compile(
    rf"(?<!\d)(?P<iso>(?P<y>1\d{{3}}|20\d\d)-(?P<m>\d\d?)(?:-(?P<d>\d\d?))?)(?!\d)"
    rf"|(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+(?P<month>{_MONTH})\b{_OTHER_NAME}{_YEAR}"
    rf"|\b(?P<month2>{_MONTH})\b{_OTHER_NAME}(?:\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?!\d))?"
    + _YEAR.replace("year", "year2")
)
_NOT = re.compile(r"n['’]t\b")
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[,٬]\d{3})*(?:[.٫]\d+)?(?!\w)")
_YEAR_ALONE = re.compile(r"(?<![\w.,])(1[0-9]{3}|20[0-9]{2})(?![\w]|[.,]\d)")
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
    """As far as it is said; the month of "May" alone is none, as it may be the verb."""

    year: int | None
    month: int | None
    day: int | None

    def fits(self, other: "Date") -> bool:
        pairs = ((self.year, other.year), (self.month, other.month), (self.day, other.day))
        return all(one is None or two is None or one == two for one, two in pairs)

    def __str__(self) -> str:
        """As EDTF, with X for what is not said."""
        year = "XXXX" if self.year is None else f"{self.year:04}"
        if self.month is None:
            return year
        return f"{year}-{self.month:02}" + ("" if self.day is None else f"-{self.day:02}")


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


@lru_cache(maxsize=2_000)
def said(text: str) -> Said:
    plain = " ".join(_NOT.sub(" not", same(text)).split())
    its_words = words(plain)
    dates, rest = _dates(plain)
    numbers: dict[Decimal, str] = {}
    for found in _NUMBER.finditer(rest):
        value = Decimal(found[0].replace(",", "").replace("٬", "").replace("٫", "."))
        numbers.setdefault(value, found[0])
    for word in its_words:
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


def _dates(plain: str) -> tuple[list[Date], str]:
    """The dates of a folded text, and the rest of it. To become that of dates in running text."""
    found = list(dict.fromkeys(it for it in map(_date, _DATE.finditer(plain)) if it is not None))
    rest = _DATE.sub(lambda it: it[0] if _date(it) is None else " ", plain)
    years = dict.fromkeys(int(it[1]) for it in _YEAR_ALONE.finditer(rest))
    found += [Date(year, None, None) for year in years]
    return found, _YEAR_ALONE.sub(" ", rest)


def _date(found: re.Match[str]) -> Date | None:
    if found["iso"]:
        return Date(int(found["y"]), int(found["m"]), int(found["d"]) if found["d"] else None)
    name = re.sub(r"\s+", "_", found["month"] or found["month2"])
    day, year = found["day"] or found["day2"], found["year"] or found["year2"]
    if not day and not year:
        return None
    return Date(int(year) if year else None, _MONTHS[name], int(day) if day else None)


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
