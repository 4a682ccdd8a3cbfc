from django.db import models
from django.db.models import Q

from claims.models.base import Derived


class Matter(Derived):
    """What facts of one subject and property are about, and whether they contradict each other.

    id: the key of subject and property. root: the matter that it is one with, because people
    confirmed that facts of the two are the same; itself, where there is none. Of a root:
    rank: of its worst pair, as in `vocabulary.ConflictState`; null without a conflict.
    found_at: since when there is one. place: of both, the order of the list of conflicts.
    is_decided: whether anything was ever decided about a fact of it.

    Triggers make these rows, and lock them, so that of two facts that are filed at once the second
    one finds the first (`sql/conflicts`).
    """

    id = models.UUIDField(primary_key=True, editable=False)
    root = models.UUIDField()
    subject = models.UUIDField()
    property = models.UUIDField()
    is_decided = models.BooleanField(db_default=False)
    rank = models.PositiveSmallIntegerField(null=True)
    found_at = models.DateTimeField(null=True)
    place = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["place", "id"], name="matter_place", condition=Q(place__isnull=False)
            ),
            models.Index(fields=["root"], name="matter_root"),
            models.Index(fields=["subject"], name="matter_subject"),
        ]

    def __str__(self) -> str:
        return str(self.id)
