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
# Tracing costs half as much again. Here, where most cases are the same asked of another route or
# row, so many of each test are measured, whichever come first. What reads texts is measured in
# every case: each is about another line.
ALIKE = ("tests/api/", "tests/models/", "tests/test_admin.py")
CASES = 8

begun: Counter[str] = Counter()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(places)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    test = item.nodeid.partition("[")[0]
    begun[test] += 1
    repeats = begun[test] > CASES and test.startswith(ALIKE)
    if repeats or item.get_closest_marker("unmeasured"):
        with unmeasured():
            return (yield)
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
