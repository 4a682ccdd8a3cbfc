from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.fields import DateTimeField
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.serializers import Serializer

from claims.api.claims import Claims, ClaimTold
from claims.api.exporting import Export, headed, stream
from claims.api.filtering import ClaimFilters
from claims.api.pagination import refused
from claims.api.rates import EXPORTS, charge
from claims.api.rendering import Json
from claims.api.resource import Resource
from claims.api.reviews import ReviewedOut, address_of, is_asked_for, reviewed_claims, site_of
from claims.errors import NotAcceptable
from claims.formats import claimreview, tables
from claims.formats.claimreview import MOST_APPEARANCES
from claims.formats.review_tables import ReviewFeed, ReviewLines
from claims.models import Claim
from claims.queries.feed import head
from claims.queries.past import Cutoff

FORMAT = "format"

E = TypeVar("E", bound=Export)


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


class DataFeed(Stands):
    table = ReviewFeed
    media_type, format = table.media_type, table.extension


class Exports(Resource):
    """Whole lists, however long they are, as one stream. filters: by which it is narrowed."""

    resource = "exports"
    model = Claim
    answers: ClassVar[type[Serializer]] = ClaimTold
    made_of = Claims.made_of
    filterset = ClaimFilters
    filters: ClassVar[Sequence[str]] = tuple(ClaimFilters.base_filters)
    renderer_classes: Sequence[type[BaseRenderer]] = (Ndjson, Csv, Parquet)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """As in the parent, but where the address names a format."""
        asked = request.query_params.get(FORMAT)
        if asked is None or force:
            return super().perform_content_negotiation(request, force)
        for renderer in self.get_renderers():
            if renderer.format == asked:
                return renderer, renderer.media_type
        names = (str(it.format) for it in self.renderer_classes)
        raise refused(FORMAT, _("This is none of: %s.") % ", ".join(names))

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
        asked = self.cleaned(self.filters, also=(FORMAT,))
        table = self.table(request)
        charge(request, EXPORTS, 1)
        return self.sent(request, self.export(Export, asked), table)

    def export(self, kind: type[E], asked: dict[str, Any]) -> E:
        """As of now."""
        as_of = head()
        until = Cutoff(number=as_of).latest_filing() if as_of else None
        return kind(asked, as_of=as_of, until=until)

    def sent(self, request: Request, export: Export, table: tables.Table) -> HttpResponseBase:
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


class ReviewExport(Export):
    """Claims on which a verdict stands, with all that reviews tell of them."""

    name = "claimreview"

    def __init__(self, asked: Mapping[str, Any], *, as_of: int, until: datetime | None) -> None:
        super().__init__(
            {**asked, "has_verdict": True},
            as_of=as_of,
            until=until,
            answers=ReviewedOut,
            made_of=reviewed_claims,
        )

    def revived(self, ids: Sequence[UUID]) -> dict[UUID, Claim]:
        claims = super().revived(ids)
        found: list[Any] = list(claims.values())
        # What a verdict has superseded is the same as ever: no verdict changes.
        standing = [verdict for claim in found for verdict in claim.standing_verdicts]
        prefetch_related_objects(standing, "supersedes")
        for claim in found:
            claim.placed = [it for it in claim.placed if it.position <= MOST_APPEARANCES]
        return claims


class ReviewExports(Exports):
    """All verdicts that stand, as ClaimReview."""

    answers = ReviewedOut
    made_of = staticmethod(reviewed_claims)
    renderer_classes = (Ndjson, DataFeed)
    # That there is a verdict is no question here.
    filters = tuple(name for name in ClaimFilters.base_filters if name != "has_verdict")

    @extend_schema(
        summary="Export verdicts as ClaimReview",
        description="Each verdict that stands, of the claims that the filters leave, as the record "
        "was after one number of the log, which is told in `Isnad-As-Of`. `organization` and "
        "`outcome` are asked of the verdict itself. In the order in which the claims were filed, "
        "as a stream.\n\n"
        "NDJSON: a ClaimReview a line, and a last line with `end`, `count` and `as_of`; without it "
        "the stream was cut off. JSON-LD: one schema.org DataFeed, of which `version` is the "
        "number.",
        responses={
            (200, Ndjson.media_type): {
                "type": "string",
                "description": "A ClaimReview a line, as "
                "`GET /api/v1/claims/{id}/claimreview/` tells it.",
            },
            (200, DataFeed.media_type): {
                "type": "object",
                "description": "A DataFeed: in `dataFeedElement`, each with a ClaimReview, `item`.",
                "required": ["@context", "@type", "name", "url", "dataFeedElement"],
                "additionalProperties": True,
            },
        },
    )
    def reviews(self, request: Request) -> HttpResponseBase:
        asked = self.cleaned(self.filters, also=(FORMAT,))
        charge(request, EXPORTS, 1)
        export = self.export(ReviewExport, asked)
        return self.sent(request, export, self.written(request, export, asked))

    def written(
        self, request: Request, export: Export, asked: Mapping[str, Any]
    ) -> ReviewLines | ReviewFeed:
        site = site_of(request)
        wanted = partial(is_asked_for, filters=asked)
        if request.accepted_renderer.format == Ndjson.format:
            return ReviewLines(site=site, wanted=wanted)
        feed = claimreview.data_feed(
            (),
            site=site,
            address=address_of(request),
            name=_("Verdicts"),
            modified=None
            if export.until is None
            else DateTimeField().to_representation(export.until),
            version=export.as_of,
        )
        return ReviewFeed(feed=feed, site=site, wanted=wanted)
