"""What work at a desk costs: the next of many that wait, beside the next of a few."""

import http.client
import time
from collections.abc import Iterator
from statistics import median

from tests.benchmarks import plans
from tests.benchmarks.databases import connect, console, drop
from tests.benchmarks.goals import Goal, ranged
from tests.benchmarks.growth import serving
from tests.benchmarks.writes import COPY, copy, key

FEW, MANY = 100, 100_000
ROUNDS, TAKEN = 7, 12  # of the few, enough are left at the end
LIMIT = 1.5

# As if somebody had put them in one after the other; every tenth is due some day.
FILL = """
    INSERT INTO claims_queueitem
        (organization_id, claim_id, priority, reach, appearances, created_by_id, created_at, due_at)
    SELECT m.organization_id, c.id,
           (ARRAY['low', 'normal', 'normal', 'high'])[1 + abs(hashtext(c.id::text)) %% 4],
           abs(hashtext(c.id::text || 'reach')) %% 5,
           abs(hashtext(c.id::text || 'appearances')) %% 9, m.id,
           now() - make_interval(mins => c.n::int),
           CASE WHEN c.n %% 10 = 0 THEN now() + make_interval(hours => c.n::int %% 2000) END
    FROM claims_member m,
         (SELECT id, row_number() OVER () AS n FROM claims_claim LIMIT %s) AS c
    WHERE m.id = %s"""


def told(database: str) -> Iterator[str | Goal]:
    """Measured on a copy, which is dropped again; in turns, over HTTP."""
    from claims.models import Member
    from claims.vocabulary import Role

    console.print(f"Copying {database}")
    plans.connect_to("postgres")  # nobody may be connected to what is copied
    with connect("postgres") as connection:
        copy(connection, database)
        try:
            plans.connect_to(COPY)
            checkers = Member.objects.filter(role=Role.CHECKER).order_by("organization_id", "id")
            by_size = {}
            with connect(COPY) as copied:
                for number, member in enumerate(checkers):
                    if len(by_size) == 2:
                        break
                    if number and member.organization_id == checkers[0].organization_id:
                        continue
                    size = MANY if by_size else FEW
                    copied.execute(FILL, [size, member.pk])
                    by_size[size] = key(number)
                copied.execute("VACUUM ANALYZE claims_queueitem")
            yield from measured(by_size)
        finally:
            plans.connect_to("postgres")
            drop(connection, COPY)


def measured(by_size: dict[int, str]) -> Iterator[str | Goal]:
    medians: dict[int, list[float]] = {size: [] for size in by_size}
    with serving(COPY, by_size[FEW]) as served:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
        for _round in range(ROUNDS):
            for size, its_key in by_size.items():
                medians[size].append(median(next_of(connection, its_key) for _ in range(TAKEN)))
    for size, found in medians.items():
        milliseconds = [1000 * it for it in found]
        yield f"the next of {size:,} that wait: {ranged(milliseconds)} ms"
    ratios = [many / few for few, many in zip(medians[FEW], medians[MANY], strict=True)]
    yield Goal(f"the next of {MANY:,} beside that of {FEW}", ratios, limit=LIMIT, most=True)


def next_of(connection: http.client.HTTPConnection, its_key: str) -> float:
    """Seconds."""
    began = time.perf_counter()
    connection.request(
        "POST", "/api/v1/queue/next/", headers={"Authorization": f"Bearer {its_key}"}
    )
    answer = connection.getresponse()
    body = answer.read()
    took = time.perf_counter() - began
    if answer.status != 200:
        raise RuntimeError(f"{answer.status} {body[:500]!r}")
    return took
