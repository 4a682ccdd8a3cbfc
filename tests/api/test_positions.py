"""Positions without a replica behind them: what is told, refused, remembered and described."""

import asyncio
from typing import Any

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from drf_spectacular.generators import SchemaGenerator

from claims.api import replicas
from claims.api.lines import Lines
from claims.api.replicas import Replicas
from config.settings import database
from tests.conftest import Api, places, problem

REPLICA = database("postgresql://isnad_web@replica.example/isnad", time_limits=True)


def test_where_no_replica_is_named_a_position_means_nothing(anyone: Api) -> None:
    response = anyone.get("/publishers/", isnad_position="x")
    assert response.status_code == 200

    async def send(_message: object) -> None: ...

    scope = {"type": "http", "method": "POST", "headers": []}
    assert Replicas(Lines(1), []).telling(scope, send) is send


@pytest.mark.parametrize("position", ["x", "0", "0/", "0/123456789", "0/1,0/2", "0/G", "-1/0"])
def test_a_position_that_is_none_is_refused(anyone: Api, settings: Any, position: str) -> None:
    settings.DATABASE_REPLICAS = [REPLICA]
    found = problem(anyone.get("/publishers/", isnad_position=position), "bad-header", 400)
    assert places(found) == {"Isnad-Position"}
    arabic = anyone.get("/publishers/", isnad_position=position, accept_language="ar")
    assert "الموضع" in arabic.json_()["detail"]


@pytest.mark.parametrize("position", ["0/0", "0/16B3748", "ab/1", "FFFFFFFF/FFFFFFFF", ""])
def test_every_other_position_is_taken(anyone: Api, settings: Any, position: str) -> None:
    settings.DATABASE_REPLICAS = [REPLICA]
    assert anyone.get("/publishers/", isnad_position=position).status_code == 200


@pytest.mark.parametrize(
    ("text", "number"),
    [("0/0", 0), ("0/16B3748", 0x16B3748), ("1/0", 1 << 32), ("A/F", 0xA0000000F)],
)
def test_positions_are_numbers(text: str, number: int) -> None:
    assert replicas.number_of(text) == number
    assert replicas.spelled(number) == text


def test_the_header_is_described_where_there_are_replicas(settings: Any) -> None:
    def described() -> str:
        return str(SchemaGenerator().get_schema(request=None, public=True))

    assert "Isnad-Position" not in described()
    settings.DATABASE_REPLICAS = [REPLICA]
    assert "Isnad-Position" in described()


class Down(Lines):
    async def ask(self, *_: Any) -> Any:
        raise psycopg.OperationalError("the connection is lost")


WRITE = {"type": "http", "method": "POST", "headers": [(b"authorization", b"Bearer x")]}


def test_a_writer_whose_position_cannot_be_asked_reads_from_the_primary(settings: Any) -> None:
    async def write() -> None:
        heard: list[Any] = []

        async def send(message: Any) -> None:
            heard.append(message)

        known = Replicas(Down(1), [REPLICA])
        start = {"type": "http.response.start", "status": 201, "headers": []}
        await known.telling(WRITE, send)(start)
        assert heard == [start]
        assert known.written_by(b"Bearer x") > replicas.number_of("FFFFFFFF/FFFFFFFF")
        assert known.written_by(b"Bearer y") == 0
        settings.REPLICA_MAX_LAG = 0.01
        await asyncio.sleep(0.02)  # by now every replica that is well has the write
        assert known.written_by(b"Bearer x") == 0

    asyncio.run(write())


def test_only_so_many_writers_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replicas, "MOST_WRITERS", 3)

    async def remember() -> None:
        known = Replicas(Lines(1), [REPLICA])
        for number in (1, 2, 3, 1, 4):
            known.remember(b"%d" % number, number)
        assert [known.written_by(b"%d" % number) for number in range(1, 5)] == [1, 0, 3, 4]
        known.remember(b"", 5)
        assert known.written_by(b"") == 0

    asyncio.run(remember())


def test_replicas_take_turns_those_that_have_come_far_enough_first() -> None:
    async def choose() -> None:
        known = Replicas(Lines(1), [REPLICA] * 3)
        assert known.next(0) is None
        late, *others = known.all
        for replica, position in ((late, 5), *((it, 9) for it in others)):
            replica.replayed, replica.fresh_at = position, replicas.now()
        assert {known.next(0) for _ in range(3)} == set(known.all)
        assert {known.next(7) for _ in range(3)} == set(others)
        assert known.next(11) in known.all  # it is asked once more
        others[0].leave_out(psycopg.OperationalError("gone"))
        assert {known.next(7) for _ in range(3)} == {others[1]}

    asyncio.run(choose())


def test_a_replica_is_not_connected_to_as_the_primary_is() -> None:
    parameters = replicas.parameters_of(REPLICA)
    assert parameters["host"] == "replica.example"
    assert "statement_timeout=15s" in parameters["options"]
    assert "password" not in parameters


def test_an_address_that_is_wrong_is_named() -> None:
    for wrong in ("mysql://x", "postgresql://x?y"):
        with pytest.raises(ImproperlyConfigured, match="DATABASE_REPLICA_URLS"):
            database(wrong, time_limits=True, name="DATABASE_REPLICA_URLS")
