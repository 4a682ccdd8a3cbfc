"""What may be done next, told and tried: who × policy × how a claim or a draft stands × move.

What is expected follows from a few rules (`tests/rules.py`), not from the table of
`claims/moves.py`. Each document says by `allowed_moves` what its reader may do: each of these
succeeds when it is tried, each other one is refused by its rule.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from claims.actions import erasing
from claims.actions.desks import add_member, edit_member
from claims.actions.drafts import return_draft, withdraw_draft
from claims.errors import RULES, Forbidden, for_constraint
from claims.models import Claim, Draft, Member
from claims.moves import Rule
from claims.queries.etags import etag
from claims.vocabulary import Outcome, ReviewPolicy, Role
from tests import make
from tests.api.test_drafts import set_policy
from tests.api.test_rights import signed_in_as
from tests.conftest import Api, problem
from tests.models.rows import run, undone
from tests.rules import MOVES_OF_CLAIM, MOVES_OF_DRAFT, rule_of_claim, rule_of_draft

ROLES = ("reader", "checker", "editor", "admin")
POLICIES = ("none", "second_member", "editor")
FINDING = {"rationale": "The ministry says so."}

# A claim


def try_claim(api: Api, claim: str, move: str, tag: str) -> Any:
    path = f"/claims/{claim}/"
    if move == "draft":
        return api.post("/drafts/", FINDING | {"claim": claim, "outcome": "verified"})
    if move == "leave_open":
        return api.post(f"{path}verdicts/", FINDING | {"outcome": "inconclusive"}, if_match=tag)
    return api.post(f"{path}{move}/", FINDING, if_match=tag)


def outcome_of(response: Any, made: int) -> str | None:
    """None where it was made, else the rule that forbade it."""
    if response.status_code == made:
        return None
    document = response.json()
    slug = document["type"].rpartition("/")[2]
    kinds = {"forbidden", "verdict-refused", "draft-refused", "duplicate", "label-not-on-scale"}
    assert slug in kinds, document
    problem(response, slug, 403 if slug == "forbidden" else 409)
    return str(document["rule"])


@dataclass
class Situation:
    """How a claim stands, to `own` and to `foreign`: what stands of each, and who has a draft."""

    own: str | None = None
    foreign: str | None = None
    own_draft: bool = False
    foreign_draft: bool = False

    def made(self, own: make.Desk, foreign: make.Desk) -> str:
        claim = make.fact(text=f"A fact, {next(make.numbers)}")
        for desk, outcome in ((own, self.own), (foreign, self.foreign)):
            if outcome == "withdrawn":
                make.verdict(claim, desk.checker)
            if outcome is not None:
                make.verdict(claim, desk.checker, Outcome(outcome))
        for desk, drafted in ((own, self.own_draft), (foreign, self.foreign_draft)):
            if drafted:
                make.draft(claim, desk.checker)
        return str(claim.pk)


SITUATIONS = {
    "without a verdict": Situation(),
    "with a draft of one's own": Situation(own_draft=True),
    "with a draft of others": Situation(foreign_draft=True),
    "verified": Situation(own="verified"),
    "disputed": Situation(own="disputed"),
    "inconclusive": Situation(own="inconclusive"),
    "withdrawn": Situation(own="withdrawn"),
    "verified by others": Situation(foreign="verified"),
    "contested, with drafts of both": Situation("verified", "disputed", True, True),
}


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("named", SITUATIONS)
def test_what_a_claim_allows_is_made_and_all_else_is_refused_by_its_rule(
    db: None, named: str, policy: str
) -> None:
    own, foreign, situation = make.desk(), make.desk(), SITUATIONS[named]
    claim = situation.made(own, foreign)
    set_policy(own, ReviewPolicy(policy))
    assert Api().read(f"/claims/{claim}/")["allowed_moves"] is None
    sides = (
        (own, policy, situation.own, situation.own_draft),
        # As it would be without the other desk.
        (foreign, "none", situation.foreign, situation.foreign_draft),
    )
    for desk, its_policy, stands, drafted in sides:
        for role in ROLES:
            api = Api(make.key(desk[Role(role)]))
            expected = {
                move: rule_of_claim(
                    move,
                    role,
                    its_policy,
                    stands=stands not in (None, "withdrawn"),
                    drafted=drafted,
                )
                for move in MOVES_OF_CLAIM
            }
            read = api.get(f"/claims/{claim}/")
            told = read.json()["allowed_moves"]
            # A draft that is there already is told by its list, and by whoever refuses another.
            assert told == [it for it in MOVES_OF_CLAIM if expected[it] in (None, "one-draft")]
            signed_in = signed_in_as(desk[Role(role)])
            assert signed_in.read(f"/claims/{claim}/")["allowed_moves"] == told
            # That the policy of one desk is nothing to the other is tried where it matters most.
            at_home = desk is own
            callers = [api] if at_home or policy == "editor" else []
            callers += [signed_in] if at_home and policy == "none" else []
            for caller in callers:
                tried = {}
                for move in MOVES_OF_CLAIM:
                    with undone():
                        answer = try_claim(caller, claim, move, read["ETag"])
                        tried[move] = outcome_of(answer, made=201)
                assert tried == expected, (desk is own, role)


# A draft

STATES = ("open", "returned", "confirmed", "withdrawn")


def try_draft(api: Api, draft: str, move: str, tag: str) -> Any:
    path = f"/drafts/{draft}/"
    if move == "edit":
        # By no label, which is on every scale.
        return api.patch(path, {"rationale": "Otherwise.", "label": None}, if_match=tag)
    body = {"reasons": "Which day?"} if move == "return" else None
    return api.post(f"{path}{move}/", body, if_match=tag)


def in_state(draft: Draft, state: str, decider: Member) -> None:
    """An open one, brought there."""
    tag = etag(Draft, draft.pk)
    assert tag is not None
    seen: Any = {"draft_id": draft.pk, "if_match": frozenset({tag})}
    if state == "returned":
        return_draft(**seen, by=decider, reasons="Which day?")
    elif state == "confirmed":
        make.confirmed(draft, decider)
    elif state == "withdrawn":
        author = Member.objects.select_related("organization").get(pk=draft.created_by_id)
        withdraw_draft(**seen, by=author)


def edited(member: Member, by: Member, **changes: Any) -> None:
    tag = etag(Member, member.pk)
    assert tag is not None
    edit_member(member_id=member.pk, changes=changes, by=by, if_match=frozenset({tag}))


# What became of its author meanwhile.
STAYS, DEMOTED, LEFT = "stays", "is a reader now", "has left"


def authors(desk: make.Desk) -> Iterator[tuple[Member, str]]:
    for role in ("checker", "editor", "admin"):
        yield desk[Role(role)], STAYS
    for fate in (DEMOTED, LEFT):
        organization = desk.organization
        yield (
            add_member(organization=organization, name="Of late", role=Role.CHECKER, by=None),
            fate,
        )


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("state", STATES)
def test_what_a_draft_allows_is_made_and_all_else_is_refused_by_its_rule(
    db: None, state: str, policy: str
) -> None:
    desk = make.desk()
    decider = add_member(organization=desk.organization, name="B", role=Role.EDITOR, by=None)
    set_policy(desk, ReviewPolicy(policy))
    members = {role: desk[Role(role)] for role in ROLES}
    keys = {member.pk: Api(make.key(member)) for member in members.values()}
    for author, fate in authors(desk):
        draft = make.draft(make.fact(), author)
        in_state(draft, state, decider)
        callers = dict(members)
        if fate == DEMOTED:
            keys[author.pk] = Api(make.key(author))
            edited(author, desk.admin, role=Role.READER)
            callers["the author"] = author
        elif fate == LEFT:
            edited(author, desk.admin, ended=True)
        for role, caller in callers.items():
            api = keys[caller.pk]
            expected = {
                move: rule_of_draft(
                    move,
                    "reader" if role == "the author" else role,
                    policy,
                    state,
                    own=caller == author,
                    orphaned=fate != STAYS,
                )
                for move in MOVES_OF_DRAFT
            }
            check_draft(api, str(draft.pk), expected, (author.role, fate, role))


@pytest.mark.parametrize("state", STATES)
def test_a_draft_of_others_is_not_there_however_it_stands(db: None, state: str) -> None:
    desk, foreign = make.desk(), make.desk()
    draft = make.draft(make.fact(), desk.checker)
    in_state(draft, state, desk.editor)
    for role in ROLES:
        stranger = Api(make.key(foreign[Role(role)]))
        problem(stranger.get(f"/drafts/{draft.pk}/"), "not-found", 404)
        assert stranger.read("/drafts/")["results"] == []
        for move in MOVES_OF_DRAFT:
            answer = try_draft(stranger, str(draft.pk), move, '"x"')
            if role == "reader":
                # Who may move none is told that first, of which ever draft.
                assert problem(answer, "forbidden", 403)["rule"] == "role"
            else:
                problem(answer, "not-found", 404)
    for move in MOVES_OF_DRAFT:
        problem(try_draft(Api(), str(draft.pk), move, '"x"'), "not-authenticated", 401)


def check_draft(api: Api, draft: str, expected: dict[str, str | None], who: Any) -> None:
    read = api.get(f"/drafts/{draft}/")
    told = read.json()["allowed_moves"]
    assert told == [it for it in MOVES_OF_DRAFT if expected[it] is None], who
    [listed] = [it for it in api.read("/drafts/?page_size=200")["results"] if it["id"] == draft]
    assert listed["allowed_moves"] == told
    tried = {}
    for move in MOVES_OF_DRAFT:
        with undone():
            tried[move] = outcome_of(try_draft(api, draft, move, read["ETag"]), made=200)
    assert tried == expected, who


def test_what_the_database_refuses_in_a_race_has_its_rule_as_well() -> None:
    assert set(RULES.values()) <= {rule.value for rule in Rule}
    for constraint, rule in RULES.items():
        assert for_constraint(constraint).more == {"rule": rule}


def test_what_may_be_done_next_with_each_claim_of_a_list_costs_no_more_statements(
    desk: make.Desk,
) -> None:
    def statements(api: Api) -> int:
        api.read("/claims/?page_size=200")  # what is made once
        with CaptureQueriesContext(connection) as asked:
            told = api.read("/claims/?page_size=200")["results"]
        assert all(
            (it["allowed_moves"] is None) == ("authorization" not in api.headers) for it in told
        )
        return len(asked)

    anyone, checker = Api(), Api(make.key(desk.checker))
    make.verdict(make.fact(), desk.checker)
    few = statements(anyone), statements(checker)
    for outcome in (Outcome.VERIFIED, Outcome.DISPUTED) * 5:
        make.verdict(make.fact(), desk.checker, outcome)
    assert (statements(anyone), statements(checker)) == few
    assert few[1] == few[0] + 1  # whose the key is


def test_a_403_cannot_be_made_without_its_rule() -> None:
    """That it is one of the table's is looked at with each 403 that any test gets (`problem`)."""
    with pytest.raises(TypeError, match="rule"):
        Forbidden("You may not.")  # type: ignore[call-arg]


