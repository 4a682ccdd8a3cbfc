from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from claims.models.base import AppendOnly, Chains, Identified, PageOf
from claims.vocabulary import Outcome, Stance

if TYPE_CHECKING:
    from uuid import UUID


class Says(models.Func):
    """What a verdict says, as one text, by its id. Source: `sql/contested_v1.sql`."""

    function = "claims_verdict_says_v1"
    output_field = models.TextField()


class Stays(models.Func):
    """Whether a verdict stands, or another one in its place that says the same; by its id.

    Source: `sql/contested_v1.sql`.
    """

    function = "claims_verdict_stays_v1"
    output_field = models.BooleanField()


class VerdictQuerySet(Chains["Verdict"]):
    withdrawal = {"outcome": Outcome.WITHDRAWN}


class Verdict(Identified, AppendOnly):
    """One organization's finding on a claim at an instant.

    An organization's verdicts on a claim form one chain by `supersedes`; its tip stands,
    unless it is a withdrawal. A correction is a new verdict. confirmed_by: the second member, where
    the organization's review policy asked for one (`sql/drafts`).

    rating: what its label is on the organization's scale, as that was then; null without a scale.
    valid_until: the last day on which what was found holds. recheck_on: the day by which it is to
    be looked at again.
    """

    claim_id: "UUID"
    organization_id: "UUID"
    rating_id: "UUID | None"
    issued_by_id: "UUID | None"
    confirmed_by_id: "UUID | None"

    claim = models.ForeignKey("claims.Claim", models.PROTECT, related_name="verdicts")
    organization = models.ForeignKey(
        "claims.Organization", models.PROTECT, related_name="verdicts", db_index=False
    )
    supersedes = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="superseded_by", db_index=False
    )
    outcome = models.CharField(max_length=12, choices=Outcome)
    label = models.CharField(max_length=80, null=True)
    rating = models.ForeignKey(
        "claims.Rating", models.PROTECT, null=True, related_name="+", db_index=False
    )
    rationale = models.ForeignKey(
        "claims.Content", models.PROTECT, related_name="+", db_index=False
    )
    url = models.URLField(max_length=2000, null=True)
    title = models.CharField(max_length=1000, null=True)
    language = models.CharField(max_length=35, null=True)
    date_published = models.CharField(max_length=64, null=True)
    valid_until = models.DateField(null=True)
    recheck_on = models.DateField(null=True)
    issued_at = models.DateTimeField(db_default=Now())
    claim_created_at = models.DateTimeField(
        db_default=Now(),
        editable=False,
        help_text="The claim's, by trigger: lists of an organization are ordered by it.",
    )
    issued_by = models.ForeignKey(
        "claims.Member", models.PROTECT, null=True, related_name="+", db_index=False
    )
    confirmed_by = models.ForeignKey(
        "claims.Member", models.PROTECT, null=True, related_name="+", db_index=False
    )

    objects = VerdictQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values), name="verdict_outcome_known"
            ),
            models.UniqueConstraint(
                F("organization"),
                F("claim"),
                condition=Q(supersedes__isnull=True),
                name="verdict_chain_has_one_root",
            ),
            models.UniqueConstraint("supersedes", name="verdict_superseded_once"),
            models.CheckConstraint(
                condition=~Q(outcome=Outcome.WITHDRAWN) | Q(supersedes__isnull=False),
                name="withdrawal_supersedes_something",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("issued_by")),
                name="verdict_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(outcome=Outcome.WITHDRAWN)
                | Q(valid_until__isnull=True, recheck_on__isnull=True),
                name="withdrawal_is_never_due",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "claim_created_at", "claim"],
                name="verdict_organization_created",
            ),
            models.Index(
                fields=["outcome", "claim_created_at", "claim"],
                name="verdict_outcome_created",
            ),
            models.Index(
                F("organization"),
                PageOf("url"),
                condition=Q(url__isnull=False),
                name="verdict_page",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} at {self.issued_at}"


class Evidence(Identified, AppendOnly):
    """What a verdict rests on.

    derived_from: the position of an earlier piece that this one copies, so that ten copies
    of one wire report count once.
    """

    verdict = models.ForeignKey(
        "claims.Verdict", models.PROTECT, related_name="evidence", db_index=False
    )
    position = models.PositiveSmallIntegerField()
    url = models.URLField(max_length=2000)
    stance = models.CharField(max_length=8, choices=Stance)
    title = models.CharField(max_length=1000, null=True)
    quote = models.ForeignKey(
        "claims.Content", models.PROTECT, null=True, related_name="+", db_index=False
    )
    archive_url = models.URLField(max_length=2000, null=True)
    derived_from = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("verdict", "position", name="evidence_position_unique"),
            models.CheckConstraint(condition=Q(url__regex=r"\S"), name="evidence_has_url"),
            models.CheckConstraint(
                condition=Q(stance__in=Stance.values), name="evidence_stance_known"
            ),
            models.CheckConstraint(
                condition=Q(derived_from__isnull=True) | Q(derived_from__lt=F("position")),
                name="evidence_derived_from_earlier",
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.url
