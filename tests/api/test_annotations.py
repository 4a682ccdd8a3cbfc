"""articles/{id}/annotations/: claims where an article makes them, as W3C Web Annotations."""

import copy
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claims.api.annotations import JudgedOut, MarkedOut
from claims.models import Appearance, Claim, Member
from claims.queries import documents
from claims.vocabulary import Outcome
from tests import make
from tests.api.bodies import as_json
from tests.api.test_composed import composed, told, told_by_chance
from tests.conftest import Api, places, problem
from tests.models.rows import run
from tests.web.test_pages import statements
from tests.web_annotation import ADDRESS, faults

LD = f'application/ld+json; profile="{ADDRESS}"'
ARABIC = "وأعلن العراق تحرير كامل أراضيه"
ENGLISH = "Iraq declared victory again"


def path(article: Any) -> str:
    return f"/articles/{getattr(article, 'pk', article)}/annotations/"


def relative(address: str) -> str:
    """As our API clients send it."""
    return address.removeprefix("http://testserver/api/v1")


def quote(exact: str = ENGLISH, **more: Any) -> dict[str, Any]:
    return {"type": "TextQuoteSelector", "exact": exact, **more}


def position(start: int, end: int) -> dict[str, Any]:
    return {"type": "TextPositionSelector", "start": start, "end": end}


def body(value: Any, **more: Any) -> dict[str, Any]:
    return {"type": "TextualBody", "value": value, **more}


def annotation(*selectors: Any, **more: Any) -> dict[str, Any]:
    target: Any = {"source": "https://example.org/1"}
    if selectors:
        target["selector"] = selectors[0] if len(selectors) == 1 else [*selectors]
    return {"@context": ADDRESS, "type": "Annotation", "target": target} | more


@pytest.fixture
def article(db: None) -> Any:
    """With a text that has a passage twice."""
    held = make.article(url="https://example.org/1")
    make.snapshot(of=held)
    return held


def marked_statement(article: Any, desk: make.Desk, **more: Any) -> Claim:
    snapshot = article.snapshots.get()
    return make.statement(
        **{
            "text": "أعلن العراق تحرير أراضيه كلها",
            "language": "ar",
            "appearance": {"snapshot": snapshot.pk, "exact": ARABIC},
            "by": desk.checker,
        }
        | more
    )


# What is told


def test_a_claim_is_told_where_the_article_makes_it(
    anyone: Api, article: Any, desk: make.Desk
) -> None:
    claim = marked_statement(article, desk)
    appearance, snapshot = claim.appearances.get(), article.snapshots.get()
    answer = anyone.get(f"{path(article)}{appearance.pk}/")
    assert answer["Content-Type"] == LD
    document = answer.json()
    assert faults(document) == []
    assert relative(document["id"]) == f"{path(article)}{appearance.pk}/"
    assert document["motivation"] == "describing"
    assert document["creator"]["name"] == desk.organization.name
    assert anyone.read(relative(document["creator"]["id"]))["id"] == str(desk.organization.pk)
    target = document["target"]
    assert target["source"] == "https://example.org/1"
    assert target["selector"] == [
        {"type": "TextQuoteSelector", "exact": ARABIC, "suffix": appearance.suffix},
        {"type": "TextPositionSelector", "start": 0, "end": len(ARABIC)},
    ]
    held = anyone.read(relative(target["state"]["cached"]))
    assert held["text"][0 : len(ARABIC)] == ARABIC
    assert held["captured_at"] == target["state"]["sourceDate"]
    assert str(snapshot.pk) in target["state"]["cached"]
    describing, identifying, classifying = document["body"]
    assert describing == {
        "type": "TextualBody",
        "id": f"http://testserver/api/v1/claims/{claim.pk}/",
        "purpose": "describing",
        "value": claim.text,
        "format": "text/plain",
        "language": "ar",
        "textDirection": "rtl",
    }
    assert identifying["source"]["name"] == "Tahsin al-Khafaji"
    assert anyone.read(relative(identifying["source"]["id"]))["id"] == str(claim.speaker_id)
    assert classifying["value"] == "direct"


