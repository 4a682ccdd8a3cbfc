"""A row as plain JSON: what a Change remembers of it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Field, ForeignKey, Model

from claims.models import Content

JSON = dict[str, Any]

# Columns that are bookkeeping, secrets, told by the Change itself, or nobody's but a desk's.
LEFT_OUT = {
    "version",
    "digest",
    "secret",
    "previous_secret",
    "read_up_to",
    "parked_in_a_row",
    "created_by",
    "captured_by",
    "issued_by",
    "taken_by",
    "decided_by",
    "changed_at",
    "claim_created_at",
    "party",
    "contact",
    "resolved_by",
}
# The same, of one table alone. In which language somebody contests may tell who it was.
LEFT_OUT_OF = {"contest": {"language"}}


def told(model: type[Model]) -> list[Field]:
    """The columns that a Change of such a row tells."""
    left_out = LEFT_OUT | LEFT_OUT_OF.get(str(model._meta.model_name), set())
    return [field for field in model._meta.concrete_fields if field.name not in left_out]


def state_of(row: Model, **more: object) -> JSON:
    """The columns of a row as JSON; what other rows say is named by their ids.

    A text in a Content is named by its hash, so that erasing one erases it everywhere.
    more: what belongs to the row but stands in other tables.
    """
    state = {
        name: value if type(value := getattr(row, attname)) in AS_IT_IS else plain(value)
        for name, attname in columns(type(row))
    }
    for name in contents(type(row)):
        content: Content | None = getattr(row, name)
        state[name] = None if content is None else plain(content.sha256)
    return state | {name: plain(value) for name, value in more.items()}


@cache
def columns(model: type[Model]) -> list[tuple[str, str]]:
    """The names of the columns that are told as they are, and of the attributes that hold them."""
    left = contents(model)
    return [(field.name, field.attname) for field in told(model) if field.name not in left]


@cache
def contents(model: type[Model]) -> list[str]:
    return [
        field.name
        for field in told(model)
        if isinstance(field, ForeignKey) and field.related_model is Content
    ]


AS_IT_IS = {str, bool, int, type(None)}  # what most columns hold


def plain(value: object) -> Any:
    if type(value) in AS_IT_IS:
        return value
    match value:
        case UUID():
            return str(value)
        case bytes() | memoryview():
            return bytes(value).hex()
        case list() | tuple():
            return [plain(item) for item in value]
        case Mapping():
            return {key: plain(item) for key, item in value.items()}
        case int():
            return value
        case datetime():
            return instant(value)
        case date():
            return value.isoformat()
        case _:
            return str(value)


@lru_cache(maxsize=100)  # of what is filed at once, all rows tell the same one
def instant(value: datetime) -> str:
    """As 2020-03-14T09:30:00.000000Z: always with six digits, so that there is one spelling."""
    return value.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
