"""The deliveries that wait: made from the log, leased for an attempt, settled by what came of it.

Each function is one short transaction, and none is open while anything is sent. The log itself
is the queue: what stands here is only what has been read of it for each webhook.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from claims.actions.sealing import SealBroken, unseal
from claims.actions.webhooks import pause
from claims.delivery.schedule import pause_after
from claims.delivery.sending import Outcome
from claims.models import Attempt, Delivery, Webhook
from claims.queries.feed import head
from claims.queries.subscriptions import asked_for
from claims.vocabulary import DeliveryState, PauseReason

WINDOW = 1_000  # numbers of the log that are looked through at a time
BACKLOG = 10_000  # deliveries that wait for one webhook at most; the rest waits in the log
LEASE = timedelta(seconds=60)  # longer than an attempt with its look-up of the host can take
PARKED_BEFORE_PAUSE = 3  # deliveries given up in a row
GONE = 410


@dataclass(frozen=True, slots=True)
class Settling:
    """A leased delivery whose attempt has ended."""

    delivery: Delivery
    started_at: datetime
    outcome: Outcome


def look_through(now: datetime) -> bool:
    """Queue what is new in the log for every webhook; whether there may be more to queue."""
    highest = head()
    behind = Webhook.objects.listening().filter(read_up_to__lt=highest).order_by("pk")
    more = [look_on(pk, highest, now) for pk in behind.values_list("pk", flat=True)]
    return any(more)


@transaction.atomic
def look_on(webhook_id: UUID, highest: int, now: datetime) -> bool:
    """Queue what one webhook asks for of the next numbers.

    What is there already was asked for once more: it is queued again, and keeps its attempts.
    """
    rows = Webhook.objects.listening().select_for_update(skip_locked=True, no_key=True)
    webhook = rows.filter(pk=webhook_id).first()
    if webhook is None:
        return False  # edited, or looked at by another worker, just now
    waiting = webhook.deliveries.filter(state=DeliveryState.PENDING)
    if len(waiting.values_list("pk")[:BACKLOG]) == BACKLOG:
        return False
    after, last = webhook.read_up_to, min(highest, webhook.read_up_to + WINDOW)
    found = (
        asked_for(webhook)
        .filter(log_entry__number__gt=after, log_entry__number__lte=last)
        .order_by("log_entry__number")
        .values_list("log_entry__number", "claim_id")
    )
    Delivery.objects.bulk_create(
        [
            Delivery(
                webhook=webhook, number=number, claim_id=claim_id, next_attempt_at=now, tries=0
            )
            for number, claim_id in found
        ],
        update_conflicts=True,
        unique_fields=["webhook", "number"],
        update_fields=["state", "next_attempt_at", "tries"],
    )
    webhook.read_up_to = last
    webhook.save(update_fields=["read_up_to"])
    return last < highest


def with_work(now: datetime) -> list[UUID]:
    """The webhooks of which something may be due; of paused ones, only pings are."""
    due = Delivery.objects.filter(
        Q(number__isnull=True) | Q(webhook__paused_at__isnull=True),
        webhook=OuterRef("pk"),
        state=DeliveryState.PENDING,
        next_attempt_at__lte=now,
    )
    rows = Webhook.objects.filter(Exists(due), ended_at__isnull=True)
    return list(rows.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def lease(room: dict[UUID, int], now: datetime) -> Sequence[Delivery]:
    """Take due deliveries for oneself, as many of each webhook as there is room for.

    Whoever does not settle them before the lease ends has lost them to the next one.
    """
    token = uuid4()
    taken: list[Delivery] = []
    for webhook_id, most in room.items():
        due = Delivery.objects.due(now).filter(webhook_id=webhook_id)
        # A row that another worker is taking is skipped, and once it has, is due no longer.
        taken += due.order_by("next_attempt_at", "number").select_for_update(
            skip_locked=True, of=("self",)
        )[:most]
    for delivery in taken:
        delivery.lease_token, delivery.lease_ends_at = token, now + LEASE
    Delivery.objects.filter(pk__in=[delivery.pk for delivery in taken]).update(
        lease_token=token, lease_ends_at=now + LEASE
    )
    return taken


@transaction.atomic
def settle(
    settlings: Sequence[Settling], now: datetime, random: Callable[[], float]
) -> list[Settling]:
    """Keep what came of attempts; those whose lease was lost meanwhile are left out."""
    # The webhooks first: whoever looks through the log locks in this order too.
    webhooks = {
        webhook.pk: webhook
        for webhook in Webhook.objects.filter(pk__in={it.delivery.webhook_id for it in settlings})
        .order_by("pk")
        .select_for_update(no_key=True)
    }
    tokens = {it.delivery.pk: it.delivery.lease_token for it in settlings}
    rows = Delivery.objects.filter(pk__in=tokens, state=DeliveryState.PENDING).order_by("pk")
    ours = {
        row.pk: row
        for row in rows.select_for_update(of=("self",), no_key=True)
        if row.lease_token == tokens[row.pk]
    }
    kept = [it for it in settlings if it.delivery.pk in ours]
    attempts = []
    for it in kept:
        delivery = ours[it.delivery.pk]
        delivery.attempts_made += 1
        attempts.append(attempt(delivery, it))
        come_to(delivery, it.outcome, now, random)
        judge(webhooks[delivery.webhook_id], delivery, it.outcome, now)
    Attempt.objects.bulk_create(attempts)
    store(ours.values())
    return kept


def store(rows: Iterable[Delivery]) -> None:
    """In one statement for all that are delivered at the first try, which most are."""
    at_once: list[Delivery] = []
    others: list[Delivery] = []
    for row in rows:
        first = row.state == DeliveryState.DELIVERED and row.tries == row.attempts_made == 1
        (at_once if first else others).append(row)
    Delivery.objects.filter(pk__in=[row.pk for row in at_once]).update(
        state=DeliveryState.DELIVERED,
        attempts_made=1,
        tries=1,
        next_attempt_at=None,
        lease_token=None,
        lease_ends_at=None,
    )
    for row in others:
        row.save()


def attempt(delivery: Delivery, it: Settling) -> Attempt:
    return Attempt(
        delivery=delivery,
        ordinal=delivery.attempts_made,
        started_at=it.started_at,
        duration_ms=round(it.outcome.seconds * 1000),
        status=it.outcome.status,
        error=it.outcome.error,
        answer_head=it.outcome.answer_head,
    )


def come_to(
    delivery: Delivery, outcome: Outcome, now: datetime, random: Callable[[], float]
) -> None:
    """What becomes of a delivery: delivered, or due again later, or given up."""
    delivery.lease_token = delivery.lease_ends_at = None
    delivery.tries += 1
    if outcome.is_success:
        delivery.state, delivery.next_attempt_at = DeliveryState.DELIVERED, None
        return
    pause = None if delivery.number is None else pause_after(delivery.tries, random)
    if pause is None:
        delivery.state, delivery.next_attempt_at = DeliveryState.PARKED, None
    else:
        delivery.next_attempt_at = now + pause


def judge(webhook: Webhook, delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    """What becomes of a webhook: it is paused when it is gone, or keeps failing."""
    if outcome.status == GONE:
        pause(webhook, reason=PauseReason.GONE, at=now)
    if delivery.number is None:
        return
    row = 0 if outcome.is_success else webhook.parked_in_a_row
    row += delivery.state == DeliveryState.PARKED
    if row != webhook.parked_in_a_row:
        webhook.parked_in_a_row = row
        webhook.save(update_fields=["parked_in_a_row"])
        if row >= PARKED_BEFORE_PAUSE:
            pause(webhook, reason=PauseReason.FAILING, at=now)


def secrets_of(webhook: Webhook, now: datetime) -> list[str]:
    """All that sign for it now, the newest first. Raises SealBroken."""
    secrets = [unseal(bytes(webhook.secret))]
    ends_at = webhook.previous_secret_ends_at
    if webhook.previous_secret is not None and ends_at is not None and now < ends_at:
        with suppress(SealBroken):  # the new one signs all the same
            secrets.append(unseal(bytes(webhook.previous_secret)))
    return secrets


@transaction.atomic
def secret_is_lost(webhook_id: UUID, leased: Sequence[Delivery], now: datetime) -> None:
    """Give back what cannot be signed, and wait for the owner to rotate the secret."""
    webhook = Webhook.objects.select_for_update(no_key=True).get(pk=webhook_id)
    pause(webhook, reason=PauseReason.SECRET_LOST, at=now)
    for delivery in leased:
        kept = Delivery.objects.filter(pk=delivery.pk, lease_token=delivery.lease_token)
        kept.update(lease_token=None, lease_ends_at=None)
        if delivery.number is None:  # a ping waits for nothing
            kept = Delivery.objects.filter(pk=delivery.pk)
            kept.update(state=DeliveryState.PARKED, next_attempt_at=None)
