"""Who may do what: every route × method × caller, against a table that is written out here."""

import re
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from django.utils import timezone
from django.views import View

from claims.actions.counting import count_changes
from claims.actions.desks import edit_member, revoke_api_key
from claims.api.claims import Claims
from claims.api.problems import read_only
from claims.api.publishers import Publishers
from claims.models import ApiKey, Change, Content, Member, User
from claims.queries.etags import etag
from claims.vocabulary import Role, Scope
from tests import make
from tests.api.routes import METHODS, of_admin, of_api, of_pages, routes, sample
from tests.conftest import Api, places, problem
from tests.google import google_error
from tests.log import numbered
from tests.models.rows import run, undone

OK = "allowed"  # by rights: what the body or the state refuses comes after

# Everybody who asks. `own` is the organization that the paths go through.
ROLES = ("reader", "checker", "editor", "admin")
OWN = tuple(f"own {role}" for role in ROLES)
FOREIGN = tuple(f"foreign {role}" for role in ROLES)
NO_KEY_ANY_MORE = ("expired key", "revoked key", "ended member")
SIGNED_IN = tuple(f"signed-in {role}" for role in ROLES)
CALLERS = ("anonymous", *OWN, *FOREIGN, *NO_KEY_ANY_MORE, "read-only key", "write-only key")


def from_role(least: str) -> dict[str, Any]:
    """Members of any organization with at least this role; the keys are an admin's."""
    able = ROLES[ROLES.index(least) :]
    return {
        "anonymous": 401,
        **{
            f"{side} {role}": OK if role in able else 403
            for side in ("own", "foreign")
            for role in ROLES
        },
    }


def reading(**others: Any) -> dict[str, Any]:
    return {"read-only key": OK, "write-only key": 403}


def writing() -> dict[str, Any]:
    return {"read-only key": 403, "write-only key": OK}


GONE = dict.fromkeys(NO_KEY_ANY_MORE, 401)
ANYONE_READS = dict.fromkeys(("anonymous", *OWN, *FOREIGN), OK) | GONE | reading()
ANYONE_WRITES = dict.fromkeys(("anonymous", *OWN, *FOREIGN), OK) | GONE | writing()
MEMBERS_READ = from_role("reader") | GONE | reading()
CHECKERS_ASK = from_role("checker") | GONE | reading()
CHECKERS_WRITE = from_role("checker") | GONE | writing()
EDITORS_WRITE = from_role("editor") | GONE | writing()
ADMINS_WRITE = from_role("admin") | GONE | writing()
MEMBERS_WRITE = from_role("reader") | GONE | writing()
ADMINS_READ = from_role("admin") | GONE | reading()
NO_KEYS = {"anonymous": OK} | dict.fromkeys(
    (*OWN, *FOREIGN, "read-only key", "write-only key"), 403
)
NO_KEYS |= GONE
EDITORS_READ = from_role("editor") | GONE | reading()
NOT_OF_OTHERS = dict.fromkeys(FOREIGN, 404)
NOT_OF_OTHER_CHECKERS = dict.fromkeys(("foreign checker", "foreign editor", "foreign admin"), 404)
NOT_OF_OTHER_EDITORS = dict.fromkeys(("foreign editor", "foreign admin"), 404)

