"""Verdicts contested from outside: who may, where it lands, how it ends, and what is public."""

import json
import random
import threading
from collections.abc import Callable
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from claims.actions.contests import MOST_OPEN, correct, uphold
from claims.api.rates import PerCaller
from claims.models import ApiKey, Change, Claim, Contest, Member, QueueItem, Verdict
from claims.moves import MOVES, Of
from claims.sql import HERE
from claims.vocabulary import ContestReason, Outcome, ReviewPolicy
from tests import make
from tests.api.test_drafts import rule_of, set_policy
from tests.api.threads import at_once, waiting_for_others
from tests.conftest import Api, places, problem
from tests.log import numbered
from tests.models.rows import run
from tests.waiting import PATIENCE, until

CONTEST = {
    "party": "reader",
    "reason": "new_evidence",
    "text": "نشرت الوزارة تقريرها بعد ذلك بيوم.",
    "evidence": [{"url": "https://example.org/report", "title": "التقرير", "quote": "في 10 كانون"}],
    "language": "ar",
    "contact": "reader@example.org",
}
NEVER_PUBLIC = (CONTEST["text"], "example.org/report", "التقرير", "reader@example.org", '"party"')


@pytest.fixture
def verdict(desk: make.Desk) -> Verdict:
    return make.verdict(make.fact(), desk.checker)


@pytest.fixture
def anyone() -> Api:
    return Api()


def public(verdict: Verdict) -> str:
    return f"/claims/{verdict.claim_id}/contests/"


def body(verdict: Verdict, **more: Any) -> dict[str, Any]:
    return CONTEST | {"verdict": str(verdict.pk)} | more


def contested(verdict: Verdict, **more: Any) -> str:
    """The path at which the organization reads it."""
    return f"/contests/{Api().made(public(verdict), body(verdict, **more))['id']}/"


def test_anyone_contests_a_verdict_and_its_organization_reads_what_was_written(
    desk: make.Desk, verdict: Verdict, anyone: Api, checker: Api
) -> None:
    response = anyone.post(public(verdict), body(verdict))
    assert response.status_code == 201, response.content.decode()
    told = response.json()
    assert response["Location"] == f"/api/v1{public(verdict)}{told['id']}/"
    assert told == {
        "id": told["id"],
        "claim": str(verdict.claim_id),
        "verdict": str(verdict.pk),
        "organization": {"id": str(desk.organization.pk), "name": desk.organization.name},
        "reason": "new_evidence",
        "filed_at": told["filed_at"],
        "state": "open",
        "answer": None,
        "correction": None,
        "resolved_at": None,
        "resolved_by": None,
    }
    assert anyone.read(public(verdict))["results"] == [told]
    assert anyone.read(f"{public(verdict)}{told['id']}/") == told

    [read] = checker.read("/contests/?state=open")["results"]
    assert {name: read[name] for name in told} == told
    assert {name: read[name] for name in CONTEST} == CONTEST
    assert read["allowed_moves"] == ["uphold", "correct", "reject"]
    assert checker.read(f"/contests/{told['id']}/") == read


def test_what_was_written_is_told_to_nobody_else(
    verdict: Verdict, anyone: Api, checker: Api, as_member: Callable[[Member], Api]
) -> None:
    path = contested(verdict)
    checker.post(f"{path}uphold/", {"answer": "It says the same."})
    numbered()
    for other in (anyone, as_member(make.desk().admin)):
        for place in (
            public(verdict),
            f"/claims/{verdict.claim_id}/",
            f"/claims/{verdict.claim_id}/history/",
            "/changes/",
            "/corrections/",
            "/contests/" if other is not anyone else "/log/",
        ):
            text = other.get(place).content.decode()
            assert not [it for it in NEVER_PUBLIC if str(it) in text], place
    problem(as_member(make.desk().admin).get(path), "not-found", 404)
    problem(anyone.get(path), "not-authenticated", 401)


def test_a_reader_of_the_desk_is_not_told_whom_to_answer(
    desk: make.Desk, verdict: Verdict, checker: Api, as_member: Callable[[Member], Api]
) -> None:
    path = contested(verdict)
    read = as_member(desk.reader).read(path)
    assert (read["text"], read["contact"]) == (CONTEST["text"], None)
    assert read["allowed_moves"] == []
    assert checker.read(path)["contact"] == CONTEST["contact"]


def test_only_a_verdict_that_stands_is_contested(desk: make.Desk, anyone: Api) -> None:
    claim = make.fact()
    first = make.verdict(claim, desk.checker)
    second = make.verdict(claim, desk.checker, Outcome.VERIFIED)
    refused = anyone.post(public(first), body(first))
    assert rule_of(refused, "contest-refused") == "not-standing"
    withdrawal = make.verdict(claim, desk.checker, Outcome.WITHDRAWN)
    for gone in (second, withdrawal):
        refused = anyone.post(public(gone), body(gone))
        assert rule_of(refused, "contest-refused") == "not-standing"
    elsewhere = make.verdict(make.fact(), desk.checker)
    refused = anyone.post(public(first), body(elsewhere))
    assert places(problem(refused, "invalid", 400)) == {"#/verdict"}
    assert not Contest.objects.exists()


