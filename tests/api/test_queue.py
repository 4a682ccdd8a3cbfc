"""The queue of an organization: what waits, in which order, who has it, and when it is done."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claims.actions.claims import add_appearance
from claims.models import Change, Claim, Member, QueueItem, QueueMove
from claims.vocabulary import (
    APPEARANCES,
    DUE_AHEAD,
    PRIORITY_DAYS,
    REACH,
    REQUESTS,
    Outcome,
    Priority,
)
from tests import make
from tests.api.threads import at_once, statuses, waiting_for_others
from tests.api.walking import both_ways
from tests.conftest import Api, places, problem
from tests.models.rows import run
from tests.waiting import PATIENCE, until

RULES = ("age", "due", "reach", "appearances", "requests", "contests", "priority")
NOTHING = "00000000-0000-7000-8000-000000000000"
SOON, LATER = "2030-01-01T00:00:00.000000Z", "2030-06-01T00:00:00.000000Z"


def put(api: Api, claim: Any = None, **more: Any) -> Any:
    claim = claim or make.fact()
    return api.made("/queue/", {"claim": str(claim.pk), **more})


def at(item: Any) -> str:
    return f"/queue/{item['id']}/"


def edit(api: Api, item: Any, **changes: Any) -> Any:
    return api.patch(at(item), changes, if_match=api.etag(at(item)))


def ids(page: Any) -> list[str]:
    return [item["id"] for item in page["results"]]


def moves(item: Any) -> list[str]:
    return [move["type"] for move in item["moves"]]


@pytest.fixture
def reader(desk: make.Desk) -> Api:
    return Api(make.key(desk.reader))


# Into the queue


def test_a_claim_that_is_put_into_the_queue_waits_there(checker: Api, desk: make.Desk) -> None:
    claim = make.fact()
    answer = checker.post("/queue/", {"claim": str(claim.pk), "due_at": SOON})
    assert answer.status_code == 201
    item = answer.json()
    assert answer["Location"] == f"/api/v1/queue/{item['id']}/"
    assert answer["ETag"] == checker.etag(at(item))
    assert checker.read(at(item)) == item
    assert ids(checker.read("/queue/")) == [item["id"]]
    assert item["claim"] == {
        "id": str(claim.pk),
        "kind": "fact",
        "text": claim.text,
        "language": "en",
        "status": "unverified",
    }
    expected = {
        "state": "waiting",
        "priority": "normal",
        "due_at": SOON,
        "overdue": False,
        "waited_days": 0,
        "reach": 0,
        "appearances": 0,
        "requests": 1,
        "assignee": None,
        "verdict": None,
        "closed_at": None,
    }
    assert {name: item[name] for name in expected} == expected
    assert item["created_by"] == {"id": str(desk.checker.pk), "name": "A checker"}
    assert moves(item) == ["queued"]


def test_asking_again_is_a_request_once_of_each_member(checker: Api, colleague: Api) -> None:
    claim = make.fact()
    item = put(checker, claim)
    for api, requests in ((checker, 1), (colleague, 2), (colleague, 2), (checker, 2)):
        answer = api.post("/queue/", {"claim": str(claim.pk)})
        assert answer.status_code == 200
        assert answer["Content-Location"] == f"/api/v1/queue/{item['id']}/"
        assert (answer.json()["id"], answer.json()["requests"]) == (item["id"], requests)
    assert moves(checker.read(at(item))) == ["queued", "requested"]
    assert QueueItem.objects.count() == 1


@pytest.mark.parametrize(
    ("first", "then", "stays"),
    [(None, SOON, SOON), (SOON, LATER, SOON), (LATER, SOON, SOON), (SOON, None, SOON)],
)
def test_of_two_due_dates_the_earlier_one_stays(
    checker: Api, colleague: Api, first: Any, then: Any, stays: str
) -> None:
    claim = make.fact()
    put(checker, claim, due_at=first)
    again = colleague.post("/queue/", {"claim": str(claim.pk), "due_at": then})
    assert again.json()["due_at"] == stays


def test_a_claim_that_is_not_there_cannot_wait(checker: Api) -> None:
    wrong = problem(checker.post("/queue/", {"claim": NOTHING}), "invalid", 400)
    assert places(wrong) == {"#/claim"}


def test_the_same_request_again_by_its_key_is_no_other_request(checker: Api) -> None:
    body = {"claim": str(make.fact().pk)}
    first = checker.post("/queue/", body, idempotency_key="once")
    again = checker.post("/queue/", body, idempotency_key="once")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert QueueMove.objects.count() == 1


# Who sees it


def test_each_organization_has_a_queue_of_its_own(checker: Api, rival: Api) -> None:
    claim = make.fact()
    ours, theirs = put(checker, claim), put(rival, claim)
    assert ours["id"] != theirs["id"]
    assert ids(rival.read("/queue/")) == [theirs["id"]]
    for method, path, body in (
        ("GET", at(ours), None),
        ("POST", f"{at(ours)}take/", None),
        ("POST", f"{at(ours)}release/", None),
    ):
        problem(rival.send(method, path, body), "not-found", 404)


def test_nothing_of_it_is_in_the_public_record(checker: Api, anyone: Api) -> None:
    claim = make.fact()
    paths = [f"/claims/{claim.pk}/", f"/claims/{claim.pk}/history/", "/claims/"]
    before = [anyone.get(path).content for path in paths], Change.objects.count()
    item = put(checker, claim, due_at=SOON)
    checker.post(f"{at(item)}take/")
    assert ([anyone.get(path).content for path in paths], Change.objects.count()) == before
    problem(anyone.get("/queue/"), "not-authenticated", 401)
    problem(anyone.get(at(item)), "not-authenticated", 401)


# Who has it


def test_the_next_item_is_the_callers_from_then_on(checker: Api, desk: make.Desk) -> None:
    first, second = put(checker), put(checker)
    answer = checker.post("/queue/next/")
    assert answer.status_code == 200
    assert answer["Content-Location"] == f"/api/v1/queue/{first['id']}/"
    taken = answer.json()
    assert (taken["id"], taken["state"]) == (first["id"], "assigned")
    assert (
        taken["assignee"]
        == taken["assigned_by"]
        == {
            "id": str(desk.checker.pk),
            "name": "A checker",
        }
    )
    assert checker.read(at(first)) == taken
    assert checker.post("/queue/next/").json()["id"] == second["id"]
    refused = problem(checker.post("/queue/next/"), "nothing-waits", 409)
    assert refused["rule"] == "nothing-waits"


def test_the_next_one_asked_for_twice_by_one_key_is_the_same(checker: Api) -> None:
    put(checker), put(checker)
    answers = [checker.post("/queue/next/", idempotency_key="k").json()["id"] for _ in range(3)]
    assert len(set(answers)) == 1


def test_what_nobody_has_can_be_taken_and_given_back(checker: Api, colleague: Api) -> None:
    item = put(checker)
    for _ in range(2):
        assert checker.post(f"{at(item)}take/").json()["state"] == "assigned"
    problem(colleague.post(f"{at(item)}take/"), "queue-refused", 409)
    problem(colleague.post(f"{at(item)}release/"), "queue-refused", 409)
    released = checker.post(f"{at(item)}release/").json()
    assert (released["state"], released["assignee"], released["assigned_at"]) == (
        "waiting",
        None,
        None,
    )
    problem(checker.post(f"{at(item)}release/"), "queue-refused", 409)
    assert colleague.post(f"{at(item)}take/").status_code == 200
    assert moves(checker.read(at(item))) == ["queued", "assigned", "released", "assigned"]


def test_an_editor_assigns_to_others_with_a_due_date(
    checker: Api, colleague: Api, desk: make.Desk
) -> None:
    item = put(checker)
    path = f"{at(item)}assign/"
    to = {"assignee": str(desk.checker.pk)}
    given = colleague.post(path, to | {"due_at": SOON}).json()
    assert (given["assignee"]["name"], given["assigned_by"]["name"]) == ("A checker", "A editor")
    assert given["due_at"] == SOON
    again = colleague.post(path, to)
    assert again.json() == given  # nothing changed
    assert colleague.post(path, {"assignee": str(desk.admin.pk)}).json()["due_at"] == SOON
    back = colleague.post(path, {"assignee": None, "due_at": None}).json()
    assert (back["state"], back["assignee"], back["due_at"]) == ("waiting", None, None)
    problem(checker.post(path, to), "forbidden", 403)


def test_of_two_editors_who_assign_what_both_have_read_the_later_one_is_told(
    checker: Api, colleague: Api, desk: make.Desk
) -> None:
    item = put(checker)
    path, admin = f"{at(item)}assign/", Api(make.key(desk.admin))
    read = colleague.etag(at(item))
    first = colleague.post(path, {"assignee": str(desk.checker.pk)}, if_match=read)
    assert first.status_code == 200, first.content.decode()
    to_another = {"assignee": str(desk.editor.pk)}
    problem(admin.post(path, to_another, if_match=read), "precondition-failed", 412)
    assert checker.read(at(item))["assignee"]["id"] == str(desk.checker.pk)
    problem(admin.post(path, to_another, if_match="*"), "bad-header", 400)
    again = admin.post(path, to_another, if_match=first["ETag"])
    assert again.json()["assignee"]["id"] == str(desk.editor.pk)


def test_nobody_is_assigned_who_may_not_judge_or_is_not_there(
    checker: Api, colleague: Api, desk: make.Desk
) -> None:
    item = put(checker)
    left = Member.objects.create(
        organization=desk.organization, name="Left", role="checker", ended_at=timezone.now()
    )
    for who in (desk.reader.pk, left.pk, make.desk().checker.pk, NOTHING):
        answer = colleague.post(f"{at(item)}assign/", {"assignee": str(who)})
        assert places(problem(answer, "invalid", 400)) == {"#/assignee"}


@pytest.mark.parametrize("edit", [{"ended": True}, {"role": "reader"}])
def test_what_somebody_had_who_goes_waits_for_others(
    checker: Api, colleague: Api, desk: make.Desk, edit: dict[str, Any]
) -> None:
    item = put(checker)
    checker.post(f"{at(item)}take/")
    admin = Api(make.key(desk.admin))
    path = f"/organizations/{desk.organization.pk}/members/{desk.checker.pk}/"
    assert admin.patch(path, edit, if_match=admin.etag(path)).status_code == 200
    after = colleague.read(at(item))
    assert (after["state"], after["assignee"]) == ("waiting", None)
    assert moves(after)[-1] == "released"
    assert colleague.post("/queue/next/").json()["id"] == item["id"]


# Done


@pytest.mark.parametrize("outcome", ["verified", "disputed", "inconclusive"])
@pytest.mark.parametrize("taken", [False, True])
def test_it_is_done_with_the_verdict_of_its_organization(
    checker: Api, rival: Api, outcome: str, taken: bool
) -> None:
    claim = make.fact()
    item, theirs = put(checker, claim), put(rival, claim)
    if taken:
        checker.post(f"{at(item)}take/")
    body = {"outcome": outcome, "rationale": "Seen."}
    verdict = checker.made(f"/claims/{claim.pk}/verdicts/", body)
    done = checker.read(at(item))
    assert (done["state"], done["verdict"]) == ("done", verdict["id"])
    assert done["closed_by"] == verdict["issued_by"]
    assert done["closed_at"] == verdict["issued_at"]
    assert moves(done)[-1] == "done"
    assert rival.read(at(theirs))["state"] == "waiting"
    assert ids(checker.read("/queue/")) == []
    assert ids(checker.read("/queue/?state=done")) == [item["id"]]
    for what in ("take", "release"):
        problem(checker.post(f"{at(item)}{what}/"), "queue-refused", 409)
    again = put(checker, claim)  # to be looked at once more
    assert again["id"] != item["id"]


def test_a_withdrawal_does_not_do_it(checker: Api, desk: make.Desk) -> None:
    claim = make.fact()
    make.verdict(claim, desk.checker)
    item = put(checker, claim)
    make.verdict(claim, desk.checker, Outcome.WITHDRAWN)
    assert checker.read(at(item))["state"] == "waiting"


def test_a_verdict_that_is_undone_leaves_the_item_open(checker: Api, desk: make.Desk) -> None:
    claim = make.fact()
    item = put(checker, claim)
    with transaction.atomic():
        make.verdict(claim, desk.checker)
        transaction.set_rollback(True)
    assert checker.read(at(item))["state"] == "waiting"


def test_a_verdict_that_is_imported_does_it_too(checker: Api, desk: make.Desk) -> None:
    """However verdicts are written: of an external organization's nothing waits anywhere."""
    claim = make.fact()
    item = put(checker, claim)
    outsider = make.outsider(by=desk.checker)
    make.verdict(claim, desk.checker, external=outsider.pk, url="https://outsiders.example/1")
    assert checker.read(at(item))["state"] == "waiting"


