from typing import Any

import orjson
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from claims.actions.claims import create_claim, edit_claim
from claims.api.answers import (
    ArticleNamed,
    MemberNamed,
    OrganizationNamed,
    Part,
    SpeakerNamed,
)
from claims.api.appearances import PassageOut
from claims.api.filtering import ClaimFilters
from claims.api.idempotency import writes
from claims.api.pagination import Pages
from claims.api.preconditions import if_match
from claims.api.resource import Resource
from claims.api.verdicts import VerdictOut, judge
from claims.formats.requests import ClaimEdit, ClaimIn, MoveIn
from claims.models import Appearance, Article, Change, Claim
from claims.queries import documents
from claims.vocabulary import Kind, Outcome


class FactOut(serializers.ModelSerializer):
    class Meta:
        model = Claim
        fields = [
            "subject",
            "property",
            "value",
            "value_type",
            "unit",
            "approximate",
            "lower",
            "upper",
        ]


@extend_schema_field(FactOut(allow_null=True))
class FactField(Part):
    document = FactOut

    def pick(self, claim: Claim) -> Claim | None:
        return claim if claim.kind == Kind.FACT else None


@extend_schema_field(ArticleNamed(allow_null=True))
class FirstArticle(Part):
    """The article of the first filed appearance."""

    document = ArticleNamed

    def pick(self, appearances: list[Appearance]) -> Article | None:
        return appearances[0].article if appearances else None


@extend_schema_field(PassageOut(allow_null=True))
class FirstAppearance(Part):
    """The first filed appearance; all are listed at appearances/."""

    document = PassageOut


class AssertsOut(serializers.ListField):
    child = serializers.UUIDField()

    def to_representation(self, assertions: list[Any]) -> Any:
        return [str(assertion.fact_id) for assertion in assertions]


class ClaimOut(serializers.ModelSerializer):
    speaker = SpeakerNamed(allow_null=True)
    fact = FactField(source="*")
    asserts = AssertsOut(source="asserted")
    article = FirstArticle(source="first_appearances")
    appearance = FirstAppearance(source="first_appearances")
    verdicts = VerdictOut(source="standing_verdicts", many=True)

    class Meta:
        model = Claim
        fields = [
            "id",
            "kind",
            "text",
            "language",
            "status",
            "speaker",
            "fact",
            "speech",
            "asserts",
            "stated_on",
            "article",
            "appearance",
            "verdicts",
            "created_at",
            "changed_at",
        ]


@extend_schema_field({"type": ["object", "null"], "additionalProperties": True})
class Remembered(serializers.Field):
    """A row as it was, as JSON; null when a law forced it out."""

    def to_representation(self, text: str) -> Any:
        return orjson.loads(text)


class ChangeOut(serializers.ModelSerializer):
    organization = OrganizationNamed(allow_null=True)
    document = Remembered(source="document_text", allow_null=True)
    before = Remembered(source="before_text", allow_null=True)
    recorded_by = MemberNamed(allow_null=True)

    class Meta:
        model = Change
        fields = [
            "id",
            "type",
            "claim",
            "subject_id",
            "organization",
            "document",
            "before",
            "recorded_by",
            "recorded_at",
        ]


MOVE = (
    "Needs `If-Match` with the claim's ETag when your organization has a standing verdict: "
    "428 without it, 412 when the claim has changed since."
)


@extend_schema_view(
    list=extend_schema(
        summary="List claims",
        description="Filters combine freely. `article`, `publisher` and `published_…` match any "
        "appearance; `organization` and `outcome` match one standing verdict.",
    ),
    retrieve=extend_schema(summary="Read a claim"),
)
class Claims(Resource):
    """Checkable propositions: statements of speakers, and facts about the world."""

    resource = "claims"
    model = Claim
    answers = ClaimOut
    asks = {
        "create": ClaimIn,
        "partial_update": ClaimEdit,
        "verify": MoveIn,
        "dispute": MoveIn,
        "withdraw": MoveIn,
    }
    filterset = ClaimFilters
    orderings = ("-created_at", "created_at", "-changed_at", "changed_at")

    def rows(self) -> Any:
        return documents.claims()

    @extend_schema(
        summary="File a claim",
        description="With an appearance, the passage is found in the snapshot, or refused.",
        request=ClaimIn,
    )
    @writes
    def create(self, request: Request) -> Response:
        claim = create_claim(**self.asked(request), by=self.member)
        return self.created(claim, at=f"/api/v1/claims/{claim.pk}/")

    @extend_schema(
        summary="Edit a claim before its first verdict",
        description="`fact` is replaced whole.",
        request=ClaimEdit,
    )
    @writes
    def partial_update(self, request: Request, pk: str) -> Response:
        claim = edit_claim(
            claim_id=self.id_of(pk),
            changes=self.asked(request),
            by=self.member,
            if_match=if_match(request),
        )
        return self.told(claim)

    @extend_schema(
        summary="Mark a claim verified",
        description=MOVE,
        request=MoveIn,
        responses={201: VerdictOut},
    )
    @action(detail=True, methods=["post"])
    @writes
    def verify(self, request: Request, pk: str) -> Response:
        return judge(self, request, pk, outcome=Outcome.VERIFIED)

    @extend_schema(
        summary="Mark a claim disputed",
        description=MOVE,
        request=MoveIn,
        responses={201: VerdictOut},
    )
    @action(detail=True, methods=["post"])
    @writes
    def dispute(self, request: Request, pk: str) -> Response:
        return judge(self, request, pk, outcome=Outcome.DISPUTED)

    @extend_schema(
        summary="Withdraw your organization's verdict",
        description=MOVE,
        request=MoveIn,
        responses={201: VerdictOut},
    )
    @action(detail=True, methods=["post"])
    @writes
    def withdraw(self, request: Request, pk: str) -> Response:
        return judge(self, request, pk, outcome=Outcome.WITHDRAWN)

    @extend_schema(
        summary="Read everything that happened to a claim",
        responses={200: ChangeOut},
    )
    @action(detail=True, methods=["get"])
    def history(self, request: Request, pk: str) -> Response:
        self.kwargs["pk"] = pk
        pages = Pages(request, ("recorded_at", "-recorded_at"))
        self.refuse_parameters(known=("cursor", "page_size", "ordering"))
        found, following, previous = pages.cut(documents.history(self.parent(Claim, "pk")))
        return Response(
            {
                "next": following,
                "previous": previous,
                "results": ChangeOut(found, many=True).data,
            }
        )
