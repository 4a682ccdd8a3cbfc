"""Bodies are bounded in size and time before the application reads them."""

import asyncio
import json
import re
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from config.bodies import BodyGuard, Message
from tests.live import Server, live_server
from tests.waiting import PATIENCE

LIMIT = 100


class Exchange:
    """One request to a guarded application: the messages that come and those that are answered.

    A message that is a number is a pause of so many seconds; after the last one nothing comes.
    """

    def __init__(self, *coming: Message | float, **scope: Any) -> None:
        self.coming = list(coming)
        self.scope = {"type": "http", "headers": []} | scope
        self.sent: list[Message] = []
        self.heard: list[Message] = []

    async def receive(self) -> Message:
        while self.coming:
            message = self.coming.pop(0)
            if not isinstance(message, (int, float)):
                return message
            await asyncio.sleep(message)
        return await asyncio.Event().wait()  # type: ignore[return-value]

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    async def application(self, scope: Message, receive: Any, send: Any) -> None:
        """Reads the body, then answers with its size, as Django does."""
        while True:
            message = await receive()
            self.heard.append(message)
            if message["type"] == "http.disconnect":
                return
            if not message.get("more_body"):
                break
        size = sum(len(message.get("body", b"")) for message in self.heard)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"%d" % size})

    def run(
        self, application: Callable[..., Awaitable[None]] | None = None, seconds: float = PATIENCE
    ) -> "Exchange":
        guard = BodyGuard(application or self.application, limit=LIMIT, seconds=seconds)
        asyncio.run(asyncio.wait_for(guard(self.scope, self.receive, self.send), PATIENCE))
        return self

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    def problem(self) -> Any:
        start, body = self.sent
        headers = dict(start["headers"])
        assert headers[b"content-type"] == b"application/problem+json"
        assert headers[b"content-length"] == b"%d" % len(body["body"])
        assert headers[b"connection"] == b"close"
        document = json.loads(body["body"])
        assert document["status"] == start["status"]
        return document