def test_what_an_external_organization_found_is_contested_there(
    desk: make.Desk, anyone: Api
) -> None:
    outsider = make.outsider(by=desk.checker)
    found = make.verdict(make.fact(), desk.checker, external=outsider.pk, url="https://o.example/1")
    refused = anyone.post(public(found), body(found))
    assert rule_of(refused, "contest-refused") == "external"


def test_no_more_than_so_many_contests_of_a_verdict_wait(verdict: Verdict, checker: Api) -> None:
    for _ in range(MOST_OPEN):
        last = make.contest(verdict)
    refused = checker.post(public(verdict), body(verdict))
    assert rule_of(refused, "contest-refused") == "enough-contests"
    checker.post(f"/contests/{last.pk}/reject/", {"answer": "Sent before."})
    assert checker.post(public(verdict), body(verdict)).status_code == 201


def test_contests_are_counted_apart_by_address_and_by_key(
    verdict: Verdict, anyone: Api, checker: Api
) -> None:
    with override_settings(CONTESTS_PER_MINUTE=(3, 2)):
        for api, most in ((anyone, 2), (checker, 3)):
            for _ in range(most):
                assert api.post(public(verdict), body(verdict)).status_code == 201
            refused = api.post(public(verdict), body(verdict))
            problem(refused, "too-many-requests", 429)
            assert 1 <= int(refused["Retry-After"]) <= 60
            assert api.get(public(verdict)).status_code == 200


def test_contests_are_counted_to_the_last_one_over_all_processes(
    verdict: Verdict, anyone: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    processes: list[dict[str, Any]] = [{}, {}]  # what each has counted by itself
    statuses = []
    with override_settings(CONTESTS_PER_MINUTE=(60, 3)):
        for which in (0, 1, 0, 1, 1, 0):
            monkeypatch.setattr(PerCaller, "tallies", processes[which])
            statuses.append(anyone.post(public(verdict), body(verdict)).status_code)
    assert statuses == [201, 201, 201, 429, 429, 429]


@override_settings(CONTESTS_PER_MINUTE=(60, 2))
def test_what_is_wrong_with_a_contest_is_counted_as_well(verdict: Verdict, anyone: Api) -> None:
    for wrong in ({"party": "ministry"}, {"verdict": str(verdict.claim_id)}):
        problem(anyone.post(public(verdict), body(verdict) | wrong), "invalid", 400)
    problem(anyone.post(public(verdict), body(verdict)), "too-many-requests", 429)


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"reason": "because"}, "#/reason"),
        ({"party": "ministry"}, "#/party"),
        ({"text": " \u200b"}, "#/text"),
        ({"text": "x" * 10_001}, "#/text"),
        ({"contact": "somebody"}, "#/contact"),
        ({"contact": "a@b.example\nBcc: c@d.example"}, "#/contact"),
        ({"language": "zz"}, "#/language"),
        ({"evidence": [{"url": "javascript:alert(1)"}]}, "#/evidence/0/url"),
        ({"evidence": [{"url": "https://u:p@example.org/"}]}, "#/evidence/0/url"),
        ({"evidence": [{"url": "https://example.org/"}] * 21}, "#/evidence"),
        ({"evidence": [{"url": "https://example.org/", "stance": "x"}]}, "#/evidence/0/stance"),
        ({"state": "upheld"}, "#/state"),
        ({"verdict": "00000000-0000-7000-8000-000000000000"}, "#/verdict"),
    ],
)
def test_what_cannot_be_accepted_is_named(
    verdict: Verdict, anyone: Api, more: dict[str, Any], place: str
) -> None:
    response = anyone.post(public(verdict), body(verdict) | more)
    assert places(problem(response, "invalid", 400)) == {place}


@override_settings(CONTESTS_PER_MINUTE=(60, 60))
def test_a_body_that_is_no_json_or_of_another_kind_is_refused(
    verdict: Verdict, anyone: Api
) -> None:
    problem(anyone.post(public(verdict), b'{"verdict": '), "not-json", 400)
    problem(anyone.post(public(verdict), b"\0"), "not-json", 400)
    problem(anyone.post(public(verdict), body(verdict, text="a\0b")), "not-json", 400)
    form = anyone.post(public(verdict), b"text=x", content_type="application/x-www-form-urlencoded")
    problem(form, "unsupported-media-type", 415)
    problem(anyone.post("/claims/x/contests/", body(verdict)), "not-found", 404)
    nowhere = f"/claims/{verdict.pk}/contests/"
    problem(anyone.post(nowhere, body(verdict)), "not-found", 404)


def test_an_answer_is_kept_for_accounts_alone(verdict: Verdict, anyone: Api, checker: Api) -> None:
    refused = anyone.post(public(verdict), body(verdict), idempotency_key="once")
    assert places(problem(refused, "bad-header", 400)) == {"Idempotency-Key"}
    first, second = (
        checker.post(public(verdict), body(verdict), idempotency_key="once") for _ in range(2)
    )
    assert first.json() == second.json()
    assert Contest.objects.count() == 1


# How it ends


