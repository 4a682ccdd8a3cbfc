"""Rules that hold for the code base as a whole."""

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db.models import PROTECT, DateTimeField, Field, ForeignKey, Model
from django.test import Client

from claims import errors
from claims.api.filtering import ArticleFilters, ClaimFilters, SourceFilters
from claims.api.google_ways import GOOGLE
from claims.api.permissions import QUESTIONS, RIGHTS, SIGNING
from claims.api.resource import Resource
from claims.api.urls import urlpatterns
from claims.errors import BY_CONSTRAINT, REFUSALS, Refusal
from claims.models.base import Recorded
from tests.models.test_constraints import CASES

ROOT = Path(__file__).parents[2]
MODELS = list(apps.get_app_config("claims").get_models())
FIELDS = [(model, field) for model in MODELS for field in model._meta.local_fields]


def names(fields: list[tuple[type[Model], Field]]) -> list[str]:
    return [f"{model.__name__}.{field.name}" for model, field in fields]


# Models

INSTANTS = [it for it in FIELDS if isinstance(it[1], DateTimeField) and it[1].name.endswith("_at")]

# Instants that do not say that a member did something, or whose doer is told elsewhere.
WITHOUT_BY = {
    "Claim.changed_at": "the newest of what its Changes tell, each with its recorded_by",
    "Verdict.claim_created_at": "a copy of the claim's, whose created_by says who",
    "Draft.changed_at": "the newest of its steps, each with its taken_by",
    "Contest.filed_at": "who files one is no member, and need not be known",
    "Correction.corrected_at": "a copy of the verdict's, whose issued_by says who",
    "Placement.claim_created_at": "a copy of the claim's, whose created_by says who",
    "Listing.changed_at": "a copy of the claim's",
    "Listing.claim_created_at": "a copy of the claim's, whose created_by says who",
    "Wording.created_at": "a copy of the claim's or the article's, whose created_by says who",
    "Stretch.begins_at": "the sequencer does it, which is no member",
    "Segment.first_at": "when the first of its claims was filed, whose created_by says who",
    "Counted.counted_at": "the sequencer does it, which is no member",
    "Matter.found_at": "nobody does it: it follows from facts, whose Changes say who",
    "Content.erased_at": "the operator does it, as the owner of the tables: no member",
    "ApiKey.expires_at": "nobody does it: time does",
    "ApiKey.revoked_at": "the Change api_key.revoked has its recorded_by",
    "Member.ended_at": "the Change member.edited has its recorded_by",
    "Member.erased_at": "the operator does it, as the owner of the tables: no member",
    "Invitation.expires_at": "nobody does it: time does",
    "Invitation.revoked_at": "the Change invitation.revoked has its recorded_by",
    "Notice.due_at": "nobody does it: time does",
    "Notice.next_attempt_at": "the worker does it",
    "Notice.lease_ends_at": "nobody does it: time does",
    "Notice.settled_at": "the worker does it",
    "SignInTry.began_at": "who tries to sign in is not known",
    "SecondFactor.confirmed_at": "its user",
    "IdempotencyKey.created_at": "its member",
    "Webhook.paused_at": "the Change webhook.edited has its recorded_by, null where we do it",
    "Webhook.ended_at": "the Change webhook.edited has its recorded_by",
    "Webhook.previous_secret_ends_at": "nobody does it: time does",
    "Delivery.created_at": "the worker does it",
    "Delivery.next_attempt_at": "the worker does it",
    "Delivery.lease_ends_at": "nobody does it: time does",
    "Attempt.started_at": "the worker does it",
    "QueueItem.due_at": "nobody does it: time does",
    "QueueMove.due_at": "nobody does it: time does",
    "LogEntry.numbered_at": "the sequencer does it, which is no member",
    "Checkpoint.signed_at": "the sequencer does it",
    "LogKey.added_at": "the operator does it: no member",
    "DossierEntry.imported_at": "the Changes of what it became have their recorded_by",
}


@pytest.mark.parametrize(("model", "field"), INSTANTS, ids=names(INSTANTS))
def test_each_instant_at_which_somebody_did_something_says_who(
    model: type[Model], field: Field
) -> None:
    has_by = field.name.replace("_at", "_by") in {it.name for it in model._meta.fields}
    excused = f"{model.__name__}.{field.name}" in WITHOUT_BY
    assert has_by != excused, "either it has its _by, or WITHOUT_BY says why not"


def test_no_excuse_is_left_over() -> None:
    assert set(WITHOUT_BY) <= set(names(INSTANTS))