def test_each_verdict_that_stands_assesses_it(anyone: Api, article: Any, desk: make.Desk) -> None:
    claim = marked_statement(article, desk)
    at = f"{path(article)}{claim.appearances.get().pk}/"
    before = anyone.read(at)
    make.verdict(claim, desk.checker, label="تاريخ خاطئ", language="ar", rationale="قبل ذلك بيوم.")
    make.verdict(claim, make.desk().checker, Outcome.VERIFIED)
    document = anyone.read(at)
    assert faults(document) == []
    assert document["motivation"] == ["describing", "assessing"]
    assert (document["created"], document["modified"] > before["modified"]) == (
        before["created"],
        True,
    )
    one, other = document["body"][3:]
    assert (one["value"], one["textDirection"]) == ("تاريخ خاطئ\n\nقبل ذلك بيوم.", "rtl")
    assert other["value"].startswith("verified\n\n")
    assert other["textDirection"] == "auto"  # nothing says which language that is
    assert anyone.read(relative(one["id"]))["label"] == "تاريخ خاطئ"
    make.verdict(claim, desk.checker, Outcome.WITHDRAWN)
    assert len(anyone.read(at)["body"]) == 4


def test_an_article_without_an_address_and_a_claim_of_it_as_a_whole(
    anyone: Api, desk: make.Desk
) -> None:
    article = make.article()
    make.fact(appearance={"article": article.pk})
    [item] = anyone.read(path(article))["first"]["items"]
    assert item["target"] == {
        "type": "SpecificResource",
        "source": f"http://testserver/api/v1/articles/{article.pk}/",
    }
    assert [it["purpose"] for it in item["body"]] == ["describing", "classifying"]
    assert "creator" not in item


def test_a_collection_holds_its_first_page(anyone: Api, article: Any, desk: make.Desk) -> None:
    empty = anyone.read(path(article))
    assert empty == {
        "@context": ADDRESS,
        "id": f"http://testserver/api/v1{path(article)}",
        "type": "AnnotationCollection",
        "total": 0,
    }
    claim = marked_statement(article, desk)
    answer = anyone.get(path(article))
    collection = answer.json()
    assert faults(collection) == []
    assert (collection["total"], collection["last"]) == (1, collection["first"]["id"])
    page = anyone.read(relative(collection["first"]["id"]))
    assert page == {"@context": ADDRESS, **collection["first"]}
    assert (page["startIndex"], page["partOf"]) == (0, collection["id"])
    [item] = page["items"]
    alone = anyone.read(relative(item["id"]))
    assert alone == {"@context": ADDRESS, **item}
    assert str(claim.appearances.get().pk) in item["id"]


def test_pages_lead_from_the_first_to_the_last_and_back(
    anyone: Api, article: Any, desk: make.Desk
) -> None:
    claims = [marked_statement(article, desk, text=f"قول {i}") for i in range(7)]
    ids = [str(it.appearances.get().pk) for it in claims]
    collection = anyone.read(f"{path(article)}?page_size=3")
    assert collection["total"] == 7

    def walk(page: Any, way: str) -> list[Any]:
        pages = [page]
        while way in pages[-1]:
            pages.append(anyone.read(relative(pages[-1][way])))
            assert faults(pages[-1]) == []
        return pages

    def held(pages: list[Any]) -> list[list[str]]:
        return [[it["id"].split("/")[-2] for it in page["items"]] for page in pages]

    there = walk(collection["first"], "next")
    assert held(there) == [ids[:3], ids[3:6], ids[6:]]
    assert ["prev" in it for it in there] == [False, True, True]
    assert ["startIndex" in it for it in there] == [True, False, False]
    last = anyone.read(relative(collection["last"]))
    assert "next" not in last
    back = walk(last, "prev")
    assert held(back) == [ids[4:], ids[1:4], ids[:1]]
    assert back[-1]["startIndex"] == 0
    assert all(it["partOf"] == collection["id"] for it in there + back)


def test_a_page_costs_the_same_for_one_and_for_ten(
    anyone: Api, article: Any, desk: make.Desk
) -> None:
    counts = []
    for many in (1, 9):
        for _ in range(many):
            make.verdict(marked_statement(article, desk), make.desk().checker)
        assert len(anyone.read(path(article))["first"]["items"]) in (1, 10)
        counts.append(statements(anyone.client, f"/api/v1{path(article)}"))
    assert counts == [4, 4]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", LD),
        ("application/ld+json", LD),
        (LD, LD),
        ("application/json", "application/json"),
        ("text/html", "text/html; charset=utf-8"),
    ],
)
def test_it_is_had_as_json_ld_and_as_json_and_seen_in_a_browser(
    anyone: Api, article: Any, desk: make.Desk, accept: str, media_type: str
) -> None:
    appearance = marked_statement(article, desk).appearances.get()
    for at in (path(article), f"{path(article)}{appearance.pk}/"):
        answer = anyone.get(at, Accept=accept)
        assert (answer.status_code, answer["Content-Type"]) == (200, media_type)
        assert "Accept" in answer["Vary"]
    problem(anyone.get(path(article), Accept="text/turtle"), "not-acceptable", 406)


