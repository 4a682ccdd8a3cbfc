"""Finding passages: verbatim, loosely, among several, and again in a later text."""

import hashlib
import json
import os
import sys
import unicodedata
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from claims.text import (
    MOST_CANDIDATES,
    Passage,
    PassageAmbiguous,
    PassageNotFound,
    PassageRefused,
    Searchable,
    bidi_controls,
    locate,
    passage_at,
    reanchor,
)
from claims.text.characters import IGNORED, continues

SHARED = Path(os.environ.get("ISNAD_SHARED") or Path(__file__).parents[2] / "shared")
TEXT = "وأعلن العراق تحرير كامل أراضيه. ثم أعلن العراق «عيداً» وطنياً."


def found(text, exact, **more):
    return locate(text, exact=exact, **more).exact


def attempt(text, **asked):
    """The places that are told, how many there are, and the reason of a refusal."""
    try:
        return [locate(text, **asked)], 1, None
    except PassageAmbiguous as refused:
        return refused.candidates, refused.total, refused.reason
    except PassageNotFound as refused:
        return [], 0, refused.reason


BLANK = "exact holds only white space or marks: give words of the passage"


def at(passage):
    return passage.start, passage.end


# --- by offsets ----------------------------------------------------------------------------------


def test_a_passage_is_told_as_the_text_has_it_with_its_surroundings():
    text = "a" * 40 + "\u0301\r\n x" + "b" * 40
    assert passage_at(text, 40, 45) == Passage(40, 45, "\u0301\r\n x", "a" * 32, "b" * 32)
    assert passage_at("ab", 1, 2) == Passage(1, 2, "b", "a", "")


def test_offsets_count_code_points_not_units_of_utf_16():
    assert passage_at("😀😀ab", 2, 4).exact == "ab"


@pytest.mark.parametrize(
    ("start", "end"), [(-1, 2), (0, 0), (2, 1), (0, 4), (3, 4), (10**30, 10**31)]
)
def test_offsets_outside_of_the_text_are_refused(start, end):
    with pytest.raises(PassageNotFound, match=r"the text has 3"):
        passage_at("abc", start, end)
    with pytest.raises(PassageNotFound):
        locate("abc", start=start, end=end)


def test_offsets_alone_are_enough_but_not_one_of_them_nor_around_nothing():
    assert at(locate("abc def", start=4, end=7)) == (4, 7)
    with pytest.raises(PassageNotFound, match="by exact, or by start and end"):
        locate("abc def", start=4)
    with pytest.raises(PassageNotFound, match="only white space"):
        locate("abc \u200b def", start=3, end=6)


def test_offsets_beside_exact_must_agree():
    text = "one two three two"
    assert at(locate(text, exact="two", start=14, end=17)) == (14, 17)
    assert at(locate(text, exact="two", start=14)) == (14, 17)
    assert at(locate(text, exact="two", end=7)) == (4, 7)


def test_offsets_that_disagree_are_refused_saying_where_it_is():
    with pytest.raises(PassageNotFound, match="not at 5 to 8: it is at 4 to 7") as refused:
        locate("one two three", exact="two", start=5, end=8)
    assert at(refused.value.nearest) == (4, 7)
    with pytest.raises(PassageNotFound, match="of its 2 places the nearest is at 14 to 17"):
        locate("one two three two", exact="two", start=13, end=16)
    with pytest.raises(PassageNotFound, match="4 to 8 differs from it in white space"):
        locate("one t wo three", exact="t  wo", start=4, end=8)
    with pytest.raises(PassageNotFound, match="nor anything much like it"):
        locate("one two three", exact="four", start=4, end=8)


# --- verbatim ------------------------------------------------------------------------------------


def test_one_verbatim_occurrence_is_found_whatever_surrounds_it():
    assert at(locate(TEXT, exact="تحرير كامل", prefix="wrong", suffix="wrong")) == (13, 23)


