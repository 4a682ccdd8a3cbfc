"""Was this claimed before? Comparing a text with claims, in Arabic and English first.

A text is asked about (`Asked`), a claim is recognized by its `Reading`s, and `rank` says which of
some candidates are meant, how probable that is, why, and what differs. Candidates are found by the
stems of a claim (`Found`), each with its impact; nothing here knows where these are stored.

Nothing is learnt but the few numbers that stand in `scoring` and `ranking`; how they were chosen,
and what they reach, is in docs/matching.md.
"""

from claims.text.matching.differences import Difference
from claims.text.matching.ranking import LIKELY, SAME, Label, Match, Reasons, rank
from claims.text.matching.scoring import TOTAL, Asked, Found, Frequencies, Reading, key
from claims.text.matching.words import MOST_COMPARED

__all__ = [
    "LIKELY",
    "MOST_COMPARED",
    "SAME",
    "TOTAL",
    "Asked",
    "Difference",
    "Found",
    "Frequencies",
    "Label",
    "Match",
    "Reading",
    "Reasons",
    "key",
    "rank",
]
