from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from claims.models.base import Recorded, SameAs, Versioned
from claims.vocabulary import SpeakerType


class Speaker(Recorded, Versioned):
    """A person or an organization that says things.

    names: name by language tag. other_names: what else the speaker is called. same_as: URLs
    of the same one elsewhere (Wikidata, say). roles: [{"title", "titles", "since", "until"}],
    the titles by language, the dates EDTF or null.
    """

    type = models.CharField(max_length=12, choices=SpeakerType)
    name = models.CharField(max_length=300)
    names = models.JSONField(default=dict, blank=True)
    other_names = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    same_as = ArrayField(models.CharField(max_length=2000), default=list, blank=True)
    roles = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(name__regex=r"\S"), name="speaker_has_name"),
            models.CheckConstraint(
                condition=Q(type__in=SpeakerType.values), name="speaker_type_known"
            ),
        ]
        indexes = [
            models.Index(fields=["created_at", "id"], name="speaker_created"),
            models.Index(SameAs("name"), name="speaker_same_name"),
            GinIndex(fields=["same_as"], name="speaker_same_as"),
        ]

    def __str__(self) -> str:
        return self.name