def test_an_editor_sets_priority_and_due_date_and_drops(checker: Api, colleague: Api) -> None:
    item = put(checker)
    edited = edit(colleague, item, priority="urgent", due_at=SOON).json()
    assert (edited["priority"], edited["due_at"]) == ("urgent", SOON)
    assert moves(edit(colleague, item, priority="urgent").json()) == ["queued", "edited"]
    problem(checker.patch(at(item), {"priority": "low"}, if_match="x"), "forbidden", 403)
    problem(colleague.patch(at(item), {"priority": "low"}), "precondition-required", 428)
    stale = colleague.etag(at(item))
    checker.post(f"{at(item)}take/")
    answer = colleague.patch(at(item), {"priority": "low"}, if_match=stale)
    problem(answer, "precondition-failed", 412)
    wrong = problem(edit(colleague, item, dropped=False), "invalid", 400)
    assert places(wrong) == {"#/dropped"}
    dropped = edit(colleague, item, dropped=True).json()
    assert (dropped["state"], dropped["closed_by"]["name"]) == ("dropped", "A editor")
    assert ids(checker.read("/queue/?state=dropped")) == [item["id"]]
    problem(edit(colleague, item, priority="low"), "queue-refused", 409)


# The order


def test_the_reasons_say_the_place(checker: Api, colleague: Api) -> None:
    claim, _ = make.marked_fact()
    item = put(checker, claim)
    assert (item["reach"], item["appearances"]) == (1, 1)
    zero = dict.fromkeys(RULES, 0)
    assert item["reasons"] == zero
    held = str(make.snapshot().pk)  # of another publisher
    for exact in ("Iraq declared victory again", "كامل أراضيه"):
        checker.made(f"/claims/{claim.pk}/appearances/", {"snapshot": held, "exact": exact})
    colleague.post("/queue/", {"claim": str(claim.pk)})
    due = (timezone.now() + timedelta(days=10, minutes=1)).isoformat()
    edit(colleague, item, priority="high", due_at=due)
    item = checker.read(at(item))
    assert (item["reach"], item["appearances"], item["requests"]) == (2, 3, 2)
    assert item["reasons"] == zero | {
        "due": DUE_AHEAD - 11,
        "reach": REACH.days,
        "appearances": 2 * APPEARANCES.days,
        "requests": REQUESTS.days,
        "priority": PRIORITY_DAYS[Priority.HIGH],
    }


