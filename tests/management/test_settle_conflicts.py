"""What is stored of facts is what the rules make of them, or it is told and can be mended."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from claims.models import Claim, Extent, Matter
from claims.vocabulary import Outcome
from tests import make
from tests.contradictions import due, stored
from tests.models.rows import insert, run


def settle(*options: str) -> str:
    out = StringIO()
    call_command("settle_conflicts", *options, stdout=out)
    return out.getvalue()


@pytest.fixture
def facts(db: None) -> list[Claim]:
    desk = make.desk()
    facts = [make.fact(fact=make.FACT | {"value": f"2017-12-0{day}"}) for day in range(1, 4)]
    make.verdict(facts[0], desk.checker, Outcome.VERIFIED)
    make.statement()
    return facts


def test_what_is_right_is_left_alone(facts: list[Claim]) -> None:
    assert settle("--check") == "3 facts; 0 differ.\n"
    assert settle() == "3 facts; 0 differed and are mended.\n"


def test_what_is_stored_otherwise_is_told_and_mended(facts: list[Claim]) -> None:
    Extent.objects.filter(pk=facts[0].pk).update(status="unverified")
    Extent.objects.filter(pk=facts[1].pk).update(low=1, high=2)
    # A fact that was there before there were extents.
    table = make.FACT | {"kind": "fact", "text": "Words", "language": "en"}
    new = insert("claim", table)
    out = StringIO()
    with pytest.raises(CommandError, match="3 of 4 facts and matters differ"):
        call_command("settle_conflicts", "--check", stdout=out)
    assert out.getvalue().splitlines() == [
        f"claim {facts[0].pk}: status",
        f"claim {facts[1].pk}: low, high",
        f"claim {new}: no extent",
    ]
    settle()
    assert settle("--check").endswith("4 facts; 0 differ.\n")
    assert due() == stored()
    assert Matter.objects.get().rank == 1


@pytest.mark.usefixtures("committed")
def test_a_rank_that_does_not_follow_is_told() -> None:
    with transaction.atomic():
        for day in (1, 2):
            make.fact(fact=make.FACT | {"value": f"2017-12-0{day}"})
    run("UPDATE claims_matter SET rank = 2", using="owner")
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("settle_conflicts", "--check", stdout=out)
    assert "rank 2, should be 1" in out.getvalue()
