"""Where to begin: the addresses of everything, for people and programs."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.serializers import Serializer
from rest_framework.viewsets import ViewSet

from claims.api.resource import Resource, refuse_parameters

LISTS = (
    "publishers",
    "articles",
    "speakers",
    "claims",
    "conflicts",
    "corrections",
    "drafts",
    "stats",
    "organizations",
    "api-keys",
    "webhooks",
    "changes",
    "log",
)


class Root(ViewSet):
    """Isnad: who said what, where, and what fact-checkers found."""

    resource = "root"
    serializer_class = Serializer

    options = Resource.options

    @extend_schema(
        summary="List what there is",
        responses={
            200: {
                "type": "object",
                "additionalProperties": {"type": "string", "format": "uri"},
            }
        },
    )
    def list(self, request: Request) -> Response:
        refuse_parameters(request, known=())
        addresses = {name: reverse(f"{name}-list", request=request) for name in LISTS}
        return Response(
            addresses
            | {
                "contests": reverse("desk-contests-list", request=request),
                "queue": reverse("queue-list", request=request),
                "notes": reverse("desk-notes-list", request=request),
                "exports/claims": reverse("exports-claims", request=request),
                "exports/claimreview": reverse("exports-claimreview", request=request),
                "imports": reverse("imports-dossier", request=request),
                "me/notices": reverse("notices", request=request),
                "session": reverse("session", request=request),
                "text/dates": reverse("text-dates", request=request),
                "schema": reverse("schema", request=request),
                "docs": reverse("docs", request=request),
            }
        )
