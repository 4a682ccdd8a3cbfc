"""The direction of writing, and the characters that steer it."""

import re
import unicodedata

import langcodes

_BIDI_CONTROL = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def bidi_controls(text: str) -> list[int]:
    """The offsets of the characters that steer the direction of writing, unseen.

    All twelve of Unicode's (property Bidi_Control): embeddings, overrides and isolates, and the
    marks LRM, RLM and ALM, since a name needs none of them to be written correctly.
    """
    return [found.start() for found in _BIDI_CONTROL.finditer(text)]


# Scripts in use that are written from right to left (ISO 15924).
_FROM_RIGHT = frozenset(
    {"Adlm", "Arab", "Aran", "Hebr", "Mand", "Mend", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa", "Yezi"}
)


def direction(language: str) -> str:
    """`rtl` or `ltr`: how a text of this language is written (BCP 47), as pages say it.

    By the script that the tag names, else by the one that the language mostly has.
    """
    script = langcodes.Language.get(language).maximize().script
    return "rtl" if script in _FROM_RIGHT else "ltr"


def direction_of(text: str) -> str:
    """`rtl` or `ltr`: how most of the letters of a text are written, whatever its language."""
    turned = [unicodedata.bidirectional(it) for it in text]
    return "rtl" if turned.count("R") + turned.count("AL") > turned.count("L") else "ltr"


FSI, PDI = "\u2068", "\u2069"


def one_line(text: str, most: int) -> str:
    """A text in one line of `most` characters at most, without controls; cut, it ends in …"""
    seen = "".join(" " if unicodedata.category(it) in {"Cc", "Zl", "Zp"} else it for it in text)
    line = " ".join(_BIDI_CONTROL.sub("", seen).split())
    if len(line) <= most:
        return line
    return line[: most - 1].rstrip() + "…"


def isolated(text: str, *, within: str) -> str:
    """The text set apart where it needs it, so that neither it nor what is around is turned around.

    By the isolates of UAX 9 (FSI, PDI), for where there is no markup; controls of its own, which
    could end that early, are left out. Its direction is that of its first letter.
    within: `rtl` or `ltr`. What is written the same way stays as it is; numbers and dates, whose
    parts would change places among letters from the right, do not.
    """
    bare = _BIDI_CONTROL.sub("", text)
    classes = set(map(unicodedata.bidirectional, bare))
    others = {"L", "EN", "AN"} if within == "rtl" else {"R", "AL", "AN"}
    return f"{FSI}{bare}{PDI}" if classes & others else bare
