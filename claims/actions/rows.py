"""Rows that a statement of our own writes, beside others, handed over as JSON."""

from collections.abc import Iterable
from functools import cache
from typing import Any

import orjson
from django.db.models import Model

INSERT = """
    INSERT INTO {table} ({names})
    SELECT {names} FROM json_populate_recordset(NULL::{table}, %s::json)"""


def insertion(model: type[Model]) -> str:
    """INSERT of rows that the one parameter holds, as `as_json` makes it."""
    table, names = model._meta.db_table, ", ".join(f'"{name}"' for name, _ in columns(model))
    return INSERT.format(table=table, names=names)


def as_json(rows: Iterable[Model]) -> str:
    """All columns of rows of one model."""
    told = [
        {name: getattr(row, attribute) for name, attribute in columns(type(row))} for row in rows
    ]
    return orjson.dumps(told, default=hexadecimal).decode()


@cache
def columns(model: type[Model]) -> list[tuple[str, str]]:
    return [(str(field.column), field.attname) for field in model._meta.concrete_fields]


def hexadecimal(value: Any) -> str:
    """Bytes, as PostgreSQL reads them. Raises TypeError for everything else."""
    if not isinstance(value, bytes):
        raise TypeError(value)
    return "\\x" + value.hex()
