import hashlib
import itertools
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

CLAIMS = 400

STATUS_NOT_BY_RULE = (
    "SELECT count(*) FROM claims_claim WHERE status <> claims_status_by_rule_v1(id)"
)
NOT_WHAT_THE_TEXT_SAYS = """
    SELECT count(*) FROM claims_appearance a
    JOIN claims_snapshot s ON s.id = a.snapshot_id JOIN claims_content c ON c.id = s.content_id
    WHERE substr(c.text, a.start + 1, a."end" - a.start) IS DISTINCT FROM a.exact
       OR substr(c.text, greatest(a.start - 32, 0) + 1, least(a.start, 32)) <> a.prefix"""
NOT_WHAT_THE_LATER_TEXT_SAYS = """
    SELECT count(*) FROM claims_anchor n JOIN claims_appearance a ON a.id = n.appearance_id
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


@pytest.mark.parametrize(
    "wrong", [STATUS_NOT_BY_RULE, NOT_WHAT_THE_TEXT_SAYS, NOT_WHAT_THE_LATER_TEXT_SAYS]
)
def test_what_is_made_up_is_sound(world: World, wrong: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(wrong)
        assert cursor.fetchone() == (0,)


def test_a_list_found_through_other_tables_is_whole_in_order_and_without_repeats(
    world: World,
) -> None:
    article = Article.objects.filter(published_from__isnull=False).order_by("id")[3]
    organization = Organization.objects.order_by("-verdicts__claim_created_at").first()
    assert organization is not None
    middle = Claim.objects.order_by("created_at")[CLAIMS // 2].created_at
    given = {
        "publisher": str(article.publisher_id),
        "article": str(article.pk),
        "published_after": str(article.published_from),
        "published_before": "2023-01-01",
        "organization": str(organization.pk),
        "outcome": "disputed",
        "language": "ar",
        "status": "disputed",
        "created_before": middle.isoformat(),
    }
    found_any = 0
    for count in (1, 2, 3):
        for names in itertools.combinations(given, count):
            asked = {name: given[name] for name in names}
            expected = asked_plainly(asked)
            found_any += bool(expected)
            assert listed(asked) == expected, names
            assert listed(asked | {"ordering": "created_at"}) == expected[::-1], names
    assert found_any > 50


def asked_plainly(asked: dict[str, str]) -> list[str]:
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
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM claims_claim c WHERE {' AND '.join(conditions)} "
            "ORDER BY created_at DESC, id DESC",
            asked,
        )
        return [str(pk) for (pk,) in cursor.fetchall()]


def listed(asked: dict[str, str]) -> list[str]:
    """The ids on all pages of a list, without their documents."""
    ids: list[str] = []
    address: str | None = f"/api/v1/claims/?{urlencode(asked | {'page_size': '60'})}"
    while address:
        pages = Pages(Request(RequestFactory().get(address)), Claims.orderings)
        found = [Key(*key) for key in pages.keys(ClaimFilters(asked, Claim.objects.all()).qs)]
        shown = found[: pages.size]
        ids += [str(key.pk) for key in shown]
        address = pages.links(shown, more=len(found) > pages.size)["next"]
    return ids
