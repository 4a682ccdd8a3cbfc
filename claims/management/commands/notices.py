import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand

from claims.delivery.notices import Postman
from claims.management.companion import keep_on, stop_with_parent


class Command(BaseCommand):
    help = (
        "Mail members what concerns them, until a signal says stop. Several can work beside "
        "each other, on several machines too."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="send all that waits, and end")
        parser.add_argument(
            "--with-parent", action="store_true", help="end when standard input is closed"
        )

    def handle(self, *args: Any, once: bool, with_parent: bool, **options: Any) -> None:
        ended = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        if once:
            self.stdout.write(f"{Postman(gathers=False, ended=ended).once()} mails")
            return
        if with_parent:
            stop_with_parent(ended)
        keep_on(Postman(ended=ended).run, ended)
