"""Searching in lists: what is found by which words, in which order, and where in a text."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection, transaction

from claims.actions.articles import edit_article
from claims.actions.claims import edit_claim
from claims.actions.speakers import edit_speaker
from claims.models import Article, Claim, Speaker
from claims.queries.etags import etag
from claims.vocabulary import Outcome
from tests import make
from tests.api.walking import both_ways
from tests.conftest import Api, problem
from tests.models.rows import run

IRAQ = "وأعلن العراق تحرير كامل أراضيه من قبضة تنظيم داعش الإرهابي"


def now() -> None:
    """What is done at the end of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def page(q: str, path: str = "/claims/", **query: Any) -> Any:
    now()
    return Api().read(f"{path}?{urlencode({'q': q} | query)}")


def found(q: str, path: str = "/claims/", **query: Any) -> list[str]:
    return [it["id"] for it in page(q, path, **query)["results"]]


def marked(q: str, **query: Any) -> list[str]:
    """The pieces of the only document that is found which are highlighted."""
    told = page(q, **query)
    [document] = told["results"]
    pieces = []
    for span in told["search"]["highlights"][document["id"]]:
        text = document
        for name in span["pointer"][1:].split("/"):
            text = text[int(name)] if isinstance(text, list) else text[name]
        pieces.append(text[span["start"] : span["end"]])
    return pieces


def tag(row: Any) -> frozenset[str]:
    told = etag(type(row), row.pk)
    assert told is not None
    return frozenset({told})


@pytest.fixture
def iraq(db: None) -> Claim:
    make.fact(text="Something else was declared in Basra", fact=make.FACT | {"subject": "Basra"})
    return make.fact(text=IRAQ, language="ar", fact=make.FACT | {"subject": "ISIS"})


@pytest.mark.parametrize(
    "q",
    [
        "تحرير العراق",
        "عراق",
        "والعراقِ",
        "للعراق",
        "اراضيه",
        "الأراضي",
        "اعلن",
        "تنظيم الارهابى",
        "تحـــرير",
        '"تحرير كامل"',
        "تحرير -بغداد",
        'تحرير -"كامل تحرير"',
        "بغداد OR تحرير",
        "بغداد | البصرة | تحرير",
        "isis",
        "ISIS تحرير",
        "«تحرير»، العراق؟",
    ],
)
def test_a_claim_is_found_by_its_words_however_they_are_written(iraq: Claim, q: str) -> None:
    assert found(q) == [str(iraq.pk)]


@pytest.mark.parametrize(
    "q",
    ["بغداد", "تحرير بغداد", '"العراق كامل"', "تحرير -العراق", 'تحرير -"تحرير كامل"', "basr isis"],
)
def test_and_by_no_others(iraq: Claim, q: str) -> None:
    assert found(q) == []


@pytest.mark.parametrize(
    ("q", "is_found"),
    [
        ("تحرير", True),
        ("أراضيه", True),
        ("اراضيه", False),
        ("عراق", False),
        ('"كامل أراضيه"', True),
        ('"كامل اراضيه"', False),
        ("ISIS", True),
        ("isis", False),
        ("-isis تحرير", True),
        ("-ISIS تحرير", False),
    ],
)
def test_folding_can_be_switched_off(iraq: Claim, q: str, is_found: bool) -> None:
    assert found(q, fold="none") == [str(iraq.pk)] * is_found


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    ("text", "language", "q"),
    [
        ("The elections were postponed", "en", "election"),
        ("Les élections ont été reportées", "fr", "election"),
        ("Die Wahlen wurden verschoben", "de-AT", "Wahl"),
        ("Выборы перенесены", "ru", "выборы"),
        ("選挙は延期された", "ja", "選挙"),
        ("U.S. spending rose 3.5 %", "en", "3.5"),
        ("Straße gesperrt", "de", "strasse"),
    ],
)
def test_stems_are_those_of_the_claims_language(text: str, language: str, q: str) -> None:
    claim = make.fact(text=text, language=language)
    assert found(q) == [str(claim.pk)]
    assert found(q, language=language) == [str(claim.pk)]


