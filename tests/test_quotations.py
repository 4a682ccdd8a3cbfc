"""Who says what in a text: invented sentences about invented bodies, and rules for all texts."""

import subprocess
import sys
from functools import reduce
from itertools import pairwise
from operator import add

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.text.quotations import Candidate, candidates, namings
from claims.text.quotations.marks import MARKS, Quote, quotes_of
from tests.news import articles, needs_shared
from tests.suggestions import Score, scored


def told(text: str) -> list[tuple[str, str, str | None]]:
    """(speech, what is said, who says it) of each candidate."""
    return [(it.speech, text[it.start : it.end], speaker(text, it)) for it in candidates(text)]


def speaker(text: str, candidate: Candidate) -> str | None:
    it = candidate.speaker
    return None if it is None else text[it.start : it.end]


def only(text: str) -> tuple[str, str, str | None]:
    [one] = told(text)
    return one


# --- English -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said", "by"),
    [
        (
            "The Harbour Board said on Monday that the pier will open in May.",
            "the pier will open in May",
            "The Harbour Board",
        ),
        ("The Harbour Board said the pier is safe.", "the pier is safe", "The Harbour Board"),
        (
            "Olan Tarrick, a spokesman for the board, told reporters that the ferry was late.",
            "the ferry was late",
            "Olan Tarrick, a spokesman for the board",
        ),
        (
            "According to the Lintel Institute, few people use the ferry.",
            "few people use the ferry",
            "the Lintel Institute",
        ),
        (
            "Fares will not rise this year, according to the Lintel Institute.",
            "Fares will not rise this year",
            "the Lintel Institute",
        ),
        (
            "The bridge is closed until June, the Ministry of Roads said.",
            "The bridge is closed until June",
            "the Ministry of Roads",
        ),
    ],
)
def test_reported_speech_is_found_in_english(text: str, said: str, by: str) -> None:
    assert only(text) == ("indirect", said, by)


@pytest.mark.parametrize(
    "text",
    [
        '"The pier is safe," said Marla Quint.',
        '"The pier is safe", Marla Quint said.',
        'Marla Quint said: "The pier is safe."',
        "“The pier is safe,” Marla Quint added.",
        "Marla Quint said, «The pier is safe».",
    ],
)
def test_quotations_are_found_in_english_whatever_the_marks_and_the_order(text: str) -> None:
    speech, said, by = only(text)
    assert (speech, said.rstrip("."), by) == ("direct", "The pier is safe", "Marla Quint")


def test_who_speaks_on_is_the_one_who_spoke_before() -> None:
    text = (
        'Marla Quint said that the pier is safe. She added: "It was tested for 14 days." '
        '"We were all there."'
    )
    assert [by for _, _, by in told(text)] == ["Marla Quint"] * 3


def test_a_participle_begins_another_claim_and_another_speaker_ends_it() -> None:
    text = (
        "The mayor claimed the debt had fallen, adding that taxes would stay, "
        "but the Audit Office warned it would rise again."
    )
    assert told(text) == [
        ("indirect", "the debt had fallen", "The mayor"),
        ("indirect", "taxes would stay", "The mayor"),
        ("indirect", "it would rise again", "the Audit Office"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The pier opened in May.",
        "She is said to be rich.",
        "They never said so.",
        'The ship "Gull" left on Monday.',
        "That said, the pier is old.",
    ],
)
def test_what_nobody_says_is_no_claim_of_anybody(text: str) -> None:
    assert told(text) == []


