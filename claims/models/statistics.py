"""Claims as columns, by which statistics are reckoned: made of the record, for reading alone.

A table of rows is read whole to count a million claims, however little of each is asked for. So
what statistics are about is kept once more as columns: packed numbers of some thousand claims each,
in the order of filing, of which a question reads those that it is about. `statistics/columns.py`
among the queries says what each column holds.
"""

from django.db import models
from django.db.models.functions import Now

from claims.models.base import Disposable


class Numeral(Disposable):
    """The number by which columns name a speaker, a publisher, a language and the like.

    kind: of what. name: its id, or the tag of a language. number: from 1, without gaps.
    """

    pk = models.CompositePrimaryKey("kind", "number")
    kind = models.CharField(max_length=12)
    number = models.IntegerField()
    name = models.CharField(max_length=36, db_collation="C")

    class Meta:
        constraints = [models.UniqueConstraint("kind", "name", name="numeral_unique")]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}: {self.name}"


class Segment(Disposable):
    """Claims that were filed one after the other: from (first_at, first_id) to the next one."""

    number = models.AutoField(primary_key=True)
    first_at = models.DateTimeField()
    first_id = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint("first_at", "first_id", name="segment_unique")]

    def __str__(self) -> str:
        return f"from {self.first_at} on"


class Column(Disposable):
    """What one column holds of the claims of a segment, packed.

    edition: of the counting that wrote it, as Counted has it; by which others know that they have
    it already.
    """

    pk = models.CompositePrimaryKey("name", "segment_id")
    name = models.CharField(max_length=16)
    segment = models.ForeignKey(
        "claims.Segment", models.PROTECT, related_name="columns", db_index=False
    )
    data = models.BinaryField()
    edition = models.UUIDField()

    def __str__(self) -> str:
        return f"{self.name} of {self.segment_id}"


class Counted(Disposable):
    """How far the columns have come: one row, or none before they were made.

    number: every Change up to it is in them. ahead: how many later ones may be in them already.
    edition: made at random by each counting.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField()
    ahead = models.BigIntegerField()
    counted_at = models.DateTimeField(db_default=Now())
    edition = models.UUIDField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="counted_once")]

    def __str__(self) -> str:
        return f"up to {self.number}"
