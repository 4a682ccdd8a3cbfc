"""What is written comes back word for word, and what the record may become of it."""

import itertools
from typing import Any

import pytest

from claims.models import Change
from claims.moves import ANY, BY_NAME, ISSUING, NOTHING, Of
from claims.vocabulary import JUDGEMENTS, Outcome, status_of
from tests import make
from tests.conftest import Api, places, problem
from tests.log import numbered

VERBATIM = {
    "white space around": "  \n\t a text \u00a0\u3000\n ",
    "CRLF": "one\r\ntwo\rthree\n",
    "combining marks": "e\u0301 \u00e9 \u0643\u0650\u062a\u064e\u0627\u0628\u064c a\u0300\u0301",
    "emoji": "👩‍👩‍👧‍👦 🇮🇶 ☪️ 𝔘𝔫𝔦",
    "bidirectional": "قال \u202bHello\u202c و \u2067شيء\u2069 \u200f123\u200e",
    "what JSON and JavaScript escape": '\u2028\u2029 </script> \\ " \x7f \x01',
    "noncharacters": "\ufffe \uffff \ufdd0 \ufeff",
    "unnormalized": "ﷺ ﬁ Å ㎏ ١٢٣",
}
each_verbatim = pytest.mark.parametrize("text", VERBATIM.values(), ids=VERBATIM)


@pytest.fixture
def article(checker: Api) -> Any:
    publisher = checker.made("/publishers/", {"name": "An outlet"})
    return checker.made(
        "/articles/",
        {"publisher": publisher["id"], "headline": "العنوان", "language": "ar", "text": make.TEXT},
    )


@pytest.fixture
def speaker(checker: Api) -> str:
    return str(checker.made("/speakers/", {"type": "person", "name": "Somebody"})["id"])


FACT = {"kind": "fact", "text": "Iraq declared victory", "language": "en", "fact": make.FACT}


@pytest.fixture
def claim(checker: Api) -> str:
    """The path of a claim without appearance."""
    return f"/claims/{checker.made('/claims/', FACT)['id']}/"


def capture(api: Api, article: Any, text: str, **more: Any) -> Any:
    return api.made(f"/articles/{article['id']}/snapshots/", {"text": text} | more)


def mark(api: Api, snapshot: Any, **passage: Any) -> Any:
    """The appearance of a new claim."""
    appearance = {"snapshot": snapshot["id"]} | passage
    return api.made("/claims/", FACT | {"appearance": appearance})["appearance"]


# Verbatim


@each_verbatim
def test_the_text_of_an_article_comes_back_as_it_was_sent(
    checker: Api, article: Any, text: str
) -> None:
    made = capture(checker, article, text)
    assert made["text"] == text
    assert made["length"] == len(text)
    path = f"/articles/{article['id']}/snapshots/{made['id']}/"
    assert checker.read(path)["text"] == text
    assert checker.read(path)["sha256"] == made["sha256"]


@each_verbatim
def test_claim_rationale_and_quotation_come_back_as_they_were_sent(
    checker: Api, claim: str, text: str
) -> None:
    made = checker.made("/claims/", FACT | {"text": text})
    assert made["text"] == text
    verdict = checker.made(
        f"/claims/{made['id']}/dispute/",
        {
            "rationale": text,
            "evidence": [{"url": "https://example.org/", "stance": "refutes", "quote": text}],
        },
    )
    assert verdict["rationale"] == verdict["evidence"][0]["quote"] == text
    assert checker.read(f"/claims/{made['id']}/")["verdicts"] == [verdict]


@each_verbatim
def test_a_passage_and_what_surrounds_it_are_told_as_the_snapshot_has_them(
    checker: Api, article: Any, text: str
) -> None:
    snapshot = capture(checker, article, f"before{text}PASSAGE{text}after")
    passage = mark(checker, snapshot, exact=f"{text}PASSAGE{text}")
    assert passage["exact"] == f"{text}PASSAGE{text}"
    assert (passage["prefix"], passage["suffix"]) == ("before", "after")
    assert (passage["start"], passage["end"]) == (6, 6 + 2 * len(text) + 7)


