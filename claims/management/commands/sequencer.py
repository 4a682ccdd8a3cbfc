import logging
import signal
import threading
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, connection

from claims.actions.counting import count_changes
from claims.actions.indexing import count
from claims.actions.log_keys import Keys, NoKey
from claims.actions.sequencing import LogDisagrees, Sequencer, begin_stretch, take_the_lock
from claims.management.companion import stop_with_parent

PAUSE = 0.05  # seconds between looks for what is committed
BUSY = 0.2  # the same while much happens: a step costs as much for ten Changes as for one
COUNTED = 2.0  # seconds between countings for statistics, at least
REST = 10  # times as long as one took is no other one begun
LATEST = 20.0  # seconds after which it is begun in any case, though Changes wait for numbers
STRETCHED = 1.0  # seconds between looks whether a new stretch of claims is due, for search
LONGEST_PAUSE = 5.0  # seconds between attempts to reach the database

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = (
        "Give committed changes their numbers, and sign the log, until a signal says stop. "
        "One at a time does it: a second one waits until the first has ended."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="number what there is, and end")
        parser.add_argument(
            "--with-parent", action="store_true", help="end when standard input is closed"
        )

    def handle(self, *args: Any, once: bool, with_parent: bool, **options: Any) -> None:
        ended = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        if with_parent:
            stop_with_parent(ended)
        try:
            keys = Keys.of_settings()
        except NoKey as missing:
            raise CommandError(str(missing)) from None
        pause = PAUSE
        while not ended.is_set():
            try:
                work(keys, ended, once=once)
                return
            except (DatabaseError, InterfaceError) as error:
                logger.warning("the database cannot be reached: %s", str(error).strip())
                connection.close()
                pause = min(2 * pause, LONGEST_PAUSE)
                ended.wait(pause)
            except (LogDisagrees, NoKey) as error:
                raise CommandError(str(error)) from None


def work(keys: Keys, ended: threading.Event, *, once: bool) -> None:
    """Number what is committed, over one connection, which holds the lock all the time."""
    while not take_the_lock():
        logger.info("another sequencer is at work: waiting for its end")
        if ended.wait(0.5):
            return
    sequencer = Sequencer(keys)
    uncounted = True  # perhaps: terms of claims, which are filed together with Changes
    statistics = Statistics()
    looked_at = 0.0
    while not ended.is_set():
        began = time.monotonic()
        numbered = sequencer.step()
        if numbered and began - looked_at > STRETCHED:
            begin_stretch()
            looked_at = began
        if not sequencer.behind:  # numbers go first: somebody waits for them
            uncounted = (uncounted or numbered > 0) and count()
        statistics.count(numbered, behind=sequencer.behind, hurry=once)
        if once and not numbered and not uncounted and not statistics.due:
            return
        if not sequencer.behind and not uncounted:
            pause = BUSY if numbered else PAUSE
            ended.wait(max(0.0, pause - (time.monotonic() - began)))


class Statistics:
    """Counts, now and then, what was numbered since: so often that it is never a minute late.

    due: whether there may be something to count.
    """

    def __init__(self) -> None:
        self.due, self.ended, self.pause = True, 0.0, 0.0

    def count(self, numbered: int, *, behind: bool, hurry: bool) -> None:
        began = time.monotonic()
        rested = began - self.ended
        self.due = self.due or numbered > 0 or rested > LATEST
        if not self.due or rested < (LATEST if behind else 0 if hurry else self.pause):
            return
        self.due = count_changes()
        # While Changes wait for their numbers, there is no other turn for long.
        while behind and self.due and time.monotonic() - began < LATEST:
            self.due = count_changes()
        self.ended = time.monotonic()
        # Where more is waiting: on with it, whenever numbers leave time.
        rest = min(REST * (self.ended - began), LATEST)
        self.pause = 0 if self.due else max(COUNTED, rest)