def piece(size: int, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": b"x" * size, "more_body": more}


GONE = {"type": "http.disconnect"}


def test_a_body_within_the_limits_passes_untouched() -> None:
    pieces = [piece(40), piece(0), piece(60, more=False)]
    exchange = Exchange(*pieces).run()
    assert exchange.heard == pieces
    assert exchange.sent[1]["body"] == b"100"


def test_a_request_without_a_body_passes() -> None:
    assert Exchange({"type": "http.request"}).run().sent[1]["body"] == b"0"


@pytest.mark.parametrize("sizes", [[101], [60, 41], [50, 50, 1], [1] * 101])
def test_a_body_that_grows_over_the_limit_is_refused_where_it_does(sizes: list[int]) -> None:
    exchange = Exchange(*map(piece, sizes), piece(1, more=False)).run()
    document = exchange.problem()
    assert (exchange.status, document["type"]) == (413, "/problems/too-large")
    assert "100" in document["detail"]
    assert sum(len(message["body"]) for message in exchange.heard) <= LIMIT


@pytest.mark.parametrize("length", [b"101", b"99999999999999999999"])
def test_a_body_that_is_declared_too_large_is_not_even_read(length: bytes) -> None:
    exchange = Exchange(headers=[(b"content-length", length)]).run()
    assert exchange.problem()["type"] == "/problems/too-large"
    assert exchange.heard == []


@pytest.mark.parametrize("length", [b"100", b"x", b"-1", b""])
def test_what_is_declared_otherwise_is_counted_as_it_comes(length: bytes) -> None:
    headers = [(b"content-length", length)]
    assert Exchange(piece(100, more=False), headers=headers).run().status == 200
    assert Exchange(piece(101, more=False), headers=headers).run().status == 413


def test_a_body_that_stops_coming_is_given_up() -> None:
    exchange = Exchange(piece(1)).run(seconds=0.05)
    assert exchange.problem()["type"] == "/problems/request-timeout"
    assert exchange.status == 408


def test_a_byte_now_and_then_does_not_gain_time() -> None:
    drops = [message for _ in range(1_000) for message in (0.02, piece(1))]
    assert Exchange(*drops).run(seconds=0.1).status == 408


def test_the_time_ends_with_the_body_not_with_the_answer() -> None:
    async def slow(scope: Message, receive: Any, send: Any) -> None:
        await receive()
        await asyncio.sleep(0.2)
        await send({"type": "http.response.start", "status": 200, "headers": []})

    assert Exchange(piece(1, more=False)).run(slow, seconds=0.05).status == 200


def test_waiting_for_the_caller_to_hang_up_has_no_limit_of_time() -> None:
    """As Django does while it works on the answer."""

    async def listening(scope: Message, receive: Any, send: Any) -> None:
        await receive()
        assert await receive() == GONE
        await send({"type": "http.response.start", "status": 200, "headers": []})

    exchange = Exchange(piece(1, more=False), 0.2, GONE).run(listening, seconds=0.05)
    assert exchange.status == 200


def test_a_body_that_ends_early_is_reported_to_the_application_and_answered() -> None:
    exchange = Exchange(piece(10), GONE).run()
    assert exchange.heard == [piece(10), GONE]
    assert (exchange.status, exchange.problem()["type"]) == (400, "/problems/bad-request")


def test_a_caller_who_hangs_up_after_the_body_is_not_answered() -> None:
    async def patient(scope: Message, receive: Any, send: Any) -> None:
        assert [await receive(), await receive()] == [piece(10, more=False), GONE]

    assert Exchange(piece(10, more=False), GONE).run(patient).sent == []


def test_an_answer_that_was_begun_is_not_begun_again() -> None:
    async def hasty(scope: Message, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await receive()

    exchange = Exchange(piece(101)).run(hasty)
    assert [message["status"] for message in exchange.sent] == [404]


def test_faults_of_the_application_are_its_own() -> None:
    async def broken(scope: Message, receive: Any, send: Any) -> None:
        raise RuntimeError("ours")

    with pytest.raises(RuntimeError, match="ours"):
        Exchange(piece(1, more=False)).run(broken)


def test_what_is_no_http_passes_by() -> None:
    async def websocket(scope: Message, receive: Any, send: Any) -> None:
        assert await receive() == piece(1_000)
        await send({"type": "websocket.close"})

    assert Exchange(piece(1_000), type="websocket").run(websocket).sent == [
        {"type": "websocket.close"}
    ]


@pytest.mark.parametrize(
    "content_type",
    [
        b"application/json; charset=bz2",
        b"application/json; charset=utf-16",
        b"application/json;charset=latin-1",
        b"application/json; charset=idna",
        b"application/json; charset=undefined",
        b'application/json; charset="hex"',
        b"application/json; charset*=utf-8''bz2",
        b"application/json; charset*=nothing''utf-8",
        b"text/plain; CHARSET=rot13",
        b"application/json; charset=\xff",
    ],
)
def test_a_charset_other_than_utf_8_is_refused_before_anybody_decodes_with_it(
    content_type: bytes,
) -> None:
    exchange = Exchange(piece(1, more=False), headers=[(b"content-type", content_type)]).run()
    assert exchange.problem()["type"] == "/problems/unsupported-media-type"
    assert exchange.heard == []


@pytest.mark.parametrize(
    "content_type",
    [
        b"application/json",
        b"application/json; charset=utf-8",
        b"text/plain;charset=UTF8",
        b";",
        b"",
    ],
)
def test_utf_8_passes_whatever_the_media_type(content_type: bytes) -> None:
    headers = [(b"content-type", content_type)]
    assert Exchange(piece(1, more=False), headers=headers).run().status == 200


# With the real server


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with live_server(BODY_SECONDS=str(2 * PATIENCE)) as running:
        yield running


def spoken(server: Server, request: bytes, *, hang_up: bool = False) -> tuple[int, bytes]:
    """What the server answers to these very bytes: status (0 when it hangs up), and all of it.

    hang_up: whether to say that no more will come; the server gives up who does so in vain.
    """
    with closing(socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)) as line:
        answer = b""
        try:
            line.sendall(request)
            if hang_up:
                line.shutdown(socket.SHUT_WR)
            while received := line.recv(65_536):
                answer += received
        except OSError:  # it hung up
            pass
    head = answer.split(b"\r\n", 1)[0].split(b" ")
    return (int(head[1]) if len(head) > 1 else 0), answer


def request(target: bytes, *headers: bytes, method: bytes = b"GET", body: bytes = b"") -> bytes:
    lines = [method + b" " + target + b" HTTP/1.1", b"Host: 127.0.0.1", b"Connection: close"]
    return b"\r\n".join([*lines, *headers, b"", body])


JSON = b"Content-Type: application/json"


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "sent",
    [
        request(b"/api/v1/claims/\xff\xfe/"),
        request(b"/api/v1/claims/%ff%fe/"),
        request(b"/api/v1/claims/%00/"),
        request(b"/api/v1/claims"),
        request(b"//evil.example/api/v1/claims"),
        request(b"/\\evil.example/api/v1/claims"),
        request(b"http://evil.example/api/v1/claims/"),
        request(b"/api/v1/claims/?subject=\xff\xfe"),
        request(b"/api/v1/claims/?subject=%ff%fe"),
        request(b"/api/v1/claims/?subject=%00"),
        request(b"/api/v1/claims/?" + b"a" * 60_000),
        request(b"/api/v1/claims/?cursor=" + b"%41" * 5_000),
        request(b"/api/v1/" + b"%41/" * 5_000),
        request(b"/api/v1/claims/?" + b"&".join(b"a%d=1" % n for n in range(5_000))),
        request(b"*", method=b"OPTIONS"),
        request(b"/api/v1/claims/", method=b"\xff"),
        request(b"/api/v1/claims/", method=b"TRACE"),
        request(b"/api/v1/claims/", b"Authorization: Bearer \xff\xfe"),
        request(b"/api/v1/claims/", b"Authorization: Bearer a", b"Authorization: Bearer b"),
        request(b"/api/v1/claims/", b"Accept: \xff"),
        request(b"/api/v1/claims/", b"Accept-Language: \xff" + b"," * 5_000),
        request(b"/api/v1/claims/", b"Cookie: sessionid=\xff; csrftoken=\x01"),
        request(b"/api/v1/claims/", b"Host: evil.example"),
        request(b"/api/v1/claims/", b"X-Forwarded-For: \xff"),
        request(b"/api/v1/claims/", b"If-None-Match: " + b'"x",' * 5_000),
        request(b"/api/v1/claims/", b"Content-Type: application/json; charset=bz2"),
        request(b"/api/v1/claims/?subject=%41", b"Content-Type: text/plain; charset=idna"),
        request(b"/api/v1/publishers/", JSON, b"Content-Length: -1", method=b"POST", body=b"{}"),
        request(b"/api/v1/publishers/", JSON, b"Content-Length: x", method=b"POST", body=b"{}"),
        request(b"/api/v1/publishers/", JSON, b"Content-Length: 1", method=b"POST", body=b"{}"),
        request(b"/api/v1/publishers/", JSON, method=b"POST", body=b"{}"),
        request(
            b"/api/v1/publishers/", JSON, b"Content-Length: 9000000", method=b"POST", body=b"{}"
        ),
        request(
            b"/api/v1/publishers/",
            JSON,
            b"Content-Length: 2",
            b"Transfer-Encoding: chunked",
            method=b"POST",
            body=b"2\r\n{}\r\n0\r\n\r\n",
        ),
        request(
            b"/api/v1/publishers/", JSON, b"Transfer-Encoding: chunked", method=b"POST",
            body=b"ZZ\r\n{}\r\n",
        ),
        request(b"/livez", method=b"POST"),
        request(b"/static/%ff"),
        request(b"/static/../config/settings.py"),
        request(b"/static/%2e%2e/%2e%2e/etc/passwd"),
        b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
        request(b"/", method=b"POST"),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x00" * 1_000,
    ],
    ids=lambda sent: ascii(sent[:50]),
)  # fmt: skip
def test_no_bytes_whatever_are_answered_with_a_fault_of_ours(server: Server, sent: bytes) -> None:
    before = len(server.log)
    status, answer = spoken(server, sent)
    assert 0 < status < 500, answer
    assert b"evil" not in answer.lower().partition(b"location:")[2].partition(b"\r\n")[0]
    head, _, content = answer.partition(b"\r\n\r\n")
    if content and status >= 400:  # the server itself answers what is no HTTP, with nothing
        assert b"content-type: application/problem+json" in head
    assert not re.search("unexpected fault|Internal Server Error", server.log[before:])
    assert server.ask("GET", "/livez").status == 200


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "sent",
    [
        request(b"/api/v1/publishers/", JSON, b"Content-Length: 10", method=b"POST", body=b"{"),
        request(
            b"/api/v1/publishers/",
            JSON,
            b"Transfer-Encoding: chunked",
            method=b"POST",
            body=b"5\r\n{",
        ),
    ],
)
def test_a_body_that_ends_early_is_no_fault_of_ours(server: Server, sent: bytes) -> None:
    status, answer = spoken(server, sent, hang_up=True)
    assert status in {0, 400}, answer
    assert status == 0 or b"/problems/bad-request" in answer


