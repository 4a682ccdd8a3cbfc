"""The lean edge: plain reads and verdicts are answered in front of Django, in few statements.

It decides nothing by itself. Rights, rates, filters, cursors, documents and entity tags are those
of the resources; whatever is not plain (a browser, a refusal, anything it does not know, a fault
of the database) is left to Django, which answers as if this were not here. Its headers are
learned: the first request of each kind is always Django's.

A write is left to Django only where it is certain that nothing was committed.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Protocol, cast
from uuid import UUID

import orjson
import psycopg
import psycopg_pool
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import OperationalError
from django.utils import translation
from rest_framework import serializers

from claims.api import problems
from claims.api.asking import Asking, Scope
from claims.api.authentication import digest_of, usable
from claims.api.lines import Lines, OutcomeUnknown, Transaction
from claims.api.permissions import ByRightsTable
from claims.api.queries import Query
from claims.api.rates import ADD, FORGET, Due, PerCaller
from claims.api.reading import Reading
from claims.api.replicas import Replicas
from claims.errors import Refusal
from claims.formats import strict_json
from claims.formats.composing import Given, Statement
from claims.models import ApiKey, Member
from claims.models.base import partial

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]

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

# Writes find their rows by keys. Left to itself, PostgreSQL would plan some of them each time,
# because a plan for one set of values looks cheaper, which takes longer than to carry it out.
PLANNED_ONCE = "-c plan_cache_mode=force_generic_plan"

# What a database that is down, or too busy, looks like.
AWAY = (psycopg.Error, psycopg_pool.PoolTimeout)

# What is said no to, in the words of Django alone.
REFUSED = (Refusal, ValidationError, serializers.ValidationError, strict_json.NotJson)

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


class Write(Protocol):
    """One kind of plain write. right: its place in the rights table; body_limit: in bytes."""

    right: tuple[str, str]
    body_limit: int

    def matches(self, path: str) -> dict[str, str] | None: ...

    def asked(self, asking: Asking, body: bytes, **path: str) -> Any:
        """Raises Refusal, NotJson, ValidationError."""
        ...

    async def begin(
        self, transaction: Transaction, asked: Any, digest: bytes
    ) -> tuple[bytes | None, bytes | None]:
        """Lock, and look: who asks, and what the decision depends on. Raises psycopg.Error."""
        ...

    def decide(self, asked: Any, looked: bytes | None, by: Member) -> Any:
        """Raises Refusal."""
        ...

    async def commit(self, transaction: Transaction, asked: Any, decided: Any) -> "Written":
        """Raises OutcomeUnknown; psycopg.Error where nothing was committed."""
        ...


@dataclass(frozen=True, slots=True)
class Written:
    """What is answered with 201."""

    body: bytes
    tag: bytes
    location: bytes


class Edge:
    """An ASGI application around Django's."""

    def __init__(self, app: App, reads: Sequence[Read], writes: Sequence[Write] = ()) -> None:
        self.app = app
        self.reads = reads
        self.writes = writes
        self.lines = Lines(settings.EDGE_CONNECTIONS)
        # Apart, so that those who wait for a claim's lock keep no reader waiting.
        self.writing = Lines(settings.EDGE_WRITE_CONNECTIONS, PLANNED_ONCE)
        self.replicas = Replicas(self.lines, settings.DATABASE_REPLICAS)
        self.learned: dict[tuple[Any, ...], list[Header]] = {}
        self.throttle = PerCaller()
        self.rights = ByRightsTable()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
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
        if not await self.is_within_rate(asking, reading=True):
            await self.app(scope, receive, send)  # which counts it again, and refuses it
            return
        own = [] if answer.tag is None else [(b"etag", answer.tag)]
        await respond(send, answer.status, headers + own, answer.body)

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
            self.permit(asking, read.right)
            return answer
        except REFUSED:
            return None
        except AWAY as error:
            logger.warning("a plain read was left to Django: %s", str(error).strip())
            return None

    def permit(self, asking: Any, right: tuple[str, str]) -> None:
        """Raises Refusal."""
        resource, action = right
        view = SimpleNamespace(resource=resource, action=action)
        self.rights.has_permission(asking, view)

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
            written = None if text is None else await self.carry_out(write, path, asking, text)
        except OutcomeUnknown as unknown:
            await respond(send, *unavailable(unknown, headers))
            return
        if written is None:
            await self.app(scope, body.again, send)
            return
        own = [(b"location", written.location), (b"etag", written.tag)]
        await respond(send, 201, headers + own, written.body)

    async def carry_out(
        self, write: Write, path: dict[str, str], asking: Any, body: bytes
    ) -> Written | None:
        """None where Django has to answer: nothing is written then. Raises OutcomeUnknown."""
        written = None
        try:
            digest = digest_of(asking.authorization)
            if digest is None or asking.sent[b"content-length"] != b"%d" % len(body):
                return None
            asked = write.asked(asking, body, **path)
            async with self.writing.transaction() as transaction:
                caller, looked = await write.begin(transaction, asked, digest)
                asking.user, asking.auth = usable(key_in(caller))
                self.permit(asking, write.right)
                decided = write.decide(asked, looked, asking.user)
                if await self.is_within_rate(asking, reading=False):
                    written = await write.commit(transaction, asked, decided)
        except (*REFUSED, *AWAY) as error:
            if isinstance(error, AWAY):
                logger.warning("a plain write was left to Django: %s", str(error).strip())
        return written

    # Rates

    def is_over(self, asking: Any) -> bool:
        """Before anything is looked up for it."""
        limit = self.throttle.limit(asking, reading=True)
        return self.throttle.is_over(self.throttle.caller(asking), limit, reading=True)

    async def is_within_rate(self, asking: Any, *, reading: bool) -> bool:
        look = Reading.of(asking)
        if look is not None and look.again:
            return True
        caller = self.throttle.caller(asking)
        total, due = self.throttle.add(caller, reading=reading)
        if due is not None:
            try:
                total = await self.exchange(due, reading=reading)
            except AWAY:
                return False
        return total <= self.throttle.limit(asking, reading=reading)

    async def exchange(self, due: Due, *, reading: bool) -> int:
        counted = await self.lines.ask(COUNTING, due._asdict())
        if (before := self.throttle.forget_before()) is not None:
            await self.lines.ask(FORGETTING, {"before": before})
        reads, writes = (int(counted.get_value(0, i) or 0) for i in range(2))
        return self.throttle.learn(due.caller, (reads, writes), reading=reading)

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


