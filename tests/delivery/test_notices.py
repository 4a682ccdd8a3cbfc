"""Notices by e-mail: done over HTTP, then looked for in what the mail server was given."""

import re
import smtplib
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import StringIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from claims.actions.notices import token_of
from claims.delivery import mailing, notices
from claims.delivery.notices import PAUSES, Postman
from claims.models import Claim, Member, Notice, NoticeSettings, QueueItem
from claims.text.direction import FSI, PDI, bidi_controls, isolated, one_line
from claims.vocabulary import NoticeKind, NoticeReason, NoticeState, ReviewPolicy
from tests import make
from tests.api.test_drafts import drafted, moved, set_policy
from tests.api.threads import at_once
from tests.conftest import Api, places, problem
from tests.delivery.conftest import Clock

SETTINGS = "/me/notices/"
SITE = "https://isnad.example.org"
ARABIC = "أعلن العراق تحرير أراضيه"


@pytest.fixture(autouse=True)
def site(settings: Any) -> None:
    settings.PUBLIC_URL = settings.NOTICE_SITE = SITE


@pytest.fixture
def people(desk: make.Desk) -> make.Desk:
    """A desk whose people have accounts; to digests they are new until the day after tomorrow."""
    for role in ("reader", "checker", "editor", "admin"):
        make.person(f"{role}-of-{desk.organization.pk.hex[-6:]}", getattr(desk, role))
    Member.objects.update(created_at=timezone.now() + timedelta(days=1))
    return desk


@pytest.fixture
def settled_in(people: make.Desk) -> make.Desk:
    Member.objects.update(created_at=timezone.now() - timedelta(days=2))
    return people


@pytest.fixture
def editor(people: make.Desk) -> Api:
    return Api(make.key(people.editor))


@pytest.fixture
def post(clock: Clock) -> Callable[..., list[Any]]:
    """Send what waits, a minute after it was written; what the server was given."""

    def run(**time: float) -> list[Any]:
        mail.outbox.clear()
        clock.go_on(**(time or {"seconds": 61}))
        Postman(clock=clock, random=lambda: 0.5).once()
        return list(mail.outbox)

    return run


def news(mails: list[Any]) -> list[Any]:
    """Those that are no digest."""
    return [it for it in mails if "What waits" not in it.subject]


def to(mails: list[Any]) -> list[str]:
    return [address for it in mails for address in it.to]


def address(member: Member) -> str:
    member.refresh_from_db()
    assert member.user is not None
    return str(member.user.email)


def said(api: Api, **changes: Any) -> Any:
    answer = api.patch(SETTINGS, changes, if_match=api.etag(SETTINGS))
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


def queued(editor: Api, claim: Claim | None = None, **more: Any) -> str:
    claim = claim or make.fact()
    return f"/queue/{editor.made('/queue/', {'claim': str(claim.pk), **more})['id']}/"


def assign(editor: Api, item: str, member: Member, **more: Any) -> None:
    answer = editor.post(f"{item}assign/", {"assignee": str(member.pk), **more})
    assert answer.status_code == 200, answer.content.decode()


def html(message: Any) -> str:
    [(content, kind)] = message.alternatives
    assert kind == "text/html"
    return str(content)


def states() -> list[tuple[str, str | None]]:
    return list(Notice.objects.order_by("pk").values_list("state", "reason"))


# What is told, to whom


def test_who_is_assigned_an_item_hears_of_it(
    editor: Api, people: make.Desk, post: Callable[..., list[Any]]
) -> None:
    claim = make.fact(text="Iraq declared victory")
    item = queued(editor, claim)
    assign(editor, item, people.checker, due_at="2031-01-01T09:00:00Z")
    [message] = post()
    assert message.to == [address(people.checker)]
    assert message.subject == "A editor assigned a claim to you: Iraq declared victory"
    for part in (message.body, html(message)):
        assert "Iraq declared victory" in part
        assert "2031-01-01 09:00 (UTC)" in part
        assert f"{SITE}/api/v1{item}" in part
        assert people.organization.name in part
    assert post() == []


