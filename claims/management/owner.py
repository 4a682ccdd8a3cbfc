"""Doing what only the owner of the tables may do."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections


@contextmanager
def as_owner() -> Iterator[None]:
    """Whatever actions do meanwhile, they do over the connection of the owner."""
    web = connections["default"]
    connections["default"] = connections["owner"]
    with connections["owner"].cursor() as cursor:  # no request waits for it
        cursor.execute("SET statement_timeout = 0")
    try:
        yield
    finally:
        connections["default"] = web
