"""The queue of an organization: what waits to be judged, and who has it.

An item is closed by the verdict itself (`sql/contested_v1.sql`), where contests are open by the
last decision about them. Whoever is given an item is locked before it, as whoever ends a membership
does.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from claims.actions.editing import locked
from claims.actions.notices import notify
from claims.actions.preconditions import IfMatch, require_current
from claims.errors import Invalid, NothingWaits, QueueRefused
from claims.models import Claim, Contest, Member, QueueItem, QueueMove, Verdict
from claims.moves import Rule
from claims.queries.references import named
from claims.vocabulary import ASKING, ContestState, Move, NoticeKind, Role


def put_in_queue(
    *, claim_id: UUID, due_at: datetime | None = None, by: Member
) -> tuple[QueueItem, bool]:
    """The item of the claim, and whether it is new.

    Where the claim waits already, this counts as a request, once of each member, and of two due
    dates the earlier one stays. Raises Invalid.
    """
    named(Claim, claim_id, pointer="#/claim")
    claim = locked(Claim, claim_id)
    item = waiting(claim, by.organization_id)
    if item is None:
        item = queued(claim, by.organization_id, due_at=due_at, created_by=by)
        happened(item, Move.QUEUED, by=by)
        return item, True
    if due_at is not None and (item.due_at is None or due_at < item.due_at):
        changed(item, due_at=due_at)
    if item.judged:
        changed(item, judged=False)
    if not item.moves.filter(moved_by=by, type__in=ASKING).exists():
        changed(item, requests=item.requests + 1)
        happened(item, Move.REQUESTED, by=by)
    return item, False


def put_contested(*, claim: Claim, organization_id: UUID) -> None:
    """A verdict of the organization on the claim, which is locked, was contested from outside."""
    item = waiting(claim, organization_id)
    if item is None:
        item = queued(claim, organization_id)
    else:
        changed(item, contests=contests_of(claim, organization_id))
    happened(item, Move.CONTESTED, by=None)


def contest_answered(*, claim: Claim, by: Member) -> None:
    """The organization has decided about a contest on the claim, which is locked.

    The last decision closes the item, unless a member waits for a verdict besides: contests alone
    have put the claim into the queue, or the verdict that was asked for has come meanwhile.
    """
    item = waiting(claim, by.organization_id)
    if item is None:
        return  # of another version, which let it go
    changed(item, contests=contests_of(claim, by.organization_id))
    happened(item, Move.ANSWERED, by=by)
    waits = not item.judged and item.moves.filter(type__in=ASKING).exists()
    if item.contests == 0 and not waits:
        found = Verdict.objects.tips().get(claim=claim, organization_id=by.organization_id)
        changed(item, verdict=found, closed_at=timezone.now(), closed_by=by)
        happened(item, Move.DONE, by=by)


def waiting(claim: Claim, organization_id: UUID) -> QueueItem | None:
    """The item of the claim that is open, locked."""
    open_ones = QueueItem.objects.open().filter(claim=claim, organization_id=organization_id)
    return open_ones.select_for_update(no_key=True).first()


def queued(claim: Claim, organization_id: UUID, **more: Any) -> QueueItem:
    """A new item of the claim, which is locked."""
    return QueueItem.objects.create(
        organization_id=organization_id,
        claim=claim,
        reach=claim.placements.values("publisher").distinct().count(),
        appearances=claim.appearances.count(),
        contests=contests_of(claim, organization_id),
        **more,
    )


def contests_of(claim: Claim, organization_id: UUID) -> int:
    """How many are open, of verdicts of the organization on the claim."""
    return Contest.objects.filter(
        claim=claim, organization_id=organization_id, state=ContestState.OPEN
    ).count()


def take_next(*, by: Member) -> QueueItem:
    """The first item that nobody has, which is the member's from now on.

    Of those who ask at the same time, each gets another one. Raises NothingWaits.
    """
    judge = able(by.pk, by=by)
    rows = QueueItem.objects.waiting().filter(organization_id=by.organization_id)
    free = rows.order_by("rank", "id").select_for_update(skip_locked=True, no_key=True)
    item = free.first()
    if item is None:
        raise NothingWaits.by(Rule.NOTHING_WAITS)
    return given(item, to=judge, by=by)


def take(*, item_id: UUID, by: Member) -> QueueItem:
    """Nothing happens where it is the member's already. Raises NotFound, QueueRefused."""
    judge = able(by.pk, by=by)
    item = open_item(item_id)
    if item.assignee_id not in {None, by.pk}:
        raise QueueRefused.by(Rule.A_COLLEAGUE_HAS_IT)
    return given(item, to=judge, by=by)


