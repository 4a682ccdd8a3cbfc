"""Lists: every row on one page and one only, in order, and exactly what the filters ask for."""

import itertools
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claims.api.filtering import ArticleFilters, ClaimFilters
from tests import make
from tests.api import holdings
from tests.api.holdings import Library
from tests.api.walking import both_ways, walk
from tests.conftest import Api

ORDERINGS = ["-created_at", "created_at", "-changed_at", "changed_at"]


@pytest.fixture(scope="module")
def library(throughout: None) -> Library:
    return holdings.build()


def found(api: Api, path: str, query: dict[str, str], size: int = 200) -> list[str]:
    asked = urlencode({"page_size": size} | query)
    return [row["id"] for page in walk(api, f"{path}?{asked}") for row in page]


# Pages


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    ("ordering", "size"),
    [("-created_at", 1), *itertools.product(ORDERINGS, [7, 25, 49, 50, 200])],
)
def test_pages_lead_to_both_ends_without_missing_or_repeating_a_row(
    library: Library, ordering: str, size: int
) -> None:
    path = f"/claims/?{urlencode({'ordering': ordering, 'page_size': size})}"
    rows = both_ways(Api(), path, size)
    assert [row["id"] for row in rows] == [
        entry.id for entry in library.find({"ordering": ordering})
    ]


@pytest.mark.usefixtures("db")
def test_a_page_has_twenty_five_rows_unless_asked_otherwise(library: Library) -> None:
    page = Api().read("/claims/")
    assert len(page["results"]) == 25
    assert page["previous"] is None
    assert page["next"].startswith("http://testserver/api/v1/claims/?cursor=")


@pytest.mark.usefixtures("db")
def test_the_default_order_is_the_newest_first(library: Library) -> None:
    assert found(Api(), "/claims/", {}) == [entry.id for entry in library.find({})]


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("size", [3, 10])
def test_rows_that_are_added_meanwhile_at_the_front_shift_nothing(
    library: Library, size: int
) -> None:
    api = Api()
    before = [entry.id for entry in library.find({})]
    seen, added, previous = [], [], None
    address: str | None = f"/claims/?page_size={size}"
    while address:
        page = api.read(address.removeprefix("http://testserver/api/v1"))
        seen += [row["id"] for row in page["results"]]
        address, previous = page["next"], page["previous"] or previous
        added.append(str(make.fact().pk))
    assert seen == before
    back = [row["id"] for page in reversed(walk(api, str(previous), "previous")) for row in page]
    assert back[: len(added)] == sorted(added, reverse=True)  # which stand at the front by now


@pytest.mark.usefixtures("db")
def test_rows_that_are_added_meanwhile_at_the_end_are_reached(library: Library) -> None:
    api = Api()
    page = api.read("/claims/?ordering=created_at&page_size=30")
    added = [str(make.fact().pk) for _ in range(3)]
    rest = walk(api, page["next"].removeprefix("http://testserver/api/v1"))
    seen = [row["id"] for rows in [page["results"], *rest] for row in rows]
    assert seen == [e.id for e in library.find({"ordering": "created_at"})] + sorted(added)


@pytest.mark.usefixtures("db")
def test_a_link_keeps_filters_ordering_and_size(library: Library) -> None:
    address = Api().read("/claims/?page_size=2&kind=fact&ordering=changed_at")["next"]
    assert {"page_size=2", "kind=fact", "ordering=changed_at"} < set(
        address.partition("?")[2].split("&")
    )


# Filters


def asked_of_claims() -> list[str]:
    return list(ClaimFilters.base_filters)


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("name", asked_of_claims())
def test_a_filter_of_claims_finds_exactly_what_it_should(library: Library, name: str) -> None:
    every = len(library.entries)
    sizes = set()
    for value in holdings.values()[name]:
        expected = [entry.id for entry in library.find({name: value})]
        assert found(Api(), "/claims/", {name: value}) == expected, value
        sizes.add(len(expected))
    assert any(0 < size < every for size in sizes), "the library cannot tell it from no filter"


@pytest.mark.usefixtures("db")
@given(data=st.data())
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_filters_of_claims_combine_freely(library: Library, data: st.DataObject) -> None:
    values = holdings.values()
    names = data.draw(st.sets(st.sampled_from(sorted(values)), min_size=1, max_size=5))
    query = {name: str(data.draw(st.sampled_from(values[name]), name)) for name in sorted(names)}
    if data.draw(st.booleans()):
        query["ordering"] = data.draw(st.sampled_from(ORDERINGS))
    size = data.draw(st.sampled_from([3, 200]))
    assert found(Api(), "/claims/", query, size) == [entry.id for entry in library.find(query)]


@pytest.mark.usefixtures("db")
@given(data=st.data())
@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_several_filters_of_an_appearance_are_asked_of_one_and_the_same(
    library: Library, data: st.DataObject
) -> None:
    """Drawn from the claims themselves, so that they find something more often than not."""
    entry = data.draw(st.sampled_from([entry for entry in library.entries if entry.books]))
    book, other = data.draw(st.sampled_from(entry.books)), data.draw(st.sampled_from(entry.books))
    query = {"publisher": book.publisher}
    if other.first:
        query["published_after"] = other.first.isoformat()
    if other.last and data.draw(st.booleans()):
        query["published_before"] = other.last.isoformat()
    if entry.tips:
        organization, outcome = data.draw(st.sampled_from(sorted(entry.tips.items())))
        query |= data.draw(
            st.sampled_from([{}, {"organization": organization}, {"outcome": str(outcome)}])
        )
    expected = [entry.id for entry in library.find(query)]
    assert found(Api(), "/claims/", query, data.draw(st.sampled_from([2, 200]))) == expected


ARTICLE_VALUES = ("publisher", "language", "published_after", "published_before")


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("name", ArticleFilters.base_filters)
def test_a_filter_of_articles_finds_exactly_what_it_should(library: Library, name: str) -> None:
    sizes = set()
    urls = ["https://example.org/1", "https://example.org/2", "https://example.org/11"]
    for value in urls if name == "url" else holdings.values()[name]:
        expected = [book.id for book in library.find_books({name: value})]
        assert found(Api(), "/articles/", {name: value}) == expected, value
        sizes.add(len(expected))
    assert any(0 < size < len(library.books) for size in sizes)


@pytest.mark.usefixtures("db")
@given(data=st.data())
@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_filters_of_articles_combine_freely(library: Library, data: st.DataObject) -> None:
    values = {name: holdings.values()[name] for name in ARTICLE_VALUES}
    names = data.draw(st.sets(st.sampled_from(sorted(values)), min_size=1))
    query = {name: data.draw(st.sampled_from(values[name]), name) for name in sorted(names)}
    size = data.draw(st.sampled_from([2, 200]))
    expected = [book.id for book in library.find_books(query)]
    assert found(Api(), "/articles/", query, size) == expected


@pytest.mark.usefixtures("db")
def test_a_language_is_found_in_any_spelling_with_its_regions_and_no_other(
    library: Library,
) -> None:
    told = {row["language"] for row in Api().read("/claims/?language=AR&page_size=200")["results"]}
    assert told == {"ar", "ar-IQ"}
    assert found(Api(), "/claims/", {"language": "AR-iq"}) == found(
        Api(), "/claims/", {"language": "ar-IQ"}
    )
