from django.db import models
from django.db.models import Q

from claims.models.base import Recorded, Versioned
from claims.vocabulary import ReviewPolicy


class Organization(Recorded, Versioned):
    """A fact-checking organization: the author of verdicts (ClaimReview `author`).

    external_site: of one that does not work here, the host that its reviews are published on,
    without `www.`: misbar.com. It has no members and no keys; members of desks file what it found.
    Null for a desk. Triggers hold all of that (`sql/external`).

    review_policy: who confirms its verdicts before they stand. What stands is not touched by it.
    """

    name = models.CharField(max_length=300)
    url = models.URLField(max_length=2000, null=True, blank=True)
    external_site = models.CharField(max_length=253, null=True, blank=True, editable=False)

    review_policy = models.CharField(
        max_length=13,
        choices=ReviewPolicy,
        default=ReviewPolicy.NONE,
        db_default=ReviewPolicy.NONE,
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(review_policy__in=ReviewPolicy.values),
                name="organization_review_policy_known",
            ),
            models.CheckConstraint(condition=Q(name__regex=r"\S"), name="organization_has_name"),
            # Of all: nobody who imports can give an external organization the name of a desk.
            models.UniqueConstraint("name", name="organization_name_unique"),
            models.CheckConstraint(
                condition=Q(external_site__isnull=True)
                | Q(external_site__regex=r"^[^\sA-Z/@:]+\.[^\sA-Z/@:]+$"),
                name="organization_external_site_is_a_host",
            ),
            models.UniqueConstraint("external_site", name="organization_external_site_unique"),
        ]

    def __str__(self) -> str:
        return self.name