@pytest.mark.timeout(400)
def test_twenty_slow_bodies_do_not_keep_others_waiting(server: Server) -> None:
    head = request(
        b"/api/v1/publishers/",
        JSON,
        b"Content-Length: 1000",
        b"Authorization: Bearer " + server.key.encode(),
        method=b"POST",
    )
    slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(20)]
    try:
        for line in slow:
            line.sendall(head + b"{")
        time.sleep(0.3)
        began = time.monotonic()
        for _ in range(10):
            assert server.ask("GET", "/api/v1/claims/").status == 200
        body = {"name": "An outlet"}
        assert server.ask("POST", "/api/v1/publishers/", body, key=server.key).status == 201
        assert time.monotonic() - began < PATIENCE  # half of what a body may take
    finally:
        for line in slow:
            line.close()


@pytest.mark.timeout(400)
def test_a_body_over_the_limit_is_refused_while_it_is_sent(server: Server) -> None:
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    with closing(socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)) as line:
        line.sendall(
            request(
                b"/api/v1/articles/", JSON, b"Transfer-Encoding: chunked", method=b"POST",
            )
        )  # fmt: skip
        sent = 0
        try:
            while sent < 400:  # 26 MB
                line.sendall(chunk)
                sent += 1
        except ConnectionError:
            pass
        try:
            answer = line.recv(65_536)
        except ConnectionError:
            answer = b""
    assert answer == b"" or b" 413 " in answer.split(b"\r\n")[0]
    assert sent < 400 or b" 413 " in answer
    assert server.ask("GET", "/livez").status == 200