def test_a_date_that_the_zone_leads_out_of_the_calendar_is_told_in_utc(
    people: make.Desk, editor: Api, post: Callable[..., list[Any]]
) -> None:
    said(Api(make.key(people.checker)), time_zone="Asia/Baghdad")
    assign(editor, queued(editor), people.checker, due_at="9999-12-31T23:59:59Z")
    [message] = post()
    assert "9999-12-31 23:59 (UTC)" in message.body


def test_who_takes_an_item_is_not_told(
    editor: Api, people: make.Desk, post: Callable[..., list[Any]]
) -> None:
    queued(editor)
    item = queued(editor)
    checker = Api(make.key(people.checker))
    assert checker.post("/queue/next/").status_code == 200
    assert checker.post(f"{item}take/").status_code in (200, 409)
    assign(editor, queued(editor), people.editor)
    assert post() == []


def test_who_is_mentioned_hears_of_it_and_not_what_the_note_says(
    editor: Api, people: make.Desk, post: Callable[..., list[Any]]
) -> None:
    claim = make.fact(text="Iraq declared victory")
    mentioned = [people.checker, people.editor, people.reader]
    note = editor.made(
        f"/claims/{claim.pk}/notes/",
        {"text": "The ministry lies.", "mentions": [str(it.pk) for it in mentioned]},
    )
    mails = post()
    assert sorted(to(mails)) == sorted(map(address, (people.checker, people.reader)))
    for message in mails:
        whole = message.message().as_string() + message.body + html(message)
        assert "ministry" not in whole
        assert f"/api/v1/claims/{claim.pk}/notes/{note['id']}/" in message.body


def test_an_author_hears_of_a_return_and_not_of_the_reasons(
    editor: Api, people: make.Desk, post: Callable[..., list[Any]]
) -> None:
    set_policy(people, ReviewPolicy.SECOND_MEMBER)
    claim = make.fact()
    path = drafted(Api(make.key(people.checker)), claim)
    assert moved(editor, path, "return", {"reasons": "Too thin."}).status_code == 200
    [message] = post()
    assert message.to == [address(people.checker)]
    assert message.subject.startswith("A editor returned your draft: ")
    assert "Too thin" not in message.body + html(message)
    assert f"/api/v1{path}" in message.body


def test_what_was_done_within_a_minute_is_one_mail(
    editor: Api, people: make.Desk, post: Callable[..., list[Any]]
) -> None:
    for _ in range(12):
        assign(editor, queued(editor), people.checker)
    assert post(seconds=30) == []
    [message] = post()
    assert message.subject == "Claims that were assigned to you: 12"
    assert message.body.count("/api/v1/queue/") == 10
    assert "And 2 more." in message.body


def test_what_is_so_no_more_is_not_told(
    editor: Api, people: make.Desk, post: Callable[..., list[Any]]
) -> None:
    item = queued(editor)
    assign(editor, item, people.checker)
    assign(editor, item, people.admin)
    assert to(post()) == [address(people.admin)]
    assert (NoticeState.DROPPED, NoticeReason.NOTHING_TO_SAY) in states()


def test_of_who_is_erased_nothing_is_left(committed: str) -> None:
    desk = make.desk()
    make.person("noor", desk.checker)
    said(Api(make.key(desk.checker)), language="ar")
    make.note(make.fact(), desk.editor, mentions=[desk.checker.pk])
    assert Notice.objects.exists()
    call_command("erase", "person", str(desk.checker.pk), stdout=StringIO())
    assert not Notice.objects.exists()
    link = f"/notices/off/{token_of(desk.checker.pk, NoticeKind.MENTION)}/"
    assert "Switched off" in Client().post(link).content.decode()
    assert not NoticeSettings.objects.exists()


