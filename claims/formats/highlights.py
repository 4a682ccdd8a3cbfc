"""Where in a document the words stand that were searched for.

Told as spans beside it, in code points of the text as it is shown: markup inside of it would
change the text, and break where it runs from right to left.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from claims.text.searching import Search
from claims.text.words import arabic_stems, folded, is_arabic, places, written

MOST = 100  # spans of one document

_FORM = re.compile("'~([^']*)'")

Word = tuple[str, str]  # language, folded word
Stems = Mapping[Word, frozenset[str]]
Span = dict[str, str | int]

CLAIM = ("/text", "/speaker/name", "/fact/subject", "/article/headline")
ARTICLE = ("/headline",)


class Highlights:
    """terms: what was looked for, as PostgreSQL spells a tsquery."""

    def __init__(self, search: Search, terms: str) -> None:
        self.search = search
        self.forms = frozenset(_FORM.findall(terms))
        self.phrases = {
            term.words for group in search.all for term in group if term.exact and term.words
        }

    def unknown(self, documents: Sequence[Any], stems: Stems) -> list[Word]:
        """The words of which stems are needed, and not known."""
        if not self.forms:
            return []
        found = {
            (document["language"], word)
            for document in documents
            for _pointer, text in texts(document)
            for _start, _end, words in tokens(text, fold=True)
            for word in words
            if not is_arabic(word)
        }
        return sorted(found - stems.keys())

    def of(self, document: Any, stems: Stems) -> list[Span]:
        """[{"pointer", "start", "end"}] in the order of the texts."""
        spans: list[Span] = []
        for pointer, text in texts(document):
            for start, end in self.within(text, document["language"], stems):
                spans.append({"pointer": pointer, "start": start, "end": end})
                if len(spans) == MOST:
                    return spans
        return spans

    def within(self, text: str, language: str, stems: Stems) -> Iterator[tuple[int, int]]:
        told = list(tokens(text, fold=self.search.folded))
        words = [found[0] if len(found) == 1 else "\n".join(found) for _, _, found in told]
        marked: dict[int, int] = {}
        if self.forms:
            marked = {
                place: place
                for place, (_, _, found) in enumerate(told)
                if any(self.is_form(word, language, stems) for word in found)
            }
        for phrase in self.phrases:
            for place in range(len(words) - len(phrase) + 1):
                if tuple(words[place : place + len(phrase)]) == phrase:
                    last = place + len(phrase) - 1
                    marked[place] = max(last, marked.get(place, last))
        until = -1
        for place in sorted(marked):
            if place > until:
                until = marked[place]
                yield told[place][0], told[until][1]

    def is_form(self, word: str, language: str, stems: Stems) -> bool:
        if word in self.forms:
            return True
        found = arabic_stems(word) if is_arabic(word) else stems.get((language, word), frozenset())
        return not self.forms.isdisjoint(found)


def texts(document: Any) -> Iterator[tuple[str, str]]:
    """The texts of a claim or an article that are searched in, by JSON Pointer."""
    for pointer in CLAIM if "verdicts" in document else ARTICLE:
        value = document
        for name in pointer[1:].split("/"):
            value = None if value is None else value[name]
        if value:
            yield pointer, value
    for number, verdict in enumerate(document.get("verdicts", ())):
        if verdict["rationale"]:
            yield f"/verdicts/{number}/rationale", verdict["rationale"]


def tokens(text: str, *, fold: bool) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Each word with its start and end, and what it is to a search."""
    read: Callable[[str], tuple[str, ...]] = as_folded if fold else as_written
    for start, end in places(text):
        yield start, end, read(text[start:end])


@lru_cache(50_000)
def as_folded(word: str) -> tuple[str, ...]:
    return tuple(folded(word))


@lru_cache(10_000)
def as_written(word: str) -> tuple[str, ...]:
    return tuple(written(word))
