"""What the processes of `make run` hold in memory while everything is asked of them for long."""

import http.client
import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from random import Random
from urllib.parse import urlencode

import psutil
from rich.progress import Progress
from rich.table import Table

from tests.benchmarks import search
from tests.benchmarks.databases import connect, console, drop
from tests.benchmarks.goals import Goal
from tests.benchmarks.growth import Served, serving
from tests.benchmarks.peers import asks
from tests.benchmarks.peers.verdicts import checkers, new_key, unjudged
from tests.benchmarks.writes import COPY, FINDING, copy

CLIENTS = 8
EVERY = 10  # requests of which one writes, and one asks whether something was claimed before
PAUSE = 0.15  # seconds, after each
SAMPLED = 15.0  # seconds between two looks at the processes
WORKER = "spawn_main"  # in the command of each that answers
MANY = 4 * 1024 * 1024  # bytes; what grows by more in the second half is growing


def told(database: str, minutes: float) -> Iterator[Table | str | Goal]:
    """On a copy, which is dropped again."""
    from tests.benchmarks import plans

    console.print(f"Copying {database}")
    plans.connect_to("postgres")  # nobody may be connected to what is copied
    with connect("postgres") as connection:
        copy(connection, database)
        try:
            plans.connect_to(COPY)
            keys = [new_key(member) for member in checkers()[:CLIENTS]]
            with connect(COPY) as copied:
                texts = said(copied)
                paths = everything(copied, texts)
                claims = unjudged(copied)
            plans.connect_to("postgres")
            with serving(COPY, keys[0], workers=2) as served:
                found, answers = watched(served, keys, paths, texts, claims, minutes)
        finally:
            plans.connect_to("postgres")
            drop(connection, COPY)
    yield f"{minutes:g} minutes, {answers:,} answers"
    yield table(found)
    ends = [values[-1] / 1e6 for name, values in found.items() if WORKER in name]
    what = f"memory of a worker after {minutes:g} minutes"
    yield Goal(what, ends, 150, 100, most=True, unit="MB")


def everything(connection, texts: Sequence[str]) -> list[str]:
    """Lists of every kind and page, searches, details, histories; and what Django alone answers."""
    chance = Random(1)
    lists = [ask for kind in asks.lists(connection, chance).values() for ask in kind]
    paths = [asks.of_isnad(ask) for ask in [*lists, *asks.details(connection)]]
    [(claim,)] = connection.execute("SELECT id FROM claims_claim LIMIT 1").fetchall()
    slow = ["", "articles/", "speakers/", "publishers/", "organizations/", "changes/", "openapi/"]
    slow += ["log/checkpoint", "claims/?page_size=200", "claims/?kind=none", "changes/?after=9"]
    slow += [f"claims/{claim}/{it}/" for it in ("verdicts", "appearances", "none")]
    slow += ["conflicts/"]
    searches = [f"claims/?{urlencode(it)}" for it in search.CASES.values()]
    searches += [f"claims/?{urlencode({'q': ' '.join(it.split()[:2])})}" for it in texts]
    return paths + [f"/api/v1/{it}" for it in slow * 20 + searches]


def said(connection) -> list[str]:
    """Texts of claims."""
    found = connection.execute("SELECT text FROM claims_claim TABLESAMPLE system (1) LIMIT 400")
    return [text for (text,) in found]


def watched(
    served: Served,
    keys: Sequence[str],
    paths: Sequence[str],
    texts: Sequence[str],
    claims: Sequence[str],
    minutes: float,
) -> tuple[dict[str, list[int]], int]:
    """Bytes resident of each process, by what it is, every so many seconds; and answers."""
    until = time.monotonic() + minutes * 60
    counts = [0] * len(keys)
    faults: list[str] = []

    def ask(number: int) -> None:
        chance, mine = Random(number), iter(claims[number :: len(keys)])
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
        headers = {"Authorization": f"Bearer {keys[number]}", "Content-Type": "application/json"}
        while time.monotonic() < until and not faults:
            if counts[number] % EVERY == 0:
                path = f"/api/v1/claims/{next(mine)}/verify/"
                connection.request("POST", path, json.dumps(FINDING), headers)
            elif counts[number] % EVERY == 1:
                text = json.dumps({"text": chance.choice(texts)})
                connection.request("POST", "/api/v1/claims/match/", text, headers)
            else:
                connection.request("GET", chance.choice(paths), headers=headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status >= 500:
                faults.append(f"{answer.status}")
            counts[number] += 1
            time.sleep(PAUSE)
        connection.close()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(keys))]
    for thread in threads:
        thread.start()
    found: dict[str, list[int]] = defaultdict(list)
    with Progress(console=console) as bar:
        task = bar.add_task("asking", total=minutes * 60)
        while time.monotonic() < until and not faults:
            time.sleep(min(SAMPLED, max(0.1, until - time.monotonic())))
            for name, resident in residents(served.pid):
                found[name].append(resident)
            bar.update(task, completed=minutes * 60 - max(0, until - time.monotonic()))
    for thread in threads:
        thread.join()
    if faults:
        raise RuntimeError(f"the server answered {faults[0]}")
    return found, sum(counts)


def residents(pid: int) -> Iterator[tuple[str, int]]:
    root = psutil.Process(pid)
    for process in [root, *root.children(recursive=True)]:
        with suppress(psutil.Error):
            yield f"{process.pid} {' '.join(process.cmdline()[1:])[:70]}", process.memory_info().rss


def table(found: dict[str, list[int]]) -> Table:
    shown = Table("process", "MB at first", "half-way", "at the end", "at most", "", box=None)
    for name, values in found.items():
        half, last = values[len(values) // 2], values[-1]
        figures = values[0], half, last, max(values)
        grows = "still growing" if last - half > MANY else ""
        shown.add_row(name, *(f"{it / 1e6:.0f}" for it in figures), grows)
    return shown
