"""What the OpenAPI description says of public pages and feeds."""

from typing import Any

from claims.api.description import page
from claims.api.filtering import ClaimFilters
from claims.api.rendering import PROBLEM
from claims.api.schema import (
    CACHE_CONTROL,
    ETAG,
    PAGE_SIZE,
    RETRY_AFTER,
)
from claims.api.schema_lists import filter_type, filter_values
from claims.formats.claimreview import MEDIA_TYPE
from claims.formats.feeds import Atom
from claims.web.feeds import FILTERS, JSON_FEED
from claims.web.public import LANG, LANGUAGES

LANGUAGE = {
    "name": LANG,
    "in": "query",
    "description": "The language of its own words; else the one that Accept-Language prefers.",
    "schema": {"type": "string", "enum": [*LANGUAGES]},
}
CLAIM = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "Of the claim.",
    "schema": {"type": "string", "format": "uuid"},
}
KNOWN = {
    "name": "If-None-Match",
    "in": "header",
    "description": "Answer 304 when this is still the version.",
    "schema": {"type": "string"},
}
FEEDS = {
    "verdicts.atom": ("Follow the newest verdicts (Atom)", Atom.content_type.partition(";")[0]),
    "verdicts.json": ("Follow the newest verdicts (JSON Feed 1.1)", JSON_FEED),
    "corrections.atom": (
        "Follow verdicts that took the place of earlier ones, or took them back (Atom)",
        Atom.content_type.partition(";")[0],
    ),
    "corrections.json": (
        "Follow verdicts that took the place of earlier ones, or took them back (JSON Feed 1.1)",
        JSON_FEED,
    ),
    "claimreview.json": ("Follow the newest verdicts as ClaimReview (a DataFeed)", MEDIA_TYPE),
}


def add_feeds(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    result["paths"]["/claims/{id}/"] = public(
        "claim_page", "Read a claim as a page", "text/html", [CLAIM], {"404": "not-found"}
    )
    size = {"name": PAGE_SIZE.name, "in": "query", "schema": PAGE_SIZE.type}
    filters = [size, *map(filter_parameter, FILTERS)]
    for name, (summary, media_type) in FEEDS.items():
        path, operation = f"/feeds/{name}", f"feed_{name.replace('.', '_')}"
        result["paths"][path] = public(operation, summary, media_type, filters, {})
    return result


def filter_parameter(name: str) -> dict[str, Any]:
    field = ClaimFilters.base_filters[name]
    values = filter_values(field)
    schema = {"type": "string", "enum": values} if values else filter_type(field)
    return {"name": name, "in": "query", "schema": schema}


def public(
    name: str,
    summary: str,
    media_type: str,
    parameters: list[dict[str, Any]],
    refusals: dict[str, str],
) -> dict[str, Any]:
    told = {
        "description": "",
        "headers": {"ETag": ETAG, "Cache-Control": CACHE_CONTROL},
        "content": {media_type: {"schema": {"type": "string"}}},
    }
    if "json" in media_type:
        told["content"] = {media_type: {"schema": {"type": "object"}}}
    known = {"description": "You have this version already.", "headers": {"ETag": ETAG}}
    refused = {"400": "bad-parameter", "429": "too-many-requests", "503": "unavailable"} | refusals
    described = page(name, summary, {"200": told, "304": known})
    described["get"] |= {"tags": ["public"], "parameters": [*parameters, LANGUAGE, KNOWN]}
    for status, slug in refused.items():
        described["get"]["responses"][status] = {
            "description": f"`{slug}`",
            "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            **({"headers": {"Retry-After": RETRY_AFTER}} if status in ("429", "503") else {}),
        }
    return described
