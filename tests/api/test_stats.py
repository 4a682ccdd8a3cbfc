"""Statistics: that they are what the record says, whatever is asked and whatever happened."""

import io
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
import pytest_django
from django.core.management import call_command
from django.db import connections

from claims.actions import counting
from claims.actions.counting import count_changes
from claims.api.filtering import ClaimFilters
from claims.api.stats import TOLD_BY
from claims.models import Member, Segment, Verdict
from tests import make, row_by_row
from tests.benchmarks.generate import Size, World, load
from tests.conftest import Api, problem
from tests.database import empty
from tests.log import numbered
from tests.row_by_row import OUTCOMES, STATUSES, RowByRow

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


def holds(api: Api, its: RowByRow, asked: dict[str, Any], by: list[str], own: str | None) -> None:
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
        of_so_many(told["claims"], its.of_speakers("claims", by), whole.total())
    agrees(told["agreement"], its)
    own_now = own if "checker" in by else None
    told = stats(api, figures="verdicts", **query, **named(by))["verdicts"]
    whole = its.verdicts([], own_now).get((), Counter())
    assert told["outcomes"] == {word: whole[word] for word in OUTCOMES}, query
    if by:
        due = full(its.verdicts(by, own_now), OUTCOMES)
        assert by_group(told, by, "outcomes") == due, query
        of_so_many(told, its.of_speakers("verdicts", by, own_now), whole.total())
    told = stats(api, figures="times", **query, **named(by))["times"]
    empty: dict[str, list[float]] = {"from_filing": [], "from_appearance": []}
    lasted(told, its.times([], own_now).get((), empty))
    if by:
        due_times = its.times(by, own_now)
        groups = {tuple(ident(it["group"][name]) for name in by): it for it in told["groups"]}
        assert groups.keys() == due_times.keys()
        for key, group in groups.items():
            lasted(group, due_times[key])
        each = [*due_times.values()] if "organization" in by else [*its.times([], own_now).values()]
        of = its.of_speakers("times", by, own_now)
        of_so_many(told, of, sum(len(it["from_filing"]) for it in each))
    waits(api, its, query, [name for name in claims_by if name not in ("organization", "outcome")])


def waits(api: Api, its: RowByRow, query: dict[str, Any], by: list[str]) -> None:
    """That the backlog is what is reckoned, for as long as it is."""
    told = stats(api, figures="backlog", **query, **named(by))
    as_of, backlog = datetime.fromisoformat(told["as_of"]), told["backlog"]
    due = its.waiting([]).get((), [])
    long_for(backlog, due, as_of)
    first = min((row.claim.created_at for row in due), default=None)
    oldest = backlog["oldest_filed_at"]
    assert (oldest and datetime.fromisoformat(oldest)) == first
    if by:
        groups = its.waiting(by)
        assert by_group(backlog, by, "claims") == {key: len(rows) for key, rows in groups.items()}
        for group in backlog["groups"]:
            long_for(group, groups[tuple(ident(group["group"][name]) for name in by)], as_of)
        of_so_many(backlog, its.of_speakers("backlog", by), len(due))


def long_for(told: Any, due: list[row_by_row.Row], as_of: datetime) -> None:
    days = [(as_of - row.claim.created_at) / timedelta(days=1) for row in due]
    assert told["claims"] == len(due)
    for age in told["ages"]:
        end = float("inf") if age["to_days"] is None else age["to_days"]
        assert age["claims"] == sum(age["from_days"] <= it < end for it in days)


def of_so_many(told: Any, of_speakers: Counter[Any], whole: int) -> None:
    """That each group is told with of how many it is."""
    for group in told["groups"]:
        by_speaker = "speaker" in group["group"]
        assert group["of"] == (
            of_speakers[ident(group["group"]["speaker"])] if by_speaker else whole
        )


def named(by: list[str]) -> dict[str, str]:
    return {"by": ",".join(by)} if by else {}


def lasted(told: Any, durations: dict[str, list[float]]) -> None:
    for name, values in durations.items():
        assert told[name]["cases"] == len(values)
        for share, due in (("median", row_by_row.median(values)), ("p90", row_by_row.p90(values))):
            assert told[name][share] == (due and pytest.approx(due, abs=2e-6, rel=1e-12))
    assert told["undated"] == len(durations["from_filing"]) - len(durations["from_appearance"])


def agrees(told: Any, its: RowByRow) -> None:
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
) -> Iterator[list[row_by_row.Row]]:
    """Committed, and counted in many segments."""
    with django_db_blocker.unblock(), empty(worker_id), pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "SIZE", 90)
        connections["owner"].ensure_connection()
        load(connections["owner"].connection, World(Size(500), seed=7))
        counted()
        assert Segment.objects.count() > 3
        yield row_by_row.rows()


@pytest.fixture
def member(record: list[row_by_row.Row]) -> Member:
    """Somebody whose verdicts are told apart by checker."""
    busiest = Counter(it.issued_by_id for it in Verdict.objects.all()).most_common(1)[0][0]
    return Member.objects.get(pk=busiest)


