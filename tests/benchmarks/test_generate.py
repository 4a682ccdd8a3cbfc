import hashlib
import itertools
from typing import Any, cast
from urllib.parse import urlencode

import pytest
from django.db import connections
from django.test import RequestFactory
from rest_framework.request import Request

from claims.api.claims import Claims
from claims.api.filtering import ClaimFilters
from claims.api.pagination import Key, Pages
from claims.management.verification import faults
from claims.models import (
    ALL,
    Anchor,
    Article,
    Assertion,
    Change,
    Claim,
    Evidence,
    Organization,
    Publisher,
    Relay,
    Snapshot,
    Speaker,
    Verdict,
)
from claims.vocabulary import AnchorState, Outcome, Status
from tests.benchmarks.generate import Size, World, load
from tests.log import numbered
from tests.models.test_listing import DIFFERENCES, UNLISTED

CLAIMS, PAGE = 400, 60

STATUS_NOT_BY_RULE = "SELECT id FROM claims_claim WHERE status <> claims_status_by_rule_v1(id)"
NOT_WHAT_THE_TEXT_SAYS = """
    SELECT a.id FROM claims_appearance a
    JOIN claims_snapshot s ON s.id = a.snapshot_id JOIN claims_content c ON c.id = s.content_id
    WHERE substr(c.text, a.start + 1, a."end" - a.start) IS DISTINCT FROM a.exact
       OR substr(c.text, greatest(a.start - 32, 0) + 1, least(a.start, 32)) <> a.prefix"""
NOT_WHAT_THE_LATER_TEXT_SAYS = """
    SELECT n.id FROM claims_anchor n JOIN claims_appearance a ON a.id = n.appearance_id
    JOIN claims_snapshot s ON s.id = n.snapshot_id JOIN claims_content c ON c.id = s.content_id
    WHERE n.start IS NOT NULL
      AND substr(c.text, n.start + 1, n."end" - n.start) IS DISTINCT FROM a.exact"""

# All that a list of claims can be asked for through other tables; the plain way of asking.
APPEARS = """EXISTS (
    SELECT FROM claims_appearance p JOIN claims_article a ON a.id = p.article_id
    WHERE p.claim_id = c.id AND {})"""
JUDGED = """EXISTS (
    SELECT FROM claims_verdict v WHERE v.claim_id = c.id AND {}
    AND NOT EXISTS (SELECT FROM claims_verdict later WHERE later.supersedes_id = v.id))"""
ASKED = {
    "publisher": "a.publisher_id = %(publisher)s",
    "article": "a.id = %(article)s",
    "published_after": "a.published_from >= %(published_after)s",
    "published_before": "a.published_to <= %(published_before)s",
    "organization": "v.organization_id = %(organization)s",
    "outcome": "v.outcome = %(outcome)s",
    "language": "(c.language = %(language)s OR c.language LIKE %(language)s || '-%%')",
    "status": "c.status = %(status)s",
    "has_verdict": "(c.status <> 'unverified') = %(has_verdict)s",
    "changed_after": "c.changed_at >= %(changed_after)s",
    "created_before": "c.created_at <= %(created_before)s",
}


@pytest.fixture
def world(committed: str) -> World:
    """A small record, committed: so every deferred constraint has been asked."""
    world = World(Size(CLAIMS), seed=4)
    connections["owner"].ensure_connection()
    load(connections["owner"].connection, world)
    return world


def digest(world: World) -> str:
    rows = hashlib.sha256()
    for _, batch in world.batches():
        for table, lines in batch.items():
            rows.update("\n".join([table, *lines]).encode())
    return rows.hexdigest()


def test_the_same_seed_makes_the_same_record() -> None:
    assert digest(World(Size(CLAIMS))) == digest(World(Size(CLAIMS)))
    assert digest(World(Size(CLAIMS))) != digest(World(Size(CLAIMS), seed=2))


def test_the_million_of_the_goal_is_what_is_asked_of_it() -> None:
    size = Size(1_000_000)
    assert (size.articles, size.speakers, size.verdicts) == (50_000, 20_000, 700_000)


def test_there_is_as_much_as_asked_for_and_some_of_everything(world: World) -> None:
    size = world.size
    counts = {model: model.objects.count() for model in (Claim, Article, Speaker, Verdict)}
    assert counts == {
        Claim: size.claims,
        Article: size.articles,
        Speaker: size.speakers,
        Verdict: size.verdicts,
    }
    assert Publisher.objects.count() == size.publishers
    assert Organization.objects.count() == size.organizations
    assert set(Claim.objects.values_list("status", flat=True)) == set(Status)
    assert set(Verdict.objects.values_list("outcome", flat=True)) == set(Outcome)
    assert Verdict.objects.filter(supersedes__isnull=False).count() > size.verdicts // 20
    assert set(Anchor.objects.values_list("state", flat=True)) == set(AnchorState)
    for model in (Relay, Evidence, Assertion):
        assert model.objects.exists()
    assert Snapshot.objects.filter(content=None).exists()


