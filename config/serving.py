"""The web server: its address, its workers, and saying that it is there."""

import atexit
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

APPLICATION = "config.asgi:application"


class Refused(Exception):
    """Why Isnad does not start and what to do, in one paragraph."""


class Address(NamedTuple):
    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def knock(self) -> tuple[str, int]:
        """Where to connect to a server that listens here."""
        anywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  (read, not listened on)
        return anywhere.get(self.host, self.host), self.port


@contextmanager
def reserved_address() -> Iterator[Address]:
    """HOST and PORT, resolved, and kept from other starts. Raises Refused."""
    host, port = os.environ.get("HOST") or "127.0.0.1", number("PORT", default=8000, most=65535)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise Refused(f"HOST is {host!r}, which is no address ({error.strerror}).") from error
    family, _, _, _, address = found[0]
    with socket.socket(family) as reservation:
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
            # The workers share the port and so with this, which never listens; a second start
            # asks for it alone, as above, and is refused.
            reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            reservation.bind(address)
        except OSError as error:
            raise Refused(
                f"port {port} on {host} cannot be used ({error.strerror}). Stop what uses it, or "
                f"choose another one, for example `make run PORT={port % 65535 + 1}`."
            ) from error
        yield Address(str(address[0]), port)


def serve(address: Address, announcement: "Announcement", *, workers: int) -> None:
    """Serve until a signal says stop. Raises Refused when the web server does not come up."""
    from granian.constants import Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels
    from granian.server import Server

    # Forked workers would share locks and connections of this process's threads.
    multiprocessing.set_start_method("spawn", force=True)
    while True:
        server = Server(
            APPLICATION,
            address=address.host,
            port=address.port,
            interface=Interfaces.ASGINL,  # Django has nothing to do at a worker's start and end
            workers=workers,
            workers_kill_timeout=5,
            respawn_failed_workers=True,
            backlog=1024,
            http1_settings=HTTP1Settings(header_read_timeout=10_000),
            log_level=LogLevels.warning,
            log_dictconfig=_log_to_stderr(),
            log_access=os.environ.get("ISNAD_ACCESS_LOG") == "1",
        )
        announcement.start()
        with suppress(SystemExit):  # a worker that died twice within seconds: granian gives up
            server.serve(target_loader=load_application, wrap_loader=False)
        if not (server.interrupt_signal or announcement.made):
            raise Refused("the web server ended at once; the reason is in the lines above.")
        if not server.interrupt_signal:
            time.sleep(1)
        if server.interrupt_signal:
            return


def load_application() -> Any:
    """The ASGI application, in a worker; a worker does not outlive its parent."""
    parent = multiprocessing.parent_process()
    if parent is not None:

        def follow() -> None:
            parent.join()
            os.kill(os.getpid(), signal.SIGKILL)

        threading.Thread(target=follow, daemon=True).start()
    from granian._internal import load_target

    application = load_target(APPLICATION)
    # When a worker gets there it has stopped. The server's own threads may still want to call
    # Python, which while it takes itself apart ends in a panic.
    atexit.register(os._exit, 0)
    return application


class Announcement:
    """Says where Isnad is as soon as it is there."""

    def __init__(self, address: Address, key: str | None, *, before: Callable[[], None]) -> None:
        """before: called just before it is said."""
        self._address, self._key, self._before = address, key, before
        self._cancelled = threading.Event()
        self._thread: threading.Thread | None = None
        self.made = False

    def start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._wait, daemon=True)
            self._thread.start()

    def cancel(self) -> None:
        self._cancelled.set()
        if self._thread is not None:
            self._thread.join()

    def _wait(self) -> None:
        while not self._cancelled.wait(0.02):
            with suppress(OSError), socket.create_connection(self._address.knock, timeout=1):
                break
        else:
            return
        self.made = True
        self._before()
        lines = [f"Isnad: http://{self._address}/"]
        if self._key:
            lines.append(f"API key: {self._key}")
        with suppress(OSError):  # nobody reads: no reason to stop serving
            sys.stdout.write("\n".join(lines) + "\n")
            sys.stdout.flush()


def number(name: str, *, default: int, most: int) -> int:
    """A number from the environment. Raises Refused."""
    text = os.environ.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= most):
        raise Refused(f"{name} is {text!r}: it has to be a number from 1 to {most}.")
    return int(text)


def _log_to_stderr() -> dict[str, Any]:
    from granian.log import LOGGING_CONFIG

    configuration: dict[str, Any] = LOGGING_CONFIG
    handlers = {
        name: handler | {"stream": "ext://sys.stderr"}
        for name, handler in configuration["handlers"].items()
    }
    return {"handlers": handlers}
