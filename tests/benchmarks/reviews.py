"""Importing ClaimReviews by the command, against COPY of the very same rows.

As of claims (`bulk`): each in a process of its own, into a fresh copy of the database, in turns.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from statistics import median

from tests.benchmarks import bulk, words
from tests.benchmarks.databases import console
from tests.benchmarks.generate import Size, World, filled
from tests.benchmarks.goals import Goal, ranged

ROUNDS = 3
BATCH = 500
MOST_MEMORY = 300  # MB

# Rows whose ids are of a time, by that; those that hang on claims, by these.
SINCE = (
    "WHERE t.{id} >= (lpad(to_hex((extract(epoch FROM %s::timestamptz) * 1000)::bigint), 12, '0')"
    " || repeat('0', 20))::uuid ORDER BY t.{id}"
)
WRITTEN = {
    **dict.fromkeys(
        ("content", "organization", "publisher", "speaker", "article", "claim", "appearance"),
        SINCE.format(id="id"),
    ),
    "importedclaim": SINCE.format(id="claim_id"),
    "verdict": SINCE.format(id="id"),
    "evidence": SINCE.format(id="id"),
    "change": SINCE.format(id="id"),
    "posting": SINCE.format(id="claim_id"),
    "uncounted": "WHERE %s::timestamptz IS NOT NULL ORDER BY t.position",
}
LABELS = ["False", "Misleading", "Mostly true", "Half true", "True", "Three camels", "مضلل", "صحيح"]


def told(database: str, claims: int, *, reviews: int, rounds: int = ROUNDS) -> Iterator[str | Goal]:
    world = World(Size(claims))
    rates: dict[str, list[float]] = {"import_claimreview": [], "COPY": []}
    cpu: dict[str, list[list[float]]] = {"import_claimreview": [], "COPY": []}
    memory = []
    with tempfile.TemporaryDirectory() as folder:
        file, rows = Path(folder, "reviews.ndjson"), Path(folder)
        with file.open("w") as written:
            for it in made(world, reviews):
                written.write(json.dumps(it, ensure_ascii=False) + "\n")
        yield (
            f"{reviews:,} reviews ({file.stat().st_size / 1e6:.1f} MB) into {database}, "
            f"{BATCH:,} in a transaction"
        )
        for number in range(rounds):
            console.print(f"round {number + 1}")
            with bulk.copied(database):
                loaded = bulk.child(
                    "load", str(file), world.members[0][0], str(BATCH), module="reviews"
                )
                counts = bulk.dump(rows, loaded["began"], WRITTEN)
            assert counts["verdict"] > 0.9 * reviews, counts
            with bulk.copied(database):
                taken = bulk.child("copy", str(rows), module="reviews")
            for name, found in zip(rates, (loaded, taken), strict=True):
                rates[name].append(reviews / found["seconds"])
                cpu[name].append([seconds / reviews * 1e6 for seconds in found["cpu"]])
            memory.append(loaded["peak"] / 1e6)
    yield "rows: " + ", ".join(f"{count:,} {table}" for table, count in counts.items())
    for name, found in rates.items():
        yield f"{name}: {ranged(found, ',.0f')} reviews/s"
    ratios = [one / other for one, other in zip(*rates.values(), strict=True)]
    yield f"ratio: {ranged(ratios)}"
    yield Goal("import of reviews, of COPY of the same rows", ratios, 0.2, 0.2)
    for name, found in cpu.items():
        client, server = (median(part) for part in zip(*found, strict=True))
        yield f"CPU a review, {name}: {client:.0f} µs of ours, {server:.0f} µs of PostgreSQL"
    yield Goal("memory of importing reviews, peaks", memory, MOST_MEMORY, most=True, unit="MB")


def made(world: World, count: int) -> Iterator[dict]:
    """Of forty organizations and some thousand claimants; one in thirty stands there twice."""
    rng = Random(f"{world.seed} reviews")
    before: list[dict] = []
    for number in range(count):
        if before and rng.random() < 0.03:
            yield rng.choice(before)
            continue
        language = rng.choice(["ar", "en"])
        site = f"checkers{min(int(rng.expovariate(0.15)), 39)}.example"
        claim = f"{filled(rng, rng.choice(words.CLAIMS[language]), language)} ({number})"
        review = {
            "@type": "ClaimReview",
            "url": f"https://{site}/reviews/{number}",
            "claimReviewed": claim,
            "headline": filled(rng, rng.choice(words.CLAIMS[language]), language),
            "inLanguage": language,
            "datePublished": f"20{rng.randrange(15, 26)}-{rng.randrange(1, 13):02}-14",
            "author": {"@type": "Organization", "name": f"Checkers of {site}"},
            "reviewRating": {"@type": "Rating", "alternateName": rng.choice(LABELS)},
            "itemReviewed": {"@type": "Claim"},
        }
        if rng.random() < 0.8:
            name = f"Speaker {int(rng.expovariate(0.002))}"
            review["itemReviewed"]["author"] = {"@type": "Person", "name": name}
        if rng.random() < 0.2:
            url = f"https://outlet{rng.randrange(200)}.example/{number}"
            review["itemReviewed"]["appearance"] = [{"@type": "WebPage", "url": url}]
        if rng.random() < 0.3:
            about = f"https://evidence{rng.randrange(50)}.example/{number}"
            review["citation"] = [{"@type": "WebPage", "url": about, "name": "What was measured"}]
        if len(before) < 1_000:
            before.append(review)
        yield review


def load(file: str, member: str, batch: str) -> dict:
    return bulk.load(file, member, batch, "import_claimreview")


def copy(folder: str) -> dict:
    return bulk.copy(folder, WRITTEN)


if __name__ == "__main__":
    print(json.dumps({"load": load, "copy": copy}[sys.argv[1]](*sys.argv[2:])))
