"""Bodies: strict JSON within the size that the resource takes."""

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.parsers import BaseParser

from claims.errors import BadHeader, Fault, NotJson, TooLarge, UnsupportedMediaType
from claims.formats import strict_json


class StrictJson(BaseParser):
    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        assert parser_context is not None
        limit = getattr(parser_context["view"], "body_limit", settings.BODY_LIMIT)
        kind, _sep, _parameters = (media_type or "").partition(";")
        if kind.strip().lower() != self.media_type:  # application/* is no media type of a body
            raise UnsupportedMediaType(_("Send Content-Type: application/json"))
        request = parser_context["request"]._request
        refuse_codings(request)
        body = body_of(request, limit)
        try:
            return strict_json.loads(body)
        except strict_json.NotJson as refused:
            raise NotJson(
                refused.detail, faults=[Fault(refused.detail, pointer=refused.pointer or "#")]
            ) from None


def refuse_codings(request: HttpRequest) -> None:
    """Raises UnsupportedMediaType for what had to be unpacked: a bomb grows a thousandfold."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType(_("Send the body as it is, without Content-Encoding."))


def body_of(request: HttpRequest, limit: int) -> bytes:
    """The whole body. Raises TooLarge, and BadHeader for a Content-Length that is no number."""
    try:
        body = request.body
    except RequestDataTooBig:
        raise too_large(limit) from None
    except ValueError:
        detail = _("Send the number of bytes of the body.")
        raise BadHeader(detail, faults=[Fault(detail, header="Content-Length")]) from None
    if len(body) > limit:
        raise too_large(limit)
    return body


def too_large(limit: int) -> TooLarge:
    return TooLarge(_("The body may have %(limit)d bytes here.") % {"limit": limit})