def test_a_verbatim_occurrence_is_not_widened():
    assert found("كتابٌ", "كتاب") == "كتاب"
    assert found(" a b ", " a ") == " a "


@pytest.mark.parametrize("exact", ["", " ", "\n\u00a0\u200b", "\u064b", "ـ", "\u0301"])
def test_an_exact_without_letters_is_refused(exact):
    with pytest.raises(PassageNotFound, match=r"exact (is empty|holds only)"):
        locate("a \n\u00a0\u200b \u064b ـ \u0301", exact=exact)


def test_of_several_the_surroundings_decide():
    text = "the cat sat. a cat ran. the cat slept."
    assert at(locate(text, exact="cat", suffix=" ran")) == (15, 18)
    assert at(locate(text, exact="cat", prefix="the ", suffix=" slept")) == (28, 31)


def test_surroundings_are_compared_loosely_when_they_do_not_fit_verbatim():
    text = "قالَ العراق نعم\nوقال  العراق لا"
    assert at(locate(text, exact="العراق", prefix="قال ", suffix=" نعم")) == (5, 11)
    assert at(locate(text, exact="العراق", prefix="وقال ")) == (22, 28)
    assert at(locate(text, exact=" العراق", prefix="وقال")) == (21, 28)


def test_a_text_without_surroundings_is_ambiguous_and_names_the_places():
    with pytest.raises(PassageAmbiguous, match="3 times; give what stands") as refused:
        locate("cat cat cat", exact="cat")
    assert [at(c) for c in refused.value.candidates] == [(0, 3), (4, 7), (8, 11)]
    assert refused.value.candidates[1].prefix == "cat "
    assert refused.value.total == 3


def test_surroundings_that_fit_none_or_all_leave_it_ambiguous():
    with pytest.raises(PassageAmbiguous, match="fit none of them") as refused:
        locate("a cat, a cat", exact="cat", prefix="the ")
    assert refused.value.total == 2
    with pytest.raises(PassageAmbiguous, match="fit them all") as refused:
        locate("a cat, a cat, the cat", exact="cat", prefix="a ")
    assert [at(c) for c in refused.value.candidates] == [(2, 5), (9, 12)]
    with pytest.raises(PassageAmbiguous, match="fit them all") as refused:
        locate("a  cat, a\ncat, the cat", exact="cat", prefix="a ")
    assert refused.value.total == 2


def test_overlapping_occurrences_count_separately():
    with pytest.raises(PassageAmbiguous) as refused:
        locate("aaaaa", exact="aaa")
    assert [at(c) for c in refused.value.candidates] == [(0, 3), (1, 4), (2, 5)]


@given(st.text("ab", min_size=1, max_size=60), st.text("ab", min_size=1, max_size=6))
def test_occurrences_are_counted_as_one_by_one(text, exact):
    naive = [n for n in range(len(text)) if text.startswith(exact, n)]
    candidates, total, _ = attempt(text, exact=exact)
    assert total == len(naive)
    assert [at(c) for c in candidates] == [(n, n + len(exact)) for n in naive[:MOST_CANDIDATES]]


