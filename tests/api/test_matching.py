"""Was this checked before? Over HTTP."""

from typing import Any

import pytest
from django.test import override_settings

from claims.actions.indexing import count
from claims.models import Article, Claim, Uncounted
from claims.queries.etags import etag
from claims.vocabulary import Outcome
from tests import make
from tests.conftest import Api, problem

CLAIMS = [
    ("ar", "أعلن العراق في 10 كانون الأول (ديسمبر) 2017 أنه حرّر أراضيه كلها من داعش."),
    ("ar", "صوّت مجلس النواب العراقي في 5 كانون الثاني 2020 على إلغاء الاتفاقية الأمنية."),
    ("ar", "قُتل ثمانية أشخاص في الغارة الأمريكية قرب مطار بغداد الدولي."),
    ("en", "The vaccine against measles causes autism in children."),
    ("en", "Oil prices rose by 3 percent on Monday after the attack on the refinery."),
    ("en", "Butterflies are dying out in Australia because of the bush fires."),
]


def claim(text: str, language: str = "en", **more: Any) -> Claim:
    return make.create_claim(
        kind=more.pop("kind", "fact"),
        text=text,
        language=language,
        fact={"subject": "x", "property": "y", "value": "z", "value_type": "text"},
        by=None,
        **more,
    )


@pytest.fixture
def claims(db: None) -> list[Claim]:
    made = [claim(text, language) for language, text in CLAIMS]
    counted()
    return made


def counted() -> None:
    while count():
        pass


def ask(checker: Api, text: str, **more: Any) -> list[dict[str, Any]]:
    response = checker.post("/claims/match/", {"text": text, **more})
    assert response.status_code == 200, response.content.decode()
    [result] = response.json()["results"]
    found: list[dict[str, Any]] = result["matches"]
    return found


def test_the_sentence_of_another_outlet_finds_the_disputed_claim(claims: list[Claim]) -> None:
    desk = make.desk()
    make.verdict(claims[0], desk.checker, Outcome.DISPUTED)
    first, *_ = ask(Api(), "وأعلن العراق تحرير كامل أراضيه من قبضة داعش يوم 10 ديسمبر 2017")
    assert first["claim"]["id"] == str(claims[0].pk)
    assert first["claim"]["status"] == "disputed"
    [verdict] = first["claim"]["verdicts"]
    assert verdict["organization"]["name"] == desk.organization.name
    assert first["label"] in {"same", "likely"}
    assert first["reasons"]["dates"] == ["2017-12-10"]
    assert "داعش" in first["reasons"]["words"]
    assert first["differences"] == []


@pytest.mark.parametrize(
    ("asked", "position", "kind"),
    [
        ("The vaccine against measles does not cause autism in children.", 3, "negation"),
        (
            "Oil prices fell by 3 percent on Monday after the attack on the refinery.",
            4,
            "direction",
        ),
        ("Oil prices rose by 7 percent on Monday after the attack on the refinery.", 4, "number"),
        ("أعلن العراق في 9 كانون الأول 2017 أنه حرر أراضيه كلها من داعش", 0, "date"),
        ("لم يقتل ثمانية أشخاص في الغارة الأمريكية قرب مطار بغداد الدولي", 2, "negation"),
        ("قتل سبعة أشخاص في الغارة الأمريكية قرب مطار بغداد الدولي", 2, "number"),
    ],
)
def test_what_differs_is_named_and_never_called_the_same(
    claims: list[Claim], asked: str, position: int, kind: str
) -> None:
    first, *_ = ask(Api(), asked)
    assert first["claim"]["id"] == str(claims[position].pk)
    assert kind in {it["kind"] for it in first["differences"] if it["decides"]}
    assert first["label"] == "differs"
    assert first["score"] < 0.8


@pytest.mark.parametrize("position", range(len(CLAIMS)))
def test_the_very_same_text_comes_first_and_is_the_same(claims: list[Claim], position: int) -> None:
    first, *_ = ask(Api(), CLAIMS[position][1])
    assert first["claim"]["id"] == str(claims[position].pk)
    assert first["label"] == "same"
    assert first["score"] >= 0.99
    assert first["reasons"]["word_for_word"]


