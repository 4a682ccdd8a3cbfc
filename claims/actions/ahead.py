"""Making the next of something while the one before is used."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.utils.translation import activate, get_language

Item = TypeVar("Item")


def ahead(items: Iterable[Item]) -> Iterator[Item]:
    """The items, one ahead, made in a thread that speaks our language.

    It has no part in our connection to the database.
    """
    making = iter(items)

    def follow() -> tuple[Item] | None:
        for item in making:
            return (item,)
        return None

    with ThreadPoolExecutor(1, initializer=activate, initargs=(get_language(),)) as thread:
        following = thread.submit(follow)
        while got := following.result():
            following = thread.submit(follow)
            yield got[0]
