"""Searching in a long and varied list: every filter, every page, in order."""

import random
from urllib.parse import urlencode

import pytest
from django.db import transaction

from tests.api import holdings
from tests.api.holdings import INSTANTS, Library
from tests.api.test_search import now
from tests.api.walking import both_ways, walk
from tests.conftest import Api
from tests.models.rows import run


@pytest.fixture(scope="module")
def library(throughout: None) -> Library:
    """With the words of each claim as its text, and stretches of time that begin within it."""
    made = holdings.build()
    now()
    return made


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("ordering", ["-created_at", "created_at"])
@pytest.mark.parametrize(
    "name",
    [
        None,
        *holdings.SAME,
        "language",
        "article",
        "publisher",
        "published_after",
        "published_before",
        "organization",
        "outcome",
        "created_after",
        "created_before",
        "changed_after",
        "has_verdict",
    ],
)
def test_a_search_combines_with_every_filter(
    library: Library, name: str | None, ordering: str
) -> None:
    values = holdings.values()
    for value in [None] if name is None else values[name]:
        query = {"ordering": ordering} | ({} if name is None else {name: value})
        asked = {"q": "claims -nothing", "page_size": "7"} | query
        rows = [row["id"] for told in walk(Api(), f"/claims/?{urlencode(asked)}") for row in told]
        assert rows == [entry.id for entry in library.find(query)], query


@pytest.mark.usefixtures("db")
def test_a_search_combines_with_several_filters(library: Library) -> None:
    chance, values = random.Random(5), holdings.values()
    for _ in range(60):
        names = chance.sample(sorted(values), chance.randint(2, 4))
        query = {name: chance.choice(values[name]) for name in names}
        asked = {"q": "claim", "page_size": "7"} | query
        rows = [row["id"] for told in walk(Api(), f"/claims/?{urlencode(asked)}") for row in told]
        assert rows == [entry.id for entry in library.find(query)], query


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("seed", range(3))
def test_pages_lead_through_all_stretches_of_time_to_both_ends(seed: int) -> None:
    begin = "INSERT INTO claims_stretch (number, begins_at) VALUES (%s, %s)"
    for number, at in enumerate(INSTANTS[1:], 1):
        for part in range(4):  # most of them empty
            run(begin, [4 * number - 3 + part, at.replace(microsecond=part)], using="owner")
    with transaction.atomic():
        library = holdings.build(seed=seed, size=40)
    for ordering in ("-created_at", "created_at"):
        for q in ("claim", '"a claim"', "claim -speaker", '"liberation of" OR x'):
            asked = {"q": q, "page_size": 7, "ordering": ordering}
            rows = both_ways(Api(), f"/claims/?{urlencode(asked)}", 7)
            expected = library.find({"ordering": ordering})
            if "-speaker" in q:
                expected = [it for it in expected if it.speaker is None]
            if "liberation" in q:
                expected = [it for it in expected if it.subject and "liberation" in it.subject]
            assert [row["id"] for row in rows] == [it.id for it in expected], (q, ordering)
