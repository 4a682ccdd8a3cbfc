from typing import TYPE_CHECKING

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from claims.models.base import Derived

if TYPE_CHECKING:
    from uuid import UUID


class Wording(Derived):
    """The words of a claim or an article, and what it is filtered by, as a search finds them.

    id, created_at: of that claim or article. Triggers make these rows (`sql/search`).
    """

    id = models.UUIDField(primary_key=True)
    created_at = models.DateTimeField()
    words = SearchVectorField()

    class Meta:
        # What is new waits in a list, as adding many rows at once costs a third; a short one, as
        # every search reads all of it.
        indexes = [
            GinIndex(
                fields=["words"], name="wording_words", fastupdate=True, gin_pending_list_limit=128
            )
        ]

    def __str__(self) -> str:
        return f"the words of {self.pk}"


class Naming(Derived):
    """The names of a speaker, in every language, as a search finds them.

    Apart from the claims, so that a new name costs one row however much the speaker has said.
    """

    speaker_id: "UUID"

    # The triggers see to it that there is such a speaker.
    speaker = models.OneToOneField(
        "claims.Speaker",
        models.PROTECT,
        primary_key=True,
        related_name="+",
        db_constraint=False,
    )
    words = SearchVectorField()

    class Meta:
        indexes = [GinIndex(fields=["words"], name="naming_words", fastupdate=False)]

    def __str__(self) -> str:
        return f"the names of {self.speaker_id}"


class Stretch(Derived):
    """Since when a stretch of time runs, in which some two thousand claims were filed."""

    number = models.PositiveIntegerField(primary_key=True)
    begins_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["begins_at"], name="stretch_begins")]

    def __str__(self) -> str:
        return f"since {self.begins_at}"
