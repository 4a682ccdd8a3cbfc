"""What an organization rates by: its scale, and where a label stands on it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from claims.actions.rows import made
from claims.errors import Fault, LabelNotOnScale
from claims.models import Rating
from claims.moves import Rule
from claims.vocabulary import Outcome

Scale = Sequence[Rating]


def scale_of(rows: Sequence[Mapping[str, Any]]) -> Scale:
    """Of its ratings as PostgreSQL tells them, by the names of their columns."""
    return [
        made(Rating, {**row, "id": UUID(row["id"]), "scale_id": UUID(row["scale_id"])})
        for row in rows
    ]


def rated(scale: Scale, outcome: Outcome, label: str | None) -> Rating | None:
    """The rating that a label is of; None without label, or where it is free text.

    Raises LabelNotOnScale.
    """
    if label is None or not scale:
        return None
    found = next((it for it in scale if label in it.labels.values()), None)
    if found is not None and found.outcome == outcome:
        return found
    labels = [label for it in scale if it.outcome == outcome for label in it.labels.values()]
    if not labels:
        mend = _("Leave it out: there is none for this outcome.")
    else:
        mend = _("Send one of: %s.") % " · ".join(labels)
    if found is None:
        detail = _("Your organization's scale does not have this label.")
    else:
        detail = _("On your organization's scale this label stands for the outcome %s.") % (
            found.outcome
        )
    detail = f"{detail} {mend}"
    faults = [Fault(detail, pointer="#/label")]
    raise LabelNotOnScale.by(Rule.LABEL_NOT_ON_SCALE, detail, faults=faults, labels=labels)
