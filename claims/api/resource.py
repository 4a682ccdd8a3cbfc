"""What every resource of the API has in common."""

from collections.abc import Sequence
from typing import Any, ClassVar, cast
from urllib.parse import unquote_to_bytes
from uuid import UUID

import orjson
from django.conf import settings
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django_filters import FilterSet
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from claims.api import problems, searching
from claims.api.callers import who
from claims.api.composed import ID, Composer, Rows, as_answer, composer, fetched
from claims.api.pagination import CONTROLS, ORDERING, Pages
from claims.api.parsing import body_of
from claims.api.preconditions import is_known
from claims.api.rendering import Json
from claims.api.replicas import position_asked
from claims.errors import (
    BadParameter,
    Fault,
    Invalid,
    NotAuthenticated,
    NotFound,
    NotJson,
    Refusal,
)
from claims.formats.fields import Body, Id
from claims.formats.moves import reader_of
from claims.models import ApiKey, Member
from claims.queries.etags import etag, record_tag, tag_to
from claims.text.searching import Search


class Resource(viewsets.GenericViewSet):
    """A set of documents under one path.

    resource: its name in the rights table. answers: the serializer of its documents.
    made_of: the rows with all that their documents show, where that is more than themselves.
    polled: whether its list has an entity tag, which stays while nothing happens to the record.
    to_caller: whether its documents tell what the caller may do, so that tags differ by that.
    searched: whether its list can be searched in (q).
    asks: the serializer of bodies, by action; refuses: what else than all is told there, likewise.
    orderings: the first one is the default.
    """

    resource: ClassVar[str]
    model: ClassVar[type[Model]]
    answers: ClassVar[type[Serializer]]
    made_of: ClassVar[Rows | None] = None
    asks: ClassVar[dict[str, type[Body]]] = {}
    refuses: ClassVar[dict[str, Sequence[type[Refusal]]]] = {}
    polled: ClassVar[bool] = False
    to_caller: ClassVar[bool] = False
    searched: ClassVar[bool] = False
    filterset: ClassVar[type[FilterSet] | None] = None
    orderings: ClassVar[Sequence[str]] = ("-created_at", "created_at")
    body_limit: ClassVar[int] = settings.BODY_LIMIT
    lookup_value_regex = "[^/]+"

    @property
    def member(self) -> Member:
        """Who asks; the rights table lets nobody else come to where this is needed."""
        return cast(Member, self.request.user)

    @property
    def key(self) -> ApiKey | None:
        """The key through which the member asks; None in a browser."""
        return cast("ApiKey | None", self.request.auth)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """As in the parent, but counted before it is judged: wrong keys and refusals count too."""
        self.format_kwarg = None
        chosen = self.perform_content_negotiation(request)
        request.accepted_renderer, request.accepted_media_type = chosen
        try:
            self.perform_authentication(request)
        except NotAuthenticated:
            request._not_authenticated()  # type: ignore[attr-defined]
            self.check_throttles(request)
            raise
        self.check_throttles(request)
        self.check_permissions(request)
        if settings.DATABASE_REPLICAS:
            position_asked(request)  # here it is the primary that reads, which is far enough

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """What is answered depends on who asks: no cache gives it to somebody else."""
        response = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(response, ("Authorization",))
        return response

    # Reading

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Of these rows of the model, those that the caller may see under this path."""
        return rows

    def rows(self) -> QuerySet[Any]:
        """The rows that the caller may see, with all that their documents show."""
        return self.visible(self.all_rows()())

    @classmethod
    def all_rows(cls) -> Rows:
        return cls.made_of or cls.model._default_manager.all

    def list(self, request: Request, **_path: str) -> Response | HttpResponse:
        search = searching.asked_in(request.query_params) if self.searched else None
        pages = Pages(request, searching.ORDERINGS if search else self.orderings)
        rows = self.filtered(self.visible(self.model._default_manager.all()))
        tag = record_tag() if self.polled else None
        tag = None if tag is None else self.tag_to_caller(tag)
        if tag is not None and is_known(request, tag):
            return Response(status=304, headers={"ETag": tag})
        sent = {} if tag is None else {"ETag": tag}
        if search is not None:
            return self.answer(self.found(pages, search), **sent)
        return self.answer(self.composer().page(pages, rows, **self.given()), **sent)

    def found(self, pages: Pages, search: Search) -> bytes:
        """The body of a page of what is searched for, in a list that everybody sees whole."""
        assert self.filterset is not None
        known = tuple(self.filterset.base_filters)
        asked = self.sound_filters(self.model._default_manager.none(), known).form.cleaned_data
        asked_for = searching.Searching(type(self), pages, search, asked)
        statement = asked_for.statement(self.composer(), who(None), "SELECT NULL::text")
        page = searching.Found(asked_for, fetched(statement, **asked_for.given, **self.given()))
        if unknown := page.unknown():
            languages, words = map(list, zip(*unknown, strict=True))
            page.know(fetched(searching.STEMS, languages=languages, words=words))
        return page.body()

    def answer(self, body: bytes, **headers: str) -> Response | HttpResponse:
        """What PostgreSQL has composed, or a page that shows it."""
        if self.request.accepted_renderer.format == Json.format:
            return as_answer(body, **headers)
        return Response(orjson.loads(body), headers=headers)

    def retrieve(self, request: Request, pk: str, **_path: str) -> Response | HttpResponse:
        self.refuse_parameters(known=())
        row_id = self.id_of(pk)
        tag = self.tag_to_caller(self.tag_of(row_id))
        self.require_visible(row_id)
        if is_known(request, tag):
            return Response(status=304, headers={"ETag": tag})
        [document] = self.composer().documents([row_id], **self.given())
        return self.answer(document, ETag=tag)

    def composer(self) -> Composer:
        return composer(self.answers, self.all_rows())

    def given(self) -> dict[str, Any]:
        """What the documents depend on beside their rows, by name."""
        return {}

    def require_visible(self, pk: UUID) -> None:
        """Raises NotFound."""
        if type(self).visible is Resource.visible:
            return  # everybody sees everything
        if not self.visible(self.model._default_manager.filter(pk=pk)).exists():
            raise NotFound(_("There is nothing with this id."))

    def seen(self, pk: str) -> UUID:
        """The id in the path, of what the caller may see. Raises NotFound."""
        row_id = self.id_of(pk)
        self.require_visible(row_id)
        return row_id

    def row(self, pk: UUID) -> Any:
        row = self.rows().filter(pk=pk).first()
        if row is None:
            raise NotFound(_("There is nothing with this id."))
        return row

    def tag_of(self, pk: UUID) -> str:
        """The entity tag of a document. Raises NotFound where there is none."""
        tag = etag(self.model, pk)
        if tag is None:
            raise NotFound(_("There is nothing with this id."))
        return tag

    def tag_to_caller(self, tag: str) -> str:
        return tag_to(reader_of(self.request.user), tag) if self.to_caller else tag

    def filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Apply the filters of the query; unknown and repeated parameters are refused."""
        known = tuple(self.filterset.base_filters) if self.filterset else ()
        more = searching.PARAMETERS if self.searched else ()
        self.refuse_parameters(known=(*known, *CONTROLS, *more))
        return self.narrowed(rows, known)

    def narrowed(self, rows: QuerySet[Any], known: Sequence[str]) -> QuerySet[Any]:
        """What the filters of these names leave. Raises BadParameter."""
        return rows if self.filterset is None else self.sound_filters(rows, known).qs

    def cleaned(self, known: Sequence[str], *, also: Sequence[str]) -> dict[str, Any]:
        """What the filters ask for. Raises BadParameter for these and for unknown parameters."""
        self.refuse_parameters(known=(*known, *also))
        asked = self.sound_filters(self.model._default_manager.none(), known)
        return dict(asked.form.cleaned_data)

    def sound_filters(self, rows: QuerySet[Any], known: Sequence[str]) -> FilterSet:
        assert self.filterset is not None
        query = self.request.query_params
        filterset = self.filterset(
            {name: query[name] for name in (*known, ORDERING) if name in query}, queryset=rows
        )
        filterset.asked_by = self.request.user
        if not filterset.is_valid():
            raise BadParameter(
                _("See errors for each parameter and its mend."),
                faults=[
                    Fault(str(message), parameter=name)
                    for name, messages in filterset.errors.items()
                    for message in messages
                ],
            )
        return filterset

    def refuse_parameters(self, *, known: Sequence[str]) -> None:
        refuse_parameters(self.request, known=known)

    # Writing

    def asked(self, request: Request, *, known: Sequence[str] = ()) -> dict[str, Any]:
        """The body, checked; a PATCH says only what it changes. known: parameters of the query."""
        self.refuse_parameters(known=known)
        data = request.data
        if not body_of(request._request, self.body_limit):
            raise NotJson.at("#", _("The body is empty: send a JSON object."))
        body = self.asks[self.action](
            data=data,
            context={"answers": self.answers, "edits": request.method == "PATCH"},
        )
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def refuse_body(self, request: Request) -> None:
        """For what is asked by its path alone. Raises Invalid, BadParameter."""
        self.refuse_parameters(known=())
        if request.data:
            raise Invalid.at("#", _("This takes no body: leave it out."))

    def created(self, row: Model, *, at: str) -> Response:
        """201 with the document as it is now, its address and its entity tag."""
        return self.told(row, status=201, headers={"Location": at})

    def told(
        self, row: Model, *, status: int = 200, headers: dict[str, str] | None = None
    ) -> Response:
        """The document as it is now, as whoever reads it next is told it."""
        statement = self.composer().tagged(self.model)
        [(document, tag)] = fetched(statement, **{ID: row.pk}, **self.given())
        return Response(
            orjson.loads(document),
            status=status,
            headers={"ETag": self.tag_to_caller(tag), **(headers or {})},
        )

    # Machinery

    def id_of(self, text: str) -> UUID:
        """An id in the path. Raises NotFound for what is none."""
        if not Id.PATTERN.fullmatch(text):
            raise NotFound(_("The id in the path is not a UUID."))
        return UUID(text)

    def parent(self, model: type[Model], name: str) -> UUID:
        """The id of the row that the path goes through. Raises NotFound when there is none."""
        pk = self.id_of(self.kwargs[name])
        if not model._default_manager.filter(pk=pk).exists():
            raise NotFound(_("There is nothing with this id."))
        return pk

    def get_serializer_class(self) -> type[Serializer]:
        return self.asks.get(self.action or "", self.answers)

    def get_queryset(self) -> QuerySet[Any]:
        return self.rows()

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """What may be sent is in the header Allow; what it means, in the schema."""
        return Response(status=204)

    def handle_exception(self, exc: Exception) -> Response:
        try:
            return super().handle_exception(exc)
        except Exception as unknown:
            if settings.DEBUG:
                raise
            response = problems.unexpected(self.request, unknown)
            response.exception = True
            return response


