"""How many requests a caller may make in a minute."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from claims.api import rates
from claims.models import RateCount
from tests import make
from tests.conftest import Api, problem


@pytest.fixture(autouse=True)
def the_minute_does_not_end(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands still until a test moves it."""
    now = [1_700_000_000.0]
    monkeypatch.setattr(rates.time, "time", lambda: now[0])
    return now


def test_reads_beyond_the_limit_are_told_to_wait(anyone: Api, settings: Any) -> None:
    settings.READS_PER_MINUTE = (60_000, 3)
    for _ in range(3):
        assert anyone.get("/claims/").status_code == 200
    refused = anyone.get("/claims/")
    problem(refused, "too-many-requests", 429)
    assert 1 <= int(refused["Retry-After"]) <= 60


def test_a_new_minute_starts_anew(
    anyone: Api, settings: Any, the_minute_does_not_end: list[float]
) -> None:
    settings.READS_PER_MINUTE = (60_000, 1)
    assert anyone.get("/claims/").status_code == 200
    assert anyone.get("/claims/").status_code == 429
    the_minute_does_not_end[0] += 60
    assert anyone.get("/claims/").status_code == 200


def test_a_key_has_limits_of_its_own_and_writes_are_counted_apart_from_reads(
    desk: make.Desk, settings: Any
) -> None:
    settings.READS_PER_MINUTE = (60_000, 1)
    settings.WRITES_PER_MINUTE = (2, 0)
    one, other = Api(make.key(desk.checker)), Api(make.key(desk.checker))
    for _ in range(5):
        assert one.get("/claims/").status_code == 200
    for _ in range(2):
        one.made("/publishers/", {"name": "An outlet"})
    problem(one.post("/publishers/", {"name": "An outlet"}), "too-many-requests", 429)
    other.made("/publishers/", {"name": "An outlet"})
    assert one.get("/claims/").status_code == 200


def test_what_other_processes_counted_is_counted_too(
    desk: make.Desk, settings: Any, the_minute_does_not_end: list[float]
) -> None:
    settings.READS_PER_MINUTE = (10, 1)
    api = Api(make.key(desk.checker))
    assert api.get("/claims/").status_code == 200
    RateCount.objects.update(reads=10)  # as another process adds what it counted
    the_minute_does_not_end[0] += rates.EXCHANGE_EVERY
    problem(api.get("/claims/"), "too-many-requests", 429)


def test_counting_costs_a_statement_only_now_and_then(
    anyone: Api, the_minute_does_not_end: list[float]
) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert anyone.get("/claims/").status_code == 200
        return sum("ratecount" in query["sql"] for query in caught)

    statements()  # in a new minute, the rows of earlier ones are removed too
    assert statements() == 0
    the_minute_does_not_end[0] += rates.EXCHANGE_EVERY
    assert statements() == 1


def test_the_rows_of_callers_who_went_are_removed(
    anyone: Api, the_minute_does_not_end: list[float]
) -> None:
    assert anyone.get("/claims/").status_code == 200
    RateCount.objects.create(caller="address 203.0.113.9", minute=1, reads=5, writes=0)
    the_minute_does_not_end[0] += 60
    assert anyone.get("/claims/").status_code == 200
    assert not RateCount.objects.filter(caller="address 203.0.113.9").exists()


def test_an_address_cannot_be_feigned_unless_a_proxy_is_trusted(anyone: Api, settings: Any) -> None:
    settings.READS_PER_MINUTE = (60_000, 1)
    assert anyone.get("/claims/", x_forwarded_for="203.0.113.1").status_code == 200
    assert anyone.get("/claims/", x_forwarded_for="203.0.113.2").status_code == 429


def test_a_whole_network_of_ipv6_is_one_address(db: None, settings: Any) -> None:
    settings.READS_PER_MINUTE = (60_000, 1)
    told = [
        Client(REMOTE_ADDR=address).get("/api/v1/claims/").status_code
        for address in ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1")
    ]
    assert told == [200, 429, 200]


def test_the_tallies_do_not_grow_without_end(anyone: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MOST_CALLERS", 2)
    counter = rates.PerCaller()
    for caller in ("a", "b", "c", "d"):
        counter.count(caller, reading=True)
    assert len(rates.PerCaller.tallies) <= 2


def test_refused_requests_count_too_so_that_nobody_can_try_keys_without_end(
    anyone: Api, settings: Any
) -> None:
    settings.WRITES_PER_MINUTE = (60_000, 2)
    for _ in range(2):
        problem(anyone.post("/publishers/", {"name": "An outlet"}), "not-authenticated", 401)
    problem(anyone.post("/publishers/", {"name": "An outlet"}), "too-many-requests", 429)
    settings.READS_PER_MINUTE = (60_000, 2)
    guesser = Api("isnad_guess")
    for _ in range(2):
        problem(guesser.get("/claims/"), "not-authenticated", 401)
    problem(guesser.get("/claims/"), "too-many-requests", 429)
