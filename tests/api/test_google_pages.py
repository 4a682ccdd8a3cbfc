"""Pages of reviews, kept through Google's API (v1alpha1)."""

import functools
import json
from collections import Counter
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from claims.management.verification import faults
from claims.models import Change, Claim, Organization, Verdict
from claims.vocabulary import Outcome
from tests import make
from tests.api.threads import at_once, statuses
from tests.conftest import Api
from tests.google import (
    MARKUP,
    ONE,
    PAGE,
    PAGES,
    created,
    found,
    google_error,
    page,
    told,
)
from tests.log import numbered
from tests.models.rows import undone
from tests.reviews import REVIEW


def test_a_page_is_told_as_it_was_sent(checker: Api, desk: make.Desk) -> None:
    made = created(checker)
    assert made.pop("name").startswith("pages/")
    assert made.pop("versionId")
    sent = page()
    for markup in sent["claimReviewMarkups"]:
        # What the record has no place for; and which appearance was the first, it knows by dates.
        markup.pop("claimLocation", None)
        for name in ("ratingValue", "bestRating", "worstRating"):
            markup["rating"].pop(name, None)
        markup.setdefault("url", sent["pageUrl"])
    first = sent["claimReviewMarkups"][0]
    first["claimAppearances"] = [first.pop("claimFirstAppearance"), *first["claimAppearances"]]
    assert made == sent


def test_its_author_is_an_external_organization_and_its_reviews_are_filed_by_the_caller(
    checker: Api, desk: make.Desk
) -> None:
    created(checker)
    organization = Organization.objects.get(external_site="checkers.example")
    assert organization.name == "The checkers"
    verdicts = Verdict.objects.filter(organization=organization)
    assert {it.issued_by_id for it in verdicts} == {desk.checker.pk}
    assert {it.outcome for it in verdicts} == {"disputed", "verified"}
    changes = Change.objects.filter(type="verdict.issued")
    assert {it.recorded_by_id for it in changes} == {desk.checker.pk}
    claims = checker.read("/claims/?q=bridge")["results"]
    assert {it["kind"] for it in claims} == {"statement"}
    assert found(checker, query="bridge", reviewPublisherSiteFilter="checkers.example")


def test_reviews_that_were_imported_are_pages(anyone: Api, checker: Api) -> None:
    checker.post("/imports/claimreview/", REVIEW)
    [made] = told(anyone.get(f"{PAGES}?organization=checkers.example"))["claimReviewMarkupPages"]
    assert made["pageUrl"] == REVIEW["url"]
    [markup] = made["claimReviewMarkups"]
    assert markup["claimAuthor"] == {
        "name": "Maryam Haddad",
        "jobTitle": "Minister of works",
        "sameAs": "https://www.wikidata.org/wiki/Q1",
    }
    assert told(anyone.get(f"/v1alpha1/{made['name']}")) == made
    before = Change.objects.count()
    assert told(checker.send("PUT", f"/v1alpha1/{made['name']}", made)) == made
    assert Change.objects.count() == before


def test_what_pages_cannot_say_of_a_review_stays(checker: Api) -> None:
    checker.post("/imports/claimreview/", REVIEW)
    [made] = told(checker.get(f"{PAGES}?organization=checkers.example"))["claimReviewMarkupPages"]
    made["claimReviewMarkups"][0]["rating"]["textualRating"] = "Half true"
    put = told(checker.send("PUT", f"/v1alpha1/{made['name']}", made))
    assert put["claimReviewMarkups"][0]["rating"] == {"textualRating": "Half true"}
    [claim] = checker.read("/claims/")["results"]
    [verdict] = claim["verdicts"]
    assert (verdict["title"], verdict["language"]) == (REVIEW["headline"], "en")
    assert [it["url"] for it in verdict["evidence"]] == ["https://ministry.example/report"]
    assert verdict["supersedes"] is not None


