"""A server whose reads go to a hot standby, which lags, dies and is promoted."""

import http.client
import re
import signal
import threading
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.live import Server, free_port, live_server
from tests.standby import Standby
from tests.waiting import until

pytestmark = pytest.mark.timeout(400)

MAX_LAG = 10.0  # seconds: time enough to look at what a standby that stands still tells
PATH = "/api/v1/publishers/"
# So that all requests meet the same memory, as many as there may be.
ONE_PROCESS = {"WEB_CONCURRENCY": "1", "ANONYMOUS_READS_PER_MINUTE": "10000000"}


@pytest.fixture(scope="module")
def places() -> Iterator[tuple[Server, Standby]]:
    standby = Standby()
    try:
        with live_server(
            **ONE_PROCESS,
            DATABASE_REPLICA_URLS=standby.url(),
            REPLICA_MAX_LAG=str(MAX_LAG),
        ) as server:
            standby.make(server)
            yield server, standby
    finally:
        standby.dispose()


@pytest.fixture
def pair(places: tuple[Server, Standby]) -> Iterator["Pair"]:
    """Both, after the standby is well and read from, whatever the test before did to it."""
    pair = Pair(*places)
    if not pair.standby.processes():
        pair.standby.start()
    if not pair.standby.ask("SELECT pg_is_in_recovery()"):
        pair.standby.make(pair.server)
    try:
        pair.wait_until_read_from()
        yield pair
    finally:
        pair.standby.signal(signal.SIGCONT)
        if pair.standby.processes():
            pair.resume()


class Pair:
    """Server and standby, with one publisher whose name tells which state one reads."""

    def __init__(self, server: Server, standby: Standby) -> None:
        self.server, self.standby = server, standby
        made = server.ask("POST", PATH, {"name": "first"}, key=server.key)
        assert made.status == 201, made.body
        self.path = f"{PATH}{made.json['id']}/"
        for key in (None, server.key):  # from now on these are answered in front of Django
            assert self.name(key=key) == "first"

    def name(self, **how: Any) -> str:
        answer = self.server.ask("GET", self.path, **how)
        assert answer.status == 200, answer.body
        return str(answer.json["name"])

    def rename(self, name: str) -> str:
        """The position that the answer tells."""
        key = self.server.key
        tag = self.server.ask("GET", self.path, key=key).headers["etag"]
        answer = self.server.ask("PATCH", self.path, {"name": name}, key=key, if_match=tag)
        assert answer.status == 200, answer.body
        return answer.headers["isnad-position"]

    def pause(self) -> None:
        self.standby.ask("SELECT pg_wal_replay_pause()::text")
        self.wait(lambda: self.standby.ask("SELECT pg_get_wal_replay_pause_state()") == "paused")

    def resume(self) -> None:
        if self.standby.ask("SELECT pg_is_in_recovery()"):
            self.standby.ask("SELECT pg_wal_replay_resume()::text")

    def wait_until_replayed(self, position: str) -> None:
        self.wait(
            lambda: self.standby.ask("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", position)
        )

    def wait_until_read_from(self) -> None:
        def is_read_from() -> bool:
            self.resume()
            self.wait_until_replayed(self.rename("old"))
            self.pause()
            self.rename("new")
            return self.name() == "old"

        self.wait(is_read_from)
        self.resume()
        self.wait_until_replayed(self.rename("first"))

    def wait(self, true: Callable[[], Any]) -> None:
        until(true, lambda: self.server.log[-3000:])


def test_a_standby_answers_and_whoever_has_written_reads_it_at_once(pair: Pair) -> None:
    pair.pause()
    position = pair.rename("second")
    assert pair.name() == "first", "not read from the standby, which stands still"
    assert pair.name(key=pair.server.key) == "second"
    assert pair.name(isnad_position=position) == "second"
    assert pair.name(isnad_position="0/1") == "first"
    pair.resume()
    pair.wait_until_replayed(position)
    assert pair.name() == pair.name(isnad_position=position) == "second"


def test_a_standby_that_lags_is_left_out_and_taken_back(pair: Pair) -> None:
    pair.pause()
    pair.rename("second")
    pair.wait(lambda: pair.name() == "second")
    pair.wait(lambda: f"is left out: it is more than {MAX_LAG:g} s behind" in pair.server.log)
    pair.resume()
    pair.wait(lambda: "is read from again" in pair.server.log)
    pair.wait_until_read_from()


def test_a_revoked_key_reads_on_for_no_longer_than_a_standby_may_lag(pair: Pair) -> None:
    keys, mine = "/api/v1/api-keys/", pair.server.key
    made = pair.server.ask("POST", keys, {"label": "x", "scopes": ["read"]}, key=mine)
    assert made.status == 201, made.body
    pair.wait_until_replayed(made.headers["isnad-position"])
    pair.pause()
    revoked = pair.server.ask("POST", f"{keys}{made.json['id']}/revoke/", {}, key=mine)
    assert revoked.status == 200, revoked.body

    def status() -> int:
        return pair.server.ask("GET", pair.path, key=made.json["key"]).status

    assert status() == 200, "the standby knows of nothing"
    pair.wait(lambda: status() == 401)


