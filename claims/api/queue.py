from datetime import time
from typing import Any

from django.db.models import Q, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from claims.actions.queue import assign, edit_item, put_in_queue, release, take, take_next
from claims.api.filtering import Choice, IdFilter, InstantFilter, MemberFilter
from claims.api.idempotency import writes
from claims.api.preconditions import if_match
from claims.api.resource import Resource
from claims.errors import NothingWaits, QueueRefused
from claims.formats.answers import ClaimBrief, MemberNamed
from claims.formats.desk import AssignmentIn, QueueEdit, QueueIn
from claims.models import QueueItem, QueueMove
from claims.models.queue import LISTED
from claims.queries import documents
from claims.vocabulary import ItemState

REASONS = {
    "type": "object",
    "description": "By how many days each rule puts it forward: the sum says its place.",
    "required": ["age", "due", "reach", "appearances", "requests", "contests", "priority"],
    "properties": {
        "age": {"type": "integer", "description": "For each day that it waits, one."},
        "due": {"type": "integer", "description": "For the nearness of its due date."},
        "reach": {"type": "integer", "description": "For who else carries the claim."},
        "appearances": {"type": "integer", "description": "For where else it appears."},
        "requests": {"type": "integer", "description": "For who else asked for it."},
        "contests": {"type": "integer", "description": "For who contests a verdict on it."},
        "priority": {"type": "integer", "description": "For what an editor finds."},
    },
}


@extend_schema_field(REASONS)
class Days(serializers.JSONField):
    pass


class QueueMoveOut(serializers.ModelSerializer):
    class Meta:
        model = QueueMove
        fields = ["type", "assignee", "priority", "due_at", "moved_at", "moved_by"]


class QueueItemOut(serializers.ModelSerializer):
    claim = ClaimBrief()
    state = serializers.ChoiceField(
        choices=ItemState.choices,
        help_text="waiting: nobody has it. done: with the verdict. dropped: an editor took it out.",
    )
    waited_days = serializers.IntegerField(
        help_text="Whole days that it has waited, until it was closed."
    )
    overdue = serializers.BooleanField(help_text="Whether its due date passed while it was open.")
    reasons = Days()
    assignee = MemberNamed(allow_null=True)
    assigned_by = MemberNamed(allow_null=True)
    created_by = MemberNamed(allow_null=True)
    closed_by = MemberNamed(allow_null=True)
    moves = QueueMoveOut(source="happened", many=True)

    class Meta:
        model = QueueItem
        fields = [
            "id",
            "claim",
            "state",
            "priority",
            "due_at",
            "overdue",
            "waited_days",
            "reach",
            "appearances",
            "requests",
            "contests",
            "reasons",
            "assignee",
            "assigned_at",
            "assigned_by",
            "verdict",
            "created_at",
            "created_by",
            "closed_at",
            "closed_by",
            "moves",
        ]


class QueueFilters(filters.FilterSet):
    state = Choice(ItemState, method="by_state")
    assignee = MemberFilter()
    claim = IdFilter()
    due_before = InstantFilter(field_name="due_at", lookup_expr="lte", time_of_day=time.max)

    class Meta:
        model = QueueItem
        fields: list[str] = []

    STATES = {
        ItemState.WAITING: Q(closed_at__isnull=True, assignee__isnull=True),
        ItemState.ASSIGNED: Q(closed_at__isnull=True, assignee__isnull=False),
        ItemState.DONE: Q(closed_at__isnull=False, verdict__isnull=False),
        ItemState.DROPPED: Q(closed_at__isnull=False, verdict__isnull=True),
    }

    def by_state(self, rows: QuerySet, _name: str, state: str) -> QuerySet:
        return rows.filter(self.STATES[ItemState(state)])

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        rows: QuerySet = super().filter_queryset(queryset)
        if self.form.cleaned_data["state"]:
            return rows
        return rows.filter(LISTED)


@extend_schema_view(
    list=extend_schema(
        summary="List what waits in the queue of your organization",
        description="What is open, the first to be judged first; by `state`, what is done or "
        "dropped too.",
    ),
    retrieve=extend_schema(summary="Read an item of the queue"),
)
class Queue(Resource):
    """Claims that wait to be judged by your organization. Nobody else sees them."""

    resource = "queue"
    model = QueueItem
    answers = QueueItemOut
    asks = {"create": QueueIn, "partial_update": QueueEdit, "assign": AssignmentIn}
    refuses = {
        "take_next": [NothingWaits],
        **{it: [QueueRefused] for it in ("take", "release", "assign", "partial_update")},
    }
    filterset = QueueFilters
    orderings = ("rank", "created_at", "-created_at")

    made_of = staticmethod(documents.queue)

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(organization_id=self.member.organization_id)

    @extend_schema(
        summary="Put a claim into the queue",
        description="Where it is there already, this counts as a request, once of each member: "
        "200 with the item.",
        request=QueueIn,
        responses={200: QueueItemOut, 201: QueueItemOut},
    )
    @writes
    def create(self, request: Request) -> Response:
        asked = self.asked(request)
        item, is_new = put_in_queue(
            claim_id=asked["claim"], due_at=asked.get("due_at"), by=self.member
        )
        return self.at_home(item, status=201 if is_new else 200)

    @extend_schema(
        summary="Take the next item",
        description="The first that nobody has is assigned to you. Two who ask at once get two.",
        request=None,
        responses={200: QueueItemOut},
    )
    @action(detail=False, methods=["post"], url_path="next")
    @writes
    def take_next(self, request: Request) -> Response:
        self.refuse_body(request)
        return self.at_home(take_next(by=self.member))

    @extend_schema(
        summary="Take an item that nobody has", request=None, responses={200: QueueItemOut}
    )
    @action(detail=True, methods=["post"])
    @writes
    def take(self, request: Request, pk: str) -> Response:
        self.refuse_body(request)
        return self.told(take(item_id=self.seen(pk), by=self.member))

    @extend_schema(summary="Give back what you have", request=None, responses={200: QueueItemOut})
    @action(detail=True, methods=["post"])
    @writes
    def release(self, request: Request, pk: str) -> Response:
        self.refuse_body(request)
        return self.told(release(item_id=self.seen(pk), by=self.member))

    @extend_schema(
        summary="Assign an item to a member", request=AssignmentIn, responses={200: QueueItemOut}
    )
    @action(detail=True, methods=["post"])
    @writes
    def assign(self, request: Request, pk: str) -> Response:
        item_id, tags = self.seen(pk), if_match(request)
        asked = self.asked(request)
        return self.told(assign(item_id=item_id, **asked, by=self.member, if_match=tags))

    @extend_schema(summary="Set priority or due date, or drop an item", request=QueueEdit)
    @writes
    def partial_update(self, request: Request, pk: str) -> Response:
        item = edit_item(
            item_id=self.seen(pk),
            changes=self.asked(request),
            by=self.member,
            if_match=if_match(request),
        )
        return self.told(item)

    def at_home(self, item: QueueItem, *, status: int = 200) -> Response:
        """The item with its address, which is another one than was asked."""
        home = "Location" if status == 201 else "Content-Location"
        return self.told(item, status=status, headers={home: f"/api/v1/queue/{item.pk}/"})
