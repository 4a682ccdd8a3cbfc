"""Where things are: the data folder, the cluster in it, and root's own store.

The data folder holds our locks and notes and, wherever its account can enter, the cluster. What
exists is never opened up: where root's system user cannot enter, the cluster (and a copy of the
programs) goes below STORE instead.
"""

import hashlib
import os
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from . import account as accounts
from .account import Account
from .binaries import Binaries
from .errors import CannotStart, remedy

STORE = Path("/var/lib/isnad")
CLUSTER = "postgres"


@dataclass(frozen=True)
class Place:
    """data: locks and notes; cluster: what PostgreSQL calls its data directory."""

    data: Path
    cluster: Path
    account: Account

    @property
    def start_lock(self) -> Path:
        return self.data / "start.lock"

    @property
    def users_lock(self) -> Path:
        """Held shared by every process of ours that uses the server."""
        return self.data / "users.lock"

    @property
    def server_lock(self) -> Path:
        """Held shared by every process of the server itself."""
        return self.data / "server.lock"

    @property
    def socket_note(self) -> Path:
        return self.data / "socket-directory"


def open_data_directory(asked: Path) -> Path:
    """Make the data folder where it is missing; its real path. Raises CannotStart."""
    path = Path(os.path.abspath(asked))
    try:
        if not path.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
            # Root's database user has to pass through; it sees no names, and secrets are 0600.
            _make_directory(path, mode=0o711 if os.geteuid() == 0 else 0o700)
        if not os.access(path, os.W_OK | os.X_OK):
            raise PermissionError(f"Permission denied: '{path}'")
    except OSError as error:
        raise unusable(path, error) from error
    return path.resolve()


def unusable(path: Path, error: OSError) -> CannotStart:
    """The data folder cannot be used, as a sentence."""
    if isinstance(error, PermissionError):
        return CannotStart(
            f"The data folder {path} cannot be written by this user ({error.strerror or error}). "
            "Correct its owner or its rights, or choose another folder with ISNAD_DATA_DIR."
        )
    if isinstance(error, FileExistsError | NotADirectoryError):
        return CannotStart(
            f"The data folder {path} cannot be made: a file is in the way. "
            "Move the file, or choose another folder with ISNAD_DATA_DIR."
        )
    return CannotStart(
        f"The data folder {path} cannot be used ({error.strerror or error}). Correct that, or "
        "choose another folder with ISNAD_DATA_DIR."
    )


def settle(data: Path) -> Place:
    """Where the cluster of this data folder is, or is to be. Call it under the start lock.

    Raises CannotStart.
    """
    near = data / CLUSTER
    if os.geteuid() != 0:
        return _existing(data, near) or Place(data, near, accounts.database_account())
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    far = STORE / name / CLUSTER
    found = _existing(data, near) or _existing(data, far)
    if found:
        return found
    account = accounts.database_account()
    if account.can_enter(data):
        return Place(data, near, account)
    directory = _in_store(name)
    with suppress(OSError):  # for whoever wonders, years later, whose database this is
        (directory / "data-folder").write_bytes(os.fsencode(data))
    if not account.can_enter(directory):
        raise CannotStart(
            f"The database's system user {account.name!r} can enter neither {data} nor "
            f"{directory}: correct the rights of one of them."
        )
    return Place(data, far, account)


def usable_binaries(binaries: Binaries, account: Account, say: Callable[[str], None]) -> Binaries:
    """The binaries, or a copy where the account can run them. Raises CannotStart."""
    if binaries.run_for(account):
        return binaries
    if account.uid != os.geteuid():
        target = _in_store() / f"bin-{binaries.version}"
        if not target.exists():
            say("Copying the database programs")
        try:
            binaries = binaries.copied_to(target)
        except OSError as error:
            raise CannotStart(
                f"The database programs cannot be copied to {target}. "
                + remedy(str(error), target),
                log=str(error),
            ) from error
    said = account.shell('"$1" --version', binaries.program("postgres"))
    if said.returncode:
        raise CannotStart(
            f"The database programs in {binaries.directory} do not run. "
            + remedy(said.stdout, binaries.directory),
            log=said.stdout.strip(),
        )
    return binaries


def new_directory_for(account: Account, *, parent: Path, prefix: str) -> Path:
    """A new 0700 directory of the account, with a name nobody can guess. Raises OSError."""
    path = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    if account.uid != os.geteuid():
        # By descriptor: between the two steps nobody can put another directory in its place.
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            if os.fstat(descriptor).st_uid == os.geteuid():
                os.fchown(descriptor, account.uid, account.gid)
        finally:
            os.close(descriptor)
    return path


def is_private(directory: Path, account: Account) -> bool:
    """Whether it is a directory, no link, of this account and closed to everybody else."""
    try:
        status = directory.lstat()
    except OSError:
        return False
    return (
        stat.S_ISDIR(status.st_mode)
        and status.st_uid == account.uid
        and stat.S_IMODE(status.st_mode) == 0o700
    )


def _existing(data: Path, cluster: Path) -> Place | None:
    if not os.path.lexists(cluster):
        return None
    account = accounts.owner_of(cluster)
    if not is_private(cluster, account) or account.uid == 0:
        raise CannotStart(
            f"{cluster} is not a database folder of ours: it has to be a directory of the user "
            "that runs the database, with the rights 0700. Correct that, or move it away."
        )
    if os.geteuid() not in (0, account.uid):
        raise CannotStart(
            f"The database in {cluster} belongs to the user {account.name!r}. Start Isnad as "
            "that user or as root, or choose another folder with ISNAD_DATA_DIR."
        )
    if not account.can_enter(cluster):
        raise CannotStart(
            f"The database's user {account.name!r} can no longer enter {cluster}: "
            "give back the rights of the folders above it."
        )
    return Place(data, cluster, account)


def _in_store(*names: str) -> Path:
    """A directory of root's, below STORE, through which others may pass. Raises CannotStart."""
    path = STORE
    for path in (STORE, *(STORE.joinpath(*names[:n]) for n in range(1, len(names) + 1))):
        try:
            if not path.exists():
                _make_directory(path, mode=0o711)
            status = path.lstat()
        except OSError as error:
            raise unusable(path, error) from error
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != 0 or status.st_mode & 0o022:
            raise CannotStart(f"{path} has to be a directory that only root can write to.")
    return path


def _make_directory(path: Path, *, mode: int) -> None:
    """Make a directory that has its rights from the first moment, whatever the umask."""
    unfinished = tempfile.mkdtemp(prefix=f".{path.name[:32]}.", dir=path.parent)
    try:
        os.chmod(unfinished, mode)
        os.rename(unfinished, path)
    except OSError:
        os.rmdir(unfinished)
        if not path.is_dir():  # else another process was faster
            raise
