from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from claims.api.filtering import DayFilter
from claims.api.resource import Resource
from claims.api.verdicts import VerdictOut
from claims.formats.answers import ClaimBrief
from claims.models import Organization, Verdict
from claims.queries import documents
from claims.queries.listing import DUE_ID


class OverdueOut(VerdictOut):
    """A verdict that stands, with its claim."""

    claim = ClaimBrief()
    due_on = serializers.DateField(
        allow_null=True, help_text="The earlier of `valid_until` and `recheck_on`."
    )

    class Meta(VerdictOut.Meta):
        fields = [*VerdictOut.Meta.fields, "due_on"]


class OverdueFilters(filters.FilterSet):
    on = DayFilter(method="together")

    class Meta:
        model = Verdict
        fields: list[str] = []

    def together(self, rows: QuerySet, _name: str, _value: Any) -> QuerySet:
        """Asked below, left out or not."""
        return rows

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        today = timezone.now().date()
        return queryset.filter(due_on__lt=self.form.cleaned_data.get("on") or today)


@extend_schema_view(
    list=extend_schema(
        summary="List what an organization is to look at again",
        description="Its verdicts that stand and whose `valid_until` or `recheck_on` has passed, "
        "the oldest day first.",
    )
)
class Overdue(Resource):
    """Verdicts that stand and whose day has passed."""

    resource = "overdue"
    model = Verdict
    answers = OverdueOut
    filterset = OverdueFilters
    orderings = ("due_on", "-due_on")

    made_of = staticmethod(documents.overdue)

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        theirs = rows.filter(due__organization_id=self.parent(Organization, "organization"))
        aliased: QuerySet[Any] = theirs.alias(
            due_on=F("due__due_on"), **{DUE_ID: F("due__verdict_id")}
        )
        return aliased