TABLE: dict[str, dict[str, Any]] = {
    "GET /": ANYONE_READS,
    "GET /publishers/": ANYONE_READS,
    "POST /publishers/": CHECKERS_WRITE,
    "GET /publishers/{publisher}/": ANYONE_READS,
    "PATCH /publishers/{publisher}/": CHECKERS_WRITE,
    "GET /articles/": ANYONE_READS,
    "POST /articles/": CHECKERS_WRITE,
    "POST /articles/bulk/": CHECKERS_WRITE,
    "GET /articles/{article}/": ANYONE_READS,
    "PATCH /articles/{article}/": CHECKERS_WRITE,
    # A question, so that a key for reading will do.
    "POST /articles/{article}/suggestions/": CHECKERS_ASK,
    "GET /articles/{article}/snapshots/": ANYONE_READS,
    "POST /articles/{article}/snapshots/": CHECKERS_WRITE,
    "GET /articles/{article}/snapshots/{snapshot}/": ANYONE_READS,
    "GET /articles/{article}/snapshots/{snapshot}/dates/": ANYONE_READS,
    "GET /articles/{article}/annotations/": ANYONE_READS,
    "POST /articles/{article}/annotations/": CHECKERS_WRITE,
    "GET /articles/{article}/annotations/{appearance}/": ANYONE_READS,
    "GET /speakers/": ANYONE_READS,
    "POST /speakers/": CHECKERS_WRITE,
    "POST /speakers/bulk/": CHECKERS_WRITE,
    "GET /speakers/{speaker}/": ANYONE_READS,
    "PATCH /speakers/{speaker}/": CHECKERS_WRITE,
    "GET /claims/": ANYONE_READS,
    "POST /claims/": CHECKERS_WRITE,
    "POST /claims/bulk/": CHECKERS_WRITE,
    "POST /claims/match/": ANYONE_READS,
    "GET /claims/{claim}/": ANYONE_READS,
    "PATCH /claims/{claim}/": CHECKERS_WRITE,
    "GET /claims/{claim}/history/": ANYONE_READS,
    "POST /claims/{claim}/verify/": CHECKERS_WRITE,
    "POST /claims/{claim}/dispute/": CHECKERS_WRITE,
    "POST /claims/{claim}/withdraw/": CHECKERS_WRITE,
    "GET /claims/{claim}/claimreview/": ANYONE_READS,
    "GET /claims/{claim}/appearances/": ANYONE_READS,
    "POST /claims/{claim}/appearances/": CHECKERS_WRITE,
    "GET /claims/{claim}/appearances/{appearance}/": ANYONE_READS,
    "GET /claims/{claim}/verdicts/": ANYONE_READS,
    "POST /claims/{claim}/verdicts/": CHECKERS_WRITE,
    "GET /claims/{claim}/verdicts/{verdict}/": ANYONE_READS,
    "GET /claims/{claim}/relations/": ANYONE_READS,
    "POST /claims/{claim}/relations/": CHECKERS_WRITE,
    "GET /claims/{claim}/relations/{relation}/": ANYONE_READS,
    "GET /claims/{claim}/contests/": ANYONE_READS,
    "POST /claims/{claim}/contests/": ANYONE_WRITES,
    "GET /claims/{claim}/contests/{contest}/": ANYONE_READS,
    "GET /contests/": MEMBERS_READ,
    "GET /contests/{contest}/": MEMBERS_READ | NOT_OF_OTHERS,
    "POST /contests/{contest}/uphold/": CHECKERS_WRITE | NOT_OF_OTHER_CHECKERS,
    "POST /contests/{contest}/correct/": CHECKERS_WRITE | NOT_OF_OTHER_CHECKERS,
    "POST /contests/{contest}/reject/": CHECKERS_WRITE | NOT_OF_OTHER_CHECKERS,
    "GET /corrections/": ANYONE_READS,
    "GET /drafts/": MEMBERS_READ,
    "POST /drafts/": CHECKERS_WRITE,
    "GET /drafts/{draft}/": MEMBERS_READ | NOT_OF_OTHERS,
    "PATCH /drafts/{draft}/": CHECKERS_WRITE | NOT_OF_OTHER_CHECKERS,
    "POST /drafts/{draft}/confirm/": CHECKERS_WRITE | NOT_OF_OTHER_CHECKERS,
    "POST /drafts/{draft}/return/": CHECKERS_WRITE | NOT_OF_OTHER_CHECKERS,
    "POST /drafts/{draft}/withdraw/": CHECKERS_WRITE | NOT_OF_OTHER_CHECKERS,
    # Of another organization nobody learns what waits there: all see what is their own.
    "GET /claims/{claim}/notes/": MEMBERS_READ,
    "POST /claims/{claim}/notes/": CHECKERS_WRITE,
    "GET /claims/{claim}/notes/{note}/": MEMBERS_READ | NOT_OF_OTHERS,
    "GET /notes/": MEMBERS_READ,
    "GET /queue/": MEMBERS_READ,
    "POST /queue/": CHECKERS_WRITE,
    "POST /queue/next/": CHECKERS_WRITE,
    "GET /queue/{item}/": MEMBERS_READ | NOT_OF_OTHERS,
    "PATCH /queue/{item}/": EDITORS_WRITE | NOT_OF_OTHER_EDITORS,
    "POST /queue/{item}/take/": CHECKERS_WRITE | NOT_OF_OTHER_CHECKERS,
    "POST /queue/{item}/release/": CHECKERS_WRITE | NOT_OF_OTHER_CHECKERS,
    "POST /queue/{item}/assign/": EDITORS_WRITE | NOT_OF_OTHER_EDITORS,
    "GET /conflicts/": ANYONE_READS,
    "GET /conflicts/{conflict}/": ANYONE_READS,
    "GET /stats/": ANYONE_READS,
    "GET /organizations/": ANYONE_READS,
    "GET /organizations/{organization}/": ANYONE_READS,
    # That the organization is there is public, so that is no 404.
    "PATCH /organizations/{organization}/": EDITORS_WRITE | dict.fromkeys(FOREIGN, 403),
    "GET /organizations/{organization}/scale/": ANYONE_READS,
    "PUT /organizations/{organization}/scale/": EDITORS_WRITE | dict.fromkeys(FOREIGN, 403),
    "GET /organizations/{organization}/scales/": ANYONE_READS,
    "GET /organizations/{organization}/scales/{scale}/": ANYONE_READS,
    "GET /organizations/{organization}/overdue/": ANYONE_READS,
    "GET /organizations/{organization}/members/": MEMBERS_READ | NOT_OF_OTHERS,
    "POST /organizations/{organization}/members/": ADMINS_WRITE | {"foreign admin": 404},
    "GET /organizations/{organization}/members/{member}/": MEMBERS_READ | NOT_OF_OTHERS,
    "PATCH /organizations/{organization}/members/{member}/": ADMINS_WRITE | {"foreign admin": 404},
    # For oneself: here it is the reader that is named.
    "POST /organizations/{organization}/members/{member}/leave/": MEMBERS_WRITE
    | NOT_OF_OTHERS
    | dict.fromkeys(("own checker", "own editor", "own admin", "write-only key"), 403),
    "GET /organizations/{organization}/invitations/": ADMINS_READ | {"foreign admin": 404},
    "POST /organizations/{organization}/invitations/": ADMINS_WRITE | {"foreign admin": 404},
    "GET /organizations/{organization}/invitations/{invitation}/": ADMINS_READ
    | {"foreign admin": 404},
    "POST /organizations/{organization}/invitations/{invitation}/revoke/": ADMINS_WRITE
    | {"foreign admin": 404},
    # Who somebody is is nothing for keys. Of a person who is signed in, see test_session.py.
    "POST /invitations/accept/": NO_KEYS,
    "GET /session/": ANYONE_READS,
    "POST /session/": NO_KEYS,
    "DELETE /session/": NO_KEYS,
    "POST /session/member/": NO_KEYS | {"anonymous": 401},
    "POST /session/password/": NO_KEYS | {"anonymous": 401},
    "POST /session/totp/": NO_KEYS | {"anonymous": 401},
    "POST /session/totp/confirm/": NO_KEYS | {"anonymous": 401},
    "POST /session/totp/remove/": NO_KEYS | {"anonymous": 401},
    # One's own.
    "GET /me/notices/": MEMBERS_READ,
    "PATCH /me/notices/": MEMBERS_WRITE,
    "GET /api-keys/": MEMBERS_READ,
    "POST /api-keys/": MEMBERS_WRITE,
    # A checker's key: its owner's and an admin's business, and nobody else learns of it.
    "GET /api-keys/{key}/": MEMBERS_READ
    | NOT_OF_OTHERS
    | {"own reader": 404, "own checker": OK, "own editor": 404, "own admin": OK},
    "POST /api-keys/{key}/revoke/": MEMBERS_WRITE
    | NOT_OF_OTHERS
    | {"own reader": 404, "own checker": OK, "own editor": 404, "own admin": OK},
    "GET /webhooks/": EDITORS_READ,
    "POST /webhooks/": EDITORS_WRITE,
    "GET /webhooks/{webhook}/": EDITORS_READ | NOT_OF_OTHER_EDITORS,
    "PATCH /webhooks/{webhook}/": EDITORS_WRITE | NOT_OF_OTHER_EDITORS,
    "POST /webhooks/{webhook}/rotate-secret/": EDITORS_WRITE | NOT_OF_OTHER_EDITORS,
    "POST /webhooks/{webhook}/test/": EDITORS_WRITE | NOT_OF_OTHER_EDITORS,
    "POST /webhooks/{webhook}/replay/": EDITORS_WRITE | NOT_OF_OTHER_EDITORS,
    "GET /webhooks/{webhook}/deliveries/": EDITORS_READ | NOT_OF_OTHER_EDITORS,
    "GET /webhooks/{webhook}/deliveries/{delivery}/": EDITORS_READ | NOT_OF_OTHER_EDITORS,
    "POST /imports/dossier/": CHECKERS_WRITE,
    "POST /imports/claimreview/": CHECKERS_WRITE,
    "POST /imports/claimreview/check/": ANYONE_READS,
    "POST /imports/annotations/": CHECKERS_WRITE,
    "GET /exports/claims/": ANYONE_READS,
    "GET /exports/claimreview/": ANYONE_READS,
    "POST /text/dates/": ANYONE_READS,
    "GET /changes/": ANYONE_READS,
    "GET /log/": ANYONE_READS,
    "GET /log/checkpoint": ANYONE_READS,
    "GET /log/tile/{level}/{tile}": ANYONE_READS,
    "GET /log/tile/entries/{tile}": ANYONE_READS,
    "GET /log/proof/inclusion/": ANYONE_READS,
    "GET /log/proof/consistency/": ANYONE_READS,
    "GET /v1alpha1/claims:search": ANYONE_READS,
    "GET /v1alpha1/claims:imageSearch": ANYONE_READS,
    "GET /v1alpha1/pages": ANYONE_READS,
    "POST /v1alpha1/pages": CHECKERS_WRITE,
    "GET /v1alpha1/pages/{page}": ANYONE_READS,
    "PUT /v1alpha1/pages/{page}": CHECKERS_WRITE,
    "DELETE /v1alpha1/pages/{page}": CHECKERS_WRITE,
}

