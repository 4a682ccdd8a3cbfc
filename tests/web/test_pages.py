"""The public page of a claim: for people, in any browser, whatever the texts in it say."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from claims.api.rates import PerCaller
from claims.vocabulary import Outcome
from tests import make
from tests.conftest import problem

VOID = {"meta", "link", "br", "hr", "img"}
# Each would run a script where it were not told as the text that it is.
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "'-alert(1)-'",
    "javascript:alert(1)",
    "]]><script>alert(1)</script>",
    "</title><svg onload=alert(1)>",
    "{{ claim.text }}{% load i18n %}",
    "\u2028alert(1)\u2029",
    "\x0balert(1)\x01",
)


class Page(HTMLParser):
    """The elements of a page with their attributes, and the texts of each."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[int, str] = {}
        self.open: list[int] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(len(self.found) - 1)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.found[self.open.pop()][0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        for place in self.open:
            self.texts[place] = self.texts.get(place, "") + data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]

    def text(self, tag: str) -> list[str]:
        return [self.texts.get(i, "") for i, (name, _) in enumerate(self.found) if name == tag]


def address(claim: Any) -> str:
    return f"/claims/{claim.pk}/"


def read(client: Client, claim: Any, query: str = "", **headers: str) -> Page:
    answer = client.get(address(claim) + query, headers=headers)
    assert answer.status_code == 200, answer.content.decode()
    return Page(answer.content.decode())


EVIDENCE = [
    {
        "url": "https://example.org/report",
        "stance": "refutes",
        "title": "The report",
        "quote": "on 2 May",
        "archive_url": "https://example.net/copy",
    }
]


def test_a_page_tells_the_claim_its_passage_the_verdicts_and_their_evidence(
    client: Client, desk: make.Desk
) -> None:
    claim, appearance = make.marked_fact(speaker=make.speaker().pk, stated_on="2017-12-10")
    make.verdict(claim, desk.checker, label="Wrong date", evidence=EVIDENCE)
    page = read(client, claim)
    assert page.text("h1") == [claim.text]
    [text] = page.text("body")
    for told in (
        "Tahsin al-Khafaji",
        "2017-12-10",
        "liberation of Iraq from ISIS",
        desk.organization.name,
        "Wrong date",
        "The announcement was a day earlier.",
        "The report",
        "(refutes)",
        "Sputnik Arabic",
    ):
        assert told in text
    assert page.text("mark") == [appearance.exact]
    passage = page.text("blockquote")[-1]
    assert passage == f"{appearance.prefix}{appearance.exact}{appearance.suffix}"
    links = {it["href"] for it in page.all("a")}
    assert links >= {"https://example.org/report", "https://example.net/copy"}
    assert f"http://testserver/api/v1/claims/{claim.pk}/history/" in links


def test_a_claim_on_which_no_verdict_stands_says_so(client: Client, desk: make.Desk) -> None:
    claim = make.fact()
    assert "No verdict stands on this claim." in read(client, claim).text("main")[0]
    make.verdict(claim, desk.checker)
    make.verdict(claim, desk.checker, Outcome.WITHDRAWN)
    page = read(client, claim)
    assert "No verdict stands on this claim." in page.text("main")[0]
    assert page.all("article") == []


def test_each_verdict_has_a_place_that_its_review_leads_to(client: Client, db: None) -> None:
    claim = make.fact()
    made = [make.verdict(claim, make.desk().checker) for _ in range(2)]
    ids = [it["id"] for it in read(client, claim).all("article")]
    assert ids == [f"verdict-{verdict.pk}" for verdict in made]


def test_what_a_verdict_took_the_place_of_is_told(client: Client, desk: make.Desk) -> None:
    claim = make.fact()
    make.verdict(claim, desk.checker, label="Wrong year")
    make.verdict(claim, desk.checker, Outcome.VERIFIED)
    [article] = read(client, claim).text("article")
    assert "In the place of an earlier verdict: Wrong year" in article


# Directions and languages


@pytest.mark.parametrize(
    ("language", "direction"),
    [("ar", "rtl"), ("ar-IQ", "rtl"), ("fa", "rtl"), ("en", "ltr"), ("ckb", "rtl"), ("tr", "ltr")],
)
def test_a_text_is_written_in_the_direction_of_its_language(
    client: Client, db: None, language: str, direction: str
) -> None:
    [heading] = read(client, make.fact(language=language)).all("h1")
    assert (heading["lang"], heading["dir"]) == (language, direction)


def test_a_passage_has_the_language_of_its_article_and_a_rationale_that_of_its_review(
    client: Client, desk: make.Desk
) -> None:
    claim, _ = make.marked_fact()
    make.verdict(claim, desk.checker, language="fr")
    page = read(client, claim)
    [passage] = [it for it in page.all("blockquote") if it["class"] == "text"]
    assert (passage["lang"], passage["dir"]) == ("ar", "rtl")
    assert {(it.get("lang"), it["dir"]) for it in page.all("p") if it.get("class") == "text"} == {
        ("fr", "ltr")
    }


@pytest.mark.parametrize(
    ("query", "preferred", "language", "direction", "word"),
    [
        ("", "", "en", "ltr", "What was found"),
        ("", "ar-IQ,en;q=0.5", "ar", "rtl", "ما توصل إليه التحقق"),
        ("?lang=ar", "en", "ar", "rtl", "ما توصل إليه التحقق"),
        ("?lang=en", "ar", "en", "ltr", "What was found"),
    ],
)
def test_our_own_words_are_in_the_language_that_is_asked_for(
    client: Client, db: None, query: str, preferred: str, language: str, direction: str, word: str
) -> None:
    claim = make.fact()
    answer = client.get(address(claim) + query, headers={"accept-language": preferred})
    page = Page(answer.content.decode())
    assert (page.all("html")[0]["lang"], page.all("html")[0]["dir"]) == (language, direction)
    assert word in page.text("h2")
    assert answer["Content-Language"] == language
    assert "Accept-Language" in answer["Vary"]


