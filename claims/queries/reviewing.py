"""The newest verdicts and corrections, for feeds: a fixed number of statements, however many."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from claims.models import Claim, Verdict

# How many of the newest corrections are looked through: so the rarest filter costs no more.
WINDOW = 10_000


def standing(claims: Sequence[UUID], asked: dict[str, Any], *, most: int) -> list[UUID]:
    """The newest verdicts that stand on these claims. asked: lookups of them."""
    rows = Verdict.objects.standing().filter(claim__in=claims, **asked)
    return list(rows.order_by("-issued_at", "-pk").values_list("pk", flat=True)[:most])


def corrections(claims: QuerySet[Claim] | None, asked: dict[str, Any], *, most: int) -> list[UUID]:
    """The newest verdicts that have taken the place of earlier ones, withdrawals among them.

    claims: on which they are, None: on any. An id begins with its time, so that the newest are
    read off the primary key.
    """
    newest = Verdict.objects.filter(supersedes__isnull=False).order_by("-pk")
    rows = Verdict.objects.filter(pk__in=newest.values("pk")[:WINDOW], **asked)
    if claims is not None:
        rows = rows.filter(claim__in=claims.values("pk"))
    return list(rows.order_by("-pk").values_list("pk", flat=True)[:most])
