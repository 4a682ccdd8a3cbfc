"""Several workers, workers that are killed, receivers that hang: nothing lost, nothing twice."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection, connections, transaction

from claims.delivery import queue, sending
from claims.delivery.queue import Settling
from claims.delivery.sending import Outcome
from claims.delivery.worker import AT_ONCE, POLL, THREADS, Worker
from claims.models import Attempt, Delivery, Webhook
from claims.queries.feed import head
from tests import make
from tests.database import addresses
from tests.delivery.conftest import verdicts_on
from tests.log import numbered
from tests.models.rows import run
from tests.sink import OK, Sink, sink
from tests.waiting import PATIENCE, until

ROOT = Path(__file__).resolve().parents[2]
TYPES = ["claim.created", "verdict.issued"]
NEVER = 3600.0
DELIVER = """
import sys, django
django.setup()
import claims.delivery.worker, manage
claims.delivery.worker.POLL = float(sys.argv.pop())
sys.argv = ["manage.py", "deliver"]
manage.main()
"""


def webhook(desk: make.Desk, to: Sink) -> Webhook:
    numbered()
    return make.webhook(desk.editor, url=to.url, types=TYPES)


@contextmanager
def deliverer(database: str, poll: float = POLL) -> Iterator[subprocess.Popen[bytes]]:
    """`manage.py deliver` in a process of its own, on the database of the test."""
    process = subprocess.Popen(
        [sys.executable, "-c", DELIVER, str(poll)],
        cwd=ROOT,
        env=os.environ
        | addresses(database)
        | {"WEBHOOK_ALLOW_PRIVATE": "true", "DJANGO_SETTINGS_MODULE": "config.settings"},
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


def worked(worker: Worker) -> int:
    """All that is due, by a worker in a thread of its own."""
    try:
        return worker.once()
    finally:
        worker.finish()
        connections.close_all()


def lease_all(worker_now: datetime) -> list[Delivery]:
    return list(queue.lease(dict.fromkeys(queue.with_work(worker_now), 100), worker_now))


# Leases


@pytest.fixture
def queued(db: None, desk: make.Desk, receiver: Sink) -> datetime:
    """Four deliveries of two claims are due; the time."""
    webhook(desk, receiver)
    for _ in range(2):
        make.verdict(make.fact(), desk.checker)
    numbered()
    now = datetime.now(UTC)
    queue.look_through(now)
    assert Delivery.objects.count() == 4
    return now


def test_what_is_leased_is_nobody_else_s_until_the_lease_ends(queued: datetime) -> None:
    first = lease_all(queued)
    assert len(first) == 2  # the first of each claim
    assert lease_all(queued) == []
    assert {it.pk for it in lease_all(queued + queue.LEASE)} == {it.pk for it in first}


def test_whoever_lost_the_lease_settles_nothing(queued: datetime) -> None:
    late = lease_all(queued)[0]
    again = {it.pk: it for it in lease_all(queued + queue.LEASE)}[late.pk]
    settled = Outcome(0.1, 200, "")
    assert queue.settle([Settling(late, queued, settled)], queued, lambda: 0.5) == []
    assert not Attempt.objects.exists()
    kept = queue.settle([Settling(again, queued, settled)], queued, lambda: 0.5)
    assert [it.delivery.pk for it in kept] == [late.pk]
    assert queue.settle([Settling(again, queued, settled)], queued, lambda: 0.5) == []
    assert Attempt.objects.count() == 1


def test_a_call_is_not_begun_where_its_lease_could_end_before_it(
    queued: datetime, receiver: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "LEASE", timedelta(seconds=1))
    worker = Worker(clock=lambda: queued)
    assert worker.once() == 0
    worker.finish()
    assert receiver.received == []


def test_no_more_waits_in_the_queue_than_its_limit_the_rest_in_the_log(
    queued: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "BACKLOG", 4)
    make.fact()
    numbered()
    assert not queue.look_through(queued)
    assert Delivery.objects.count() == 4
    Delivery.objects.update(state="delivered", next_attempt_at=None)
    queue.look_through(queued)
    assert Delivery.objects.count() == 5
    assert Webhook.objects.get().read_up_to == head()


def test_the_log_is_looked_through_a_window_at_a_time(
    queued: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "WINDOW", 2)
    for _ in range(3):
        make.publisher()
    make.fact()
    numbered()
    steps = 1
    while queue.look_through(queued):
        steps += 1
    assert steps == 2
    assert Delivery.objects.count() == 5


def test_how_many_calls_a_webhook_may_have_follows_from_how_its_last_one_went() -> None:
    worker = Worker()
    well, ill, new = (uuid4() for _ in range(3))
    worker._answers_well.add(well)
    assert worker._room([well, ill, new]) == {well: AT_ONCE, ill: 1, new: 1}
    many = [uuid4() for _ in range(2 * THREADS)]
    assert sum(worker._room(many).values()) == THREADS // 2
    assert worker._room([*many, well])[well] == AT_ONCE
    worker.abandon()


# In real time, and committed


def test_two_workers_at_once_deliver_everything_once_and_in_order(
    committed: str, receiver: Sink
) -> None:
    desk = make.desk()
    hooks = [webhook(desk, receiver) for _ in range(2)]
    claims = [make.fact() for _ in range(8)]
    with transaction.atomic():
        for claim in claims:
            verdicts_on(claim, desk.checker, 4)
    numbered()
    receiver.answers = lambda it: (time.sleep(0.005), OK)[1]
    threads = [threading.Thread(target=worked, args=(Worker(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    worked(Worker())  # what one held while the other had nothing left to do
    assert Counter(it.id for it in receiver.received) == Counter(
        {f"{it.webhook_id}.{it.number}": 1 for it in Delivery.objects.all()}
    )
    assert len(receiver.received) == 2 * 8 * 5
    for hook in hooks:
        for claim in claims:
            told = [
                it.number
                for it in receiver.received
                if it.id.startswith(str(hook.pk)) and it.json["data"]["claim"] == str(claim.pk)
            ]
            assert told == sorted(told)
    assert Attempt.objects.count() == len(receiver.received)


def test_a_worker_that_is_killed_in_the_middle_loses_nothing(
    committed: str, receiver: Sink
) -> None:
    desk = make.desk()
    webhook(desk, receiver)
    claim = make.fact()
    with transaction.atomic():
        verdicts_on(claim, desk.checker, 3)
    held = threading.Event()
    receiver.answers = lambda it: (held.wait(PATIENCE), OK)[1]
    numbered()
    with deliverer(committed) as process:
        until(lambda: receiver.received)
        process.send_signal(signal.SIGKILL)
        process.wait()
    held.set()
    receiver.answers = lambda it: OK
    assert Attempt.objects.count() == 0
    assert Worker().once() == 0  # the lease of the dead one counts until it ends
    run("UPDATE claims_delivery SET lease_ends_at = now() WHERE lease_token IS NOT NULL")
    assert worked(Worker()) == 4
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}
    first, *rest = receiver.numbers
    assert rest == sorted(rest)
    assert rest[0] == first  # once more: at least once, and told by the same id


def test_the_command_delivers_at_once_what_the_sequencer_tells_of_and_ends_on_a_signal(
    committed: str, receiver: Sink
) -> None:
    desk = make.desk()
    webhook(desk, receiver)
    with deliverer(committed, poll=NEVER) as process:  # so it has to be told
        for i in range(4):
            make.fact()
            numbered()
            until(lambda i=i: len(receiver.received) == i + 1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_the_command_outlives_the_connections_to_its_database(
    committed: str, receiver: Sink
) -> None:
    desk = make.desk()
    webhook(desk, receiver)
    with deliverer(committed) as process:
        for i in range(3):
            make.fact()
            numbered()
            until(lambda i=i: len(receiver.received) == i + 1)
            until(lambda i=i: Attempt.objects.count() == i + 1)
            run(
                """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE datname = current_database() AND usename = current_user
                     AND pid <> pg_backend_pid()"""
            )
        assert process.poll() is None
    assert Attempt.objects.count() == 3


def test_receivers_that_hang_do_not_delay_the_others(
    committed: str, receiver: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SILENCE", NEVER)
    monkeypatch.setattr(sending, "WHOLE", NEVER)
    desk = make.desk()
    released = threading.Event()
    with ExitStack() as stack:
        hanging = [stack.enter_context(sink()) for _ in range(10)]
        for it in hanging:
            it.answers = lambda _: (released.wait(PATIENCE), OK)[1]
            webhook(desk, it)
        webhook(desk, receiver)
        for _ in range(20):
            make.fact()
        numbered()
        ended = threading.Event()
        worker = Worker()

        def work() -> None:
            worker.run(ended)
            connections.close_all()

        thread = threading.Thread(target=work)
        thread.start()
        try:
            until(lambda: len(receiver.received) == 20)
            for _ in range(20):
                make.fact()
            numbered()
            worker.log_has_grown()
            until(lambda: len(receiver.received) == 40)
            assert {len(it.received) for it in hanging} == {1}
        finally:
            released.set()
            ended.set()
            worker.wake.set()
            thread.join()
    connection.close()
