"""Who sees what: every route × who asks × how a claim stands, with drafts of two desks.

The routes and who may ask are those of the table of rights, whatever is added to it. What is
expected in each cell follows from two rules. What stands is told to everybody alike; what is a
desk's own (drafts, notes, what was written to it from outside) is told to its members alone, and is
to all others as if it were not there, wherever they look.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from unittest import mock

import pytest
from rest_framework.authentication import get_authorization_header

from claims.actions.contests import uphold
from claims.actions.counting import count_changes
from claims.actions.desks import create_api_key
from claims.actions.webhooks import ping
from claims.api.authentication import KeyAuthentication
from claims.models import Claim, Contest, Draft, Verdict
from claims.vocabulary import Role, Scope
from tests import make
from tests.api.routes import of_pages, parameters, sample
from tests.api.test_moves import STATES, in_state
from tests.api.test_rights import EVERY, OK, PAGES, ROUTES, TABLE, signed_in_as
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
    "own verdict, contested in vain",
    "foreign draft",
    "foreign verdict",
    "own verdict and foreign draft",
    "foreign verdict and own draft",
)
EVERYBODY = ("anonymous", *ROLES)

# What is written, and whom its desk's members must be to be told it; EVERYBODY: of all desks.
TOLD = {
    "verdict": EVERYBODY,
    "answer": EVERYBODY,  # to who contested
    "draft": ROLES,
    "note": ROLES,
    "contest": ROLES,  # that there is one, and why in a word, is public; not what was written
    "contact": ("checker", "editor", "admin"),
    "webhook": ("editor", "admin"),
    "invitation": ("admin",),
    "key": ("checker", "admin"),  # of the checker
}
ADDRESSES = ("contact", "webhook")

# Parts of a path that stand for something that differs by situation.
SITUATED = {"claim", "verdict", "contest", "draft", "note", "item"}
# What has to be asked with a query, to be answered.
QUERIES = {
    "GET /log/proof/inclusion/": "?number=1&size=2",
    "GET /log/proof/consistency/": "?from=1&to=2",
    "GET /v1alpha1/claims:search": "?query=Iraq",
    "GET /v1alpha1/pages": "?organization=outsiders.example",
}
# What is not asked here, and why.
ELSEWHERE = {
    "GET /exports/claims/": "on a connection of its own, which sees nothing of this: test_exports",
    "GET /exports/claimreview/": "likewise; what they do not tell: tests/test_week",
    "GET /v1alpha1/claims:imageSearch": "there is no such search, and nothing is ever told",
}
PAGES_ELSEWHERE = {"GET /api/schema/": "made of the code alone, in seconds"}


def is_asked(route: str) -> bool:
    """A write that names nothing that differs is asked by everybody in test_rights, once."""
    return route not in ELSEWHERE and (route.startswith("GET ") or is_situated(route))


def is_situated(route: str) -> bool:
    return bool(SITUATED & parameters(route))


ASKED = [route for route in ROUTES if is_asked(route)]


@dataclass
class Seen:
    """Two desks with claims in every situation, and who asks."""

    callers: dict[str, Api] = field(default_factory=dict)
    paths: dict[str, dict[str, Any]] = field(default_factory=dict)  # by situation
    sample: dict[str, Any] = field(default_factory=dict)  # of what is the same in all
    written: dict[str, tuple[str, str]] = field(default_factory=dict)  # what kind, of which desk
    rows: dict[Any, int] = field(default_factory=dict)
    holders: dict[bytes, Any] = field(default_factory=dict)

    def says(self, kind: str, side: str, situation: str) -> str:
        """A text, to be found wherever it is told."""
        mark = f"⟦{kind} of the {side} desk: {situation}⟧"
        if kind in ADDRESSES:
            mark = f"{kind}-{len(self.written)}.{side}.example"
        self.written[mark] = kind, side
        return mark

    def ask(self, caller: str, route: str, ids: dict[str, Any]) -> Any:
        method, path = route.split(" ", 1)
        path = path.format(**ids) + QUERIES.get(route, "")
        if method == "GET":
            return self.callers[caller].get(path)
        with undone():
            return self.callers[caller].send(method, path, {})

    def marks(self, response: Any) -> set[str]:
        body = response.content.decode(errors="replace")
        return {it for it in self.written if it in body or spelled(it) in body}

    def is_told(self, mark: str, caller: str) -> bool:
        """Whether somebody may be told it. The rule of this page, and all of it."""
        kind, side = self.written[mark]
        its, _space, role = caller.partition(" ")
        return TOLD[kind] is EVERYBODY or (its == side and role in TOLD[kind])

    def those_for(self, caller: str, *kinds: str) -> set[str]:
        return {
            it
            for it, (kind, _side) in self.written.items()
            if kind in kinds and self.is_told(it, caller)
        }

    def asked_of(self, route: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """With what stands in its path: in each situation, where it names what differs by it."""
        if not is_situated(route):
            yield "whatever the situation", self.sample
            return
        for situation, its in self.paths.items():
            if parameters(route) <= (ids := self.sample | its).keys():
                yield situation, ids


@cache
def spelled(mark: str) -> str:
    """As JSON may have it."""
    return json.dumps(mark)[1:-1]


def counted() -> dict[Any, int]:
    return {it: it.objects.count() for it in (Claim, Contest, Draft, Verdict)}


@pytest.fixture(scope="module")
def world(throughout: None) -> Seen:
    desks = {"own": make.desk(), "foreign": make.desk()}
    seen = Seen()
    seen.callers["anonymous"] = Api()
    same = sample(desks["own"])
    for side, desk in desks.items():
        for role in Role:
            seen.callers[f"{side} {role.value}"] = Api(make.key(desk[role]))
            seen.callers[f"{side} {role.value}, signed in"] = signed_in_as(desk[role])
        said = seen.says("key", side, "any")
        key, _secret = create_api_key(
            member=desk.checker, label=said, scopes=[Scope.READ], by=desk.admin
        )
        invited = make.invitation(desk.admin, name=seen.says("invitation", side, "any"))[0]
        webhook = make.webhook(desk.editor, url=f"https://{seen.says('webhook', side, 'any')}/")
        if side == "own":
            same |= {"key": key.pk, "invitation": invited.pk, "webhook": webhook.pk}
            same |= {"delivery": ping(webhook_id=webhook.pk).pk}
    seen.sample = {name: it for name, it in same.items() if name not in SITUATED}
    for situation in SITUATIONS:
        seen.paths[situation] = {it: row.pk for it, row in situated(seen, situation, desks).items()}
    for state in STATES:
        # What is confirmed is a verdict, which everybody sees.
        said = seen.says("verdict" if state == "confirmed" else "draft", "own", state)
        draft = make.draft(make.fact(), desks["own"].checker, rationale=said)
        in_state(draft, state, desks["own"].editor)
        seen.paths[f"a draft that is {state}"] = {"draft": draft.pk}
    numbered()
    count_changes()
    seen.rows = counted()
    return seen


def situated(seen: Seen, situation: str, desks: dict[str, make.Desk]) -> dict[str, Any]:
    """A claim and what there is about it."""
    claim, appearance = make.marked_fact()
    other = make.fact(text=f"Another than {situation}", fact=make.FACT | {"value": "2017"})
    ids: dict[str, Any] = {
        "claim": claim,
        "appearance": appearance,
        "article": appearance.article,
        "snapshot": appearance.snapshot,
        "publisher": appearance.article.publisher,
        "relation": make.relation(claim, other, desks["own"].checker, "same"),
    }
    for side, desk in desks.items():
        note = make.note(claim, desk.checker, text=seen.says("note", side, situation))
        made: dict[str, Any] = {"note": note, "item": make.queued(claim, desk.checker)}
        if f"{side} verdict" in situation:
            said = seen.says("verdict", side, situation)
            made["verdict"] = make.verdict(claim, desk.checker, rationale=said)
            made["contest"] = make.contest(
                made["verdict"],
                text=seen.says("contest", side, situation),
                evidence=[{"quote": seen.says("contest", side, f"a quote, {situation}")}],
                contact=f"a@{seen.says('contact', side, situation)}",
            )
            if "in vain" in situation:
                answer = seen.says("answer", side, situation)
                uphold(contest_id=made["contest"].pk, answer=answer, by=desk.editor, if_match=None)
        if f"{side} draft" in situation:
            said = seen.says("draft", side, situation)
            made["draft"] = make.draft(claim, desk.checker, rationale=said)
        if side == "own":
            ids |= made
        else:
            # A verdict is public, whose ever it is; all else of others has paths of their own.
            ids |= {it: row for it, row in made.items() if it == "verdict"}
    return ids


@pytest.fixture
def seen(world: Seen, db: None) -> Iterator[Seen]:
    with mock.patch.object(KeyAuthentication, "authenticate", found_once(world)):
        yield world


def found_once(world: Seen) -> Any:
    """Whose a key is, looked up once: three thousand requests come by nine keys."""
    look = KeyAuthentication.authenticate

    def authenticate(self: KeyAuthentication, request: Any) -> Any:
        header = get_authorization_header(request)
        if header not in world.holders:
            world.holders[header] = look(self, request)
        return world.holders[header]

    return authenticate


def refused(response: Any) -> Any:
    return response.status_code if response.status_code in (401, 403, 404) else OK


def test_no_route_is_passed_over(seen: Seen) -> None:
    assert set(ASKED) >= {it for it in ROUTES if it.startswith("GET ")} - ELSEWHERE.keys()
    assert set(ASKED) >= {it for it in ROUTES if SITUATED & parameters(it)} - ELSEWHERE.keys()
    assert ELSEWHERE.keys() <= TABLE.keys()
    for route in ASKED:
        situations = {it for it, _ids in seen.asked_of(route)}
        # Of a claim, whatever there is of it; of what is not always there, wherever it is.
        least = {"claim": 8, "verdict": 5, "contest": 3, "draft": 6, "note": 8, "item": 8}
        expected = min((least[it] for it in SITUATED & parameters(route)), default=1)
        assert len(situations) >= expected, (route, situations)


@pytest.mark.parametrize("route", ASKED)
def test_who_may_what_and_is_told_what_is_as_the_tables_say_however_a_claim_stands(
    seen: Seen, route: str
) -> None:
    expected = {caller: TABLE[route][caller] for caller in CALLERS}
    reads = route.startswith("GET ")
    looked_at = 0
    for situation, ids in seen.asked_of(route):
        answers: dict[str, Any] = {}
        public: dict[str, set[Any]] = defaultdict(set)
        for caller in CALLERS:
            response = seen.ask(caller, route, ids)
            answers[caller] = refused(response)
            found = seen.marks(response)
            assert all(seen.is_told(it, caller) for it in found), (caller, situation, found)
            if reads and response.status_code == 200:
                looked_at += 1
                # What is for everybody; or for members, of each desk what is its own.
                side = "all" if expected["anonymous"] == OK else caller.split()[0]
                public[side].add(frozenset(it for it in found if seen.is_told(it, "anonymous")))
            if reads and caller in ("own reader", "foreign admin") and "/v1alpha1/" not in route:
                signed_in = seen.ask(f"{caller}, signed in", route, ids)
                assert signed_in.status_code == response.status_code
                assert seen.marks(signed_in) == found
        assert answers == expected, situation
        # What stands is told to all alike.
        assert all(len(it) == 1 for it in public.values()), (situation, public)
    assert looked_at or not reads, "nobody was told anything: is the path right, and the query?"


def test_what_is_looked_for_can_be_found(seen: Seen) -> None:
    def found(caller: str, path: str) -> set[str]:
        response = seen.callers[caller].get(path)
        assert response.status_code == 200
        return seen.marks(response)

    assert {kind for kind, _side in seen.written.values()} == TOLD.keys()
    for side in SIDES:
        for role, path, *kinds in (
            ("reader", "/drafts/", "draft"),
            ("reader", "/notes/", "note"),
            ("reader", "/contests/", "contest", "answer"),
            ("checker", "/contests/", "contest", "answer", "contact"),
            ("checker", "/api-keys/", "key"),
            ("admin", "/api-keys/", "key"),
            ("editor", "/webhooks/", "webhook"),
            ("admin", f"/organizations/{its(side, seen)}/invitations/", "invitation"),
        ):
            told = found(f"{side} {role}", f"{path}?page_size=200")
            expected = {
                it for it in seen.those_for(f"{side} {role}", *kinds) if seen.written[it][1] == side
            }
            assert expected
            # A draft that was confirmed is told with its draft too.
            assert {it for it in told if seen.written[it][0] != "verdict"} == expected, path
    verdicts = seen.those_for("anonymous", "verdict")
    assert len(verdicts) == 6
    for path in ("/claims/?page_size=200", "/changes/?page_size=200&type=verdict.issued"):
        assert found("anonymous", path) == verdicts


def its(side: str, seen: Seen) -> str:
    """The organization of a desk."""
    return str(seen.callers[f"{side} admin"].read("/session/")["member"]["organization"]["id"])


@pytest.mark.parametrize("query", ["q=⟦draft", "q=⟦note", "q=⟦contest", "q=of the own desk"])
def test_nobody_finds_by_words_what_is_a_desks_own(seen: Seen, query: str) -> None:
    for caller in CALLERS:
        assert seen.marks(seen.callers[caller].get(f"/claims/?{query}")) == set()


def test_pages_and_feeds_for_everybody_tell_what_stands_and_nothing_else(seen: Seen) -> None:
    told: set[str] = set()
    assert set(of_pages(EVERY)) == PAGES.keys() > PAGES_ELSEWHERE.keys()
    for route in PAGES.keys() - PAGES_ELSEWHERE.keys():
        if not route.startswith("GET "):
            continue
        for _situation, ids in seen.asked_of(route):
            response = seen.callers["anonymous"].client.get(route.split(" ")[1].format(**ids))
            assert response.status_code == PAGES[route], route
            told |= seen.marks(response)
    assert told == {it for it in seen.written if seen.is_told(it, "anonymous")}


def test_nothing_that_was_asked_has_left_anything(seen: Seen) -> None:
    assert counted() == seen.rows
    assert Claim.objects.filter(status="contested").count() == 0