# --- Arabic --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said", "by"),
    [
        (
            "وأعلنت هيئة الجسور أن الجسر الجديد سيفتح قريبا.",
            "الجسر الجديد سيفتح قريبا",
            "هيئة الجسور",
        ),
        (
            "كشفت هيئة الجسور، أمس، عن خطة لتوسيع الميناء.",
            "خطة لتوسيع الميناء",
            "هيئة الجسور",
        ),
        (
            "وأشار المهندس سالم الوادي، مدير الهيئة، إلى أن الأعمال انتهت.",
            "الأعمال انتهت",
            "المهندس سالم الوادي، مدير الهيئة",
        ),
        (
            "وكان مجلس المرفأ قد أكد أن السفن ستعود قريبا.",
            "السفن ستعود قريبا",
            "مجلس المرفأ",
        ),
        (
            "وبحسب مركز القنطرة، فإن الجسر لا يتسع للشاحنات.",
            "الجسر لا يتسع للشاحنات",
            "مركز القنطرة",
        ),
        (
            "وأكَّد مجلسُ المرفأ أنّ السفن ستعود قريبا.",
            "السفن ستعود قريبا",
            "مجلسُ المرفأ",
        ),
        ("واكدت هيئه الجسور ان الجسر سيفتح.", "الجسر سيفتح", "هيئه الجسور"),
        (
            "وأكدت الهيئة ضرورة إغلاق الجسر القديم.",
            "ضرورة إغلاق الجسر القديم",
            "الهيئة",
        ),
    ],
)
def test_reported_speech_is_found_in_arabic(text: str, said: str, by: str) -> None:
    assert only(text) == ("indirect", said, by)


@pytest.mark.parametrize(
    "text",
    [
        "وقال سالم الوادي إن «الجسر آمن للسيارات».",
        'وقال سالم الوادي: "الجسر آمن للسيارات".',
        "وقال سالم الوادي إن “الجسر آمن للسيارات”.",
        "وقال سالم الوادي إن ”الجسر آمن للسيارات“.",
        "وقال سالم الوادي: »الجسر آمن للسيارات«.",
    ],
)
def test_quotations_are_found_in_arabic_whatever_the_marks(text: str) -> None:
    assert only(text) == ("direct", "الجسر آمن للسيارات", "سالم الوادي")


def test_he_added_in_arabic_is_the_one_who_spoke_before_of_that_gender() -> None:
    text = (
        "وقال سالم الوادي إن الجسر آمن للسيارات. وقالت هيئة المرفأ إن السفن عادت. "
        "وأضافت أن الميناء مفتوح. وأضاف أن الشاحنات ممنوعة، مؤكدا أن الحراس هناك."
    )
    assert [by for _, _, by in told(text)] == [
        "سالم الوادي",
        "هيئة المرفأ",
        "هيئة المرفأ",
        "سالم الوادي",
        "سالم الوادي",
    ]


def test_through_whom_it_came_is_told() -> None:
    text = (
        "ونقلت وكالة القنطرة عن سالم الوادي قوله إن الجسر آمن للسيارات. "
        "وقالت هيئة المرفأ لصحيفة «الميناء» إن السفن ستعود."
    )
    chains = [[text[link.start : link.end] for link in it.chain] for it in candidates(text)]
    assert chains == [["وكالة القنطرة"], ["الميناء"]]
    assert [by for _, _, by in told(text)] == ["سالم الوادي", "هيئة المرفأ"]


def test_a_short_naming_is_known_as_the_full_one_before() -> None:
    text = "وقال المهندس سالم الوادي إن الجسر آمن للسيارات. وأضاف الوادي أن الميناء مفتوح."
    _, second = candidates(text)
    assert second.speaker is not None
    assert second.speaker.known_as is not None
    fuller = second.speaker.known_as
    assert text[fuller.start : fuller.end] == "المهندس سالم الوادي"


@pytest.mark.parametrize(
    "text",
    [
        "يذكر أن الجسر بني قبل عام.",
        "لم يعلن المجلس عن أي خطة.",
        "وصل الوفد إلى الميناء وبين السفن حراس.",
        "يسير القارب بين الجسر والميناء.",
        "وأعرب المجلس عن شكره للعمال جميعا.",
        "صدر كتاب «الجسر القديم في المدينة» أمس.",
    ],
)
def test_what_nobody_says_in_arabic_is_no_claim_of_anybody(text: str) -> None:
    assert told(text) == []