@pytest.mark.usefixtures("db")
def test_a_statement_is_found_by_its_speakers_names_in_any_language() -> None:
    speaker = make.speaker(
        name="Tahsin al-Khafaji", names={"ar": "تحسين الخفاجي"}, other_names=["The spokesman"]
    )
    claim = make.statement(speaker=speaker.pk, text="Training goes on")
    make.statement(text="Nothing else goes on", speaker=make.speaker(name="Somebody").pk)
    for q in ("khafaji", "تحسين الخفاجى", "خفاجي training", '"tahsin al khafaji"', "spokesman"):
        assert found(q) == [str(claim.pk)], q
    assert str(claim.pk) not in found("goes -khafaji")
    desk = make.desk()
    edit_speaker(
        speaker_id=speaker.pk,
        changes={"name": "Another Name", "other_names": []},
        by=desk.checker,
        if_match=tag(Speaker.objects.get(pk=speaker.pk)),
    )
    assert found("spokesman") == []
    assert found("another") == [str(claim.pk)]
    assert found("تحسين another") == [str(claim.pk)]


@pytest.mark.usefixtures("db")
def test_a_name_that_many_speakers_have_finds_all_that_they_said() -> None:
    claims = [
        make.statement(speaker=make.speaker(name=f"Ministry {n}").pk, text=f"Bridge {n % 2} opens")
        for n in range(23)
    ]
    in_words = make.fact(text="The ministry opens a bridge", fact=make.FACT | {"subject": "x"})
    other = make.fact(text="A bridge opens", fact=make.FACT | {"subject": "x"})
    every = [str(it.pk) for it in (*claims, in_words)]
    assert sorted(found("ministry")) == sorted(found("ministry bridge")) == sorted(every)
    assert sorted(found("ministry 1")) == sorted(
        str(it.pk) for n, it in enumerate(claims) if n % 2 or n == 1
    )
    assert found("bridge -ministry") == [str(other.pk)]
    assert found('"the ministry"') == [str(in_words.pk)]
    assert found('"ministry 22" bridge') == [str(claims[22].pk)]
    assert len(found("ministry OR opens")) == 25
    rows = both_ways(Api(), "/claims/?q=ministry+bridge&page_size=5", 5)
    assert sorted(row["id"] for row in rows) == sorted(every)


@pytest.mark.usefixtures("db")
def test_a_claim_is_found_by_headlines_and_articles_by_theirs() -> None:
    claim, appearance = make.marked_fact()
    article = appearance.article
    other = make.article(headline="Flood in Basra")
    assert found("عناوين") == []
    assert found("عنوان") == [str(claim.pk)]
    assert found("عنوان victory") == [str(claim.pk)]
    assert found("العنوان", "/articles/") == [str(article.pk)]
    assert found("basra", "/articles/", language="ar") == [str(other.pk)]
    desk = make.desk()
    edit_article(
        article_id=article.pk,
        changes={"headline": "A drought"},
        by=desk.checker,
        if_match=tag(Article.objects.get(pk=article.pk)),
    )
    assert found("عنوان") == found("عنوان", "/articles/") == []
    assert found("drought victory") == [str(claim.pk)]
    assert found("drought", "/articles/") == [str(article.pk)]


@pytest.mark.usefixtures("db")
def test_a_claim_is_found_by_the_rationales_that_stand() -> None:
    desk, claim = make.desk(), make.fact()
    now()
    make.verdict(claim, desk.checker, rationale="The gazette says Tuesday")
    assert found("gazette victory") == [str(claim.pk)]
    make.verdict(claim, desk.checker, rationale="The register says Monday")
    assert found("gazette") == []
    assert found("registers", status="disputed") == [str(claim.pk)]
    make.verdict(claim, desk.checker, Outcome.WITHDRAWN, rationale="We were mistaken")
    assert found("register") == found("mistaken") == []
    assert found("victory", status="unverified") == [str(claim.pk)]


@pytest.mark.usefixtures("db")
def test_a_claim_is_found_by_what_it_says_now() -> None:
    claim = make.fact()
    now()
    changes = {"text": "Other words", "fact": make.FACT | {"subject": "a matter"}}
    edit_claim(claim_id=claim.pk, changes=changes, by=make.desk().checker, if_match=tag(claim))
    assert found("victory") == found("liberation") == []
    assert found("other matter") == [str(claim.pk)]


