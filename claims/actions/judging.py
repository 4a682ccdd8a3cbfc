"""A verdict, without whoever carries the statements to the database: these, and the rules between.

It takes two steps, whatever is judged: the claim is locked and looked at, then all is written by
one statement. Looking comes after locking, not with it: a statement sees the record as it was when
it began to wait for the lock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple, Self, TypedDict
from uuid import UUID

import orjson
from django.db.models import Model
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from claims.actions.preconditions import IfMatch, refuse_stale
from claims.actions.rating import Scale, rated, scale_of
from claims.actions.recording import Happening, change_of, content_columns
from claims.actions.rows import Columns, as_json, insertion, made
from claims.errors import Invalid, VerdictRefused
from claims.formats.composing import Given, Statement
from claims.formats.state import state_of
from claims.models import Change, Claim, Content, Evidence, Member, Rating, Verdict
from claims.moves import ISSUING, NOTHING, Of, Situation, refused
from claims.queries.etags import tag_sql
from claims.vocabulary import (
    ChangeType,
    Outcome,
    ReviewPolicy,
    Role,
    Stance,
    Status,
    status_of,
)

CLAIM, ORGANIZATION = Given("claim"), Given("organization")

LOCK = "SELECT FROM claims_claim WHERE id = %s{provided} FOR NO KEY UPDATE"

# The instant is one after the lock: verdicts on a claim come in the order of their instants.
LOOK = """
    SELECT json_build_object(
        'at', clock_timestamp(), 'created_at', held.created_at, 'language', held.language,
        'tips', ARRAY(SELECT json_build_array(tip.id, tip.organization_id, tip.outcome)
                      FROM ({tips}) AS tip(id, organization_id, outcome)),
        'scale', ARRAY(SELECT row_to_json(rating) FROM claims_rating rating
                       WHERE rating.scale_id = (
                           SELECT id FROM claims_ratingscale WHERE organization_id = %s
                           ORDER BY version DESC LIMIT 1)
                       ORDER BY rating.position),
        'tag', ({tag}))::text
    FROM claims_claim AS held WHERE held.id = %s"""

# The verdict waits for all texts: a trigger looks for the rationale.
WRITE = """
    WITH content AS ({contents} RETURNING id),
    verdict AS ({verdict} WHERE (SELECT count(*) FROM content) > 0),
    evidence AS ({evidence}),
    claim AS (
        UPDATE claims_claim SET status = %s, version = version + 1, changed_at = %s WHERE id = %s)
    {change}"""


class Found(TypedDict, total=False):
    """A piece of evidence as filed."""

    url: str
    stance: Stance
    title: str | None
    quote: str | None
    archive_url: str | None
    derived_from: int | None


class Finding(TypedDict, total=False):
    """What a verdict says; outcome and rationale are always said."""

    outcome: Outcome
    rationale: str
    label: str | None
    evidence: Sequence[Found]
    url: str | None
    title: str | None
    language: str | None
    date_published: str | None
    valid_until: date | None
    recheck_on: date | None


class Tip(NamedTuple):
    """The last verdict of an organization's chain."""

    id: UUID
    organization_id: UUID
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Held:
    """What the next verdict on a claim depends on, as it is under the lock.

    at: the instant of the verdict. tag: the claim's entity tag, where it was asked for. scale: what
    the organization rates by; empty: by free text.
    """

    at: datetime
    created_at: datetime
    language: str
    tips: list[Tip]
    tag: str | None
    scale: Scale = ()

    @classmethod
    def of(cls, looked: str | bytes) -> Self:
        """looked: what LOOK found."""
        found = orjson.loads(looked)
        at, created_at = (datetime.fromisoformat(found[name]) for name in ("at", "created_at"))
        tips = [Tip(UUID(pk), UUID(by), Outcome(outcome)) for pk, by, outcome in found["tips"]]
        scale = scale_of(found["scale"])
        return cls(at, created_at, found["language"], tips, found["tag"], scale)


class Judged(NamedTuple):
    """A verdict about to be written, and its evidence."""

    verdict: Verdict
    pieces: Sequence[Evidence]


def lock(provided: Statement | None = None) -> Statement:
    """SELECT a row, and lock it, where there is such a claim. provided: and this is true."""
    if provided is None:
        return Statement(LOCK.format(provided=""), (CLAIM,))
    sql = LOCK.format(provided=f" AND {provided.sql}")
    return Statement(sql, (CLAIM, *provided.parameters))


@cache
def look(*, tagged: bool) -> Statement:
    """SELECT what Held is made of, for a verdict of this organization.

    tagged: with the entity tag, which takes as long as the rest.
    """
    tips = Verdict.objects.tips().filter(claim_id=RawSQL("held.id", ()))
    sql, parameters = tips.values_list("id", "organization_id", "outcome").query.sql_with_params()
    tag = tag_sql(Claim, "held.id") if tagged else "NULL"
    return Statement(LOOK.format(tips=sql, tag=tag), (*parameters, ORGANIZATION, CLAIM))


@cache
def write() -> Statement:
    """Writes what was decided."""
    inserted = {"contents": Content, "verdict": Verdict, "evidence": Evidence, "change": Change}
    sql = WRITE.format(**{name: insertion(model) for name, model in inserted.items()})
    order = ("contents", "verdict", "evidence", "status", "at", "claim", "change")
    return Statement(sql, tuple(map(Given, order)))


Rows = dict[type[Model], list[Columns]]


