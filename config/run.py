"""The server in the foreground: database, tables, demo, web server. `make run` ends up here."""

import io
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from config.companions import companions
from config.embedded import CannotStart, Cluster
from config.environment import data_directory, database_environment
from config.serving import Announcement, Refused, number, reserved_address, serve

BESIDE = ("sequencer", "deliver", "notices")
WATCH_INTERVAL = 1.0  # seconds between looks at the database


class Stopped(BaseException):
    """A signal said stop while starting."""


def main() -> None:
    steps = Steps()
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        run(steps)
    except Stopped:
        pass
    except (Refused, CannotStart) as error:
        steps.end()
        sys.exit(f"Isnad cannot start: {error}")
    finally:
        steps.end()


def run(steps: "Steps") -> None:
    """Serve until a signal says stop. Raises Refused, CannotStart."""
    workers = number("WEB_CONCURRENCY", default=2, most=256)
    with reserved_address() as address, database_environment(steps.begin) as cluster:
        key = prepare(steps, embedded=cluster is not None)
        steps.begin("Starting the web server")
        announcement = Announcement(address, key, before=steps.end)
        with watched(cluster), companions(BESIDE):
            try:
                serve(address, announcement, workers=workers)
            finally:
                # What remains is to stop the database: an impatient second Ctrl-C must not
                # leave it running.
                for ending in (signal.SIGTERM, signal.SIGINT):
                    signal.signal(ending, signal.SIG_IGN)
                announcement.cancel()


def prepare(steps: "Steps", *, embedded: bool) -> str | None:
    """Tables and, for a trial, the demo; the demo's key, or None. Raises Refused."""
    if not os.environ.get("SECRET_KEY"):
        raise Refused(
            "SECRET_KEY is not set. With a database of your own (DATABASE_URL) give a long random "
            "text in SECRET_KEY, always the same one."
        )
    if not os.environ.get("DATABASE_OWNER_URL"):
        steps.note(
            "DATABASE_OWNER_URL is not set: this is a trial, in which the web role owns the "
            "tables and could change history."
        )
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import CommandError, call_command
    from django.db import DatabaseError, connections

    key: str | None = None
    if embedded and not (os.environ.get("LOG_KEY_FILE") or os.environ.get("LOG_KEY")):
        os.environ["LOG_KEY_FILE"] = str(data_directory() / "log_key")
    steps.begin("Preparing the tables")
    try:
        django.setup()
    except ImproperlyConfigured as error:
        raise Refused(f"a setting is wrong: {error}") from error
    try:
        call_command("prepare_database", stdout=io.StringIO())
        require_log_key(embedded=embedded)
        if embedded or os.environ.get("ISNAD_DEMO") == "1":
            steps.begin("Loading the demo")
            key = call_command("load_demo", stdout=io.StringIO())
    except DatabaseError as error:
        raise Refused(
            f"the database refused ({_first_line(error)}). Check DATABASE_URL and "
            "DATABASE_OWNER_URL, and that the server is PostgreSQL 15 or newer."
        ) from error
    except CommandError as error:
        raise Refused(f"{error}") from error
    except OSError as error:
        raise Refused(
            f"the data folder {data_directory()} cannot be used ({error}). Correct its rights, or "
            "choose another with ISNAD_DATA_DIR."
        ) from error
    finally:
        for connection in connections.all(initialized_only=True):
            connection.close()
            if hasattr(connection, "close_pool"):
                connection.close_pool()
    return key


def require_log_key(*, embedded: bool) -> None:
    """Have something to sign the log with; the trial makes a key of its own. Raises Refused."""
    from django.conf import settings

    from claims.actions.log_keys import Keys, NoKey, make_key_file

    try:
        if embedded and settings.LOG_KEY_FILE:
            name = f"trial-{secrets.token_hex(4)}.isnad.localhost"
            make_key_file(Path(settings.LOG_KEY_FILE), name)
        Keys.of_settings()
    except NoKey as missing:
        raise Refused(str(missing)) from None
    except OSError as wrong:
        raise Refused(f"the key of the log cannot be made ({wrong}).") from None


@contextmanager
def watched(cluster: Cluster | None) -> Iterator[None]:
    """Restart the embedded database when it dies, from a thread of its own."""
    if cluster is None:
        yield
        return
    ended = threading.Event()

    def watch() -> None:
        told = ""
        while not ended.wait(WATCH_INTERVAL):
            try:
                cluster.ensure_running()
                told = ""
            except Exception as error:
                if str(error) != told:  # once, not every second
                    told = str(error)
                    sys.stderr.write(f"The database is down and cannot be restarted: {told}\n")

    thread = threading.Thread(target=watch, name="database-watch")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


class Steps:
    """What is being done now: a spinner on a terminal, else a line for each step."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(stderr=True, highlight=False)
        self._status: Any = None
        self._text, self._since = "", 0.0
        self._lock = threading.Lock()

    def begin(self, text: str) -> None:
        self.end()
        with self._lock:
            self._text, self._since = text, time.monotonic()
            if self._console.is_terminal:
                self._status = self._console.status(text)
                self._status.start()
            else:
                self._console.print(text, markup=False, soft_wrap=True)

    def note(self, text: str) -> None:
        self.end()
        self._console.print(text, markup=False, style="yellow", soft_wrap=True)

    def end(self) -> None:
        with self._lock:
            if self._status is not None:
                self._status.stop()
                self._status = None
                took = time.monotonic() - self._since
                self._console.print(f"[green]✓[/green] {self._text} [dim]{took:.1f} s[/dim]")


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _stop(*_: object) -> NoReturn:
    """A signal before the web server has taken over: unwind, and so stop the database."""
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, signal.SIG_IGN)
    raise Stopped


if __name__ == "__main__":
    main()
