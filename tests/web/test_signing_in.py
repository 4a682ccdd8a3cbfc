"""The pages where people sign in and accept an invitation, for browsers without scripts too."""

import re
from typing import Any

import pytest
from django.test import Client

from claims.actions.signing_in import is_device
from claims.api.session import DEVICE
from claims.models import Member, Session, User
from tests import make
from tests.api.test_session import App, Browser
from tests.conftest import Api

SIGN_IN, SIGN_OUT, JOIN = "/api/session/login/", "/api/session/logout/", "/join/"


class Page:
    """A browser that opens a page and sends its form."""

    def __init__(self, language: str = "en", **more: Any) -> None:
        self.client = Client(enforce_csrf_checks=True, **more)
        self.headers = {"accept-language": language}

    def open(self, path: str) -> str:
        response = self.client.get(path, headers=self.headers)
        assert response.status_code == 200
        return response.content.decode()

    def send(self, path: str, **said: str) -> Any:
        [token] = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', self.open(path))
        said = {"csrfmiddlewaretoken": token, **said}
        return self.client.post(path, said, headers=self.headers)

    def sign_in(self, **more: str) -> Any:
        return self.send(SIGN_IN, **{"username": "layla", "password": make.PASSWORD} | more)


@pytest.fixture
def layla(desk: make.Desk) -> User:
    return make.person("layla", desk.checker)


@pytest.mark.parametrize("path", [SIGN_IN, JOIN])
@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl")])
def test_the_pages_are_in_english_and_arabic(
    db: None, path: str, language: str, direction: str
) -> None:
    text = Page(language).open(path)
    assert f'<html lang="{language}" dir="{direction}">' in text
    assert ("Choose a password" in text or "Sign in" in text) == (language == "en")


def test_somebody_signs_in_and_out(layla: User, desk: make.Desk) -> None:
    page = Page()
    done = page.sign_in(next="/api/v1/claims/")
    assert (done.status_code, done["Location"]) == (302, "/api/v1/claims/")
    assert Session.objects.get().member_id == desk.checker.pk
    assert "layla" not in page.open("/feeds/verdicts.json")
    token = page.client.cookies["csrftoken"].value
    out = page.client.post(SIGN_OUT, {"csrfmiddlewaretoken": token})
    assert out.status_code == 302
    assert not Session.objects.exists()


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_led_elsewhere(layla: User, to: str) -> None:
    assert Page().sign_in(next=to)["Location"] == "/api/v1/"


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Name, password or code"), ("ar", "الاسم أو كلمة المرور")]
)
def test_what_is_wrong_is_said(layla: User, language: str, words: str) -> None:
    for more in ({"password": "wrong"}, {"username": "nobody"}):
        text = Page(language).sign_in(**more).content.decode()
        assert words in text
        assert "wrong" not in text
    assert not Session.objects.exists()


@pytest.mark.parametrize("more", [{"username": "a\0b"}, {"password": ""}, {"username": "x" * 999}])
def test_odd_words_are_no_fault_of_ours(layla: User, more: dict[str, str]) -> None:
    assert Page().sign_in(**more).status_code == 200


def test_tries_count_here_too(layla: User) -> None:
    for _ in range(5):
        Page().sign_in(password="wrong")
    assert "Too many tries" in Page().sign_in().content.decode()


@pytest.mark.usefixtures("clock")
def test_a_code_is_asked_for_here_too_and_before_the_admin_site(layla: User) -> None:
    User.objects.update(is_staff=True, is_superuser=True)
    browser = Browser()
    browser.sign_in()
    secret = browser.post("/session/totp/", {"password": make.PASSWORD}).json()["secret"]
    app = App(secret)
    browser.post("/session/totp/confirm/", {"code": app.shows(-1)})
    page = Page()
    led = page.client.get("/admin/", follow=True)
    assert led.request["PATH_INFO"] == SIGN_IN
    refused = page.client.post("/admin/login/", {"username": "layla", "password": make.PASSWORD})
    assert refused.status_code == 405
    assert page.sign_in().status_code == 200
    done = page.sign_in(code=app.shows(), next="/admin/")
    assert (done.status_code, done["Location"]) == (302, "/admin/")
    assert page.client.get("/admin/").status_code == 200


# Joining


def test_somebody_joins_by_the_page(desk: make.Desk) -> None:
    _invitation, token = make.invitation(desk.admin, name="Noor")
    page = Page()
    said = {"token": token, "username": "noor", "password": "eleven slow barges"}
    short = page.send(JOIN, **said | {"password": "short"})
    assert short.status_code == 200
    assert "Take twelve characters" in short.content.decode()
    assert "short" not in short.content.decode().replace("Take twelve", "")
    done = page.send(JOIN, **said)
    assert (done.status_code, done["Location"]) == (302, "/api/v1/")
    member = Member.objects.get(name="Noor")
    assert Session.objects.get().member_id == member.pk
    assert is_device(User.objects.get(username="noor"), page.client.cookies[DEVICE].value)
    again = Page().send(JOIN, **said | {"username": "other"})
    assert "ask for a new one" in again.content.decode()


def test_who_is_signed_in_joins_with_the_token_alone(desk: make.Desk, layla: User) -> None:
    _invitation, token = make.invitation(make.desk().admin)
    page = Page()
    page.sign_in()
    text = page.open(JOIN)
    assert "layla" in text
    assert "id_password" not in text
    assert page.send(JOIN, token=token).status_code == 302
    assert Member.objects.filter(user=layla).count() == 2


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"token": "x"}, "Choose a username, or sign in first."),
        ({"token": "x", "username": "a b", "password": "y"}, "what a username is made of"),
        ({}, "This field is required"),
    ],
)
def test_what_is_wrong_with_the_form_is_said(
    desk: make.Desk, said: dict[str, str], words: str
) -> None:
    if "token" in said:
        said = said | {"token": make.invitation(desk.admin, name="Noor")[1]}
    response = Page().send(JOIN, **said)
    assert response.status_code == 200
    assert words in response.content.decode()


def test_the_link_leads_to_the_page_and_the_token_to_no_server(desk: make.Desk) -> None:
    made = Api(make.key(desk.admin)).made(
        f"/organizations/{desk.organization.pk}/invitations/", {"role": "reader"}
    )
    address, _hash, token = made["link"].partition("#")
    assert token == made["token"]
    response = Client().get(address)
    assert response.status_code == 200
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    [script] = re.findall(r'<script src="([^"]+)"', response.content.decode())
    asset = Client().get(script)
    assert asset.status_code == 200
    assert "location.hash" in b"".join(asset.streaming_content).decode()  # type: ignore[attr-defined]
    asset.close()
    assert "'unsafe-inline'" not in re.findall(
        "script-src[^;]*", response["Content-Security-Policy"]
    )
