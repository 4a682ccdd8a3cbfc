"""Who sees what: every route × who asks × how a claim stands, with drafts of two desks.

The routes and who may ask are those of the table of rights, whatever is added to it. What is
expected in each cell follows from two rules. What stands is told to everybody alike; what is a
desk's own (drafts, notes) is told to its members alone, and is to all others as if it were not
there, wherever they look.
"""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import URLResolver

from claims.actions.counting import count_changes
from claims.models import Claim, Draft, Verdict
from claims.vocabulary import Outcome, Role
from claims.web.urls import urlpatterns as pages
from tests import make
from tests.api.test_moves import STATES, in_state
from tests.api.test_rights import OK, ROUTES, TABLE, signed_in_as
from tests.conftest import Api
from tests.log import numbered
from tests.models.rows import undone

SIDES = ("own", "foreign")
ROLES = ("reader", "checker", "editor", "admin")
CALLERS = ("anonymous", *(f"{side} {role}" for side in SIDES for role in ROLES))
SITUATIONS = (
    "without a verdict",
    "own draft",
    "own verdict",
    "foreign draft",
    "foreign verdict",
    "own verdict and foreign draft",
    "foreign verdict and own draft",
)


def mark(kind: str, side: str, situation: str) -> str:
    """What is written into a text, so that it is found wherever that is told."""
    return f"⟦{kind} of the {side} desk: {situation}⟧"


def is_told(written: str, caller: str) -> bool:
    """Whether somebody may be told it. The rule of this page, and all of it."""
    kind, _of, _the, side, *_situation = written.strip("⟦⟧").split()
    return kind == "verdict" or caller.startswith(side)


@dataclass
class Seen:
    """Two desks with claims in every situation, and who asks."""

    callers: dict[str, Api]
    paths: dict[str, dict[str, Any]]  # what stands in a path, by situation
    written: set[str]
    drafts: dict[str, str]  # of the own desk, by state

    def ask(self, caller: str, route: str, ids: dict[str, Any]) -> Any:
        method, path = route.split(" ", 1)
        return self.callers[caller].send(
            method, path.format(**ids), None if method == "GET" else {}
        )

    def marks(self, response: Any) -> set[str]:
        body = response.content.decode(errors="replace")
        spelled = {it: json.dumps(it)[1:-1] for it in self.written}
        return {it for it, escaped in spelled.items() if it in body or escaped in body}


@pytest.fixture(scope="module")
def world(throughout: None) -> Seen:
    desks = {"own": make.desk(), "foreign": make.desk()}
    callers = {"anonymous": Api()}
    for side, desk in desks.items():
        for role in Role:
            callers[f"{side} {role.value}"] = Api(make.key(desk[role]))
            callers[f"{side} {role.value}, signed in"] = signed_in_as(desk[role])
    written: set[str] = set()

    def says(kind: str, side: str, situation: str) -> str:
        written.add(mark(kind, side, situation))
        return f"Seen by few or all: {mark(kind, side, situation)}"

    made = {}
    for situation in SITUATIONS:
        claim, appearance = make.marked_fact()
        other = make.fact(text=f"Another than {situation}", fact=make.FACT | {"value": "2017"})
        ids: dict[str, Any] = {
            "relation": make.relation(claim, other, desks["own"].checker, "same")
        }
        for side, desk in desks.items():
            said = says("note", side, situation)
            note = make.note(claim, desk.checker, text=said)
            item = make.queued(claim, desk.checker)
            if side == "own":
                ids |= {"note": note, "item": item}
            if f"{side} verdict" in situation:
                said = says("verdict", side, situation)
                ids["verdict"] = make.verdict(claim, desk.checker, rationale=said)
            if f"{side} draft" in situation:
                said = says("draft", side, situation)
                ids["draft"] = make.draft(claim, desk.checker, rationale=said)
        ids |= {
            "claim": claim,
            "appearance": appearance,
            "article": appearance.article,
            "snapshot": appearance.snapshot,
            "publisher": appearance.article.publisher,
            "organization": desks["own"].organization,
            "member": desks["own"].reader,
        }
        made[situation] = {name: row.pk for name, row in ids.items()}
    drafts = {}
    for state in STATES:
        draft = make.draft(make.fact(), desks["own"].checker, rationale=says("draft", "own", state))
        in_state(draft, state, desks["own"].editor)
        drafts[state] = str(draft.pk)
    # What is confirmed is a verdict, which everybody sees.
    written.discard(mark("draft", "own", "confirmed"))
    numbered()
    count_changes()
    return Seen(callers, made, written, drafts)


@pytest.fixture
def seen(world: Seen, db: None) -> Seen:
    return world


def named(route: str) -> set[str]:
    return {part.partition("}")[0] for part in route.split("{")[1:]}