def test_an_article_of_another_publisher_than_was_thought_changes_the_reach(
    checker: Api,
) -> None:
    claim, appearance = make.marked_fact()
    other = make.article()
    body = {"snapshot": str(make.snapshot(of=other).pk), "exact": "كامل أراضيه"}
    checker.made(f"/claims/{claim.pk}/appearances/", body)
    item = put(checker, claim)
    assert (item["reach"], item["appearances"]) == (2, 2)
    path = f"/articles/{appearance.article_id}/"
    edited = checker.patch(
        path, {"publisher": str(other.publisher_id)}, if_match=checker.etag(path)
    )
    assert edited.status_code == 200
    item = checker.read(at(item))
    assert (item["reach"], item["appearances"], item["reasons"]["reach"]) == (1, 2, 0)


def gained(row: Any) -> timedelta:
    """How far an item is put forward beside its age, by the table in words of its own."""
    days = PRIORITY_DAYS[row.priority]
    days += min(REACH.most, REACH.days * max(row.reach - 1, 0))
    days += min(APPEARANCES.most, APPEARANCES.days * max(row.appearances - 1, 0))
    days += min(REQUESTS.most, REQUESTS.days * (row.requests - 1))
    by_due = timedelta(0)
    if row.due_at is not None:
        by_due = max(by_due, row.created_at - (row.due_at - timedelta(days=DUE_AHEAD)))
    return timedelta(days=days) + by_due


