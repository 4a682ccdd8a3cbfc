"""The claims of an article as Web Annotations, and passages that annotation tools mark in it."""

import hashlib
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from claims.actions.annotations import file_annotation
from claims.api.composed import composer
from claims.api.idempotency import writes
from claims.api.importing import JsonLdBody
from claims.api.pagination import CURSOR, SIZE, Pages
from claims.api.parsing import StrictJson
from claims.api.preconditions import is_known
from claims.api.rendering import Browsable, Json
from claims.api.resource import Resource
from claims.api.reviews import OrganizationReached, site_of
from claims.api.reviews_out import JsonLd
from claims.errors import Fault, Invalid, NotFound
from claims.formats import annotations
from claims.formats.annotations_in import Marks, read
from claims.formats.annotations_in.checked import check
from claims.formats.annotations_in.reading import is_annotation
from claims.formats.fields import MOST_FAULTS, Body
from claims.models import Appearance, Article, Claim, Snapshot, Speaker, Verdict
from claims.queries import documents

MOST_COUNTED = 10_000  # annotations of one article; of more no total is told

# Source: W3C Web Annotation Protocol, 3.1 and 4.1.
TYPE = '<{}>; rel="type"'
OF_ONE = ", ".join(
    TYPE.format(it)
    for it in ("http://www.w3.org/ns/ldp#Resource", "http://www.w3.org/ns/oa#Annotation")
)
OF_ALL = (
    f"{TYPE.format('http://www.w3.org/ns/ldp#BasicContainer')}, "
    '<http://www.w3.org/TR/annotation-protocol/>; rel="http://www.w3.org/ns/ldp#constrainedBy"'
)
TAKEN = f"{annotations.MEDIA_TYPE}, application/ld+json, application/json"


class SpeakerKnown(serializers.ModelSerializer):
    class Meta:
        model = Speaker
        fields = ["id", "type", "name"]


class SourceTold(serializers.ModelSerializer):
    class Meta:
        model = Article
        fields = ["id", "url"]


class StateTold(serializers.ModelSerializer):
    class Meta:
        model = Snapshot
        fields = ["id", "captured_at"]


class MarkedOut(serializers.ModelSerializer):
    """A passage that a claim was marked in, and whose checker did so."""

    article = SourceTold()
    snapshot = StateTold(allow_null=True)
    organization = OrganizationReached(source="created_by.organization", allow_null=True)

    class Meta:
        model = Appearance
        fields = [
            "id",
            "claim",
            "article",
            "snapshot",
            "exact",
            "prefix",
            "suffix",
            "start",
            "end",
            "organization",
            "created_at",
        ]


class FindingTold(serializers.ModelSerializer):
    organization = OrganizationReached()
    rationale = serializers.CharField(source="rationale.text", allow_null=True)

    class Meta:
        model = Verdict
        fields = [
            "id",
            "organization",
            "outcome",
            "label",
            "rationale",
            "language",
            "issued_at",
        ]


class JudgedOut(serializers.ModelSerializer):
    """A claim and the verdicts that stand."""

    speaker = SpeakerKnown(allow_null=True)
    verdicts = FindingTold(source="standing_verdicts", many=True)

    class Meta:
        model = Claim
        fields = [
            "id",
            "kind",
            "text",
            "language",
            "speech",
            "speaker",
            "verdicts",
            "changed_at",
        ]


class AnnotationIn(Body):
    """A Web Annotation that marks a claim; what it says that nothing can be made of is refused."""

    def to_internal_value(self, data: Any) -> dict[str, Marks]:
        if not is_annotation(data):
            raise Invalid.at("#/type", _('Send a Web Annotation: an object of type "Annotation".'))
        marks = read(data)
        check(marks)
        if marks.wrong:
            faults = [Fault(it.mend, pointer=it.pointer) for it in marks.wrong[:MOST_FAULTS]]
            raise Invalid(_("See errors for each field and its mend."), faults=faults)
        return {"marks": marks}


def objects(description: str, *required: str) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "required": [*required],
        "additionalProperties": True,
    }


ANNOTATION = objects(
    "A W3C Web Annotation, a JSON-LD document that stands by itself.",
    "@context",
    "id",
    "type",
    "motivation",
    "created",
    "body",
    "target",
)
COLLECTION = objects(
    "A W3C AnnotationCollection with its first page in it; by one of the addresses that it and its "
    "pages tell, an AnnotationPage.",
    "@context",
    "id",
    "type",
)
ASKED = objects("A W3C Web Annotation.", "type", "target")