@each_verbatim
def test_a_passage_of_a_withheld_text_comes_back_as_it_was_filed(
    checker: Api, article: Any, text: str
) -> None:
    snapshot = capture(checker, article, "something else " * 9, withheld=True)
    passage = mark(checker, snapshot, exact=text, prefix=text, suffix=text)
    assert [passage[name] for name in ("exact", "prefix", "suffix")] == [text] * 3


def test_names_keep_their_spaces_and_marks(checker: Api) -> None:
    name = " تحسين\u00a0الخَفاجي  e\u0301 "
    made = checker.made("/publishers/", {"name": name, "names": {"ar": name}})
    assert (made["name"], made["names"]) == (name, {"ar": name})


def test_a_language_is_told_in_its_usual_spelling(checker: Api) -> None:
    assert checker.made("/claims/", FACT | {"language": "AR-iq"})["language"] == "ar-IQ"


# Passages


def test_a_passage_that_stands_once_is_found_whatever_is_said_to_surround_it(
    checker: Api, article: Any
) -> None:
    passage = mark(checker, article["snapshot"], exact="كامل أراضيه", prefix="not there")
    assert make.TEXT[passage["start"] : passage["end"]] == passage["exact"] == "كامل أراضيه"
    assert passage["prefix"] == "وأعلن العراق تحرير "
    assert passage["anchor"] == "exact"
    assert passage["current"] == {
        "snapshot": article["snapshot"]["id"],
        "start": passage["start"],
        "end": passage["end"],
    }


@pytest.mark.parametrize(
    ("around", "start"),
    [
        ({"prefix": "أراضيه. "}, 32),
        ({"prefix": "victory. "}, 55),
        ({"suffix": ". Iraq"}, 32),
        ({"suffix": " again"}, 55),
        ({"prefix": ". ", "suffix": " again"}, 55),
    ],
)
def test_of_several_places_prefix_and_suffix_decide(
    checker: Api, article: Any, around: dict[str, str], start: int
) -> None:
    passage = mark(checker, article["snapshot"], exact="Iraq declared victory", **around)
    assert (passage["start"], passage["end"]) == (start, start + 21)


@pytest.mark.parametrize("around", [{}, {"prefix": ". "}, {"prefix": "neither"}])
def test_an_ambiguous_passage_is_refused_with_its_places_and_what_surrounds_them(
    checker: Api, article: Any, around: dict[str, str]
) -> None:
    appearance = {"snapshot": article["snapshot"]["id"], "exact": "Iraq declared victory"}
    before = checker.read("/claims/")
    response = checker.post("/claims/", FACT | {"appearance": appearance | around})
    document = problem(response, "passage-ambiguous", 409)
    assert places(document) == {"#/appearance/exact"}
    assert document["total"] == 2
    assert [place["start"] for place in document["candidates"]] == [32, 55]
    for place in document["candidates"]:
        assert make.TEXT[place["start"] : place["end"]] == place["exact"]
        assert make.TEXT[: place["start"]].endswith(place["prefix"])
        assert make.TEXT[place["end"] :].startswith(place["suffix"])
    assert checker.read("/claims/") == before


SAID = "قال «إنّ» الـعراقَ — انتصر\n\nفي 2017 “fully”"
PASTED = [
    "قال «إنّ» الـعراقَ — انتصر في 2017 “fully”",
    'قال "إنّ" الـعراقَ - انتصر في 2017 "fully"',
    "قال «إن» العراق — انتصر\nفي\u00a02017 “fully”",
    "قال\u200f «إنّ» الـعراقَ\u200b — انتصر  في 2017 “fully”",
]


@pytest.mark.parametrize("pasted", PASTED)
def test_a_passage_pasted_from_a_page_is_found_and_told_as_the_snapshot_says(
    checker: Api, article: Any, pasted: str
) -> None:
    snapshot = capture(checker, article, f"بداية. {SAID}. نهاية.")
    passage = mark(checker, snapshot, exact=pasted)
    assert passage["exact"] == SAID
    assert (passage["start"], passage["end"]) == (7, 7 + len(SAID))


