from django.conf import settings
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from claims.actions.many import create_speakers
from claims.actions.speakers import create_speaker, edit_speaker
from claims.api.bulk import BULK, RowsOut, counted, filed
from claims.api.filtering import SourceFilters
from claims.api.idempotency import writes
from claims.api.preconditions import if_match
from claims.api.resource import Resource
from claims.formats.requests import SpeakerIn, SpeakersIn
from claims.models import Speaker


class SpeakerRoleOut(serializers.Serializer):
    title = serializers.CharField()
    titles = serializers.DictField(child=serializers.CharField())
    since = serializers.CharField(allow_null=True)
    until = serializers.CharField(allow_null=True)


class SpeakerOut(serializers.ModelSerializer):
    names = serializers.DictField(child=serializers.CharField())
    other_names = serializers.ListField(child=serializers.CharField())
    same_as = serializers.ListField(child=serializers.URLField())
    roles = SpeakerRoleOut(many=True)

    class Meta:
        model = Speaker
        fields = [
            "id",
            "type",
            "name",
            "names",
            "other_names",
            "same_as",
            "roles",
            "created_at",
        ]


@extend_schema_view(
    list=extend_schema(summary="List speakers"),
    retrieve=extend_schema(summary="Read a speaker"),
)
class Speakers(Resource):
    """People and organizations that say things."""

    resource = "speakers"
    model = Speaker
    answers = SpeakerOut
    asks = {"create": SpeakerIn, "partial_update": SpeakerIn, "bulk": SpeakersIn}
    filterset = SourceFilters

    @extend_schema(summary="Record a speaker", request=SpeakerIn)
    @writes
    def create(self, request: Request) -> Response:
        speaker = create_speaker(**self.asked(request), by=self.member)
        return self.created(speaker, at=f"/api/v1/speakers/{speaker.pk}/")

    @extend_schema(
        summary="Record many speakers",
        description=BULK,
        request=SpeakersIn,
        responses={200: RowsOut},
    )
    @action(detail=False, methods=["post"], body_limit=settings.LARGE_BODY_LIMIT)
    @counted
    @writes
    def bulk(self, request: Request) -> Response:
        return filed(self, request, SpeakerIn, create_speakers)

    @extend_schema(summary="Edit a speaker", request=SpeakerIn)
    @writes
    def partial_update(self, request: Request, pk: str) -> Response:
        speaker = edit_speaker(
            speaker_id=self.id_of(pk),
            changes=self.asked(request),
            by=self.member,
            if_match=if_match(request),
        )
        return self.told(speaker)