def chances(seed: int, rows: list[row_by_row.Row]) -> Iterator[tuple[RowByRow, list[str]]]:
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
            [
                [],
                ["publisher"],
                ["publisher", chance.choice(dimensions[:4])],
                chance.sample(dimensions, 1),
                chance.sample(dimensions, 2),
            ]
        )
        since = row.claim.created_at - timedelta(days=chance.randrange(90))
        until = since + timedelta(days=chance.randrange(400))
        yield (
            RowByRow(
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
    record: list[row_by_row.Row], member: Member, seed: int
) -> None:
    api = Api(make.key(member))
    for its, by in chances(seed, record):
        holds(api, its, {}, by, str(member.organization_id))


def whole(told: Any) -> Any:
    """What is told of all, or of one group, beside of how many that is."""
    beside = ("group", "of", "groups", "rest", "series", "oldest_filed_at")
    return {name: it for name, it in told.items() if name not in beside}


BOTH = [
    (figure, name)
    for figure, names in TOLD_BY.items()
    for name in names
    if figure not in ("agreement", "drafts") and name in ClaimFilters.base_filters
]


@pytest.mark.parametrize("beside", [(), ("organization",), ("outcome",), ("publisher", "status")])
@pytest.mark.parametrize(("figure", "name"), BOTH)
def test_a_group_is_what_the_filter_of_the_same_finds(
    record: list[row_by_row.Row], member: Member, figure: str, name: str, beside: tuple[str, ...]
) -> None:
    """But a language, by which those of its regions are found, too."""
    [publisher] = random.Random(3).sample([it[0] for row in record for it in row.places], 1)
    values = {
        "organization": str(member.organization_id),
        "outcome": "disputed",
        "publisher": publisher,
        "status": "unverified" if figure == "backlog" else "disputed",
    }
    asked = {"figures": figure, "until": "2200-01-01"} | {it: values[it] for it in beside}
    groups = stats(Api(), **asked, by=name, most=1000)[figure]["groups"]
    values_of = {ident(group["group"][name]) for group in groups}
    for group in groups[:7]:
        value = ident(group["group"][name])
        wider = name == "language" and any(f"{it}".startswith(f"{value}-") for it in values_of)
        if value is not None and not wider:
            found = stats(Api(), **{**asked, name: value})[figure]
            assert whole(found) == whole(group), (name, value)
    if not beside:
        assert len(values_of) > 1 or (figure, name) == ("backlog", "status")


def test_making_the_columns_anew_makes_the_same(record: list[row_by_row.Row]) -> None:
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


@pytest.mark.parametrize("every", ["week", "month"])
@pytest.mark.parametrize("filters", [{}, {"outcome": "disputed"}])
def test_a_series_of_a_publishers_verdicts_is_that_of_the_filter(
    record: list[row_by_row.Row], every: str, filters: dict[str, str]
) -> None:
    since = max(row.claim.created_at for row in record) - timedelta(days=700)
    asked = {"figures": "verdicts", "since": since.date().isoformat(), "every": every, **filters}
    told = stats(Api(), **asked, by="publisher")["verdicts"]
    for place, group in enumerate(told["groups"][:5]):
        publisher = group["group"]["publisher"]["id"]
        alone = stats(Api(), **asked, publisher=publisher)["verdicts"]
        steps = {it["day"]: it["verdicts"] for it in alone["series"]}
        of_group = {it["day"]: it["groups"][place] for it in told["series"]}
        assert of_group == {day: steps.get(day, 0) for day in of_group}
        assert sum(of_group.values()) == group["verdicts"] <= group["of"] == told["verdicts"]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("every", ["day", "week", "month"])
def test_series_are_by_days_weeks_and_months_of_the_time_zone(
    record: list[row_by_row.Row], zone: str, every: str
) -> None:
    most = 500 if every == "day" else 2000
    since = max(row.claim.created_at for row in record) - timedelta(days=most)
    its = RowByRow(record, {}, since=since.astimezone(ZoneInfo(zone)).date().isoformat(), zone=zone)
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
    assert middle["from_filing"]["median"] == pytest.approx(row_by_row.median(values))


@pytest.mark.parametrize("figure", ["claims", "verdicts", "times", "agreement"])
@pytest.mark.parametrize(("zone", "every"), [("UTC", "month"), ("Asia/Kathmandu", "week")])
@pytest.mark.parametrize("filters", [{}, {"outcome": "disputed"}, {"kind": "fact"}])
def test_a_step_of_a_series_is_what_that_period_alone_has(
    record: list[row_by_row.Row], figure: str, zone: str, every: str, filters: dict[str, str]
) -> None:
    middle = sorted(row.claim.created_at for row in record)[len(record) // 2]
    asked = {"figures": figure, "time_zone": zone, **filters}
    since, until = (middle + timedelta(days=days) for days in (-40, 60))
    period = {"since": since.isoformat(), "until": until.isoformat()}
    steps = stats(Api(), **asked, **period, every=every)[figure]["series"]
    assert len(steps) > 3
    for step, after in pairwise(steps):
        days = [date.fromisoformat(it["day"]) for it in (step, after)]
        begin = step["begins_at"] if step is not steps[0] else since.isoformat()
        end = days[1] - timedelta(days=1)
        alone = stats(Api(), **asked, since=begin, until=end.isoformat())[figure]
        told = {name: it for name, it in whole(step).items() if name not in ("day", "begins_at")}
        assert told == {name: alone[name] for name in told}
    assert len({str(whole(it)) for it in steps}) > 2


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Apia"])
@pytest.mark.parametrize("every", ["day", "week", "month"])
@pytest.mark.parametrize("names", [[], ["organization"], ["outcome"], ["organization", "kind"]])
@pytest.mark.parametrize(("since", "until"), [(None, None), (-90, None), (-90, 100), (None, 30)])
def test_a_series_of_the_backlog_is_what_waited_at_the_end_of_each_step(
    record: list[row_by_row.Row],
    member: Member,
    zone: str,
    every: str,
    names: list[str],
    since: int | None,
    until: int | None,
) -> None:
    middle = sorted(row.claim.created_at for row in record)[len(record) // 2]
    first, last = (
        days and (middle + timedelta(days=days)).astimezone(ZoneInfo(zone)).date().isoformat()
        for days in (since, until)
    )
    values = {"organization": member.organization_id, "outcome": "disputed", "kind": "fact"}
    its = RowByRow(record, {name: str(values[name]) for name in names}, first, last, zone)
    period = {name: it for name, it in (("since", first), ("until", last)) if it}
    told = stats(
        Api(),
        figures="backlog",
        every=every,
        time_zone=zone,
        **its.filters,
        **period,
        by="language",
    )
    steps = told["backlog"]["series"]
    ends = [it["begins_at"] for it in steps[1:]]
    ends.append(told["period"]["until"] or told["as_of"])
    for number, (step, end) in enumerate(zip(steps, ends, strict=True)):
        if number % 9 == 0 or step is steps[-1]:
            assert step["claims"] == its.waited(datetime.fromisoformat(end)), step
    if last is None:
        assert steps[-1]["claims"] == told["backlog"]["claims"]
    assert max(it["claims"] for it in steps) > min(it["claims"] for it in steps)


@pytest.mark.parametrize("by", [[], ["language"], ["publisher"], ["speaker"], ["speaker", "kind"]])
@pytest.mark.parametrize("filters", [{}, {"has_verdict": "true"}, {"outcome": "verified"}])
def test_for_an_organization_waits_what_it_has_not_judged_whatever_others_found(
    record: list[row_by_row.Row], member: Member, by: list[str], filters: dict[str, str]
) -> None:
    filters = {"organization": str(member.organization_id), **filters}
    its = RowByRow(record, filters)
    assert len(its.waiting([])[()]) > 10
    waits(Api(), its, {**filters, "most": 1000}, by)


@pytest.mark.parametrize("figure", ["claims", "verdicts", "times", "backlog"])
@pytest.mark.parametrize("filters", [{}, {"status": "disputed"}, {"has_verdict": "true"}])
def test_whatever_is_told_of_a_speaker_comes_with_of_how_many(
    record: list[row_by_row.Row], figure: str, filters: dict[str, str]
) -> None:
    """In each step of a series, too."""
    its = RowByRow(record, filters, since="2020-01-01")
    told = stats(Api(), figures=figure, by="speaker", since=its.since, every="month", **filters)
    assert told["period"]["since"] == "2020-01-01T00:00:00.000000Z"
    of_so_many(told[figure], its.of_speakers(figure, ["speaker"]), 0)
    if figure in ("claims", "verdicts"):
        steps = told[figure]["series"]
        for place, group in enumerate(told[figure]["groups"]):
            assert sum(it["of"][place] for it in steps) == group["of"]
            assert all(it["of"][place] >= it["groups"][place] for it in steps)


def test_times_by_publisher_are_those_of_the_organization_that_is_asked_for(
    record: list[row_by_row.Row], member: Member
) -> None:
    filters = {"organization": str(member.organization_id)}
    holds(Api(), RowByRow(record, filters), {}, ["publisher"], None)


def test_only_the_largest_groups_are_told_and_the_rest_is_added_up(
    record: list[row_by_row.Row],
) -> None:
    told = stats(Api(), by="speaker", most=3)["claims"]
    whole = stats(Api(), by="speaker", most=1000)["claims"]
    assert told["groups"] == whole["groups"][:3]
    sizes = [it["claims"] for it in whole["groups"]]
    assert sizes == sorted(sizes, reverse=True)
    assert told["rest"] == {"groups": len(sizes) - 3, "rows": sum(sizes[3:])}


def test_checkers_are_told_to_their_own_organization_alone(
    record: list[row_by_row.Row], member: Member
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


def test_an_answer_stays_known_until_something_happens(record: list[row_by_row.Row]) -> None:
    path = "/stats/?by=language"
    tag = Api().etag(path)
    assert tag.startswith('W/"')
    assert Api().get(path, if_none_match=tag).status_code == 304
    assert Api().etag("/stats/?by=kind") != tag
