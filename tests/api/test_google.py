"""The Google Fact Check Tools API (v1alpha1), asked as any HTTP client asks it."""

import functools
import json
from collections import Counter
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.db import connection, transaction
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from claims.management.verification import faults
from claims.models import Change, Claim, Organization, Verdict
from claims.vocabulary import Outcome
from tests import make
from tests.api.threads import at_once, statuses
from tests.conftest import Api
from tests.google import PAGE, google_error, page, told
from tests.log import numbered
from tests.models.rows import check_now, undone
from tests.reviews import REVIEW, review

SEARCH = "/v1alpha1/claims:search"
PAGES = "/v1alpha1/pages"
URL = "https://desk.example.org/bridge"


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


# Search


def test_a_claim_is_told_as_google_tells_it(anyone: Api, desk: make.Desk) -> None:
    published(
        "We opened the bridge on 3 May",
        desk.checker,
        url="https://www.desk.example.org/bridge?a=1",
        title="When was it opened?",
        label="Wrong date",
        date_published="2019-05-20",
        stated_on="2019-05-03",
    )
    assert told(anyone.get(f"{SEARCH}?query=bridge")) == {
        "claims": [
            {
                "text": "We opened the bridge on 3 May",
                "claimant": "Tahsin al-Khafaji",
                "claimDate": "2019-05-03T00:00:00Z",
                "claimReview": [
                    {
                        "publisher": {
                            "name": desk.organization.name,
                            "site": "desk.example.org",
                        },
                        "url": "https://www.desk.example.org/bridge?a=1",
                        "title": "When was it opened?",
                        "reviewDate": "2019-05-20T00:00:00Z",
                        "textualRating": "Wrong date",
                        "languageCode": "en",
                    }
                ],
            }
        ]
    }


def test_what_is_not_known_is_left_out_and_nothing_at_all_is_an_empty_object(
    anyone: Api, checker: Api
) -> None:
    assert told(anyone.get(f"{SEARCH}?query=bridge")) == {}
    record = review(
        itemReviewed=None, headline=None, inLanguage=None, datePublished=None, author=None
    )
    assert checker.post("/imports/claimreview/", record).status_code == 200
    [claim] = told(anyone.get(f"{SEARCH}?query=bridge"))["claims"]
    assert claim == {
        "text": REVIEW["claimReviewed"],
        "claimReview": [
            {
                "publisher": {"name": "checkers.example", "site": "checkers.example"},
                "url": REVIEW["url"],
                "textualRating": "False",
            }
        ],
    }


def test_only_verdicts_that_stand_and_are_published_are_found(anyone: Api, desk: make.Desk) -> None:
    published("The bridge is new", desk.checker)
    taken_back = published("The bridge is old", desk.checker)
    make.verdict(taken_back.claim, desk.checker, Outcome.WITHDRAWN)
    make.verdict(make.statement(text="The bridge is red"), desk.checker)
    make.statement(text="The bridge is long")
    assert found(anyone, query="bridge") == ["The bridge is new"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("الاراضى", 1),  # hamza, ى for ي
        ("تحرير للأراضي", 1),
        ('"تحرير أراضيه"', 1),
        ("تحرير OR victory", 1),
        ("تحرير -أراضيه", 0),
        ("victory", 0),
    ],
)
def test_words_are_searched_for_as_in_claims(
    anyone: Api, desk: make.Desk, query: str, expected: int
) -> None:
    published("أعلن العراق تحرير أراضيه كلها", desk.checker, language="ar")
    assert len(found(anyone, query=query)) == expected


def test_the_language_counts_and_its_region_does_not(anyone: Api, desk: make.Desk) -> None:
    for text, language in (("bridge 1", "en"), ("bridge 2", "en-GB"), ("bridge 3", "ar")):
        published(text, desk.checker, language=language)
    both = ["bridge 1", "bridge 2"]
    for code in ("en", "en-US", "EN", "en-GB"):
        assert sorted(found(anyone, query="bridge", languageCode=code)) == both
    assert found(anyone, query="bridge", languageCode="ar-IQ") == ["bridge 3"]
    assert found(anyone, query="bridge", languageCode="sr-Latn") == []


