from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from claims.models.base import Identified, Recorded, Versioned
from claims.vocabulary import Kind, Speech, Status, ValueType

if TYPE_CHECKING:
    from uuid import UUID

STATEMENT = Q(kind=Kind.STATEMENT)
FACT = Q(kind=Kind.FACT)
RANGE = Q(value__isnull=True, value_type=ValueType.QUANTITY)


def all_null(*names: str) -> Q:
    condition = Q()
    for name in names:
        condition &= Q(**{f"{name}__isnull": True})
    return condition


class Claim(Recorded, Versioned):
    """One checkable proposition: a Statement of a Speaker, or a Fact about the world.

    Of a fact: subject, property and a typed value; a date is EDTF, a quantity decimal digits
    with a unit, or a range (lower, upper). `status` follows from the verdicts that stand.
    """

    speaker_id: "UUID | None"

    kind = models.CharField(max_length=9, choices=Kind)
    text = models.TextField()
    # Collated by code point, whatever the database's collation: an index answers `ar-%` then.
    language = models.CharField(max_length=35, db_collation="C")
    status = models.CharField(max_length=12, choices=Status, db_default=Status.UNVERIFIED)
    speaker = models.ForeignKey(
        "claims.Speaker",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="claims",
        db_index=False,
    )
    stated_on = models.CharField(max_length=64, null=True, blank=True)
    changed_at = models.DateTimeField(db_default=Now(), editable=False)

    speech = models.CharField(max_length=8, choices=Speech, null=True, blank=True)
    asserts = models.ManyToManyField(
        "self",
        symmetrical=False,
        through="claims.Assertion",
        through_fields=("statement", "fact"),
        related_name="asserted_by",
    )

    subject = models.CharField(max_length=300, null=True, blank=True)
    property = models.CharField(max_length=300, null=True, blank=True)
    value = models.CharField(max_length=1000, null=True, blank=True)
    value_type = models.CharField(max_length=8, choices=ValueType, null=True, blank=True)
    unit = models.CharField(max_length=80, null=True, blank=True)
    approximate = models.BooleanField(null=True, blank=True)
    lower = models.CharField(max_length=64, null=True, blank=True)
    upper = models.CharField(max_length=64, null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="claim_kind_known"),
            models.CheckConstraint(condition=Q(text__regex=r"\S"), name="claim_has_text"),
            models.CheckConstraint(
                condition=Q(status__in=Status.values), name="claim_status_known"
            ),
            # Who said it is not always known of what others have checked; a quotation is of one.
            models.CheckConstraint(
                condition=~STATEMENT | Q(speaker__isnull=False) | Q(speech=Speech.INDIRECT),
                name="quotation_has_speaker",
            ),
            models.CheckConstraint(
                condition=(STATEMENT & Q(speech__isnull=False, speech__in=Speech.values))
                | (FACT & Q(speech__isnull=True)),
                name="statement_alone_has_speech",
            ),
            models.CheckConstraint(
                condition=~FACT | Q(subject__isnull=False, subject__regex=r"\S"),
                name="fact_has_subject",
            ),
            models.CheckConstraint(
                condition=~FACT | Q(property__isnull=False, property__regex=r"\S"),
                name="fact_has_property",
            ),
            models.CheckConstraint(
                condition=~FACT
                | Q(value__isnull=False, value__regex=r"\S")
                | (RANGE & Q(lower__isnull=False, lower__regex=r"\S"))
                | (RANGE & Q(upper__isnull=False, upper__regex=r"\S")),
                name="fact_has_value",
            ),
            models.CheckConstraint(
                condition=~FACT | Q(value_type__isnull=False, value_type__in=ValueType.values),
                name="fact_value_type_known",
            ),
            models.CheckConstraint(
                condition=Q(value_type=ValueType.QUANTITY, value_type__isnull=False)
                | all_null("unit", "approximate", "lower", "upper"),
                name="quantity_alone_has_unit_and_range",
            ),
            models.CheckConstraint(
                condition=FACT
                | all_null(
                    "subject",
                    "property",
                    "value",
                    "value_type",
                    "unit",
                    "approximate",
                    "lower",
                    "upper",
                ),
                name="fact_alone_has_value",
            ),
        ]
        # Ascending, though lists mostly descend: claims come in the order of time, and an index
        # that grows at its end stays dense. None holds what a verdict changes: Listing has that.
        indexes = [
            models.Index(fields=["created_at", "id"], name="claim_created"),
            models.Index(fields=["speaker", "created_at", "id"], name="claim_speaker_created"),
            models.Index(fields=["language", "created_at", "id"], name="claim_language_created"),
            models.Index(fields=["kind", "created_at", "id"], name="claim_kind_created"),
            models.Index(
                fields=["subject", "property", "created_at", "id"],
                name="claim_subject_created",
                condition=Q(subject__isnull=False),
            ),
            models.Index(
                fields=["property", "created_at", "id"],
                name="claim_property_created",
                condition=Q(property__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class Assertion(Identified):
    """A statement asserts a fact; a trigger holds the two to their kinds."""

    statement = models.ForeignKey(
        "claims.Claim", models.PROTECT, related_name="assertions", db_index=False
    )
    fact = models.ForeignKey("claims.Claim", models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint("statement", "fact", name="assertion_once")]

    def __str__(self) -> str:
        return f"{self.statement_id} asserts {self.fact_id}"
