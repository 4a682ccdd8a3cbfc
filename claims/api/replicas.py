"""Plain reads, spread over streaming replicas of PostgreSQL; everything else stays on the primary.

A replica is read from only while it is known to have everything that was committed
`REPLICA_MAX_LAG` seconds ago. Whoever has written reads from one that has the write, or from the
primary. Positions are those of PostgreSQL's write-ahead log (pg_lsn), here as numbers.
"""

import asyncio
import hashlib
import logging
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import psycopg
from django.conf import settings
from django.utils.translation import gettext as _

from claims.api.asking import Asking, Scope
from claims.api.lines import Lines
from claims.api.queries import Query
from claims.api.reading import Reading
from claims.errors import BadHeader, Fault
from claims.formats.composing import Statement
from claims.queries.connecting import parameters_of

Send = Callable[[Any], Awaitable[None]]
T = TypeVar("T")

HEADER = "Isnad-Position"
POSITION = re.compile("([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})")
BEYOND_ALL = 1 << 64
SAFE = {"GET", "HEAD", "OPTIONS"}

# Seconds.
NEVER = float("-inf")
PATIENCE = 5.0  # with a replica that says nothing
LOOK_EVERY = 1.0  # at most; four times within REPLICA_MAX_LAG
RETRY = 1.0  # to connect
PAUSE = 0.02  # in which a write may still arrive at a replica

MOST_WRITERS = 10_000

# The end of what is committed, on the primary. What is not flushed is not sent to replicas, so
# that they would seem late; where commits do not wait for that, it may be a commit all the same.
WRITTEN = """SELECT CASE current_setting('synchronous_commit')
    WHEN 'off' THEN pg_current_wal_insert_lsn() ELSE pg_current_wal_flush_lsn() END"""
REPLAYED = "SELECT pg_last_wal_replay_lsn(), pg_is_in_recovery()"

logger = logging.getLogger(__name__)


class Replicas:
    """The replicas of one primary, as one event loop knows them; there may be none."""

    def __init__(self, primary: Lines, databases: Sequence[dict[str, Any]]) -> None:
        self.primary = primary
        self.all = [Replica(database, primary) for database in databases]
        self.watching: list[asyncio.Task[None]] = []
        self.writers: OrderedDict[bytes, tuple[int, float]] = OrderedDict()
        self.turn = 0

    # Reading

    async def read(self, asking: Asking, ask: Callable[[Lines], Coroutine[Any, Any, T]]) -> T:
        """What `ask` reads, from a replica or from the primary. Raises BadHeader.

        Followers are woken by what the primary has: on a replica they could only look too early.
        """
        if not self.all or Reading.of(asking) is not None:
            return await ask(self.primary)
        if not self.watching:
            self.watching = [asyncio.create_task(replica.watch()) for replica in self.all]
        after = max(position_asked(asking), self.written_by(asking.authorization))
        if (replica := self.next(after)) is not None:
            try:
                if replica.replayed >= after or await in_time(replica.reaches(after)):
                    return await in_time(ask(replica.lines))
            except (psycopg.Error, TimeoutError) as error:
                if getattr(error, "sqlstate", None) is None:  # else it lives, and said no
                    replica.leave_out(error)
        return await ask(self.primary)

    def next(self, after: int) -> "Replica | None":
        """One that is well, in turn; rather one that is known to have come so far."""
        well = [replica for replica in self.all if replica.is_well()]
        if not well:
            return None
        chosen = [replica for replica in well if replica.replayed >= after] or well
        self.turn += 1
        return chosen[self.turn % len(chosen)]

    # Writing

    def telling(self, scope: Scope, send: Send) -> Send:
        """`send`, which tells with the answer to a write how far the database had come after it."""
        if not self.all or scope["type"] != "http" or scope["method"] in SAFE:
            return send

        async def told(message: Any) -> None:
            if message["type"] == "http.response.start" and message["status"] != 401:
                position = BEYOND_ALL
                with suppress(psycopg.Error):
                    position = await written(self.primary)
                    header = (HEADER.encode(), spelled(position).encode())
                    message = {**message, "headers": [*message["headers"], header]}
                self.remember(dict(scope["headers"]).get(b"authorization", b""), position)
            await send(message)

        return told

    def remember(self, authorization: bytes, position: int) -> None:
        if authorization:
            self.writers.pop(writer := writer_of(authorization), None)
            self.writers[writer] = (position, now())
            if len(self.writers) > MOST_WRITERS:
                self.writers.popitem(last=False)

    def written_by(self, authorization: bytes) -> int:
        """The position after the last write with this key, as long as a replica may be without."""
        if not authorization or not self.writers:
            return 0
        position, at = self.writers.get(writer_of(authorization), (0, NEVER))
        return position if at >= now() - settings.REPLICA_MAX_LAG else 0

    async def close(self) -> None:
        for task in self.watching:
            task.cancel()
        await asyncio.gather(*self.watching, return_exceptions=True)
        for replica in self.all:
            await replica.lines.close()


