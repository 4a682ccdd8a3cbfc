"""What organizations rate by."""

from uuid import UUID

from claims.models import RatingScale


def newest_scale(organization_id: UUID) -> RatingScale | None:
    """The version that holds; None where there never was one."""
    versions = RatingScale.objects.filter(organization_id=organization_id)
    return versions.order_by("-version").first()
