import signal
import time
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import orjson
import pytest
from django.http import HttpResponse
from django.test import Client, override_settings
from django.utils import translation
from hypothesis import settings as hypothesis
from whitenoise.middleware import WhiteNoiseMiddleware

from claims.api.rates import PerCaller
from claims.models import Member
from claims.moves import Rule
from tests import make
from tests.database import committed, django_db_setup, throughout

__all__ = ["committed", "django_db_setup", "throughout"]  # fixtures, which override pytest-django's

# A shell that began us with & has it ignored, and what we begin would ignore it as well.
signal.signal(signal.SIGINT, signal.default_int_handler)

# An example may be the first that loads a library, on a busy machine.
hypothesis.register_profile("untimed", deadline=None)
hypothesis.load_profile("untimed")

BASE = "/api/v1"


class Api:
    """The API as a caller sees it: JSON in, JSON out."""

    def __init__(self, key: str | None = None) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"authorization": f"Bearer {key}"} if key else {}

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """body: JSON, or bytes that are sent as they are; headers: with _ for -."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        content_type = sent.pop("content-type", "application/json")
        response = self.client.generic(
            method,
            path if path.startswith(("/api/", "/v1alpha1/", "/problems", "http")) else BASE + path,
            body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body),
            content_type=content_type,
            headers=self.headers | sent,
        )
        response.json_ = lambda: orjson.loads(response.content)  # type: ignore[attr-defined]
        return response

    def get(self, path: str, **headers: str) -> Any:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("POST", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("PATCH", path, body, **headers)

    def read(self, path: str) -> Any:
        """The document at a path, which must be there."""
        response = self.get(path)
        assert response.status_code == 200, response.content.decode()
        return response.json()

    def etag(self, path: str) -> str:
        return str(self.get(path)["ETag"])

    def made(self, path: str, body: Any, **headers: str) -> Any:
        """The document that a POST made, which must succeed."""
        response = self.post(path, body, **headers)
        assert response.status_code == 201, response.content.decode()
        return response.json()


# What is refused by a rule of the table alone.
BY_RULE = {"forbidden", "nothing-waits", "invitation-refused", "label-not-on-scale"}
BY_RULE |= {f"{it}-refused" for it in ("verdict", "draft", "contest", "queue")}


def problem(response: HttpResponse, slug: str, status: int) -> dict[str, Any]:
    """The problem document of a refusal, which must be of this kind."""
    assert response.status_code == status, response.content.decode()
    assert response["Content-Type"] == "application/problem+json"
    document = orjson.loads(response.content)
    assert document["type"] == f"/problems/{slug}", document
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    if slug in BY_RULE:  # whoever is refused is told by which rule, wherever that is tested
        assert Rule(document["rule"]).value
    return dict(document)


def places(document: dict[str, Any]) -> set[str]:
    """What the faults of a problem point at."""
    return {
        fault.get("pointer") or fault.get("parameter") or fault["header"]
        for fault in document["errors"]
    }


@pytest.fixture(autouse=True)
def rates_start_at_zero() -> Iterator[None]:
    PerCaller.tallies.clear()
    yield
    PerCaller.tallies.clear()


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """The language that a request of the test before asked for stays active in the thread."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True, scope="session")
def passwords_are_hashed_at_once() -> Iterator[None]:
    """Django's own hashes take half a second each, on purpose."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True, scope="session")
def static_files_are_found_once() -> Iterator[None]:
    """Every client has a Django of its own, which looks at all of them when it is first asked."""
    found: dict[str, Any] = {}
    look = WhiteNoiseMiddleware.add_files_from_finders

    def remember(self: WhiteNoiseMiddleware) -> None:
        if not found:
            look(self)
            found.update(self.files)
        self.files |= found

    with mock.patch.object(WhiteNoiseMiddleware, "add_files_from_finders", remember):
        yield


@pytest.fixture
def desk(db: None) -> make.Desk:
    return make.desk()


@pytest.fixture
def as_member() -> Callable[[Member], Api]:
    return lambda member: Api(make.key(member))


@pytest.fixture
def anyone(db: None) -> Api:
    return Api()


@pytest.fixture
def checker(desk: make.Desk) -> Api:
    return Api(make.key(desk.checker))


@pytest.fixture
def colleague(desk: make.Desk) -> Api:
    """Another checker of the same desk."""
    return Api(make.key(desk.editor))


@pytest.fixture
def rival(db: None) -> Api:
    """A checker of another desk."""
    return Api(make.key(make.desk().checker))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Stands within a step of one-time codes, however slow the machine is; lets seconds pass."""
    now = [time.time() // 30 * 30 + 15]
    monkeypatch.setattr(time, "time", lambda: now[0])

    def tick(seconds: float) -> None:
        now[0] += seconds

    return tick
