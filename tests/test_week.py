"""A week of two desks: the record, the feed and the figures at its end are what was reckoned."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests import rules
from tests.live import ROOT, live_server
from tests.waiting import PATIENCE, until
from tests.week.browser import Browser
from tests.week.claims import LANGUAGE
from tests.week.days import play
from tests.week.ledger import Claim, Desk, Happened, Verdict, cohen, kappa, spread
from tests.week.state import Week

pytestmark = pytest.mark.timeout(600)

RULES = Path(rules.__file__)
WEEK = sorted((RULES.parent / "week").glob("*.py"))


@pytest.fixture(scope="module")
def week() -> Iterator[Week]:
    with live_server() as server:
        week = Week(server)
        try:
            play(week)
            yield week
        finally:
            week.close()


def readers(week: Week) -> list[tuple[Browser, Desk | None]]:
    """Somebody of each desk, who reads alone, and anyone."""
    of_desks = [(week.of(week.somebody(desk, "reader")), desk) for desk in week.desks]
    return [(week.anyone, None), *of_desks]


def every_claim(week: Week) -> dict[str, Any]:
    return {it["id"]: it for it in week.anyone.every(f"/claims/?language={LANGUAGE}")}


def test_the_week_had_all_that_a_week_has(week: Week) -> None:
    reckoned = week.reckoned
    assert len(week.people) == 10
    assert sum(it.left for it in week.people) == 1
    verdicts = list(reckoned.verdicts())
    assert any(it.confirmed_by for it in verdicts)
    assert any(it.supersedes and it.outcome != "withdrawn" for it in verdicts)
    assert any(it.outcome == "withdrawn" for it in verdicts)
    steps = {step for draft in reckoned.drafts.values() for step, _by in draft.steps}
    assert steps == {"edited", "returned", "confirmed", "withdrawn"}
    assert {it.rating and it.rating["best"] is not None for it in verdicts} == {None, False, True}
    assert any(it.label and it.rating is None for it in verdicts)
    assert "contested" in {it.status for it in reckoned.claims.values()}
    assert "done" in {it.state for it in reckoned.items.values()}
    # Whoever was refused was told by which rule, and that was the one that was reckoned.
    assert Browser.refusals == []
    # Every rule that forbids something has forbidden it.
    assert reckoned.refused.keys() >= {
        "role",
        "review-required",
        "nothing-stands",
        "draft-is-returned",
        "draft-is-closed",
        "author-only",
        "not-by-the-author",
        "editor-confirms",
        "one-draft",
        "label-not-on-scale",
        "not-there",
        "no-member",
        "unread",
        "stale",
        "a-colleague-has-it",
        "not-yours",
        "out-of-the-queue",
        "nothing-waits",
        "contest-is-closed",
        "not-standing",
        "its-own-editors",
        "invitation-is-over",
    }, reckoned.refused


@pytest.mark.parametrize("path", [RULES, *WEEK], ids=lambda it: it.name)
def test_who_reckons_asks_nothing_of_the_server_but_over_http(path: Path) -> None:
    assert not re.search(r"^\s*(from|import) (claims|config|django)", path.read_text(), re.M)


# The record


def told_verdict(it: Verdict, claim: Claim) -> dict[str, Any]:
    return {
        "id": it.id,
        "claim": claim.id,
        "organization": it.desk.named,
        "outcome": it.outcome,
        "supersedes": it.supersedes,
        "issued_by": it.by,
        "confirmed_by": it.confirmed_by,
        "rationale": it.rationale,
        "label": it.label,
        "rating": it.rating,
        "issued_at": it.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }


def told(document: Any) -> dict[str, Any]:
    """Of a verdict, what is reckoned of it."""
    names = ("id", "claim", "organization", "outcome", "supersedes", "issued_at")
    names += ("rationale", "label", "rating")
    people = {
        name: document[name] and document[name]["id"] for name in ("issued_by", "confirmed_by")
    }
    return {name: document[name] for name in names} | people


def test_each_claim_stands_as_it_was_reckoned(week: Week) -> None:
    found = every_claim(week)
    assert found.keys() == week.reckoned.claims.keys()
    for claim in week.reckoned.claims.values():
        document = found[claim.id]
        assert document["status"] == claim.status
        assert document["disagreement"] == claim.disagreement
        standing = [told_verdict(it, claim) for it in claim.standing]
        assert [told(it) for it in document["verdicts"]] == standing
        path = f"/claims/{claim.id}/verdicts/?ordering=issued_at"
        chain = [told(it) for it in week.anyone.every(path)]
        assert chain == [told_verdict(it, claim) for it in claim.verdicts]


def test_the_list_of_disagreements_is_the_one_that_was_reckoned(week: Week) -> None:
    for status in ("unverified", "verified", "disputed", "inconclusive", "contested"):
        listed = week.anyone.every(f"/claims/?language={LANGUAGE}&status={status}")
        reckoned = {it.id for it in week.reckoned.claims.values() if it.status == status}
        assert {it["id"] for it in listed} == reckoned


def test_the_public_list_of_corrections_is_the_one_that_was_reckoned(week: Week) -> None:
    ids = {it.id for it in week.reckoned.verdicts()}
    for query, reckoned in (
        ("", week.reckoned.corrections()),
        ("?contested=true", week.reckoned.answers),
    ):
        listed = {it["id"] for it in week.anyone.every(f"/corrections/{query}")}
        assert listed & ids == reckoned
    assert len(week.reckoned.answers) == 1


def test_each_evening_is_read_as_it_was(week: Week) -> None:
    assert len(week.evenings) == 7
    for number, statuses in week.evenings.items():
        listed = week.anyone.every(f"/claims/?language={LANGUAGE}&as_of={number}")
        assert {it["id"]: it["status"] for it in listed} == statuses


def test_drafts_and_queue_are_told_to_their_desk_as_they_were_reckoned(week: Week) -> None:
    for browser, desk in readers(week)[1:]:
        drafts = {it["id"]: it for it in browser.every("/drafts/")}
        reckoned = {it.id: it for it in week.reckoned.drafts.values() if it.desk is desk}
        assert drafts.keys() == reckoned.keys()
        for pk, draft in reckoned.items():
            document = drafts[pk]
            assert (document["state"], document["verdict"]) == (draft.state, draft.verdict)
            assert (document["claim"], document["author"]["id"]) == (
                draft.claim.id,
                draft.author.id,
            )
            steps = [(it["type"], it["taken_by"]["id"]) for it in document["steps"]]
            assert steps == draft.steps
        assert desk is not None
        waiting = browser.every("/queue/")
        assert [it["id"] for it in waiting] == [it.id for it in week.reckoned.queue(desk)]
        for state in ("waiting", "assigned", "done", "dropped"):
            listed = {it["id"]: it for it in browser.every(f"/queue/?state={state}")}
            items = {it.id: it for it in week.reckoned.items.values() if it.desk is desk}
            assert listed.keys() == {pk for pk, it in items.items() if it.state == state}
            for pk, document in listed.items():
                assert document["verdict"] == items[pk].verdict
                # What contests alone have put there counts as asked for once.
                assert document["requests"] == max(1, len(items[pk].asked))


# The feed


def read_feed(browser: Browser, after: int, size: int) -> list[Any]:
    found: list[Any] = []
    while True:
        page = browser.read(f"/changes/?after={after}&page_size={size}")
        found += page["results"]
        after = page["last"]
        if after == page["head"]:
            return found


def as_told(change: Any) -> Happened:
    """What a change says, to whoever may know all of it."""
    return Happened(
        change["type"],
        change["subject"],
        change["organization"] and change["organization"]["id"],
        change["recorded_by"] and change["recorded_by"]["id"],
        change["claim"],
        change["status"],
        change["outcome"],
    )


@pytest.mark.parametrize("size", [7, 200])
def test_the_feed_tells_to_each_all_that_happened_in_order_and_no_more(
    week: Week, size: int
) -> None:
    members = [week.somebody(desk, role) for desk in week.desks for role in ("reader", "admin")]
    for member in (None, *members):
        browser = week.anyone if member is None else week.of(member)
        feed = read_feed(browser, week.begins_after, size)
        first = week.begins_after + 1
        assert [it["number"] for it in feed] == list(range(first, first + week.count()))
        rest = iter(feed)
        for requests in week.reckoned.happened:
            found = [as_told(next(rest)) for it in requests for _change in it]
            for one in requests:  # of what happened at once, each in its own order
                assert [it for it in found if it in one] == one
        for change in feed:
            happened = as_told(change)
            assert (change["document"] is not None) == happened.says_what(member), change
            named = change["recorded_by"] and change["recorded_by"]["name"] is not None
            assert named in (None, happened.names_who(member)), change


def test_the_history_of_each_claim_is_what_happened_to_it(week: Week) -> None:
    for pk in week.reckoned.claims:
        reckoned = [
            it
            for requests in week.reckoned.happened
            for one in requests
            for it in one
            if it.claim == pk
        ]
        history = week.anyone.every(f"/claims/{pk}/history/")
        assert [as_told(it) for it in history] == reckoned


def test_what_a_desk_wrote_for_itself_is_told_to_nobody_else(week: Week) -> None:
    assert len(week.marks) > 20
    for browser, desk in readers(week):
        told: set[str] = set()
        for path in (
            f"/claims/?language={LANGUAGE}",
            "/changes/",
            *(("/drafts/", "/notes/", "/queue/") if desk is not None else ()),
        ):
            body = json.dumps(
                read_feed(browser, week.begins_after, 200)
                if path == "/changes/"
                else browser.every(path),
                ensure_ascii=False,
            )
            told |= {it for it in week.marks if it in body}
        exported = browser.get(f"/exports/claims/?language={LANGUAGE}")
        told |= {it for it in week.marks if it in exported.body.decode()}
        of_others = {it for it in told if week.marks[it] is not desk}
        assert of_others == set()
        assert bool(told) == (desk is not None)


# Statistics


@pytest.fixture(scope="module")
def counted(week: Week) -> Week:
    """With everything counted."""
    head = week.settled()

    def is_counted() -> bool:
        told = stats(week.anyone)
        return bool(told["number"] >= head and told["ahead"] == 0)

    until(is_counted, lambda: stats(week.anyone))
    return week


def run(week: Week, *command: str) -> str:
    """What a program prints that ends with 0."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=week.server.inherited,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_record_is_what_was_logged_to_the_operator_and_to_an_auditor(
    counted: Week, tmp_path: Path
) -> None:
    assert "all as they were logged" in run(counted, "manage.py", "verify_log")
    address = f"http://127.0.0.1:{counted.server.port}/"
    state = str(tmp_path / "state.json")
    assert "whole: " in run(counted, "docs/verify_isnad.py", address, "--state", state)


