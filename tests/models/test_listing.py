"""The copies by which lists of claims are filtered and ordered always equal the record."""

from datetime import timedelta
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from tests import make
from tests.models.rows import Record, insert, run, sound

DIFFERENCES = """
    WITH due AS (
        SELECT DISTINCT ap.claim_id, ap.article_id, a.publisher_id, c.created_at,
            a.published_from, a.published_to
        FROM claims_appearance ap
        JOIN claims_article a ON a.id = ap.article_id
        JOIN claims_claim c ON c.id = ap.claim_id
    ), placed AS (
        SELECT claim_id, article_id, publisher_id, claim_created_at,
            published_from, published_to
        FROM claims_placement
    )
    (TABLE due EXCEPT ALL TABLE placed) UNION ALL (TABLE placed EXCEPT ALL TABLE due)"""


@pytest.fixture
def record(db: None) -> Record:
    return Record()


def placements() -> list[tuple[Any, ...]]:
    return run("SELECT claim_id, article_id FROM claims_placement ORDER BY 1, 2")


@pytest.mark.parametrize("kind", ["appearance", "unchecked", "mention"])
def test_a_claim_is_placed_where_it_appears(record: Record, kind: str) -> None:
    table, row = sound(record, kind)
    before = placements()
    insert(table, row)
    assert sorted([*before, (row["claim_id"], row["article_id"])]) == placements()
    assert run(DIFFERENCES) == []


def test_a_claim_that_appears_twice_in_an_article_is_placed_there_once(record: Record) -> None:
    table, row = sound(record, "mention")
    for position in range(2):
        insert(table, row | {"position": position, "id": uuid7()})
    assert placements().count((row["claim_id"], row["article_id"])) == 1
    assert run(DIFFERENCES) == []


@pytest.mark.parametrize("column", ["publisher_id", "published_from", "published_to"])
def test_placements_follow_their_article(record: Record, column: str) -> None:
    values = {
        "publisher_id": record.publisher.pk,
        "published_from": "2020-01-01",
        "published_to": "2021-01-01",
    }
    article = record.article.pk
    run(f"UPDATE claims_article SET {column} = %s WHERE id = %s", [values[column], article])
    [(copied,)] = run(
        f"SELECT {column}::text FROM claims_placement WHERE article_id = %s", [article]
    )
    assert copied == str(values[column])
    assert run(DIFFERENCES) == []


def test_a_verdict_tells_the_true_time_of_its_claim_whatever_is_written(record: Record) -> None:
    table, row = sound(record, "verdict")
    record.judged.refresh_from_db()
    verdict = insert(
        table, row | {"claim_created_at": record.judged.created_at + timedelta(days=9)}
    )
    assert run("SELECT claim_created_at FROM claims_verdict WHERE id = %s", [verdict]) == [
        (record.judged.created_at,)
    ]


def test_filing_by_the_actions_keeps_the_copies_too(db: None) -> None:
    claim, _appearance = make.marked_fact()
    make.verdict(claim, make.desk().checker)
    assert placements() != []
    assert run(DIFFERENCES) == []
    assert (
        run("""
        SELECT v.id FROM claims_verdict v JOIN claims_claim c ON c.id = v.claim_id
        WHERE v.claim_created_at <> c.created_at""")
        == []
    )
