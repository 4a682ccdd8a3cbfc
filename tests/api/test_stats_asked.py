"""What `stats/` is asked, what it refuses, and that it follows the record as that changes."""

import io
import random
import re
from datetime import date, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from claims.actions import counting
from claims.actions.counting import count_changes
from claims.api.stats import TOLD_BY
from claims.models import Column, Counted, Segment
from claims.queries.statistics.periods import begin_of, first_day, next_day
from claims.vocabulary import Outcome
from config.environment import CHECKOUT
from tests import make, row_by_row
from tests.api.test_as_of import History
from tests.api.test_search import now
from tests.api.test_stats import ZONES, counted, holds, stats
from tests.conftest import Api, problem
from tests.log import numbered
from tests.reviews import REVIEW
from tests.row_by_row import RowByRow

# What happens, and what is told of it


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_figures_follow_whatever_happens_to_the_record(
    db: None, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(counting, "SIZE", 3)
    history = History(random.Random(seed))
    chance = random.Random(seed)
    by = chance.choice(["language", "publisher", "organization", "speaker", "outcome"])

    def after_each() -> None:
        if chance.random() < 0.4:  # what happens in between is counted at once
            count_changes()

    history.run(70, after_each)
    counted()
    assert Segment.objects.count() > 1
    holds(Api(), RowByRow(row_by_row.rows(), {}), {}, [by], None)
    call_command("count_claims", "--check", stdout=io.StringIO())


def test_what_is_changed_behind_our_back_is_found_and_mended(desk: make.Desk) -> None:
    make.verdict(make.fact(), desk.checker)
    counted()
    Column.objects.filter(name="status").update(data=b"\0")
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("count_claims", "--check", stdout=out)
    assert "status" in out.getvalue()
    call_command("count_claims", stdout=out)
    assert "1 claims are counted" in out.getvalue()
    call_command("count_claims", "--check", stdout=out)
    assert stats(Api())["claims"]["statuses"]["disputed"] == 1


def test_an_answer_says_of_which_change_it_is_and_how_old(anyone: Api, desk: make.Desk) -> None:
    claim = make.fact()
    counted()
    told = stats(anyone)
    head = anyone.read("/changes/")["head"]
    assert (told["number"], told["ahead"], told["age"]) == (head, 0, 0)
    tag = anyone.etag("/stats/")
    make.verdict(claim, desk.checker)
    numbered()
    later = stats(anyone)
    assert later["number"] == head
    assert later["claims"]["statuses"]["unverified"] == 1  # not counted yet, and says so
    assert later["age"] > 0
    assert anyone.get("/stats/", if_none_match=tag).status_code == 304
    counted()
    assert anyone.get("/stats/", if_none_match=tag).status_code == 200
    now = stats(anyone)
    assert (now["number"], now["age"]) == (head + 1, 0)
    assert now["claims"]["statuses"]["disputed"] == 1


def test_what_waits_for_a_number_may_be_counted_and_is_told(anyone: Api, desk: make.Desk) -> None:
    claim = make.fact()
    numbered()
    make.verdict(claim, desk.checker)
    count_changes()
    assert stats(anyone)["ahead"] == 1
    counted()
    assert stats(anyone)["ahead"] == 0


def test_before_anything_is_counted_nothing_is_made_up(anyone: Api) -> None:
    Counted.objects.all().delete()
    problem(anyone.get("/stats/"), "unavailable", 503)


def test_an_empty_record_is_counted_too(anyone: Api) -> None:
    told = stats(
        anyone, figures="claims,verdicts,times,backlog,agreement", by="language", every="day"
    )
    assert (
        told["claims"]["claims"] == told["verdicts"]["verdicts"] == told["backlog"]["claims"] == 0
    )
    assert told["times"]["from_filing"] == {"cases": 0, "median": None, "p90": None}
    assert (told["agreement"]["cases"], told["agreement"]["kappa"]) == (0, None)
    assert told["drafts"] is None  # not asked for


def test_a_claim_that_is_filed_late_goes_where_it_belongs(
    anyone: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one whose transaction began before others and ended after them."""
    monkeypatch.setattr(counting, "SIZE", 2)
    for _ in range(9):
        make.fact()
    counted()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO claims_claim (kind, text, language, speech, created_at) "
            "VALUES ('statement', 'Late', 'en', 'indirect', '2001-01-01') RETURNING id"
        )
        [pk] = cursor.fetchone()
    edition = uuid4()
    counting.put(counting.columns_of([pk], counting.Numerals()), edition)
    counting.tell(Counted.objects.get().number, edition, ahead=0)
    told = stats(anyone, every="month")
    assert told["claims"]["claims"] == 10
    assert told["claims"]["series"][0]["day"] == "2001-01-01"
    call_command("count_claims", "--check", stdout=io.StringIO())


def test_what_others_found_is_no_first_verdict_of_a_desk(checker: Api) -> None:
    assert checker.post("/imports/claimreview/", REVIEW).status_code == 200
    counted()
    told = stats(checker, figures="claims,verdicts,times", by="organization")
    assert told["claims"]["statuses"]["disputed"] == 1
    [group] = told["verdicts"]["groups"]
    assert group["group"]["organization"]["name"] == "The checkers"
    assert told["times"]["from_filing"]["cases"] == 0
    own = stats(checker, figures="verdicts", by="checker")
    assert own["verdicts"]["verdicts"] == 0  # it was filed by us, and found by others
    holds(checker, RowByRow(row_by_row.rows(), {}), {}, ["organization"], None)


# Speakers: counts, and of how many; never a grade


def test_speakers_are_told_with_how_many_claims_of_theirs_there_are(
    anyone: Api, desk: make.Desk
) -> None:
    speaker = make.speaker()
    claims = [make.statement(speaker=speaker.pk) for _ in range(4)]
    make.verdict(claims[0], desk.checker)
    counted()
    told = stats(anyone, by="speaker", status="disputed", since="2020-01-01")
    [group] = told["claims"]["groups"]
    assert group["group"] == {"speaker": {"id": str(speaker.pk), "name": speaker.name}}
    assert (group["claims"], group["of"]) == (1, 4)
    assert told["period"]["since"] == "2020-01-01T00:00:00.000000Z"
    assert set(group) == {"group", "claims", "of", "statuses"}


def test_all_claims_wait_for_an_organization_that_never_judged_any(
    anyone: Api, desk: make.Desk
) -> None:
    claim, new = make.fact(), make.desk()
    make.verdict(claim, desk.checker)
    counted()
    for organization, many in ((new.organization, 1), (desk.organization, 0)):
        told = stats(anyone, figures="backlog", organization=organization.pk)
        assert told["backlog"]["claims"] == many
    make.verdict(claim, desk.checker, Outcome.WITHDRAWN)
    counted()
    told = stats(anyone, figures="backlog", organization=desk.organization.pk)
    assert told["backlog"]["claims"] == 1  # as before it was judged


def test_a_claim_waits_anew_once_the_last_verdict_on_it_is_withdrawn(
    anyone: Api, desk: make.Desk
) -> None:
    """In a series, of any organization or of one, whatever others did in between."""
    claim, other = make.fact(), make.desk()
    moves = [
        (desk, Outcome.VERIFIED, (0, 0, 1)),
        (other, Outcome.DISPUTED, (0, 0, 0)),
        (desk, Outcome.WITHDRAWN, (0, 1, 0)),
        (desk, Outcome.INCONCLUSIVE, (0, 0, 0)),
        (desk, Outcome.WITHDRAWN, (0, 1, 0)),
        (other, Outcome.WITHDRAWN, (1, 1, 1)),
        (other, Outcome.DISPUTED, (0, 1, 0)),
    ]
    for of_whom, outcome, due in moves:
        make.verdict(claim, of_whom.checker, outcome)
        counted()
        for whose, many in zip((None, desk, other), due, strict=True):
            filters = {"organization": whose.organization.pk} if whose else {}
            told = stats(anyone, figures="backlog", every="day", **filters)["backlog"]
            assert (told["series"][-1]["claims"], told["claims"]) == (many, many)


def test_with_words_speakers_are_told_with_how_many_claims_of_theirs_have_them(
    anyone: Api, desk: make.Desk
) -> None:
    speaker = make.speaker()
    claims = [make.statement(speaker=speaker.pk) for _ in range(3)]
    make.verdict(claims[0], desk.checker)
    now()
    counted()
    told = stats(anyone, by="speaker", status="disputed", q=claims[0].text)
    [group] = told["claims"]["groups"]
    assert (group["claims"], group["of"]) == (1, 3)


def test_a_verdict_that_was_superseded_is_counted_by_what_it_was(
    anyone: Api, desk: make.Desk
) -> None:
    """Also beside words, by which claims are looked for first."""
    claim = make.statement()
    make.verdict(claim, desk.checker, Outcome.VERIFIED)
    make.verdict(claim, desk.checker, Outcome.WITHDRAWN)
    now()
    counted()
    for asked in ({}, {"q": claim.text}):
        of_desk = {"organization": desk.organization.pk, **asked}
        for filters, many in (
            ({"outcome": "verified", **asked}, 1),
            ({"outcome": "withdrawn", **asked}, 1),
            ({"outcome": "disputed", **asked}, 0),
            (of_desk, 2),
            ({"outcome": "verified", **of_desk}, 1),
        ):
            told = stats(anyone, figures="claims,verdicts,times", **filters)
            assert told["verdicts"]["verdicts"] == many
            assert told["claims"]["claims"] == (filters.get("outcome") == "withdrawn")
            first = filters.get("outcome", "verified") == "verified"
            assert told["times"]["from_filing"]["cases"] == first


# What is refused


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("time_zone=Mars/Olympus", "time_zone"),
        ("time_zone=../../etc/passwd", "time_zone"),
        ("time_zone=utc", "time_zone"),
        ("every=hour", "every"),
        ("since=yesterday", "since"),
        ("since=2020-02-30", "since"),
        ("until=0001-01-01T00:00:00%2B14:00", "until"),
        ("since=0001-01-01&time_zone=Asia/Baghdad", "since"),
        ("until=9999-12-31", "until"),
        ("since=2020-03-14&until=2020-03-13", "until"),
        ("figures=grades", "figures"),
        ("figures=claims,claims", "figures"),
        ("figures=claims,", "figures"),
        ("by=age", "by"),
        ("by=status,kind,language", "by"),
        ("by=publisher,outcome", "by"),
        ("by=checker", "by"),
        ("figures=backlog&by=organization", "by"),
        ("figures=backlog&organization=0190a000-0000-7000-8000-000000000000", "organization"),
        ("most=0", "most"),
        ("most=1001", "most"),
        ("most=many", "most"),
        ("most=%D9%A1%D9%A2", "most"),
        ("status=true", "status"),
        ("speaker=nobody", "speaker"),
        ("page_size=3", "page_size"),
        ("grade=1", "grade"),
        ("by=", "by"),
        ("by=kind&by=status", "by"),
        ("since=0100-01-01&every=day", "every"),
    ],
)
def test_what_is_wrong_is_named(anyone: Api, query: str, parameter: str) -> None:
    counted()
    found = problem(anyone.get(f"/stats/?{query}"), "bad-parameter", 400)
    assert parameter in {it["parameter"] for it in found["errors"]}


def test_the_documentation_says_by_what_each_figure_is_told_apart() -> None:
    page = (CHECKOUT / "docs" / "statistics.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \|[^|]+\|[^|]+\|([^|]+)\|$", page, re.MULTILINE)
    assert {name: tuple(re.findall(r"`(\w+)`", by)) for name, by in rows} == {
        name: () if name == "agreement" else (*by,) for name, by in TOLD_BY.items()
    }


# Days of time zones


@given(
    zone=st.sampled_from(
        [
            *ZONES,
            *("Africa/Cairo", "America/Havana", "America/Sao_Paulo", "Asia/Beirut"),
            *("America/Scoresbysund", "Australia/Lord_Howe", "Asia/Amman", "Asia/Tehran"),
        ]
    ),
    day=st.dates(date(1990, 1, 1), date(2037, 1, 1)),
)
def test_a_day_begins_with_its_first_instant(zone: str, day: date) -> None:
    its, at = ZoneInfo(zone), begin_of(day, ZoneInfo(zone))
    before = at - timedelta(microseconds=1)
    assert before.astimezone(its).date() < day <= at.astimezone(its).date()


@given(
    day=st.dates(date(1, 1, 8), date(9000, 1, 1)), every=st.sampled_from(["day", "week", "month"])
)
def test_days_weeks_and_months_follow_each_other(day: date, every: str) -> None:
    begin = first_day(day, every)
    after = next_day(begin, every)
    assert begin <= day < after
    assert first_day(after, every) == after
    assert first_day(after - timedelta(days=1), every) == begin
    if every == "week":
        assert begin.isoweekday() == 1
