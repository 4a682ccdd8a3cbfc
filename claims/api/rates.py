"""How many requests a caller may make in a minute, counted over all server processes.

Each process counts by itself and adds what it counted to a shared row now and then, learning
the sum of all. Between two exchanges a limit can be overrun by what one process serves in
`EXCHANGE_EVERY` seconds, in return for which a request costs no statement of its own. Where a
limit is so low that this would be most of it, each request is counted by the shared row at once.
"""

import threading
import time
from dataclasses import dataclass
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext, gettext_noop
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from claims.actions.tries import network_of
from claims.api.permissions import reads
from claims.api.reading import Reading
from claims.errors import TooManyRequests
from claims.models import ApiKey

EXCHANGE_EVERY = 1.0  # seconds
MOST_CALLERS = 10_000

ADD = """
    INSERT INTO claims_ratecount AS kept (caller, minute, reads, writes)
    VALUES (%s, %s, %s, %s)
    ON CONFLICT (caller) DO UPDATE SET
        minute = EXCLUDED.minute,
        reads = EXCLUDED.reads
            + CASE WHEN kept.minute = EXCLUDED.minute THEN kept.reads ELSE 0 END,
        writes = EXCLUDED.writes
            + CASE WHEN kept.minute = EXCLUDED.minute THEN kept.writes ELSE 0 END
    RETURNING reads, writes
"""


FORGET = "DELETE FROM claims_ratecount WHERE minute < %s"


@dataclass(slots=True)
class Tally:
    minute: int
    shared: tuple[int, int] = (0, 0)
    reads: int = 0
    writes: int = 0
    exchanged_at: float = 0.0


class Due(NamedTuple):
    """What one process has counted since it last told the others; the parameters of ADD."""

    caller: str
    minute: int
    reads: int
    writes: int


class Allowance(NamedTuple):
    """What a caller may have in a minute.

    setting: the name of its limits, with and without a key. refusal: what is said beyond them.
    apart: the name under which it is counted, where it is not one with what else is read.
    exact: counted to the last one over all processes, by a statement each time.
    """

    setting: str
    refusal: str
    apart: str = ""
    exact: bool = False


LONG_TEXTS = Allowance(
    "READS_PER_MINUTE",
    gettext_noop("%(limit)d reads a minute, of which a long text counts as many: see Retry-After."),
)
MATCHES = Allowance(
    "MATCHES_PER_MINUTE",
    gettext_noop(
        "%(limit)d texts can be compared in a minute: wait a little, as Retry-After says."
    ),
    "match ",
)
EXPORTS = Allowance(
    "EXPORTS_PER_MINUTE",
    gettext_noop("%(limit)d exports can begin in a minute: wait a little, as Retry-After says."),
    "export ",
)
CONTESTS = Allowance(
    "CONTESTS_PER_MINUTE",
    gettext_noop(
        "%(limit)d verdicts can be contested in a minute: wait a little, as Retry-After says."
    ),
    "contest ",
    exact=True,
)
BULK_ROWS = Allowance(
    "BULK_ROWS_PER_MINUTE",
    gettext_noop("%(limit)d rows can be sent in a minute: wait a little, as Retry-After says."),
    "bulk ",
)


def charge(request: Request, allowance: Allowance, times: int) -> None:
    """Count what one request has so many times of. Raises TooManyRequests."""
    throttle = PerCaller()
    caller = f"{allowance.apart}{throttle.caller(request)}"[:80]
    limit = getattr(settings, allowance.setting)[0 if request.user.is_authenticated else 1]
    if not times:
        return
    if allowance.exact:
        counted = throttle.count_with_all(caller, times)
    else:
        counted = throttle.count(caller, reading=True, times=times)
    if counted > limit:
        refusal = TooManyRequests(gettext(allowance.refusal) % {"limit": limit})
        refusal.retry_after = max(1, int(throttle.wait()))
        raise refusal


