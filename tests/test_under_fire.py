"""The whole server under what happens to servers: crowds, slow callers, kill -9.

With ISNAD_LONG=1 the crowd stays for a minute.
"""

import http.client
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings

from config.embedded import Cluster
from tests import soak
from tests.api.test_gold_article import DISPUTED, GOLD, disputing, file_article, gold_places
from tests.live import Answer, Server, live_server
from tests.waiting import until

pytestmark = pytest.mark.timeout(400)

CROWDED = 60 if os.environ.get("ISNAD_LONG") == "1" else 5  # seconds

ARTICLE = "أعلنت الوزارة اكتمال الجسر في 3 مايو 2019. The ministry said the bridge was complete."


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with live_server() as running:
        yield running


@dataclass(frozen=True)
class Checker:
    """Who holds the demo key of a server."""

    server: Server

    def made(self, path: str, body: Any, **headers: str) -> Any:
        """Repeated as the API says where the database, just started, keeps it waiting."""
        headers["idempotency_key"] = str(uuid4())
        answers: list[Answer] = []

        def it_is_answered() -> bool:
            key = self.server.key
            answers.append(self.server.ask("POST", f"/api/v1{path}", body, key=key, **headers))
            return answers[-1].status != 503

        until(it_is_answered, lambda: self.server.log[-3000:])
        assert answers[-1].status == 201, answers[-1].body
        return answers[-1].json

    def read(self, path: str) -> Any:
        return self.server.ask("GET", f"/api/v1{path}").json


def file_and_judge(server: Server) -> str:
    """A claim with its passage, disputed; its path."""
    made = Checker(server).made
    publisher = made("/publishers/", {"name": "An outlet"})
    article = made(
        "/articles/",
        {"publisher": publisher["id"], "headline": "الجسر", "language": "ar", "text": ARTICLE},
    )
    claim = made(
        "/claims/",
        {
            "kind": "fact",
            "text": "The bridge was completed on 3 May 2019",
            "language": "ar",
            "fact": {
                "subject": "the bridge",
                "property": "completed on",
                "value": "2019-05-03",
                "value_type": "date",
            },
            "appearance": {"snapshot": article["snapshot"]["id"], "exact": "3 مايو 2019"},
        },
    )
    made(
        f"/claims/{claim['id']}/dispute/",
        {
            "rationale": "The ministry's own report says June.",
            "evidence": [{"url": "https://example.org/report", "stance": "refutes"}],
        },
    )
    return f"/api/v1/claims/{claim['id']}/"


def record(server: Server) -> dict[str, Any]:
    """Everything that the API tells, page by page."""
    told: dict[str, Any] = {}
    for resource in ("publishers", "articles", "speakers", "claims", "organizations"):
        path: str | None = f"/api/v1/{resource}/?page_size=200"
        rows: list[Any] = []
        while path:
            page = server.ask("GET", path).json
            rows += page["results"]
            path = page["next"]
        told[resource] = rows
    for claim in told["claims"]:
        history = server.ask("GET", f"/api/v1/claims/{claim['id']}/history/?page_size=200")
        told[claim["id"]] = [
            history.json["results"],
            server.ask("GET", f"/api/v1/claims/{claim['id']}/").headers["etag"],
        ]
    return told


def test_thirty_clients_that_judge_the_same_claims_at_once_lose_nothing(server: Server) -> None:
    tally = soak.run(server, seconds=CROWDED, clients=30, claims=6)
    assert soak.faults(server, tally) == []
    assert tally.statuses[201] > 0
    assert tally.statuses[412] + tally.statuses[428] > 0, "nobody met anybody: no test at all"


def test_after_kill_9_of_server_and_database_the_record_is_the_same(server: Server) -> None:
    claim = file_and_judge(server)
    assert server.ask("GET", claim).json["status"] == "disputed"
    crash(server)
    tag = server.ask("GET", claim).headers["etag"]
    withdrawn = server.ask(
        "POST", f"{claim}withdraw/", {"rationale": "Seen anew."}, key=server.key, if_match=tag
    )
    assert withdrawn.status == 201
    server.kill()
    server.start()
    assert server.ask("GET", claim).json["status"] == "unverified"