def test_upheld_after_a_look_with_the_reasons_in_public(
    desk: make.Desk, verdict: Verdict, anyone: Api, colleague: Api
) -> None:
    path = contested(verdict)
    problem(colleague.post(f"{path}uphold/", {}), "invalid", 400)
    response = colleague.post(f"{path}uphold/", {"answer": "The report gives the same day."})
    assert response.status_code == 200, response.content.decode()
    assert response.json()["allowed_moves"] == []
    [told] = anyone.read(public(verdict))["results"]
    assert (told["state"], told["answer"]) == ("upheld", "The report gives the same day.")
    assert told["resolved_by"] == {"id": str(desk.editor.pk), "name": "A editor"}
    assert told["correction"] is None
    assert anyone.read(f"/claims/{verdict.claim_id}/")["verdicts"][0]["id"] == str(verdict.pk)
    assert anyone.read("/corrections/")["results"] == []


def test_corrected_by_a_later_verdict(verdict: Verdict, anyone: Api, checker: Api) -> None:
    path = contested(verdict)
    claim = f"/claims/{verdict.claim_id}/"
    early = checker.post(f"{path}correct/", {"verdict": str(verdict.pk)})
    assert places(problem(early, "invalid", 400)) == {"#/verdict"}
    foreign = make.verdict(verdict.claim, make.desk().checker)
    other = checker.post(f"{path}correct/", {"verdict": str(foreign.pk)})
    assert places(problem(other, "invalid", 400)) == {"#/verdict"}

    new = checker.made(
        f"{claim}verify/", {"rationale": "So says the report."}, if_match=checker.etag(claim)
    )
    done = checker.post(f"{path}correct/", {"verdict": new["id"]})
    assert done.status_code == 200, done.content.decode()
    [told] = anyone.read(public(verdict))["results"]
    assert (told["state"], told["correction"], told["answer"]) == ("corrected", new["id"], None)

    [correction] = anyone.read("/corrections/?contested=true")["results"]
    assert correction["id"] == new["id"]
    assert correction["supersedes"]["id"] == str(verdict.pk)
    assert correction["claim"]["id"] == str(verdict.claim_id)
    assert correction["contests"] == [told]


def test_rejected_with_reasons(verdict: Verdict, anyone: Api, checker: Api) -> None:
    path = contested(verdict)
    checker.post(f"{path}reject/", {"answer": "It is about another article."})
    [told] = anyone.read(public(verdict))["results"]
    assert (told["state"], told["answer"]) == ("rejected", "It is about another article.")


@pytest.mark.parametrize("then", ["superseded", "withdrawn", "by another rationale"])
def test_what_does_not_stand_any_more_cannot_be_upheld(
    desk: make.Desk, verdict: Verdict, anyone: Api, checker: Api, then: str
) -> None:
    path = contested(verdict)
    tag = checker.etag(path)
    by, reads = desk.editor, {"superseded": Outcome.VERIFIED, "withdrawn": Outcome.WITHDRAWN}
    new = make.verdict(verdict.claim, by, reads.get(then, Outcome.DISPUTED), rationale="It came.")
    assert checker.get(path, if_none_match=tag).status_code == 200, "its moves are others"
    assert checker.read(path)["allowed_moves"] == ["correct", "reject"]
    assert checker.read("/contests/")["results"][0]["allowed_moves"] == ["correct", "reject"]
    refused = checker.post(f"{path}uphold/", {"answer": "It says the same."})
    assert rule_of(refused, "contest-refused") == "not-standing"
    assert checker.post(f"{path}correct/", {"verdict": str(new.pk)}).status_code == 200
    [told] = anyone.read(public(verdict))["results"]
    assert (told["state"], told["correction"]) == ("corrected", str(new.pk))


EVIDENCE = {"url": "https://example.org/a", "stance": "refutes", "quote": "On the ninth."}
OTHERWISE: list[dict[str, Any]] = [
    {"outcome": Outcome.INCONCLUSIVE},
    {"label": "Wrong date"},
    {"rationale": "The announcement was two days earlier."},
    {"valid_until": date(2020, 1, 1)},
    {"evidence": []},
    {"evidence": [EVIDENCE | {"quote": "On the tenth."}]},
    {"evidence": [EVIDENCE, {"url": "https://example.org/b", "stance": "context"}]},
]


def test_a_contest_is_not_corrected_by_a_verdict_that_says_the_same(
    desk: make.Desk, checker: Api
) -> None:
    first = make.verdict(make.fact(), desk.checker, evidence=[EVIDENCE])
    path = contested(first)
    again = make.verdict(first.claim, desk.editor, evidence=[EVIDENCE])
    refused = problem(checker.post(f"{path}correct/", {"verdict": str(again.pk)}), "invalid", 400)
    assert places(refused) == {"#/verdict"}
    assert "uphold" in refused["errors"][0]["detail"]
    for more in OTHERWISE:
        contest = make.contest(make.verdict(first.claim, desk.checker, evidence=[EVIDENCE]))
        new = make.verdict(first.claim, desk.checker, **{"evidence": [EVIDENCE]} | more)
        answer = checker.post(f"/contests/{contest.pk}/correct/", {"verdict": str(new.pk)})
        assert answer.status_code == 200, (more, answer.content.decode())


def test_a_contest_is_not_corrected_by_a_verdict_from_before_it(
    desk: make.Desk, checker: Api
) -> None:
    older = make.verdict(make.fact(), desk.checker, Outcome.VERIFIED)
    newer = make.verdict(older.claim, desk.checker)
    path = contested(newer)
    for early in (older, newer):
        refused = checker.post(f"{path}correct/", {"verdict": str(early.pk)})
        fault = problem(refused, "invalid", 400)
        assert places(fault) == {"#/verdict"}
        assert "before the contest" in fault["errors"][0]["detail"]


