"""`make bench`: what a list costs when the record is a hundred times as large, beside others; how
well and how fast claims are found; and whether all that has to be reached is reached.

python -m tests.benchmarks [--quick] [--claims N] [--as-is]            the whole
python -m tests.benchmarks --NAME [VALUE] … [--quick] [--claims N] …   of BENCHMARKS, only these
"""

import argparse
import os
import platform
import re
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from tests.benchmarks import goals
from tests.benchmarks.databases import connect, console, prepared, server

SMALL, LARGE, QUICK = 10_000, 1_000_000, 100_000
ALONE = "tests.benchmarks.alone"
WORKLOADS = ("list", "detail", "304", "verdict")
Asked = argparse.Namespace
Shown = Iterator[Any]  # tables and lines, and goals, which are shown in the end


def main() -> None:
    asked = arguments()
    # As Ctrl-C does: what was started is stopped, copies are dropped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    found: list[goals.Goal] = []
    with server():
        set_up_django()
        tell_machine()
        chosen = [name for name in BENCHMARKS if getattr(asked, name) is not None]
        whole = [name for name in WHOLE if not asked.quick or name not in LONG]
        for name in chosen or whole:
            console.rule(name)
            for shown in BENCHMARKS[name].run(asked):
                if isinstance(shown, goals.Goal):
                    found.append(shown)
                else:
                    out.print(shown)
    if found:
        out.print("\n", goals.table(found))


# Each gives what it found


def growth(asked: Asked) -> Shown:
    sizes = {prepared(n, as_is=asked.as_is): n for n in (SMALL, asked.claims)}
    yield from numbered(list(sizes))
    yield from grown(sizes, asked)


def flat(asked: Asked) -> Shown:
    from tests.benchmarks import multiply

    times = asked.flat
    small, large = prepared(SMALL, as_is=True), multiply.multiplied(asked.claims, times)
    yield from grown({small: SMALL, large: asked.claims * times}, asked, ALONE)


def peers(asked: Asked) -> Shown:
    from tests.benchmarks.peers import contest, report, verdicts

    database = connected(asked)
    yield report.versions()
    length = {"rounds": asked.rounds, "seconds": asked.seconds}
    reads = [name for name in asked.workload if name != "verdict"]
    if reads:
        for workload, found in contest.reads(database, keys(), reads, **length):
            yield report.table(workload, found)
            yield from report.goals(workload, found)
    if "verdict" in asked.workload:
        with verdicts.contest(database, turns=asked.rounds + 1) as its:
            found = contest.measured(its, **length)
            yield report.table("verdict", found)
            yield from report.goals("verdict", found)


def servers(asked: Asked) -> Shown:
    from tests.benchmarks.peers import report, servers

    database = connected(asked)
    yield report.versions()
    yield servers.table(
        servers.measured(database, keys(), rounds=asked.rounds, seconds=asked.seconds)
    )


def bulk(asked: Asked) -> Shown:
    from tests.benchmarks import bulk

    database = prepared(asked.claims, as_is=asked.as_is)
    lines = asked.bulk or (5_000 if asked.quick else 20_000)
    yield from bulk.told(database, asked.claims, lines=lines)


def reviews(asked: Asked) -> Shown:
    from tests.benchmarks import reviews

    database = prepared(asked.claims, as_is=asked.as_is)
    count = asked.reviews or (10_000 if asked.quick else 100_000)
    rounds = 1 if asked.quick else reviews.ROUNDS
    yield from reviews.told(database, asked.claims, reviews=count, rounds=rounds)


def memory(asked: Asked) -> Shown:
    from tests.benchmarks import memory

    database = prepared(asked.claims, as_is=asked.as_is)
    yield from memory.told(database, asked.memory or (1 if asked.quick else 60))


def storage(asked: Asked) -> Shown:
    from tests.benchmarks import multiply, plans, storage

    database = multiply.multiplied(asked.claims, asked.storage)
    plans.connect_to(database)
    yield from storage.told(database)


def desk(asked: Asked) -> Shown:
    from tests.benchmarks import desk

    yield from desk.told(connected(asked))


def parts(asked: Asked) -> Shown:
    from tests.benchmarks import parts

    yield from parts.told(connected(asked), keys())


def writes(asked: Asked) -> Shown:
    from tests.benchmarks import writes

    database = connected(asked)
    for writers in (1, 16):
        yield from writes.told(database, writers)


def log(asked: Asked) -> Shown:
    from tests.benchmarks import log

    yield from log.told(connected(asked), key(), rounds=7, requests=16)


