"""Signing in with a browser, over HTTP alone, with forged requests refused as in earnest."""

import base64
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from django.contrib.auth.hashers import identify_hasher, make_password
from django.http import HttpResponse
from django.test import Client, override_settings
from django.utils import timezone

from claims.actions.desks import leave
from claims.api.session import DEVICE
from claims.delivery.notices import Postman
from claims.models import Member, SecondFactor, Session, SignInTry, User
from claims.vocabulary import Role
from config import settings as configured
from tests import make
from tests.api.test_rights import tables_that_hold
from tests.api.threads import at_once, statuses
from tests.conftest import BASE, Api, places, problem

OTHER = "a lantern in the marshes 1258"


class Browser:
    """Keeps cookies, and sends the token against forged requests where it was told one."""

    def __init__(self, address: str = "203.0.113.1") -> None:
        self.client = Client(
            enforce_csrf_checks=True, raise_request_exception=False, REMOTE_ADDR=address
        )
        self.token: str | None = None

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        token = {} if self.token is None else {"x-csrftoken": self.token}
        response: Any = self.client.generic(
            method,
            BASE + path,
            b"" if body is None else orjson.dumps(body),
            content_type="application/json",
            headers=token | {name.replace("_", "-"): it for name, it in headers.items()},
        )
        if response.status_code in (200, 201) and b'"csrf_token":' in response.content:
            self.token = response.json()["csrf_token"]
        return response

    def get(self, path: str) -> Any:
        return self.send("GET", path)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("POST", path, body, **headers)

    def sign_in(self, name: str = "layla", password: str = make.PASSWORD, **more: Any) -> Any:
        return self.post("/session/", {"username": name, "password": password, **more})

    @property
    def acts_as(self) -> str | None:
        member = self.get("/session/").json()["member"]
        return member and str(member["id"])


@pytest.fixture
def layla(desk: make.Desk) -> User:
    return make.person("layla", desk.checker)


@pytest.fixture
def browser(layla: User) -> Browser:
    """In which Layla, a checker, is signed in."""
    browser = Browser()
    assert browser.sign_in().status_code == 201
    return browser


# Signing in and out


def test_who_signs_in_acts_as_the_member_until_the_end(desk: make.Desk, layla: User) -> None:
    browser = Browser()
    anyone = browser.get("/session/").json()
    assert (anyone["person"], anyone["member"], anyone["memberships"]) == (None, None, [])
    signed_in = browser.sign_in()
    assert signed_in.status_code == 201, signed_in.content
    told = signed_in.json()
    assert told["person"] == {
        "id": str(layla.pk),
        "username": "layla",
        "email": "layla@example.org",
        "totp": False,
    }
    assert told["member"] == {
        "id": str(desk.checker.pk),
        "organization": {"id": str(desk.organization.pk), "name": desk.organization.name},
        "name": "A checker",
        "role": "checker",
    }
    assert told["memberships"] == [told["member"]]
    assert signed_in["Cache-Control"] == "no-store"
    made = browser.post("/publishers/", {"name": "Al-Sabaah"})
    assert made.status_code == 201
    problem(browser.post("/webhooks/", {}), "forbidden", 403)  # as the checker that she is
    assert browser.send("DELETE", "/session/").status_code == 204
    problem(browser.post("/publishers/", {"name": "Al-Sabaah"}), "not-authenticated", 401)
    assert browser.get("/session/").json()["person"] is None
    assert not Session.objects.filter(user=layla).exists()


@pytest.mark.parametrize("name", ["layla", "LAYLA", "layla@example.org", "Layla@Example.org"])
def test_people_sign_in_by_username_or_e_mail_address(layla: User, name: str) -> None:
    assert Browser().sign_in(name).status_code == 201


def test_a_username_that_looks_like_an_address_stands_before_the_address(layla: User) -> None:
    User.objects.create_user("layla@example.org", "", OTHER)
    assert Browser().sign_in("layla@example.org", OTHER).status_code == 201
    problem(Browser().sign_in("layla@example.org"), "sign-in-refused", 401)


def test_letters_that_look_alike_are_not_taken_for_each_other(db: None) -> None:
    """Of some letters the capitals are the same: ı and i."""
    make.person("laila")
    make.person("laıla", password=OTHER)
    for name, password in (("laila", make.PASSWORD), ("laıla", OTHER)):
        told = Browser().sign_in(name, password)
        assert told.json()["person"]["username"] == name


