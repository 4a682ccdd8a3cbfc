"""Finding a passage in the text of a snapshot, and finding it again in a later one.

Offsets are Unicode code points, as Python indexes a `str`; ends are exclusive; what is found is
told as the text has it, never changed. A passage is looked for in three ways, the first that finds
it decides:

1. verbatim;
2. loosely: disregarding how white space runs (line breaks, no-break and thin spaces, zero-width
   and directional marks), typographic or plain quotation marks and dashes, Arabic vowel and
   Quranic marks and tatweel, and the Unicode normal form;
3. loosely and without any white space, for texts whose words were joined or parted on the way.

Letters are never equated (not alef with hamza, not upper with lower case): a quotation that has
other letters is another quotation.

Everything is linear in text and passage; wrap a text in `Searchable` to ask about it repeatedly.

Sources: W3C Web Annotation Data Model, 4.2.4 and 4.2.5; Unicode Standard Annex 15 (normal forms)
and chapter 9.2 (Arabic).
"""

from claims.text.direction import bidi_controls
from claims.text.locating import locate
from claims.text.passages import (
    MOST_CANDIDATES,
    Passage,
    PassageAmbiguous,
    PassageNotFound,
    PassageRefused,
    Searchable,
    passage_at,
)
from claims.text.reanchoring import Anchor, reanchor

__all__ = [
    "MOST_CANDIDATES",
    "Anchor",
    "Passage",
    "PassageAmbiguous",
    "PassageNotFound",
    "PassageRefused",
    "Searchable",
    "bidi_controls",
    "locate",
    "passage_at",
    "reanchor",
]
