"""The words of a text, in Python and in PostgreSQL, and what is asked for by them."""

import re
from contextlib import suppress

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claims.text.searching import Search, Term, Unsearchable, search
from claims.text.words import arabic_stems, folded, words, written
from tests.test_sameness import KNOWN

ARABIC = st.text(st.sampled_from("ابتلكوفيهنمءرعق"), min_size=1, max_size=9)
TEXTS = st.text(KNOWN | st.sampled_from(" -.,'\u2014\u060cأةىل漢あ"), max_size=60)
LENIENT = settings(
    max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


def told(function, *given):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}({', '.join(['%s'] * len(given))})", given)
        return cursor.fetchone()[0]


@LENIENT
@given(text=TEXTS)
def test_python_and_postgresql_find_the_same_words(db, text):
    assert told("claims_words_v1", text) == words(text)


@LENIENT
@given(word=ARABIC)
def test_python_and_postgresql_find_the_same_stems_of_arabic_words(db, word):
    assert set(told("claims_stems_v1", word, None)) == arabic_stems(word)


@LENIENT
@given(words=st.lists(ARABIC | st.sampled_from(["elections", "وtest", "abcات", "والabcات"])))
def test_a_text_is_found_by_the_stems_of_its_words(db, words):
    stems = [f"~{stem}" for word in words for stem in told("claims_stems_v1", word, "english_stem")]
    vector = told("claims_vector_v1", " ".join(words), "english_stem")
    lexemes = told("tsvector_to_array", vector)
    assert {it for it in lexemes if it.startswith("~")} == set(stems)


def test_a_word_is_looked_for_under_what_each_stemmer_makes_of_it(db):
    def stemmers(function):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_functiondef(%s::regproc)", [function])
            return set(re.findall(r"\w+_stem\b", cursor.fetchone()[0]))

    assert len(stemmers("claims_stemmer_v1")) == 18
    assert stemmers("claims_forms_v1") == stemmers("claims_stemmer_v1")


@LENIENT
@given(text=TEXTS)
def test_any_text_can_be_searched_in(db, text):
    told("claims_vector_v1", text, None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("والعراق", "العراق"),
        ("بالعراق", "عراق"),
        ("للعراق", "العراق"),
        ("فالعراقيين", "العراق"),
        ("العراقية", "عراقيون"),
        ("ببغداد", "بغداد"),
        ("وبغداد", "بغداد"),
        ("لبغداد", "بغداد"),
        ("أراضيه", "الأراضي"),
        ("وأعلن", "أعلن"),
        ("تحريرها", "تحرير"),
    ],
)
def test_forms_of_one_arabic_word_meet(one, other):
    [one], [other] = folded(one), folded(other)
    assert ({one} | arabic_stems(one)) & ({other} | arabic_stems(other))


@pytest.mark.parametrize(
    ("one", "other"), [("بغداد", "غدا"), ("بيان", "بيت"), ("قلم", "قلب"), ("ولد", "لد")]
)
def test_other_words_do_not(one, other):
    assert not ({one} | arabic_stems(one)) & ({other} | arabic_stems(other))


def term(*those, exact=False):
    return Term(those, exact)


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("Tahrir  العراقُ", ((term("tahrir"),), (term("العراق"),))),
        ('"full Territory" x', ((term("full", "territory", exact=True),), (term("x"),))),
        ("“full Territory”", ((term("full", "territory", exact=True),),)),
        ("a b OR c | d e", ((term("a"),), (term("b"), term("c"), term("d")), (term("e"),))),
        ("2017-12-10", ((term("2017", "12", "10", exact=True),),)),
        ("a - b", ((term("a"),), (term("b"),))),
        ("«a»؟", ((term("a"),),)),
        ("or", ((term("or"),),)),
    ],
)
def test_what_is_typed_is_read(typed, asked):
    assert search(typed) == Search(asked, (), folded=True)


def test_what_is_left_out_is_read():
    asked = search('a -b -"c d"')
    assert asked.all == ((term("a"),),)
    assert asked.without == (term("b"), term("c", "d", exact=True))


def test_unfolded_words_are_asked_for_as_they_are_written():
    assert search("Cafe\u0301 أ", fold=False).all == (
        (term("Café", exact=True),),
        (term("أ", exact=True),),
    )


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ('a "b', "quote left open"),
        ("-a", "only without"),
        ("؟ ...", "nothing"),
        ('""', "nothing"),
        ("OR a", "lonely or"),
        ("a OR", "lonely or"),
        ("a OR OR b", "lonely or"),
        ("a OR -b", "lonely or"),
        ("a" * 501, "too long"),
        ("a " * 33, "too many words"),
    ],
)
def test_what_asks_for_nothing_is_refused(typed, reason):
    with pytest.raises(Unsearchable) as refused:
        search(typed)
    assert refused.value.reason == reason


@settings(deadline=None)
@given(typed=st.text(max_size=80))
def test_whatever_is_typed_is_read_or_refused(typed):
    for fold in (True, False):
        with suppress(Unsearchable):
            assert search(typed, fold=fold).all


def test_words_as_they_are_written_keep_their_case():
    assert written("The ÉCOLE") == ["The", "ÉCOLE"]
