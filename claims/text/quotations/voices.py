"""Who has spoken so far in a text, for "he added" and for names that come shorter later."""

from __future__ import annotations

from itertools import islice

from claims.text.quotations.found import Mention, Span
from claims.text.quotations.tokens import Token, plain, plains, tokens_of
from claims.text.quotations.verbs import Gender

_LONGEST = 14
"""Words of a naming that a shorter one may stand for."""


class Voices:
    """The mentions of a text in order, each remembered by the word that it begins or ends with."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._last: dict[str, Mention] = {}
        self._gender: Gender = ""
        self.topic: Mention | None = None
        self._fullest: dict[tuple[str, str], tuple[Mention, frozenset[str]]] = {}

    def heard(self, start: int, end: int, gender: Gender = "") -> Mention:
        """Someone is named as speaking."""
        tokens = list(islice(tokens_of(self._text, start, end), 2 * _LONGEST))
        words = [_bare(token.plain) for token in tokens if token.is_word]
        every = frozenset(words)
        fuller = self._fuller(words, every)
        known_as = None
        if fuller is not None:
            # The fullest naming of all: one never points at another that points on.
            known_as = fuller.known_as or Span(fuller.start, fuller.end)
        mention = Mention(start, end, known_as)
        for place in _places(tokens, words):
            held = self._fullest.get(place)
            if held is None or len(every) >= len(held[1]):
                self._fullest[place] = (mention, every)
        self.spoke(mention, gender)
        return mention

    def spoke(self, mention: Mention, gender: Gender = "") -> None:
        self._last[""], self._gender = mention, gender
        if gender:
            self._last[gender] = mention

    def last(self, gender: Gender = "") -> Mention | None:
        """The one who spoke last and may be of that gender; where nobody did, the topic."""
        if self._gender in ("", gender) or gender not in self._last:
            return self._last.get("") or self.topic
        return self._last[gender]

    def _fuller(self, words: list[str], every: frozenset[str]) -> Mention | None:
        """The longest naming that has all of these words and more, and begins or ends so."""
        if not 0 < len(words) <= 4:
            return None
        for place in (("first", words[0]), ("last", words[-1])):
            held = self._fullest.get(place)
            if held is not None and every < held[1] and len(held[1]) <= _LONGEST:
                return held[0]
        return None


def _places(tokens: list[Token], words: list[str]) -> list[tuple[str, str]]:
    """The word that a naming begins with, and those with which its parts between commas end.

    What a spokesman speaks for is another's name: `the spokesman of the ministry` ends with none.
    """
    if not words:
        return []
    places = [("first", words[0])]
    begins, last = words[0], ""
    for token in [*tokens, None]:
        if token is None or not token.is_word:
            if last and begins not in _SPEAKS_FOR:
                places.append(("last", last))
            begins = last = ""
        else:
            last = _bare(token.plain)
            begins = begins or last
    return places


_SPEAKS_FOR = plains("ناطق متحدث متحدثة مصدر مصادر مسؤول ممثل spokesman spokeswoman spokesperson")


def _bare(word: str) -> str:
    """Without the article, since a source comes back as the source."""
    return word[2:] if word.startswith(_AL) and len(word) > 4 else word


_AL = plain("ال")