class Replica:
    """One replica.

    replayed: how far it is known to have come. fresh_at: what was committed before, by the clock
    of the event loop, it is known to have.
    """

    def __init__(self, database: dict[str, Any], primary: Lines) -> None:
        self.parameters = parameters_of(database)
        self.name = "{HOST}:{PORT}".format(**database).rstrip(":")
        self.lines, self.primary = (
            Lines(settings.EDGE_CONNECTIONS, parameters=self.parameters),
            primary,
        )
        self.samples: list[tuple[float, int]] = []  # when the primary had come how far
        self.replayed, self.fresh_at = 0, NEVER
        self.why_not = ""

    def is_well(self) -> bool:
        return now() - self.fresh_at <= float(settings.REPLICA_MAX_LAG)

    async def reaches(self, position: int) -> bool:
        """Whether it has come so far, or comes in a moment. Raises psycopg.Error."""
        for pause in (0, PAUSE):
            await asyncio.sleep(pause)
            seen = await self.lines.ask(SEEN, {})
            self.replayed = number_of((seen.get_value(0, 0) or b"0/0").decode())
            if self.replayed >= position:
                return True
        return False

    async def watch(self) -> None:
        """Look at it, for ever."""
        every = min(LOOK_EVERY, settings.REPLICA_MAX_LAG / 4)
        while True:
            connection: psycopg.AsyncConnection[Any] | None = None
            try:
                async with asyncio.timeout(PATIENCE):
                    connection = await psycopg.AsyncConnection.connect(
                        **self.parameters, autocommit=True
                    )
                    await self.lines.check()  # of the time before it was away
                while True:
                    async with asyncio.timeout(PATIENCE):
                        self.tell(await self.look(connection))
                    await asyncio.sleep(every)
            except Exception as error:
                self.leave_out(error)
            finally:
                if connection is not None:
                    await connection.close()
            await asyncio.sleep(RETRY)

    async def look(self, connection: psycopg.AsyncConnection[Any]) -> str:
        """Why it is not to be read from; empty where it is. Raises psycopg.Error."""
        at, limit = now(), settings.REPLICA_MAX_LAG
        sample = (at, await written(self.primary))
        cursor = await connection.execute(REPLAYED)
        replayed, is_replica = await cursor.fetchone() or ("0/0", False)
        self.replayed = number_of(replayed or "0/0")
        self.samples = [it for it in (*self.samples, sample) if it[0] >= at - limit]
        known = [when for when, position in self.samples if position <= self.replayed]
        self.fresh_at = max(known, default=NEVER) if is_replica else NEVER
        if not is_replica:
            return "it was promoted and is a replica no more"
        return "" if known else f"it is more than {limit:g} s behind"

    def leave_out(self, error: BaseException) -> None:
        """Until the next look finds it well."""
        self.replayed, self.fresh_at, self.samples = 0, NEVER, []
        self.tell(" ".join(str(error).split()) or "it does not answer")

    def tell(self, why_not: str) -> None:
        """Say in the log what has changed."""
        if bool(why_not) != bool(self.why_not) and not why_not:
            logger.warning("replica %s is read from again", self.name)
        elif why_not != self.why_not:
            logger.warning("replica %s is left out: %s", self.name, why_not)
        self.why_not = why_not


def position_asked(request: Any) -> int:
    """The position that the reader wants to be there at least; 0 for none. Raises BadHeader."""
    text = request.headers.get(HEADER, "").strip()
    if text and not POSITION.fullmatch(text):
        detail = _("Send the position as an answer gave it, for example 0/16B3748.")
        raise BadHeader(detail, faults=[Fault(detail, header=HEADER)])
    return number_of(text) if text else 0


def number_of(position: str) -> int:
    high, low = position.split("/")
    return (int(high, 16) << 32) + int(low, 16)


def spelled(position: int) -> str:
    return f"{position >> 32:X}/{position & 0xFFFFFFFF:X}"


def writer_of(authorization: bytes) -> bytes:
    return hashlib.sha256(authorization).digest()


def now() -> float:
    return asyncio.get_running_loop().time()


async def written(primary: Lines) -> int:
    """The position up to which everything is committed. Raises psycopg.Error."""
    found = await primary.ask(COMMITTED, {})
    return number_of((found.get_value(0, 0) or b"0/0").decode())


async def in_time(asked: Coroutine[Any, Any, T]) -> T:
    """Its result. Raises TimeoutError, at once: to cancel a statement takes its time as well."""
    task = asyncio.ensure_future(asked)
    try:
        done, _late = await asyncio.wait({task}, timeout=PATIENCE)
        if not done:
            raise TimeoutError
        return task.result()
    finally:
        task.cancel()


COMMITTED = Query.of(Statement(WRITTEN, ()), planned_once=True)
SEEN = Query.of(Statement(REPLAYED, ()), planned_once=True)
