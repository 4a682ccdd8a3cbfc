import orjson
import pytest

from claims.models import Claim, DossierEntry
from tests import make
from tests.conftest import Api, places, problem
from tests.dossiers import changed, rows, small

PATH = "/imports/dossier/"


def imported(api: Api, document: object, **headers: str) -> object:
    response = api.post(PATH, document, **headers)
    assert response.status_code == 200, response.content.decode()
    return response.json()


def test_a_checker_imports_a_dossier_and_reads_its_claims(checker: Api) -> None:
    assert imported(checker, small()) == {
        "added": {"publisher": 1, "speaker": 2, "article": 1, "claim": 2, "verdict": 2},
        "known": {},
        "changed": [],
        "left_out": [],
    }
    [claim] = checker.read("/claims/?kind=statement")["results"]
    assert claim["speaker"]["name"] == "A spokesman"
    assert claim["appearance"]["exact"] == "We struck the bridge on 3 May 2021."
    assert [link["name"] for link in claim["appearance"]["relayed_by"]] == ["Agency"]
    [fact] = checker.read("/claims/?kind=fact&status=verified")["results"]
    assert fact["id"] in orjson.dumps(claim["asserts"]).decode()


def test_importing_again_adds_nothing(checker: Api, colleague: Api) -> None:
    first = imported(checker, small())
    before = rows()
    again = imported(colleague, small())
    assert isinstance(first, dict)
    assert again == {"added": {}, "known": first["added"], "changed": [], "left_out": []}
    assert rows() == before


def test_another_organization_adds_its_own_verdicts_only(checker: Api, rival: Api) -> None:
    imported(checker, small())
    summary = imported(rival, small())
    assert isinstance(summary, dict)
    assert summary["added"] == {"verdict": 2}
    [fact] = rival.read("/claims/?kind=fact")["results"]
    assert len(fact["verdicts"]) == 2


def test_an_entry_with_other_words_is_told(checker: Api) -> None:
    imported(checker, small())
    summary = imported(checker, changed("claims/0/text", "Another"))
    assert isinstance(summary, dict)
    assert summary["changed"] == ["claim we-struck"]
    assert not Claim.objects.filter(text="Another").exists()


def test_a_verdict_given_by_hand_stands_and_the_import_says_so(checker: Api) -> None:
    without = small()
    del without["claims"][1]["verdicts"]
    imported(checker, without)
    [fact] = checker.read("/claims/?kind=fact")["results"]
    checker.made(f"/claims/{fact['id']}/dispute/", {"rationale": "It stood on 4 May."})
    summary = imported(checker, small())
    assert isinstance(summary, dict)
    assert summary["left_out"] == ["verdict strike-date/0", "verdict strike-date/1"]
    assert checker.read(f"/claims/{fact['id']}/")["status"] == "disputed"


@pytest.mark.parametrize(
    ("place", "value", "slug", "status", "pointer"),
    [
        ("claims/1/speaker", "nobody", "invalid", 400, "#/claims/1/speaker"),
        (
            "claims/1/appearances/0/exact",
            "We spared it",
            "passage-not-found",
            409,
            "#/claims/1/appearances/0/exact",
        ),
        (
            "claims/1/appearances/0/exact",
            "e",
            "passage-ambiguous",
            409,
            "#/claims/1/appearances/0/exact",
        ),
        (
            "claims/1/verdicts/0/outcome",
            "withdrawn",
            "verdict-refused",
            409,
            "#/claims/1/verdicts/0",
        ),
        ("claims/1/key", "we-struck", "invalid", 400, "#/claims/1/key"),
        ("claims/1/surprise", 1, "invalid", 400, "#/claims/1/surprise"),
        ("isnad_dossier", 2, "invalid", 400, "#/isnad_dossier"),
    ],
)
def test_a_fault_is_pointed_at_and_nothing_is_stored(
    checker: Api, place: str, value: object, slug: str, status: int, pointer: str
) -> None:
    before = rows()
    document = problem(checker.post(PATH, changed(place, value)), slug, status)
    assert places(document) == {pointer}
    assert rows() == before


def test_a_dossier_whose_last_claim_is_broken_leaves_no_rows(committed: str) -> None:
    checker = Api(make.key(make.desk().checker))
    before = rows()
    broken = small()
    broken["claims"].append(broken["claims"][0] | {"key": "last", "speaker": "nobody"})
    problem(checker.post(PATH, broken, idempotency_key="once"), "invalid", 400)
    assert rows() == before
    assert imported(checker, small(), idempotency_key="once")


def test_an_import_can_be_repeated_by_its_idempotency_key(checker: Api) -> None:
    first = imported(checker, small(), idempotency_key="once")
    assert imported(checker, small(), idempotency_key="once") == first
    assert DossierEntry.objects.filter(kind="claim").count() == 2


def test_importing_needs_a_key(anyone: Api) -> None:
    problem(anyone.post(PATH, small()), "not-authenticated", 401)


def test_the_schema_of_dossiers_is_served(anyone: Api) -> None:
    response = anyone.get("/api/schema/dossier.json")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/schema+json"
    assert response.json()["$id"] == "urn:isnad:dossier:1"
