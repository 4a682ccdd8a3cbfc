"""People decide about pairs of claims: what stands, what follows, and that nothing is lost."""

from itertools import permutations
from typing import Any

import pytest
from django.db import transaction

from claims.models import Claim, Relation
from claims.queries.relations import cluster_of, decided_already, never_suggested
from claims.vocabulary import RelationType
from tests import make
from tests.api.threads import at_once, statuses
from tests.conftest import Api, places, problem
from tests.log import numbered

DECISIONS = [it.value for it in RelationType if it != RelationType.WITHDRAWN]


@pytest.fixture
def pair(db: None) -> tuple[Claim, Claim]:
    return make.fact(), make.statement()


def at(claim: Any) -> str:
    return f"/claims/{getattr(claim, 'pk', claim)}/"


def decide(api: Api, one: Any, relation: str, other: Any, **more: Any) -> Any:
    """By somebody who has read the claim as it is."""
    body = {"other": str(getattr(other, "pk", other)), "relation": relation, **more}
    return api.made(f"{at(one)}relations/", body, if_match=api.etag(at(one)))


# One decision


@pytest.mark.parametrize("relation", DECISIONS)
def test_each_relation_can_be_decided(
    checker: Api, desk: make.Desk, pair: Any, relation: str
) -> None:
    one, other = pair
    answer = checker.post(
        f"{at(one)}relations/",
        {
            "other": str(other.pk),
            "relation": relation,
            "score": 0.9312,
            "reasons": ["shared rare words: liberation", {"differs": "date", "weight": 0.5}],
        },
    )
    assert answer.status_code == 201
    made = answer.json()
    assert (made["claim"], made["other"]) == (str(one.pk), str(other.pk))
    assert (made["relation"], made["score"], made["stands"]) == (relation, 0.9312, True)
    assert made["reasons"] == [
        "shared rare words: liberation",
        {"differs": "date", "weight": "0.5"},
    ]
    assert made["organization"]["id"] == str(desk.organization.pk)
    assert made["decided_by"]["id"] == str(desk.checker.pk)
    assert made["supersedes"] is None
    assert checker.read(answer["Location"]) == made
    # Both claims tell it, in the words in which it was said.
    for claim in pair:
        assert checker.read(f"{at(claim)}relations/")["results"] == [made]


def test_a_decision_needs_neither_score_nor_reasons(checker: Api, pair: Any) -> None:
    made = decide(checker, pair[0], "same", pair[1])
    assert (made["score"], made["reasons"]) == (None, [])


def test_a_later_decision_supersedes_whichever_claim_it_names_first(
    checker: Api, pair: Any
) -> None:
    one, other = pair
    first = decide(checker, one, "same", other)
    second = decide(checker, other, "narrows", one)
    assert second["supersedes"] == first["id"]
    listed = checker.read(f"{at(one)}relations/")["results"]
    assert [(it["id"], it["stands"]) for it in listed] == [
        (second["id"], True),
        (first["id"], False),
    ]
    assert (listed[0]["claim"], listed[0]["relation"]) == (str(other.pk), "narrows")


def test_a_decision_can_be_withdrawn_and_made_again(checker: Api, pair: Any) -> None:
    one, other = pair
    decide(checker, one, "same", other)
    withdrawn = decide(checker, other, "withdrawn", one)
    assert withdrawn["stands"] is False
    assert cluster_of(one.pk) == set()
    path = f"{at(one)}relations/"
    refused = checker.post(path, {"other": str(other.pk), "relation": "withdrawn"})
    problem(refused, "relation-refused", 409)
    again = checker.made(path, {"other": str(other.pk), "relation": "same"})
    assert again["supersedes"] == withdrawn["id"]
    assert cluster_of(one.pk) == {other.pk}


def test_what_stands_is_superseded_only_by_who_has_read_it(
    checker: Api, colleague: Api, pair: Any
) -> None:
    one, other = pair
    read = colleague.etag(at(other))
    decide(checker, one, "same", other)
    body = {"other": str(one.pk), "relation": "not_the_same"}
    path = f"{at(other)}relations/"
    problem(colleague.post(path, body), "precondition-required", 428)
    problem(colleague.post(path, body, if_match=read), "precondition-failed", 412)
    assert colleague.post(path, body, if_match=colleague.etag(at(other))).status_code == 201


