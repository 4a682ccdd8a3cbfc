"""Keys and refusals of Google's API (v1alpha1), as its clients know them."""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client, override_settings

from claims.models import Change
from tests import make
from tests.conftest import Api
from tests.google import (
    ONE,
    PAGES,
    SEARCH,
    created,
    google_error,
    page,
    told,
)


def test_a_key_may_stand_in_the_address_here_and_nowhere_else(desk: make.Desk) -> None:
    key, anyone = make.key(desk.checker), Api()
    assert anyone.post(f"{PAGES}?key={key}&alt=json", ONE).status_code == 200
    assert anyone.get(f"{SEARCH}?query=bridge&key={key}").status_code == 200
    assert Api(key).get(f"{SEARCH}?query=bridge&key=other").status_code == 200
    by_header = {"x_goog_api_key": key}
    assert anyone.get(f"{SEARCH}?query=bridge", **by_header).status_code == 200
    for path in ("/publishers/", "/claims/"):
        assert anyone.get(f"{path}?key={key}").status_code == 400
        assert anyone.post(f"{path}?key={key}", {"name": "x"}).status_code == 401
        assert anyone.post(path, {"name": "x"}, **by_header).status_code == 401


@pytest.mark.parametrize("key", ["x", "isnad_x", "%00", "%C3%A9", "%F0%9F%98%80", "a%0d%0ab: c"])
def test_a_wrong_key_is_refused_wherever_it_stands(anyone: Api, db: None, key: str) -> None:
    for path in (f"{SEARCH}?query=bridge&", f"{PAGES}/x?"):
        answer = anyone.get(f"{path}key={key}")
        error = google_error(answer, 401, "UNAUTHENTICATED")
        assert error["details"][0]["reason"] == "NOT_AUTHENTICATED"
        assert answer["WWW-Authenticate"] == 'Bearer realm="Isnad"'


def test_every_refusal_is_told_in_googles_words(
    anyone: Api, desk: make.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, checker = Api(make.key(desk.reader)), Api(make.key(desk.checker))
    google_error(anyone.post(PAGES, ONE), 401, "UNAUTHENTICATED")
    google_error(reader.post(PAGES, ONE), 403, "PERMISSION_DENIED")
    google_error(anyone.get("/v1alpha1/nowhere"), 404, "NOT_FOUND")
    google_error(anyone.get(f"{PAGES}/"), 404, "NOT_FOUND")
    answer = anyone.send("PATCH", f"{PAGES}/x")
    google_error(answer, 405, "UNIMPLEMENTED")
    assert set(answer["Allow"].split(", ")) >= {"GET", "PUT", "DELETE"}
    too_large = checker.send("POST", PAGES, b'"' + b"a" * 2_000_001 + b'"')
    google_error(too_large, 413, "INVALID_ARGUMENT")
    form = checker.send("POST", PAGES, b"a=b", content_type="application/x-www-form-urlencoded")
    google_error(form, 415, "INVALID_ARGUMENT")
    monkeypatch.setattr("claims.api.google.google.reviews_on", None)  # a fault of ours
    google_error(checker.post(PAGES, ONE), 500, "INTERNAL")


def test_who_asks_too_often_is_told_when_to_come_again(anyone: Api, db: None) -> None:
    with override_settings(READS_PER_MINUTE=(10, 1)):
        assert anyone.get(f"{SEARCH}?query=bridge").status_code == 200
        answer = anyone.get(f"{SEARCH}?query=bridge")
    error = google_error(answer, 429, "RESOURCE_EXHAUSTED")
    [retry] = [it for it in error["details"] if it["@type"].endswith("RetryInfo")]
    assert retry["retryDelay"] == f"{answer['Retry-After']}s"


def test_a_database_that_is_away_is_told_so(
    anyone: Api, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    def away(*_given: Any, **_more: Any) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr("claims.api.google.fetched", away)
    answer = anyone.get(f"{SEARCH}?query=bridge")
    google_error(answer, 503, "UNAVAILABLE")
    assert "gone" not in answer.content.decode()


def test_a_host_that_is_not_ours_is_refused(db: None) -> None:
    answer = Client().get(f"{SEARCH}?query=a", headers={"host": "evil.example"})
    google_error(answer, 400, "INVALID_ARGUMENT")


def test_answers_are_for_the_caller_alone(anyone: Api, db: None) -> None:
    assert anyone.get(f"{SEARCH}?query=bridge")["Cache-Control"] == "private"
    assert anyone.get(f"{PAGES}/x")["Cache-Control"] == "private"


def test_a_page_is_created_once_by_an_idempotency_key(checker: Api) -> None:
    sent = {"idempotency_key": "one"}
    first = told(checker.post(PAGES, page(), **sent))
    again = checker.post(PAGES, page(), **sent)
    assert told(again) == first
    assert again["Idempotency-Replayed"] == "true"
    other = checker.post(PAGES, ONE, **sent)
    google_error(other, 422, "INVALID_ARGUMENT")


def test_what_fails_half_way_leaves_nothing(checker: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    made = created(checker)
    before = Change.objects.count()
    monkeypatch.setattr("claims.api.google.document", None)
    made["claimReviewMarkups"].pop()
    with transaction.atomic():
        google_error(checker.send("PUT", f"/v1alpha1/{made['name']}", made), 500, "INTERNAL")
    assert Change.objects.count() == before
