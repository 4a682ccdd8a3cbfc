"""The directory of the server's socket: private, and short enough for the kernel.

It is beside the cluster where that path will do, else a directory of a random name elsewhere.
The note in the data folder says where, so that all our processes find the same one.
"""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from .account import Account
from .configuration import PORT
from .errors import CannotStart
from .places import Place, is_private, new_directory_for

BESIDE = "socket"
SOCKET = f".s.PGSQL.{PORT}"
LONGEST = 103  # bytes of a socket's path that every system we know allows (Linux: 107)
OWNER_NOTE = "cluster"  # in a directory elsewhere: the cluster it belongs to


def recorded(place: Place) -> Path | None:
    """The directory that the running server uses, if the note can be trusted."""
    try:
        directory = Path(place.socket_note.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None
    return directory if is_private(directory, place.account) else None


def choose(place: Place) -> Path:
    """The directory for a server about to start, made and noted. Raises CannotStart."""
    directory = _beside(place) or _our_old_one(place) or _elsewhere(place)
    unfinished = place.socket_note.with_name(f"{place.socket_note.name}.{os.getpid()}")
    unfinished.write_text(str(directory), encoding="utf-8")
    unfinished.replace(place.socket_note)
    return directory


def clear(place: Place, directory: Path) -> None:
    """Remove what a dead server left, which would keep a new one from starting."""
    place.account.remove(directory / SOCKET, directory / f"{SOCKET}.lock")


def dispose(place: Place) -> None:
    """After the stop: remove a directory that was only made for the socket."""
    directory = _our_old_one(place)
    if directory is not None:
        clear(place, directory)
        place.account.remove(directory / OWNER_NOTE)
        with suppress(OSError):  # our caller may remove it, the account may not
            directory.rmdir()
        place.socket_note.unlink(missing_ok=True)


def _fits(directory: Path) -> bool:
    try:
        name = f"{directory}/{SOCKET}".encode()
    except UnicodeEncodeError:
        return False
    # A comma would make two hosts of it in a connection string.
    return len(name) <= LONGEST and not set(b",\n\r") & set(name)


def _beside(place: Place) -> Path | None:
    directory = place.cluster.parent / BESIDE
    if not _fits(directory):
        return None
    try:
        if not os.path.lexists(directory):
            new = new_directory_for(place.account, parent=directory.parent, prefix=f".{BESIDE}.")
            new.rename(directory)
    except OSError:
        return None
    return directory if is_private(directory, place.account) else None


def _our_old_one(place: Place) -> Path | None:
    directory = recorded(place)
    if directory is None or directory == place.cluster.parent / BESIDE:
        return None
    # A data folder that was copied has the note of the original: its directory is not ours.
    said = place.account.shell('cat -- "$1"', directory / OWNER_NOTE)
    return directory if said.stdout == str(place.cluster) and _fits(directory) else None


def _elsewhere(place: Place) -> Path:
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    bases = [Path("/run")] if os.geteuid() == 0 else [Path(runtime)] if runtime else []
    bases += [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]  # noqa: S108
    for base in bases:
        if not (base.is_absolute() and _nobody_can_swap_in(base, place.account)):
            continue
        try:
            directory = new_directory_for(place.account, parent=base, prefix="isnad-")
        except OSError:
            continue
        if _fits(directory) and place.account.can_enter(directory):
            place.account.write(directory / OWNER_NOTE, str(place.cluster))
            return directory
        directory.rmdir()
    raise CannotStart(
        f"The path {place.cluster.parent} is too long for a socket, and no short private "
        "directory could be made in /tmp: choose a shorter one with ISNAD_DATA_DIR."
    )


def _nobody_can_swap_in(base: Path, account: Account) -> bool:
    """Whether another user could rename our directory away and put up one of their own."""
    try:
        status = base.stat()
    except OSError:
        return False
    closed = not status.st_mode & 0o022 or bool(status.st_mode & stat.S_ISVTX)
    return closed and status.st_uid in (0, os.geteuid(), account.uid)