def webhooks(asked: Asked) -> Shown:
    from tests.benchmarks import webhooks

    yield from webhooks.told()


def match(asked: Asked) -> Shown:
    from tests.benchmarks import match

    parts = {"quality": (False, True), "speed": (True, False), "all": (True, True)}
    fast, good = parts[asked.match or "all"]
    yield from match.told(fast=fast, good=good, claims=asked.claims, quick=asked.quick)


def suggestions(asked: Asked) -> Shown:
    from tests.benchmarks import suggestions

    yield from suggestions.told()


def dates(asked: Asked) -> Shown:
    from tests.benchmarks import dates

    yield from dates.told(all_of_it=asked.verbose)


def search(asked: Asked) -> Shown:
    from tests.benchmarks import search

    database = connected(asked)
    yield from search.told(database, key(), rounds=asked.rounds, seconds=asked.seconds)


def exports(asked: Asked) -> Shown:
    from tests.benchmarks import exports

    rounds = asked.exports or (1 if asked.quick else 3)
    yield from exports.told(connected(asked), key(), rounds=rounds)


def stats(asked: Asked) -> Shown:
    from tests.benchmarks import stats

    rounds = asked.stats or (3 if asked.quick else 7)
    yield from stats.told(connected(asked), key(), rounds=rounds)


class Benchmark(NamedTuple):
    """help: for the command line. value: of the option, where it takes one."""

    run: Callable[[Asked], Shown]
    help: str
    value: tuple[str, Callable[[str], Any], Any] | None = None


BENCHMARKS = {
    "growth": Benchmark(growth, "pages of a small and of the large record, and their plans"),
    "peers": Benchmark(peers, "side by side with others"),
    "bulk": Benchmark(bulk, "loading so many claims against COPY", ("N", int, 20_000)),
    "reviews": Benchmark(reviews, "importing so many reviews against COPY", ("N", int, 100_000)),
    "memory": Benchmark(memory, "the processes' memory for so long", ("MINUTES", float, 60)),
    "match": Benchmark(match, "was it claimed before: quality, speed, all", ("WHAT", str, "all")),
    "search": Benchmark(search, "searching by words"),
    "dates": Benchmark(dates, "dates in running text: precision and recall"),
    "suggestions": Benchmark(suggestions, "proposed claims: precision and recall"),
    "exports": Benchmark(exports, "a whole export against COPY, so often", ("N", int, 3)),
    "stats": Benchmark(stats, "statistics against the naive aggregate, so often", ("N", int, 7)),
    "servers": Benchmark(servers, "web servers, alone and beside slow clients"),
    "desk": Benchmark(desk, "the next of many that wait at a desk"),
    "writes": Benchmark(writes, "verdicts a second, with and without the log"),
    "log": Benchmark(log, "numbering, proofs, verifying, pages of the feed"),
    "webhooks": Benchmark(webhooks, "deliveries a second"),
    "parts": Benchmark(parts, "key, rights, filters, rate …: what each costs a read"),
    "flat": Benchmark(flat, "growth to so many times as many claims", ("TIMES", int, 5)),
    "storage": Benchmark(storage, "a record of so many times as many on disk", ("TIMES", int, 5)),
}
WHOLE = (
    "growth",
    "peers",
    "bulk",
    "search",
    "match",
    "dates",
    "suggestions",
    "stats",
    "desk",
    "memory",
)
LONG = {"search", "match"}  # too long for a short run


def connected(asked: Asked) -> str:
    """The name of the large record, which this process is connected to and whose log is whole."""
    from tests.benchmarks import plans

    database = prepared(asked.claims, as_is=asked.as_is)
    for line in numbered([database]):
        out.print(line)
    plans.connect_to(database)
    return database


def numbered(databases: list[str]) -> Iterator[str]:
    from tests.benchmarks import log

    yield from log.numbered(databases)


def grown(sizes: dict[str, int], asked: Asked, module: str = "config.run") -> Shown:
    """Plans of the larger record, and what its pages cost beside those of the smaller one."""
    from tests.benchmarks import growth, plans

    console.print("Choosing what to ask for")
    own, paths = {}, {}
    for database in sizes:
        plans.connect_to(database)
        own[database] = key()
        with connect(database) as connection:
            paths[database] = chosen(connection, asked.only)
    large = list(sizes)[-1]
    yield from told_plans(list(plans.explained(own[large], paths[large])), asked)
    if asked.plans:
        return
    rounds, requests = (3, 8) if asked.quick else (7, 16)
    measured = growth.measure(own, paths, rounds=rounds, requests=requests, module=module)
    yield "\nmedian ms (lowest–highest median of a round); rows: documents on a page"
    yield growth.table(measured, sizes)
    yield from growth.goals(measured)


