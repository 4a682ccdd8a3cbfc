"""Facts that cannot all be true: which are listed, in which order, and that none is missed."""

import random
from typing import Any

import pytest
from django.db import transaction

from claims import values
from claims.actions.bulk import Asked, file_claims
from claims.actions.dossiers import import_dossier
from claims.formats import dossier, strict_json
from claims.models import Claim, Extent, Matter
from claims.queries.etags import etag
from claims.vocabulary import Outcome, RelationType
from tests import make
from tests.api.test_relations import at, decide
from tests.api.threads import at_once
from tests.conftest import Api, problem
from tests.contradictions import due, stored
from tests.dossiers import SEEDS
from tests.log import numbered
from tests.models.rows import run


def dated(value: str, subject: str = "the bridge", property: str = "opened on", **more: Any) -> Any:
    stated = {"subject": subject, "property": property, "value": value, "value_type": "date"}
    return make.fact(fact=stated, **more)


def counted(value: Any, unit: str | None = None, subject: str = "the bridge", **more: Any) -> Claim:
    fact = {"subject": subject, "property": "length", "value_type": "quantity", "unit": unit}
    return make.fact(fact={**fact, "value": value, **more})


def listed(api: Api, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.read(f"/conflicts/?{query}")["results"]
    return found


def named(conflict: dict[str, Any]) -> set[str]:
    return {it["id"] for it in conflict["claims"]}


def ids(*claims: Claim) -> set[str]:
    return {str(it.pk) for it in claims}


# One conflict


def test_facts_that_cannot_both_be_true_are_listed_with_all_that_they_tell(
    anyone: Api, desk: make.Desk
) -> None:
    speaker = make.speaker()
    one, _appearance = make.marked_fact(speaker=speaker.pk)
    other = make.fact(fact=make.FACT | {"value": "2017-12-09"})
    make.fact(fact=make.FACT | {"value": "2017-12"})  # which agrees with both
    make.verdict(one, desk.checker)
    [conflict] = listed(anyone)
    assert (conflict["kind"], conflict["state"], conflict["more"]) == ("values", "settled", False)
    assert conflict["subject"] == "liberation of Iraq from ISIS"
    assert conflict["property"] == "declared on"
    [pair] = conflict["pairs"]
    assert pair == {"claims": [str(other.pk), str(one.pk)], "state": "settled", "by_value": True}
    claims = {it["id"]: it for it in conflict["claims"]}
    assert claims.keys() == ids(one, other)
    assert claims[str(one.pk)] | {"allowed_moves": None} == anyone.read(at(one))
    assert claims[str(one.pk)]["speaker"]["name"] == speaker.name
    assert claims[str(one.pk)]["article"]["publisher"]["name"]
    assert [it["outcome"] for it in claims[str(one.pk)]["verdicts"]] == ["disputed"]
    assert anyone.read(f"/conflicts/{conflict['id']}/") == conflict


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (lambda: dated("2017-12"), lambda: dated("2017-12-10")),
        (lambda: dated("2017-12-10~"), lambda: dated("2017-12-09")),
        (lambda: counted("3", "years", approximate=True), lambda: counted("2.9", "سنوات")),
        (lambda: counted("8"), lambda: counted(None, lower="6")),
        (lambda: counted("8", "arches"), lambda: counted("9", "lanes")),
        (lambda: dated("2017-12-10"), lambda: dated("2017-12-09", property="closed on")),
        (lambda: dated("2017-12-10"), lambda: dated("2017-12-09", subject="another bridge")),
        (lambda: dated("2017-12-10"), lambda: counted("9")),
    ],
)
def test_what_can_be_true_at_once_is_not_listed(
    anyone: Api, db: None, one: Any, other: Any
) -> None:
    one(), other()
    assert listed(anyone) == []


def test_subject_and_property_are_folded(anyone: Api, db: None) -> None:
    claims = (
        dated("2019-05-03", subject="الجسر المُعلّق", property="تاريخ الافتتاح"),
        dated("2019-05-02", subject="الجسر  المعلق", property="تاريخ الإفتتاح"),
    )
    [conflict] = listed(anyone)
    assert named(conflict) == ids(*claims)
    assert conflict["subject"] == "الجسر المُعلّق"