def stats(browser: Browser, query: str = "") -> Any:
    return browser.read(f"/stats/?language={LANGUAGE}&{query}")


def test_claims_are_counted_by_status_and_by_whose_verdicts_stand(counted: Week) -> None:
    reckoned = counted.reckoned
    told = stats(counted.anyone, "by=organization")["claims"]
    assert told["claims"] == len(reckoned.claims)
    assert told["statuses"] == reckoned.statuses()
    by_desk = {it["group"]["organization"]["id"]: it["statuses"] for it in told["groups"]}
    assert by_desk == reckoned.statuses_by_desk()


def test_verdicts_are_counted_by_outcome_organization_and_checker(counted: Week) -> None:
    reckoned = counted.reckoned
    told = stats(counted.anyone, "figures=verdicts&by=organization")["verdicts"]
    assert {None: told["outcomes"]} == reckoned.outcomes()
    by_desk = {it["group"]["organization"]["id"]: it["outcomes"] for it in told["groups"]}
    assert by_desk == reckoned.outcomes("desk")
    for desk, outcomes in by_desk.items():
        query = f"figures=verdicts&organization={desk}"
        assert stats(counted.anyone, query)["verdicts"]["outcomes"] == outcomes
        for outcome, many in outcomes.items():
            told = stats(counted.anyone, f"{query}&outcome={outcome}")
            assert told["verdicts"]["verdicts"] == many
    assert counted.anyone.get("/stats/?figures=verdicts&by=checker").status == 401
    for browser, desk in readers(counted)[1:]:
        groups = stats(browser, "figures=verdicts&by=checker")["verdicts"]["groups"]
        own = {it.id for it in counted.people if it.desk is desk}
        assert {it["group"]["checker"]["id"]: it["outcomes"] for it in groups} == {
            checker: its for checker, its in reckoned.outcomes("checker").items() if checker in own
        }


