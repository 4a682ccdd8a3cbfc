"""The SQL that pgbench runs: what is read with nothing around it."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import orjson

from tests.benchmarks.peers import asks, fastapi_body

# How a path says after which row to go on.
address = asks.of_peers


def of(path: str) -> tuple[str, list[Any]]:
    """The one statement that answers a path of `address`; $1 and so on are the parameters."""
    parts = urlsplit(path)
    match parts.path.removeprefix(asks.CLAIMS).split("/"):
        case [""]:
            return fastapi_body.listed(dict(parse_qsl(parts.query)))
        case [pk, ""]:
            return fastapi_body.DETAIL, [UUID(pk)]
        case [pk, "history", ""]:
            return fastapi_body.HISTORY, [UUID(pk), 0]
    raise ValueError(path)


def document(row: tuple) -> Any:
    """The document, or the documents of a page, in the row that the statement gives."""
    found = row[0]
    return orjson.loads(found) if isinstance(found, str | bytes) else found