def set_up_django() -> None:
    """In this process too: for the cursors, the keys, and the statements behind each page."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    os.environ.setdefault("ALLOWED_HOSTS", "127.0.0.1")
    os.environ["LOG_KEY_FILE"] = str(Path(os.environ["ISNAD_DATA_DIR"]) / "log_key")
    django.setup()
    from claims.actions.log_keys import make_key_file

    make_key_file(Path(os.environ["LOG_KEY_FILE"]), "bench.example/isnad")


def arguments() -> Asked:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    for name, it in BENCHMARKS.items():
        if it.value is None:
            parser.add_argument(f"--{name}", action="store_true", default=None, help=it.help)
        else:
            metavar, kind, usual = it.value
            help_ = f"{it.help} ({usual})"
            parser.add_argument(
                f"--{name}", type=kind, nargs="?", const=usual, metavar=metavar, help=help_
            )
    parser.add_argument("--quick", action="store_true", help=f"{QUICK:,} claims, fewer rounds")
    parser.add_argument("--claims", type=int, help=f"size of the large record ({LARGE:,})")
    parser.add_argument("--plans", action="store_true", help="of growth, the plans only")
    parser.add_argument(
        "--workload", action="append", choices=WORKLOADS, help="of those beside others; all"
    )
    parser.add_argument("--rounds", type=int, help="of those beside others; 7, quick: 3")
    parser.add_argument("--seconds", type=float, help="of each turn in them; 10, quick: 2")
    parser.add_argument("--verbose", action="store_true", help="print every slowest plan")
    parser.add_argument("--only", default="", help="pages whose name matches this expression")
    parser.add_argument(
        "--as-is", action="store_true", help="use existing databases whatever the code now makes"
    )
    asked = parser.parse_args()
    if asked.plans:
        asked.growth = True
    asked.claims = asked.claims or (QUICK if asked.quick else LARGE)
    asked.workload = asked.workload or list(WORKLOADS)
    asked.rounds = asked.rounds or (3 if asked.quick else 7)
    asked.seconds = asked.seconds or (2 if asked.quick else 10)
    if asked.claims <= SMALL and (asked.growth or not any(getattr(asked, it) for it in BENCHMARKS)):
        parser.error(f"--claims has to be more than {SMALL:,}")
    return asked


def chosen(connection: psycopg.Connection, only: str) -> dict[str, list[str]]:
    from tests.benchmarks.cases import cases

    return {name: paths for name, paths in cases(connection).items() if re.search(only, name)}


def key() -> str:
    """A key of a checker of the database that is connected to."""
    return keys(1)[0]


def keys(count: int = 16) -> tuple[str, ...]:
    """Keys of so many checkers, as each may ask for so much a minute."""
    from claims.actions.desks import create_api_key
    from claims.models import Member
    from claims.vocabulary import Role, Scope

    members = Member.objects.filter(role=Role.CHECKER).order_by("id")[:count]
    return tuple(
        create_api_key(member=member, label="benchmark", scopes=Scope, by=None)[1]
        for member in members
    )


def tell_machine() -> None:
    from importlib.metadata import version

    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        [postgresql] = cursor.fetchone()
    packages = ("Django", "djangorestframework", "psycopg", "granian")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    out.print(
        f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}; "
        f"Python {platform.python_version()}, PostgreSQL {postgresql}, {versions}"
    )


def told_plans(found: list, asked: Asked) -> Shown:
    from tests.benchmarks import plans

    yield plans.summary(found)
    for plan in found:
        if plan.faults or (asked.verbose and plan.milliseconds > 3):
            yield (f"\n{plan.case}: {'; '.join(plan.faults)}\n{plan.path}")
            yield (
                re.sub(r"(SELECT|IN \() ?(?!1 AS)[^()]{300,}?(FROM|\))", r"\1 … \2", plan.sql)[
                    :3000
                ]
            )
            yield (plan.text())
    used = set().union(*(plan.indexes() for plan in found))
    if not asked.only:
        for name, size in plans.unused_indexes(used):
            yield (f"used by none of these plans: {name} ({size / 1e6:.1f} MB)")
    faulty = {plan.case for plan in found if plan.faults}
    yield (f"plans: {len(found)}, MISSED in: {', '.join(sorted(faulty)) or 'none'}")


if __name__ == "__main__":
    from rich.console import Console

    width = 0 if sys.stdout.isatty() else 200
    out = Console(highlight=False, markup=False, soft_wrap=True, width=width or None)
    main()
