from typing import TYPE_CHECKING

from django.db import models
from django.db.models.functions import Now

from claims.models.base import AppendOnly, Identified

if TYPE_CHECKING:
    from uuid import UUID


class Snapshot(Identified, AppendOnly):
    """The text of an article as captured at an instant, verbatim.

    sha256: of the UTF-8 of the text; length: in Unicode code points. A withheld text has
    no `content`: hash and length are then all that is kept.
    """

    article_id: "UUID"

    article = models.ForeignKey(
        "claims.Article", models.PROTECT, related_name="snapshots", db_index=False
    )
    content = models.ForeignKey(
        "claims.Content", models.PROTECT, null=True, related_name="+", db_index=False
    )
    sha256 = models.BinaryField(max_length=32)
    length = models.PositiveIntegerField()
    captured_at = models.DateTimeField(db_default=Now())
    captured_by = models.ForeignKey(
        "claims.Member", models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint("article", "sha256", name="snapshot_once_per_article"),
        ]

    def __str__(self) -> str:
        return f"{self.length} characters, {self.sha256.hex()[:12]}"

    @property
    def withheld(self) -> bool:
        return self.content_id is None
