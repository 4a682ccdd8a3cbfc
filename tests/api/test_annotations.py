"""articles/{id}/annotations/: claims where an article makes them, as W3C Web Annotations."""

from typing import Any

import pytest
from django.db import transaction

from claims.api.annotations import JudgedOut, MarkedOut
from claims.models import Claim
from claims.queries import documents
from claims.vocabulary import Outcome
from tests import make
from tests.api.test_composed import composed, told, told_by_chance
from tests.conftest import Api, problem
from tests.models.rows import run
from tests.web.test_pages import statements
from tests.web_annotation import (
    ADDRESS,
    ARABIC,
    LD,
    faults,
    path,
    relative,
)


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
