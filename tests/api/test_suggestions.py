"""Claims are proposed of a text, each as a body that files it."""

import hashlib
import json
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests import make
from tests.api.test_gold_article import file_sources
from tests.conftest import Api, places, problem
from tests.models.rows import run
from tests.news import GOLD, needs_shared

PIER = (
    "The Harbour Board said on Monday that the new pier will open in May 2031. "
    '"The pier is safe for 400 people," said Marla Quint, the board\'s engineer.\n'
    "\n"
    "Read more: Ten piers you should see\n"
    "\n"
    "According to the Lintel Institute, the old pier was closed for 14 months.\n"
)
BRIDGE = (
    "وأعلنت هيئة الجسور أن الجسر الجديد سيفتح في عام 2031.\n"
    "وقال المهندس سالم الوادي، مدير الهيئة، لصحيفة «المرفأ» إن «الجسر آمن لعبور 400 سيارة»، "
    "مضيفا أن الأعمال انتهت.\n"
)


@pytest.fixture
def article(checker: Api) -> Any:
    publisher = checker.made("/publishers/", {"name": "The Brackwell Courier"})
    return checker.made(
        "/articles/",
        {"publisher": publisher["id"], "headline": "The pier", "language": "en", "text": PIER},
    )


def suggested(api: Api, article: Any, body: Any = None) -> Any:
    response = api.post(f"/articles/{article['id']}/suggestions/", body or {})
    assert response.status_code == 200, response.content.decode()
    return response.json()


def speakers(api: Api, *names: str, kind: str = "organization", **more: Any) -> list[str]:
    return [api.made("/speakers/", {"type": kind, "name": it} | more)["id"] for it in names]


def test_a_text_is_answered_with_what_it_reports_others_to_say(checker: Api, article: Any) -> None:
    answer = suggested(checker, article)
    assert answer["snapshot"] == article["snapshot"]["id"]
    assert answer["complete"] is True
    told = [
        (it["claim"]["text"], it["claim"]["speech"], it["speaker"]["text"], it["reason"])
        for it in answer["results"]
    ]
    assert told == [
        (
            "the new pier will open in May 2031",
            "indirect",
            "The Harbour Board",
            "reported_after_verb",
        ),
        (
            "The pier is safe for 400 people",
            "direct",
            "Marla Quint, the board's engineer",
            "quoted_before_verb",
        ),
        (
            "the old pier was closed for 14 months",
            "indirect",
            "the Lintel Institute",
            "attributed",
        ),
    ]
    first, second, third = answer["results"]
    assert [it["value"] for it in first["dates"]] == [None, "2031-05"]
    assert [(it["text"], it["value"]) for it in second["numbers"]] == [("400", "400")]
    assert first["verb"] == {"text": "said", "start": 18, "end": 22}
    assert third["filed"] == []


def test_asking_stores_nothing(checker: Api, article: Any) -> None:
    feed = checker.read("/changes/")
    suggested(checker, article)
    assert checker.read("/changes/") == feed
    assert checker.read("/claims/")["results"] == []


def test_each_proposed_body_files_its_claim_as_it_is(checker: Api, article: Any) -> None:
    speakers(checker, "Harbour Board", "The Lintel Institute")
    speakers(checker, "Marla Quint", kind="person")
    results = suggested(checker, article)["results"]
    assert len(results) == 3
    for result in results:
        proposed = result["claim"]
        claim = checker.made("/claims/", proposed)
        for name in ("exact", "prefix", "suffix", "start", "end", "snapshot"):
            assert claim["appearance"][name] == proposed["appearance"][name]
        assert claim["appearance"]["anchor"] == "exact"
        assert (
            claim["speaker"]["id"] == proposed["speaker"] == result["speaker"]["fitting"][0]["id"]
        )


def test_what_is_filed_already_is_marked_with_the_claim(checker: Api, article: Any) -> None:
    speakers(checker, "Harbour Board", "Lintel Institute")
    first, _, third = suggested(checker, article)["results"]
    filed = checker.made("/claims/", first["claim"])
    start, end = (third["claim"]["appearance"][name] for name in ("start", "end"))
    shorter = third["claim"] | {
        "appearance": {"snapshot": article["snapshot"]["id"], "start": start + 4, "end": end}
    }
    nearly = checker.made("/claims/", shorter)
    marked = [it["filed"] for it in suggested(checker, article)["results"]]
    assert marked == [[filed["id"]], [], [nearly["id"]]]