@pytest.mark.parametrize(
    ("passage", "field"),
    [
        ({"exact": "Iraq declared defeat"}, "exact"),
        ({"exact": "iraq declared victory again"}, "exact"),
        ({"exact": "Iraq", "start": 0}, "exact"),
        ({"exact": "Iraq declared", "start": 32, "end": 44}, "exact"),
        ({"start": 0, "end": 100_000}, "start"),
        ({"start": 99_999, "end": 100_000}, "start"),
        ({"start": 5, "end": 6}, "start"),
    ],
)
def test_a_passage_that_the_snapshot_does_not_say_is_refused(
    checker: Api, article: Any, passage: dict[str, Any], field: str
) -> None:
    appearance = {"snapshot": article["snapshot"]["id"]} | passage
    before = checker.read("/claims/")
    response = checker.post("/claims/", FACT | {"appearance": appearance})
    document = problem(response, "passage-not-found", 409)
    assert places(document) == {f"#/appearance/{field}"}
    assert checker.read("/claims/") == before


def test_a_passage_is_taken_by_its_offsets_alone(checker: Api, article: Any) -> None:
    passage = mark(checker, article["snapshot"], start=32, end=36)
    assert (passage["exact"], passage["suffix"]) == ("Iraq", " declared victory. Iraq declared")


def test_offsets_count_code_points(checker: Api, article: Any) -> None:
    snapshot = capture(checker, article, "😀é\u0301 نص")
    assert mark(checker, snapshot, exact="نص")["start"] == 4


def test_a_passage_of_a_withheld_text_is_unchecked(checker: Api, article: Any) -> None:
    snapshot = capture(checker, article, "x" * 20, withheld=True)
    assert snapshot["withheld"] is True
    assert snapshot["text"] is None
    assert snapshot["length"] == 20
    passage = mark(checker, snapshot, exact="whatever", start=12)
    assert passage["anchor"] == "unchecked"
    assert (passage["start"], passage["end"]) == (12, 20)
    assert mark(checker, snapshot, exact="whatever")["start"] is None


@pytest.mark.parametrize(
    ("passage", "field", "slug", "status"),
    [
        ({"start": 0, "end": 5}, "exact", "invalid", 400),
        ({"exact": "whatever", "end": 5}, "start", "invalid", 400),
        ({"exact": "whatever", "start": 0, "end": 5}, "end", "passage-not-found", 409),
        ({"exact": "whatever", "start": 13}, "end", "passage-not-found", 409),
    ],
)
def test_a_passage_of_a_withheld_text_fits_its_lengths(
    checker: Api, article: Any, passage: dict[str, Any], field: str, slug: str, status: int
) -> None:
    snapshot = capture(checker, article, "x" * 20, withheld=True)
    appearance = {"snapshot": snapshot["id"]} | passage
    response = checker.post("/claims/", FACT | {"appearance": appearance})
    assert places(problem(response, slug, status)) == {f"#/appearance/{field}"}


def test_of_a_text_that_nobody_has_hash_and_length_are_kept(checker: Api, article: Any) -> None:
    described = {"withheld": True, "sha256": "0f" * 32, "length": 1234}
    snapshot = checker.made(f"/articles/{article['id']}/snapshots/", described)
    assert {name: snapshot[name] for name in described} == described
    assert snapshot["text"] is None


def test_a_claim_may_appear_in_an_article_as_a_whole(checker: Api, article: Any) -> None:
    made = checker.made("/claims/", FACT | {"appearance": {"article": article["id"]}})
    assert made["article"]["id"] == article["id"]
    passage = made["appearance"]
    assert passage["anchor"] == "unchecked"
    assert [passage[name] for name in ("snapshot", "exact", "prefix", "start", "end")] == [None] * 5
    assert passage["current"] is None


def test_the_attribution_chain_keeps_its_order(checker: Api, article: Any) -> None:
    names = ["Spokesman", "Agency", "Network"]
    chain = [checker.made("/speakers/", {"type": "organization", "name": n})["id"] for n in names]
    passage = mark(checker, article["snapshot"], start=0, end=4, relayed_by=chain[::-1])
    assert [link["id"] for link in passage["relayed_by"]] == chain[::-1]
    assert [link["name"] for link in passage["relayed_by"]] == names[::-1]


def test_the_first_filed_appearance_is_the_one_that_is_shown(checker: Api, article: Any) -> None:
    made = checker.made("/claims/", FACT)
    path = f"/claims/{made['id']}/appearances/"
    first = checker.made(path, {"snapshot": article["snapshot"]["id"], "start": 0, "end": 4})
    second = checker.made(path, {"article": article["id"]})
    claim = checker.read(f"/claims/{made['id']}/")
    assert claim["appearance"]["id"] == first["id"]
    listed = checker.read(f"{path}?ordering=created_at")["results"]
    assert {it["id"] for it in listed} == {first["id"], second["id"]}
    assert all(it["claim"] == made["id"] for it in listed)