def test_what_was_issued_anew_word_for_word_can_be_upheld(
    desk: make.Desk, verdict: Verdict, checker: Api
) -> None:
    path = contested(verdict)
    make.verdict(verdict.claim, desk.editor)
    assert checker.read(path)["allowed_moves"] == ["uphold", "correct", "reject"]
    make.verdict(verdict.claim, desk.editor, Outcome.VERIFIED)
    assert checker.read(path)["allowed_moves"] == ["correct", "reject"]
    make.verdict(verdict.claim, desk.editor)
    done = checker.post(f"{path}uphold/", {"answer": "Looked into twice: it says the same."})
    assert done.json()["state"] == "upheld"


def test_two_verdicts_whose_texts_a_law_forced_out_do_not_say_the_same(committed: str) -> None:
    with transaction.atomic():
        desk = make.desk()
        verdict = make.verdict(make.fact(), desk.checker, rationale="It was a day earlier.")
        contest = make.contest(verdict)
        later = make.verdict(verdict.claim, desk.checker, rationale="It was two days earlier.")
    for it in (verdict, later):
        call_command("erase", "rationale", str(it.pk), stdout=StringIO())
    api = Api(make.key(desk.checker))
    told = api.get(f"/contests/{contest.pk}/").json()
    assert told["allowed_moves"] == ["correct", "reject"]
    answer = api.post(f"/contests/{contest.pk}/correct/", {"verdict": str(later.pk)})
    assert answer.json()["state"] == "corrected"


def test_what_is_decided_stays_decided(verdict: Verdict, checker: Api, colleague: Api) -> None:
    path = contested(verdict)
    checker.post(f"{path}reject/", {"answer": "It is about another article."})
    for api in (checker, colleague):
        for move in ("uphold", "reject"):
            refused = api.post(f"{path}{move}/", {"answer": "Or not."})
            assert rule_of(refused, "contest-refused") == "contest-is-closed"
        refused = api.post(f"{path}correct/", {"verdict": str(verdict.pk)})
        assert rule_of(refused, "contest-refused") == "contest-is-closed"


def test_a_stale_version_is_refused(verdict: Verdict, checker: Api, colleague: Api) -> None:
    path = contested(verdict)
    tag = checker.etag(path)
    assert checker.post(f"{path}uphold/", {"answer": "So."}, if_match=tag).status_code == 200
    stale = colleague.post(f"{path}uphold/", {"answer": "So."}, if_match=tag)
    problem(stale, "precondition-failed", 412)


# Who decides

DECISIONS = {
    "uphold": lambda later: {"answer": "As it says."},
    "reject": lambda later: {"answer": "As it says."},
    "correct": lambda later: {"verdict": str(later.pk)},
}


@pytest.mark.parametrize("policy", ReviewPolicy)
@pytest.mark.parametrize("who", ["reader", "author", "colleague", "editor"])
def test_who_decides_is_what_the_table_says(
    desk: make.Desk, who: str, policy: ReviewPolicy, as_member: Callable[[Member], Api]
) -> None:
    claim = make.fact()
    verdict = make.verdict(claim, desk.checker)
    colleague = make.add_member(
        organization=desk.organization, name="Another", role=desk.checker.role, by=None
    )
    member = {"reader": desk.reader, "author": desk.checker, "colleague": colleague}.get(
        who, desk.editor
    )
    before = make.verdict(make.fact(), desk.checker)
    answered = {"correct": before}
    waiting = {move: make.contest(answered.get(move, verdict)).pk for move in DECISIONS}
    later = make.verdict(before.claim, desk.checker, Outcome.VERIFIED)
    set_policy(desk, policy)
    refused_by = {}
    stays = ["uphold", "reject"]
    if who == "author" and policy != ReviewPolicy.NONE:
        refused_by = dict.fromkeys(stays, "not-of-ones-own")
    if who == "colleague" and policy == ReviewPolicy.EDITOR:
        refused_by = dict.fromkeys(stays, "editor-confirms")
    if who == "reader":
        refused_by = dict.fromkeys(DECISIONS, "role")
    api = as_member(member)
    allowed = api.read(f"/contests/{waiting['uphold']}/")["allowed_moves"]
    assert allowed == [it for it in ("uphold", "correct", "reject") if it not in refused_by]
    for move, asks in DECISIONS.items():
        response = api.post(f"/contests/{waiting[move]}/{move}/", asks(later))
        if move not in refused_by:
            assert response.status_code == 200, response.content.decode()
        elif who == "reader":
            assert rule_of(response, "forbidden", 403) == "role"
        else:
            assert rule_of(response, "contest-refused") == refused_by[move]


def held_up(claim: Claim, request: Callable[[], Any], meanwhile: Callable[[], Any]) -> list[Any]:
    """What both answer, of which one comes to wait for the claim before the other one is made.

    The claim is held until that is done, or waits for it too.
    """
    held, made = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Claim.objects.select_for_update(no_key=True).get(pk=claim.pk)
            held.set()
            until(lambda: made.is_set() or waiting_for_others() == 2)

    def ask() -> Any:
        assert held.wait(PATIENCE)
        return request()

    def change() -> Any:
        assert held.wait(PATIENCE)
        until(waiting_for_others)
        answer = meanwhile()
        made.set()
        return answer

    return at_once([hold, ask, change])[1:]


