"""Claims found through what hangs on them, a page at a time and in order.

What these filters ask of stands in other tables. Walking the claims in order and looking each
one up there is ruinous where the matches are few or far away, sorting all matches where they
are many. So the join starts at rows that carry the claim's time (Placement, Verdict, Listing),
made one for each claim, and a page is read off their index. Whoever orders, cuts or bounds such
claims does so by the columns that `ordered_by` names.
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.lookups import LessThanOrEqual

from claims.models import ALL, Claim, Placement, Verdict
from claims.vocabulary import Outcome, Status

LISTED_AT, LISTED_ID = "listed_at", "listed_id"
CHANGED_AT, CHANGED_ID = "listing_changed_at", "listing_id"
STATUS = "listing_status"
DUE_ON, DUE_ID = "due_on", "due_id"
CORRECTED_AT, CORRECTION_ID = "corrected_at", "correction_id"


@dataclass(slots=True)
class Asked:
    """What is asked of the rows that hang on a claim.

    of_appearance, of_verdict: lookups of one Placement, of one Verdict that stands. has_verdict:
    whether any stands. by_change: whether the list is in the order of the last changes.
    """

    of_appearance: dict[str, Any] = field(default_factory=dict)
    of_verdict: dict[str, Any] = field(default_factory=dict)
    status: Any = None
    has_verdict: bool | None = None
    changed_after: Any = None
    by_change: bool = False


def found(claims: QuerySet[Claim], asked: Asked) -> QuerySet[Claim]:
    """The claims that are asked for."""
    placed, judged, under = asked.of_appearance, asked.of_verdict, ALL
    of_changes = asked.by_change or asked.changed_after is not None
    if of_changes:
        # Listings are made of appearances and standing verdicts: alone, they say it all.
        # But for withdrawals, which may be asked for as an outcome.
        judging_it = None if "outcome" in judged else judged.get("organization")
        under = placed.get("publisher") or judging_it or ALL
        if asked.by_change and placed.keys() == {"publisher"}:
            placed = {}
        elif asked.by_change and not placed and judged.keys() == {"organization"}:
            judged = {}
    claims = judging(appearing(claims, placed), judged)
    if "publisher" in asked.of_appearance and "organization" in asked.of_verdict:
        claims = in_common_times(
            claims, asked.of_appearance["publisher"], asked.of_verdict["organization"]
        )
    of_state = asked.status is not None or asked.has_verdict is not None
    if of_changes or (of_state and LISTED_AT not in claims.query.annotations):
        claims = listed_under(claims, under)
    return in_state(claims, asked)


def in_common_times(
    claims: QuerySet[Claim], publisher: UUID, organization: UUID
) -> QuerySet[Claim]:
    """All or none: none where the one fell silent before the other began.

    Without it every claim of the one would be looked up to find that; now four ends of two
    indexes say it, before anything else is read.
    """
    time = "claim_created_at"
    placed = Placement.objects.filter(publisher=publisher).values(time)
    judged = Verdict.objects.filter(organization=organization).values(time)
    (placed_first, placed_last), (judged_first, judged_last) = (
        (Subquery(rows.order_by(time)[:1]), Subquery(rows.order_by(f"-{time}")[:1]))
        for rows in (placed, judged)
    )
    return claims.filter(
        LessThanOrEqual(judged_first, placed_last), LessThanOrEqual(placed_first, judged_last)
    )


def listed_under(claims: QuerySet[Claim], under: UUID) -> QuerySet[Claim]:
    claims = claims.filter(listings__under=under).alias(
        **{
            CHANGED_AT: F("listings__changed_at"),
            CHANGED_ID: F("listings__claim_id"),
            STATUS: F("listings__status"),
        }
    )
    return claims if LISTED_AT in claims.query.annotations else listed(claims, "listings")


def in_state(claims: QuerySet[Claim], asked: Asked) -> QuerySet[Claim]:
    """Those of this status, changed since then; as their listings say it, where joined."""
    status = STATUS if STATUS in claims.query.annotations else "status"
    if asked.status is not None:
        claims = claims.filter(**{status: asked.status})
    if asked.has_verdict is not None:  # one stands exactly when its status is another
        unverified = {status: Status.UNVERIFIED}
        claims = claims.exclude(**unverified) if asked.has_verdict else claims.filter(**unverified)
    if asked.changed_after is not None:
        claims = claims.filter(**{f"{CHANGED_AT}__gte": asked.changed_after})
    return claims


def appearing(claims: QuerySet[Claim], asked: dict[str, Any]) -> QuerySet[Claim]:
    """The claims of which one appearance is all that is asked, by lookups of Placement."""
    if not asked:
        return claims
    claims = claims.filter(**{f"placements__{name}": value for name, value in asked.items()})
    claims = listed(claims, "placements").alias(placed_in=F("placements__article_id"))
    if "article" in asked:
        return claims
    # A claim that appears in several such articles is listed once.
    earlier = Placement.objects.filter(
        claim=OuterRef("pk"), article__lt=OuterRef("placed_in"), **asked
    )
    return claims.filter(~Exists(earlier))


def judging(claims: QuerySet[Claim], asked: dict[str, Any]) -> QuerySet[Claim]:
    """The claims on which one verdict that stands is all that is asked: organization, outcome.

    A withdrawal is a tip that does not stand; asking for it by name finds it all the same.
    """
    if not asked:
        return claims
    claims = claims.filter(**{f"verdicts__{name}": value for name, value in asked.items()})
    claims = claims.alias(judged_by=F("verdicts__id"), found=F("verdicts__outcome"))
    if "outcome" not in asked:
        claims = claims.exclude(found=Outcome.WITHDRAWN)
    if LISTED_AT not in claims.query.annotations:
        claims = listed(claims, "verdicts")
    claims = claims.filter(~Exists(Verdict.objects.filter(supersedes=OuterRef("judged_by"))))
    if "organization" in asked:
        return claims  # which has one tip on a claim
    earlier = Verdict.objects.tips().filter(
        claim=OuterRef("pk"), pk__lt=OuterRef("judged_by"), **asked
    )
    return claims.filter(~Exists(earlier))


def ordered_by(rows: QuerySet[Any], column: str) -> tuple[str, str]:
    """The columns that a list in this order is ordered by: those of the rows it is read off."""
    instead = {
        "created_at": (LISTED_AT, LISTED_ID),
        "changed_at": (CHANGED_AT, CHANGED_ID),
        "due_on": (DUE_ON, DUE_ID),
        "corrected_at": (CORRECTED_AT, CORRECTION_ID),
    }
    columns = instead.get(column, (column, "pk"))
    return columns if columns[0] in rows.query.annotations else (column, "pk")


def listed(claims: QuerySet[Claim], through: str) -> QuerySet[Claim]:
    return claims.alias(
        **{LISTED_AT: F(f"{through}__claim_created_at"), LISTED_ID: F(f"{through}__claim_id")}
    )
