"""The requests that are measured: each kind of page with several addresses, not one hot URL."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import psycopg
from django.test import RequestFactory
from rest_framework.request import Request

from claims.api.claims import Claims
from claims.api.pagination import Key, Pages
from tests.benchmarks.generate import ORGANIZATION_ACTIVE, PUBLISHER_ACTIVE

BASE = "/api/v1/claims/"
VARIANTS = 8  # addresses of one kind
FEW = 60  # how many claims a "small" one has, whatever the size of the record
MIDDLE = 0.005  # of the claims

# Each claim counts once, as it does in the list.
CLAIMS_OF = {
    "publisher": "SELECT a.publisher_id AS id, count(DISTINCT p.claim_id) AS claims "
    "FROM claims_appearance p JOIN claims_article a ON a.id = p.article_id GROUP BY 1",
    "organization": "SELECT v.organization_id AS id, count(*) AS claims FROM claims_verdict v "
    "WHERE v.outcome <> 'withdrawn' AND NOT EXISTS "
    "(SELECT FROM claims_verdict l WHERE l.supersedes_id = v.id) GROUP BY 1",
    "speaker": "SELECT speaker_id AS id, count(*) AS claims FROM claims_claim "
    "WHERE speaker_id IS NOT NULL GROUP BY 1",
}

OF_PUBLISHER = (
    "EXISTS (SELECT FROM claims_appearance p JOIN claims_article a ON a.id = p.article_id "
    "WHERE p.claim_id = claims_claim.id AND a.publisher_id = %(publisher)s)"
)


def cases(connection: psycopg.Connection) -> dict[str, list[str]]:
    """Name → paths, chosen in this database. Needs Django, for the cursors."""
    ask = Asking(connection)
    total = ask.one("SELECT count(*) FROM claims_claim")
    small, middle = FEW, total * MIDDLE
    some = ask.column("SELECT id FROM claims_claim ORDER BY md5(id::text) LIMIT 40")
    publishers, organizations, speakers = (ask.counted(name) for name in CLAIMS_OF)
    late = ask.one("SELECT max(published_from) FROM claims_article WHERE published_from < now()")
    early = ask.one(
        "SELECT percentile_disc(0.02) WITHIN GROUP (ORDER BY published_from) FROM claims_article"
    )
    earliest = ask.one(
        "SELECT published_to FROM claims_article ORDER BY published_to OFFSET 5 LIMIT 1"
    )
    newest = ask.one("SELECT max(created_at) FROM claims_claim")
    oldest = ask.one("SELECT min(created_at) FROM claims_claim")
    middle_time = oldest + (newest - oldest) / 2
    hundred_claims = (newest - oldest) * 100 / total
    ten_articles = timedelta(days=int(200 * (newest - oldest).days / total))
    changed = ask.one(
        "SELECT changed_at FROM claims_claim ORDER BY changed_at DESC OFFSET 100 LIMIT 1"
    )
    articles = ask.column("SELECT id FROM claims_article ORDER BY md5(id::text) LIMIT 8")
    silent_publisher, young_publisher = (
        {"publisher": publishers.made[index]} for index in PUBLISHER_ACTIVE
    )
    silent_organization, young_organization = (
        {"organization": organizations.made[index]} for index in ORGANIZATION_ACTIVE
    )
    subjects = ask.all(
        "SELECT subject, property FROM claims_claim WHERE subject IS NOT NULL "
        "GROUP BY 1, 2 HAVING count(*) BETWEEN 5 AND 100 ORDER BY md5(subject || property)"
    )
    subject = ask.one(
        "SELECT subject FROM claims_claim WHERE subject IS NOT NULL "
        "GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    )
    week = late - timedelta(days=700)
    big_publisher = {"publisher": publishers.biggest()}
    big_organization = {"organization": organizations.biggest()}
    return {
        "first page": [BASE],
        "deep page, at 90 %": deep(ask, {}, "true"),
        "detail": [f"{BASE}{pk}/" for pk in some],
        "history": [f"{BASE}{pk}/history/" for pk in some],
        "status, language": pages({"status": "disputed", "language": "ar"}),
        "status, language: rare": pages({"status": "contested", "language": "ar-TN"}),
        "status, at 90 %": deep(ask, {"status": "disputed"}, "status = 'disputed'"),
        "language, rare": pages({"language": "ar-TN"}),
        "kind": pages({"kind": "statement"}),
        "has_verdict=false": pages({"has_verdict": "false"}),
        "has_verdict=true": pages({"has_verdict": "true"}),
        "publisher, big": pages(big_publisher),
        "publisher, big, at 90 %": deep(ask, big_publisher, OF_PUBLISHER),
        "publisher, middle": pages(*({"publisher": pk} for pk in publishers.near(middle))),
        "publisher, small": pages(*({"publisher": pk} for pk in publishers.near(small))),
        "publisher, silent for years": pages(silent_publisher),
        "article": pages(*({"article": pk} for pk in articles)),
        "organization, big": pages(big_organization),
        "organization, middle": pages(*({"organization": pk} for pk in organizations.near(middle))),
        "organization, small": pages(*({"organization": pk} for pk in organizations.near(small))),
        "organization, silent for years": pages(silent_organization),
        "organization, big, outcome": pages(big_organization | {"outcome": "verified"}),
        "organization, small, outcome": pages(
            *({"organization": pk, "outcome": "disputed"} for pk in organizations.near(small))
        ),
        "outcome, frequent": pages({"outcome": "disputed"}),
        "outcome, withdrawn": pages({"outcome": "withdrawn"}),
        "speaker, big": pages({"speaker": speakers.biggest()}),
        "speaker, small": pages(*({"speaker": pk} for pk in speakers.near(small))),
        "subject, property": pages(*({"subject": s, "property": p} for s, p in subjects)),
        "subject, frequent": pages({"subject": subject}),
        "property, frequent": pages({"property": "declared on"}),
        "published, one week": pages(
            *(
                {"published_after": end - timedelta(days=6), "published_before": end}
                for end in (late - timedelta(days=days) for days in range(30, 3000, 400))
            )
        ),
        "published, range of ten articles": pages(
            *(
                {"published_after": end - ten_articles, "published_before": end}
                for end in (late - timedelta(days=days) for days in range(90, 2800, 350))
            )
        ),
        "published_after, last days": pages({"published_after": late - timedelta(days=2)}),
        "published_before, hardly any": pages({"published_before": earliest}),
        "published_after, recent": pages({"published_after": late - timedelta(days=60)}),
        "published_before, long ago": pages({"published_before": early}),
        "published_before, first year": pages(
            {"published_before": oldest.date().replace(month=12)}
        ),
        "created, a hundred claims": pages(
            {"created_after": middle_time, "created_before": middle_time + hundred_claims}
        ),
        "publisher, big, created_before": pages(
            big_publisher | {"created_before": oldest + timedelta(days=300)}
        ),
        "changed_after, in order": pages(
            {"changed_after": changed.isoformat(), "ordering": "changed_at"}
        ),
        "last changed": pages({"ordering": "-changed_at"}),
        "publisher, middle, last changed": pages(
            *({"publisher": pk, "ordering": "-changed_at"} for pk in publishers.near(middle))
        ),
        "organization, middle, last changed": pages(
            *({"organization": pk, "ordering": "-changed_at"} for pk in organizations.near(middle))
        ),
        "publisher, big, language, status": pages(
            big_publisher | {"language": "ar", "status": "disputed"}
        ),
        "publisher and organization, big": pages(big_publisher | big_organization),
        "nothing: small publisher, rare": pages(
            *(
                {"publisher": pk, "language": "ar-TN", "status": "contested"}
                for pk in publishers.near(small)
            )
        ),
        "nothing: silent publisher, young organization": pages(
            silent_publisher | young_organization
        ),
        "nothing: young publisher, silent organization": pages(
            young_publisher | silent_organization
        ),
        "nothing: subject unknown": pages({"subject": "no such thing"}),
        "nothing: language": pages({"language": "sw"}),
        "nothing: outcome of a small organization": pages(
            *(
                {"organization": pk, "outcome": "inconclusive", "language": "ar-TN"}
                for pk in organizations.near(small)
            )
        ),
        "claims: verdicts": [f"{BASE}{pk}/verdicts/" for pk in some],
        "claims: appearances": [f"{BASE}{pk}/appearances/" for pk in some],
        "articles": ["/api/v1/articles/"],
        "articles, publisher, big": pages(big_publisher, base="/api/v1/articles/"),
        "articles, publisher, silent for years": pages(silent_publisher, base="/api/v1/articles/"),
        "articles, published, one week": pages(
            {"published_after": week, "published_before": week + timedelta(days=6)},
            base="/api/v1/articles/",
        ),
        "articles, language, rare": pages({"language": "ar-TN"}, base="/api/v1/articles/"),
        "speakers": ["/api/v1/speakers/"],
        "publishers": ["/api/v1/publishers/"],
    }


def pages(*queries: dict[str, object], base: str = BASE) -> list[str]:
    return [f"{base}?{urlencode(query)}" for query in queries[:VARIANTS]]


def deep(ask: "Asking", query: dict[str, object], where: str) -> list[str]:
    """Pages around nine tenths of a list, by the cursors that following `next` would lead to."""
    count = ask.one(f"SELECT count(*) FROM claims_claim WHERE {where}", **query)
    offsets = [int(count * (0.86 + 0.01 * i)) for i in range(VARIANTS)]
    rows = ask.all(
        f"SELECT created_at, id FROM (SELECT created_at, id, row_number() OVER "
        f"(ORDER BY created_at DESC, id DESC) AS n FROM claims_claim WHERE {where}) numbered "
        "WHERE n = ANY(%(offsets)s)",
        offsets=offsets,
        **query,
    )
    return [link(query, created_at, pk) for created_at, pk in rows]


def link(query: dict[str, object], at: datetime, pk: UUID) -> str:
    """The page after the row with this instant, in the order that the query asks for, and id."""
    request = RequestFactory().get(BASE, query, SERVER_NAME="127.0.0.1")
    made = Pages(Request(request), Claims.orderings)
    url = made._link(Key(pk, at), backwards=False)
    return url.removeprefix("http://127.0.0.1")


class Counted:
    """Ids by how many claims they have; made: in the order in which the generator made them."""

    def __init__(self, rows: list[tuple[UUID, int]], made: list[UUID]) -> None:
        self.rows, self.made = sorted(rows, key=lambda row: (row[1], row[0])), made

    def biggest(self) -> UUID:
        return self.rows[-1][0]

    def near(self, claims: float) -> list[UUID]:
        return [pk for pk, _ in sorted(self.rows, key=lambda row: abs(row[1] - claims))[:VARIANTS]]


class Asking:
    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection

    def all(self, query: str, **given: object) -> list[tuple]:
        return self.connection.execute(query, given).fetchall()

    def column(self, query: str) -> list:
        return [row[0] for row in self.all(query)]

    def one(self, query: str, **given: object) -> Any:
        return self.all(query, **given)[0][0]

    def counted(self, name: str) -> Counted:
        made = self.column(
            f"SELECT id FROM claims_{name} ORDER BY substring(name FROM '[0-9]+$')::int"
        )
        return Counted(self.all(CLAIMS_OF[name]), made)
