"""What the record has of reviews that are imported: who said it, where, what was found before."""

from collections.abc import Collection, Iterable
from hashlib import md5
from typing import Any
from uuid import UUID

from django.db import connection

from claims.text.sameness import same

CLAIMS = "SELECT key, claim_id FROM claims_importedclaim WHERE key = ANY(%s)"
LOOK = """
    SELECT id, created_at, language, clock_timestamp() FROM claims_claim WHERE id = ANY(%s)"""
CHAINS = """
    SELECT v.claim_id, v.organization_id, v.id, v.outcome, v.url, v.label, v.title,
        v.date_published,
        NOT EXISTS (SELECT FROM claims_verdict later WHERE later.supersedes_id = v.id)
    FROM claims_verdict v WHERE v.claim_id = ANY(%s) ORDER BY v.issued_at, v.id"""
SPEAKERS = """
    SELECT id, name, same_as FROM claims_speaker
    WHERE md5(claims_same_v1(name)) = ANY(%s) OR same_as && %s::varchar[]
    ORDER BY created_at, id"""
PUBLISHERS = """
    SELECT id, name FROM claims_publisher WHERE md5(claims_same_v1(name)) = ANY(%s)
    ORDER BY created_at, id"""
APPEARANCES = "SELECT claim_id, article_id FROM claims_appearance WHERE claim_id = ANY(%s)"
ARTICLES = "SELECT url, id FROM claims_article WHERE md5(url) = ANY(%s)"

Row = tuple[Any, ...]


def asked(statement: str, *values: Any) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[Row] = cursor.fetchall()
        return rows


def hashed(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()


def claims_by_key(keys: Iterable[UUID]) -> dict[UUID, UUID]:
    """The claims that were imported by these keys (`ImportedClaim`)."""
    return dict(asked(CLAIMS, list(set(keys))))


def claims_as_they_are(claims: Collection[UUID]) -> list[Row]:
    """Of each its id, created_at and language, and the instant; to be asked for under the lock."""
    return asked(LOOK, list(claims))


def verdicts_on(claims: Collection[UUID]) -> list[Row]:
    """Of each: claim, organization, id, outcome, url, label, title, date_published, and whether
    nothing supersedes it; in the order in which they were issued."""
    return asked(CHAINS, list(claims))


def speakers(names: Iterable[str], same_as: Iterable[str]) -> list[Row]:
    """Id, name and same_as of those with one of these names, however written, or addresses; the
    first recorded first."""
    return asked(SPEAKERS, [hashed(same(name)) for name in names], list(same_as))


def publishers(names: Iterable[str]) -> list[Row]:
    """Id and name of those with one of these names, however written; the first recorded first."""
    return asked(PUBLISHERS, [hashed(same(name)) for name in names])


def articles(urls: Iterable[str]) -> dict[str, UUID]:
    """Those at these very addresses."""
    return dict(asked(ARTICLES, [hashed(url) for url in urls]))


def appearances(claims: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """Of each the articles that it appears in."""
    return {(claim, article) for claim, article in asked(APPEARANCES, list(claims))}
