"""What answers look like on the wire."""

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import BrowsableAPIRenderer, JSONRenderer

from claims.errors import Refusal

PROBLEM = "application/problem+json"


class Json(JSONRenderer):
    """Compact UTF-8 JSON; a problem says so in its media type."""

    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        response = (renderer_context or {}).get("response")
        # The page for browsers has this render the JSON that it shows: that is no problem document.
        if response and response.exception and isinstance(response.accepted_renderer, Json):
            response["Content-Type"] = PROBLEM
        return super().render(data, accepted_media_type, renderer_context)


class Browsable(BrowsableAPIRenderer):
    """The API in a browser. Bodies are typed as JSON: forms would list every speaker there is."""

    def show_form_for_method(self, view: Any, method: str, request: Any, obj: Any) -> bool:
        try:
            return bool(super().show_form_for_method(view, method, request, obj))
        except Refusal:
            return False

    def get_rendered_html_form(self, data: Any, view: Any, method: str, request: Any) -> Any:
        # DELETE and OPTIONS buttons would promise what no resource does.
        return None

    def get_filter_form(self, data: Any, view: Any, request: Any) -> None:
        return None
