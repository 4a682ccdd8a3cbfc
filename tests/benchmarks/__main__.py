"""`make bench`: what a list costs when the record is a hundred times as large, and beside others.

python -m tests.benchmarks [--quick] [--claims N] [--plans] [--writes] [--only WORD] [--as-is]
python -m tests.benchmarks --peers [--workload list|detail|304|verdict] [--rounds N] [--seconds S]
python -m tests.benchmarks --servers [--rounds N] [--seconds S]
python -m tests.benchmarks --flat [TIMES] | --storage [TIMES] [--claims N]
python -m tests.benchmarks --parts [--claims N]
python -m tests.benchmarks --memory [MINUTES] [--claims N]
python -m tests.benchmarks --match [quality|speed] [--claims N]
"""

import argparse
import os
import platform
import re
import signal
import sys
from pathlib import Path

import psycopg

from tests.benchmarks.databases import connect, console, prepared, server

SMALL, LARGE, QUICK = 10_000, 1_000_000, 100_000
ALONE = "tests.benchmarks.alone"
WORKLOADS = ("list", "detail", "304", "verdict")


def main() -> None:
    asked = arguments()
    # As Ctrl-C does: what was started is stopped, copies are dropped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with server():
        set_up_django()
        if asked.webhooks:
            from tests.benchmarks import webhooks

            tell_machine()
            for line in webhooks.told():
                out.print(line)
            return
        if asked.match:
            from tests.benchmarks import match

            tell_machine()
            parts = {"quality": (False, True), "speed": (True, False), "all": (True, True)}
            fast, good = parts[asked.match]
            for found in match.told(fast=fast, good=good, claims=asked.claims, quick=asked.quick):
                out.print(found)
            return
        if asked.peers or asked.servers:
            tell_machine()
            side_by_side(prepared(asked.claims, as_is=asked.as_is), asked)
            return
        if asked.bulk:
            from tests.benchmarks import bulk

            tell_machine()
            database = prepared(asked.claims, as_is=asked.as_is)
            for line in bulk.told(database, asked.claims, lines=asked.bulk):
                out.print(line)
            return
        if asked.memory:
            from tests.benchmarks import memory

            tell_machine()
            for found in memory.told(prepared(asked.claims, as_is=asked.as_is), asked.memory):
                out.print(found)
            return
        if asked.storage:
            from tests.benchmarks import multiply, plans, storage

            tell_machine()
            database = multiply.multiplied(asked.claims, asked.storage)
            plans.connect_to(database)
            for table in storage.told(database):
                out.print(table)
            return
        if asked.flat:
            from tests.benchmarks import multiply

            tell_machine()
            small, large = (
                prepared(SMALL, as_is=True),
                multiply.multiplied(asked.claims, asked.flat),
            )
            tell_growth({small: SMALL, large: asked.claims * asked.flat}, asked, ALONE)
            return
        if asked.parts:
            from tests.benchmarks import parts, plans

            tell_machine()
            database = prepared(asked.claims, as_is=asked.as_is)
            plans.connect_to(database)
            for table in parts.told(database, keys()):
                out.print(table)
            return
        sizes = {prepared(n, as_is=asked.as_is): n for n in (SMALL, asked.claims)}
        large = list(sizes)[-1]
        from tests.benchmarks import log, plans, writes

        tell_machine()
        for line in log.numbered(list(sizes)):
            out.print(line)
        if asked.log:
            plans.connect_to(large)
            for line in log.told(large, key(), rounds=7, requests=16):
                out.print(line)
            return
        if asked.writes:
            for writers in (1, 16):
                for line in writes.told(large, writers):
                    out.print(line)
            return
        tell_growth(sizes, asked)
        if not asked.plans:
            side_by_side(large, asked)


def tell_growth(
    sizes: dict[str, int], asked: argparse.Namespace, module: str = "config.run"
) -> None:
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
    tell_plans(list(plans.explained(own[large], paths[large])), asked)
    if asked.plans:
        return
    rounds, requests = (3, 8) if asked.quick else (7, 16)
    measured = growth.measure(own, paths, rounds=rounds, requests=requests, module=module)
    out.print("\nmedian ms (lowest–highest median of a round); rows: documents on a page")
    out.print(growth.table(measured, sizes))


def side_by_side(database: str, asked: argparse.Namespace) -> None:
    from tests.benchmarks import log, plans
    from tests.benchmarks.peers import contest, report, servers, verdicts

    out.print(report.versions())
    for line in log.numbered([database]):
        out.print(line)
    plans.connect_to(database)
    length = {"rounds": asked.rounds, "seconds": asked.seconds}
    if asked.servers:
        out.print(servers.table(servers.measured(database, keys(), **length)))
        return
    reads = [name for name in asked.workload if name != "verdict"]
    if reads:
        for workload, found in contest.reads(database, keys(), reads, **length):
            out.print(report.table(workload, found))
            if workload == "list":
                for line in report.cpu(found):
                    out.print(line)
    if "verdict" in asked.workload:
        with verdicts.contest(database, turns=asked.rounds + 1) as its:
            out.print(report.table("verdict", contest.measured(its, **length)))


