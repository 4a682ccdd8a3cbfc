"""The places of a needle in a haystack, however many they are."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from heapq import nsmallest
from itertools import chain, islice

from claims.text.folding import Fold

MOST_COMPARED = 1_000
"""Places whose surroundings are compared one by one; beyond that, the nearest or none decides."""


@dataclass(frozen=True, slots=True)
class Spans:
    """All places of a needle in a haystack, in order, overlapping ones too.

    runs: where it begins, as evenly spaced runs, so that a million places that overlap cost no
        more than one.
    place: from there to (start, end) in the original text.
    """

    runs: list[range]
    place: Callable[[int], tuple[int, int]]

    @classmethod
    def verbatim(cls, text: str, exact: str, prefix: str = "", suffix: str = "") -> Spans:
        """The places of `exact`, there alone where it stands between prefix and suffix."""
        lead, size = len(prefix), len(exact)
        return cls(_runs(text, prefix + exact + suffix), lambda at: (at + lead, at + lead + size))

    @classmethod
    def loose(cls, fold: Fold, exact: str, prefix: str = "", suffix: str = "") -> Spans:
        """The places in the source of `fold` of what is loosely `exact` between prefix and suffix.

        exact: not blank.
        """
        wanted, whole = Fold.of(exact), Fold.of(prefix + exact + suffix)
        if not fold.spaced:
            wanted, whole = wanted.without_spaces(), whole.without_spaces()
        needle = whole.text.strip(" ")
        left = len(whole.text) - len(whole.text.lstrip(" "))
        first, last = wanted.ends()
        # Which characters of the needle are the first and the last of `exact`, not counting space.
        begin = bisect_right(whole.offsets, len(prefix) + first) - 1
        begin = bisect_left(whole.offsets, whole.offsets[begin]) - left
        finish = bisect_right(whole.offsets, len(prefix) + last) - left
        return cls(_runs(fold.text, needle), lambda at: fold.original(at + begin, at + finish))

    def __bool__(self) -> bool:
        return bool(self.runs)

    @property
    def total(self) -> int:
        return sum(map(len, self.runs))

    @property
    def only(self) -> tuple[int, int] | None:
        """The place if there is one alone, else None."""
        return self.first(1)[0] if self.total == 1 else None

    def first(self, most: int) -> list[tuple[int, int]]:
        return [self.place(at) for at in islice(chain.from_iterable(self.runs), most)]

    def nearest(self, to: int, most: int) -> list[tuple[int, int]]:
        """The `most` places that begin nearest to `to` in the haystack, the nearest first."""
        middle = bisect_left(self.runs, to, key=lambda run: run.start)
        starts: list[int] = []
        for run in self.runs[max(0, middle - most) : middle + most]:
            index = (to - run.start) // run.step
            starts += run[max(0, min(index, len(run)) - most) : max(0, index + 1) + most]
        return [self.place(at) for at in nsmallest(most, starts, key=lambda at: abs(at - to))]

    def only_verbatim(self, text: str, exact: str) -> Spans:
        """Of places found loosely those that are verbatim; all if too many to look at each."""
        if self.total > MOST_COMPARED:
            return self
        size, (lead, _) = len(exact), Fold.of(exact).ends()
        starts = (start - lead for start, _ in self.first(MOST_COMPARED))
        return Spans(
            [range(at, at + 1) for at in starts if at >= 0 and text.startswith(exact, at)],
            lambda at: (at, at + size),
        )


def _runs(haystack: str, needle: str) -> list[range]:
    """Where `needle` begins in `haystack`.

    Looking on from each place in turn would be quadratic for a long needle in a repetitive text.
    So: two places that overlap or touch make the text periodic there; follow the period by
    comparing slices, and count the places in it instead of visiting them.
    """
    size, runs = len(needle), []
    at = haystack.find(needle)
    while at >= 0:
        following = haystack.find(needle, at + 1)
        step = following - at
        if following < 0 or step > size:
            runs.append(range(at, at + 1))
            at = following
            continue
        periodic = size + _agreement(haystack, at + size - step, at + size)
        run = range(at, at + periodic - size + 1, step)
        runs.append(run)
        at = haystack.find(needle, run[-1] + 1)
    return runs


def _agreement(text: str, one: int, other: int) -> int:
    """For how many code points `text` goes on alike from two offsets, one < other."""
    size, block = 0, 1
    while text[one + size : one + size + block] == text[other + size : other + size + block]:
        size += block
        block *= 2
    while block := block // 2:
        if text[one + size : one + size + block] == text[other + size : other + size + block]:
            size += block
    return size


def longest(most: int, holds: Callable[[int], bool]) -> int:
    """The greatest n up to `most` for which `holds(n)`; it holds for all smaller ones too."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low