def test_units_convert(anyone: Api, db: None) -> None:
    claims = counted("12", "km"), counted("7000", "م"), counted("6", "miles")
    [conflict] = listed(anyone)
    assert named(conflict) == ids(claims[0], claims[2])  # Pint knows no م


def test_the_seeds_disagree_about_the_liberation_of_iraq(anyone: Api, desk: make.Desk) -> None:
    for file in SEEDS:
        import_dossier(dossier.read(strict_json.loads(file.read_bytes())), by=desk.checker)
    assert due() == stored()
    conflicts = {it["subject"]: it for it in listed(anyone)}
    assert len(conflicts) == 2
    liberation = conflicts["liberation of Iraq from ISIS"]
    assert {
        it["fact"]["value"]: (it["status"], it["article"]["publisher"]["name"])
        for it in liberation["claims"]
    } == {
        "2017-12-09": ("verified", "Government of Iraq (gds.gov.iq)"),
        "2017-12-10": ("disputed", "Sputnik Arabic"),
    }
    assert conflicts["coalition pause of training in Iraq"]["state"] == "settled"


# What people say


def test_texts_and_entities_contradict_each_other_where_people_say_so(
    checker: Api, db: None
) -> None:
    facts = [
        make.fact(fact={"subject": "s", "property": "capital", "value": it, "value_type": "entity"})
        for it in ("Baghdad", "Basra", "بغداد")
    ]
    assert listed(checker) == []
    decide(checker, facts[0], "contradicts", facts[1])
    [conflict] = listed(checker)
    assert [it["by_value"] for it in conflict["pairs"]] == [False]
    assert named(conflict) == ids(*facts[:2])
    decide(checker, facts[1], "withdrawn", facts[0])
    assert listed(checker) == []


@pytest.mark.parametrize("relation", ["not_the_same", "narrows", "updates"])
def test_people_can_say_that_both_are_true(checker: Api, db: None, relation: str) -> None:
    one, other = dated("2019-05-03"), dated("2019-05-02")
    decide(checker, one, relation, other)
    assert listed(checker) == []
    third = dated("2019-05-04")
    [conflict] = listed(checker)
    assert {frozenset(it["claims"]) for it in conflict["pairs"]} == {
        frozenset(ids(one, third)),
        frozenset(ids(other, third)),
    }
    decide(checker, other, "withdrawn", one)
    assert len(listed(checker)[0]["pairs"]) == 3


def test_where_organizations_disagree_it_is_a_conflict(checker: Api, rival: Api, db: None) -> None:
    one, other = dated("2019-05-03"), dated("2019-05-02")
    decide(checker, one, "updates", other)
    decide(rival, one, "contradicts", other)
    assert len(listed(checker)) == 1
    assert due() == stored()


def test_facts_confirmed_as_the_same_join_what_they_are_about(checker: Api, db: None) -> None:
    english = dated("2019-05-03")
    arabic = dated("2019-05-03", subject="الجسر", property="تاريخ الافتتاح")
    later = dated("2019-05-04", subject="الجسر", property="تاريخ الافتتاح")
    earlier = dated("2019-05-02")
    assert len(listed(checker)) == 2
    decide(checker, arabic, "translation_of", english)
    [conflict] = listed(checker)
    assert named(conflict) == ids(english, arabic, later, earlier)
    assert frozenset(ids(later, earlier)) in {frozenset(it["claims"]) for it in conflict["pairs"]}
    assert due() == stored()
    # Whichever subject is asked for, and by either of the two ids.
    for subject in ("the bridge", "الجسر"):
        assert listed(checker, f"subject={subject}") == [conflict]
        property = {"the bridge": "opened on"}.get(subject, "تاريخ الافتتاح")
        matter = values.about(subject, property).matter
        assert checker.read(f"/conflicts/{matter}/") == conflict
    decide(checker, arabic, "withdrawn", english)
    assert len(listed(checker)) == 2
    assert due() == stored()