SITES = {
    "https://example.org/1": True,
    "https://www.example.org/2": True,
    "http://checks.example.org:8000/3": True,
    "https://EXAMPLE.org": True,
    "https://notexample.org/4": False,
    "https://example.org.evil.example/5": False,
    "https://other.example/?from=https://example.org/": False,
}


@pytest.mark.parametrize("asked", ["example.org", "www.example.org", "https://www.Example.org/x"])
def test_a_site_is_found_with_or_without_www_and_with_what_is_under_it(
    anyone: Api, desk: make.Desk, asked: str
) -> None:
    for url in SITES:
        published(f"Of {url}", desk.checker, url=url)
    expected = {f"Of {url}" for url, is_there in SITES.items() if is_there}
    assert set(found(anyone, reviewPublisherSiteFilter=asked)) == expected
    assert set(found(anyone, reviewPublisherSiteFilter=asked, query="of")) == expected


def test_a_site_of_which_nothing_is_known_finds_nothing(anyone: Api, checker: Api) -> None:
    checker.post("/imports/claimreview/", REVIEW)
    assert found(anyone, reviewPublisherSiteFilter="nobody.example") == []
    assert len(found(anyone, reviewPublisherSiteFilter="checkers.example")) == 1


def test_of_a_claim_those_reviews_are_told_that_are_asked_for(
    anyone: Api, checker: Api, desk: make.Desk
) -> None:
    others = review(
        url="https://others.example/1", author__name="Others", datePublished="2024-01-01"
    )
    checker.post("/imports/claimreview/", [REVIEW, others])
    [claim] = told(anyone.get(f"{SEARCH}?query=bridge"))["claims"]
    assert len(claim["claimReview"]) == 2
    query = "query=bridge&reviewPublisherSiteFilter=others.example"
    [claim] = told(anyone.get(f"{SEARCH}?{query}"))["claims"]
    assert [it["publisher"]["site"] for it in claim["claimReview"]] == ["others.example"]
    # Of the site that is asked for there is no review that is new enough.
    query = "query=bridge&reviewPublisherSiteFilter=checkers.example&maxAgeDays=1500"
    assert told(anyone.get(f"{SEARCH}?{query}")) == {}


@pytest.mark.parametrize(
    ("days_ago", "cut", "is_found"), [(9, 10, True), (10, 10, True), (11, 10, False), (9, 7, True)]
)
def test_the_age_of_a_review_is_that_of_its_date(
    anyone: Api, desk: make.Desk, days_ago: int, cut: int, is_found: bool
) -> None:
    day = (timezone.now().date() - timedelta(days=days_ago)).isoformat()[:cut]
    published("The bridge is new", desk.checker, date_published=day)
    assert bool(found(anyone, query="bridge", maxAgeDays=10)) == is_found


def test_a_review_without_a_date_is_not_known_to_be_new(anyone: Api, desk: make.Desk) -> None:
    published("The bridge is new", desk.checker)
    assert found(anyone, query="bridge", maxAgeDays=10) == []
    assert found(anyone, query="bridge", maxAgeDays=0) == ["The bridge is new"]
    assert found(anyone, query="bridge", maxAgeDays=2_147_483_647) == []


@pytest.mark.parametrize(
    "asked", [{"query": "bridge"}, {"reviewPublisherSiteFilter": "example.org"}]
)
def test_pages_are_followed_to_the_end(anyone: Api, desk: make.Desk, asked: dict[str, str]) -> None:
    for i in range(7):
        published(f"The bridge {'bridge ' * i}{i}", desk.checker, url=f"https://example.org/{i}")
    whole = found(anyone, **asked)
    assert len(whole) == 7
    read: list[str] = []
    more = {}
    while True:
        answer = told(anyone.get(f"{SEARCH}?{urlencode({**asked, 'pageSize': 3} | more)}"))
        read += [it["text"] for it in answer["claims"]]
        if "nextPageToken" not in answer:
            break
        more = {"pageToken": answer["nextPageToken"]}
    assert read == whole
    assert found(anyone, **asked, offset=5) == whole[5:]
    assert found(anyone, **asked, offset=2, pageSize=3) == whole[2:5]
    assert found(anyone, **asked, offset=7) == []


