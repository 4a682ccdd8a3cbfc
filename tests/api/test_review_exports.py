"""All verdicts that stand as ClaimReview, as one stream: as of one number, by any filter.

What it shares with the export of claims is tested there.
"""

import random
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.conf import LazySettings
from django.db import transaction

from claims.api.exports import ReviewExport
from claims.api.filtering import ClaimFilters
from claims.api.lines import Lines
from claims.formats.review_tables import ReviewLines
from claims.queries.feed import head
from claims.queries.past import Cutoff
from claims.vocabulary import Outcome
from tests import make
from tests.api import holdings
from tests.api.test_as_of import History
from tests.api.test_exports import Told, exported, fields, listed, once, short_pages
from tests.conftest import Api, places, problem
from tests.log import numbered
from tests.schema_org import faults

__all__ = ["short_pages"]  # a fixture

pytestmark = pytest.mark.usefixtures("committed")

PATH = "/exports/claimreview/"


@pytest.fixture(autouse=True)
def reached(settings: LazySettings) -> None:
    settings.PUBLIC_URL = "https://isnad.example.org"
    settings.EXPORTS_PER_MINUTE = (1_000, 1_000)


def reviews(query: str = "") -> Told:
    return exported(query, path=f"/api/v1{PATH}")


def feed(query: str = "") -> dict[str, Any]:
    told = reviews(f"{query}{'&' if query else ''}format=jsonld")
    assert told.headers["Content-Type"] == "application/ld+json"
    document: dict[str, Any] = orjson.loads(told.body)
    assert document["version"] == int(told.headers["Isnad-As-Of"])
    return document


def one_by_one(query: str = "") -> list[dict[str, Any]]:
    """What is to be exported, as each claim tells it."""
    claims = listed(f"has_verdict=true&{query}")
    return [it for claim in claims for it in Api().read(f"/claims/{claim['id']}/claimreview/")]


@pytest.fixture
def record(committed: str) -> list[make.Desk]:
    """Claims with two verdicts, one, one that was corrected, one that was withdrawn, and none."""
    with transaction.atomic():
        desks = [make.desk("One"), make.desk("Other")]
        claims = [make.fact(text=f"Claim {i}") for i in range(4)]
        claims.append(make.statement(text="</script><b>&amp;", speaker=make.speaker().pk))
        make.verdict(claims[0], desks[0].checker, Outcome.VERIFIED)
        make.verdict(claims[0], desks[1].checker, Outcome.DISPUTED, label="نصف صحيح")
        make.verdict(claims[1], desks[0].checker, Outcome.INCONCLUSIVE)
        for outcome in (Outcome.VERIFIED, Outcome.DISPUTED):
            make.verdict(claims[4], desks[1].checker, outcome)
        for outcome in (Outcome.VERIFIED, Outcome.WITHDRAWN):
            make.verdict(claims[2], desks[0].checker, outcome)
    numbered()
    return desks


def test_each_verdict_that_stands_is_told_as_its_claim_tells_it(record: list[make.Desk]) -> None:
    told = reviews()
    *documents, end = told.lines
    assert documents == one_by_one()
    assert len(documents) == 4
    assert end == {"end": True, "count": 4, "as_of": head()}
    assert told.headers["Content-Type"] == "application/x-ndjson"
    assert f'filename="claimreview-{head()}.ndjson"' in told.headers["Content-Disposition"]


@pytest.mark.usefixtures("short_pages")
def test_as_a_data_feed_it_has_the_same(record: list[make.Desk]) -> None:
    document = feed()
    assert document["@type"] == "DataFeed"
    assert document["url"] == f"https://isnad.example.org/api/v1{PATH}?format=jsonld"
    items = [it["item"] for it in document["dataFeedElement"]]
    assert [{"@context": document["@context"], **it} for it in items] == one_by_one()
    assert document["dateModified"] >= max(it["dateModified"] for it in document["dataFeedElement"])
    assert faults(document) == []


def test_of_an_empty_record_there_is_an_end_and_an_empty_feed() -> None:
    assert reviews().lines == [{"end": True, "count": 0, "as_of": 0}]
    assert feed()["dataFeedElement"] == []


