"""Verdicts that hold until a day, or are to be looked at again by one."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claims.models import Claim, Due, Verdict
from claims.vocabulary import Outcome
from tests import make
from tests.conftest import Api, places, problem
from tests.log import numbered

FINDING = {"rationale": "So it was."}
LONG_AGO = "2020-03-14"


@pytest.fixture
def claim(db: None) -> str:
    return f"/claims/{make.fact().pk}/"


def overdue(api: Api, desk: make.Desk, query: str = "") -> Any:
    return api.read(f"/organizations/{desk.organization.pk}/overdue/{query}")


def judged(api: Api, claim: str, move: str = "verify", **more: Any) -> Any:
    return api.post(f"{claim}{move}/", FINDING | more, if_match=api.etag(claim))


def on(day: str) -> Any:
    """As if it was noon of this day."""
    noon = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).replace(hour=12)
    return mock.patch("django.utils.timezone.now", return_value=noon)


def test_a_verdict_says_until_when_it_holds_and_when_to_look_again(
    checker: Api, claim: str
) -> None:
    days = {"valid_until": "2031-12-31", "recheck_on": "2030-01-01"}
    verdict = judged(checker, claim, **days).json()
    assert verdict.items() >= days.items()
    [shown] = checker.read(claim)["verdicts"]
    assert shown == verdict
    number = numbered()
    [then] = checker.read(f"{claim}?as_of={number}")["verdicts"]
    assert then.items() >= days.items()
    plain = judged(checker, claim).json()
    assert (plain["valid_until"], plain["recheck_on"]) == (None, None)


NO_DAYS = ("2021-02-29", "2021-13-01", "2021", "2021-03", "2021-03-1X", "2021-03-14~", "soon")
NO_DAYS += ("2021-03-14/2021-03-15", "2021-03-14T12:00:00Z", "0000-01-01", "-2021-03-14", "Y20210")


@pytest.mark.parametrize("day", NO_DAYS)
@pytest.mark.parametrize("name", ["valid_until", "recheck_on"])
def test_what_is_no_day_is_refused(checker: Api, claim: str, name: str, day: str) -> None:
    refusal = problem(judged(checker, claim, **{name: day}), "invalid", 400)
    assert places(refusal) == {f"#/{name}"}
    assert not Verdict.objects.exists()


@pytest.mark.parametrize("name", ["valid_until", "recheck_on"])
def test_a_withdrawal_is_never_due(checker: Api, claim: str, name: str) -> None:
    judged(checker, claim)
    refusal = problem(judged(checker, claim, "withdraw", **{name: LONG_AGO}), "invalid", 400)
    assert places(refusal) == {f"#/{name}"}


def test_what_has_passed_is_listed_the_oldest_first(
    checker: Api, anyone: Api, desk: make.Desk, db: None
) -> None:
    days = [("2021-05-01", None), (None, "2020-01-01"), ("2019-01-01", "2022-01-01")]
    claims = [f"/claims/{make.fact().pk}/" for _ in range(5)]
    verdicts = [
        judged(checker, claim, valid_until=until, recheck_on=again).json()
        for claim, (until, again) in zip(claims, days, strict=False)
    ]
    judged(checker, claims[3])
    judged(checker, claims[4], valid_until="9999-12-31")
    found = overdue(anyone, desk)["results"]
    assert [it["due_on"] for it in found] == ["2019-01-01", "2020-01-01", "2021-05-01"]
    assert [it["id"] for it in found] == [verdicts[i]["id"] for i in (2, 1, 0)]
    claim = anyone.read(claims[2])
    assert found[0]["claim"] == {
        name: claim[name] for name in ("id", "kind", "text", "language", "status")
    }
    assert {**found[0], "claim": claim["id"]} == verdicts[2] | {
        "due_on": "2019-01-01",
        "number": found[0]["number"],
    }


def test_the_day_itself_is_not_past(checker: Api, desk: make.Desk, claim: str) -> None:
    judged(checker, claim, valid_until="2026-03-14")
    with on("2026-03-14"):
        assert overdue(checker, desk)["results"] == []
        assert len(overdue(checker, desk, "?on=2026-03-15")["results"]) == 1
    with on("2026-03-15"):
        assert len(overdue(checker, desk)["results"]) == 1
        assert overdue(checker, desk, "?on=2026-03-14")["results"] == []
    wrong = checker.get(f"/organizations/{desk.organization.pk}/overdue/?on=2026-02-30")
    assert places(problem(wrong, "bad-parameter", 400)) == {"on"}


def test_what_was_looked_at_again_is_due_no_more(
    checker: Api, rival: Api, desk: make.Desk, claim: str
) -> None:
    judged(checker, claim, valid_until=LONG_AGO)
    judged(rival, claim, valid_until=LONG_AGO)
    assert len(overdue(checker, desk)["results"]) == 1
    again = judged(checker, claim, recheck_on="2021-01-01").json()
    [found] = overdue(checker, desk)["results"]
    assert found["id"] == again["id"]
    judged(checker, claim, "withdraw")
    assert overdue(checker, desk)["results"] == []
    assert Due.objects.count() == 1  # the rival's


def test_the_list_is_read_page_by_page_in_both_directions(
    checker: Api, desk: make.Desk, db: None
) -> None:
    for i in (3, 1, 4, 1, 5, 2):
        make.verdict(make.fact(), desk.checker, Outcome.VERIFIED, recheck_on=date(2020, 1, 1 + i))
    whole = overdue(checker, desk)["results"]
    assert [it["due_on"][-1] for it in whole] == ["2", "2", "3", "4", "5", "6"]
    page = overdue(checker, desk, "?page_size=4")
    assert page["results"] == whole[:4]
    following = checker.read(page["next"])
    assert following["results"] == whole[4:]
    assert following["next"] is None
    assert checker.read(following["previous"])["results"] == whole[:4]
    down = overdue(checker, desk, "?ordering=-due_on&page_size=4")
    assert down["results"] == whole[:1:-1]
    assert checker.read(down["next"])["results"] == whole[1::-1]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    moves=st.lists(
        st.tuples(
            st.integers(0, 1),
            st.sampled_from(["verified", "disputed", "withdrawn"]),
            st.none() | st.integers(-3, 3),
            st.none() | st.integers(-3, 3),
        ),
        max_size=8,
    )
)
def test_what_is_overdue_is_what_stands_and_has_passed(
    db: None, moves: list[tuple[int, str, int | None, int | None]]
) -> None:
    today = datetime.now(UTC).date()
    desk = make.desk()
    claims = [make.fact(), make.fact()]
    standing: dict[int, list[date]] = {}
    for which, outcome, until, again in moves:
        days = [None if it is None else today + timedelta(it) for it in (until, again)]
        if outcome == "withdrawn":
            if standing.pop(which, None) is None:
                continue
            days = [None, None]
        else:
            standing[which] = [it for it in days if it is not None]
        make.verdict(
            claims[which],
            desk.checker,
            Outcome(outcome),
            valid_until=days[0],
            recheck_on=days[1],
        )
    due = {str(claims[i].pk): min(days) for i, days in standing.items() if days}
    expected = sorted((day.isoformat(), pk) for pk, day in due.items() if day < today)
    found = overdue(Api(), desk)["results"]
    assert sorted((it["due_on"], it["claim"]["id"]) for it in found) == expected


def test_the_page_says_what_was_true_when_said(checker: Api, anyone: Api, claim: str) -> None:
    judged(checker, claim, valid_until="2026-03-14", recheck_on="2026-02-01")
    pk = Claim.objects.get().pk

    def page(day: str, language: str = "en") -> tuple[str, str]:
        with on(day):
            answer = anyone.client.get(f"/claims/{pk}/?lang={language}")
        return answer.content.decode(), answer["ETag"]

    before, tag = page("2026-01-31")
    assert "It holds until" in before
    assert "To be looked at again by" in before
    assert "True when said" not in before
    assert page("2026-01-30")[1] == tag
    after, later = page("2026-03-15")
    assert "True when said: it held until" in after
    assert "2026-03-14" in after
    # The page says something else by then, so that its tag is another one.
    assert later != tag
    assert "كان صحيحًا حين قيل" in page("2026-03-15", "ar")[0]
    assert '"expires":"2026-03-14"' in after


def test_what_was_disputed_was_not_true_when_said(checker: Api, anyone: Api, claim: str) -> None:
    judged(checker, claim, "dispute", valid_until=LONG_AGO)
    page = anyone.client.get(f"/claims/{Claim.objects.get().pk}/?lang=en").content.decode()
    assert "True when said" not in page
    assert "Found so at the time" in page


def test_days_come_with_a_dossier_and_stay_when_it_is_imported_again(
    checker: Api, desk: make.Desk
) -> None:
    verdict = {"outcome": "verified", "rationale": "So it was.", "valid_until": LONG_AGO}
    claim = {"key": "c", "kind": "fact", "text": "It rained", "language": "en", "fact": make.FACT}
    dossier = {
        "isnad_dossier": 1,
        "namespace": "example.org",
        "title": {"en": "Rain"},
        "claims": [claim | {"verdicts": [verdict]}],
    }
    for _ in range(2):
        assert checker.post("/imports/dossier/", dossier).status_code in {200, 201}
    [found] = overdue(checker, desk)["results"]
    assert found["valid_until"] == found["due_on"] == LONG_AGO