class Body:
    """The body of a request, which can be told once more."""

    def __init__(self, receive: Receive) -> None:
        self.receive = receive
        self.heard: list[Any] = []

    async def read(self, most: int) -> bytes | None:
        """None where it has more bytes than that, or does not end."""
        parts: list[bytes] = []
        while True:
            message = await self.receive()
            self.heard.append(message)
            if message["type"] != "http.request":
                return None
            parts.append(message.get("body", b""))
            if sum(map(len, parts)) > most:
                return None
            if not message.get("more_body", False):
                return b"".join(parts)

    async def again(self) -> Any:
        """`receive` of who reads it anew."""
        return self.heard.pop(0) if self.heard else await self.receive()


def is_plain_json(sent: Mapping[bytes, bytes]) -> bool:
    """Whether the headers say that a body of JSON, whole and of known length, comes with a key."""
    return (
        sent.get(b"content-type") == b"application/json"
        and sent.keys() >= {b"authorization", b"content-length"}
        and sent.keys().isdisjoint({b"transfer-encoding", b"idempotency-key"})
    )


async def respond(send: Send, status: int, headers: Sequence[Header], body: bytes) -> None:
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


def unavailable(
    unknown: OutcomeUnknown, headers: Sequence[Header]
) -> tuple[int, list[Header], bytes]:
    """What Django answers when it loses the database, to who gets these headers else."""
    told = {name.lower(): value for name, value in headers}
    with translation.override(told.get(b"content-language", b"en").decode()):
        page = problems.page(cast(Refusal, problems.refusal_for(OperationalError(str(unknown)))))
    own = {name.lower().encode(): value.encode() for name, value in page.headers.items()}
    kept = [(name, value) for name, value in headers if name.lower() not in own]
    return page.status_code, [*kept, *own.items()], page.content


@lru_cache(1_000)  # the same words make the same key; nobody changes it
def key_in(caller: bytes | None) -> ApiKey | None:
    """The key that a statement has found, with its member."""
    if caller is None:
        return None
    told = orjson.loads(caller)
    member = partial(
        Member,
        id=UUID(told["member"]),
        organization_id=UUID(told["organization_id"]),
        role=told["role"],
        ended_at=instant(told["ended_at"]),
    )
    key = partial(
        ApiKey,
        id=UUID(told["id"]),
        scopes=told["scopes"],
        expires_at=instant(told["expires_at"]),
        revoked_at=instant(told["revoked_at"]),
    )
    key.member = member
    return key


def instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


COUNTING = Query.of(Statement(ADD, tuple(Given(name) for name in Due._fields)), planned_once=True)
FORGETTING = Query.of(Statement(FORGET, (Given("before"),)), planned_once=False)
