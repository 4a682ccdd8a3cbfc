"""What is told, and to whom: done over HTTP, then looked for in the mails."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from claims.actions.notices import token_of
from claims.models import Member, Notice, NoticeSettings
from claims.vocabulary import NoticeKind, NoticeReason, NoticeState, ReviewPolicy
from tests import make
from tests.api.test_drafts import drafted, moved, set_policy
from tests.conftest import Api
from tests.delivery.notices.conftest import (
    SITE,
    Post,
    address,
    assign,
    html,
    mention,
    queued,
    said,
    states,
    to,
)


def test_who_is_assigned_an_item_hears_of_it(editor: Api, people: make.Desk, post: Post) -> None:
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


def test_who_takes_an_item_is_not_told(editor: Api, people: make.Desk, post: Post) -> None:
    queued(editor)
    item = queued(editor)
    checker = Api(make.key(people.checker))
    assert checker.post("/queue/next/").status_code == 200
    assert checker.post(f"{item}take/").status_code == 200
    assign(editor, queued(editor), people.editor)
    assert post() == []


def test_who_is_mentioned_hears_of_it_and_not_what_the_note_says(
    editor: Api, people: make.Desk, post: Post
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
    editor: Api, people: make.Desk, post: Post
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
    editor: Api, people: make.Desk, post: Post
) -> None:
    for _ in range(12):
        assign(editor, queued(editor), people.checker)
    assert post(seconds=30) == []
    [message] = post()
    assert message.subject == "Claims that were assigned to you: 12"
    assert message.body.count("/api/v1/queue/") == 10
    assert "And 2 more." in message.body


def test_what_is_so_no_more_is_not_told(editor: Api, people: make.Desk, post: Post) -> None:
    item = queued(editor)
    assign(editor, item, people.checker)
    assign(editor, item, people.admin)
    assert to(post()) == [address(people.admin)]
    assert (NoticeState.DROPPED, NoticeReason.NOTHING_TO_SAY) in states()


def test_what_did_not_happen_is_not_told(editor: Api, people: make.Desk) -> None:
    item = queued(editor)
    with transaction.atomic():
        assign(editor, item, people.checker)
        transaction.set_rollback(True)
    assert not Notice.objects.exists()


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
def test_who_is_gone_gets_nothing(editor: Api, people: make.Desk, post: Post, what: str) -> None:
    mention(editor, people.checker)
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
    editor: Api, people: make.Desk, post: Post
) -> None:
    assign(editor, queued(editor), people.checker)
    make.User.objects.filter(memberships=people.checker).update(email="new@example.org")
    assert to(post()) == ["new@example.org"]


def test_who_acts_by_keys_alone_has_nothing_written_down(editor: Api, people: make.Desk) -> None:
    Member.objects.filter(pk=people.checker.pk).update(user=None)
    assign(editor, queued(editor), people.checker)
    assert not Notice.objects.exists()
