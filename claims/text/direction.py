"""Characters that steer the direction of writing."""

import re

_BIDI_CONTROL = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def bidi_controls(text: str) -> list[int]:
    """The offsets of the characters that steer the direction of writing, unseen.

    All twelve of Unicode's (property Bidi_Control): embeddings, overrides and isolates, and the
    marks LRM, RLM and ALM, since a name needs none of them to be written correctly.
    """
    return [found.start() for found in _BIDI_CONTROL.finditer(text)]
