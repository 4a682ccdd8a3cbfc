"""What waits to be judged by an organization, and the order in which it does.

The order is stored and indexed, so that the next item is found as fast among many as among few:
what waiting puts forward by puts all forward alike, and the rest changes with the row alone.
"""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Case, Expression, F, Func, GeneratedField, Q, When
from django.db.models.functions import Coalesce, Greatest, Least, Now

from claims.models.base import AppendOnly, Identified, Recorded, Versioned
from claims.vocabulary import (
    APPEARANCES,
    ASKING,
    CONTESTS,
    DUE_AHEAD,
    PRIORITY_DAYS,
    REACH,
    REQUESTS,
    Move,
    PlaceRule,
    Priority,
)

if TYPE_CHECKING:
    from uuid import UUID

DAY = 86_400  # seconds


class Seconds(Func):
    """An instant in whole seconds since 1970. What is stored by it depends on no time zone."""

    template = "(extract(epoch FROM %(expressions)s AT TIME ZONE 'UTC'))::bigint"
    output_field = models.BigIntegerField()


def each_after_the_first(column: str, rule: PlaceRule) -> Expression:
    return each(Greatest(0, F(column) - 1), rule)


def each(count: Any, rule: PlaceRule) -> Expression:
    return Least(count * rule.days, rule.most, output_field=models.BigIntegerField()) * DAY


def by_due_date() -> Expression:
    late = Seconds("created_at") - (Seconds("due_at") - DUE_AHEAD * DAY)
    return Coalesce(Greatest(0, late), 0, output_field=models.BigIntegerField())


def by_priority() -> Expression:
    whens = [When(priority=it.value, then=days * DAY) for it, days in PRIORITY_DAYS.items() if days]
    return Case(*whens, default=0, output_field=models.BigIntegerField())


def gains() -> dict[str, Expression]:
    """By how many seconds each rule puts an item forward, beside its age."""
    return {
        "due": by_due_date(),
        "reach": each_after_the_first("reach", REACH),
        "appearances": each_after_the_first("appearances", APPEARANCES),
        "requests": each_after_the_first("requests", REQUESTS),
        "contests": each(F("contests"), CONTESTS),
        "priority": by_priority(),
    }


def rank() -> Expression:
    """The instant at which an item would have been queued that stands as far in front by age."""
    queued: Any = Seconds("created_at")
    for gain in gains().values():
        queued = queued - gain
    ranked: Expression = queued
    return ranked


# What is open, in words that the next item is not looked for in (all are asked for by somebody):
# by the same index, it would be looked for among all that is assigned, which stands in front.
LISTED = Q(closed_at__isnull=True, requests__gte=1)


class QueueItemQuerySet(models.QuerySet["QueueItem"]):
    def open(self) -> "QueueItemQuerySet":
        return self.filter(closed_at__isnull=True)

    def waiting(self) -> "QueueItemQuerySet":
        return self.open().filter(assignee__isnull=True)


