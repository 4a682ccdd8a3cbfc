from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from claims.api.claims import Claims
from claims.api.exporting import Export, headed, stream
from claims.api.filtering import ClaimFilters
from claims.api.pagination import refused
from claims.api.rates import EXPORTS, charge
from claims.api.rendering import Json
from claims.api.resource import Resource
from claims.errors import NotAcceptable
from claims.formats import tables
from claims.models import Claim
from claims.queries.feed import head
from claims.queries.past import Cutoff

FORMAT = "format"


class Stands(Json):
    """For a table, which is streamed; a refusal is told as a problem."""

    table: type[tables.Table]


class Ndjson(Stands):
    table = tables.Ndjson
    media_type, format = table.media_type, table.extension


class Csv(Stands):
    table = tables.Csv
    media_type, format = table.media_type, table.extension


class Parquet(Stands):
    table = tables.Parquet
    media_type, format = table.media_type, table.extension


FORMATS: dict[str, type[Stands]] = {str(it.format): it for it in (Ndjson, Csv, Parquet)}


class Exports(Resource):
    """Whole lists, however long they are, as one stream."""

    resource = "exports"
    model = Claim
    answers = Claims.answers
    made_of = Claims.made_of
    filterset = ClaimFilters
    renderer_classes = tuple(FORMATS.values())

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """As in the parent, but where the address names a format."""
        asked = request.query_params.get(FORMAT)
        if asked is None or force:
            return super().perform_content_negotiation(request, force)
        if asked not in FORMATS:
            raise refused(FORMAT, _("This is none of: %s.") % ", ".join(FORMATS))
        renderer = FORMATS[asked]()
        return renderer, renderer.media_type

    @extend_schema(
        summary="Export claims",
        description="All that the filters leave, as the record was after one number of the log, "
        "which is told in `Isnad-As-Of`: what happens meanwhile changes nothing. In the order of "
        "filing, as a stream.\n\n"
        "NDJSON: a claim a line, and a last line with `end`, `count` and `as_of`; without it the "
        "stream was cut off. CSV: flat, for spreadsheets. Parquet: flat, where the server has it.",
        responses={
            (200, Ndjson.media_type): {
                "type": "string",
                "description": "A claim a line, as `GET /api/v1/claims/{id}/` tells it.",
            },
            (200, Csv.media_type): {
                "type": "string",
                "description": "A claim a row, below the names of the columns.",
            },
            (200, Parquet.media_type): {"type": "string", "format": "binary"},
        },
    )
    def claims(self, request: Request) -> HttpResponseBase:
        asked = self.cleaned(tuple(ClaimFilters.base_filters), also=(FORMAT,))
        table = self.table(request)
        charge(request, EXPORTS, 1)
        as_of = head()
        until = Cutoff(number=as_of).latest_filing() if as_of else None
        export = Export(asked, as_of=as_of, until=until)
        if request.method == "HEAD":
            return headed(HttpResponse(content_type=table.media_type), export, table)
        return stream(request, export, table)

    def table(self, request: Request) -> tables.Table:
        """Raises NotAcceptable."""
        try:
            made: tables.Table = request.accepted_renderer.table()  # type: ignore[attr-defined]
        except ImportError:
            detail = _("This server makes no Parquet: ask for CSV or NDJSON.")
            raise NotAcceptable(detail) from None
        return made
