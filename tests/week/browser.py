"""How somebody asks the server: over a line of their own, or several at the same moment."""

import http.client
import json
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from tests.live import Answer, Server

BASE = "/api/v1"
IDLE = 0.5  # seconds after which a new line is opened, before the server closes the old one


class Browser:
    """Somebody's: it keeps cookies, a line to the server, and what proves that a write is theirs.

    key: for a program, which has neither cookies nor token.
    """

    # Of all of them, so that they can be closed.
    opened: ClassVar[list[http.client.HTTPConnection]] = []
    # What was refused by some rule, which nobody has looked at yet (`Week.refused`).
    refusals: ClassVar[list[Answer]] = []

    def __init__(self, server: Server, key: str | None = None) -> None:
        self.server, self.key = server, key
        self.line: http.client.HTTPConnection | None = None
        self.cookies: dict[str, str] = {}
        self.token: str | None = None
        self.used = 0.0

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.key is not None:
            sent["authorization"] = f"Bearer {self.key}"
        elif self.cookies:
            sent["cookie"] = "; ".join(f"{name}={it}" for name, it in self.cookies.items())
            if self.token is not None:
                sent["x-csrftoken"] = self.token
        if body is not None:
            sent["content-type"] = "application/json"
        data = None if body is None else json.dumps(body)
        if self.line is None or time.monotonic() - self.used > IDLE:
            self.line = self.server.connection()
            self.opened.append(self.line)
        self.used = time.monotonic()
        self.line.request(method, BASE + path, data, headers=sent)
        response = self.line.getresponse()
        answer = Answer(
            response.status,
            {name.lower(): value for name, value in response.getheaders()},
            response.read(),
        )
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                cookie, _semicolon, _rest = value.partition(";")
                self.cookies.__setitem__(*cookie.split("=", 1))
        if answer.status in (200, 201) and b'"csrf_token":' in answer.body:
            self.token = answer.json["csrf_token"]
        assert answer.status < 500, answer.body
        if answer.status in (403, 409):
            self.refusals.append(answer)
        return answer

    def get(self, path: str) -> Answer:
        return self.send("GET", path)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.send("POST", path, body, **headers)

    def read(self, path: str) -> Any:
        answer = self.get(path)
        assert answer.status == 200, (path, answer.body)
        return answer.json

    def made(self, path: str, body: Any = None, status: int = 201, **headers: str) -> Any:
        answer = self.post(path, body, **headers)
        assert answer.status == status, (path, body, answer.body)
        return answer.json

    def every(self, path: str) -> list[Any]:
        """All results of a list, page by page."""
        found, further = [], f"{path}{'&' if '?' in path else '?'}page_size=50"
        while further:
            page = self.read(further)
            found += page["results"]
            further = (page["next"] or "").partition(BASE)[2]
        return found


def at_once(*asks: Callable[[], Answer]) -> list[Answer]:
    """What is answered to requests that are sent at the same moment, in their order."""
    answers: list[Any] = [None] * len(asks)
    gate = threading.Barrier(len(asks))

    def ask(place: int) -> None:
        gate.wait()
        answers[place] = asks[place]()

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(len(asks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert None not in answers, "a request was not answered"
    return answers


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def spelled(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
