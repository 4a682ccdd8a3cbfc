"""Items made by a fork of this process, which may ask this one."""

import os
from collections.abc import Iterator
from itertools import islice

import psutil
import pytest
from django.utils.translation import get_language, override

from claims.management.elsewhere import Line, elsewhere


class No(Exception):
    pass


class Served:
    def __init__(self) -> None:
        self.heard: list[int] = []

    def doubled(self, number: int) -> int:
        return 2 * number

    def hear(self, number: int) -> None:
        if number < 0:
            raise No(number)
        self.heard.append(number)


def test_the_items_are_made_in_another_process_in_the_language_of_this_one() -> None:
    def making(line: Line) -> Iterator[tuple[int, str]]:
        yield os.getpid(), get_language()

    with override("ar"), elsewhere(making) as items:
        [(maker, language)] = items
    assert maker != os.getpid()
    assert language == "ar"


def test_the_fork_asks_and_tells_in_order() -> None:
    def making(line: Line) -> Iterator[int]:
        for number in range(3):
            line.tell("hear", number)
            yield line.ask("doubled", number)

    served = Served()
    with elsewhere(making, served) as items:
        assert list(items) == [0, 2, 4]
    assert served.heard == [0, 1, 2]


def test_after_a_refusal_nothing_is_done_until_the_fork_has_heard_of_it() -> None:
    def making(line: Line) -> Iterator[str]:
        for number in (1, -2, 3):
            line.tell("hear", number)
        try:
            line.ask("doubled", 4)
        except No as refusal:
            yield str(refusal)
        line.tell("hear", 5)
        yield str(line.ask("doubled", 6))

    served = Served()
    with elsewhere(making, served, No) as items:
        assert list(items) == ["-2", "12"]
    assert served.heard == [1, 5]


def test_what_is_no_refusal_is_raised_here_and_ends_the_fork() -> None:
    def making(line: Line) -> Iterator[int]:
        yield line.ask("hear", -1)

    with pytest.raises(No), elsewhere(making, Served()) as items:
        list(items)
    assert not psutil.Process().children()


def test_what_goes_wrong_in_the_fork_is_raised_here() -> None:
    def making(line: Line) -> Iterator[float]:
        yield 1 / 0

    with pytest.raises(ZeroDivisionError), elsewhere(making) as items:
        list(items)
    assert not psutil.Process().children()


def test_a_fork_that_nobody_listens_to_ends() -> None:
    def making(line: Line) -> Iterator[bytes]:
        while True:
            yield b"." * 1_000_000

    with pytest.raises(StopIteration), elsewhere(making) as items:
        next(islice(items, 1, 1))
    assert not psutil.Process().children()