def test_how_often_one_may_try_does_not_tell_whose_an_address_is(layla: User) -> None:
    names = ("layla", "layla@example.org")
    told = [Browser().sign_in(name, "wrong").status_code for _ in range(4) for name in names]
    assert told == [401] * 8


def test_a_refusal_does_not_tell_which_accounts_there_are(layla: User) -> None:
    User.objects.create_user("gone", password=make.PASSWORD, is_active=False)
    User.objects.create_user("without")  # who has no password
    tries = [
        ("layla", "wrong"),
        ("nobody", make.PASSWORD),
        ("gone", make.PASSWORD),
        ("without", ""),
        ("layla", make.PASSWORD + " "),
    ]
    told = [problem(Browser().sign_in(*it), "sign-in-refused", 401) for it in tries]
    assert all(it == told[0] for it in told)


def test_where_there_is_no_account_a_password_is_hashed_all_the_same(
    layla: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    hasher = identify_hasher(make_password("x"))
    encode = type(hasher).encode
    monkeypatch.setattr(
        type(hasher), "encode", lambda self, it, salt: hashed.append(it) or encode(self, it, salt)
    )
    for name in ("layla", "nobody"):
        Browser().sign_in(name, "wrong")
    assert hashed == ["wrong", "wrong"]


def test_the_cookies_are_for_our_pages_alone(layla: User) -> None:
    cookies = Browser().sign_in().cookies
    for name in ("sessionid", DEVICE):
        assert cookies[name]["httponly"]
        assert cookies[name]["samesite"] == "Lax"
        assert not cookies[name]["secure"]  # here it is http
    with override_settings(SESSION_COOKIE_SECURE=True, CSRF_COOKIE_SECURE=True):
        cookies = Browser().sign_in().cookies
    assert {name for name, it in cookies.items() if it["secure"]} == {
        "sessionid",
        "csrftoken",
        DEVICE,
    }


def test_a_session_has_a_new_key_from_sign_in_on(layla: User) -> None:
    browser = Browser()
    browser.sign_in()
    first = browser.client.cookies["sessionid"].value
    assert browser.sign_in().status_code == 201
    second = browser.client.cookies["sessionid"].value
    assert first != second
    stolen = Browser()
    stolen.client.cookies["sessionid"] = first
    assert stolen.acts_as is None


def test_no_table_holds_the_key_of_a_session(browser: Browser) -> None:
    key = browser.client.cookies["sessionid"].value
    assert tables_that_hold(key) == set()
    assert Session.objects.count() == 1


def test_a_session_that_is_over_is_removed_by_the_worker(browser: Browser, desk: make.Desk) -> None:
    ends = Session.objects.get().expire_date
    other = Browser()
    other.sign_in()
    Session.objects.filter(expire_date__gt=ends).update(expire_date=ends + timedelta(days=1))
    Postman(clock=lambda: ends).once()
    assert Session.objects.count() == 2
    Postman(clock=lambda: ends + timedelta(seconds=1)).once()
    assert Session.objects.get().expire_date == ends + timedelta(days=1)


def test_nobody_learns_of_what_is_sent_to_sign_in(browser: Browser) -> None:
    wrong = Browser().post("/session/", {"username": "layla", "password": {"a": "secret words"}})
    assert b"secret words" not in wrong.content
    assert places(problem(wrong, "invalid", 400)) == {"#/password"}


# Forged requests


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/publishers/"),
        ("DELETE", "/session/"),
        ("POST", "/session/"),
        ("POST", "/session/password/"),
        ("POST", "/session/totp/"),
        ("POST", "/invitations/accept/"),
    ],
)
def test_another_site_writes_nothing_through_a_session(
    browser: Browser, method: str, path: str
) -> None:
    before = browser.acts_as
    browser.token = None
    without = problem(browser.send(method, path, {}), "forbidden", 403)
    browser.token = "a" * 64
    wrong = problem(browser.send(method, path, {}), "forbidden", 403)
    assert (without["rule"], wrong["rule"]) == ("forged", "forged")
    assert without["detail"] != wrong["detail"]
    assert browser.acts_as == before


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_a_form_of_another_site_signs_nobody_in(layla: User, kind: str) -> None:
    body = orjson.dumps({"username": "layla", "password": make.PASSWORD})
    response = Client().post(f"{BASE}/session/", body, content_type=kind)
    problem(response, "unsupported-media-type", 415)
    assert "sessionid" not in response.cookies


