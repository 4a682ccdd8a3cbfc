"""What members are told by e-mail: what waits to be sent, and who wants what."""

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from claims.models.base import Disposable, Recorded, Versioned
from claims.vocabulary import NoticeKind, NoticeReason, NoticeState

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

USUAL_HOUR = 7  # of the digest, where nothing else is said


def about(kind: NoticeKind, *filled: str) -> Q:
    """A notice of this kind, which says of these columns what it is about, and of no others."""
    named = {f"{it}__isnull": it not in filled for it in ("item", "note", "draft", "due_at", "day")}
    return Q(kind=kind, **named)


class NoticeQuerySet(models.QuerySet["Notice"]):
    def free(self, now: "datetime") -> "NoticeQuerySet":
        """Those that wait to be sent and that no worker has."""
        unleased = Q(lease_ends_at__isnull=True) | Q(lease_ends_at__lte=now)
        return self.filter(unleased, state=NoticeState.PENDING)


class Notice(Recorded, Disposable):
    """Something that a member is to hear of by e-mail; written in the transaction that causes it.

    It says no more than what it is about: address, language and words are read when it is sent.
    created_by: who caused it; null where time did. due_at: of an overdue item, as it was then.
    day: of a digest, where the member is. mail: the mail that it goes with, which is the id of the
    first of its notices; null until it is first attempted. lease_token, lease_ends_at: who attempts
    it, and since when that counts as lost. reason: of the last failure, or why it was dropped.
    """

    member_id: "UUID"
    item_id: "UUID | None"
    note_id: "UUID | None"
    draft_id: "UUID | None"

    member = models.ForeignKey("claims.Member", models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=NoticeKind)
    item = models.ForeignKey(
        "claims.QueueItem", models.PROTECT, null=True, related_name="+", db_index=False
    )
    note = models.ForeignKey(
        "claims.Note", models.PROTECT, null=True, related_name="+", db_index=False
    )
    draft = models.ForeignKey(
        "claims.Draft", models.PROTECT, null=True, related_name="+", db_index=False
    )
    due_at = models.DateTimeField(null=True)
    day = models.DateField(null=True)
    state = models.CharField(
        max_length=8, choices=NoticeState, default=NoticeState.PENDING, db_default="pending"
    )
    mail = models.UUIDField(null=True)
    tries = models.PositiveSmallIntegerField(db_default=0)
    next_attempt_at = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    lease_ends_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=15, choices=NoticeReason, null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=about(NoticeKind.ASSIGNMENT, "item")
                | about(NoticeKind.MENTION, "note")
                | about(NoticeKind.RETURN, "draft")
                | about(NoticeKind.OVERDUE, "item", "due_at")
                | about(NoticeKind.DIGEST, "day"),
                name="notice_says_what_it_is_about",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=NoticeState.PENDING,
                    next_attempt_at__isnull=False,
                    settled_at__isnull=True,
                )
                | Q(
                    state__in=[NoticeState.SENT, NoticeState.DROPPED, NoticeState.GIVEN_UP],
                    next_attempt_at__isnull=True,
                    settled_at__isnull=False,
                    lease_token__isnull=True,
                ),
                name="notice_waits_while_pending",
            ),
            models.CheckConstraint(
                condition=Q(lease_token__isnull=True, lease_ends_at__isnull=True)
                | Q(lease_token__isnull=False, lease_ends_at__isnull=False),
                name="notice_lease_ends",
            ),
            models.CheckConstraint(
                condition=Q(state=NoticeState.SENT, reason__isnull=True)
                | Q(state=NoticeState.PENDING)
                | Q(
                    state__in=[NoticeState.DROPPED, NoticeState.GIVEN_UP],
                    reason__isnull=False,
                    reason__in=NoticeReason.values,
                ),
                name="notice_unsent_for_a_reason",
            ),
            models.UniqueConstraint(
                "item",
                "member",
                "due_at",
                condition=Q(kind=NoticeKind.OVERDUE),
                name="notice_overdue_once",
            ),
            models.UniqueConstraint(
                "member",
                "day",
                condition=Q(kind=NoticeKind.DIGEST),
                name="notice_digest_once_a_day",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                name="notice_pending",
                condition=Q(state=NoticeState.PENDING),
            ),
            models.Index(
                F("member"),
                F("kind"),
                name="notice_pending_together",
                condition=Q(state=NoticeState.PENDING),
            ),
            models.Index(
                fields=["settled_at"],
                name="notice_settled",
                condition=Q(settled_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.member_id}: {self.state}"


class NoticeSettings(Versioned, Disposable):
    """What a member wants to hear of by e-mail, and how; no row: all of it, in the usual way.

    off: the kinds that are switched off. time_zone: an IANA name. digest_hour: 0 to 23, there.
    """

    member = models.OneToOneField(
        "claims.Member", models.PROTECT, primary_key=True, related_name="notice_settings"
    )
    language = models.CharField(max_length=2)
    time_zone = models.CharField(max_length=64)
    digest_hour = models.PositiveSmallIntegerField(default=USUAL_HOUR)
    off = ArrayField(models.CharField(max_length=10, choices=NoticeKind), default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(language__in=["en", "ar"]), name="notice_language_known"
            ),
            models.CheckConstraint(
                condition=Q(digest_hour__lt=24), name="notice_hour_is_of_the_clock"
            ),
            models.CheckConstraint(
                condition=Q(off__contained_by=NoticeKind.values), name="notice_kinds_known"
            ),
        ]

    def __str__(self) -> str:
        return f"of {self.member_id}"
