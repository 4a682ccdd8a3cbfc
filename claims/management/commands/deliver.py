import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand

from claims.actions.webhooks import seal_anew
from claims.delivery.listening import listen
from claims.delivery.worker import Worker
from claims.management.companion import keep_on, stop_with_parent


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
    sealed = False

    def work() -> None:
        nonlocal sealed
        if not sealed:
            seal_anew()
            sealed = True
        worker.run(ended)

    keep_on(work, ended)
    worker.abandon()
