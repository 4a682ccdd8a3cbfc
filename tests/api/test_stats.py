"""Statistics: that they are what the record says, whatever is asked and whatever happened."""

import io
import random
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
import pytest_django
from django.core.management import call_command
from django.db import connections

from claims.actions import counting
from claims.actions.counting import count_changes
from claims.models import Member, Segment, Verdict
from tests import make, reckoned
from tests.benchmarks.generate import Size, World, load
from tests.conftest import Api, problem
from tests.database import empty
from tests.log import numbered
from tests.reckoned import OUTCOMES, STATUSES, Reckoned

ZONES = ["UTC", "Asia/Baghdad", "Asia/Kathmandu", "America/New_York", "Pacific/Apia"]


def counted() -> None:
    """Number and count all that is written."""
    numbered()
    while count_changes():
        pass


def stats(api: Api, **asked: Any) -> Any:
    return api.read(f"/stats/?{urlencode(asked)}")


def ident(value: Any) -> Any:
    return value["id"] if isinstance(value, dict) else value


def by_group(told: Any, by: list[str], inner: str) -> dict[Any, Any]:
    assert told["rest"]["groups"] == 0
    return {tuple(ident(it["group"][name]) for name in by): it[inner] for it in told["groups"]}


def full(counts: dict[Any, Counter[str]], words: list[str]) -> dict[Any, dict[str, int]]:
    return {key: {word: its[word] for word in words} for key, its in counts.items()}


def holds(api: Api, its: Reckoned, asked: dict[str, Any], by: list[str], own: str | None) -> None:
    """That what is told is what is reckoned, row by row."""
    query = {**its.filters, "time_zone": its.zone, "most": 1000} | asked
    query |= {name: it for name in ("since", "until") if (it := getattr(its, name))}
    claims_by = [name for name in by if name != "checker"]
    told = stats(api, figures="claims,agreement", **query, **named(claims_by))
    whole = its.claims([]).get((), Counter())
    assert told["claims"]["statuses"] == {word: whole[word] for word in STATUSES}, query
    assert told["claims"]["claims"] == whole.total()
    if claims_by:
        due = full(its.claims(claims_by), STATUSES)
        assert by_group(told["claims"], claims_by, "statuses") == due, query
        of = its.of_speakers()
        for group in told["claims"]["groups"]:
            speaker = ident(group["group"].get("speaker"))
            assert group["of"] == (of[speaker] if "speaker" in by else whole.total())
    agrees(told["agreement"], its)
    verdicts_by = [name for name in by if name != "publisher"]
    own_now = own if "checker" in verdicts_by else None
    told = stats(api, figures="verdicts", **query, **named(verdicts_by))["verdicts"]
    whole = its.verdicts([], own_now).get((), Counter())
    assert told["outcomes"] == {word: whole[word] for word in OUTCOMES}, query
    if verdicts_by:
        due = full(its.verdicts(verdicts_by, own_now), OUTCOMES)
        assert by_group(told, verdicts_by, "outcomes") == due, query
    times_by = [name for name in by if name != "outcome"]
    told = stats(api, figures="times", **query, **named(times_by))["times"]
    empty: dict[str, list[float]] = {"from_filing": [], "from_appearance": []}
    lasted(told, its.times([], own_now).get((), empty))
    if times_by:
        due_times = its.times(times_by, own_now)
        groups = {tuple(ident(it["group"][name]) for name in times_by): it for it in told["groups"]}
        assert groups.keys() == due_times.keys()
        for key, group in groups.items():
            lasted(group, due_times[key])


def named(by: list[str]) -> dict[str, str]:
    return {"by": ",".join(by)} if by else {}


def lasted(told: Any, durations: dict[str, list[float]]) -> None:
    for name, values in durations.items():
        assert told[name]["cases"] == len(values)
        for share, due in (("median", reckoned.median(values)), ("p90", reckoned.p90(values))):
            assert told[name][share] == (due and pytest.approx(due, abs=2e-6, rel=1e-12))
    assert told["undated"] == len(durations["from_filing"]) - len(durations["from_appearance"])