# As the record changes


def test_an_edit_makes_and_ends_a_conflict(checker: Api, db: None) -> None:
    one, other = dated("2019-05-03"), dated("2019-05-03")
    assert listed(checker) == []

    def edit(fact: dict[str, Any]) -> None:
        answer = checker.patch(
            at(other), {"text": "Words", "fact": fact}, if_match=checker.etag(at(other))
        )
        assert answer.status_code == 200, answer.content
        assert due() == stored()

    stated = {"subject": "the bridge", "property": "opened on", "value_type": "date"}
    edit(stated | {"value": "2019-05-02"})
    [conflict] = listed(checker)
    assert named(conflict) == ids(one, other)
    edit(stated | {"value": "2019-05-02", "subject": "another"})
    assert listed(checker) == []
    problem(checker.get(f"/conflicts/{conflict['id']}/"), "not-found", 404)


def test_an_edit_takes_a_confirmed_fact_to_another_matter(checker: Api, db: None) -> None:
    one, other = dated("2019-05-03"), dated("2019-05-03", subject="الجسر")
    decide(checker, one, "same", other)
    dated("2019-05-02", subject="الجسر")
    assert len(listed(checker)) == 1
    fact = {"subject": "a tunnel", "property": "opened on", "value": "1999", "value_type": "date"}
    body = {"text": "Words", "fact": fact}
    assert checker.patch(at(one), body, if_match=checker.etag(at(one))).status_code == 200
    assert due() == stored()
    dated("2001", subject="a tunnel")
    assert due() == stored()


def test_verified_facts_that_conflict_come_first(anyone: Api, desk: make.Desk) -> None:
    def conflict(subject: str, *outcomes: Outcome | None) -> None:
        for day, outcome in enumerate(outcomes, 1):
            claim = dated(f"2019-05-0{day}", subject)
            if outcome is not None:
                make.verdict(claim, desk.checker, outcome)

    verified, disputed = Outcome.VERIFIED, Outcome.DISPUTED
    conflict("both verified", verified, verified)
    conflict("one disputed", verified, disputed)
    conflict("none judged", None, None)
    conflict("one verified", verified, None)
    conflict("two of three verified", verified, disputed, verified)
    conflict("disputed", disputed, disputed)
    assert [(it["subject"], it["state"]) for it in listed(anyone)] == [
        ("two of three verified", "verified"),
        ("both verified", "verified"),
        ("one verified", "open"),
        ("none judged", "open"),
        ("disputed", "settled"),
        ("one disputed", "settled"),
    ]
    assert [it["subject"] for it in listed(anyone, "state=open")] == ["one verified", "none judged"]
    assert due() == stored()


def test_a_verdict_moves_a_conflict_and_its_withdrawal_moves_it_back(
    anyone: Api, desk: make.Desk
) -> None:
    one, other = dated("2019-05-03"), dated("2019-05-02")
    states = []
    for claim, outcome in (
        (one, Outcome.VERIFIED),
        (other, Outcome.VERIFIED),
        (other, Outcome.DISPUTED),
        (other, Outcome.INCONCLUSIVE),
        (one, Outcome.WITHDRAWN),
    ):
        make.verdict(claim, desk.checker, outcome)
        states.append(listed(anyone)[0]["state"])
        assert due() == stored()
    assert states == ["open", "verified", "settled", "open", "open"]


# Lists


@pytest.fixture
def many(db: None) -> list[Claim]:
    return [dated(f"2019-05-0{day}", f"bridge {n}") for n in range(7) for day in (1, 2)]


def test_pages_go_through_all_of_them_both_ways(anyone: Api, many: Any) -> None:
    whole = listed(anyone)
    assert len(whole) == 7
    first = anyone.read("/conflicts/?page_size=3")
    second = anyone.read(first["next"])
    third = anyone.read(second["next"])
    assert first["results"] + second["results"] + third["results"] == whole
    assert third["next"] is None
    assert anyone.read(second["previous"])["results"] == first["results"]