@pytest.mark.parametrize("what", ["leaves", "has no address", "is locked out"])
def test_who_is_gone_gets_nothing(
    editor: Api, people: make.Desk, post: Callable[..., list[Any]], what: str
) -> None:
    editor.made(
        f"/claims/{make.fact().pk}/notes/", {"text": "!", "mentions": [str(people.checker.pk)]}
    )
    user = make.User.objects.get(memberships=people.checker)
    if what == "leaves":
        path = f"/organizations/{people.organization.pk}/members/me/leave/"
        assert Api(make.key(people.checker)).post(path).status_code == 200
    else:
        user.email, user.is_active = ("", True) if what == "has no address" else ("a@b.org", False)
        user.save()
    assert post() == []
    assert NoticeState.PENDING not in dict(states())


def test_the_address_is_the_one_of_the_moment_of_sending(
    editor: Api, people: make.Desk, post: Callable[..., list[Any]]
) -> None:
    assign(editor, queued(editor), people.checker)
    make.User.objects.filter(memberships=people.checker).update(email="new@example.org")
    assert to(post()) == ["new@example.org"]


def test_who_acts_by_keys_alone_has_nothing_written_down(editor: Api, people: make.Desk) -> None:
    Member.objects.filter(pk=people.checker.pk).update(user=None)
    assign(editor, queued(editor), people.checker)
    assert not Notice.objects.exists()


# Time


def test_who_has_what_was_due_is_told_once(
    editor: Api, people: make.Desk, clock: Clock, post: Callable[..., list[Any]]
) -> None:
    due = clock.now + timedelta(hours=1)
    item = queued(editor)
    assign(editor, item, people.checker, due_at=due.isoformat())
    assert len(news(post())) == 1
    [late] = news(post(hours=1))
    assert late.subject.startswith("A claim that is assigned to you is overdue: ")
    assert late.to == [address(people.checker)]
    assert news(post(hours=1)) == []
    # A new date counts anew; who gets it after that date is told by the assignment alone.
    later = clock.now + timedelta(hours=1)
    edited = editor.patch(item, {"due_at": later.isoformat()}, if_match=editor.etag(item))
    assert edited.status_code == 200
    assert len(news(post(hours=2))) == 1


def test_what_was_given_to_somebody_late_is_told_once(
    editor: Api, people: make.Desk, post: Callable[..., list[Any]]
) -> None:
    item = queued(editor, due_at="2020-01-01T00:00:00Z")
    assign(editor, item, people.checker)
    [message] = news(post())
    assert "assigned" in message.subject


def test_a_digest_tells_what_waits_once_a_day_at_the_hour_of_the_member(
    people: make.Desk,
    settled_in: make.Desk,
    editor: Api,
    clock: Clock,
    post: Callable[..., list[Any]],
) -> None:
    set_policy(people, ReviewPolicy.SECOND_MEMBER)
    checker = Api(make.key(people.checker))
    said(checker, time_zone="Asia/Baghdad", digest_hour=9, off=["assignment", "overdue"])
    for role in ("reader", "editor", "admin"):
        said(Api(make.key(getattr(people, role))), off=list(NoticeKind))
    clock.now = datetime.combine(clock.now.date(), datetime.min.time(), UTC) + timedelta(days=1)
    assigned, free = make.fact(text="Assigned"), make.fact(text="Free")
    item = queued(editor, assigned)
    queued(editor, free)
    assign(editor, item, people.checker, due_at=clock.now.isoformat())
    drafted(editor, make.fact(text="Of a colleague"))
    own = drafted(checker, make.fact(text="Of mine"))
    assert moved(editor, own, "return", {"reasons": "Too thin."}).status_code == 200

    [returned] = post(minutes=2)
    assert "returned your draft" in returned.subject
    assert post(hours=5, minutes=57) == []  # 08:59 in Baghdad
    [message] = post(minutes=2)
    day = clock.now.date().isoformat()
    assert message.subject == f"What waits for you, {day}"
    assert "Assigned to you: 1" in message.body
    assert f"Overdue since: {day} 03:00 (Asia/Baghdad)" in message.body
    assert "Drafts that wait for a second person: 1" in message.body
    assert "Of a colleague" in message.body
    assert "Drafts that were returned to you: 1" in message.body
    assert "In the queue, and nobody has it: 1" in message.body
    assert "Too thin" not in message.body
    assert post(hours=14) == []  # 23:01 there
    assert len(post(hours=10)) == 1  # 09:01


