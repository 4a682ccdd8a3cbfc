"""The labels that an organization rates by."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from claims.actions.editing import locked
from claims.actions.preconditions import IfMatch, refuse_stale, require_current
from claims.actions.recording import Happening, record
from claims.formats.state import state_of
from claims.models import Member, Organization, Rating, RatingScale
from claims.queries.scales import newest_scale
from claims.vocabulary import ChangeType


def change_scale(
    *,
    organization_id: UUID,
    ratings: Sequence[dict[str, Any]],
    by: Member | None,
    if_match: IfMatch | None,
) -> RatingScale:
    """Have an organization rate by this from now on; verdicts that are issued keep what they have.

    ratings: labels, outcome, and worst, best and value where they are numbered, in order; none:
    labels are free text. Nothing happens where nothing changes.
    Raises NotFound, PreconditionRequired, PreconditionFailed.
    """
    locked(Organization, organization_id)  # one after the other
    newest = newest_scale(organization_id)
    if newest is None:
        refuse_stale(if_match, None, needed=False)
    else:
        require_current(RatingScale, newest.pk, if_match, needed=True)
    before = [] if newest is None else list(newest.ratings.order_by("position"))
    if newest is not None and [columns(it) for it in before] == [numbered(it) for it in ratings]:
        return newest
    scale = RatingScale.objects.create(
        organization_id=organization_id,
        version=1 if newest is None else newest.version + 1,
        size=len(ratings),
        created_by=by,
    )
    made = Rating.objects.bulk_create(
        Rating(scale=scale, position=i, **numbered(it)) for i, it in enumerate(ratings)
    )
    record(
        Happening(
            type=ChangeType.ORGANIZATION_SCALE_CHANGED,
            subject=scale,
            by=by,
            organization_id=organization_id,
            before=None if newest is None else state_of(newest, **more(newest, before)),
            more=more(scale, made),
        )
    )
    return scale


NUMBERS = ("worst", "best", "value")


def numbered(asked: dict[str, Any]) -> dict[str, Any]:
    """The columns of a rating that is asked for."""
    return {"labels": asked["labels"], "outcome": asked["outcome"]} | {
        name: asked.get(name) for name in NUMBERS
    }


def columns(rating: Rating) -> dict[str, Any]:
    return {name: getattr(rating, name) for name in ("labels", "outcome", *NUMBERS)}


def more(scale: RatingScale, ratings: Sequence[Rating]) -> dict[str, Any]:
    """What a Change tells of a scale beside its row."""
    return {"version": scale.version, "ratings": [state_of(it) for it in ratings]}
