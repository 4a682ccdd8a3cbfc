"""Several do at the same moment what only one of them can, or what has to be counted once."""

from tests.week.browser import at_once
from tests.week.claims import unjudged
from tests.week.drafts import drafted, finding_of, stepped
from tests.week.ledger import Claim, Desk, Draft, Happened, Member
from tests.week.state import Week
from tests.week.verdicts import judged


def race_for_the_queue(week: Week) -> None:
    """All who may judge ask for the next item at the same moment."""
    runners = [it for it in week.people if it.judges]
    before = {desk.id: week.reckoned.waiting(desk) for desk in week.desks}
    answers = at_once(*(week.asks(it, "/queue/next/") for it in runners))
    for desk in week.desks:
        its = [(it, a) for it, a in zip(runners, answers, strict=True) if it.desk is desk]
        won = [(it, answer.json["id"]) for it, answer in its if answer.status == 200]
        waiting = before[desk.id]
        assert len(won) == min(len(its), len(waiting))
        # Each another one, and together the first of them.
        assert sorted(pk for _, pk in won) == sorted(it.id for it in waiting[: len(won)])
        for runner, pk in won:
            week.reckoned.items[pk].assignee = runner
        for runner, answer in its:
            if answer.status != 200:
                week.refused(answer, "nothing-waits", runner)


def race_for_a_verdict(week: Week, desk: Desk) -> None:
    """Two colleagues judge one claim at the same moment: one comes first, nothing is lost."""
    claim, (one, other, _editor) = unjudged(week), week.colleagues(desk)
    body = {"rationale": "Both at once."}
    answers = at_once(
        week.asks(one, f"/claims/{claim.id}/verify/", body),
        week.asks(other, f"/claims/{claim.id}/dispute/", body),
    )
    assert sorted(it.status for it in answers) == [201, 428], answers
    for by, answer in zip((one, other), answers, strict=True):
        if answer.status == 201:
            week.reckoned.tell(judged(week, claim, by, answer, body))
        else:
            week.refused(answer, "unread", by)


def disagree(week: Week) -> Claim:
    """Two desks judge one claim at the same moment, and find what cannot both be so."""
    claim, bys = unjudged(week), [week.somebody(it, "checker") for it in week.desks]
    body = {"rationale": "At once with the others."}
    answers = at_once(
        week.asks(bys[0], f"/claims/{claim.id}/verify/", body),
        week.asks(bys[1], f"/claims/{claim.id}/dispute/", body),
    )
    told = sorted(zip(answers, bys, strict=True), key=lambda it: str(it[0].json["issued_at"]))
    week.reckoned.tell(*[judged(week, claim, by, answer, body) for answer, by in told])
    assert claim.status == "contested"
    return claim


def race_for_a_draft(week: Week, desk: Desk) -> None:
    """Two draft on one claim at once: one draft is there. Two confirm it at once: once."""
    claim, (one, other, editor) = unjudged(week), week.colleagues(desk)
    bodies = [finding_of(week, it, claim, "disputed") for it in (one, other)]
    answers = at_once(
        week.asks(one, "/drafts/", bodies[0]), week.asks(other, "/drafts/", bodies[1])
    )
    assert sorted(it.status for it in answers) == [201, 409], answers
    for by, finding, answer in zip((one, other), bodies, answers, strict=True):
        if answer.status == 201:
            week.reckoned.tell(drafted(week, claim, by, finding, answer))
        else:
            week.refused(answer, "one-draft", by)
    draft = week.reckoned.drafted(claim, desk)
    assert draft is not None
    seconds = [it for it in (one, other, editor) if it is not draft.author]
    if desk.policy == "editor":
        seconds = [editor, week.somebody(desk, "admin")]
    confirm_at_once(week, draft, seconds)


def confirm_at_once(week: Week, draft: Draft, seconds: list[Member]) -> None:
    seconds = [it for it in seconds if draft.rule("confirm", it) is None]
    path = f"/drafts/{draft.id}/"
    tags = [week.of(it).get(path).headers["etag"] for it in seconds]
    answers = at_once(
        *(
            week.asks(it, f"{path}confirm/", if_match=tag)
            for it, tag in zip(seconds, tags, strict=True)
        )
    )
    assert [it.status for it in answers].count(200) == 1, [it.body for it in answers]
    for by, answer in zip(seconds, answers, strict=True):
        if answer.status == 200:
            week.reckoned.tell(*stepped(week, by, draft, "confirm", answer))
        else:
            week.refused(answer, "stale", by)


def race_with_the_policy(week: Week, desk: Desk, policy: str) -> None:
    """It changes while colleagues judge: each verdict is there, or was refused by the rule."""
    claims = [unjudged(week) for _ in range(2)]
    one, other, editor = week.colleagues(desk)
    path = f"/organizations/{desk.id}/"
    tag = week.of(editor).get(path).headers["etag"]
    body = {"rationale": "While the policy changes."}
    change, *answers = at_once(
        lambda: week.of(editor).send("PATCH", path, {"review_policy": policy}, if_match=tag),
        week.asks(one, f"/claims/{claims[0].id}/verify/", body),
        week.asks(other, f"/claims/{claims[1].id}/verify/", body),
    )
    assert change.status == 200, change.body
    told = [[Happened("organization.edited", desk.id, desk.id, editor.id)]]
    for claim, by, answer in zip(claims, (one, other), answers, strict=True):
        if answer.status == 201:
            told.append([judged(week, claim, by, answer, body)])
        else:
            week.refused(answer, "review-required", by)
    desk.policy = policy
    week.reckoned.tell_at_once(*told)
