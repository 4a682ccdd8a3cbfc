"""How `stats/` tells durations, ages and drafts."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from claims.queries.statistics.drafts import Cell
from claims.queries.statistics.spreads import AGES, Spread
from claims.vocabulary import DraftState


def told_drafts(cells: Counter[Cell]) -> dict[str, Any]:
    """How many, what they are now, and what share of them was confirmed, and returned."""
    states = dict.fromkeys(DraftState.values, 0)
    for cell, many in cells.items():
        states[cell.state] += many
    total = cells.total()
    returned = sum(many for cell, many in cells.items() if cell.returned)
    return {
        "drafts": total,
        "states": states,
        "ever_returned": returned,
        "share_confirmed": states[DraftState.CONFIRMED] / total if total else None,
        "share_returned": returned / total if total else None,
    }


def told_spread(its: Spread) -> dict[str, Any]:
    return {
        "cases": its.cases,
        "median": None if its.median is None else its.median / 1_000_000,
        "p90": None if its.p90 is None else its.p90 / 1_000_000,
    }


def told_ages(counts: Sequence[int]) -> list[dict[str, Any]]:
    ends = [*AGES[1:], None]
    return [
        {"from_days": begin, "to_days": end, "claims": count}
        for begin, end, count in zip(AGES, ends, counts, strict=True)
    ]
