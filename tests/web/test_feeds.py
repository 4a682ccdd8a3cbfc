"""Feeds of verdicts and corrections, as a reader of feeds that is not ours reads them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import feedparser
import orjson
import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from django.utils.http import http_date

from claims.models import LogEntry
from claims.queries import reviewing
from claims.vocabulary import Outcome
from tests import make
from tests.conftest import problem
from tests.log import numbered
from tests.models.rows import run
from tests.schema_org import faults
from tests.web.test_pages import HOSTILE, hostile, statements

FEEDS = [
    "/feeds/verdicts.atom",
    "/feeds/verdicts.json",
    "/feeds/corrections.atom",
    "/feeds/corrections.json",
    "/feeds/claimreview.json",
]
ATOM = "{http://www.w3.org/2005/Atom}"
URL = "https://desk.example.org/bridge"


def atom(client: Client, address: str = "/feeds/verdicts.atom") -> Any:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    found = feedparser.parse(
        answer.content, response_headers={"content-type": answer["Content-Type"]}
    )
    assert not found.bozo, found.get("bozo_exception")
    return found


def read(client: Client, address: str = "/feeds/verdicts.json") -> Any:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


def titles(client: Client, query: str = "", feed: str = "verdicts") -> list[str]:
    """The titles of a feed, which are the same whoever tells them."""
    told = [it["title"] for it in read(client, f"/feeds/{feed}.json{query}")["items"]]
    assert [it.title for it in atom(client, f"/feeds/{feed}.atom{query}").entries] == told
    return told


@pytest.fixture
def judged(desk: make.Desk) -> Any:
    """A verdict with all that it can have."""
    claim = make.statement(text="We opened it on 3 May", language="en")
    return make.verdict(
        claim,
        desk.checker,
        label="Wrong date",
        url=URL,
        title="When was it opened?",
        language="en",
        evidence=[{"url": "https://example.org/report", "stance": "refutes", "title": "Report"}],
    )


def test_a_reader_of_atom_reads_a_verdict(client: Client, judged: Any) -> None:
    found = atom(client)
    assert (found.version, found.feed.title) == ("atom10", "Verdicts · Isnad")
    assert found.feed.id == "http://testserver/feeds/verdicts.atom"
    [entry] = found.entries
    assert entry.id == f"urn:uuid:{judged.pk}"
    assert entry.title == "Wrong date: We opened it on 3 May"
    assert entry.link == f"http://testserver/claims/{judged.claim_id}/#verdict-{judged.pk}"
    assert ("related", URL) in [(it.rel, it.href) for it in entry.links]
    assert entry.author == judged.organization.name
    assert {it.term for it in entry.tags} == {"disputed", "Wrong date"}
    [content] = entry.content
    assert (content.type, content.language) == ("text/plain", "en")
    for told in ("(Tahsin al-Khafaji)", judged.organization.name, "Report: https://example.org"):
        assert told in content.value
    at = datetime(*entry.updated_parsed[:6], tzinfo=UTC)
    assert abs(at - judged.issued_at) < timedelta(seconds=2)
    assert found.feed.updated == entry.updated == entry.published


def test_a_reader_of_json_feeds_reads_the_same(client: Client, judged: Any) -> None:
    found = read(client)
    assert found["version"] == "https://jsonfeed.org/version/1.1"
    assert found["feed_url"] == "http://testserver/feeds/verdicts.json"
    assert found["home_page_url"] == "http://testserver/"
    [item] = found["items"]
    [entry] = atom(client).entries
    assert (item["id"], item["title"]) == (entry.id, entry.title)
    assert (item["url"], item["external_url"]) == (entry.link, URL)
    assert item["content_text"] == entry.content[0].value
    assert item["authors"] == [{"name": judged.organization.name}]
    assert (item["language"], item["tags"]) == ("en", ["disputed", "Wrong date"])
    assert item["date_published"] == item["date_modified"]
    assert datetime.fromisoformat(item["date_published"]) == judged.issued_at
    assert item["_isnad"] == {
        "claim": f"http://testserver/api/v1/claims/{judged.claim_id}/",
        "verdict": f"http://testserver/api/v1/claims/{judged.claim_id}/verdicts/{judged.pk}/",
        "outcome": "disputed",
        "label": "Wrong date",
    }


def test_the_newest_claim_reviews_are_a_data_feed(client: Client, judged: Any) -> None:
    newer = make.verdict(make.fact(), make.desk().checker, Outcome.VERIFIED)
    answer = client.get("/feeds/claimreview.json")
    assert answer["Content-Type"] == "application/ld+json"
    found = answer.json()
    assert (found["@type"], found["url"]) == (
        "DataFeed",
        "http://testserver/feeds/claimreview.json",
    )
    items = [it["item"] for it in found["dataFeedElement"]]
    assert [it["@id"].split("/")[-2] for it in items] == [str(newer.pk), str(judged.pk)]
    assert faults(found) == []
    reviews = client.get(f"/api/v1/claims/{judged.claim_id}/claimreview/").json()
    assert reviews == [{"@context": "https://schema.org", **items[1]}]


def test_the_newest_verdict_comes_first_and_one_that_does_not_stand_not_at_all(
    client: Client, desk: make.Desk
) -> None:
    claims = [make.fact(text=f"Claim {i}") for i in range(3)]
    for claim in claims:
        make.verdict(claim, desk.checker)
    make.verdict(claims[0], desk.checker, Outcome.VERIFIED)
    make.verdict(claims[1], desk.checker, Outcome.WITHDRAWN)
    assert titles(client) == ["Verified: Claim 0", "Disputed: Claim 2"]


# Filters


@pytest.fixture
def record(db: None) -> dict[str, Any]:
    one, other = make.desk(), make.desk()
    claim, appearance = make.marked_fact(text="Iraq declared victory again")
    fact = make.fact(text="A fact", language="fr")
    statement = make.statement(text="A statement", language="ar-IQ")
    make.fact(text="Not judged")
    make.verdict(claim, one.checker)
    make.verdict(fact, one.checker, Outcome.VERIFIED)
    make.verdict(fact, other.checker, Outcome.DISPUTED)
    make.verdict(statement, other.checker, Outcome.INCONCLUSIVE)
    return {
        "one": one.organization.pk,
        "other": other.organization.pk,
        "publisher": appearance.article.publisher_id,
        "article": appearance.article_id,
        "speaker": statement.speaker_id,
    }


FOUND = {
    "organization={one}": ["Verified: A fact", "Disputed: Iraq declared victory"],
    "organization={other}&kind=fact": ["Disputed: A fact"],
    "outcome=disputed": ["Disputed: A fact", "Disputed: Iraq declared victory"],
    "organization={one}&outcome=disputed": ["Disputed: Iraq declared victory"],
    "status=contested": ["Disputed: A fact", "Verified: A fact"],
    "status=inconclusive": ["Inconclusive: A statement"],
    "language=ar": ["Inconclusive: A statement"],
    "language=de": [],
    "speaker={speaker}": ["Inconclusive: A statement"],
    "publisher={publisher}": ["Disputed: Iraq declared victory"],
    "article={article}": ["Disputed: Iraq declared victory"],
    "kind=statement": ["Inconclusive: A statement"],
    "published_before=2020-03-14": ["Disputed: Iraq declared victory"],
    "page_size=1": ["Inconclusive: A statement"],
    "created_after=2999-01-01": [],
}


@pytest.mark.parametrize("query", FOUND)
def test_a_feed_is_narrowed_as_claims_are(
    client: Client, record: dict[str, Any], query: str
) -> None:
    asked = query.format(**record)
    told = [title.removesuffix(" again") for title in titles(client, f"?{asked}")]
    assert told == FOUND[query]
    address = f"/feeds/claimreview.json?{asked}"
    assert len(read(client, address)["dataFeedElement"]) == len(told)
    assert read(client, address)["url"] == f"http://testserver{address}"


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("unknown=1", "unknown"),
        ("has_verdict=false", "has_verdict"),
        ("ordering=created_at", "ordering"),
        ("cursor=x", "cursor"),
        ("status=no", "status"),
        ("organization=no", "organization"),
        ("page_size=0", "page_size"),
        ("page_size=201", "page_size"),
        ("lang=fr", "lang"),
        ("language=", "language"),
        ("status=disputed&status=verified", "status"),
    ],
)
def test_what_a_feed_cannot_be_asked_is_refused(
    client: Client, db: None, feed: str, query: str, parameter: str
) -> None:
    document = problem(client.get(f"{feed}?{query}"), "bad-parameter", 400)
    assert [it["parameter"] for it in document["errors"]] == [parameter]


# Corrections


def test_corrections_have_a_feed_of_their_own(client: Client, desk: make.Desk) -> None:
    names = ("Corrected", "Withdrawn", "Updated", "Judged again", "Kept")
    claims = {name: make.fact(text=name) for name in names}
    for claim in claims.values():
        make.verdict(claim, desk.checker, label="Wrong")
    make.verdict(claims["Corrected"], desk.checker, Outcome.VERIFIED)
    make.verdict(claims["Updated"], desk.checker, label="Wrong", rationale="More evidence.")
    make.verdict(claims["Withdrawn"], desk.checker, Outcome.WITHDRAWN, rationale="We were wrong.")
    make.verdict(claims["Judged again"], desk.checker, Outcome.WITHDRAWN)
    make.verdict(claims["Judged again"], desk.checker)
    told = titles(client, feed="corrections")
    assert told == [
        "Judged again: Judged again",
        "Withdrawn: Judged again",
        "Withdrawn: Withdrawn",
        "Updated: Updated",
        "Corrected: Corrected",
    ]
    taken_back = atom(client, "/feeds/corrections.atom").entries[2].content[0].value
    assert "was: Wrong" in taken_back
    assert "We were wrong." in taken_back
    ids = {it.id for it in atom(client, "/feeds/corrections.atom").entries}
    assert len(ids) == len(told)
    assert not ids & {it.id for it in atom(client).entries}


def test_corrections_are_narrowed_too(client: Client, db: None) -> None:
    one, other = make.desk(), make.desk()
    for desk, claim in ((one, make.fact(text="A")), (other, make.statement(text="B"))):
        make.verdict(claim, desk.checker)
        make.verdict(claim, desk.checker, Outcome.WITHDRAWN)
    assert titles(client, f"?organization={one.organization.pk}", "corrections") == ["Withdrawn: A"]
    assert titles(client, "?kind=statement", "corrections") == ["Withdrawn: B"]
    assert titles(client, "?outcome=withdrawn&kind=fact", "corrections") == ["Withdrawn: A"]
    assert titles(client, "?outcome=verified", "corrections") == []
    assert titles(client, "?page_size=1", "corrections") == ["Withdrawn: B"]


def test_a_rare_correction_is_looked_for_among_the_newest_alone(
    client: Client, desk: make.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in ("Old", "New"):
        claim = make.fact(text=text)
        make.verdict(claim, desk.checker)
        make.verdict(claim, desk.checker, Outcome.WITHDRAWN)
    monkeypatch.setattr(reviewing, "WINDOW", 1)
    assert titles(client, feed="corrections") == ["Withdrawn: New"]


# Being read again


@pytest.mark.parametrize("feed", FEEDS)
def test_who_has_a_feed_already_is_told_so(client: Client, desk: make.Desk, feed: str) -> None:
    claim = make.fact()
    make.verdict(claim, desk.checker)
    tag = client.get(feed)["ETag"]
    known = client.get(feed, headers={"if-none-match": tag})
    assert (known.status_code, known.content, known["ETag"]) == (304, b"", tag)
    assert known["Cache-Control"] == "public, max-age=60"
    make.verdict(claim, desk.checker, Outcome.VERIFIED)
    assert client.get(feed, headers={"if-none-match": tag}).status_code == 200


@pytest.mark.parametrize("feed", FEEDS)
def test_a_feed_without_entries_is_one_and_stays_the_same(
    client: Client, db: None, feed: str
) -> None:
    first, again = client.get(feed), client.get(feed)
    assert (first.status_code, first.content) == (200, again.content)
    if feed.endswith(".atom"):
        assert atom(client, feed).feed.updated == "1970-01-01T00:00:00+00:00"


def test_last_modified_is_when_the_record_changed_last(
    client: Client, desk: make.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = "/feeds/verdicts.atom"
    make.verdict(make.fact(), desk.checker)
    assert "Last-Modified" not in client.get(feed)  # what has no number yet is counted by nothing
    numbered()
    assert "Last-Modified" not in client.get(feed)  # its second is not over
    later = timezone.now() + timedelta(hours=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    at = LogEntry.objects.latest("number").numbered_at
    assert client.get(feed)["Last-Modified"] == http_date(at.timestamp())
    since = {"if-modified-since": http_date(at.timestamp())}
    assert client.get(feed, headers=since).status_code == 304
    before = {"if-modified-since": http_date(at.timestamp() - 60)}
    assert client.get(feed, headers=before).status_code == 200
    make.speaker()  # any change: what it changes in the feed is not asked
    assert client.get(feed, headers=since).status_code == 200


@pytest.mark.parametrize("feed", FEEDS)
def test_a_feed_costs_the_same_for_one_and_for_ten(
    client: Client, desk: make.Desk, feed: str
) -> None:
    counts = []
    for many in (1, 9):
        for _ in range(many):
            claim, _appearance = make.marked_fact()
            make.verdict(claim, desk.checker)
            make.verdict(claim, desk.checker, Outcome.VERIFIED)
        counts.append(statements(client, feed))
    assert counts[0] == counts[1] <= 4


# Languages and addresses


def test_our_own_words_follow_the_language_that_is_asked_for(
    client: Client, desk: make.Desk
) -> None:
    make.verdict(make.fact(text="نص", language="ar"), desk.checker)
    found = atom(client, "/feeds/verdicts.atom?lang=ar")
    assert found.feed.language == "ar"
    assert found.entries[0].title.endswith(": نص")
    assert not found.entries[0].title.startswith("Disputed")
    answer = client.get("/feeds/verdicts.json", headers={"accept-language": "ar"})
    assert (answer.json()["language"], answer["Content-Language"]) == ("ar", "ar")
    assert "Accept-Language" in answer["Vary"]
    [entry] = ElementTree.fromstring(client.get("/feeds/verdicts.atom").content).iter(
        f"{ATOM}entry"
    )
    assert entry.get("{http://www.w3.org/XML/1998/namespace}lang") == "ar"


def test_addresses_are_those_that_are_reached_from_outside(
    client: Client, judged: Any, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://isnad.example.org/"
    [entry] = atom(client).entries
    assert entry.link.startswith("https://isnad.example.org/claims/")
    assert read(client)["feed_url"] == "https://isnad.example.org/feeds/verdicts.json"


def test_a_long_claim_is_cut_in_the_title_and_whole_in_the_text(
    client: Client, desk: make.Desk
) -> None:
    text = "word\n" * 1_000
    make.verdict(make.fact(text=text), desk.checker)
    [item] = read(client)["items"]
    assert len(item["title"]) < 220
    assert "\n" not in item["title"]
    assert text in item["content_text"]


# Scripts


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_no_text_of_the_record_becomes_a_part_of_a_feed(
    client: Client, desk: make.Desk, text: str
) -> None:
    hostile(text, desk)
    for feed in ("verdicts", "corrections"):
        answer = client.get(f"/feeds/{feed}.atom")
        elements = list(ElementTree.fromstring(answer.content).iter())
        assert {it.tag for it in elements} <= {
            ATOM + name
            for name in (
                "feed",
                "title",
                "subtitle",
                "link",
                "id",
                "updated",
                "entry",
                "published",
                "author",
                "name",
                "uri",
                "category",
                "content",
            )
        }
        # Told as texts, which no reader takes for HTML.
        told = [it for it in elements if it.tag in {f"{ATOM}content", f"{ATOM}title"}]
        assert {it.get("type", "text") for it in told} == {"text"}
        for link in (it.get("href") for it in elements if it.tag == f"{ATOM}link"):
            assert link.startswith("http")
        [item] = read(client, f"/feeds/{feed}.json")["items"]
        assert "content_html" not in item
        assert text in item["content_text"]
        atom(client, f"/feeds/{feed}.atom")
    for feed in FEEDS:
        answer = client.get(feed)
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert not answer["Content-Type"].startswith("text/html")


def test_what_xml_cannot_write_is_replaced(client: Client, desk: make.Desk) -> None:
    make.verdict(make.fact(text="a\x01b\ufffec\x0bd\x1fe"), desk.checker)
    assert atom(client).entries[0].title == "Disputed: a\ufffdb\ufffdc d e"
    assert orjson.loads(client.get("/feeds/verdicts.json").content)["items"]


@pytest.mark.parametrize("feed", FEEDS)
def test_feeds_are_for_reading_alone(client: Client, db: None, feed: str) -> None:
    problem(client.post(feed), "method-not-allowed", 405)
    assert client.head(feed).status_code == 200
    assert client.head(feed).content == b""


@pytest.mark.usefixtures("committed")
def test_an_erased_rationale_is_told_no_more(client: Client) -> None:
    with transaction.atomic():
        verdict = make.verdict(make.fact(), make.desk().checker)
    assert "a day earlier" in read(client)["items"][0]["content_text"]
    erase = "UPDATE claims_content SET text = NULL, salt = NULL, erased_at = now() WHERE id = %s"
    run(erase, [verdict.rationale_id], using="owner")
    assert "a day earlier" not in read(client)["items"][0]["content_text"]
    assert "a day earlier" not in client.get("/feeds/claimreview.json").content.decode()
