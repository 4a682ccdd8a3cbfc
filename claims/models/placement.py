from typing import TYPE_CHECKING

from django.db import models
from django.db.models.functions import Now

from claims.models.base import Derived

if TYPE_CHECKING:
    from uuid import UUID


class Placement(Derived):
    """That a claim appears in an article, with what lists of claims are filtered and ordered by.

    An index over one table can hold both; over appearance, article and claim none can, and
    without one a list walks a million claims to find a page of a publisher that fell silent.
    Triggers make these rows of appearances, and keep them as the articles are (`sql/listing`).
    """

    claim_id: "UUID"
    article_id: "UUID"

    pk = models.CompositePrimaryKey("claim_id", "article_id")
    claim = models.ForeignKey(
        "claims.Claim", models.PROTECT, related_name="placements", db_index=False
    )
    article = models.ForeignKey("claims.Article", models.PROTECT, related_name="placements")
    publisher = models.ForeignKey(
        "claims.Publisher", models.PROTECT, related_name="+", db_index=False
    )
    claim_created_at = models.DateTimeField(db_default=Now())
    published_from = models.DateField(null=True)
    published_to = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["publisher", "claim_created_at", "claim"],
                name="placement_publisher_created",
            ),
            # Covers what a range of dates asks for, so that walking it reads nothing else.
            models.Index(
                fields=["claim_created_at", "claim", "article", "published_from", "published_to"],
                name="placement_created",
            ),
            models.Index(fields=["published_from"], name="placement_published_from"),
            models.Index(fields=["published_to"], name="placement_published_to"),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} in {self.article_id}"
