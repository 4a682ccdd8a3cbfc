"""Was this checked before? How good `claims/match/` is on measured sets, and how fast in a record
of a million claims.

Quality through the HTTP endpoint. Each set is loaded into a database of its own by the ordinary
loader, first without half of its right answers, so that about half of the queries have none: there
the scores are held against what is right. Then whole, for the rest.

The sets are read where ISNAD_SHARED says (a folder beside the checkout else): they are others'.
"""

import gzip
import http.client
import json
import os
import random
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from statistics import median
from uuid import NAMESPACE_URL, uuid5

import psutil
import psycopg
from psycopg import sql
from rich.progress import track
from rich.table import Table

from config.environment import CHECKOUT
from tests.benchmarks import plans
from tests.benchmarks.databases import connect, console, drop, manage
from tests.benchmarks.goals import Goal
from tests.benchmarks.growth import Served, serving

SHARED = Path(os.environ.get("ISNAD_SHARED", CHECKOUT.parent / "shared")) / "matching"
GOALS = {"en": 0.85, "ar": 0.89, "ar-ans": 0.925, "en-debates": 0.47}
WORST_CALIBRATION, LEAST_CONTRADICTED = 0.04, 0.8
MOST_LOOKUPS, MOST_GROWTH, MOST_INDEXING = 100, 2.0, 2.0
TOGETHER = 50  # texts in a request
TIMES = 10
ALONE = "tests.benchmarks.alone"