@pytest.mark.parametrize(
    ("change", "who", "slug", "status", "rule"),
    [
        ("policy", "checker", "contest-refused", 409, "not-of-ones-own"),
        ("policy", "colleague", "contest-refused", 409, "editor-confirms"),
        ("role", "checker", "forbidden", 403, "role"),
        ("ended", "checker", "not-authenticated", 401, None),
        ("key", "checker", "not-authenticated", 401, None),
    ],
)
@pytest.mark.parametrize("move", ["uphold", "reject"])
def test_who_may_decide_no_more_when_the_claim_is_free_does_not(
    committed: str, move: str, change: str, who: str, slug: str, status: int, rule: str | None
) -> None:
    desk = make.desk()
    with transaction.atomic():
        verdict = make.verdict(make.fact(), desk.checker)
        contest = make.contest(verdict)
        colleague = make.add_member(
            organization=desk.organization, name="B", role=desk.checker.role, by=None
        )
    member = {"checker": desk.checker, "colleague": colleague}[who]
    api, admin = Api(make.key(member)), Api(make.key(desk.admin))
    organization = f"/organizations/{desk.organization.pk}/"
    of_member = f"{organization}members/{member.pk}/"
    key = ApiKey.objects.get(member=member)
    path, body = {
        "policy": (organization, {"review_policy": "editor"}),
        "role": (of_member, {"role": "reader"}),
        "ended": (of_member, {"ended": True}),
        "key": (f"/api-keys/{key.pk}/revoke/", None),
    }[change]
    tag = "" if body is None else admin.etag(path)

    def edit() -> Any:
        return admin.post(path) if body is None else admin.patch(path, body, if_match=tag)

    decided, edited = held_up(
        verdict.claim,
        lambda: api.post(f"/contests/{contest.pk}/{move}/", {"answer": "As it says."}),
        edit,
    )
    assert edited.status_code == 200, edited.content.decode()
    assert problem(decided, slug, status).get("rule") == rule
    contest.refresh_from_db()
    assert contest.state == "open"


def test_who_decides_about_what_they_have_and_a_membership_that_ends_do_not_wait_for_each_other(
    committed: str,
) -> None:
    desk = make.desk()
    with transaction.atomic():
        verdict = make.verdict(make.fact(), desk.checker)
        contest = make.contest(verdict)
    api, admin = Api(make.key(desk.checker)), Api(make.key(desk.admin))
    assert api.post("/queue/next/").status_code == 200
    path = f"/organizations/{desk.organization.pk}/members/{desk.checker.pk}/"
    tag = admin.etag(path)
    decided, ended = held_up(
        verdict.claim,
        lambda: api.post(f"/contests/{contest.pk}/uphold/", {"answer": "As it says."}),
        lambda: admin.patch(path, {"ended": True}, if_match=tag),
    )
    assert (decided.status_code, ended.status_code) == (200, 200), decided.content.decode()


def test_another_organization_does_not_decide(
    verdict: Verdict, as_member: Callable[[Member], Api]
) -> None:
    path = contested(verdict)
    foreign = as_member(make.desk().admin)
    for move, asks in DECISIONS.items():
        problem(foreign.post(f"{path}{move}/", asks(verdict)), "not-found", 404)
    assert foreign.read("/contests/")["results"] == []


def test_every_decision_of_the_table_has_its_path() -> None:
    assert {it.name for it in MOVES if it.of is Of.CONTEST} == {"contest", *DECISIONS}


# The list of the organization


def test_the_list_is_narrowed_and_paged(desk: make.Desk, checker: Api) -> None:
    one, other = (make.verdict(make.fact(), desk.checker) for _ in range(2))
    ids = [str(make.contest(one, reason=reason).pk) for reason in list(ContestReason)[:3]]
    ids += [str(make.contest(other, party="speaker").pk)]
    checker.post(f"/contests/{ids[0]}/reject/", {"answer": "Sent before."})

    def found(query: str) -> list[str]:
        return [it["id"] for it in checker.read(f"/contests/?ordering=filed_at&{query}")["results"]]

    assert found("state=open") == ids[1:]
    assert found("state=rejected") == ids[:1]
    assert found(f"claim={one.claim_id}") == ids[:3]
    assert found(f"verdict={other.pk}") == found("party=speaker") == ids[3:]
    assert found("reason=not_said&state=open") == []
    first = checker.read("/contests/?page_size=3")
    assert [it["id"] for it in first["results"]] == ids[:0:-1]
    assert [it["id"] for it in checker.read(first["next"])["results"]] == ids[:1]


# The queue


def test_a_contest_puts_its_claim_into_the_queue_and_raises_it(
    desk: make.Desk, verdict: Verdict, checker: Api
) -> None:
    quiet = make.queued(make.fact(), desk.checker)
    path = contested(verdict)
    first, second = checker.read("/queue/")["results"]
    assert second["id"] == str(quiet.pk)
    assert first["claim"]["id"] == str(verdict.claim_id)
    assert {rule: days for rule, days in first["reasons"].items() if days} == {"contests": 30}
    assert (first["contests"], first["created_by"]) == (1, None)
    assert [(it["type"], it["moved_by"]) for it in first["moves"]] == [("contested", None)]

    for count, days in ((2, 60), (3, 90), (4, 90)):
        contested(verdict)
        [first, _] = checker.read("/queue/")["results"]
        assert (first["contests"], first["reasons"]["contests"]) == (count, days)

    checker.post(f"{path}reject/", {"answer": "Sent before."})
    [first, _] = checker.read("/queue/")["results"]
    assert (first["contests"], first["moves"][-1]["type"]) == (3, "answered")