# What a session is to the answers that all can see


def test_public_answers_say_what_they_depend_on(browser: Browser) -> None:
    for asks in (browser, Browser()):
        assert "Cookie" in asks.get("/claims/")["Vary"]
    for page in ("/feeds/verdicts.atom", "/problems/"):
        assert "Cookie" not in browser.client.get(page).get("Vary", "")


def test_a_key_goes_before_a_session_and_needs_no_token(browser: Browser, desk: make.Desk) -> None:
    browser.token = None
    headers = {"authorization": f"Bearer {make.key(desk.editor)}"}
    told = browser.send("GET", "/session/", **headers).json()
    assert told["member"]["id"] == str(desk.editor.pk)
    assert (told["person"], told["csrf_token"]) == (None, None)
    assert [it["id"] for it in told["memberships"]] == [str(desk.editor.pk)]
    browser.token = None
    assert browser.post("/publishers/", {"name": "Al-Sabaah"}, **headers).status_code == 201
    wrong = browser.send("GET", "/claims/", authorization="Bearer isnad_wrong")
    problem(wrong, "not-authenticated", 401)


# Several memberships


@pytest.fixture
def both(desk: make.Desk) -> tuple[Member, Member]:
    members = desk.checker, make.desk().admin
    make.person("layla", *members)
    return members


def test_who_is_a_member_of_two_organizations_chooses(both: tuple[Member, Member]) -> None:
    first, second = both
    browser = Browser()
    told = browser.sign_in().json()
    assert told["member"]["id"] == str(first.pk)
    assert [it["id"] for it in told["memberships"]] == [str(first.pk), str(second.pk)]
    webhooks = "/webhooks/"
    problem(browser.get(webhooks), "forbidden", 403)
    chosen = browser.post("/session/member/", {"member": str(second.pk)})
    assert chosen.json()["member"]["role"] == "admin"
    assert browser.get(webhooks).status_code == 200
    path = f"/organizations/{first.organization_id}/members/"
    problem(browser.get(path), "not-found", 404)
    at_once = Browser()
    at_once.sign_in(member=str(second.pk))
    assert at_once.acts_as == str(second.pk)


def test_nobody_acts_as_somebody_else(both: tuple[Member, Member], desk: make.Desk) -> None:
    browser = Browser()
    browser.sign_in()
    before = browser.acts_as
    left = make.desk()
    make.person("other", left.admin)
    for member in (desk.admin, left.admin, both[0].organization):
        body = {"member": str(member.pk)}
        assert places(problem(browser.post("/session/member/", body), "invalid", 400)) == {
            "#/member"
        }
        refused = Browser().sign_in(**body)
        assert places(problem(refused, "invalid", 400)) == {"#/member"}
    assert browser.acts_as == before


def test_a_session_ends_with_its_membership_and_the_others_go_on(
    both: tuple[Member, Member],
) -> None:
    first, second = both
    ended, other = Browser(), Browser()
    ended.sign_in(member=str(first.pk))
    other.sign_in(member=str(second.pk))
    leave(by=first)
    problem(ended.post("/publishers/", {"name": "A"}), "not-authenticated", 401)
    assert ended.get("/session/").json()["person"] is None
    assert other.acts_as == str(second.pk)
    again = Browser()
    assert [it["id"] for it in again.sign_in().json()["memberships"]] == [str(second.pk)]


def test_an_operator_without_a_membership_signs_in_and_reads_as_anyone_does(db: None) -> None:
    User.objects.create_superuser("operator", password=make.PASSWORD)
    browser = Browser()
    told = browser.sign_in("operator").json()
    assert (told["member"], told["memberships"]) == (None, [])
    assert browser.get("/claims/").status_code == 200
    problem(browser.post("/publishers/", {"name": "A"}), "not-authenticated", 401)
    assert browser.client.get("/admin/").status_code == 200


# Passwords


def test_a_new_password_ends_all_other_sessions(browser: Browser, layla: User) -> None:
    other = Browser()
    other.sign_in()
    body = {"password": make.PASSWORD, "new_password": OTHER}
    before = browser.client.cookies["sessionid"].value
    assert browser.post("/session/password/", body).status_code == 200
    assert browser.client.cookies["sessionid"].value != before
    assert browser.acts_as is not None
    assert other.acts_as is None
    problem(Browser().sign_in(), "sign-in-refused", 401)
    assert Browser().sign_in(password=OTHER).status_code == 201