def test_each_organization_has_a_decision_of_its_own(checker: Api, rival: Api, pair: Any) -> None:
    one, other = pair
    decide(checker, one, "same", other)
    body = {"other": str(other.pk), "relation": "not_the_same"}
    assert rival.made(f"{at(one)}relations/", body)["supersedes"] is None
    standing = checker.read(f"{at(one)}relations/?stands=true")["results"]
    assert {it["relation"] for it in standing} == {"same", "not_the_same"}
    # One says no: they are in no cluster, and not suggested again.
    assert cluster_of(one.pk) == set()
    assert never_suggested(other.pk) == {one.pk}
    assert decided_already(one.pk) == {other.pk}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"relation": "same"}, "#/other"),
        ({"other": "{other}"}, "#/relation"),
        ({"other": "{other}", "relation": "alike"}, "#/relation"),
        ({"other": "{one}", "relation": "same"}, "#/other"),
        ({"other": "01900000-0000-7000-8000-000000000000", "relation": "same"}, "#/other"),
        ({"other": "x", "relation": "same"}, "#/other"),
        ({"other": "{other}", "relation": "same", "score": 1.01}, "#/score"),
        ({"other": "{other}", "relation": "same", "score": "0.5"}, "#/score"),
        ({"other": "{other}", "relation": "same", "score": True}, "#/score"),
        ({"other": "{other}", "relation": "same", "reasons": "words"}, "#/reasons"),
        ({"other": "{other}", "relation": "same", "reasons": [1]}, "#/reasons"),
        ({"other": "{other}", "relation": "same", "reasons": ["x" * 10_001]}, "#/reasons"),
        ({"other": "{other}", "relation": "same", "reasons": ["x"] * 51}, "#/reasons"),
        ({"other": "{other}", "relation": "same", "note": "x"}, "#/note"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    checker: Api, pair: Any, body: dict[str, Any], place: str
) -> None:
    one, other = pair
    ids = {"{one}": str(one.pk), "{other}": str(other.pk)}
    sent = {name: ids.get(it, it) if isinstance(it, str) else it for name, it in body.items()}
    refused = problem(checker.post(f"{at(one)}relations/", sent), "invalid", 400)
    assert places(refused) == {place}
    assert not Relation.objects.exists()


def test_numbers_in_reasons_come_through_or_as_text(checker: Api, pair: Any) -> None:
    reasons = [{"shared": 3, "more": [2**60, -0.25, None, True]}]
    made = decide(checker, pair[0], "same", pair[1], reasons=reasons)
    assert made["reasons"] == [{"shared": 3, "more": [str(2**60), "-0.25", None, True]}]


def test_lists_are_filtered(checker: Api, rival: Api, db: None) -> None:
    one, *others = (make.fact() for _ in range(4))
    for relation, other in zip(("same", "updates", "same"), others, strict=True):
        decide(checker, other, relation, one)
    decide(rival, one, "updates", others[0])
    path = f"{at(one)}relations/"
    assert len(checker.read(path)["results"]) == 4
    assert len(checker.read(f"{path}?relation=same")["results"]) == 2
    organization = checker.read(f"{path}?relation=same")["results"][0]["organization"]["id"]
    assert len(checker.read(f"{path}?organization={organization}")["results"]) == 3
    assert checker.read(f"{path}?stands=false")["results"] == []
    page = checker.read(f"{path}?page_size=3")
    assert len(checker.read(page["next"])["results"]) == 1


# Changes


def test_a_decision_is_a_change_of_both_claims(checker: Api, pair: Any) -> None:
    numbered()
    made = decide(checker, pair[0], "contradicts", pair[1])
    decide(checker, pair[1], "withdrawn", pair[0])
    numbered()
    for claim in pair:
        happened = checker.read(f"{at(claim)}history/")["results"]
        told = [it for it in happened if it["type"].startswith("relation.")]
        assert [it["type"] for it in told] == ["relation.decided", "relation.withdrawn"]
        assert told[0]["subject"] == made["id"]
        assert told[0]["document"]["relation"] == "contradicts"
        assert told[0]["claim"] == str(claim.pk)
    feed = checker.read("/changes/?type=relation.decided")["results"]
    assert [it["subject"] for it in feed] == [made["id"]] * 2
    assert checker.read(f"{at(pair[0])}relations/{made['id']}/")["number"] == feed[0]["number"]


def test_the_claims_show_that_they_changed(checker: Api, pair: Any) -> None:
    before = [(checker.etag(at(it)), checker.read(at(it))) for it in pair]
    made = decide(checker, pair[0], "same", pair[1])
    for claim, (tag, read) in zip(pair, before, strict=True):
        assert checker.etag(at(claim)) != tag
        assert checker.read(at(claim))["changed_at"] > read["changed_at"]
        assert checker.read(at(claim))["status"] == read["status"]
    assert made["decided_at"] >= before[0][1]["changed_at"]


