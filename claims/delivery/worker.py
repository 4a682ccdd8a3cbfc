"""The worker: reads the log, has threads call the webhooks, keeps what came of it.

One thread does all that concerns the database, over one connection; the others only send, so
that a receiver that hangs holds a thread and nothing else. How many of those one webhook may
occupy depends on how its last call went: an address that has not answered yet, or not well, has
one at a time, and all such addresses together no more than half of the threads. So whoever
hangs does not delay the others.
"""

import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings

from claims.actions.sealing import SealBroken
from claims.delivery import queue
from claims.delivery.queue import Settling
from claims.delivery.sending import WHOLE, Outcome, send
from claims.delivery.signing import signed
from claims.delivery.targets import Refused, Target, target_of
from claims.formats.webhook_event import Events, ping
from claims.models import Delivery, Webhook
from claims.queries.subscriptions import told_by
from claims.vocabulary import AttemptError

THREADS = 64
AT_ONCE = 16  # calls of one webhook that answers well
NAP = 0.005  # seconds in which calls may end, so that they are settled together
POLL = 1.0  # seconds between looks, where nothing wakes it
GRACE = 8.0  # seconds that calls have to end when the worker does
AGENT = f"Isnad/{settings.VERSION}"

logger = logging.getLogger(__name__)


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Call:
    """A leased delivery, ready to be sent: nothing of it needs the database."""

    delivery: Delivery
    target: Target | Refused
    headers: dict[str, str]
    body: bytes


