"""For whoever watches the server: is the process alive, and can it do its work?"""

from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse

from claims.api.problems import read_only
from claims.queries import migrating


@read_only
def livez(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers; asks nothing of the database."""
    return JsonResponse({"status": "alive"})


@read_only
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and has the tables that this version needs, else 503."""
    try:
        missing = migrating.missing()
    except DatabaseError:
        told = {"status": "the database does not answer", "missing": None}
        return JsonResponse(told, status=503)
    if missing:
        return JsonResponse({"status": "migrations are missing", "missing": missing}, status=503)
    return JsonResponse({"status": "ready"})
