"""The ways of Google's clients that no resource has to know: keys in addresses, long addresses, and
refusals in the words that they understand."""

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import Any
from urllib.parse import unquote_plus

import orjson
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from claims.api import problems
from claims.api.parsing import too_large
from claims.api.rendering import PROBLEM, Json
from claims.formats import google

GOOGLE = "v1alpha1"
KEY = "key"
# What gives access and may stand in an address of Google's.
SECRETS = (KEY, "access_token", "oauth_token")
BEARER = "Bearer {}"
# Of an address that was sent as a body, in bytes.
LONGEST = 64_000

GetResponse = Callable[[HttpRequest], Any]


@sync_and_async_middleware
def google_ways(get_response: GetResponse) -> GetResponse:
    """Around everything else, so that whatever fails or logs behind it never had the key."""
    if iscoroutinefunction(get_response):

        async def later(request: HttpRequest) -> HttpResponseBase:
            if not is_google(request.path_info):
                return await awaited(get_response(request))
            refused = taken(request)
            return answered(request, refused or await awaited(get_response(request)))

        return later

    def now(request: HttpRequest) -> HttpResponseBase:
        if not is_google(request.path_info):
            response: HttpResponseBase = get_response(request)
            return response
        return answered(request, taken(request) or get_response(request))

    return now


async def awaited(response: Awaitable[HttpResponseBase]) -> HttpResponseBase:
    return await response


def is_google(path: str) -> bool:
    return path.startswith(f"/{GOOGLE}/")


# Before


def taken(request: HttpRequest) -> HttpResponseBase | None:
    """Puts the request into our ways; a refusal where that cannot be done."""
    if request.method == "POST" and request.headers.get("X-HTTP-Method-Override") == "GET":
        if len(request.body) > LONGEST:
            return problems.page(too_large(LONGEST))
        asked_by_body(request)
    query, key = without_secrets(request.META.get("QUERY_STRING", ""))
    request.META["QUERY_STRING"] = query
    if hasattr(request, "scope"):
        own: Any = request
        own.scope = {**own.scope, "query_string": query.encode("latin-1", "replace")}
    by_header = request.META.pop("HTTP_X_GOOG_API_KEY", None)
    if "HTTP_AUTHORIZATION" not in request.META and (key := by_header or key):
        # No key of ours has other characters; which one it is not makes no difference.
        request.META["HTTP_AUTHORIZATION"] = BEARER.format(key.encode("ascii", "replace").decode())
    vars(request).pop("headers", None)
    return None


def asked_by_body(request: HttpRequest) -> None:
    """Clients send what is asked for as a body, where the address would be longer than 2,048."""
    request.META["QUERY_STRING"] = request.body.decode("latin-1")
    request.META["REQUEST_METHOD"] = request.method = "GET"
    request.META["CONTENT_LENGTH"], request.META["CONTENT_TYPE"] = "0", ""


def without_secrets(query: str) -> tuple[str, str | None]:
    """The query of an address without the values of secrets, and the key.

    Of those that are not taken, and of a key that is sent twice, the names stay: they are refused.
    """
    kept, keys = [], []
    for part in query.split("&"):
        name, _equals, value = part.partition("=")
        plain = unquote_plus(name)
        if plain == KEY:
            keys.append(unquote_plus(value))
        else:
            kept.append(f"{name}=" if plain in SECRETS else part)
    if len(keys) > 1:
        return "&".join([*kept, *(f"{KEY}=" for _ in keys)]), None
    return "&".join(kept), keys[0] if keys else None


# After


def written(document: Any, *, is_pretty: bool = True) -> bytes:
    """JSON as Google sends it, on lines of its own."""
    indent = orjson.OPT_INDENT_2 if is_pretty else 0
    return orjson.dumps(document, option=indent | orjson.OPT_APPEND_NEWLINE)


def answered(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    response["Cache-Control"] = "private"  # addresses with keys are no names of documents
    told: HttpResponseBase = in_its_words(request.path_info, response)
    return told


def in_its_words(path: str, response: Any) -> Any:
    """A refusal of ours in Google's words, where the path is Google's; else the response."""
    if not is_google(path) or response.headers.get("Content-Type") != PROBLEM:
        return response
    problem = orjson.loads(response.content)
    told = google.error(problem, retry_after=response.headers.get("Retry-After"))
    response.status_code = told["error"]["code"]
    response.content = written(told)
    response["Content-Type"] = Json.media_type
    if response.has_header("Content-Length"):
        response["Content-Length"] = str(len(response.content))
    return response
