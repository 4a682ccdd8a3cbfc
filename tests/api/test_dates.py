"""Dates in running text, over HTTP: of a text that is sent, and of a snapshot."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from claims.api import dates
from tests import make
from tests.conftest import Api, problem

SHARED = Path(os.environ.get("ISNAD_SHARED") or Path(__file__).parents[3] / "shared") / "seeds"
GOLD = SHARED / "sputnik-2020-03-14.gold.json"
CONTRADICTS_ITSELF = "أُعلن في السادس من يناير/كانون الأول الماضي"

pytestmark = pytest.mark.django_db


def found(text: str, **more: Any) -> Any:
    response = Api().post("/text/dates/", {"text": text, **more})
    assert response.status_code == 200, response.content.decode()
    return response.json()


def test_the_dates_of_a_text_are_told_with_their_places_and_values() -> None:
    text = "The bridge was opened on Friday, 3 May 2019, and closed last week."
    told = found(text, language="en", date_published="2019-08-20")
    assert told == {
        "published": "2019-08-20",
        "dates": [
            {
                "start": 25,
                "end": 43,
                "exact": "Friday, 3 May 2019",
                "value": "2019-05-03",
                "kind": "date",
                "calendar": "gregorian",
                "relative": False,
                "inferred": [],
                "alternatives": [],
                "problems": [],
            },
            {
                "start": 56,
                "end": 65,
                "exact": "last week",
                "value": "2019-08-12~/2019-08-18~",
                "kind": "period",
                "calendar": "gregorian",
                "relative": True,
                "inferred": [],
                "alternatives": [],
                "problems": [],
            },
        ],
        "complete": True,
    }


def test_a_contradiction_is_told_by_code_and_in_both_languages() -> None:
    [date] = found(CONTRADICTS_ITSELF, language="ar", date_published="2020-03-14")["dates"]
    assert date["value"] is None
    assert date["alternatives"] == ["2020-01-06", "2019-12-06"]
    [wrong] = date["problems"]
    assert wrong["code"] == "months_disagree"
    assert "يناير is month 1" in wrong["messages"]["en"]
    assert "باسمين مختلفين" in wrong["messages"]["ar"]


@pytest.mark.parametrize("published", [None, "2020", "2020-03", "2020-03-01/2020-03-14", "2020-2X"])
def test_without_a_day_of_publication_yesterday_has_no_value(published: str | None) -> None:
    if published == "2020-2X":
        response = Api().post("/text/dates/", {"text": "yesterday", "date_published": published})
        problem(response, "invalid", 400)
        return
    told = found("yesterday", date_published=published)
    assert told["published"] is None
    [date] = told["dates"]
    assert (date["value"], date["relative"]) == (None, True)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#/text"),
        ({"text": ""}, "#/text"),
        ({"text": 5}, "#/text"),
        ({"text": "\u200f"}, "#/text"),
        ({"text": "x" * 1_000_001}, "#/text"),
        ({"text": "today", "language": "xx-yy-zz"}, "#/language"),
        ({"text": "today", "date_published": "14 March"}, "#/date_published"),
        ({"text": "today", "date_published": 5}, "#/date_published"),
        ({"text": "today", "published": "2020"}, "#/published"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(body: Any, pointer: str) -> None:
    document = problem(Api().post("/text/dates/", body), "invalid", 400)
    assert {fault["pointer"] for fault in document["errors"]} == {pointer}


def test_a_key_that_may_read_may_ask_and_nothing_is_stored() -> None:
    desk = make.desk()
    key = make.key(desk.reader)
    before = Api().read("/changes/")
    response = Api(key).post("/text/dates/", {"text": "today"})
    assert response.status_code == 200
    assert Api().read("/changes/") == before


def test_an_answer_tells_so_many_dates_and_says_if_there_are_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dates, "MOST_DATES", 3)
    assert found("today " * 3)["complete"] is True
    told = found("today " * 4)
    assert told["complete"] is False
    assert len(told["dates"]) == 3


def filed(checker: Api, **more: Any) -> tuple[str, str]:
    """The addresses of an article and of the dates in its snapshot."""
    publisher = checker.made("/publishers/", {"name": "An outlet"})
    article = checker.made(
        "/articles/",
        {"publisher": publisher["id"], "headline": "A headline", "language": "ar", **more},
    )
    at = f"/articles/{article['id']}/"
    return at, f"{at}snapshots/{article['snapshot']['id']}/dates/"


def test_the_dates_of_a_snapshot_are_told_against_its_article(checker: Api) -> None:
    _article, path = filed(checker, date_published="2020-03-14", text="وقع الهجوم أمس")
    told = Api().read(path)
    assert told["published"] == "2020-03-14"
    assert [(date["exact"], date["value"]) for date in told["dates"]] == [("أمس", "2020-03-13")]
    problem(Api().get(f"{path}?x=1"), "bad-parameter", 400)


def test_the_dates_follow_an_article_whose_date_is_mended(checker: Api) -> None:
    article, path = filed(checker, date_published="2020-03-14", text="وقع الهجوم أمس")
    checker.patch(article, {"date_published": "2020-03-15"}, if_match=checker.etag(article))
    assert Api().read(path)["dates"][0]["value"] == "2020-03-14"


def test_a_withheld_text_has_no_dates_and_the_answer_says_why(checker: Api) -> None:
    _article, path = filed(checker, text="وقع الهجوم أمس", withheld=True)
    document = problem(Api().get(path), "text-withheld", 409)
    assert "not kept" in document["detail"]


def test_a_snapshot_is_looked_for_under_its_own_article(checker: Api) -> None:
    _one, path = filed(checker, text="أمس")
    other, _path = filed(checker, text="أمس")
    problem(Api().get(f"{other}{path.split('/', 3)[3]}"), "not-found", 404)


@pytest.mark.skipif(
    not GOLD.exists(), reason="the article is not ours to copy: ISNAD_SHARED says where it is"
)
def test_both_contradictions_of_the_gold_article_are_found_and_nothing_else() -> None:
    gold = json.loads(GOLD.read_text("utf-8"))
    text = (SHARED / gold["article"]["file"]).read_bytes().decode()
    told = found(text, language="ar", date_published=gold["article"]["date_published"])
    flagged = {
        (date["exact"], wrong["code"]) for date in told["dates"] for wrong in date["problems"]
    }
    assert flagged == {
        ("السادس من يناير/كانون الأول الماضي", "months_disagree"),
        ("الخامس من يناير/كانون الأول الماضي", "months_disagree"),
    }
    values = {date["value"] or tuple(date["alternatives"]) for date in told["dates"]}
    for claim in gold["claims"]:
        fact = claim.get("fact")
        if fact and fact["value_type"] == "date":
            assert any(fact["value"] in value for value in values), claim["id"]


def test_a_long_text_counts_as_many_reads(db: None, settings: Any) -> None:
    settings.READS_PER_MINUTE = (60_000, 5)
    text = "3 May 2019. " * 2_000  # 24,000 characters
    sent = {"text": text, "language": "en"}
    first, second = (Api().post("/text/dates/", sent) for _ in range(2))
    assert first.status_code == 200
    problem(second, "too-many-requests", 429)
