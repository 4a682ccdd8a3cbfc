"""Quotation marks: which opens, which closes what, and where an unclosed one ends.

Straight marks say neither, and Arabic texts are found with curly ones either way round; what
stands beside a mark decides, then its shape. A passage that nothing closes ends with its sentence,
as does one longer than MOST_QUOTED, so that a forgotten mark spoils no more than that.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from claims.text.characters import IGNORED
from claims.text.quotations.tokens import plain, plains

MOST_QUOTED = 6_000
"""Code points that one quotation may take."""

MOST_MARKS = 60
"""Marks after the opening one among which the closing one is sought."""

_OPENING = {"«": "angle", "“": "double", "„": "double", "‘": "single", "‹": "single", "‚": "single"}
_CLOSING = {"»": "angle", "”": "double", "’": "single", "›": "single"}
_EITHER = {'"': "double", "‟": "double", "＂": "double", "'": "single"}
MARKS = {**_OPENING, **_CLOSING, **_EITHER}
_PREFIXES = plains("و ف ب ل ك ال بال وال فال كال لل وب ول فب فل بـ لـ كـ وبـ ولـ الـ والـ بالـ")
_STOPS = frozenset(".!?؟…")


@dataclass(slots=True)
class Quote:
    """A quotation: `text[start:end]` are its words, without the marks.

    opened, closed: with the marks. balanced: whether a mark closes it. inner: those within it.
    """

    start: int
    end: int
    opened: int
    closed: int
    balanced: bool = True
    inner: list[Quote] = field(default_factory=list)


def quotes_of(text: str, start: int, end: int) -> list[Quote]:
    """The outermost quotations of a paragraph, in order."""
    places = [at for at in range(start, end) if text[at] in MARKS]
    found: list[Quote] = []
    index = 0
    while index < len(places):
        quote, index = _quote(text, places, index, end)
        if quote is not None:
            found.append(quote)
    return found


def _quote(text: str, places: list[int], index: int, end: int) -> tuple[Quote | None, int]:
    """The quotation that the mark at `index` opens, if it does; and the mark to go on with."""
    opened = places[index]
    kind = _opens(text, opened, set())
    if kind is None:
        return None, index + 1
    limit = min(end, opened + MOST_QUOTED)
    stack: list[tuple[str, int]] = [(kind, opened)]
    inner: list[Quote] = []
    at = index + 1
    last = min(len(places), index + MOST_MARKS)
    while at < last and places[at] < limit:
        place = places[at]
        at += 1
        within = {open_kind for open_kind, _ in stack}
        if (closes := _closes(text, place, within)) is not None:
            while stack[-1][0] != closes:
                stack.pop()
            _, began = stack.pop()
            if not stack:
                return _made(text, began, place, inner), at
            inner.append(Quote(began + 1, place, began, place + 1))
        elif len(stack) < 4 and (opens := _opens(text, place, within)) is not None:
            stack.append((opens, place))
    stop = _sentence_end(text, opened + 1, limit, inner)
    kept = [quote for quote in inner if quote.closed <= stop]
    quote = _made(text, opened, stop, kept, balanced=False)
    after = index + 1
    while after < len(places) and places[after] < stop:
        after += 1
    return quote, after


def _made(
    text: str, opened: int, closes: int, inner: list[Quote], *, balanced: bool = True
) -> Quote | None:
    start, end = opened + 1, closes
    while start < end and (text[start].isspace() or text[start] in IGNORED):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in IGNORED):
        end -= 1
    if start >= end:
        return None
    return Quote(start, end, opened, closes + balanced, balanced, inner)


def _sentence_end(text: str, start: int, limit: int, inner: list[Quote]) -> int:
    """Where the sentence ends, before its mark; marks within inner quotations do not end it."""
    spans = iter(sorted((quote.opened, quote.closed) for quote in inner))
    span = next(spans, None)
    at = start
    while at < limit:
        if span is not None and at >= span[0]:
            at, span = max(at, span[1]), next(spans, None)
            continue
        if text[at] in _STOPS and text[at : at + 2] not in ("..", ".."):
            following = text[at + 1 : at + 2]
            if not following or following.isspace() or following in MARKS:
                return at
        at += 1
    return limit


def _beside(text: str, at: int) -> tuple[str, str]:
    """The characters before and after a mark, those that are unseen passed over."""
    before, after = at - 1, at + 1
    while before >= 0 and text[before] in IGNORED and text[before] != "ـ":
        before -= 1
    while after < len(text) and text[after] in IGNORED:
        after += 1
    return text[before : before + 1] if before >= 0 else "", text[after : after + 1]


def _word_before(text: str, at: int) -> str:
    start = at
    while start > 0 and at - start < 6 and (text[start - 1].isalpha() or text[start - 1] == "ـ"):
        start -= 1
    return plain(text[start:at])


def _looks(text: str, at: int) -> str:
    """What stands beside the mark takes it for: "opening", "closing", or "" for either."""
    before, after = _beside(text, at)
    free_before = not before or before.isspace()
    free_after = not after or after.isspace()
    if free_before != free_after:
        return "opening" if free_before else "closing"
    if free_before:
        return ""
    if before.isalnum() != after.isalnum():
        return "closing" if before.isalnum() else "opening"
    return "opening" if before.isalnum() and _word_before(text, at) in _PREFIXES else ""


def _opens(text: str, at: int, within: set[str]) -> str | None:
    mark = text[at]
    kind = MARKS[mark]
    looks = _looks(text, at)
    if kind == "single" and looks != "opening":
        return None  # an apostrophe, as far as one can tell
    if mark in _OPENING:
        return kind
    if looks == "opening":
        return kind
    if mark in _CLOSING or looks == "closing":
        return None
    return None if kind in within else kind


def _closes(text: str, at: int, within: set[str]) -> str | None:
    mark = text[at]
    kind = MARKS[mark]
    if kind not in within:
        return None
    looks = _looks(text, at)
    if kind == "single" and looks != "closing":
        return None
    if mark in _CLOSING and looks != "opening":
        return kind
    if mark in _OPENING:
        # The other way round: what opens by its shape and closes by its place.
        return kind if looks == "closing" else None
    return None if looks == "opening" else kind
