from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from claims.actions.notices import edit_settings, settings_of
from claims.api.idempotency import writes
from claims.api.preconditions import if_match, is_known
from claims.api.resource import Resource
from claims.formats.noticing import NoticesEdit
from claims.models import NoticeSettings
from claims.queries.noticing import addressed
from claims.vocabulary import NoticeKind


class NoticesOut(serializers.ModelSerializer):
    email = serializers.CharField(
        allow_null=True, help_text="Where notices go; null: nowhere, there is no address."
    )
    off = serializers.ListField(child=serializers.ChoiceField(choices=NoticeKind.choices))

    class Meta:
        model = NoticeSettings
        fields = ["email", "language", "time_zone", "digest_hour", "off"]


class Notices(Resource):
    """What you are told by e-mail, as the member that you act as."""

    resource = "notices"
    model = NoticeSettings
    answers = NoticesOut
    asks = {"change": NoticesEdit}

    @extend_schema(summary="Read what you are told by e-mail", responses={200: NoticesOut})
    def show(self, request: Request) -> Response:
        self.refuse_parameters(known=())
        if is_known(request, tag := self.tag_of(self.member.pk)):
            return Response(status=304, headers={"ETag": tag})
        return self.told_settings(settings_of(self.member))

    @extend_schema(
        summary="Change what you are told by e-mail",
        request=NoticesEdit,
        responses={200: NoticesOut},
    )
    @writes
    def change(self, request: Request) -> Response:
        said = edit_settings(
            changes=self.asked(request), by=self.member, if_match=if_match(request)
        )
        return self.told_settings(said)

    def told_settings(self, said: Any) -> Response:
        said.email = addressed(self.member)
        return Response(self.answers(said).data, headers={"ETag": self.tag_of(self.member.pk)})
