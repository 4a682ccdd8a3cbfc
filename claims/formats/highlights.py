"""Where in a document the words stand that were searched for.

Told as spans beside it, in code points of the text as it is shown: markup inside of it would
change the text, and break where it runs from right to left.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any

from claims.text.searching import Search
from claims.text.words import arabic_stems, folded, is_arabic, places, words, written

MOST = 100  # spans of one document

_FORM = re.compile("'~([^']*)'")

Word = tuple[str, str]  # language, folded word
Stems = Mapping[Word, frozenset[str]]
Span = dict[str, str | int]
NONE: frozenset[str] = frozenset()


class Highlights:
    """Of a page of documents. terms: what was looked for, as PostgreSQL spells a tsquery.

    Each word of the page is judged once, and texts that have none of the right ones are passed by,
    which are most.
    """

    def __init__(self, search: Search, terms: str, documents: Sequence[Any]) -> None:
        self.search, self.documents = search, documents
        self.forms = frozenset(_FORM.findall(terms))
        self.phrases = {
            term.words for group in search.all for term in group if term.exact and term.words
        }
        self.read: dict[str, list[str]] = {}
        self.hits: dict[str, set[str]] = {}

    def tokens(self, text: str) -> list[str]:
        """Its words, as they are written."""
        found = self.read.get(text)
        if found is None:
            found = self.read[text] = words(text)
        return found

    @cached_property
    def vocabulary(self) -> dict[str, set[str]]:
        """The words of each language; none where single words are not searched for."""
        found: dict[str, set[str]] = defaultdict(set)
        for document in self.documents if self.forms else ():
            its = found[document["language"]]
            for _pointer, text in texts(document):
                its.update(self.tokens(text))
        return found

    def unknown(self, stems: Stems) -> list[Word]:
        """The words of which stems are needed, and not known."""
        needed = {
            (language, word)
            for language, found in self.vocabulary.items()
            for token in found
            for word, arabic in as_folded(token)
            if arabic is None
        }
        return sorted(needed - stems.keys())

    def told(self, stems: Stems) -> dict[str, list[Span]]:
        """Of each document, by its id, [{"pointer", "start", "end"}] in the order of its texts."""
        for language, found in self.vocabulary.items():
            self.hits[language] = {it for it in found if self.is_form(it, language, stems)}
        return {it["id"]: list(islice(self.spans(it), MOST)) for it in self.documents}

    def spans(self, document: Any) -> Iterator[Span]:
        hits = self.hits.get(document["language"], NONE)
        for pointer, text in texts(document):
            if self.phrases or not hits.isdisjoint(self.tokens(text)):
                for start, end in self.within(text, hits):
                    yield {"pointer": pointer, "start": start, "end": end}

    def within(self, text: str, hits: AbstractSet[str]) -> Iterator[tuple[int, int]]:
        tokens = self.tokens(text)
        marked = {place: place for place, token in enumerate(tokens) if token in hits}
        if self.phrases:
            told = [as_asked(token, self.search.folded) for token in tokens]
            for phrase in self.phrases:
                for place in starts(phrase[0], told):
                    if tuple(told[place : place + len(phrase)]) == phrase:
                        last = place + len(phrase) - 1
                        marked[place] = max(last, marked.get(place, last))
        if not marked:
            return
        where = list(places(text))
        until = -1
        for place in sorted(marked):
            if place > until:
                until = marked[place]
                yield where[place][0], where[until][1]

    def is_form(self, token: str, language: str, stems: Stems) -> bool:
        for word, arabic in as_folded(token):
            its = stems.get((language, word), NONE) if arabic is None else arabic
            if word in self.forms or not self.forms.isdisjoint(its):
                return True
        return False


def texts(document: Any) -> Iterator[tuple[str, str]]:
    """The texts of a claim or an article that are searched in, by JSON Pointer."""
    if "verdicts" not in document:
        if document["headline"]:  # else known by its address alone
            yield "/headline", document["headline"]
        return
    yield "/text", document["text"]
    for name, key in (("speaker", "name"), ("fact", "subject"), ("article", "headline")):
        if document[name] and document[name][key]:
            yield f"/{name}/{key}", document[name][key]
    for number, verdict in enumerate(document["verdicts"]):
        if verdict["rationale"]:
            yield f"/verdicts/{number}/rationale", verdict["rationale"]


@lru_cache(50_000)
def as_folded(token: str) -> tuple[tuple[str, frozenset[str] | None], ...]:
    """What a word is to a search, with its stems where it is Arabic."""
    return tuple(
        (word, frozenset(arabic_stems(word)) if is_arabic(word) else None) for word in folded(token)
    )


@lru_cache(50_000)
def as_asked(token: str, is_folded: bool) -> str:
    """What a word is to a phrase."""
    return "\n".join(folded(token) if is_folded else written(token))


def starts(word: str, told: list[str]) -> Iterator[int]:
    """Where it is among these words."""
    place = -1
    with suppress(ValueError):
        while True:
            place = told.index(word, place + 1)
            yield place
