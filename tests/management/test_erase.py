"""What a law forces out goes, wherever it stands; the record, the log and the past stay whole."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from uuid_utils.compat import uuid7

from claims.actions.contests import reject
from claims.actions.desks import create_api_key
from claims.actions.queue import take_next
from claims.models import Change, Content, Invitation, Member, User, Verdict
from claims.models import LogEntry as RecordEntry
from claims.vocabulary import Role, Scope
from tests import make
from tests.api.test_changes import same_as_logged
from tests.api.test_invitations import NEW, accept
from tests.api.test_rights import tables_that_hold
from tests.api.test_session import Browser
from tests.conftest import Api, problem
from tests.log import numbered
from tests.models.rows import run

pytestmark = pytest.mark.usefixtures("committed")

NAME = "Noor al-Huda Findable"
WORDS = (NAME, "noor.findable", "findable@example.org", "Findable's laptop")


def erase(*what: Any) -> str:
    told = StringIO()
    call_command("erase", *map(str, what), stdout=told)
    return told.getvalue()


def faults() -> str:
    """What is wrong with the log, or with rows that it tells of."""
    told = StringIO()
    call_command("verify_log", stdout=told, stderr=told)
    return told.getvalue()


def tables(words: tuple[str, ...] = WORDS) -> set[str]:
    return {table for word in words for table in tables_that_hold(word)}


class Person:
    """Somebody who came in by a link, made a key and a verdict, and is known to the admin site."""

    def __init__(self, desk: make.Desk) -> None:
        self.desk = desk
        invitation, token = make.invitation(
            desk.admin, name=NAME, email="findable@example.org", role=Role.ADMIN
        )
        self.invitation = invitation
        self.browser = Browser()
        come = accept(token, self.browser, username="noor.findable", password=NEW["password"])
        assert come.status_code == 201
        self.member = Member.objects.get(pk=come.json()["member"]["id"])
        self.user = User.objects.get()
        secret = create_api_key(
            member=self.member, label="Findable's laptop", scopes=list(Scope), by=self.member
        )[1]
        self.api = Api(secret)
        self.claim = make.fact()
        self.verdict = make.verdict(self.claim, self.member)
        admin = Api(make.key(desk.admin))
        path = f"/organizations/{desk.organization.pk}/members/{self.member.pk}/"
        body = {"role": "editor"}
        assert admin.patch(path, body, if_match=admin.etag(path)).status_code == 200
        body = {"label": "Findable's phone", "scopes": ["read"], "member": str(self.member.pk)}
        admin.made("/api-keys/", body, idempotency_key="once")
        LogEntry.objects.create(
            user_id=self.user.pk,
            object_id=str(self.member.pk),
            object_repr=NAME,
            action_flag=CHANGE,
            change_message="",
        )


@pytest.fixture
def desk(committed: str) -> make.Desk:
    with transaction.atomic():
        return make.desk()


@pytest.fixture
def person(desk: make.Desk) -> Person:
    return Person(desk)


def test_a_person_goes_wherever_the_name_stands(person: Person) -> None:
    numbered()
    before = {it.pk: (it.document_id, it.before_id) for it in Change.objects.all()}
    assert tables() >= {
        "claims_member",
        "claims_user",
        "claims_apikey",
        "claims_invitation",
        "claims_content",
        "claims_idempotencykey",
        "django_admin_log",
    }
    told = erase("person", person.member.pk)
    assert told == f"erased: {person.member.pk}\nerased: {person.user.pk}\n"
    assert tables() == set()
    # Append-only rows are as they were; one tells of what was done.
    after = {it.pk: (it.document_id, it.before_id) for it in Change.objects.all()}
    assert before.items() <= after.items()
    new = sorted(after.keys() - before.keys())
    assert Change.objects.get(pk=new[-1]).type == "member.erased"
    assert Verdict.objects.get(pk=person.verdict.pk).issued_by_id == person.member.pk


def test_after_it_nobody_comes_in_as_that_person(person: Person) -> None:
    erase("person", person.member.pk)
    problem(person.api.get("/claims/"), "not-authenticated", 401)
    assert person.browser.acts_as is None
    for name in ("noor.findable", "findable@example.org", f"erased-{person.user.pk}"):
        problem(Browser().sign_in(name, NEW["password"]), "sign-in-refused", 401)
    with pytest.raises(Exception, match="stays so"), transaction.atomic():
        Member.objects.filter(pk=person.member.pk).update(name="Again", erased_at=None)


def test_the_log_is_whole_and_the_past_can_be_read(person: Person) -> None:
    numbered()
    path = f"/claims/{person.claim.pk}/"
    before = Api().read(path)
    assert before["verdicts"][0]["issued_by"]["name"] == NAME
    head = Api().read("/changes/")["head"]
    tag = Api().etag(path)
    erase("person", person.member.pk)
    numbered()
    nameless = {"id": str(person.member.pk), "name": None}
    now = Api().read(path)
    assert now["verdicts"][0]["issued_by"] == nameless
    assert now["verdicts"][0]["organization"] == before["verdicts"][0]["organization"]
    assert now["status"] == "disputed"
    assert Api().etag(path) != tag
    for cutoff in (head, Api().read("/changes/")["head"], "2999-01-01"):
        past = Api().read(f"{path}?as_of={cutoff}")
        assert past["verdicts"][0]["issued_by"] == nameless
        assert past["verdicts"][0]["rationale"] == before["verdicts"][0]["rationale"]
    text = faults()  # raises where it finds one
    assert "erased" in text


def test_the_feed_tells_that_it_was_done_and_not_who_it_was(person: Person) -> None:
    numbered()
    erase("person", person.member.pk)
    numbered()
    admin = Api(make.key(person.desk.admin))
    told = [
        it
        for it in admin.read("/changes/?page_size=200")["results"]
        if it["subject"] == str(person.member.pk)
    ]
    assert [it["type"] for it in told] == [
        "member.added",
        "member.edited",
        "member.edited",
        "member.erased",
    ]
    for it in told[:-1]:
        assert it["document"] is None
        assert "/document" in it["erased"]
        assert it["salts"] == {}
    last = told[-1]["document"]
    assert (last["name"], last["user"], last["role"]) == (None, None, "editor")
    assert told[-1]["recorded_by"] is None
    [issued] = Api().read("/changes/?type=verdict.issued")["results"]
    assert issued["recorded_by"] == {"id": str(person.member.pk), "name": None}
    path = f"/organizations/{person.desk.organization.pk}/members/{person.member.pk}/"
    shown = admin.read(path)
    assert (shown["name"], shown["erased_at"] is None) == (None, False)
    refused = admin.patch(path, {"ended": False}, if_match=admin.etag(path))
    problem(refused, "conflict", 409)


def test_of_two_memberships_one_can_go_and_the_account_stays(desk: make.Desk) -> None:
    with transaction.atomic():
        kept = make.desk().checker
        user = make.person("layla", desk.checker, kept)
    assert erase("person", desk.checker.pk) == f"erased: {desk.checker.pk}\n"
    browser = Browser()
    assert browser.sign_in().status_code == 201
    assert browser.acts_as == str(kept.pk)
    told = erase("person", user.pk)
    assert told == f"erased: {kept.pk}\nerased: {user.pk}\n"
    problem(browser.sign_in(), "sign-in-refused", 401)


def test_a_member_without_an_account_and_one_that_has_left_go_too(desk: make.Desk) -> None:
    Api(make.key(desk.reader)).post(f"/organizations/{desk.organization.pk}/members/me/leave/")
    for member in (desk.reader, desk.checker):
        assert erase("person", member.pk) == f"erased: {member.pk}\n"
        assert erase("person", member.pk) == "", "once more changes nothing"
    assert Member.objects.filter(name__isnull=True).count() == 2


def test_who_was_only_invited_goes_too(desk: make.Desk) -> None:
    with transaction.atomic():
        invitation, _token = make.invitation(desk.admin, name=NAME, email="findable@example.org")
    assert erase("person", invitation.pk) == f"erased: {invitation.pk}\n"
    assert tables() == set()
    assert Invitation.objects.get().name is None
    numbered()
    faults()


ADDRESS = "findable@example.org"


def test_a_person_goes_from_invitations_and_contests_under_the_same_address(
    person: Person,
) -> None:
    """Whoever invited, whenever, in whatever case; and from what they wrote under their name."""
    desk, other = person.desk, make.desk()
    with transaction.atomic():
        more = [
            make.invitation(desk.admin, name=NAME, email=ADDRESS)[0],
            make.invitation(other.admin, name="Noor Findable", email="Findable@Example.org")[0],
        ]
        kept = make.invitation(other.admin, name="Somebody", email="not.findable@example.org")[0]
        verdict = make.verdict(make.fact(), desk.checker)
        signed = make.contest(verdict, contact=ADDRESS, text=f"It is so.\n{NAME}")
        plain = make.contest(verdict, contact="FINDABLE@example.org", text="It is not so.")
        told = make.contest(verdict, text="Ask findable@example.org.", contact="a@example.org")
        others = make.contest(verdict, text="Ask not.findable@example.org", contact="b@example.org")
        answered = make.contest(verdict, contact="c@example.org")
        reject(contest_id=answered.pk, answer=f"Ask {ADDRESS}", by=desk.checker, if_match=None)
    numbered()
    erased = erase("person", person.member.pk).split()[1::2]
    assert erased == [
        str(it.pk) for it in (person.member, person.user, *more, signed, plain, told, answered)
    ]
    assert tables((*WORDS[:2], "Noor Findable", "Findable's laptop")) == set()
    [found] = run("SELECT count(*) FROM claims_content WHERE text ~* '[^.]findable@'")
    assert found == (0,)
    api = Api(make.key(desk.checker))
    read = {it.pk: api.read(f"/contests/{it.pk}/") for it in (signed, plain, told, others)}
    assert [it["text"] for it in read.values()] == [
        None,
        "It is not so.",
        None,
        "Ask not.findable@example.org",
    ]
    assert [it["contact"] for it in read.values()] == [None, None, "a@example.org", "b@example.org"]
    public = Api().read(f"/claims/{verdict.claim_id}/contests/{answered.pk}/")
    assert (public["state"], public["answer"]) == ("rejected", None)
    admin = Api(make.key(other.admin))
    path = f"/organizations/{other.organization.pk}/invitations/"
    assert {it["email"] for it in admin.read(path)["results"]} == {None, kept.email}
    numbered()
    faults()


def test_while_the_account_stays_other_organizations_keep_what_they_know(
    desk: make.Desk,
) -> None:
    with transaction.atomic():
        other = make.desk()
        user = make.person("layla", desk.checker, other.checker)
        user.email = ADDRESS
        user.save()
        here, _token = make.invitation(desk.admin, email=ADDRESS, name=NAME)
        there, _token = make.invitation(other.admin, email=ADDRESS, name=NAME)
        contest = make.contest(make.verdict(make.fact(), desk.editor), contact=ADDRESS)
    told = erase("person", desk.checker.pk)
    assert told == f"erased: {desk.checker.pk}\nerased: {here.pk}\n"
    assert tables((ADDRESS,)) == {"claims_user", "claims_invitation", "claims_content"}
    told = erase("person", other.checker.pk)
    left = [other.checker.pk, user.pk, there.pk, contest.pk]
    assert told.split()[1::2] == [str(it) for it in left]
    assert tables((ADDRESS, NAME)) == set()


def test_who_was_invited_by_several_goes_from_all(desk: make.Desk) -> None:
    with transaction.atomic():
        one, _token = make.invitation(desk.admin, name=NAME, email=ADDRESS)
        other, _token = make.invitation(make.desk().admin, email=ADDRESS.upper())
    assert erase("person", one.pk) == f"erased: {one.pk}\nerased: {other.pk}\n"
    assert tables((NAME, ADDRESS, ADDRESS.upper())) == set()


def test_an_organization_keeps_an_admin_and_nothing_is_half_done(desk: make.Desk) -> None:
    with pytest.raises(CommandError, match="needs an admin"):
        erase("person", desk.admin.pk)
    assert Member.objects.get(pk=desk.admin.pk).name == "A admin"


def test_an_unknown_id_is_told(desk: make.Desk) -> None:
    ids = ("person", "snapshot", "rationale", "draft", "note")
    unknown = [*((what, uuid7()) for what in ids), ("quote", uuid7(), 0), ("reasons", uuid7(), 0)]
    for what in (*unknown, ("change", 9)):
        with pytest.raises(CommandError, match="There is no"):
            erase(*what)


def test_the_web_role_cannot_do_it(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("claims.management.commands.erase.as_owner", nullcontext)
    with pytest.raises(ProgrammingError, match="permission denied"):
        erase("person", person.member.pk)
    assert Member.objects.get(pk=person.member.pk).name == NAME


Found = Callable[[Verdict], tuple[Any, ...]]
TEXTS: dict[str, tuple[Found, str]] = {
    "rationale": (lambda it: (it.pk,), "Because of a word to find"),
    "quote": (lambda it: (it.pk, 0), "A quote to find"),
}


@pytest.mark.parametrize("what", TEXTS)
def test_a_text_of_a_verdict_goes(desk: make.Desk, what: str) -> None:
    evidence = {"url": "https://example.org/", "stance": "refutes", "quote": TEXTS["quote"][1]}
    claim = make.fact()
    with transaction.atomic():
        verdict = make.verdict(
            claim, desk.checker, rationale=TEXTS["rationale"][1], evidence=[evidence]
        )
    numbered()
    where, word = TEXTS[what]
    assert erase(what, *where(verdict)) == "erased: 1 texts\n"
    assert tables_that_hold(word) == set()
    other = TEXTS["quote" if what == "rationale" else "rationale"][1]
    assert tables_that_hold(other) >= {"claims_content"}
    faults()


SOURCE = {"url": "https://example.org/", "stance": "refutes"}
FIRST = {"rationale": "First words to find", "evidence": [SOURCE | {"quote": "First quote"}]}
LAST = {"rationale": "Last words to find", "evidence": [SOURCE | {"quote": "Last quote"}]}
DRAFTED = ("First words to find", "First quote", "Last words to find", "Last quote")
WHY = "Reasons to find"


class Drafted:
    """A draft that was returned, edited and confirmed, over HTTP."""

    def __init__(self, desk: make.Desk) -> None:
        self.author, self.second = Api(make.key(desk.checker)), Api(make.key(desk.editor))
        self.claim = make.fact()
        body = {"claim": str(self.claim.pk), "outcome": "disputed", **FIRST}
        self.id = self.author.made("/drafts/", body, idempotency_key="once")["id"]
        self.path = f"/drafts/{self.id}/"
        self.move("return", {"reasons": WHY})
        edited = self.author.patch(self.path, LAST, if_match=self.author.etag(self.path))
        assert edited.status_code == 200

    def move(self, name: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        tag = self.second.etag(self.path)
        moved = self.second.post(f"{self.path}{name}/", body, if_match=tag)
        assert moved.status_code == 200, moved.content
        told: dict[str, Any] = moved.json()
        return told


def test_all_that_a_draft_said_goes(desk: make.Desk) -> None:
    drafted = Drafted(desk)
    numbered()
    assert tables(DRAFTED) >= {"claims_content"}
    tag = drafted.author.etag(drafted.path)
    assert erase("draft", drafted.id) == "erased: 2 texts\n"
    assert tables(DRAFTED) == set()
    assert tables((WHY,)) == {"claims_content"}
    told = drafted.author.read(drafted.path)
    assert (told["finding"], told["steps"][0]["reasons"]) == (None, WHY)
    assert drafted.author.etag(drafted.path) != tag
    tag = drafted.second.etag(drafted.path)
    refused = drafted.second.post(f"{drafted.path}confirm/", if_match=tag)
    assert "erased" in problem(refused, "draft-refused", 409)["detail"]
    faults()


@pytest.mark.parametrize("what", ["draft", "rationale", "quote"])
def test_a_text_goes_from_verdict_and_draft_alike(desk: make.Desk, what: str) -> None:
    drafted = Drafted(desk)
    verdict = drafted.move("confirm")["verdict"]
    numbered()
    path = f"/claims/{drafted.claim.pk}/verdicts/{verdict}/"
    tag = Api().etag(path)
    which = {"draft": (drafted.id,), "rationale": (verdict,), "quote": (verdict, 0)}[what]
    # Two findings, and one of the verdict or both.
    assert erase(what, *which) == f"erased: {4 if what == 'draft' else 3} texts\n"
    left = {"draft": (), "rationale": ("Last quote",), "quote": ("Last words to find",)}[what]
    assert tables(tuple({*DRAFTED} - {*left})) == set()
    told = Api().read(path)
    assert told["rationale"] == (LAST["rationale"] if what == "quote" else None)
    assert told["evidence"][0]["quote"] == ("Last quote" if what == "rationale" else None)
    assert drafted.author.read(drafted.path)["finding"] is None
    assert Api().etag(path) != tag
    for it in drafted.author.read("/changes/?page_size=200")["results"]:
        same_as_logged(it)
    faults()


def test_reasons_go_without_what_the_draft_says(desk: make.Desk) -> None:
    drafted = Drafted(desk)
    numbered()
    tag = drafted.author.etag(drafted.path)
    assert erase("reasons", drafted.id, 0) == "erased: 1 texts\n"
    assert tables((WHY,)) == set()
    told = drafted.author.read(drafted.path)
    assert [it["type"] for it in told["steps"]] == ["returned", "edited"]
    assert (told["steps"][0]["reasons"], told["finding"]["rationale"]) == (None, LAST["rationale"])
    assert drafted.author.etag(drafted.path) != tag
    faults()
    with pytest.raises(CommandError, match="There is no such text"):
        erase("reasons", drafted.id, 1)  # an edit has none


def test_what_a_draft_said_is_not_lost_by_erasing_what_its_changes_remember(
    desk: make.Desk,
) -> None:
    """They alone lead to it: it goes with them. What it says now stays."""
    drafted = Drafted(desk)
    numbered()
    for entry in RecordEntry.objects.filter(change__subject_id=drafted.id):
        erase("change", entry.number)
    assert tables(("First words to find", "First quote")) == set()
    assert drafted.author.read(drafted.path)["finding"]["rationale"] == LAST["rationale"]
    faults()


def test_a_note_goes(desk: make.Desk) -> None:
    claim, text = make.fact(), "A note to find"
    api = Api(make.key(desk.checker))
    mentions = [str(desk.editor.pk)]
    body = {"text": text, "mentions": mentions}
    note = api.made(f"/claims/{claim.pk}/notes/", body, idempotency_key="once")
    path = f"/claims/{claim.pk}/notes/{note['id']}/"
    tag = api.etag(path)
    assert tables((text,)) == {"claims_content", "claims_idempotencykey"}
    assert erase("note", note["id"]) == "erased: 1 texts\n"
    assert tables((text,)) == set()
    told = api.read(path)
    assert (told["text"], told["created_by"]) == (None, note["created_by"])
    assert [it["id"] for it in told["mentions"]] == mentions
    assert api.read("/notes/?mentions=me")["results"] == []
    assert Api(make.key(desk.editor)).read("/notes/?mentions=me")["results"] == [told]
    assert api.etag(path) != tag


CONTESTED = {"contact": "reader.findable@example.org", "text": "My words to find"}
ANSWER = "Answered so"
PARTS = {
    "contest": [*CONTESTED.values()],
    "contact": [CONTESTED["contact"]],
    "answer": [ANSWER],
}


@pytest.mark.parametrize("what", PARTS)
def test_what_was_written_about_a_verdict_from_outside_goes(desk: make.Desk, what: str) -> None:
    with transaction.atomic():
        contest = make.contest(make.verdict(make.fact(), desk.checker), **CONTESTED)
        if what == "answer":
            reject(contest_id=contest.pk, answer=ANSWER, by=desk.checker, if_match=None)
    numbered()
    assert tables(tuple(PARTS[what])) == {"claims_content"}
    assert erase(what, contest.pk) == f"erased: {len(PARTS[what])} texts\n"
    assert tables(tuple(PARTS[what])) == set()
    read = Api(make.key(desk.checker)).read(f"/contests/{contest.pk}/")
    assert read["text"] == (None if what == "contest" else CONTESTED["text"])
    assert read["evidence"] == (None if what == "contest" else [])
    assert read["contact"] == (CONTESTED["contact"] if what == "answer" else None)
    assert read["answer"] is None
    faults()
    if what == "contact":
        with pytest.raises(CommandError, match="There is no such text"):
            erase(what, uuid7())


def test_the_text_of_a_snapshot_and_what_a_change_remembers_go(desk: make.Desk) -> None:
    with transaction.atomic():
        snapshot = make.snapshot("A text to find.")
    assert erase("snapshot", snapshot.pk) == "erased: 1 texts\n"
    assert tables_that_hold("A text to find.") == set()
    numbered()
    change = Change.objects.filter(type="article.created").get()
    number = change.log_entry.number
    assert erase("change", number) == "erased: 1 texts\n"
    assert Content.objects.get(pk=change.document_id).text is None
    assert Content.objects.filter(erased_at__gt=timezone.now() - timedelta(minutes=1)).count() == 2
    faults()


def test_what_all_memberships_have_of_queues_is_held_before_the_first_member_is(
    committed: str,
) -> None:
    """As whoever judges does: of the two neither has what the other waits for."""
    with transaction.atomic():
        desks = [make.desk(), make.desk()]
        user = make.person("jane", *(it.checker for it in desks))
        for desk in desks:
            make.queued(make.fact(), desk.checker)
            take_next(by=desk.checker)
    with CaptureQueriesContext(connections["owner"]) as asked:
        erase("person", user.pk)
    locked = [it["sql"] for it in asked if "FOR NO KEY UPDATE" in it["sql"]]
    claims = [i for i, it in enumerate(locked) if 'FROM "claims_claim"' in it]
    members = [i for i, it in enumerate(locked) if 'FROM "claims_member"' in it]
    assert len(claims) == 1
    assert claims[0] < min(members)
