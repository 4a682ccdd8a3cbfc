"""What members choose: by their settings, and by the link in each mail."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from claims.models import NoticeSettings
from claims.vocabulary import NoticeKind, ReviewPolicy
from tests import make
from tests.api.test_drafts import drafted, moved, set_policy
from tests.conftest import Api, places, problem
from tests.delivery.conftest import Clock
from tests.delivery.notices.conftest import (
    SETTINGS,
    Post,
    address,
    assign,
    html,
    mention,
    off_link,
    queued,
    said,
    until_morning,
)


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
    post: Post,
    kind: str,
) -> None:
    set_policy(people, ReviewPolicy.SECOND_MEMBER)
    checker = Api(make.key(people.checker))
    said(checker, off=[kind])
    due = clock.now + timedelta(minutes=3)
    assign(editor, queued(editor), people.checker, due_at=due.isoformat())
    mention(editor, people.checker)
    path = drafted(checker, make.fact())
    assert moved(editor, path, "return", {"reasons": "Thin."}).status_code == 200
    post(minutes=2)
    got = list(mail.outbox)
    got += post(minutes=2)
    until_morning(clock)
    got += post(minutes=1)
    # By its link each mail says of which kind it is.
    links = [it.extra_headers["List-Unsubscribe"] for it in got if it.to[0].startswith("checker")]
    told = {str(re.findall(r"/off/[0-9a-f-]+\.(\w+)~", link)[0]) for link in links}
    assert told == {it.value for it in NoticeKind} - {kind}


def test_one_click_switches_off_without_signing_in(
    editor: Api, people: make.Desk, post: Post
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
    editor: Api, people: make.Desk, post: Post
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
    editor: Api, people: make.Desk, post: Post, settings: Any
) -> None:
    settings.NOTICE_SITE = "http://127.0.0.1:8000"
    assign(editor, queued(editor), people.checker)
    [message] = post()
    assert "List-Unsubscribe" in message.extra_headers
    assert "List-Unsubscribe-Post" not in message.extra_headers
