"""What is the same text, however it is written: one form for search, matching and conflicts.

Looser than the form by which passages are located (`folding`): letters lose their case and their
accents too. A function of PostgreSQL does the same (`sql/same_v1`), which a test holds for every
character that both know. The tables are therefore lists of our own, as of Unicode 14, and do not
grow with Python's.
"""

import re
import unicodedata

from claims.text.characters import FOLDED, IGNORED, characters

# Accents of any script's letters, and what is beside hamza and madda (0653-0655): these make
# other letters of the alef, the waw and the ya, but few writers tell them apart. Hebrew points.
DROPPED = IGNORED | characters(
    "0300-036F 0483-0489 0591-05BD 05BF 05C1-05C2 05C4-05C5 05C7 0653-0655 0674 1AB0-1ACE "
    "1DC0-1DFF 20D0-20F0 FE20-FE2F"
)

# Letters that are another's form, or its variant in Persian and Urdu: the ya without dots and the
# Farsi one, the ta marbuta and the goal forms of the ha, the keheh and the swash kaf, the alef
# of wasla. What stands for another sound (pe, che, gaf) is another letter.
_ARABIC = {
    "\u0671": "\u0627",
    "\u0649": "\u064a",
    "\u06cc": "\u064a",
    "\u06d2": "\u064a",
    "\u0629": "\u0647",
    "\u06be": "\u0647",
    "\u06c1": "\u0647",
    "\u06c3": "\u0647",
    "\u06d5": "\u0647",
    "\u06a9": "\u0643",
    "\u06aa": "\u0643",
    "\u060c": ",",
    "\u061b": ";",
    "\u061f": "?",
    "\u06d4": ".",
    "\u066a": "%",
    "\u066b": ".",
    "\u066c": ",",
    **{chr(0x660 + digit): str(digit) for digit in range(10)},
    **{chr(0x6F0 + digit): str(digit) for digit in range(10)},
}

# Latin letters that no normal form takes apart, by the one or two that are typed for them.
_LATIN = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ħ": "h", "ł": "l", "ŧ": "t"}
_LATIN |= {"ı": "i", "ς": "σ"}

# Where capitals stand, those alone that no normal form takes apart; between them small letters.
_CAPITALS = characters(
    "0041-005A 00C6 00D0 00D8 00DE 0110-024E 0370-03FF 0402-052E 0531-0556 10A0-10CD 13A0-13F5 "
    "1C90-1CBF 1E9E 1EFA-1EFE 2132 2183 2C00-2C2F 2C60-2CF2 A640-A69A A722-A7C9 A7D0 A7D6-A7D8 "
    "A7F5 10400-10427 104B0-104D3 10570-10595 10C80-10CB2 118A0-118BF 16E40-16E5F 1E900-1E921"
)
_SMALL = {capital: capital.lower() for capital in _CAPITALS}

FORMS: dict[str, str] = {
    **{capital: _LATIN.get(small, small) for capital, small in _SMALL.items() if small != capital},
    **_LATIN,
    **_ARABIC,
    **FOLDED,
    **dict.fromkeys(DROPPED, ""),
}
"""What a character of normal form KD becomes, if it changes."""

_TABLE = str.maketrans(FORMS)
_SPACES = re.compile(" {2,}")


def same(text: str) -> str:
    """Equal for two texts exactly when they are taken for the same one. Often no text to show.

    Without case, accents and vowel marks, forms and variants of Arabic letters, foreign digits,
    typographic quotes and dashes, unseen characters, or more than one space between words.
    """
    plain = unicodedata.normalize("NFKD", text).translate(_TABLE)
    plain = unicodedata.normalize("NFC", plain)
    if "  " in plain:
        plain = _SPACES.sub(" ", plain)
    return plain.strip(" ")