# What there is beside: pages, and what machines read. All of it is for everybody, whoever asks;
# what is told here is how it answers, to a form without a word in it too.
PAGES: dict[str, int] = {
    "GET /": 302,
    "GET /livez": 200,
    "GET /readyz": 200,
    "GET /problems/": 200,
    "GET /problems/{problem}": 200,
    "GET /api/schema/": 200,
    "GET /api/schema/dossier.json": 200,
    "GET /api/docs/": 200,
    "GET /admin/login/": 302,
    "GET /api/session/login/": 200,
    "POST /api/session/login/": 200,
    "POST /api/session/logout/": 302,
    "GET /join/": 200,
    "POST /join/": 200,
    "GET /notices/off/{token}/": 200,
    "POST /notices/off/{token}/": 200,
    "GET /claims/{claim}/": 200,
    "GET /claims/{claim}/contest/": 200,
    "POST /claims/{claim}/contest/": 200,
    "GET /feeds/verdicts.atom": 200,
    "GET /feeds/verdicts.json": 200,
    "GET /feeds/corrections.atom": 200,
    "GET /feeds/corrections.json": 200,
    "GET /feeds/claimreview.json": 200,
}
# A mail program sends it without having seen the page (RFC 8058).
WITHOUT_THE_FORM = {"POST /notices/off/{token}/"}