@pytest.mark.parametrize(
    "asked",
    [
        "اعلن العراق في ١٠ كانون الاول ديسمبر ٢٠١٧ انه حرر اراضيه كلها من داعش",
        "أُعلِنَ العـــراقُ في 10 كانون الأول «ديسمبر» ۲۰۱۷ أنه حرّر أراضیه کلها من داعش!",
    ],
)
def test_a_text_that_differs_in_writing_alone_is_the_same(claims: list[Claim], asked: str) -> None:
    first, *_ = ask(Api(), asked)
    assert (first["claim"]["id"], first["label"]) == (str(claims[0].pk), "same")


def test_a_claim_is_found_before_it_is_counted(db: None) -> None:
    made = claim("Two storks nest on the minaret of the old mosque.")
    assert Uncounted.objects.exists()
    first, *_ = ask(Api(), "Storks nest on the old minaret")
    assert first["claim"]["id"] == str(made.pk)


def test_a_claim_is_found_by_the_passage_where_it_stands(db: None) -> None:
    made, appearance = make.marked_fact()
    first, *_ = ask(Api(), appearance.exact)
    assert first["claim"]["id"] == str(made.pk)
    assert first["reasons"]["word_for_word"]


def test_an_edited_claim_is_found_by_its_new_words_alone(checker: Api, claims: list[Claim]) -> None:
    path, tag = f"/claims/{claims[5].pk}/", etag(Claim, claims[5].pk)
    text = "Storks return to the marshes of Iraq."
    response = checker.patch(path, {"text": text}, if_match=tag)
    assert response.status_code == 200, response.content.decode()
    first, *_ = ask(Api(), "storks return to the marshes")
    assert first["claim"]["id"] == str(claims[5].pk)
    assert not ask(Api(), "butterflies dying in Australia bush fires", min_score=0.3)


def test_a_new_headline_is_what_claims_are_found_under(checker: Api, db: None) -> None:
    made, appearance = make.marked_fact()
    article = appearance.article
    response = checker.patch(
        f"/articles/{article.pk}/",
        {"headline": "Xylophones of Zanzibar"},
        if_match=etag(Article, article.pk),
    )
    assert response.status_code == 200, response.content.decode()
    first, *_ = ask(Api(), "Zanzibar xylophones")
    assert first["claim"]["id"] == str(made.pk)


def test_only_claims_in_the_language_asked_for_are_told(claims: list[Claim]) -> None:
    text = CLAIMS[3][1] + " " + CLAIMS[0][1]
    assert {it["claim"]["language"] for it in ask(Api(), text)} == {"ar", "en"}
    assert {it["claim"]["language"] for it in ask(Api(), text, language="ar")} == {"ar"}


def test_no_more_than_the_limit_and_nothing_below_the_least_score(claims: list[Claim]) -> None:
    everything = " ".join(text for _language, text in CLAIMS)
    assert len(ask(Api(), everything, limit=2)) == 2
    scores = [it["score"] for it in ask(Api(), everything)]
    assert scores == sorted(scores, reverse=True)
    assert all(it["score"] >= 0.3 for it in ask(Api(), CLAIMS[0][1], min_score=0.3))


def test_several_texts_are_answered_in_their_order(claims: list[Claim]) -> None:
    texts = [text for _language, text in CLAIMS]
    response = Api().post("/claims/match/", {"texts": texts, "limit": 1})
    found = [it["matches"][0]["claim"]["id"] for it in response.json()["results"]]
    assert found == [str(it.pk) for it in claims]


def repeats(checker: Api, claim: Claim) -> list[str]:
    response = checker.post("/claims/match/", {"claim": str(claim.pk)})
    assert response.status_code == 200, response.content.decode()
    [result] = response.json()["results"]
    return [it["claim"]["id"] for it in result["matches"]]


@pytest.mark.parametrize("relation", ["same", "not_the_same", "contradicts"])
def test_what_may_repeat_a_claim_is_asked_for_until_somebody_has_decided(
    checker: Api, claims: list[Claim], relation: str
) -> None:
    again = claim(claims[0].text, claims[0].language)
    counted()
    assert repeats(checker, claims[0])[0] == str(again.pk)
    suggested = ask(checker, again.text)[0]
    decision = {
        "other": str(again.pk),
        "relation": relation,
        "score": suggested["score"],
        "reasons": suggested["reasons"],
    }
    made = checker.post(f"/claims/{claims[0].pk}/relations/", decision)
    assert made.status_code == 201, made.content.decode()
    assert made.json()["reasons"] == [suggested["reasons"]]
    for one, other in ((claims[0], again), (again, claims[0])):
        assert str(other.pk) not in repeats(checker, one)
        assert str(one.pk) not in repeats(checker, one)