@dataclass
class Set:
    """most: queries that are asked, chosen by chance; all where none."""

    name: str
    most: int | None = None

    @cached_property
    def claims(self) -> list[dict]:
        with gzip.open(SHARED / self.name / "claims.jsonl.gz", "rt", encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    @cached_property
    def queries(self) -> dict[str, str]:
        lines = (SHARED / self.name / "queries.jsonl").read_text("utf-8").splitlines()
        found = [(it["id"], it["text"]) for it in map(json.loads, lines)]
        return dict(self.some(found))

    def some(self, found: list) -> list:
        if self.most is None or self.most >= len(found):
            return found
        return random.Random(self.name).sample(found, self.most)

    @cached_property
    def right(self) -> dict[str, set[str]]:
        found = defaultdict(set)
        for line in (SHARED / self.name / "qrels.tsv").read_text("utf-8").splitlines():
            query, claim = line.split("\t")[:2]
            found[query].add(claim)
        return found

    @cached_property
    def contradictions(self) -> list[tuple[str, str]]:
        path = SHARED / self.name / "contradictions.tsv"
        if not path.exists():
            return []
        rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
        return self.some([(text, claim) for text, claim, it in rows if it == "disagree"])

    def held_back(self) -> set[str]:
        """Every other right answer, by chance."""
        answers = sorted(set().union(*self.right.values()))
        return set(random.Random(self.name).sample(answers, len(answers) // 2))

    def id_of(self, claim: str) -> str:
        return str(uuid5(NAMESPACE_URL, f"{self.name} {claim}"))


def told(
    *, fast: bool = True, good: bool = True, claims: int = 1_000_000, quick: bool = False
) -> Iterator[object]:
    if not SHARED.is_dir():
        yield f"no sets in {SHARED}: ISNAD_SHARED says where they are"
        return
    if good:
        yield from quality(200 if quick else None)
    if fast:
        yield from speed(claims)


# Quality


def quality(most: int | None) -> Iterator[object]:
    table = Table("set", "claims", "queries", "MAP@5", "MRR", "R@10", "ECE", box=None)
    pooled: list[tuple[float, bool]] = []
    labels: dict[str, Counter] = {}
    for it in (Set(name, most) for name in GOALS):
        with prepared(f"isnad_match_{it.name.replace('-', '_')}") as database:
            back = it.held_back()
            fill(it, [claim for claim in it.claims if claim["id"] not in back])
            with serving(database, key(), module=ALONE) as server:
                answers = ask(server, list(it.queries.values()), limit=1)
            certain = judged(it, answers, back)
            pooled += certain
            fill(it, [claim for claim in it.claims if claim["id"] in back])
            with serving(database, key(), module=ALONE) as server:
                answers = ask(server, list(it.queries.values()), limit=10)
                figures = ranked(it, answers)
                labels[f"{it.name}, right answer"] = labelled(
                    it, zip(answers, map(it.right.get, it.queries), strict=True)
                )
                if it.contradictions:
                    texts = [text for text, _claim in it.contradictions]
                    against = ask(server, texts, limit=10)
                    meant = [{claim} for _text, claim in it.contradictions]
                    labels[f"{it.name}, contradicted claim"] = labelled(
                        it, zip(against, meant, strict=True)
                    )
        table.add_row(
            it.name,
            f"{len(it.claims):,}",
            f"{len(it.queries):,}",
            *(f"{figure:.4f}" for figure in figures),
            f"{calibration(certain):.3f}",
        )
        yield Goal(f"match: MAP@5, {it.name}", [figures[0]], GOALS[it.name], unit="")
    yield table
    yield reliability(pooled)
    yield shares(labels)
    yield Goal(
        "match: calibration error", [calibration(pooled)], WORST_CALIBRATION, most=True, unit=""
    )
    first = labels["ar-ans, contradicted claim"]
    share = 1 - first["not first"] / first.total()
    yield Goal("match: contradicted claim first", [share], LEAST_CONTRADICTED, unit="")


@contextmanager
def prepared(name: str) -> Iterator[str]:
    """An empty database, with one desk, which is dropped in the end."""
    from django.db import connections

    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as connection:
        drop(connection, name)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    manage(name, "prepare_database")
    plans.connect_to(name)
    from claims.actions.desks import add_member, create_organization
    from claims.vocabulary import Role

    desk = create_organization(name="A desk", by=None)
    add_member(organization=desk, name="A checker", role=Role.CHECKER, by=None)
    try:
        yield name
    finally:
        connections.close_all()
        with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as connection:
            drop(connection, name)


def key() -> str:
    from claims.actions.desks import create_api_key
    from claims.models import Member
    from claims.vocabulary import Scope

    os.environ["MATCHES_PER_MINUTE"] = "1000000"  # rates have tests of their own
    return create_api_key(member=Member.objects.get(), label="bench", scopes=Scope, by=None)[1]


def fill(it: Set, claims: Sequence[dict]) -> None:
    """By the ordinary loader; the title of a claim as the headline of the article it appears in."""
    from django.core.management import call_command

    from claims.actions.indexing import count
    from claims.actions.publishers import create_publisher
    from claims.actions.speakers import create_speaker
    from claims.models import Article, Member, Publisher, Speaker
    from claims.vocabulary import SpeakerType

    by = Member.objects.get()
    publisher = Publisher.objects.first() or create_publisher(name="An outlet", by=by)
    speaker = Speaker.objects.first() or create_speaker(
        type=SpeakerType.PERSON, name="Somebody", by=by
    )
    titled = [claim for claim in claims if claim.get("title")]
    articles = Article.objects.bulk_create(
        [
            Article(
                publisher=publisher,
                headline=claim["title"][:1000],
                language=claim["lang"],
                created_by=by,
            )
            for claim in titled
        ],
        batch_size=5_000,
    )
    headed = {claim["id"]: str(a.pk) for claim, a in zip(titled, articles, strict=True)}
    with tempfile.NamedTemporaryFile("w", suffix=".ndjson", encoding="utf-8") as file:
        for claim in claims:
            line = {
                "id": it.id_of(claim["id"]),
                "kind": "statement",
                "speech": "indirect",
                "speaker": str(speaker.pk),
                "text": claim["text"],
                "language": claim["lang"],
                "appearance": {"article": headed[claim["id"]]} if claim["id"] in headed else None,
            }
            file.write(json.dumps(line) + "\n")
        file.flush()
        console.print(f"loading {len(claims):,} claims of {it.name}")
        call_command("load_claims", file.name, member=str(by.pk), verbosity=0)
    while count():
        pass


def ask(server: Served, texts: Sequence[str], *, limit: int) -> list[list[dict]]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    headers = {"Authorization": f"Bearer {server.key}", "Content-Type": "application/json"}
    found: list[list[dict]] = []
    for start in track(range(0, len(texts), TOGETHER), "asking", console=console, transient=True):
        some = {"texts": texts[start : start + TOGETHER], "limit": limit}
        connection.request("POST", "/api/v1/claims/match/", json.dumps(some), headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} {body[:500]!r}")
        found += [it["matches"] for it in json.loads(body)["results"]]
    return found


def judged(it: Set, answers: Sequence[list[dict]], back: set[str]) -> list[tuple[float, bool]]:
    """Of each first answer, its score and whether it is right."""
    told = []
    for query, matches in zip(it.queries, answers, strict=True):
        if matches:
            right = {it.id_of(claim) for claim in it.right[query] - back}
            told.append((matches[0]["score"], matches[0]["claim"]["id"] in right))
    return told


def calibration(told: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """By how much the share of right answers differs from the score, on average."""
    sums = [0.0] * bins
    for score, right in told:
        sums[min(bins - 1, int(score * bins))] += score - right
    return sum(map(abs, sums)) / len(told)


def reliability(told: Sequence[tuple[float, bool]], bins: int = 10) -> str:
    parts = []
    for number in range(bins):
        some = [it for it in told if min(bins - 1, int(it[0] * bins)) == number]
        if some:
            score, right = (sum(it[i] for it in some) / len(some) for i in (0, 1))
            parts.append(f"{score:.2f}→{right:.2f} ({len(some)})")
    return f"score → share that is right: {', '.join(parts)}"


def ranked(it: Set, answers: Sequence[list[dict]]) -> tuple[float, float, float]:
    """MAP@5, MRR, Recall@10 as `eval.py` beside the sets has them."""
    precision = reciprocal = recall = 0.0
    for query, matches in zip(it.queries, answers, strict=True):
        right = {it.id_of(claim) for claim in it.right[query]}
        found = [match["claim"]["id"] for match in matches]
        hits = [place for place, claim in enumerate(found, 1) if claim in right]
        early = [place for place in hits if place <= 5]
        precision += sum(n / place for n, place in enumerate(early, 1)) / len(right)
        reciprocal += 1 / hits[0] if hits else 0
        recall += len(hits) / len(right)
    count = len(it.queries)
    return precision / count, reciprocal / count, recall / count


def labelled(it: Set, pairs: Iterator) -> Counter:
    """How the claim that is meant is labelled, where it comes first."""
    found: Counter = Counter()
    for matches, meant in pairs:
        ids = {it.id_of(claim) for claim in meant}
        first = matches[0] if matches and matches[0]["claim"]["id"] in ids else None
        found[first["label"] if first else "not first"] += 1
    return found


def shares(labels: dict[str, Counter]) -> Table:
    columns = ("same", "likely", "differs", "possible", "not first")
    table = Table("of queries", "", *columns, box=None)
    for name, found in labels.items():
        total = found.total()
        table.add_row(name, f"{total:,}", *(f"{found[it] / total:.3f}" for it in columns))
    return table


# Speed


def speed(most: int) -> Iterator[object]:
    queries = [
        text
        for it in map(Set, GOALS)
        for text in random.Random(1).sample(list(it.queries.values()), 60)
    ]
    columns = ("match, ms", "p95", "HTTP, ms", "look-up, ms", "ratio")
    table = Table("claims", *columns, "CPU of a match, ms: ours", "PostgreSQL's", box=None)
    found: dict[int, float] = {}
    with prepared("isnad_match_speed") as database:
        for size in (most // TIMES, most):
            if size < most:
                spliced(database, size)
            else:
                multiplied(database, TIMES)
            plans.connect_to(database)
            took, lookup, cpu = timed(queries)
            with serving(database, key(), module=ALONE) as server:
                over_http = asked_singly(server, queries)
            found[size] = median(took)
            ratio = median(took) / lookup
            table.add_row(
                f"{size:,}",
                f"{median(took):.1f}",
                f"{sorted(took)[len(took) * 95 // 100]:.1f}",
                f"{median(over_http):.1f}",
                f"{lookup:.3f}",
                f"{ratio:.0f}",
                *(f"{it:.1f}" for it in cpu),
            )
        cost = yield from indexing()
        yield sizes(database)
    yield table
    growth = found[most] / found[most // TIMES]
    yield Goal("match: look-ups by key that it costs", [ratio], MOST_LOOKUPS, most=True)
    yield Goal(f"match: growth to {most:,}", [growth], MOST_GROWTH, most=True)
    yield Goal("match: a new claim to be found", [cost], MOST_INDEXING, most=True, unit="ms")


class Cpu:
    """Milliseconds that this process and its PostgreSQL worked: true on a busy machine too."""

    def __init__(self) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self.backend = psutil.Process(cursor.fetchone()[0])
        self.before = self.now()

    def now(self) -> tuple[float, float]:
        theirs = self.backend.cpu_times()
        return time.process_time() * 1000, (theirs.user + theirs.system) * 1000

    def each(self, count: int) -> list[float]:
        return [(now - before) / count for now, before in zip(self.now(), self.before, strict=True)]


def timed(queries: Sequence[str]) -> tuple[list[float], float, list[float]]:
    """Milliseconds of each match, and of a look-up of a claim by its key meanwhile; and CPU."""
    from django.db import connection

    from claims.queries.matching import matching_claims

    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM claims_claim TABLESAMPLE SYSTEM (1) LIMIT 1000")
        keys = [pk for (pk,) in cursor.fetchall()]
    for text in queries:
        matching_claims(text, limit=10)  # warms up
    cpu = Cpu()
    for text in queries:
        matching_claims(text, limit=10)
    worked = cpu.each(len(queries))
    took, lookups = [], []
    for number, text in enumerate(track(queries, "matching", console=console, transient=True)):
        began = time.perf_counter()
        matching_claims(text, limit=10)
        took.append((time.perf_counter() - began) * 1000)
        for turn in range(5):
            began = time.perf_counter()
            with connection.cursor() as cursor:
                pk = keys[(number * 5 + turn) % len(keys)]
                cursor.execute("SELECT * FROM claims_claim WHERE id = %s", [pk])
                cursor.fetchall()
            lookups.append((time.perf_counter() - began) * 1000)
    return took, median(lookups), worked


def asked_singly(server: Served, queries: Sequence[str]) -> list[float]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    headers = {"Authorization": f"Bearer {server.key}", "Content-Type": "application/json"}
    took = []
    for text in [*queries[:20], *queries]:
        began = time.perf_counter()
        body = json.dumps({"text": text})
        connection.request("POST", "/api/v1/claims/match/", body, headers)
        connection.getresponse().read()
        took.append((time.perf_counter() - began) * 1000)
    return took[20:]


def indexing(claims: int = 500) -> Generator[str, None, float]:
    """Milliseconds that it costs the database that a new claim can be found, in a transaction."""
    from django.db import connection, transaction
    from uuid_utils.compat import uuid7

    from claims.actions.indexing import index
    from claims.text.matching import Found, Reading

    texts = [it["text"] for it in Set("en").claims[:claims]]
    ready = [(uuid7(), Found.by([Reading(text)])) for text in texts]
    with_it, without = [], []
    cpu = Cpu()
    for pk, found in ready:
        for taken, write in ((without, False), (with_it, True)):
            began = time.perf_counter()
            with transaction.atomic():
                if write:
                    index([(pk, found)])
                else:
                    with connection.cursor() as cursor:
                        cursor.execute("SELECT 1")
            taken.append((time.perf_counter() - began) * 1000)
    _ours, worked = cpu.each(len(ready))
    cost = median(with_it) - median(without)
    late = sorted(with_it)[len(with_it) * 95 // 100]
    terms = median(len(found.impacts) for _pk, found in ready)
    yield (
        f"a new claim ({terms:.0f} terms) to be found: {cost:.2f} ms more than an empty statement "
        f"in a transaction of its own, commit included (p95 {late:.2f} ms in all); "
        f"CPU of PostgreSQL for both: {worked:.2f} ms"
    )
    return cost


def sizes(database: str) -> str:
    with connect(database) as connection:
        found = connection.execute(
            """SELECT relname, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class
               WHERE relname IN ('claims_posting', 'claims_frequency', 'claims_uncounted')
               ORDER BY relname"""
        ).fetchall()
    return "; ".join(
        f"{name}: {t / 1e6:,.0f} MB and index {i / 1e6:,.0f} MB" for name, t, i in found
    )


def spliced(database: str, size: int) -> None:
    """The claims of the sets, and so many more, made of pieces of these and of invented words.

    Straight into the tables, with what they are found by: loading them would take long.
    """
    from uuid_utils import uuid7

    from claims.text.matching import Found, Reading

    rng = random.Random(7)
    real = [claim for name in GOALS for claim in Set(name).claims]
    by_language = defaultdict(list)
    for claim in real:
        claim["text"] = " ".join(claim["text"].split())  # so that it is one line of COPY
        by_language[claim["lang"][:2]].append(claim["text"].split())

    def texts() -> Iterator[tuple[str, str, str]]:
        for claim in real:
            yield claim["text"], claim.get("title") or "", claim["lang"]
        while True:
            language = rng.choice(("en", "en", "ar"))
            words: list[str] = []
            while len(words) < 18:
                piece = rng.choice(by_language[language])
                at, length = rng.randrange(len(piece)), rng.randint(2, 6)
                words += piece[at : at + length]
                if rng.random() < 0.05:
                    words.append("".join(rng.choices("abdegiklmnoprstuwz", k=rng.randint(5, 9))))
            yield " ".join(words), "", language

    frequencies: Counter[int] = Counter()
    step = 5_000
    with connect(database) as connection:
        connection.execute("SET synchronous_commit = off")
        made = islice(texts(), size)
        with without_key(connection):
            for _start in track(range(0, size, step), f"{size:,} claims", console=console):
                claims, postings = [], []
                for text, title, language in islice(made, step):
                    pk = str(uuid7())
                    found = Found.by([Reading(text, title)])
                    frequencies.update(found.terms)
                    claims.append((pk, text.replace("\\", "/"), language))
                    postings += [(term, pk, impact) for term, impact in found.impacts.items()]
                columns = "id, text, language, kind, subject, property, value, value_type"
                rows = [(*it, "fact", "x", "y", "z", "text") for it in claims]
                copy(connection, f"claims_claim ({columns})", rows)
                copy(connection, "claims_posting (term, claim_id, impact)", postings)
        copy(connection, "claims_frequency (term, claims)", frequencies.items())
        settle(connection)


# Which terms are another one in a copy: a fifth of them, as new claims bring new words.
COPIES = """
    INSERT INTO claims_claim (id, text, language, kind, subject, property, value, value_type)
    SELECT md5(id::text || {n})::uuid, text, language, kind, subject, property, value, value_type
    FROM claims_claim AS c JOIN kept USING (id);
    INSERT INTO claims_posting (term, claim_id, impact)
    SELECT DISTINCT ON (1, 2)
        CASE WHEN abs(hashint4(term)::bigint) % 5 = 0 THEN term # {n} ELSE term END,
        md5(claim_id::text || {n})::uuid, impact
    FROM claims_posting JOIN kept ON kept.id = claim_id;"""


def multiplied(database: str, times: int) -> None:
    """So many times as many claims, each copy with other words here and there."""
    with connect(database) as connection:
        connection.execute("SET synchronous_commit = off")
        connection.execute("CREATE TABLE kept AS SELECT id FROM claims_claim")
        connection.execute("ANALYZE kept")
        with without_key(connection):
            for number in track(range(1, times), f"{times} times", console=console):
                connection.execute(COPIES.format(n=number))
        connection.execute("DROP TABLE kept")
        connection.execute(
            """INSERT INTO claims_frequency (term, claims)
               SELECT term, count(*) FROM claims_posting GROUP BY term
               ON CONFLICT (term) DO UPDATE SET claims = EXCLUDED.claims"""
        )
        # Runs of letters have no postings: they are as many times as common as the claims.
        connection.execute(
            """UPDATE claims_frequency AS f SET claims = claims * %s
               WHERE NOT EXISTS (SELECT FROM claims_posting AS p WHERE p.term = f.term)""",
            [times],
        )
        settle(connection)


def settle(connection: psycopg.Connection) -> None:
    for table in ("claims_claim", "claims_posting", "claims_frequency"):
        connection.execute(f"VACUUM ANALYZE {table}")


@contextmanager
def without_key(connection: psycopg.Connection) -> Iterator[None]:
    """The index of postings is made at once, in the end."""
    [[name, its_key]] = connection.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE conrelid = 'claims_posting'::regclass AND contype = 'p'"
    ).fetchall()
    connection.execute(f"ALTER TABLE claims_posting DROP CONSTRAINT {name}")
    yield
    connection.execute(f"ALTER TABLE claims_posting ADD CONSTRAINT {name} {its_key}")


def copy(connection: psycopg.Connection, table: str, rows) -> None:
    with connection.cursor().copy(f"COPY {table} FROM STDIN") as stream:
        stream.write("".join("\t".join(map(str, row)) + "\n" for row in rows))
