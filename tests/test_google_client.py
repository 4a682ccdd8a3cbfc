"""Google's own client, unchanged, against servers of ours."""

import logging
import os
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest

from tests import make
from tests.google import page
from tests.live import Server, live_server
from tests.serving import served

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of what it needs, none of which is ours
    from googleapiclient.discovery import build
    from googleapiclient.errors import HttpError

QUERY = "والاستراتيجيات " * 30  # longer in an address than the client sends it


@pytest.fixture(autouse=True)
def without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [it for it in os.environ if it.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)


def client(address: str, key: str | None) -> Any:
    return build(
        "factchecktools",
        "v1alpha1",
        static_discovery=True,
        developerKey=key or "none",
        client_options={"api_endpoint": address},
    )


@pytest.fixture
def google(committed: str) -> Iterator[Any]:
    key = make.key(make.desk().checker)
    with served() as address, client(address, key) as service:
        yield service


def reviews(count: int) -> Iterator[dict[str, Any]]:
    for i in range(count):
        yield {
            "pageUrl": f"https://checkers.example/bridge/{i}",
            "publishDate": "2019-05-20",
            "claimReviewMarkups": [
                {
                    "claimReviewed": f"The bridge was opened {i} days ago",
                    "claimAuthor": {"name": "Maryam Haddad"},
                    "rating": {"textualRating": "False"},
                }
            ],
        }


def all_of(method: Any, more: Any, request: Any, name: str) -> list[Any]:
    """What the client reads by following one page after the other."""
    found = []
    while request is not None:
        answer = request.execute()
        found += answer.get(name, [])
        request = more(request, answer)
    return found


def test_it_searches_and_follows_pages(google: Any) -> None:
    for it in reviews(5):
        google.pages().create(body=it).execute()
    claims = google.claims()
    first = claims.search(query="bridge", pageSize=2)
    found = all_of(claims.search, claims.search_next, first, "claims")
    assert {it["text"] for it in found} == {f"The bridge was opened {i} days ago" for i in range(5)}
    assert len(found) == 5
    [review] = found[0]["claimReview"]
    assert review["publisher"] == {"name": "checkers.example", "site": "checkers.example"}
    assert (review["textualRating"], review["reviewDate"]) == ("False", "2019-05-20T00:00:00Z")
    assert found[0]["claimant"] == "Maryam Haddad"
    by_site = claims.search(reviewPublisherSiteFilter="checkers.example", pageSize=3, offset=1)
    assert len(all_of(claims.search, claims.search_next, by_site, "claims")) == 4
    assert claims.search(query="nothing of the kind").execute() == {}
    assert claims.search(query=QUERY, languageCode="ar", maxAgeDays=30).execute() == {}
    some = claims.search(query="bridge", fields="claims/text", prettyPrint=False, x__xgafv="2")
    assert [it.keys() for it in some.execute()["claims"]] == [{"text"}] * 5


def test_it_creates_gets_lists_updates_and_deletes_pages(google: Any) -> None:
    pages = google.pages()
    made = pages.create(body=page()).execute()
    assert pages.get(name=made["name"]).execute() == made
    assert pages.list(url=made["pageUrl"]).execute() == {"claimReviewMarkupPages": [made]}
    old = dict(made)
    made["claimReviewMarkups"][1]["rating"]["textualRating"] = "Half true"
    updated = pages.update(name=made["name"], body=made).execute()
    assert updated["claimReviewMarkups"] == made["claimReviewMarkups"]
    assert updated["versionId"] != old["versionId"]

    with pytest.raises(HttpError) as refused:
        pages.update(name=made["name"], body=old).execute()
    assert refused.value.status_code == 409
    assert "changed since" in refused.value.reason
    [violations] = [it for it in refused.value.error_details if "fieldViolations" in it]
    assert [it["field"] for it in violations["fieldViolations"]] == ["versionId"]

    for it in reviews(4):
        pages.create(body=it).execute()
    listed = pages.list(organization="checkers.example", pageSize=2)
    found = all_of(pages.list, pages.list_next, listed, "claimReviewMarkupPages")
    assert len({it["name"] for it in found}) == len(found) == 5
    assert updated in found

    assert pages.delete(name=made["name"]).execute() == {}
    with pytest.raises(HttpError) as gone:
        pages.get(name=made["name"]).execute()
    assert gone.value.status_code == 404
    assert pages.list(url=made["pageUrl"]).execute() == {}