def test_what_contests_alone_brought_is_done_with_the_last_decision(
    desk: make.Desk, verdict: Verdict, checker: Api
) -> None:
    paths = [contested(verdict) for _ in range(2)]
    [item] = checker.read("/queue/")["results"]
    for path in paths:
        checker.post(f"{path}uphold/", {"answer": "It says the same."})
    assert checker.read("/queue/")["results"] == []
    done = checker.read(f"/queue/{item['id']}/")
    assert (done["state"], done["verdict"]) == ("done", str(verdict.pk))
    assert done["closed_by"]["id"] == str(desk.checker.pk)
    assert [it["type"] for it in done["moves"]] == [
        "contested", "contested", "answered", "answered", "done",
    ]  # fmt: skip


def test_what_contests_alone_brought_is_done_by_the_withdrawal_that_answers(
    desk: make.Desk, verdict: Verdict, checker: Api
) -> None:
    path = contested(verdict)
    [item] = checker.read("/queue/")["results"]
    withdrawal = make.verdict(verdict.claim, desk.checker, Outcome.WITHDRAWN)
    assert checker.post(f"{path}correct/", {"verdict": str(withdrawal.pk)}).status_code == 200
    done = checker.read(f"/queue/{item['id']}/")
    assert (done["state"], done["verdict"]) == ("done", str(withdrawal.pk))


def test_what_a_member_asked_for_stays_in_the_queue(
    desk: make.Desk, verdict: Verdict, checker: Api
) -> None:
    path = contested(verdict)
    item = checker.post("/queue/", {"claim": str(verdict.claim_id)}).json()
    assert (item["requests"], item["contests"]) == (2, 1)
    checker.post(f"{path}uphold/", {"answer": "It says the same."})
    [item] = checker.read("/queue/")["results"]
    assert (item["state"], item["contests"]) == ("waiting", 0)


@pytest.mark.parametrize("outcome", [Outcome.DISPUTED, Outcome.VERIFIED])
def test_a_contest_stays_in_the_queue_until_it_is_decided_about_whatever_is_issued_meanwhile(
    desk: make.Desk, verdict: Verdict, checker: Api, outcome: Outcome
) -> None:
    paths = [contested(verdict) for _ in range(2)]
    [item] = checker.read("/queue/")["results"]
    checker.post(f"/queue/{item['id']}/take/")
    new = make.verdict(verdict.claim, desk.checker, outcome)
    [still] = checker.read(f"/queue/?claim={verdict.claim_id}")["results"]
    assert (still["id"], still["state"], still["contests"]) == (item["id"], "assigned", 2)
    assert still["verdict"] is None
    assert checker.post(f"{paths[0]}reject/", {"answer": "Sent before."}).status_code == 200
    assert checker.read(f"/queue/{item['id']}/")["state"] == "assigned"
    move, asks = ("uphold", {"answer": "So."}), ("correct", {"verdict": str(new.pk)})
    last, said = move if outcome == Outcome.DISPUTED else asks
    assert checker.post(f"{paths[1]}{last}/", said).status_code == 200
    done = checker.read(f"/queue/{item['id']}/")
    assert (done["state"], done["verdict"]) == ("done", str(new.pk))
    assert [it["type"] for it in done["moves"]] == [
        "contested", "contested", "assigned", "answered", "answered", "done",
    ]  # fmt: skip
    assert checker.read("/queue/")["results"] == []


def test_what_a_member_asked_for_is_done_with_the_last_decision_after_the_verdict(
    desk: make.Desk, verdict: Verdict, checker: Api
) -> None:
    item = checker.made("/queue/", {"claim": str(verdict.claim_id)})
    path = contested(verdict)
    make.verdict(verdict.claim, desk.editor, Outcome.VERIFIED)
    assert checker.read(f"/queue/{item['id']}/")["state"] == "waiting"
    checker.post(f"{path}reject/", {"answer": "Sent before."})
    assert checker.read(f"/queue/{item['id']}/")["state"] == "done"


def test_what_a_member_asks_for_after_the_verdict_waits_for_another_one(
    desk: make.Desk, verdict: Verdict, checker: Api
) -> None:
    item = checker.made("/queue/", {"claim": str(verdict.claim_id)})
    path = contested(verdict)
    make.verdict(verdict.claim, desk.editor)
    assert checker.post("/queue/", {"claim": str(verdict.claim_id)}).json()["id"] == item["id"]
    checker.post(f"{path}uphold/", {"answer": "It says the same."})
    assert checker.read(f"/queue/{item['id']}/")["state"] == "waiting"
    make.verdict(verdict.claim, desk.editor, Outcome.VERIFIED)
    assert checker.read(f"/queue/{item['id']}/")["state"] == "done"


