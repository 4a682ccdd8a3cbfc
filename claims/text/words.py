"""The words of a text, and the forms under which each is found.

Functions of PostgreSQL do the same (`sql/words_v1`): they make what is searched in, these what is
asked for and where it stands in a text.
"""

import re
import unicodedata
from collections.abc import Iterator

from claims.text.sameness import same

_SEPARATORS = (
    "\u0001-/:-@\\[-`{-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u05be\u05c0\u05c3"
    "\u05c6\u05f3\u05f4\u0600-\u060f\u061b\u061d-\u061f\u066a-\u066d\u06d4\u06dd\u06e9\u0964"
    "\u0965\u1680\u2000-\u200a\u2010-\u2029\u202f-\u205f\u2190-\u2bff\u2e00-\u2e7f\u3000-\u303f"
    "\ufd3e\ufd3f\ufe30-\ufe4f\uff01-\uff0f\U0001f000-\U0001faff"
)
# What Chinese and Japanese write without spaces: each is a word.
_LONE = "\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff"
_WORD = re.compile(f"[{_LONE}]|[^{_SEPARATORS}{_LONE}]+")

# و or ف, then ب, ك or ل, then the article; or لل. At least three letters are left.
_JOINED = re.compile(
    "^[\u0648\u0641]?(?:[\u0628\u0643\u0644]?\u0627\u0644|\u0644\u0644)(?=...)", re.DOTALL
)
# ي ه ات ان ون ين ها هم نا وا, as many as there are.
_ENDINGS = re.compile(
    "^([\u0620-\u06d3]..+?)(?:\u064a|\u0647|\u0627\u062a|\u0627\u0646|\u0648\u0646|\u064a\u0646|\u0647\u0627"
    "|\u0647\u0645|\u0646\u0627|\u0648\u0627)+$",
    re.DOTALL,
)


def words(text: str) -> list[str]:
    return _WORD.findall(text)


def places(text: str) -> Iterator[tuple[int, int]]:
    """Where the words of a text stand: start and end in code points, the end exclusive."""
    return (found.span() for found in _WORD.finditer(text))


def folded(text: str) -> list[str]:
    """The words without what two spellings differ in."""
    return words(same(text))


def written(text: str) -> list[str]:
    """The words as they are written, in normal form C."""
    return words(unicodedata.normalize("NFC", text))


def is_arabic(word: str) -> bool:
    return "\u0620" <= word[:1] <= "\u06d3"


def arabic_stems(word: str) -> set[str]:
    """What a folded word in Arabic letters may be a form of, beside itself.

    One of و ف may be joined to its front, then one of ب ك ل, then the article; pronouns and endings
    of number and kind to its end. Of بغداد nobody can tell without knowing the word that its ب is
    no preposition: so it is found as itself and as what is left, by whoever asks for either.
    """
    bare = _ENDINGS.sub(r"\1", _JOINED.sub("", word))
    stems = {bare}
    if bare[0] in "\u0648\u0641" and len(bare) > 3:
        bare = bare[1:]
        stems.add(bare)
    if bare[0] in "\u0628\u0643\u0644" and len(bare) > 3:
        stems.add(bare[1:])
    return stems - {word}
