"""Reviews as others publish them, read to one kind of record: ClaimReview, claims of Google's Fact
Check Tools API, tables.

`Source.read` tells every record of a file: a `Review`, or why it is none (`Unusable`). Pure: no
database, nothing loaded from elsewhere. What real documents have wrong is put right where that
takes no guessing, and said (`Note`).

Sources: schema.org ClaimReview, Claim, Rating, DataFeed; Google Search Central, Fact Check markup.
"""

from claims.formats.claimreview_in.outcomes import BadTable, Outcomes, outcomes
from claims.formats.claimreview_in.record import (
    Citation,
    Claimant,
    Note,
    Reason,
    Record,
    Review,
)
from claims.formats.claimreview_in.sources import Source
from claims.formats.claimreview_in.tables import BadMapping, TableMapping, mapping
from claims.formats.importing import Part, Unusable, refused

__all__ = [
    "BadMapping",
    "BadTable",
    "Citation",
    "Claimant",
    "Note",
    "Outcomes",
    "Part",
    "Reason",
    "Record",
    "Review",
    "Source",
    "TableMapping",
    "Unusable",
    "mapping",
    "outcomes",
    "refused",
]
