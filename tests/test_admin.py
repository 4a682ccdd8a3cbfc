"""The admin, for operators: everything can be found and read; the record cannot be changed."""

import re
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.db.models import BinaryField, Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims.models import (
    ApiKey,
    Article,
    Change,
    Claim,
    Content,
    Member,
    Organization,
    Snapshot,
    User,
    Verdict,
    Webhook,
)
from tests import make
from tests.conftest import problem
from tests.log import numbered
from tests.models.rows import Record, content, insert, run, sound

CLAIMS = [model for model in admin.site._registry if model._meta.app_label == "claims"]
RECORD = [model for model in CLAIMS if model is not User]
NOT_REGISTERED = {
    "Contest": "an organization's own, served at contests/",
    "Correction": "derived by triggers, served at corrections/",
    "Notice": "what members are told by e-mail, and when",
    "NoticeSettings": "served at me/notices/",
    "Draft": "an organization's own, served at drafts/",
    "DraftStep": "served with its draft",
    "Session": "who is signed in; what is in it is nobody's business",
    "SignInTry": "hashes and counts that last a day",
    "SecondFactor": "secrets of people",
    "Invitation": "served at organizations/{id}/invitations/",
    "RateCount": "a counter of requests that lasts a minute",
    "Unnumbered": "empty but for a moment",
    "Tile": "hashes, served at log/tile/",
    "LogKey": "served at log/keys/",
    "ImportedClaim": "hashes by which imported claims are met again",
    "Placement": "a copy, by trigger, of what appearances and articles say",
    "Listing": "a copy, by trigger, of what claims say",
    "Wording": "a copy, by trigger, of what claims and articles say",
    "Naming": "a copy, by trigger, of what speakers are called",
    "Stretch": "since when two thousand claims each were filed",
    "Posting": "numbers by which claims are found",
    "Frequency": "how often these occur",
    "Uncounted": "empty but for a moment",
    "Numeral": "numbers by which columns name others",
    "Segment": "which claims columns are of",
    "Column": "packed numbers, served at stats/",
    "Counted": "how far these have come, served at stats/",
    "Extent": "what the fact of a claim says, as it is compared",
    "Matter": "made by trigger of extents, served at conflicts/",
    "RatingScale": "served at organizations/{id}/scales/",
    "Rating": "served at organizations/{id}/scales/",
    "Due": "a copy, by trigger, of what verdicts say, served at organizations/{id}/overdue/",
    "QueueItem": "served at queue/",
    "QueueMove": "served at queue/{id}/",
    "Note": "an organization's own, served to its members at notes/",
    "NoteMention": "served with the note",
    "Relation": "served at claims/{id}/relations/",
}
SECRET = {(ApiKey, "digest"), (Webhook, "secret"), (Webhook, "previous_secret")}
KINDS = ("relay", "assertion", "appearance", "anchor", "evidence", "idempotencykey", "attempt")
# Made here by the same actions as over the API; everything else of the record is only read.
MADE_HERE = (Organization, Member)


def named(model: type[Model]) -> str:
    return model.__name__


@pytest.fixture
def operator(db: None, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("operator"))
    return client


def one_of_everything() -> Record:
    """At least one row of all that is registered."""
    record = Record.whole()
    insert("content", content(f"A text of {record.desk.organization.name}"))
    for kind in KINDS:
        insert(*sound(record, kind))
    table, entry = sound(record, "dossierentry")
    insert(table, entry | {"organization_id": record.desk.organization.pk})
    make.key(record.desk.checker)
    numbered()
    return record


@pytest.fixture(scope="module")
def made(throughout: None) -> Record:
    record = one_of_everything()
    Member.objects.filter(pk=record.desk.checker.pk).update(user=record.user)
    return record


@pytest.fixture
def record(made: Record, db: None) -> Record:
    return made


def page(model: type[Model], name: str, *args: Any) -> str:
    return reverse(f"admin:claims_{model._meta.model_name}_{name}", args=args)