def test_a_digest_names_verdicts_whose_day_has_passed(
    people: make.Desk, settled_in: make.Desk, clock: Clock, post: Callable[..., list[Any]]
) -> None:
    claim = make.fact(text="It rains")
    checker = Api(make.key(people.checker))
    answer = checker.post(
        f"/claims/{claim.pk}/verify/", {"rationale": "Wet.", "valid_until": "2020-01-01"}
    )
    assert answer.status_code == 201, answer.content.decode()
    mails = post(days=1, hours=8)
    assert address(people.reader) not in to(mails)  # who cannot judge
    [message] = [it for it in mails if it.to == [address(people.checker)]]
    assert "Verdicts to look at again: 1" in message.body
    assert "It rains" in message.body
    assert f"{SITE}/claims/{claim.pk}/" in message.body


def test_an_empty_digest_is_not_sent(
    people: make.Desk, settled_in: make.Desk, clock: Clock, post: Callable[..., list[Any]]
) -> None:
    make.queued(make.fact(), people.checker)  # which nobody has
    assert post(days=1, hours=8) == []
    assert set(states()) == {(NoticeState.DROPPED, NoticeReason.NOTHING_TO_SAY)}


# What members say


def test_settings_are_read_and_changed(editor: Api, people: make.Desk) -> None:
    before = editor.read(SETTINGS)
    assert before == {
        "email": address(people.editor),
        "language": "en",
        "time_zone": "UTC",
        "digest_hour": 7,
        "off": [],
    }
    after = said(editor, language="ar", time_zone="Asia/Baghdad", digest_hour=0, off=["digest"])
    assert after == before | {
        "language": "ar",
        "time_zone": "Asia/Baghdad",
        "digest_hour": 0,
        "off": ["digest"],
    }
    assert editor.read(SETTINGS) == after
    assert said(editor, off=[]) == after | {"off": []}
    assert Api(make.key(people.checker)).read(SETTINGS)["off"] == []


def test_settings_are_not_lost_nor_read_twice(editor: Api) -> None:
    tag = editor.etag(SETTINGS)
    assert editor.get(SETTINGS, if_none_match=tag).status_code == 304
    problem(editor.patch(SETTINGS, {"off": []}), "precondition-required", 428)
    said(editor, off=["digest"])
    problem(editor.patch(SETTINGS, {"off": []}, if_match=tag), "precondition-failed", 412)
    assert editor.get(SETTINGS, if_none_match=tag).status_code == 200


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"language": "fr"}, "#/language"),
        ({"time_zone": "Mars/Olympus"}, "#/time_zone"),
        ({"time_zone": "../etc/passwd"}, "#/time_zone"),
        ({"digest_hour": 24}, "#/digest_hour"),
        ({"digest_hour": -1}, "#/digest_hour"),
        ({"digest_hour": "7"}, "#/digest_hour"),
        ({"off": ["gossip"]}, "#/off/0"),
        ({"off": ["digest", "digest"]}, "#/off"),
        ({"off": None}, "#/off"),
        ({"email": "other@example.org"}, "#/email"),
    ],
)
def test_settings_that_cannot_be_are_refused(editor: Api, body: Any, place: str) -> None:
    answer = editor.patch(SETTINGS, body, if_match=editor.etag(SETTINGS))
    assert places(problem(answer, "invalid", 400)) == {place}
    assert not NoticeSettings.objects.exists()


