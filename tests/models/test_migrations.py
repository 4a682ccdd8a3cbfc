"""A record that is in use moves between versions: what waits, what is closed, what was erased."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections, transaction

from claims.models import Contest, IdempotencyKey, QueueItem, Verdict
from tests import make

LANDED = "0018_notices"
"""The oldest version that a record may come from."""


def move(to: str | None) -> None:
    call_command("migrate", "claims", *([to] if to else []), database="owner", verbosity=0)
    connections["owner"].close()


def told() -> dict[str, Any]:
    names = ("claim", "reach", "appearances", "contests", "rank", "verdict", "closed_at")
    return {
        "items": list(QueueItem.objects.values_list(*names).order_by("pk")),
        "contests": list(Contest.objects.values_list("pk", "state").order_by("pk")),
        "verdicts": list(Verdict.objects.values_list("pk", "confirmed_by").order_by("pk")),
    }


@pytest.mark.usefixtures("committed")
def test_a_record_in_use_goes_back_to_the_version_that_landed_and_on_again() -> None:
    with transaction.atomic():
        desk = make.desk()
        claim, _appearance = make.marked_fact()
        make.done(claim, desk.checker)
        contested = make.verdict(make.marked_fact()[0], desk.checker)
        make.contest(contested)
        make.verdict(contested.claim, desk.editor)
        make.confirmed(make.draft(make.fact(), desk.checker), desk.editor)
        IdempotencyKey.objects.create(
            member=desk.checker, key="k", request_digest=bytes(32), status=201, headers={}
        )
    before = told()
    assert [it[-1] is None for it in before["items"]] == [False, True]
    move(LANDED)
    move(None)
    assert told() == before
