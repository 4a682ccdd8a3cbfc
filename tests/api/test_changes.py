"""The feed over HTTP: everything, in order, by any filter; and what each change tells."""

import itertools
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
import rfc8785
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from claims.actions.desks import add_member
from claims.api.events import WHAT_HAPPENED
from claims.api.permissions import ADMIN, RIGHTS
from claims.models import Change, LogEntry
from claims.queries import feed
from claims.vocabulary import INTERNAL, ChangeType, Outcome, Role
from tests import make
from tests.api.test_reading import one_of_each
from tests.conftest import Api, places, problem
from tests.log import numbered
from tests.models.rows import run
from tests.test_verify_isnad import verify_isnad


@pytest.fixture(scope="module")
def busy(throughout: None) -> make.Desk:
    """A desk, after most of what can happen has happened."""
    desk, rival = make.desk(), make.desk()
    one_of_each([desk, rival])
    claim, appearance = make.marked_fact(language="ar-IQ")
    make.snapshot("Iraq declared victory again.", of=appearance.article)
    evidence = [{"url": "https://example.org/", "stance": "refutes", "quote": "Not so."}]
    make.verdict(claim, desk.checker, evidence=evidence)
    make.verdict(claim, rival.checker, Outcome.VERIFIED)
    make.verdict(claim, desk.editor, Outcome.WITHDRAWN)
    make.key(desk.admin)
    make.webhook(desk.editor)
    make.draft(make.fact(), desk.checker)
    numbered()
    return desk


@pytest.fixture
def desk(busy: make.Desk, db: None) -> make.Desk:
    return busy


@pytest.fixture
def logged(desk: make.Desk) -> int:
    """The head of the log."""
    numbered()
    return feed.head()


def followed(api: Api, query: dict[str, Any] | None = None, size: int = 7) -> list[Any]:
    """All changes, as a follower reads them: page after page, until everything is read."""
    found: list[Any] = []
    path = f"/changes/?{urlencode({'page_size': size, **(query or {})})}"
    for _ in range(500):
        page = api.read(path)
        found += page["results"]
        assert page["last"] >= max((it["number"] for it in page["results"]), default=0)
        if page["last"] == page["head"]:
            return found
        path = page["next"].removeprefix("http://testserver/api/v1")
    raise AssertionError("the feed has no end")


def test_a_follower_reads_every_change_once_and_in_order(anyone: Api, logged: int) -> None:
    for size in (1, 7, 200):
        changes = followed(anyone, size=size)
        assert [change["number"] for change in changes] == list(range(1, logged + 1))
    assert {change["id"] for change in changes} == {
        str(pk) for pk in Change.objects.values_list("pk", flat=True)
    }


def test_whoever_has_read_everything_is_told_nothing_until_something_happens(
    anyone: Api, logged: int
) -> None:
    page = anyone.read(f"/changes/?after={logged}")
    assert (page["results"], page["last"], page["head"]) == ([], logged, logged)
    make.publisher()
    assert anyone.read(f"/changes/?after={logged}")["results"] == []  # without a number
    numbered()
    [change] = anyone.read(f"/changes/?after={logged}")["results"]
    assert (change["number"], change["type"]) == (logged + 1, "publisher.created")


FILTERS = {
    "type": lambda change: change["type"],
    "claim": lambda change: change["claim"],
    "status": lambda change: change["status"],
    "language": lambda change: change["language"],
    "organization": lambda change: change["organization"] and change["organization"]["id"],
}


@pytest.mark.parametrize("window", [feed.WINDOW, 3])
def test_a_filter_finds_exactly_what_it_should_however_little_a_page_looks_at(
    anyone: Api, logged: int, window: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "WINDOW", window)
    every = followed(anyone)
    for name, told in FILTERS.items():
        values = {told(change) for change in every} - {None}
        assert len(values) > 1, name
        for value in values:
            wanted = [it["number"] for it in every if told(it) == value]
            if name == "language":
                wanted = [
                    it["number"]
                    for it in every
                    if it["language"] and f"{it['language']}-".startswith(f"{value}-")
                ]
            assert [it["number"] for it in followed(anyone, {name: value})] == wanted, (name, value)


def test_filters_combine_and_several_types_are_joined_by_commas(anyone: Api, logged: int) -> None:
    every = followed(anyone)
    verdicts = {"verdict.issued", "verdict.withdrawn"}
    by = {it["organization"]["id"] for it in every if it["type"] in verdicts}
    for organization, status in itertools.product(by, ("verified", "disputed", "contested")):
        query = {"type": ",".join(verdicts), "organization": organization, "status": status}
        wanted = [
            it["number"]
            for it in every
            if it["type"] in verdicts
            and it["organization"]["id"] == organization
            and it["status"] == status
        ]
        assert [it["number"] for it in followed(anyone, query)] == wanted


