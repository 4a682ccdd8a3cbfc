from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from claims.actions.publishers import create_publisher, edit_publisher
from claims.api.filtering import SourceFilters
from claims.api.idempotency import writes
from claims.api.preconditions import if_match
from claims.api.resource import Resource
from claims.formats.requests import PublisherIn
from claims.models import Publisher


class PublisherOut(serializers.ModelSerializer):
    names = serializers.DictField(child=serializers.CharField())

    class Meta:
        model = Publisher
        fields = ["id", "name", "names", "url", "created_at"]


@extend_schema_view(
    list=extend_schema(summary="List publishers"),
    retrieve=extend_schema(summary="Read a publisher"),
)
class Publishers(Resource):
    """Outlets that publish articles."""

    resource = "publishers"
    model = Publisher
    answers = PublisherOut
    asks = {"create": PublisherIn, "partial_update": PublisherIn}
    filterset = SourceFilters

    @extend_schema(summary="Record a publisher", request=PublisherIn)
    @writes
    def create(self, request: Request) -> Response:
        publisher = create_publisher(**self.asked(request), by=self.member)
        return self.created(publisher, at=f"/api/v1/publishers/{publisher.pk}/")

    @extend_schema(summary="Edit a publisher", request=PublisherIn)
    @writes
    def partial_update(self, request: Request, pk: str) -> Response:
        publisher = edit_publisher(
            publisher_id=self.id_of(pk),
            changes=self.asked(request),
            by=self.member,
            if_match=if_match(request),
        )
        return self.told(publisher)
