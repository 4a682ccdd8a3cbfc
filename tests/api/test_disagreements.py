"""Several organizations judge one claim: its status, and who disagrees, as verdicts come and go."""

import random
from itertools import combinations
from typing import Any

import pytest

from tests import make
from tests.conftest import Api
from tests.log import numbered

OUTCOMES = ("verified", "disputed", "inconclusive")
FINDING = {"rationale": "As the ministry says."}
DISAGREEMENTS = "/claims/?status=contested&page_size=200"


class Desks:
    """Some organizations, and what stands of each on each claim: reckoned by the rule alone."""

    def __init__(self, count: int, claims: int) -> None:
        self.apis: dict[str, Api] = {}
        self.names: dict[str, str] = {}
        for _number in range(count):
            desk = make.desk()
            organization = str(desk.organization.pk)
            self.apis[organization] = Api(make.key(desk.checker))
            self.names[organization] = desk.organization.name
        self.claims = [str(make.fact(text=f"A fact, {n}").pk) for n in range(claims)]
        # By claim: what each organization finds, in the order in which they found it.
        self.standing: dict[str, dict[str, str]] = {claim: {} for claim in self.claims}

    def move(self, organization: str, claim: str, outcome: str) -> None:
        api, path = self.apis[organization], f"/claims/{claim}/"
        body = FINDING | {"outcome": outcome}
        response = api.post(f"{path}verdicts/", body, if_match=Api().etag(path))
        assert response.status_code == 201, response.content.decode()
        self.standing[claim].pop(organization, None)
        if outcome != "withdrawn":
            self.standing[claim][organization] = outcome

    def status(self, claim: str) -> str:
        found = set(self.standing[claim].values())
        if not found:
            return "unverified"
        decided = found - {"inconclusive"}
        return {
            frozenset(): "inconclusive",
            frozenset({"verified"}): "verified",
            frozenset({"disputed"}): "disputed",
        }.get(frozenset(decided), "contested")

    def sides(self, claim: str) -> Any:
        if self.status(claim) != "contested":
            return None
        return {
            side: [
                self.named(it) for it, outcome in self.standing[claim].items() if outcome == side
            ]
            for side in ("verified", "disputed")
        }

    def named(self, organization: str) -> dict[str, str]:
        return {"id": organization, "name": self.names[organization]}

    def check(self) -> None:
        """That the list of disagreements, and each claim, tell what stands."""
        anyone = Api()
        contested = [it for it in self.claims if self.status(it) == "contested"]
        listed = anyone.read(DISAGREEMENTS)["results"]
        assert {it["id"] for it in listed} == set(contested)
        for told in [*listed, *(anyone.read(f"/claims/{claim}/") for claim in self.claims)]:
            assert told["status"] == self.status(told["id"])
            assert told["disagreement"] == self.sides(told["id"])
            shown = {it["organization"]["id"]: it["outcome"] for it in told["verdicts"]}
            assert list(shown.items()) == list(self.standing[told["id"]].items())


def test_a_claim_says_who_disagrees_from_the_verdict_that_contradicts_to_its_withdrawal(
    db: None,
) -> None:
    desks = Desks(count=4, claims=1)
    [claim], (one, two, three, four) = desks.claims, desks.apis
    for organization, outcome, status in (
        (one, "verified", "verified"),
        (two, "inconclusive", "verified"),
        (three, "disputed", "contested"),
        (four, "disputed", "contested"),
        (two, "verified", "contested"),
        (one, "withdrawn", "contested"),
        (two, "inconclusive", "disputed"),
        (two, "verified", "contested"),
        (three, "withdrawn", "contested"),
        (four, "withdrawn", "verified"),
    ):
        desks.move(organization, claim, outcome)
        assert Api().read(f"/claims/{claim}/")["status"] == status
        desks.check()


def test_who_could_not_decide_is_on_no_side(db: None) -> None:
    desks = Desks(count=3, claims=1)
    for organization, outcome in zip(desks.apis, OUTCOMES, strict=True):
        desks.move(organization, desks.claims[0], outcome)
    [told] = Api().read(DISAGREEMENTS)["results"]
    named = [it["id"] for side in told["disagreement"].values() for it in side]
    assert [it["outcome"] for it in told["verdicts"]] == list(OUTCOMES)
    assert named == list(desks.apis)[:2]


@pytest.mark.parametrize("seed", range(3))
def test_the_list_of_disagreements_changes_with_each_verdict(db: None, seed: int) -> None:
    chance = random.Random(seed)
    desks = Desks(count=3, claims=4)
    for _turn in range(25):
        claim, organization = chance.choice(desks.claims), chance.choice(list(desks.apis))
        stands = organization in desks.standing[claim]
        desks.move(organization, claim, chance.choice([*OUTCOMES, *["withdrawn"] * stands]))
        desks.check()


def test_a_disagreement_of_the_past_is_told_as_it_was(db: None) -> None:
    desks = Desks(count=2, claims=1)
    [claim], (one, two) = desks.claims, desks.apis
    desks.move(one, claim, "verified")
    desks.move(two, claim, "disputed")
    sides, then = desks.sides(claim), numbered()
    desks.move(two, claim, "withdrawn")
    numbered()
    assert Api().read(f"/claims/{claim}/")["disagreement"] is None
    assert Api().read(f"/claims/{claim}/?as_of={then}")["disagreement"] == sides
    [listed] = Api().read(f"/claims/?status=contested&as_of={then}")["results"]
    assert listed["disagreement"] == sides


def test_the_list_is_narrowed_to_one_organization_and_one_side(db: None) -> None:
    desks = Desks(count=3, claims=3)
    # Each two of them disagree about one claim, the first of the two verifying it.
    pairs = dict(zip(desks.claims, combinations(desks.apis, 2), strict=True))
    for claim, (one, two) in pairs.items():
        desks.move(one, claim, "verified")
        desks.move(two, claim, "disputed")
    for organization in desks.apis:
        for outcome, place in (("verified", 0), ("disputed", 1)):
            asked = f"{DISAGREEMENTS}&organization={organization}&outcome={outcome}"
            found = {it["id"] for it in Api().read(asked)["results"]}
            assert found == {claim for claim, pair in pairs.items() if pair[place] == organization}
