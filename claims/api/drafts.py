"""Verdicts that wait for a second member."""

from typing import Any
from uuid import UUID

import orjson
from django.db.models import Expression, F, Q, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from claims.actions.drafts import (
    confirm_draft,
    create_draft,
    edit_draft,
    return_draft,
    withdraw_draft,
)
from claims.api.filtering import Choice, IdFilter
from claims.api.idempotency import writes
from claims.api.preconditions import if_match
from claims.api.resource import Resource
from claims.formats.answers import MemberNamed, OrganizationNamed
from claims.formats.composing import At, Spelled, or_null
from claims.formats.moves import AllowedMoves, Circumstance, is_me, listed
from claims.formats.requests import DraftIn, ReturnIn, VerdictIn
from claims.models import Draft, DraftStep
from claims.moves import Of
from claims.queries import documents
from claims.vocabulary import DraftState, Role


@extend_schema_field(listed(Of.DRAFT))
class MovesOfDraft(AllowedMoves):
    """The author's name is shown, so the author is at hand."""

    of = Of.DRAFT
    states = DraftState.values
    circumstances = (
        Circumstance("is_author", lambda it, me: it.created_by_id == me, is_me("created_by_id")),
        Circumstance(
            "orphaned",
            lambda it, _me: not it.created_by.may_act_as(Role.CHECKER),
            Q(created_by__ended_at__isnull=False) | Q(created_by__role=Role.READER),
        ),
        Circumstance("hollow", lambda it, _me: it.hollow, Q(hollow=True)),
        Circumstance(
            "erased", lambda it, _me: it.finding.text is None, Q(finding__text__isnull=True)
        ),
        Circumstance("off_scale", lambda it, _me: it.off_scale, Q(off_scale=True)),
    )


@extend_schema_field(VerdictIn)
class FindingField(serializers.Field):
    """As the author has sent it; null when a law forced it out."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, **kwargs)

    def to_representation(self, draft: Draft) -> Any:
        text = draft.finding.text
        return None if text is None else orjson.loads(text)

    def composed(self, at: At) -> Expression:
        return or_null(Spelled(F("finding__text"), "{}"))


class StepOut(serializers.ModelSerializer):
    reasons = serializers.CharField(source="reasons.text", default=None, allow_null=True)
    taken_by = MemberNamed()

    class Meta:
        model = DraftStep
        fields = ["type", "reasons", "taken_by", "taken_at"]


class DraftOut(serializers.ModelSerializer):
    organization = OrganizationNamed()
    author = MemberNamed(source="created_by")
    finding = FindingField()
    steps = StepOut(source="taken", many=True)
    follows = serializers.UUIDField(
        allow_null=True,
        help_text="The last verdict of the organization on the claim, which this would supersede "
        "or has; the entity tag covers it.",
    )
    allowed_moves = MovesOfDraft()

    class Meta:
        model = Draft
        fields = [
            "id",
            "claim",
            "organization",
            "author",
            "state",
            "outcome",
            "finding",
            "steps",
            "follows",
            "verdict",
            "allowed_moves",
            "created_at",
            "changed_at",
        ]


class DraftFilters(filters.FilterSet):
    state = Choice(DraftState)
    claim = IdFilter()
    author = IdFilter(field_name="created_by")

    class Meta:
        model = Draft
        fields: list[str] = []


MOVED = (
    "Needs `If-Match` with the draft's ETag, which covers the verdict that stands for your "
    "organization: 428 without it, 412 when either has changed since."
)


@extend_schema_view(
    list=extend_schema(summary="List the drafts of your organization"),
    retrieve=extend_schema(summary="Read a draft"),
)
class Drafts(Resource):
    """Verdicts that wait for a second member. Nobody outside of the organization sees them."""

    resource = "drafts"
    model = Draft
    answers = DraftOut
    asks = {
        "create": DraftIn,
        "partial_update": VerdictIn,
        "send_back": ReturnIn,
    }
    to_caller = True
    filterset = DraftFilters

    made_of = staticmethod(documents.drafts)

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(organization_id=self.member.organization_id)

    def given(self) -> dict[str, Any]:
        return MovesOfDraft.given_to(self.member)

    @extend_schema(
        summary="Draft a verdict",
        description="Of any outcome. It does not stand, and nobody else sees it, until another "
        "member confirms it. Your organization has one live draft on a claim.",
        request=DraftIn,
    )
    @writes
    def create(self, request: Request) -> Response:
        draft = create_draft(**self.asked(request), by=self.member, through=self.key)
        return self.created(draft, at=f"/api/v1/drafts/{draft.pk}/")

    @extend_schema(
        summary="Edit your draft",
        description="One that was returned waits to be confirmed again.",
        request=VerdictIn,
    )
    @writes
    def partial_update(self, request: Request, pk: str) -> Response:
        draft_id = self.seen(pk)
        return self.moved(edit_draft, request, draft_id, changes=self.asked(request))

    @extend_schema(
        summary="Confirm a colleague's draft",
        description=f"Its verdict stands then. {MOVED}",
        request=None,
        responses={200: DraftOut},
    )
    @action(detail=True, methods=["post"])
    @writes
    def confirm(self, request: Request, pk: str) -> Response:
        self.refuse_body(request)
        return self.moved(confirm_draft, request, self.id_of(pk))

    @extend_schema(
        summary="Return a colleague's draft with reasons",
        description=MOVED,
        request=ReturnIn,
        responses={200: DraftOut},
    )
    @action(detail=True, methods=["post"], url_path="return")
    @writes
    def send_back(self, request: Request, pk: str) -> Response:
        draft_id = self.seen(pk)
        return self.moved(return_draft, request, draft_id, **self.asked(request))

    @extend_schema(
        summary="Withdraw your draft",
        description=MOVED,
        request=None,
        responses={200: DraftOut},
    )
    @action(detail=True, methods=["post"])
    @writes
    def withdraw(self, request: Request, pk: str) -> Response:
        self.refuse_body(request)
        return self.moved(withdraw_draft, request, self.id_of(pk))

    def moved(self, move: Any, request: Request, draft_id: UUID, **asked: Any) -> Response:
        who = {"by": self.member, "through": self.key}
        return self.told(move(draft_id=draft_id, **asked, **who, if_match=if_match(request)))
