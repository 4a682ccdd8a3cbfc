"""Finding a passage of one snapshot again in a later one."""

from typing import Literal

from claims.text.characters import is_blank
from claims.text.occurrences import MOST_COMPARED, Spans, longest
from claims.text.passages import CONTEXT, Searchable

Anchor = Literal["exact", "moved", "lost"]


def reanchor(
    new_text: str | Searchable,
    *,
    exact: str,
    prefix: str,
    suffix: str,
    start: int,
    end: int,
) -> tuple[Anchor, int | None, int | None]:
    """Where a passage of an earlier snapshot stands in a later one: (anchor, start, end).

    `exact`: the same characters at the same offsets, whatever surrounds them.
    `moved`: elsewhere verbatim; of several places the one whose surroundings agree with `prefix`
    and `suffix` for most code points, and of those the nearest to the old `start` (of the
    MOST_COMPARED nearest places). Also: nowhere verbatim, but loosely in exactly one place;
    `new_text[start:end]` then differs from `exact` in white space, marks or typography, never in
    letters, so that a harmless edit does not orphan a claim.
    `lost`, with None for both offsets: otherwise.
    """
    searchable = Searchable.of(new_text)
    if 0 <= start < end and searchable.text[start:end] == exact:
        return "exact", start, end
    if is_blank(exact):
        return "lost", None, None
    if best := _best(searchable.text, exact, prefix, suffix, start):
        return "moved", *best
    for spans in searchable.loosely(exact):
        if place := spans.only:
            return "moved", *place
        if spans:
            break
    return "lost", None, None


def _best(text: str, exact: str, prefix: str, suffix: str, start: int) -> tuple[int, int] | None:
    """The verbatim place that agrees most with the surroundings, then is nearest to `start`."""
    # More context than is ever stored only costs time.
    prefix, suffix = prefix[-2 * CONTEXT :], suffix[: 2 * CONTEXT]
    if fitting := _nearest(text, exact, prefix, suffix, start, 1):
        return fitting[0]

    def agreement(span: tuple[int, int]) -> tuple[int, int, int]:
        common = _common_end(text, span[0], prefix) + _common_start(text, span[1], suffix)
        return common, -abs(span[0] - start), -span[0]

    return max(_nearest(text, exact, "", "", start, MOST_COMPARED), key=agreement, default=None)


def _nearest(
    text: str, exact: str, prefix: str, suffix: str, start: int, most: int
) -> list[tuple[int, int]]:
    """The `most` places of `exact` between prefix and suffix that begin nearest to `start`.

    Looks in ever wider windows, so that a word that is everywhere costs less than one that is
    nowhere.
    """
    begin, width = start - len(prefix), 4_096
    size = len(prefix + exact + suffix)
    while True:
        low, high = max(0, begin - width), max(0, begin + width + size)
        found = Spans.verbatim(text[low:high], exact, prefix, suffix)
        if found.total >= most or (low == 0 and high >= len(text)):
            return [(low + one, low + two) for one, two in found.nearest(begin - low, most)]
        width *= 4


def _common_start(text: str, at: int, suffix: str) -> int:
    """For how many code points `text` from `at` agrees with `suffix`."""
    return longest(len(suffix), lambda n: text.startswith(suffix[:n], at))


def _common_end(text: str, at: int, prefix: str) -> int:
    """For how many code points `text` up to `at` agrees with the end of `prefix`."""
    size = len(prefix)
    return longest(size, lambda n: text.endswith(prefix[size - n :], 0, at))
