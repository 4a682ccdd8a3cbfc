"""Connections of our own beside Django's: with its settings, but none of its pool."""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.utils import ConnectionHandler

# What Django wants of a connection for itself.
DJANGOS = {"cursor_factory", "context", "pool", "prepare_threshold"}


def connection_parameters() -> dict[str, Any]:
    """Those of Django's connections."""
    return without_djangos(connections[DEFAULT_DB_ALIAS])


def parameters_of(database: dict[str, Any]) -> dict[str, Any]:
    """As above, of a database that Django does not know; database: its settings, as for Django."""
    return without_djangos(ConnectionHandler({DEFAULT_DB_ALIAS: database})[DEFAULT_DB_ALIAS])


def without_djangos(database: Any) -> dict[str, Any]:
    given = database.get_connection_params()
    return {name: value for name, value in given.items() if name not in DJANGOS}
