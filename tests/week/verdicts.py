"""Claims are judged: the moves of a fact-checker, and what each verdict must be told as."""

from typing import Any

from tests.live import Answer
from tests.rules import MOVES_OF_CLAIM
from tests.week.browser import instant
from tests.week.ledger import Claim, Happened, Member, Verdict
from tests.week.state import Week

OUTCOME = {
    "verify": "verified",
    "dispute": "disputed",
    "leave_open": "inconclusive",
    "withdraw": "withdrawn",
}
UNHEARD_OF = "Neither here nor there"  # a label that is on no scale


def seen(week: Week, claim: Claim, by: Member) -> str:
    """The claim as somebody reads it now: what it allows is checked, its tag is given."""
    answer = week.of(by).get(f"/claims/{claim.id}/")
    drafted = week.reckoned.drafted(claim, by.desk) is not None
    rules = {move: claim.rule(move, by, drafted=drafted) for move in MOVES_OF_CLAIM}
    # A draft that is there already is told by the refusal of another.
    may = [move for move in MOVES_OF_CLAIM if rules[move] in (None, "one-draft")]
    told = answer.json
    assert told["allowed_moves"] == may, (by.name, by.role, claim)
    assert (told["status"], told["disagreement"]) == (claim.status, claim.disagreement)
    tag = answer.headers["etag"]
    week.tags.setdefault(claim.id, (tag, len(claim.verdicts)))
    return tag


def judge(
    week: Week,
    by: Member,
    claim: Claim | None = None,
    move: str | None = None,
    reading: str | None = None,
) -> None:
    """reading: of the claim, by which it is judged: `now`, `earlier`, or none (`nothing`)."""
    claim = claim or week.any_claim()
    move = move or week.chance.choice((*OUTCOME, "verify", "dispute"))
    readings, careful = ("now", "earlier", "nothing"), reading is not None
    reading = reading or week.chance.choices(readings, (8, 1, 1))[0]
    if by.left:
        answer = week.of(by).post(f"/claims/{claim.id}/verify/", {"rationale": "No more."})
        return week.refused(answer, "no-member", by)
    headers = {"if_match": seen(week, claim, by)}
    rule = claim.rule(move, by, drafted=False)
    earlier, verdicts = week.tags[claim.id]
    if reading == "nothing":
        headers = {}
        if claim.of(by.desk) is not None and rule != "role":
            rule = "unread"
    elif reading == "earlier" and verdicts < len(claim.verdicts):
        headers = {"if_match": earlier}
        rule = rule if rule == "role" else "stale"
    body = judgement(week, by, move, careful=careful)
    if rule is None and body.get("label") == UNHEARD_OF and by.desk.scale:
        rule = "label-not-on-scale"
    answer = send_move(week, by, claim, move, body, **headers)
    if rule is not None:
        return week.refused(answer, rule, by)
    week.reckoned.tell(judged(week, claim, by, answer, body))
    return None


def judgement(week: Week, by: Member, move: str, *, careful: bool) -> dict[str, Any]:
    """What somebody sends who judges: some with evidence, some with a label of their own."""
    body: dict[str, Any] = {"rationale": f"{by.name} finds so: {next(week.numbers)}."}
    if move == "withdraw":
        return body
    if week.chance.random() < 0.5:
        body["evidence"] = [{"url": "https://example.org/record", "stance": "context"}]
    if week.chance.random() < 0.5:
        labels = by.desk.labels(OUTCOME[move])
        if not careful:
            labels.append(UNHEARD_OF)
        if labels:
            body["label"] = week.chance.choice(labels)
    return body


def send_move(
    week: Week, by: Member, claim: Claim, move: str, body: dict[str, Any], **headers: str
) -> Answer:
    path = f"/claims/{claim.id}/{move}/"
    if move == "leave_open":
        body, path = body | {"outcome": OUTCOME[move]}, f"/claims/{claim.id}/verdicts/"
    return week.of(by).post(path, body, **headers)


def judged(week: Week, claim: Claim, by: Member, answer: Answer, sent: dict[str, Any]) -> Happened:
    assert answer.status == 201, answer.body
    return week.reckoned.judged(claim, expected_verdict(week, claim, by, answer.json, sent))


def expected_verdict(
    week: Week,
    claim: Claim,
    by: Member,
    told: Any,
    sent: dict[str, Any],
    confirmed_by: Member | None = None,
) -> Verdict:
    """A verdict that is new, as the reckoning expects it: so it must be told."""
    tip = claim.tip(by.desk)
    verdict = Verdict(
        told["id"],
        by.desk,
        told["outcome"],
        instant(told["issued_at"]),
        by.id,
        confirmed_by and confirmed_by.id,
        tip and tip.id,
        sent["rationale"],
        sent.get("label"),
        by.desk.rating(sent.get("label")),
    )
    assert told["organization"] == by.desk.named
    assert told["issued_by"]["id"] == by.id
    assert (told["confirmed_by"] or {}).get("id") == verdict.confirmed_by
    assert told["supersedes"] == verdict.supersedes
    return verdict


def correct_verdict(week: Week, claim: Claim) -> None:
    """A desk comes to find otherwise: a new verdict supersedes what it found."""
    for verdict in list(claim.standing):
        if verdict.desk.policy == "none":
            by = week.somebody(verdict.desk, "checker")
            move = "dispute" if verdict.outcome == "verified" else "verify"
            tag = seen(week, claim, by)
            body = {"rationale": "It was not as we said."}
            answer = send_move(week, by, claim, move, body, if_match=tag)
            week.reckoned.tell(judged(week, claim, by, answer, body))
            assert claim.tip(by.desk).supersedes == verdict.id  # type: ignore[union-attr]
            return
    raise AssertionError("nobody can correct what is to be corrected")