def test_who_found_a_browser_signed_in_cannot_take_the_account(browser: Browser) -> None:
    body = {"password": "wrong", "new_password": OTHER}
    assert places(problem(browser.post("/session/password/", body), "invalid", 400)) == {
        "#/password"
    }
    refused = browser.post("/session/totp/", {"password": "wrong"})
    assert places(problem(refused, "invalid", 400)) == {"#/password"}
    assert Browser().sign_in().status_code == 201


WEAK = ["short one", "123456789012345", "layla@example.org", "password1234", "x" * 11]


@pytest.mark.parametrize("password", WEAK)
def test_a_weak_password_is_refused_and_it_is_said_why(browser: Browser, password: str) -> None:
    body = {"password": make.PASSWORD, "new_password": password}
    refused = problem(browser.post("/session/password/", body), "invalid", 400)
    assert places(refused) == {"#/new_password"}
    assert all(password not in it["detail"] for it in refused["errors"])


def test_why_a_password_is_refused_is_said_in_arabic_too(browser: Browser) -> None:
    body = {"password": make.PASSWORD, "new_password": "short"}
    refused = browser.post("/session/password/", body, accept_language="ar").json()
    assert ["اثني عشر حرفاً" in it["detail"] for it in refused["errors"]] == [True]


def test_a_password_may_have_spaces_and_any_letters(browser: Browser) -> None:
    strange = "  مفتاح قديم تحت النخلة 🌴 "
    body = {"password": make.PASSWORD, "new_password": strange}
    assert browser.post("/session/password/", body).status_code == 200
    problem(Browser().sign_in(password=strange.strip()), "sign-in-refused", 401)
    assert Browser().sign_in(password=strange).status_code == 201


def test_passwords_are_kept_by_a_hash_that_takes_memory() -> None:
    assert configured.PASSWORD_HASHERS[0].endswith("ScryptPasswordHasher")
    with override_settings(PASSWORD_HASHERS=configured.PASSWORD_HASHERS):
        assert make_password("x").startswith("scrypt$")


# Tries


def test_an_address_has_five_tries_for_an_account_in_a_quarter_of_an_hour(layla: User) -> None:
    browser = Browser()
    for _ in range(5):
        problem(browser.sign_in(password="wrong"), "sign-in-refused", 401)
    refused = browser.sign_in()  # with the right one, too: else guessing could go on
    problem(refused, "too-many-tries", 429)
    assert 0 < int(refused["Retry-After"]) <= 900
    assert Browser("203.0.113.2").sign_in().status_code == 201, "an owner elsewhere is let in"


def test_tries_count_whether_there_is_such_an_account_or_not(layla: User) -> None:
    for name in ("layla", "nobody"):
        told = [Browser().sign_in(name, "wrong").status_code for _ in range(6)]
        assert told == [401] * 5 + [429]


def test_a_bucket_is_empty_again_after_its_time(layla: User) -> None:
    browser = Browser()
    for _ in range(6):
        browser.sign_in(password="wrong")
    SignInTry.objects.update(began_at=timezone.now() - timedelta(minutes=16))
    assert browser.sign_in().status_code == 201


def test_good_tries_do_not_count(layla: User) -> None:
    for _ in range(12):
        assert Browser().sign_in().status_code == 201


def test_nobody_can_lock_somebody_out_of_a_browser_that_is_known(layla: User) -> None:
    own = Browser()
    own.sign_in()
    own.send("DELETE", "/session/")
    for n in range(25):
        for _ in range(5):
            Browser(f"198.51.100.{n}").sign_in(password="wrong")
    problem(Browser("198.51.100.99").sign_in(), "too-many-tries", 429)
    assert own.sign_in().status_code == 201
    for _ in range(10):
        own.sign_in(password="wrong")
    problem(own.sign_in(), "too-many-tries", 429)


def test_a_browser_is_known_for_its_own_people_alone(layla: User) -> None:
    make.person("other")
    browser = Browser()
    browser.sign_in("other")
    for n in range(25):
        for _ in range(5):
            Browser(f"198.51.100.{n}").sign_in(password="wrong")
    problem(browser.sign_in(), "too-many-tries", 429)
    forged = Browser("198.51.100.98")
    forged.client.cookies[DEVICE] = "forged"
    problem(forged.sign_in(), "too-many-tries", 429)


