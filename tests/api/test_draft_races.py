"""Drafts while something else happens: whose rights end meanwhile, and who does the same."""

import pytest
from django.db import transaction

from claims.models import Claim, Draft
from tests import make
from tests.api.test_drafts import FINDING
from tests.api.threads import at_once, statuses
from tests.conftest import Api, problem

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def desk(committed: str) -> make.Desk:
    return make.desk()


@pytest.fixture
def claim(committed: str) -> Claim:
    with transaction.atomic():
        return make.fact()


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
