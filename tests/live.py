"""A real server on a database of its own: started, killed and asked over HTTP."""

import contextlib
import fcntl
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql

from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 2 * PATIENCE
# The suite's own database need not outlive the machine. What tests write is seldom committed: who
# counts rows meanwhile finds none, and later statements are planned for empty tables.
NOT_FOR_TESTS = ("fsync", "full_page_writes", "autovacuum")
# For processes that run what others run as well: tracing costs 40 % more CPU (test_writing).
UNMEASURED = {"COVERAGE_PROCESS_CONFIG": ""}
# Of the many processes that are begun, each would compile our 400 modules anew: 0.7 s of CPU.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
PATTERN = "ISNAD_TEST_PATTERN"
OURS = ("DATABASE_URL", "DATABASE_OWNER_URL", "SECRET_KEY", "ISNAD_TEST_TEMPLATE", PATTERN)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Server:
    """`make run` without the making: its data folder, its process, its demo key."""

    folder: Path
    port: int
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    log_name: str = "test.log"

    @property
    def key(self) -> str:
        return (self.folder / "demo_key").read_text().strip()

    @property
    def log(self) -> str:
        return (self.folder / self.log_name).read_text(errors="replace")

    @property
    def inherited(self) -> dict[str, str]:
        """The environment in which commands work on its database."""
        ours = {name: value for name, value in os.environ.items() if name not in OURS}
        return ours | {"ISNAD_DATA_DIR": str(self.folder)} | self.environment

    def start(self) -> None:
        """Start it and wait until it says where it is."""
        log = self.folder / self.log_name
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "config.run"],
                cwd=ROOT,
                env=self.inherited | {"PORT": str(self.port)},
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_SECONDS
        while "API key:" not in self.log:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start:\n{self.log[-3000:]}")
            time.sleep(0.05)

    def stop(self) -> int:
        """SIGTERM, as an operator stops it; the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        """kill -9 of the server, its workers and every process of its database, at once."""
        assert self.process is not None
        victims = [
            *psutil.Process(self.process.pid).children(recursive=True),
            *self.database_processes(),
            psutil.Process(self.process.pid),
        ]
        for victim in victims:
            with contextlib.suppress(psutil.NoSuchProcess):
                victim.kill()
        psutil.wait_procs(victims, timeout=PATIENCE)
        self.process.wait(PATIENCE)

    def database_processes(self) -> list[psutil.Process]:
        """The processes that work in this server's database folder."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.cwd() == str(self.folder / "postgres"):
                    found.append(process)
        return found

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        key: str | None = None,
        over: http.client.HTTPConnection | None = None,
        **headers: str,
    ) -> Answer:
        """One request. over: a connection to keep using; headers: with _ for -."""
        connection = over or self.connection()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if key:
            sent["authorization"] = f"Bearer {key}"
        if body is not None:
            sent["content-type"] = "application/json"
        try:
            connection.request(
                method, path, None if body is None else json.dumps(body), headers=sent
            )
            response = connection.getresponse()
            told = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, told, response.read())
        finally:
            if over is None:
                connection.close()


def temporary_folder(parent: Path | None = None) -> Path:
    """A new folder that the database's own user can pass through, where the tests run as root."""
    folder = Path(tempfile.mkdtemp(prefix="isnad-", dir=parent)).resolve()
    if os.geteuid() == 0:
        folder.chmod(0o711)
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def pattern(parent: Path) -> Path:
    """A data folder that a first start has made, and nobody has used; made when asked for first.

    parent: where it is kept, for all processes of a run.
    """
    # Not before the measuring of coverage has begun.
    from config.embedded import Cluster
    from config.embedded.configuration import SUPERUSER

    kept = parent / "pattern"
    with (parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            server = Server(temporary_folder(parent), free_port())
            with running(server), Cluster(server.folder).attached() as cluster:
                # What is killed here is processes, never the machine, which has what they wrote.
                switch_off(cluster.url(user=SUPERUSER), "fsync", "full_page_writes")
            server.folder.rename(kept)
    return kept


def switch_off(url: str, *settings: str) -> None:
    """Of a database server and its copies, for as long as they live. url: of its superuser."""
    with psycopg.connect(url, autocommit=True) as connection:
        for name in settings:
            statement = sql.SQL("ALTER SYSTEM SET {} = off")
            connection.execute(statement.format(sql.Identifier(name)))
        connection.execute("SELECT pg_reload_conf()")


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """Started, and stopped in the end unless it has stopped before."""
    try:
        server.start()
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.stop()


@contextmanager
def live_server(**environment: str) -> Iterator[Server]:
    """A server that runs; stopped, and its data removed, in the end.

    In a run of the test suite one start makes a data folder, and all others begin with a copy.
    """
    folder = temporary_folder()
    try:
        if PATTERN in os.environ:
            made = pattern(Path(os.environ[PATTERN]))
            subprocess.run(["cp", "-a", f"{made}/.", folder], check=True)
        with running(Server(folder, free_port(), environment)) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)
