"""What a member is to be told by e-mail, as it is at this moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from claims.models import Draft, Due, Member, Notice, QueueItem
from claims.moves import Of, Situation, refused
from claims.vocabulary import DraftState, NoticeKind, ReviewPolicy, Role

MOST = 10  # of a kind, in one mail


@dataclass(frozen=True, slots=True)
class Some:
    """The first of what was found, and how many there are."""

    rows: Sequence[Any]
    count: int


def some(rows: QuerySet[Any]) -> Some:
    found = list(rows[: MOST + 1])
    return Some(found[:MOST], rows.count() if len(found) > MOST else len(found))


def addressed(member: Member) -> str | None:
    """Where the member is reached now, if at all."""
    user = member.user
    if member.ended_at is not None or user is None or not user.is_active:
        return None
    return user.email or None


def with_what_they_are_about(notices: QuerySet[Notice]) -> QuerySet[Notice]:
    return notices.select_related("created_by", "item__claim", "note__claim", "draft__claim")


def still_so(notice: Notice) -> bool:
    """Whether what happened still concerns the member: an item may be somebody else's by now."""
    if notice.draft is not None:
        return bool(notice.draft.state == DraftState.RETURNED)
    if notice.item is None:
        return True
    is_theirs = notice.item.closed_at is None and notice.item.assignee_id == notice.member_id
    return is_theirs and (notice.kind != NoticeKind.OVERDUE or notice.item.due_at == notice.due_at)


# What waits for a member


def assigned_to(member: Member) -> QuerySet[QueueItem]:
    items = QueueItem.objects.open().filter(assignee=member)
    return items.order_by("rank", "id").select_related("claim")


def to_confirm(member: Member) -> QuerySet[Draft]:
    """Drafts of others that the member may confirm."""
    situation = Situation(
        role=Role(member.role),
        state=DraftState.OPEN,
        policy=ReviewPolicy(member.organization.review_policy),
    )
    if refused(Of.DRAFT, "confirm", situation) is not None:
        return Draft.objects.none()
    drafts = Draft.objects.filter(organization_id=member.organization_id, state=DraftState.OPEN)
    return drafts.exclude(created_by=member).order_by("created_at", "id").select_related("claim")


def returned_to(member: Member) -> QuerySet[Draft]:
    drafts = Draft.objects.filter(
        organization_id=member.organization_id, state=DraftState.RETURNED, created_by=member
    )
    return drafts.order_by("created_at", "id").select_related("claim")


def to_look_at_again(member: Member, today: date) -> QuerySet[Due]:
    """Verdicts of the organization whose day has passed, where the member may judge."""
    if not member.may_act_as(Role.CHECKER):
        return Due.objects.none()
    due = Due.objects.filter(organization_id=member.organization_id, due_on__lt=today)
    return due.order_by("due_on", "verdict_id").select_related("verdict__claim")


def free_in_queue(member: Member) -> int:
    """How many items nobody has, where the member may take them."""
    if not member.may_act_as(Role.CHECKER):
        return 0
    return QueueItem.objects.waiting().filter(organization_id=member.organization_id).count()
