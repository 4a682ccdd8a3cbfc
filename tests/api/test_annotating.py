"""articles/{id}/annotations/: a passage that is annotated there is a claim."""

import copy
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claims.models import Appearance, Claim, Member
from tests import make
from tests.api.bodies import as_json
from tests.conftest import Api, places, problem
from tests.web_annotation import (
    ADDRESS,
    ARABIC,
    ENGLISH,
    LD,
    annotation,
    body,
    faults,
    path,
    position,
    quote,
    relative,
)


def test_a_passage_that_a_tool_marks_is_a_claim(checker: Api, article: Any) -> None:
    answer = checker.post(path(article), annotation(quote(), motivation="highlighting"))
    assert answer.status_code == 201, answer.content.decode()
    document = answer.json()
    assert faults(document) == []
    assert (answer["Location"], answer["Content-Type"]) == (document["id"], LD)
    assert answer["ETag"] == checker.etag(relative(answer["Location"]))
    assert "ldp#Resource" in answer["Link"]
    claim = checker.read(relative(document["body"][0]["id"]))
    assert (claim["kind"], claim["text"], claim["language"]) == ("statement", ENGLISH, "ar")
    assert (claim["speaker"], claim["speech"]) == (None, "indirect")
    assert claim["appearance"]["exact"] == ENGLISH
    assert claim["article"]["id"] == str(article.pk)


def test_a_body_says_what_the_claim_is_and_others_whose_and_how(checker: Api, article: Any) -> None:
    speaker = make.speaker()
    bodies = [
        body("Iraq declared victory twice", language="en-GB", format="text/plain"),
        {
            "type": "SpecificResource",
            "purpose": "identifying",
            "source": f"https://isnad.example.org/api/v1/speakers/{speaker.pk}/",
        },
        body("direct", purpose="classifying"),
    ]
    made = checker.made(path(article), annotation(quote(), body=bodies))
    claim = checker.read(relative(made["body"][0]["id"]))
    assert (claim["text"], claim["language"]) == ("Iraq declared victory twice", "en-GB")
    assert (claim["speaker"]["id"], claim["speech"]) == (str(speaker.pk), "direct")


@pytest.mark.parametrize("purpose", [None, "describing", "commenting", "oa:describing"])
def test_what_is_written_beside_a_passage_is_the_claim(
    checker: Api, article: Any, purpose: str | None
) -> None:
    written = body("Another text") if purpose is None else body("Another text", purpose=purpose)
    made = checker.made(path(article), annotation(quote(), body=written))
    assert made["body"][0]["value"] == "Another text"


def test_a_text_in_other_letters_is_not_of_the_articles_language(
    checker: Api, article: Any
) -> None:
    english = checker.made(path(article), annotation(quote(), bodyValue="In English"))
    assert "language" not in english["body"][0]
    arabic = checker.made(path(article), annotation(quote(), bodyValue="بالعربية"))
    assert (arabic["body"][0]["language"], arabic["body"][0]["textDirection"]) == ("ar", "rtl")


@pytest.mark.parametrize(
    "selectors",
    [
        [quote("Iraq declared victory", prefix="أراضيه. ")],
        [position(32, 53)],
        [quote("Iraq declared victory"), position(32, 53)],
        [
            {"type": "RangeSelector", "startContainer": "/p[1]", "endContainer": "/p[1]"},
            position(32, 53),
            quote("Iraq declared victory", prefix="", suffix=". Iraq"),
        ],
        [quote("Iraq  declared  victory", prefix="أراضيه.  ", suffix=". Iraq")],
    ],
)
def test_a_passage_is_found_by_each_of_its_selectors(
    checker: Api, article: Any, selectors: list[Any]
) -> None:
    made = checker.made(path(article), annotation(*selectors))
    exact, place = made["target"]["selector"]
    assert (exact["exact"], place["start"], place["end"]) == ("Iraq declared victory", 32, 53)


def test_it_is_looked_for_in_the_text_that_it_names_else_in_the_newest(
    checker: Api, article: Any
) -> None:
    old = article.snapshots.get()
    new = make.snapshot("Iraq declared victory a third time.", of=article)
    asked = annotation(quote("Iraq declared victory a third time"))
    made = checker.made(path(article), asked)
    assert str(new.pk) in made["target"]["state"]["cached"]
    asked["target"] = made["target"] | {"selector": quote(ARABIC)}
    problem(checker.post(path(article), asked), "passage-not-found", 409)
    cached = made["target"]["state"]["cached"].replace(str(new.pk), str(old.pk))
    asked["target"]["state"] = {"type": "TimeState", "cached": cached}
    made = checker.made(path(article), asked)
    assert made["target"]["state"]["cached"] == cached