def test_what_is_contested_cannot_be_dropped(verdict: Verdict, colleague: Api) -> None:
    path = contested(verdict)
    [item] = colleague.read("/queue/")["results"]
    at = f"/queue/{item['id']}/"
    dropped = {"dropped": True, "priority": "low"}
    refused = colleague.patch(at, dropped, if_match=colleague.etag(at))
    assert rule_of(refused, "queue-refused") == "contests-are-open"
    assert colleague.read(at)["priority"] == "normal"
    colleague.post("/queue/", {"claim": str(verdict.claim_id)})
    colleague.post(f"{path}reject/", {"answer": "Sent before."})
    assert colleague.patch(at, dropped, if_match=colleague.etag(at)).json()["state"] == "dropped"


def test_contests_of_others_keep_no_item_open(desk: make.Desk, checker: Api) -> None:
    claim = make.fact()
    theirs = make.verdict(claim, make.desk().checker)
    item = checker.made("/queue/", {"claim": str(claim.pk)})
    contested(theirs)
    make.verdict(claim, desk.checker)
    assert checker.read(f"/queue/{item['id']}/")["state"] == "done"


def test_what_had_left_the_queue_before_this_was_so_is_put_back(committed: str) -> None:
    desk = make.desk()
    with transaction.atomic():
        claim, _ = make.marked_fact()
        verdict = make.verdict(claim, desk.checker)
        contest = make.contest(verdict)
    run((HERE / "contested_v1.undo.sql").read_text("utf-8"), using="owner")
    with transaction.atomic():
        make.verdict(claim, desk.checker, Outcome.VERIFIED)
    checker = Api(make.key(desk.checker))
    assert checker.read("/queue/")["results"] == []
    run((HERE / "contested_v1.sql").read_text("utf-8"), using="owner")
    [item] = checker.read("/queue/")["results"]
    assert (item["claim"]["id"], item["contests"], item["requests"]) == (str(claim.pk), 1, 1)
    assert (item["reach"], item["appearances"]) == (1, 1)
    assert item["created_at"] == checker.read(f"/contests/{contest.pk}/")["filed_at"]
    assert [it["type"] for it in item["moves"]] == ["contested"]
    reject = {"answer": "Sent before."}
    assert checker.post(f"/contests/{contest.pk}/reject/", reject).status_code == 200
    assert checker.read("/queue/")["results"] == []


# Corrections


def test_every_change_of_a_published_finding_is_in_the_list(desk: make.Desk, anyone: Api) -> None:
    claim = make.fact()
    make.verdict(claim, desk.checker)
    same = make.verdict(claim, desk.checker, rationale="With another source.")
    label = make.verdict(claim, desk.checker, label="Wrong date")
    outcome = make.verdict(claim, desk.checker, Outcome.VERIFIED)
    withdrawn = make.verdict(claim, desk.checker, Outcome.WITHDRAWN)
    again = make.verdict(claim, desk.checker)
    found = [it["id"] for it in anyone.read("/corrections/?ordering=corrected_at")["results"]]
    assert found == [str(it.pk) for it in (label, outcome, withdrawn, again)]
    [first] = anyone.read("/corrections/?ordering=corrected_at&page_size=1")["results"]
    assert first["supersedes"]["id"] == str(same.pk)
    assert first["supersedes"]["outcome"] == "disputed"
    assert (first["label"], first["contests"]) == ("Wrong date", [])
    assert first["corrected_at"] == first["issued_at"]


def test_what_answers_a_contest_is_a_correction_though_the_finding_is_the_same(
    desk: make.Desk, verdict: Verdict, anyone: Api
) -> None:
    found = make.corrected(verdict, desk.editor, Outcome.DISPUTED)
    [correction] = anyone.read("/corrections/")["results"]
    assert correction["id"] == str(found.pk)
    assert correction["outcome"] == correction["supersedes"]["outcome"] == "disputed"
    assert [it["state"] for it in correction["contests"]] == ["corrected"]


def test_corrections_are_asked_for_by_organization_claim_and_period(
    desk: make.Desk, anyone: Api
) -> None:
    desks = [desk, make.desk()]
    claims = [make.fact(), make.fact()]
    made: dict[tuple[Any, Any], str] = {}
    for each in desks:
        for claim in claims:
            before = make.verdict(claim, each.checker)
            found = (
                make.corrected(before, each.editor)
                if claim is claims[0]
                else make.verdict(claim, each.checker, Outcome.VERIFIED)
            )
            made[each.organization.pk, claim.pk] = str(found.pk)

    def found_by(**asked: Any) -> set[str]:
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        return {it["id"] for it in anyone.read(f"/corrections/?{query}")["results"]}

    def those(which: Callable[[Any, Any], bool]) -> set[str]:
        return {pk for (organization, claim), pk in made.items() if which(organization, claim)}

    assert found_by() == set(made.values())
    own = desk.organization.pk
    assert found_by(organization=own) == those(lambda it, _: it == own)
    assert found_by(claim=claims[1].pk) == those(lambda _, it: it == claims[1].pk)
    assert found_by(contested="true") == those(lambda _, it: it == claims[0].pk)
    assert found_by(contested="false") == those(lambda _, it: it == claims[1].pk)
    assert found_by(contested="true", organization=own) == {made[own, claims[0].pk]}
    [at] = Verdict.objects.filter(pk=made[own, claims[1].pk]).values_list("issued_at", flat=True)
    instant = at.isoformat().replace("+00:00", "Z")
    late, early = found_by(corrected_after=instant), found_by(corrected_before=instant)
    assert late & early == {made[own, claims[1].pk]}
    assert late | early == set(made.values())
    assert found_by(corrected_after="2999-01-01") == set()
    page = anyone.read("/corrections/?page_size=3")
    rest = anyone.read(page["next"])["results"]
    assert {it["id"] for it in [*page["results"], *rest]} == set(made.values())


