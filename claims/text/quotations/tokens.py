"""Words, marks and numbers of a text, each with where it stands."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from claims.text.sameness import DROPPED, same

_LONGEST_KEPT = 40
"""Code points of a word up to which its form is remembered."""


def plain(token: str) -> str:
    """The form in which tokens are compared: as `same` has it, but never nothing.

    The end of a line stays one, and a mark of which nothing is left stays itself.
    """
    return _short(token) if len(token) <= _LONGEST_KEPT else same(token) or token


@lru_cache(maxsize=20_000)
def _short(token: str) -> str:
    return same(token) or token


def plains(words: str) -> frozenset[str]:
    """The plain forms of a list of words."""
    return frozenset(map(plain, words.split()))


class Token(NamedTuple):
    """A word with its marks, one other character, or the end of a line. `plain` of it as well."""

    start: int
    end: int
    plain: str
    is_word: bool


_DROPPED = "".join(sorted(DROPPED))
# Every branch is one class of characters, repeated or not: there is nothing to go back to.
_PIECES = re.compile(rf"(?P<word>[^\W{_DROPPED}](?:\w|[{_DROPPED}])*)|\n|[^\s{_DROPPED}]")
_JOINTS = frozenset("'’-.,٫٬")


def tokens_of(text: str, start: int = 0, end: int | None = None) -> Iterator[Token]:
    """The tokens between two offsets. `don't`, `Al-Amin` and `2,500.5` are one word each."""
    end = len(text) if end is None else end
    held: Token | None = None
    for piece in _PIECES.finditer(text, start, end):
        a, b = piece.span()
        token = Token(a, b, plain(piece[0]), piece["word"] is not None)
        if held is not None and a == held.end and _joined(text, held, token):
            held = Token(held.start, b, held.plain + token.plain, is_word=True)
            continue
        if held is not None:
            yield held
        held = token
    if held is not None:
        yield held


def _joined(text: str, before: Token, token: Token) -> bool:
    """Whether `token` goes on with the word before it."""
    if token.is_word:
        return before.is_word and text[before.end - 1] in _JOINTS
    if not before.is_word or text[token.start] not in _JOINTS:
        return False
    following = text[token.end : token.end + 1]
    last = text[before.end - 1]
    if last.isdigit():
        return following.isdigit() and text[token.start] in ".,٫٬"
    return last.isalpha() and following.isalpha() and text[token.start] in "'’-"


def is_arabic(character: str) -> bool:
    return (
        "\u0600" <= character <= "\u06ff"
        or "\u0750" <= character <= "\u08ff"
        or ("\ufb50" <= character <= "\ufefc")
    )
