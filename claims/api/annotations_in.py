"""Passages that annotation tools marked, imported."""

from io import BytesIO

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from claims.actions.annotations import import_annotations
from claims.actions.tallying import Tally
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
    imported,
    left_out_of,
    refuse_many,
    sent,
    summary,
)
from claims.api.parsing import StrictJson
from claims.api.resource import Resource
from claims.formats.annotations_in import Note, Reason, Source, records
from claims.models import ImportedClaim


class RefusedAnnotationOut(serializers.Serializer):
    place = serializers.CharField(help_text=PLACE)
    url = serializers.CharField(allow_null=True, help_text="Of the article; null: not known.")
    reason = serializers.ChoiceField(choices=[it.word for it in Reason], help_text="Stable.")
    detail = serializers.CharField()


class AnnotationsImportedOut(CameIn):
    """What became of the annotations: imported, there already, or refused."""

    refusals = RefusedAnnotationOut(many=True, help_text=REFUSALS)
    left_out = left_out_of(Note)


ANY = {
    "description": "Web Annotations: one, a list, an AnnotationPage, an AnnotationCollection with "
    "its first page; or what Hypothesis' API answers and its client exports.",
    "oneOf": [{"type": "object", "additionalProperties": True}, {"type": "array", "items": {}}],
}


class AnnotationImports(Resource):
    """Passages as annotation tools mark them."""

    resource = "imports"
    model = ImportedClaim
    answers = AnnotationsImportedOut
    asks = {"annotations": Markup}
    body_limit = settings.LARGE_BODY_LIMIT
    parser_classes = [StrictJson, JsonLdBody, Lines]

    @extend_schema(
        summary="Import annotations",
        description="Of articles that are recorded with their texts. Each annotation is imported, "
        "there already, or refused with its reason; importing it again changes nothing. At most "
        f"{MOST_RECORDS:,}; the command `import_annotations` takes files of any length.",
        request={
            "application/json": ANY,
            "application/ld+json": ANY,
            "application/x-ndjson": {"type": "string"},
        },
        responses={200: AnnotationsImportedOut},
    )
    @writes
    def annotations(self, request: Request) -> Response:
        self.refuse_parameters(known=())
        body = sent(self, request)
        if isinstance(body, Raw):
            source = Source(line_limit=settings.BODY_LIMIT, document_limit=self.body_limit)
            found = [it for part in source.read(BytesIO(body.body)) for it in part.records]
        else:
            found = records(body)
        refuse_many(found)
        tally = Tally()
        refusals = imported(found, import_annotations, tally, by=self.member)
        return Response(AnnotationsImportedOut(summary(tally, refusals)).data)
