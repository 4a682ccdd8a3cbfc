"""Django's admin, for operators: everything can be found and read.

The record is written through the API, where every write is checked and becomes a Change; here
it is read. Organizations and members are made here, by the same actions.
"""

import logging
from collections.abc import Callable, Sequence
from functools import reduce
from operator import or_
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import DataError
from django.db.models import BinaryField, Model, Q, QuerySet, URLField
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from claims import models
from claims.actions.desks import add_member, create_organization
from claims.api import problems
from claims.errors import BadRequest
from claims.formats.desk import MemberIn, OrganizationIn
from claims.formats.fields import Body
from claims.vocabulary import Role

log = logging.getLogger(__name__)

# What nobody needs to read: hashes of secrets, and sealed ones.
SECRET = {
    (models.ApiKey, "digest"),
    (models.Webhook, "secret"),
    (models.Webhook, "previous_secret"),
}


class OddValues(MiddlewareMixin):
    """What the admin takes from an address or a form unseen is refused, not failed.

    The admin hands much of it to the database as it came.
    """

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        odd = isinstance(exception, (DataError, OverflowError, ValueError, ValidationError))
        if not odd or not request.path.startswith("/admin/"):
            return None
        # With its traceback, for it may be a fault of ours after all.
        log.warning("refused %s %s", request.method, request.path, exc_info=exception)
        return problems.page(
            BadRequest(_("A value in the address or the form is out of range or of another kind."))
        )


