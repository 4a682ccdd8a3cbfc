"""What a page of the feed tells whoever waits behind its request for the next one."""

from dataclasses import dataclass
from typing import Any, ClassVar, cast


@dataclass(slots=True)
class Reading:
    """Handed through in the ASGI scope, and filled in by the page.

    again: the caller made one request, and this is a later look on its behalf.
    """

    KEY: ClassVar[str] = "isnad.reading"

    again: bool = False
    found: int = 0
    last: int = 0
    head: int = 0

    @classmethod
    def of(cls, request: Any) -> "Reading | None":
        """The one behind a request of Django REST framework, if any."""
        return cast("Reading | None", getattr(request._request, "scope", {}).get(cls.KEY))
