"""Verdicts are drafted, and a second person confirms or returns them."""

from typing import Any

from tests.live import Answer
from tests.rules import MOVES_OF_DRAFT
from tests.week.ledger import ALIVE, Claim, Draft, Happened, Member
from tests.week.state import Week
from tests.week.verdicts import expected_verdict

STATE = {"confirm": "confirmed", "return": "returned", "withdraw": "withdrawn", "edit": "open"}
STEP = {"edit": "edited", "return": "returned", "confirm": "confirmed", "withdraw": "withdrawn"}


def write_draft(
    week: Week, by: Member, claim: Claim | None = None, outcome: str | None = None
) -> Any:
    claim = claim or week.any_claim()
    outcome = outcome or week.chance.choice(("verified", "disputed", "disputed", "withdrawn"))
    finding = finding_of(week, by, claim, outcome)
    answer = week.of(by).post("/drafts/", finding)
    there = week.reckoned.drafted(claim, by.desk)
    rule = "no-member" if by.left else claim.rule("draft", by, drafted=there is not None)
    if rule is not None:
        week.refused(answer, rule, by)
        assert there is None or rule != "one-draft" or answer.json["draft"] == there.id
        return None
    week.reckoned.tell(drafted(week, claim, by, finding, answer))
    return week.reckoned.drafted(claim, by.desk)


def finding_of(week: Week, by: Member, claim: Claim, outcome: str) -> dict[str, str]:
    return {
        "claim": claim.id,
        "outcome": outcome,
        "rationale": week.says("draft", by.desk),
    }


def drafted(
    week: Week, claim: Claim, by: Member, finding: dict[str, str], answer: Answer
) -> Happened:
    assert answer.status == 201, answer.body
    draft = Draft(answer.json["id"], claim, by, finding["outcome"], finding["rationale"])
    week.reckoned.drafts[draft.id] = draft
    return Happened("draft.created", draft.id, by.desk.id, by.id)


def handle_some_draft(week: Week, by: Member) -> None:
    """Do something with a draft: of one's own desk, seldom of the other."""
    drafts = list(week.reckoned.drafts.values())
    alive = [it for it in drafts if it.state in ALIVE and it.desk is by.desk]
    if not drafts:
        return
    draft = week.chance.choice(alive if alive and week.chance.random() < 0.8 else drafts)
    able = [move for move in MOVES_OF_DRAFT if draft.rule(move, by) is None]
    sure = able and draft.desk is by.desk and week.chance.random() < 0.7
    take_step(week, by, draft, week.chance.choice(able if sure else MOVES_OF_DRAFT))


def take_step(week: Week, by: Member, draft: Draft, move: str) -> None:
    answer = week.of(by).get(f"/drafts/{draft.id}/")
    if by.left:
        return week.refused(answer, "no-member", by)
    if draft.desk is not by.desk:
        week.refused(answer, "not-there", by)
        moved = send_step(week, by, draft, move, "", '"x"')
        return week.refused(moved, "role" if by.role == "reader" else "not-there", by)
    told = answer.json
    rules = {it: draft.rule(it, by) for it in MOVES_OF_DRAFT}
    assert told["allowed_moves"] == [it for it in MOVES_OF_DRAFT if rules[it] is None]
    assert told["state"] == draft.state
    text = week.says("reasons" if move == "return" else "draft", draft.desk)
    moved = send_step(week, by, draft, move, text, answer.headers["etag"])
    if (rule := rules[move]) is not None:
        return week.refused(moved, rule, by)
    if move == "edit":
        draft.rationale = text
    week.reckoned.tell(*stepped(week, by, draft, move, moved))
    return None


def send_step(week: Week, by: Member, draft: Draft, move: str, text: str, tag: str) -> Answer:
    path = f"/drafts/{draft.id}/"
    if move == "edit":
        return week.of(by).send("PATCH", path, {"rationale": text}, if_match=tag)
    reasons = {"reasons": text} if move == "return" else None
    return week.of(by).post(f"{path}{move}/", reasons, if_match=tag)


def stepped(week: Week, by: Member, draft: Draft, move: str, answer: Answer) -> list[Happened]:
    assert answer.status == 200, answer.body
    draft.state = STATE[move]
    draft.steps.append((STEP[move], by.id))
    done = Happened(f"draft.{STEP[move]}", draft.id, draft.desk.id, by.id)
    if move != "confirm":
        return [done]
    draft.verdict = answer.json["verdict"]
    path = f"/claims/{draft.claim.id}/verdicts/{draft.verdict}/"
    told = week.anyone.read(path)
    # What is confirmed is told to everybody.
    for mark in [it for it in week.marks if it in told["rationale"]]:
        del week.marks[mark]
    sent = {"rationale": draft.rationale}
    verdict = expected_verdict(week, draft.claim, draft.author, told, sent, confirmed_by=by)
    return [week.reckoned.judged(draft.claim, verdict), done]
