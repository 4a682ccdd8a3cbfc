"""What has to be reached, what is aimed at, and what was found."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from rich.table import Table


@dataclass(frozen=True)
class Goal:
    """what: of what the figures are, one a round. limit: of their median, or what they may be at
    most where `most`. aim: what would be good."""

    what: str
    figures: Sequence[float]
    limit: float | None = None
    aim: float | None = None
    most: bool = False
    unit: str = "×"

    @property
    def figure(self) -> float:
        return median(self.figures)

    def reaches(self, wanted: float) -> bool:
        return self.figure <= wanted if self.most else self.figure >= wanted

    @property
    def digits(self) -> str:
        return ".2f" if self.unit else ".3f"

    @property
    def reached(self) -> bool:
        return self.limit is None or self.reaches(self.limit)

    @property
    def verdict(self) -> str:
        if not self.reached:
            return "MISSED"
        return "aim" if self.aim is not None and self.reaches(self.aim) else "ok"


def table(goals: Iterable[Goal]) -> Table:
    shown = Table("what has to be reached", "found", "limit", "aim", "", box=None)
    for it in goals:
        side = "at most" if it.most else "at least"
        shown.add_row(
            it.what,
            f"{ranged(it.figures, it.digits)} {it.unit}",
            "" if it.limit is None else f"{side} {it.limit:g}",
            "" if it.aim is None else f"{it.aim:g}",
            it.verdict,
        )
    return shown


def ranged(values: Sequence[float], how: str = ".2f") -> str:
    """Median, lowest and highest, where there are several."""
    if len(values) == 1:
        return f"{values[0]:{how}}"
    return f"{median(values):{how}} ({min(values):{how}}–{max(values):{how}})"