def test_answers_to_writes_and_only_these_tell_a_position(pair: Pair) -> None:
    server, key = pair.server, pair.server.key
    position = re.compile("[0-9A-F]+/[0-9A-F]+")
    for method, body, sent, status in (
        ("PATCH", {"name": "x"}, {"if_match": '"stale"'}, 412),
        ("PATCH", {}, {}, 428),
        ("POST", {}, {}, 405),
    ):
        answer = server.ask(method, pair.path, body, key=key, **sent)
        assert answer.status == status, answer.body
        assert position.fullmatch(answer.headers["isnad-position"])
    for method, path, asked in (("GET", pair.path, key), ("POST", PATH, None)):
        answer = server.ask(method, path, {} if method == "POST" else None, key=asked)
        assert "isnad-position" not in answer.headers


def test_a_position_that_is_none_is_refused(pair: Pair) -> None:
    wrong = ("x", "0", "0/", "0/123456789", "0/1,0/2", "0/G", "-1/0")
    for path, position in product((pair.path, "/api/v1/changes/", PATH), wrong):
        answer = pair.server.ask("GET", path, isnad_position=position)
        assert (answer.status, answer.json["type"]) == (400, "/problems/bad-header")
        assert [it["header"] for it in answer.json["errors"]] == ["Isnad-Position"]
    assert pair.name(isnad_position="FFFFFFFF/FFFFFFFF") == "first"  # the primary will know


def reading(pair: Pair, done: threading.Event) -> tuple[threading.Thread, list[Any]]:
    """A caller who reads and reads until it is done, and what they were answered."""
    told: list[Any] = []

    def read() -> None:
        connection = pair.server.connection()
        while not done.wait(0.01):
            try:
                told.append(pair.server.ask("GET", pair.path, over=connection).status)
            except (OSError, http.client.HTTPException) as error:
                told.append(error)
        connection.close()

    thread = threading.Thread(target=read)
    thread.start()
    return thread, told


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hanging"])
def test_no_read_fails_when_the_standby_dies(pair: Pair, how: signal.Signals) -> None:
    done = threading.Event()
    callers = [reading(pair, done) for _ in range(2)]
    try:
        pair.wait(lambda: all(len(told) > 10 for _, told in callers))
        if how == signal.SIGKILL:
            pair.standby.kill()
        else:
            pair.standby.signal(how)
        before = [len(told) for _, told in callers]
        pair.wait(lambda: all(len(t) > n + 50 for (_, t), n in zip(callers, before, strict=True)))
        position = pair.rename("second")
        pair.wait(lambda: pair.name() == "second")
        pair.standby.signal(signal.SIGCONT)
        if how == signal.SIGKILL:
            pair.standby.start()
        pair.wait_until_replayed(position)
        pair.wait_until_read_from()
    finally:
        done.set()
        for thread, _ in callers:
            thread.join()
    assert {status for _, told in callers for status in told} == {200}
    assert "is left out" in pair.server.log
    assert "Traceback" not in pair.server.log


def test_when_the_standby_is_promoted_nothing_is_lost(pair: Pair) -> None:
    server, standby = pair.server, pair.standby
    names = [f"outlet {uuid4()}" for _ in range(20)]
    paths, position = [], ""
    for name in names:
        made = server.ask("POST", PATH, {"name": name}, key=server.key)
        assert made.status == 201
        paths.append(made.headers["location"])
        position = made.headers["isnad-position"]
    pair.wait_until_replayed(position)
    assert standby.ask("SELECT pg_promote()")
    pair.wait(lambda: "it was promoted" in server.log)
    pair.rename("after the promotion")
    assert pair.name() == "after the promotion"
    assert [server.ask("GET", path).json["name"] for path in paths] == names

    promoted = {
        "DATABASE_URL": standby.url(),
        "DATABASE_OWNER_URL": standby.url("isnad_owner"),
        "SECRET_KEY": (server.folder / "secret_key").read_text(),
        "LOG_KEY_FILE": str(server.folder / "log_key"),
        "ISNAD_DEMO": "1",
        "WEB_CONCURRENCY": "1",
    }
    successor = Server(Path(server.folder), free_port(), promoted, log_name="successor.log")
    try:
        successor.start()
        assert [successor.ask("GET", path).json["name"] for path in paths] == names
        made = successor.ask("POST", PATH, {"name": "and on"}, key=server.key)
        assert made.status == 201
        assert "isnad-position" not in made.headers
        assert pair.name() == "after the promotion"
    finally:
        if successor.process is not None:
            successor.stop()