# Later snapshots


def test_a_later_snapshot_says_of_each_passage_where_it_stands_now(
    checker: Api, article: Any
) -> None:
    same = mark(checker, article["snapshot"], exact="وأعلن العراق")
    moved = mark(checker, article["snapshot"], exact="Iraq declared victory again")
    lost = mark(checker, article["snapshot"], exact="كامل أراضيه")
    later = capture(checker, article, make.TEXT.replace("كامل أراضيه", "معظم الأراضي العراقية"))
    text = later["text"]

    def now(passage: Any) -> Any:
        return checker.read(f"/claims/{claim_of(checker, passage)}/")["appearance"]

    assert now(same)["anchor"] == "exact"
    assert now(moved)["anchor"] == "moved"
    current = now(moved)["current"]
    assert text[current["start"] : current["end"]] == "Iraq declared victory again"
    assert current["snapshot"] == later["id"]
    assert now(lost)["anchor"] == "lost"
    assert now(lost)["current"] == {"snapshot": later["id"], "start": None, "end": None}
    for passage in (same, moved, lost):  # what was filed is not rewritten
        kept = {"exact", "prefix", "suffix", "start", "end", "snapshot", "relayed_by"}
        assert {k: now(passage)[k] for k in kept} == {k: passage[k] for k in kept}


def claim_of(api: Api, passage: Any) -> str:
    [claim] = [
        claim["id"]
        for claim in api.read("/claims/?page_size=200")["results"]
        if claim["appearance"] and claim["appearance"]["id"] == passage["id"]
    ]
    return str(claim)


def test_a_passage_that_was_lost_is_found_again_when_it_comes_back(
    checker: Api, article: Any
) -> None:
    passage = mark(checker, article["snapshot"], exact="Iraq declared victory again")
    claim = f"/claims/{claim_of(checker, passage)}/"
    capture(checker, article, "Nothing of that is left.")
    assert checker.read(claim)["appearance"]["anchor"] == "lost"
    capture(checker, article, "Well: Iraq declared victory again.")
    assert checker.read(claim)["appearance"]["anchor"] == "moved"
    assert checker.read(claim)["appearance"]["current"]["start"] == 6


def test_an_appearance_filed_on_an_old_snapshot_is_looked_for_in_the_newest(
    checker: Api, article: Any
) -> None:
    later = capture(checker, article, "Indeed Iraq declared victory again.")
    passage = mark(checker, article["snapshot"], exact="Iraq declared victory again")
    assert passage["snapshot"] == article["snapshot"]["id"]
    assert passage["anchor"] == "moved"
    assert passage["current"] == {"snapshot": later["id"], "start": 7, "end": 34}


def test_an_older_text_that_is_filed_late_does_not_pass_for_the_newest(
    checker: Api, article: Any
) -> None:
    passage = mark(checker, article["snapshot"], exact="Iraq declared victory again")
    capture(checker, article, "An early draft.", captured_at="2020-03-14T09:30:00Z")
    assert checker.read(f"/articles/{article['id']}/")["snapshot"] == article["snapshot"]
    shown = checker.read(f"/claims/{claim_of(checker, passage)}/")["appearance"]
    assert shown == passage


def test_after_a_withheld_snapshot_a_passage_is_unchecked(checker: Api, article: Any) -> None:
    passage = mark(checker, article["snapshot"], exact="Iraq declared victory again")
    later = capture(checker, article, "withheld", withheld=True)
    shown = checker.read(f"/claims/{claim_of(checker, passage)}/")["appearance"]
    assert shown["anchor"] == "unchecked"
    assert shown["current"] == {"snapshot": later["id"], "start": None, "end": None}


def test_the_same_text_of_an_article_is_not_captured_twice(checker: Api, article: Any) -> None:
    path = f"/articles/{article['id']}/snapshots/"
    document = problem(checker.post(path, {"text": make.TEXT}), "duplicate", 409)
    assert article["snapshot"]["id"] in document["detail"]
    assert len(checker.read(path)["results"]) == 1
    other = checker.post(path, {"text": make.TEXT + " "})
    assert other.status_code == 201


