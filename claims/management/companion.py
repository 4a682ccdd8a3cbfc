"""Commands that run beside a server."""

import logging
import os
import sys
import threading
import time
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, connection

PAUSE, LONGEST_PAUSE = 0.1, 5.0  # seconds between attempts to reach the database

logger = logging.getLogger(__name__)


def stop_with_parent(ended: threading.Event) -> None:
    """Set `ended` once standard input is closed: whoever started us held the other end of it."""

    descriptor = sys.stdin.fileno()

    def follow() -> None:
        # Not through sys.stdin: its lock, held by a thread, would make Python's own end fail.
        while os.read(descriptor, 1024):
            pass
        ended.set()

    threading.Thread(target=follow, daemon=True).start()


def keep_on(work: Callable[[], None], ended: threading.Event) -> None:
    """Work until `ended`, whatever becomes of the database meanwhile."""
    pause = PAUSE
    while not ended.is_set():
        began = time.monotonic()
        try:
            work()
            return
        except (DatabaseError, InterfaceError) as error:
            logger.warning("the database cannot be reached: %s", str(error).strip())
            connection.close()
            steady = time.monotonic() - began > LONGEST_PAUSE
            pause = PAUSE if steady else min(2 * pause, LONGEST_PAUSE)
            ended.wait(pause)