@pytest.mark.parametrize("kind", ["assignment", "mention", "return", "overdue", "digest"])
def test_each_kind_can_be_switched_off_and_no_other_is(
    editor: Api,
    people: make.Desk,
    settled_in: make.Desk,
    clock: Clock,
    post: Callable[..., list[Any]],
    kind: str,
) -> None:
    set_policy(people, ReviewPolicy.SECOND_MEMBER)
    checker = Api(make.key(people.checker))
    said(checker, off=[kind])
    due = clock.now + timedelta(minutes=3)
    assign(editor, queued(editor), people.checker, due_at=due.isoformat())
    editor.made(
        f"/claims/{make.fact().pk}/notes/", {"text": "!", "mentions": [str(people.checker.pk)]}
    )
    path = drafted(checker, make.fact())
    assert moved(editor, path, "return", {"reasons": "Thin."}).status_code == 200
    post(minutes=2)
    got = list(mail.outbox)
    got += post(minutes=2)
    got += post(days=1, hours=8)
    # By its link each mail says of which kind it is.
    links = [it.extra_headers["List-Unsubscribe"] for it in got if it.to[0].startswith("checker")]
    told = {str(re.findall(r"/off/[0-9a-f-]+\.(\w+)~", link)[0]) for link in links}
    assert told == {it.value for it in NoticeKind} - {kind}


# The link


def off_link(message: Any) -> str:
    return str(urlsplit(message.extra_headers["List-Unsubscribe"].strip("<>")).path)


def test_one_click_switches_off_without_signing_in(
    editor: Api, people: make.Desk, post: Callable[..., list[Any]]
) -> None:
    assign(editor, queued(editor), people.checker)
    [message] = post()
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert off_link(message) in message.body
    assert off_link(message) in html(message)
    client = Client(enforce_csrf_checks=True)
    # Looking at it changes nothing: programs that look through mail do.
    looked = client.get(off_link(message))
    assert looked.status_code == 200
    assert '<button type="submit">Switch off</button>' in looked.content.decode()
    assert not NoticeSettings.objects.exists()
    for _ in range(2):
        done = client.post(off_link(message), {"List-Unsubscribe": "One-Click"})
        assert done.status_code == 200
        assert "Switched off" in done.content.decode()
    assert Api(make.key(people.checker)).read(SETTINGS)["off"] == ["assignment"]
    assign(editor, queued(editor), people.checker)
    assert post() == []


def test_a_link_that_is_not_whole_switches_nothing_off(
    editor: Api, people: make.Desk, post: Callable[..., list[Any]]
) -> None:
    assign(editor, queued(editor), people.checker)
    [message] = post()
    link = off_link(message)
    for broken in (link[:-3] + "/", link.replace("assignment", "digest"), "/notices/off/x/"):
        for answer in (Client().get(broken), Client().post(broken)):
            assert answer.status_code == 404
            assert "The link is not whole" in answer.content.decode()
    assert not NoticeSettings.objects.exists()


def test_a_site_without_tls_promises_no_one_click(
    editor: Api, people: make.Desk, post: Callable[..., list[Any]], settings: Any
) -> None:
    settings.NOTICE_SITE = "http://127.0.0.1:8000"
    assign(editor, queued(editor), people.checker)
    [message] = post()
    assert "List-Unsubscribe" in message.extra_headers
    assert "List-Unsubscribe-Post" not in message.extra_headers


# Languages


