from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from claims.models.base import Recorded, Versioned
from claims.vocabulary import Role

if TYPE_CHECKING:
    from uuid import UUID


class Member(Recorded, Versioned):
    """A person at one organization, with one role there. API keys and sessions act as a Member.

    Never deleted: `ended_at` says since when the person may do nothing any more. Once a law has
    forced the person's data out (`erased_at`), no more than the id and the role is left.
    """

    organization_id: "UUID"
    user_id: "UUID | None"

    organization = models.ForeignKey("claims.Organization", models.PROTECT, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="memberships",
        help_text="Who signs in as this member; none for people who use API keys alone.",
    )
    name = models.CharField(max_length=300, null=True)
    role = models.CharField(max_length=10, choices=Role)
    ended_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True, name__isnull=False, name__regex=r"\S")
                | Q(
                    erased_at__isnull=False,
                    name__isnull=True,
                    user__isnull=True,
                    ended_at__isnull=False,
                ),
                name="member_has_name_until_erased",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="member_role_known"),
            models.UniqueConstraint("organization", "user", name="member_once_per_organization"),
        ]

    def __str__(self) -> str:
        return self.name or "erased"

    # Django REST framework and Django ask the two of whoever makes a request.
    is_authenticated = True
    is_anonymous = False

    def may_act_as(self, role: Role) -> bool:
        return self.ended_at is None and Role(self.role).rank >= role.rank