def crash(server: Server) -> None:
    """kill -9 of server and database, after which the record has to be what it was."""
    with (
        Cluster(server.folder).attached() as cluster,
        psycopg.connect(cluster.owner_url, autocommit=True) as connection,
    ):
        # What happened gets its number a moment later, and would show one afterwards alone.
        while connection.execute("SELECT 1 FROM claims_unnumbered LIMIT 1").fetchone():
            time.sleep(0.05)
    before = record(server)
    server.kill()
    server.start()
    assert record(server) == before


@pytest.mark.skipif(not GOLD.exists(), reason="ISNAD_SHARED says where the article is")
@pytest.mark.timeout(600)
def test_the_gold_article_is_filed_and_judged_and_every_step_outlives_kill_9(
    server: Server,
) -> None:
    gold = json.loads(GOLD.read_text("utf-8"))
    checker = Checker(server)
    _article, _speakers, claims = file_article(checker, gold)
    crash(server)
    told = {name: checker.read(f"/claims/{it['id']}/") for name, it in claims.items()}
    assert len(told) == 17
    for entry in gold["claims"]:
        assert gold_places(told[entry["id"]]["appearance"]) == gold_places(entry)

    claim = f"/claims/{claims[DISPUTED]['id']}/"
    checker.made(f"{claim}dispute/", disputing(gold))
    crash(server)
    listed = checker.read("/claims/?status=disputed&language=ar&page_size=200")["results"]
    assert claims[DISPUTED]["id"] in {it["id"] for it in listed}

    for move, status in (("verify", "verified"), ("withdraw", "unverified")):
        tag = server.ask("GET", f"/api/v1{claim}").headers["etag"]
        checker.made(f"{claim}{move}/", {"rationale": "Looked at again."}, if_match=tag)
        crash(server)
        assert checker.read(claim)["status"] == status


def test_when_the_database_dies_callers_are_told_to_wait_and_it_comes_back(server: Server) -> None:
    for process in server.database_processes():
        process.kill()

    def it_is_back() -> bool:
        answer = server.ask("GET", "/api/v1/claims/")
        if answer.status == 200:
            return True
        assert answer.status == 503, answer.body
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["retry-after"]) > 0
        assert server.ask("GET", "/livez").status == 200
        return False

    until(it_is_back, lambda: server.log[-3000:])
    # Each worker finds its way back by itself; this may be the other one.
    until(lambda: server.ask("GET", "/readyz").status == 200, lambda: server.log[-3000:])


def test_sixty_callers_that_send_a_byte_a_second_do_not_keep_the_others_waiting(
    server: Server,
) -> None:
    head = (
        f"POST /api/v1/publishers/ HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        f"Authorization: Bearer {server.key}\r\nContent-Type: application/json\r\n"
        "Content-Length: 1000\r\n\r\n"
    ).encode()
    slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(60)]
    done = threading.Event()

    def drip() -> None:
        while not done.wait(1):
            for one in slow:
                one.send(b" ")

    for one in slow:
        one.sendall(head)
    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        time.sleep(1.5)
        waits = []
        connection = server.connection()
        for _ in range(30):
            began = time.monotonic()
            assert server.ask("GET", "/api/v1/claims/", over=connection).status == 200
            waits.append(time.monotonic() - began)
        connection.close()
    finally:
        done.set()
        dripping.join()
        for one in slow:
            one.close()
    assert max(waits) < settings.BODY_SECONDS / 2, waits  # who waits for them waits that long


def test_a_body_that_does_not_arrive_in_time_is_told_so() -> None:
    with live_server(BODY_SECONDS="1") as impatient:
        connection = impatient.connection()
        connection.putrequest("POST", "/api/v1/publishers/")
        connection.putheader("Content-Length", "10")
        connection.putheader("Content-Type", "application/json")
        connection.endheaders()
        connection.send(b"{")
        response: http.client.HTTPResponse = connection.getresponse()
        assert response.status == 408
        assert b"/problems/request-timeout" in response.read()
        connection.close()


def test_sigterm_stops_cleanly_and_leaves_no_database_process() -> None:
    with live_server() as running:
        assert running.database_processes()
        assert running.stop() == 0
        assert running.database_processes() == []
        assert "Traceback" not in running.log
