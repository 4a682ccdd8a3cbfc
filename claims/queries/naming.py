"""Who of the record goes by a name, however it is written."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from claims.models import Speaker
from claims.text.quotations.tokens import TABLE
from claims.vocabulary import SpeakerType

# In SQL what `claims.text.quotations.plain` is in Python, without the rarer Unicode cases. The
# letters are written into the statement: they come from a table of ours.
_KEPT = {key: value for key, value in TABLE.items() if len(value) == 1}
_DROPPED = [key for key, value in TABLE.items() if not value]
_FROM = "".join(map(chr, [*_KEPT, *_DROPPED]))
_TO = "".join(_KEPT.values())

_STATEMENT = f"""
SELECT it.id, it.name, it.type, known.plain
FROM {Speaker._meta.db_table} it
CROSS JOIN LATERAL (
    SELECT DISTINCT lower(translate(normalize(btrim(name), NFKC), %(from)s, %(to)s)) AS plain
    FROM (
        SELECT it.name
        UNION ALL SELECT unnest(it.other_names)
        UNION ALL SELECT value FROM jsonb_each_text(it.names)
        UNION ALL SELECT role ->> 'title' FROM jsonb_array_elements(it.roles) role
        UNION ALL SELECT title.value FROM jsonb_array_elements(it.roles) role,
            jsonb_each_text(role -> 'titles') title
    ) names (name)
) known
WHERE known.plain = ANY(%(asked)s)
ORDER BY it.created_at, it.id
LIMIT 5000
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Known:
    """A speaker of the record, as far as it takes to name them."""

    id: UUID
    name: str
    is_person: bool


def speakers_called(names: Collection[str]) -> dict[str, list[Known]]:
    """By each of these names, in plain form, the speakers who go by it; the first recorded first.

    By any of their names, in any language, or a title that they have. Looks at every speaker's
    names once, however many are asked for.
    """
    found: dict[str, list[Known]] = defaultdict(list)
    if names:
        with connection.cursor() as cursor:
            cursor.execute(_STATEMENT, {"from": _FROM, "to": _TO, "asked": list(names)})
            for pk, name, kind, plain in cursor.fetchall():
                found[plain].append(Known(pk, name, kind == SpeakerType.PERSON))
    return found