def test_a_claim_that_is_recorded_appears_in_another_article_too(
    checker: Api, article: Any, desk: make.Desk
) -> None:
    claim, appearance = make.marked_fact()
    make.verdict(claim, desk.checker)
    [item] = checker.read(path(appearance.article))["first"]["items"]
    made = checker.made(path(article), {"@context": ADDRESS, **item})
    assert made["target"]["source"] == "https://example.org/1"
    assert made["target"]["selector"] == item["target"]["selector"]
    assert made["body"] == item["body"]
    assert made["id"] != item["id"]
    assert Claim.objects.count() == 1
    by_address = checker.made(path(article), annotation(quote(), body=item["body"][0]["id"]))
    assert by_address["body"][0]["value"] == claim.text


WORDS = st.lists(
    st.sampled_from([*"aب \nאё😀ﷺé", "e\u0301", "وأَعلن", "\u200f", "كل", "x y", "\u0640"]),
    min_size=3,
    max_size=40,
).map("".join)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=WORDS, data=st.data())
def test_what_is_told_marks_the_same_passage_of_another_article(
    checker: Api, desk: make.Desk, text: str, data: st.DataObject
) -> None:
    with transaction.atomic():
        text = f"قال: {text}."
        start = data.draw(st.integers(0, len(text) - 1))
        end = data.draw(st.integers(start + 1, len(text)))
        here, there = make.article(), make.article()
        snapshot = make.snapshot(text, of=here)
        make.snapshot(text, of=there)
        filed = checker.post(
            "/claims/",
            {
                "kind": "statement",
                "text": "قال",
                "language": "ar",
                "speaker": str(make.speaker().pk),
                "speech": "direct",
                "appearance": {"snapshot": str(snapshot.pk), "start": start, "end": end},
            },
        )
        if filed.status_code != 201:
            return  # nothing but white space
        [item] = checker.read(path(here))["first"]["items"]
        assert faults({"@context": ADDRESS, **item}) == []
        again = checker.made(path(there), item)
        assert again["target"]["selector"] == item["target"]["selector"]
        # Elsewhere nothing has these addresses: there it is a claim of its own.
        foreign = copy.deepcopy(item)
        for it in foreign["body"]:
            it.pop("id", None)
        anew = checker.made(path(there), foreign)
        assert anew["target"]["selector"] == item["target"]["selector"]
        assert anew["body"][0]["id"] != item["body"][0]["id"]
        assert anew["body"][1:] == item["body"][1:]


def test_an_article_as_a_whole_is_named_by_its_address(checker: Api, article: Any) -> None:
    made = checker.made(path(article), annotation(body=body("Iraq declared victory")))
    assert "selector" not in made["target"]
    asked = annotation(body=body("Iraq declared victory"), target=f"{path(article)}".rstrip("/"))
    refused = problem(checker.post(path(article), asked), "invalid", 400)
    assert places(refused) == {"#/target"}


def test_a_repeated_request_marks_once(checker: Api, article: Any) -> None:
    first = checker.post(path(article), annotation(quote()), Idempotency_Key="a")
    again = checker.post(path(article), annotation(quote()), Idempotency_Key="a")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again["Idempotency-Replayed"] == "true"
    assert first.json() == again.json()
    assert Claim.objects.count() == 1


@pytest.mark.parametrize("kind", [LD, "application/ld+json", "application/json"])
def test_it_is_taken_as_json_ld_and_as_json(checker: Api, article: Any, kind: str) -> None:
    checker.made(path(article), annotation(quote()), content_type=kind)


def test_what_is_no_json_ld_is_refused(checker: Api, article: Any) -> None:
    refused = checker.post(path(article), annotation(quote()), content_type="text/turtle")
    problem(refused, "unsupported-media-type", 415)
    problem(checker.post(path(article), b"{"), "not-json", 400)
    problem(checker.post(path(article), b""), "not-json", 400)


