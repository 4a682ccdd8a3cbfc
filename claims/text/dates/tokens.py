"""A text as words, numbers and marks, with the words in a form in which they can be looked up."""

from __future__ import annotations

import re
import unicodedata

from claims.text.sameness import DROPPED, same

_LONGEST_WORD = 40
"""Code points beyond which a word is none of those that are looked for."""

_WITHIN = "".join(sorted(DROPPED))
# No alternative begins as another does, so that nothing is read twice.
_TOKEN = re.compile(
    rf"(?P<word>[^\W\d_](?:[^\W\d_]|[{_WITHIN}])*)|(?P<number>\d+)|\n|[^\s{_WITHIN}]"
)

BREAK = "\n"
"""The token of the end of a paragraph; no date goes on beyond it."""

_PADDING = 64
"""Tokens that may be asked for behind the last one: the longest date has fewer."""


class Tokens:
    """The tokens of a text: parallel lists, since there may be a million.

    count: how many there are. `words` and `numbers` go on behind the last with BREAK and -1, so
        that they may be asked for what comes next without looking where the text ends; the one
        before the first is BREAK as well.
    words: as `same` has them, single marks, BREAK, and "" for numbers and words that are too long.
    numbers: the number of a token of up to four digits, -1 for others.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.words: list[str] = []
        self.numbers: list[int] = []
        known: dict[str, str] = {}
        for found in _TOKEN.finditer(text):
            raw = found[0]
            number = -1
            if found.lastgroup == "number":
                word = ""
                if len(raw) <= 4:
                    number = int(raw)
            elif found.lastgroup == "word":
                looked_up = known.get(raw)
                if looked_up is None:
                    looked_up = same(raw) if len(raw) <= _LONGEST_WORD else ""
                    known[raw] = looked_up
                word = looked_up
            else:
                word = raw
            self.starts.append(found.start())
            self.ends.append(found.end())
            self.words.append(word)
            self.numbers.append(number)
        self.count = len(self.words)
        self.words += [BREAK] * _PADDING
        self.numbers += [-1] * _PADDING

    def digits(self, at: int) -> int:
        """How many digits the number has; 0 where there is none."""
        if not 0 <= at < self.count or self.words[at]:
            return 0
        raw = self.text[self.starts[at] : min(self.ends[at], self.starts[at] + 9)]
        return len(raw) if raw.isdecimal() else 0

    def raw(self, at: int) -> str:
        return self.text[self.starts[at] : self.ends[at]] if 0 <= at < self.count else ""

    def joined(self, at: int) -> bool:
        """Whether the token stands right after the one before it."""
        return 0 < at < self.count and self.starts[at] == self.ends[at - 1]

    def after_letters(self, at: int, letters: int) -> int:
        """The offset in the text behind so many letters of a token and the marks on them."""
        place = self.starts[at]
        for letter in self.text[place : self.ends[at]]:
            if letter not in DROPPED:
                if letters == 0:
                    break
                letters -= 1
            place += 1
        return place

    def trimmed_end(self, at: int) -> int:
        """The end of a token without marks of direction behind its last letter."""
        end = self.ends[at]
        while unicodedata.category(self.text[end - 1]) == "Cf":
            end -= 1
        return end
