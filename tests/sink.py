"""A receiver of webhooks on this machine, which remembers what it was sent."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def number(self) -> int:
        return int(self.id.partition(".")[2])


Answer = tuple[int, dict[str, str], bytes]
OK: Answer = (200, {}, b"thanks")


@dataclass
class Sink:
    """answers: what to answer to a request, after having waited in it, perhaps."""

    url: str
    received: list[Received] = field(default_factory=list)
    answers: Callable[[Received], Answer] = lambda it: OK

    @property
    def numbers(self) -> list[int]:
        return [it.number for it in self.received]

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.answers = lambda it: (status, headers, body)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    sink: Sink

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        received = Received(self.path, headers, body)
        self.sink.received.append(received)
        status, more, answer = self.sink.answers(received)
        self.send_response(status)
        for name, value in more.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, *_: Any) -> None:
        """Whoever hung up meanwhile is not interested."""


@contextmanager
def sink() -> Iterator[Sink]:
    handler = type("Bound", (Handler,), {})
    server = Server(("127.0.0.1", 0), handler)
    held = Sink(f"http://127.0.0.1:{server.server_address[1]}/hook")
    handler.sink = held  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield held
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