def test_a_claim_that_stands_elsewhere_in_a_later_text_is_marked_there(
    checker: Api, article: Any
) -> None:
    speakers(checker, "Harbour Board")
    filed = checker.made("/claims/", suggested(checker, article)["results"][0]["claim"])
    later = checker.made(
        f"/articles/{article['id']}/snapshots/", {"text": "Corrected on Tuesday. " + PIER}
    )
    answer = suggested(checker, article)
    assert answer["snapshot"] == later["id"]  # the newest, where none is named
    assert answer["results"][0]["filed"] == [filed["id"]]
    earlier = suggested(checker, article, {"snapshot": article["snapshot"]["id"]})
    assert (
        earlier["results"][0]["claim"]["appearance"]["start"] + len("Corrected on Tuesday. ")
        == (answer["results"][0]["claim"]["appearance"]["start"])
    )


def test_speakers_of_the_record_are_known_by_any_name_however_it_is_written(
    checker: Api,
) -> None:
    publisher = checker.made("/publishers/", {"name": "صحيفة"})
    article = checker.made(
        "/articles/",
        {"publisher": publisher["id"], "headline": "الجسر", "language": "ar", "text": BRIDGE},
    )
    [board] = speakers(checker, "Bridge Board", names={"ar": "هيئه الجسور"})
    [head] = speakers(checker, "Salim", kind="person", other_names=["سَالِم الوادى"])
    [paper] = speakers(checker, "المرفأ")
    first, second, third = suggested(checker, article)["results"]
    assert first["claim"]["speaker"] == board
    assert second["speaker"]["text"] == "المهندس سالم الوادي، مدير الهيئة"
    assert second["claim"]["speaker"] == third["claim"]["speaker"] == head
    assert second["chain"][0]["text"] == "المرفأ"
    assert second["claim"]["appearance"]["relayed_by"] == [paper]
    for result in (first, second, third):
        checker.made("/claims/", result["claim"])


def test_several_speakers_of_one_name_are_all_told_and_none_is_chosen(
    checker: Api, article: Any
) -> None:
    both = speakers(checker, "Harbour Board", "harbour board")
    first = suggested(checker, article)["results"][0]
    assert first["claim"]["speaker"] is None
    assert [it["id"] for it in first["speaker"]["fitting"]] == both


def test_a_spokesman_of_a_body_is_not_taken_for_the_body(checker: Api, article: Any) -> None:
    checker.made(
        f"/articles/{article['id']}/snapshots/",
        {"text": "A spokesman for the Harbour Board said that the pier would open soon."},
    )
    speakers(checker, "Harbour Board")
    [result] = suggested(checker, article)["results"]
    assert result["speaker"]["text"] == "A spokesman for the Harbour Board"
    assert result["speaker"]["fitting"] == []
    assert result["claim"]["speaker"] is None
    refused = checker.post("/claims/", result["claim"])
    assert "#/speaker" in places(problem(refused, "invalid", 400))


def test_a_publisher_that_is_recorded_as_a_speaker_ends_the_chain(
    checker: Api, article: Any
) -> None:
    [paper] = speakers(checker, "Brackwell Courier", other_names=["The Brackwell Courier"])
    first = suggested(checker, article)["results"][0]
    [link] = first["chain"]
    assert (link["text"], link["start"], link["end"]) == ("The Brackwell Courier", None, None)
    assert first["claim"]["appearance"]["relayed_by"] == [paper]


# Refusals


def test_a_withheld_text_cannot_be_looked_at(checker: Api, article: Any) -> None:
    digest = hashlib.sha256(b"another").hexdigest()
    held = checker.made(
        f"/articles/{article['id']}/snapshots/",
        {"withheld": True, "sha256": digest, "length": 7},
    )
    path = f"/articles/{article['id']}/suggestions/"
    problem(checker.post(path, {}), "text-withheld", 409)
    problem(checker.post(path, {"snapshot": held["id"]}), "text-withheld", 409)
    suggested(checker, article, {"snapshot": article["snapshot"]["id"]})