class PerCaller(BaseThrottle):
    tallies: dict[str, Tally] = {}
    guard = threading.Lock()
    forgot_in = 0  # the minute in which this process last removed the rows of earlier ones

    def allow_request(self, request: Request, view: object) -> bool:
        look = Reading.of(request)
        if look is not None and look.again:
            return True  # one request of the caller, however often we look on its behalf
        caller, reading = self.caller(request), reads(request, view)
        return self.count(caller, reading=reading) <= self.limit(request, reading=reading)

    def caller(self, request: Request) -> str:
        key: object = request.auth
        if isinstance(key, ApiKey):
            return f"key {key.pk}"
        if request.user.is_authenticated:
            return f"member {request.user.pk}"
        return f"address {network_of(self.get_ident(request))}"[:80]

    def limit(self, request: Request, *, reading: bool) -> int:
        limits = settings.READS_PER_MINUTE if reading else settings.WRITES_PER_MINUTE
        return int(limits[0 if request.user.is_authenticated else 1])

    def wait(self) -> float:
        return 60 - time.time() % 60

    def count(self, caller: str, *, reading: bool, times: int = 1) -> int:
        """Count this request; the sum of the caller's in this minute, as far as known here."""
        total, due = self.add(caller, reading=reading, times=times)
        if due is None:
            return total
        with connection.cursor() as cursor:
            cursor.execute(ADD, [*due])
            counted: tuple[int, int] = cursor.fetchone()
            if (before := self.forget_before()) is not None:
                cursor.execute(FORGET, [before])
        return self.learn(caller, counted, reading=reading)

    def count_with_all(self, caller: str, times: int) -> int:
        """As `count`, of what is read, without a tally of this process: the exact sum.

        Call it in no transaction: others of the same caller would wait for its end.
        """
        with connection.cursor() as cursor:
            cursor.execute(ADD, [*Due(caller, int(time.time() // 60), times, 0)])
            counted: tuple[int, int] = cursor.fetchone()
        return counted[0]

    def add(self, caller: str, *, reading: bool, times: int = 1) -> tuple[int, Due | None]:
        """Count in this process: the sum, and what is due to be exchanged with the others."""
        now = time.time()
        minute = int(now // 60)
        with self.guard:
            tally = self.tallies.get(caller)
            if tally is None or tally.minute != minute:
                if len(self.tallies) >= MOST_CALLERS:
                    self.tallies.clear()
                tally = self.tallies[caller] = Tally(minute)
            tally.reads += times * reading
            tally.writes += times * (not reading)
            total = tally.shared[0] + tally.reads if reading else tally.shared[1] + tally.writes
            if now - tally.exchanged_at < EXCHANGE_EVERY:
                return total, None
            due = Due(caller, minute, tally.reads, tally.writes)
            tally.exchanged_at = now
            tally.reads = tally.writes = 0
            return total, due

    def is_over(self, caller: str, limit: int, *, reading: bool) -> bool:
        """Whether the caller is beyond it already, as far as known here; counts nothing."""
        tally = self.tallies.get(caller)
        if tally is None or tally.minute != int(time.time() // 60):
            return False
        return (
            tally.shared[0] + tally.reads if reading else tally.shared[1] + tally.writes
        ) >= limit

    def learn(self, caller: str, counted: tuple[int, int], *, reading: bool) -> int:
        """What the others have counted too; the sum again."""
        with self.guard:
            tally = self.tallies.get(caller)
            if tally is None:
                return counted[0 if reading else 1]
            tally.shared = counted
            return counted[0] + tally.reads if reading else counted[1] + tally.writes

    def forget_before(self) -> int | None:
        """Once a minute: before which minute rows may be removed."""
        minute = int(time.time() // 60)
        with self.guard:
            if PerCaller.forgot_in == minute:
                return None
            PerCaller.forgot_in = minute
            return minute - 1