@pytest.mark.parametrize("role", ["editor", "admin"])
def test_who_changes_another_organization_is_refused_by_its_rule(
    desk: make.Desk, role: str
) -> None:
    api, path = Api(make.key(make.desk()[Role(role)])), f"/organizations/{desk.organization.pk}/"
    for refused in (
        api.patch(path, {"review_policy": "none"}, if_match=api.etag(path)),
        api.send("PUT", f"{path}scale/", {"ratings": []}),
    ):
        assert problem(refused, "forbidden", 403)["rule"] == "its-own-editors"


@pytest.mark.parametrize("stands", [None, "disputed", "withdrawn"])
def test_a_drafted_withdrawal_is_confirmed_only_where_something_stands(
    desk: make.Desk, stands: str | None
) -> None:
    claim: Claim = make.fact()
    if stands is not None:
        make.verdict(claim, desk.checker)
    draft = make.draft(claim, desk.checker, Outcome.WITHDRAWN)
    if stands == "withdrawn":
        make.verdict(claim, desk.editor, Outcome.WITHDRAWN)
    for role in ROLES:
        member = desk[Role(role)]
        expected = {
            move: rule_of_draft(
                move,
                role,
                "none",
                "open",
                own=member == desk.checker,
                hollow=stands != "disputed",
            )
            for move in MOVES_OF_DRAFT
        }
        check_draft(Api(make.key(member)), str(draft.pk), expected, role)


