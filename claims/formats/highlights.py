"""Where in a document the words stand that were searched for.

Told as spans beside it, in code points of the text as it is shown: markup inside of it would
change the text, and break where it runs from right to left.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from claims.text.lexicon import Lexicons
from claims.text.searching import Search
from claims.text.words import arabic_stems, folded, is_arabic, places, words, written

MOST = 100  # spans of one document

_FORM = re.compile("'~([^']*)'")

Word = tuple[str, str]  # language, folded word
Stems = Mapping[Word, frozenset[str]]
Span = dict[str, str | int]
NONE: frozenset[str] = frozenset()


class Text(NamedTuple):
    """pointer: where in the document it is. tokens: its words, as they are written."""

    pointer: str
    text: str
    tokens: list[str]


class Highlights:
    """Of a page of documents. terms: what was looked for, as PostgreSQL spells a tsquery.

    Each word is judged when it is first met, and texts that have none of the right ones are passed
    by, which are most.
    """

    def __init__(
        self, search: Search, terms: str, documents: Sequence[Any], lexicons: Lexicons
    ) -> None:
        self.search = search
        self.forms = frozenset(_FORM.findall(terms))
        self.phrases = {
            term.words for group in search.all for term in group if term.exact and term.words
        }
        self.documents = [
            (it["id"], it["language"], [Text(*told, words(told[1])) for told in texts(it)])
            for it in documents
        ]
        # None where single words are not searched for.
        self.vocabulary: dict[str, set[str]] = {}
        for _id, language, its in self.documents if self.forms else ():
            self.vocabulary.setdefault(language, set()).update(*(it.tokens for it in its))
        self.lexicons = lexicons.of(self.vocabulary)

    def unknown(self) -> list[Word]:
        """The words of which it has to be known what they are forms of, before all can be told."""
        return sorted(
            {
                (language, word)
                for language, token in self.unread()
                for word in folded(token)
                if not is_arabic(word)
            }
        )

    def unread(self) -> list[Word]:
        return [
            (language, token)
            for language, found in self.vocabulary.items()
            for token in self.lexicons[language].unknown(found)
        ]

    def learn(self, stems: Stems) -> None:
        for language, token in self.unread():
            forms = set()
            for word in folded(token):
                its = arabic_stems(word) if is_arabic(word) else stems[language, word]
                forms |= {word, *its}
            self.lexicons[language].learn(token, forms)

    def told(self, stems: Stems) -> dict[str, list[Span]]:
        """Of each document, by its id, [{"pointer", "start", "end"}] in the order of its texts.

        stems: of the words that were unknown.
        """
        self.learn(stems)
        hits = {
            language: found & self.lexicons[language].found_as(self.forms)
            for language, found in self.vocabulary.items()
        }
        return {
            pk: list(islice(self.spans(its, hits.get(language, NONE)), MOST))
            for pk, language, its in self.documents
        }

    def spans(self, its: Sequence[Text], hits: AbstractSet[str]) -> Iterator[Span]:
        for text in its:
            if self.phrases or not hits.isdisjoint(text.tokens):
                for start, end in self.within(text, hits):
                    yield {"pointer": text.pointer, "start": start, "end": end}

    def within(self, text: Text, hits: AbstractSet[str]) -> Iterator[tuple[int, int]]:
        marked = {place: place for place, token in enumerate(text.tokens) if token in hits}
        if self.phrases:
            told = [as_asked(token, self.search.folded) for token in text.tokens]
            for phrase in self.phrases:
                for place in starts(phrase[0], told):
                    if tuple(told[place : place + len(phrase)]) == phrase:
                        last = place + len(phrase) - 1
                        marked[place] = max(last, marked.get(place, last))
        if not marked:
            return
        where = list(places(text.text))
        until = -1
        for place in sorted(marked):
            if place > until:
                until = marked[place]
                yield where[place][0], where[until][1]


def texts(document: Any) -> Iterator[tuple[str, str]]:
    """The texts of a claim or an article that are searched in, by JSON Pointer."""
    if "verdicts" not in document:
        if document["headline"]:
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