def test_a_page_costs_the_same_number_of_statements_for_one_and_for_two_hundred(
    anyone: Api, logged: int
) -> None:
    def cost(size: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            anyone.read(f"/changes/?page_size={size}&type=verdict.issued")
        return len(queries)

    cost(1)  # which counts the caller, too
    assert cost(1) == cost(200) == 3  # head, numbers, documents


# What a change tells


def change_of(api: Api, subject: Any, kind: str) -> Any:
    [found] = [it for it in followed(api, {"type": kind}) if it["subject"] == str(subject)]
    return found


def test_the_texts_of_a_verdict_are_in_its_document(anyone: Api, desk: make.Desk) -> None:
    evidence = [{"url": "https://example.org/", "stance": "refutes", "quote": "Not so."}]
    verdict = make.verdict(make.fact(), desk.checker, rationale="A day earlier.", evidence=evidence)
    numbered()
    change = change_of(anyone, verdict.pk, "verdict.issued")
    assert change["document"]["rationale"] == "A day earlier."
    assert change["document"]["evidence"][0]["quote"] == "Not so."
    assert (change["status"], change["outcome"]) == ("disputed", "disputed")
    assert change["recorded_by"] == {"id": str(desk.checker.pk), "name": desk.checker.name}


def test_names_are_those_of_today_and_documents_those_of_then(
    checker: Api, desk: make.Desk, anyone: Api
) -> None:
    publisher = checker.made("/publishers/", {"name": "Before"})
    path = f"/publishers/{publisher['id']}/"
    checker.patch(path, {"name": "After"}, if_match=checker.etag(path))
    admin = Api(make.key(desk.admin))
    member = f"/organizations/{desk.organization.pk}/members/{desk.checker.pk}/"
    admin.patch(member, {"name": "Another name"}, if_match=admin.etag(member))
    numbered()
    created = change_of(anyone, publisher["id"], "publisher.created")
    edited = change_of(anyone, publisher["id"], "publisher.edited")
    assert (created["document"]["name"], created["before"]) == ("Before", None)
    assert (edited["before"]["name"], edited["document"]["name"]) == ("Before", "After")
    assert created["recorded_by"]["name"] == "Another name"


@pytest.mark.usefixtures("committed")
def test_an_erased_text_is_null_and_its_hash_is_told() -> None:
    with transaction.atomic():
        desk = make.desk()
        verdict = make.verdict(make.fact(), desk.checker)
        gone = make.fact()
    numbered()
    document = Change.objects.get(subject_id=gone.pk).document_id
    for content in (verdict.rationale_id, document):
        run(
            "UPDATE claims_content SET text = NULL, erased_at = now() WHERE id = %s",
            [content],
            using="owner",
        )
    change = change_of(Api(), verdict.pk, "verdict.issued")
    assert change["document"]["rationale"] is None
    assert change["erased"] == {"/document/rationale": bytes(verdict.rationale.sha256).hex()}
    assert set(change["salts"]) == {"/document"}
    change = change_of(Api(), gone.pk, "claim.created")
    assert (change["document"], set(change["erased"])) == (None, {"/document"})
    for told in followed(Api()):
        same_as_logged(told)


@pytest.mark.parametrize("role", [None, *Role])
def test_the_business_of_a_desk_is_told_to_those_of_its_members_who_may_read_it(
    role: Role | None, desk: make.Desk, logged: int
) -> None:
    told = followed(Api() if role is None else Api(make.key(desk[role])))
    here = {"id": str(desk.organization.pk), "name": desk.organization.name}
    for change in told:
        least = INTERNAL.get(change["type"])
        own = role is not None and change["organization"] == here
        is_told = least is None or (own and role is not None and role.rank >= least.rank)
        assert (change["document"] is not None) == is_told, change["type"]
        assert bool(change["salts"]) == is_told
        by = change["recorded_by"]
        assert by is None or (by["name"] is not None) == (own or least is None)
        same_as_logged(change)
    created = {it for it in INTERNAL if it.endswith((".created", ".added"))}
    assert {it["type"] for it in told} >= created
    assert [it for it in told if it["type"] == "draft.created" and it["recorded_by"]]


def test_who_may_read_a_row_is_told_of_it() -> None:
    for type, least in INTERNAL.items():
        resource = type.partition(".")[0].replace("_", "-") + "s"
        # Of keys, others than admins read their own alone.
        assert least == (ADMIN if resource == "api-keys" else RIGHTS[resource, "retrieve"])
    kinds = {type.partition(".")[0] + "." for type in INTERNAL}
    assert set(verify_isnad.INTERNAL) == kinds


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_nobody_outside_learns_who_works_at_a_desk_nor_whom_it_invites(
    anyone: Api, rival: Api, checker: Api, desk: make.Desk, accept: str
) -> None:
    with_name = add_member(
        organization=desk.organization, name="Findable Person", role=Role.ADMIN, by=None
    )
    make.invitation(with_name, name="Findable Guest", email="findable@example.org")
    numbered()
    path = "/changes/?page_size=200&type=invitation.created"
    for api in (anyone, rival, checker):
        told = api.get(path, accept=accept).content.decode()
        assert "Findable Guest" not in told
        assert "findable@example.org" not in told
        assert ("Findable Person" in told) == (api is checker)
        assert str(with_name.pk) in told
    admin = Api(make.key(desk.admin)).get(path, accept=accept).content.decode()
    assert "Findable Person" in admin
    assert "findable@example.org" in admin


def test_what_was_written_against_a_verdict_is_in_no_change(
    checker: Api, desk: make.Desk, logged: int
) -> None:
    """Not even that it was in a language, which may tell who wrote it; its hash is salted."""
    make.contest(
        make.verdict(make.fact(), desk.checker),
        party="speaker",
        text="Findable words",
        language="ar-IQ",
        contact="findable@example.org",
    )
    numbered()
    [change] = checker.read(f"/changes/?type=contest.filed&after={logged}")["results"]
    assert change["recorded_by"] is None
    assert set(change["document"]) == {
        "id",
        "verdict",
        "claim",
        "organization",
        "reason",
        "statement",
        "filed_at",
        "state",
        "answer",
        "correction",
        "resolved_at",
    }
    assert len(change["document"]["statement"]) == 64
    same_as_logged(change)


def same_as_logged(change: Any) -> None:
    """What the feed shows is what was hashed, computed by the verifier's own code."""
    entry = LogEntry.objects.get(number=change["number"]).entry
    assert verify_isnad.differing(change, orjson.loads(entry)) == []
    assert rfc8785.dumps(orjson.loads(entry)).decode() == entry


def test_a_reader_can_compute_each_leaf_from_what_is_shown(checker: Api, logged: int) -> None:
    for change in followed(checker):
        same_as_logged(change)
    changed = followed(checker)[-1]
    changed["recorded_at"] = "2020-01-01T00:00:00Z"
    entry = LogEntry.objects.get(number=changed["number"]).entry
    assert verify_isnad.differing(changed, orjson.loads(entry)) == ["recorded_at"]


def test_every_type_is_described() -> None:
    assert set(WHAT_HAPPENED) == set(ChangeType)


# Bad input


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("after=x", "after"),
        ("after=-1", "after"),
        ("after=1.5", "after"),
        ("after=" + "9" * 30, "after"),
        ("after=\u0661", "after"),
        ("after=", "after"),
        ("after=1&after=2", "after"),
        ("wait=61", "wait"),
        ("wait=x", "wait"),
        ("page_size=0", "page_size"),
        ("page_size=201", "page_size"),
        ("type=verdict", "type"),
        ("type=verdict.issued,", "type"),
        ("claim=x", "claim"),
        ("status=no", "status"),
        ("language=qqq-nowhere", "language"),
        ("organization=%00", "organization"),
        ("cursor=x", "cursor"),
        ("ordering=number", "ordering"),
    ],
)
def test_what_cannot_be_read_is_refused(anyone: Api, logged: int, query: str, wrong: str) -> None:
    assert places(problem(anyone.get(f"/changes/?{query}"), "bad-parameter", 400)) == {wrong}


