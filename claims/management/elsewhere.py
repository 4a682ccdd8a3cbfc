"""Making something in another process, which asks this one for what only this one can do."""

import os
import signal
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from errno import ECHILD
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, NamedTuple, TypeVar

Item = TypeVar("Item")


class Call(NamedTuple):
    """A method of what serves the fork. answered: whether the fork waits for what it gives."""

    name: str
    arguments: tuple[Any, ...]
    answered: bool


class Line:
    """From the fork to what serves it."""

    def __init__(self, theirs: Connection) -> None:
        self.theirs = theirs

    def ask(self, name: str, *arguments: Any) -> Any:
        """Raises what the method refused, and what one refused that was told before."""
        self.theirs.send(Call(name, arguments, answered=True))
        value, refusal = self.theirs.recv()
        if refusal is not None:
            raise refusal
        return value

    def tell(self, name: str, *arguments: Any) -> None:
        self.theirs.send(Call(name, arguments, answered=False))


@contextmanager
def elsewhere(
    making: Callable[[Line], Iterator[Item]],
    serving: object = None,
    refusal: type[Exception] | tuple[()] = (),
) -> Iterator[Iterator[Item]]:
    """The items, made by a fork of this process, about one ahead.

    A fork has at hand whatever making them needs, in milliseconds; another Python would take half a
    second to get there. What making them raises is raised here, and ChildProcessError when the fork
    ends before they do.

    serving: does what the fork asks for, while we wait for items. refusal: what is raised there,
    not here; nothing more is done then until the fork has heard of it.
    """
    ours, theirs = Pipe()
    with warnings.catch_warnings():
        # Of other threads' locks: it takes none, and has no part in our connections.
        warnings.simplefilter("ignore", DeprecationWarning)
        maker = os.fork()
    if not maker:
        try:
            ours.close()
            make(making(Line(theirs)), theirs)
        finally:
            os._exit(0)
    theirs.close()
    try:
        yield made(ours, serving, refusal)
    except BaseException:
        os.kill(maker, signal.SIGKILL)
        raise
    finally:
        os.waitpid(maker, 0)
        ours.close()


def make(items: Iterator[Any], theirs: Connection) -> None:
    """In the fork. Ends when nobody listens any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for our parent, which ends us
    try:
        for item in items:
            theirs.send((item, None))
        theirs.send(None)
    except (BrokenPipeError, ConnectionResetError, EOFError):
        pass
    except Exception as wrong:
        theirs.send((None, wrong))


def made(ours: Connection, serving: object, refusal: type[Exception] | tuple[()]) -> Iterator[Any]:
    refused: Exception | None = None
    while True:
        try:
            told = ours.recv()
        except (EOFError, ConnectionResetError):
            raise ChildProcessError(ECHILD, "a process that helps was ended") from None
        if told is None:
            return
        if isinstance(told, Call):
            value = None
            if refused is None:
                try:
                    value = getattr(serving, told.name)(*told.arguments)
                except refusal as it:
                    refused = it.with_traceback(None)
            if told.answered:
                ours.send((value, refused))
                refused = None
            continue
        item, wrong = told
        if wrong is not None:
            raise wrong
        yield item
