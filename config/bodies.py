"""Request bodies are bounded before anything reads them: in size, and in the time they take.

Django would spool a body of any size to disk, wait for its bytes for ever, and read it in any
charset.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.utils.http import parse_header_parameters

from claims.api import problems
from claims.api.google_ways import in_its_words
from claims.errors import BadRequest, Refusal, RequestTimeout, TooLarge, UnsupportedMediaType

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


class Refused(Exception):
    """Ends the application's reading of a body; the answer is ours."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal


class BodyGuard:
    """An ASGI application around another.

    limit: bytes of a body; seconds: from the first reading to the last byte.
    """

    def __init__(self, app: App, *, limit: int, seconds: float) -> None:
        self.app = app
        self.limit = limit
        self.seconds = seconds

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if (length := declared_length(scope)) is not None and length > self.limit:
            await refuse(scope, send, self.too_large())
            return
        if not is_utf8(scope):
            detail = "Bodies are JSON in UTF-8: leave charset out."
            await refuse(scope, send, UnsupportedMediaType(detail))
            return
        guarded = Guarded(self, receive)
        answering = False

        async def sending(message: Message) -> None:
            nonlocal answering
            answering = True
            await send(message)

        try:
            await self.app(scope, guarded, sending)
        except Refused as refused:
            if not answering:
                await refuse(scope, send, refused.refusal)
        else:
            if guarded.cut_off and not answering:
                # Django falls silent then, and the server would call that a fault of ours.
                await refuse(scope, send, BadRequest("The body ended before it was whole."))

    def too_large(self) -> Refusal:
        return TooLarge(f"No body here may have more than {self.limit} bytes.")


class Guarded:
    """`receive` of one request, counting bytes and time until the body is whole."""

    def __init__(self, guard: BodyGuard, receive: Receive) -> None:
        self.guard = guard
        self.receive = receive
        self.deadline: float | None = None
        self.received = 0
        self.whole = False
        self.cut_off = False

    async def __call__(self) -> Message:
        if self.whole:
            return await self.receive()  # waiting for the caller to hang up
        if self.deadline is None:
            self.deadline = asyncio.get_running_loop().time() + self.guard.seconds
        try:
            async with asyncio.timeout_at(self.deadline):
                message = await self.receive()
        except TimeoutError:
            detail = f"The body did not arrive within {self.guard.seconds:g} seconds."
            raise Refused(RequestTimeout(detail)) from None
        if message["type"] == "http.request":
            self.received += len(message.get("body", b""))
            if self.received > self.guard.limit:
                raise Refused(self.guard.too_large())
            self.whole = not message.get("more_body", False)
        else:
            self.cut_off = True
        return message


def declared_length(scope: Message) -> int | None:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return None


def is_utf8(scope: Message) -> bool:
    """Whether the Content-Type names no other charset, nor anything that cannot be read.

    Django takes any codec that Python has for the charset of body and query, even such as make no
    text, and fails where its own error pages do not reach.
    """
    given = [value.decode("latin-1") for name, value in scope["headers"] if name == b"content-type"]
    try:
        charset = parse_header_parameters(",".join(given))[1].get("charset", "utf-8")
    except (LookupError, ValueError):
        return False
    return charset.lower() in {"utf-8", "utf8"}


async def refuse(scope: Message, send: Send, refusal: Refusal) -> None:
    page = in_its_words(scope.get("path", ""), problems.page(refusal))
    headers = [
        (b"content-type", page["Content-Type"].encode()),
        (b"content-length", str(len(page.content)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": page.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": page.content})
