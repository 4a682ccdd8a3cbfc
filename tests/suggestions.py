"""How well proposed claims fit those that were marked by hand."""

from dataclasses import dataclass

from claims.text.quotations import Candidate, candidates
from tests.news import Article

ALIKE = 0.5
"""The share that two spans have in common of all that either has, from which they match."""

Span = tuple[int, int]


@dataclass(frozen=True)
class Score:
    """marked: claims; proposed; matched: of both; speakers: right, of those matched."""

    marked: int
    proposed: int
    matched: int
    speakers: int

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.marked + other.marked,
            self.proposed + other.proposed,
            self.matched + other.matched,
            self.speakers + other.speakers,
        )

    @property
    def recall(self) -> float:
        return self.matched / self.marked

    @property
    def precision(self) -> float:
        return self.matched / self.proposed

    @property
    def speaker(self) -> float:
        return self.speakers / self.matched


def scored(article: Article) -> Score:
    found = candidates(article.text, language="ar", published=article.published)
    pairs = matched(found, article)
    right = sum(
        names(found[at].speaker, article.speakers[article.claims[claim]["speaker"]])
        for at, claim in pairs
    )
    return Score(len(article.claims), len(found), len(pairs), right)


def matched(found: list[Candidate], article: Article) -> list[tuple[int, int]]:
    """Which candidate fits which claim, each once, those that fit best first."""
    fits = sorted(
        (
            (alike((one.start, one.end), (claim["start"], claim["end"])), at, number)
            for at, one in enumerate(found)
            for number, claim in enumerate(article.claims)
        ),
        key=lambda it: (-it[0], it[1], it[2]),
    )
    pairs: list[tuple[int, int]] = []
    for share, at, number in fits:
        taken = any(at == one or number == other for one, other in pairs)
        if share >= ALIKE and not taken:
            pairs.append((at, number))
    return pairs


def names(speaker: object, spans: list[Span]) -> bool:
    """Whether a span that names the speaker was found, whichever of them."""
    if speaker is None:
        return False
    here = (speaker.start, speaker.end)  # type: ignore[attr-defined]
    return any(alike(here, span) >= ALIKE for span in spans)


def alike(one: Span, other: Span) -> float:
    common = min(one[1], other[1]) - max(one[0], other[0])
    return max(0, common) / (max(one[1], other[1]) - min(one[0], other[0]))