def test_the_log_of_it_is_whole(world: World) -> None:
    """So its Changes tell of every row what real ones would."""
    numbered()
    assert list(faults(kept=None, tick=lambda done: None)) == []
    assert Change.objects.filter(outcome__isnull=False).count() == world.size.verdicts


def test_what_is_made_up_is_sound(world: World) -> None:
    wrong = STATUS_NOT_BY_RULE, NOT_WHAT_THE_TEXT_SAYS, NOT_WHAT_THE_LATER_TEXT_SAYS
    assert [rows(query) for query in wrong] == [[]] * 3


def test_the_copies_that_lists_are_read_off_equal_it(world: World) -> None:
    assert rows(DIFFERENCES) == []
    assert rows(UNLISTED, [ALL]) == []


def test_a_list_found_through_other_tables_is_whole_in_order_and_without_repeats(
    world: World,
) -> None:
    article = Article.objects.filter(published_from__isnull=False).order_by("id")[3]
    withdrawal = Verdict.objects.tips().filter(outcome=Outcome.WITHDRAWN).order_by("id")[0]
    filed = Claim.objects.order_by("created_at")
    changed = Claim.objects.order_by("changed_at")
    given = {
        "publisher": str(article.publisher_id),
        "article": str(article.pk),
        "published_after": str(article.published_from),
        "published_before": "2023-01-01",
        "organization": str(withdrawal.organization_id),
        "outcome": "disputed",
        "language": "ar",
        "status": "disputed",
        "created_before": filed[CLAIMS // 2].created_at.isoformat(),
        "has_verdict": "true",
        "changed_after": changed[CLAIMS // 3].changed_at.isoformat(),
    }
    others = {"outcome": "withdrawn", "has_verdict": "false"}
    both, sizes = ("created_at", "changed_at"), []
    for names in (*itertools.combinations(given, 1), *itertools.combinations(given, 2)):
        asked = {name: given[name] for name in names}
        for other in ({}, *({name: others[name]} for name in names if name in others)):
            sizes += [compared(asked | other, column) for column in both]
    for names in itertools.combinations(given, 3):
        if "has_verdict" not in names:  # which is asked as status is
            asked = {name: given[name] for name in names}
            columns = both if {"publisher", "organization"} <= asked.keys() else both[:1]
            sizes += [compared(asked, column) for column in columns]
    assert sum(size > 0 for size in sizes) > 50
    assert sum(size > PAGE for size in sizes) > 20


def compared(asked: dict[str, str], column: str) -> int:
    """How many claims there are, as both ways of asking have it, in both directions."""
    expected = asked_plainly(asked, column)
    assert listed(asked | {"ordering": f"-{column}"}) == expected, (asked, column)
    assert listed(asked | {"ordering": column}) == expected[::-1], (asked, column)
    return len(expected)


def asked_plainly(asked: dict[str, str], column: str) -> list[str]:
    """Newest first."""
    conditions = []
    appearance = [ASKED[name] for name in asked if ASKED[name].startswith("a.")]
    verdict = [ASKED[name] for name in asked if ASKED[name].startswith("v.")]
    if appearance:
        conditions.append(APPEARS.format(" AND ".join(appearance)))
    if verdict:
        if "outcome" not in asked:
            verdict.append("v.outcome <> 'withdrawn'")
        conditions.append(JUDGED.format(" AND ".join(verdict)))
    conditions += [ASKED[name] for name in asked if ASKED[name].lstrip("(").startswith("c.")]
    query = (
        f"SELECT id FROM claims_claim c WHERE {' AND '.join(conditions)} "
        f"ORDER BY {column} DESC, id DESC"
    )
    return [str(pk) for (pk,) in rows(query, asked)]


def rows(query: str, given: Any = None) -> list[tuple[Any, ...]]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(query, given)
        return cast(list[tuple[Any, ...]], cursor.fetchall())


def listed(asked: dict[str, str]) -> list[str]:
    """The ids on all pages of a list, without their documents."""
    ids: list[str] = []
    claims = ClaimFilters(asked, Claim.objects.all()).qs
    address: str | None = f"/api/v1/claims/?{urlencode(asked | {'page_size': PAGE})}"
    while address:
        pages = Pages(Request(RequestFactory().get(address)), Claims.orderings)
        found = [Key(*key) for key in pages.keys(claims)]
        shown = found[: pages.size]
        ids += [str(key.pk) for key in shown]
        address = pages.links(shown, more=len(found) > pages.size)["next"]
    return ids