def test_an_article_is_recorded_once_for_a_url(checker: Api, article: Any) -> None:
    url = "https://example.org/%D8%B9?a=1#b"
    first = checker.made("/articles/", body := article_body(article, url=url))
    document = problem(checker.post("/articles/", body), "duplicate", 409)
    assert places(document) == {"#/url"}
    assert first["id"] in document["detail"]
    path = f"/articles/{article['id']}/"
    response = checker.patch(path, {"url": url}, if_match=checker.etag(path))
    assert places(problem(response, "duplicate", 409)) == {"#/url"}
    path = f"/articles/{first['id']}/"
    assert checker.patch(path, {"url": url}, if_match=checker.etag(path)).status_code == 200


def article_body(article: Any, **more: Any) -> Any:
    given = {"publisher": article["publisher"]["id"], "headline": "Other", "language": "en"}
    return given | more


# Editing

EDITS: dict[str, tuple[Any, Any]] = {
    "publishers": ({"name": "An outlet"}, {"name": "Another name", "url": "https://example.org/"}),
    "speakers": (
        {"type": "person", "name": "Somebody"},
        {"other_names": ["Abu Somebody"], "roles": [{"title": "Minister", "since": "2019"}]},
    ),
    "claims": (FACT, {"text": "Other words", "fact": make.FACT | {"value": "2017-12-09"}}),
}


@pytest.mark.parametrize("resource", EDITS)
def test_an_edit_needs_the_version_it_was_made_on_and_changes_only_what_it_says(
    checker: Api, resource: str
) -> None:
    body, edit = EDITS[resource]
    made = checker.made(f"/{resource}/", body)
    path = f"/{resource}/{made['id']}/"
    read = checker.etag(path)
    problem(checker.patch(path, edit), "precondition-required", 428)
    assert checker.read(path) == made

    response = checker.patch(path, edit, if_match=read)
    assert response.status_code == 200
    assert response["ETag"] == checker.etag(path) != read
    now = checker.read(path)
    assert response.json() == now
    untouched = made.keys() - edit.keys() - {"changed_at"}
    assert {name: now[name] for name in untouched} == {name: made[name] for name in untouched}
    assert now != made

    problem(checker.patch(path, edit, if_match=read), "precondition-failed", 412)
    assert checker.read(path) == now


@pytest.mark.parametrize("resource", EDITS)
def test_an_edit_that_changes_nothing_leaves_the_document_and_its_version_as_they_were(
    checker: Api, resource: str
) -> None:
    made = checker.made(f"/{resource}/", EDITS[resource][0])
    path = f"/{resource}/{made['id']}/"
    read, changes = checker.etag(path), Change.objects.count()
    again = {name: made[name] for name in EDITS[resource][0] if name in ("name", "text", "fact")}
    for edit in ({}, again):
        assert checker.patch(path, edit, if_match=read).status_code == 200
        assert (checker.read(path), checker.etag(path)) == (made, read)
    assert Change.objects.count() == changes


def test_one_of_several_versions_that_is_current_is_enough(checker: Api, claim: str) -> None:
    tags = f'"x", {checker.etag(claim)}, W/"y"'
    assert checker.patch(claim, {"text": "Other"}, if_match=tags).status_code == 200


def test_a_claim_is_fixed_once_it_was_judged_even_when_that_is_withdrawn(
    checker: Api, claim: str
) -> None:
    checker.made(f"{claim}verify/", {"rationale": "Seen."})
    for _ in range(2):
        document = checker.read(claim)
        response = checker.patch(claim, {"text": "Other"}, if_match=checker.etag(claim))
        problem(response, "claim-already-judged", 409)
        assert checker.read(claim) == document
        checker.post(f"{claim}withdraw/", {"rationale": "No."}, if_match=checker.etag(claim))


def test_a_part_of_a_document_is_replaced_whole(checker: Api) -> None:
    quantity = {
        "subject": "the training",
        "property": "lasted",
        "value_type": "quantity",
        "lower": "2",
        "unit": "year",
        "approximate": True,
    }
    made = checker.made("/claims/", FACT | {"fact": quantity})
    assert made["fact"] == quantity | {"value": None, "upper": None}
    path = f"/claims/{made['id']}/"
    edited = checker.patch(path, {"fact": make.FACT}, if_match=checker.etag(path)).json()
    nothing = {"unit": None, "approximate": None, "lower": None, "upper": None}
    assert edited["fact"] == make.FACT | nothing