# --- loosely -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "exact", "expected"),
    [
        ("x one\u00a0\n\u202ftwo y", "one two", "one\u00a0\n\u202ftwo"),
        ("x one two y", "  one \r\n two\t", "one two"),
        ("x one\u200btwo y", "onetwo", "one\u200btwo"),
        ("x onetwo y", "one\u200f\u00adtwo", "onetwo"),
        ("x one two y", "onetwo", "one two"),
        ("x onetwo y", "one two", "onetwo"),
        ("x «one» – ‘two’ y", "\"one\" - 'two'", "«one» – ‘two’"),
        ("x \"one\" - 'two' y", "“one” — ʼtwo′", "\"one\" - 'two'"),
        ("قالَ مُحَمَّدٌ نعم", "محمد نعم", "مُحَمَّدٌ نعم"),
        ("قال محمد نعم", "مُحَمَّد نعم", "محمد نعم"),
        ("قال محـــمد نعم", "محمد  نعم", "محـــمد نعم"),
        ("هٰذا كتابٌ، نعم", "هذا كتاب", "هٰذا كتابٌ"),
        ("بـَ", "ب ", "ب"),
        ("le cafe\u0301 noir", "café  noir", "cafe\u0301 noir"),
        ("le café noir", "le cafe\u0301", "le café"),
        ("le cafe\u0301 noir", "le café", "le cafe\u0301"),
        ("سأ\u064eل", "سا\u0654ل", "سأ\u064eل"),
        ("سا\u064e\u0654ل", "سأل", "سا\u064e\u0654ل"),
        ("x \u1112\u1161\u11ab y", "한", "\u1112\u1161\u11ab"),
        ("x 한 y", "\u1112\u1161\u11ab", "한"),
        ("a\u0316\u0301 b", "a\u0301\u0316", "a\u0316\u0301"),
        ("x \u0958 y", "\u0915\u093c y", "\u0958 y"),
        ("x Å y", "\u212b y", "Å y"),
    ],
)
def test_a_passage_is_found_that_differs_in_what_does_not_matter(text, exact, expected):
    assert found(text, exact) == expected


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("resume", "résumé"),
        ("résumé", "resume"),
        ("احمد", "أحمد"),
        ("Iraq", "iraq"),
        ("على", "علي"),
    ],
)
def test_letters_are_never_equated(text, exact):
    with pytest.raises(PassageNotFound):
        locate(text, exact=exact)


def test_white_space_that_is_there_is_preferred_to_white_space_that_is_not():
    assert at(locate("now here or nowhere", exact="now\nhere")) == (0, 8)


def test_of_several_loose_places_the_surroundings_decide():
    text = "one\ntwo, then one\u00a0two."
    with pytest.raises(PassageAmbiguous) as refused:
        locate(text, exact="one two")
    assert [c.exact for c in refused.value.candidates] == ["one\ntwo", "one\u00a0two"]
    assert found(text, "one two", prefix="then ") == "one\u00a0two"
    assert found(text, "one two", suffix=" , then") == "one\ntwo"


def test_what_is_only_partly_there_is_refused_showing_where_it_parts():
    text = "وأعلن العراق تحرير كامل أراضيه بعد ثلاث سنوات"
    with pytest.raises(PassageNotFound, match="only its beginning is") as refused:
        locate(text, exact="وأعلن العراق تحرير كامل مدنه")
    assert refused.value.nearest.exact == "وأعلن العراق تحرير كامل"
    assert "the text has “أراضيه بعد ثلاث سنوات”, exact has “مدنه”" in refused.value.reason
    with pytest.raises(PassageNotFound, match="only its end is") as refused:
        locate(text, exact="حرر كامل أراضيه بعد ثلاث سنوات")
    assert refused.value.nearest.exact.endswith("كامل أراضيه بعد ثلاث سنوات")
    with pytest.raises(PassageNotFound, match="nor anything much like it") as refused:
        locate(text, exact="شيء آخر لا صلة له")
    assert refused.value.nearest is None


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
letters = st.text("abé\u0301أا\u0654لم\u064e ـ\u00a0\n-–“\"'", min_size=1, max_size=60)


@given(st.data(), st.one_of(words, letters, st.text(min_size=1)))
def test_any_part_of_any_text_is_located_or_ambiguous(data, text):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    exact = text[start:end]
    around = passage_at(text, start, end)
    candidates, total, reason = attempt(
        text, exact=exact, prefix=around.prefix, suffix=around.suffix
    )
    if reason == BLANK:
        return
    assert total > 0
    if total == 1:
        # Surroundings cut from the text fit at least there; if they fit once, it is there.
        assert at(candidates[0]) == (start, end)
    for candidate in candidates:
        assert candidate == passage_at(text, *at(candidate))
        assert candidate.exact == exact
    assert at(locate(text, exact=exact, start=start, end=end)) == (start, end)


