"""A cluster as the rest of the project sees it: attach, and connect."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psutil

from . import binaries, configuration, creation, locks, places, postmaster, processes, sockets
from .errors import CannotStart
from .places import Place

Progress = Callable[[str], None]


class Cluster:
    """The database of one data folder, shared by all processes that attach to it.

    Whoever comes first starts the server, whoever leaves last stops it.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = Path(data_dir)
        self._place: Place | None = None
        self._socket_directory: Path | None = None
        self._process: psutil.Process | None = None
        self._attached = 0
        self._counting = threading.Lock()

    @contextmanager
    def attached(self, progress: Progress | None = None) -> Iterator["Cluster"]:
        """Use the server; start it where needed. Raises CannotStart.

        progress: called with a short sentence for each step that takes time.
        """
        say = progress or _say_nothing
        data = places.open_data_directory(self.data_dir)
        process_id = os.getpid()
        try:
            with self._start_lock(data, say):
                users = locks.open_lock(data / "users.lock")
                locks.share(users)
                with self._counting:
                    self._attached += 1
                try:
                    self._place = places.settle(data)
                    self._ensure(say)
                except BaseException:
                    self._leave(users)
                    raise
        except OSError as error:
            raise places.unusable(data, error) from error
        try:
            yield self
        finally:
            if os.getpid() == process_id:
                try:
                    with self._start_lock(data, _say_nothing):
                        self._leave(users)
                except FileNotFoundError:  # the data folder was deleted: nobody can attach
                    self._leave(users)
            else:  # a fork runs our cleaning up: the server and the lock are its parent's
                os.close(users)

    def ensure_running(self) -> None:
        """Start the server again if it died. Cheap when it did not. Raises CannotStart.

        Does nothing while not attached.
        """
        directory = self._socket_directory
        if not self._attached or (directory and postmaster.answers(directory)):
            return
        place = self._settled()
        try:
            with self._start_lock(place.data, _say_nothing):
                if self._attached:
                    self._ensure(_say_nothing)
        except OSError as error:
            raise places.unusable(place.data, error) from error

    @property
    def web_url(self) -> str:
        return self.url(user=configuration.WEB)

    @property
    def owner_url(self) -> str:
        return self.url(user=configuration.OWNER)

    def url(self, *, user: str, database: str = configuration.DATABASE) -> str:
        """A connection URL over the socket, for libpq and for Django. Only while attached."""
        if self._socket_directory is None:
            raise RuntimeError("the cluster has to be attached before anybody can connect to it")
        # As a query parameter: URL parsers put what is in the place of a host in lower case.
        host = quote(str(self._socket_directory), safe="/")
        return f"postgresql://{quote(user)}@/{quote(database, safe='')}?host={host}"

    @property
    def directory(self) -> Path:
        """PostgreSQL's own data directory. Only once attached."""
        return self._settled().cluster

    @contextmanager
    def _start_lock(self, data: Path, say: Progress) -> Iterator[None]:
        def waiting() -> None:
            say("Waiting for another process that starts or stops the database")

        with locks.exclusively(data / "start.lock", waiting=waiting):
            yield

    def _settled(self) -> Place:
        if self._place is None:
            raise RuntimeError("the cluster has not been attached yet")
        return self._place

    def _ensure(self, say: Progress) -> None:
        """Join the server or start it. Under the start lock. Raises CannotStart."""
        place = self._settled()
        process, directory = processes.postmaster(place), sockets.recorded(place)
        if process is None and not self._runs_out_of_sight(place, directory):
            process, directory = self._start(say)
        elif directory is None or not postmaster.wait_until_ready(place, process, directory):
            if process is not None:
                postmaster.stop(place, process)
            process, directory = self._start(say)
        self._process, self._socket_directory = process, directory
        creation.set_up(directory)

    def _runs_out_of_sight(self, place: Place, directory: Path | None) -> bool:
        """Whether a server we cannot see as a process uses this cluster, in a container say."""
        lock = locks.open_lock(place.server_lock)
        try:
            held = locks.held_by_others(lock)
        finally:
            locks.let_go(lock)
        return held and directory is not None and postmaster.answers(directory)

    def _start(self, say: Progress) -> tuple[psutil.Process, Path]:
        place = self._settled()
        programs = places.usable_binaries(binaries.installed(), place.account, say)
        if place.cluster.exists():
            creation.check_version(place, programs)
        else:
            say("Creating the database")
            creation.create_cluster(place, programs)
        say("Starting the database")
        postmaster.end_orphans(place)
        directory = sockets.choose(place)
        postmaster.clear_remains(place, directory)
        creation.configure(place)
        return postmaster.start(place, programs, directory), directory

    def _leave(self, users: int) -> None:
        """Under the start lock: give up our share, and stop the server if it was the last."""
        with self._counting:
            self._attached -= 1
        try:
            if not locks.held_by_others(users) and self._place is not None:
                # What we know serves where the data folder is gone and nothing can be found.
                process = processes.postmaster(self._place) or self._process
                if process is not None and processes.lives(process):
                    postmaster.stop(self._place, process)
                sockets.dispose(self._place)
        finally:
            locks.let_go(users)


def _say_nothing(_: str) -> None:
    pass


__all__ = ["CannotStart", "Cluster"]
