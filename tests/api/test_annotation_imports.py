"""imports/annotations/: what annotation tools marked, theirs in JSON and W3C's."""

import copy
import json
from typing import Any

import pytest

from claims.models import Appearance, Claim, ImportedClaim, Member, Speaker
from tests import make
from tests.conftest import Api, problem
from tests.dossiers import rows
from tests.web_annotation import ADDRESS

AT = "/imports/annotations/"
URL = "https://news.example/bridge"
TEXT = (
    "The ministry said that the bridge was opened on 3 May 2019. It was closed again. "
    "قالت الوزارة إن الجسر افتتح في 3 مايو 2019. It was closed again."
)
OPENED = "the bridge was opened on 3 May 2019"
ARABIC = "الجسر افتتح في 3 مايو 2019"


def hypothesis(exact: str | None = OPENED, text: str = "", **more: Any) -> dict[str, Any]:
    """An annotation as Hypothesis tells it, positions in the page included."""
    target: dict[str, Any] = {"source": URL}
    if exact is not None:
        target["selector"] = [
            {
                "type": "RangeSelector",
                "startContainer": "/div[1]/p[2]",
                "startOffset": 4,
                "endContainer": "/div[1]/p[2]",
                "endOffset": 9,
            },
            {"type": "TextPositionSelector", "start": 7_004, "end": 7_009},
            {"type": "TextQuoteSelector", "exact": exact, "prefix": "", "suffix": ""},
        ]
    return {
        "id": "x7Yb2pXZEe6",
        "created": "2023-05-04T12:30:00.000000+00:00",
        "updated": "2023-05-04T12:30:00.000000+00:00",
        "user": "acct:somebody@hypothes.is",
        "user_info": {"display_name": "Somebody"},
        "uri": URL,
        "text": text,
        "tags": [],
        "group": "__world__",
        "permissions": {"read": ["group:__world__"]},
        "target": [target],
        "document": {"title": ["The bridge"]},
        "links": {"html": "https://hypothes.is/a/x7Yb2pXZEe6"},
        "flagged": False,
        "hidden": False,
    } | more


def export(*annotations: Any) -> dict[str, Any]:
    return {
        "export_date": "2023-05-05T00:00:00.000Z",
        "export_userid": "acct:somebody@hypothes.is",
        "client_version": "1.1200.0",
        "annotations": [*annotations],
    }


def web(exact: str | None = OPENED, **more: Any) -> dict[str, Any]:
    target: dict[str, Any] = {"source": URL}
    if exact is not None:
        target["selector"] = {"type": "TextQuoteSelector", "exact": exact}
    return {"@context": ADDRESS, "type": "Annotation", "target": target} | more


@pytest.fixture
def article(db: None) -> Any:
    held = make.article(url=URL, language="en")
    make.snapshot(TEXT, of=held)
    return held


def sent(api: Api, body: Any, **headers: str) -> dict[str, Any]:
    """The summary, which adds up."""
    answer = api.post(AT, body, **headers)
    assert answer.status_code == 200, answer.content.decode()
    summary: dict[str, Any] = answer.json()
    assert summary["records"] == summary["imported"] + summary["there"] + summary["refused"]
    assert len(summary["refusals"]) == summary["refused"]
    return summary


def fates(summary: dict[str, Any]) -> tuple[int, int, list[tuple[str, str]]]:
    refusals = [(it["place"], it["reason"]) for it in summary["refusals"]]
    return summary["imported"], summary["there"], refusals


def test_what_hypothesis_exports_becomes_claims(checker: Api, article: Any) -> None:
    told = export(
        hypothesis(),
        hypothesis(ARABIC, "افتتح الجسر في 3 مايو 2019", tags=["bridges"]),
        hypothesis(None, "The bridge is new"),
    )
    summary = sent(checker, told)
    assert fates(summary) == (3, 0, [])
    assert summary["made"] == {"appearance": 3, "claim": 3}
    assert summary["left_out"] == {"tags": 1}
    marked, written, whole = Claim.objects.order_by("pk")
    assert (marked.text, marked.language, marked.speech) == (OPENED, "en", "indirect")
    assert (written.text, written.language) == ("افتتح الجسر في 3 مايو 2019", "ar")
    at = written.appearances.get()
    assert (at.exact, TEXT[at.start : at.end], at.checked) == (ARABIC, ARABIC, True)
    assert (whole.text, whole.appearances.get().snapshot) == ("The bridge is new", None)


def test_importing_it_again_changes_nothing(checker: Api, article: Any) -> None:
    told = export(hypothesis(), hypothesis(), hypothesis(None, "Text"), hypothesis("not there"))
    first = sent(checker, told)
    assert fates(first) == (2, 1, [("#/annotations/3", "passage-not-found")])
    before = rows()
    again = sent(checker, told)
    assert fates(again) == (0, 3, [("#/annotations/3", "passage-not-found")])
    assert again["made"] == {}
    assert rows() == before


