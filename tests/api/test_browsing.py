"""The API as people see it in a browser."""

import re
from contextlib import closing

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from claims.actions.desks import add_member
from claims.models import User
from claims.vocabulary import Role
from tests import make

HTML = {"accept": "text/html"}


@pytest.fixture
def browser(desk: make.Desk) -> Client:
    """A browser in which a checker is signed in."""
    user = User.objects.create_user("checker", password="long enough to be one")
    add_member(
        organization=desk.organization, name="Signed in", role=Role.CHECKER, user=user, by=None
    )
    client = Client(enforce_csrf_checks=True)
    assert client.login(username="checker", password="long enough to be one")
    return client


def pages() -> list[str]:
    claim, appearance = make.marked_fact()
    verdict = make.verdict(claim, by=make.desk().checker)
    article, snapshot = appearance.article, appearance.snapshot
    speaker, publisher = make.speaker(), article.publisher
    assert snapshot is not None
    return [
        "/api/v1/",
        "/api/v1/publishers/",
        f"/api/v1/publishers/{publisher.pk}/",
        "/api/v1/articles/",
        f"/api/v1/articles/{article.pk}/",
        f"/api/v1/articles/{article.pk}/snapshots/",
        f"/api/v1/articles/{article.pk}/snapshots/{snapshot.pk}/",
        "/api/v1/speakers/",
        f"/api/v1/speakers/{speaker.pk}/",
        "/api/v1/claims/",
        f"/api/v1/claims/{claim.pk}/",
        f"/api/v1/claims/{claim.pk}/history/",
        f"/api/v1/claims/{claim.pk}/appearances/",
        f"/api/v1/claims/{claim.pk}/appearances/{appearance.pk}/",
        f"/api/v1/claims/{claim.pk}/verdicts/",
        f"/api/v1/claims/{claim.pk}/verdicts/{verdict.pk}/",
        "/api/v1/organizations/",
    ]


@pytest.mark.django_db
def test_every_page_opens_in_a_browser_for_anyone() -> None:
    for page in pages():
        response = Client().get(page, headers=HTML)
        assert response.status_code == 200, page
        assert response["Content-Type"].startswith("text/html")
        assert "<textarea" not in response.content.decode(), "anyone may only read"


@pytest.mark.django_db
def test_every_page_opens_for_a_signed_in_checker_and_lists_take_json(browser: Client) -> None:
    for page in [*pages(), "/api/v1/api-keys/"]:
        response = browser.get(page, headers=HTML)
        assert response.status_code == 200, page
    listed = browser.get("/api/v1/claims/", headers=HTML).content.decode()
    assert "<textarea" in listed
    assert re.findall(r'<select name="(\w+)"', listed) == ["_content_type"], "no menu of speakers"


@pytest.mark.django_db
def test_a_signed_in_checker_writes_only_with_the_token_against_forged_requests(
    browser: Client,
) -> None:
    body = '{"name": "Sputnik Arabic"}'
    forged = browser.post("/api/v1/publishers/", body, content_type="application/json")
    assert forged.status_code == 403
    page = browser.get("/api/v1/publishers/", headers=HTML)
    token = page.cookies["csrftoken"].value
    made = browser.post(
        "/api/v1/publishers/",
        body,
        content_type="application/json",
        headers={"x-csrftoken": token},
    )
    assert made.status_code == 201


ODD_BODIES = (b"{", b"[" * 100_000, b'{"name": "\\u0000"}', b'"x"', b"", b"--x\r\nname=")
BODY_TYPES = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
)


def sent(browser: Client, method: str, page: str, body: bytes, kind: str) -> HttpResponse:
    """What a page answers a signed-in person whose request is not forged; it says who that is."""
    if "csrftoken" not in browser.cookies:
        browser.get("/api/v1/publishers/", headers=HTML)
    token = {"x-csrftoken": browser.cookies["csrftoken"].value}
    response = browser.generic(method, page, body, content_type=kind, headers=HTML | token)
    assert response["Content-Type"].startswith("text/html"), page
    assert "Signed in" in response.content.decode(), page
    return response


@pytest.mark.django_db
def test_every_page_refuses_a_broken_body_and_still_says_who_is_signed_in(browser: Client) -> None:
    lists = pages()
    moves = [f"{page}{move}/" for page in lists[10:11] for move in ("verify", "dispute")]
    for page in [*lists, *moves, "/api/v1/api-keys/", "/api/v1/imports/dossier/"]:
        for method in ("POST", "PATCH"):
            response = sent(browser, method, page, b"{", "application/json")
            assert response.status_code in {400, 403, 405}, (method, page)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", BODY_TYPES)
def test_no_body_of_any_type_is_a_fault_of_ours_in_a_browser(browser: Client, kind: str) -> None:
    for body in ODD_BODIES:
        response = sent(browser, "POST", "/api/v1/publishers/", body, kind)
        assert response.status_code == (400 if kind == "application/json" or not body else 415)
        forged = browser.post("/api/v1/publishers/", body, content_type=kind, headers=HTML)
        assert forged.status_code == 403
        assert "/problems/forbidden" in forged.content.decode()


@pytest.mark.django_db
def test_what_one_may_not_do_is_told_as_a_page_too(browser: Client) -> None:
    response = browser.get("/api/v1/organizations/not-an-id/members/", headers=HTML)
    assert response.status_code == 404
    assert "/problems/not-found" in response.content.decode()


@pytest.mark.django_db
def test_the_docs_need_nothing_from_elsewhere() -> None:
    page = Client().get(reverse("docs"))
    assert page.status_code == 200
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.content.decode())
    assert addresses
    for address in addresses:
        assert address.startswith("/"), address
        with closing(Client().get(address)) as asset:
            assert asset.status_code == 200, address
    assert "default-src 'self'" in page["Content-Security-Policy"]
    assert not re.search(r"<script>[^<]", page.content.decode()), "the policy refuses such scripts"


@pytest.mark.django_db
def test_a_person_can_sign_in_from_the_browsable_api() -> None:
    listed = Client().get("/api/v1/claims/", headers=HTML).content.decode()
    assert reverse("rest_framework:login") in listed
    assert Client().get(reverse("rest_framework:login")).status_code == 200