def test_a_whole_network_of_ipv6_is_one_address(layla: User) -> None:
    for n in range(5):
        Browser(f"2001:db8::{n}").sign_in(password="wrong")
    problem(Browser("2001:db8::abcd").sign_in(), "too-many-tries", 429)
    assert Browser("2001:db8:0:1::1").sign_in().status_code == 201


def test_addresses_of_the_old_kind_are_told_apart_also_as_parts_of_the_new(layla: User) -> None:
    for _ in range(5):
        Browser("::ffff:198.51.100.1").sign_in(password="wrong")
    problem(Browser("::ffff:198.51.100.1").sign_in(), "too-many-tries", 429)
    assert Browser("::ffff:198.51.100.2").sign_in().status_code == 201


def test_an_address_has_fifty_tries_for_all_accounts(db: None) -> None:
    told = [Browser().sign_in(f"nobody {n}", "wrong").status_code for n in range(51)]
    assert told == [401] * 50 + [429]


def test_tries_tell_neither_names_nor_addresses(layla: User) -> None:
    Browser().sign_in("somebody.to.find", "wrong")
    assert tables_that_hold("somebody.to.find") == set()
    assert "claims_signintry" not in tables_that_hold("203.0.113.1")
    assert SignInTry.objects.count() == 3


@pytest.mark.usefixtures("committed")
def test_tries_at_the_same_moment_all_count() -> None:
    make.person("layla", make.desk().checker)
    calls: list[Callable[[], Any]] = [
        lambda: Browser().sign_in(password="wrong") for _ in range(12)
    ]
    assert statuses(at_once(calls)) == {401: 5, 429: 7}


# One-time codes


