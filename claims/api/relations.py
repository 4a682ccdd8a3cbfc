from typing import Any

from django.db.models import Q, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from claims.actions.relations import decide_relation
from claims.api.filtering import Choice, IdFilter, YesNo
from claims.api.idempotency import writes
from claims.api.preconditions import if_match
from claims.api.resource import Resource
from claims.formats.answers import MemberNamed, Number, OrganizationNamed
from claims.formats.matching import REASONS
from claims.formats.requests import RelationIn
from claims.models import Claim, Relation
from claims.queries import documents
from claims.vocabulary import RelationType


@extend_schema_field({"type": "number", "minimum": 0, "maximum": 1})
class Score(serializers.Field):
    """A number between 0 and 1; without needless zeros."""

    spelling = "trim_scale({})::text"

    def to_representation(self, value: Any) -> float:
        return float(value)


@extend_schema_field(REASONS)
class ReasonsField(serializers.JSONField):
    pass


class RelationOut(serializers.ModelSerializer):
    score = Score(allow_null=True)
    reasons = ReasonsField()
    organization = OrganizationNamed()
    decided_by = MemberNamed(allow_null=True)
    stands = serializers.BooleanField(
        help_text="Whether it counts: no later one of its organization supersedes it, and it is no "
        "withdrawal."
    )
    number = Number()

    class Meta:
        model = Relation
        fields = [
            "id",
            "claim",
            "other",
            "relation",
            "score",
            "reasons",
            "organization",
            "supersedes",
            "stands",
            "decided_by",
            "decided_at",
            "number",
        ]


class RelationFilters(filters.FilterSet):
    relation = Choice(RelationType)
    organization = IdFilter()
    stands = YesNo(method="by_standing")

    class Meta:
        model = Relation
        fields: list[str] = []

    def by_standing(self, rows: Any, _name: str, stands: bool) -> Any:
        standing = Relation.objects.standing().values("pk")
        return rows.filter(pk__in=standing) if stands else rows.exclude(pk__in=standing)


@extend_schema_view(
    list=extend_schema(
        summary="List what was decided about pairs of which a claim is one",
        description="Every decision ever made, in whichever order the pair was named, the "
        "superseded and withdrawn ones included; `stands` tells and filters.",
    ),
    retrieve=extend_schema(summary="Read a decision about a pair"),
)
class Relations(Resource):
    """How claims are to each other, as organizations decided. None is changed: a later one
    supersedes it."""

    resource = "relations"
    model = Relation
    answers = RelationOut
    asks = {"create": RelationIn}
    filterset = RelationFilters
    orderings = ("-decided_at", "decided_at")

    made_of = staticmethod(documents.relations)

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        claim = self.parent(Claim, "claim")
        return rows.filter(Q(claim_id=claim) | Q(other_id=claim))

    @extend_schema(
        summary="Decide how a claim is to another one",
        description="The claim of the path is named first: it `narrows` or `updates` the other. "
        "`withdrawn` takes your organization's decision back. Needs `If-Match` with the claim's "
        "ETag when your organization has a standing decision on the pair, in either order: 428 "
        "without it, 412 when the claim has changed since.",
        request=RelationIn,
    )
    @writes
    def create(self, request: Request, claim: str) -> Response:
        decided = decide_relation(
            claim_id=self.id_of(claim),
            **self.asked(request),
            by=self.member,
            if_match=if_match(request),
        )
        return self.created(decided, at=f"/api/v1/claims/{claim}/relations/{decided.pk}/")
