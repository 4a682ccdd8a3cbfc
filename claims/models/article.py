from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import MD5

from claims.models.base import Recorded, Versioned

if TYPE_CHECKING:
    from uuid import UUID


class Article(Recorded, Versioned):
    """A published piece. Its texts are Snapshots.

    date_published is EDTF; published_from and published_to are the first and last day that
    it can mean (null: open), kept beside it for filtering.
    """

    publisher_id: "UUID"

    publisher = models.ForeignKey(
        "claims.Publisher", models.PROTECT, related_name="articles", db_index=False
    )
    headline = models.CharField(max_length=1000, null=True, blank=True)
    language = models.CharField(max_length=35)
    url = models.URLField(max_length=2000, null=True, blank=True)
    date_published = models.CharField(max_length=64, null=True, blank=True)
    published_from = models.DateField(null=True, editable=False)
    published_to = models.DateField(null=True, editable=False)

    class Meta:
        constraints = [
            # Over a hash: an index row holds 2,700 bytes, a URL in Arabic letters more.
            models.UniqueConstraint(MD5("url"), name="article_url_unique"),
            models.CheckConstraint(
                condition=Q(headline__isnull=True) | Q(headline__regex=r"\S"),
                name="article_headline_not_blank",
            ),
            models.CheckConstraint(
                condition=Q(headline__isnull=False) | Q(url__isnull=False),
                name="article_has_headline_or_url",
            ),
            models.CheckConstraint(
                condition=Q(published_from__isnull=True)
                | Q(published_to__isnull=True)
                | Q(published_from__lte=models.F("published_to")),
                name="article_published_in_order",
            ),
        ]
        indexes = [
            models.Index(fields=["created_at", "id"], name="article_created"),
            models.Index(
                fields=["publisher", "created_at", "id"], name="article_publisher_created"
            ),
            models.Index(fields=["published_from"], name="article_published_from"),
        ]

    def __str__(self) -> str:
        return self.headline or self.url or str(self.pk)
