"""Claims and articles by their words: which statement finds them, stretch by stretch of time.

The functions of the database are in `sql/search_v1`; docs/adr/0025 says how they work.
"""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import BigIntegerField, BooleanField, F, Func, QuerySet

from claims.models import Article, Claim
from claims.text.searching import Search, Term
from claims.text.words import folded

KINDS = {Claim: "c", Article: "a"}
RELEVANCE = "relevance"

# Of how many of the newest rows that match the most relevant are told first.
RANKED = 500
# How many rows that match are looked at for a page where not all filters are in the index.
SIFTED = 500
# In how many rows a phrase is looked for whose words are there, for one page.
READ = 8_000

EARLIEST, LATEST = "-infinity", "infinity"
LOWEST, HIGHEST = UUID(int=0), UUID(int=2**128 - 1)

# What is asked for (q), and the rows found (c): ids in order, and where looking ended early.
FOUND = """
    CROSS JOIN claims_query_v1(%s::jsonb, claims_stemmer_v1(%s::text), {by_name}) AS q
    CROSS JOIN LATERAL (
        SELECT array_agg(f.id) FILTER (WHERE f.id IS NOT NULL),
               array_agg(f.created_at) FILTER (WHERE f.id IS NOT NULL),
               max(f.created_at) FILTER (WHERE f.id IS NULL)
        FROM claims_find_v1('{kind}', q.wanted && %s::tsquery, q.loose && %s::tsquery,
            q.named, q.speakers, q.needed,
            %s::timestamptz, %s::uuid, %s::timestamptz, {descending}, {most}, {read}) AS f
    ) AS c(ids, instants, stopped_at)"""
SEARCH, LANGUAGE, TAGS = "search", "stemmer_of", "tags"
FROM_AT, FROM_ID, UNTIL_AT = "from_at", "from_id", "until_at"
GIVEN = (SEARCH, LANGUAGE, TAGS, TAGS, FROM_AT, FROM_ID, UNTIL_AT)

STEMS = """
    SELECT w.language, w.word, claims_stems_v1(w.word, claims_stemmer_v1(w.language))
    FROM unnest(%s::text[], %s::text[]) AS w(language, word)"""


def found_sql(model: type[Any], *, descending: bool, most: int) -> str:
    """Its parameters are GIVEN, in this order."""
    return FOUND.format(
        by_name=str(model is Claim).lower(),
        kind=KINDS[model],
        descending=str(descending).lower(),
        most=most,
        read=READ,
    )


def claims_found(search: Search, asked: Mapping[str, Any], *, most: int) -> set[UUID] | None:
    """All claims with these words, of those that the filters leave as far as the index tells them;
    None where they are more than `most`. asked: the values of the filters that are given."""
    lexemes, _told = tags(Claim, asked)
    until = asked.get("created_before") or LATEST
    beyond: tuple[Any, UUID] = (asked.get("created_after") or EARLIEST, LOWEST)
    ids: set[UUID] = set()
    while len(ids) <= most:
        given = [as_json(search), asked.get("language"), lexemes, lexemes, *beyond, until]
        with connection.cursor() as cursor:
            cursor.execute(ALL_FOUND, given)
            found, stopped_at = cursor.fetchone()
        ids.update(found or ())
        if stopped_at is None and len(found or ()) < AT_ONCE:
            return ids
        last = stopped_at or Claim.objects.values_list("created_at", flat=True).get(pk=found[-1])
        beyond = last, LOWEST if stopped_at else found[-1]
    return None


def among_found(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Of these rows, those that are found."""
    is_found = Func(F("pk"), template="%(expressions)s = ANY(c.ids)", output_field=BooleanField())
    return rows.filter(is_found)


def by_relevance(rows: QuerySet[Any]) -> Any:
    """With how well each matches: more of the words, and closer together."""
    rank = Func(
        F("pk"),
        template="claims_relevance_v1(%(expressions)s, q.terms)",
        output_field=BigIntegerField(),
    )
    return rows.annotate(**{RELEVANCE: rank})


AT_ONCE = 50_000
ALL_FOUND = "SELECT c.ids, c.stopped_at FROM (SELECT 1) AS one"
ALL_FOUND += found_sql(Claim, descending=False, most=AT_ONCE)


def as_json(search: Search) -> str:
    """As claims_query_v1 reads it."""
    return orjson.dumps(
        {
            "all": [[told(term, search) for term in terms] for terms in search.all],
            "none": [told(term, search) for term in search.without],
        }
    ).decode()


def told(term: Term, search: Search) -> dict[str, str]:
    if not term.exact:
        return {"word": term.words[0]}
    words = term.words if search.folded else tuple(map(as_written, term.words))
    exact = [lexeme(word) for word in words]
    # Which of a word's places are written like it, and what is beside it, only the row can tell.
    loose = [lexeme(word.removesuffix(":A")) for word in words]
    return {"exact": " <-> ".join(exact), "loose": " & ".join(loose)}


def as_written(word: str) -> str:
    """The lexeme of a word as it is written: by weight where folding would not change it."""
    return f"{word}:A" if folded(word) == [word] else f"!{word}"


def lexeme(word: str) -> str:
    bare = word.removesuffix(":A")
    cut = f"!{bare[1:101]}" if bare.startswith("!") else bare[:100]
    return f"'{cut}'" + word[len(bare) :]


def tags(model: type[Any], asked: Mapping[str, Any]) -> tuple[str, bool]:
    """The lexemes of what is filtered by, as a query; and whether they tell all of it.

    asked: the values of the filters, those that are given.
    """
    named = {name: value for name, value in asked.items() if value not in (None, "")}
    found = [TAGGED[name](value) for name, value in named.items() if name in TAGGED]
    untold = named.keys() - TAGGED.keys() - {"created_after", "created_before"}
    if model is not Claim:
        return " & ".join(found), not untold
    if "organization" in named and "outcome" in named:
        found.append(f"'@finding:{UUID(named['organization'])}:{named['outcome']}'")
        found = [it for it in found if not it.startswith("'@organization")]
    # Of one and the same appearance, the rows themselves have to tell.
    return " & ".join(found), not untold and not {"article", "publisher"} <= named.keys()


def digest(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def by_organization(pk: UUID) -> str:
    """The lexeme of what a verdict of this organization stands on."""
    return f"'@organization:{pk}'"


TAGGED = {
    "kind": lambda value: f"'@kind:{value}'",
    "status": lambda value: f"'@status:{value}'",
    "language": lambda value: f"'@language:{value}'",
    "speaker": lambda value: f"'@speaker:{UUID(value)}'",
    "publisher": lambda value: f"'@publisher:{UUID(value)}'",
    "article": lambda value: f"'@article:{UUID(value)}'",
    "organization": lambda value: by_organization(UUID(value)),
    "outcome": lambda value: f"'@outcome:{value}'",
    "subject": lambda value: f"'@subject:{digest(value)}'",
    "property": lambda value: f"'@property:{digest(value)}'",
    "has_verdict": lambda value: f"{'!' if value else ''}'@status:unverified'",
}