def test_a_number_beyond_the_log_is_told_so(anyone: Api, logged: int) -> None:
    refused = problem(anyone.get(f"/changes/?after={logged + 1}"), "beyond-the-log", 409)
    assert str(logged) in refused["detail"]


# Server-Sent Events: a page of them; what waits is in tests/test_following.py


def events(body: bytes) -> list[dict[str, str]]:
    return [
        dict(line.split(": ", 1) for line in block.splitlines())
        for block in body.decode().strip().split("\n\n")
    ]


def test_changes_are_told_as_events(anyone: Api, logged: int) -> None:
    response = anyone.get("/changes/?page_size=200", accept="text/event-stream")
    assert response["Content-Type"] == "text/event-stream"
    changes = anyone.read("/changes/?page_size=200")["results"]
    told = events(response.content)
    assert [orjson.loads(event["data"]) for event in told] == changes
    assert [event["id"] for event in told] == [str(change["number"]) for change in changes]
    assert [event["event"] for event in told] == [change["type"] for change in changes]


def test_last_event_id_goes_before_after(anyone: Api, logged: int) -> None:
    headers = {"accept": "text/event-stream", "last_event_id": str(logged - 1)}
    told = events(anyone.get("/changes/?after=1", **headers).content)
    assert [event["id"] for event in told] == [str(logged)]


def test_what_filters_leave_out_moves_the_follower_on(anyone: Api, logged: int) -> None:
    headers = {"accept": "text/event-stream", "last_event_id": str(logged - 1)}
    body = anyone.get("/changes/?type=publisher.edited", **headers).content
    assert body == b"id: %d\n\n" % logged


@pytest.mark.parametrize("number", ["x", "-1", "1.5", "9" * 30])
def test_a_last_event_id_that_is_none_is_refused(anyone: Api, logged: int, number: str) -> None:
    headers = {"accept": "text/event-stream", "last_event_id": number}
    assert places(problem(anyone.get("/changes/", **headers), "bad-header", 400)) == {
        "Last-Event-ID"
    }