def test_a_page_costs_the_same_for_one_and_for_many(
    anyone: Api, many: Any, django_assert_num_queries: Any
) -> None:
    for query in ("page_size=1", "page_size=7", "page_size=7&status=unverified&language=en"):
        anyone.read(f"/conflicts/?{query}")
    with django_assert_num_queries(6) as one:
        anyone.read("/conflicts/?page_size=1")
    with django_assert_num_queries(len(one)):
        anyone.read("/conflicts/?page_size=7")
    for query in ("page_size=1", "page_size=7"):
        with django_assert_num_queries(8):
            anyone.read(f"/conflicts/?{query}&status=unverified&language=en")


def test_conflicts_are_found_by_their_facts(anyone: Api, desk: make.Desk) -> None:
    def conflict(day: int, **more: Any) -> None:
        dated(f"2019-05-0{day}", f"bridge {day}", **more)
        dated("2018", f"bridge {day}")

    article = make.article()
    speaker = make.speaker()
    conflict(1, appearance={"article": article.pk})
    conflict(2, language="ar-IQ")
    conflict(3, speaker=speaker.pk)
    conflict(4)
    make.verdict(Claim.objects.get(value="2019-05-04"), desk.checker, Outcome.VERIFIED)
    for query, found in {
        f"publisher={article.publisher_id}": 1,
        f"article={article.pk}": 1,
        "language=ar": 2,
        f"speaker={speaker.pk}": 3,
        "status=verified": 4,
        f"organization={desk.organization.pk}": 4,
        "subject=Bridge  1": 1,
    }.items():
        assert [it["subject"] for it in listed(anyone, query)] == [f"bridge {found}"], query
    assert len(listed(anyone, "property=OPENED on")) == 4
    assert listed(anyone, "property=closed on") == []
    assert listed(anyone, f"status=verified&speaker={speaker.pk}") == []


@pytest.mark.parametrize(
    "query", ["state=bad", "language=english", "publisher=1", "colour=red", "ordering=place"]
)
def test_a_parameter_that_is_wrong_is_refused(anyone: Api, db: None, query: str) -> None:
    problem(anyone.get(f"/conflicts/?{query}"), "bad-parameter", 400)


def test_who_has_a_list_or_a_document_already_is_told_so(anyone: Api, many: Any) -> None:
    numbered()
    for path in ("/conflicts/", f"/conflicts/{listed(anyone)[0]['id']}/"):
        tag = anyone.etag(path)
        assert anyone.get(path, if_none_match=tag).status_code == 304
    dated("2020", "bridge 1")
    assert anyone.get("/conflicts/", if_none_match=tag).status_code == 200


def test_of_very_many_facts_the_outermost_are_named(checker: Api, db: None) -> None:
    asked = [
        Asked(
            {
                "kind": "fact",
                "text": "Words",
                "language": "en",
                "fact": {
                    "subject": "the bridge",
                    "property": "opened on",
                    "value": str(year),
                    "value_type": "date",
                },
            }
        )
        for year in range(1900, 2000)
    ]
    file_claims(asked, by=None)
    [conflict] = listed(checker)
    assert conflict["more"]
    assert len(conflict["pairs"]) == 10
    assert {it["fact"]["value"] for it in conflict["claims"]} <= {
        *map(str, range(1900, 1903)),
        *map(str, range(1997, 2000)),
    }
    assert due() == stored()


# Whatever happens

HAPPENINGS = [*3 * ["fact"], *2 * ["verdict", "relation"], "quantity", "edit"]