def test_each_doer_has_an_instant() -> None:
    for model, field in FIELDS:
        if field.name.endswith("_by") and field.name != "confirmed_by":  # at issued_at
            assert field.name.replace("_by", "_at") in {it.name for it in model._meta.fields}


def test_all_instants_end_in_at() -> None:
    instants = {
        f"{model.__name__}.{field.name}"
        for model, field in FIELDS
        if isinstance(field, DateTimeField) and not field.name.endswith("_at")
    }
    # Django's
    assert instants == {"User.last_login", "User.date_joined", "Session.expire_date"}


REFERENCES = [it for it in FIELDS if isinstance(it[1], ForeignKey)]


@pytest.mark.parametrize(("model", "field"), REFERENCES, ids=names(REFERENCES))
def test_what_is_referred_to_is_never_deleted_along(model: type[Model], field: ForeignKey) -> None:
    assert field.remote_field.on_delete is PROTECT


def test_every_model_has_a_docstring_and_says_in_words_what_a_row_is() -> None:
    for model in MODELS:
        assert not (model.__doc__ or "").startswith(f"{model.__name__}("), model  # Django's own
        assert type(model).__str__ is not Model.__str__


def test_identifiers_are_made_by_the_database_too() -> None:
    ids = {f"{model.__name__}" for model in MODELS if model._meta.pk.db_default is None}
    assert not any(issubclass(model, Recorded) for model in MODELS if model.__name__ in ids)


# The API

Route = tuple[str, str, type[Resource], str]


def routes() -> Iterator[Route]:
    """(path, method, view, action) of the whole API."""
    for pattern in urlpatterns:
        callback: Any = getattr(pattern, "callback", None)
        for method, action in getattr(callback, "actions", {}).items():
            if method != "head":
                yield str(pattern.pattern), method, callback.cls, action


ROUTES = sorted(routes(), key=lambda it: it[:2])


def test_every_route_is_in_the_rights_table_and_the_other_way_round() -> None:
    assert {(view.resource, action) for _, _, view, action in ROUTES} == RIGHTS.keys()


WRITES = [
    it
    for it in ROUTES
    if it[1] not in ("get", "head", "options")
    and (it[2].resource, it[3]) not in QUESTIONS | SIGNING
]


@pytest.mark.parametrize(
    ("path", "method", "view", "action"), WRITES, ids=[f"{it[1]} {it[0]}" for it in WRITES]
)
def test_what_writes_is_one_transaction_and_repeatable(
    path: str, method: str, view: type[Resource], action: str
) -> None:
    assert getattr(getattr(view, action), "is_write", False)


def test_what_reads_does_not_open_a_transaction_to_write() -> None:
    reads = [
        getattr(view, action)
        for _, method, view, action in ROUTES
        if method == "get" or (view.resource, action) in QUESTIONS
    ]
    assert not any(getattr(read, "is_write", False) for read in reads)


# Paths and methods that are not ours to choose.
OURS = [it for it in ROUTES if not it[0].startswith(f"{GOOGLE}/")]


def test_nothing_is_put_but_a_scale_or_deleted_but_a_session() -> None:
    by_method: dict[str, list[str]] = {}
    for path, method, _, _ in OURS:
        by_method.setdefault(method, []).append(path)
    assert by_method.keys() == {"get", "post", "patch", "put", "delete"}
    assert [re.sub("<.*?>", "{}", path) for path in by_method["put"]] == [
        "api/v1/organizations/{}/scale/"
    ]
    assert by_method["delete"] == ["api/v1/session/"]


def test_paths_are_plural_nouns_in_small_letters_and_end_in_a_slash() -> None:
    for path, *_ in OURS:
        assert path.startswith("api/v1/")
        # The addresses of tiles are those that C2SP tlog-tiles gives them.
        assert path.endswith("/") or path.startswith(("api/v1/log/tile/", "api/v1/log/checkpoint"))
        assert path == path.lower()


# What the design promises that lists can be filtered by; q and as_of come later.
FILTERS: dict[type, set[str]] = {
    ClaimFilters: {
        "kind",
        "status",
        "language",
        "speaker",
        "publisher",
        "article",
        "organization",
        "outcome",
        "subject",
        "property",
        "published_after",
        "published_before",
        "created_after",
        "created_before",
        "changed_after",
        "related_to",
        "same_as",
        "has_verdict",
    },
    ArticleFilters: {
        "publisher",
        "language",
        "url",
        "published_after",
        "published_before",
        "created_after",
        "created_before",
    },
    SourceFilters: {"created_after", "created_before"},
}


@pytest.mark.parametrize("filterset", FILTERS, ids=lambda it: it.__name__)
def test_lists_are_filtered_as_the_contract_says(filterset: Any) -> None:
    assert set(filterset.base_filters) == FILTERS[filterset]


