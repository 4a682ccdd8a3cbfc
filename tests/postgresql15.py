"""Runs tests on a PostgreSQL 15 of Debian's, the oldest that Isnad takes: thrown away in the end.

    python -m tests.postgresql15 [what pytest takes]

As root the database runs as the system user that the embedded one has.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from config.embedded.account import Account, database_account
from tests.live import NOT_FOR_TESTS, temporary_folder
from tests.waiting import PATIENCE

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
ROLES = "CREATE ROLE isnad_owner LOGIN CREATEDB", "CREATE ROLE isnad_web LOGIN"


@contextmanager
def postgresql15() -> Iterator[dict[str, str]]:
    """The environment in which tests find it: the URLs of its two roles."""
    account = database_account()
    folder = temporary_folder()
    # Whoever comes to the socket is let in: nobody else comes into the folder.
    os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)
    try:
        server = start(account, folder)
        try:
            yield {
                "DATABASE_URL": url("isnad_web", folder),
                "DATABASE_OWNER_URL": url("isnad_owner", folder),
            }
        finally:
            server.send_signal(signal.SIGINT)  # ends the sessions that are left
            server.wait(PATIENCE)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def start(account: Account, folder: Path) -> "subprocess.Popen[bytes]":
    data = folder / "data"
    made = [PROGRAMS / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
    subprocess.run(
        [*made, "--locale=C.UTF-8", "--no-sync"],
        **account.process_options,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    options = {"listen_addresses": "", "unix_socket_directories": folder}
    options |= dict.fromkeys(NOT_FOR_TESTS, "off")
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [PROGRAMS / "postgres", "-D", data, *(f"--{k}={v}" for k, v in options.items())],
            **account.process_options,
            stderr=log,
        )
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with psycopg.connect(url("postgres", folder), autocommit=True) as connection:
                for role in ROLES:
                    connection.execute(role)
            return server
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                server.kill()
                raise RuntimeError((folder / "log").read_text("utf-8")) from None
            time.sleep(0.1)


def url(role: str, folder: Path) -> str:
    return f"postgresql://{role}@/postgres?host={folder}"


def main() -> None:
    if not PROGRAMS.is_dir():
        sys.exit(f"There is no PostgreSQL 15 in {PROGRAMS}: apt install postgresql-15.")
    with postgresql15() as environment:
        command = [sys.executable, "-m", "pytest", *sys.argv[1:]]
        done = subprocess.run(command, env=os.environ | environment, check=False)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
