"""What organizations rate by."""

from uuid import UUID

from claims.models import Rating, RatingScale


def newest_scale(organization_id: UUID) -> RatingScale | None:
    """The version that holds; None where there never was one."""
    versions = RatingScale.objects.filter(organization_id=organization_id)
    return versions.order_by("-version").first()


def newest_ratings(organization_id: UUID) -> list[Rating]:
    """Of the version that holds; none where labels are free text."""
    scale = newest_scale(organization_id)
    return [] if scale is None else list(scale.ratings.order_by("position"))
