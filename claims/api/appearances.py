from typing import Any, cast

from django.db.models import Expression, Q, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from claims.actions.claims import Marked, add_appearance
from claims.api.idempotency import writes
from claims.api.resource import Resource
from claims.formats.answers import ArticleNamed, Each, SpeakerNamed
from claims.formats.composing import At, Literal, document, either, first, when
from claims.formats.requests import AppearanceIn
from claims.models import Appearance, Claim
from claims.queries import documents
from claims.vocabulary import AnchorState


class CurrentOut(serializers.Serializer):
    """Where a passage stands in the newest snapshot; offsets are null when it is lost."""

    snapshot = serializers.UUIDField()
    start = serializers.IntegerField(allow_null=True)
    end = serializers.IntegerField(allow_null=True)


@extend_schema_field(serializers.ChoiceField(choices=AnchorState.choices))
class AnchorField(serializers.Field):
    """Whether the newest snapshot of the article still has the passage."""

    def to_representation(self, appearance: Appearance) -> str:
        last = last_anchor(appearance)
        if last is not None:
            return str(last.state)
        return AnchorState.EXACT.value if appearance.checked else AnchorState.UNCHECKED.value

    def composed(self, at: At) -> Expression:
        last = first(at.hanging("last_anchors"), lambda row: row.spelled("state"))
        exact, unchecked = (f'"{it.value}"' for it in (AnchorState.EXACT, AnchorState.UNCHECKED))
        return either(last, when(Q(checked=True), Literal(exact), unchecked))


@extend_schema_field(CurrentOut(allow_null=True))
class Current(serializers.Field):
    def to_representation(self, appearance: Appearance) -> Any:
        at = last_anchor(appearance) or appearance
        if at.snapshot_id is None:
            return None
        return {"snapshot": str(at.snapshot_id), "start": at.start, "end": at.end}

    def composed(self, at: At) -> Expression:
        inside = CurrentOut()
        last = first(at.hanging("last_anchors"), lambda row: document(inside, row))
        return either(last, when(Q(snapshot__isnull=False), document(inside, at)))


def last_anchor(appearance: Appearance) -> Any:
    last: list[Any] = appearance.last_anchors  # type: ignore[attr-defined]
    return last[0] if last else None


class PassageOut(serializers.ModelSerializer):
    anchor = AnchorField(source="*")
    current = Current(source="*")
    relayed_by = Each("speaker", source="chain", child=SpeakerNamed())

    class Meta:
        model = Appearance
        fields = [
            "id",
            "snapshot",
            "exact",
            "prefix",
            "suffix",
            "start",
            "end",
            "anchor",
            "current",
            "relayed_by",
        ]


class AppearanceOut(PassageOut):
    article = ArticleNamed()

    class Meta(PassageOut.Meta):
        fields = [*PassageOut.Meta.fields, "claim", "article", "created_at"]


@extend_schema_view(
    list=extend_schema(summary="List where a claim appears"),
    retrieve=extend_schema(summary="Read one appearance"),
)
class Appearances(Resource):
    """Where a claim appears, down to the character."""

    resource = "appearances"
    model = Appearance
    answers = AppearanceOut
    asks = {"create": AppearanceIn}
    orderings = ("created_at", "-created_at")

    made_of = staticmethod(documents.appearances)

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(claim_id=self.parent(Claim, "claim"))

    @extend_schema(summary="Say that a claim appears elsewhere too", request=AppearanceIn)
    @writes
    def create(self, request: Request, claim: str) -> Response:
        appearance = add_appearance(
            claim_id=self.id_of(claim),
            appearance=cast(Marked, self.asked(request)),
            by=self.member,
        )
        return self.created(appearance, at=f"/api/v1/claims/{claim}/appearances/{appearance.pk}/")
