"""Which processes are the server's.

A process is the server's by its working directory, which PostgreSQL keeps in the cluster, never
by a number in a file: numbers are used again. That none is left, even out of our sight, is known
from a lock that they all inherit (Place.server_lock).
"""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil

from .account import Account
from .places import Place

_children: set[int] = set()


def postmaster(place: Place) -> psutil.Process | None:
    """The living postmaster of this cluster; a zombie does not live."""
    processes = {process.pid: process for process in of(place)}
    for process in processes.values():
        try:
            # The others are named "postgres: …" and may survive a killed postmaster for a while.
            titled = "".join(process.cmdline()[:1]).startswith("postgres:")
            if not titled and process.ppid() not in processes:
                return process
        except psutil.Error:
            continue
    return None


def of(place: Place) -> Iterator[psutil.Process]:
    """All living processes of this cluster that can be seen from here."""
    reap()
    for process in psutil.process_iter():
        try:
            if (
                process.name() == "postgres"
                and process.uids().effective == place.account.uid
                and process.status() != psutil.STATUS_ZOMBIE
                and _works_in(process.pid, place.cluster, place.account)
            ):
                yield process
        except psutil.Error:
            continue


def lives(process: psutil.Process) -> bool:
    reap()
    try:
        return bool(process.is_running()) and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def adopt(child: subprocess.Popen[bytes]) -> psutil.Process:
    """Look after a child by its number: it may outlive us, and another process may end it."""
    _children.add(child.pid)
    child.returncode = 0  # else Popen warns about a child that still runs
    return psutil.Process(child.pid)


def reap(dead: int | None = None) -> None:
    """Take leave of children that ended, and wait for `dead`, which is about to."""
    for pid in list(_children):
        try:
            ended, _ = os.waitpid(pid, 0 if pid == dead else os.WNOHANG)
        except ChildProcessError:  # not ours: we are a fork of the process that started it
            ended = pid
        if ended:
            _children.discard(pid)


def _works_in(pid: int, cluster: Path, account: Account) -> bool:
    link = f"/proc/{pid}/cwd"
    try:
        # The directory itself, not its name: a deleted or moved one has the name of another.
        return os.path.samestat(os.stat(link), os.stat(cluster))
    except PermissionError:
        # Root in a container may not look, but the process's own user may.
        return account.shell('test "$1" -ef "$2"', link, cluster).returncode == 0
    except OSError:
        return False
