"""Claims found through their appearances or verdicts, a page at a time and in order.

What these filters ask of stands in other tables. Walking the claims in order and looking each
one up there is ruinous where the matches are few or far away, sorting all matches where they
are many. So the join starts at rows that carry the claim's time (Placement, Verdict), made one
for each claim, and a page is read off their index. Whoever orders, cuts or bounds such claims
by the time of their filing does so by the columns that `filed` names.
"""

from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet

from claims.models import Claim, Placement, Verdict
from claims.vocabulary import Outcome

LISTED_AT, LISTED_ID = "listed_at", "listed_id"


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


def judged(claims: QuerySet[Claim], asked: dict[str, Any]) -> QuerySet[Claim]:
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


def filed(rows: QuerySet[Any]) -> tuple[str, str]:
    """The columns of time of filing and id: those of the rows that these are found through."""
    if LISTED_AT in rows.query.annotations:
        return LISTED_AT, LISTED_ID
    return "created_at", "pk"


def listed(claims: QuerySet[Claim], through: str) -> QuerySet[Claim]:
    return claims.alias(
        **{LISTED_AT: F(f"{through}__claim_created_at"), LISTED_ID: F(f"{through}__claim_id")}
    )