def test_it_understands_what_is_refused(google: Any) -> None:
    with pytest.raises(HttpError) as refused:
        google.claims().search(pageSize=3).execute()
    assert refused.value.status_code == 400
    assert refused.value.error_details[1]["fieldViolations"][0]["field"] == "query"
    with pytest.raises(HttpError) as unimplemented:
        google.claims().imageSearch(imageUri="https://example.org/a.png").execute()
    assert unimplemented.value.status_code == 501


def test_it_is_refused_without_a_key_that_is_known(committed: str) -> None:
    with (
        served() as address,
        client(address, None) as service,
        pytest.raises(HttpError) as refused,
    ):
        service.pages().create(body=page()).execute()
    assert refused.value.status_code == 401


# Keys in addresses


class Failing(Exception):
    """A fault of ours."""


def failing(request: HttpRequest) -> None:
    """As Django describes a request where something goes wrong."""
    logging.getLogger("tests").error("%r %s", request, request.get_full_path())
    raise Failing


def test_a_key_in_an_address_is_seen_by_nothing_that_describes_the_request(
    committed: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = make.key(make.desk().checker)

    def fails(view: Any, request: Any) -> None:
        failing(request._request)

    monkeypatch.setattr("claims.api.google.GoogleClaims.search", fails)
    with (
        served() as address,
        client(address, key) as service,
        pytest.raises(HttpError) as refused,
    ):
        service.claims().search(query="bridge").execute()
    assert refused.value.status_code == 500
    assert "query=bridge" in caplog.text
    assert key not in caplog.text
    assert key not in str(refused.value.content)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with live_server(ISNAD_ACCESS_LOG="1", WEB_CONCURRENCY="1") as running:
        yield running


def test_the_server_as_operators_run_it_logs_no_key(server: Server) -> None:
    address = f"http://127.0.0.1:{server.port}/"
    with client(address, server.key) as service:
        made = service.pages().create(body=page()).execute()
        service.pages().delete(name=made["name"]).execute()
        assert service.claims().search(query=QUERY).execute() == {}
    path = f"/v1alpha1/claims:search?query=bridge&access_token=secret-1&key={server.key}"
    assert server.ask("GET", path).status == 400
    assert server.ask("GET", f"/v1alpha1/nowhere?key={server.key}").status == 404
    assert server.ask("GET", f"/api/v1/claims/?key={server.key}").status == 400
    assert "/v1alpha1/claims:search" in server.log
    told = server.log.replace(f"API key: {server.key}", "")
    assert server.key not in told
    assert "secret-1" not in told


def test_what_is_refused_before_django_is_told_in_googles_words_too(server: Server) -> None:
    too_large = server.ask(
        "POST",
        "/v1alpha1/pages",
        key=server.key,
        content_length=str(settings.LARGE_BODY_LIMIT + 1),
        content_type="application/json",
    )
    other_charset = server.ask(
        "POST", "/v1alpha1/pages", key=server.key, content_type="application/json; charset=latin-1"
    )
    for answer, code in ((too_large, 413), (other_charset, 415)):
        assert answer.status == code
        assert answer.headers["content-type"] == "application/json"
        assert answer.json["error"]["code"] == code
        assert answer.json["error"]["status"] == "INVALID_ARGUMENT"
    assert (
        server.ask("POST", "/api/v1/publishers/", content_type="text/plain; charset=x").json["type"]
        == "/problems/unsupported-media-type"
    )
