"""Which tests come first, and which are measured, as a pytest plugin.

A process of the run takes a file at a time, so what a file's tests share is made once. Those that
take longest are begun first: no process is left alone with one of them in the end.
"""

import os
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import pytest

from tests.live import UNMEASURED

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
# Tracing costs much, and what the hundredth case of a test runs, the first have run: so many of
# each test are measured, whichever come first.
CASES = 4

begun: Counter[str] = Counter()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(places)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    test = item.nodeid.partition("[")[0]
    begun[test] += 1
    if begun[test] <= CASES and item.get_closest_marker("unmeasured") is None:
        return (yield)
    with unmeasured():
        return (yield)


@contextmanager
def unmeasured() -> Iterator[None]:
    """Without tracing, here, in threads and in processes that are begun meanwhile."""
    traces = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)  # type: ignore[arg-type]
    try:
        with mock.patch.dict(os.environ, UNMEASURED):
            yield
    finally:
        sys.settrace(traces[0])
        threading.settrace(traces[1])  # type: ignore[arg-type]
