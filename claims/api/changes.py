"""The feed: everything that happened, in the order of its numbers."""

from collections.abc import Sequence
from typing import Any

import django_filters as filters
import orjson
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.composed import Composer, body, composer
from claims.api.filtering import Choice, IdFilter, LanguageFilter
from claims.api.pagination import SIZE, page_size, refused
from claims.api.reading import Reading
from claims.api.rendering import Browsable, Json
from claims.api.resource import Resource
from claims.errors import BadHeader, Fault
from claims.formats.changes import ChangeOut
from claims.formats.moves import reading
from claims.models import Change
from claims.queries import feed
from claims.vocabulary import ChangeType, Status

AFTER, WAIT, LAST_EVENT_ID = "after", "wait", "Last-Event-ID"
EVENT_STREAM = "text/event-stream"
HIGHEST = 2**63 - 1


class TypesField(forms.CharField):
    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        types = text.split(",") if text else []
        if not set(types) <= set(ChangeType.values):
            raise ValidationError(
                _("Send one or several of these, joined by commas: %(types)s"),
                params={"types": ", ".join(ChangeType.values)},
            )
        return types


class TypesFilter(filters.Filter):
    field_class = TypesField

    def filter(self, qs: QuerySet, value: list[str]) -> QuerySet:
        return qs.filter(type__in=value) if value else qs


class ChangeFilters(filters.FilterSet):
    type = TypesFilter()
    claim = IdFilter()
    status = Choice(Status)
    language = LanguageFilter()
    organization = IdFilter()

    class Meta:
        model = Change
        fields: list[str] = []


class EventStream(Json):
    """Stands for Server-Sent Events, which `events` makes; a refusal is told as a problem."""

    media_type = EVENT_STREAM
    format = "event-stream"


def events(documents: Sequence[bytes], last: int) -> bytes:
    """The changes of a page as Server-Sent Events. Source: WHATWG HTML, section 9.2."""
    told: list[bytes] = []
    number = None
    for document in documents:
        change = orjson.loads(document)
        number = change["number"]
        kind = change["type"].encode()
        told.append(b"id: %d\nevent: %s\ndata: %s\n\n" % (number, kind, document))
    # An id alone moves the follower on and tells nothing: filters left out what is before it.
    if number != last:
        told.append(b"id: %d\n\n" % last)
    return b"".join(told)


class Feed(serializers.Serializer):
    """`next` is always there: the feed goes on. You have read everything when `last` is `head`."""

    next = serializers.URLField()
    last = serializers.IntegerField(help_text="Every number up to this one is read: ask after it.")
    head = serializers.IntegerField(help_text="The highest number there is.")
    results = ChangeOut(many=True)


class Changes(Resource):
    """Everything that happened, numbered from 1 without gaps. A number never changes its Change."""

    resource = "changes"
    model = Change
    answers = Feed
    filterset = ChangeFilters
    renderer_classes = (Json, EventStream, Browsable)

    @extend_schema(
        summary="Follow what happens",
        description=(
            "Ask `after` the last number that you have read, and keep `last` of the answer. "
            "`wait` holds the answer back until there is something to tell, for so many seconds "
            "at most. With `Accept: text/event-stream` the answer never ends: Server-Sent "
            "Events, each with its number as `id`; `Last-Event-ID` goes before `after`.\n\n"
            "With filters a page may be empty though there is more: go on until `last` is `head`. "
            "`status` and `language` are the claim's, as the change left them."
        ),
        responses={
            (200, "application/json"): Feed,
            (200, EVENT_STREAM): {
                "type": "string",
                "description": "`id`: the number; `event`: the type; `data`: the change as JSON.",
            },
        },
    )
    def list(self, request: Request, **_path: str) -> Response | HttpResponse:
        known = tuple(ChangeFilters.base_filters)
        self.refuse_parameters(known=(*known, AFTER, WAIT, SIZE))
        self.check_wait(request.query_params)
        rows = self.narrowed(Change.objects.all(), known)
        page = feed.page(
            rows,
            narrowed=any(name in request.query_params for name in known),
            claim="claim" in request.query_params,
            after=self.after(),
            size=page_size(request.query_params),
        )
        if (reading := Reading.of(request)) is not None:
            reading.found, reading.last, reading.head = len(page.changes), page.last, page.head
        documents = told().documents([change.pk for change in page.changes], **self.given())
        if request.accepted_renderer.media_type == EVENT_STREAM:
            return HttpResponse(events(documents, page.last), content_type=EVENT_STREAM)
        following = self.after_this(request, page.last)
        return self.answer(body(documents, next=following, last=page.last, head=page.head))

    def given(self) -> dict[str, Any]:
        return reading(self.request.user)

    def after(self) -> int:
        """Raises BadHeader, BadParameter; BeyondTheLog for a number that is not given yet."""
        text = self.request.headers.get(LAST_EVENT_ID, "")
        if text and self.request.accepted_renderer.media_type == EVENT_STREAM:
            number = whole(text, HIGHEST)
            if number is None:
                detail = _("Send the id of the last event that you have read: a whole number.")
                raise BadHeader(detail, faults=[Fault(detail, header=LAST_EVENT_ID)])
            return number
        return number_in(self.request.query_params, AFTER, most=HIGHEST)

    @staticmethod
    def check_wait(query: QueryDict) -> None:
        """Raises BadParameter."""
        number_in(query, WAIT, most=settings.FEED_LONGEST_WAIT)

    @staticmethod
    def after_this(request: Request, last: int) -> str:
        """The address of the next page."""
        query = request.query_params.copy()
        query.pop(WAIT, None)
        query[AFTER] = str(last)
        return str(request.build_absolute_uri(f"{request.path}?{query.urlencode()}"))


def number_in(query: QueryDict, name: str, *, most: int) -> int:
    """Raises BadParameter."""
    number = whole(query.get(name, "0"), most)
    if number is None:
        raise refused(name, _("Send a whole number from 0 to %d.") % most)
    return number


def whole(text: str, most: int) -> int | None:
    """The number that is written in plain digits; None where it is written otherwise or too big."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most))):
        return None
    number = int(text)
    return number if number <= most else None


def told() -> Composer:
    return composer(ChangeOut, feed.changes)
