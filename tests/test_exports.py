"""Exports from a real server: what they hold open, and the memory that they take."""

import http.client
import json
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

PATH = "/api/v1/exports/claims/"
CLAIMS = 3_000
LONG = "word" + "." * 9_500  # with which all claims are 30 MB; of one word, which is found soon
READERS = 20  # more than the server has connections


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with live_server(WEB_CONCURRENCY="1", ANONYMOUS_EXPORTS_PER_MINUTE="1000") as running:
        before = head(running)
        row = {"kind": "fact", "language": "en", "text": LONG}
        row["fact"] = {"subject": "x", "property": "y", "value": "z", "value_type": "text"}
        for _ in range(CLAIMS // 500):
            sent = {"rows": [row] * 500}
            answer = running.ask("POST", "/api/v1/claims/bulk/", sent, key=running.key)
            assert {it["status"] for it in answer.json["results"]} == {201}
        until(lambda: head(running) >= before + CLAIMS, lambda: "the claims get no numbers")
        yield running


def head(server: Server) -> int:
    return int(server.ask("GET", "/api/v1/changes/?page_size=1").json["head"])


class Reader:
    """A reader of an export, as fast or slow as it is asked to read."""

    def __init__(self, server: Server, query: str = "") -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        self.connection.request("GET", f"{PATH}?{query}")
        self.response = self.connection.getresponse()
        assert self.response.status == 200, self.response.read()
        self.first = self.response.read(1_000)

    def rest(self) -> bytes:
        return self.first + self.response.read()

    def close(self) -> None:
        self.response.close()
        self.connection.close()


def exported(server: Server, query: str = "") -> bytes:
    reader = Reader(server, query)
    try:
        return reader.rest()
    finally:
        reader.close()


def count(server: Server) -> int:
    """Of claims in an export."""
    end = json.loads(exported(server).splitlines()[-1])
    assert end["end"] is True
    return int(end["count"])


def worker(server: Server) -> psutil.Process:
    assert server.process is not None
    children = psutil.Process(server.process.pid).children()
    return next(child for child in children if "spawn_main" in " ".join(child.cmdline()))


def asked(server: Server, what: str, *parameters: Any) -> list[Any]:
    """Of the sessions of the web role, but for this one."""
    with (
        Cluster(server.folder).attached() as cluster,
        psycopg.connect(cluster.web_url) as connection,
    ):
        ours = "pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()"
        return connection.execute(f"SELECT {what.format(ours=ours)}", parameters).fetchall()


def sessions(server: Server) -> dict[str, int]:
    """How many there are, by what they do."""
    return dict(asked(server, "state, count(*) FROM {ours} GROUP BY 1"))


def transactions(server: Server, *, older_than: float) -> list[Any]:
    """Those open for so many seconds: the sequencer and others have some of milliseconds."""
    what = "state, query FROM {ours} AND now() - xact_start > make_interval(secs => %s)"
    return asked(server, what, older_than)


def test_slow_readers_hold_nothing_open_and_cost_no_memory(server: Server) -> None:
    assert count(server) >= CLAIMS
    before = worker(server).memory_info().rss
    with ExitStack() as readers:
        reading = [Reader(server) for _ in range(READERS)]
        for reader in reading:
            readers.callback(reader.close)
        time.sleep(5)  # all wait for somebody to read on
        # One that is held open while a reader waits would grow older and older.
        until(lambda: not transactions(server, older_than=3))
        # The claims of all of them would be 600 MB.
        assert worker(server).memory_info().rss - before < 150_000_000
        began = time.monotonic()
        assert server.ask("GET", "/api/v1/speakers/?page_size=1").status == 200
        assert time.monotonic() - began < PATIENCE
        lines = reading[-1].rest().splitlines()
        assert json.loads(lines[-1])["count"] == len(lines) - 1 >= CLAIMS


@pytest.mark.parametrize("format", ["ndjson", "csv", "parquet"])
def test_an_export_is_made_page_by_page(server: Server, format: str) -> None:
    exported(server, f"format={format}")
    process, most = worker(server), 0
    before = process.memory_info().rss
    reader = Reader(server, f"format={format}")
    while reader.response.read(100_000):
        most = max(most, process.memory_info().rss)
    reader.close()
    # Parquet has a row group in memory, of 16 MB.
    assert most - before < (120_000_000 if format == "parquet" else 25_000_000)


def test_readers_that_go_away_leave_nothing_behind(server: Server) -> None:
    for _ in range(READERS):
        Reader(server).close()
    until(lambda: not sessions(server).keys() - {"idle"})
    assert count(server) >= CLAIMS
    assert "Traceback" not in server.log


def test_a_server_with_open_exports_stops_within_seconds() -> None:
    with live_server(WEB_CONCURRENCY="1") as server:
        readers = [Reader(server) for _ in range(3)]
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < PATIENCE
        for reader in readers:
            reader.close()
