"""The table of a contest: who did how much; and what Isnad has to reach in it."""

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from statistics import median

from rich.table import Table

from tests.benchmarks.goals import Goal, ranged
from tests.benchmarks.peers.contest import OWN_LIST, PGBENCH
from tests.benchmarks.peers.load import Result
from tests.benchmarks.peers.serving import ISNAD
from tests.benchmarks.peers.verdicts import PGBENCH as SAME_WRITES

BODY, ORJSON, SQLALCHEMY, NINJA, TUTORIAL = (
    "FastAPI + asyncpg + body by PostgreSQL",
    "FastAPI + asyncpg + orjson",
    "FastAPI + SQLAlchemy + pydantic",
    "django-ninja",
    "tutorial DRF",
)
# By workload: what Isnad has to do for each request that the other one does. At least, and the aim.
GOALS: dict[str, dict[str, tuple[float, float | None]]] = {
    "list": {
        ORJSON: (1.0, 1.2),
        BODY: (0.8, 1.2),
        SQLALCHEMY: (6.0, None),
        TUTORIAL: (15.0, None),
    },
    "detail": {ORJSON: (1.0, 1.2), BODY: (0.0, 1.2)},
    "304": {OWN_LIST: (2.0, 4.0)},
    "verdict": {SAME_WRITES: (0.6, 0.85)},
}
CPU_GOAL, CPU_AIM = 2.3, 1.7  # of pgbench, for a list; at most


def versions() -> str:
    """Of what the peers are made of."""
    names = ("fastapi", "uvicorn", "uvloop", "asyncpg", "SQLAlchemy", "pydantic")
    return ", ".join(f"{name} {version(name)}" for name in (*names, "django-ninja", "gunicorn"))


def table(workload: str, found: Mapping[str, Sequence[Result]]) -> Table:
    shown = Table(workload, "a second", "Isnad : it", "CPU ms", "client µs", box=None)
    own = found[ISNAD]
    for name, results in found.items():
        shown.add_row(
            name,
            ranged([result.rate for result in results], ",.0f" if results[0].rate > 50 else ".1f"),
            "" if name == ISNAD else ranged(ratios(own, results)),
            ranged([result.cpu for result in results]),
            f"{median(r.client / r.requests for r in results) * 1e6:.0f}"
            if results[0].client
            else "",
        )
    return shown


def goals(workload: str, found: Mapping[str, Sequence[Result]]) -> Iterator[Goal]:
    """What Isnad has to do for each request that others do, and the CPU that it may take."""
    own = found[ISNAD]
    for name, (least, aim) in GOALS[workload].items():
        what = f"{workload}, as many as {name}"
        yield Goal(what, ratios(own, found[name]), least or None, aim)
    if workload == "list":
        pairs = zip(own, found[PGBENCH], strict=True)
        figures = [mine.cpu / its.cpu for mine, its in pairs]
        yield Goal("list, CPU a request of pgbench's", figures, CPU_GOAL, CPU_AIM, most=True)


def ratios(own: Sequence[Result], others: Sequence[Result]) -> list[float]:
    return [mine.rate / its.rate for mine, its in zip(own, others, strict=True)]
