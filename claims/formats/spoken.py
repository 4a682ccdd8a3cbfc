"""The closed words of the record, as people read them."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language
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
    """What readers see of a verdict: its label, else its outcome; in their language if it can be.

    A label is said otherwise than it was filed only by what its scale calls it in that language.
    """
    labels = {} if verdict["rating"] is None else verdict["rating"]["labels"]
    return labels.get(get_language()) or verdict["label"] or str(OUTCOMES[verdict["outcome"]])


def days(verdict: Mapping[str, Any], today: str) -> list[tuple[str, str]]:
    """What readers are told of the days of a verdict, each with the day: YYYY-MM-DD, as `today`."""
    told = []
    if (day := verdict["valid_until"]) is not None:
        if today <= day:
            says = _("It holds until:")
        elif verdict["outcome"] == Outcome.VERIFIED:
            says = _("True when said: it held until:")
        else:
            says = _("Found so at the time: it held until:")
        told.append((str(says), day))
    if (day := verdict["recheck_on"]) is not None:
        late = _("It was to be looked at again by:")
        told.append((str(_("To be looked at again by:") if today <= day else late), day))
    return told