def test_a_rating_in_numbers_alone_is_told_by_what_it_means_and_stays_so(checker: Api) -> None:
    numbers = {"ratingValue": 1, "bestRating": "5", "worstRating": 1.0}
    made = created(checker, rating=numbers)
    rating = made["claimReviewMarkups"][0]["rating"]
    assert rating == {"textualRating": "disputed"}
    before = Change.objects.count()
    assert told(checker.send("PUT", f"/v1alpha1/{made['name']}", made)) == made
    assert Change.objects.count() == before


def test_a_page_is_created_once(checker: Api, rival: Api) -> None:
    made = created(checker)
    for url in (PAGE["pageUrl"], "http://checkers.example/bridge/"):
        error = google_error(rival.post(PAGES, page(pageUrl=url)), 409, "ALREADY_EXISTS")
        assert made["name"] in error["message"]


def test_an_update_says_all_that_stands(checker: Api, rival: Api, anyone: Api) -> None:
    made = created(checker)
    path = f"/v1alpha1/{made['name']}"
    kept, changed = made["claimReviewMarkups"]
    kept_id = standing()[kept["claimReviewed"]]
    changed["rating"]["textualRating"] = "Half true"
    new = {"claimReviewed": "The bridge fell", "rating": {"textualRating": "False"}}
    made["claimReviewMarkups"].append(new)
    put = told(rival.send("PUT", path, made))
    assert put["versionId"] != made["versionId"]
    assert put["name"] == made["name"]
    assert [it["rating"]["textualRating"] for it in put["claimReviewMarkups"]] == [
        "False",
        "Half true",
        "False",
    ]
    assert standing()[kept["claimReviewed"]] == kept_id
    assert told(anyone.get(path)) == put

    put["claimReviewMarkups"] = [put["claimReviewMarkups"][2]]
    less = told(checker.send("PUT", path, put))
    assert [it["claimReviewed"] for it in less["claimReviewMarkups"]] == ["The bridge fell"]
    assert standing().keys() == {"The bridge fell"}
    # What was said once can be said again.
    less["claimReviewMarkups"].append(kept)
    again = told(checker.send("PUT", path, less))
    assert {it["claimReviewed"] for it in again["claimReviewMarkups"]} == {
        kept["claimReviewed"],
        "The bridge fell",
    }
    assert len({it["versionId"] for it in (made, put, less, again)}) == 4


def standing() -> dict[str, Any]:
    rows = Verdict.objects.standing().select_related("claim")
    return {it.claim.text: it.pk for it in rows}


def test_a_date_can_be_set_back_and_an_explanation_changed(checker: Api) -> None:
    made = created(checker)
    made["publishDate"] = "2018-01-01"
    made["claimReviewMarkups"][0]["rating"]["ratingExplanation"] = "It was the second of May."
    put = told(checker.send("PUT", f"/v1alpha1/{made['name']}", made))
    assert put.pop("versionId") != made.pop("versionId")
    assert put == made


def test_an_old_version_is_aborted_and_changes_nothing(checker: Api, rival: Api) -> None:
    old = created(checker)
    path = f"/v1alpha1/{old['name']}"
    new = json.loads(json.dumps(old))
    new["claimReviewMarkups"][0]["rating"]["textualRating"] = "Half true"
    told(rival.send("PUT", path, new))
    before = Change.objects.count()
    error = google_error(checker.send("PUT", path, old), 409, "ABORTED")
    assert [it["field"] for it in error["violations"]] == ["versionId"]
    assert Change.objects.count() == before


def test_a_page_that_is_deleted_is_withdrawn_and_can_come_back(checker: Api, rival: Api) -> None:
    made = created(checker)
    path = f"/v1alpha1/{made['name']}"
    assert told(rival.send("DELETE", path)) == {}
    for method in ("GET", "DELETE", "PUT"):
        google_error(checker.send(method, path, made), 404, "NOT_FOUND")
    assert told(checker.get(f"{PAGES}?organization=checkers.example")) == {}
    assert told(checker.get(f"{PAGES}?url={quote(PAGE['pageUrl'])}")) == {}
    assert found(checker, query="bridge") == []
    assert {it.outcome for it in Verdict.objects.tips()} == {"withdrawn"}
    assert {it["status"] for it in checker.read("/claims/")["results"]} == {"unverified"}
    assert created(checker)["name"] == made["name"]
    assert len(standing()) == 2


