"""The dates of a text: for now its years alone."""

import re
from dataclasses import dataclass
from datetime import date

from claims.text.quotations.tokens import plains, tokens_of

_YEAR = re.compile("(?:18|19|20)[0-9]{2}")
_NUMBER = re.compile("[0-9]+")


@dataclass(frozen=True, slots=True)
class Moment:
    """A date of the text; value: in EDTF; None where it cannot be told."""

    start: int
    end: int
    value: str | None


def moments_of(text: str, language: str | None, published: date | None) -> list[Moment]:
    """All dates of a text, in order.

    language: a tag of BCP 47, where it is known. published: the day against which "last month" is
    told.
    """
    found = []
    before = ""
    for token in tokens_of(text):
        # Four digits that stand beside others, or begin, may count something.
        counts = not before or _NUMBER.fullmatch(before) or before in _COUNTED
        if token.is_word and _YEAR.fullmatch(token.plain) and not counts:
            found.append(Moment(token.start, token.end, token.plain))
        before = token.plain
    return found


_COUNTED = plains("نحو حوالي بـ مقتل about some of over nearly than")