@pytest.mark.usefixtures("short_pages")
def test_organization_and_outcome_are_asked_of_the_verdict_itself(record: list[make.Desk]) -> None:
    one, other = (desk.organization for desk in record)
    for query, names in (
        (f"organization={one.pk}", ["One", "One"]),
        (f"organization={str(other.pk).upper()}", ["Other", "Other"]),
        (f"organization={other.pk}&outcome=verified", []),
        ("outcome=disputed", ["Other", "Other"]),
        ("status=contested", ["One", "Other"]),
        ("status=contested&outcome=verified", ["One"]),
    ):
        *documents, end = reviews(query).lines
        assert [it["author"]["name"] for it in documents] == names, query
        assert end["count"] == len(names)
        elements = feed(query)["dataFeedElement"]
        assert [it["item"]["author"]["name"] for it in elements] == names


@pytest.mark.usefixtures("short_pages")
def test_every_filter_leaves_the_verdicts_on_what_it_leaves_in_the_list() -> None:
    with transaction.atomic():
        holdings.build()
    numbered()
    told: dict[str, list[dict[str, Any]]] = {}
    for it in one_by_one():
        told.setdefault(it["itemReviewed"]["@id"].split("/")[-2], []).append(it)
    values = holdings.values()
    chance = random.Random(6)
    for name in set(ClaimFilters.base_filters) - {"has_verdict", "organization", "outcome"}:
        query = urlencode({name: chance.choice(values[name])})
        found = [claim["id"] for claim in listed(f"has_verdict=true&{query}")]
        *documents, _end = reviews(query).lines
        assert documents == [it for pk in found for it in told[pk]], query


@pytest.mark.usefixtures("short_pages")
@pytest.mark.parametrize(
    ("seed", "query"), [(11, {}), (3, {"status": "disputed"}), (13, {"outcome": "disputed"})]
)
def test_what_happens_meanwhile_changes_nothing(seed: int, query: dict[str, str]) -> None:
    with transaction.atomic():
        history = History(random.Random(seed))
    for _ in range(30):
        once(history)
    numbered()
    as_of = head()
    *then, _end = reviews(urlencode(query)).lines
    assert then, "nothing to compare"
    asked = {name: field.clean(query[name]) for name, field in fields().items() if name in query}
    until = Cutoff(number=as_of).latest_filing()
    table = ReviewLines(
        site="https://isnad.example.org",
        wanted=lambda it: it["outcome"] == query.get("outcome", it["outcome"]),
    )

    async def read() -> list[dict[str, Any]]:
        export, lines, found = ReviewExport(asked, as_of=as_of, until=until), Lines(1), []
        try:
            async for page in export.pages(lines):
                found += [orjson.loads(it) for it in table.written(page)]
                for _ in range(4):
                    await sync_to_async(once)(history)
                if history.chance.random() < 0.5:  # else they wait for their numbers
                    await sync_to_async(numbered)()
        finally:
            await lines.close()
        return found

    assert async_to_sync(read)() == then
    numbered()
    assert reviews(urlencode(query)).lines[:-1] != then, "nothing happened"


@pytest.mark.parametrize("path", [PATH, "/exports/claims/"])
def test_no_browser_takes_what_is_exported_for_a_page(record: list[make.Desk], path: str) -> None:
    for format in ("ndjson", "csv" if "claims" in path else "jsonld"):
        answer = Api().send("HEAD", f"{path}?format={format}", accept="text/html")
        assert answer["Content-Type"].partition(";")[0] in {
            "application/x-ndjson", "text/csv", "application/ld+json",
        }  # fmt: skip
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Disposition"].startswith("attachment")


def test_texts_are_told_as_they_are_whatever_they_say(record: list[make.Desk]) -> None:
    [document] = [it for it in reviews().lines[:-1] if "script" in it["claimReviewed"]]
    assert document["claimReviewed"] == "</script><b>&amp;"


@pytest.mark.parametrize(
    ("query", "at"),
    [
        ("has_verdict=true", "has_verdict"),
        ("format=csv", "format"),
        ("format=parquet", "format"),
        ("q=bridge", "q"),
        ("as_of=3", "as_of"),
        ("status=odd", "status"),
    ],
)
def test_what_has_no_meaning_here_is_refused(query: str, at: str) -> None:
    document = problem(Api().get(f"{PATH}?{query}"), "bad-parameter", 400)
    assert places(document) == {at}


def test_other_media_types_are_refused_and_head_tells_headers_alone() -> None:
    problem(Api().get(PATH, accept="text/csv"), "not-acceptable", 406)
    response = Api().send("HEAD", f"{PATH}?format=jsonld")
    assert (response.status_code, response.content) == (200, b"")
    assert response["Content-Type"] == "application/ld+json"