def test_arabic_mails_are_written_from_the_right(
    editor: Api, people: make.Desk, post: Callable[..., list[Any]]
) -> None:
    said(Api(make.key(people.checker)), language="ar")
    Member.objects.filter(pk=people.editor.pk).update(name="Jane Doe")
    assign(editor, queued(editor, make.fact(text="In English (2019)")), people.checker)
    [message] = post()
    assert message.subject == f"إسناد ادعاء إليك من {FSI}Jane Doe{PDI}: {FSI}In English (2019){PDI}"
    assert message.extra_headers["Content-Language"] == "ar"
    content = html(message)
    assert '<html lang="ar" dir="rtl">' in content
    assert '<div lang="ar" dir="rtl"' in content
    assert '<p lang="en" dir="ltr"' in content
    ours = [it for it in message.body.splitlines() if it and not it.startswith(("http", "--"))]
    assert all(it.startswith("\u200f") for it in ours)
    assert f"{FSI}In English (2019){PDI}" in message.body
    page = Client().get(off_link(message)).content.decode()
    assert '<html lang="ar" dir="rtl">' in page


def test_arabic_in_an_english_mail_is_set_apart(
    editor: Api, people: make.Desk, post: Callable[..., list[Any]]
) -> None:
    assign(editor, queued(editor, make.fact(text=ARABIC, language="ar")), people.checker)
    [message] = post()
    assert message.subject == f"A editor assigned a claim to you: {FSI}{ARABIC}{PDI}"
    assert f"- {FSI}{ARABIC}{PDI}" in message.body
    assert '<html lang="en" dir="ltr">' in html(message)
    assert f'<p lang="ar" dir="rtl" style="margin: 0"><a href="{SITE}' in html(message)
    assert f">{ARABIC}</a>" in html(message)


@given(st.text(), st.sampled_from(["ltr", "rtl"]))
def test_what_is_set_apart_cannot_break_out(text: str, within: str) -> None:
    apart = isolated(one_line(text, 60), within=within)
    inner = apart.removeprefix(FSI).removesuffix(PDI)
    assert bidi_controls(inner) == []
    assert (apart == inner) or apart == f"{FSI}{inner}{PDI}"
    assert len(inner) <= 60
    assert not inner.splitlines()[1:]
    assert "\r" not in inner
    assert "\n" not in inner


# Mail as mail


HOSTILE = "One\r\nBcc: everybody@example.org\u2028\n\nX: \u202eevil\u2069 <b>bold</b>"


def test_a_claim_cannot_write_headers_or_markup(
    editor: Api, people: make.Desk, post: Callable[..., list[Any]]
) -> None:
    Member.objects.filter(pk=people.editor.pk).update(name="Ann\nBcc: x@example.org")
    assign(editor, queued(editor, make.fact(text=HOSTILE)), people.checker)
    [message] = post()
    sent: EmailMessage = message.message()
    assert sent.get_all("Bcc") is None
    assert message.recipients() == [address(people.checker)]
    assert "\n" not in message.subject
    assert "\r" not in message.subject
    assert "\u202e" not in message.body + message.subject + html(message)
    assert "<b>" not in html(message)
    assert "&lt;b&gt;" in html(message)


def test_a_mail_is_what_mail_programs_expect(
    editor: Api, people: make.Desk, post: Callable[..., list[Any]], settings: Any
) -> None:
    settings.DEFAULT_FROM_EMAIL = "Isnad <desk@example.org>"
    assign(editor, queued(editor), people.checker)
    [message] = post()
    sent = message.message()
    assert sent.get_content_type() == "multipart/alternative"
    assert [it.get_content_type() for it in sent.get_payload()] == ["text/plain", "text/html"]
    notice = Notice.objects.get()
    assert sent["Message-ID"] == f"<notice.{notice.pk}@isnad.example.org>"
    assert sent["Auto-Submitted"] == "auto-generated"
    assert sent["From"] == "Isnad <desk@example.org>"
    arrived = message_from_bytes(sent.as_bytes(), policy=policy.default)
    assert re.fullmatch(rf"<{SITE}/notices/off/[\w.~-]+/>", arrived["List-Unsubscribe"].strip())
    assert (notice.state, notice.reason, notice.tries) == (NoticeState.SENT, None, 1)