def decide(
    held: Held,
    finding: Finding,
    *,
    claim_id: UUID,
    by: Member,
    if_match: IfMatch | None,
    external: UUID | None = None,
    confirmed_by: Member | None = None,
) -> tuple[Judged, dict[str, Any]]:
    """What is found, and what is given to `write` for it.

    external: the external organization whose finding it is; None: it is that of the member's own.
    confirmed_by: the second member, who has seen the verdict that stands with the draft.
    Raises VerdictRefused, LabelNotOnScale, Invalid, PreconditionRequired, PreconditionFailed.
    """
    judged, status, rows = judge(
        held,
        finding,
        claim_id=claim_id,
        by=by,
        if_match=if_match,
        external=external,
        confirmed_by=confirmed_by,
    )
    return judged, {
        "claim": claim_id,
        "status": status,
        "at": held.at,
        "contents": as_json(Content, rows[Content]),
        "verdict": as_json(Verdict, rows[Verdict]),
        "evidence": as_json(Evidence, rows[Evidence]),
        "change": as_json(Change, rows[Change]),
    }


def judge(
    held: Held,
    finding: Finding,
    *,
    claim_id: UUID,
    by: Member,
    if_match: IfMatch | None = None,
    external: UUID | None = None,
    confirmed_by: Member | None = None,
) -> tuple[Judged, Status, Rows]:
    """What is found, the claim's status by it, and all rows that are to be written.

    As `decide`.
    """
    outcome = finding["outcome"]
    organization_id = external or by.organization_id
    tip = next((it for it in held.tips if it.organization_id == organization_id), None)
    standing = None if tip is None or tip.outcome == Outcome.WITHDRAWN else tip.outcome
    # Of an external organization there is no colleague whose verdict could be lost.
    seen = external is not None or confirmed_by is not None
    refuse_stale(if_match, held.tag, needed=not seen and standing is not None)
    situation = Situation(
        # What a role may is asked before; of a draft, of who confirms it.
        role=Role.CHECKER,
        state=standing or NOTHING,
        policy=ReviewPolicy.NONE if seen else ReviewPolicy(by.organization.review_policy),
    )
    if (rule := refused(Of.CLAIM, ISSUING[outcome], situation)) is not None:
        raise VerdictRefused.by(rule)
    rating = rating_of(finding, held.scale)

    outcomes = [outcome, *(it.outcome for it in held.tips if it is not tip)]
    status = status_of(it for it in outcomes if it != Outcome.WITHDRAWN)
    rationale = content_columns(finding["rationale"])
    columns = {
        "id": uuid7(),
        "claim_id": claim_id,
        "organization_id": organization_id,
        "supersedes_id": None if tip is None else tip.id,
        "outcome": outcome,
        "label": finding.get("label"),
        "rating_id": None if rating is None else rating.pk,
        "rationale_id": rationale["id"],
        "url": finding.get("url"),
        "title": finding.get("title"),
        "language": finding.get("language"),
        "date_published": finding.get("date_published"),
        "valid_until": finding.get("valid_until"),
        "recheck_on": finding.get("recheck_on"),
        "issued_at": held.at,
        "claim_created_at": held.created_at,
        "issued_by_id": by.pk,
        "confirmed_by_id": confirmed_by and confirmed_by.pk,
    }
    verdict = made(
        Verdict, columns, rationale=made(Content, rationale), issued_by=by, rating=rating
    )
    contents, evidence, pieces = [rationale], [], []
    for position, found in enumerate(finding.get("evidence", ())):
        quote = found.get("quote")
        kept = None if quote is None else content_columns(quote)
        evidence.append(piece_columns(found, verdict=verdict, position=position, quote=kept))
        text = None if kept is None else made(Content, kept)
        pieces.append(made(Evidence, evidence[-1], quote=text))
        if kept is not None:
            contents.append(kept)
    texts, change = change_of(
        Happening(
            type=(
                ChangeType.VERDICT_WITHDRAWN
                if outcome == Outcome.WITHDRAWN
                else ChangeType.VERDICT_ISSUED
            ),
            subject=verdict,
            by=by,
            claim=made(Claim, {"id": claim_id, "language": held.language, "status": status}),
            organization_id=organization_id,
            more={
                "evidence": [evidence_state(piece) for piece in pieces],
                # All of it: what the label meant is to be read in the log alone.
                "rating": None if rating is None else state_of(rating),
            },
        )
    )
    change |= {"id": uuid7(), "recorded_at": held.at}
    return (
        Judged(verdict, pieces),
        status,
        {
            Content: [*contents, *texts],
            Verdict: [columns],
            Evidence: evidence,
            Change: [change],
        },
    )


def rating_of(finding: Finding, scale: Scale) -> Rating | None:
    """What its label is on the scale; None without. Raises Invalid, LabelNotOnScale."""
    if finding["outcome"] == Outcome.WITHDRAWN:
        for name in ("valid_until", "recheck_on"):
            if finding.get(name) is not None:
                raise Invalid.at(f"#/{name}", _("A withdrawal finds nothing: leave this out."))
    return rated(scale, finding["outcome"], finding.get("label"))


def piece_columns(
    found: Found, *, verdict: Verdict, position: int, quote: Columns | None
) -> Columns:
    return {
        "id": uuid7(),
        "verdict_id": verdict.pk,
        "position": position,
        "url": found["url"],
        "stance": found["stance"],
        "title": found.get("title"),
        "quote_id": None if quote is None else quote["id"],
        "archive_url": found.get("archive_url"),
        "derived_from": found.get("derived_from"),
    }


def evidence_state(piece: Evidence) -> dict[str, object]:
    state = state_of(piece)
    del state["verdict"]
    return state