def test_an_unknown_claim_has_no_repeats(checker: Api, db: None) -> None:
    unknown = "01890000-0000-7000-8000-000000000000"
    document = problem(checker.post("/claims/match/", {"claim": unknown}), "invalid", 400)
    assert [it["pointer"] for it in document["errors"]] == ["#/claim"]


def test_nothing_is_found_in_an_empty_record(db: None) -> None:
    assert ask(Api(), "Anything at all") == []


@pytest.mark.parametrize("text", ["🙂", "؟!", "a", "…", "1", "\u0001x", "ﷺ", "x" * 10_000])
def test_odd_texts_are_answered(claims: list[Claim], text: str) -> None:
    ask(Api(), text)


def test_an_emoji_is_found_by_itself(claims: list[Claim]) -> None:
    made = claim("🙂")
    first, *_ = ask(Api(), "🙂")
    assert (first["claim"]["id"], first["label"]) == (str(made.pk), "same")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#/text"),
        ({"text": "a", "texts": ["b"]}, "#/text"),
        ({"text": ""}, "#/text"),
        ({"text": "  \u200b"}, "#/text"),
        ({"text": "x" * 10_001}, "#/text"),
        ({"text": None}, "#/text"),
        ({"text": 3}, "#/text"),
        ({"texts": []}, "#/texts"),
        ({"texts": ["a"] * 101}, "#/texts"),
        ({"texts": ["a", ""]}, "#/texts/1"),
        ({"text": "a", "limit": 0}, "#/limit"),
        ({"text": "a", "limit": 51}, "#/limit"),
        ({"text": "a", "limit": "3"}, "#/limit"),
        ({"text": "a", "min_score": 1.5}, "#/min_score"),
        ({"text": "a", "min_score": True}, "#/min_score"),
        ({"text": "a", "language": "xx-nowhere"}, "#/language"),
        ({"text": "a", "more": 1}, "#/more"),
    ],
)
def test_what_cannot_be_asked_is_named(db: None, body: dict[str, Any], pointer: str) -> None:
    told = problem(Api().post("/claims/match/", body), "invalid", 400)
    assert pointer in {it["pointer"] for it in told["errors"]}


def test_nul_is_refused(db: None) -> None:
    problem(Api().post("/claims/match/", {"text": "a\x00b"}), "not-json", 400)


def test_a_body_that_is_too_large_is_refused(db: None) -> None:
    problem(Api().post("/claims/match/", {"texts": ["x" * 10_000] * 300}), "too-large", 413)


def test_each_text_counts_towards_the_rate(db: None) -> None:
    with override_settings(MATCHES_PER_MINUTE=(3_000, 5)):
        assert Api().post("/claims/match/", {"texts": ["a"] * 5}).status_code == 200
        refused = Api().post("/claims/match/", {"text": "a"})
    problem(refused, "too-many-requests", 429)
    assert int(refused["Retry-After"]) >= 1


# Before filing


def body(text: str) -> dict[str, Any]:
    return {
        "kind": "fact",
        "text": text,
        "language": "en",
        "fact": {"subject": "x", "property": "y", "value": "z", "value_type": "text"},
    }


def test_a_likely_repeat_is_told_instead_of_filed(checker: Api, claims: list[Claim]) -> None:
    before = Claim.objects.count()
    refused = checker.post(
        "/claims/?similar=true", body("Measles vaccine causes autism in children")
    )
    told = problem(refused, "similar-claims", 409)
    assert told["candidates"][0]["claim"]["id"] == str(claims[3].pk)
    assert Claim.objects.count() == before
    assert (
        checker.post("/claims/", body("Measles vaccine causes autism in children")).status_code
        == 201
    )


def test_what_is_new_is_filed(checker: Api, claims: list[Claim]) -> None:
    filed = checker.post("/claims/?similar=true", body("Storks nest on the minaret."))
    assert filed.status_code == 201


@pytest.mark.parametrize("query", ["similar=yes", "similar=", "similar=true&similar=true"])
def test_similar_is_true_or_false(checker: Api, db: None, query: str) -> None:
    problem(checker.post(f"/claims/?{query}", body("Storks")), "bad-parameter", 400)
