"""Making the next of something while the one before is used."""

import threading
from collections.abc import Iterator

import pytest
from django.utils.translation import get_language, override

from claims.actions.ahead import ahead


def test_each_is_made_while_the_one_before_is_used() -> None:
    asked = threading.Event()

    def made() -> Iterator[int]:
        yield 1
        asked.set()
        yield 2

    items = ahead(made())
    assert next(items) == 1
    assert asked.wait(10)
    assert list(items) == [2]


def test_it_is_made_in_the_language_of_who_asks() -> None:
    with override("ar"):
        assert list(ahead(get_language() for _ in range(2))) == ["ar", "ar"]


def test_what_goes_wrong_in_making_is_raised_where_it_is_used() -> None:
    items = ahead(1 // it for it in (1, 0))
    assert next(items) == 1
    with pytest.raises(ZeroDivisionError):
        next(items)
