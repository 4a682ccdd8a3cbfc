"""A row as plain JSON: what a Change remembers of it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Model

JSON = dict[str, Any]

# Columns that are bookkeeping, secrets, or told by the Change itself.
LEFT_OUT = {
    "version",
    "digest",
    "created_by_id",
    "captured_by_id",
    "issued_by_id",
    "changed_at",
    "claim_created_at",
}


def state_of(row: Model, **more: object) -> JSON:
    """The columns of a row as JSON; what other rows say is named by their ids.

    Texts in a Content are named by its id too, so that erasing one erases it everywhere.
    more: what belongs to the row but stands in other tables.
    """
    columns = {
        field.attname: plain(getattr(row, field.attname))
        for field in row._meta.concrete_fields
        if field.attname not in LEFT_OUT
    }
    return columns | {name: plain(value) for name, value in more.items()}


def plain(value: object) -> Any:
    match value:
        case UUID():
            return str(value)
        case bytes() | memoryview():
            return bytes(value).hex()
        case list() | tuple():
            return [plain(item) for item in value]
        case Mapping():
            return {key: plain(item) for key, item in value.items()}
        case None | bool() | int() | float():
            return value
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case _:
            return str(value)
