"""What the record has of annotations that are imported: where claims appear already."""

from collections.abc import Collection, Iterable
from uuid import UUID

from claims.models import Article
from claims.queries.reviews import Row, asked

PLACES = """
    SELECT a.claim_id, a.article_id, a.exact, a.snapshot_id, a.start, a."end",
        n.snapshot_id, n.start, n."end"
    FROM claims_appearance a
    LEFT JOIN LATERAL (
        SELECT snapshot_id, start, "end" FROM claims_anchor
        WHERE appearance_id = a.id ORDER BY position DESC LIMIT 1) AS n ON true
    WHERE a.claim_id = ANY(%s)"""


def places(claims: Collection[UUID]) -> list[Row]:
    """Of these claims: claim, article, passage, snapshot, start and end of it where it was marked,
    and the same three where it stands now, null where that is there."""
    return asked(PLACES, list(claims))


def languages(articles: Iterable[UUID]) -> dict[UUID, str]:
    """Of those of these articles that there are."""
    return dict(Article.objects.filter(pk__in=list(articles)).values_list("pk", "language"))
