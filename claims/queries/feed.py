"""Numbered Changes, a page at a time. What they tell never changes, but for what is erased."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Max, QuerySet
from django.utils.translation import gettext as _

from claims.errors import BeyondTheLog
from claims.models import Change, LogEntry, Verdict
from claims.queries import documents

# Numbers that one page looks through at most: so the rarest filter costs no more than a page.
WINDOW = 10_000
# On which the sequencer says the highest number (NOTIFY).
CHANNEL = "isnad_log"


@dataclass(frozen=True, slots=True)
class Page:
    """last: every number up to it is in this page or an earlier one, or was not asked for.

    changes: with `.number`, no more than told apart; their documents are composed by id.
    """

    changes: Sequence[Any]
    last: int
    head: int


def head() -> int:
    """The highest number; 0 while there is none."""
    highest: int | None = LogEntry.objects.aggregate(highest=Max("number"))["highest"]
    return highest or 0


def page(rows: QuerySet[Change], *, narrowed: bool, claim: bool, after: int, size: int) -> Page:
    """Of these rows, the first `size` that are numbered higher than `after`.

    narrowed: whether they are not simply all; claim: whether they are of one claim, which has an
    index of its own. Raises BeyondTheLog.
    """
    highest = head()
    if after > highest:
        raise BeyondTheLog(
            _("The log ends at %(head)d; you have read up to %(after)d.")
            % {"head": highest, "after": after}
        )
    last = min(highest, after + WINDOW) if narrowed and not claim else highest
    found = list(first_after(rows, after, until=last, size=size))
    if len(found) == size:
        last = found[-1].number
    return Page(found, last, highest)


def first_after(
    rows: QuerySet[Change], after: Any, *, until: Any | None, size: int
) -> QuerySet[Any]:
    """The first of the rows whose number is above `after`, and not above `until`."""
    found = with_numbers(rows).filter(number__gt=after)
    found = found if until is None else found.filter(number__lte=until)
    return found.order_by("number")[:size]


def of_claim(claim_id: Any) -> QuerySet[Any]:
    """What happened to a claim."""
    return with_numbers(Change.objects.filter(claim_id=claim_id))


def with_numbers(rows: QuerySet[Change]) -> QuerySet[Any]:
    """Those of the rows that have a `.number`, no more than told apart."""
    return (
        rows.filter(log_entry__isnull=False)
        .annotate(number=F("log_entry__number"))
        .only("pk", "type")
    )


def numbered(rows: QuerySet[Change]) -> QuerySet[Change]:
    """Those of the rows that have a number, with all that documents show, but for the texts."""
    return (
        rows.filter(log_entry__isnull=False)
        .select_related("log_entry", "organization", "recorded_by", "document", "before")
        .defer("log_entry__entry", "log_entry__leaf_hash")
    )


def changes() -> QuerySet[Change]:
    return numbered(Change.objects.all())


def with_texts(changes: Sequence[Change]) -> Sequence[Change]:
    """The same, each with `.verdict`, where it is of one: its texts belong into the document."""
    of_verdicts = [change.subject_id for change in changes if change.outcome is not None]
    verdicts: dict[Any, Verdict] = documents.verdicts().in_bulk(of_verdicts) if of_verdicts else {}
    for change in changes:
        change.verdict = verdicts.get(change.subject_id)  # type: ignore[attr-defined]
    return changes
