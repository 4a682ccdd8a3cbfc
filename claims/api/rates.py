"""How many requests a caller may make in a minute, counted over all server processes.

Each process counts by itself and adds what it counted to a shared row now and then, learning
the sum of all. Between two exchanges a limit can be overrun by what one process serves in
`EXCHANGE_EVERY` seconds, in return for which a request costs no statement of its own.
"""

import threading
import time
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from claims.api.reading import Reading
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


class PerCaller(BaseThrottle):
    tallies: dict[str, Tally] = {}
    guard = threading.Lock()
    forgot_in = 0  # the minute in which this process last removed the rows of earlier ones

    def allow_request(self, request: Request, view: object) -> bool:
        look = Reading.of(request)
        if look is not None and look.again:
            return True  # one request of the caller, however often we look on its behalf
        with_key = request.user.is_authenticated
        key: object = request.auth
        if isinstance(key, ApiKey):
            caller = f"key {key.pk}"
        elif with_key:
            caller = f"member {request.user.pk}"
        else:
            caller = f"address {self.get_ident(request)}"[:80]
        reading = request.method in SAFE_METHODS
        limits = settings.READS_PER_MINUTE if reading else settings.WRITES_PER_MINUTE
        return bool(self.count(caller, reading=reading) <= limits[0 if with_key else 1])

    def wait(self) -> float:
        return 60 - time.time() % 60

    def count(self, caller: str, *, reading: bool) -> int:
        """Count this request; the sum of the caller's in this minute, as far as known here."""
        now = time.time()
        minute = int(now // 60)
        with self.guard:
            tally = self.tallies.get(caller)
            if tally is None or tally.minute != minute:
                if len(self.tallies) >= MOST_CALLERS:
                    self.tallies.clear()
                tally = self.tallies[caller] = Tally(minute)
            tally.reads += reading
            tally.writes += not reading
            due = now - tally.exchanged_at >= EXCHANGE_EVERY
            reads, writes = tally.reads, tally.writes
            if due:
                tally.exchanged_at = now
                tally.reads = tally.writes = 0
            elif reading:
                return tally.shared[0] + reads
            else:
                return tally.shared[1] + writes
        with connection.cursor() as cursor:
            cursor.execute(ADD, [caller, minute, reads, writes])
            total: tuple[int, int] = cursor.fetchone()
            if PerCaller.forgot_in != minute:
                PerCaller.forgot_in = minute
                cursor.execute(FORGET, [minute - 1])
        with self.guard:
            tally.shared = total
            return total[0] + tally.reads if reading else total[1] + tally.writes