class Uncounted(Paginator):
    """Pages without counting millions of rows first: up to 10,000 can be paged through."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        assert isinstance(rows, QuerySet)
        return len(rows.order_by().values_list("pk", flat=True)[:10_000])


class Readable(admin.ModelAdmin):
    """Can be found and read, and not changed.

    words: the columns in which words are looked for. ids: those in which an id is.
    made_with: the columns that are asked for where rows are made here.
    """

    words: Sequence[str] = ()
    ids: Sequence[str] = ("id",)
    made_with: Sequence[str] = ()

    paginator = Uncounted
    show_full_result_count = False
    list_per_page = 50
    ordering = ("-pk",)
    formfield_overrides = {URLField: {"assume_scheme": "https"}}

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return bool(self.made_with and request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_list_select_related(self, request: HttpRequest) -> list[str]:
        shown = set(self.get_list_display(request))
        return [
            field.name
            for field in self.model._meta.fields
            if field.is_relation and field.name in shown
        ]

    @cached_property
    def all_columns(self) -> list[Any]:
        """What a row says, its id and times included; a secret's hash is nobody's business."""
        return [
            shown_bytes(field.name) if isinstance(field, BinaryField) else field.name
            for field in self.model._meta.concrete_fields
            if (self.model, field.name) not in SECRET
        ]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*self.made_with] if obj is None else self.all_columns

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [] if obj is None else self.all_columns

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        return [*(self.words or self.ids)]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """An id is looked for as an id, by its index; anything else as words."""
        try:
            wanted = UUID(search_term.strip())
        except ValueError:
            if search_term.strip() and not self.words:
                return queryset.none(), False
            return super().get_search_results(request, queryset, search_term)
        conditions = (Q(**{name: wanted}) for name in self.ids)
        return queryset.filter(reduce(or_, conditions)), False


def shown_bytes(name: str) -> Callable[[Model], str]:
    """A column of bytes, as text: a hash as its digits, a kept answer as it was sent."""

    @admin.display(description=name)
    def shown(row: Model) -> str:
        held = getattr(row, name)
        if held is None:
            return "-"
        value = bytes(held)
        return value.decode() if name == "body" else value.hex()

    shown.__name__ = name
    return shown


def readable(
    model: type[Model],
    *,
    show: list[str],
    words: Sequence[str] = (),
    ids: Sequence[str] = ("id",),
    by: Sequence[str] = (),
) -> None:
    attributes = {"list_display": show, "words": words, "ids": ids, "list_filter": by}
    admin.site.register(model, type(f"{model.__name__}Admin", (Readable,), attributes))


readable(models.Publisher, show=["name", "url", "created_at"], words=["name"])
readable(
    models.Article,
    show=["__str__", "publisher", "language", "date_published"],
    words=["headline", "url"],
    ids=["id", "publisher"],
)
readable(models.Snapshot, show=["article", "length", "captured_at"], ids=["id", "article"])
readable(models.Speaker, show=["name", "type", "created_at"], words=["name"], by=["type"])
readable(
    models.Claim,
    show=["__str__", "kind", "status", "language", "created_at"],
    words=["text", "subject"],
    ids=["id", "speaker"],
    by=["kind", "status"],
)
readable(models.Assertion, show=["statement", "fact"], ids=["id", "statement", "fact"])
readable(
    models.Appearance,
    show=["claim", "article", "__str__"],
    ids=["id", "claim", "article"],
)
readable(
    models.Relay,
    show=["appearance", "position", "speaker"],
    ids=["id", "appearance", "speaker"],
)
readable(
    models.Anchor,
    show=["appearance", "snapshot", "state"],
    ids=["id", "appearance"],
    by=["state"],
)
readable(
    models.Verdict,
    show=["claim", "organization", "outcome", "label", "issued_at"],
    words=["label"],
    ids=["id", "claim"],
    by=["outcome"],
)
readable(
    models.Evidence,
    show=["verdict", "stance", "url"],
    words=["url"],
    ids=["id", "verdict"],
    by=["stance"],
)
readable(models.Content, show=["id", "length", "erased_at"])
readable(
    models.Change,
    show=["type", "subject_id", "organization", "recorded_by", "recorded_at"],
    ids=["id", "subject_id", "claim"],
    by=["type"],
)
readable(models.LogEntry, show=["number", "change", "numbered_at"], ids=["change"])
readable(models.Checkpoint, show=["size", "signed_at"], words=["note"])
readable(
    models.ApiKey,
    show=["label", "hint", "member", "expires_at", "revoked_at"],
    words=["label", "hint"],
    ids=["id", "member"],
)
readable(
    models.Webhook,
    show=["url", "organization", "paused_at", "pause_reason", "ended_at"],
    words=["url"],
    ids=["id", "organization"],
)
readable(
    models.Delivery,
    show=["webhook", "number", "state", "attempts_made", "next_attempt_at"],
    ids=["id", "webhook", "claim"],
    by=["state"],
)
readable(
    models.Attempt,
    show=["delivery", "ordinal", "started_at", "status", "error"],
    ids=["id", "delivery"],
)
readable(
    models.DossierEntry,
    show=["namespace", "kind", "key", "imported_at"],
    words=["namespace", "key"],
    ids=["id", "subject_id"],
)
readable(
    models.IdempotencyKey,
    show=["member", "key", "status", "created_at"],
    words=["key"],
    ids=["id", "member"],
)


class Sound(ModelForm):
    """What is said here is held to the rules of the API's bodies."""

    body: ClassVar[type[Body]]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        known = self.body().get_fields()
        asked = self.body(data={name: value for name, value in said.items() if name in known})
        if not asked.is_valid():
            for name, reasons in asked.errors.items():
                if name not in self.errors:
                    self.add_error(name, [str(reason) for reason in reasons])
        return said


class SoundOrganization(Sound):
    body = OrganizationIn


class SoundMember(Sound):
    body = MemberIn

    def clean_organization(self) -> models.Organization:
        organization: models.Organization = self.cleaned_data["organization"]
        if organization.external_site is not None:
            raise ValidationError(_("An external organization has no members here."))
        return organization


@admin.register(models.Organization)
class OrganizationAdmin(Readable):
    form = SoundOrganization
    list_display = ["name", "url", "external_site", "created_at"]
    search_fields = words = ["name"]
    made_with = ["name", "url"]

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        made = create_organization(name=obj.name, url=obj.url, by=None)
        obj.pk = made.pk


@admin.register(models.Member)
class MemberAdmin(Readable):
    form = SoundMember
    list_display = ["name", "organization", "role", "ended_at"]
    list_filter = ["role"]
    words = ["name", "organization__name"]
    ids = ["id", "organization"]
    autocomplete_fields = ["organization", "user"]
    made_with = ["organization", "name", "role", "user"]

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        made = add_member(
            organization=obj.organization,
            name=obj.name,
            role=Role(obj.role),
            user=obj.user,
            by=None,
        )
        obj.pk = made.pk


@admin.register(models.User)
class OperatorsAndMembers(UserAdmin):
    """Nobody is deleted, since the record tells who did what: `is_active` ends a sign-in."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
