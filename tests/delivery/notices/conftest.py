"""Desks whose people have accounts, and what the mail server was given."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.utils import timezone

from claims.delivery.notices import Postman
from claims.models import Claim, Member, Notice
from tests import make
from tests.conftest import Api
from tests.delivery.conftest import Clock

Post = Callable[..., list[Any]]

SETTINGS = "/me/notices/"
SITE = "https://isnad.example.org"


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
def post(clock: Clock) -> Post:
    """Send what waits; what the server was given.

    Without a time: a minute after now, so what was written is due however long writing took.
    """

    def run(**passed: float) -> list[Any]:
        mail.outbox.clear()
        if not passed:
            clock.now = max(clock.now, datetime.now(UTC))
        clock.go_on(**(passed or {"seconds": 61}))
        Postman(clock=clock, random=lambda: 0.5).once()
        return list(mail.outbox)

    return run


def until_morning(clock: Clock) -> None:
    """Let it be tomorrow, after the usual hour of digests, whatever hour it is now."""
    clock.now = datetime.combine(clock.now.date() + timedelta(days=1), time(8), UTC)


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


def mention(editor: Api, member: Member) -> None:
    path = f"/claims/{make.fact().pk}/notes/"
    editor.made(path, {"text": "!", "mentions": [str(member.pk)]})


def html(message: Any) -> str:
    [(content, kind)] = message.alternatives
    assert kind == "text/html"
    return str(content)


def states() -> list[tuple[str, str | None]]:
    return list(Notice.objects.order_by("pk").values_list("state", "reason"))


def off_link(message: Any) -> str:
    return str(urlsplit(message.extra_headers["List-Unsubscribe"].strip("<>")).path)
