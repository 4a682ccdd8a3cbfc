"""Parts of a document, as a caller selects them: `claims(text,claimReview/url),nextPageToken`.

Names are separated by commas; what is inside of one stands after `/` or in brackets; `*` is every
name. Of a list, the parts of each of its members. Source: the `fields` parameter of Google's APIs.
"""

import re
from typing import Any

LONGEST = 1_000  # characters
DEEPEST = 20

Selection = dict[str, Any]  # name → what is selected inside of it, or None: all of it

_TOKEN = re.compile(r"[A-Za-z0-9_]+|[*(),/]")


class BadSelection(ValueError):
    """What is written selects nothing."""


def selection(text: str) -> Selection:
    """Raises BadSelection."""
    tokens = _TOKEN.findall(text)
    if len(text) > LONGEST or "".join(tokens) != text:
        raise BadSelection
    found, rest = inside(tokens, DEEPEST)
    if rest:
        raise BadSelection
    return found


def inside(tokens: list[str], depth: int) -> tuple[Selection, list[str]]:
    """What stands between two brackets, and what follows it."""
    if depth == 0:
        raise BadSelection
    found: Selection = {}
    while True:
        way, tokens = path(tokens)
        more: Selection | None = None
        if tokens[:1] == ["("]:
            more, tokens = inside(tokens[1:], depth - 1)
            if tokens[:1] != [")"]:
                raise BadSelection
            tokens = tokens[1:]
        add(found, way, more)
        if tokens[:1] != [","]:
            return found, tokens
        tokens = tokens[1:]


def path(tokens: list[str]) -> tuple[list[str], list[str]]:
    way: list[str] = []
    while True:
        if not tokens or tokens[0] in "(),/" or len(way) == DEEPEST:
            raise BadSelection
        way.append(tokens[0])
        tokens = tokens[1:]
        if tokens[:1] != ["/"]:
            return way, tokens
        tokens = tokens[1:]


def add(found: Selection, way: list[str], more: Selection | None) -> None:
    name, *on = way
    if name in found and found[name] is None:
        return  # all of it is selected already
    if not on and more is None:
        found[name] = None
        return
    within = found.setdefault(name, {})
    if on:
        add(within, on, more)
    else:
        for one, its in (more or {}).items():
            add(within, [one], its)


def selected(document: Any, asked: Selection | None) -> Any:
    """The parts of a document; what is not there is left out."""
    if asked is None:
        return document
    if isinstance(document, list):
        return [selected(it, asked) for it in document]
    if not isinstance(document, dict):
        return document
    return {
        name: selected(value, asked[name] if name in asked else asked["*"])
        for name, value in document.items()
        if name in asked or "*" in asked
    }
