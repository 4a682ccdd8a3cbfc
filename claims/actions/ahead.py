"""Making the next of something while the one before is used."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

Item = TypeVar("Item")


def ahead(items: Iterable[Item]) -> Iterator[Item]:
    """The items, each made in a thread, one ahead; in our context, so that it says `_` alike.

    The thread has no part in our connection to the database.
    """
    making, context = iter(items), copy_context()

    def follow() -> tuple[Item] | None:
        for item in making:
            return (item,)
        return None

    with ThreadPoolExecutor(1) as thread:
        following = thread.submit(context.run, follow)
        while got := following.result():
            following = thread.submit(context.run, follow)
            yield got[0]
