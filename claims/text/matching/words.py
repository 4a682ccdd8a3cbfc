"""Texts as matching sees them: folded, cleaned of what a post carries along, cut into words."""

import re
from functools import lru_cache
from sys import intern

from claims.text.sameness import same
from claims.text.words import folded

MOST_COMPARED = 3_000
"""Code points of a text, from its beginning, that are compared; the rest decides nothing."""

_URL = re.compile(
    r"(?:pic\.twitter\.com/\w{10}|https?://t\.co/\w{10}|https?://\S+|www\.\S+)", re.IGNORECASE
)
# How a quoted post ends: "— Name (@handle) January 14, 2020".
_SIGNED = re.compile(r"[—–-] ?([^—–]{1,80}?) ?\((@\w{1,30})\) ?\S.{0,40}$")
_TAG = re.compile(r"[#@](\w+)")
_WITHIN_TAG = re.compile(r"[^\W\d_]+|\d+")
_CAMEL = re.compile(r"(?<=[^\W\dA-Z_])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def cleaned(text: str) -> str:
    """What somebody asks about, without addresses and the date of a quoted post; tags as words."""
    text = " ".join(_URL.sub(" ", text[:MOST_COMPARED]).split())
    text = _SIGNED.sub(r" \1 \2", text)
    return _TAG.sub(lambda found: " " + _parted(found[1]) + " ", text)


def _parted(tag: str) -> str:
    return " ".join(" ".join(_CAMEL.split(piece)) for piece in _WITHIN_TAG.findall(tag))


def words(text: str) -> list[str]:
    """The folded words of a text, in order, numbers among them; signs, where there is no word."""
    return folded(text) or same(text).split()


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A folded word without its commonest endings, and in Arabic without what is joined before.

    Light on purpose: words are also compared by their letters, which finds the rest.
    """
    if "\u0600" <= word[:1] <= "\u06ff":
        return _arabic(word)
    return _english(word) if word.isascii() else word


_JOINED = ("وال", "بال", "كال", "فال", "لل", "ال")
_ENDINGS = ("ها", "ان", "ات", "ون", "ين", "يه", "يت", "ه", "ي")


def _arabic(word: str) -> str:
    """Source: the idea of light stemming, Larkey and others, 2007."""
    if len(word) > 3 and word[0] == "و" and not word.startswith("وال"):
        word = word[1:]
    for joined in _JOINED:
        if word.startswith(joined) and len(word) - len(joined) >= 2:
            word = word[len(joined) :]
            break
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            return word[: -len(ending)]
    return word


def _english(word: str) -> str:
    if len(word) <= 3 or not word.isalpha():
        return word
    if word.endswith("ies"):
        word = word[:-3] + "y"
    elif word.endswith(("sses", "xes", "ches", "shes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ingly", "edly", "ing", "ed", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    if len(word) > 4 and word.endswith("e"):
        word = word[:-1]
    return word


@lru_cache(maxsize=20_000)
def grams(word: str) -> tuple[str, ...]:
    """The runs of four letters of a word with a blank at each side; of a short one, itself."""
    padded = f" {word} "
    if len(padded) <= 4:
        return (padded,)
    return tuple(intern(padded[i : i + 4]) for i in range(len(padded) - 3))


@lru_cache(maxsize=10_000)
def pieces(stemmed: str) -> tuple[str, ...]:
    """The runs of two and three letters by which two stems are compared, each once."""
    padded = f" {stemmed} "
    found = (padded[i : i + size] for size in (2, 3) for i in range(len(padded) - size + 1))
    return tuple({intern(it) for it in found})