def test_pages_are_listed_by_address_however_it_is_spelled(anyone: Api, checker: Api) -> None:
    made = created(checker)
    for url in (
        PAGE["pageUrl"],
        f"{PAGE['pageUrl']}#second",
        "http://checkers.example/bridge/",
        "https://checkers.example/bridge",
    ):
        answer = told(anyone.get(f"{PAGES}?{urlencode({'url': url})}"))
        assert answer == {"claimReviewMarkupPages": [made]}
    for url in ("https://www.checkers.example/", "https://nobody.example/bridge"):
        assert told(anyone.get(f"{PAGES}?{urlencode({'url': url})}")) == {}


def test_pages_of_an_organization_are_followed_to_the_end(anyone: Api, checker: Api) -> None:
    names = set()
    for i in range(5):
        new = {"claimReviewed": f"The bridge {i}", "rating": {"textualRating": "False"}}
        body = {"pageUrl": f"https://checkers.example/{i}", "claimReviewMarkups": [new]}
        names.add(told(checker.post(PAGES, body))["name"])
    read: list[str] = []
    asked: dict[str, Any] = {"organization": "www.checkers.example", "pageSize": 2}
    while True:
        answer = told(anyone.get(f"{PAGES}?{urlencode(asked)}"))
        read += [it["name"] for it in answer["claimReviewMarkupPages"]]
        if "nextPageToken" not in answer:
            break
        asked["pageToken"] = answer["nextPageToken"]
    assert len(read) == 5
    assert set(read) == names
    del asked["pageToken"]
    answer = told(anyone.get(f"{PAGES}?{urlencode(asked | {'offset': 3})}"))
    assert [it["name"] for it in answer["claimReviewMarkupPages"]] == read[3:]
    answer = anyone.get(f"{PAGES}?organization=other.example&pageToken={quote('x:y')}")
    google_error(answer, 400, "INVALID_ARGUMENT")


def test_pages_cost_the_same_whatever_is_on_them(anyone: Api, checker: Api) -> None:
    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            told(anyone.get(path))
        return len([it for it in queries if "claims_ratecount" not in it["sql"]])

    one = created(checker, claimReviewMarkups=page()["claimReviewMarkups"][:1])
    paths = (f"{PAGES}?organization=checkers.example", f"/v1alpha1/{one['name']}")
    before = [cost(it) for it in paths]
    one["claimReviewMarkups"] = page()["claimReviewMarkups"]
    told(checker.send("PUT", f"/v1alpha1/{one['name']}", one))
    told(checker.post(PAGES, ONE))
    assert [cost(it) for it in paths] == before


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("", "url"),
        ("url=https://a.example/&organization=a.example", "organization"),
        ("url=nonsense", "url"),
        ("organization=no%20site", "organization"),
        ("organization=a.example&pageToken=x", "pageToken"),
        ("organization=a.example&pageSize=-1", "pageSize"),
        ("organization=a.example&offset=10001", "offset"),
        ("organization=a.example&query=x", "query"),
    ],
)
def test_a_list_of_pages_names_what_it_cannot_accept(
    anyone: Api, db: None, query: str, name: str
) -> None:
    error = google_error(anyone.get(f"{PAGES}?{query}"), 400, "INVALID_ARGUMENT")
    assert [it["field"] for it in error["violations"]] == [name]


NO_PAGES = ["x", "A" * 42, "A" * 43, "A" * 44, "%00", "é" * 43, "A" * 42 + "B", "..", "A" * 5_000]


@pytest.mark.parametrize("name", NO_PAGES, ids=lambda it: ascii(it)[:20])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_what_is_no_page_is_not_found(checker: Api, method: str, name: str) -> None:
    google_error(checker.send(method, f"{PAGES}/{name}"), 404, "NOT_FOUND")