@pytest.mark.usefixtures("committed")
def test_what_is_erased_is_not_found() -> None:
    with transaction.atomic():
        desk, claim = make.desk(), make.fact()
        verdict = make.verdict(claim, desk.checker, rationale="The gazette says Tuesday")
    assert found("gazette") == [str(claim.pk)]
    erase = "UPDATE claims_content SET text = NULL, salt = NULL, erased_at = now() WHERE id = %s"
    run(erase, [verdict.rationale_id], using="owner")
    assert found("gazette") == []
    [(words,)] = run("SELECT words::text FROM claims_wording WHERE id = %s", [claim.pk])
    assert "gazett" not in words


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    ("text", "q", "pieces"),
    [
        (IRAQ, "العراق تحرير", ["العراق", "تحرير"]),
        (IRAQ, '"تحرير كامل"', ["تحرير كامل"]),
        (IRAQ, "اراضي", ["أراضيه"]),
        ("قال: العِـرَاقُ أوّلاً", "عراق", ["العِـرَاقُ"]),
        ("The 'Elections' of ELECTION day", "elections", ["Elections", "ELECTION"]),
        ("a 😀 Straße", "strasse", ["Straße"]),
    ],
)
def test_what_is_found_is_told_by_spans_of_the_text(text: str, q: str, pieces: list[str]) -> None:
    language = "ar" if text[0] > "z" else "en"
    make.fact(text=text, language=language)
    assert marked(q) == pieces


@pytest.mark.usefixtures("db")
def test_spans_are_told_in_every_text_of_a_document() -> None:
    desk = make.desk()
    claim, _ = make.marked_fact(speaker=make.speaker(name="Victory Press").pk)
    make.verdict(claim, desk.checker, rationale="No victory, but victories.")
    assert marked("victory") == ["victory", "Victory", "victory", "victories"]


@pytest.mark.usefixtures("db")
def test_words_as_they_are_written_are_told_so() -> None:
    make.fact(text="US and us")
    assert marked("US", fold="none") == ["US"]


@pytest.mark.usefixtures("db")
def test_the_most_relevant_can_be_told_first() -> None:
    far = make.fact(text="Iraq, after a long war and many years, saw its liberation")
    near = make.fact(text="The liberation of Iraq: Iraq and its liberation")
    make.fact(text="Iraq alone", fact=make.FACT | {"subject": "x"})
    told = page("iraq liberation", ordering="-relevance")
    assert [it["id"] for it in told["results"]] == [str(near.pk), str(far.pk)]
    assert told["search"]["ranked"] == {"newest": 2, "complete": True}
    rows = both_ways(Api(), "/claims/?q=iraq+liberation&ordering=-relevance&page_size=1", 1)
    assert [it["id"] for it in rows] == [str(near.pk), str(far.pk)]
    assert page("iraq")["search"]["ranked"] is None


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"q": '"open'}, "q"),
        ({"q": "-iraq"}, "q"),
        ({"q": "؟!"}, "q"),
        ({"q": "iraq OR"}, "q"),
        ({"q": "a" * 501}, "q"),
        ({"q": "½", "fold": "none"}, "q"),
        ({"q": "iraq", "fold": "all"}, "fold"),
        ({"fold": "none"}, "fold"),
        ({"q": "iraq", "ordering": "changed_at"}, "ordering"),
        ({"ordering": "-relevance"}, "ordering"),
        ({"q": "iraq", "as_of": "2020-01-01"}, "q"),
        ({"q": "iraq", "nothing": "1"}, "nothing"),
    ],
)
def test_what_cannot_be_searched_for_is_refused_by_name(
    query: dict[str, str], parameter: str
) -> None:
    refusal = problem(Api().get(f"/claims/?{urlencode(query)}"), "bad-parameter", 400)
    assert [it["parameter"] for it in refusal["errors"]] == [parameter]


@pytest.mark.usefixtures("db")
def test_only_some_lists_are_searched() -> None:
    problem(Api().get("/speakers/?q=x"), "bad-parameter", 400)


def test_a_claim_whose_article_has_no_headline_is_highlighted_too(db: None) -> None:
    article = make.article(headline=None, url="https://example.org/without-headline")
    make.fact(text="The bridge was opened", appearance={"article": article.pk})
    for query in ({}, {"fold": "none"}):
        assert marked("bridge", **query) == ["bridge"]
        assert marked('"was opened"', **query) == ["was opened"]