def test_scripts_are_data_and_makers_are_nobody(checker: Api, article: Any) -> None:
    script = "<script>alert(1)</script>"
    members = Member.objects.count()
    more = {"creator": {"id": "acct:x@example.org", "type": "Person", "name": script}}
    made = checker.made(path(article), annotation(quote(), bodyValue=script, **more))
    assert made["body"][0]["value"] == script
    assert script not in str(made["creator"])
    assert Member.objects.count() == members
    shown = checker.get(path(article), Accept="text/html").content.decode()
    assert script not in shown


NOWHERE = "http://testserver/api/v1/{}/00000000-0000-7000-8000-000000000000/"
IDENTIFYING = {"type": "SpecificResource", "purpose": "identifying"}
REFUSED: dict[str, tuple[Any, str, int, set[str]]] = {
    "no annotation": ({"target": "https://example.org/1"}, "invalid", 400, {"#/type"}),
    "a list": ([annotation(quote())], "invalid", 400, {"#/type"}),
    "no target": (
        annotation(target=None, bodyValue="Text"),
        "invalid",
        400,
        {"#/target"},
    ),
    "a target that is none": (annotation(target=[{}]), "invalid", 400, {"#/target/0"}),
    "several targets": (
        annotation(target=["https://example.org/1", "https://example.org/2"]),
        "invalid",
        400,
        {"#/target"},
    ),
    "neither passage nor text": (annotation(), "invalid", 400, {"#/target"}),
    "a passage twice": (
        annotation(quote("Iraq declared victory")),
        "passage-ambiguous",
        409,
        {"#/target/selector/exact"},
    ),
    "no such passage": (
        annotation(quote("nothing of the kind")),
        "passage-not-found",
        409,
        {"#/target/selector/exact"},
    ),
    "selectors that disagree": (
        annotation(quote(), position(0, 27)),
        "passage-not-found",
        409,
        {"#/target/selector/0/exact"},
    ),
    "a position outside": (
        annotation(position(5, 1_000)),
        "passage-not-found",
        409,
        {"#/target/selector/start"},
    ),
    "a position from its end": (
        annotation(position(5, 5)),
        "invalid",
        400,
        {"#/target/selector/end"},
    ),
    "half a position": (
        annotation({"type": "TextPositionSelector", "start": 5}),
        "invalid",
        400,
        {"#/target/selector/end"},
    ),
    "a position in words": (
        annotation({"type": "TextPositionSelector", "start": "5", "end": 7}),
        "invalid",
        400,
        {"#/target/selector/start"},
    ),
    "a quotation of nothing": (
        annotation({"type": "TextQuoteSelector"}),
        "invalid",
        400,
        {"#/target/selector/exact"},
    ),
    "a quotation that is a number": (
        annotation(quote(5)),  # type: ignore[arg-type]
        "invalid",
        400,
        {"#/target/selector/exact"},
    ),
    "two quotations": (
        annotation(quote(), quote(ARABIC)),
        "invalid",
        400,
        {"#/target/selector/1/exact"},
    ),
    "a refined selector": (
        annotation(quote(refinedBy=position(0, 4))),
        "invalid",
        400,
        {"#/target/selector/refinedBy"},
    ),
    "a place in a page alone": (
        annotation({"type": "XPathSelector", "value": "/p[1]"}),
        "invalid",
        400,
        {"#/target/selector"},
    ),
    "a region of a picture": (
        annotation({"type": "SvgSelector", "value": "<svg/>"}),
        "invalid",
        400,
        {"#/target/selector"},
    ),
    "a motivation that is none": (
        annotation(quote(), motivation="shouting"),
        "invalid",
        400,
        {"#/motivation"},
    ),
    "a reply": (
        annotation(quote(), motivation=["commenting", "replying"]),
        "invalid",
        400,
        {"#/motivation/1"},
    ),
    "a property that there is not": (annotation(quote(), tags=[]), "invalid", 400, {"#/tags"}),
    "two texts": (
        annotation(quote(), body=[body("One"), body("Another")]),
        "invalid",
        400,
        {"#/body/1"},
    ),
    "a body and its value": (
        annotation(quote(), body=body("One"), bodyValue="One"),
        "invalid",
        400,
        {"#/bodyValue"},
    ),
    "a tag": (
        annotation(quote(), body=[body("One"), body("tag", purpose="tagging")]),
        "invalid",
        400,
        {"#/body/1"},
    ),
    "a verdict": (
        annotation(quote(), body=body("Wrong", purpose="assessing")),
        "invalid",
        400,
        {"#/body"},
    ),
    "a verdict on a claim of somewhere else": (
        annotation(
            quote(),
            body=[
                body(
                    "Wrong",
                    purpose="assessing",
                    id=NOWHERE.format("claims")
                    + "verdicts/"
                    + "0" * 8
                    + "-0000-7000-8000-000000000000/",
                ),
            ],
        ),
        "invalid",
        400,
        {"#/body/0"},
    ),
    "a body of another purpose": (
        annotation(quote(), body=body("Hm", purpose="questioning")),
        "invalid",
        400,
        {"#/body/purpose"},
    ),
    "a choice of bodies": (
        annotation(quote(), body={"type": "Choice", "items": [body("One")]}),
        "invalid",
        400,
        {"#/body"},
    ),
    "a page as its body": (
        annotation(quote(), body="https://example.org/2"),
        "invalid",
        400,
        {"#/body/value"},
    ),
    "no such claim": (
        annotation(quote(), body=NOWHERE.format("claims")),
        "invalid",
        400,
        {"#/body"},
    ),
    "no such speaker": (
        annotation(quote(), body=[IDENTIFYING | {"source": NOWHERE.format("speakers")}]),
        "invalid",
        400,
        {"#/body/0/source"},
    ),
    "a speaker of elsewhere": (
        annotation(quote(), body=[IDENTIFYING | {"source": "https://www.wikidata.org/wiki/Q1"}]),
        "invalid",
        400,
        {"#/body/0/source"},
    ),
    "direct speech of nobody": (
        annotation(quote(), body=body("direct", purpose="classifying")),
        "invalid",
        400,
        {"#/body/value"},
    ),
    "a fact": (
        annotation(quote(), body=body("fact", purpose="classifying")),
        "invalid",
        400,
        {"#/body/value"},
    ),
    "a kind that is none": (
        annotation(quote(), body=body("rumour", purpose="classifying")),
        "invalid",
        400,
        {"#/body/value"},
    ),
    "a text that is markup": (
        annotation(quote(), body=body("<b>One</b>", format="text/html")),
        "invalid",
        400,
        {"#/body/format"},
    ),
    "a language that is none": (
        annotation(quote(), body=body("One", language="Klingonese")),
        "invalid",
        400,
        {"#/body/language"},
    ),
    "a direction that is none": (
        annotation(quote(), body=body("One", textDirection="up")),
        "invalid",
        400,
        {"#/body/textDirection"},
    ),
    "a text that is none": (
        annotation(quote(), body=body({"a": 1})),
        "invalid",
        400,
        {"#/body/value"},
    ),
    "an empty text": (annotation(quote(), body=body("")), "invalid", 400, {"#/body/value"}),
    "a text that is too long": (
        annotation(quote(), bodyValue="x" * 10_001),
        "invalid",
        400,
        {"#/bodyValue"},
    ),
    "half a character": (
        annotation(quote(), bodyValue="\ud800"),
        "not-json",
        400,
        {"#/bodyValue"},
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_kept_is_refused_where_it_stands(
    checker: Api, article: Any, case: str
) -> None:
    asked, slug, status, at = REFUSED[case]
    document = problem(checker.post(path(article), as_json(asked)), slug, status)
    assert places(document) == at
    assert all(fault["detail"] for fault in document["errors"])
    assert not Appearance.objects.exists()


def test_a_claim_is_not_told_otherwise_than_it_is(checker: Api, article: Any) -> None:
    claim = make.statement()
    at = f"http://testserver/api/v1/claims/{claim.pk}/"
    other = f"http://testserver/api/v1/speakers/{make.speaker().pk}/"
    bodies = [
        body("Something else", id=at),
        IDENTIFYING | {"source": other},
        body("indirect", purpose="classifying"),
    ]
    refused = checker.post(path(article), annotation(quote(), body=bodies))
    assert places(problem(refused, "invalid", 400)) == {
        "#/body/0/value",
        "#/body/1/source",
        "#/body/2/value",
    }


def test_without_a_text_nothing_can_be_marked(checker: Api) -> None:
    article = make.article()
    refused = problem(checker.post(path(article), annotation(quote())), "no-text", 409)
    assert places(refused) == {"#/target/selector"}
    make.snapshot("Iraq declared victory again", of=article, withheld=True)
    made = checker.made(path(article), annotation(quote()))
    assert [it["type"] for it in made["target"]["selector"]] == ["TextQuoteSelector"]
    refused = problem(checker.post(path(article), annotation(position(0, 4))), "invalid", 400)
    assert places(refused) == {"#/target/selector"}
