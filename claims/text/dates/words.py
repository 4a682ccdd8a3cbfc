"""The words of dates, Arabic and English, in the form in which tokens are looked up.

Arabic month names come in families that a text may put side by side: the one used from Egypt to
the Gulf (with its other spellings), the Levantine and Iraqi one, and those of Tunisia and Algeria
and of Morocco.

Sources: Unicode CLDR, locales ar, ar-LB, ar-DZ and ar-MA; ISO 8601 for the numbers of weekdays.
"""

from __future__ import annotations

from typing import NamedTuple

from claims.text.sameness import same


class Month(NamedTuple):
    """number: 1 to 12. family: whose name it is. weak: whether the word also means other things."""

    number: int
    family: str
    weak: bool = False


def _split(names: str) -> list[str]:
    return [same(name) for name in names.split("|")]


_GREGORIAN: dict[str, str] = {
    "egyptian": "يناير|فبراير|مارس|ابريل|مايو|يونيو|يوليو|اغسطس|سبتمبر|اكتوبر|نوفمبر|ديسمبر",
    "levantine": "كانون الثاني|شباط|اذار|نيسان|ايار|حزيران|تموز|اب|ايلول|تشرين الاول|تشرين الثاني"
    "|كانون الاول",
    "algerian": "جانفي|فيفري|مارس|افريل|ماي|جوان|جويلية|اوت|سبتمبر|اكتوبر|نوفمبر|ديسمبر",
    "moroccan": "يناير|فبراير|مارس|ابريل|ماي|يونيو|يوليوز|غشت|شتنبر|اكتوبر|نونبر|دجنبر",
    "english": "january|february|march|april|may|june|july|august|september|october|november"
    "|december",
    "short": "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec",
}
_OTHER_SPELLINGS = {
    "egyptian": "يونيه=6|يوليه=7|نيسان ابريل=4|أكتوبر=10|سيبتمبر=9|اوكتوبر=10|فبرائر=2",
    "levantine": "كانون ثاني=1|كانون ثان=1|كانون اول=12|تشرين اول=10|تشرين ثاني=11|تشرين ثان=11",
    "short": "sept=9",
}
_WEAK = frozenset(_split("مارس|اب|ماي|جوان|اوت|نيسان|march|may"))
_HIJRI = (
    "محرم|المحرم=1|صفر=2|ربيع الاول=3|ربيع اول=3|ربيع الاخر=4|ربيع الثاني=4|ربيع ثاني=4"
    "|جمادى الاولى=5|جمادى الاول=5|جمادي الاولي=5|جمادى الاخرة=6|جمادى الثانية=6|جمادى الثاني=6"
    "|جمادى الاخر=6|رجب=7|شعبان=8|رمضان=9|شوال=10|ذو القعدة=11|ذي القعدة=11|ذو الحجة=12"
    "|ذي الحجة=12|muharram=1|safar=2|rabi al awwal=3|rabi al thani=4|jumada al awwal=5"
    "|jumada al thani=6|rajab=7|shaaban=8|ramadan=9|shawwal=10|dhu al qadah=11|dhu al hijjah=12"
)
GIVEN_NAMES = frozenset(_split("april|june|august"))
"""Months that are names of people too, before another name."""
_WEAK_HIJRI = frozenset(_split("محرم|صفر|رجب|شعبان|رمضان|شوال|المحرم|safar|rajab"))


def _is_weak(name: str, family: str) -> bool:
    return name in _WEAK or family == "short"


def _months() -> dict[tuple[str, ...], Month]:
    months: dict[tuple[str, ...], Month] = {}
    for family, names in _GREGORIAN.items():
        for number, name in enumerate(_split(names), 1):
            months.setdefault(tuple(name.split()), Month(number, family, _is_weak(name, family)))
    for family, names in _OTHER_SPELLINGS.items():
        for spelling in names.split("|"):
            name, _, number_told = spelling.partition("=")
            name = same(name)
            months.setdefault(
                tuple(name.split()), Month(int(number_told), family, _is_weak(name, family))
            )
    for spelling in _HIJRI.split("|"):
        name, _, number_told = spelling.partition("=")
        name = same(name)
        weak = name in _WEAK_HIJRI
        months[tuple(name.split())] = Month(int(number_told or "1"), "hijri", weak)
    return months


MONTHS = _months()
MONTH_HEADS = frozenset(name[0] for name in MONTHS)