INSTANTS = st.integers(0, 120 * 24).map(
    lambda hours: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
)
WAITING = st.fixed_dictionaries(
    {
        "created_at": INSTANTS,
        "due_at": st.none() | INSTANTS,
        "reach": st.integers(0, 50),
        "appearances": st.integers(0, 50),
        "requests": st.integers(1, 8),
        "priority": st.sampled_from([*Priority]),
    }
)


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=st.lists(WAITING, min_size=2, max_size=8))
def test_the_order_is_that_of_the_table(desk: make.Desk, rows: list[dict[str, Any]]) -> None:
    api = Api(make.key(desk.checker))
    with transaction.atomic():
        claims = [make.fact() for _ in rows]
        for claim, row in zip(claims, rows, strict=True):
            QueueItem.objects.create(organization=desk.organization, claim=claim, **row)
        listed = api.read("/queue/")["results"]
        found = {str(it.pk): it for it in QueueItem.objects.all()}
        for one, other in pairwise(found[pk] for pk in ids({"results": listed})):
            assert one.created_at - gained(one) <= other.created_at - gained(other)
        for it in listed:
            said = sum(it["reasons"][rule] for rule in RULES if rule != "age")
            assert said == gained(found[it["id"]]) // timedelta(days=1)
        taken = [api.post("/queue/next/").json()["id"] for _ in rows]
        assert taken == ids({"results": listed})
        transaction.set_rollback(True)