# The record


def test_what_happens_is_told_in_the_feed_and_in_the_history_of_the_claim(
    desk: make.Desk, verdict: Verdict, anyone: Api, checker: Api
) -> None:
    path = contested(verdict)
    checker.post(f"{path}uphold/", {"answer": "It says the same."})
    numbered()
    history = anyone.read(f"/claims/{verdict.claim_id}/history/?ordering=number")["results"]
    filed, resolved = history[-2:]
    assert (filed["type"], resolved["type"]) == ("contest.filed", "contest.resolved")
    for change in (filed, resolved):
        assert change["subject"] in path
        assert change["organization"]["id"] == str(desk.organization.pk)
        assert change["document"]["reason"] == "new_evidence"
        assert {"party", "contact", "text"}.isdisjoint(change["document"])
    assert filed["recorded_by"] is None
    assert resolved["recorded_by"]["id"] == str(desk.checker.pk)
    assert (resolved["before"]["state"], resolved["document"]["state"]) == ("open", "upheld")
    # What was written is vouched for by its hash, which tells nothing once it is erased.
    statement = Contest.objects.get().statement
    assert filed["document"]["statement"] == bytes(statement.sha256).hex()
    assert statement.salt is not None
    claim = anyone.read(f"/claims/{verdict.claim_id}/")
    assert claim["changed_at"] == resolved["recorded_at"]


def test_a_contest_by_an_account_is_nobodys_account(verdict: Verdict, colleague: Api) -> None:
    colleague.made(public(verdict), body(verdict))
    assert Change.objects.get(type="contest.filed").recorded_by_id is None


def test_a_claim_of_the_past_is_as_it_was(verdict: Verdict, anyone: Api) -> None:
    last = numbered()
    path = f"/claims/{verdict.claim_id}/"
    was = anyone.read(f"{path}?as_of={last}")
    contested(verdict)
    numbered()
    assert anyone.read(f"{path}?as_of={last}") == was
    assert Claim.objects.get(pk=verdict.claim_id).changed_at.isoformat() not in json.dumps(was)


@pytest.mark.parametrize("seed", range(3))
def test_the_list_equals_a_reckoning_row_by_row(db: None, anyone: Api, seed: int) -> None:
    chance = random.Random(seed)
    desks, claims = [make.desk(), make.desk()], [make.fact(), make.fact()]
    open_ones: list[Contest] = []
    for _ in range(40):
        each, claim = chance.choice(desks), chance.choice(claims)
        stands = Verdict.objects.standing().filter(claim=claim, organization=each.organization)
        verdict = stands.first()
        if verdict is not None and chance.random() < 0.3:
            open_ones.append(make.contest(verdict))
        elif open_ones and chance.random() < 0.4:
            contest = open_ones.pop(chance.randrange(len(open_ones)))
            later = Verdict.objects.filter(
                claim=contest.claim_id,
                organization=contest.organization_id,
                issued_at__gt=contest.filed_at,
            )
            decider = next(it for it in desks if it.organization.pk == contest.organization_id)
            decided: dict[str, Any] = {"by": decider.editor, "if_match": None}
            said = contest.verdict.outcome, contest.verdict.label
            if found := next((it for it in later if (it.outcome, it.label) != said), None):
                correct(contest_id=contest.pk, verdict=found.pk, **decided)
            else:
                uphold(contest_id=contest.pk, answer="It stays.", **decided)
        else:
            outcomes = [it for it in Outcome if verdict is not None or it != Outcome.WITHDRAWN]
            label = chance.choice([None, "Wrong date"])
            make.verdict(claim, each.checker, chance.choice(outcomes), label=label)

    reckoned = {}
    for verdict in Verdict.objects.select_related("supersedes"):
        before = verdict.supersedes
        other = before and (before.outcome, before.label) != (verdict.outcome, verdict.label)
        answered = {str(it.pk) for it in Contest.objects.filter(correction=verdict)}
        if other or answered:
            reckoned[str(verdict.pk)] = answered
    told = anyone.read("/corrections/?page_size=200")["results"]
    assert {it["id"]: {one["id"] for one in it["contests"]} for it in told} == reckoned
    instants = [it["corrected_at"] for it in told]
    assert instants == sorted(instants, reverse=True)
    for contested in (True, False):
        page = anyone.read(f"/corrections/?page_size=200&contested={str(contested).lower()}")
        assert {it["id"] for it in page["results"]} == {
            pk for pk, answered in reckoned.items() if bool(answered) == contested
        }
    # What is contested waits, and what waits knows how many are open.
    waiting_for = {(it.claim_id, it.organization_id) for it in QueueItem.objects.open()}
    assert {(it.claim_id, it.organization_id) for it in open_ones} <= waiting_for
    for item in QueueItem.objects.open():
        waiting = [
            it
            for it in open_ones
            if (it.claim_id, it.organization_id) == (item.claim_id, item.organization_id)
        ]
        assert item.contests == len(waiting)