@given(st.data(), st.one_of(words, letters))
def test_what_is_strewn_into_exact_does_not_hide_it(data, text):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    exact = text[start:end]
    # A letter torn from its marks is another letter, even with white space between them.
    for rest in text[start:], text[end:]:
        following = (c for c in rest if not c.isspace() and c not in IGNORED)
        assume(not continues(next(following, "x")))
    strewn = "".join(
        c + data.draw(st.text("\u064e\u0651\u0670ـ \u200b\u00a0\n", max_size=2)) for c in exact
    )
    candidates, total, reason = attempt(text, exact=strewn)
    assert total > 0 or reason == BLANK
    for candidate in candidates:
        assert candidate == passage_at(text, *at(candidate))


@given(letters)
def test_both_normal_forms_find_each_other(text):
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    for one, other in ((composed, decomposed), (decomposed, composed)):
        candidates, total, reason = attempt(one, exact=other)
        assert total == 1 or reason == BLANK
        for candidate in candidates:
            # White space and ignored characters at the ends are not part of it.
            assert unicodedata.normalize("NFC", candidate.exact) in composed


@given(st.text(), st.text(), st.text(), st.text(), st.integers(), st.integers())
def test_nothing_asked_of_any_text_breaks(text, exact, prefix, suffix, start, end):
    for more in ({}, {"start": start, "end": end}, {"start": start}):
        candidates, total, reason = attempt(text, exact=exact, prefix=prefix, suffix=suffix, **more)
        assert reason or total == 1
        for candidate in candidates:
            assert candidate == passage_at(text, *at(candidate))
    anchor, *_ = reanchor(text, exact=exact, prefix=prefix, suffix=suffix, start=start, end=end)
    assert anchor in ("exact", "moved", "lost")


def test_every_character_that_composes_with_another_is_known_to_continue_it():
    for point in range(sys.maxunicode + 1):
        pair = unicodedata.decomposition(chr(point)).split()
        if len(pair) == 2 and not pair[0].startswith("<"):
            assert continues(chr(int(pair[1], 16))), f"{point:X}"


# --- again in a later text -----------------------------------------------------------------------


def again(text, exact, start, prefix="", suffix=""):
    return reanchor(
        text, exact=exact, prefix=prefix, suffix=suffix, start=start, end=start + len(exact)
    )


def test_a_passage_that_did_not_move_is_exact():
    assert again("cat cat", "cat", 4) == ("exact", 4, 7)


def test_a_passage_that_moved_is_found():
    assert again("so, the cat", "cat", 0) == ("moved", 8, 11)


def test_of_several_places_the_best_surroundings_win_then_the_nearest():
    text = "a cat; the cat; some cat; the cat."
    assert again(text, "cat", 31, prefix="some ") == ("moved", 21, 24)
    assert again(text, "cat", 29, prefix="the ") == ("moved", 30, 33)
    assert again(text, "cat", 13, prefix="the ") == ("moved", 11, 14)
    assert again(text, "cat", 0, prefix="XXhe ", suffix=".") == ("moved", 30, 33)
    assert again(text, "cat", 22) == ("moved", 21, 24)


def test_a_passage_that_differs_in_marks_alone_has_moved_if_there_is_one_such():
    assert again("قالَ نعم", "قال  نعم", 0) == ("moved", 0, 8)
    assert again("قالَ نعم، قالُ نعم", "قال  نعم", 0) == ("lost", None, None)


def test_a_passage_that_is_gone_or_blank_is_lost():
    assert again("the cat", "dog", 0) == ("lost", None, None)
    assert again("the cat", " ", 0) == ("lost", None, None)
    assert again("", "cat", 0) == ("lost", None, None)


