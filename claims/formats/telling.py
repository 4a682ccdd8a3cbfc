"""Documents of rows that are in memory, as their serializers describe them.

A serializer asks each of its fields anew what it is and where it stands: to tell a verdict so took
as long as to check one. Here that is asked once. Tests hold both equal.
"""

from collections.abc import Callable
from datetime import date
from operator import attrgetter
from typing import Any

from rest_framework import serializers

from claims.formats.composing import CannotCompose
from claims.formats.state import instant

Tell = Callable[[Any], Any]

# What JSON has, or is spelled there as it is anyway.
AS_IT_IS = (
    serializers.CharField,
    serializers.ChoiceField,
    serializers.DictField,
    serializers.IntegerField,
    serializers.UUIDField,
)


def telling(serializer: serializers.BaseSerializer) -> Tell:
    """What makes the document of a row. Raises CannotCompose."""
    if isinstance(serializer, serializers.ListSerializer):
        child: Any = serializer.child
        each = telling(child)
        return lambda rows: [each(row) for row in rows]
    assert isinstance(serializer, serializers.Serializer)
    fields = [(name, value(field)) for name, field in serializer.fields.items()]
    return lambda row: {name: told(row) for name, told in fields}


def value(field: Any) -> Tell:
    """Null where there is no row on the way to it."""
    stock = type(field).to_representation.__module__.startswith("rest_framework.")
    if not (stock and field.source_attrs):
        raise CannotCompose(f"{type(field).__name__} is told by its serializer alone")
    *way, last = field.source_attrs
    if isinstance(field, serializers.PrimaryKeyRelatedField):
        last += "_id"
    told: Tell = attrgetter(last)
    if isinstance(field, serializers.BaseSerializer):
        told = then(told, telling(field))
    elif isinstance(field, serializers.DateTimeField):
        told = then(told, instant)
    elif isinstance(field, serializers.DateField):
        told = then(told, date.isoformat)
    elif not isinstance(field, (*AS_IT_IS, serializers.PrimaryKeyRelatedField)):
        raise CannotCompose(f"{type(field).__name__} has no spelling here")
    for name in reversed(way):
        told = then(attrgetter(name), told)
    return told


def then(first: Tell, second: Tell) -> Tell:
    def told(row: Any) -> Any:
        found = first(row)
        return None if found is None else second(found)

    return told