def test_nor_once_the_article_has_another_text(checker: Api, article: Any) -> None:
    told = export(hypothesis(), hypothesis("It was closed again", "Closed"))
    told["annotations"][1]["target"][0]["selector"][2]["prefix"] = "3 May 2019. "
    assert fates(sent(checker, told)) == (2, 0, [])
    make.snapshot(f"Corrected. {TEXT}", of=article)
    assert fates(sent(checker, told)) == (0, 2, [])
    make.snapshot("Nothing is left of it.", of=article)
    assert fates(sent(checker, told)) == (0, 2, [])
    assert Appearance.objects.count() == 2


def test_a_claim_is_met_again_in_another_article(checker: Api, article: Any) -> None:
    assert sent(checker, hypothesis())["made"] == {"appearance": 1, "claim": 1}
    elsewhere = make.article(url="https://other.example/1", language="en")
    make.snapshot(f"It was said that {OPENED}.", of=elsewhere)
    other = hypothesis(uri="https://other.example/1#top")
    assert sent(checker, {"total": 1, "rows": [other]})["made"] == {"appearance": 1}
    claim = Claim.objects.get()
    assert {it.article_id for it in claim.appearances.all()} == {article.pk, elsewhere.pk}
    assert ImportedClaim.objects.get().claim == claim


def test_a_passage_that_is_repeated_needs_what_stands_around_it(checker: Api, article: Any) -> None:
    lost = sent(checker, hypothesis("It was closed again"))
    assert fates(lost) == (0, 0, [("#", "passage-ambiguous")])
    told = hypothesis("It was closed again")
    told["target"][0]["selector"][2]["prefix"] = "مايو 2019. "
    assert fates(sent(checker, told)) == (1, 0, [])
    assert Appearance.objects.get().start == TEXT.rindex("It was closed")


@pytest.mark.parametrize(
    ("told", "imported", "refusals"),
    [
        (web(), 1, []),
        ([web(), web(ARABIC)], 2, []),
        ({"@context": ADDRESS, "@graph": [web()]}, 1, []),
        ({"type": "AnnotationPage", "items": [web(), "https://a.example/1"]}, 1, ["/items/1"]),
        (
            {"type": "AnnotationCollection", "total": 1, "first": {"items": [web()]}},
            1,
            [],
        ),
        ({"type": "AnnotationCollection", "first": "https://a.example/?page=1"}, 0, [""]),
        ({"rows": [hypothesis(), {"id": "1"}]}, 1, ["/rows/1"]),
        ({"annotations": []}, 0, [""]),
        (5, 0, [""]),
    ],
)
def test_annotations_are_found_wherever_documents_hold_them(
    checker: Api, article: Any, told: Any, imported: int, refusals: list[str]
) -> None:
    summary = sent(checker, told)
    assert summary["imported"] == imported
    assert [it["place"] for it in summary["refusals"]] == [f"#{it}" for it in refusals]


def test_lines_are_documents_each(checker: Api, article: Any) -> None:
    lines = [json.dumps(hypothesis()), "", json.dumps(export(web(), web(ARABIC))), "{", "[1]"]
    summary = sent(checker, "\n".join(lines).encode(), content_type="application/x-ndjson")
    assert fates(summary) == (2, 1, [("4", "not-json"), ("5#/0", "not-a-record")])


def test_what_we_tell_is_what_we_take(checker: Api, desk: make.Desk, article: Any) -> None:
    """Into another article, with its claim; and anew, where nothing is known by its address."""
    speaker = make.speaker()
    snapshot = article.snapshots.get()
    claim = make.statement(
        speaker=speaker.pk, appearance={"snapshot": snapshot.pk, "exact": ARABIC}
    )
    make.verdict(claim, desk.checker)
    collection = checker.read(f"/articles/{article.pk}/annotations/")
    assert fates(sent(checker, collection)) == (0, 1, [])
    elsewhere = make.article(url="https://other.example/1", language="en")
    make.snapshot(f"… {ARABIC} …", of=elsewhere)
    [item] = collection["first"]["items"]
    item["target"]["source"] = "https://other.example/1"
    summary = sent(checker, collection)
    assert (summary["made"], summary["left_out"]) == ({"appearance": 1}, {})
    foreign = copy.deepcopy(item)
    nobody = "00000000-0000-7000-8000-000000000000"
    told = json.loads(json.dumps(foreign).replace(str(claim.pk), nobody))
    summary = sent(checker, told)
    assert summary["made"] == {"appearance": 1, "claim": 1}
    assert summary["left_out"] == {"verdict-of-others": 1}
    anew = Claim.objects.exclude(pk=claim.pk).get()
    assert (anew.text, anew.speaker, anew.speech) == (claim.text, speaker, "direct")
    told = json.loads(json.dumps(told).replace(str(speaker.pk), nobody))
    summary = sent(checker, told)
    assert summary["left_out"] == {"speaker-unknown": 1, "verdict-of-others": 1}
    assert Claim.objects.filter(speaker=None, speech="indirect").count() == 1
    assert Speaker.objects.count() == 1


