"""Verdicts contested from outside, and what organizations decide about that."""

from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict, Unpack
from uuid import UUID

from django.utils.translation import gettext as _

from claims.actions.acting import acting
from claims.actions.editing import apply, locked
from claims.actions.preconditions import IfMatch, require_current
from claims.actions.queue import contest_answered, put_contested
from claims.actions.recording import Happening, keep, record
from claims.errors import ContestRefused, Invalid, NotFound
from claims.formats.canonical import canonical
from claims.models import ApiKey, Claim, Contest, Member, Verdict
from claims.models.verdict import Says, Stays
from claims.moves import ELSEWHERE, STANDS, SUPERSEDED, Of, Rule, Situation, refused
from claims.queries.relations import clock
from claims.vocabulary import (
    ChangeType,
    ContestReason,
    ContestState,
    Outcome,
    Party,
    ReviewPolicy,
    Role,
)

MOST_OPEN = 20
"""Contests of one verdict that may wait at once: who sends many keeps no desk from its work."""


class How(TypedDict):
    """Of a decision: by whom, through which key if any, and of which version of the contest."""

    by: Member
    if_match: IfMatch | None
    through: NotRequired[ApiKey | None]


class Source(TypedDict, total=False):
    """A piece of what a contest rests on."""

    url: str
    title: str | None
    quote: str | None


def file_contest(
    *,
    claim_id: UUID,
    verdict: UUID,
    party: Party,
    reason: ContestReason,
    text: str,
    evidence: Sequence[Source] = (),
    language: str | None = None,
    contact: str | None = None,
) -> Contest:
    """Contest a verdict that stands, of a desk; its claim waits in the queue of that from now on.

    contact: an e-mail address. Nothing tells who filed it: it is nobody's account that contests.
    Raises NotFound, Invalid, ContestRefused.
    """
    claim = locked(Claim, claim_id)
    contested = (
        Verdict.objects.select_related("organization").filter(pk=verdict, claim=claim).first()
    )
    if contested is None:
        raise Invalid.at("#/verdict", _("There is no verdict with this id on this claim."))
    situation = Situation(role=None, state=state_outside(contested))
    refuse(refused(Of.CONTEST, "contest", situation))
    of_organization = Contest.objects.filter(
        claim=claim, organization_id=contested.organization_id, state=ContestState.OPEN
    )
    if of_organization.filter(verdict=contested).count() >= MOST_OPEN:
        refuse(Rule.ENOUGH_CONTESTS)
    said = {"text": text, "evidence": [whole(it) for it in evidence]}
    statement, address = keep([canonical(said), contact])
    assert statement is not None
    contest = Contest.objects.create(
        verdict=contested,
        claim=claim,
        organization_id=contested.organization_id,
        party=party,
        reason=reason,
        language=language,
        statement=statement,
        contact=address,
        # After the lock: whatever verdict answers it comes later.
        filed_at=clock(),
    )
    record(
        Happening(
            type=ChangeType.CONTEST_FILED,
            subject=contest,
            by=None,
            claim=claim,
            organization_id=contested.organization_id,
        )
    )
    put_contested(claim=claim, organization_id=contested.organization_id)
    return contest


def state_outside(verdict: Verdict) -> str:
    """How it stands to who would contest it."""
    if verdict.organization.external_site is not None:
        return ELSEWHERE
    later = Verdict.objects.filter(supersedes=verdict)
    withdrawn = verdict.outcome == Outcome.WITHDRAWN
    return SUPERSEDED if withdrawn or later.exists() else STANDS


def whole(source: Source) -> dict[str, Any]:
    return {name: source.get(name) for name in ("url", "title", "quote")}


def refuse(rule: Rule | None) -> None:
    """Raises ContestRefused, where there is a rule against it."""
    if rule is not None:
        raise ContestRefused.by(rule)


def uphold(*, contest_id: UUID, answer: str, **how: Unpack[How]) -> Contest:
    """It was looked into, and the verdict stays; or one in its place that says the same.

    Raises NotFound, ContestRefused, Forbidden, NotAuthenticated, PreconditionFailed.
    """
    return resolved(contest_id, "uphold", ContestState.UPHELD, answer, **how)


def reject(*, contest_id: UUID, answer: str, **how: Unpack[How]) -> Contest:
    """There is nothing in it to be looked into. Raises as `uphold`."""
    return resolved(contest_id, "reject", ContestState.REJECTED, answer, **how)


def correct(
    *, contest_id: UUID, verdict: UUID, answer: str | None = None, **how: Unpack[How]
) -> Contest:
    """A later verdict of the organization answers it, which says something else; or a withdrawal.

    Raises as `uphold`, and Invalid.
    """
    state = ContestState.CORRECTED
    return resolved(contest_id, "correct", state, answer, correction=verdict, **how)


def resolved(
    contest_id: UUID,
    move: str,
    state: ContestState,
    answer: str | None,
    *,
    correction: UUID | None = None,
    **how: Unpack[How],
) -> Contest:
    asked_by = how["by"]
    own = Contest.objects.filter(pk=contest_id, organization_id=asked_by.organization_id).first()
    if own is None:
        raise NotFound(_("There is nothing with this id that you may see."))
    # The claim before the contest, as who files one holds it.
    claim = locked(Claim, own.claim_id)
    contest = locked(Contest, contest_id)
    by = acting(asked_by, how.get("through"))
    require_current(Contest, contest_id, how["if_match"], needed=False)
    situation = Situation(
        role=Role(by.role),
        state=contest.state,
        policy=ReviewPolicy(by.organization.review_policy),
        is_author=contest.verdict.issued_by_id == by.pk,
        gone=not stays(contest),
    )
    refuse(refused(Of.CONTEST, move, situation))
    [why] = keep([answer])
    apply(
        contest,
        {
            "state": state,
            "answer": why,
            "correction": None if correction is None else later_verdict(contest, correction),
            "resolved_at": clock(),
            "resolved_by": by,
        },
        Happening(type=ChangeType.CONTEST_RESOLVED, subject=contest, by=by, claim=claim),
    )
    contest_answered(claim=claim, by=by)
    return contest


def stays(contest: Contest) -> bool:
    """Whether what is contested stands, or another verdict in its place that says the same."""
    told = Contest.objects.filter(pk=contest.pk).annotate(stays=Stays("verdict_id"))
    return bool(told.values_list("stays", flat=True).get())


def later_verdict(contest: Contest, pk: UUID) -> Verdict:
    """Raises Invalid."""
    found = Verdict.objects.filter(
        pk=pk, claim_id=contest.claim_id, organization_id=contest.organization_id
    ).first()
    if found is None:
        detail = _("Your organization has no verdict with this id on the claim.")
        raise Invalid.at("#/verdict", detail)
    if found.issued_at <= contest.filed_at:
        detail = _("This was issued before the contest was filed: a later one answers it.")
        raise Invalid.at("#/verdict", detail)
    both = Verdict.objects.filter(pk__in=(found.pk, contest.verdict_id))
    if len(set(both.values_list(Says("pk"), flat=True))) == 1:
        detail = _(
            "It says the same as the contested one, so nothing is corrected: uphold that, or issue "
            "a verdict that says something else."
        )
        raise Invalid.at("#/verdict", detail)
    return found
