"""The loose form of a text, and the way back from it to the text itself."""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import compress, repeat

from claims.text.characters import FOLDED, composing, continues

_LONGEST_CLUSTER = 64
"""Marks on one letter beyond which normal forms are not sought.

Putting n marks into canonical order takes n² steps; Unicode's stream-safe text has at most 30.
"""

_MOST_MARKS = 500
"""Different marks and letters with them beyond which a text is taken for no language's: a table of
Unicode, whose normal form is not sought either, since the pattern for so many is slow."""


@dataclass(frozen=True, slots=True)
class Fold:
    """The loose form of an original, and where each of its characters comes from.

    offsets: for each code point of `text` the offset in `source` at which what it stands for
        begins; never falls.
    spaced: whether white space is kept as one space, or left out.
    """

    source: str
    text: str
    offsets: array[int]
    spaced: bool = True

    @classmethod
    def of(cls, source: str) -> Fold:
        """White space runs become one space, ignored characters nothing, typography plain, NFC.

        All steps over single characters are `str.translate` and iterators that run in C: a text
        of a million vowelled letters takes them a fifth of a second.
        """
        characters = set(source)
        changing = characters & FOLDED.keys()
        table = dict(zip(characters, characters, strict=True))
        table.update((c, FOLDED[c]) for c in changing)
        text = source.translate(dict(zip(map(ord, table), table.values(), strict=True)))
        offsets = array("I", compress(range(len(source)), map(table.__getitem__, source)))
        if "  " in text:
            runs = ((*found.span(), " ") for found in re.finditer(" {2,}", text))
            text, offsets = _rewritten(text, offsets, runs)
        return cls(source, *_composed(text, offsets))

    def without_spaces(self) -> Fold:
        text = self.text.replace(" ", "")
        offsets = array("I", compress(self.offsets, map(" ".__ne__, self.text)))
        continuing = composing()[0].intersection(text)
        if continuing and re.search(f" {_any_of(continuing)}", self.text):
            # A mark has come next to a letter: it is taken for that letter's, as in what is asked.
            text, offsets = _composed(text, offsets)
        return Fold(self.source, text, offsets, spaced=False)

    def original(self, start: int, end: int) -> tuple[int, int]:
        """From offsets in the loose form to offsets in the source, with the marks that follow."""
        source, stop = self.source, self.offsets[end - 1] + 1
        while stop < len(source) and continues(source[stop]):
            stop += 1
        return self.offsets[start], stop

    def ends(self) -> tuple[int, int]:
        """The offsets in the source of the first and the last character that is no space."""
        start = len(self.text) - len(self.text.lstrip(" "))
        return self.offsets[start], self.offsets[len(self.text.rstrip(" ")) - 1]


def _composed(text: str, offsets: array[int]) -> tuple[str, array[int]]:
    """The text in NFC, letter by letter with its marks."""
    if not 0 < len(composing()[1].intersection(text)) <= _MOST_MARKS:
        return text, offsets
    return _rewritten(text, offsets, _compositions(text))


def _compositions(text: str) -> Iterator[tuple[int, int, str]]:
    """Which letters with their marks become another text, as (start, end, what)."""
    all_continuing, all_concerned = composing()
    characters = set(text)
    continuing, concerned = characters & all_continuing, characters & all_concerned
    # Beginning with a mark, not with its letter, and naming only what is there, makes it fast.
    for found in re.finditer(f"{_any_of(concerned)}{_any_of(continuing)}*", text):
        start, end = found.span()
        if start and text[start] in continuing:
            start -= 1
        if end - start <= _LONGEST_CLUSTER:
            before = text[start:end]
            after = unicodedata.normalize("NFC", before)
            if after != before:
                yield start, end, after


def _any_of(characters: Iterable[str]) -> str:
    """A pattern for one of the characters; of none, one that never matches."""
    listed = re.escape("".join(sorted(characters)))
    return f"[{listed}]" if listed else r"[^\s\S]"


def _rewritten(
    text: str, offsets: array[int], edits: Iterable[tuple[int, int, str]]
) -> tuple[str, array[int]]:
    """After edits in order, (start, end, new text); new text has the offset of the old's start."""
    parts: list[str] = []
    kept: array[int] = array("I")
    at = 0
    for start, end, new in edits:
        parts += (text[at:start], new)
        kept += offsets[at:start]
        kept.extend(repeat(offsets[start], len(new)))
        at = end
    parts.append(text[at:])
    kept += offsets[at:]
    return "".join(parts), kept
