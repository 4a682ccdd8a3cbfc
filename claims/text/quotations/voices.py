"""Who has spoken so far in a text, for "he added" and for names that come shorter later."""

from __future__ import annotations

from claims.text.quotations.found import Mention, Span
from claims.text.quotations.lexicon import Gender
from claims.text.quotations.tokens import plain, tokens_of


class Voices:
    """The mentions of a text in order, each remembered by its words."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._last: dict[str, Mention] = {}
        self._by_word: dict[str, tuple[Mention, frozenset[str]]] = {}

    def heard(self, start: int, end: int, gender: Gender = "") -> Mention:
        """Someone is named as speaking."""
        words = [token.plain for token in tokens_of(self._text, start, end) if token.is_word]
        bare = frozenset(map(_bare, words))
        fuller = self._fuller(bare)
        known_as = None
        if fuller is not None:
            # The fullest naming of all: one never points at another that points on.
            known_as = fuller.known_as or Span(fuller.start, fuller.end)
        mention = Mention(start, end, known_as)
        for word in bare:
            held = self._by_word.get(word)
            if held is None or len(bare) >= len(held[1]):
                self._by_word[word] = (mention, bare)
        self.spoke(mention, gender)
        return mention

    def spoke(self, mention: Mention, gender: Gender = "") -> None:
        self._last[""] = mention
        if gender:
            self._last[gender] = mention

    def last(self, gender: Gender = "") -> Mention | None:
        """The one who spoke last: of those taken for the same gender, where there is one."""
        return self._last.get(gender) or self._last.get("")

    def _fuller(self, words: frozenset[str]) -> Mention | None:
        if not 0 < len(words) <= 4:
            return None
        held = min((self._by_word.get(word, (None, frozenset())) for word in words),
                   key=lambda it: len(it[1]))
        mention, theirs = held
        return mention if mention is not None and words < theirs else None


def _bare(word: str) -> str:
    """Without the article, since a source comes back as the source."""
    return word[2:] if word.startswith(plain("ال")) and len(word) > 4 else word
