"""The moves of a fact-checker."""

from collections.abc import Sequence
from typing import TypedDict
from uuid import UUID

from django.utils.translation import gettext as _

from claims.actions.editing import locked
from claims.actions.preconditions import IfMatch, require_current
from claims.actions.recording import Happening, keep, record
from claims.errors import VerdictRefused
from claims.formats.state import state_of
from claims.models import Claim, Evidence, Member, Verdict
from claims.vocabulary import MAY_FOLLOW, ChangeType, Outcome, Stance, status_of


class Found(TypedDict, total=False):
    """A piece of evidence as filed."""

    url: str
    stance: Stance
    title: str | None
    quote: str | None
    archive_url: str | None
    derived_from: int | None


def issue_verdict(
    *,
    claim_id: UUID,
    outcome: Outcome,
    rationale: str,
    label: str | None = None,
    evidence: Sequence[Found] = (),
    url: str | None = None,
    title: str | None = None,
    language: str | None = None,
    date_published: str | None = None,
    by: Member,
    if_match: IfMatch | None = None,
) -> Verdict:
    """Record what the member's organization finds; the claim's status follows.

    if_match: needed when the organization has a standing verdict, checked whenever given.
    Raises NotFound, VerdictRefused, PreconditionRequired, PreconditionFailed.
    """
    claim = locked(Claim, claim_id)
    tip = claim.verdicts.tips().filter(organization_id=by.organization_id).first()
    standing = None if tip is None or tip.outcome == Outcome.WITHDRAWN else Outcome(tip.outcome)
    require_current(Claim, claim_id, if_match, needed=standing is not None)
    if outcome not in MAY_FOLLOW[standing]:
        raise VerdictRefused(_("Your organization has no standing verdict to withdraw."))

    kept, *quotes = keep([rationale, *(piece.get("quote") for piece in evidence)])
    assert kept is not None
    verdict = Verdict.objects.create(
        claim=claim,
        organization_id=by.organization_id,
        supersedes=tip,
        outcome=outcome,
        label=label,
        rationale=kept,
        url=url,
        title=title,
        language=language,
        date_published=date_published,
        issued_by=by,
    )
    pieces = Evidence.objects.bulk_create(
        Evidence(verdict=verdict, position=i, **{**piece, "quote": quote})
        for i, (piece, quote) in enumerate(zip(evidence, quotes, strict=True))
    )
    standing_now = claim.verdicts.standing().values_list("outcome", flat=True)
    claim.status = status_of(Outcome(found) for found in standing_now)
    record(
        Happening(
            type=(
                ChangeType.VERDICT_WITHDRAWN
                if outcome == Outcome.WITHDRAWN
                else ChangeType.VERDICT_ISSUED
            ),
            subject=verdict,
            by=by,
            claim=claim,
            more={"evidence": [evidence_state(piece) for piece in pieces]},
        )
    )
    return verdict


def evidence_state(piece: Evidence) -> dict[str, object]:
    state = state_of(piece)
    del state["verdict"]
    return state
