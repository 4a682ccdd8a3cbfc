"""Coming in by a link, leaving, and being removed; over HTTP."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from claims.models import ApiKey, Change, Content, Invitation, Member, Session, User, Verdict
from claims.queries.etags import etag
from claims.vocabulary import Role
from tests import make
from tests.api.test_rights import tables_that_hold
from tests.api.test_session import Browser
from tests.api.threads import at_once, statuses
from tests.conftest import Api, places, problem
from tests.log import numbered

NEW = {"username": "noor", "password": "reeds and 40 water buffaloes", "name": "Noor"}


@pytest.fixture
def admin(desk: make.Desk) -> Api:
    return Api(make.key(desk.admin))


@pytest.fixture
def path(desk: make.Desk) -> str:
    return f"/organizations/{desk.organization.pk}/invitations/"


def accept(token: str, browser: Browser | None = None, **said: Any) -> Any:
    return (browser or Browser()).post("/invitations/accept/", {"token": token, **said})


def test_an_admin_invites_and_somebody_comes_in_with_that_role(
    admin: Api, desk: make.Desk, path: str
) -> None:
    made = admin.made(path, {"role": "editor", "name": "Noor", "email": "noor@example.org"})
    assert made["link"] == f"http://testserver/join/#{made['token']}"
    browser = Browser()
    told = accept(made["token"], browser, username="noor", password=NEW["password"])
    assert told.status_code == 201, told.content
    member = told.json()["member"]
    assert (member["name"], member["role"]) == ("Noor", "editor")
    assert told.json()["person"]["email"] == "noor@example.org"
    assert browser.acts_as == member["id"], "who comes in is signed in"
    assert browser.post("/publishers/", {"name": "Al-Sabaah"}).status_code == 201
    assert Browser().sign_in("noor@example.org", NEW["password"]).status_code == 201
    kept = admin.read(f"{path}{made['id']}/")
    assert kept["accepted_by"] == {"id": member["id"], "name": "Noor"}
    assert kept["accepted_at"] is not None
    told_of = Change.objects.filter(subject_id__in=[made["id"], member["id"]])
    assert [(it.type, it.recorded_by_id and str(it.recorded_by_id)) for it in told_of] == [
        ("invitation.created", str(desk.admin.pk)),
        ("member.added", str(desk.admin.pk)),
        ("invitation.accepted", member["id"]),
    ]


def test_nobody_can_lock_somebody_out_of_the_browser_they_came_in_by(desk: make.Desk) -> None:
    _, token = make.invitation(desk.admin)
    browser = Browser()
    assert accept(token, browser, **NEW).status_code == 201
    browser.send("DELETE", "/session/")
    other = Browser()  # at the same address
    for _ in range(5):
        problem(other.sign_in("noor", "wrong"), "sign-in-refused", 401)
    problem(other.sign_in("noor", NEW["password"]), "too-many-tries", 429)
    assert browser.sign_in("noor", NEW["password"]).status_code == 201


def test_a_link_is_told_once_and_stored_nowhere(admin: Api, path: str) -> None:
    body = {"role": "reader", "name": "A name to find"}
    first = admin.post(path, body, idempotency_key="once").json()
    assert tables_that_hold("A name to find") == {
        "claims_invitation",
        "claims_idempotencykey",
        "claims_content",
    }
    assert tables_that_hold(first["token"]) == set()
    again = admin.post(path, body, idempotency_key="once").json()
    assert again == first | {"token": None, "link": None}
    [listed] = admin.read(path)["results"]
    assert listed == {k: v for k, v in first.items() if k not in ("token", "link")}
    assert Invitation.objects.count() == 1


def test_an_invitation_is_good_for_a_week_unless_something_else_is_said(
    admin: Api, path: str
) -> None:
    made = Invitation.objects.get(pk=admin.made(path, {"role": "reader"})["id"])
    assert abs(made.expires_at - timezone.now() - timedelta(days=7)) < timedelta(minutes=1)
    for wrong in (timedelta(seconds=-1), timedelta(days=91)):
        body = {"role": "reader", "expires_at": (timezone.now() + wrong).isoformat()}
        assert places(problem(admin.post(path, body), "invalid", 400)) == {"#/expires_at"}
    for email in ("noor", "noor@", "a b@example.org"):
        refused = admin.post(path, {"role": "reader", "email": email})
        assert places(problem(refused, "invalid", 400)) == {"#/email"}


def test_a_dead_link_is_refused_in_one_way_whatever_it_died_of(
    admin: Api, desk: make.Desk, path: str
) -> None:
    used, revoked, expired = (make.invitation(desk.admin) for _ in range(3))
    assert accept(used[1], **NEW).status_code == 201
    assert admin.post(f"{path}{revoked[0].pk}/revoke/").json()["revoked_at"] is not None
    Invitation.objects.filter(pk=expired[0].pk).update(expires_at=timezone.now())
    told = [
        problem(accept(token, **NEW | {"username": "other"}), "invitation-refused", 409)
        for token in (used[1], revoked[1], expired[1], "unknown")
    ]
    assert all(it == told[0] for it in told)
    assert told[0]["rule"] == "invitation-is-over"
    assert User.objects.filter(username="other").count() == 0


def test_a_link_is_as_good_as_the_right_of_who_gave_it(desk: make.Desk) -> None:
    """Else an admin keeps a way back in, whatever the others decide."""
    _invitation, token = make.invitation(desk.admin)
    Member.objects.filter(pk=desk.admin.pk).update(role="editor")
    problem(accept(token, **NEW), "invitation-refused", 409)
    Member.objects.filter(pk=desk.admin.pk).update(role="admin")
    assert accept(token, **NEW).status_code == 201


def test_who_is_admin_no_more_takes_open_invitations_along(admin: Api, desk: make.Desk) -> None:
    other = make.admin_of(desk)
    _invitation, token = make.invitation(other)
    edited(admin, desk, other, role="editor")
    assert Invitation.objects.get().revoked_at is not None
    told = Change.objects.filter(type="invitation.revoked").get()
    assert told.recorded_by_id == desk.admin.pk
    # For good: it is no door that opens again with the role.
    edited(admin, desk, other, role="admin")
    problem(accept(token, **NEW), "invitation-refused", 409)


def test_who_stays_admin_takes_nothing_along(admin: Api, desk: make.Desk) -> None:
    _invitation, token = make.invitation(desk.admin)
    edited(admin, desk, desk.admin, role="admin", name="Another name")
    edited(admin, desk, desk.checker, role="reader")
    assert accept(token, **NEW).status_code == 201


def test_an_invitation_is_good_no_longer_than_the_key_by_which_it_is_made(
    desk: make.Desk, path: str
) -> None:
    ends = timezone.now() + timedelta(days=1)
    api = Api(make.key(desk.admin, expires_at=ends))
    assert Invitation.objects.get(pk=api.made(path, {"role": "admin"})["id"]).expires_at == ends
    in_time, late = ((ends + timedelta(seconds=it)).isoformat() for it in (-1, 1))
    refused = problem(api.post(path, {"role": "admin", "expires_at": late}), "forbidden", 403)
    assert refused["rule"] == "outlives-the-key"
    assert api.post(path, {"role": "admin", "expires_at": in_time}).status_code == 201


@pytest.mark.parametrize("goes", [{"ended": True}, {"role": "editor"}, {"role": "reader"}])
def test_keys_that_an_admin_made_for_colleagues_end_with_the_right_to_make_them(
    admin: Api, desk: make.Desk, goes: dict[str, Any]
) -> None:
    """The admin has seen their secrets: else one who is gone acts on as a colleague."""
    other = make.admin_of(desk)
    theirs = Api(make.key(other))
    body = {"label": "for you", "scopes": ["read", "write"], "member": str(desk.checker.pk)}
    given, own = theirs.made("/api-keys/", body)["key"], make.key(desk.checker)
    kept = theirs.made("/api-keys/", {"label": "my own", "scopes": ["read"]})["key"]
    by_another = admin.made("/api-keys/", body)["key"]
    edited(admin, desk, other, **goes)
    problem(Api(given).get("/claims/"), "not-authenticated", 401)
    assert Api(own).get("/claims/").status_code == 200
    assert Api(by_another).get("/claims/").status_code == 200
    assert Api(kept).get("/claims/").status_code == (401 if "ended" in goes else 200)


@pytest.mark.usefixtures("committed")
def test_no_key_for_a_colleague_slips_through_while_the_right_to_make_it_ends() -> None:
    desk = make.desk()
    other = make.admin_of(desk)
    admin, theirs = Api(make.key(desk.admin)), Api(make.key(other))
    body = {"label": "for you", "scopes": ["read"], "member": str(desk.checker.pk)}
    tag = admin.etag(f"{members(desk)}{other.pk}/")
    answers = at_once(
        [
            lambda: admin.patch(f"{members(desk)}{other.pk}/", {"role": "reader"}, if_match=tag),
            *[lambda: theirs.post("/api-keys/", body)] * 3,
        ]
    )
    assert answers[0].status_code == 200
    assert {it.status_code for it in answers[1:]} <= {201, 403}
    assert not ApiKey.objects.filter(member=desk.checker, revoked_at=None).exists()


def edited(admin: Api, desk: make.Desk, member: Member, **changes: Any) -> None:
    path = f"{members(desk)}{member.pk}/"
    assert admin.patch(path, changes, if_match=admin.etag(path)).status_code == 200


def test_what_was_accepted_is_revoked_no_more_and_revoking_twice_changes_nothing(
    admin: Api, desk: make.Desk, path: str
) -> None:
    (used, token), (open_one, _token) = make.invitation(desk.admin), make.invitation(desk.admin)
    accept(token, **NEW)
    refused = problem(admin.post(f"{path}{used.pk}/revoke/"), "invitation-refused", 409)
    assert refused["rule"] == "invitation-is-accepted"
    first = admin.post(f"{path}{open_one.pk}/revoke/").json()
    before = Change.objects.count()
    assert admin.post(f"{path}{open_one.pk}/revoke/").json() == first
    assert Change.objects.count() == before


def test_looking_at_a_link_uses_nothing_up(desk: make.Desk) -> None:
    _invitation, token = make.invitation(desk.admin)
    for _ in range(2):
        problem(Browser().get("/invitations/accept/"), "method-not-allowed", 405)
        assert Browser().client.get("/join/").status_code == 200
    assert accept(token, **NEW).status_code == 201


@pytest.mark.parametrize(
    ("said", "slug", "status", "where"),
    [
        ({"username": None}, "invalid", 400, "#/username"),
        ({"password": None}, "invalid", 400, "#/password"),
        ({"name": None}, "invalid", 400, "#/name"),
        ({"password": "short"}, "invalid", 400, "#/password"),
        ({"username": "noor.of.basra", "password": "noor of basra"}, "invalid", 400, "#/password"),
        ({"username": "a b"}, "invalid", 400, "#/username"),
        ({"username": "noor@example.org"}, "invalid", 400, "#/username"),
        ({"username": "LAYLA"}, "duplicate", 409, "#/username"),
        ({"unknown": "x"}, "invalid", 400, "#/unknown"),
    ],
)
def test_what_is_wrong_is_said_and_the_link_stays_good(
    desk: make.Desk, said: dict[str, Any], slug: str, status: int, where: str
) -> None:
    make.person("layla", desk.checker)
    _invitation, token = make.invitation(desk.admin)
    body = {name: value for name, value in (NEW | said).items() if value is not None}
    refused = accept(token, **body)
    assert places(problem(refused, slug, status)) == {where}
    assert "sessionid" not in refused.cookies
    assert accept(token, **NEW).status_code == 201


def test_a_name_in_arabic_makes_a_username_too(desk: make.Desk) -> None:
    _invitation, token = make.invitation(desk.admin)
    assert accept(token, **NEW | {"username": "نور", "name": "نور حسن"}).status_code == 201
    assert Browser().sign_in("نور", NEW["password"]).status_code == 201


def test_what_a_username_is_made_of_is_asked_of_it_as_it_is_kept(desk: make.Desk) -> None:
    """Some letters are another one, or two words, in the form in which names are kept."""
    wide = "\uff4e\uff4f\uff4f\uff52"  # full-width letters
    _invitation, token = make.invitation(desk.admin)
    for odd in ("a\uff20b", "\ufdfa", "\ufdfb\ufdfb"):  # an @, and words with spaces
        refused = accept(token, **NEW | {"username": odd})
        assert places(problem(refused, "invalid", 400)) == {"#/username"}
    assert accept(token, **NEW | {"username": wide}).status_code == 201
    assert User.objects.get().username == "noor"


def test_an_address_that_has_an_account_signs_in_first(desk: make.Desk) -> None:
    make.person("layla", make.desk().checker)
    _invitation, token = make.invitation(desk.admin, email="LAYLA@example.org")
    problem(accept(token, **NEW), "duplicate", 409)
    browser = Browser()
    browser.sign_in()
    assert accept(token, browser).status_code == 201


def test_who_is_signed_in_joins_as_a_second_member(desk: make.Desk) -> None:
    first = make.desk().checker
    make.person("layla", first)
    browser = Browser()
    browser.sign_in()
    _invitation, token = make.invitation(desk.admin, role=Role.EDITOR)
    refused = accept(token, browser, username="other")
    assert places(problem(refused, "invalid", 400)) == {"#/username"}
    told = accept(token, browser).json()
    assert told["member"]["organization"]["id"] == str(desk.organization.pk)
    assert (told["member"]["name"], told["member"]["role"]) == ("A checker", "editor")
    assert len(told["memberships"]) == 2
    assert User.objects.count() == 1


def test_who_is_a_member_already_is_told_so(desk: make.Desk) -> None:
    make.person("layla", desk.checker)
    browser = Browser()
    browser.sign_in()
    _invitation, token = make.invitation(desk.admin)
    problem(accept(token, browser), "duplicate", 409)
    assert Invitation.objects.get().accepted_at is None


def test_who_comes_back_is_the_same_member_as_before(admin: Api, desk: make.Desk) -> None:
    make.person("layla", desk.checker, make.desk().reader)
    verdict = make.verdict(make.fact(), desk.checker)
    Api(make.key(desk.checker)).post(f"/organizations/{desk.organization.pk}/members/me/leave/")
    browser = Browser()
    browser.sign_in()
    _invitation, token = make.invitation(desk.admin, role=Role.EDITOR)
    told = accept(token, browser).json()["member"]
    assert (told["id"], told["role"]) == (str(desk.checker.pk), "editor")
    assert Verdict.objects.get(pk=verdict.pk).issued_by_id == desk.checker.pk


@pytest.mark.usefixtures("committed")
def test_of_two_who_accept_one_invitation_at_once_one_comes_in() -> None:
    desk = make.desk()
    for n in range(3):
        _invitation, token = make.invitation(desk.admin)
        calls: list[Callable[[], Any]] = [
            lambda n=n, m=m, token=token: accept(token, **NEW | {"username": f"noor{n}{m}"})  # type: ignore[misc]
            for m in range(4)
        ]
        assert statuses(at_once(calls)) == {201: 1, 409: 3}
    assert User.objects.count() == 3
    assert Member.objects.filter(user__isnull=False).count() == 3


@pytest.mark.usefixtures("committed")
def test_of_two_who_choose_one_username_at_once_one_has_it() -> None:
    desk = make.desk()
    tokens = [make.invitation(desk.admin)[1] for _ in range(4)]
    names = ["noor", "Noor", "NOOR", "noor"]
    calls: list[Callable[[], Any]] = [
        lambda token=token, name=name: accept(token, **NEW | {"username": name})  # type: ignore[misc]
        for token, name in zip(tokens, names, strict=True)
    ]
    answers = at_once(calls)
    assert statuses(answers) == {201: 1, 409: 3}
    for it in answers:
        if it.status_code == 409:
            problem(it, "duplicate", 409)
    assert Invitation.objects.filter(accepted_at__isnull=False).count() == 1


# Leaving


def members(desk: make.Desk) -> str:
    return f"/organizations/{desk.organization.pk}/members/"


def test_who_leaves_has_no_way_in_any_more_and_what_was_found_stays(desk: make.Desk) -> None:
    claim = make.fact()
    verdict = make.verdict(claim, desk.admin)
    make.person("layla", desk.admin)
    Member.objects.filter(pk=desk.editor.pk).update(role=Role.ADMIN)
    key = Api(make.key(desk.admin))
    browser = Browser()
    browser.sign_in()
    _invitation, token = make.invitation(desk.admin)
    left = browser.post(f"{members(desk)}me/leave/")
    assert left.status_code == 200, left.content
    assert left.json()["ended_at"] is not None
    problem(key.get("/claims/"), "not-authenticated", 401)
    assert browser.acts_as is None
    assert not Session.objects.exists()
    assert not ApiKey.objects.filter(member=desk.admin, revoked_at=None).exists()
    # Nor by a door that was left open.
    problem(accept(token, **NEW), "invitation-refused", 409)
    told = Change.objects.filter(recorded_by=desk.admin).order_by("pk")
    ways = ["api_key.revoked", "invitation.revoked", "member.edited"]
    assert [it.type for it in told][-3:] == ways
    [shown] = Api().read(f"/claims/{claim.pk}/")["verdicts"]
    assert shown["id"] == str(verdict.pk)
    assert shown["organization"]["id"] == str(desk.organization.pk)


def test_the_last_admin_cannot_leave_and_stays_admin(desk: make.Desk) -> None:
    api, path = Api(make.key(desk.admin)), f"{members(desk)}{desk.admin.pk}/"
    for refused in (
        api.post(f"{members(desk)}me/leave/"),
        api.patch(path, {"role": "editor"}, if_match=api.etag(path)),
        api.patch(path, {"ended": True}, if_match=api.etag(path)),
    ):
        assert problem(refused, "conflict", 409)["rule"] == "last-admin"
    assert api.get("/api-keys/").status_code == 200
    Member.objects.filter(pk=desk.editor.pk).update(role=Role.ADMIN)
    assert api.post(f"{members(desk)}me/leave/").status_code == 200


def test_leaving_is_for_oneself_alone(desk: make.Desk) -> None:
    for role in ("reader", "admin"):
        api = Api(make.key(desk[Role(role)]))
        refused = api.post(f"{members(desk)}{desk.checker.pk}/leave/")
        assert problem(refused, "forbidden", 403)["rule"] == "for-oneself"
        assert api.read(f"{members(desk)}me/")["id"] == str(desk[Role(role)].pk)


@pytest.mark.usefixtures("committed")
def test_of_two_admins_who_leave_at_once_one_stays() -> None:
    desk = make.desk()
    Member.objects.filter(pk=desk.editor.pk).update(role=Role.ADMIN)
    apis = [Api(make.key(it)) for it in (desk.admin, desk.editor)]
    calls = [lambda api=api: api.post(f"{members(desk)}me/leave/") for api in apis]  # type: ignore[misc]
    assert statuses(at_once(calls)) == {200: 1, 409: 1}


def test_who_is_removed_has_no_way_in_any_more(admin: Api, desk: make.Desk) -> None:
    make.person("layla", desk.checker)
    key, browser = Api(make.key(desk.checker)), Browser()
    browser.sign_in()
    path = f"{members(desk)}{desk.checker.pk}/"
    removed = admin.patch(path, {"ended": True}, if_match=admin.etag(path))
    assert removed.status_code == 200
    problem(key.get("/claims/"), "not-authenticated", 401)
    problem(browser.post("/publishers/", {"name": "A"}), "not-authenticated", 401)
    assert not Session.objects.exists()
    told = Change.objects.filter(subject_id=desk.checker.pk).order_by("-recorded_at").first()
    assert told is not None
    assert (told.type, told.recorded_by_id) == ("member.edited", desk.admin.pk)
    assert etag(Member, desk.checker.pk) == removed["ETag"]


def test_nobody_outside_reads_of_invitations_in_the_feed(
    admin: Api, desk: make.Desk, path: str
) -> None:
    admin.made(path, {"role": "reader", "email": "noor@example.org"})
    change = Change.objects.get(type="invitation.created")
    assert "noor@example.org" in (Content.objects.get(pk=change.document_id).text or "")
    numbered()
    for api, seen in ((admin, True), (Api(), False), (Api(make.key(make.desk().admin)), False)):
        told = api.read("/changes/?type=invitation.created")["results"]
        assert [it["document"] is not None for it in told] == [seen]
