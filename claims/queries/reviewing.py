"""The newest verdicts and corrections, for feeds; and those that are published somewhere.

A fixed number of statements, however many there are.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, F, Func, OuterRef, Q, QuerySet

from claims.models import Claim, Organization, Verdict

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


class PublishedSince(Func):
    """Whether a date (EDTF) begins with a day, month or year that is not over before a day."""

    output_field = BooleanField()

    def __init__(self, column: str, since: date) -> None:
        begins = "substring(%(expressions)s from '^[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?')"
        # Characters are compared, as texts of any collation are not.
        template = f"{begins} COLLATE \"C\" >= left('{since.isoformat()}', length({begins}))"
        super().__init__(F(column), template=template)


def published(*, site: str | None, since: date | None) -> QuerySet[Verdict]:
    """Of a claim (OuterRef), the verdicts that stand and are published at an address.

    site: the host of it, or what that is under; since: published on this day or later.
    """
    rows = Verdict.objects.standing().filter(claim=OuterRef("pk"), url__isnull=False)
    if site is not None:
        host = rf"^https?://([^/?#]*\.)?{re.escape(site)}\.?(:[0-9]*)?([/?#]|$)"
        rows = rows.filter(url__iregex=host)
    return rows if since is None else rows.filter(PublishedSince("date_published", since))


def publishers(site: str, *, most: int) -> list[UUID] | None:
    """Who may have published on a site: the organizations of it, and all desks, which may publish
    anywhere. None where these are more than that."""
    under = Q(external_site=site) | Q(external_site__endswith=f".{site}")
    rows = Organization.objects.filter(under | Q(external_site__isnull=True))
    found = list(rows.order_by("pk").values_list("pk", flat=True)[: most + 1])
    return found if len(found) <= most else None
