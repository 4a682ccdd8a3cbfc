"""Somebody without an account contests a verdict, and its desk answers."""

import json

from tests.live import Answer
from tests.week.browser import instant
from tests.week.claims import unjudged
from tests.week.ledger import Claim, Desk, Happened, Item, Member, Verdict
from tests.week.state import Week
from tests.week.verdicts import judge


def be_contested(week: Week, desk: Desk) -> None:
    """One contest is rejected with reasons, one is answered by a new verdict."""
    one, other, _editor = week.colleagues(desk)
    reader, stranger = week.somebody(desk, "reader"), week.somebody(week.other(desk), "admin")
    no = {"answer": "Nothing in it is about what was found."}
    claim = unjudged(week)
    judge(week, one, claim, "verify", "now")
    verdict = claim.of(desk)
    assert verdict is not None
    contest, item = file_contest(week, claim, verdict)
    week.refused(resolve_contest(week, reader, claim, contest, "reject", **no), "role", reader)
    answer = resolve_contest(week, stranger, claim, contest, "reject", **no)
    week.refused(answer, "not-there", stranger)
    assert resolve_contest(week, other, claim, contest, "reject", **no).status == 200
    answer = resolve_contest(week, other, claim, contest, "uphold", **no)
    week.refused(answer, "contest-is-closed", other)
    # Nobody else has asked for it, and what was waited for is that the verdict stays.
    item.contests, item.verdict = 0, verdict.id

    contest, item = file_contest(week, claim, verdict)
    judge(week, other, claim, "dispute", "now")
    correction = claim.of(desk)
    assert correction is not None
    assert item.is_open, "until the contest is decided about"
    answer = resolve_contest(week, one, claim, contest, "correct", verdict=correction.id)
    assert answer.status == 200, answer.body
    week.reckoned.answers.add(correction.id)
    item.contests, item.verdict = 0, correction.id
    body = {"verdict": verdict.id, "party": "reader", "reason": "other", "text": "Too late."}
    late = week.anyone.post(f"/claims/{claim.id}/contests/", body)
    week.refused(late, "not-standing", one)


def file_contest(week: Week, claim: Claim, verdict: Verdict) -> tuple[str, Item]:
    """By somebody without an account; the claim waits in the desk's queue from then on."""
    path, desk = f"/claims/{claim.id}/contests/", verdict.desk
    mark = week.says("contest", desk)
    body = {"verdict": verdict.id, "party": "reader", "reason": "new_evidence", "text": mark}
    told = week.anyone.made(path, body)
    assert mark not in json.dumps(told, ensure_ascii=False)
    status = claim.status
    week.reckoned.tell(Happened("contest.filed", told["id"], desk.id, None, claim.id, status))
    [queued] = week.of(week.somebody(desk, "reader")).every(f"/queue/?claim={claim.id}")
    there = [it for it in week.reckoned.queue(desk) if it.claim is claim]
    if not there:
        there = [Item(queued["id"], claim, desk, instant(queued["created_at"]), None, [])]
        week.reckoned.items[queued["id"]] = there[0]
    there[0].contests += 1
    return told["id"], there[0]


def resolve_contest(
    week: Week, by: Member, claim: Claim, contest: str, move: str, **body: str
) -> Answer:
    answer = week.of(by).post(f"/contests/{contest}/{move}/", body)
    if answer.status == 200:
        state = {"uphold": "upheld", "reject": "rejected", "correct": "corrected"}[move]
        assert answer.json["state"] == state
        week.reckoned.tell(
            Happened("contest.resolved", contest, by.desk.id, by.id, claim.id, claim.status)
        )
    return answer