class App:
    """An authenticator, as RFC 6238 has it, by a key in base32."""

    def __init__(self, secret: str) -> None:
        self.codes = HOTP(base64.b32decode(secret), 6, SHA1())

    def shows(self, steps: int = 0) -> str:
        return self.codes.generate(int(time.time()) // 30 + steps).decode()

    @property
    def wrong(self) -> str:
        near = {self.shows(steps) for steps in range(-3, 4)}
        return next(it for it in ("000000", *map(str, range(111111, 111120))) if it not in near)


Switched = tuple[App, list[str]]


@pytest.fixture
def switched_on(browser: Browser, clock: Callable[[float], None]) -> Switched:
    begun = browser.post("/session/totp/", {"password": make.PASSWORD})
    assert begun.status_code == 201, begun.content
    assert begun.json()["uri"].startswith("otpauth://totp/Isnad:layla?")
    app = App(begun.json()["secret"])
    done = browser.post("/session/totp/confirm/", {"code": app.shows(-1)})
    assert done.status_code == 200, done.content
    return app, done.json()["recovery_codes"]


def test_from_then_on_a_code_is_asked_for(browser: Browser, switched_on: Switched) -> None:
    app, _codes = switched_on
    assert browser.get("/session/").json()["person"]["totp"] is True
    for more in ({}, {"code": app.wrong}, {"code": ""}):
        refused = Browser().sign_in(**more)
        assert refused.status_code in {400, 401}
    told = problem(Browser().sign_in(code=app.wrong), "sign-in-refused", 401)
    assert told == problem(Browser("203.0.113.3").sign_in(password="x"), "sign-in-refused", 401)
    assert Browser().sign_in(code=app.shows()).status_code == 201


def test_a_code_is_good_once_and_so_is_no_older_one(
    switched_on: Switched, clock: Callable[[float], None]
) -> None:
    app, _codes = switched_on
    code, older = app.shows(), app.shows(-1)
    assert Browser().sign_in(code=code).status_code == 201
    for spent in (code, older):
        problem(Browser().sign_in(code=spent), "sign-in-refused", 401)
    clock(30)
    assert Browser().sign_in(code=app.shows()).status_code == 201
    clock(30)
    code = app.shows()
    clock(90)
    problem(Browser().sign_in(code=code), "sign-in-refused", 401)


def test_a_recovery_code_is_good_once(switched_on: Switched) -> None:
    _app, codes = switched_on
    assert len(set(codes)) == 10
    assert all(tables_that_hold(code) == set() for code in codes[:2])
    assert Browser().sign_in(code=codes[0]).status_code == 201
    problem(Browser().sign_in(code=codes[0]), "sign-in-refused", 401)
    assert Browser().sign_in(code=codes[1].replace("-", "").lower()).status_code == 201


def test_nobody_guesses_codes_who_knows_the_password(switched_on: Switched) -> None:
    app, codes = switched_on
    told = [Browser(f"198.51.100.{n}").sign_in(code=app.wrong).status_code for n in range(11)]
    assert told == [401] * 10 + [429]
    problem(Browser("198.51.100.99").sign_in(code=codes[0]), "too-many-tries", 429)


def test_the_secret_is_told_once_and_stored_nowhere(browser: Browser, layla: User) -> None:
    secret = browser.post("/session/totp/", {"password": make.PASSWORD}).json()["secret"]
    assert tables_that_hold(secret) == set()
    assert SecondFactor.objects.get(user=layla).confirmed_at is None
    assert Browser().sign_in().status_code == 201, "no code is asked for yet"
    again = browser.post("/session/totp/", {"password": make.PASSWORD}).json()["secret"]
    assert again != secret
    wrong = browser.post("/session/totp/confirm/", {"code": App(secret).shows()})
    assert places(problem(wrong, "invalid", 400)) == {"#/code"}


def test_codes_are_switched_on_and_off_by_the_person(
    browser: Browser, switched_on: Switched
) -> None:
    app, codes = switched_on
    on = browser.post("/session/totp/", {"password": make.PASSWORD})
    problem(on, "second-factor-refused", 409)
    problem(browser.post("/session/totp/confirm/", {"code": "1"}), "second-factor-refused", 409)
    off = "/session/totp/remove/"
    for body, slug, status in (
        ({"password": "x", "code": app.shows()}, "invalid", 400),
        ({"password": make.PASSWORD, "code": app.wrong}, "sign-in-refused", 401),
    ):
        problem(browser.post(off, body), slug, status)
    told = browser.post(off, {"password": make.PASSWORD, "code": codes[3]})
    assert told.status_code == 200, told.content
    assert told.json()["person"]["totp"] is False
    assert Browser().sign_in().status_code == 201
    body = {"password": make.PASSWORD, "code": codes[4]}
    problem(browser.post(off, body), "second-factor-refused", 409)


def test_switching_codes_on_ends_other_sessions(browser: Browser) -> None:
    other = Browser()
    other.sign_in()
    secret = browser.post("/session/totp/", {"password": make.PASSWORD}).json()["secret"]
    browser.post("/session/totp/confirm/", {"code": App(secret).shows()})
    assert other.acts_as is None
    assert browser.acts_as is not None


def test_codes_are_asked_for_with_another_secret_key_until_a_recovery_code_is_used(
    switched_on: Switched,
) -> None:
    app, codes = switched_on
    with override_settings(SECRET_KEY="another"):
        problem(Browser().sign_in(code=app.shows()), "sign-in-refused", 401)
        assert Browser("203.0.113.7").sign_in(code=codes[0]).status_code == 201
    with override_settings(SECRET_KEY="newer", SECRET_KEY_FALLBACKS=[configured.SECRET_KEY]):
        assert Browser("203.0.113.8").sign_in(code=app.shows()).status_code == 201


@pytest.mark.usefixtures("committed", "clock")
def test_of_two_who_use_one_code_at_once_one_comes_in() -> None:
    user = make.person("layla", make.desk().checker)
    browser = Browser()
    browser.sign_in()
    secret = browser.post("/session/totp/", {"password": make.PASSWORD}).json()["secret"]
    app = App(secret)
    codes = browser.post("/session/totp/confirm/", {"code": app.shows(-1)}).json()
    for code in (app.shows(), codes["recovery_codes"][0]):
        calls: list[Callable[[], HttpResponse]] = [
            lambda n=n, code=code: Browser(f"198.51.100.{n}").sign_in(code=code)  # type: ignore[misc]
            for n in range(4)
        ]
        assert statuses(at_once(calls)) == {201: 1, 401: 3}
    assert Session.objects.filter(user=user).count() == 3


# Keys


def test_what_is_about_the_person_is_nothing_for_a_key(desk: make.Desk) -> None:
    api = Api(make.key(desk[Role.ADMIN]))
    body = {"username": "layla", "password": make.PASSWORD}
    for refused in (
        api.post("/session/", body),
        api.post("/session/password/", {}),
        api.send("DELETE", "/session/"),
    ):
        assert problem(refused, "forbidden", 403)["rule"] == "for-browsers"
