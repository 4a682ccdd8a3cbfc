"""Workers beside each other, killed or told to end, and servers that talk or hang: in real time."""

import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from claims.delivery import mailing, notices
from claims.delivery.notices import Postman
from claims.models import Member, Notice, NoticeSettings
from claims.vocabulary import NoticeReason, NoticeState
from tests import make
from tests.api.threads import at_once
from tests.delivery.conftest import Clock
from tests.delivery.notices.conftest import states, to
from tests.waiting import PATIENCE


@pytest.fixture
def waiting(committed: str) -> make.Desk:
    """Thirty people to whom something was assigned."""
    desk = make.desk()
    with transaction.atomic():
        for i in range(30):
            member = make.add_member(
                organization=desk.organization, name=f"Checker {i}", role="checker", by=None
            )
            make.person(f"checker{i}", member)
            make.note(make.fact(), desk.editor, mentions=[member.pk])
        Notice.objects.update(next_attempt_at=timezone.now())
        Member.objects.update(created_at=timezone.now() + timedelta(days=1))  # no digests
    mail.outbox.clear()
    return desk


def test_two_workers_at_once_send_each_mail_once(waiting: make.Desk) -> None:
    sent = at_once([Postman().once, Postman().once, Postman().once])
    assert sum(sent) == len(mail.outbox) == 30
    assert len(set(to(mail.outbox))) == 30
    assert {state for state, _reason in states()} == {NoticeState.SENT}


def test_who_is_killed_between_sending_and_marking_sends_the_same_mail_again(
    waiting: make.Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(notices, "settle", killed)
        with pytest.raises(Killed):
            Postman(clock=clock).once()
    [first] = mail.outbox
    assert Postman(clock=clock).once() == 10  # what it had not leased
    clock.go_on(seconds=181)
    assert Postman(clock=clock).once() == 20
    ids = [it.extra_headers["Message-ID"] for it in mail.outbox]
    assert ids.count(first.extra_headers["Message-ID"]) == 2
    assert len(set(ids)) == 30


def test_a_worker_that_is_to_end_gives_back_what_it_has_not_sent(waiting: make.Desk) -> None:
    postman = Postman()
    whole = postman.bag.send

    def last(*given: Any) -> Any:
        postman.ended.set()
        return whole(*given)

    postman.bag.send = last  # type: ignore[method-assign]
    postman.run()
    assert len(mail.outbox) == 1
    assert not Notice.objects.filter(lease_token__isnull=False).exists()
    assert Postman().once() == 29


class Smtp(socketserver.StreamRequestHandler):
    """As much of SMTP as a sender needs (RFC 5321)."""

    def handle(self) -> None:
        server: Any = self.server
        server.connections += 1
        self.wfile.write(b"220 ready\r\n")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                text = iter(self.rfile.readline, b".\r\n")
                server.mails.append(message_from_bytes(b"".join(text), policy=policy.default))
            if verb == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 fine\r\n")


def test_mails_go_to_a_server_over_one_connection(waiting: make.Desk, settings: Any) -> None:
    NoticeSettings.objects.bulk_create(
        NoticeSettings(member=it, language="ar", time_zone="UTC")
        for it in Member.objects.filter(user__isnull=False)
    )
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Smtp) as server:
        server.mails, server.connections = [], 0  # type: ignore[attr-defined]
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            assert Postman().once() == 30
        finally:
            server.shutdown()
            thread.join()
    got = server.mails  # type: ignore[attr-defined]
    assert server.connections == 1  # type: ignore[attr-defined]
    assert len({it["To"] for it in got}) == len({it["Message-ID"] for it in got}) == 30
    for it in got:
        assert it["Subject"].strip().startswith("ملاحظة من ")
        assert it.get_body(("plain",)).get_content().startswith("\u200fملاحظة من ")
        assert '<html lang="ar" dir="rtl">' in it.get_body(("html",)).get_content()


@contextmanager
def silent_server(trickles: bool = False) -> Iterator[int]:
    """Takes connections and says nothing, or a byte now and then; its port."""
    ended = threading.Event()
    held: list[socket.socket] = []

    def trickle(connected: socket.socket) -> None:
        try:
            while not ended.wait(0.05):
                connected.sendall(b"2")
        except OSError:
            pass

    def accept() -> None:
        while not ended.is_set():
            try:
                connected, _from = listener.accept()
            except OSError:
                return
            held.append(connected)
            if trickles:
                threading.Thread(target=trickle, args=(connected,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            ended.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(PATIENCE)
            assert not thread.is_alive()
            for it in held:
                it.close()


@pytest.mark.parametrize("trickles", [False, True], ids=["silent", "a byte now and then"])
def test_a_server_that_hangs_holds_no_lock_and_no_transaction(
    waiting: make.Desk, settings: Any, monkeypatch: pytest.MonkeyPatch, trickles: bool
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS = "127.0.0.1", False
    settings.EMAIL_TIMEOUT = 60 if trickles else 1
    monkeypatch.setattr(mailing, "WHOLE", 1.5)
    seen: list[Any] = []
    whole = mailing.Mailbag.send

    def watched(bag: Any, message: Any, ended: Any) -> Any:
        """What the worker's own connection is about while it sends."""
        seen.append(connection.in_atomic_block)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation "
                "WHERE l.pid = pg_backend_pid() AND c.relname LIKE 'claims%'"
            )
            seen.append(cursor.fetchone()[0])
        return whole(bag, message, ended)

    monkeypatch.setattr(mailing.Mailbag, "send", watched)
    with silent_server(trickles) as port:
        settings.EMAIL_PORT = port
        began = time.monotonic()
        assert Postman().once() == 0
        assert time.monotonic() - began < PATIENCE
    assert seen[:2] == [False, 0]
    assert len(seen) == 4  # two batches: the rest of each is not tried in vain
    assert set(states()) == {(NoticeState.PENDING, NoticeReason.TIMED_OUT)}
    assert not Notice.objects.filter(lease_token__isnull=False).exists()