# --- Furniture, marks, numbers, names ------------------------------------------------------------

STORY = (
    "The Harbour Board said that the pier is safe for everybody.\n"
    "Wire Agency\n"
    "\n"
    "Mayor says bridge will never open\n"
    "\n"
    "It added that the ferry would run again on Monday.\n"
    "\n"
    "Read more: Lintel Institute says boats are old.\n"
    "Share\n"
)


def test_lines_that_are_none_of_the_articles_own_are_left_out() -> None:
    assert [said for _, said, _ in told(STORY)] == [
        "the pier is safe for everybody",
        "the ferry would run again on Monday",
    ]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ('«one "two" three»', ['one "two" three']),
        ('"one "two", three" four', ['one "two", three']),
        ('"one "two" three. Four', ['one "two" three']),
        ("«one. Two", ["one"]),
        ("the boys' boat and the girl's oar", []),
        ("he said 'one two' twice", ["one two"]),
        ("و«واحد» ولـ«اثنين»", ["واحد", "اثنين"]),
        ('بـ"ذئب الجبل" أمس', ["ذئب الجبل"]),
        ('""', []),
        ("« one »", ["one"]),
    ],
)
def test_marks_are_paired_as_a_reader_pairs_them(text: str, spans: list[str]) -> None:
    assert [text[it.start : it.end] for it in quotes_of(text, 0, len(text))] == spans


@pytest.mark.parametrize(
    ("words", "value", "percent"),
    [
        ("1,250", "1250", False),
        ("2.5 million", "2500000", False),
        ("12 percent", "12", True),
        ("12%", "12", True),
        ("007", "7", False),
        ("12,5", None, False),
        ("٣٬٥٠٠", "3500", False),
    ],
)
def test_numbers_of_the_sentence_are_told(words: str, value: str | None, percent: bool) -> None:
    [one] = candidates(f"The board said that there were {words} boats.")
    assert [(it.value, it.percent) for it in one.numbers] == [(value, percent)]


def test_years_are_told_as_dates_and_not_as_numbers() -> None:
    text = "The board said that 2500 boats came in 2019."
    [one] = candidates(text)
    assert [(text[it.start : it.end], it.value) for it in one.dates] == [("2019", "2019")]
    assert [it.value for it in one.numbers] == ["2500"]


def test_a_naming_may_be_recorded_with_its_titles_or_without() -> None:
    anybody, people = namings("Gen. Marla Quint, the board's engineer")
    assert "marla quint" in anybody
    assert "the board's engineer" in anybody
    assert namings("حاكم ولاية المرفأ سالم الوادي")[1][-1] == "سالم الوادي"
    assert "الوادي" not in people


def test_the_finder_needs_no_django() -> None:
    code = (
        "import sys; from claims.text.quotations import candidates; "
        "assert candidates('The board said that boats came.'); "
        "assert 'django' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


# --- Rules for all texts -------------------------------------------------------------------------

WORDS = [
    *("the board", "Marla Quint", "said", "told", "added", "that", "according to", "boats", "12"),
    *("قال", "وأضاف", "أكد", "مشيرا", "إلى", "أن", "إن", "عن", "بحسب", "نقلت", "وكالة", "الوادي"),
    *("بين", "وبين", "ضرورة", "ترشحه", "الذي", "كان", "قد", "لـ", "بقوله", "لم", "في", "٣", "2019"),
    *(",", ".", ":", "،", "؛", "...", "\n", "\n\n", "(", ")", "-", "\u200f", "\u064e", "a", "ا"),
    *MARKS,
]
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join),
    st.lists(st.sampled_from(WORDS), max_size=60).map("".join),
)