def test_times_are_the_medians_of_what_was_reckoned(counted: Week) -> None:
    told = stats(counted.anyone, "figures=times&by=organization")["times"]
    by_desk = {it["group"]["organization"]["id"]: it for it in told["groups"]}
    filtered = [
        (stats(counted.anyone, f"figures=times&organization={it.id}")["times"], it)
        for it in counted.desks
    ]
    grouped = [(by_desk[it.id], it) for it in counted.desks]
    for figures, desk in ((told, None), *grouped, *filtered):
        for name, values in counted.reckoned.times(desk).items():
            cases, median, p90 = spread(values)
            assert figures[name]["cases"] == cases
            assert figures[name]["median"] == pytest.approx(median, abs=2e-6)
            assert figures[name]["p90"] == pytest.approx(p90, abs=2e-6)


@pytest.mark.parametrize("zone", ["Asia/Baghdad", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_each_day_of_a_zone_has_what_was_filed_and_found_on_it(counted: Week, zone: str) -> None:
    def on(at: datetime) -> str:
        return str(at.astimezone(ZoneInfo(zone)).date())

    reckoned = counted.reckoned
    query = f"figures=claims,verdicts&every=day&time_zone={zone}"
    told = stats(counted.anyone, query)
    for figure, instants in (
        ("claims", [it.filed_at for it in reckoned.claims.values()]),
        ("verdicts", [it.at for it in reckoned.verdicts()]),
    ):
        series = {it["day"]: it[figure] for it in told[figure]["series"] if it[figure]}
        assert series == Counter(map(on, instants))


def test_the_backlog_is_what_has_no_verdict(counted: Week) -> None:
    told = stats(counted.anyone, "figures=backlog&every=day")["backlog"]
    waiting = [it for it in counted.reckoned.claims.values() if it.status == "unverified"]
    assert told["claims"] == told["series"][-1]["claims"] == len(waiting)
    oldest = min(it.filed_at for it in waiting)
    assert told["oldest_filed_at"] == oldest.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def test_of_drafts_each_desk_is_told_what_became_of_its_own(counted: Week) -> None:
    assert counted.anyone.get("/stats/?figures=drafts").status == 401
    for browser, desk in readers(counted)[1:]:
        told = stats(browser, "figures=drafts")["drafts"]
        own = [it for it in counted.reckoned.drafts.values() if it.desk is desk]
        states = Counter(it.state for it in own)
        returned = sum(any(step == "returned" for step, _by in it.steps) for it in own)
        assert told["drafts"] == len(own) > 0
        assert +Counter(told["states"]) == states
        assert told["ever_returned"] == returned > 0
        assert told["share_confirmed"] == pytest.approx(states["confirmed"] / len(own))
        assert told["share_returned"] == pytest.approx(returned / len(own))


def test_agreement_is_that_of_cohen_and_of_fleiss(counted: Week) -> None:
    told = stats(counted.anyone, "figures=agreement")["agreement"]
    one, other = counted.desks
    [pair] = told["pairs"]
    if pair["organizations"][0]["id"] == other.id:
        one, other = other, one
    assert [it["id"] for it in pair["organizations"]] == [one.id, other.id]
    table = counted.reckoned.table(one, other)
    assert pair["table"] == table
    for figures, (cases, observed, expected) in (
        (pair, cohen(table)),
        (told, counted.reckoned.fleiss()),
    ):
        assert cases > 1
        assert figures["cases"] == cases
        assert figures["observed"] == pytest.approx(observed)
        assert figures["expected"] == pytest.approx(expected)
        assert figures["kappa"] == pytest.approx(kappa(observed, expected))
