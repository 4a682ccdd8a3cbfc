"""Verdicts that wait for a second member."""

from itertools import product
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Case, Expression, F, Q, QuerySet, UUIDField, When
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
from claims.formats.composing import At, Concat, Given, Literal, Spelled, entry, or_null
from claims.formats.requests import DraftIn, ReturnIn, VerdictIn
from claims.models import Draft, DraftStep, Member
from claims.moves import MOVES, Of, Situation, allowed
from claims.queries import documents
from claims.vocabulary import DraftState, ReviewPolicy, Role

# What the documents depend on beside their rows: who reads, and which moves each state allows them.
ME, MAY = "me", "may"
# Beside the state, of a Situation.
DEPENDS_ON = ("is_author", "author_left", "hollow")


def may(member: Member) -> dict[str, list[str]]:
    """The moves of drafts that a member may make: by all that they depend on, as `key` has it."""
    return {
        key(state, *more): allowed(
            Of.DRAFT,
            Situation(
                role=Role(member.role),
                state=state,
                policy=ReviewPolicy(member.organization.review_policy),
                **dict(zip(DEPENDS_ON, more, strict=True)),
            ),
        )
        for state in DraftState.values
        for more in product((True, False), repeat=len(DEPENDS_ON))
    }


def key(state: str, *more: bool) -> str:
    """more: as `DEPENDS_ON`."""
    return " ".join([state, *map(str, more)]).lower()


def yes(condition: Q) -> Expression:
    return Case(When(condition, then=Literal("true")), default=Literal("false"))


@extend_schema_field(
    {
        "type": "array",
        "items": {
            "type": "string",
            "enum": [it.name for it in MOVES if it.of is Of.DRAFT],
        },
    }
)
class AllowedMoves(serializers.Field):
    """What the caller may do with the draft now. context: `may` and `me` of the caller."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, **kwargs)

    def to_representation(self, draft: Draft) -> list[str]:
        author: Any = draft.created_by
        mine, left = author.pk == self.context[ME], author.ended_at is not None
        moves: dict[str, list[str]] = orjson.loads(self.context[MAY])
        return moves[key(draft.state, mine, left, draft.hollow)]  # type: ignore[attr-defined]

    def composed(self, at: At) -> Expression:
        mine = yes(Q(created_by_id=Given(ME, UUIDField())))
        left = yes(Q(created_by__ended_at__isnull=False))
        space, hollow = Literal(" "), yes(Q(hollow=True))
        return entry(Given(MAY), Concat(F("state"), space, mine, space, left, space, hollow))


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
    allowed_moves = AllowedMoves()

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
        return {ME: self.member.pk, MAY: orjson.dumps(may(self.member)).decode()}

    def get_serializer_context(self) -> Any:
        asker: object = self.request.user
        # The description of the API is made by nobody.
        given = self.given() if isinstance(asker, Member) else {}
        return {**super().get_serializer_context(), **given}

    @extend_schema(
        summary="Draft a verdict",
        description="Of any outcome. It does not stand, and nobody else sees it, until another "
        "member confirms it. Your organization has one live draft on a claim.",
        request=DraftIn,
    )
    @writes
    def create(self, request: Request) -> Response:
        draft = create_draft(**self.asked(request), by=self.member)
        return self.created(draft, at=f"/api/v1/drafts/{draft.pk}/")

    @extend_schema(
        summary="Edit your draft",
        description="One that was returned waits to be confirmed again.",
        request=VerdictIn,
    )
    @writes
    def partial_update(self, request: Request, pk: str) -> Response:
        self.require_visible(self.id_of(pk))
        return self.moved(edit_draft, request, pk, changes=self.asked(request))

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
        return self.moved(confirm_draft, request, pk)

    @extend_schema(
        summary="Return a colleague's draft with reasons",
        description=MOVED,
        request=ReturnIn,
        responses={200: DraftOut},
    )
    @action(detail=True, methods=["post"], url_path="return")
    @writes
    def send_back(self, request: Request, pk: str) -> Response:
        self.require_visible(self.id_of(pk))
        return self.moved(return_draft, request, pk, **self.asked(request))

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
        return self.moved(withdraw_draft, request, pk)

    def moved(self, move: Any, request: Request, pk: str, **asked: Any) -> Response:
        draft_id: UUID = self.id_of(pk)
        tags = if_match(request)
        return self.told(move(draft_id=draft_id, **asked, by=self.member, if_match=tags))
