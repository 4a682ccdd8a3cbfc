"""What the applications around Django's have in common: the words of ASGI."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from claims.api.asking import Scope

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]


async def respond(send: Send, status: int, headers: Sequence[Header], body: bytes) -> None:
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})
