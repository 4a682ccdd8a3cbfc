from typing import TYPE_CHECKING

from django.db import models

from claims.models.base import Derived

if TYPE_CHECKING:
    from uuid import UUID


class Due(Derived):
    """Until when a verdict that stands need not be looked at again, where it says so itself.

    due_on: the earlier of its two days. There is a row for each such verdict and for no other, so
    that the list of what is overdue is read off one index, however many were superseded. Triggers
    make these rows (`sql/scales`).
    """

    verdict_id: "UUID"
    organization_id: "UUID"

    # The triggers see to it that there are such rows.
    verdict = models.OneToOneField(
        "claims.Verdict",
        models.PROTECT,
        primary_key=True,
        related_name="due",
        db_constraint=False,
    )
    organization = models.ForeignKey(
        "claims.Organization",
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    due_on = models.DateField()

    class Meta:
        indexes = [
            models.Index(fields=["organization", "due_on", "verdict"], name="due_of_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.verdict_id} on {self.due_on}"