def test_a_statement_keeps_a_speaker_and_has_no_fact(checker: Api, speaker: str) -> None:
    body = {"kind": "statement", "text": "We did", "language": "en", "speech": "indirect"}
    made = checker.made("/claims/", body | {"speaker": speaker})
    path = f"/claims/{made['id']}/"
    for edit, pointer in (({"speaker": None}, "#/speaker"), ({"fact": make.FACT}, "#/fact")):
        response = checker.patch(path, edit, if_match=checker.etag(path))
        assert places(problem(response, "invalid", 400)) == {pointer}
    assert checker.read(path) == made


# Verdicts

MOVES = {"verified": "verify", "disputed": "dispute", "withdrawn": "withdraw"}
FINDING = {"rationale": "Looked at again."}


def judge(api: Api, claim: str, outcome: str, **headers: str) -> Any:
    return api.post(f"{claim}verdicts/", FINDING | {"outcome": outcome}, **headers)


def bring_to(api: Api, claim: str, standing: Outcome | None) -> None:
    if standing is not None:
        judge(api, claim, standing, if_match=api.etag(claim))


@pytest.mark.parametrize("asked", Outcome)
@pytest.mark.parametrize("standing", [None if it == NOTHING else Outcome(it) for it in ANY])
def test_a_verdict_is_accepted_exactly_when_the_table_allows_it(
    checker: Api, claim: str, standing: Outcome | None, asked: Outcome
) -> None:
    bring_to(checker, claim, standing)
    before = checker.read(claim)
    response = judge(checker, claim, asked, if_match=checker.etag(claim))
    if (standing or NOTHING) in BY_NAME[Of.CLAIM, ISSUING[asked]].origin:
        assert response.status_code == 201
        verdict = response.json()
        assert verdict["outcome"] == asked
        assert verdict["supersedes"] == (before["verdicts"][0]["id"] if standing else None)
        after = checker.read(claim)
        assert after["verdicts"] == ([] if asked == Outcome.WITHDRAWN else [verdict])
        assert after["status"] == status_of({asked} - {Outcome.WITHDRAWN})
        assert after["changed_at"] >= before["changed_at"]
        location = response["Location"].removeprefix("/api/v1")
        assert checker.read(location) == verdict
        assert checker.etag(location) == response["ETag"]
    else:
        problem(response, "verdict-refused", 409)
        assert checker.read(claim) == before


@pytest.mark.parametrize(("outcome", "move"), MOVES.items())
def test_a_move_is_the_verdict_of_its_name(
    checker: Api, claim: str, outcome: str, move: str
) -> None:
    judge(checker, claim, "inconclusive")
    response = checker.post(f"{claim}{move}/", FINDING, if_match=checker.etag(claim))
    assert response.status_code == 201
    assert response.json()["outcome"] == outcome
    assert checker.read(response["Location"].removeprefix("/api/v1")) == response.json()


def test_after_a_withdrawal_nothing_older_revives_and_all_may_begin_anew(
    checker: Api, claim: str
) -> None:
    for outcome in ("verified", "disputed", "withdrawn"):
        judge(checker, claim, outcome, if_match=checker.etag(claim))
    assert checker.read(claim)["status"] == "unverified"
    assert checker.read(claim)["verdicts"] == []
    problem(judge(checker, claim, "withdrawn"), "verdict-refused", 409)
    again = judge(checker, claim, "verified")  # no standing verdict, so without If-Match
    assert again.status_code == 201
    chain = checker.read(f"{claim}verdicts/?ordering=issued_at")["results"]
    told = {verdict["supersedes"] for verdict in chain}
    assert told == {None} | {
        verdict["id"] for verdict in chain if verdict["id"] != again.json()["id"]
    }


