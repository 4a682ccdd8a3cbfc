from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from claims.models.base import AppendOnly, Identified, Recorded
from claims.vocabulary import JUDGEMENTS, Outcome

if TYPE_CHECKING:
    from uuid import UUID


class RatingScale(Recorded, AppendOnly):
    """One version of the labels that an organization rates by; the newest holds.

    version: from 1. size: how many ratings it has, at once and for good; none: labels are free
    text again. That of a desk alone (`sql/scales`).
    """

    organization_id: "UUID"

    organization = models.ForeignKey(
        "claims.Organization", models.PROTECT, related_name="scales", db_index=False
    )
    version = models.PositiveIntegerField()
    size = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(version__gte=1), name="scale_version_from_1"),
            models.UniqueConstraint("organization", "version", name="scale_version_unique"),
        ]

    def __str__(self) -> str:
        return f"version {self.version}"


class Rating(Identified, AppendOnly):
    """A label of a scale, in each language, with the outcome that it stands for.

    worst, best, value: as ClaimReview tells them; all three, or none. What people read is in
    `labels`, by language tag; none of them is that of another rating of the scale.
    """

    scale_id: "UUID"

    scale = models.ForeignKey(
        "claims.RatingScale", models.PROTECT, related_name="ratings", db_index=False
    )
    position = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=12, choices=Outcome)
    labels = models.JSONField()
    worst = models.IntegerField(null=True)
    best = models.IntegerField(null=True)
    value = models.IntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("scale", "position", name="rating_position_unique"),
            models.CheckConstraint(
                condition=Q(outcome__in=sorted(JUDGEMENTS)), name="rating_outcome_known"
            ),
            models.CheckConstraint(
                condition=Q(worst__isnull=True, best__isnull=True, value__isnull=True)
                | Q(worst__isnull=False, best__isnull=False, value__isnull=False),
                name="rating_numbers_all_or_none",
            ),
            models.CheckConstraint(
                condition=Q(worst__lt=F("best"), value__gte=F("worst"), value__lte=F("best")),
                name="rating_value_from_worst_to_best",
            ),
        ]

    def __str__(self) -> str:
        return " · ".join(self.labels.values())
