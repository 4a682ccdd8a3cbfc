"""claims/{id}/claimreview/: the verdicts that stand, in the words of schema.org."""

from typing import Any

import orjson
import pytest
from django.db import transaction

from claims.api.reviews import EntryOut
from claims.queries import documents
from claims.vocabulary import Outcome
from tests import make
from tests.api.test_composed import composed, told, told_by_chance
from tests.conftest import Api, problem
from tests.models.rows import run
from tests.schema_org import faults
from tests.web.test_pages import statements

URL = "https://desk.example.org/bridge"


def path(claim: Any) -> str:
    return f"/claims/{claim.pk}/claimreview/"


def test_each_verdict_that_stands_is_a_document_of_its_own(anyone: Api) -> None:
    desk, other = make.desk("A desk"), make.desk("Another desk")
    claim = make.statement(stated_on="2020-03-14")
    make.verdict(claim, desk.checker, label="Wrong date", url=URL, language="en")
    make.verdict(claim, other.checker, Outcome.VERIFIED)
    answer = anyone.get(path(claim))
    assert answer["Content-Type"] == "application/ld+json"
    first, second = answer.json()
    assert (first["author"]["name"], second["author"]["name"]) == ("A desk", "Another desk")
    assert first["reviewRating"]["alternateName"] == "Wrong date"
    assert second["reviewRating"]["alternateName"] == "verified"
    assert (first["url"], first["inLanguage"]) == (URL, "en")
    for document in (first, second):
        assert document["@context"] == "https://schema.org"
        assert document["claimReviewed"] == claim.text
        assert document["itemReviewed"]["author"]["name"] == "Tahsin al-Khafaji"
        assert document["itemReviewed"]["datePublished"] == "2020-03-14"
    assert faults(answer.json()) == []


def test_a_claim_on_which_no_verdict_stands_has_none(anyone: Api, desk: make.Desk) -> None:
    claim = make.fact()
    assert anyone.read(path(claim)) == []
    make.verdict(claim, desk.checker)
    make.verdict(claim, desk.checker, Outcome.WITHDRAWN)
    assert anyone.read(path(claim)) == []


def test_a_verdict_that_superseded_another_says_which(anyone: Api, desk: make.Desk) -> None:
    claim = make.fact()
    earlier = make.verdict(claim, desk.checker, label="Wrong")
    make.verdict(claim, desk.checker, Outcome.VERIFIED)
    [document] = anyone.read(path(claim))
    about = document["correction"]["about"]
    assert about["reviewRating"]["alternateName"] == "Wrong"
    address = about["@id"].removeprefix("http://testserver/api/v1")
    assert anyone.read(address)["id"] == str(earlier.pk)


def test_every_article_that_it_appears_in_is_named(anyone: Api, desk: make.Desk) -> None:
    claim, appearance = make.marked_fact()
    make.verdict(claim, desk.checker)
    [document] = anyone.read(path(claim))
    first = document["itemReviewed"]["firstAppearance"]
    assert first["headline"] == appearance.article.headline
    assert first["publisher"] == {"@type": "Organization", "name": "Sputnik Arabic"}
    tag = anyone.etag(path(claim))
    later = make.snapshot(of=make.article(headline="Later", date_published="2020-03-20"))
    body = {"snapshot": str(later.pk), "exact": "Iraq declared victory again"}
    Api(make.key(desk.checker)).made(f"/claims/{claim.pk}/appearances/", body)
    [document] = anyone.read(path(claim))
    assert document["itemReviewed"]["firstAppearance"] == first
    assert [it["headline"] for it in document["itemReviewed"]["appearance"]] == ["Later"]
    assert anyone.etag(path(claim)) != tag


def test_addresses_are_those_that_are_reached_from_outside(
    anyone: Api, desk: make.Desk, settings: Any
) -> None:
    claim = make.fact()
    make.verdict(claim, desk.checker)
    assert anyone.read(path(claim))[0]["url"].startswith("http://testserver/claims/")
    settings.PUBLIC_URL = "https://isnad.example.org/"
    [document] = anyone.read(path(claim))
    assert document["url"].startswith("https://isnad.example.org/claims/")
    assert document["sdPublisher"]["url"] == "https://isnad.example.org/"


def test_who_has_it_already_is_told_so(anyone: Api, desk: make.Desk) -> None:
    claim = make.fact()
    make.verdict(claim, desk.checker)
    tag = anyone.etag(path(claim))
    known = anyone.get(path(claim), If_None_Match=tag)
    assert (known.status_code, known.content, known["ETag"]) == (304, b"", tag)
    make.verdict(claim, desk.checker, Outcome.VERIFIED)
    assert anyone.get(path(claim), If_None_Match=tag).status_code == 200


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/ld+json"),
        ("application/ld+json", "application/ld+json"),
        ("application/json", "application/json"),
        ("text/html", "text/html; charset=utf-8"),
    ],
)
def test_it_is_had_as_json_ld_and_as_json_and_seen_in_a_browser(
    anyone: Api, desk: make.Desk, accept: str, media_type: str
) -> None:
    claim = make.fact()
    make.verdict(claim, desk.checker)
    answer = anyone.get(path(claim), Accept=accept)
    assert (answer.status_code, answer["Content-Type"]) == (200, media_type)


@pytest.mark.usefixtures("committed")
def test_what_a_law_forced_out_is_left_out() -> None:
    anyone = Api()
    with transaction.atomic():
        claim = make.fact()
        verdict = make.verdict(claim, make.desk().checker)
    assert "reviewBody" in anyone.read(path(claim))[0]
    erase = "UPDATE claims_content SET text = NULL, salt = NULL, erased_at = now() WHERE id = %s"
    run(erase, [verdict.rationale_id], using="owner")
    assert "reviewBody" not in anyone.read(path(claim))[0]


def test_what_is_not_there_and_what_is_unknown_is_refused(anyone: Api) -> None:
    nowhere = "/claims/00000000-0000-7000-8000-000000000000/claimreview/"
    problem(anyone.get(nowhere), "not-found", 404)
    problem(anyone.get("/claims/none/claimreview/"), "not-found", 404)
    problem(anyone.get(f"{path(make.fact())}?as_of=1"), "bad-parameter", 400)


def test_it_costs_the_same_for_one_verdict_and_for_ten(anyone: Api) -> None:
    counts = []
    for many in (1, 10):
        claim = make.fact()
        for _ in range(many):
            make.verdict(claim, make.desk().checker, evidence=[{"url": URL, "stance": "context"}])
        counts.append(statements(anyone.client, f"/api/v1{path(claim)}"))
    assert counts == [1, 1]


def test_an_entry_of_a_feed_is_the_same_whoever_makes_it(db: None) -> None:
    told_by_chance()
    verdicts = list(documents.reviews().order_by("pk"))
    assert any(verdict.supersedes_id for verdict in verdicts)
    ids = [verdict.pk for verdict in verdicts]
    assert composed(EntryOut, documents.reviews, ids) == told(EntryOut, verdicts)


def test_it_is_the_same_json_for_machines_that_a_page_carries(anyone: Api, desk: make.Desk) -> None:
    claim = make.fact()
    make.verdict(claim, desk.checker)
    page = anyone.client.get(f"/claims/{claim.pk}/").content.decode()
    script = page.split('<script type="application/ld+json">')[1].split("</script>")[0]
    assert orjson.loads(script) == anyone.read(path(claim))