def _numbered(names: str, first: int = 1) -> dict[str, int]:
    """Names to numbers; several names of one number are parted by a stroke."""
    found: dict[str, int] = {}
    for number, group in enumerate(names.split(), first):
        for name in group.split("/"):
            found[same(name)] = number
    return found


WEEKDAYS = _numbered(
    "الاثنين/الإثنين/الأثنين/monday الثلاثاء/الثلاثا/الثلثاء/tuesday الأربعاء/الاربعا/wednesday "
    "الخميس/thursday الجمعة/friday السبت/saturday الأحد/sunday"
)
BARE_WEEKDAYS = _numbered("اثنين ثلاثاء أربعاء خميس جمعة سبت أحد")
SHORT_WEEKDAYS = _numbered("mon tue/tues wed thu/thur/thurs fri sat sun")

ORDINALS = _numbered(
    "الأول/الأولى/الحادي/الحادية/الواحد/الواحدة/first الثاني/الثانية/second الثالث/الثالثة/third "
    "الرابع/الرابعة/fourth الخامس/الخامسة/fifth السادس/السادسة/sixth السابع/السابعة/seventh "
    "الثامن/الثامنة/eighth التاسع/التاسعة/ninth العاشر/العاشرة/tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
ELEVENTH = frozenset(_split("الحادي|الحادية|الواحد|الواحدة"))
"""One, as it stands in eleventh and twenty-first alone."""
TENS_ORDINAL = {
    same(w): n
    for w, n in {
        "العشرين": 20,
        "العشرون": 20,
        "الثلاثين": 30,
        "الثلاثون": 30,
        "thirtieth": 30,
    }.items()
}
NTHS = _numbered("أول ثاني/ثان ثالث رابع خامس")
"""Ordinals as they stand before a weekday that is counted."""
FIRSTS = frozenset(_split("أول|غرة|فاتح"))
"""The first of a month by itself."""
LASTS = frozenset(_split("آخر|last"))

CARDINALS = _numbered(
    "واحد/واحدة/one/a/an اثنان/اثنين/اثنتان/اثنتين/اثنا/اثني/اثنتا/اثنتي/two "
    "ثلاثة/ثلاث/three أربعة/أربع/four خمسة/خمس/five ستة/ست/six سبعة/سبع/seven "
    "ثمانية/ثماني/ثمان/eight تسعة/تسع/nine عشرة/عشر/ten eleven twelve"
)
CARDINALS |= {same(w): 1 for w in ("أحد", "إحدى", "احدى")}
TENS = _numbered(
    "عشرون/عشرين/twenty ثلاثون/ثلاثين/thirty أربعون/أربعين/forty خمسون/خمسين/fifty ستون/ستين/sixty "
    "سبعون/سبعين/seventy ثمانون/ثمانين/eighty تسعون/تسعين/ninety",
    2,
)
TEEN = frozenset(_split("عشر|عشرة"))
HUNDREDS = {
    same(word): 100 * number
    for number, words in enumerate(
        (
            "مائة مئة",
            "مائتين مئتين مائتان مئتان",
            "ثلاثمائة ثلاثمئة",
            "أربعمائة أربعمئة",
            "خمسمائة خمسمئة",
            "ستمائة ستمئة",
            "سبعمائة سبعمئة",
            "ثمانمائة ثمانمئة ثمانيمائة",
            "تسعمائة تسعمئة",
        ),
        1,
    )
    for word in words.split()
}
THOUSANDS = {same(w): n for w, n in {"ألف": 1000, "ألفين": 2000, "ألفان": 2000}.items()}
FEW = frozenset(_split("بضعة|بضع|عدة|few|several"))
FEW_AFTER = frozenset(_split("القليلة|القلائل|المعدودة"))

UNITS: dict[str, str] = {}
DUALS: dict[str, str] = {}
"""Words that mean two of a unit by themselves."""
for _unit, _singular, _dual in (
    (
        "day",
        "يوم يوما أيام الأيام اليوم day days",
        "يومين يومان اليومين",
    ),
    (
        "week",
        "أسبوع أسبوعا أسابيع الأسابيع الأسبوع week weeks",
        "أسبوعين أسبوعان الأسبوعين",
    ),
    (
        "month",
        "شهر شهرا أشهر شهور الأشهر الشهور الشهر month months",
        "شهرين شهران الشهرين",
    ),
    (
        "year",
        "عام عاما أعوام الأعوام العام سنة سنوات السنوات السنة سنين year years",
        "عامين عامان سنتين سنتان العامين السنتين",
    ),
    (
        "decade",
        "عقد عقدا عقود العقود العقد decade decades",
        "عقدين عقدان العقدين",
    ),
    ("century", "قرن قرنا قرون القرون القرن century centuries", "قرنين القرنين"),
):
    UNITS |= {same(w): _unit for w in _singular.split()}
    DUALS |= {same(w): _unit for w in _dual.split()}
SINGULAR = frozenset(_split("يوم|يوما|أسبوع|أسبوعا|شهر|شهرا|عام|عاما|سنة|عقد|عقدا|قرن|قرنا"))
"""Units that mean one of them where no number is said; "years ago" does not say how many."""
DEFINITE_UNITS = {
    same(w): u
    for w, u in {
        "الأسبوع": "week",
        "الشهر": "month",
        "العام": "year",
        "السنة": "year",
        "العقد": "decade",
        "القرن": "century",
        "اليوم": "day",
        "week": "week",
        "month": "month",
        "year": "year",
        "decade": "decade",
        "century": "century",
    }.items()
}

AGAINST = {
    **dict.fromkeys(
        _split("الماضي|الماضية|الماضيين|الماضيان|الماضيتين|الفائت|الفائتة|المنصرم|المنصرمة"),
        -1,
    ),
    **dict.fromkeys(
        _split("المقبل|المقبلة|المقبلين|المقبلتين|القادم|القادمة|القادمين|القادمتين|الآتي|الآتية"),
        1,
    ),
    **dict.fromkeys(_split("الجاري|الجارية|الحالي|الحالية"), 0),
}
"""Behind what they belong to: before (-1), in (0) or after (1) the day of publication."""
RECENT = frozenset(_split("الأخيرة|الأخيرين|الأخيرتين"))
"""Said of several years and the like: "the last years", while "the last year" is another thing."""
NEXT_IN_STORY = frozenset(_split("التالي|التالية"))
AGAINST_BEFORE = {"last": -1, "past": -1, "next": 1, "coming": 1, "this": 0}
THIS = frozenset(_split("هذا|هذه"))

NEAR_DAYS: dict[tuple[str, ...], int] = {
    tuple(same(words).split()): days
    for days, phrases in {
        0: ("اليوم", "today"),
        -1: ("أمس", "الأمس", "البارحة", "yesterday"),
        -2: (
            "أول أمس",
            "أول من أمس",
            "أول الأمس",
            "أول البارحة",
            "أمس الأول",
            "قبل أمس",
            "قبل يوم أمس",
            "the day before yesterday",
        ),
        1: ("غدا", "غد", "الغد", "tomorrow"),
        2: ("بعد غد", "بعد الغد", "بعد يوم غد", "the day after tomorrow"),
    }.items()
    for words in phrases
}
NEAR_HEADS = frozenset(words[0] for words in NEAR_DAYS)
DAY_OF_WHAT = frozenset(
    _split(
        "العالمي|الوطني|الدولي|الدراسي|الأول|الثاني|الثالث|الرابع|الخامس|السادس|السابع|الأخير"
        "|الواحد|السابق|ذاته|نفسه|الذي|الموعود|العاشر|المفتوح"
    )
)
"""Behind `اليوم` they say that another day than today is meant."""

EARLY, MID, LATE, REST, SO_FAR = "early", "mid", "late", "rest", "so far"
PORTIONS: dict[tuple[str, ...], str] = {
    tuple(same(words).split()): portion
    for portion, phrases in {
        EARLY: (
            "أوائل",
            "مطلع",
            "بداية",
            "بدايات",
            "مستهل",
            "early",
            "the beginning of",
            "the start of",
        ),
        MID: ("منتصف", "أواسط", "وسط", "mid", "mid -", "the middle of"),
        REST: ("بقية", "باقي", "وقت لاحق من", "later", "the rest of", "the remainder of"),
        SO_FAR: ("وقت سابق من", "وقت مبكر من", "earlier"),
        LATE: ("أواخر", "نهاية", "نهايات", "ختام", "late", "the end of"),
    }.items()
    for words in phrases
}
PORTION_HEADS = frozenset(words[0] for words in PORTIONS)

SEASONS = {
    same(name): number
    for number, names in {
        21: "ربيع الربيع spring",
        22: "صيف الصيف summer",
        23: "خريف الخريف autumn fall",
        24: "شتاء الشتاء winter",
    }.items()
    for name in names.split()
}

DECADES = {
    same(stem + ending): decade
    for decade, stem in {
        20: "عشرين",
        30: "ثلاثين",
        40: "أربعين",
        50: "خمسين",
        60: "ستين",
        70: "سبعين",
        80: "ثمانين",
        90: "تسعين",
    }.items()
    for ending in ("يات", "ات")
}
DECADES |= {"ال" + word: decade for word, decade in DECADES.items()}

OF = frozenset(_split("من|of|the"))
IN_BEFORE_DAY = frozenset(_split("في|on|the|الموافق"))
SEPARATORS = frozenset(",،")
DAY = frozenset(_split("يوم|day"))
OF_MONTH = frozenset(_split("شهر|الشهر"))
OF_YEAR = frozenset(_split("عام|سنة|العام|لعام|لسنة|year"))
OF_YEARS = frozenset(_split("عامي|سنتي|السنوات|الأعوام|years"))
ERA_HIJRI = frozenset((*_split("هـ|هجري|هجرية|للهجرة"), "ه", "ah"))
ERA_COMMON = frozenset((*_split("م|ميلادي|ميلادية|للميلاد"), "ad", "ce"))
TO = frozenset((*_split("إلى|الى|حتى|لغاية|to|until|till|through"), *"-–—"))
FROM = frozenset(_split("من|from"))
TITLES = frozenset(
    _split(
        "الأمين|المدير|النائب|المدعي|المفتش|الحاكم|القائد|الرأي|القطاع|النظام|السكرتير|المنسق|المراقب"
        "|المشرف|القنصل|المحامي|الوكيل|المستشفى|الصالح|المال|المفوض|أمينها|أمينه|مديرها|الاتحاد"
    )
)
"""Behind them the word for year means "general"."""
BETWEEN = frozenset(_split("بين|between"))
AND = frozenset(_split("و|and"))
BEFORE_NOW = frozenset(_split("قبل|منذ"))
AFTER_NOW = frozenset(_split("بعد"))
NOW = frozenset(_split("الآن|now"))
AGO = frozenset(_split("ago|مضت|مضى|خلت"))
ABOUT = frozenset(_split("نحو|حوالي|قرابة|about|around|nearly|almost"))
PREPOSITIONS = frozenset(
    _split(
        "في|منذ|حتى|خلال|إلى|بحلول|قبل|بعد|من|بتاريخ|in|since|until|till|by|during|of|before|after"
        "|from|for|on"
    )
)
IN_PREPOSITIONS = frozenset(_split("في|منذ|حتى|خلال|بحلول|قبل|in|since|until|till|by|during|of"))
ON_PREPOSITIONS = frozenset(_split("في|يوم|يومي|أيام|بتاريخ|منذ|حتى|تاريخ|on|since|until|dated"))
PARTICLES = frozenset(
    _split(
        "في|من|على|مع|إلى|عن|أو|بعد|قبل|حيث|الذي|التي|عند|حتى|خلال|ثم|بين|كما|أن|إن|لكن|قد|لم|لا|ما"
        "|the|in|on|at|and|or|to|of|for|with|when|after|before|as|by|from|that|which|was|is|but|he"
        "|she|it|they|we"
    )
)
"""Words that end a noun phrase: what stands before them is not counting what they name."""
CLOSING = frozenset(".,،؛;:!?؟()[]«»\"”“'’|…\n")

QUARTERS = {
    **{same(w): 3 for w in ("الربع", "ربع", "quarter")},
    **{same(w): 6 for w in ("النصف", "نصف", "half")},
}
WEEKEND = {
    ("عطله", "نهايه", "الاسبوع"): 5,
    ("نهايه", "الاسبوع"): 5,
    ("the", "weekend"): 6,
    ("weekend",): 6,
}
"""Its first day: Friday where it may be that, in Arabic."""
CENTURY = frozenset(_split("القرن|قرن"))


class Holiday(NamedTuple):
    """days: as (month, day), the usual one first; none where it moves or differs by country.

    nth: as (month, weekday, which), of those that are told so. hijri: whose calendar it follows.
    """

    days: tuple[tuple[int, int], ...] = ()
    nth: tuple[int, int, int] | None = None
    hijri: bool = False


HOLIDAYS: dict[tuple[str, ...], Holiday] = {
    tuple(same(name).split()): holiday
    for names, holiday in (
        (
            "عيد الأضحى|عيد الأضحى المبارك|eid al - adha|eid al adha",
            Holiday(((12, 10),), hijri=True),
        ),
        ("عيد الفطر|عيد الفطر المبارك|eid al - fitr", Holiday(((10, 1),), hijri=True)),
        ("رأس السنة الهجرية", Holiday(((1, 1),), hijri=True)),
        ("يوم عاشوراء|ashura", Holiday(((1, 10),), hijri=True)),
        ("المولد النبوي|المولد النبوي الشريف", Holiday(((3, 12),), hijri=True)),
        ("رأس السنة|رأس السنة الميلادية|رأس السنة الجديدة|new year ' s day", Holiday(((1, 1),))),
        (
            "ليلة رأس السنة|ليلة رأس السنة الجديدة|ليلة رأس السنة الميلادية|new year ' s eve",
            Holiday(((12, 31),)),
        ),
        # The Eastern churches keep it on 7 January.
        ("عيد الميلاد|عيد الميلاد المجيد|christmas|christmas day", Holiday(((12, 25), (1, 7)))),
        ("christmas eve|ليلة عيد الميلاد", Holiday(((12, 24), (1, 6)))),
        ("عيد الحب|valentine ' s day", Holiday(((2, 14),))),
        ("يوم المرأة العالمي|اليوم العالمي للمرأة", Holiday(((3, 8),))),
        ("عيد العمال|يوم العمال العالمي", Holiday(((5, 1),))),
        ("عيد الشكر|يوم الشكر|thanksgiving", Holiday(nth=(11, 4, 4))),
        (
            "عيد الفصح|عيد القيامة|easter|عيد الاستقلال|يوم الاستقلال|independence day|عيد الأم"
            "|يوم الأم|mother ' s day|عيد الأب|يوم الأب|father ' s day|يوم الأرض|earth day"
            "|اليوم الوطني|العيد الوطني",
            Holiday(),
        ),
    )
    for name in names.split("|")
}

TO_COME = frozenset(
    _split(
        "سوف|المقبل|المقبلة|القادم|القادمة|المقرر|مقرر|المزمع|المتوقع|يتوقع|يعتزم|تعتزم|تخطط|يخطط"
        "|will|shall|due|scheduled|planned|plans|expected|expects|next|upcoming|coming|ll|going"
        "|بحلول|الموعد|موعد|موعدا|لن|غدا|tomorrow|would|hopes|aims|target|deadline"
    )
)
"""Words by which a sentence speaks of what is to come."""
PERHAPS_TO_COME = frozenset(
    _split(
        "تنطلق|ينطلق|تنتهي|ينتهي|تبدأ|يبدأ|تقام|يقام|يستمر|تستمر|يستضيف|تستضيف|تستضيفها|يستضيفها"
        "|المحدد|محدد|المزمعة|المقررة|مقررة|التالي|خطة|هدف|begins|ends|starts|opens|runs|expires"
        "|might|could|should"
    )
)
"""Words beside which a date after publication is no wonder."""
UP_TO = frozenset(
    _split("حتى|لغاية|اعتبارا|ابتداء|بدءا|بداية|لعام|until|till|by|through|from|effective")
)
"""The same, right before the date."""
NAMED_BY_DAY = frozenset(
    _split("ثورة|أحداث|هجمات|حركة|انتفاضة|حرب|مظاهرات|ذكرى|اعتداءات|انقلاب|اتفاق|حراك|نكسة|معركة")
)
"""What is called by its day, so that the day is one of long ago."""
SINCE = frozenset(_split("منذ|since"))
_NOT_TO_COME = frozenset(
    _split(
        "سيار|سياس|سياح|سياق|سياد|سياج|سيطر|سيدة|سيدا|سيدي|سينا|سينم|سيول|سيوف|سيرة|سيرا|سيئة|سيلي"
        "|ستار|ستاد|ستال|ستان|ستين|ستون|سترا|ستيف|ستوك|ستور|ستري|ستدي|ستود|سنوا|سنوي|سنغا|سندا|سنين"
        "|سنتي|سنتا|سناء|ستات|سيبي|سيلف|سيرج|سيمو|سيغا|سيجا|سنجا|سنار|سناب"
    )
)
"""How words begin that look like verbs with the prefix of the future and are none."""


def is_to_come(word: str, raw: str) -> bool:
    """Whether a word marks the future: one of TO_COME, or an Arabic verb with the prefix of it."""
    if word in TO_COME:
        return True
    bare = raw[1:] if raw[:1] in ("و", "ف") and raw[1:2] == "س" else raw
    if bare[:2] == "سأ":
        return len(bare) > 3
    return len(bare) >= 4 and bare[:2] in ("سي", "ست", "سن") and same(bare[:4]) not in _NOT_TO_COME
