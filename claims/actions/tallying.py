"""What became of the records of an import."""

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from claims.formats.importing import Worded


class Became(Enum):
    IMPORTED = "imported"
    THERE = "there"


Fate = Became | Worded


@dataclass(slots=True)
class Tally:
    """`records` is the sum of the next three.

    reasons, notes: by their words. made: how many rows are new, by kind.
    """

    records: int = 0
    imported: int = 0
    there: int = 0
    refused: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    made: Counter[str] = field(default_factory=Counter)

    def count(self, record: Any, fate: Fate) -> None:
        """record: one that is usable has `.notes` of what of it could not be kept."""
        self.records += 1
        if isinstance(fate, Worded):
            self.refused += 1
            self.reasons[fate.word] += 1
        elif fate is Became.THERE:
            self.there += 1
        else:
            self.imported += 1
            self.notes.update(note.word for note in record.notes)
