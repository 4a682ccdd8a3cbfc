"""Comparing texts with claims: what the numbers promise."""

import random
from collections.abc import Collection

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from claims.text.matching import Asked, Found, Frequencies, Label, Match, Reading, key, rank
from claims.text.matching.differences import differences, said
from claims.text.matching.words import cleaned, grams, stem, words
from claims.text.sameness import same

SOME_WORDS = """
    iraq declared victory over storks on the minaret of mosul president visited budget oil price
    العراق أعلن تحرير أراضيه داعش مجلس النواب صوت على الميزانية اللقالق في الموصل النفط وزير
"""
WORDS = SOME_WORDS.split()
SENTENCES = st.lists(st.sampled_from(WORDS), min_size=3, max_size=12).map(" ".join)
COLLECTIONS = st.lists(SENTENCES, min_size=1, max_size=12, unique_by=same)


def frequencies(texts: Collection[str]) -> Frequencies:
    counts: dict[int, int] = {}
    for text in texts:
        for term in Found.by([Reading(text)]).terms:
            counts[term] = counts.get(term, 0) + 1
    return Frequencies(counts)


def ranked(text: str, texts: list[str], limit: int = 50) -> list[Match[int]]:
    known = frequencies(texts)
    candidates = {place: [Reading(it)] for place, it in enumerate(texts)}
    return rank(Asked(text), candidates, known, lambda _stems: known, limit=limit)


# Scores


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=8))
def test_scores_are_probabilities_and_fall(text: str, texts: list[str]) -> None:
    scores = [it.score for it in ranked(text, texts)]
    assert all(0 <= score <= 1 for score in scores)
    assert scores == sorted(scores, reverse=True)


@given(COLLECTIONS, st.data())
def test_the_very_same_text_comes_first_and_is_the_same(
    texts: list[str], data: st.DataObject
) -> None:
    place = data.draw(st.sampled_from(range(len(texts))))
    # Of claims that have all its words, and more of them, none is nearer than itself.
    assume(
        not any(set(words(texts[place])) <= set(words(it)) for it in texts if it != texts[place])
    )
    first = ranked(texts[place], texts)[0]
    assert (first.id, first.label, first.reasons.word_for_word) == (place, Label.SAME, True)
    assert first.differences == ()


VARIANTS = dict(zip("أإآةىيكae12", "ااااهيیکAÉ١۲"[1:], strict=True))


@given(SENTENCES, st.randoms(use_true_random=False))
def test_what_differs_in_writing_alone_is_the_same(text: str, rng: random.Random) -> None:
    other = "".join(VARIANTS.get(it, it) if rng.random() < 0.5 else it for it in text)
    other = "".join(it + rng.choice(["", "", "\u064e", "\u0640", "\u200f"]) for it in other)
    assert same(other) == same(text)
    first = ranked(other, [text, "اللقالق"])[0]
    assert (first.id, first.label) == (0, Label.SAME)


@given(SENTENCES, COLLECTIONS, st.randoms(use_true_random=False))
def test_the_order_of_words_decides_nothing(
    text: str, texts: list[str], rng: random.Random
) -> None:
    shuffled = text.split()
    rng.shuffle(shuffled)
    one, two = ranked(text, texts), ranked(" ".join(shuffled), texts)
    assert {it.id for it in one} == {it.id for it in two}
    for it, other in zip(one, two, strict=True):
        if not it.reasons.word_for_word and not other.reasons.word_for_word:
            assert it.score == pytest.approx(other.score, abs=1e-6)


@given(SENTENCES, COLLECTIONS)
def test_no_pair_that_differs_is_called_the_same(text: str, texts: list[str]) -> None:
    for it in ranked(f"{text} 7 لم", texts):
        assert it.label is not Label.SAME


def test_a_claim_is_as_near_as_its_nearest_reading() -> None:
    known = frequencies([])
    readings = [Reading("storks nest on the minaret"), Reading("اللقالق تعشش على المئذنة")]
    [found] = rank(
        Asked("تعشش اللقالق على مئذنة"), {1: readings}, known, lambda _stems: known, limit=5
    )
    assert found.reading is readings[1]


def test_claims_that_say_the_same_are_no_rivals() -> None:
    texts = [f"{' '.join(WORDS[:9])} {word}" for word in ("again", "today")]
    one, two = ranked(" ".join(WORDS[:9]), texts)
    assert one.score > 0.5
    assert two.score > 0.5


# Words


def test_words_of_scripts_with_vowel_signs_stay_whole() -> None:
    assert words("हिन्दी में") == ["हिन्दी", "में"]
    assert words("日本") == ["日", "本"]