def test_claims_are_found_by_what_was_decided(checker: Api, pair: Any) -> None:
    one, other = pair
    third = make.fact()
    decide(checker, one, "same", other)
    decide(checker, third, "contradicts", one)

    def found(query: str) -> set[str]:
        return {it["id"] for it in checker.read(f"/claims/?{query}")["results"]}

    assert found(f"same_as={one.pk}") == {str(other.pk)}
    assert found(f"related_to={one.pk}") == {str(other.pk), str(third.pk)}
    assert found(f"related_to={one.pk}&kind=fact") == {str(third.pk)}
    assert found(f"related_to={other.pk}") == {str(one.pk)}
    numbered()
    then = checker.read("/changes/?page_size=200")["last"]
    decide(checker, one, "withdrawn", other)
    numbered()
    assert found(f"related_to={one.pk}") == {str(third.pk)}
    assert found(f"related_to={one.pk}&as_of={then}") == {str(other.pk), str(third.pk)}
    refused = checker.get(f"/claims/?same_as={one.pk}&as_of={then}")
    problem(refused, "bad-parameter", 400)


# Clusters


def confirm(api: Api, claims: str, facts: dict[str, Any]) -> None:
    """ "A=B A#C": confirmed as the same, marked as not the same."""
    for said in claims.split():
        one, sign, other = said
        relation = {"=": "same", "#": "not_the_same"}[sign]
        decide(api, facts[one], relation, facts[other])


def clusters(facts: dict[str, Any]) -> dict[str, str]:
    names = {it.pk: name for name, it in facts.items()}
    return {
        name: "".join(sorted(names[pk] for pk in cluster_of(it.pk))) for name, it in facts.items()
    }


@pytest.mark.parametrize(
    ("said", "together"),
    [
        ("A=B B=C", {"A": "BC", "B": "AC", "C": "AB", "D": ""}),
        # B is in one cluster with A, and in another one with C.
        ("A=B B=C A#C", {"A": "B", "B": "AC", "C": "B", "D": ""}),
        # Over C alone: so A and D are not in one.
        ("A=B B=C C=D A#C", {"A": "B", "B": "ACD", "C": "BD", "D": "BC"}),
        # There is another way from A to D.
        ("A=B B=C C=D B=D A#C", {"A": "BD", "B": "ACD", "C": "BD", "D": "ABC"}),
        ("A=B C=D A#D", {"A": "B", "B": "A", "C": "D", "D": "C"}),
    ],
)
def test_who_is_in_one_cluster_does_not_depend_on_the_order_of_decisions(
    checker: Api, said: str, together: dict[str, str], db: None
) -> None:
    orders = list(permutations(said.split()))
    for order in orders[:: max(1, len(orders) // 6)]:
        facts = {name: make.fact() for name in "ABCD"}
        confirm(checker, " ".join(order), facts)
        assert clusters(facts) == together


def test_a_translation_says_the_same(checker: Api, pair: Any) -> None:
    decide(checker, pair[0], "translation_of", pair[1])
    assert cluster_of(pair[1].pk) == {pair[0].pk}


# At once


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("round_", range(3))
def test_of_two_who_decide_at_once_in_either_order_one_is_accepted_and_the_other_told(
    round_: int,
) -> None:
    with transaction.atomic():
        desk, one, other = make.desk(), make.fact(), make.fact()
        apis = [Api(make.key(it)) for it in (desk.checker, desk.editor)]
    ways = [(one, other), (other, one)]
    first = at_once(
        [
            lambda api=api, a=a, b=b: api.post(
                f"{at(a)}relations/", {"other": str(b.pk), "relation": "same"}
            )
            for api, (a, b) in zip(apis, ways, strict=True)
        ]
    )
    assert statuses(first) == {201: 1, 428: 1}
    tags = [apis[0].etag(at(claim)) for claim in (one, other)]
    second = at_once(
        [
            lambda api=api, a=a, b=b, tag=tag: api.post(
                f"{at(a)}relations/",
                {"other": str(b.pk), "relation": "not_the_same"},
                if_match=tag,
            )
            for api, (a, b), tag in zip(apis, ways, tags, strict=True)
        ]
    )
    assert statuses(second) == {201: 1, 412: 1}
    assert Relation.objects.count() == 2


@pytest.mark.usefixtures("committed")
def test_many_organizations_decide_at_once_and_none_is_lost() -> None:
    with transaction.atomic():
        one, other = make.fact(), make.fact()
        apis = [Api(make.key(make.desk().checker)) for _ in range(8)]
    answers = at_once(
        [
            lambda api=api, a=a, b=b: api.post(
                f"{at(a)}relations/", {"other": str(b.pk), "relation": "same"}
            )
            for api, (a, b) in zip(apis, [(one, other), (other, one)] * 4, strict=True)
        ]
    )
    assert statuses(answers) == {201: 8}
    assert Relation.objects.standing().count() == 8
    numbered()
    history = apis[0].read(f"{at(one)}history/")["results"]
    assert sum(it["type"] == "relation.decided" for it in history) == 8
