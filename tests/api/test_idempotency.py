"""A POST with an Idempotency-Key happens once, however often it is sent."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from claims.models import ApiKey, Change, IdempotencyKey, Publisher, Verdict
from tests import make
from tests.api import bodies
from tests.api.bodies import WRITES
from tests.api.conftest import rows_in_all_tables
from tests.api.threads import at_once, statuses
from tests.conftest import Api, places, problem

KEY = "5b1c2f6e-7d1a-4a51-9d67-1b7e4f1f2a3b"
BODY = {"name": "An outlet"}
# Not kept, so not told again.
TOLD_ONCE = {"api key": ["key"], "webhook": ["secret"], "secret rotated": ["secret"]}
TOLD_ONCE |= {"invitation": ["token", "link"]}

posts = pytest.mark.parametrize(
    "name", [name for name, write in WRITES.items() if write.method == "POST"]
)


@posts
def test_the_same_request_again_gets_the_same_answer_and_changes_nothing(
    db: None, name: str
) -> None:
    world = bodies.world()
    write = WRITES[name]
    first = world.send(write, world.body(write), idempotency_key=KEY)
    assert first.status_code in {200, 201}
    assert "Idempotency-Replayed" not in first
    stored = rows_in_all_tables()
    again = world.send(write, world.body(write), idempotency_key=KEY)
    assert again.status_code == first.status_code
    assert again["Idempotency-Replayed"] == "true"
    assert again["Content-Type"] == "application/json"
    for header in ("Location", "ETag"):
        assert again.get(header) == first.get(header)
    assert again.json() == first.json() | dict.fromkeys(TOLD_ONCE.get(name, ()))
    assert rows_in_all_tables() == stored


def test_the_answer_is_the_one_of_then_whatever_happened_since(checker: Api) -> None:
    first = checker.post("/publishers/", BODY, idempotency_key=KEY)
    path = first["Location"].removeprefix("/api/v1")
    checker.patch(path, {"name": "Other"}, if_match=first["ETag"])
    assert checker.post("/publishers/", BODY, idempotency_key=KEY).json() == first.json()


def test_a_verdict_that_is_repeated_needs_no_newer_version(checker: Api) -> None:
    claim = f"/claims/{make.fact().pk}/"
    finding = {"rationale": "Seen."}
    for move in ("verify", "dispute"):
        sent = {"if_match": checker.etag(claim), "idempotency_key": move}
        first = checker.post(f"{claim}{move}/", finding, **sent)
        again = checker.post(f"{claim}{move}/", finding, **sent)
        assert (first.status_code, again.status_code) == (201, 201)
        assert again.json() == first.json()
    assert Verdict.objects.count() == 2


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/publishers/", {"name": "Another outlet"}),
        ("/publishers/", {"name": "An outlet", "url": None}),
        ("/speakers/", BODY),
    ],
)
def test_the_key_of_one_request_is_not_that_of_another(checker: Api, path: str, body: Any) -> None:
    checker.made("/publishers/", BODY, idempotency_key=KEY)
    document = problem(checker.post(path, body, idempotency_key=KEY), "idempotency-key-reused", 422)
    assert places(document) == {"Idempotency-Key"}
    assert Publisher.objects.count() == 1


def test_one_key_is_each_members_own(checker: Api, colleague: Api, rival: Api) -> None:
    for api in (checker, colleague, rival):
        response = api.post("/publishers/", BODY, idempotency_key=KEY)
        assert "Idempotency-Replayed" not in response
    assert Publisher.objects.count() == 3


def test_a_members_other_key_repeats_the_same_request(desk: make.Desk, checker: Api) -> None:
    made = checker.made("/publishers/", BODY, idempotency_key=KEY)
    other = Api(make.key(desk.checker))
    assert other.made("/publishers/", BODY, idempotency_key=KEY) == made
    assert Publisher.objects.count() == 1


def test_nothing_is_told_again_to_who_may_no_longer_ask(desk: make.Desk, checker: Api) -> None:
    checker.made("/publishers/", BODY, idempotency_key=KEY)
    reading = Api(make.key(desk.checker, scopes=("read",)))  # type: ignore[arg-type]
    problem(reading.post("/publishers/", BODY, idempotency_key=KEY), "forbidden", 403)
    ApiKey.objects.update(revoked_at=timezone.now())
    problem(checker.post("/publishers/", BODY, idempotency_key=KEY), "not-authenticated", 401)


@pytest.fixture
def old_enough(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts the clock on, so that the kept answers grow older."""

    def later(**by: int) -> None:
        now = timezone.now() + timedelta(**by)
        monkeypatch.setattr("claims.api.idempotency.timezone.now", lambda: now)

    return later


def test_an_answer_is_kept_for_a_day_and_not_longer(
    checker: Api, old_enough: Callable[..., None]
) -> None:
    checker.made("/publishers/", BODY, idempotency_key=KEY)
    old_enough(hours=23, minutes=59)
    again = checker.post("/publishers/", BODY, idempotency_key=KEY)
    assert again["Idempotency-Replayed"] == "true"
    old_enough(days=1, minutes=1)
    anew = checker.post("/publishers/", {"name": "Another"}, idempotency_key=KEY)
    assert anew.status_code == 201
    assert "Idempotency-Replayed" not in anew
    assert Publisher.objects.count() == 2


