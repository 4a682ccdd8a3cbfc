"""Waiting for what happens next: long polls and Server-Sent Events of the feed.

Every look at the feed is an ordinary request to the ordinary resource, with its rights, filters
and refusals. Between two looks a follower waits here, as an ASGI application in front of
Django: it costs a coroutine, no thread and no connection to the database. One connection of the
process listens for what the sequencer says, and wakes them all.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlencode

import psycopg

from claims.api.changes import AFTER, EVENT_STREAM, LAST_EVENT_ID, WAIT
from claims.api.reading import Reading
from claims.queries.connecting import connection_parameters
from claims.queries.feed import CHANNEL

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

HEARTBEAT = 15.0  # seconds of silence after which a stream says that it is alive
PROBE = 10.0  # seconds of silence after which the highest number is asked for
LOOKS_AT_ONCE = 4  # how many looks on behalf of followers run at a time
RETRY = 1_000  # milliseconds after which a browser connects again

logger = logging.getLogger(__name__)


class Following:
    """An ASGI application around Django's, which alone answers.

    path: of the feed.
    """

    def __init__(self, app: App, *, path: str) -> None:
        self.app = app
        self.path = path
        self.head = Head()
        self.looks = asyncio.Semaphore(LOOKS_AT_ONCE)
        self.under_way: dict[tuple[Any, ...], asyncio.Task[Look]] = {}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != self.path or scope["method"] != "GET":
            await self.app(scope, receive, send)
        elif EVENT_STREAM in header(scope, "accept"):
            await self.until_gone(self.stream(scope, send), receive)
        elif WAIT in query(scope):
            await self.until_gone(self.poll(scope, send), receive)
        else:
            await self.app(scope, receive, send)

    async def until_gone(self, answering: Any, receive: Receive) -> None:
        """Answer, unless the caller hangs up before."""
        answer = asyncio.ensure_future(answering)
        gone = asyncio.ensure_future(hung_up(receive))
        try:
            await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
            if answer.done():
                await answer
        finally:
            for task in (answer, gone):
                task.cancel()
            for task in (answer, gone):
                with suppress(asyncio.CancelledError, Exception):
                    await task

    async def poll(self, scope: Message, send: Send) -> None:
        """Answer once there is something to tell, or the time is up."""
        began = asyncio.get_running_loop().time()
        look = await self.look(scope, Reading())
        until = began + (int(query(scope)[WAIT]) if look.status == 200 else 0)
        while look.status == 200 and not look.reading.found:
            now = asyncio.get_running_loop().time()
            if now >= until:
                break
            if look.reading.last >= look.reading.head:
                await self.head.beyond(look.reading.last, until - now)
            look = await self.look_again(scope, look.reading.last)
        await look.send(send)

    async def stream(self, scope: Message, send: Send) -> None:
        """Answer with events for as long as the caller listens."""
        look = await self.look(scope, Reading())
        if look.status != 200 or not look.is_stream:
            await look.send(send)
            return
        headers = [(n, v) for n, v in look.headers if n.lower() != b"content-length"]
        headers += [(b"cache-control", b"no-cache"), (b"x-accel-buffering", b"no")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send_part(send, b"retry: %d\n\n" % RETRY)
        while look.status == 200:
            await send_part(send, look.body)
            last = look.reading.last
            if last >= look.reading.head:
                while not await self.head.beyond(last, HEARTBEAT):
                    await send_part(send, b": still here\n\n")
            look = await self.look_again(scope, last)
        # Its key was revoked, say: the caller learns of it by connecting again.
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def look_again(self, scope: Message, after: int) -> "Look":
        """What there is after a number. Followers who ask the same at once share the answer."""
        wanted = {**query(scope), AFTER: str(after)}
        headers = [
            (name, value)
            for name, value in scope["headers"]
            if name.lower() != LAST_EVENT_ID.lower().encode()
        ]
        later = {**scope, "query_string": urlencode(wanted).encode(), "headers": headers}
        key = (later["query_string"], self.head.number, *who_asks(scope))
        task = self.under_way.get(key)
        if task is None:
            task = asyncio.ensure_future(self.look(later, Reading(again=True)))
            self.under_way[key] = task
            task.add_done_callback(lambda _done: self.under_way.pop(key, None))
        return await asyncio.shield(task)

    async def look(self, scope: Message, reading: Reading) -> "Look":
        """Ask Django, as the caller would."""
        look = Look(reading)
        asked = False

        async def receive() -> Message:
            nonlocal asked
            if asked:  # Django waits here for the caller to hang up, which is not its business
                await asyncio.Event().wait()
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async with self.looks:
            await self.app({**scope, Reading.KEY: reading}, receive, look.hear)
        return look


class Look:
    """One answer of Django's, whole."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""

    async def hear(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        else:
            self.body += message.get("body", b"")

    @property
    def is_stream(self) -> bool:
        found = dict(self.headers)
        return found.get(b"Content-Type", b"").startswith(EVENT_STREAM.encode())

    async def send(self, send: Send) -> None:
        start = {"type": "http.response.start", "status": self.status, "headers": self.headers}
        await send(start)
        await send({"type": "http.response.body", "body": self.body, "more_body": False})


class Head:
    """The highest number, as the sequencer tells it; listens from the first time it is asked."""

    def __init__(self) -> None:
        self.number = 0
        self.moved = asyncio.Event()
        self.listening: asyncio.Task[None] | None = None

    async def beyond(self, number: int, seconds: float) -> bool:
        """Wait until the highest number is above `number`; False when it took too long."""
        if self.listening is None:
            self.listening = asyncio.create_task(self.listen())
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.number <= number:
                    await self.moved.wait()
        return self.number > number

    async def listen(self) -> None:
        pause = 0.5
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    **connection_parameters(), autocommit=True
                ) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    await self.look(connection)
                    pause = 0.5
                    while True:
                        async for told in connection.notifies(timeout=PROBE):
                            self.tell(int(told.payload))
                        await self.look(connection)
            except Exception as error:  # the database is down: it will be back
                logger.warning("not listening to the log: %s", error)
            await asyncio.sleep(pause)
            pause = min(2 * pause, 5.0)

    async def look(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """Ask, where nothing is said: a line can be dead without a word. Raises TimeoutError."""
        async with asyncio.timeout(PROBE):
            found = await connection.execute("SELECT max(number) FROM claims_logentry")
            number = (await found.fetchone() or [0])[0] or 0
        if number != self.number:
            self.tell(number)

    def tell(self, number: int) -> None:
        self.number = number
        moved, self.moved = self.moved, asyncio.Event()
        moved.set()


async def hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def send_part(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


def query(scope: Message) -> dict[str, str]:
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return dict(pairs)


def header(scope: Message, name: str) -> str:
    wanted = name.lower().encode()
    return ",".join(v.decode("latin-1") for n, v in scope["headers"] if n.lower() == wanted)


def who_asks(scope: Message) -> tuple[str, ...]:
    """What of a request, beside its address, the answer depends on."""
    return tuple(
        header(scope, name)
        for name in ("authorization", "cookie", "accept", "accept-language", "host")
    )
