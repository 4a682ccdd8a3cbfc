"""The closed words of the record, as people read them."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from claims.vocabulary import Outcome, Stance, Status

OUTCOMES = {
    Outcome.VERIFIED: _("Verified"),
    Outcome.DISPUTED: _("Disputed"),
    Outcome.INCONCLUSIVE: _("Inconclusive"),
    Outcome.WITHDRAWN: _("Withdrawn"),
}
STATUSES = {
    Status.UNVERIFIED: _("Unverified"),
    Status.VERIFIED: _("Verified"),
    Status.DISPUTED: _("Disputed"),
    Status.INCONCLUSIVE: _("Inconclusive"),
    Status.CONTESTED: _("Contested"),
}
STANCES = {
    Stance.SUPPORTS: _("supports"),
    Stance.REFUTES: _("refutes"),
    Stance.CONTEXT: _("context"),
}


def rating(verdict: Mapping[str, Any]) -> str:
    """What readers see of a verdict: its label, else its outcome in their language."""
    return verdict["label"] or str(OUTCOMES[verdict["outcome"]])