def agrees(told: Any, its: Reckoned) -> None:
    pairs = its.pairs()
    assert {frozenset(map(ident, it["organizations"])) for it in told["pairs"]} == pairs.keys()
    for pair in told["pairs"]:
        found = pairs[frozenset(map(ident, pair["organizations"]))]
        cases = len(found)
        assert pair["cases"] == cases
        observed = sum(one == other for one, other in found) / cases
        one, other = Counter(it[0] for it in found), Counter(it[1] for it in found)
        expected = sum(one[word] * other[word] for word in OUTCOMES) / cases**2
        assert pair["observed"] == pytest.approx(observed)
        assert pair["expected"] == pytest.approx(expected)
        kappa = None if expected == 1 else (observed - expected) / (1 - expected)
        assert pair["kappa"] == pytest.approx(kappa)
    ratings = its.ratings()
    assert told["cases"] == len(ratings)
    if not ratings:
        assert told["kappa"] is None
        return
    agreed = [
        sum(it[word] * (it[word] - 1) for word in OUTCOMES) / (it.total() * (it.total() - 1))
        for it in ratings
    ]
    shares = sum(ratings, Counter[str]())
    expected = sum((shares[word] / shares.total()) ** 2 for word in OUTCOMES)
    observed = sum(agreed) / len(agreed)
    assert told["observed"] == pytest.approx(observed)
    if expected < 1:
        assert told["kappa"] == pytest.approx((observed - expected) / (1 - expected))


# A record that was made by chance, of three years


@pytest.fixture(scope="module")
def record(
    worker_id: str,
    django_db_setup: None,
    django_db_blocker: pytest_django.DjangoDbBlocker,
) -> Iterator[list[reckoned.Row]]:
    """Committed, and counted in many segments."""
    with django_db_blocker.unblock(), empty(worker_id), pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "SIZE", 90)
        connections["owner"].ensure_connection()
        load(connections["owner"].connection, World(Size(500), seed=7))
        counted()
        assert Segment.objects.count() > 3
        yield reckoned.rows()


@pytest.fixture
def member(record: list[reckoned.Row]) -> Member:
    """Somebody whose verdicts are told apart by checker."""
    busiest = Counter(it.issued_by_id for it in Verdict.objects.all()).most_common(1)[0][0]
    return Member.objects.get(pk=busiest)


def chances(seed: int, rows: list[reckoned.Row]) -> Iterator[tuple[Reckoned, list[str]]]:
    """Filters, periods and groups by chance, which mostly find something."""
    chance = random.Random(seed)
    dimensions = ["status", "kind", "language", "speaker", "organization", "outcome", "checker"]
    for _ in range(12):
        row = chance.choice(rows)
        place = chance.choice(sorted(row.places, key=str)) if row.places else None
        verdict = chance.choice(row.verdicts) if row.verdicts else None
        can: dict[str, Any] = {
            "kind": row.claim.kind,
            "status": row.status,
            "language": row.claim.language.partition("-")[0],
            "speaker": row.claim.speaker_id,
            "subject": row.claim.subject,
            "property": row.claim.property,
            "has_verdict": str(row.status != "unverified").lower(),
            "created_after": (row.claim.created_at - timedelta(days=200)).isoformat(),
            "created_before": row.claim.created_at.isoformat(),
            "changed_after": row.claim.changed_at.isoformat(),
            "publisher": place and place[0],
            "article": place and place[1],
            "published_after": place and place[2],
            "published_before": place and place[3],
            "organization": verdict and verdict.organization,
            "outcome": verdict and verdict.outcome,
        }
        names = chance.sample(sorted(can), chance.choice([0, 1, 1, 2, 3]))
        filters = {name: str(can[name]) for name in names if can[name] is not None}
        by = chance.choice(
            [[], ["publisher"], chance.sample(dimensions, 1), chance.sample(dimensions, 2)]
        )
        since = row.claim.created_at - timedelta(days=chance.randrange(90))
        until = since + timedelta(days=chance.randrange(400))
        yield (
            Reckoned(
                rows,
                filters,
                since=chance.choice([None, since.date().isoformat()]),
                until=chance.choice([None, until.date().isoformat()]),
                zone=chance.choice(ZONES),
            ),
            by,
        )


@pytest.mark.parametrize("seed", range(8))
def test_figures_are_what_a_reckoning_row_by_row_gives(
    record: list[reckoned.Row], member: Member, seed: int
) -> None:
    api = Api(make.key(member))
    for its, by in chances(seed, record):
        holds(api, its, {}, by, str(member.organization_id))


