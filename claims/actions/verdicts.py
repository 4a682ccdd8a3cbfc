"""The moves of a fact-checker."""

from typing import Unpack
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from claims.actions.acting import acting
from claims.actions.judging import Finding, Held, decide, lock, look, write
from claims.actions.preconditions import IfMatch
from claims.errors import NotFound
from claims.models import ApiKey, Member, Verdict


def judge_claim(
    *,
    claim_id: UUID,
    by: Member,
    through: ApiKey | None,
    if_match: IfMatch | None,
    **finding: Unpack[Finding],
) -> Verdict:
    """Record what a member finds, who is looked at again when it is their turn.

    through: the key that asks for it. Raises as `issue_verdict`, NotAuthenticated, Forbidden.
    """
    hold(claim_id)
    by = acting(by, through)
    return issue_verdict(claim_id=claim_id, by=by, if_match=if_match, **finding)


def hold(claim_id: UUID) -> None:
    """Lock the claim, where there is one, before all else that its verdict depends on."""
    with connection.cursor() as cursor:
        cursor.execute(lock().sql, lock().bound(claim=claim_id))


def issue_verdict(
    *,
    claim_id: UUID,
    by: Member,
    if_match: IfMatch | None = None,
    external: UUID | None = None,
    confirmed_by: Member | None = None,
    **finding: Unpack[Finding],
) -> Verdict:
    """Record what the member's organization finds; the claim's status follows.

    if_match: needed when the organization has a standing verdict, checked whenever given.
    external: the external organization whose finding it is, filed by the member; the database
        holds that it is external. if_match is not needed then.
    Raises NotFound, VerdictRefused, LabelNotOnScale, Invalid, PreconditionRequired,
    PreconditionFailed.
    """
    looking = look(tagged=if_match is not None)
    about = {"claim": claim_id, "organization": external or by.organization_id}
    with connection.cursor() as cursor:
        cursor.execute(lock().sql, lock().bound(**about))
        if cursor.fetchone() is None:
            raise NotFound(_("There is nothing with this id."))
        cursor.execute(looking.sql, looking.bound(**about))
        [looked] = cursor.fetchone()
        (verdict, _pieces), decided = decide(
            Held.of(looked),
            finding,
            claim_id=claim_id,
            by=by,
            if_match=if_match,
            external=external,
            confirmed_by=confirmed_by,
        )
        cursor.execute(write().sql, write().bound(**decided))
    verdict._state.adding = False
    return verdict
