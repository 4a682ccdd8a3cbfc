"""From page to page, as a client follows the links."""

from typing import Any

from tests.conftest import Api


def walk(api: Api, path: str, link: str = "next") -> list[list[Any]]:
    """The pages from a path on, by their links."""
    pages = []
    address: str | None = path
    while address:
        page = api.read(address.removeprefix("http://testserver/api/v1"))
        pages.append(page["results"])
        address = page[link]
        assert len(pages) < 500, "the pages have no end"
    return pages


def both_ways(api: Api, path: str, size: int) -> list[Any]:
    """All rows of a list, which must be the same forwards and backwards."""
    there = walk(api, path)
    assert all(len(page) == size for page in there[:-1])
    assert len(there) == 1 or there[-1], "an empty page at the end"
    last, address = None, path
    while address:
        last = api.read(address.removeprefix("http://testserver/api/v1"))
        address = last["next"]
    assert last is not None
    # What stands before the last page, page by page backwards.
    before = []
    if last["previous"]:
        before = walk(api, last["previous"].removeprefix("http://testserver/api/v1"), "previous")
    back = [row for page in reversed(before) for row in page] + last["results"]
    forwards = [row for page in there for row in page]
    assert [row["id"] for row in back] == [row["id"] for row in forwards]
    return forwards