@pytest.mark.parametrize(
    ("post", "left"),
    [
        ("Look: https://t.co/abcdefghij", "look"),
        ("See pic.twitter.com/abcdefghijnow", "see now"),
        ("#AustralianFires2020", "australian fires 2020"),
        ("#تحرير_العراق", "تحرير العراق"),
        ("So it is. — Jane Doe (@JaneDoe) January 5, 2020", "so it is jane doe jane doe"),
    ],
)
def test_what_a_post_carries_along_is_taken_off(post: str, left: str) -> None:
    assert words(cleaned(post)) == words(left)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("الحكومة", "وحكومة"),
        ("بالعراق", "العراق"),
        ("claims", "claimed"),
        ("cities", "city"),
        ("stopped", "stops"),
    ],
)
def test_stems(one: str, other: str) -> None:
    assert stem(same(one)) == stem(same(other))


@given(st.text(min_size=1, max_size=20))
def test_every_word_has_a_stem_and_runs(text: str) -> None:
    for word in words(text):
        assert stem(word)
        assert grams(word)
        assert -(2**31) <= key(stem(word)) < 2**31


# What differs


@pytest.mark.parametrize(
    ("asked", "claim", "kinds"),
    [
        ("The bridge is not open", "The bridge is open", {"negation"}),
        ("The bridge isn't open", "The bridge is open", {"negation"}),
        ("نفى الوزير افتتاح الجسر", "أعلن الوزير افتتاح الجسر", {"negation"}),
        ("لن يفتتح الجسر", "يفتتح الجسر", {"negation"}),
        ("النفط يرتفع", "تراجع أسعار النفط", {"direction"}),
        ("ارتفاع أسعار الذهب", "الذهب ينخفض", {"direction"}),
        ("Gold climbs", "Gold drops", {"direction"}),
        ("The parliament approved the law", "The parliament rejected the law", {"direction"}),
        ("8 people died", "6 people died", {"number"}),
        ("eight people died", "8 people died", set()),
        ("ثمانية قتلى", "8 قتلى", set()),
        ("1,200 people", "1200 people", set()),
        ("on 10 December 2017", "on 9 December 2017", {"date"}),
        ("في 10 كانون الأول 2017", "10 ديسمبر/كانون الأول 2017", set()),
        ("December 10, 2017", "2017-12-10", set()),
        ("in 2017", "on 10 December 2017", set()),
        ("in 2016", "on 10 December 2017", {"date"}),
        ("in the 2016 election", "in 2017", {"date"}),
        ("on Dec. 10, 2017", "في العاشر من كانون الأول عام 2017", set()),
        ("on Dec. 10, 2017", "في التاسع من كانون الأول عام 2017", {"date"}),
        ("on 10 December", "on 9 December 2017", {"date"}),
        ("on 10 December", "in December 2017", set()),
        ("on 10 December", "in the summer of 2017", set()),
        ("on 3/4/2020", "on 2020-03-04", set()),
        ("on 3/4/2020", "on 2020-03-05", {"date"}),
        ("في 6 يناير/كانون الأول 2017", "on 6 December 2017", set()),
        ("في 6 يناير/كانون الأول 2017", "on 6 May 2017", {"date"}),
        ("from 3 to 5 May 2020", "on 4 May 2020", set()),
        ("from 3 to 5 May 2020", "on 6 May 2020", {"date"}),
        ("from 30 December to 2 January", "on 31 December 2019", set()),
        ("between May 18 and 31", "on 17 May 2020", {"date"}),
        ("in late February 2020", "on 20 February 2020", set()),
        ("in late February 2020", "on 20 March 2020", {"date"}),
        ("في 11 جمادى الأولى 1441 هـ", "on 6 January 2020", set()),
        ("in the 1990s", "in 1994", set()),
        ("in the 1990s", "in 1984", {"date"}),
        ("three days ago", "3 days ago", set()),
        ("oil rises after a fall", "oil falls", set()),
        ("the same", "the same", set()),
    ],
)
def test_what_differs_is_named(asked: str, claim: str, kinds: set[str]) -> None:
    assert {it.kind for it in differences(said(asked), said(claim)) if it.decides} == kinds
    assert {it.kind for it in differences(said(claim), said(asked)) if it.decides} == kinds


def test_what_one_says_alone_is_named_but_does_not_decide() -> None:
    [found] = differences(said("People died"), said("12 people died"))
    assert (found.kind, found.asked, found.claim, found.decides) == ("number", None, "12", False)


@given(st.text(max_size=80))
def test_nothing_differs_from_itself(text: str) -> None:
    assert differences(said(text), said(text)) == []


@pytest.mark.parametrize(
    "text", ["- " * 5_000, "may" + " " * 9_000, "-" + " " * 9_000, "#" * 9_000]
)
def test_no_text_takes_long(text: str) -> None:
    """Each of these once took a time that grew with the square of its length, or would."""
    asked = Asked(text)
    assert said(text) == said(text)
    assert len(asked.words) <= 3_000
