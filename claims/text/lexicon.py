"""The words that were met, by what they are found as: most of a page were on one before."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

MOST = 50_000


class Lexicon:
    """Of one language; words as they are written, forms as they are searched for."""

    def __init__(self) -> None:
        self._words: set[str] = set()
        self._found_as: dict[str, list[str]] = {}

    def __len__(self) -> int:
        return len(self._words)

    def unknown(self, words: AbstractSet[str]) -> AbstractSet[str]:
        return words - self._words

    def learn(self, word: str, forms: Iterable[str]) -> None:
        if word not in self._words:
            for form in forms:
                self._found_as.setdefault(form, []).append(word)
            self._words.add(word)

    def found_as(self, forms: Iterable[str]) -> set[str]:
        """The words that are found as any of these."""
        return {word for form in forms for word in self._found_as.get(form, ())}


class Lexicons:
    """By language. When they hold too much, all of it is forgotten, and met again."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._by_language: dict[str, Lexicon] = {}

    def of(self, languages: Iterable[str]) -> dict[str, Lexicon]:
        """They keep what they know for as long as the caller has them."""
        if sum(map(len, self._by_language.values())) > self._most:
            self._by_language = {}
        return {it: self._by_language.setdefault(it, Lexicon()) for it in languages}
