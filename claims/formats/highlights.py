"""Where in a document the words stand that were searched for.

Told as spans beside it, in code points of the text as it is shown: markup inside of it would
change the text, and break where it runs from right to left.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
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
        self.read: dict[str, list[tuple[int, int, str]]] = {}
        self.known: dict[Word, bool] = {}

    def tokens(self, text: str) -> list[tuple[int, int, str]]:
        """Each word as it stands in the text, with its start and end."""
        if text not in self.read:
            self.read[text] = [(start, end, text[start:end]) for start, end in places(text)]
        return self.read[text]

    def unknown(self, documents: Sequence[Any], stems: Stems) -> list[Word]:
        """The words of which stems are needed, and not known."""
        if not self.forms:
            return []
        found = {
            (document["language"], token)
            for document in documents
            for _pointer, text in texts(document)
            for _start, _end, token in self.tokens(text)
        }
        words = {
            (language, word)
            for language, token in found
            for word, arabic in as_folded(token)
            if arabic is None
        }
        return sorted(words - stems.keys())

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
        told = self.tokens(text)
        marked: dict[int, int] = {}
        if self.forms:
            for place, (_, _, token) in enumerate(told):
                if (is_form := self.known.get((language, token))) is None:
                    is_form = self.is_form(token, language, stems)
                    self.known[language, token] = is_form
                if is_form:
                    marked[place] = place
        if self.phrases:
            words = [
                "\n".join(word for word, _ in as_folded(token))
                if self.search.folded
                else "\n".join(as_written(token))
                for _, _, token in told
            ]
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

    def is_form(self, token: str, language: str, stems: Stems) -> bool:
        return any(
            word in self.forms
            or not self.forms.isdisjoint(
                stems.get((language, word), ()) if arabic is None else arabic
            )
            for word, arabic in as_folded(token)
        )


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


@lru_cache(50_000)
def as_folded(token: str) -> tuple[tuple[str, frozenset[str] | None], ...]:
    """What a word is to a search, with its stems where it is Arabic."""
    return tuple(
        (word, frozenset(arabic_stems(word)) if is_arabic(word) else None) for word in folded(token)
    )


@lru_cache(10_000)
def as_written(token: str) -> tuple[str, ...]:
    return tuple(written(token))
