"""What each character is to a search: seen or not, plain or typographic, a mark or a letter."""

import unicodedata
from functools import cache


def characters(ranges: str) -> frozenset[str]:
    """The characters of a list such as "0640 064B-0652"."""
    found: set[str] = set()
    for piece in ranges.split():
        first, _, last = piece.partition("-")
        found.update(map(chr, range(int(first, 16), int(last or first, 16) + 1)))
    return frozenset(found)


# Hamza and madda above and below (0653-0655) make other letters, and are not among these.
_ARABIC_MARKS = characters(
    "0640 0610-061A 064B-0652 0656-065F 0670 06D6-06DC 06DE-06ED 0898-089F 08CA-08E1 08E3-08FF"
)
_UNSEEN = characters("00AD 034F 061C 180E 200B-200F 202A-202E 2060-2064 2066-206F FE00-FE0F FEFF")
IGNORED = _ARABIC_MARKS | _UNSEEN

_PLAIN = {
    **dict.fromkeys(characters("2010-2015 2043 2212 FE58 FE63 FF0D"), "-"),
    **dict.fromkeys(characters("00AB 00BB 201C-201F 2033 2036 301D-301F FF02"), '"'),
    **dict.fromkeys(characters("0060 00B4 02B9 02BC 2018-201B 2032 2035 2039 203A FF07"), "'"),
}

SPACES = frozenset(filter(str.isspace, map(chr, range(0x3001))))
FOLDED: dict[str, str] = {
    **_PLAIN,
    **dict.fromkeys(SPACES, " "),
    **dict.fromkeys(IGNORED, ""),
}
"""What a character becomes, if it changes: a plain form, a space, or nothing."""


def is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


def is_blank(text: str) -> bool:
    """Whether nothing is left of `text` without white space, ignored characters and marks."""
    return all(c in IGNORED or c in SPACES or is_mark(c) for c in text)


def continues(character: str) -> bool:
    """Whether it may belong to the character before it: marks, and the vowels and finals of Hangul.

    No others are second in a canonical composition, which a test holds for all of Unicode.
    """
    return is_mark(character) or "\u1160" <= character <= "\u11ff"


@cache
def composing() -> tuple[frozenset[str], frozenset[str]]:
    """The characters that continue another, and those that normal form C may concern at all.

    Made on first use, in some 30 ms: the blocks passed over hold neither kind.
    """
    blocks = ((0x300, 0x3400), (0xA000, 0xAC00), (0xF900, 0x17000), (0x1B000, 0x20000))
    more = ((0x2F800, 0x2FA20), (0xE0100, 0xE01F0))
    concerned = [chr(point) for block in blocks + more for point in range(*block)]
    continuing = frozenset(filter(continues, concerned))
    return continuing, continuing | {c for c in concerned if unicodedata.normalize("NFC", c) != c}
