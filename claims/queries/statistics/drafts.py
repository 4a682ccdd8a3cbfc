"""What became of an organization's drafts: of the record itself, for they are few and its own."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.db.models.functions import Trunc

from claims.models import Draft, DraftStep
from claims.vocabulary import StepType

# Where each dimension is, seen from a draft. Its checker is its author.
PATHS = {
    "status": "claim__status",
    "kind": "claim__kind",
    "language": "claim__language",
    "speaker": "claim__speaker_id",
    "outcome": "outcome",
    "checker": "created_by_id",
}


class Cell(NamedTuple):
    """key: a value for each dimension. day: the first of its step; None without steps.

    returned: whether they were ever given back to their authors, whatever became of them since.
    """

    key: tuple[Any, ...]
    day: date | None
    state: str
    returned: bool


def counted(
    drafts: QuerySet[Draft], by: Sequence[str], every: str | None, zone: ZoneInfo
) -> Counter[Cell]:
    """How many there are of each."""
    given_back = DraftStep.objects.filter(draft=OuterRef("pk"), type=StepType.RETURNED)
    paths = [PATHS[name] for name in by]
    rows = drafts.order_by().annotate(was_returned=Exists(given_back))
    if every is not None:
        rows = rows.annotate(step=Trunc("created_at", every, tzinfo=zone))
        paths.append("step")
    found: Counter[Cell] = Counter()
    its = rows.values_list(*paths, "state", "was_returned").annotate(many=Count("pk"))
    for *key, state, returned, many in its:
        day = key.pop().date() if every is not None else None
        found[Cell(tuple(key), day, state, returned)] += many
    return found
