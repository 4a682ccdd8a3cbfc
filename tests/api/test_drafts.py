"""Verdicts that a second member confirms: drafts, who may do what, and what the record keeps."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from claims.actions.desks import add_member, edit_member, edit_organization
from claims.actions.recording import keep
from claims.models import Change, Claim, Draft, Member, Organization, Verdict
from claims.moves import MOVES, Of
from claims.queries.etags import etag
from claims.vocabulary import Outcome, ReviewPolicy, Role
from tests import make
from tests.conftest import Api, places, problem
from tests.log import numbered

FINDING = {
    "outcome": "disputed",
    "rationale": "أعلن العراق ذلك قبل يوم.",
    "label": "تاريخ خاطئ",
    "evidence": [{"url": "https://example.org/1", "stance": "refutes", "quote": "9 December"}],
}


@pytest.fixture
def claim(db: None) -> Claim:
    return make.fact()


@pytest.fixture
def reviewed(desk: make.Desk) -> make.Desk:
    set_policy(desk, ReviewPolicy.SECOND_MEMBER)
    return desk


def set_policy(desk: make.Desk, policy: ReviewPolicy) -> None:
    tag = etag(Organization, desk.organization.pk)
    assert tag is not None
    edit_organization(
        organization_id=desk.organization.pk,
        changes={"review_policy": policy},
        by=desk.editor,
        if_match=frozenset({tag}),
    )


def drafted(author: Api, claim: Claim, **more: Any) -> str:
    document = author.made("/drafts/", FINDING | {"claim": str(claim.pk)} | more)
    return f"/drafts/{document['id']}/"


def moved(caller: Api, path: str, move: str, body: Any = None) -> Any:
    return caller.post(f"{path}{move}/", body, if_match=caller.etag(path))


def rule_of(response: Any, slug: str, status: int = 409) -> str:
    return str(problem(response, slug, status)["rule"])


def test_a_draft_stands_for_nothing_until_a_second_member_confirms_it(
    reviewed: make.Desk, checker: Api, colleague: Api, claim: Claim
) -> None:
    path = drafted(checker, claim)
    draft = checker.read(path)
    assert draft["state"] == "open"
    assert draft["finding"] == FINDING
    assert draft["author"]["id"] == str(reviewed.checker.pk)
    assert draft["allowed_moves"] == ["edit", "withdraw"]
    assert checker.read(f"/claims/{claim.pk}/")["status"] == "unverified"

    assert colleague.read(path)["allowed_moves"] == ["confirm", "return"]
    confirmed = moved(colleague, path, "confirm")
    assert confirmed.status_code == 200, confirmed.content.decode()
    document = confirmed.json()
    assert document["state"] == "confirmed"
    assert document["allowed_moves"] == []
    assert [(it["type"], it["taken_by"]["id"]) for it in document["steps"]] == [
        ("confirmed", str(reviewed.editor.pk))
    ]
    read = Api().read(f"/claims/{claim.pk}/")
    assert read["status"] == "disputed"
    [verdict] = read["verdicts"]
    assert verdict["id"] == document["verdict"]
    assert verdict["rationale"] == FINDING["rationale"]
    assert verdict["evidence"][0]["quote"] == "9 December"
    assert verdict["issued_by"]["id"] == str(reviewed.checker.pk)
    assert verdict["confirmed_by"]["id"] == str(reviewed.editor.pk)


def test_a_verdict_of_the_past_tells_who_confirmed_it(
    reviewed: make.Desk, checker: Api, colleague: Api, claim: Claim
) -> None:
    path = drafted(checker, claim)
    moved(colleague, path, "confirm")
    last = numbered()
    [verdict] = Api().read(f"/claims/{claim.pk}/?as_of={last}")["verdicts"]
    assert verdict["confirmed_by"] == {"id": str(reviewed.editor.pk), "name": "A editor"}


def test_where_a_second_member_is_needed_nobody_judges_at_once(
    reviewed: make.Desk, checker: Api, claim: Claim
) -> None:
    for move in ("verify", "dispute"):
        refused = checker.post(f"/claims/{claim.pk}/{move}/", {"rationale": "As it says."})
        assert rule_of(refused, "verdict-refused") == "review-required"
    refused = checker.post(f"/claims/{claim.pk}/verdicts/", FINDING)
    assert rule_of(refused, "verdict-refused") == "review-required"
    assert not Verdict.objects.exists()


def test_nobody_confirms_or_returns_a_draft_of_their_own(
    desk: make.Desk, claim: Claim, as_member: Callable[[Member], Api]
) -> None:
    for policy in ReviewPolicy:
        set_policy(desk, policy)
        for role in (Role.CHECKER, Role.EDITOR, Role.ADMIN):
            author = as_member(desk[role])
            path = drafted(author, claim)
            refused = moved(author, path, "confirm")
            assert rule_of(refused, "draft-refused") == "not-by-the-author"
            refused = moved(author, path, "return", {"reasons": "Mine."})
            assert rule_of(refused, "draft-refused") == "not-by-the-author"
            assert moved(author, path, "withdraw").json()["state"] == "withdrawn"


def test_where_an_editor_confirms_a_checker_does_not(
    desk: make.Desk, colleague: Api, claim: Claim, as_member: Callable[[Member], Api]
) -> None:
    set_policy(desk, ReviewPolicy.EDITOR)
    admin, checker = as_member(desk.admin), as_member(desk.checker)
    path = drafted(admin, claim)
    assert checker.read(path)["allowed_moves"] == []
    assert rule_of(moved(checker, path, "confirm"), "draft-refused") == "editor-confirms"
    assert moved(colleague, path, "confirm").status_code == 200


def test_a_returned_draft_is_mended_by_its_author_and_confirmed(
    reviewed: make.Desk, checker: Api, colleague: Api, claim: Claim
) -> None:
    path = drafted(checker, claim)
    returned = moved(colleague, path, "return", {"reasons": "Which day?"})
    assert returned.json()["state"] == "returned"
    assert colleague.read(path)["allowed_moves"] == []
    assert rule_of(moved(colleague, path, "confirm"), "draft-refused") == "draft-is-returned"
    assert checker.read(path)["allowed_moves"] == ["edit", "withdraw"]

    refused = colleague.patch(path, {"label": "Mine"}, if_match=colleague.etag(path))
    assert rule_of(refused, "draft-refused") == "author-only"
    mended = checker.patch(
        path, {"rationale": "On 9 December.", "outcome": "verified"}, if_match=checker.etag(path)
    )
    document = mended.json()
    assert document["state"] == "open"
    assert document["outcome"] == document["finding"]["outcome"] == "verified"
    assert document["finding"]["label"] == FINDING["label"]
    assert [(it["type"], it["reasons"]) for it in document["steps"]] == [
        ("returned", "Which day?"),
        ("edited", None),
    ]
    assert moved(colleague, path, "confirm").status_code == 200
    assert checker.read(f"/claims/{claim.pk}/")["status"] == "verified"


def test_an_edit_that_changes_nothing_is_none_but_of_what_was_returned(
    reviewed: make.Desk, checker: Api, colleague: Api, claim: Claim
) -> None:
    path = drafted(checker, claim)
    before = checker.read(path)
    same = {"label": FINDING["label"]}
    assert checker.patch(path, same, if_match=checker.etag(path)).json() == before
    moved(colleague, path, "return", {"reasons": "Why?"})
    again = checker.patch(path, same, if_match=checker.etag(path)).json()
    assert again["state"] == "open"
    assert [it["type"] for it in again["steps"]] == ["returned", "edited"]


def test_what_is_confirmed_or_withdrawn_stays_so(
    reviewed: make.Desk, checker: Api, colleague: Api, claim: Claim
) -> None:
    path = drafted(checker, claim)
    moved(checker, path, "withdraw")
    for caller, move, body in (
        (colleague, "confirm", None),
        (colleague, "return", {"reasons": "No."}),
        (checker, "withdraw", None),
    ):
        assert rule_of(moved(caller, path, move, body), "draft-refused") == "draft-is-closed"
    refused = checker.patch(path, {"label": "New"}, if_match=checker.etag(path))
    assert rule_of(refused, "draft-refused") == "draft-is-closed"
    with pytest.raises(IntegrityError, match="stays so"), transaction.atomic():
        Draft.objects.update(state="open")
    drafted(checker, claim)  # another one may be made


def test_an_organization_has_one_live_draft_on_a_claim(
    reviewed: make.Desk, checker: Api, colleague: Api, rival: Api, claim: Claim
) -> None:
    path = drafted(checker, claim)
    refused = colleague.post("/drafts/", FINDING | {"claim": str(claim.pk)})
    assert f"/drafts/{problem(refused, 'duplicate', 409)['draft']}/" == path
    drafted(rival, claim)  # that of another organization is its own


def test_whoever_confirms_has_seen_the_draft_and_the_verdict_that_stands(
    desk: make.Desk, checker: Api, colleague: Api, claim: Claim
) -> None:
    path = drafted(checker, claim)
    problem(colleague.post(f"{path}confirm/"), "precondition-required", 428)
    seen = colleague.etag(path)
    checker.patch(path, {"rationale": "Otherwise."}, if_match=checker.etag(path))
    problem(colleague.post(f"{path}confirm/", if_match=seen), "precondition-failed", 412)

    seen = colleague.etag(path)
    make.verdict(claim, desk.admin, Outcome.VERIFIED)
    problem(colleague.post(f"{path}confirm/", if_match=seen), "precondition-failed", 412)
    assert colleague.read(path)["follows"] == str(Verdict.objects.get().pk)
    assert moved(colleague, path, "confirm").status_code == 200
    assert checker.read(f"/claims/{claim.pk}/")["status"] == "disputed"


def test_a_withdrawal_can_be_drafted_and_needs_what_it_withdraws(
    reviewed: make.Desk, checker: Api, colleague: Api, claim: Claim
) -> None:
    path = drafted(checker, claim, outcome="withdrawn")
    assert rule_of(moved(colleague, path, "confirm"), "verdict-refused") == "nothing-stands"
    assert colleague.read(path)["state"] == "open"


def test_a_change_of_policy_touches_nothing_that_stands(
    desk: make.Desk, checker: Api, colleague: Api, claim: Claim
) -> None:
    verdict = make.verdict(claim, desk.checker)
    before = Api().get(f"/claims/{claim.pk}/")
    path = f"/organizations/{desk.organization.pk}/"
    changed = colleague.patch(
        path, {"review_policy": "second_member"}, if_match=colleague.etag(path)
    )
    assert changed.json()["review_policy"] == "second_member"
    after = Api().get(f"/claims/{claim.pk}/")
    assert after.json()["verdicts"] == before.json()["verdicts"]
    assert after.json()["verdicts"][0]["id"] == str(verdict.pk)
    # What waits is decided about by the policy of that moment.
    draft = drafted(checker, claim)
    colleague.patch(path, {"review_policy": "none"}, if_match=colleague.etag(path))
    assert checker.read(draft)["allowed_moves"] == ["edit", "withdraw"]
    assert moved(colleague, draft, "confirm").status_code == 200


def test_nobody_outside_sees_a_draft_or_which_claim_it_is_about(
    reviewed: make.Desk, checker: Api, rival: Api, claim: Claim
) -> None:
    path = drafted(checker, claim)
    numbered()
    for outsider, status, slug in ((rival, 404, "not-found"), (Api(), 401, "not-authenticated")):
        problem(outsider.get(path), slug, status)
        problem(outsider.post(f"{path}confirm/", if_match='"x"'), slug, status)
    assert rival.read("/drafts/")["results"] == []
    [change] = [it for it in rival.read("/changes/")["results"] if it["type"] == "draft.created"]
    assert (change["claim"], change["document"]) == (None, None)
    told = [it for it in checker.read("/changes/")["results"] if it["type"] == "draft.created"]
    assert told[0]["document"]["claim"] == str(claim.pk)
    assert "draft.created" not in {
        it["type"] for it in Api().read(f"/claims/{claim.pk}/history/")["results"]
    }


def test_a_reader_reads_drafts_and_moves_none(
    reviewed: make.Desk, checker: Api, claim: Claim, as_member: Callable[[Member], Api]
) -> None:
    path = drafted(checker, claim)
    reader = as_member(reviewed.reader)
    assert reader.read(path)["allowed_moves"] == []
    assert rule_of(moved(reader, path, "confirm"), "forbidden", 403) == "role"


@pytest.mark.parametrize("fate", [{"ended": True}, {"role": Role.READER}])
def test_an_editor_withdraws_for_who_has_left_or_is_a_reader_by_now(
    reviewed: make.Desk, claim: Claim, as_member: Callable[[Member], Api], fate: dict[str, Any]
) -> None:
    leaver = add_member(
        organization=reviewed.organization, name="A leaver", role=Role.CHECKER, by=None
    )
    path = drafted(as_member(leaver), claim)
    tag = etag(Member, leaver.pk)
    assert tag is not None
    edit_member(
        member_id=leaver.pk, changes=dict(fate), by=reviewed.admin, if_match=frozenset({tag})
    )
    checker, editor = as_member(reviewed.checker), as_member(reviewed.editor)
    assert checker.read(path)["allowed_moves"] == ["confirm", "return"]
    assert editor.read(path)["allowed_moves"] == ["confirm", "return", "withdraw"]
    assert rule_of(moved(checker, path, "withdraw"), "draft-refused") == "author-only"
    assert moved(editor, path, "withdraw").json()["state"] == "withdrawn"
    drafted(checker, claim)  # the desk can go on


def test_lists_are_filtered_and_tell_what_documents_do(
    reviewed: make.Desk, checker: Api, colleague: Api, claim: Claim
) -> None:
    first, second = drafted(checker, claim), drafted(colleague, make.fact(text="Another one"))
    moved(colleague, first, "return", {"reasons": "Why?"})
    for query, found in (
        ("", [second, first]),
        ("?ordering=created_at", [first, second]),
        ("?state=returned", [first]),
        (f"?claim={claim.pk}", [first]),
        (f"?author={reviewed.editor.pk}", [second]),
    ):
        results = checker.read(f"/drafts/{query}")["results"]
        assert results == [checker.read(path) for path in found]
    problem(checker.get("/drafts/?state=new"), "bad-parameter", 400)


def test_a_draft_says_what_a_verdict_may_say(checker: Api, claim: Claim, desk: make.Desk) -> None:
    body = FINDING | {"claim": str(claim.pk)}
    for change, place in (
        ({"claim": str(desk.organization.pk)}, "#/claim"),
        ({"outcome": "true"}, "#/outcome"),
        ({"rationale": " "}, "#/rationale"),
        ({"evidence": [{"url": "x", "stance": "refutes"}]}, "#/evidence/0/url"),
        ({"state": "confirmed"}, "#/state"),
    ):
        refused = problem(checker.post("/drafts/", body | change), "invalid", 400)
        assert places(refused) == {place}
    path = drafted(checker, claim)
    refused = checker.patch(path, {"claim": str(claim.pk)}, if_match=checker.etag(path))
    assert places(problem(refused, "invalid", 400)) == {"#/claim"}


def test_what_waits_is_told_with_its_changes(
    reviewed: make.Desk, checker: Api, colleague: Api, claim: Claim
) -> None:
    path = drafted(checker, claim)
    moved(colleague, path, "return", {"reasons": "Why?"})
    checker.patch(path, {"label": "Mended"}, if_match=checker.etag(path))
    moved(colleague, path, "confirm")
    told = Change.objects.filter(subject_id=path.split("/")[2]).order_by("recorded_at", "id")
    assert [it.type for it in told] == [
        "draft.created",
        "draft.returned",
        "draft.edited",
        "draft.confirmed",
    ]
    assert {it.claim_id for it in told} == {None}


def test_the_database_itself_wants_a_second_member(reviewed: make.Desk, claim: Claim) -> None:
    verdict: dict[str, Any] = {
        "claim": claim,
        "organization": reviewed.organization,
        "outcome": "verified",
    }
    [verdict["rationale"]] = keep(["Because."])
    by = {"issued_by": reviewed.checker}
    for confirmed_by, constraint in (
        (None, "confirmed by a second member"),
        (reviewed.checker, "verdict_confirmed_by_another"),
        (make.desk().checker, "by a member of it who may"),
    ):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Verdict.objects.create(**verdict, **by, confirmed_by=confirmed_by)


@pytest.mark.parametrize("move", [it.name for it in MOVES if it.of is Of.DRAFT])
def test_every_move_of_a_draft_is_there(checker: Api, claim: Claim, move: str) -> None:
    path = drafted(checker, claim)
    asked = checker.patch(path, {}) if move == "edit" else checker.post(f"{path}{move}/")
    assert asked.status_code in {400, 428}


def test_a_claim_tells_each_caller_what_they_may_do_with_it(
    desk: make.Desk, checker: Api, rival: Api, claim: Claim, as_member: Callable[[Member], Api]
) -> None:
    path = f"/claims/{claim.pk}/"
    reader = as_member(desk.reader)

    def moves() -> list[list[str] | None]:
        told = []
        for caller in (Api(), reader, checker, rival):
            moves = caller.read(path)["allowed_moves"]
            [listed] = caller.read("/claims/")["results"]
            assert listed["allowed_moves"] == moves
            told.append(moves)
        return told

    at_once = ["verify", "dispute", "leave_open", "draft"]
    assert moves() == [None, [], at_once, at_once]
    make.verdict(claim, desk.checker)
    assert moves() == [None, [], [*at_once[:3], "withdraw", "draft"], at_once]
    set_policy(desk, ReviewPolicy.EDITOR)
    assert moves() == [None, [], ["draft"], at_once]


def test_a_tag_stands_for_what_its_caller_may_do_and_names_one_version_for_all(
    desk: make.Desk, checker: Api, colleague: Api, claim: Claim
) -> None:
    path = f"/claims/{claim.pk}/"
    make.verdict(claim, desk.checker)
    numbered()
    tags = {caller.get(path)["ETag"] for caller in (Api(), checker, colleague)}
    assert len(tags) == 3
    for caller in (Api(), checker, colleague):
        tag = caller.etag(path)
        assert caller.get(path, if_none_match=tag).status_code == 304
        assert [caller.get(path, if_none_match=it).status_code for it in tags - {tag}] == [200] * 2
        assert "Authorization" in caller.get(path)["Vary"]
    # Whoever has read this version may judge by it, with whichever key it was read.
    judged = checker.post(f"{path}verify/", {"rationale": "So."}, if_match=Api().etag(path))
    assert judged.status_code == 201
    tag = checker.etag("/claims/")
    set_policy(desk, ReviewPolicy.SECOND_MEMBER)
    assert checker.get(path, if_none_match=checker.etag(path)).status_code == 304
    assert checker.get("/claims/", if_none_match=tag).status_code == 200


def test_what_a_claim_was_allows_no_moves(checker: Api, claim: Claim) -> None:
    last = numbered()
    assert checker.read(f"/claims/{claim.pk}/?as_of={last}")["allowed_moves"] is None
    assert checker.read(f"/claims/?as_of={last}")["results"][0]["allowed_moves"] is None
