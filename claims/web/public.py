"""What public pages and feeds have in common: open to all, counted by address, cached by tag."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.utils.translation import gettext as _
from rest_framework.request import Request

from claims.api.pagination import refused
from claims.api.problems import read_only
from claims.api.rendering import Json
from claims.api.resource import Resource

LANG = "lang"
LANGUAGES = tuple(tag for tag, _name in settings.LANGUAGES)


class Public(Resource):
    """Something to read that is no resource of the API, whatever media type is asked for."""

    authentication_classes = []
    permission_classes = []
    schema = None  # it is described by hand (claims.web.description)
    renderer_classes = [Json]  # of problems; all else is made as it is sent

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[Any, str]:
        return Json(), Json.media_type

    @classmethod
    def route(cls, action: str) -> Any:
        return read_only(cls.as_view({"get": action}))

    @contextmanager
    def in_language(self) -> Iterator[str]:
        """The language of its own words: what the address says, else what the browser prefers.

        Raises BadParameter.
        """
        asked = self.request.query_params.get(LANG)
        if asked is not None and asked not in LANGUAGES:
            raise refused(LANG, _("This is none of: %s.") % ", ".join(LANGUAGES))
        with translation.override(asked or translation.get_language()):
            yield str(translation.get_language())

    def sent(
        self,
        body: bytes,
        *,
        media_type: str,
        language: str,
        cached: str,
        modified: datetime | None = None,
    ) -> HttpResponse:
        """The answer, or that the caller has it already. cached: what caches may do with it."""
        response = HttpResponse(body, content_type=media_type)
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        response["ETag"] = tag
        response["Cache-Control"] = cached
        response["Content-Language"] = language
        at = None if modified is None else whole_second(modified)
        if at is not None:
            response["Last-Modified"] = http_date(at)
        answer = get_conditional_response(
            self.request._request, etag=tag, last_modified=at, response=response
        )
        assert isinstance(answer, HttpResponse)
        return answer


def whole_second(instant: datetime) -> int | None:
    """As Last-Modified has it; None of an instant that is so new that its second is not over."""
    if instant > timezone.now() - timedelta(seconds=2):
        return None
    return int(instant.timestamp())