class Annotations(Resource):
    """The claims of an article as Web Annotations, where they are made."""

    resource = "annotations"
    model = Appearance
    answers = MarkedOut
    asks = {"create": AnnotationIn}
    orderings = ("created_at",)
    parser_classes = [StrictJson, JsonLdBody]

    made_of = staticmethod(documents.marked)

    def get_renderers(self) -> Any:
        return [JsonLd(), Json(), Browsable()]

    @extend_schema(
        summary="List the claims of an article as Web Annotations",
        description="In the order in which they were marked. `total` is left out beyond "
        f"{MOST_COUNTED:,}, `startIndex` where a page does not know it.",
        parameters=[
            OpenApiParameter(
                CURSOR,
                {"type": "string", "minLength": 1},
                description="From `next`, `prev` or `last`.",
            )
        ],
        responses={(200, annotations.MEDIA_TYPE): COLLECTION},
    )
    def list(self, request: Request, **_path: str) -> Response | HttpResponse:
        pages = Pages(request, self.orderings)
        self.refuse_parameters(known=(CURSOR, SIZE))
        article = self.parent(Article, "article")
        rows = Appearance.objects.filter(article=article)
        site = site_of(request)
        here = annotations.collection_at(site, article)
        texts, links = composer(MarkedOut, documents.marked).read(pages, rows)
        page = annotations.page(
            at(here, pages.here),
            self.annotations([orjson.loads(it) for it in texts], site),
            part_of=here,
            start_index=0 if pages.is_first(links) else None,
            following=links["next"] and at(here, links["next"]),
            previous=links["previous"] and at(here, links["previous"]),
        )
        if pages.position is not None:
            return self.answering({"@context": annotations.CONTEXT, **page}, {})
        total = rows[: MOST_COUNTED + 1].count()
        first = page if total else None
        last = page["id"] if links["next"] is None else at(here, pages.last())
        collection = annotations.collection(
            here,
            total=None if total > MOST_COUNTED else total,
            first=first,
            last=last if total else None,
        )
        return self.answering(collection, {"Link": OF_ALL, "Accept-Post": TAKEN})

    @extend_schema(
        summary="Read one claim of an article as a Web Annotation",
        responses={(200, annotations.MEDIA_TYPE): ANNOTATION},
    )
    def retrieve(self, request: Request, pk: str, **_path: str) -> Response | HttpResponse:
        self.refuse_parameters(known=())
        document = self.one(self.id_of(pk), self.id_of(self.kwargs["article"]))
        return self.answering(document, {"Link": OF_ONE})

    @extend_schema(
        summary="Mark a claim by a Web Annotation",
        description="Files the claim that it describes, with its passage; of a claim that is "
        "recorded, named by its address, that it appears here too.",
        request={annotations.MEDIA_TYPE: ASKED, "application/json": ASKED},
        responses={(201, annotations.MEDIA_TYPE): ANNOTATION},
    )
    @writes
    def create(self, request: Request, article: str) -> Response:
        asked = self.asked(request)
        appearance = file_annotation(
            article_id=self.id_of(article), marks=asked["marks"], by=self.member
        )
        document = self.one(appearance.pk, appearance.article_id)
        sent = {"Link": OF_ONE, "Location": document["id"], "ETag": tag_of(document)}
        return Response(document, status=201, headers=sent, content_type=self.media_type())

    def one(self, pk: UUID, article: UUID) -> dict[str, Any]:
        """Raises NotFound."""
        site = site_of(self.request)
        found = composer(MarkedOut, documents.marked).documents([pk])
        if not found or (marked := orjson.loads(found[0]))["article"]["id"] != str(article):
            raise NotFound(_("There is nothing with this id."))
        [annotation] = self.annotations([marked], site)
        return {"@context": annotations.CONTEXT, **annotation}

    def annotations(self, marked: Sequence[Any], site: str) -> Sequence[dict[str, Any]]:
        """Each as an annotation."""
        ids = list({UUID(it["claim"]) for it in marked})
        texts = composer(JudgedOut, documents.judged).documents(ids)
        claims = {it["id"]: it for it in map(orjson.loads, texts)}
        return [annotations.annotation(it, claims[it["claim"]], site=site) for it in marked]

    def answering(self, document: Any, headers: dict[str, str]) -> Response | HttpResponse:
        tag = tag_of(document)
        headers = {**headers, "ETag": tag}
        if is_known(self.request, tag):
            return Response(status=304, headers=headers)
        if self.request.accepted_renderer.format == Browsable.format:
            return Response(document, headers=headers)
        body = orjson.dumps(document)
        return HttpResponse(body, content_type=self.media_type(), headers=headers)

    def media_type(self) -> str:
        told: str = self.request.accepted_renderer.media_type
        return annotations.MEDIA_TYPE if told == JsonLd.media_type else told


def tag_of(document: Any) -> str:
    """Made of what is told: more rows than an entity tag of row versions covers."""
    return f'"{hashlib.sha256(orjson.dumps(document)).hexdigest()[:32]}"'


def at(here: str, link: str) -> str:
    """The address of a page, as the collection is addressed from outside."""
    return f"{here}?{urlsplit(link).query}"