def test_making_the_columns_anew_makes_the_same(record: list[reckoned.Row]) -> None:
    counted()
    call_command("count_claims", "--check", stdout=io.StringIO())
    before = stats(Api(), figures="claims,verdicts,times", by="language")
    call_command("count_claims", verbosity=0)
    call_command("count_claims", "--check", stdout=io.StringIO())
    after = stats(Api(), figures="claims,verdicts,times", by="language")
    for told in (before, after):
        assert told.pop("ahead") == 0
        assert told.pop("as_of")
        assert told.pop("age") >= 0
    assert after == before


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("every", ["day", "week", "month"])
def test_series_are_by_days_weeks_and_months_of_the_time_zone(
    record: list[reckoned.Row], zone: str, every: str
) -> None:
    most = 500 if every == "day" else 2000
    since = max(row.claim.created_at for row in record) - timedelta(days=most)
    its = Reckoned(record, {}, since=since.astimezone(ZoneInfo(zone)).date().isoformat(), zone=zone)
    figures = "claims,verdicts,times"
    asked = {"every": every, "time_zone": zone, "since": its.since, "by": "language"}
    told = stats(Api(), figures=figures, **asked)

    def step(at: datetime) -> str:
        day = its.day(at)
        if every == "week":
            day -= timedelta(days=day.weekday())
        return (day.replace(day=1) if every == "month" else day).isoformat()

    filed = Counter(step(row.claim.created_at) for row in its.filed)
    found = Counter(step(it.at) for row in record for it in row.verdicts if its.is_in_period(it.at))
    days = [it["day"] for it in told["claims"]["series"]]
    assert days == sorted({*days})
    assert days == [it["day"] for it in told["verdicts"]["series"]]
    assert {it["day"]: it["claims"] for it in told["claims"]["series"] if it["claims"]} == filed
    verdicts = {it["day"]: it["verdicts"] for it in told["verdicts"]["series"] if it["verdicts"]}
    assert verdicts == found
    for name in ("claims", "verdicts"):
        for place, group in enumerate(told[name]["groups"]):
            assert sum(it["groups"][place] for it in told[name]["series"]) == group[name]
    took = sum(it["from_filing"]["cases"] for it in told["times"]["series"])
    assert took == told["times"]["from_filing"]["cases"]
    middle = max(told["times"]["series"], key=lambda it: it["from_filing"]["cases"])
    values = [
        (min(it.at for it in row.verdicts) - row.claim.created_at).total_seconds()
        for row in record
        if row.verdicts and step(min(it.at for it in row.verdicts)) == middle["day"]
    ]
    assert middle["from_filing"]["median"] == pytest.approx(reckoned.median(values))


def test_the_backlog_is_what_waits_by_how_long_it_does(record: list[reckoned.Row]) -> None:
    told = stats(Api(), figures="backlog", by="language")
    as_of = datetime.fromisoformat(told["as_of"])
    waits = [row for row in record if row.status == "unverified"]
    assert told["backlog"]["claims"] == len(waits)
    oldest = min(row.claim.created_at for row in waits)
    assert datetime.fromisoformat(told["backlog"]["oldest_filed_at"]) == oldest
    for age in told["backlog"]["ages"]:
        due = [
            row
            for row in waits
            if age["from_days"] <= (as_of - row.claim.created_at) / timedelta(days=1)
            and (
                age["to_days"] is None
                or (as_of - row.claim.created_at) / timedelta(days=1) < age["to_days"]
            )
        ]
        assert age["claims"] == len(due)
    by_language = Counter(row.claim.language for row in waits)
    groups = {it["group"]["language"]: it["claims"] for it in told["backlog"]["groups"]}
    assert groups == by_language
    assert all(
        sum(a["claims"] for a in it["ages"]) == it["claims"] for it in told["backlog"]["groups"]
    )


def test_only_the_largest_groups_are_told_and_the_rest_is_added_up(
    record: list[reckoned.Row],
) -> None:
    told = stats(Api(), by="speaker", most=3)["claims"]
    whole = stats(Api(), by="speaker", most=1000)["claims"]
    assert told["groups"] == whole["groups"][:3]
    sizes = [it["claims"] for it in whole["groups"]]
    assert sizes == sorted(sizes, reverse=True)
    assert told["rest"] == {"groups": len(sizes) - 3, "rows": sum(sizes[3:])}


def test_checkers_are_told_to_their_own_organization_alone(
    record: list[reckoned.Row], member: Member
) -> None:
    problem(Api().get("/stats/?figures=verdicts&by=checker"), "not-authenticated", 401)
    told = stats(Api(make.key(member)), figures="verdicts", by="checker", most=1000)["verdicts"]
    names = {it["group"]["checker"]["id"] for it in told["groups"]}
    own = Member.objects.filter(organization=member.organization)
    assert names <= {str(pk) for pk in own.values_list("pk", flat=True)}
    assert told["verdicts"] == Verdict.objects.filter(organization=member.organization).count()
    # Whoever asks for another organization learns of nobody.
    other = Verdict.objects.exclude(organization=member.organization).first()
    assert other is not None
    told = stats(
        Api(make.key(member)), figures="verdicts", by="checker", organization=other.organization_id
    )["verdicts"]
    assert (told["verdicts"], told["groups"]) == (0, [])


def test_an_answer_stays_known_until_something_happens(record: list[reckoned.Row]) -> None:
    path = "/stats/?by=language"
    tag = Api().etag(path)
    assert tag.startswith('W/"')
    assert Api().get(path, if_none_match=tag).status_code == 304
    assert Api().etag("/stats/?by=kind") != tag