# The server


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
    post: Callable[..., list[Any]],
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
    post: Callable[..., list[Any]],
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
    editor: Api, people: make.Desk, post: Callable[..., list[Any]], failing: Callable[..., None]
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
    editor: Api, people: make.Desk, post: Callable[..., list[Any]], failing: Callable[..., None]
) -> None:
    assign(editor, queued(editor), people.checker)
    assign(editor, queued(editor), people.admin)
    failing([smtplib.SMTPRecipientsRefused({"a": (550, b"no")})])
    assert to(post()) == [address(people.admin)]


def test_a_server_that_is_away_is_asked_once_for_all(
    editor: Api, people: make.Desk, post: Callable[..., list[Any]], failing: Callable[..., None]
) -> None:
    assign(editor, queued(editor), people.checker)
    assign(editor, queued(editor), people.admin)
    failing([ConnectionRefusedError()])
    assert post() == []
    assert Failing.asked == 1
    assert len(post(minutes=1)) == 2


def test_what_is_old_is_no_news(
    editor: Api, people: make.Desk, post: Callable[..., list[Any]]
) -> None:
    assign(editor, queued(editor), people.checker)
    assert news(post(days=4)) == []
    assert states()[0] == (NoticeState.DROPPED, NoticeReason.STALE)


def test_without_a_mail_server_nothing_is_kept_waiting(
    editor: Api, people: make.Desk, post: Callable[..., list[Any]], settings: Any
) -> None:
    settings.EMAIL_BACKEND = notices.NO_SERVER
    assign(editor, queued(editor), people.checker)
    assert post() == []
    assert states() == [(NoticeState.DROPPED, NoticeReason.NO_MAIL_SERVER)]


def test_what_was_settled_long_ago_is_forgotten(
    editor: Api, people: make.Desk, post: Callable[..., list[Any]]
) -> None:
    said(Api(make.key(people.checker)), off=["digest"])
    assign(editor, queued(editor), people.checker)
    assert len(news(post())) == 1
    post(days=91)
    assert not Notice.objects.filter(kind="assignment").exists()


def test_a_fault_of_ours_keeps_nobody_waiting(
    editor: Api,
    people: make.Desk,
    post: Callable[..., list[Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assign(editor, queued(editor), people.checker)
    editor.made(
        f"/claims/{make.fact().pk}/notes/", {"text": "!", "mentions": [str(people.checker.pk)]}
    )
    whole = notices.Writer.mail

    def broken(writer: Any, mail: Any, kind: NoticeKind, *rest: Any) -> Any:
        if kind == NoticeKind.ASSIGNMENT:
            raise ZeroDivisionError
        return whole(writer, mail, kind, *rest)

    monkeypatch.setattr(notices.Writer, "mail", broken)
    assert len(post()) == 1
    assert (NoticeState.GIVEN_UP, NoticeReason.FAULT) in states()


# A transaction that is undone


def test_what_did_not_happen_is_not_told(editor: Api, people: make.Desk) -> None:
    item = queued(editor)
    with transaction.atomic():
        assign(editor, item, people.checker)
        transaction.set_rollback(True)
    assert not Notice.objects.exists()


# In real time, and committed


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
        listener.settimeout(0.1)
        thread = threading.Thread(target=accept, daemon=True)
        listener.settimeout(None)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            ended.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)
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
        assert time.monotonic() - began < 30
    assert seen[:2] == [False, 0]
    assert len(seen) == 4  # two batches: the rest of each is not tried in vain
    assert set(states()) == {(NoticeState.PENDING, NoticeReason.TIMED_OUT)}
    assert not Notice.objects.filter(lease_token__isnull=False).exists()


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


def test_items_that_are_asked_for_by_time_are_found_by_an_index(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = QueueItem.objects.open().filter(
            assignee__isnull=False, due_at__lte=timezone.now(), due_at__isnull=False
        )
        assert "queue_item_assigned_due" in plan.explain()