def test_a_language_that_we_do_not_have_is_refused(client: Client, db: None) -> None:
    answer = client.get(f"{address(make.fact())}?lang=fr")
    assert problem(answer, "bad-parameter", 400)["errors"][0]["parameter"] == "lang"


# For machines


def test_a_page_says_where_the_same_is_for_machines_and_in_other_languages(
    client: Client, db: None, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://isnad.example.org"
    claim = make.fact()
    links = {it["href"]: it for it in read(client, claim).all("link")}
    here = f"https://isnad.example.org/claims/{claim.pk}/"
    record = f"https://isnad.example.org/api/v1/claims/{claim.pk}/"
    assert links[here]["rel"] == "canonical"
    assert links[f"{here}?lang=ar"]["hreflang"] == "ar"
    assert links[f"{record}claimreview/"]["type"] == "application/ld+json"
    assert links[record]["type"] == "application/json"
    for feed in ("verdicts", "corrections"):
        at = f"https://isnad.example.org/feeds/{feed}.atom"
        assert links[at]["type"] == "application/atom+xml"


def test_who_has_the_page_already_is_told_so(client: Client, desk: make.Desk) -> None:
    claim = make.fact()
    tag = client.get(address(claim))["ETag"]
    known = client.get(address(claim), headers={"if-none-match": tag})
    assert (known.status_code, known.content) == (304, b"")
    make.verdict(claim, desk.checker)
    assert client.get(address(claim), headers={"if-none-match": tag}).status_code == 200


def test_what_is_not_there_is_not_found(client: Client, db: None) -> None:
    problem(client.get("/claims/00000000-0000-7000-8000-000000000000/"), "not-found", 404)
    problem(client.get("/claims/none/"), "not-found", 404)
    problem(client.get(f"{address(make.fact())}?x=1"), "bad-parameter", 400)


def test_it_is_for_reading_alone_and_a_forgotten_slash_leads_there(
    client: Client, db: None
) -> None:
    claim = make.fact()
    problem(client.post(address(claim)), "method-not-allowed", 405)
    assert client.head(address(claim)).status_code == 200
    led = client.get(f"/claims/{claim.pk}")
    assert (led.status_code, led["Location"]) == (308, address(claim))


def test_who_reads_too_much_is_asked_to_wait(client: Client, db: None, settings: Any) -> None:
    claim = make.fact()
    settings.READS_PER_MINUTE = (60_000, 1)
    assert client.get(address(claim)).status_code == 200
    PerCaller.tallies.clear()
    answer = client.get(address(claim))
    assert "Retry-After" in answer
    problem(answer, "too-many-requests", 429)


# Scripts


def hostile(text: str, desk: make.Desk) -> Any:
    """A claim of which every text is this one, as far as it may be."""
    line = "".join(it for it in text if it.isprintable())
    speaker = make.speaker(
        name=line, roles=[{"title": line, "titles": {}, "since": None, "until": None}]
    )
    publisher = make.publisher(name=line, url="https://example.org/")
    article = make.article(publisher=publisher.pk, headline=line)
    held = make.snapshot(f"before {text} after", of=article)
    claim = make.fact(
        text=text,
        speaker=speaker.pk,
        fact=make.FACT | {"subject": line, "property": line, "value": line, "value_type": "text"},
        appearance={"snapshot": held.pk, "exact": text, "relayed_by": [speaker.pk]},
    )
    make.verdict(
        claim,
        desk.checker,
        label=line[:80],
        rationale=text,
        title=line,
        evidence=[
            {"url": "https://example.org/", "stance": "context", "title": line, "quote": text}
        ],
    )
    make.verdict(claim, desk.checker, Outcome.VERIFIED, label=line[:80], rationale=text)
    return claim


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_no_text_of_the_record_becomes_a_part_of_the_page(
    client: Client, desk: make.Desk, text: str
) -> None:
    plain, claim = make.fact(), hostile(text, desk)
    page = read(client, claim)
    assert len(page.all("script")) == len(read(client, plain).all("script")) == 1
    assert page.all("script") == [{"type": "application/ld+json"}]
    known = {tag for tag, _ in page.found}
    assert not known & {"img", "svg", "iframe", "object", "form", "base"}
    for tag, attributes in page.found:
        assert not [name for name in attributes if name.startswith("on")], tag
        for name in ("href", "src"):
            assert re.match("https?://", attributes.get(name) or "https://"), (tag, attributes)
    assert text.strip("\x0b\x01") in page.text("h1")[0]


def test_the_browser_is_told_to_run_and_to_load_nothing(client: Client, db: None) -> None:
    answer = client.get(address(make.fact()))
    policy = dict(
        it.strip().split(" ", 1)
        for it in answer["Content-Security-Policy"].split(";")
        if it.strip()
    )
    [style] = Page(answer.content.decode()).text("style")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == {
        "default-src": "'none'",
        "style-src": f"'sha256-{digest}'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert "style=" not in answer.content.decode()


def statements(client: Client, at: str) -> int:
    """How many an answer takes, beside those that count the caller."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(at).status_code == 200
    return len([it for it in queries if "claims_ratecount" not in it["sql"]])


def test_a_page_costs_a_statement_and_one_for_what_was_contested(client: Client, db: None) -> None:
    claim = make.fact()
    for _ in range(3):
        make.contest(make.verdict(claim, make.desk().checker, evidence=EVIDENCE))
    assert statements(client, address(claim)) == 2