def one(**more: Any) -> Any:
    return ONE | {"claimReviewMarkups": [MARKUP | more]}


BAD_PAGES: list[tuple[Any, str]] = [
    ([], ""),
    ("x", ""),
    ({}, "pageUrl"),
    (ONE | {"pageUrl": None}, "pageUrl"),
    (ONE | {"pageUrl": 1}, "pageUrl"),
    (ONE | {"pageUrl": "ftp://checkers.example/"}, "pageUrl"),
    (ONE | {"pageUrl": "javascript:alert(1)"}, "pageUrl"),
    (ONE | {"pageUrl": "https://checkers.example/\0"}, "pageUrl"),
    (ONE | {"pageUrl": "https://a.example/" + "a" * 2_000}, "pageUrl"),
    (ONE | {"unknown": 1}, "unknown"),
    (ONE | {"page_url": "https://checkers.example/1"}, "page_url"),
    (ONE | {"publishDate": "0000-00-00"}, "publishDate"),
    (ONE | {"publishDate": 2020}, "publishDate"),
    (ONE | {"claimReviewAuthor": "The checkers"}, "claimReviewAuthor"),
    (ONE | {"claimReviewMarkups": []}, "claimReviewMarkups"),
    (ONE | {"claimReviewMarkups": None}, "claimReviewMarkups"),
    (ONE | {"claimReviewMarkups": MARKUP}, "claimReviewMarkups"),
    (ONE | {"claimReviewMarkups": [MARKUP] * 1_001}, "claimReviewMarkups"),
    (ONE | {"claimReviewMarkups": ["x"]}, "claimReviewMarkups[0]"),
    (ONE | {"claimReviewMarkups": [MARKUP, MARKUP]}, "claimReviewMarkups[1].claimReviewed"),
    (one(claimReviewed=""), "claimReviewMarkups[0].claimReviewed"),
    (one(claimReviewed="a" * 10_001), "claimReviewMarkups[0]"),
    (one(rating={}), "claimReviewMarkups[0].rating"),
    (one(rating=None), "claimReviewMarkups[0].rating"),
    (one(rating={"ratingValue": 1.5}), "claimReviewMarkups[0].rating.ratingValue"),
    (one(rating={"ratingValue": True}), "claimReviewMarkups[0].rating.ratingValue"),
    (one(rating={"ratingValue": 2**31}), "claimReviewMarkups[0].rating.ratingValue"),
    (one(url="https://other.example/"), "claimReviewMarkups[0].url"),
    (one(url="https://checkers.example/2"), "claimReviewMarkups[0].url"),
    (one(claimDate="long ago"), "claimReviewMarkups[0].claimDate"),
    (one(claimAppearances="https://a.example/"), "claimReviewMarkups[0].claimAppearances"),
    (one(claimAppearances=[1]), "claimReviewMarkups[0].claimAppearances[0]"),
    (one(claimAppearances=["nowhere"]), "claimReviewMarkups[0].claimAppearances"),
    (one(claimAuthor={"name": "a" * 301}), "claimReviewMarkups[0].claimAuthor.name"),
    (one(claimAuthor={"name": "checkers.example"}), "claimReviewMarkups[0].claimAuthor.name"),
    (one(claimAuthor={"a/b~c": 1}), "claimReviewMarkups[0].claimAuthor.a/b~c"),
]


@pytest.mark.parametrize(("body", "name"), BAD_PAGES, ids=[ascii(it)[:60] for it in BAD_PAGES])
def test_a_page_that_cannot_be_accepted_is_told_where(checker: Api, body: Any, name: str) -> None:
    before = Change.objects.count()
    error = google_error(checker.post(PAGES, body), 400, "INVALID_ARGUMENT")
    assert [it["field"] for it in error["violations"]] == [name]
    assert Change.objects.count() == before


