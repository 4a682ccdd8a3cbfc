"""How well the claims that are proposed of a text fit those that were marked in it by hand."""

from collections.abc import Iterator

from rich.table import Table

from tests.benchmarks.goals import Goal
from tests.news import GOLD, SHARED, articles
from tests.suggestions import Score, scored

# Of claims found, of proposals right, of those found with the right speaker.
LEAST = {"recall": 0.8, "precision": 0.6, "speaker": 0.8}


def told() -> Iterator[Table | Goal | str]:
    if not GOLD.exists():
        yield f"No articles at {SHARED}: ISNAD_SHARED says where they are"
        return
    table = Table(title="Claims proposed of articles, beside those marked by hand")
    table.add_column("article")
    for column in ("marked", "proposed", "matched", "recall", "precision", "speaker right"):
        table.add_column(column, justify="right")
    pooled = Score(0, 0, 0, 0)
    for article in articles():
        score = scored(article)
        pooled += score
        table.add_row(article.name, *figures(score))
    table.add_section()
    table.add_row("all", *figures(pooled))
    yield table
    for what, least in LEAST.items():
        yield Goal(f"suggestions: {what}", [getattr(pooled, what)], least, unit="")


def figures(score: Score) -> list[str]:
    counts = [score.marked, score.proposed, score.matched]
    shares = [score.recall, score.precision, score.speaker]
    return [*map(str, counts), *(f"{it:.2f}" for it in shares)]
