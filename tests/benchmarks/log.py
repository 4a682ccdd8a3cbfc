"""What the log costs: numbering, pages of the feed, proofs, verifying, and writing with it."""

import statistics
import time
from collections.abc import Iterator
from functools import partial

from rich.progress import Progress

from tests.benchmarks.databases import console
from tests.benchmarks.growth import measure

FAR = 1_000_000
PROOFS = 200


def numbered(databases: list[str]) -> Iterator[str]:
    """Give what waits in each database its number; what that took."""
    from claims.queries.feed import head
    from tests.benchmarks import history, plans

    for database in databases:
        plans.connect_to(database)
        with Progress(console=console) as progress:
            bar = progress.add_task(f"numbering {database}", total=waits())
            done, took = history.number(partial(progress.advance, bar))
        if done > 1:
            yield f"{database}: {done:,} numbered in {took:.0f} s, {done / took:,.0f}/s; {head():,}"


def waits() -> int:
    from claims.models import Unnumbered

    return Unnumbered.objects.count()


def told(database: str, key: str, *, rounds: int, requests: int) -> Iterator[str]:
    from claims.queries.feed import head
    from tests.benchmarks import plans

    plans.connect_to(database)
    size = head()
    yield f"\nThe log of {size:,} entries"
    yield from proofs(size)
    yield from verifying()
    far = min(FAR, size - 200)
    # The first numbers are of publishers and speakers, which have little to tell; where claims
    # and verdicts begin, pages hold what they hold later.
    near = size // 50
    cases = {
        f"{count} after {after:,}": [f"/api/v1/changes/?after={after}&page_size={count}"]
        for count in (25, 200)
        for after in (10, near, far)
    }
    found = measure({database: key}, {database: cases}, rounds=rounds, requests=requests)[database]
    for count in (25, 200):
        at = {after: found.median(f"{count} after {after:,}") for after in (10, near, far)}
        told = ", ".join(f"after {after:,} {median:.1f} ms" for after, median in at.items())
        yield f"{count} changes {told}: ratio {at[far] / at[near]:.2f}"


def proofs(size: int) -> Iterator[str]:
    """Made out of the tables, and checked as an auditor checks them."""
    from random import Random

    from claims import merkle
    from claims.models import LogEntry
    from claims.queries import tree

    chance = Random(1)
    [root] = tree.proof(merkle.root_parts(size))
    lengths, making, checking = [], [], []
    for _ in range(PROOFS):
        index = chance.randrange(size)
        began = time.perf_counter()
        steps = tree.proof(merkle.inclusion_parts(index, size))
        making.append(time.perf_counter() - began)
        hashed = bytes(LogEntry.objects.get(number=index + 1).leaf_hash)
        began = time.perf_counter()
        merkle.verify_inclusion(hashed, index, size, steps, root)
        checking.append(time.perf_counter() - began)
        lengths.append(len(steps))
    yield (
        f"{PROOFS} proofs: {max(lengths)} hashes at most; made in "
        f"{statistics.median(making) * 1000:.1f} ms, checked in "
        f"{statistics.median(checking) * 1000:.3f} ms (median)"
    )


def verifying() -> Iterator[str]:
    from claims.management.verification import Leaves, faults
    from claims.queries.feed import head

    size = head()
    began = time.perf_counter()
    found = [str(fault) for fault in Leaves(None, lambda done: None).faults()]
    leaves = time.perf_counter() - began
    found += map(str, faults(kept=None, tick=lambda done: None))
    took = time.perf_counter() - began - leaves
    yield (
        f"verify_log: {size / took:,.0f} entries/s in {took:.0f} s, the leaves alone "
        f"{size / leaves:,.0f}/s; faults: {len(found)} {found[:3]}"
    )
