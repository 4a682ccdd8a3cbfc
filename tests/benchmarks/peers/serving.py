"""The contestants that speak HTTP: started side by side, each with as many workers."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from config.environment import CHECKOUT
from tests.benchmarks.databases import urls
from tests.benchmarks.growth import serving
from tests.benchmarks.peers import asks

WORKERS = 2
THREADS = 4  # a worker, where it has threads; pools have as many connections, and two cores no use
# for more. All contestants together have to stay below PostgreSQL's hundred.
START_SECONDS = 60
BIN = Path(sys.executable).parent

UVICORN = (
    "uvicorn --host 127.0.0.1 --port {port} --workers {workers} --loop uvloop --http httptools"
    " --no-access-log --log-level warning {module}"
)
GUNICORN = (
    "gunicorn --bind 127.0.0.1:{port} --workers {workers} --worker-class gthread"
    " --threads {threads} --keep-alive 75 --no-control-socket --log-level warning {module}"
)
GRANIAN_WSGI = (
    "granian --host 127.0.0.1 --port {port} --workers {workers} --interface wsgi"
    " --blocking-threads {threads} --no-ws --log-level warning {module}"
)


@dataclass(frozen=True)
class Contestant:
    """name: as shown. pid: the root of its processes. address: of an ask, as it pages.

    keys: each connection uses one of them; none where none is needed.
    """

    name: str
    port: int
    pid: int
    address: Callable[[asks.Ask], str]
    keys: tuple[str, ...] = ()

    def get(self, ask: asks.Ask, *headers: str, connection: int = 0) -> bytes:
        return self.message("GET", self.address(ask), headers, b"", connection)

    def post(self, path: str, body: bytes, connection: int) -> bytes:
        headers = "Content-Type: application/json", f"Content-Length: {len(body)}"
        return self.message("POST", path, headers, body, connection)

    def message(
        self, method: str, path: str, headers: Iterable[str], body: bytes, connection: int
    ) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers]
        if self.keys:
            lines.append(f"Authorization: Bearer {self.keys[connection % len(self.keys)]}")
        return "\r\n".join([*lines, "", ""]).encode() + body


ISNAD = "Isnad"
PEERS = {
    "FastAPI + asyncpg + body by PostgreSQL": (UVICORN, "fastapi_body:app", asks.of_peers),
    "FastAPI + asyncpg + orjson": (UVICORN, "fastapi_orjson:app", asks.of_peers),
    "FastAPI + SQLAlchemy + pydantic": (UVICORN, "fastapi_sqlalchemy:app", asks.of_peers),
    "django-ninja": (GUNICORN, "ninja:application", asks.of_peers),
    "tutorial DRF": (GUNICORN, "tutorial:application", asks.numbered),
}


@contextmanager
def isnad(database: str, keys: tuple[str, ...]) -> Iterator[Contestant]:
    """As `make run` serves it, asked with keys."""
    with serving(database, keys[0], workers=WORKERS) as served:
        yield Contestant(ISNAD, served.port, served.pid, asks.of_isnad, keys)


@contextmanager
def peer(name: str, database: str) -> Iterator[Contestant]:
    command, module, address = PEERS[name]
    given = urls(database) | {"DJANGO_SETTINGS_MODULE": ""}
    with started(command, f"tests.benchmarks.peers.{module}", given) as (port, pid):
        yield Contestant(name, port, pid, address)


@contextmanager
def started(command: str, module: str, given: dict[str, str]) -> Iterator[tuple[int, int]]:
    """A server that answers; its port, and the root of its processes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program, *arguments = command.format(
        port=port, workers=WORKERS, threads=THREADS, module=module
    ).split()
    process = subprocess.Popen(
        [BIN / program, *arguments], cwd=CHECKOUT, env=os.environ | given, start_new_session=True
    )
    try:
        wait_for(port, process)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(port: int, process: subprocess.Popen) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        with suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}{asks.CLAIMS}", timeout=30).close()
            return
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"{process.args} did not start")
        time.sleep(0.1)
