from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Length, Now
from django.db.models.lookups import LessThanOrEqual

from claims.models.base import AppendOnly, Identified, Recorded, Versioned
from claims.vocabulary import AttemptError, ChangeType, DeliveryState, PauseReason, Status

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

LONGEST_ANSWER = 4096  # bytes read of an answer, and characters kept of it


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def listening(self) -> "WebhookQuerySet":
        """Those that are told what happens: neither paused nor ended."""
        return self.filter(paused_at__isnull=True, ended_at__isnull=True)


class Webhook(Recorded, Versioned):
    """A subscription: an address that is called with each Change that an organization asks for.

    types: none means all. The filters are those of the feed: of_claim, status, language and
    of_organization, each null where it asks for nothing.
    secret, previous_secret: sealed (`claims.actions.sealing`), as the row they stand in is
    read by more people than may know them. read_up_to: the number up to which the log has been
    looked through for it. parked_in_a_row: since something was last delivered.
    """

    organization_id: "UUID"

    organization = models.ForeignKey("claims.Organization", models.PROTECT, related_name="webhooks")
    url = models.CharField(max_length=2000)
    types = ArrayField(models.CharField(max_length=32, choices=ChangeType), default=list)
    of_claim = models.ForeignKey(
        "claims.Claim", models.PROTECT, null=True, related_name="+", db_index=False
    )
    status = models.CharField(max_length=12, choices=Status, null=True)
    language = models.CharField(max_length=35, null=True, db_collation="C")
    of_organization = models.ForeignKey(
        "claims.Organization", models.PROTECT, null=True, related_name="+", db_index=False
    )
    secret = models.BinaryField(editable=False)
    previous_secret = models.BinaryField(null=True, editable=False)
    previous_secret_ends_at = models.DateTimeField(null=True)
    read_up_to = models.PositiveBigIntegerField()
    parked_in_a_row = models.PositiveIntegerField(db_default=0)
    paused_at = models.DateTimeField(null=True)
    pause_reason = models.CharField(max_length=16, choices=PauseReason, null=True)
    ended_at = models.DateTimeField(null=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(url__regex=r"^https?://\S"), name="webhook_has_url"),
            models.CheckConstraint(
                condition=Q(types__contained_by=ChangeType.values), name="webhook_types_known"
            ),
            models.CheckConstraint(
                condition=Q(status__isnull=True) | Q(status__in=Status.values),
                name="webhook_status_known",
            ),
            models.CheckConstraint(
                condition=Q(paused_at__isnull=True, pause_reason__isnull=True)
                | Q(
                    paused_at__isnull=False,
                    pause_reason__isnull=False,
                    pause_reason__in=PauseReason.values,
                ),
                name="webhook_pause_has_its_reason",
            ),
            models.CheckConstraint(
                condition=Q(previous_secret__isnull=True, previous_secret_ends_at__isnull=True)
                | Q(previous_secret__isnull=False, previous_secret_ends_at__isnull=False),
                name="webhook_previous_secret_ends",
            ),
        ]

    def __str__(self) -> str:
        return self.url


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, now: "datetime") -> "DeliveryQuerySet":
        """Those that are to be attempted now, and by nobody yet.

        What happened to one claim is told to one webhook in its order: a delivery waits until
        the earlier ones of the same claim are delivered or parked. A ping waits for nothing, and
        goes to a paused webhook too: its owner wants to know whether to resume.
        """
        # Not by NOT EXISTS: as a join, that compares all with all where statistics are missing.
        of_claim = Delivery.objects.filter(
            webhook=OuterRef("webhook"), claim=OuterRef("claim"), state=DeliveryState.PENDING
        )
        first = of_claim.order_by("number").values("number")[:1]
        return self.filter(
            Q(claim__isnull=True) | Q(number=Subquery(first)),
            Q(lease_ends_at__isnull=True) | Q(lease_ends_at__lte=now),
            Q(webhook__paused_at__isnull=True) | Q(number__isnull=True),
            webhook__ended_at__isnull=True,
            state=DeliveryState.PENDING,
            next_attempt_at__lte=now,
        )


class Delivery(Identified):
    """One Change on its way to one Webhook; without a number: a ping.

    attempts_made: ever, each with its Attempt; tries: since it was queued, or queued again.
    lease_token, lease_ends_at: whose attempt is under way, and since when it counts as lost.
    """

    webhook_id: "UUID"
    claim_id: "UUID | None"

    webhook = models.ForeignKey(Webhook, models.PROTECT, related_name="deliveries", db_index=False)
    number = models.PositiveBigIntegerField(null=True)
    claim = models.ForeignKey(
        "claims.Claim", models.PROTECT, null=True, related_name="+", db_index=False
    )
    state = models.CharField(max_length=9, choices=DeliveryState, default=DeliveryState.PENDING)
    attempts_made = models.PositiveIntegerField(db_default=0)
    tries = models.PositiveSmallIntegerField(db_default=0)
    next_attempt_at = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    lease_ends_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("webhook", "number", name="delivery_once_per_number"),
            models.CheckConstraint(
                condition=Q(state=DeliveryState.PENDING, next_attempt_at__isnull=False)
                | Q(
                    state__in=[DeliveryState.DELIVERED, DeliveryState.PARKED],
                    next_attempt_at__isnull=True,
                    lease_token__isnull=True,
                ),
                name="delivery_waits_while_pending",
            ),
            models.CheckConstraint(
                condition=Q(lease_token__isnull=True, lease_ends_at__isnull=True)
                | Q(lease_token__isnull=False, lease_ends_at__isnull=False),
                name="delivery_lease_ends",
            ),
        ]
        indexes = [
            models.Index(fields=["webhook", "created_at", "id"], name="delivery_of_webhook"),
            models.Index(
                F("webhook"),
                F("next_attempt_at"),
                F("number"),
                name="delivery_due",
                condition=Q(state=DeliveryState.PENDING),
            ),
            models.Index(
                F("webhook"),
                F("claim"),
                F("number"),
                name="delivery_in_order",
                condition=Q(state=DeliveryState.PENDING, claim__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{'ping' if self.number is None else f'number {self.number}'}: {self.state}"


class Attempt(Identified, AppendOnly):
    """One call of a Webhook, and what came of it: an HTTP status, or the error that kept it off.

    ordinal: from 1. duration_ms: milliseconds. answer_head: how the answer began, as text.
    """

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="attempts", db_index=False)
    ordinal = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=20, choices=AttemptError, null=True)
    answer_head = models.TextField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("delivery", "ordinal", name="attempt_ordinal_unique"),
            models.CheckConstraint(
                condition=Q(status__isnull=False, error__isnull=True)
                | Q(
                    status__isnull=True,
                    error__isnull=False,
                    error__in=AttemptError.values,
                    answer_head__isnull=True,
                ),
                name="attempt_has_status_or_error",
            ),
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("answer_head"), LONGEST_ANSWER),
                name="attempt_answer_is_short",
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.ordinal}: {self.status or self.error}"
