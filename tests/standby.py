"""A hot standby of an embedded database, made from the same programs."""

import shutil
import signal
from contextlib import suppress
from typing import Any

import psutil
import psycopg

from config.embedded import account, binaries, places, sockets
from tests.live import Server, temporary_folder
from tests.waiting import PATIENCE


class Standby:
    """It lies in a private folder of the database's own user, and listens on a socket there."""

    def __init__(self) -> None:
        self.folder = temporary_folder()
        self.account = account.database_account()
        self.home = places.new_directory_for(self.account, parent=self.folder, prefix="s")
        self.cluster = self.home / "cluster"
        self.programs = places.usable_binaries(binaries.installed(), self.account, print)

    def url(self, user: str = "isnad_web") -> str:
        return f"postgresql://{user}@/isnad?host={self.home}"

    def run(self, program: str, *arguments: object) -> None:
        done = self.account.shell('exec "$@"', self.programs.program(program), *arguments)
        assert done.returncode == 0, done.stdout

    def make(self, server: Server) -> None:
        """A copy of the server's database, which follows it."""
        self.stop()
        self.account.remove(self.cluster)
        primary = (server.folder / "socket-directory").read_text()
        self.run(
            *("pg_basebackup", "-h", primary, "-U", "postgres", "-D", self.cluster),
            *("--checkpoint=fast", "--no-sync", "--write-recovery-conf"),
        )
        self.start()

    def start(self) -> None:
        options = f"-c unix_socket_directories={self.home} -c shared_buffers=32MB"
        log = self.home / "log"
        self.run("pg_ctl", "start", "-w", "-D", self.cluster, "-l", log, "-o", options)

    def processes(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                if process.cwd() == str(self.cluster):
                    found.append(process)
        return found

    def kill(self) -> None:
        """kill -9 of all its processes at once."""
        victims = self.processes()
        assert victims
        self.signal(signal.SIGKILL)
        psutil.wait_procs(victims, timeout=PATIENCE)
        # A process that nobody reaps has its number still, and would pass for a living server.
        socket = self.home / sockets.SOCKET
        self.account.remove(self.cluster / "postmaster.pid", socket, f"{socket}.lock")

    def signal(self, number: int) -> None:
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def stop(self) -> None:
        if self.processes():
            self.run("pg_ctl", "stop", "-D", self.cluster, "-m", "immediate")

    def ask(self, statement: str, *values: Any) -> Any:
        """One value, as its superuser."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            row = connection.execute(statement, values).fetchone()
        return row and row[0]

    def dispose(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
