"""What fails: the mail server, an address, or we ourselves."""

import smtplib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.mail.backends.locmem import EmailBackend

from claims.delivery import notices
from claims.delivery.notices import PAUSES
from claims.models import Notice
from claims.vocabulary import NoticeKind, NoticeReason, NoticeState
from tests import make
from tests.conftest import Api
from tests.delivery.conftest import Clock
from tests.delivery.notices.conftest import Post, address, assign, mention, queued, said, states, to


class Failing(EmailBackend):
    """Raises what it is told to, a number of times."""

    errors: list[Exception] = []
    asked = 0

    def send_messages(self, messages: Any) -> Any:
        type(self).asked += 1
        if self.errors:
            raise self.errors.pop(0)
        return super().send_messages(messages)


@pytest.fixture
def failing(settings: Any) -> Iterator[Callable[..., None]]:
    settings.EMAIL_BACKEND = f"{__name__}.Failing"
    Failing.asked = 0
    yield Failing.errors.extend
    Failing.errors.clear()


def test_what_fails_is_tried_again_with_growing_pauses_and_given_up(
    editor: Api,
    people: make.Desk,
    clock: Clock,
    post: Post,
    failing: Callable[..., None],
) -> None:
    said(Api(make.key(people.checker)), off=["digest"])
    assign(editor, queued(editor), people.checker)
    failing([ConnectionRefusedError()] * (len(PAUSES) + 1))
    assert post() == []
    for tries, pause in enumerate(PAUSES, 1):
        notice = Notice.objects.get(kind="assignment")
        assert (notice.state, notice.tries) == (NoticeState.PENDING, tries)
        assert notice.reason == NoticeReason.NO_CONNECTION
        assert notice.next_attempt_at == clock.now + pause
        asked = Failing.asked
        post(seconds=pause.total_seconds() - 1)
        assert Failing.asked == asked
        post(seconds=1)
    assert states()[0] == (NoticeState.GIVEN_UP, NoticeReason.NO_CONNECTION)


@pytest.mark.parametrize(
    ("error", "state", "reason"),
    [
        (smtplib.SMTPRecipientsRefused({"a": (550, b"no")}), "given_up", "address_refused"),
        (smtplib.SMTPRecipientsRefused({"a": (450, b"later")}), "pending", "deferred"),
        (smtplib.SMTPDataError(554, b"spam"), "given_up", "mail_refused"),
        (smtplib.SMTPDataError(451, b"later"), "pending", "deferred"),
        (smtplib.SMTPSenderRefused(550, b"no", "a"), "pending", "server_refused"),
        (smtplib.SMTPAuthenticationError(535, b"no"), "pending", "server_refused"),
        (smtplib.SMTPServerDisconnected("gone"), "pending", "no_connection"),
        (TimeoutError(), "pending", "timed_out"),
    ],
)
def test_what_the_server_says_decides_whether_it_is_tried_again(
    editor: Api,
    people: make.Desk,
    post: Post,
    failing: Callable[..., None],
    error: Exception,
    state: str,
    reason: str,
) -> None:
    assign(editor, queued(editor), people.checker)
    failing([error])
    assert post() == []
    assert states() == [(state, reason)]


def test_a_mail_that_is_tried_again_is_the_same_mail(
    editor: Api, people: make.Desk, post: Post, failing: Callable[..., None]
) -> None:
    assign(editor, queued(editor), people.checker)
    failing([smtplib.SMTPServerDisconnected("after it had taken it")])
    first = Notice.objects.get().pk
    post()
    assign(editor, queued(editor), people.checker)
    again, other = post(seconds=60)
    assert again.extra_headers["Message-ID"] == f"<notice.{first}@isnad.example.org>"
    assert "assigned a claim" in again.subject  # one: what came since goes in another mail
    assert other.extra_headers["Message-ID"] != again.extra_headers["Message-ID"]


def test_one_address_that_is_refused_keeps_nobody_waiting(
    editor: Api, people: make.Desk, post: Post, failing: Callable[..., None]
) -> None:
    assign(editor, queued(editor), people.checker)
    assign(editor, queued(editor), people.admin)
    failing([smtplib.SMTPRecipientsRefused({"a": (550, b"no")})])
    assert to(post()) == [address(people.admin)]


def test_a_server_that_is_away_is_asked_once_for_all(
    editor: Api, people: make.Desk, post: Post, failing: Callable[..., None]
) -> None:
    assign(editor, queued(editor), people.checker)
    assign(editor, queued(editor), people.admin)
    failing([ConnectionRefusedError()])
    assert post() == []
    assert Failing.asked == 1
    assert len(post(minutes=1)) == 2


def test_without_a_mail_server_nothing_is_kept_waiting(
    editor: Api, people: make.Desk, post: Post, settings: Any
) -> None:
    settings.EMAIL_BACKEND = notices.NO_SERVER
    assign(editor, queued(editor), people.checker)
    assert post() == []
    assert states() == [(NoticeState.DROPPED, NoticeReason.NO_MAIL_SERVER)]


def test_a_fault_of_ours_keeps_nobody_waiting(
    editor: Api,
    people: make.Desk,
    post: Post,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assign(editor, queued(editor), people.checker)
    mention(editor, people.checker)
    whole = notices.Writer.mail

    def broken(writer: Any, mail: Any, kind: NoticeKind, *rest: Any) -> Any:
        if kind == NoticeKind.ASSIGNMENT:
            raise ZeroDivisionError
        return whole(writer, mail, kind, *rest)

    monkeypatch.setattr(notices.Writer, "mail", broken)
    assert len(post()) == 1
    assert (NoticeState.GIVEN_UP, NoticeReason.FAULT) in states()
