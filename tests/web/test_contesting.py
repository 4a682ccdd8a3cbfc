"""The page where anyone contests a verdict, for browsers without scripts too."""

import re
from typing import Any

import pytest
from django.test import Client, override_settings

from claims.models import Contest, Verdict
from claims.vocabulary import Outcome
from tests import make
from tests.conftest import Api, problem
from tests.web.test_pages import HOSTILE
from tests.web.test_signing_in import Page


@pytest.fixture
def verdict(desk: make.Desk) -> Verdict:
    return make.verdict(make.fact(), desk.checker, label="Wrong date")


def page_of(verdict: Verdict) -> str:
    return f"/claims/{verdict.claim_id}/contest/"


def said(of: Verdict, **more: str) -> dict[str, str]:
    given = {"verdict": str(of.pk), "party": "reader", "reason": "new_evidence"}
    return given | {"text": "The report came later."} | more


def test_anyone_sends_the_form(verdict: Verdict, checker: Api) -> None:
    more = {
        "sources": "https://example.org/1\r\n\r\nhttps://example.org/2",
        "contact": "a@b.example",
    }
    page = Page()
    sent = page.send(page_of(verdict), **said(verdict, **more))
    assert sent.status_code == 302
    [read] = checker.read("/contests/")["results"]
    assert sent["Location"] == f"{page_of(verdict)}?filed={read['id']}&lang=en"
    assert read["text"] == "The report came later."
    assert [it["url"] for it in read["evidence"]] == [
        "https://example.org/1",
        "https://example.org/2",
    ]
    assert (read["party"], read["contact"]) == ("reader", "a@b.example")
    thanks = page.open(sent["Location"])
    assert "The organization has it" in thanks
    assert f"/contests/{read['id']}/" in thanks
    assert "a@b.example" not in thanks


@pytest.mark.parametrize(
    ("query", "prefers", "language", "direction"),
    [("", "en", "en", "ltr"), ("", "ar", "ar", "rtl"), ("?lang=ar", "en", "ar", "rtl")],
)
def test_it_is_in_english_and_arabic(
    verdict: Verdict, query: str, prefers: str, language: str, direction: str
) -> None:
    text = Page(prefers).open(page_of(verdict) + query)
    assert f'<html lang="{language}" dir="{direction}">' in text
    assert ("Contest a verdict" in text) == (language == "en")
    assert ("The reasoning has a mistake" in text) == (language == "en")
    assert 'hreflang="ar"' in text


def test_the_verdicts_that_can_be_contested_are_named(desk: make.Desk, verdict: Verdict) -> None:
    claim = verdict.claim
    other = make.verdict(claim, make.desk().checker, Outcome.VERIFIED)
    outsider = make.outsider(by=desk.checker)
    make.verdict(claim, desk.checker, external=outsider.pk, url="https://outsiders.example/1")
    text = Page().open(f"{page_of(verdict)}?verdict={other.pk}")
    assert re.findall(r'<option value="([0-9a-f-]{36})"( selected)?', text) == [
        (str(verdict.pk), ""),
        (str(other.pk), " selected"),
    ]
    assert f"{desk.organization.name}: Wrong date" in text


def test_where_nothing_stands_it_says_so(db: None) -> None:
    text = Page().open(f"/claims/{make.fact().pk}/contest/")
    assert "There is no verdict here that can be contested" in text


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"sources": "not an address"}, "not an absolute http or https URL"),
        ({"contact": "nobody"}, "not an e-mail address"),
        ({"text": ""}, "required"),
        ({"text": " \u200b"}, "nothing but white space"),
        ({"text": "a\0b"}, "Null characters"),
        ({"reason": "x"}, "x is not one of the available choices"),
        ({"verdict": "00000000-0000-7000-8000-000000000000"}, "not one of the available choices"),
        ({"sources": "https://example.org/ " * 21}, "no more than 20 elements"),
    ],
)
def test_what_is_wrong_is_said_beside_it(
    verdict: Verdict, more: dict[str, str], words: str
) -> None:
    response = Page().send(page_of(verdict), **said(verdict, **more))
    assert response.status_code == 200
    text = response.content.decode()
    assert words in text, text
    assert not Contest.objects.exists()


def test_what_was_superseded_meanwhile_is_said(desk: make.Desk, verdict: Verdict) -> None:
    page = Page()
    page.open(page_of(verdict))
    make.verdict(verdict.claim, desk.checker, Outcome.VERIFIED)
    text = page.send(page_of(verdict), **said(verdict)).content.decode()
    assert "not one of the available choices" in text


def test_another_site_cannot_send_it(verdict: Verdict) -> None:
    client = Client(enforce_csrf_checks=True)
    refused = client.post(page_of(verdict), said(verdict))
    assert problem(refused, "forbidden", 403)["rule"] == "forged"
    assert not Contest.objects.exists()


def test_the_form_is_counted_as_the_api_is(verdict: Verdict) -> None:
    with override_settings(CONTESTS_PER_MINUTE=(60, 2)):
        body = said(verdict) | {"text": "By the API."}
        assert Api().post(f"/claims/{verdict.claim_id}/contests/", body).status_code == 201
        page = Page()
        assert page.send(page_of(verdict), **said(verdict)).status_code == 302
        refused = page.send(page_of(verdict), **said(verdict))
        assert refused.status_code == 429
        assert 1 <= int(refused["Retry-After"]) <= 60
        assert "2 verdicts can be contested in a minute" in refused.content.decode()
    assert Contest.objects.count() == 2


@pytest.mark.parametrize("path", ["/claims/x/contest/", "/claims/%00/contest/"])
def test_of_no_claim_there_is_no_page(db: None, path: str) -> None:
    problem(Client().get(path), "not-found", 404)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_text_of_anybody_runs(desk: make.Desk, hostile: str) -> None:
    claim = make.fact(text=hostile)
    make.verdict(claim, desk.checker, label=hostile[:80].replace("\u2028", "").strip("\x0b\x01"))
    path = f"/claims/{claim.pk}/contest/"
    texts = [Page().open(path)]
    [verdict] = Verdict.objects.all()
    more = {"text": hostile, "contact": hostile, "sources": hostile}
    answer = Page().send(path, **said(verdict, **more))
    assert answer.status_code == 200
    texts.append(answer.content.decode())
    for text in texts:
        assert "<script>" not in text
        assert "<img src=x" not in text
        assert "<svg" not in text


def test_the_page_of_the_claim_leads_there_and_tells_what_became_of_contests(
    desk: make.Desk, verdict: Verdict, checker: Api
) -> None:
    def shown(**headers: Any) -> str:
        return Client().get(f"/claims/{verdict.claim_id}/", headers=headers).content.decode()

    assert page_of(verdict) in shown()
    assert "What was contested" not in shown()
    contest = make.contest(verdict, text="Nobody else reads this.")
    text = shown()
    assert "Not decided yet" in text
    assert "There is evidence that was left out, or is new" in text
    answer = {"answer": "<b>The report</b> says the same."}
    checker.post(f"/contests/{contest.pk}/uphold/", answer)
    text = shown()
    assert "Looked into: the verdict stays" in text
    assert "&lt;b&gt;The report&lt;/b&gt; says the same." in text
    assert "Nobody else reads this" not in text
    assert "Looked into" not in shown(**{"accept-language": "ar"})
