"""The closed words of the record, as people read them."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from claims.vocabulary import ContestReason, ContestState, Outcome, Party, Stance, Status

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

PARTIES = {
    Party.READER: _("I have read the verdict"),
    Party.SPEAKER: _("What was checked is mine, or I speak for who said it"),
}
REASONS = {
    ContestReason.NOT_SAID: _("This was not said, or not so"),
    ContestReason.WRONG_SPEAKER: _("Somebody else said it"),
    ContestReason.MISREAD: _("It means something else where it stands"),
    ContestReason.FACTUAL_ERROR: _("The reasoning has a mistake of fact"),
    ContestReason.WEAK_EVIDENCE: _("The evidence does not bear it"),
    ContestReason.NEW_EVIDENCE: _("There is evidence that was left out, or is new"),
    ContestReason.OUTDATED: _("It is not so any more"),
    ContestReason.RATING: _("The rating does not follow from the reasoning"),
    ContestReason.OTHER: _("Something else"),
}
CONTESTS = {
    ContestState.OPEN: _("Not decided yet"),
    ContestState.UPHELD: _("Looked into: the verdict stays"),
    ContestState.CORRECTED: _("Corrected by a new verdict"),
    ContestState.REJECTED: _("Rejected"),
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
