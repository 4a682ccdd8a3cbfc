from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from claims.models.base import AppendOnly, Identified, Recorded
from claims.vocabulary import AnchorState

if TYPE_CHECKING:
    from uuid import UUID


class Appearance(Recorded, AppendOnly):
    """Where a claim appears: an article, and the passage of a snapshot that carries it.

    exact, prefix, suffix: the passage and up to 32 code points around it, as the snapshot has
    them. start, end: code point offsets, end exclusive. On a withheld text they are as filed.
    Without a snapshot (an article known by its address alone) there is no passage.
    `position` counts a claim's appearances from 0, the first filed.

    Source: W3C Web Annotation, TextQuoteSelector and TextPositionSelector.
    """

    claim_id: "UUID"
    article_id: "UUID"
    snapshot_id: "UUID | None"

    claim = models.ForeignKey(
        "claims.Claim", models.PROTECT, related_name="appearances", db_index=False
    )
    position = models.PositiveSmallIntegerField()
    article = models.ForeignKey("claims.Article", models.PROTECT, related_name="appearances")
    snapshot = models.ForeignKey(
        "claims.Snapshot", models.PROTECT, null=True, related_name="appearances", db_index=False
    )
    exact = models.TextField(null=True)
    prefix = models.CharField(max_length=300, null=True)
    suffix = models.CharField(max_length=300, null=True)
    start = models.PositiveIntegerField(null=True)
    end = models.PositiveIntegerField(null=True)
    checked = models.BooleanField(help_text="The passage was found in the stored text.")

    class Meta:
        constraints = [
            models.UniqueConstraint("claim", "position", name="appearance_position_unique"),
            models.CheckConstraint(
                condition=Q(
                    snapshot__isnull=True,
                    exact__isnull=True,
                    prefix__isnull=True,
                    suffix__isnull=True,
                    start__isnull=True,
                    checked=False,
                )
                | Q(snapshot__isnull=False, exact__isnull=False),
                name="appearance_passage_needs_snapshot",
            ),
            models.CheckConstraint(
                condition=Q(exact__isnull=True) | Q(exact__regex=r"\S"),
                name="appearance_passage_not_blank",
            ),
            models.CheckConstraint(
                condition=Q(start__isnull=True, end__isnull=True, checked=False)
                | Q(start__isnull=False, end__isnull=False, end__gt=F("start")),
                name="appearance_offsets_in_order",
            ),
        ]

    def __str__(self) -> str:
        return (self.exact or "no passage")[:80]


class Relay(Identified, AppendOnly):
    """One link of an appearance's attribution chain, in order from the speaker on."""

    appearance = models.ForeignKey(
        "claims.Appearance", models.PROTECT, related_name="relays", db_index=False
    )
    position = models.PositiveSmallIntegerField()
    speaker = models.ForeignKey("claims.Speaker", models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint("appearance", "position", name="relay_position_unique"),
            models.UniqueConstraint("appearance", "speaker", name="relay_speaker_once"),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.speaker_id}"


class Anchor(Identified, AppendOnly):
    """Where an appearance's passage stands in a later snapshot of its article.

    A new row for each snapshot; nothing is rewritten. The newest row is where it stands now.
    """

    appearance = models.ForeignKey(
        "claims.Appearance", models.PROTECT, related_name="anchors", db_index=False
    )
    snapshot = models.ForeignKey(
        "claims.Snapshot", models.PROTECT, related_name="anchors", db_index=False
    )
    position = models.PositiveIntegerField(help_text="Counts an appearance's anchors from 0.")
    state = models.CharField(max_length=9, choices=AnchorState)
    start = models.PositiveIntegerField(null=True)
    end = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("appearance", "position", name="anchor_position_unique"),
            models.UniqueConstraint("appearance", "snapshot", name="anchor_once_per_snapshot"),
            models.CheckConstraint(
                condition=Q(state__in=AnchorState.values), name="anchor_state_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["exact", "moved"],
                    start__isnull=False,
                    end__isnull=False,
                    end__gt=F("start"),
                )
                | (~Q(state__in=["exact", "moved"]) & Q(start__isnull=True, end__isnull=True)),
                name="anchor_found_has_offsets",
            ),
        ]

    def __str__(self) -> str:
        return self.state
