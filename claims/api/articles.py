from typing import Any

from django.conf import settings
from django.db.models import Expression, Q, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from claims.actions.articles import capture_snapshot, edit_article, file_article
from claims.actions.many import create_articles
from claims.api.bulk import BULK, RowsOut, counted, filed
from claims.api.dates import FoundDates, dates_of
from claims.api.filtering import ArticleFilters
from claims.api.idempotency import writes
from claims.api.preconditions import if_match
from claims.api.resource import Resource
from claims.api.suggestions import SuggestionsOut
from claims.formats.answers import Hex, Part, PublisherNamed
from claims.formats.composing import At, Literal, when
from claims.formats.requests import (
    ArticleIn,
    ArticlesIn,
    ArticleWithText,
    SnapshotIn,
    SuggestionsIn,
)
from claims.models import Article, Snapshot
from claims.queries import documents
from claims.queries.suggesting import suggestions_for


@extend_schema_field(serializers.BooleanField())
class Withheld(serializers.Field):
    """Whether the text is kept back; hash and length are known all the same."""

    def to_representation(self, snapshot: Snapshot) -> bool:
        return snapshot.withheld

    def composed(self, at: At) -> Expression:
        return when(Q(content__isnull=True), Literal("true"), "false")


class SnapshotOut(serializers.ModelSerializer):
    sha256 = Hex()
    withheld = Withheld(source="*", read_only=True)

    class Meta:
        model = Snapshot
        fields = ["id", "article", "sha256", "length", "captured_at", "withheld"]


class SnapshotWithText(SnapshotOut):
    text = serializers.CharField(source="content.text", default=None, allow_null=True)

    class Meta(SnapshotOut.Meta):
        fields = [*SnapshotOut.Meta.fields, "text"]


class SnapshotInside(SnapshotOut):
    class Meta(SnapshotOut.Meta):
        fields = ["id", "sha256", "length", "captured_at", "withheld"]


@extend_schema_field(SnapshotInside(allow_null=True))
class NewestSnapshot(Part):
    """The newest snapshot of an article; null before the first."""

    document = SnapshotInside


class ArticleOut(serializers.ModelSerializer):
    publisher = PublisherNamed()
    snapshot = NewestSnapshot(source="newest_snapshots")

    class Meta:
        model = Article
        fields = [
            "id",
            "publisher",
            "headline",
            "language",
            "date_published",
            "url",
            "snapshot",
            "created_at",
        ]


@extend_schema_view(
    list=extend_schema(summary="List articles"),
    retrieve=extend_schema(summary="Read an article"),
)
class Articles(Resource):
    """Published pieces. What they said at an instant is a snapshot."""

    resource = "articles"
    model = Article
    answers = ArticleOut
    asks = {
        "create": ArticleWithText,
        "bulk": ArticlesIn,
        "partial_update": ArticleIn,
        "suggestions": SuggestionsIn,
    }
    searched = True
    filterset = ArticleFilters
    body_limit = settings.LARGE_BODY_LIMIT

    made_of = staticmethod(documents.articles)

    @extend_schema(summary="File an article", request=ArticleWithText)
    @writes
    def create(self, request: Request) -> Response:
        article = file_article(**self.asked(request), by=self.member)
        return self.created(article, at=f"/api/v1/articles/{article.pk}/")

    @extend_schema(
        summary="File many articles", description=BULK, request=ArticlesIn, responses={200: RowsOut}
    )
    @action(detail=False, methods=["post"], body_limit=settings.LARGE_BODY_LIMIT)
    @counted
    @writes
    def bulk(self, request: Request) -> Response:
        return filed(self, request, ArticleWithText, create_articles)

    @extend_schema(summary="Edit an article", request=ArticleIn)
    @writes
    def partial_update(self, request: Request, pk: str) -> Response:
        article = edit_article(
            article_id=self.id_of(pk),
            changes=self.asked(request),
            by=self.member,
            if_match=if_match(request),
        )
        return self.told(article)

    @extend_schema(
        summary="Propose claims of an article's text",
        description="Its quotations and what it reports others to say, in order, each as the body "
        "that `POST /api/v1/claims/` takes. Nothing is stored.",
        request=SuggestionsIn,
        responses={200: SuggestionsOut},
    )
    @action(detail=True, methods=["post"])
    def suggestions(self, request: Request, pk: str) -> Response:
        self.kwargs["pk"] = pk
        article = self.parent(Article, "pk")
        return Response(SuggestionsOut(suggestions_for(article, **self.asked(request))).data)


@extend_schema_view(
    list=extend_schema(summary="List the snapshots of an article", description="Without texts."),
    retrieve=extend_schema(summary="Read a snapshot, with its text unless that is withheld"),
)
class Snapshots(Resource):
    """What an article said at an instant, verbatim."""

    resource = "snapshots"
    model = Snapshot
    asks = {"create": SnapshotIn}
    orderings = ("-captured_at", "captured_at")
    body_limit = settings.LARGE_BODY_LIMIT

    @property
    def answers(self) -> type[SnapshotOut]:  # type: ignore[override]
        return SnapshotOut if self.action == "list" else SnapshotWithText

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(article_id=self.parent(Article, "article"))

    @extend_schema(
        summary="Find the dates in the text of a snapshot",
        description="Told against the day on which its article was published.",
        responses={200: FoundDates},
    )
    @action(detail=True, methods=["get"])
    def dates(self, request: Request, pk: str, **_path: str) -> Response:
        self.refuse_parameters(known=())
        snapshot = self.row(self.id_of(pk))
        return dates_of(request, snapshot, snapshot.article)

    @extend_schema(summary="Capture what an article says now", request=SnapshotIn)
    @writes
    def create(self, request: Request, article: str) -> Response:
        snapshot = capture_snapshot(
            article_id=self.id_of(article), **self.asked(request), by=self.member
        )
        return self.created(
            snapshot, at=f"/api/v1/articles/{snapshot.article_id}/snapshots/{snapshot.pk}/"
        )
