"""The columns as they are stored, of one instant, and what numbers in them stand for."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q
from psycopg import Cursor

from claims.models import Numeral
from claims.queries.statistics.columns import Columns

# Nothing has happened since when all Changes are numbered and counted: then it is of now.
STATE = """
    SELECT k.number, k.ahead, extract(epoch FROM statement_timestamp()) AS now,
        CASE WHEN k.number = (SELECT coalesce(max(number), 0) FROM claims_logentry)
                  AND NOT EXISTS (SELECT FROM claims_unnumbered)
             THEN extract(epoch FROM statement_timestamp())
             ELSE extract(epoch FROM k.counted_at) END AS as_of
    FROM claims_counted k"""
# Segments that may have claims which were filed between two instants.
STORED = f"""
    SELECT k.number, k.ahead, k.now, k.as_of, its.name, its.data
    FROM ({STATE}) AS k LEFT JOIN (
        SELECT s.first_at, s.first_id, c.name, c.data
        FROM (SELECT number, first_at, first_id,
                     lead(first_at) OVER (ORDER BY first_at, first_id) AS next_at
              FROM claims_segment) AS s
        JOIN claims_column c ON c.segment_id = s.number AND c.name = ANY(%s)
        WHERE s.first_at <= coalesce(%s, 'infinity'::timestamptz)
            AND (s.next_at IS NULL OR s.next_at >= coalesce(%s, '-infinity'::timestamptz))
        ) AS its ON true
    ORDER BY its.first_at, its.first_id"""  # noqa: S608


class State(NamedTuple):
    """How far the columns have come. now, as_of: microseconds since 1970.

    as_of: no Change that was recorded until then is missing, but for such as waited for a number.
    """

    number: int
    ahead: int
    now: int
    as_of: int

    @classmethod
    def of(cls, row: tuple[Any, ...]) -> "State":
        number, ahead, now, as_of = row
        return cls(number, ahead, int(now * 1_000_000), int(as_of * 1_000_000))


NOTHING = State(0, 0, 0, 0)


def state() -> State:
    with connection.cursor() as cursor:
        cursor.execute(STATE)
        row = cursor.fetchone()
        return NOTHING if row is None else State.of(row)


def stored(names: Collection[str], since: Any = None, until: Any = None) -> tuple[State, Columns]:
    """These columns, at least of the claims that were filed in this time; and how far they came."""
    wanted = sorted({*names, "status"})  # which says how many claims there are
    packed: dict[str, list[bytes]] = defaultdict(list, {name: [] for name in wanted})
    connection.ensure_connection()
    # As bytes, not spelled as text, which Django's own cursors ask for.
    with Cursor(connection.connection) as cursor:
        cursor.execute(STORED, [wanted, until, since], binary=True)
        rows = cursor.fetchall()
    for *_state, name, data in rows:
        if name is not None:
            packed[name].append(data)
    columns = Columns.unpacked(packed, sum(map(len, packed["status"])))
    return (State.of(rows[0][:4]) if rows else NOTHING), columns


def number_of(kind: str, name: str) -> int | None:
    """By which columns name it; None where they do not."""
    return Numeral.objects.filter(kind=kind, name=name).values_list("number", flat=True).first()


def languages_of(tag: str) -> list[int]:
    """By which columns name this language, and those that it is the beginning of."""
    rows = Numeral.objects.filter(Q(name=tag) | Q(name__startswith=f"{tag}-"), kind="language")
    return list(rows.values_list("number", flat=True))


def names_of(kind: str, numbers: Iterable[int]) -> Mapping[int, str]:
    rows = Numeral.objects.filter(kind=kind, number__in=list(numbers))
    return dict(rows.values_list("number", "name"))