def rules_of(
    desk: make.Desk, state: str, policy: str, **how: bool
) -> Iterator[tuple[Member, dict[str, str | None]]]:
    """Of each member, for a draft of the checker's."""
    for role in ROLES:
        member = desk[Role(role)]
        own = member == desk.checker
        yield (
            member,
            {it: rule_of_draft(it, role, policy, state, own=own, **how) for it in MOVES_OF_DRAFT},
        )


LABELS: list[dict[str, Any]] = [
    {"labels": {"en": "True", "ar": "صحيح"}, "outcome": "verified"},
    {"labels": {"en": "Half so", "ckb": "Almost"}, "outcome": "disputed"},
]


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("outcome", ["verified", "disputed", "withdrawn"])
@pytest.mark.parametrize("label", [None, "صحيح", "Almost", "Never heard"])
def test_a_draft_is_confirmed_only_where_its_label_is_on_the_scale_of_that_moment(
    desk: make.Desk, label: str | None, outcome: str, policy: str
) -> None:
    claim = make.fact()
    make.verdict(claim, desk.editor)
    set_policy(desk, ReviewPolicy(policy))
    draft = make.draft(claim, desk.checker, Outcome(outcome), label=label)
    make.scale(make.desk().editor)  # that of others is nothing to it
    for ratings in ([], LABELS, LABELS[1:], []):
        make.scale(desk.editor, ratings)
        stands_for = [it["outcome"] for it in ratings if label in it["labels"].values()]
        on = label is None or not ratings or stands_for == [outcome]
        for member, expected in rules_of(desk, "open", policy, off_scale=not on):
            check_draft(Api(make.key(member)), str(draft.pk), expected, (ratings, member.role))


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("state", ["open", "returned"])
def test_of_a_draft_that_a_law_forced_out_no_more_is_made(state: str, policy: str) -> None:
    with transaction.atomic():
        desk = make.desk()
        set_policy(desk, ReviewPolicy(policy))
        draft = make.draft(make.fact(), desk.checker)
        in_state(draft, state, desk.editor)
    gone = "UPDATE claims_content SET text = NULL, erased_at = now() WHERE id = ANY(%s)"
    run(gone, [erasing.draft(draft.pk)], using="owner")
    for member, expected in rules_of(desk, state, policy, erased=True):
        check_draft(Api(make.key(member)), str(draft.pk), expected, (state, member.role))


def test_what_may_be_done_with_each_draft_of_a_list_costs_no_more_statements(
    desk: make.Desk,
) -> None:
    api = Api(make.key(desk.editor))

    def statements() -> int:
        api.read("/drafts/?page_size=200")  # what is made once
        with CaptureQueriesContext(connection) as asked:
            api.read("/drafts/?page_size=200")
        return len(asked)

    make.scale(desk.editor)
    make.draft(make.fact(), desk.checker, label="False")
    few = statements()
    for _number in range(5):
        make.draft(make.fact(), desk.checker, label="False")
    make.scale(desk.editor, LABELS)
    assert statements() == few
    told = {tuple(it["allowed_moves"]) for it in api.read("/drafts/")["results"]}
    assert told == {("return",)}