REFUSED: dict[str, tuple[Any, str]] = {
    "a reply": (hypothesis(references=["abc"]), "motivation"),
    "a reply of W3C's": (web(motivation="replying"), "motivation"),
    "hidden": (hypothesis(hidden=True), "hidden"),
    "an article that is not recorded": (hypothesis(uri="https://news.example/2"), "no-article"),
    "a file": (hypothesis(uri="urn:x-pdf:1234"), "no-article"),
    "an article without a text": (hypothesis(uri="https://news.example/bare"), "no-text"),
    "no target": (web(target=None, bodyValue="Text"), "no-target"),
    "several targets": (web(target=[URL, URL]), "several-targets"),
    "several targets of Hypothesis": (hypothesis(target=[{}, {}]), "several-targets"),
    "positions of a page alone": (
        web(
            target={
                "source": URL,
                "selector": {"type": "TextPositionSelector", "start": 1, "end": 9},
            }
        ),
        "no-quote",
    ),
    "a refined selector": (
        web(
            target={
                "source": URL,
                "selector": {
                    "type": "FragmentSelector",
                    "value": "a",
                    "refinedBy": {"type": "TextQuoteSelector", "exact": OPENED},
                },
            }
        ),
        "bad-selector",
    ),
    "nothing at all": (hypothesis(None), "nothing-said"),
    "nothing but space": (hypothesis(None, " \n"), "nothing-said"),
    "a text that is too long": (hypothesis(text="x" * 10_001), "too-long"),
    "a passage that is a number": (hypothesis(5), "bad-text"),  # type: ignore[arg-type]
    "an empty passage": (hypothesis(""), "bad-text"),
    "a text that is none": (hypothesis(text=[1]), "bad-text"),  # type: ignore[arg-type]
    "a passage that is not there": (hypothesis("the tunnel was opened"), "passage-not-found"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_taken_has_its_reason(checker: Api, article: Any, case: str) -> None:
    make.article(url="https://news.example/bare")
    told, reason = REFUSED[case]
    summary = sent(checker, [told, web()])
    assert [(it["place"], it["reason"]) for it in summary["refusals"]] == [("#/0", reason)]
    assert summary["imported"] == 1
    assert summary["refusals"][0]["detail"]


NOTED: dict[str, tuple[dict[str, Any], dict[str, int]]] = {
    "tags": (hypothesis(tags=["a", "b"]), {"tags": 1}),
    "a property": (web(rating=5), {"property-unknown": 1}),
    "a page as its body": (web(body="https://a.example/"), {"body-unusable": 1}),
    "a verdict": (web(body={"value": "x", "purpose": "assessing"}), {"verdict-of-others": 1}),
    "a language": (web(body={"value": "x", "language": "tlhh"}), {"language-unknown": 1}),
    "direct speech of nobody": (
        web(body={"value": "direct", "purpose": "classifying"}),
        {"body-unusable": 1},
    ),
}


@pytest.mark.parametrize("case", NOTED)
def test_what_of_an_annotation_is_not_kept_is_counted(
    checker: Api, article: Any, case: str
) -> None:
    told, left_out = NOTED[case]
    summary = sent(checker, told)
    assert (summary["imported"], summary["left_out"]) == (1, left_out)


def test_markup_of_a_text_is_left_out_and_scripts_are_data(checker: Api, article: Any) -> None:
    html = {"value": "<p>The bridge &amp; the road</p>", "format": "text/html"}
    summary = sent(checker, [web(body=html), hypothesis(text="<script>alert(1)</script>")])
    assert summary["left_out"] == {"markup": 1}
    texts = set(Claim.objects.values_list("text", flat=True))
    assert texts == {"The bridge & the road", "<script>alert(1)</script>"}


def test_users_become_nobody(checker: Api, article: Any) -> None:
    members = Member.objects.count()
    creator = {"type": "Person", "name": "Somebody", "id": "acct:somebody@hypothes.is"}
    sent(checker, [hypothesis(), web(ARABIC, creator=creator)])
    assert Member.objects.count() == members
    assert not Speaker.objects.exists()
    filed_by = set(Claim.objects.values_list("created_by__name", flat=True))
    assert filed_by == {"A checker"}


def test_a_withheld_text_takes_passages_that_it_is_told(checker: Api, desk: make.Desk) -> None:
    article = make.article(url=URL, language="en")
    make.snapshot(TEXT, of=article, withheld=True)
    assert fates(sent(checker, [hypothesis(), hypothesis("x" * 1_000)])) == (
        1,
        0,
        [("#/1", "not-taken")],
    )
    assert not Appearance.objects.get().checked
    assert fates(sent(checker, hypothesis())) == (0, 1, [])


def test_bodies_that_are_none_and_too_many_are_refused(checker: Api, article: Any) -> None:
    problem(checker.post(AT, b""), "not-json", 400)
    problem(checker.post(AT, b"{"), "not-json", 400)
    problem(checker.post(AT, [web()] * 1_001), "too-large", 413)
    problem(checker.post(AT, b"<p>", content_type="text/html"), "unsupported-media-type", 415)
    problem(checker.post(f"{AT}?mapping=x", web()), "bad-parameter", 400)


def test_a_repeated_request_has_the_same_summary(checker: Api, article: Any) -> None:
    first = checker.post(AT, hypothesis(), Idempotency_Key="a")
    again = checker.post(AT, hypothesis(), Idempotency_Key="a")
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
