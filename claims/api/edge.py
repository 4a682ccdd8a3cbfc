"""The lean edge: plain reads are answered in front of Django, in one statement or two.

It decides nothing by itself. Rights, rates, filters, cursors, documents and entity tags are those
of the resources; whatever is not plain (a browser, a refusal, anything it does not know, a fault
of the database) is left to Django, which answers as if this were not here. Its headers are
learned: the first request of each kind is always Django's.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Protocol
from uuid import UUID

import orjson
import psycopg
import psycopg_pool
from django.conf import settings
from django.core.exceptions import ValidationError

from claims.api.asking import Asking, Scope
from claims.api.authentication import digest_of, usable
from claims.api.lines import Lines, Query
from claims.api.permissions import ByRightsTable
from claims.api.rates import ADD, FORGET, Due, PerCaller
from claims.api.reading import Reading
from claims.api.replicas import Replicas
from claims.errors import Refusal
from claims.formats.composing import Given, Statement
from claims.models import ApiKey, Member

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_LEARNED = 1_000

# One row about who asks, whether there is anything else to tell or not.
WHO = "FROM (SELECT 1) AS one LEFT JOIN ({}) AS who(caller, organization_id) ON true"
NOBODY = WHO.format("SELECT NULL::text, NULL::uuid")
BY_KEY = WHO.format(
    """SELECT row_to_json(c)::text, c.organization_id FROM (
        SELECT k.id, k.scopes, k.expires_at, k.revoked_at,
               m.id AS member, m.organization_id, m.role, m.ended_at
        FROM claims_apikey k JOIN claims_member m ON m.id = k.member_id
        WHERE k.digest = %s) AS c"""
)
DIGEST = Given("digest")

# What a database that is down, or too busy, looks like.
AWAY = (psycopg.Error, psycopg_pool.PoolTimeout)

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


def who(digest: bytes | None) -> Statement:
    return Statement(NOBODY, ()) if digest is None else Statement(BY_KEY, (DIGEST,))


class Edge:
    """An ASGI application around Django's."""

    def __init__(self, app: App, reads: Sequence[Read]) -> None:
        self.app = app
        self.reads = reads
        self.lines = Lines()
        self.replicas = Replicas(self.lines, settings.DATABASE_REPLICAS)
        self.learned: dict[tuple[Any, ...], list[tuple[bytes, bytes]]] = {}
        self.throttle = PerCaller()
        self.rights = ByRightsTable()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        send = self.replicas.telling(scope, send)
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        found = self.kind_of(scope["path"])
        asking = Asking.of(scope) if found else None
        if found is None or asking is None:
            await self.app(scope, receive, send)
            return
        read, path = found
        answer = await self.answer(read, asking, path)
        if answer is None:
            await self.app(scope, receive, send)
            return
        with_key = answer.caller is not None
        kind = (read, answer.status, with_key, asking.language, asking.scheme)
        if (headers := self.learned.get(kind)) is None:
            await self.app(scope, receive, self.learning(kind, send))
            return
        if not await self.is_within_rate(asking):
            await self.app(scope, receive, send)  # which counts it again, and refuses it
            return
        own = [(b"content-length", b"%d" % len(answer.body))]
        if answer.tag is not None:
            own.append((b"etag", answer.tag))
        start = {"type": "http.response.start", "status": answer.status}
        await send({**start, "headers": headers + own})
        await send({"type": "http.response.body", "body": answer.body})

    def kind_of(self, path: str) -> tuple[Read, dict[str, str]] | None:
        for read in self.reads:
            if (found := read.matches(path)) is not None:
                return read, found
        return None

    async def answer(self, read: Read, asking: Asking, path: dict[str, str]) -> Answer | None:
        """None where Django has to answer."""
        try:
            digest = digest_of(asking.authorization)
            if digest is None and self.is_over(asking):
                return None
            answer = await self.replicas.read(
                asking, lambda lines: read.answer(lines, asking, digest, **path)
            )
            if answer is None:
                return None
            if digest is not None:
                asking.user, asking.auth = usable(key_in(answer.caller))
            resource, action = read.right
            self.rights.has_permission(asking, SimpleNamespace(resource=resource, action=action))  # type: ignore[arg-type]
            return answer
        except (Refusal, ValidationError):
            return None
        except AWAY as error:
            logger.warning("a plain read was left to Django: %s", str(error).strip())
            return None

    # Rates

    def is_over(self, asking: Any) -> bool:
        """Before anything is looked up for it."""
        limit = self.throttle.limit(asking, reading=True)
        return self.throttle.is_over(self.throttle.caller(asking), limit, reading=True)

    async def is_within_rate(self, asking: Any) -> bool:
        reading = Reading.of(asking)
        if reading is not None and reading.again:
            return True
        caller = self.throttle.caller(asking)
        total, due = self.throttle.add(caller, reading=True)
        if due is not None:
            try:
                total = await self.exchange(due)
            except AWAY:
                return False
        return total <= self.throttle.limit(asking, reading=True)

    async def exchange(self, due: Due) -> int:
        counted = await self.lines.ask(COUNTING, due._asdict())
        if (before := self.throttle.forget_before()) is not None:
            await self.lines.ask(FORGETTING, {"before": before})
        reads, writes = (int(counted.get_value(0, i) or 0) for i in range(2))
        return self.throttle.learn(due.caller, (reads, writes), reading=True)

    # Headers

    def learning(self, kind: tuple[Any, ...], send: Send) -> Send:
        """`send`, which remembers the headers of an answer of this kind."""

        async def heard(message: Any) -> None:
            if message["type"] == "http.response.start" and message["status"] == kind[1]:
                if len(self.learned) >= MOST_LEARNED:
                    self.learned.clear()
                own = {b"content-length", b"etag"}
                self.learned[kind] = [it for it in message["headers"] if it[0].lower() not in own]
            await send(message)

        return heard


@lru_cache(1_000)  # the same words make the same key; nobody changes it
def key_in(caller: bytes | None) -> ApiKey | None:
    """The key that a statement has found, with its member."""
    if caller is None:
        return None
    told = orjson.loads(caller)
    member = Member(
        id=UUID(told["member"]),
        organization_id=UUID(told["organization_id"]),
        role=told["role"],
        ended_at=instant(told["ended_at"]),
    )
    return ApiKey(
        id=UUID(told["id"]),
        member=member,
        scopes=told["scopes"],
        expires_at=instant(told["expires_at"]),
        revoked_at=instant(told["revoked_at"]),
    )


def instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


COUNTING = Query.of(Statement(ADD, tuple(Given(name) for name in Due._fields)), planned_once=True)
FORGETTING = Query.of(Statement(FORGET, (Given("before"),)), planned_once=False)