def release(*, item_id: UUID, by: Member) -> QueueItem:
    """Give back what is one's own. Raises NotFound, QueueRefused."""
    item = open_item(item_id)
    if item.assignee_id != by.pk:
        raise QueueRefused.by(Rule.NOT_YOURS)
    return given(item, to=None, by=by)


def assign(
    *,
    item_id: UUID,
    assignee: UUID | None,
    by: Member,
    if_match: IfMatch | None = None,
    **due: Any,
) -> QueueItem:
    """Give it to a member who may judge, or back to all (None).

    due: `due_at`, where that is to be changed too. if_match: checked where it is given.
    Raises NotFound, Invalid, QueueRefused, PreconditionFailed.
    """
    judge = None if assignee is None else able(assignee, by=by)
    item = open_item(item_id)
    require_current(QueueItem, item_id, if_match, needed=False)
    return given(item, to=judge, by=by, **due)


def edit_item(
    *, item_id: UUID, changes: dict[str, Any], by: Member, if_match: IfMatch | None
) -> QueueItem:
    """Set priority and due date, or drop it (`dropped`). Nothing happens where nothing changes.

    Raises NotFound, QueueRefused, PreconditionRequired, PreconditionFailed.
    """
    item = open_item(item_id)
    require_current(QueueItem, item_id, if_match, needed=True)
    dropped = changes.pop("dropped", False)
    if any(getattr(item, name) != value for name, value in changes.items()):
        changed(item, **changes)
        happened(item, Move.EDITED, by=by)
    if dropped and item.contests:
        raise QueueRefused.by(Rule.CONTESTS_ARE_OPEN)
    if dropped:
        changed(item, closed_at=timezone.now(), closed_by=by)
        happened(item, Move.DROPPED, by=by)
    return item


def able(member_id: UUID, *, by: Member) -> Member:
    """A colleague who may judge, locked. Raises Invalid."""
    colleagues = Member.objects.filter(pk=member_id, organization_id=by.organization_id)
    member = colleagues.select_for_update(no_key=True).first()
    if member is None or not member.may_act_as(Role.CHECKER):
        raise Invalid.at("#/assignee", _("Your organization has no such member who may judge."))
    return member


def open_item(item_id: UUID) -> QueueItem:
    """Locked. Raises NotFound, QueueRefused."""
    item = locked(QueueItem, item_id)
    if item.closed_at is not None:
        raise QueueRefused.by(Rule.OUT_OF_THE_QUEUE)
    return item


def given(item: QueueItem, *, to: Member | None, by: Member, **due: Any) -> QueueItem:
    """The locked item, given to somebody or to nobody; nothing happens where that is so."""
    moves = item.assignee_id != (to and to.pk)
    if moves:
        at, who = (None, None) if to is None else (timezone.now(), by)
        due |= {"assignee": to, "assigned_at": at, "assigned_by": who}
    elif all(getattr(item, name) == value for name, value in due.items()):
        return item
    changed(item, **due)
    assigned = Move.RELEASED if to is None else Move.ASSIGNED
    happened(item, assigned if moves else Move.EDITED, by=by)
    if moves and to is not None:
        notify([to], NoticeKind.ASSIGNMENT, item=item, by=by)
    return item


def changed(item: QueueItem, **columns: Any) -> None:
    QueueItem.objects.filter(pk=item.pk).update(**columns, version=F("version") + 1)
    for name, value in columns.items():
        setattr(item, name, value)


def happened(item: QueueItem, move: Move, *, by: Member | None) -> None:
    QueueMove.objects.create(
        item=item,
        type=move,
        assignee_id=item.assignee_id,
        priority=item.priority,
        due_at=item.due_at,
        moved_by=by,
    )
