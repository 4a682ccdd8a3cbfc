"""Was this claimed before? Candidates from the database, ranked here.

The work is bounded whatever the record holds: of the rarest stems of what is asked about, their
claims; of the best of these, the texts.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from claims.models import Claim
from claims.queries.references import named
from claims.queries.relations import cluster_of, decided_already
from claims.queries.vectors import Nearness
from claims.text.matching import TOTAL, Asked, Frequencies, Match, Reading, key, rank

MOST_TERMS = 40  # by which candidates are looked for, the rarest ones; posts are long
# Of a million claims, the first five are no better by more postings and candidates.
MOST_POSTINGS = 25_000  # that are read for them, but for those of the very rarest
MOST_CANDIDATES = 50  # that are ranked
MOST_PASSAGES = 5  # of a claim, besides its text, by which it is recognized

FREQUENCIES = "SELECT term, claims FROM claims_frequency WHERE term = ANY(%s::int[])"
CANDIDATES = "SELECT claims_candidates_v1(%s::int[], %s::int[], %s, %s)"
READINGS = "SELECT * FROM claims_readings_v1(%s::uuid[], %s)"


def matching_claims(
    text: str,
    *,
    limit: int,
    min_score: float = 0.0,
    language: str | None = None,
    without: Collection[UUID] = (),
) -> list[Match[UUID]]:
    """Claims that say what the text says, the most probable first.

    language: of claims, where those in others are not asked for. without: claims that are not to be
    suggested, because somebody has said that they are others.
    """
    asked = Asked(text)
    frequencies = frequencies_of(asked.terms())
    ids = candidates(asked, frequencies)
    near = Nearness(asked.text)
    wanted = dict.fromkeys([*ids, *near.nearest(MOST_CANDIDATES)])
    for pk in without:
        wanted.pop(pk, None)
    readings = readings_of(wanted, language=language)
    found = rank(
        asked,
        readings,
        frequencies,
        frequencies_of,
        limit=limit,
        similar=near.of(readings),
    )
    return [it for it in found if it.score >= min_score]


def matches_for(asked: Mapping[str, Any]) -> list[list[Match[UUID]]]:
    """What a MatchIn asks for, of each of its texts. Raises Invalid for an unknown claim."""
    how: dict[str, Any] = {name: asked.get(name) for name in ("limit", "min_score", "language")}
    if "claim" in asked:
        claim = named(Claim, asked["claim"], pointer="#/claim")
        known = {claim.pk, *decided_already(claim.pk), *cluster_of(claim.pk)}
        return [matching_claims(claim.text, without=known, **how)]
    texts = asked["texts"] if "texts" in asked else [asked["text"]]
    return [matching_claims(text, **how) for text in texts]


def frequencies_of(terms: Iterable[str]) -> Frequencies:
    keys = array([key(TOTAL), *map(key, terms)])
    return Frequencies(dict(fetched(FREQUENCIES, keys)))


def candidates(asked: Asked, frequencies: Frequencies) -> list[UUID]:
    """The claims that have most of the rarest stems, weighed."""
    terms, weights = chosen(asked, frequencies)
    return [
        pk
        for (pk,) in fetched(
            CANDIDATES, array(terms), array(weights), MOST_POSTINGS, MOST_CANDIDATES
        )
    ]


def chosen(asked: Asked, frequencies: Frequencies) -> tuple[list[int], list[int]]:
    """The keys of the stems by which candidates are looked for, and what each weighs.

    At least one that occurs. Those that occur nowhere, as far as is counted, cost nothing.
    """
    stems = sorted(asked.stems, key=lambda it: (frequencies.of(it), it))
    unknown = [it for it in stems if not frequencies.of(it)][:MOST_TERMS]
    known: list[str] = []
    postings = 0
    for stem in stems[len([it for it in stems if not frequencies.of(it)]) :]:
        postings += frequencies.of(stem)
        if len(known) == MOST_TERMS or (known and postings > MOST_POSTINGS):
            break
        known.append(stem)
    taken = dict.fromkeys(unknown + known)
    weights: dict[int, int] = {}
    for stem in taken:
        weights.setdefault(key(stem), round(100 * frequencies.weight(stem) ** 1.5))
    return [*weights], [*weights.values()]


def readings_of(
    claims: Collection[UUID], *, language: str | None = None
) -> dict[UUID, list[Reading]]:
    """By which texts each claim is recognized; read from the record itself, so what is erased is
    recognized no more."""
    rows: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    for pk, in_language, *row in fetched(READINGS, array(claims), MOST_PASSAGES):
        if language is None or f"{in_language}-".startswith(f"{language}-"):
            rows[pk].append(tuple(row))
    return {
        pk: readings(
            its[0][0],
            subject=its[0][1],
            headline=its[0][3],
            passages=[exact for *_rest, exact, _headline in its],
        )
        for pk, its in rows.items()
    }


def readings(
    text: str, *, subject: str | None, headline: str | None, passages: Sequence[str | None]
) -> list[Reading]:
    """A claim is recognized by its text, under the headline where it appeared first and the subject
    of the fact, and by the passages where it stands."""
    title = ". ".join(filter(None, (headline, subject)))
    others = [it for it in dict.fromkeys(passages) if it is not None and it != text]
    return [Reading(text, title), *map(Reading, others[:MOST_PASSAGES])]


def array(values: Iterable[int | UUID]) -> str:
    """As PostgreSQL spells it: a list would be quoted element by element."""
    return f"{{{','.join(map(str, values))}}}"


def fetched(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
