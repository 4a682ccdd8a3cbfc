"""What a naming in a text may be recorded as."""

import re

from claims.text.quotations.arabic_words import TITLES
from claims.text.quotations.tokens import plains
from claims.text.sameness import same

_PARTS = re.compile('[,;()"]')
_DETERMINERS = plains("the a an mr mrs ms dr gen president minister")


def namings(words: str) -> tuple[list[str], list[str]]:
    """Names that the words may stand for, as `same` has them: of anybody, and of people alone.

    The first are the words and what stands between commas in them, with and without titles; the
    second what they end with, since `the governor of the state Jane Doe` is Jane Doe, but
    `the spokesman of the ministry` is not the ministry. The most fitting come first.
    """
    anybody: list[str] = []
    people: list[str] = []
    folded = same(words)
    for part in [folded, *_PARTS.split(folded)]:
        pieces = _PARTS.sub(" ", part).split()
        anybody.append(" ".join(pieces))
        bare = pieces
        while len(bare) > 1 and bare[0].strip(".") in TITLES | _DETERMINERS:
            bare = bare[1:]
        anybody.append(" ".join(bare))
        people += [" ".join(bare[-size:]) for size in (3, 2) if len(bare) > size]
    return (
        list(dict.fromkeys(filter(None, anybody))),
        list(dict.fromkeys(filter(None, people))),
    )
