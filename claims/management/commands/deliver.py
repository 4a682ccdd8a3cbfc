import logging
import signal
import threading
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand
from django.db import DatabaseError, InterfaceError, connection

from claims.actions.webhooks import seal_anew
from claims.delivery.listening import listen
from claims.delivery.worker import Worker
from claims.management.companion import stop_with_parent

PAUSE, LONGEST_PAUSE = 0.1, 5.0  # seconds between attempts to reach the database

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = (
        "Call webhooks with what happens, until a signal says stop. Several can work beside "
        "each other, on several machines too."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="deliver what is due, and end")
        parser.add_argument(
            "--with-parent", action="store_true", help="end when standard input is closed"
        )

    def handle(self, *args: Any, once: bool, with_parent: bool, **options: Any) -> None:
        worker = Worker()
        if once:
            made = worker.once()
            worker.finish()
            self.stdout.write(f"{made} attempts")
            return
        ended = threading.Event()

        def stop(*_: object) -> None:
            ended.set()
            worker.wake.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        if with_parent:
            stop_with_parent(ended)
        listener = threading.Thread(target=listen, args=(worker.log_has_grown, ended), daemon=True)
        listener.start()
        run(worker, ended)


def run(worker: Worker, ended: threading.Event) -> None:
    """Work, whatever becomes of the database meanwhile."""
    pause = PAUSE
    sealed = False
    while not ended.is_set():
        began = time.monotonic()
        try:
            if not sealed:
                seal_anew()
                sealed = True
            worker.run(ended)
            return
        except (DatabaseError, InterfaceError) as error:
            logger.warning("the database cannot be reached: %s", str(error).strip())
            connection.close()
            steady = time.monotonic() - began > LONGEST_PAUSE
            pause = PAUSE if steady else min(2 * pause, LONGEST_PAUSE)
            ended.wait(pause)
    worker.abandon()
