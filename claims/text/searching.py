"""What somebody searches for, as it is typed.

    words "a phrase" -without this OR that

All words have to be there; of those that OR (or |) stands between, one. Nothing else is a sign.
"""

import re
from dataclasses import dataclass

from claims.text.words import folded, written

MOST_WORDS = 32
LONGEST = 500  # characters

_QUOTES = str.maketrans("\u201c\u201d\u201e\u201f", '""""')
_PIECE = re.compile(r'(?P<without>-)?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))')


class Unsearchable(ValueError):
    """What is typed asks for nothing that can be looked for. reason: one of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


REASONS = ("too long", "too many words", "quote left open", "nothing", "only without", "lonely or")


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand one after the other. exact: these forms of them and no others."""

    words: tuple[str, ...]
    exact: bool


@dataclass(frozen=True, slots=True)
class Search:
    """One of each of `all`, and none of `without`. folded: whether the words are."""

    all: tuple[tuple[Term, ...], ...]
    without: tuple[Term, ...]
    folded: bool


def search(typed: str, *, fold: bool = True) -> Search:
    """Raises Unsearchable."""
    if len(typed) > LONGEST:
        raise Unsearchable("too long")
    typed = typed.translate(_QUOTES)
    if typed.count('"') % 2:
        raise Unsearchable("quote left open")
    every: list[list[Term]] = []
    without: list[Term] = []
    joins = False
    for piece in _PIECE.finditer(typed):
        phrase, word = piece["phrase"], piece["word"]
        if word in ("OR", "|") and not piece["without"]:
            if joins or not every:
                raise Unsearchable("lonely or")
            joins = True
            continue
        found = (folded if fold else written)(word if phrase is None else phrase)
        if not found:
            continue
        term = Term(tuple(found), exact=not fold or phrase is not None or len(found) > 1)
        if piece["without"]:
            if joins:
                raise Unsearchable("lonely or")
            without.append(term)
        elif joins:
            every[-1].append(term)
            joins = False
        else:
            every.append([term])
    if joins:
        raise Unsearchable("lonely or")
    if not every:
        raise Unsearchable("only without" if without else "nothing")
    if sum(len(term.words) for terms in (*every, without) for term in terms) > MOST_WORDS:
        raise Unsearchable("too many words")
    return Search(tuple(map(tuple, every)), tuple(without), fold)
