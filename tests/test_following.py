"""Waiting for what happens next, on a real server."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import psutil
import psycopg
import pytest

from config.embedded import Cluster
from tests.live import Server, live_server
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.timeout(400)

FOLLOWERS = 500
LONGEST = 60  # seconds that a caller may ask to wait for: whoever hears before was told at once


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """With one web process, so that all followers are its own."""
    with live_server(WEB_CONCURRENCY="1") as running:
        yield running


def head(server: Server) -> int:
    return int(server.ask("GET", "/api/v1/changes/?page_size=1").json["head"])


def happen(server: Server, name: str = "An outlet") -> str:
    """Something, just now; its id."""
    made = server.ask("POST", "/api/v1/publishers/", {"name": name}, key=server.key)
    assert made.status == 201, made.body
    return str(made.json["id"])


@pytest.fixture
def quiet(server: Server) -> int:
    """The head, when nothing waits for its number."""
    before, last = head(server), happen(server)

    def numbered() -> bool:
        page = server.ask("GET", f"/api/v1/changes/?after={before}&page_size=200").json
        return last in [change["subject"] for change in page["results"]]

    until(numbered)
    return head(server)


class Stream:
    """Server-Sent Events over a connection of its own."""

    def __init__(self, server: Server, query: str = "", **headers: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request(
            "GET", f"/api/v1/changes/?{query}", headers={"Accept": "text/event-stream", **sent}
        )
        self.response = self.connection.getresponse()
        assert self.response.status == 200, self.response.read()

    def next(self) -> dict[str, str]:
        """The next event; comments and the retry time are passed over."""
        event: dict[str, str] = {}
        while line := self.response.readline().decode():
            name, _colon, value = line.rstrip("\n").partition(": ")
            if name and value and name != "retry":
                event[name] = value
            elif not name and event:
                return event
        raise EOFError

    def change(self) -> dict[str, str]:
        """The next event that tells a change."""
        while "data" not in (event := self.next()):
            pass
        return event

    def rest(self) -> list[dict[str, str]]:
        """The events until the server ends it."""
        events = []
        try:
            while True:
                events.append(self.next())
        except (EOFError, OSError, http.client.HTTPException):
            return events

    def close(self) -> None:
        self.response.close()
        self.connection.close()


def later(seconds: float, what: Any) -> threading.Thread:
    thread = threading.Timer(seconds, what)
    thread.start()
    return thread


def test_a_long_poll_is_answered_as_soon_as_something_happens(server: Server, quiet: int) -> None:
    happened: list[str] = []
    began = time.monotonic()
    thread = later(0.7, lambda: happened.append(happen(server)))
    page = server.ask("GET", f"/api/v1/changes/?after={quiet}&wait={LONGEST}").json
    took = time.monotonic() - began
    thread.join()
    assert [change["subject"] for change in page["results"]] == happened
    assert 0.7 <= took < LONGEST


def test_a_long_poll_ends_when_its_time_is_up(server: Server, quiet: int) -> None:
    began = time.monotonic()
    page = server.ask("GET", f"/api/v1/changes/?after={quiet}&wait=1").json
    assert (page["results"], page["last"]) == ([], quiet)
    assert 1 <= time.monotonic() - began < PATIENCE


def test_a_long_poll_with_a_filter_waits_for_what_the_filter_finds(
    server: Server, quiet: int
) -> None:
    thread = later(0.3, lambda: happen(server))

    def looked_at() -> bool:
        page = server.ask("GET", f"/api/v1/changes/?after={quiet}&wait=2&type=claim.created").json
        assert page["results"] == []
        return bool(page["last"] == quiet + 1)

    until(looked_at)
    thread.join()


def test_what_is_there_already_is_told_at_once(server: Server, quiet: int) -> None:
    began = time.monotonic()
    assert server.ask("GET", f"/api/v1/changes/?after=0&wait={LONGEST}").json["results"]
    assert time.monotonic() - began < LONGEST


@pytest.mark.parametrize("query", ["wait=61", "wait=x", "wait=1&wait=2", "wait=1&after=-1"])
def test_a_wait_that_cannot_be_read_is_refused_at_once(server: Server, query: str) -> None:
    answer = server.ask("GET", f"/api/v1/changes/?{query}")
    assert (answer.status, answer.json["type"]) == (400, "/problems/bad-parameter")


def test_events_arrive_as_they_happen_and_go_on_after_a_break(server: Server, quiet: int) -> None:
    stream = Stream(server, f"after={quiet}")
    first = happen(server)
    event = stream.change()
    assert (event["id"], event["event"]) == (str(quiet + 1), "publisher.created")
    assert json.loads(event["data"])["subject"] == first
    stream.close()
    missed = [happen(server) for _ in range(3)]
    stream = Stream(server, Last_Event_ID=event["id"])
    found = [stream.change() for _ in missed]
    assert [json.loads(it["data"])["subject"] for it in found] == missed
    assert [it["id"] for it in found] == [str(quiet + 2 + n) for n in range(3)]
    stream.close()


def test_a_filtered_stream_moves_on_with_what_it_does_not_tell(server: Server, quiet: int) -> None:
    stream = Stream(server, f"after={quiet}&type=claim.created")
    happen(server)
    assert stream.next() == {"id": str(quiet)}  # it has read up to here
    assert stream.next() == {"id": str(quiet + 1)}
    stream.close()


def test_a_stream_of_what_cannot_be_read_is_a_problem_document(server: Server) -> None:
    answer = server.ask("GET", "/api/v1/changes/?after=999999999", accept="text/event-stream")
    assert (answer.status, answer.json["type"]) == (409, "/problems/beyond-the-log")
    assert answer.headers["content-type"] == "application/problem+json"
    answer = server.ask("GET", "/api/v1/changes/", key="isnad_x", accept="text/event-stream")
    assert answer.status == 401


def test_a_stream_ends_when_its_key_is_revoked(server: Server, quiet: int) -> None:
    made = server.ask(
        "POST", "/api/v1/api-keys/", {"label": "a stream", "scopes": ["read"]}, key=server.key
    ).json
    while head(server) == quiet:
        time.sleep(0.05)
    secret = {"Authorization": f"Bearer {made['key']}"}
    stream = Stream(server, f"after={head(server)}", **secret)
    revoke = f"/api/v1/api-keys/{made['id']}/revoke/"
    assert server.ask("POST", revoke, key=server.key).status == 200
    assert "api_key.revoked" not in [event.get("event") for event in stream.rest()]
    stream.close()


def worker(server: Server) -> psutil.Process:
    assert server.process is not None
    children = psutil.Process(server.process.pid).children()
    return next(child for child in children if "spawn_main" in " ".join(child.cmdline()))


def connections(server: Server) -> int:
    """Of the web role, to the database."""
    with (
        Cluster(server.folder).attached() as cluster,
        psycopg.connect(cluster.owner_url) as connection,
    ):
        [count] = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'isnad_web'"
        ).fetchone() or [0]
    return int(count)


def test_five_hundred_followers_wait_without_a_thread_or_a_connection_each(
    server: Server, quiet: int
) -> None:
    with ExitStack() as open_sockets:
        followers = []
        for number in range(FOLLOWERS):
            follower = open_sockets.enter_context(
                socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)
            )
            accept = "text/event-stream" if number % 2 else "application/json"
            follower.sendall(
                f"GET /api/v1/changes/?after={quiet}&wait={LONGEST} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                f"Accept: {accept}\r\n\r\n".encode()
            )
            followers.append(follower)
        for follower in followers[1::2]:  # whose stream has begun was looked at, and waits
            heard = b""
            while b"\r\n\r\n" not in heard:
                part = follower.recv(65536)
                assert part, "hung up before it waited"
                heard += part
        until(lambda: connections(server) < 30)
        assert worker(server).num_threads() < 60
        began = time.monotonic()
        assert server.ask("GET", "/api/v1/claims/?page_size=1").status == 200
        assert time.monotonic() - began < PATIENCE
        subject = happen(server).encode()
        began = time.monotonic()
        for follower in followers:
            heard = b""
            while subject not in heard:
                part = follower.recv(65536)
                assert part, "hung up without having told it"
                heard += part
        assert time.monotonic() - began < LONGEST
        assert worker(server).num_threads() < 60
        assert connections(server) < 30


def test_a_server_with_open_streams_stops_within_seconds() -> None:
    with live_server(WEB_CONCURRENCY="1") as server:
        streams = [Stream(server, f"after={head(server)}") for _ in range(3)]
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < LONGEST  # they would listen for ever
        for stream in streams:
            stream.rest()
            stream.close()