def test_the_next_one_is_found_by_its_index(checker: Api, desk: make.Desk) -> None:
    put(checker)
    rows = QueueItem.objects.waiting().filter(organization=desk.organization)
    rows = rows.order_by("rank", "id")[:1]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        sql, parameters = rows.query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", parameters)
        plan = " ".join(line for (line,) in cursor.fetchall())
    assert "queue_item_next" in plan
    assert "Sort" not in plan


# Lists


def test_the_list_is_filtered_and_told_in_pages(
    checker: Api, colleague: Api, desk: make.Desk
) -> None:
    items = [put(checker, due_at=due) for due in (None, SOON, LATER, "2020-01-01T00:00:00Z")]
    taken = colleague.post("/queue/next/").json()
    pk = {item["id"] for item in items}

    def found(query: str, api: Api = checker) -> set[str]:
        return set(ids(api.read(f"/queue/?{query}")))

    assert taken["id"] == items[3]["id"]  # long overdue
    assert taken["overdue"] is True
    assert found("") == pk
    assert found("state=assigned") == {taken["id"]}
    assert found("state=waiting") == pk - {taken["id"]}
    assert found("assignee=me", colleague) == {taken["id"]}
    assert found("assignee=me") == set()
    assert found(f"assignee={desk.editor.pk}") == {taken["id"]}
    assert found("due_before=2030-01-01") == {items[1]["id"], items[3]["id"]}
    assert found(f"claim={items[2]['claim']['id']}") == {items[2]["id"]}
    for ordering in ("rank", "created_at", "-created_at"):
        rows = both_ways(checker, f"/queue/?page_size=3&ordering={ordering}", 3)
        assert {row["id"] for row in rows} == pk
    for query, name in (("assignee=x", "assignee"), ("state=lost", "state"), ("due=1", "due")):
        assert places(problem(checker.get(f"/queue/?{query}"), "bad-parameter", 400)) == {name}


def test_it_says_for_how_long_something_waits(checker: Api, colleague: Api) -> None:
    item = put(checker, due_at=SOON)
    tag = checker.etag(at(item))
    assert checker.get(at(item), if_none_match=tag).status_code == 304
    put_back = "UPDATE claims_queueitem SET created_at = created_at - interval '50 hours'"
    run(put_back)
    older = checker.read(at(item))
    assert (older["waited_days"], older["reasons"]["age"]) == (2, 2)
    assert checker.get(at(item), if_none_match=tag).status_code == 200
    edit(colleague, item, due_at="2020-01-01T00:00:00Z")
    assert checker.read(at(item))["overdue"] is True


def test_readers_read(reader: Api, checker: Api) -> None:
    item = put(checker)
    assert reader.read(at(item)) == checker.read(at(item))
    assert ids(reader.read("/queue/")) == [item["id"]]
    for path in ("/queue/next/", f"{at(item)}take/"):
        problem(reader.post(path), "forbidden", 403)