@pytest.mark.parametrize("standing", JUDGEMENTS)
def test_a_standing_verdict_is_only_superseded_by_who_has_read_it(
    checker: Api, colleague: Api, claim: str, standing: Outcome
) -> None:
    unread = checker.etag(claim)
    bring_to(checker, claim, standing)
    before = checker.read(claim)
    for api in (checker, colleague):
        document = problem(judge(api, claim, "verified"), "precondition-required", 428)
        assert places(document) == {"If-Match"}
        response = judge(api, claim, "verified", if_match=unread)
        assert places(problem(response, "precondition-failed", 412)) == {"If-Match"}
    assert checker.read(claim) == before
    assert judge(colleague, claim, "disputed", if_match=checker.etag(claim)).status_code == 201


def test_the_first_verdict_needs_no_if_match_but_a_stale_one_is_refused(
    checker: Api, claim: str
) -> None:
    stale = checker.etag(claim)
    checker.patch(claim, {"text": "Other words"}, if_match=stale)
    problem(judge(checker, claim, "verified", if_match=stale), "precondition-failed", 412)
    problem(judge(checker, claim, "verified", if_match='"x"'), "precondition-failed", 412)
    assert judge(checker, claim, "verified").status_code == 201


def test_another_organization_verdict_makes_an_older_reading_stale(
    checker: Api, rival: Api, claim: str
) -> None:
    judge(checker, claim, "verified")
    read = checker.etag(claim)
    assert judge(rival, claim, "disputed").status_code == 201  # its own first: no If-Match
    problem(judge(checker, claim, "verified", if_match=read), "precondition-failed", 412)
    assert judge(checker, claim, "verified", if_match=checker.etag(claim)).status_code == 201


@pytest.mark.parametrize(
    ("ours", "theirs"), list(itertools.product([None, *Outcome], [None, *Outcome]))
)
def test_the_status_follows_from_what_two_organizations_hold(
    checker: Api, rival: Api, claim: str, ours: Outcome | None, theirs: Outcome | None
) -> None:
    for api, outcome in ((checker, ours), (rival, theirs)):
        if outcome is Outcome.WITHDRAWN:
            judge(api, claim, "verified", if_match=api.etag(claim))
        bring_to(api, claim, outcome)
    held = [outcome for outcome in (ours, theirs) if outcome not in (None, Outcome.WITHDRAWN)]
    document = checker.read(claim)
    assert document["status"] == STATUSES[frozenset(held)]
    assert sorted(verdict["outcome"] for verdict in document["verdicts"]) == sorted(held)


V, D, I = Outcome.VERIFIED, Outcome.DISPUTED, Outcome.INCONCLUSIVE  # noqa: E741
STATUSES = {
    frozenset(): "unverified",
    frozenset({V}): "verified",
    frozenset({D}): "disputed",
    frozenset({I}): "inconclusive",
    frozenset({V, I}): "verified",
    frozenset({D, I}): "disputed",
    frozenset({V, D}): "contested",
}


def test_a_verdict_keeps_label_review_and_evidence_in_order(checker: Api, claim: str) -> None:
    evidence = [
        {
            "url": f"https://example.org/{n}",
            "stance": stance,
            "title": f"Piece {n}",
            "quote": f"Quote {n}",
            "archive_url": f"https://archive.org/{n}",
            "derived_from": source,
        }
        for n, (stance, source) in enumerate(
            [("refutes", None), ("supports", 0), ("context", 0), ("refutes", 2)]
        )
    ]
    review = {
        "label": "Wrong date",
        "url": "https://example.org/review",
        "title": "عنوان المراجعة",
        "language": "ar",
        "date_published": "2020-03-15",
    }
    made = checker.made(f"{claim}dispute/", FINDING | review | {"evidence": evidence})
    assert {name: made[name] for name in review} == review
    assert [{k: v for k, v in piece.items() if k != "id"} for piece in made["evidence"]] == evidence
    assert checker.read(claim)["verdicts"] == [made]


def test_what_a_verdict_does_not_say_is_null(checker: Api, claim: str) -> None:
    made = checker.made(f"{claim}verify/", FINDING)
    names = ("label", "url", "title", "language", "date_published", "supersedes")
    assert [made[name] for name in names] == [None] * 6
    assert made["evidence"] == []


def test_the_verdict_says_who_issued_it(checker: Api, desk: make.Desk, claim: str) -> None:
    made = checker.made(f"{claim}verify/", FINDING)
    assert made["organization"] == {
        "id": str(desk.organization.pk),
        "name": desk.organization.name,
    }
    assert made["issued_by"] == {"id": str(desk.checker.pk), "name": desk.checker.name}
    assert made["claim"] in claim


