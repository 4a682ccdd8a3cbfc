"""Filters of lists. Both ends of every range are inside of it."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, cast

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from claims.api.pagination import ORDERING
from claims.formats.fields import Id, Instant, standard_language
from claims.models import Article, Claim
from claims.queries import listing, relations
from claims.queries.references import articles_at
from claims.vocabulary import Kind, Outcome, Status

if TYPE_CHECKING:
    from claims.api.resource import Resource

DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


class IdField(forms.CharField):
    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if text and not Id.PATTERN.fullmatch(text):
            raise ValidationError(_("This is not an id: send a UUID."))
        return text


class IdFilter(filters.Filter):
    field_class = IdField


ME = "me"


class MemberField(IdField):
    def clean(self, value: Any) -> Any:
        return ME if value == ME else super().clean(value)


class MemberFilter(filters.Filter):
    """By the id of a member; `me` is whoever asks (`asked_by` of the filters)."""

    field_class = MemberField

    def filter(self, qs: QuerySet, value: str) -> QuerySet:
        whom = self.parent.asked_by.pk if value == ME else value
        rows: QuerySet = super().filter(qs, whom)
        return rows


class LanguageField(forms.CharField):
    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if text and (len(text) > 35 or (text := standard_language(text)) is None):
            raise ValidationError(
                _('This is not a registered language tag (BCP 47), such as "ar" or "en-GB".')
            )
        return text


class LanguageFilter(filters.Filter):
    """`ar` finds ar, ar-IQ and the like. Source: RFC 4647, basic filtering."""

    field_class = LanguageField

    def filter(self, qs: QuerySet, value: str) -> QuerySet:
        if not value:
            return qs
        name = self.field_name
        return qs.filter(Q(**{name: value}) | Q(**{f"{name}__startswith": value + "-"}))


def day_of(text: str) -> date | None:
    """The day that is written as 2020-03-14; None where it is written otherwise or is none."""
    try:
        return date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        return None


class InstantField(forms.CharField):
    """time_of_day: what a day alone means, its first or its last instant."""

    def __init__(self, *, time_of_day: time = time.min, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.time_of_day = time_of_day

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        if (day := day_of(text)) is not None:
            return datetime.combine(day, self.time_of_day, tzinfo=UTC)
        try:
            if Instant.PATTERN.fullmatch(text):
                return datetime.fromisoformat(text.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        raise ValidationError(
            _("Send an instant with its offset (2020-03-14T09:30:00Z) or a day (2020-03-14).")
        )


class InstantFilter(filters.Filter):
    field_class = InstantField


class FilingFilter(InstantFilter):
    def filter(self, qs: QuerySet, value: datetime | None) -> QuerySet:
        if value is None:
            return qs
        column, _pk = listing.ordered_by(qs, "created_at")
        return qs.filter(**{f"{column}__{self.lookup_expr}": value})


class DayField(forms.CharField):
    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        if (day := day_of(text)) is None:
            raise ValidationError(_("Send a day: 2020-03-14."))
        return day


class DayFilter(filters.Filter):
    field_class = DayField


class Choice(filters.ChoiceFilter):
    def __init__(self, choices: Any, **kwargs: Any) -> None:
        super().__init__(
            choices=choices.choices,
            empty_label=None,
            null_label=None,
            error_messages={
                "invalid_choice": format_lazy(
                    "{} {}.", _("This is none of:"), ", ".join(choices.values)
                )
            },
            **kwargs,
        )


class YesNoField(forms.CharField):
    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if text not in {"", "true", "false"}:
            raise ValidationError(_("Send true or false."))
        return {"true": True, "false": False}.get(text)


class YesNo(filters.Filter):
    field_class = YesNoField


class SourceFilters(filters.FilterSet):
    """What all lists of the record can be filtered by."""

    created_after = FilingFilter(lookup_expr="gte")
    created_before = FilingFilter(lookup_expr="lte", time_of_day=time.max)


class ArticleFilters(SourceFilters):
    publisher = IdFilter()
    language = LanguageFilter()
    url = filters.CharFilter(method="by_url", max_length=2000)
    published_after = DayFilter(field_name="published_from", lookup_expr="gte")
    published_before = DayFilter(field_name="published_to", lookup_expr="lte")

    class Meta:
        model = Article
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        rows: QuerySet = super().filter_queryset(queryset)
        return rows.filter(**between(self.form.cleaned_data))

    def by_url(self, rows: QuerySet, _name: str, value: str) -> QuerySet:
        return rows.filter(pk__in=articles_at(value).values("pk"))


class ClaimFilters(SourceFilters):
    kind = Choice(Kind)
    status = Choice(Status, method="together")
    language = LanguageFilter()
    speaker = IdFilter()
    subject = filters.CharFilter(max_length=300, strip=False)
    property = filters.CharFilter(max_length=300, strip=False)
    changed_after = InstantFilter(method="together")
    article = IdFilter(method="together")
    publisher = IdFilter(method="together")
    published_after = DayFilter(method="together")
    published_before = DayFilter(method="together")
    organization = IdFilter(method="together")
    outcome = Choice(Outcome, method="together")
    has_verdict = YesNo(method="together")
    same_as = IdFilter(method="by_cluster")
    related_to = IdFilter(method="by_relation")

    class Meta:
        model = Claim
        fields: list[str] = []

    def together(self, rows: QuerySet, _name: str, _value: Any) -> QuerySet:
        """Asked below, with others of one and the same appearance, verdict or listing."""
        return rows

    def by_cluster(self, rows: QuerySet, _name: str, value: Any) -> QuerySet:
        return relations.same_as(rows, value)

    def by_relation(self, rows: QuerySet, _name: str, value: Any) -> QuerySet:
        return relations.related_to(rows, value)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        asked = {
            name: value for name, value in self.form.cleaned_data.items() if value not in (None, "")
        }
        of_listing = listing.Asked(
            of_appearance=lookups(APPEARANCE_FILTERS, asked) | between(asked),
            of_verdict=lookups(VERDICT_FILTERS, asked),
            **{name: asked[name] for name in LISTING_FILTERS & asked.keys()},
            by_change=self.data.get(ORDERING, "").removeprefix("-") == "changed_at",
        )
        rows = listing.found(queryset, of_listing)
        return cast(QuerySet, super().filter_queryset(rows))


APPEARANCE_FILTERS = {
    "article": "article",
    "publisher": "publisher",
    "published_after": "published_from__gte",
    "published_before": "published_to__lte",
}
VERDICT_FILTERS = {"organization": "organization", "outcome": "outcome"}
LISTING_FILTERS = {"status", "has_verdict", "changed_after"}


def between(asked: dict[str, Any]) -> dict[str, Any]:
    """Of both ends of a range, what follows for its first column alone.

    It changes no answer, but without it PostgreSQL takes a week for a fifth of all time.
    """
    if asked.get("published_after") and asked.get("published_before"):
        return {"published_from__lte": asked["published_before"]}
    return {}


def lookups(names: dict[str, str], asked: dict[str, Any]) -> dict[str, Any]:
    return {lookup: asked[name] for name, lookup in names.items() if name in asked}


def filters_of(view: "type[Resource]", **asked: str) -> Any:
    assert view.filterset is not None
    return view.filterset(asked, queryset=view.model._default_manager.all())


def fields_of(view: "type[Resource]") -> Mapping[str, Any]:
    """What checks the values of its filters."""
    fields: Mapping[str, Any] = filters_of(view).form.fields
    return fields


def filtered(view: "type[Resource]", told: dict[str, Any], **asked: str) -> QuerySet[Any]:
    """The rows that its filters leave, with Given in place of the values."""
    filters = filters_of(view, **asked)
    filters.form.cleaned_data = told
    rows: QuerySet[Any] = filters.filter_queryset(filters.queryset)
    return rows


def cleaned(fields: Mapping[str, Any], query: QueryDict) -> dict[str, Any]:
    """The values of the filters in a query. Raises ValidationError."""
    return {name: fields[name].clean(query[name]) for name in query if name in fields}