def test_what_takes_no_body_says_so(checker: Api) -> None:
    item = put(checker)
    for path in ("/queue/next/", f"{at(item)}take/", f"{at(item)}release/"):
        problem(checker.post(path, {"claim": NOTHING}), "invalid", 400)
        problem(checker.post(f"{path}?x=1"), "bad-parameter", 400)


# What many do at once


@pytest.fixture
def many(committed: str) -> Callable[[int], tuple[make.Desk, list[Api]]]:
    def made(members: int) -> tuple[make.Desk, list[Api]]:
        desk = make.desk()
        people = [
            Member.objects.create(organization=desk.organization, name=f"{n}", role="checker")
            for n in range(members)
        ]
        return desk, [Api(make.key(it)) for it in people]

    return made


def fill(api: Api, number: int) -> list[Any]:
    with transaction.atomic():
        claims = [make.fact() for _ in range(number)]
    return [put(api, claim) for claim in claims]


@pytest.mark.parametrize(("people", "items"), [(8, 8), (8, 5), (12, 30)])
def test_two_who_ask_at_once_never_get_the_same(many: Any, people: int, items: int) -> None:
    _desk, apis = many(people)
    fill(apis[0], items)
    calls = [lambda api=api: api.post("/queue/next/") for api in apis]
    answers = at_once(calls)
    got = [it.json()["id"] for it in answers if it.status_code == 200]
    assert len(set(got)) == len(got) == min(people, items)
    assert statuses(answers)[409] == people - len(got)
    rest = [apis[0].post("/queue/next/") for _ in range(items - len(got))]
    assert {it.status_code for it in rest} <= {200}
    got += [it.json()["id"] for it in rest]
    assert len(set(got)) == items
    held = {it["id"]: it["assignee"]["name"] for it in apis[0].read("/queue/")["results"]}
    for answer, n in zip(answers, range(people), strict=True):
        if answer.status_code == 200:
            assert held[answer.json()["id"]] == f"{n}"


def test_of_those_who_take_one_item_at_once_one_has_it(many: Any) -> None:
    _desk, apis = many(6)
    [item] = fill(apis[0], 1)
    answers = at_once([lambda api=api: api.post(f"{at(item)}take/") for api in apis])
    assert statuses(answers) == {200: 1, 409: 5}


def test_of_those_who_put_a_claim_in_at_once_one_does_and_all_are_counted(many: Any) -> None:
    _desk, apis = many(6)
    with transaction.atomic():
        claim = make.fact()
    body = {"claim": str(claim.pk)}
    answers = at_once([lambda api=api: api.post("/queue/", body) for api in apis])
    assert statuses(answers) == {201: 1, 200: 5}
    assert [item["requests"] for item in apis[0].read("/queue/")["results"]] == [6]


def test_verdicts_appearances_and_the_queue_at_once_leave_what_follows(many: Any) -> None:
    desk, apis = many(6)
    with transaction.atomic():
        claims = [make.fact() for _ in range(4)]
        passage = {"snapshot": str(make.snapshot().pk), "exact": "كامل أراضيه"}
    items = [put(apis[0], claim) for claim in claims[:2]]
    finding = {"rationale": "Seen."}
    admin, leaver = Api(make.key(desk.admin)), Member.objects.get(name="5")
    path = f"/organizations/{desk.organization.pk}/members/{leaver.pk}/"
    apis[5].post(f"{at(items[1])}take/")
    tag = admin.etag(path)
    calls: list[Callable[[], Any]] = [
        *(lambda c=c: apis[0].post(f"/claims/{c.pk}/verify/", finding) for c in claims[:3]),
        *(lambda c=c: apis[1].post(f"/claims/{c.pk}/appearances/", passage) for c in claims),
        *(lambda c=c: apis[2].post("/queue/", {"claim": str(c.pk)}) for c in claims),
        *(lambda api=api: api.post("/queue/next/") for api in apis[3:6]),
        lambda: admin.patch(path, {"ended": True}, if_match=tag),
    ]
    answers = at_once(calls)
    assert {it.status_code for it in answers} <= {200, 201, 400, 401, 409}, [
        it.content for it in answers if it.status_code >= 500
    ]
    for item in QueueItem.objects.select_related("verdict"):
        if item.closed_at is None:
            assert item.appearances == item.claim.appearances.count()
            assert item.assignee_id != leaver.pk
        else:
            assert item.verdict is not None
            assert item.verdict.claim_id == item.claim_id
    for claim in claims[:2]:
        first = QueueItem.objects.filter(claim=claim).order_by("created_at").first()
        assert first is not None
        assert first.closed_at is not None


