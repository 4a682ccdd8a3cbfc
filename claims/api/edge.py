"""The lean edge: plain reads and verdicts are answered in front of Django, in few statements.

It decides nothing by itself. Rights, rates, filters, cursors, documents and entity tags are those
of the resources; whatever is not plain (a browser, a refusal, anything it does not know, a fault
of the database) is left to Django, which answers as if this were not here. Its headers are
learned: the first request of each kind is always Django's.
"""

import logging
from collections.abc import Sequence
from typing import Any, Protocol

from django.conf import settings

from claims.api.asgi import App, Header, Receive, Send, respond
from claims.api.asking import Asking, Scope
from claims.api.authentication import digest_of, usable
from claims.api.callers import key_in
from claims.api.lines import Lines, OutcomeUnknown
from claims.api.policies import AWAY, REFUSED, Policies
from claims.api.replicas import Replicas
from claims.api.writing import Body, Write, Writing, is_plain_json, unavailable

MOST_LEARNED = 1_000

logger = logging.getLogger(__name__)


class Answer(Protocol):
    """caller: who asks, as the statement found it; None where no key was sent."""

    caller: bytes | None
    status: int
    body: bytes
    tag: bytes | None


class Read(Protocol):
    """One kind of plain read. right: its place in the rights table."""

    right: tuple[str, str]

    def matches(self, path: str) -> dict[str, str] | None:
        """What the path says, where it is one of this kind."""
        ...

    async def answer(
        self, lines: Lines, asking: Asking, digest: bytes | None, **path: str
    ) -> Answer | None:
        """None where Django has to look. Raises Refusal, ValidationError, psycopg.Error."""
        ...


class Edge:
    """An ASGI application around Django's."""

    def __init__(self, app: App, reads: Sequence[Read], writes: Sequence[Write] = ()) -> None:
        self.app = app
        self.reads = reads
        self.writes = writes
        self.lines = Lines(settings.EDGE_CONNECTIONS)
        self.exporting = Lines(settings.EXPORT_CONNECTIONS)
        self.policies = Policies(self.lines)
        self.writing = Writing(self.policies)
        self.replicas = Replicas(self.lines, settings.DATABASE_REPLICAS)
        self.learned: dict[tuple[Any, ...], list[Header]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[Lines.KEY] = self.exporting
        send = self.replicas.telling(scope, send)
        if scope["type"] != "http" or scope["method"] not in {"GET", "POST"}:
            await self.app(scope, receive, send)
            return
        reading = scope["method"] == "GET"
        kinds: Sequence[Any] = self.reads if reading else self.writes
        matching = ((kind, kind.matches(scope["path"])) for kind in kinds)
        found = next((it for it in matching if it[1] is not None), None)
        asking = Asking.of(scope) if found else None
        if found is None or asking is None:
            await self.app(scope, receive, send)
        elif reading:
            await self.read(*found, asking, receive, send)
        else:
            await self.write(*found, asking, receive, send)

    # Reading

    async def read(
        self, read: Read, path: dict[str, str], asking: Asking, receive: Receive, send: Send
    ) -> None:
        scope = asking.scope
        answer = await self.answer(read, asking, path)
        if answer is None:
            await self.app(scope, receive, send)
            return
        with_key = answer.caller is not None
        kind = (read, answer.status, with_key, asking.language, asking.scheme, asking.accept)
        if (headers := self.learned.get(kind)) is None:
            await self.app(scope, receive, self.learning(kind, send))
            return
        if not await self.policies.is_within_rate(asking, reading=True):
            await self.app(scope, receive, send)  # which counts it again, and refuses it
            return
        own = [] if answer.tag is None else [(b"etag", answer.tag)]
        await respond(send, answer.status, headers + own, answer.body)

    async def answer(self, read: Read, asking: Asking, path: dict[str, str]) -> Answer | None:
        """None where Django has to answer."""
        try:
            digest = digest_of(asking.authorization)
            if digest is None and self.policies.is_over(asking):
                return None
            answer = await self.replicas.read(
                asking, lambda lines: read.answer(lines, asking, digest, **path)
            )
            if answer is None:
                return None
            if digest is not None:
                asking.user, asking.auth = usable(key_in(answer.caller))
            self.policies.permit(asking, read.right)
            return answer
        except REFUSED:
            return None
        except AWAY as error:
            logger.warning("a plain read was left to Django: %s", str(error).strip())
            return None

    # Writing

    async def write(
        self, write: Write, path: dict[str, str], asking: Asking, receive: Receive, send: Send
    ) -> None:
        scope, body = asking.scope, Body(receive)
        kind = (write, 201, True, asking.language, asking.scheme)
        if not is_plain_json(asking.sent):
            await self.app(scope, receive, send)
            return
        if (headers := self.learned.get(kind)) is None:
            await self.app(scope, receive, self.learning(kind, send))
            return
        text = await body.read(write.body_limit)
        try:
            carry_out = self.writing.carry_out
            written = None if text is None else await carry_out(write, path, asking, text)
        except OutcomeUnknown as unknown:
            await respond(send, *unavailable(unknown, headers))
            return
        if written is None:
            await self.app(scope, body.again, send)
            return
        own = [(b"location", written.location), (b"etag", written.tag)]
        await respond(send, 201, headers + own, written.body)

    # Headers

    def learning(self, kind: tuple[Any, ...], send: Send) -> Send:
        """`send`, which remembers the headers of an answer of this kind."""

        async def heard(message: Any) -> None:
            if message["type"] == "http.response.start" and message["status"] == kind[1]:
                if len(self.learned) >= MOST_LEARNED:
                    self.learned.clear()
                own = {b"content-length", b"etag", b"location"}
                self.learned[kind] = [it for it in message["headers"] if it[0].lower() not in own]
            await send(message)

        return heard
