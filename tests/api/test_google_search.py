"""Claims that were reviewed, found through Google's API (v1alpha1)."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from claims.vocabulary import Outcome
from tests import make
from tests.conftest import Api
from tests.google import (
    SEARCH,
    found,
    google_error,
    published,
    told,
)
from tests.reviews import REVIEW, review


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
