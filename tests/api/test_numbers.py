"""What is told of the log before anything is in it, and where its numbers are told."""

import pytest

from claims.vocabulary import Outcome
from tests import make
from tests.conftest import Api, problem
from tests.log import numbered

pytestmark = pytest.mark.django_db


def test_before_anything_is_numbered_there_is_no_checkpoint(anyone: Api) -> None:
    problem(anyone.get("/log/checkpoint"), "not-found", 404)
    assert anyone.read("/log/")["size"] == 0


def test_a_claim_and_a_verdict_name_their_numbers_once_they_have_them(
    checker: Api, desk: make.Desk
) -> None:
    claim = make.fact()
    verdict = checker.made(f"/claims/{claim.pk}/dispute/", {"rationale": "It was a day earlier."})
    assert verdict["number"] is None
    path = f"/claims/{claim.pk}/"
    assert checker.read(path)["number"] is None
    before = checker.etag(path)
    numbered()
    document = checker.read(path)
    change = checker.read(f"/changes/?after={document['number'] - 1}&page_size=1")["results"][0]
    assert (change["type"], change["subject"]) == ("claim.created", document["id"])
    [told] = document["verdicts"]
    change = checker.read(f"/changes/?after={told['number'] - 1}&page_size=1")["results"][0]
    assert (change["type"], change["subject"]) == ("verdict.issued", verdict["id"])
    # The document is another one now, but nobody has edited what was read before.
    assert checker.etag(path) != before
    assert checker.get(path, if_none_match=before).status_code == 200
    move = {"rationale": "Two sources agree."}
    assert checker.post(f"{path}verify/", move, if_match=before).status_code == 201
    refused = checker.post(f"{path}verify/", move, if_match=before)
    problem(refused, "precondition-failed", 412)


def test_numbers_are_told_in_lists_as_well(checker: Api, desk: make.Desk) -> None:
    claim = make.fact()
    make.verdict(claim, desk.checker, Outcome.VERIFIED)
    numbered()
    [listed] = checker.read("/claims/")["results"]
    assert listed == checker.read(f"/claims/{claim.pk}/")
    assert listed["verdicts"][0]["number"] == listed["number"] + 1
