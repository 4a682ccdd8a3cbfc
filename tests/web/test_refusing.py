"""What pages say where the database refuses, or waits too long: as the API does, in a page."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.test import Client

from claims.actions.notices import token_of
from claims.models import Claim, Contest, Member, User
from claims.vocabulary import NoticeKind
from tests import make
from tests.api.threads import at_once, waiting_for_others
from tests.waiting import PATIENCE, until
from tests.web.test_contesting import page_of, said
from tests.web.test_signing_in import JOIN, Page

NEW = {"username": "noor", "password": "eleven slow barges"}


@pytest.fixture
def impatient(committed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections that are made from now on wait for others no longer than a moment."""
    options = connections["default"].settings_dict["OPTIONS"]
    given = options["options"].replace("lock_timeout=3s", "lock_timeout=100ms")
    assert given != options["options"]
    monkeypatch.setitem(options, "options", given)


@contextmanager
def meanwhile(done: Any) -> Iterator[None]:
    """What another connection does and does not commit until this is over."""
    is_done, is_over = threading.Event(), threading.Event()

    def run() -> None:
        with transaction.atomic():
            done()
            is_done.set()
            assert is_over.wait(PATIENCE)
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert is_done.wait(PATIENCE)
        yield
    finally:
        is_over.set()
        thread.join(PATIENCE)


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize(
    ("language", "words"), [("en", "This username is taken"), ("ar", "اسم المستخدم هذا مأخوذ")]
)
def test_who_chooses_a_name_that_somebody_takes_at_that_moment_is_told_so(
    language: str, words: str
) -> None:
    desk = make.desk()
    _invitation, token = make.invitation(desk.admin, name="Noor")
    taken = threading.Event()

    def take() -> None:
        User.objects.create_user("Noor")

    def join() -> Any:
        return Page(language).send(JOIN, token=token, **NEW)

    def commit_once_it_waits() -> None:
        with meanwhile(take):
            taken.set()
            until(waiting_for_others)

    def send() -> Any:
        assert taken.wait(PATIENCE)
        return join()

    _nothing, refused = at_once([commit_once_it_waits, send])
    assert refused.status_code == 409, refused.content.decode()
    assert refused["Content-Type"].startswith("text/html")
    assert words in refused.content.decode()
    # The form is there again, and nothing else has happened.
    assert 'name="token"' in refused.content.decode()
    assert not Member.objects.filter(user__isnull=False).exists()
    assert join().status_code == 409
    assert Page(language).send(JOIN, token=token, **NEW | {"username": "nur"}).status_code == 302


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("language", "words"), [("en", "Wait a moment"), ("ar", "انتظر لحظة")])
def test_what_somebody_else_holds_too_long_is_no_fault_of_ours(language: str, words: str) -> None:
    desk = make.desk()
    invitation, token = make.invitation(desk.admin, name="Noor")
    verdict = make.verdict(make.fact(), desk.checker)

    def hold() -> None:
        type(invitation).objects.select_for_update().get()
        Claim.objects.select_for_update().get()

    def join() -> Any:
        return Page(language).send(JOIN, token=token, **NEW)

    def contest() -> Any:
        return Page(language).send(page_of(verdict), **said(verdict))

    with meanwhile(hold):
        answers = at_once([join, contest])
    for it in answers:
        assert it.status_code == 503, it.content.decode()
        assert int(it["Retry-After"]) > 0
        assert words in it.content.decode()
        assert '<form method="post"' in it.content.decode()
    assert not Contest.objects.exists()
    assert (join().status_code, contest().status_code) == (302, 302)


@pytest.mark.parametrize(
    ("doing", "page"),
    [
        ("claims.web.signing_in.sign_in", "/api/session/login/"),
        ("claims.web.signing_in.open_session", "/api/session/login/"),
        ("claims.web.signing_in.accept_invitation", JOIN),
        ("claims.web.contesting.file_contest", "contest"),
        ("claims.web.contesting.verdicts", "contest"),
        ("claims.web.notices.switch_off", "off"),
    ],
)
@pytest.mark.parametrize("is_ours", [False, True])
def test_no_page_fails_where_the_database_is_away_and_a_fault_of_ours_is_still_one(
    desk: make.Desk, monkeypatch: pytest.MonkeyPatch, doing: str, page: str, *, is_ours: bool
) -> None:
    make.person("layla", desk.checker)
    verdict = make.verdict(make.fact(), desk.checker)
    _invitation, token = make.invitation(desk.admin, name="Noor")
    form = {"username": "layla", "password": make.PASSWORD, "token": token}
    if page == "contest":
        page, form = page_of(verdict), said(verdict)
    elif page == "off":
        page = f"/notices/off/{token_of(desk.checker.pk, NoticeKind.MENTION)}/"

    def fail(*_args: Any, **_more: Any) -> None:
        raise LookupError("a fault") if is_ours else OperationalError("the server is away")

    monkeypatch.setattr(doing, fail)
    response = Client(raise_request_exception=False).post(page, form)
    assert response.status_code == (500 if is_ours else 503)
    if not is_ours:
        assert "Wait a moment" in response.content.decode()
        assert int(response["Retry-After"]) > 0