def test_an_old_answer_is_forgotten_however_many_others_are_old(
    checker: Api, old_enough: Callable[..., None]
) -> None:
    for n in range(25):
        checker.made("/publishers/", BODY, idempotency_key=f"key {n}")
    old_enough(days=2)
    anew = checker.post("/publishers/", BODY, idempotency_key="key 24")
    assert "Idempotency-Replayed" not in anew
    assert IdempotencyKey.objects.count() < 10  # a few at a time go with it


def test_the_secret_of_an_api_key_is_told_once_and_stored_nowhere(desk: make.Desk) -> None:
    api = Api(make.key(desk.reader))
    body = {"label": "A key", "scopes": ["read", "write"]}
    made = api.made("/api-keys/", body, idempotency_key=KEY)
    assert Api(made["key"]).get("/api-keys/").status_code == 200
    assert api.made("/api-keys/", body, idempotency_key=KEY) == made | {"key": None}
    assert ApiKey.objects.filter(label="A key").count() == 1
    secret = made["key"].encode()
    for kept in IdempotencyKey.objects.all():
        assert secret not in bytes(kept.body)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(text, '') FROM claims_content")
        assert made["key"] not in cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/publishers/", {}, 400),
        ("/publishers/", b"{", 400),
        ("/publishers/?x=1", BODY, 400),
        ("/articles/", {"publisher": KEY, "headline": "x", "language": "ar"}, 400),
        ("/claims/00000000-0000-7000-8000-000000000000/verify/", {"rationale": "x"}, 404),
    ],
)
def test_a_refusal_is_not_kept_so_that_the_mended_request_may_use_its_key(
    checker: Api, path: str, body: Any, status: int
) -> None:
    for _ in range(2):
        response = checker.post(path, body, idempotency_key=KEY)
        assert response.status_code == status
        assert "Idempotency-Replayed" not in response
    assert not IdempotencyKey.objects.exists()
    assert not Change.objects.filter(type="publisher.created").exists()
    assert checker.post("/publishers/", BODY, idempotency_key=KEY).status_code == 201


def test_an_edit_takes_no_notice_of_the_key(checker: Api) -> None:
    made = checker.made("/publishers/", BODY)
    path = f"/publishers/{made['id']}/"
    for name in ("One", "Two"):
        response = checker.patch(
            path, {"name": name}, if_match=checker.etag(path), idempotency_key=KEY
        )
        assert response.json()["name"] == name


def test_a_key_of_the_longest_allowed_length_is_kept(checker: Api) -> None:
    key = "~" * 255
    made = checker.made("/publishers/", BODY, idempotency_key=key)
    assert checker.made("/publishers/", BODY, idempotency_key=key) == made


def test_once_its_answer_is_erased_a_request_is_still_not_carried_out_twice(
    committed: str,
) -> None:
    """Erasing takes all answers that are kept: who knows what they repeat of what was erased."""
    with transaction.atomic():
        desk = make.desk()
        note = make.note(make.fact(), desk.checker)
    api = Api(make.key(desk.checker))
    made = api.made("/publishers/", BODY, idempotency_key=KEY)
    call_command("erase", "note", str(note.pk), stdout=StringIO())
    refused = problem(api.post("/publishers/", BODY, idempotency_key=KEY), "answer-erased", 409)
    assert refused["detail"] == f"Read what it made: /api/v1/publishers/{made['id']}/"
    assert Publisher.objects.count() == 1
    assert api.post("/publishers/", BODY, idempotency_key="another").status_code == 201


# At the same time


def other_connection(name: str) -> psycopg.Connection:
    database = settings.DATABASES["default"]
    return psycopg.connect(
        dbname=name,
        user=database["USER"],
        password=database["PASSWORD"] or None,
        host=database["HOST"],
        port=database["PORT"] or None,
    )


def test_a_request_that_is_in_flight_is_not_begun_again(committed: str) -> None:
    desk = make.desk()
    api = Api(make.key(desk.checker))
    with other_connection(committed) as first:
        first.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{desk.checker.pk} {KEY}"]
        )
        response = api.post("/publishers/", BODY, idempotency_key=KEY)
        problem(response, "request-in-flight", 409)
        assert int(response["Retry-After"]) >= 1
        assert api.post("/publishers/", BODY, idempotency_key="another").status_code == 201
        first.rollback()
    assert api.post("/publishers/", BODY, idempotency_key=KEY).status_code == 201


def test_of_many_at_once_one_is_carried_out_and_all_others_say_so(committed: str) -> None:
    api = Api(make.key(make.desk().checker))
    answers = at_once([lambda: api.post("/publishers/", BODY, idempotency_key=KEY)] * 12)
    assert statuses(answers).keys() <= {201, 409}
    anew = [it for it in answers if it.status_code == 201 and "Idempotency-Replayed" not in it]
    assert len(anew) == 1
    for response in answers:
        if response.status_code == 409:
            problem(response, "request-in-flight", 409)
        else:
            assert response.json() == anew[0].json()
    assert Publisher.objects.count() == 1
    assert IdempotencyKey.objects.count() == 1
