"""Writes in front of Django: carried out in two round trips, or left to it untouched.

A write is left to Django only where it is certain that nothing was committed.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from django.conf import settings
from django.db import OperationalError
from django.utils import translation

from claims.api import problems
from claims.api.asgi import Header, Receive
from claims.api.asking import Asking
from claims.api.authentication import digest_of, usable
from claims.api.callers import key_in
from claims.api.lines import Lines, OutcomeUnknown, Transaction
from claims.api.policies import AWAY, REFUSED, Policies
from claims.errors import Refusal
from claims.models import Member

# Writes find their rows by keys. Left to itself, PostgreSQL would plan some of them each time,
# because a plan for one set of values looks cheaper, which takes longer than to carry it out.
PLANNED_ONCE = "-c plan_cache_mode=force_generic_plan"

logger = logging.getLogger(__name__)


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


class Writing:
    """Carries out writes, over connections of its own."""

    def __init__(self, policies: Policies) -> None:
        self.policies = policies
        # Apart, so that those who wait for a claim's lock keep no reader waiting.
        self.lines = Lines(settings.EDGE_WRITE_CONNECTIONS, PLANNED_ONCE)

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
            async with self.lines.transaction() as transaction:
                caller, looked = await write.begin(transaction, asked, digest)
                asking.user, asking.auth = usable(key_in(caller))
                self.policies.permit(asking, write.right)
                decided = write.decide(asked, looked, asking.user)
                if await self.policies.is_within_rate(asking, reading=False):
                    written = await write.commit(transaction, asked, decided)
        except (*REFUSED, *AWAY) as error:
            if isinstance(error, AWAY):
                logger.warning("a plain write was left to Django: %s", str(error).strip())
        return written


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