# Refusals

KINDS = sorted(
    (
        it
        for it in vars(errors).values()
        if inspect.isclass(it) and issubclass(it, Refusal) and it is not Refusal
    ),
    key=lambda it: it.slug,
)


def test_every_refusal_has_a_slug_of_its_own_and_is_listed() -> None:
    assert len({kind.slug for kind in KINDS}) == len(KINDS)
    assert {kind.slug: kind for kind in KINDS} == REFUSALS


@pytest.mark.parametrize("kind", KINDS, ids=lambda it: it.slug)
@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl")])
def test_every_refusal_is_documented_at_its_type(
    client: Client, kind: type[Refusal], language: str, direction: str
) -> None:
    page = client.get(f"/problems/{kind.slug}", headers={"accept-language": language})
    assert page.status_code == 200
    text = page.content.decode()
    assert f'lang="{language}" dir="{direction}"' in text
    assert f"/problems/{kind.slug}</code>" in text
    assert str(kind.status) in text


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_all_refusals_are_listed_on_one_page(client: Client, direction: str) -> None:
    language = {"ltr": "en", "rtl": "ar"}[direction]
    text = client.get("/problems/", headers={"accept-language": language}).content.decode()
    assert f'dir="{direction}"' in text
    assert [kind.slug for kind in KINDS if f'id="{kind.slug}"' not in text] == []


def test_an_unknown_problem_type_is_not_found(client: Client) -> None:
    assert client.get("/problems/no-such-thing").status_code == 404


def test_every_constraint_that_is_translated_for_callers_exists() -> None:
    assert BY_CONSTRAINT.keys() <= {case.constraint for case in CASES}


# Files

LONGEST = 500


def modules() -> Iterator[Path]:
    for folder in ("claims", "config"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


MODULES = [str(path.relative_to(ROOT)) for path in modules()]


@pytest.mark.parametrize("module", MODULES)
def test_no_module_is_too_long_to_be_read(module: str) -> None:
    lines = len((ROOT / module).read_text("utf-8").splitlines())
    assert lines <= LONGEST


def uses_of(name: Callable[[ast.Call], bool]) -> list[str]:
    return [
        f"{module}:{node.lineno}"
        for module in MODULES
        for node in ast.walk(ast.parse((ROOT / module).read_text("utf-8")))
        if isinstance(node, ast.Call) and name(node)
    ]


def test_there_are_no_signals() -> None:
    assert [it for it in MODULES if "django.dispatch" in (ROOT / it).read_text("utf-8")] == []
    assert [it for it in MODULES if "models.signals" in (ROOT / it).read_text("utf-8")] == []


def test_no_model_hides_work_in_save_or_delete() -> None:
    for model in MODELS:
        own = {name for kind in model.__mro__ if "claims" in kind.__module__ for name in vars(kind)}
        assert own.isdisjoint({"save", "delete", "save_base", "full_clean"}), model


def test_sql_is_written_in_its_homes_alone() -> None:
    """Objects in claims/sql/, reads in claims/queries/; the others are listed with a reason."""
    homes = ("claims/sql/", "claims/queries/", "config/")
    others = {
        "claims/actions/store.py",  # COPY, and the time of the transaction
        "claims/actions/counting.py",  # which claims changed, as of one instant; a lock
        "claims/actions/dossiers.py",  # an advisory lock
        "claims/actions/facts.py",  # what is stored against what follows
        "claims/actions/indexing.py",  # what claims are found by, in one statement
        "claims/actions/met.py",  # an advisory lock
        "claims/actions/reviews.py",  # locks, and the status of many claims in one statement
        "claims/actions/relations.py",  # the time after the locks
        "claims/actions/drafts.py",  # the lock of a verdict
        "claims/actions/verdicts.py",  # all of a verdict in one statement
        "claims/actions/sequencing.py",  # an advisory lock, and NOTIFY
        "claims/actions/tries.py",  # an upsert that counts
        "claims/management/commands/encode_claims.py",  # vectors, which have no model
        "claims/management/owner.py",  # that it may take as long as it takes
        "claims/management/verification.py",  # every table against the log
        "claims/api/composed.py",  # runs what the serializers are compiled to
        "claims/api/idempotency.py",  # an advisory lock
        "claims/api/rates.py",  # an upsert that adds
    }
    found = uses_of(
        lambda call: isinstance(call.func, ast.Attribute) and call.func.attr == "cursor"
    )
    assert {it.partition(":")[0] for it in found if not it.startswith(homes)} <= others
