"""Who of the record goes by a name, however it is written."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from claims.models import Speaker
from claims.text.sameness import same
from claims.vocabulary import SpeakerType

AT_ONCE = 2_000
"""Rows that are held while speakers are gone through."""


@dataclass(frozen=True, slots=True)
class Known:
    """A speaker of the record, as far as it takes to name them."""

    id: UUID
    name: str
    is_person: bool


def speakers_called(names: Collection[str]) -> dict[str, list[Known]]:
    """By each of these names, the speakers who go by it; the first recorded first.

    names: as `same` has them. Names in any language count, and titles. Goes through all speakers
    once, however many names are asked for: some 15 µs for each.
    """
    found: dict[str, list[Known]] = defaultdict(list)
    if not names:
        return found
    asked = frozenset(names)
    rows = Speaker.objects.order_by("created_at", "id").values_list(
        "id", "name", "type", "names", "other_names", "roles"
    )
    for pk, name, kind, *more in rows.iterator(chunk_size=AT_ONCE):
        for called in asked.intersection(map(same, all_names(name, *more))):
            found[called].append(Known(pk, name, kind == SpeakerType.PERSON))
    return found


def all_names(
    name: str, names: dict[str, str], others: list[str], roles: list[dict[str, Any]]
) -> Iterator[str]:
    yield name
    yield from names.values()
    yield from others
    for role in roles:
        yield role["title"]
        yield from role.get("titles", {}).values()
