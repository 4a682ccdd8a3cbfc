"""How a mail is written: two languages, two directions, nothing that a claim smuggles in."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from claims.models import Member, Notice
from claims.text.direction import FSI, PDI, bidi_controls, isolated, one_line
from claims.vocabulary import NoticeState
from tests import make
from tests.conftest import Api
from tests.delivery.notices.conftest import (
    SITE,
    Post,
    address,
    assign,
    html,
    off_link,
    queued,
    said,
)

ARABIC = "أعلن العراق تحرير أراضيه"


def test_arabic_mails_are_written_from_the_right(
    editor: Api, people: make.Desk, post: Post
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


def test_arabic_in_an_english_mail_is_set_apart(editor: Api, people: make.Desk, post: Post) -> None:
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


HOSTILE = "One\r\nBcc: everybody@example.org\u2028\n\nX: \u202eevil\u2069 <b>bold</b>"


def test_a_claim_cannot_write_headers_or_markup(editor: Api, people: make.Desk, post: Post) -> None:
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
    editor: Api, people: make.Desk, post: Post, settings: Any
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
