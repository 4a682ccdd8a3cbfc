"""Pages and answers of the Google Fact Check Tools API, to test with. All of it is invented."""

import copy
from typing import Any
from urllib.parse import urlencode

import orjson
from django.http import HttpResponse

from claims.models import Verdict
from claims.moves import Rule
from tests import make
from tests.conftest import Api
from tests.models.rows import check_now

SEARCH = "/v1alpha1/claims:search"
PAGES = "/v1alpha1/pages"
URL = "https://desk.example.org/bridge"
MARKUP = {"claimReviewed": "The bridge fell", "rating": {"textualRating": "False"}}
ONE = {"pageUrl": "https://checkers.example/1", "claimReviewMarkups": [MARKUP]}
PAGE: dict[str, Any] = {
    "pageUrl": "https://www.checkers.example/bridge",
    "publishDate": "2019-05-20",
    "claimReviewAuthor": {"name": "The checkers"},
    "claimReviewMarkups": [
        {
            "url": "https://www.checkers.example/bridge#first",
            "claimReviewed": "The bridge was opened on 3 May 2019",
            "claimDate": "2019-05-03",
            "claimLocation": "At the bridge",
            "claimFirstAppearance": "https://news.example/bridge",
            "claimAppearances": ["https://social.example/p/1"],
            "claimAuthor": {
                "name": "Maryam Haddad",
                "jobTitle": "Minister of works",
                "sameAs": "https://www.wikidata.org/wiki/Q1",
            },
            "rating": {
                "textualRating": "False",
                "ratingValue": 1,
                "bestRating": 5,
                "worstRating": 1,
                "ratingExplanation": "It was opened a day earlier.",
            },
        },
        {
            "claimReviewed": "The bridge was closed for a week",
            "rating": {"textualRating": "True"},
        },
    ],
}


def page(**more: Any) -> dict[str, Any]:
    """The page with other properties; `rating` is that of its first review."""
    changed = copy.deepcopy(PAGE)
    first = changed["claimReviewMarkups"][0]
    if "rating" in more:
        first["rating"] = more.pop("rating")
    if "pageUrl" in more:
        del first["url"]
    return changed | more


def told(response: HttpResponse) -> Any:
    """What is answered, where nothing is refused."""
    assert response.status_code == 200, response.content.decode()
    assert response["Content-Type"] == "application/json"
    return orjson.loads(response.content)


def google_error(response: HttpResponse, code: int, status: str) -> dict[str, Any]:
    """The error of a refusal, which must be of this kind, with its `violations`."""
    assert response.status_code == code, response.content.decode()
    assert response["Content-Type"] == "application/json"
    document = orjson.loads(response.content)
    assert document.keys() == {"error"}
    error = document["error"]
    assert error.keys() == {"code", "message", "status", "details"}
    assert (error["code"], error["status"]) == (code, status)
    assert error["message"]
    [info] = [it for it in error["details"] if it["@type"].endswith("google.rpc.ErrorInfo")]
    assert info["reason"]
    if code == 403:
        assert Rule(info["metadata"]["rule"]).value
    violations = [it for inner in error["details"] for it in inner.get("fieldViolations", ())]
    return {**error, "violations": violations}


def found(api: Api, **asked: Any) -> list[str]:
    """The texts of the claims that a search tells."""
    return [it["text"] for it in told(api.get(f"{SEARCH}?{urlencode(asked)}")).get("claims", [])]


def published(text: str, by: Any, *, url: str = URL, **more: Any) -> Verdict:
    """A verdict at an address, on a new statement."""
    of_claim = {name: more.pop(name) for name in ("speaker", "stated_on") if name in more}
    more = {"language": "en"} | more
    claim = make.statement(text=text, language=more["language"], **of_claim)
    verdict = make.verdict(claim, by, url=url, **more)
    check_now()  # when it can be searched for
    return verdict


def created(api: Api, **more: Any) -> Any:
    return told(api.post(PAGES, page(**more)))
