"""Doing what only the owner of the tables may do."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections


@contextmanager
def as_owner() -> Iterator[None]:
    """Whatever actions do meanwhile, they do over the connection of the owner."""
    web = connections["default"]
    connections["default"] = connections["owner"]
    try:
        yield
    finally:
        connections["default"] = web