NO_JSON = [b"", b"{", b"[" * 100_000, b'{"pageUrl": NaN}', b"\xff", b'{"name": "a", "name": "b"}']


@pytest.mark.parametrize("body", NO_JSON, ids=lambda it: ascii(it)[:20])
def test_what_is_no_json_is_refused(checker: Api, body: bytes) -> None:
    google_error(checker.send("POST", PAGES, body), 400, "INVALID_ARGUMENT")


def test_names_of_protocol_buffers_are_taken_in_bodies_too(checker: Api) -> None:
    body = {
        "page_url": "https://checkers.example/1",
        "claim_review_markups": [
            {"claim_reviewed": "The bridge fell", "rating": {"textual_rating": "False"}}
        ],
    }
    made = told(checker.post(PAGES, body))
    assert made["claimReviewMarkups"][0]["rating"] == {"textualRating": "False"}


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"versionId": None}, "versionId"),
        ({"name": "pages/other"}, "name"),
        ({"pageUrl": "https://www.checkers.example/other"}, "pageUrl"),
        ({"pageUrl": "https://nobody.example/bridge"}, "pageUrl"),
    ],
)
def test_an_update_is_of_the_page_that_was_read(
    checker: Api, changes: dict[str, Any], name: str
) -> None:
    made = created(checker)
    for markup in made["claimReviewMarkups"]:
        del markup["url"]
    answer = checker.send("PUT", f"/v1alpha1/{made['name']}", made | changes)
    error = google_error(answer, 400, "INVALID_ARGUMENT")
    assert [it["field"] for it in error["violations"]] == [name]


TEXTS = st.text(
    st.sampled_from("abcdeABC أبتثجى٠١23 .,:؟!\"'«»<b>&lt;amp;#—\u200f\u202e\n😀"),
    min_size=1,
    max_size=40,
)
DATES = st.sampled_from(["2019-05-20", "2019", "2019-05", "2019-05-20T10:00:00Z", "2019~", None])
RATINGS = st.one_of(
    st.fixed_dictionaries({"textualRating": TEXTS}, optional={"ratingExplanation": TEXTS}),
    st.fixed_dictionaries(
        {"ratingValue": st.integers(1, 5), "bestRating": st.just(5), "worstRating": st.just(1)}
    ),
)
MARKUPS = st.lists(
    st.fixed_dictionaries(
        {"claimReviewed": TEXTS, "rating": RATINGS},
        optional={
            "claimDate": DATES,
            "claimAuthor": st.fixed_dictionaries({"name": TEXTS}, optional={"jobTitle": TEXTS}),
            "claimFirstAppearance": st.sampled_from(["https://a.example/1", "https://b.example/2"]),
        },
    ),
    min_size=1,
    max_size=4,
)


@given(first=MARKUPS, second=MARKUPS, date=DATES)
@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_a_page_says_it_says_again_when_it_is_put_back(
    checker: Api, first: Any, second: Any, date: str | None
) -> None:
    with undone():
        body = {"pageUrl": ONE["pageUrl"], "publishDate": date}
        made = checker.post(PAGES, body | {"claimReviewMarkups": first})
        event(f"create: {made.status_code}")
        if made.status_code == 400:  # two of the same, or nothing but signs
            assert google_error(made, 400, "INVALID_ARGUMENT")["violations"]
            return
        read = told(made)
        path = f"/v1alpha1/{read['name']}"
        assert len(read["claimReviewMarkups"]) == len(first) == Verdict.objects.standing().count()
        before = Change.objects.count()
        assert told(checker.send("PUT", path, read)) == read
        assert Change.objects.count() == before
        change = {"versionId": read["versionId"], "claimReviewMarkups": second}
        put = checker.send("PUT", path, body | change)
        event(f"update: {put.status_code}")
        if put.status_code == 400:
            assert told(checker.get(path)) == read
            return
        other = told(put)
        assert told(checker.get(path)) == other
        assert len(other["claimReviewMarkups"]) == len(second) == Verdict.objects.standing().count()
        assert told(checker.send("DELETE", path)) == {}
        assert standing() == {}


