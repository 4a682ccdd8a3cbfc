"""Which tests come first, as a pytest plugin.

A process of the run takes a file at a time, so what a file's tests share is made once. Those that
take longest are begun first: no process is left alone with one of them in the end.
"""

import pytest

# By what they took on a busy machine: 7 minutes to 1.
LONGEST = (
    "tests/test_readme.py",
    "tests/test_under_fire.py",
    "tests/api/test_edge_writes.py",
    "tests/test_exports.py",
    "tests/config/test_embedded.py",
    "tests/api/test_exports.py",
    "tests/management/test_import_claimreview.py",
    "tests/test_storm.py",
    "tests/api/test_as_of.py",
    "tests/test_following.py",
    "tests/api/test_bad_input.py",
    "tests/test_week.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(places)))
