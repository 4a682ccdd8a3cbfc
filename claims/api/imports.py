from dataclasses import asdict

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from claims.actions.dossiers import import_dossier
from claims.api.idempotency import writes
from claims.api.resource import Resource
from claims.formats import dossier
from claims.models import DossierEntry


class SummaryOut(serializers.Serializer):
    """What became of the entries, counted by kind."""

    added = serializers.DictField(child=serializers.IntegerField())
    known = serializers.DictField(
        child=serializers.IntegerField(), help_text="Imported before: left as they are."
    )
    changed = serializers.ListField(
        child=serializers.CharField(),
        help_text="Imported before with other words: the record keeps the first.",
    )
    left_out = serializers.ListField(
        child=serializers.CharField(),
        help_text="Verdicts on claims that your organization has judged itself, which stands.",
    )


class Imports(Resource):
    """Files that hold many things at once."""

    resource = "imports"
    model = DossierEntry
    answers = SummaryOut
    asks = {"dossier": dossier.Dossier}
    body_limit = settings.LARGE_BODY_LIMIT

    @extend_schema(
        summary="Import a dossier",
        description="All of it or nothing. Importing it again adds nothing.",
        request=dossier.Dossier,
        responses={200: SummaryOut},
    )
    @writes
    def dossier(self, request: Request) -> Response:
        summary = import_dossier(self.asked(request), by=self.member)
        return Response(SummaryOut(asdict(summary)).data)