def test_the_most_relevant_comes_first_and_without_words_the_newest(
    anyone: Api, desk: make.Desk
) -> None:
    published("A bridge of the bridge by the bridge", desk.checker)
    published("A bridge over a river in a valley", desk.checker)
    first = found(anyone, query="bridge")[0]
    assert first.startswith("A bridge of the bridge")
    newest = found(anyone, reviewPublisherSiteFilter="desk.example.org")[0]
    assert newest.startswith("A bridge over")


def test_ten_are_told_unless_more_are_asked_for(anyone: Api, desk: make.Desk) -> None:
    for i in range(12):
        published(f"The bridge {i}", desk.checker)
    assert len(found(anyone, query="bridge")) == 10
    assert len(found(anyone, query="bridge", pageSize=0)) == 10
    assert len(found(anyone, query="bridge", pageSize=2_147_483_647)) == 12


def test_a_search_costs_the_same_for_one_claim_and_for_ten(anyone: Api, desk: make.Desk) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            asked = {"query": "bridge", "reviewPublisherSiteFilter": "desk.example.org"}
            assert found(anyone, **asked)
        return len([it for it in queries if "claims_ratecount" not in it["sql"]])

    published("The bridge", desk.checker)
    one = cost()
    for i in range(9):
        published(f"The bridge {i}", make.desk().checker)
    assert cost() == one <= 2


# Bad parameters

BAD = [
    ("", "query"),
    ("query=", "query"),
    ("query=%20%2C", "query"),
    ("query=-bridge", "query"),
    ("query=" + "a" * 501, "query"),
    ("query=a%00b", "query"),
    ("query=%ff", "query"),
    ("query=a&query=b", "query"),
    ("query=a&pageSize=-1", "pageSize"),
    ("query=a&pageSize=x", "pageSize"),
    ("query=a&pageSize=2147483648", "pageSize"),
    (f"query=a&pageSize={'9' * 5_000}", "pageSize"),
    ("query=a&pageSize=1.5", "pageSize"),
    ("query=a&pageSize=%D9%A5", "pageSize"),
    ("query=a&page_size=1&pageSize=1", "pageSize"),
    ("query=a&offset=-1", "offset"),
    ("query=a&offset=2147483647", "offset"),
    ("query=a&pageToken=x", "pageToken"),
    ("query=a&pageToken=%00", "pageToken"),
    ("query=a&pageToken=a:b:c", "pageToken"),
    ("query=a&pageToken=%F0%9F%98%80", "pageToken"),
    ("query=a&maxAgeDays=-1", "maxAgeDays"),
    ("query=a&maxAgeDays=ten", "maxAgeDays"),
    ("query=a&languageCode=zz", "languageCode"),
    ("query=a&languageCode=arabic", "languageCode"),
    ("reviewPublisherSiteFilter=no%20site", "reviewPublisherSiteFilter"),
    ("reviewPublisherSiteFilter=localhost", "reviewPublisherSiteFilter"),
    ("query=a&unknown=1", "unknown"),
    ("query=a&q=1", "q"),
    ("query=a&callback=alert", "callback"),
    ("query=a&uploadType=media", "uploadType"),
    ("query=a&access_token=x", "access_token"),
    ("query=a&oauth_token=x", "oauth_token"),
    ("query=a&alt=media", "alt"),
    ("query=a&alt=proto", "alt"),
    ("query=a&prettyPrint=perhaps", "prettyPrint"),
    ("query=a&fields=claims(", "fields"),
    ("query=a&fields=claims,", "fields"),
    ("query=a&fields=a%00", "fields"),
    ("query=a&fields=" + "a(" * 400, "fields"),
    ("query=a&key=x&key=x", "key"),
    ("%00=1&query=a", "\0"),
]


@pytest.mark.parametrize(("query", "name"), BAD, ids=[ascii(it[0])[:40] for it in BAD])
def test_a_parameter_that_cannot_be_accepted_is_named(
    anyone: Api, db: None, query: str, name: str
) -> None:
    error = google_error(anyone.get(f"{SEARCH}?{query}"), 400, "INVALID_ARGUMENT")
    [violation] = error["violations"]
    assert violation["field"] == name
    assert violation["description"]