class QueueItem(Recorded, Versioned):
    """A claim that waits to be judged by an organization, once at a time; open until it is closed.

    due_at: when it should be judged. reach: the publishers that carry the claim; appearances: the
    passages with it; requests: the members who asked for it, or who contested first; contests:
    those that are open of the organization's verdicts on it. judged: whether the organization has
    issued a verdict since somebody last asked for one. Triggers keep the first two, and close the
    item with that verdict; where contests are open, with the decision about the last of them.
    rank: the lowest is handed out first (`claims.vocabulary`: REACH and those after it).
    """

    organization_id: "UUID"
    claim_id: "UUID"
    assignee_id: "UUID | None"
    verdict_id: "UUID | None"

    organization = models.ForeignKey(
        "claims.Organization", models.PROTECT, related_name="queue", db_index=False
    )
    claim = models.ForeignKey("claims.Claim", models.PROTECT, related_name="+", db_index=False)
    priority = models.CharField(max_length=6, choices=Priority, default=Priority.NORMAL)
    due_at = models.DateTimeField(null=True)
    reach = models.PositiveIntegerField()
    appearances = models.PositiveIntegerField()
    requests = models.PositiveIntegerField(db_default=1)
    contests = models.PositiveIntegerField(db_default=0)
    judged = models.BooleanField(db_default=False)
    rank = GeneratedField(expression=rank(), output_field=models.BigIntegerField(), db_persist=True)
    assignee = models.ForeignKey(
        "claims.Member", models.PROTECT, null=True, related_name="+", db_index=False
    )
    assigned_at = models.DateTimeField(null=True)
    assigned_by = models.ForeignKey(
        "claims.Member", models.PROTECT, null=True, related_name="+", db_index=False
    )
    verdict = models.ForeignKey(
        "claims.Verdict", models.PROTECT, null=True, related_name="+", db_index=False
    )
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        "claims.Member", models.PROTECT, null=True, related_name="+", db_index=False
    )

    objects = QueueItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(priority__in=Priority.values), name="queue_item_priority_known"
            ),
            models.CheckConstraint(
                condition=Q(requests__gte=1), name="queue_item_asked_for_by_somebody"
            ),
            models.CheckConstraint(
                condition=Q(assignee__isnull=True, assigned_at__isnull=True)
                | Q(assignee__isnull=False, assigned_at__isnull=False),
                name="queue_item_assigned_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(verdict__isnull=True) | Q(closed_at__isnull=False),
                name="queue_item_closed_by_its_verdict",
            ),
            # The claim comes first: verdicts and appearances find what waits by it.
            models.UniqueConstraint(
                "claim",
                "organization",
                condition=Q(closed_at__isnull=True),
                name="queue_item_once_while_open",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "rank", "id"],
                name="queue_item_next",
                condition=Q(closed_at__isnull=True, assignee__isnull=True),
            ),
            models.Index(
                fields=["organization", "rank", "id"],
                name="queue_item_open",
                condition=LISTED,
            ),
            models.Index(
                fields=["organization", "rank", "id"],
                name="queue_item_assigned",
                condition=Q(closed_at__isnull=True, assignee__isnull=False),
            ),
            models.Index(
                fields=["assignee", "rank", "id"],
                name="queue_item_of_assignee",
                condition=Q(closed_at__isnull=True, assignee__isnull=False),
            ),
            models.Index(
                fields=["organization", "due_at"],
                name="queue_item_due",
                condition=Q(closed_at__isnull=True, due_at__isnull=False),
            ),
            # Of all organizations: who has what was due is told so.
            models.Index(
                fields=["due_at"],
                name="queue_item_assigned_due",
                condition=Q(closed_at__isnull=True, assignee__isnull=False, due_at__isnull=False),
            ),
            models.Index(fields=["organization", "created_at", "id"], name="queue_item_by_age"),
            models.Index(
                fields=["organization", "rank", "id"],
                name="queue_item_closed",
                condition=Q(closed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} for {self.organization_id}"


class QueueMove(Identified, AppendOnly):
    """One thing that happened to an item: what it was, by whom, and how the item stood then."""

    item = models.ForeignKey(QueueItem, models.PROTECT, related_name="moves", db_index=False)
    type = models.CharField(max_length=9, choices=Move)
    assignee = models.ForeignKey(
        "claims.Member", models.PROTECT, null=True, related_name="+", db_index=False
    )
    priority = models.CharField(max_length=6, choices=Priority)
    due_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField(db_default=Now())
    moved_by = models.ForeignKey(
        "claims.Member", models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(type__in=Move.values), name="queue_move_known"),
            models.UniqueConstraint(
                "item",
                "moved_by",
                condition=Q(type__in=sorted(ASKING)),
                name="queue_move_asked_once",
            ),
        ]
        indexes = [models.Index(fields=["item", "moved_at", "id"], name="queue_move_of_item")]

    def __str__(self) -> str:
        return f"{self.type} at {self.moved_at}"