def test_an_article_without_any_text_has_nothing_to_look_at(checker: Api) -> None:
    held = make.article()
    document = problem(checker.post(f"/articles/{held.pk}/suggestions/", {}), "no-text", 409)
    assert "snapshot" in document["detail"]


@pytest.mark.usefixtures("committed")
def test_an_erased_text_has_nothing_to_look_at() -> None:
    with transaction.atomic():
        checker = Api(make.key(make.desk().checker))
        snapshot = make.snapshot()
    erase = "UPDATE claims_content SET text = NULL, erased_at = now() WHERE id = %s"
    run(erase, [snapshot.content_id], using="owner")
    path = f"/articles/{snapshot.article_id}/suggestions/"
    assert "erased" in problem(checker.post(path, {}), "text-withheld", 409)["detail"]


def test_a_snapshot_of_another_article_is_refused(checker: Api, article: Any) -> None:
    path = f"/articles/{article['id']}/suggestions/"
    for other in (str(make.snapshot().pk), "0190b4c8-5d1e-7a35-8c2b-3f1d9e7a6b54"):
        refused = checker.post(path, {"snapshot": other})
        assert places(problem(refused, "invalid", 400)) == {"#/snapshot"}


@pytest.mark.parametrize("body", [{"snapshot": None}, {"snapshot": 1}, {"snap": "x"}, []])
def test_a_body_of_another_shape_is_refused(checker: Api, article: Any, body: Any) -> None:
    response = checker.post(f"/articles/{article['id']}/suggestions/", body)
    assert response.status_code == 400
    problem(response, response.json()["type"].rsplit("/", 1)[1], 400)


def test_an_unknown_article_is_not_found(checker: Api) -> None:
    path = "/articles/0190b4c8-5d1e-7a35-8c2b-3f1d9e7a6b54/suggestions/"
    problem(checker.post(path, {}), "not-found", 404)
    problem(checker.post("/articles/x/suggestions/", {}), "not-found", 404)


# The gold article


@needs_shared
@pytest.mark.django_db
def test_the_gold_article_is_filed_by_accepting_what_is_proposed(checker: Api) -> None:
    gold = json.loads(GOLD.read_text("utf-8"))
    article, by_name = file_sources(checker, gold)
    results = suggested(checker, article)["results"]
    known = [it for it in results if it["claim"]["speaker"] is not None]
    assert len(known) >= 8
    for result in known:
        claim = checker.made("/claims/", result["claim"])
        assert claim["appearance"]["exact"] == result["claim"]["appearance"]["exact"]
    wanted = {it["start"]: it for it in gold["claims"]}
    attack = next(it for it in results if it["claim"]["appearance"]["start"] == 772)
    chain = [by_name[name] for name in wanted[772]["relayed_by"]]
    assert attack["claim"]["speaker"] == by_name[wanted[772]["speaker"]]
    assert attack["claim"]["appearance"]["relayed_by"] == chain
    others = next(it for it in results if it["claim"]["appearance"]["start"] == 2241)
    assert others["claim"]["appearance"]["end"] == wanted[2241]["end"]
    assert others["claim"]["appearance"]["relayed_by"] == [
        by_name[name] for name in wanted[2241]["relayed_by"]
    ]


def test_asking_costs_as_many_statements_for_one_claim_as_for_many(
    checker: Api, article: Any
) -> None:
    sentence = "The Harbour Board said that the pier would open soon. "
    path = f"/articles/{article['id']}/suggestions/"
    costs = []
    for times in (1, 30):
        checker.made(f"/articles/{article['id']}/snapshots/", {"text": sentence * times})
        with CaptureQueriesContext(connection) as asked:
            answer = checker.post(path, {})
        assert len(answer.json()["results"]) == times
        # Rates are told to the database now and then.
        costs.append(sum("claims_ratecount" not in it["sql"] for it in asked))
    assert costs[0] == costs[1]


def test_of_a_text_with_very_many_the_first_are_told(checker: Api, article: Any) -> None:
    text = "The Harbour Board said that the pier would open soon.\n" * 501
    checker.made(f"/articles/{article['id']}/snapshots/", {"text": text})
    answer = suggested(checker, article)
    assert len(answer["results"]) == 500
    assert answer["complete"] is False
