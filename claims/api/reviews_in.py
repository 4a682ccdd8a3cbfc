"""Reviews of other organizations, imported, and markup that is checked before it is published."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from claims.actions.reviews import ReviewTally, import_reviews
from claims.api.idempotency import writes
from claims.api.importing import (
    MOST_RECORDS,
    PLACE,
    REFUSALS,
    CameIn,
    JsonLdBody,
    Lines,
    Markup,
    Raw,
    Verbatim,
    imported,
    left_out_of,
    refuse_many,
    sent,
    summary,
)
from claims.api.parsing import StrictJson
from claims.api.resource import Resource
from claims.errors import BadParameter, Fault, UnsupportedMediaType
from claims.formats import claimreview_in
from claims.formats.claimreview_in import Note, Reason, Record, Source, documents, tables
from claims.formats.claimreview_in.checked import LEVELS
from claims.formats.claimreview_in.lint import MOST_FINDINGS, faults_of
from claims.models import ImportedClaim

MAPPING = "mapping"


class Page(Verbatim):
    media_type = "text/html"


class Table(Verbatim):
    media_type = "text/csv"


class RefusedOut(serializers.Serializer):
    place = serializers.CharField(help_text=PLACE)
    url = serializers.CharField(allow_null=True, help_text="Of the review; null: not known.")
    reason = serializers.ChoiceField(choices=[it.word for it in Reason], help_text="Stable.")
    detail = serializers.CharField()


class UnknownOut(serializers.Serializer):
    site = serializers.CharField(help_text="Whose label it is.")
    label = serializers.CharField(  # type: ignore[assignment]
        help_text="Empty: a whole text in the place of a label."
    )
    count = serializers.IntegerField(help_text="Of how many records.")


class ImportedOut(CameIn):
    """What became of the records: imported, there already, or refused."""

    refusals = RefusedOut(many=True, help_text=REFUSALS)
    left_out = left_out_of(Note)
    unknown = UnknownOut(
        many=True,
        help_text="Ratings that no table knows, so inconclusive, the most frequent first.",
    )


class FindingOut(serializers.Serializer):
    pointer = serializers.CharField(help_text="What is wrong, or where something is missing.")
    rule = serializers.CharField(help_text="The rule that is broken; stable.")
    level = serializers.ChoiceField(
        choices=LEVELS,
        help_text="`required`: readers of the markup will not take it so; `recommended`: they lose "
        "something.",
    )
    why = serializers.CharField(help_text="What is wrong.")
    mend = serializers.CharField(help_text="How to mend it.")


class CheckedOut(serializers.Serializer):
    """What is wrong with the markup of reviews."""

    reviews = serializers.IntegerField(help_text="How many the document holds.")
    findings = FindingOut(many=True, help_text="In the order of the document.")
    complete = serializers.BooleanField(
        help_text=f"Whether these are all: the first {MOST_FINDINGS} are told."
    )


# Whatever else it is, is judged too, and not refused.
ANY = {
    "description": "ClaimReview of schema.org, in any of its shapes: one, a list, `@graph`, a "
    "DataFeed; or claims as Google's Fact Check Tools API tells them.",
}
TEXT = {"type": "string"}
JSON_BODIES = {"application/json": ANY, "application/ld+json": ANY}


class ReviewImports(Resource):
    """Reviews as others publish them."""

    resource = "imports"
    model = ImportedClaim
    answers = ImportedOut
    asks = {"claimreview": Markup, "check": Markup}
    body_limit = settings.LARGE_BODY_LIMIT
    parser_classes = [StrictJson, JsonLdBody, Lines, Page, Table]

    @extend_schema(
        summary="Import reviews of other organizations",
        description="Each record is imported, there already, or refused with its reason; importing "
        f"it again changes nothing. At most {MOST_RECORDS:,} records; the command "
        "`import_claimreview` takes files of any length.",
        parameters=[
            OpenApiParameter(
                MAPPING,
                {"type": "string", "enum": tables.names()},
                description="Of a table: which columns it has.",
            )
        ],
        request={
            **JSON_BODIES,
            "application/x-ndjson": TEXT,
            "text/html": TEXT,
            "text/csv": TEXT,
        },
        responses={200: ImportedOut},
    )
    @writes
    def claimreview(self, request: Request) -> Response:
        self.refuse_parameters(known=(MAPPING,))
        records = self.records(request)
        tally = ReviewTally()
        refusals = imported(records, import_reviews, tally, by=self.member)
        return Response(ImportedOut(told(tally, refusals)).data)

    @extend_schema(
        summary="Check ClaimReview markup",
        description="What rules it breaks, where, and how to mend it; nothing is stored.",
        request=JSON_BODIES,
        responses={200: CheckedOut},
    )
    def check(self, request: Request) -> Response:
        self.refuse_parameters(known=())
        document = sent(self, request)
        if isinstance(document, Raw):
            raise UnsupportedMediaType(_("Send the markup as JSON."))
        count, findings = faults_of(document, self.table(), timezone.now().date())
        found = {
            "reviews": count,
            "findings": [it._asdict() for it in findings],
            "complete": len(findings) < MOST_FINDINGS,
        }
        return Response(CheckedOut(found).data)

    def table(self) -> claimreview_in.Outcomes:
        return claimreview_in.outcomes(settings.CLAIMREVIEW_OUTCOMES or None)

    def records(self, request: Request) -> Sequence[Record]:
        """What the body holds. Raises NotJson, BadParameter, TooLarge."""
        body, mapping = sent(self, request), self.mapping(request)
        if not isinstance(body, Raw):
            if mapping is not None:
                rows = body if isinstance(body, list) else [body]
                records = [
                    mapping.record(row, f"#/{i}", self.table()) for i, row in enumerate(rows)
                ]
            else:
                records = documents.records(body, self.table())
        else:
            if body.kind == Table.media_type and mapping is None:
                detail = _("Say which columns the table has: %s.") % ", ".join(tables.names())
                raise BadParameter(detail, faults=[Fault(detail, parameter=MAPPING)])
            source = Source(
                outcomes=self.table(),
                line_limit=settings.BODY_LIMIT,
                document_limit=self.body_limit,
                charset=body.charset,
                mapping=mapping if mapping is None else mapping.read_as(body.kind),
            )
            parts = source.read(BytesIO(body.body))
            records = [record for part in parts for record in part.records]
        refuse_many(records)
        return records

    def mapping(self, request: Request) -> tables.TableMapping | None:
        """Of the project's own alone: a file on the server is nobody's to name."""
        name = request.query_params.get(MAPPING)
        if name is None:
            return None
        if name not in tables.names():
            detail = _("There is no such mapping. There are: %s.") % ", ".join(tables.names())
            raise BadParameter(detail, faults=[Fault(detail, parameter=MAPPING)])
        return tables.mapping(name)


def told(tally: ReviewTally, refusals: Sequence[dict[str, Any]]) -> dict[str, Any]:
    unknown = [
        {"site": site, "label": label, "count": count}
        for (site, label), count in tally.unknown.most_common()
    ]
    return summary(tally, refusals) | {"unknown": unknown}