def test_the_headers_are_those_of_the_protocol(anyone: Api, article: Any, desk: make.Desk) -> None:
    appearance = marked_statement(article, desk).appearances.get()
    one, all_ = anyone.get(f"{path(article)}{appearance.pk}/"), anyone.get(path(article))
    assert '<http://www.w3.org/ns/ldp#Resource>; rel="type"' in one["Link"]
    assert '<http://www.w3.org/ns/ldp#BasicContainer>; rel="type"' in all_["Link"]
    constrained = (
        '<http://www.w3.org/TR/annotation-protocol/>; rel="http://www.w3.org/ns/ldp#constrainedBy"'
    )
    assert constrained in all_["Link"]
    assert LD in all_["Accept-Post"]
    assert all_["Allow"] == "GET, POST, HEAD, OPTIONS"
    assert one["Allow"] == "GET, HEAD, OPTIONS"
    page = anyone.get(relative(all_.json()["first"]["id"]))
    assert "Link" not in page
    for answer in (one, all_, page):
        assert answer["ETag"].startswith('"')


def test_who_has_it_already_is_told_so(anyone: Api, article: Any, desk: make.Desk) -> None:
    claim = marked_statement(article, desk)
    for at in (path(article), f"{path(article)}{claim.appearances.get().pk}/"):
        tag = anyone.etag(at)
        known = anyone.get(at, If_None_Match=tag)
        assert (known.status_code, known.content, known["ETag"]) == (304, b"", tag)
        make.verdict(claim, make.desk().checker)
        assert anyone.get(at, If_None_Match=tag).status_code == 200


def test_addresses_are_those_that_are_reached_from_outside(
    anyone: Api, article: Any, desk: make.Desk, settings: Any
) -> None:
    marked_statement(article, desk)
    marked_statement(article, desk)
    settings.PUBLIC_URL = "https://isnad.example.org/"
    collection = anyone.read(f"{path(article)}?page_size=1")
    page = collection["first"]
    addresses = [collection["id"], collection["last"], page["id"], page["next"], page["partOf"]]
    addresses += [page["items"][0]["id"], *(it["id"] for it in page["items"][0]["body"][:1])]
    assert all(it.startswith("https://isnad.example.org/api/v1/") for it in addresses)


@pytest.mark.usefixtures("committed")
def test_what_a_law_forced_out_is_left_out() -> None:
    anyone = Api()
    with transaction.atomic():
        claim, appearance = make.marked_fact()
        verdict = make.verdict(claim, make.desk().checker, label="Wrong")
    erase = "UPDATE claims_content SET text = NULL, salt = NULL, erased_at = now() WHERE id = %s"
    run(erase, [verdict.rationale_id], using="owner")
    [item] = anyone.read(path(appearance.article))["first"]["items"]
    assert item["body"][-1]["value"] == "Wrong"


def test_what_is_not_there_and_what_is_unknown_is_refused(
    anyone: Api, article: Any, desk: make.Desk
) -> None:
    nowhere = "00000000-0000-7000-8000-000000000000"
    appearance = marked_statement(article, desk).appearances.get()
    problem(anyone.get(path(nowhere)), "not-found", 404)
    problem(anyone.get(path("none")), "not-found", 404)
    problem(anyone.get(f"{path(article)}{nowhere}/"), "not-found", 404)
    problem(anyone.get(f"{path(make.article())}{appearance.pk}/"), "not-found", 404)
    problem(anyone.get(f"{path(article)}?ordering=created_at"), "bad-parameter", 400)
    problem(anyone.get(f"{path(article)}?page_size=0"), "bad-parameter", 400)
    problem(anyone.get(f"{path(article)}?cursor=x"), "bad-cursor", 400)
    theirs = anyone.read(path(make.marked_fact()[1].article))["first"]["id"]
    cursor = theirs.split("?")[1]
    problem(anyone.get(f"{path(article)}?{cursor}"), "bad-cursor", 400)


@pytest.mark.parametrize(
    ("answers", "rows"), [(MarkedOut, documents.marked), (JudgedOut, documents.judged)]
)
def test_what_it_is_made_of_is_the_same_whoever_makes_it(db: None, answers: Any, rows: Any) -> None:
    told_by_chance()
    found = list(rows().order_by("pk"))
    assert found
    assert composed(answers, rows, [it.pk for it in found]) == told(answers, found)


# What is taken


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