# History


def test_the_history_tells_in_order_what_happened_with_before_and_after(
    checker: Api, rival: Api, article: Any, claim: str
) -> None:
    checker.patch(claim, {"text": "Other words"}, if_match=checker.etag(claim))
    appearance = {"snapshot": article["snapshot"]["id"], "exact": "كامل أراضيه"}
    placed = checker.made(f"{claim}appearances/", appearance)
    capture(checker, article, "nothing")
    dispute = checker.made(f"{claim}dispute/", FINDING)
    verify = rival.made(f"{claim}verify/", FINDING)
    withdrawal = checker.made(f"{claim}withdraw/", FINDING, if_match=checker.etag(claim))

    assert checker.read(f"{claim}history/")["results"] == []  # without numbers
    numbered()
    history = checker.read(f"{claim}history/")["results"]
    assert [change["type"] for change in history] == [
        "claim.created",
        "claim.edited",
        "appearance.added",
        "appearance.reanchored",
        "verdict.issued",
        "verdict.issued",
        "verdict.withdrawn",
    ]
    created, edited, added, reanchored, *judged = history
    assert created["before"] is None
    assert created["document"]["text"] == edited["before"]["text"] == FACT["text"]
    assert edited["document"] == edited["before"] | {"text": "Other words"}
    assert [change["number"] for change in history] == sorted(it["number"] for it in history)
    assert added["subject"] == placed["id"]
    assert added["document"]["exact"] == "كامل أراضيه"
    assert reanchored["document"]["state"] == "lost"
    issued = [dispute, verify, withdrawal]
    assert [change["subject"] for change in judged] == [verdict["id"] for verdict in issued]
    assert [change["organization"] for change in judged] == [it["organization"] for it in issued]
    assert [change["recorded_by"] for change in judged] == [it["issued_by"] for it in issued]
    assert [change["status"] for change in judged] == [
        "disputed",
        "contested",
        "verified",
    ]
    assert all(change["claim"] in claim for change in history)
    assert checker.read(f"{claim}history/?ordering=-number")["results"] == history[::-1]


def test_a_refused_write_leaves_no_history(checker: Api, claim: str) -> None:
    before = Change.objects.count()
    problem(judge(checker, claim, "withdrawn"), "verdict-refused", 409)
    problem(checker.patch(claim, {"text": "x"}), "precondition-required", 428)
    assert Change.objects.count() == before


def test_a_text_from_the_future_is_refused(checker: Api) -> None:
    path = f"/articles/{make.article().pk}/snapshots/"
    refused = checker.post(path, {"text": "Later.", "captured_at": "2999-01-01T00:00:00Z"})
    assert places(problem(refused, "invalid", 400)) == {"#/captured_at"}


def test_a_passage_longer_than_its_withheld_text_is_refused(checker: Api) -> None:
    held = make.snapshot(text="short", withheld=True)
    body = {
        "kind": "fact",
        "text": "A fact",
        "language": "en",
        "fact": make.FACT,
        "appearance": {"snapshot": str(held.pk), "exact": "longer than the text"},
    }
    refused = checker.post("/claims/", body)
    assert places(problem(refused, "passage-not-found", 409)) == {"#/appearance/exact"}


def test_a_claim_that_gets_its_first_appearance_later_has_changed(checker: Api) -> None:
    claim = f"/claims/{make.fact().pk}/"
    before, tag = checker.read(claim), checker.etag(claim)
    held = make.snapshot()
    checker.made(f"{claim}appearances/", {"snapshot": str(held.pk), "start": 0, "end": 5})
    assert checker.read(claim)["changed_at"] > before["changed_at"]
    assert checker.etag(claim) != tag


def test_a_long_list_of_faults_is_cut(checker: Api) -> None:
    path = f"/claims/{make.fact().pk}/dispute/"
    refused = checker.post(path, {"rationale": "Wrong.", "evidence": [{}] * 5000})
    assert len(problem(refused, "invalid", 400)["errors"]) <= 100
    many = checker.post(path, {"rationale": "Wrong.", "evidence": [{}] * 100, "more": 1})
    assert len(problem(many, "invalid", 400)["errors"]) <= 100