OF_A_CLAIM = [route for route in ROUTES if "claim" in named(route)]
OF_A_DRAFT = [route for route in ROUTES if "draft" in named(route)]
# Exports go over connections of their own, see nothing of this, and tell what lists tell: see
# test_exports.py, and tests/test_week.py for what they do not tell.
STREAMED = ("GET /exports/claims/", "GET /exports/claimreview/")
READING = [
    route
    for route in ROUTES
    if route.startswith("GET ") and "/v1alpha1/" not in route and route not in STREAMED
]


def refused(response: Any) -> Any:
    return response.status_code if response.status_code in (401, 403, 404) else OK


def test_there_are_routes_of_claims_and_of_drafts() -> None:
    assert len(OF_A_CLAIM) > 15
    assert len(OF_A_DRAFT) > 4


@pytest.mark.parametrize("route", OF_A_CLAIM)
def test_who_may_what_with_a_claim_is_the_same_however_it_stands(seen: Seen, route: str) -> None:
    expected = {caller: TABLE[route][caller] for caller in CALLERS}
    for situation, ids in seen.paths.items():
        if not named(route) <= ids.keys():
            continue  # it has no verdict whose path could be asked for
        answers = {}
        for caller in CALLERS:
            with undone():
                answers[caller] = refused(seen.ask(caller, route, ids))
        assert answers == expected, situation


@pytest.mark.parametrize("route", OF_A_DRAFT)
def test_who_may_what_with_a_draft_is_the_same_in_each_state(seen: Seen, route: str) -> None:
    expected = {caller: TABLE[route][caller] for caller in CALLERS}
    for state, draft in seen.drafts.items():
        answers = {}
        for caller in CALLERS:
            with undone():
                answers[caller] = refused(seen.ask(caller, route, {"draft": draft}))
        assert answers == expected, state


@pytest.mark.parametrize("route", READING)
def test_what_stands_is_told_to_all_alike_and_what_is_a_desks_own_to_its_members(
    seen: Seen, route: str
) -> None:
    for situation, ids in told_apart(seen, route):
        public = set()
        for caller in CALLERS:
            response = seen.ask(caller, route, ids)
            found = seen.marks(response)
            assert all(is_told(it, caller) for it in found), (caller, situation, found)
            if response.status_code == 200:
                public.add(frozenset(it for it in found if is_told(it, "anonymous")))
            if caller in ("own reader", "foreign admin"):
                signed_in = seen.ask(f"{caller}, signed in", route, ids)
                assert signed_in.status_code == response.status_code
                assert seen.marks(signed_in) == found
        assert len(public) <= 1, (situation, public)


def told_apart(seen: Seen, route: str) -> list[tuple[str, dict[str, Any]]]:
    """The paths that a route has here: one of each situation, where it names what differs by it."""
    ids = {it: its for it, its in seen.paths.items() if named(route) <= its.keys()}
    if "claim" in named(route) or "draft" in named(route):
        return list(ids.items())
    return list(ids.items())[:1]


def test_what_is_looked_for_can_be_found(seen: Seen) -> None:
    def found(caller: str, path: str) -> set[str]:
        response = seen.callers[caller].get(path)
        assert response.status_code == 200
        return seen.marks(response)

    for side in SIDES:
        own = {it for it in seen.written if is_told(it, f"{side} reader")}
        drafts = {it for it in own if it.startswith("⟦draft")}
        notes = {it for it in own if it.startswith("⟦note")}
        assert found(f"{side} reader", "/drafts/?page_size=200") == drafts
        assert found(f"{side} reader", "/notes/?page_size=200") == notes
    verdicts = {it for it in seen.written if it.startswith("⟦verdict")}
    assert len(verdicts) == 4
    for path in ("/claims/?page_size=200", "/changes/?page_size=200&type=verdict.issued"):
        assert found("anonymous", path) == verdicts


@pytest.mark.parametrize("query", ["q=⟦draft", "q=⟦note", "q=few or all"])
def test_nobody_finds_by_words_what_is_a_desks_own(seen: Seen, query: str) -> None:
    for caller in CALLERS:
        assert seen.marks(seen.callers[caller].get(f"/claims/?{query}")) == set()


def test_pages_and_feeds_for_everybody_tell_what_stands_and_nothing_else(seen: Seen) -> None:
    told: set[str] = set()
    for pattern in pages:
        route = f"/{pattern.pattern}"
        if isinstance(pattern, URLResolver) or "<str:token>" in route:
            continue  # of signing in, or of what somebody is mailed, and so of no claim
        for ids in seen.paths.values():
            path = route.replace("<str:pk>", str(ids["claim"]))
            assert "<" not in path, route
            response = seen.callers["anonymous"].client.get(path)
            assert response.status_code in (200, 301, 302), path
            told |= seen.marks(response)
    assert told == {it for it in seen.written if is_told(it, "anonymous")}


def test_nothing_that_was_asked_has_left_anything(seen: Seen) -> None:
    assert Draft.objects.count() == len(STATES) + sum("draft" in it for it in SITUATIONS)
    assert Verdict.objects.filter(outcome=Outcome.DISPUTED).count() == 4 + 1
    assert Claim.objects.filter(status="contested").count() == 0
