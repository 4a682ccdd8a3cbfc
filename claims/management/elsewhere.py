"""Making something in another process, while this one uses what was made before."""

import os
import signal
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from errno import ECHILD
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, TypeVar

Item = TypeVar("Item")


@contextmanager
def elsewhere(items: Iterator[Item]) -> Iterator[Iterator[Item]]:
    """The items, made by a fork of this process, one ahead.

    A fork has at hand whatever making them needs, in milliseconds; another Python would take half a
    second to get there. What making them raises is raised here, and ChildProcessError when the fork
    ends before they do.
    """
    ours, theirs = Pipe(duplex=False)
    with warnings.catch_warnings():
        # Of other threads' locks: it takes none, and has no part in our connections.
        warnings.simplefilter("ignore", DeprecationWarning)
        maker = os.fork()
    if not maker:
        try:
            ours.close()
            make(items, theirs)
        finally:
            os._exit(0)
    theirs.close()
    try:
        yield made(ours)
    except BaseException:
        os.kill(maker, signal.SIGKILL)
        raise
    finally:
        os.waitpid(maker, 0)


def make(items: Iterator[Any], theirs: Connection) -> None:
    """In the fork. Ends when nobody reads any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for our parent, which ends us
    try:
        for item in items:
            theirs.send((item, None))
        theirs.send(None)
    except BrokenPipeError:
        pass
    except Exception as wrong:
        theirs.send((None, wrong))


def made(ours: Connection) -> Iterator[Any]:
    while True:
        try:
            got = ours.recv()
        except EOFError:
            raise ChildProcessError(ECHILD, "the process that reads was ended") from None
        if got is None:
            return
        item, wrong = got
        if wrong is not None:
            raise wrong
        yield item