EVERY = routes()
ROUTES = of_api(EVERY)


@dataclass
class World:
    """A desk with its rows, and everybody who asks."""

    ids: dict[str, Any]
    callers: dict[str, Api]

    def path(self, route: str) -> tuple[str, str]:
        method, path = route.split(" ", 1)
        return method, path.format(**self.ids)

    def page(self, caller: str, route: str) -> Any:
        method, path = self.path(route)
        api = self.callers[caller]
        cookies = deepcopy(api.client.cookies)  # which signing out would take away for good
        try:
            return api.client.generic(method, path, headers=api.headers)
        finally:
            api.client.cookies = cookies

    def answer(self, caller: str, route: str, body: Any = None) -> Any:
        method, path = self.path(route)
        if body is None and method not in ("GET", "HEAD", "OPTIONS"):
            body = {}
        return self.callers[caller].send(method, path, body)


@pytest.fixture(scope="module")
def made(throughout: None) -> World:
    own, foreign = make.desk(), make.desk()
    ids = sample(own)
    callers = {"anonymous": Api()}
    for side, desk in (("own", own), ("foreign", foreign)):
        for role in Role:
            callers[f"{side} {role.value}"] = Api(make.key(desk[role]))
    callers["read-only key"] = Api(make.key(own.admin, (Scope.READ,)))
    callers["write-only key"] = Api(make.key(own.admin, (Scope.WRITE,)))
    callers |= gone(own)
    callers |= {f"signed-in {role.value}": signed_in_as(own[role]) for role in Role}
    numbered()
    count_changes()
    return World(ids, callers)


@pytest.fixture
def world(made: World, db: None) -> World:
    """Of which a test may change what it likes."""
    return World(dict(made.ids), made.callers)


def signed_in_as(member: Member) -> Api:
    """In a browser, which sends the token against forged requests."""
    api = Api()
    api.client.force_login(make.person(f"{member.role} {member.pk}", member))
    api.client.cookies["csrftoken"] = token = "a" * 32
    api.headers = {"x-csrftoken": token}
    return api


def gone(desk: make.Desk) -> dict[str, Api]:
    """Keys of an admin that were good once."""
    secrets = {name: make.key(desk.admin) for name in ("expired key", "revoked key")}
    kept = {name: ApiKey.objects.get(digest=ApiKey.digest_of(it)) for name, it in secrets.items()}
    revoke_api_key(key_id=kept["revoked key"].pk, by=desk.admin)
    kept["expired key"].expires_at = timezone.now() - timedelta(seconds=1)
    kept["expired key"].save()
    leaver = Member.objects.create(
        organization=desk.organization, name="A leaver", role=Role.ADMIN, created_by=desk.admin
    )
    secrets["ended member"] = make.key(leaver)
    tag = etag(Member, leaver.pk)
    assert tag is not None
    edit_member(
        member_id=leaver.pk, changes={"ended": True}, by=desk.admin, if_match=frozenset({tag})
    )
    return {name: Api(secret) for name, secret in secrets.items()}


