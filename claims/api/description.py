"""Where the OpenAPI description is served, and what it says of what is no resource."""

from typing import Any

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request

from claims.api.rendering import PROBLEM
from claims.api.resource import refuse_parameters
from claims.api.schema import ALLOW


class Description(SpectacularAPIView):
    """The description, as YAML or JSON; in the language that is asked for as everywhere else."""

    # The parent's OPTIONS would tell of the framework, or fail where its answer is a page.
    http_method_names = ["get", "head"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        refuse_parameters(request, known=())


class Docs(SpectacularSwaggerSplitView):
    http_method_names = ["get", "head"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.META["QUERY_STRING"] != "script=":  # where the page has its own script
            refuse_parameters(request, known=())


def add_pages(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """Describe what machines and operators read beside the resources."""
    alive = answer("The process answers.", {"status": {"const": "alive"}})
    ready = answer("It can do its work.", {"status": {"const": "ready"}})
    missing = {"type": ["array", "null"], "items": {"type": "string"}}
    not_ready = answer(
        "It cannot: the database does not answer, or its tables are those of another version.",
        {"status": {"type": "string"}, "missing": missing},
    )
    dossier = {
        "description": "A JSON Schema.",
        "content": {"application/schema+json": {"schema": {"type": "object"}}},
    }
    result["paths"] |= {
        "/livez": page("livez", "Ask whether the process is alive", {"200": alive}),
        "/readyz": page(
            "readyz", "Ask whether it can do its work", {"200": ready, "503": not_ready}
        ),
        "/api/schema/dossier.json": page(
            "dossier_schema", "Read how a dossier is written", {"200": dossier}
        ),
    }
    return result


def page(name: str, summary: str, responses: dict[str, Any]) -> dict[str, Any]:
    refused = {
        "description": "`method-not-allowed`: It can be read, no more.",
        "headers": {"Allow": ALLOW},
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "tags": ["operation"],
            "security": [{}],
            "responses": responses | {"405": refused},
        }
    }


def answer(description: str, fields: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "required": [*fields], "properties": fields}
    return {"description": description, "content": {"application/json": {"schema": schema}}}
