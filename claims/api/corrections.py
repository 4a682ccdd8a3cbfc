"""The public list of corrections."""

from datetime import time
from typing import Any

from django.db.models import F, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from claims.api.contests import ContestOut
from claims.api.filtering import IdFilter, InstantFilter, YesNo
from claims.api.resource import Resource
from claims.api.reviews import EntryOut
from claims.models import Verdict
from claims.queries import documents
from claims.queries.listing import CORRECTION_ID


class CorrectionOut(EntryOut):
    """A verdict that corrects the one before, with that one, and the contests that it answers."""

    contests = ContestOut(source="answered", many=True)
    corrected_at = serializers.DateTimeField(allow_null=True)

    class Meta(EntryOut.Meta):
        fields = [*EntryOut.Meta.fields, "contests", "corrected_at"]


class CorrectionFilters(filters.FilterSet):
    organization = IdFilter(field_name="correction__organization")
    claim = IdFilter(field_name="correction__claim")
    contested = YesNo(field_name="correction__contested")
    corrected_after = InstantFilter(field_name="correction__corrected_at", lookup_expr="gte")
    corrected_before = InstantFilter(
        field_name="correction__corrected_at", lookup_expr="lte", time_of_day=time.max
    )

    class Meta:
        model = Verdict
        fields: list[str] = []


@extend_schema_view(
    list=extend_schema(
        summary="List corrections",
        description="Verdicts whose outcome or label is not that of the one whose place they took, "
        "withdrawals among them, and those by which an organization has answered a contest; the "
        "newest first. `contested`: those that answer one, or the others.",
    )
)
class Corrections(Resource):
    """What organizations have said otherwise before."""

    resource = "corrections"
    model = Verdict
    answers = CorrectionOut
    filterset = CorrectionFilters
    orderings = ("-corrected_at", "corrected_at")

    made_of = staticmethod(documents.corrections)

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        corrections: QuerySet[Any] = rows.filter(correction__isnull=False).alias(
            corrected_at=F("correction__corrected_at"),
            **{CORRECTION_ID: F("correction__verdict_id")},
        )
        return corrections