def test_the_record_holds_together_whatever_happens_to_pages(committed: str) -> None:
    desk = make.desk()
    checker = Api(make.key(desk.checker))
    made = created(checker)
    path = f"/v1alpha1/{made['name']}"
    [claim] = checker.read("/claims/?q=opened")["results"]
    make.verdict(Claim.objects.get(pk=claim["id"]), desk.checker, Outcome.VERIFIED)
    markups = made["claimReviewMarkups"]
    markups[0]["rating"]["textualRating"] = "Half true"
    markups[1]["claimReviewed"] = "The bridge was closed for a day"
    read = told(checker.send("PUT", path, made))
    told(checker.send("DELETE", path))
    created(checker)
    numbered()
    assert list(faults(kept=None, tick=lambda _: None)) == []
    types = Change.objects.filter(type__startswith="verdict.").order_by("log_entry__number")
    assert Counter(types.values_list("type", flat=True)) == {
        "verdict.issued": 2 + 1 + 2 + 2,
        "verdict.withdrawn": 1 + 2,
    }
    assert {it.organization_id for it in types.filter(type="verdict.withdrawn")} == {
        Organization.objects.get(external_site="checkers.example").pk
    }
    statuses = {it["text"]: it["status"] for it in checker.read("/claims/")["results"]}
    assert statuses == {
        PAGE["claimReviewMarkups"][0]["claimReviewed"]: "contested",
        PAGE["claimReviewMarkups"][1]["claimReviewed"]: "verified",
        "The bridge was closed for a day": "unverified",
    }
    assert len(read["claimReviewMarkups"]) == 2


def test_of_two_updates_at_once_one_is_aborted(committed: str) -> None:
    desk = make.desk()
    apis = [Api(make.key(it)) for it in (desk.checker, desk.editor)]
    made = created(apis[0])
    bodies = []
    for label in ("Half true", "Mostly true"):
        body = json.loads(json.dumps(made))
        body["claimReviewMarkups"][0]["rating"]["textualRating"] = label
        bodies.append(body)
    calls = [
        functools.partial(api.send, "PUT", f"/v1alpha1/{made['name']}", body)
        for api, body in zip(apis, bodies, strict=True)
    ]
    answers = at_once(calls)
    assert statuses(answers) == {200: 1, 409: 1}
    assert standing().keys() == {it["claimReviewed"] for it in made["claimReviewMarkups"]}


def test_of_two_pages_created_at_once_one_is_there_already(committed: str) -> None:
    desk = make.desk()
    apis = [Api(make.key(it)) for it in (desk.checker, desk.editor)]
    answers = at_once([functools.partial(api.post, PAGES, page()) for api in apis])
    assert statuses(answers) == {200: 1, 409: 1}
    [refused] = [it for it in answers if it.status_code == 409]
    google_error(refused, 409, "ALREADY_EXISTS")


def test_writing_pages_costs_the_same_for_one_review_and_for_ten(checker: Api) -> None:
    def cost(method: str, path: str, body: Any = None) -> int:
        with CaptureQueriesContext(connection) as queries:
            told(checker.send(method, path, body))
        return len([it for it in queries if "claims_ratecount" not in it["sql"]])

    def costs(site: str, count: int) -> list[int]:
        markups = [MARKUP | {"claimReviewed": f"{site} {i}"} for i in range(count)]
        body = {"pageUrl": f"https://{site}.example/1", "claimReviewMarkups": markups}
        found = [cost("POST", PAGES, body)]
        url = f"{PAGES}?{urlencode({'url': body['pageUrl']})}"
        [read] = told(checker.get(url))["claimReviewMarkupPages"]
        path = f"/v1alpha1/{read['name']}"
        for markup in read["claimReviewMarkups"]:
            markup["rating"]["textualRating"] = "True"
        return [*found, cost("PUT", path, read), cost("DELETE", path)]

    costs("warm", 2)
    assert costs("one", 1) == costs("ten", 10)
