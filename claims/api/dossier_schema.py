"""The JSON Schema of dossiers, for editors and programs that make them."""

from django.http import HttpRequest, JsonResponse

from claims.api.problems import read_only
from claims.formats import dossier_schema as formats


@read_only
def dossier_schema(request: HttpRequest) -> JsonResponse:
    return JsonResponse(
        formats.dossier_schema(),
        content_type="application/schema+json",
        json_dumps_params={"ensure_ascii": False},
    )