def test_what_is_stored_is_what_follows_whatever_happens(checker: Api, desk: make.Desk) -> None:
    rng = random.Random(5)
    rivals = make.desk()
    for step in range(150):
        facts = list(Claim.objects.order_by("pk"))
        match rng.choice(HAPPENINGS):
            case "fact":
                value = rng.choice(["2019", "2019-05", "2019-05-03", "2019-05-02", "2018~", "20XX"])
                dated(value, rng.choice(["The bridge", "the bridge", "الجسر", "a road"]))
            case "quantity":
                ends = {"lower": "5"} if rng.random() < 0.3 else {}
                unit = rng.choice([None, "km", "miles", "lanes"])
                counted(rng.choice(["5", "6", "8"]), unit, approximate=rng.random() < 0.3, **ends)
            case "verdict" if facts:
                member = rng.choice([desk.checker, rivals.checker])
                outcomes = [it for it in Outcome if it != Outcome.WITHDRAWN]
                make.verdict(rng.choice(facts), member, rng.choice(outcomes))
            case "relation" if len(facts) > 1:
                one, other = rng.sample(facts, 2)
                member = rng.choice([desk.checker, rivals.checker])
                said = [it for it in RelationType if it != RelationType.WITHDRAWN]
                decide(Api(make.key(member)), one, rng.choice(said).value, other)
            case "edit" if facts:
                claim = rng.choice(facts)
                fact = {
                    "subject": rng.choice(["the bridge", "a road"]),
                    "property": "opened on",
                    "value": "2019-05-04",
                    "value_type": "date",
                }
                checker.patch(
                    at(claim), {"text": "Words", "fact": fact}, if_match=checker.etag(at(claim))
                )
        if step % 5 == 0:
            assert due() == stored()
    assert due() == stored()
    assert len(stored()) >= 2
    assert etag(Claim, facts[0].pk)


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("round_", range(3))
def test_facts_that_are_filed_at_once_find_each_other(round_: int) -> None:
    with transaction.atomic():
        apis = [Api(make.key(make.desk().checker)) for _ in range(8)]

    def file(api: Api, n: int) -> Any:
        fact = {
            "subject": f"bridge {n % 2}",
            "property": "opened on",
            "value": f"2019-05-0{n + 1}",
            "value_type": "date",
        }
        return api.made("/claims/", {"kind": "fact", "text": "x", "language": "en", "fact": fact})

    at_once([lambda api=api, n=n: file(api, n) for n, api in enumerate(apis)])
    assert len(stored()) == 2
    assert due() == stored()


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("round_", range(3))
def test_verdicts_relations_and_facts_at_once_leave_what_follows_from_them(round_: int) -> None:
    with transaction.atomic():
        apis = [Api(make.key(make.desk().checker)) for _ in range(9)]
        facts = [dated(f"2019-05-0{n + 1}", f"bridge {n % 3}") for n in range(6)]
    stated = {"property": "opened on", "value": "2001", "value_type": "date"}
    fact = {"kind": "fact", "text": "x", "language": "en"}
    calls = [
        *(
            lambda api=api, claim=claim: api.post(f"{at(claim)}verify/", {"rationale": "So it is."})
            for api, claim in zip(apis[:4], facts[:4], strict=True)
        ),
        *(
            lambda api=api, one=one, other=other: api.post(
                f"{at(one)}relations/", {"other": str(other.pk), "relation": "same"}
            )
            for api, one, other in zip(apis[4:6], facts[:2], (facts[2], facts[0]), strict=True)
        ),
        *(
            lambda api=api, n=n: api.post(
                "/claims/", {**fact, "fact": {**stated, "subject": f"bridge {n}"}}
            )
            for n, api in enumerate(apis[6:])
        ),
    ]
    answers = at_once(calls)
    assert [it.status_code for it in answers] == [201] * 9
    assert due() == stored()


def test_each_fact_has_one_extent_and_no_statement_has_any(db: None) -> None:
    make.statement()
    fact = make.fact()
    file_claims(
        [
            Asked({"kind": "fact", "text": "x", "language": "en", "fact": dict(make.FACT)}),
            Asked(
                {
                    "kind": "statement",
                    "text": "x",
                    "language": "en",
                    "speaker": str(make.speaker().pk),
                    "speech": "direct",
                }
            ),
        ],
        by=None,
    )
    assert Extent.objects.count() == Claim.objects.filter(kind="fact").count() == 2
    [one, other] = Extent.objects.order_by("claim").values_list("matter", "low", "high", "status")
    assert one == other
    assert fact.extent.matter == Matter.objects.get().pk
    assert run("SELECT count(*) FROM claims_matter WHERE place IS NOT NULL") == [(0,)]
