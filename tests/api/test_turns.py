"""Verdicts and drafts while something else happens: rights end, or many do the same."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections, transaction

from claims.actions.desks import edit_member, revoke_api_key
from claims.models import ApiKey, Claim, Draft, Member, Verdict
from claims.queries.etags import etag
from claims.vocabulary import ReviewPolicy, Role
from tests import make
from tests.api.test_drafts import FINDING, moved, set_policy
from tests.api.test_rights import signed_in_as
from tests.api.threads import at_once, statuses, waiting_for_others
from tests.conftest import Api, problem
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def desk(committed: str) -> make.Desk:
    return make.desk()


@pytest.fixture
def claim(committed: str) -> Claim:
    with transaction.atomic():
        return make.fact()


@pytest.fixture
def path(desk: make.Desk, claim: Claim) -> str:
    """Of a draft that waits for its second member."""
    with transaction.atomic():
        return f"/drafts/{make.draft(claim, desk.checker).pk}/"


def while_it_waits(row: Claim | Draft, ask: Callable[[], Any], change: Callable[[], Any]) -> Any:
    """What is answered to who asks and has to wait for the row, while something else is changed."""

    def asks() -> Any:
        try:
            return ask()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            type(row)._default_manager.select_for_update().get(pk=row.pk)
            asked = pool.submit(asks)
            until(waiting_for_others)
            at_once([change])
        return asked.result(PATIENCE)


def edited(member: Member, by: Member, **changes: Any) -> None:
    tag = etag(Member, member.pk)
    assert tag is not None
    with transaction.atomic():
        edit_member(member_id=member.pk, changes=changes, by=by, if_match=frozenset({tag}))


def of(path: str) -> Draft:
    return Draft.objects.get(pk=path.split("/")[2])


ENDS = {
    "is removed": ({"ended": True}, "not-authenticated", 401),
    "is a reader now": ({"role": Role.READER}, "forbidden", 403),
}


@pytest.mark.parametrize("ended", ENDS)
@pytest.mark.parametrize("signed_in", [False, True])
def test_nobody_confirms_who_is_no_checker_any_more_when_it_is_their_turn(
    desk: make.Desk, claim: Claim, path: str, ended: str, *, signed_in: bool
) -> None:
    changes, slug, status = ENDS[ended]
    second: Any = signed_in_as(desk.editor) if signed_in else Api(make.key(desk.editor))
    tag = second.etag(path)
    refused = while_it_waits(
        claim,
        lambda: second.post(f"{path}confirm/", if_match=tag),
        lambda: edited(desk.editor, desk.admin, **changes),
    )
    told = problem(refused, slug, status)
    assert told.get("rule") == ("role" if status == 403 else None)
    assert not Verdict.objects.exists()
    assert of(path).state == "open"


def test_nobody_confirms_with_a_key_that_was_revoked_meanwhile(
    desk: make.Desk, claim: Claim, path: str
) -> None:
    secret = make.key(desk.editor)
    second, key = Api(secret), ApiKey.objects.get(digest=ApiKey.digest_of(secret))
    tag = second.etag(path)
    refused = while_it_waits(
        claim,
        lambda: second.post(f"{path}confirm/", if_match=tag),
        transaction.atomic(lambda: revoke_api_key(key_id=key.pk, by=desk.admin)),
    )
    problem(refused, "not-authenticated", 401)
    assert not Verdict.objects.exists()


def test_who_confirms_follows_the_policy_of_that_moment(
    desk: make.Desk, claim: Claim, path: str
) -> None:
    with transaction.atomic():
        other = Member.objects.create(
            organization=desk.organization, name="Another", role=Role.CHECKER
        )
    second = Api(make.key(other))
    tag = second.etag(path)
    # The tag covers the organization, so whoever has read the draft before is told to read again.
    refused = while_it_waits(
        claim,
        lambda: second.post(f"{path}confirm/", if_match=tag),
        transaction.atomic(lambda: set_policy(desk, ReviewPolicy.EDITOR)),
    )
    problem(refused, "precondition-failed", 412)
    assert problem(moved(second, path, "confirm"), "draft-refused", 409)["rule"] == (
        "editor-confirms"
    )


@pytest.mark.parametrize("move", ["edit", "return", "withdraw"])
@pytest.mark.parametrize("ended", ENDS)
def test_nobody_moves_a_draft_who_is_no_checker_any_more_when_it_is_their_turn(
    desk: make.Desk, path: str, move: str, ended: str
) -> None:
    changes, slug, status = ENDS[ended]
    mover = desk.editor if move == "return" else desk.checker
    api = Api(make.key(mover))
    tag = api.etag(path)
    body = {"reasons": "Why?"} if move == "return" else None

    def ask() -> Any:
        if move == "edit":
            return api.patch(path, {"label": "New"}, if_match=tag)
        return api.post(f"{path}{move}/", body, if_match=tag)

    refused = while_it_waits(of(path), ask, lambda: edited(mover, desk.admin, **changes))
    problem(refused, slug, status)
    assert of(path).state == "open"
    assert not of(path).steps.exists()


@pytest.mark.parametrize("ended", ENDS)
def test_nobody_drafts_who_is_no_checker_any_more_when_it_is_their_turn(
    desk: make.Desk, claim: Claim, ended: str
) -> None:
    changes, slug, status = ENDS[ended]
    api = Api(make.key(desk.checker))
    refused = while_it_waits(
        claim,
        lambda: api.post("/drafts/", FINDING | {"claim": str(claim.pk)}),
        lambda: edited(desk.checker, desk.admin, **changes),
    )
    problem(refused, slug, status)
    assert not Draft.objects.exists()


@pytest.mark.parametrize("ended", ENDS)
@pytest.mark.parametrize("signed_in", [False, True])
def test_nobody_judges_who_is_no_checker_any_more_when_it_is_their_turn(
    desk: make.Desk, claim: Claim, ended: str, *, signed_in: bool
) -> None:
    """Where Django answers: to browsers, and where a key says that it may repeat itself."""
    changes, slug, status = ENDS[ended]
    api: Any = signed_in_as(desk.checker) if signed_in else Api(make.key(desk.checker))
    repeatable = {} if signed_in else {"idempotency_key": "once"}
    body = {"rationale": "As it says."}
    refused = while_it_waits(
        claim,
        lambda: api.post(f"/claims/{claim.pk}/verify/", body, **repeatable),
        lambda: edited(desk.checker, desk.admin, **changes),
    )
    problem(refused, slug, status)
    assert not Verdict.objects.exists()


def test_who_confirms_and_who_ends_that_membership_do_not_wait_for_each_other(
    desk: make.Desk, claim: Claim, path: str
) -> None:
    """Who confirms has taken the claim from the queue: each would have what the other wants."""
    second, admin = Api(make.key(desk.editor)), Api(make.key(desk.admin))
    second.made("/queue/", {"claim": str(claim.pk)})
    assert second.post("/queue/next/").status_code == 200
    member = f"/organizations/{desk.organization.pk}/members/{desk.editor.pk}/"
    tag, seen = admin.etag(member), second.etag(path)
    ended: list[Any] = []

    def confirm_first() -> Any:
        return second.post(f"{path}confirm/", if_match=seen)

    def end() -> None:
        try:
            ended.append(admin.patch(member, {"ended": True}, if_match=tag))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        confirmed = while_it_waits(
            claim,
            confirm_first,
            # It waits for the claim as well, behind who confirms.
            lambda: pool.submit(end) and until(lambda: waiting_for_others() == 2),
        )
    assert confirmed.status_code == 200, confirmed.content.decode()
    assert ended[0].status_code == 200, ended[0].content.decode()
    verdict, editor = Verdict.objects.get(), Member.objects.get(pk=desk.editor.pk)
    assert verdict.issued_at is not None
    assert editor.ended_at is not None
    assert verdict.issued_at < editor.ended_at


def test_of_those_who_draft_on_one_claim_at_once_all_others_are_told_which_draft_is_there(
    desk: make.Desk, claim: Claim
) -> None:
    apis = [Api(make.key(it)) for it in (desk.checker, desk.editor, desk.admin) * 2]
    body = FINDING | {"claim": str(claim.pk)}
    answers = at_once([lambda api=api: api.post("/drafts/", body) for api in apis])
    assert statuses(answers) == {201: 1, 409: 5}
    draft = Draft.objects.get()
    for answer in answers:
        if answer.status_code == 409:
            told = problem(answer, "duplicate", 409)
            assert (told["rule"], told["draft"]) == ("one-draft", str(draft.pk))