def queries_for(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
    assert response.status_code == 200, path
    return len(queries)


def test_every_model_can_be_found_or_it_is_said_why_not() -> None:
    models = {model.__name__ for model in apps.get_app_config("claims").get_models()}
    assert models - {model.__name__ for model in CLAIMS} == NOT_REGISTERED.keys()


def test_the_admin_runs_as_the_role_that_owns_nothing(operator: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        operator.get(page(Claim, "changelist"))
    assert queries.captured_queries
    [(owned,)] = run("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")
    assert owned == 0


@pytest.mark.parametrize("path", ["", "claims/", "claims/claim/", "claims/claim/add/"])
def test_nobody_else_is_let_in(client: Client, db: None, path: str) -> None:
    client.force_login(User.objects.create_user("somebody"))
    response = client.get(f"/admin/{path}")
    assert response.status_code == 302
    assert response["Location"].startswith("/admin/login/")


def test_the_index_lists_every_registered_model(operator: Client) -> None:
    text = operator.get("/admin/").content.decode()
    for model in CLAIMS:
        assert f'href="{page(model, "changelist")}"' in text


@pytest.mark.parametrize("model", CLAIMS, ids=named)
def test_the_rows_are_listed(operator: Client, record: Record, model: type[Model]) -> None:
    text = operator.get(page(model, "changelist")).content.decode()
    newest = model._default_manager.order_by("-pk")[0]
    assert page(model, "change", newest.pk) in text


def test_a_list_costs_the_same_for_few_rows_and_for_many(operator: Client, record: Record) -> None:
    few = {model: queries_for(operator, page(model, "changelist")) for model in CLAIMS}
    before = {model: model._default_manager.count() for model in CLAIMS}
    for _ in range(3):
        one_of_everything()
    assert all(model._default_manager.count() >= before[model] + 3 for model in CLAIMS)
    assert {model: queries_for(operator, page(model, "changelist")) for model in CLAIMS} == few


@pytest.mark.parametrize("model", CLAIMS, ids=named)
def test_a_row_is_found_by_its_id(operator: Client, record: Record, model: type[Model]) -> None:
    if model is User:
        wanted, words = record.user, record.user.username
    else:
        wanted = model._default_manager.order_by("pk")[0]
        words = SEARCHED.get(model.__name__, lambda it: str(it.pk))(wanted)
    text = operator.get(page(model, "changelist"), {"q": words}).content.decode()
    assert page(model, "change", wanted.pk) in text


# Rows that are looked for by something else than their own id.
SEARCHED: dict[str, Any] = {
    "Assertion": lambda it: str(it.fact_id),
    "Relay": lambda it: str(it.appearance_id),
    "Anchor": lambda it: str(it.appearance_id),
    "Evidence": lambda it: str(it.verdict_id),
    "DossierEntry": lambda it: it.namespace,
    "IdempotencyKey": lambda it: it.key,
    "LogEntry": lambda it: str(it.change_id),
    "Checkpoint": lambda it: it.note.split("\n")[0],
}


@pytest.mark.parametrize("model", CLAIMS, ids=named)
@pytest.mark.parametrize("words", ["no such words", "بغداد", "%", "' OR 1=1 --", "0" * 40])
def test_what_is_not_there_is_not_found(
    operator: Client, record: Record, model: type[Model], words: str
) -> None:
    response = operator.get(page(model, "changelist"), {"q": words})
    assert response.status_code == 200
    assert f"/admin/claims/{model._meta.model_name}/0" not in response.content.decode()


@pytest.mark.parametrize("model", RECORD, ids=named)
def test_a_row_can_be_read_with_all_that_it_says(
    operator: Client, record: Record, model: type[Model]
) -> None:
    row = model._default_manager.order_by("-pk")[0]
    response = operator.get(page(model, "change", row.pk))
    assert response.status_code == 200
    text = response.content.decode()
    for field in model._meta.concrete_fields:
        secret = (model, field.name) in SECRET
        shown_at_all = re.search(rf"field-{field.name}\b", text) is not None
        assert shown_at_all != secret, field.name
        if isinstance(field, BinaryField) and not secret:
            held = getattr(row, field.name)
            shown = "-" if held is None else bytes(held).hex()
            assert (shown if field.name != "body" else "{}") in text


@pytest.mark.parametrize("model", RECORD, ids=named)
def test_reading_a_row_costs_a_few_queries_at_most(
    operator: Client, record: Record, model: type[Model]
) -> None:
    row = model._default_manager.order_by("-pk")[0]
    assert queries_for(operator, page(model, "change", row.pk)) <= 4 + sum(
        field.is_relation for field in model._meta.concrete_fields
    )


def test_what_was_said_can_be_found_and_read(operator: Client, record: Record) -> None:
    words = {"q": "declared victory"}
    assert record.marked.text.startswith("Iraq declared victory")
    found = operator.get(page(Claim, "changelist"), words).content.decode()
    assert page(Claim, "change", record.marked.pk) in found
    held = record.snapshot.content
    shown = operator.get(page(Content, "change", held.pk)).content.decode()
    assert "وأعلن العراق تحرير كامل أراضيه." in shown
    assert record.snapshot.sha256.hex() in shown


@pytest.mark.parametrize("model", RECORD, ids=named)
def test_no_row_of_the_record_can_be_changed(
    operator: Client, record: Record, model: type[Model]
) -> None:
    row = model._default_manager.order_by("-pk")[0]
    before = run(f"SELECT * FROM {model._meta.db_table} ORDER BY 1")
    form = {field.name: "changed" for field in model._meta.concrete_fields}
    assert operator.post(page(model, "change", row.pk), form).status_code == 403
    assert operator.get(page(model, "delete", row.pk)).status_code == 403
    assert operator.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    action = {"action": "delete_selected", "_selected_action": str(row.pk), "post": "yes"}
    answer = operator.post(page(model, "changelist"), action)
    assert answer.status_code == 200  # there is no such action to choose
    assert run(f"SELECT * FROM {model._meta.db_table} ORDER BY 1") == before
    text = operator.get(page(model, "change", row.pk)).content.decode()
    assert 'name="_save"' not in text
    assert "deletelink" not in text


@pytest.mark.parametrize("model", [model for model in RECORD if model not in MADE_HERE], ids=named)
def test_no_row_of_the_record_can_be_added(operator: Client, model: type[Model]) -> None:
    assert operator.get(page(model, "add")).status_code == 403
    assert operator.post(page(model, "add"), {}).status_code == 403


@pytest.mark.parametrize("model", MADE_HERE, ids=named)
def test_only_a_superuser_makes_desks(client: Client, db: None, model: type[Model]) -> None:
    client.force_login(User.objects.create_user("staff", is_staff=True))
    assert client.get(page(model, "add")).status_code == 403
    assert client.post(page(model, "add"), {"name": "A desk"}).status_code == 403


def test_an_organization_is_made_by_the_action_that_tells_of_it(operator: Client) -> None:
    before = Change.objects.count()
    answer = operator.post(
        page(Organization, "add"), {"name": "تحقق", "url": "https://desk.example/"}
    )
    made = Organization.objects.get(name="تحقق")
    assert answer.status_code == 302
    assert (made.name, made.url) == ("تحقق", "https://desk.example/")
    assert Change.objects.count() == before + 1
    change = Change.objects.get(subject_id=made.pk)
    assert change.type == "organization.created"
    assert (change.organization, change.recorded_by) == (made, None)
    # Who did it is in the admin's own log.
    assert LogEntry.objects.get().object_id == str(made.pk)
    assert operator.get(page(Organization, "change", made.pk)).status_code == 200


def test_a_member_is_made_by_the_action_that_tells_of_it(operator: Client) -> None:
    organization = make.desk().organization
    user = User.objects.create_user("checking")
    before = Change.objects.count()
    form = {"organization": organization.pk, "name": "Sami", "role": "checker", "user": user.pk}
    answer = operator.post(page(Member, "add"), form)
    assert answer.status_code == 302
    made = Member.objects.get(name="Sami")
    assert (made.organization, made.role, made.user) == (organization, "checker", user)
    assert Change.objects.count() == before + 1
    change = Change.objects.get(subject_id=made.pk)
    assert (change.type, change.organization) == ("member.added", organization)
    assert made.organization.members.count() == 5


@pytest.mark.parametrize("wanted", ["organization", "user"])
def test_a_member_s_organization_and_user_are_chosen_by_their_names(
    operator: Client, record: Record, wanted: str
) -> None:
    name = record.desk.organization.name
    found = operator.get(
        "/admin/autocomplete/",
        {"app_label": "claims", "model_name": "member", "field_name": wanted, "term": name},
    ).json()["results"]
    assert name in {it["text"] for it in found}


@pytest.mark.parametrize("name", ["", "   ", "taken", "a\u202eb", "a\u2028b", "\u200b", "x" * 301])
def test_a_wrong_organization_is_refused_in_the_form(operator: Client, name: str) -> None:
    make.desk("taken")
    before = Change.objects.count()
    answer = operator.post(page(Organization, "add"), {"name": name})
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert Change.objects.count() == before


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://me:secret@desk.example/"])
def test_a_wrong_address_of_an_organization_is_refused_in_the_form(
    operator: Client, url: str
) -> None:
    answer = operator.post(page(Organization, "add"), {"name": "A desk", "url": url})
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert not Organization.objects.filter(name="A desk").exists()


@pytest.mark.parametrize("name", ["a\u202eb", "a\u2028b", "\u200b"])
def test_a_wrong_member_is_refused_in_the_form(operator: Client, record: Record, name: str) -> None:
    form = {"organization": record.desk.organization.pk, "name": name, "role": "reader"}
    before = Member.objects.count()
    answer = operator.post(page(Member, "add"), form)
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert Member.objects.count() == before


def test_one_person_is_a_member_of_an_organization_once(operator: Client, record: Record) -> None:
    form = {
        "organization": record.desk.organization.pk,
        "name": "Again",
        "role": "reader",
        "user": record.user.pk,
    }
    answer = operator.post(page(Member, "add"), form)
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert not Member.objects.filter(name="Again").exists()


def test_an_external_organization_is_given_no_member(operator: Client, record: Record) -> None:
    form = {"organization": record.outsider.pk, "name": "Sami", "role": "admin"}
    answer = operator.post(page(Member, "add"), form)
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert not Member.objects.filter(name="Sami").exists()


ODD_QUERIES = [
    *(
        f"claims/{column}__exact=%00"
        for column in ("claim/?status", "claim/?language", "verdict/?outcome", "change/?type")
    ),
    "claims/claim/?text__contains=%00",
    "claims/claim/?created_at__year=99999999999",
    "claims/claim/?created_at__gte=%00",
    "claims/claim/?id__exact=%00",
    "claims/claim/?speaker__isnull=zz",
    "claims/user/?is_staff__exact=%00",
    "claims/member/add/?user=%00&organization=x",
    "claims/organization/add/?name=%00",
    "claims/user/%00/password/",
    "claims/user/999999999999999999999/change/",
    "autocomplete/?app_label=claims&model_name=member&field_name=organization&term=%00",
    "r/1/1/",
    "r/99999999999999999999/x/",
]


@pytest.mark.parametrize("path", ODD_QUERIES)
def test_no_address_is_a_fault_of_ours(operator: Client, path: str) -> None:
    assert operator.get(f"/admin/{path}").status_code < 500


@pytest.mark.parametrize("odd", ["x", "\0", "9" * 30, "00000000-0000-0000-0000-000000000000"])
def test_no_choice_in_a_form_is_a_fault_of_ours(operator: Client, odd: str) -> None:
    form = {"organization": odd, "name": "Sami", "role": odd, "user": odd}
    assert operator.post(page(Member, "add"), form).status_code in {200, 400}
    assert operator.post(page(User, "add"), {"username": odd}).status_code in {200, 400}


def test_what_is_refused_here_is_logged_and_told_as_a_problem(
    operator: Client, caplog: pytest.LogCaptureFixture
) -> None:
    problem(operator.get(page(Claim, "changelist"), {"status__exact": "\0"}), "bad-request", 400)
    assert "/admin/claims/claim/" in caplog.text


def test_users_are_made_and_edited_here_and_stay(operator: Client) -> None:
    form = {
        "username": "newcomer",
        "usable_password": "true",
        "password1": "a long and odd password",
        "password2": "a long and odd password",
    }
    assert operator.post(page(User, "add"), form).status_code == 302
    user = User.objects.get(username="newcomer")
    assert user.check_password("a long and odd password")
    assert operator.get(page(User, "change", user.pk)).status_code == 200
    # The web role cannot delete users: what they did is told of them. Switch them off instead.
    assert operator.post(page(User, "delete", user.pk), {"post": "yes"}).status_code == 403
    action = {"action": "delete_selected", "_selected_action": str(user.pk), "post": "yes"}
    operator.post(page(User, "changelist"), action)
    assert User.objects.filter(pk=user.pk).exists()
    assert "delete_selected" not in operator.get(page(User, "changelist")).content.decode()


def test_rows_are_named_by_what_they_are() -> None:
    held = Content(erased_at="2026-01-01", text=None, sha256=b"\0" * 32, length=1)
    assert str(held) == "erased"
    assert str(Snapshot(sha256=b"\1" * 32, length=7)).startswith("7 characters, 0101")
    assert str(Article(url="https://example.org/")) == "https://example.org/"
    assert str(Verdict(outcome="verified", issued_at="now")) == "verified at now"
