"""The copies by which lists of claims are filtered and ordered always equal the record."""

from datetime import timedelta
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from claims.models import ALL, Claim
from claims.vocabulary import Outcome, Status
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
# The same of listings: under all, under publishers, under organizations whose verdict stands.
UNLISTED = """
    WITH under AS (
        SELECT id AS claim_id, %s::uuid AS under FROM claims_claim
        UNION
        SELECT ap.claim_id, a.publisher_id
        FROM claims_appearance ap JOIN claims_article a ON a.id = ap.article_id
        UNION
        SELECT v.claim_id, v.organization_id FROM claims_verdict v
        WHERE v.outcome <> 'withdrawn'
        AND NOT EXISTS (SELECT FROM claims_verdict later WHERE later.supersedes_id = v.id)
    ), due AS (
        SELECT c.id, u.under, c.status, c.changed_at, c.created_at
        FROM claims_claim c JOIN under u ON u.claim_id = c.id
    ), listed AS (
        SELECT claim_id, under, status, changed_at, claim_created_at FROM claims_listing
    )
    (TABLE due EXCEPT ALL TABLE listed) UNION ALL (TABLE listed EXCEPT ALL TABLE due)"""


@pytest.fixture
def record(db: None) -> Record:
    return Record()


def unlisted() -> list[tuple[Any, ...]]:
    return run(UNLISTED, [ALL])


def listed_under(claim: Claim) -> set[Any]:
    rows = run("SELECT under FROM claims_listing WHERE claim_id = %s", [claim.pk])
    return {under for (under,) in rows}


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


def test_a_claim_is_listed_under_whoever_judges_it_until_that_is_withdrawn(db: None) -> None:
    claim, appearance = make.marked_fact()
    one, other = make.desk(), make.desk()
    publisher = appearance.article.publisher_id
    assert listed_under(claim) == {ALL, publisher}
    for checker in (one.checker, other.checker):
        make.verdict(claim, checker)
        assert unlisted() == []
    organizations = {one.organization.pk, other.organization.pk}
    assert listed_under(claim) == {ALL, publisher, *organizations}
    make.verdict(claim, one.checker, outcome=Outcome.DISPUTED)
    assert unlisted() == []
    make.verdict(claim, one.checker, outcome=Outcome.WITHDRAWN)
    assert listed_under(claim) == {ALL, publisher, other.organization.pk}
    assert unlisted() == []
    make.verdict(claim, one.checker)
    assert listed_under(claim) == {ALL, publisher, *organizations}
    assert unlisted() == []


def test_listings_follow_an_article_to_its_right_publisher(record: Record) -> None:
    claims = run("SELECT claim_id FROM claims_placement WHERE article_id = %s", [record.article.pk])
    other = make.publisher()
    assert claims
    run("UPDATE claims_article SET publisher_id = %s WHERE id = %s", [other.pk, record.article.pk])
    assert unlisted() == []
    listed = "SELECT claim_id FROM claims_listing WHERE under = %s"
    assert sorted(run(listed, [other.pk])) == sorted(claims)


def test_a_verdict_touches_no_index_of_the_words_of_a_claim(db: None) -> None:
    """Its row is rewritten in place (HOT); what a verdict changes is in narrow rows beside it."""
    claim, _appearance = make.marked_fact()
    updates = "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_xact_user_tables WHERE relname = %s"
    [(all_before, hot_before)] = run(updates, ["claims_claim"])
    make.verdict(claim, make.desk().checker)
    [(all_after, hot_after)] = run(updates, ["claims_claim"])
    claim.refresh_from_db()
    assert claim.status == Status.DISPUTED
    assert (all_after - all_before, hot_after - hot_before) == (1, 1)