class Worker:
    """Delivers until it is told to end. Any number of them can work beside each other.

    clock, random: injected by tests. wake: set by whoever knows that there is something to do.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = utc_now,
        random: Callable[[], float] = random.random,
    ) -> None:
        self.clock = clock
        self.random = random
        self.private: bool = settings.WEBHOOK_ALLOW_PRIVATE
        self.wake = threading.Event()
        self._log_may_be_ahead = True
        self._looked_at = 0.0
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="webhook")
        self._calling: dict[Future[Settling | None], UUID] = {}
        self._ended: list[Settling] = []
        self._answers_well: set[UUID] = set()

    def run(self, ended: threading.Event) -> None:
        """Raises what the database raises: run it again then, it goes on where it was."""
        while not ended.is_set():
            self.step()
            self._wait()
        self.finish()

    def once(self) -> int:
        """Deliver all that is due, and end; how many attempts were made."""
        made = 0
        while True:
            self._log_may_be_ahead = True
            made += self.step()
            if not self._calling and not self._log_may_be_ahead:
                return made
            self._wait()

    def log_has_grown(self) -> None:
        """Look through the log at the next step, which is now. May be called by any thread."""
        self._log_may_be_ahead = True
        self.wake.set()

    def step(self) -> int:
        """Settle what has ended, queue what is new, send what is due; how many were settled."""
        settled = self._settle()
        if self._log_may_be_ahead or time.monotonic() - self._looked_at >= POLL:
            self._looked_at = time.monotonic()
            self._log_may_be_ahead = False
            if queue.look_through(self.clock()):
                self.log_has_grown()
        self._call()
        return settled

    def _wait(self) -> None:
        if self.wake.wait(POLL) and self._calling:
            time.sleep(NAP)
        self.wake.clear()

    def finish(self) -> None:
        """Keep what ends within some seconds."""
        until = time.monotonic() + GRACE
        while self._calling and time.monotonic() < until:
            self.wake.wait(0.1)
            self.wake.clear()
            self._settle()
        self.abandon()

    def abandon(self) -> None:
        """What is under way is somebody else's once its lease has ended."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _settle(self) -> int:
        for future in [future for future in self._calling if future.done()]:
            webhook_id = self._calling.pop(future)
            settling = future.result()
            if settling is None:
                continue
            self._ended.append(settling)
            if settling.outcome.is_success:
                self._answers_well.add(webhook_id)
            else:
                self._answers_well.discard(webhook_id)
        if not self._ended:
            return 0
        queue.settle(self._ended, self.clock(), self.random)
        settled, self._ended = len(self._ended), []  # kept until they are committed
        return settled

    def _call(self) -> None:
        room = self._room(queue.with_work(self.clock()))
        if not room:
            return
        leased = queue.lease(room, self.clock())
        until = time.monotonic() + queue.LEASE.total_seconds() - WHOLE
        for call in self._prepared(leased):
            future = self._threads.submit(self._send, call, until)
            self._calling[future] = call.delivery.webhook_id
            future.add_done_callback(lambda _done: self.wake.set())

    def _room(self, webhooks: Sequence[UUID]) -> dict[UUID, int]:
        """How many more calls each may have."""
        under_way = Counter(self._calling.values())
        free = THREADS - len(self._calling)
        unproven = THREADS // 2 - sum(
            calls for webhook, calls in under_way.items() if webhook not in self._answers_well
        )
        room: dict[UUID, int] = {}
        # In another order each time: those whose deliveries turn out to wait for an earlier one
        # would else take the places of others for ever.
        for webhook in sorted(webhooks, key=lambda _webhook: self.random()):
            well = webhook in self._answers_well
            most = min(AT_ONCE - under_way[webhook], free) if well else min(1, unproven, free)
            if not well and under_way[webhook]:
                most = 0
            if most > 0:
                room[webhook] = most
                free -= most
                unproven -= 0 if well else most
        return room

    def _prepared(self, leased: Sequence[Delivery]) -> list[Call]:
        webhooks = Webhook.objects.in_bulk({delivery.webhook_id for delivery in leased})
        numbers = [delivery.number for delivery in leased if delivery.number is not None]
        changes = {change.log_entry.number: change for change in told_by(numbers)}
        calls = []
        for webhook_id, webhook in webhooks.items():
            its = [delivery for delivery in leased if delivery.webhook_id == webhook_id]
            now = self.clock()
            try:
                secrets = queue.secrets_of(webhook, now)
            except SealBroken:
                queue.secret_is_lost(webhook_id, its, now)
                continue
            events = Events(organization_id=webhook.organization_id, public_url=settings.PUBLIC_URL)
            for delivery in its:
                if delivery.number is None:
                    body = ping(webhook_id=webhook_id, at=delivery.created_at)
                else:
                    body = events.of(changes[delivery.number])
                calls.append(self._call_of(delivery, webhook, body, secrets, now))
        return calls

    def _call_of(
        self,
        delivery: Delivery,
        webhook: Webhook,
        body: bytes,
        secrets: Sequence[str],
        now: datetime,
    ) -> Call:
        name = f"ping-{delivery.pk}" if delivery.number is None else str(delivery.number)
        headers = signed(f"{webhook.pk}.{name}", body, at=now, secrets=secrets)
        headers |= {"Content-Type": "application/json", "User-Agent": AGENT}
        try:
            target: Target | Refused = target_of(webhook.url, private=self.private)
        except Refused as refused:
            target = refused
        return Call(delivery, target, headers, body)

    def _send(self, call: Call, until: float) -> Settling | None:
        """In a thread of its own; None where the lease may end before the attempt would."""
        if time.monotonic() > until:
            return None
        began = time.monotonic()
        if isinstance(call.target, Refused):
            outcome = Outcome(0.0, error=call.target.error)
        else:
            try:
                outcome = send(call.target, call.headers, call.body, private=self.private)
            except Exception:  # a fault of ours, which must not keep the others waiting
                logger.exception("a webhook cannot be called: %s", call.delivery.webhook_id)
                outcome = Outcome(time.monotonic() - began, error=AttemptError.BROKEN_ANSWER)
        started_at = self.clock() - timedelta(seconds=time.monotonic() - began)
        return Settling(call.delivery, started_at, outcome)
