"""The operating-system account that the database runs as.

PostgreSQL refuses to run as root. For an ordinary user the account is that user; for root it is
a system user of its own. Whatever lies in a directory of that account is written and read by a
child that has become the account: root following a symbolic link there could be led anywhere.
"""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import CannotStart

DEFAULT_NAME = "isnad"
CLEAN_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"}


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int
    name: str

    @property
    def process_options(self) -> dict[str, Any]:
        """Arguments for subprocess that make the child this account and nothing more."""
        options: dict[str, Any] = {
            "cwd": "/",
            "env": CLEAN_ENVIRONMENT,
            "umask": 0o077,
            "close_fds": True,
            # Ctrl-C in a terminal goes to the whole process group: not to the database.
            "start_new_session": True,
        }
        if self.uid != os.geteuid():
            # extra_groups names the own group because CPython 3.12.0 ignored an empty list.
            options |= {"user": self.uid, "group": self.gid, "extra_groups": [self.gid]}
        return options

    def shell(
        self, script: str, *arguments: object, text: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a shell script as this account; arguments arrive as $1, $2 and so on."""
        return subprocess.run(  # noqa: S603  (a fixed shell; what varies is quoted arguments)
            ["/bin/sh", "-c", script, "sh", *map(str, arguments)],
            **({"stdin": subprocess.DEVNULL} if text is None else {"input": text}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
            **self.process_options,
        )

    def write(self, path: Path, text: str) -> None:
        """Put text into a file of this account, all of it or nothing, readable by it alone.

        Raises CannotStart.
        """
        done = self.shell('cat > "$1.new" && mv -f "$1.new" "$1"', path, text=text)
        if done.returncode:
            raise CannotStart(f"{path} cannot be written: {done.stdout.strip()}.")

    def remove(self, *paths: Path) -> None:
        self.shell('rm -rf -- "$@"', *paths)

    def can_enter(self, directory: Path) -> bool:
        """Whether this account really reaches the directory, as the kernel sees it."""
        return self.shell('cd -- "$1"', directory).returncode == 0


def caller() -> Account:
    """The account that this process runs as. Raises CannotStart when it has no name."""
    return _by_uid(os.geteuid())


def owner_of(directory: Path) -> Account:
    """The account that owns an existing directory. Raises CannotStart."""
    return _by_uid(directory.lstat().st_uid)


def database_account() -> Account:
    """Who runs the database when nothing exists yet: root's system user, or the caller.

    Raises CannotStart.
    """
    if os.geteuid() != 0:
        return caller()
    asked = os.environ.get("ISNAD_DB_USER")
    found = _by_name(asked or DEFAULT_NAME)
    if found is None and asked:
        raise CannotStart(
            f"There is no user {asked!r} on this machine: create it, or unset ISNAD_DB_USER."
        )
    if found is None:
        found = _create_default()
    if found.uid == 0:
        raise CannotStart("PostgreSQL does not run as root: name another user in ISNAD_DB_USER.")
    return found


def _create_default() -> Account:
    useradd = shutil.which("useradd") or shutil.which("useradd", path="/usr/sbin:/sbin")
    said = "this machine has no useradd"
    if useradd:
        options = ["--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"]
        done = subprocess.run(  # noqa: S603  (nothing here comes from outside)
            [useradd, "--system", "--user-group", "--no-create-home", *options, DEFAULT_NAME],
            capture_output=True,
            text=True,
            check=False,
        )
        said = done.stderr.strip()
    # Looked up whatever useradd said: another process may have created it at the same time.
    found = _by_name(DEFAULT_NAME)
    if found is None:
        raise CannotStart(
            "PostgreSQL does not run as root, and its system user could not be created "
            f"({said}). Create a system user and name it in ISNAD_DB_USER, or start Isnad "
            "as an ordinary user."
        )
    return found


def _by_name(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name)


def _by_uid(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise CannotStart(
            f"The user with the number {uid} has no name on this machine, and PostgreSQL needs "
            "one: add it to /etc/passwd, or name a PostgreSQL of your own in DATABASE_URL."
        ) from None
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name)
