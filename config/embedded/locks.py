"""Locks between our processes: flock, which the kernel lets go of when a holder dies."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import CannotStart

PATIENCE = 300.0  # seconds; longer than the longest start and stop together


def open_lock(path: Path) -> int:
    """A file descriptor to lock on. Raises OSError."""
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    return os.open(path, flags, 0o600)


def share(descriptor: int) -> None:
    fcntl.flock(descriptor, fcntl.LOCK_SH)


def held_by_others(descriptor: int) -> bool:
    """Whether another open file holds this lock; if not, it is ours alone from now on.

    A shared lock of our own is given up, whatever the answer.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def let_go(descriptor: int) -> None:
    # Unlocked in so many words: a forked child may hold a copy of the descriptor, and closing
    # ours would then leave the lock in place.
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


@contextmanager
def exclusively(path: Path, *, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the lock alone; `waiting` is called once when somebody else keeps us waiting.

    Raises OSError, and CannotStart after PATIENCE.
    """
    descriptor = open_lock(path)
    try:
        started, told = time.monotonic(), False
        while held_by_others(descriptor):
            waited = time.monotonic() - started
            if waited > PATIENCE:
                raise CannotStart(
                    f"Another process has been starting or stopping the database for {waited:.0f} "
                    f"seconds. Find it with `fuser '{path}'`, end it, and start again."
                )
            if waited > 1 and not told:
                told = True
                waiting()
            time.sleep(0.02)
        yield
    finally:
        let_go(descriptor)