@given(st.text("abc ", min_size=1), st.text("abc "), st.data())
def test_a_passage_that_is_still_there_is_never_lost(text, before, data):
    start = data.draw(st.integers(0, len(text) - 1))
    passage = passage_at(text, start, data.draw(st.integers(start + 1, len(text))))
    assume(passage.exact.strip())
    anchor, now, end = reanchor(
        before + text,
        exact=passage.exact,
        prefix=passage.prefix,
        suffix=passage.suffix,
        start=passage.start,
        end=passage.end,
    )
    assert anchor == "exact" or (anchor == "moved" and now != start)
    assert (before + text)[now:end] == passage.exact


# --- cost ----------------------------------------------------------------------------------------

LONG = 1_000_000
LAST = " وهذه جملة أخيرة لا توجد إلا هنا."


# Each of these takes seconds at most; work that grows with the square of the text takes hours, and
# fails by this limit. How fast it is stands in the benchmark.
in_bounded_time = pytest.mark.timeout(60)


ARABIC = (TEXT * (LONG // len(TEXT) + 1))[: LONG - len(LAST)] + LAST


@in_bounded_time
@pytest.mark.parametrize(
    ("text", "exact"),
    [
        (ARABIC, LAST),
        (ARABIC, LAST.replace(" ", "  ")),
        (ARABIC, LAST.replace(" ", "")),
        (ARABIC, LAST[:20] + "شيء آخر"),
        ("".join(c + "\u064e" for c in ARABIC[-LONG // 2 :]), LAST),
        (unicodedata.normalize("NFD", ARABIC)[:LONG], LAST.replace(" ", "")),
        ("a" * LONG, "aaaa"),
        ("a" * LONG, "a" * 10_000),
        ("a" * LONG, "a" * 5_000 + "b" + "a" * 5_000),
        ("ab" * (LONG // 2), "b" + "a" * 10_000),
        ("a  " * (LONG // 3), "a b"),
        ("x" + "\u0301\u0316" * (LONG // 2), "y z"),
        ("की" * (LONG // 2), "y z"),
        ("".join(map(chr, range(LONG))), "A  B x"),
    ],
    ids=[
        *(
            "verbatim",
            "white space",
            "joined words",
            "not there",
            "vowelled",
            "decomposed",
            "one letter",
        ),
        *("long of one letter", "nearly one letter", "two letters", "runs of spaces", "marks"),
        *("vowel signs", "all of Unicode"),
    ],
)
@pytest.mark.unmeasured
def test_no_text_of_a_million_code_points_takes_long(text, exact):
    with suppress(PassageRefused):
        locate(text, exact=exact, prefix="zz")


@pytest.mark.unmeasured
@in_bounded_time
def test_hundreds_of_passages_are_found_again_in_one_text_without_reading_it_each_time():
    text = Searchable(ARABIC)
    for n in range(300):
        exact = ARABIC[n * 3_000 : n * 3_000 + 80]
        again(text, exact, n * 3_000 + 7, prefix="x")
        again(text, exact.replace(" ", "  ", 1) + "؟", n * 3_000)


# --- the direction of writing --------------------------------------------------------------------


def test_every_control_of_direction_is_seen():
    controls = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    assert bidi_controls("ا".join(controls)) == list(range(0, 24, 2))
    assert bidi_controls("أب\u200c\u200d\u2060 x") == []


# --- a real article ------------------------------------------------------------------------------


def test_every_claim_of_the_gold_reading_is_located_where_it_stands():
    seeds = SHARED / "seeds"
    if not seeds.is_dir():
        pytest.skip(f"no gold reading in {seeds}: ISNAD_SHARED says where it is")
    gold = json.loads((seeds / "sputnik-2020-03-14.gold.json").read_text("utf-8"))
    raw = (seeds / gold["article"]["file"]).read_bytes()
    assert hashlib.sha256(raw).hexdigest() == gold["article"]["sha256"]
    text = Searchable(raw.decode())
    assert len(gold["claims"]) == 17
    for claim in gold["claims"]:
        expected = claim["start"], claim["end"]
        assert at(locate(text, exact=claim["exact"])) == expected
        loosely = claim["exact"].replace(" ", " \n").replace('"', "”")
        assert at(locate(text, exact=loosely)) == expected
