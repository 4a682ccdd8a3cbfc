from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, NullIf

from claims.models.base import AppendOnly, Disposable, Identified

if TYPE_CHECKING:
    from uuid import UUID


class Unnumbered(Disposable):
    """A Change that waits for its number; a trigger makes it in the transaction of the Change.

    position: in the order in which Changes were written, gaps and rolled back ones left out.
    Whoever has seen a Change committed writes the next one at a higher position.
    """

    position = models.BigAutoField(primary_key=True)
    change = models.OneToOneField(
        "claims.Change", models.PROTECT, related_name="waits", db_constraint=False
    )

    def __str__(self) -> str:
        return f"waiting at {self.position}"


class LogEntry(AppendOnly):
    """The number of a Change, and its leaf in the transparency log.

    number: from 1, without gaps: each entry refers to the one before it. Leaf index + 1.
    entry: canonical JSON (RFC 8785) of identifiers, instants and hashes, never of texts.
    leaf_hash: SHA-256 of a zero byte and the entry (RFC 9162, section 2.1.1).
    """

    change_id: "UUID"

    number = models.BigIntegerField(primary_key=True)
    previous = models.GeneratedField(
        expression=NullIf(F("number") - 1, 0),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
    )
    change = models.OneToOneField("claims.Change", models.PROTECT, related_name="log_entry")
    entry = models.TextField()
    leaf_hash = models.BinaryField(max_length=32)
    numbered_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(number__gte=1), name="log_starts_at_one"),
        ]

    def __str__(self) -> str:
        return f"number {self.number}"


class Tile(AppendOnly):
    """256 neighbouring hashes of one level of the tree: those of leaves at level 0.

    hashes: 8,192 bytes; root: the hash over them, which is one of the hashes a level up. Only
    full tiles are kept. Source: C2SP tlog-tiles.
    """

    pk = models.CompositePrimaryKey("level", "index")
    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hashes = models.BinaryField()
    root = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"tile {self.level}/{self.index}"


class Checkpoint(AppendOnly):
    """What the log was at a size: its root, signed (a C2SP tlog-checkpoint)."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    note = models.TextField()
    signed_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.size} entries"


class LogKey(Identified, AppendOnly):
    """The public half of a key that signs checkpoints.

    verifier: name, key hash and key, as C2SP signed-note writes them.
    """

    verifier = models.CharField(max_length=500)
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint("verifier", name="log_key_unique")]

    def __str__(self) -> str:
        return self.verifier