@given(TEXTS)
def test_candidates_lie_in_the_text_in_order_and_none_overlaps_another(text: str) -> None:
    found = candidates(text)
    for one, other in pairwise(found):
        assert one.end <= other.start
    for it in found:
        assert 0 <= it.start < it.end <= len(text)
        assert text[it.start : it.end].strip() == text[it.start : it.end]
        spans = [it.verb, it.speaker, *it.chain, *it.dates, *it.numbers]
        spans += [link.known_as for link in (it.speaker, *it.chain) if link is not None]
        for span in spans:
            assert span is None or 0 <= span.start < span.end <= len(text)


@given(TEXTS)
def test_quotations_do_not_partly_overlap_and_lie_between_their_marks(text: str) -> None:
    outermost = quotes_of(text, 0, len(text))
    for one, other in pairwise(outermost):
        assert one.closed <= other.opened
    for quote in outermost:
        assert text[quote.opened] in MARKS
        assert quote.opened < quote.start < quote.end <= quote.closed
        assert not quote.balanced or text[quote.closed - 1] in MARKS
        assert all(within(it, quote) for it in quote.inner)


def within(inner: Quote, outer: Quote) -> bool:
    return outer.start <= inner.opened < inner.closed <= outer.closed


@given(TEXTS, TEXTS)
def test_what_is_found_in_a_line_does_not_depend_on_a_later_line(one: str, other: str) -> None:
    """But for furniture, which is told by how the other lines end."""
    line = " ".join(one.split()) + "."
    alone = [(it.start, it.end) for it in candidates(line + "\n")]
    both = [(it.start, it.end) for it in candidates(f"{line}\n{other}")]
    assert [span for span in both if span[1] <= len(line)] == alone


@given(st.sampled_from(["Wire Agency", "Share", "مناقشة", "Mayor says bridge is closed"]))
def test_furniture_is_never_proposed(line: str) -> None:
    text = STORY.replace("Wire Agency", line)
    at = text.index(line)
    assert all(it.end <= at or it.start >= at + len(line) for it in candidates(text))


PIECES = [
    *("قال ", "توقع ", "قال أن ", "وأكد فلان، ", "بحسب ", "، مؤكدا أن ", "نقلت عن ", "كان "),
    *("said ", "Ann Bee said, ", "that, ", "according to ", '"a ', "« ", "'a ", '«"', "(قال "),
    *("word ", "1", "،", ".", "ا", "ا\u064e", "\u200f", "قال \n", "said.\n"),
]


class Counting(str):
    """A text that counts how often its characters are looked at."""

    looked = 0

    def __getitem__(self, key: object) -> str:
        type(self).looked += 1
        return super().__getitem__(key)  # type: ignore[index]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=3).map("".join))
def test_the_work_grows_with_the_text_and_no_faster(piece: str) -> None:
    def work(size: int) -> int:
        Counting.looked = 0
        events = 0

        def count(*_: object) -> None:
            nonlocal events
            events += 1

        text = Counting((piece * (size // len(piece) + 1))[:size])
        sys.setprofile(count)
        try:
            candidates(text, most=10**9)
        finally:
            sys.setprofile(None)
        return events + Counting.looked

    small, large = work(2_000), work(8_000)
    # Whether lines are furniture can change with the last one: hence some steps for each more.
    assert large <= 5 * small + 60 * 8_000


# --- Beside what was marked by hand --------------------------------------------------------------


@needs_shared
def test_enough_of_what_was_marked_is_found_and_little_else() -> None:
    pooled = reduce(add, map(scored, articles()), Score(0, 0, 0, 0))
    assert pooled.recall >= 0.8
    assert pooled.precision >= 0.6
    assert pooled.speaker >= 0.8


@needs_shared
def test_furniture_of_the_gold_article_is_left_out() -> None:
    gold = articles()[0]
    lines = gold.text.splitlines(keepends=True)
    for number in (4, 8, 26, 35):  # as its gold reading has them, from 1
        start = sum(map(len, lines[: number - 1]))
        end = start + len(lines[number - 1])
        assert all(it.end <= start or it.start >= end for it in candidates(gold.text)), number