def refuse_parameters(request: Request, *, known: Sequence[str]) -> None:
    """Raises BadParameter for what is unknown, repeated or empty in the query."""
    faults = []
    for name, values in request.query_params.lists():
        if name not in known:
            detail = _("There is no such parameter here.")
            if known:
                detail += " " + _("There are: %s.") % ", ".join(sorted(known))
            faults.append(Fault(detail, parameter=name[:80]))
        elif len(values) > 1:
            faults.append(Fault(_("Send this parameter once."), parameter=name))
        elif values[0] == "":
            faults.append(Fault(_("Send a value, or leave it out."), parameter=name))
        elif "\ufffd" in values[0] and not is_utf8(request):
            faults.append(Fault(_("Send it in UTF-8."), parameter=name))
    if faults:
        raise BadParameter(_("See errors for each parameter and its mend."), faults=faults)


def flag(request: Request, name: str) -> bool:
    """Whether a parameter that is false by default is true. Raises BadParameter."""
    asked = request.query_params.get(name, "false")
    if asked not in {"true", "false"}:
        detail = _("Send true or false.")
        raise BadParameter(detail, faults=[Fault(detail, parameter=name)])
    return asked == "true"


def is_utf8(request: Request) -> bool:
    """Whether the query is; Django puts U+FFFD for what is not, which can be meant as well."""
    try:
        unquote_to_bytes(request.META["QUERY_STRING"]).decode()
    except UnicodeDecodeError:
        return False
    return True