def test_too_many_parameters_are_refused(anyone: Api, db: None) -> None:
    google_error(anyone.get(f"{SEARCH}?" + "a=b&" * 3_000), 400, "INVALID_ARGUMENT")


def test_parameters_are_taken_by_their_names_in_protocol_buffers_too(
    anyone: Api, desk: make.Desk
) -> None:
    published("The bridge", desk.checker)
    asked = {"query": "bridge", "language_code": "en", "page_size": "1", "max_age_days": "0"}
    assert found(anyone, **asked, review_publisher_site_filter="example.org") == ["The bridge"]


def test_a_token_belongs_to_its_search(anyone: Api, desk: make.Desk) -> None:
    for i in range(2):
        published(f"The bridge {i}", desk.checker)
    token = told(anyone.get(f"{SEARCH}?query=bridge&pageSize=1"))["nextPageToken"]
    again = {"pageToken": token, "pageSize": 1}
    assert len(found(anyone, query="bridge", **again)) == 1
    # What counts on the first page alone may stay in the address.
    assert found(anyone, query="bridge", **again, offset=1) == found(
        anyone, query="bridge", **again
    )
    for other in ({"query": "new"}, {"query": "bridge", "languageCode": "en"}):
        answer = anyone.get(f"{SEARCH}?{urlencode({**other, **again})}")
        assert (
            google_error(answer, 400, "INVALID_ARGUMENT")["violations"][0]["field"] == "pageToken"
        )


def test_parts_of_an_answer_can_be_asked_for(anyone: Api, desk: make.Desk) -> None:
    published("The bridge", desk.checker, title="A title")
    published("The bridge again", desk.checker)
    query = "query=bridge&pageSize=1&fields=claims(claimReview/publisher/site,text)"
    [claim] = told(anyone.get(f"{SEARCH}?{query}")).pop("claims")
    assert claim.keys() == {"text", "claimReview"}
    assert claim["claimReview"] == [{"publisher": {"site": "desk.example.org"}}]
    answer = told(anyone.get(f"{SEARCH}?query=bridge&pageSize=1&fields=nextPageToken"))
    assert answer.keys() == {"nextPageToken"}


def test_an_answer_is_indented_unless_the_caller_does_without(anyone: Api, desk: make.Desk) -> None:
    published("The bridge", desk.checker)
    assert anyone.get(f"{SEARCH}?query=bridge").content.startswith(b'{\n  "claims"')
    assert anyone.get(f"{SEARCH}?query=bridge&prettyPrint=false").content.startswith(b'{"claims"')
    assert anyone.get(f"{SEARCH}?query=bridge&alt=json&quotaUser=me&$.xgafv=2").status_code == 200


def test_a_long_query_may_come_as_a_body(anyone: Api, desk: make.Desk) -> None:
    published("The bridge", desk.checker)
    sent = {
        "content_type": "application/x-www-form-urlencoded",
        "x_http_method_override": "GET",
    }
    assert len(told(anyone.send("POST", SEARCH, b"query=bridge", **sent))["claims"]) == 1
    google_error(anyone.send("POST", SEARCH, b"query=bridge"), 405, "UNIMPLEMENTED")
    too_long = anyone.send("POST", SEARCH, b"query=" + b"a" * 70_000, **sent)
    google_error(too_long, 413, "INVALID_ARGUMENT")


def test_images_are_not_searched_for(anyone: Api, db: None) -> None:
    answer = anyone.get("/v1alpha1/claims:imageSearch?imageUri=https://example.org/a.png")
    google_error(answer, 501, "UNIMPLEMENTED")


# Pages


def created(api: Api, **more: Any) -> Any:
    return told(api.post(PAGES, page(**more)))


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


MARKUP = {"claimReviewed": "The bridge fell", "rating": {"textualRating": "False"}}
ONE = {"pageUrl": "https://checkers.example/1", "claimReviewMarkups": [MARKUP]}


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


# Keys and refusals


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