def refusal(route: str, response: Any, slug: str, status: int) -> str:
    """What a refusal says, which must be of this kind, in the words of the route."""
    if "/v1alpha1/" not in route:
        return str(problem(response, slug, status)["detail"])
    words = {401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND"}
    error = google_error(response, status, words.get(status, "UNIMPLEMENTED"))
    assert error["details"][0]["reason"] == slug.replace("-", "_").upper()
    return str(error["message"])


def test_the_tables_name_every_route_and_every_caller() -> None:
    assert set(ROUTES) == TABLE.keys()
    assert set(of_pages(EVERY)) == PAGES.keys()
    assert all(row.keys() == set(CALLERS) for row in TABLE.values())


def test_a_route_that_is_in_no_table_is_found_of_whatever_kind_and_wherever_it_is() -> None:
    class Plain(View):
        def get(self, request: HttpRequest) -> HttpResponse:
            return HttpResponse()

        def put(self, request: HttpRequest) -> HttpResponse:
            return HttpResponse()

    def function(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    made_up = [
        path("api/v1/made-up/", Claims.as_view({"get": "list"})),
        path("api/v1/publishers/", Publishers.as_view({"delete": "list"})),
        path("api/schema/made-up.json", read_only(function)),
        path("made-up/", include([path("<str:pk>/", Plain.as_view())])),
        path("claims/<str:pk>/made-up/", function),
        path("admin/made-up/", Plain.as_view()),
    ]
    found = routes(made_up)
    assert {*of_api(found)} - TABLE.keys() == {"GET /made-up/", "DELETE /publishers/"}
    assert {*of_pages(found)} - PAGES.keys() == {
        "GET /api/schema/made-up.json",
        "GET /made-up/<str:pk>/",
        "PUT /made-up/<str:pk>/",
        *(f"{it.upper()} /claims/{{claim}}/made-up/" for it in METHODS),
    }
    # Which is asked with those that Django has there: see below.
    assert {*of_admin(found)} == {"GET /admin/made-up/", "PUT /admin/made-up/"}


@pytest.mark.parametrize("route", ROUTES)
def test_a_caller_is_let_in_exactly_when_the_table_says_so(world: World, route: str) -> None:
    answers = {}
    for caller in CALLERS:
        with undone():
            response = world.answer(caller, route)
        # That there is no search by image is told to whoever may ask.
        assert response.status_code < 500 or "imageSearch" in route, response.content.decode()
        refused = response.status_code if response.status_code in (401, 403, 404) else OK
        answers[caller] = refused
        if refused != OK:
            slug = {401: "not-authenticated", 403: "forbidden", 404: "not-found"}[refused]
            refusal(route, response, slug, refused)
            assert ("WWW-Authenticate" in response) == (refused == 401)
    assert answers == TABLE[route]


# Google's API is for keys alone; who somebody is, for browsers alone.
OF_ANY_MEMBER = [
    route
    for route in ROUTES
    if "/v1alpha1/" not in route
    and "/session/" not in route
    and route != "POST /invitations/accept/"
]


@pytest.mark.parametrize("route", OF_ANY_MEMBER)
def test_who_is_signed_in_may_what_a_key_of_the_same_member_may(world: World, route: str) -> None:
    for role in ROLES:
        with undone():
            response = world.answer(f"signed-in {role}", route)
        refused = response.status_code if response.status_code in (401, 403, 404) else OK
        assert refused == TABLE[route][f"own {role}"], role


@pytest.mark.parametrize("route", [route for route in ROUTES if route.startswith("GET")])
def test_head_is_answered_as_get_is(world: World, route: str) -> None:
    for caller in ("anonymous", "own reader", "foreign admin", "write-only key"):
        head = world.answer(caller, route.replace("GET", "HEAD"))
        assert head.status_code == world.answer(caller, route).status_code
        assert head.content == b""


PATHS = sorted({route.split(" ", 1)[1] for route in ROUTES})


@pytest.mark.parametrize("path", PATHS)
def test_methods_that_a_path_does_not_have_are_405_for_everybody(world: World, path: str) -> None:
    here = {route.split(" ")[0] for route in ROUTES if route.split(" ", 1)[1] == path}
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - here:
        for caller in ("anonymous", "own reader", "own admin", "foreign admin"):
            answer = world.answer(caller, f"{method} {path}")
            assert method in refusal(path, answer, "method-not-allowed", 405)


@pytest.mark.parametrize("path", [path for path in PATHS if path != "/"])
def test_options_tell_the_methods_and_nothing_else(world: World, path: str) -> None:
    here = {route.split(" ")[0] for route in ROUTES if route.split(" ", 1)[1] == path}
    for caller in ("anonymous", "own reader", "foreign admin"):
        response = world.answer(caller, f"OPTIONS {path}")
        assert response.status_code == 204, response.content.decode()
        assert response.content == b""
        assert set(response["Allow"].split(", ")) - {"HEAD", "OPTIONS"} == here


@pytest.mark.parametrize("route", PAGES)
def test_a_page_is_for_everybody(world: World, settings: Any, route: str) -> None:
    settings.CONTESTS_PER_MINUTE = (1_000, 1_000)
    # The description takes seconds to make.
    some = () if route == "GET /api/schema/" else (*OWN, *FOREIGN, *SIGNED_IN)
    for caller in ("anonymous", *some):
        with undone():
            response = world.page(caller, route)
        assert response.status_code == PAGES[route], (caller, response.content.decode())


@pytest.mark.parametrize("address", sorted({it.split(" ", 1)[1] for it in PAGES}))
def test_a_page_takes_no_other_method(world: World, address: str) -> None:
    for method in METHODS:
        if (route := f"{method.upper()} {address}") not in PAGES:
            assert world.page("anonymous", route).status_code == 405, route


@pytest.mark.parametrize("route", [it for it in PAGES if not it.startswith("GET ")])
def test_another_site_sends_no_form_of_a_page_for_somebody(world: World, route: str) -> None:
    method, address = world.path(route)
    sent = Client(enforce_csrf_checks=True).generic(method, address)
    assert sent.status_code == (PAGES[route] if route in WITHOUT_THE_FORM else 403)


WITHOUT_ENDS = str.maketrans("", "", "^$")


def test_what_is_for_operators_leads_everybody_else_to_sign_in(world: World) -> None:
    addresses = {it.split(" ", 1)[1] for it in of_admin(EVERY)}
    assert len(addresses) > 50
    for address in addresses:
        there = re.sub(r"\(\?P<\w+>.*\)|<[^>]*>", "claims", address).translate(WITHOUT_ENDS)
        for method, caller in product(("GET", "POST"), ("anonymous", "signed-in admin")):
            response = world.page(caller, f"{method} {there}")
            assert response.status_code == 302, (address, response.content.decode())
            to = "/admin/" if address == "/admin/logout/" else f"/admin/login/?next={there}"
            assert response["Location"] == to


def test_the_root_of_the_site_leads_to_the_api(client: Client) -> None:
    response = client.get("/")
    assert response.status_code == 302
    assert response["Location"] == "/api/v1/"


def test_an_unknown_id_is_told_like_one_that_may_not_be_seen(world: World) -> None:
    route = "GET /api-keys/{key}/"
    hidden = world.answer("foreign admin", route)
    world.ids["key"] = make.fact().pk
    missing = world.answer("foreign admin", route)
    assert hidden.json() == missing.json()


def test_members_of_another_organization_are_told_like_those_of_none(world: World) -> None:
    route = "GET /organizations/{organization}/members/"
    hidden = world.answer("foreign admin", route)
    world.ids["organization"] = make.fact().pk
    missing = world.answer("foreign admin", route)
    assert hidden.json() == missing.json()


# API keys


def test_a_member_lists_only_the_own_keys_and_an_admin_all_of_the_organization(
    world: World,
) -> None:
    def holders(caller: str) -> set[str]:
        found = world.callers[caller].read("/api-keys/?page_size=200")["results"]
        return {key["member"]["name"] for key in found}

    for role in ("reader", "checker", "editor"):
        assert holders(f"own {role}") == {f"A {role}"}
    assert holders("own admin") == {*(f"A {role}" for role in ROLES), "A leaver"}
    own = {it["id"] for it in world.callers["own admin"].read("/api-keys/")["results"]}
    foreign = {it["id"] for it in world.callers["foreign admin"].read("/api-keys/")["results"]}
    assert own.isdisjoint(foreign)


def test_a_key_works_from_when_it_is_made_until_it_is_revoked(checker: Api) -> None:
    made = checker.made("/api-keys/", {"label": "laptop", "scopes": ["read", "write"]})
    newcomer = Api(made["key"])
    assert newcomer.post("/publishers/", {"name": "Al-Sabaah"}).status_code == 201
    revoked = newcomer.post(f"/api-keys/{made['id']}/revoke/")
    assert revoked.status_code == 200
    assert revoked.json()["revoked_at"] is not None
    refused = newcomer.get("/claims/")
    problem(refused, "not-authenticated", 401)
    assert refused["WWW-Authenticate"] == 'Bearer realm="Isnad"'


def test_revoking_again_changes_nothing(checker: Api) -> None:
    made = checker.made("/api-keys/", {"label": "laptop", "scopes": ["read"]})
    first = checker.post(f"/api-keys/{made['id']}/revoke/").json()
    before = Change.objects.count()
    assert checker.post(f"/api-keys/{made['id']}/revoke/").json() == first
    assert Change.objects.count() == before


def test_an_admin_makes_and_revokes_keys_for_colleagues(desk: make.Desk) -> None:
    admin = Api(make.key(desk.admin))
    body = {"label": "newsroom", "scopes": ["read"], "member": str(desk.checker.pk)}
    made = admin.made("/api-keys/", body)
    assert made["member"]["id"] == str(desk.checker.pk)
    assert Api(made["key"]).read("/api-keys/")["results"][0]["id"] == made["id"]
    assert admin.post(f"/api-keys/{made['id']}/revoke/").status_code == 200


@pytest.mark.parametrize("role", ["reader", "checker", "editor"])
def test_nobody_but_an_admin_makes_keys_for_others(desk: make.Desk, role: str) -> None:
    api = Api(make.key(desk[Role(role)]))
    body = {"label": "theirs", "scopes": ["read"], "member": str(desk.admin.pk)}
    assert problem(api.post("/api-keys/", body), "forbidden", 403)["rule"] == "role"


def test_an_admin_makes_no_keys_for_members_of_others_or_for_ended_ones(desk: make.Desk) -> None:
    admin = Api(make.key(desk.admin))
    Member.objects.filter(pk=desk.reader.pk).update(ended_at=timezone.now())
    for member in (make.desk().checker, desk.reader):
        body = {"label": "theirs", "scopes": ["read"], "member": str(member.pk)}
        assert places(problem(admin.post("/api-keys/", body), "invalid", 400)) == {"#/member"}


@pytest.mark.parametrize("scopes", [["read"], ["write"]])
def test_a_key_makes_no_key_that_may_more(desk: make.Desk, scopes: list[str]) -> None:
    if scopes == ["read"]:
        api = Api(make.key(desk.admin, (Scope.READ,)))
        refused = api.post("/api-keys/", {"label": "more", "scopes": ["read"]})
        assert problem(refused, "forbidden", 403)["rule"] == "scope"
        return
    api = Api(make.key(desk.admin, (Scope.WRITE,)))
    for wanted in (["read"], ["read", "write"]):
        refused = api.post("/api-keys/", {"label": "more", "scopes": wanted})
        assert problem(refused, "forbidden", 403)["rule"] == "more-than-the-key"
    assert api.post("/api-keys/", {"label": "equal", "scopes": ["write"]}).status_code == 201


def test_a_key_makes_no_key_that_outlives_it(desk: make.Desk) -> None:
    end = timezone.now() + timedelta(days=1)
    api = Api(make.key(desk.checker, expires_at=end))
    body = {"label": "later", "scopes": ["read"]}
    late = (end + timedelta(seconds=1)).isoformat()
    for more in ({"expires_at": None}, {"expires_at": late}, {}):
        refused = api.post("/api-keys/", body | more)
        assert problem(refused, "forbidden", 403)["rule"] == "outlives-the-key"
    in_time = (end - timedelta(seconds=1)).isoformat()
    assert api.post("/api-keys/", body | {"expires_at": in_time}).status_code == 201


def test_a_key_that_ends_is_good_until_then(checker: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    end = timezone.now() + timedelta(minutes=1)
    body = {"label": "short", "scopes": ["read"], "expires_at": end.isoformat()}
    api = Api(checker.made("/api-keys/", body)["key"])
    assert api.get("/claims/").status_code == 200
    monkeypatch.setattr("django.utils.timezone.now", lambda: end)
    problem(api.get("/claims/"), "not-authenticated", 401)


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer isnad_unknown",
        "Bearer isnad_مفتاح",
        "Basic aXNuYWQ6aXNuYWQ=",
        "isnad_unknown",
    ],
)
def test_a_wrong_key_is_refused_even_where_none_is_needed(db: None, header: str) -> None:
    response = Client().get("/api/v1/claims/", headers={"authorization": header.encode()})
    problem(response, "not-authenticated", 401)
    assert response["WWW-Authenticate"] == 'Bearer realm="Isnad"'


# Secrets


def tables_that_hold(word: str) -> set[str]:
    """Every table with a column that holds the word, as text or inside of bytes."""
    found = set()
    for (table,) in run("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        [(held,)] = run(
            f"""SELECT EXISTS (SELECT 1 FROM "{table}" AS r
                WHERE strpos(r::text, %s) > 0 OR strpos(r::text, %s) > 0)""",
            [word, word.encode().hex()],
        )
        if held:
            found.add(table)
    return found


def test_a_key_is_told_once_and_stored_nowhere(checker: Api) -> None:
    body = {"label": "a label to find", "scopes": ["read"]}
    first = checker.post("/api-keys/", body, idempotency_key="once")
    secret = first.json()["key"]
    # What is stored is found by this search, in rows, in kept answers and in Changes.
    assert tables_that_hold("a label to find") == {
        "claims_apikey",
        "claims_idempotencykey",
        "claims_content",
    }
    assert tables_that_hold(secret) == set()
    assert tables_that_hold(secret.removeprefix(ApiKey.PREFIX)[6:]) == set()
    digest = ApiKey.digest_of(secret)
    assert ApiKey.objects.filter(digest=digest).count() == 1

    again = checker.post("/api-keys/", body, idempotency_key="once")
    assert again.status_code == 201
    assert again.json() == first.json() | {"key": None}
    document = checker.read(f"/api-keys/{first.json()['id']}/")
    assert "key" not in document
    assert "digest" not in document
    assert ApiKey.objects.filter(label="a label to find").count() == 1


def test_a_change_about_a_key_holds_neither_the_key_nor_its_hash(checker: Api) -> None:
    made = checker.made("/api-keys/", {"label": "laptop", "scopes": ["read"]})
    checker.post(f"/api-keys/{made['id']}/revoke/")
    digest = ApiKey.digest_of(made["key"]).hex()
    changes = Change.objects.filter(subject_id=made["id"])
    assert {it.type for it in changes} == {"api_key.created", "api_key.revoked"}
    for change in changes:
        for content in Content.objects.filter(pk__in=[change.document_id, change.before_id]):
            assert content.text is not None
            assert "laptop" in content.text
            assert digest not in content.text
            assert made["key"] not in content.text
            assert "digest" not in content.text


def test_a_secret_cannot_be_guessed(desk: make.Desk) -> None:
    secrets = {make.key(desk.checker) for _ in range(50)}
    assert len(secrets) == 50
    assert all(secret.startswith("isnad_") and len(secret) == 6 + 43 for secret in secrets)


# Members


def test_a_member_reads_the_colleagues_and_not_those_of_others(world: World) -> None:
    path = world.path("GET /organizations/{organization}/members/")[1]
    names = {it["name"] for it in world.callers["own reader"].read(path)["results"]}
    assert names == {*(f"A {role}" for role in ROLES), "A leaver"}


def test_who_becomes_a_checker_may_check_from_then_on(desk: make.Desk) -> None:
    admin, reader = Api(make.key(desk.admin)), Api(make.key(desk.reader))
    problem(reader.post("/publishers/", {"name": "Al-Sabaah"}), "forbidden", 403)
    path = f"/organizations/{desk.organization.pk}/members/{desk.reader.pk}/"
    assert admin.patch(path, {"role": "checker"}, if_match=admin.etag(path)).status_code == 200
    assert reader.post("/publishers/", {"name": "Al-Sabaah"}).status_code == 201
    assert admin.patch(path, {"ended": True}, if_match=admin.etag(path)).status_code == 200
    problem(reader.get("/claims/"), "not-authenticated", 401)


# People who are signed in with a browser


@pytest.fixture
def signed_in(desk: make.Desk) -> Client:
    user = User.objects.create_user("browsing", password="a long password")
    Member.objects.filter(pk=desk.checker.pk).update(user=user)
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    return client


def test_a_browser_session_acts_as_the_member(signed_in: Client, desk: make.Desk) -> None:
    path = f"/api/v1/organizations/{desk.organization.pk}/members/"
    assert signed_in.get(path).status_code == 200
    Member.objects.filter(pk=desk.checker.pk).update(ended_at=timezone.now())
    assert signed_in.get(path).status_code == 401


def test_another_site_cannot_write_through_a_browser_session(signed_in: Client) -> None:
    sent = {"data": '{"name": "Forged"}', "content_type": "application/json"}
    problem(signed_in.post("/api/v1/publishers/", **sent), "forbidden", 403)
    signed_in.cookies["csrftoken"] = token = "a" * 32
    headers = {"x-csrftoken": token}
    assert signed_in.post("/api/v1/publishers/", headers=headers, **sent).status_code == 201


def test_an_operator_without_a_membership_reads_as_anyone_does(client: Client, db: None) -> None:
    client.force_login(User.objects.create_superuser("operator"))
    assert client.get("/api/v1/claims/").status_code == 200
    problem(
        client.post("/api/v1/publishers/", "{}", content_type="application/json"),
        "not-authenticated",
        401,
    )
