from django.db import models
from django.db.models import Q

from claims.models.base import Identified


class Content(Identified):
    """A text that append-only rows point at, kept apart so that a law can force it out.

    The database checks hash and length against the text. Erasing (the owner alone can)
    empties `text` and `salt` and leaves the rest, so the rows that point here need no update.

    salt: 16 random bytes where the text could be guessed from its hash alone, as a short
    rationale could after it was erased; null for texts whose plain hash is public.
    sha256: of salt and the UTF-8 of the text; length: in Unicode code points.
    """

    text = models.TextField(null=True)
    salt = models.BinaryField(max_length=16, null=True)
    sha256 = models.BinaryField(max_length=32)
    length = models.PositiveIntegerField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(text__isnull=False, erased_at__isnull=True)
                | Q(text__isnull=True, salt__isnull=True, erased_at__isnull=False),
                name="content_has_text_unless_erased",
            ),
        ]
        indexes = [
            models.Index(
                fields=["erased_at"],
                name="content_erased",
                condition=Q(erased_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.length} characters" if self.erased_at is None else "erased"
