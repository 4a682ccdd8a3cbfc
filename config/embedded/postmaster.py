"""The server: started, waited for, stopped."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg

from . import configuration, locks, processes, sockets
from .binaries import Binaries
from .errors import CannotStart, remedy
from .places import Place

START_PATIENCE = 120.0  # seconds, crash recovery included
STOP_PATIENCE = 60.0
ORPHAN_PATIENCE = 10.0  # for processes whose postmaster was killed to notice
PAUSE = 0.02


def connect(socket_directory: Path, *, database: str = "postgres") -> psycopg.Connection:
    """A connection of the launcher itself, for set-up. Raises psycopg.OperationalError."""
    return psycopg.connect(
        host=str(socket_directory),
        port=configuration.PORT,
        user=configuration.SUPERUSER,
        dbname=database,
        connect_timeout=5,
        autocommit=True,
    )


def answers(socket_directory: Path) -> bool:
    """Whether a server talks on this socket, even if it only says that it is starting."""
    target = psycopg.conninfo.make_conninfo(
        host=str(socket_directory), port=configuration.PORT, connect_timeout=5
    )
    said = psycopg.pq.PGconn.ping(target.encode())
    return said in (psycopg.pq.Ping.OK, psycopg.pq.Ping.REJECT)


def wait_until_ready(place: Place, process: psutil.Process | None, directory: Path) -> bool:
    """Wait for a real connection. False when the process dies or its socket is gone.

    process: None when it cannot be seen from here, as in another container.
    Raises CannotStart after START_PATIENCE.
    """
    deadline = time.monotonic() + START_PATIENCE
    socket_deadline = time.monotonic() + ORPHAN_PATIENCE
    problem = ""
    while time.monotonic() < deadline:
        if process is not None and not processes.lives(process):
            return False
        if not (directory / sockets.SOCKET).exists():
            if process is None or time.monotonic() > socket_deadline:
                return False
        else:
            try:
                with connect(directory) as connection:
                    row = connection.execute("SHOW data_directory").fetchone()
                return row is not None and _same(row[0], place.cluster)
            except psycopg.OperationalError as error:
                problem = str(error).strip()
        time.sleep(PAUSE)
    number = process.pid if process is not None else "unknown"
    raise CannotStart(
        f"The database (process {number}) runs but lets nobody in after {START_PATIENCE:.0f} "
        "seconds. If it is recovering after a crash, start again in a while: it goes on where "
        f"it was. If it hangs, end it with `kill -INT {number}`.",
        log=problem,
    )


def start(place: Place, binaries: Binaries, directory: Path) -> psutil.Process:
    """Start the server and wait until it is ready. Raises CannotStart."""
    for shared_buffers in configuration.SHARED_BUFFERS:
        settings = configuration.server_settings(
            socket_directory=directory, shared_buffers=shared_buffers
        )
        place.account.write(place.cluster / configuration.OUR_FILE, settings)
        process = _launch(place, binaries)
        try:
            if wait_until_ready(place, process, directory):
                return process
        except BaseException:
            stop(place, process)
            raise
        if processes.lives(process):
            stop(place, process)
        log = _end_of_log(place)
        if "could not map anonymous shared memory" not in log:
            break
    raise CannotStart(
        f"The database in {place.cluster} did not start. {remedy(log, place.cluster)}", log=log
    )


def stop(place: Place, process: psutil.Process) -> None:
    """A fast shutdown, waited for; by force only when that takes longer than STOP_PATIENCE."""
    family = [process]
    with suppress(psutil.Error):  # its logger ends a moment after it
        family += process.children(recursive=True)
    for how, patience in (
        (signal.SIGINT, STOP_PATIENCE),
        (signal.SIGQUIT, ORPHAN_PATIENCE),
        (signal.SIGKILL, ORPHAN_PATIENCE),
    ):
        if processes.lives(process):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(how)
        deadline = time.monotonic() + patience
        while any(map(processes.lives, family)) and time.monotonic() < deadline:
            time.sleep(PAUSE)
    with suppress(FileNotFoundError):  # the data folder was deleted, with the lock in it
        end_orphans(place)
    processes.reap(process.pid)


def end_orphans(place: Place) -> None:
    """Wait until no process of the server is left; two servers on one cluster would ruin it.

    Raises CannotStart.
    """
    descriptor = locks.open_lock(place.server_lock)
    try:
        started, harshest = time.monotonic(), None
        while locks.held_by_others(descriptor) or any(processes.of(place)):
            waited = time.monotonic() - started
            if waited > 3 * ORPHAN_PATIENCE:
                raise CannotStart(
                    f"Processes of the database in {place.cluster} still run, out of reach from "
                    "here: in another container, perhaps. Stop Isnad there first."
                )
            harsh = signal.SIGKILL if waited > 2 * ORPHAN_PATIENCE else signal.SIGQUIT
            if waited > ORPHAN_PATIENCE and harsh != harshest:
                harshest = harsh
                for process in processes.of(place):
                    with suppress(psutil.NoSuchProcess):
                        process.send_signal(harsh)
            time.sleep(PAUSE)
    finally:
        locks.let_go(descriptor)


def clear_remains(place: Place, directory: Path) -> None:
    """Remove what a dead server left and PostgreSQL would mistake for a living one.

    Call it only after end_orphans.
    """
    place.account.remove(place.cluster / "postmaster.pid")
    sockets.clear(place, directory)


def _launch(place: Place, binaries: Binaries) -> psutil.Process:
    lock = locks.open_lock(place.server_lock)
    try:
        locks.share(lock)
        command = 'exec "$1" -D "$2" >start.log 2>&1'
        child = subprocess.Popen(  # noqa: S603  (a fixed shell; what varies is quoted arguments)
            ["/bin/sh", "-c", command, "sh", binaries.program("postgres"), place.cluster],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[lock],
            **(place.account.process_options | {"cwd": place.cluster}),
        )
    finally:
        os.close(lock)  # not let_go: the server's copy has to keep the lock
    return processes.adopt(child)


def _same(one: str, other: Path) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def _end_of_log(place: Place) -> str:
    said = place.account.shell(
        'cd -- "$1" && tail -n 15 start.log && '
        'for f in $(ls -t log 2>/dev/null | head -n 1); do tail -n 15 "log/$f"; done',
        place.cluster,
    )
    return said.stdout.strip()
