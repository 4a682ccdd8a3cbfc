"""What claims are found by when somebody asks whether a text was checked before.

Terms are numbers here: hashes of stems, and of runs of letters (claims.text.matching). Nothing has
to be looked up to write them, so writers never wait for one another; two stems of one number cost
nothing but a candidate that is then seen to be none.
"""

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models

from claims.models.base import Disposable

if TYPE_CHECKING:
    from uuid import UUID


class Posting(Disposable):
    """A claim has a term. impact: what the term weighs in it, in hundredths.

    Its key holds the impact as well, so that the index alone answers.
    """

    claim_id: "UUID"

    pk = models.CompositePrimaryKey("term", "claim_id")
    term = models.IntegerField()
    # Written together with the claim: asking again whether there is such a one costs more.
    claim = models.ForeignKey(
        "claims.Claim", models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    impact = models.SmallIntegerField()

    def __str__(self) -> str:
        return f"{self.term} in {self.claim_id}"


class Frequency(Disposable):
    """In how many claims a term occurs, as far as they are counted; TOTAL: how many there are."""

    term = models.IntegerField(primary_key=True)
    claims = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.term}: {self.claims}"


class Uncounted(Disposable):
    """What a transaction adds to Frequency, until that is counted in the background.

    Adding it there at once would make each common word a row that all writers wait for.
    counts: of each of the terms, below 0 where it went away.
    """

    position = models.BigAutoField(primary_key=True)
    terms = ArrayField(models.IntegerField())
    counts = ArrayField(models.IntegerField())

    def __str__(self) -> str:
        return f"{len(self.terms)} terms"