@pytest.mark.parametrize("last_comes_first", [False, True])
def test_who_writes_of_many_claims_and_a_membership_that_ends_do_not_wait_for_each_other(
    many: Any, *, last_comes_first: bool
) -> None:
    """Of two items each would have the one that the other wants next."""
    desk, apis = many(1)
    first = fill(apis[0], 2)
    for item in first:
        assert apis[0].post(f"{at(item)}take/").status_code == 200
    with transaction.atomic():
        appearance: Any = {"article": make.article().pk}
    admin, leaver = Api(make.key(desk.admin)), Member.objects.get(name="0")
    path = f"/organizations/{desk.organization.pk}/members/{leaver.pk}/"
    tag = admin.etag(path)
    claims = [UUID(item["claim"]["id"]) for item in first]
    begun = threading.Event()

    def write() -> None:
        with transaction.atomic():
            list(Claim.objects.filter(pk__in=claims).order_by("pk").select_for_update())
            one, other = reversed(claims) if last_comes_first else claims
            add_appearance(claim_id=one, appearance=appearance, by=desk.checker)
            begun.set()
            until(waiting_for_others)
            add_appearance(claim_id=other, appearance=appearance, by=desk.checker)

    def end() -> Any:
        assert begun.wait(PATIENCE)
        return admin.patch(path, {"ended": True}, if_match=tag)

    _nothing, ended = at_once([write, end])
    assert ended.status_code == 200, ended.content.decode()
    for item in QueueItem.objects.all():
        assert (item.reach, item.assignee_id) == (1, None)


@pytest.mark.parametrize("last_comes_first", [False, True])
@pytest.mark.parametrize("changes", [{}, {"headline": "Another headline"}])
def test_an_article_of_another_publisher_and_a_membership_that_ends_do_not_wait_for_each_other(
    many: Any, changes: dict[str, Any], *, last_comes_first: bool
) -> None:
    """In whatever order claims were found in the article: each would have what the other wants."""
    desk, apis = many(1)
    items = fill(apis[0], 2)
    for item in items:
        assert apis[0].post(f"{at(item)}take/").status_code == 200
    with transaction.atomic():
        elsewhere, article, other = make.article(), make.article(), make.article()
    claims = [item["claim"]["id"] for item in items]
    # By its headline only one of them is found.
    apis[0].made(f"/claims/{claims[0]}/appearances/", {"article": str(elsewhere.pk)})
    for claim in reversed(claims) if last_comes_first else claims:
        apis[0].made(f"/claims/{claim}/appearances/", {"article": str(article.pk)})
    admin, editor = Api(make.key(desk.admin)), Api(make.key(desk.editor))
    leaver = Member.objects.get(name="0")
    member = f"/organizations/{desk.organization.pk}/members/{leaver.pk}/"
    page = f"/articles/{article.pk}/"
    changes = changes | {"publisher": str(other.publisher_id)}
    tags = {path: admin.etag(path) for path in (member, page)}
    held = threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Claim.objects.select_for_update(no_key=True).get(pk=min(claims))
            held.set()
            until(lambda: waiting_for_others() == 2)

    def end() -> Any:
        assert held.wait(PATIENCE)
        return admin.patch(member, {"ended": True}, if_match=tags[member])

    def move() -> Any:
        assert held.wait(PATIENCE)
        until(waiting_for_others)  # it has the other claim meanwhile
        return editor.patch(page, changes, if_match=tags[page])

    _nothing, ended, moved = at_once([hold, end, move])
    for answer in (ended, moved):
        assert answer.status_code == 200, answer.content.decode()
    for item in QueueItem.objects.all():
        assert item.assignee_id is None
        assert item.reach == item.claim.placements.values("publisher").distinct().count()
        assert item.appearances == item.claim.appearances.count()