def set_up_django() -> None:
    """In this process too: for the cursors, the keys, and the statements behind each page."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    os.environ.setdefault("ALLOWED_HOSTS", "127.0.0.1")
    os.environ["LOG_KEY_FILE"] = str(Path(os.environ["ISNAD_DATA_DIR"]) / "log_key")
    django.setup()
    from claims.actions.log_keys import make_key_file

    make_key_file(Path(os.environ["LOG_KEY_FILE"]), "bench.example/isnad")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK:,} claims, fewer rounds")
    parser.add_argument("--claims", type=int, help=f"size of the large record ({LARGE:,})")
    parser.add_argument("--plans", action="store_true", help="look at the plans only")
    parser.add_argument("--writes", action="store_true", help="measure writing verdicts instead")
    parser.add_argument("--log", action="store_true", help="measure the log and the feed instead")
    parser.add_argument("--webhooks", action="store_true", help="measure webhooks instead")
    parser.add_argument("--peers", action="store_true", help="measure beside others only")
    parser.add_argument("--servers", action="store_true", help="compare web servers instead")
    parser.add_argument(
        "--workload", action="append", choices=WORKLOADS, help="of those beside others; all"
    )
    parser.add_argument("--rounds", type=int, help="of those beside others; 7, quick: 3")
    parser.add_argument("--seconds", type=float, help="of each turn in them; 10, quick: 2")
    parser.add_argument(
        "--bulk",
        type=int,
        nargs="?",
        const=20_000,
        metavar="N",
        help="measure loading N claims against COPY instead (%(const)s)",
    )
    parser.add_argument(
        "--match",
        nargs="?",
        const="all",
        choices=["all", "quality", "speed"],
        help="measure how claims are matched instead",
    )
    parser.add_argument("--parts", action="store_true", help="measure key, rights … of a read")
    parser.add_argument(
        "--flat",
        type=int,
        nargs="?",
        const=5,
        metavar="TIMES",
        help="measure growth to TIMES as many claims instead (%(const)s)",
    )
    parser.add_argument(
        "--memory",
        type=float,
        nargs="?",
        const=60,
        metavar="MINUTES",
        help="watch the memory of the processes for so long instead (%(const)s)",
    )
    parser.add_argument(
        "--storage",
        type=int,
        nargs="?",
        const=5,
        metavar="TIMES",
        help="measure a record of TIMES as many claims on disk instead (%(const)s)",
    )
    parser.add_argument("--verbose", action="store_true", help="print every slowest plan")
    parser.add_argument("--only", default="", help="pages whose name matches this expression")
    parser.add_argument(
        "--as-is", action="store_true", help="use existing databases whatever the code now makes"
    )
    asked = parser.parse_args()
    asked.claims = asked.claims or (QUICK if asked.quick else LARGE)
    asked.workload = asked.workload or list(WORKLOADS)
    asked.rounds = asked.rounds or (3 if asked.quick else 7)
    asked.seconds = asked.seconds or (2 if asked.quick else 10)
    alone = asked.peers, asked.servers, asked.bulk, asked.storage, asked.memory
    if asked.claims <= SMALL and not any(alone):
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


def tell_plans(found: list, asked: argparse.Namespace) -> None:
    from tests.benchmarks import plans

    out.print(plans.summary(found))
    for plan in found:
        if plan.faults or (asked.verbose and plan.milliseconds > 3):
            out.print(f"\n{plan.case}: {'; '.join(plan.faults)}\n{plan.path}")
            out.print(
                re.sub(r"(SELECT|IN \() ?(?!1 AS)[^()]{300,}?(FROM|\))", r"\1 … \2", plan.sql)[
                    :3000
                ]
            )
            out.print(plan.text())
    used = set().union(*(plan.indexes() for plan in found))
    if not asked.only:
        for name, size in plans.unused_indexes(used):
            out.print(f"used by none of these plans: {name} ({size / 1e6:.1f} MB)")
    faulty = {plan.case for plan in found if plan.faults}
    out.print(f"plans: {len(found)}, MISSED in: {', '.join(sorted(faulty)) or 'none'}")


if __name__ == "__main__":
    from rich.console import Console

    width = 0 if sys.stdout.isatty() else 200
    out = Console(highlight=False, markup=False, soft_wrap=True, width=width or None)
    main()
