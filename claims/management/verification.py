"""Whether the record is what the log says it is: everything is computed again.

Whoever can switch triggers off can change rows. What was logged of them stays, in ever more
places that would have to be changed along: the documents of Changes, the entries of the log, its
tree, the signed checkpoints, and the checkpoints that others keep.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
from django.db import connection
from django.db.models import BinaryField, DateTimeField, DecimalField, Field, ForeignKey, Model

from claims.formats.leaf import leaf_of
from claims.formats.state import told
from claims.merkle import HEIGHT, leaf_hash
from claims.models import (
    Anchor,
    ApiKey,
    Appearance,
    Article,
    Checkpoint,
    Claim,
    Content,
    Contest,
    Draft,
    Invitation,
    LogKey,
    Member,
    Organization,
    Publisher,
    RatingScale,
    Relation,
    Snapshot,
    Speaker,
    Tile,
    Verdict,
    Webhook,
)
from claims.queries import leaves
from claims.queries.feed import head
from claims.queries.tree import Edge
from claims.signed_notes import Checkpoint as Statement
from claims.signed_notes import NoteInvalid, Verifier, open_note

# The tables of what happens, by the types of Changes that tell of their rows: each type of one.
TOLD_BY: dict[type[Model], tuple[str, ...]] = {
    Publisher: ("publisher.%",),
    Article: ("article.%",),
    Snapshot: ("snapshot.%",),
    Speaker: ("speaker.%",),
    Claim: ("claim.%",),
    Appearance: ("appearance.added",),
    Anchor: ("appearance.reanchored",),
    Verdict: ("verdict.%",),
    Relation: ("relation.%",),
    Draft: ("draft.%",),
    Contest: ("contest.%",),
    Organization: ("organization.created", "organization.edited"),
    RatingScale: ("organization.scale_changed",),
    Member: ("member.%",),
    Invitation: ("invitation.%",),
    ApiKey: ("api_key.%",),
    LogKey: ("log.%",),
    Webhook: ("webhook.%",),
}

# Who did it, where that stands in rows that happen once.
DONE_BY: dict[type[Model], str] = {
    Verdict: "issued_by",
    Snapshot: "captured_by",
    Relation: "decided_by",
}

RATING = """jsonb_build_object(
    'id', g.id, 'scale', g.scale_id, 'position', g.position, 'outcome', g.outcome,
    'labels', g.labels, 'worst', g.worst, 'best', g.best, 'value', g.value)"""

# What a document tells of rows that hang on its own, as SQL of the row `r`.
PARTS: dict[type[Model], dict[str, str]] = {
    Claim: {
        "asserts": """(
            SELECT coalesce(jsonb_agg(a.fact_id ORDER BY a.id), '[]')
            FROM claims_assertion a WHERE a.statement_id = r.id)""",
    },
    Appearance: {
        "relayed_by": """(
            SELECT coalesce(jsonb_agg(l.speaker_id ORDER BY l.position), '[]')
            FROM claims_relay l WHERE l.appearance_id = r.id)""",
    },
    Verdict: {
        "rating": f"(SELECT {RATING} FROM claims_rating g WHERE g.id = r.rating_id)",  # noqa: S608
        "evidence": """(
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                'id', e.id, 'position', e.position, 'url', e.url, 'stance', e.stance,
                'title', e.title, 'quote', encode(q.sha256, 'hex'),
                'archive_url', e.archive_url, 'derived_from', e.derived_from
            ) ORDER BY e.position), '[]')
            FROM claims_evidence e LEFT JOIN claims_content q ON q.id = e.quote_id
            WHERE e.verdict_id = r.id)""",
    },
    RatingScale: {
        "version": "to_jsonb(r.version)",
        "ratings": f"""(
            SELECT coalesce(jsonb_agg({RATING} ORDER BY g.position), '[]')
            FROM claims_rating g WHERE g.scale_id = r.id)""",  # noqa: S608
    },
    Draft: {
        "steps": """(
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                'position', s.position, 'type', s.type, 'reasons', encode(c.sha256, 'hex'),
                'taken_by', s.taken_by_id
            ) ORDER BY s.position), '[]')
            FROM claims_draftstep s LEFT JOIN claims_content c ON c.id = s.reasons_id
            WHERE s.draft_id = r.id)""",
    },
}

AT_ONCE = 5_000  # entries of the log that are read together


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was logged. number: of the Change that it was logged by."""

    number: int | None
    what: str

    def __str__(self) -> str:
        return self.what if self.number is None else f"number {self.number}: {self.what}"


Tick = Callable[[int], None]
Look = Callable[[], Iterator[Fault]]


def faults(*, kept: Statement | None, tick: Tick) -> Iterator[Fault]:
    """All that is not as it was logged.

    kept: what an earlier checkpoint said, kept outside of the database. tick: told how many
    entries of the log were looked at, again and again.
    """
    looks: list[Look] = [unlogged, contents, statuses]
    looks += [partial(rows, model, types) for model, types in TOLD_BY.items()]
    # PostgreSQL compares the tables while this process computes the tree.
    with ThreadPoolExecutor(1) as beside:
        looked = [beside.submit(apart, look) for look in looks]
        yield from Leaves(kept, tick).faults()
        for found in looked:
            yield from found.result()


def apart(look: Look) -> list[Fault]:
    """What a look finds, over a connection of its own."""
    try:
        return list(look())
    finally:
        connection.close()


class Leaves:
    """The log itself: entries, numbers, tree, tiles and checkpoints."""

    def __init__(self, kept: Statement | None, tick: Tick) -> None:
        self.kept = kept
        self.tick = tick
        self.edge = Edge()
        self.tiles = 0
        self.due = 1
        self.has_gaps = False  # then there is no tree to compare, but there are still entries
        # Where the log ends now: what is numbered meanwhile is left to the next time.
        self.last = head()

    def faults(self) -> Iterator[Fault]:
        checkpoints = dict(Checkpoint.objects.values_list("size", "root"))
        for found in self.entries():
            yield from self.entry(*found)
            if self.has_gaps:
                continue
            size = self.edge.size
            root = checkpoints.get(size)
            if root is not None and bytes(root) != self.edge.frontier.root():
                yield Fault(size, "the tree up to here has another root than its checkpoint")
            if self.kept is not None and self.kept.size == size:
                yield from self.against_kept()
        if self.has_gaps:
            return
        if self.kept is not None and self.kept.size > self.edge.size:
            yield Fault(
                None,
                f"the log ends at {self.edge.size}, but a checkpoint that was kept elsewhere is of "
                f"{self.kept.size} entries: the log was set back, to a backup perhaps",
            )
        if self.stored_tiles() != self.tiles:
            yield Fault(None, "there are more or fewer tiles than the log fills")
        yield from self.checkpoints()

    def against_kept(self) -> Iterator[Fault]:
        assert self.kept is not None
        if self.kept.root != self.edge.frontier.root():
            yield Fault(
                self.kept.size,
                "the checkpoint that was kept elsewhere has another root at this size: the log up "
                "to here was written anew",
            )

    def entries(self) -> Iterator[tuple[int, str, bytes, leaves.Told]]:
        """Every entry with what it should say, by number."""
        for first in range(0, self.last, AT_ONCE):
            yield from leaves.logged(first + 1, min(first + AT_ONCE, self.last))
            self.tick(min(AT_ONCE, self.last - first))

    def stored_tiles(self) -> int:
        """How many tiles are stored of the log up to `last`, and of levels that it cannot have."""
        levels = range(-(-self.last.bit_length() // HEIGHT))
        of_levels = [
            Tile.objects.filter(level=level, index__lt=self.last >> HEIGHT * (level + 1)).count()
            for level in levels
        ]
        return sum(of_levels) + Tile.objects.filter(level__gt=len(levels)).count()

    def entry(self, number: int, entry: str, stored: bytes, told: leaves.Told) -> Iterator[Fault]:
        if number != self.due:
            self.has_gaps = True
            yield Fault(self.due, f"this entry is missing; the next one is {number}")
        self.due = number + 1
        expected = leaf_of(told, number)
        if expected != entry:
            names = ", ".join(differing(expected, entry))
            yield Fault(number, f"its Change is not what was logged: {names}")
        hashed = leaf_hash(entry.encode())
        if hashed != stored:
            yield Fault(number, "the hash is not that of the entry")
        if self.has_gaps:
            return
        for tile in self.edge.append(hashed):
            self.tiles += 1
            kept = Tile.objects.filter(level=tile.level, index=tile.index).first()
            if kept is None or (bytes(kept.hashes), bytes(kept.root)) != (tile.hashes, tile.root):
                yield Fault(number, f"tile {tile.level}/{tile.index} is not what its entries make")

    def checkpoints(self) -> Iterator[Fault]:
        """Every checkpoint says what its row does; the last one bears a signature of ours."""
        signed = Checkpoint.objects.filter(size__lte=self.last)
        for checkpoint in signed.order_by("size").iterator():
            text = checkpoint.note.rpartition("\n\n")[0] + "\n"
            try:
                said = Statement.parse(text)
            except NoteInvalid as wrong:
                yield Fault(checkpoint.size, f"its checkpoint cannot be read: {wrong}")
                continue
            if (said.size, said.root) != (checkpoint.size, bytes(checkpoint.root)):
                yield Fault(checkpoint.size, "its signed checkpoint says something else")
        last = signed.order_by("-size").first()
        if last is None:
            if self.edge.size:
                yield Fault(None, "the log has entries, but no checkpoint")
            return
        if last.size != self.edge.size:
            yield Fault(
                None, f"the last checkpoint is of {last.size}, not {self.edge.size} entries"
            )
        verifiers = [Verifier(key) for key in LogKey.objects.values_list("verifier", flat=True)]
        try:
            open_note(last.note, verifiers)
        except NoteInvalid as wrong:
            yield Fault(last.size, f"the last checkpoint is not signed as it should be: {wrong}")


def differing(one: str, other: str) -> list[str]:
    """The names under which two JSON objects differ."""
    try:
        left, right = orjson.loads(one), orjson.loads(other)
        names = sorted(left.keys() | right.keys())
        return [name for name in names if left.get(name) != right.get(name)] or ["its form"]
    except (orjson.JSONDecodeError, AttributeError):
        return ["its form"]


def unlogged() -> Iterator[Fault]:
    lost = """
        SELECT c.id, c.type FROM claims_change c
        WHERE NOT EXISTS (SELECT FROM claims_logentry l WHERE l.change_id = c.id)
          AND NOT EXISTS (SELECT FROM claims_unnumbered u WHERE u.change_id = c.id)"""
    for pk, kind in asked(lost):
        yield Fault(None, f"Change {pk} ({kind}) has no number and does not wait for one")


def erased() -> list[int]:
    """The numbers of Changes of which the document is gone: what rows say cannot be compared."""
    numbers = """
        SELECT l.number FROM claims_logentry l JOIN claims_change c ON c.id = l.change_id
        JOIN claims_content d ON d.id = c.document_id WHERE d.text IS NULL ORDER BY l.number"""
    return [number for (number,) in asked(numbers)]


def contents() -> Iterator[Fault]:
    """Texts that are not those of their hashes, each by the Change that tells of it."""
    changed = """
        WITH wrong AS (
            SELECT id FROM claims_content
            WHERE text IS NOT NULL
              AND sha256 <> sha256(coalesce(salt, '') || convert_to(text, 'UTF8')))
        SELECT l.number, w.id, t.what FROM wrong w
        LEFT JOIN LATERAL (
            SELECT c.id AS change, 'what the Change remembers' AS what
            FROM claims_change c WHERE w.id IN (c.document_id, c.before_id)
            UNION ALL
            SELECT c.id, 'the rationale of verdict ' || v.id
            FROM claims_verdict v JOIN claims_change c ON c.subject_id = v.id
            WHERE v.rationale_id = w.id
            UNION ALL
            SELECT c.id, 'a quote in the evidence of verdict ' || e.verdict_id
            FROM claims_evidence e JOIN claims_change c ON c.subject_id = e.verdict_id
            WHERE e.quote_id = w.id
            UNION ALL
            SELECT c.id, 'the text of snapshot ' || s.id
            FROM claims_snapshot s JOIN claims_change c ON c.subject_id = s.id
            WHERE s.content_id = w.id
        ) t ON true
        LEFT JOIN claims_logentry l ON l.change_id = t.change
        ORDER BY l.number"""
    for number, pk, what in asked(changed):
        yield Fault(number, f"{what or f'content {pk}'} was changed: its hash is another")


def rows(model: type[Model], types: tuple[str, ...]) -> Iterator[Fault]:
    """Rows that differ from what was last told of them, are gone, or were never told of."""
    table = model._meta.db_table
    noun = model._meta.verbose_name
    columns = {field.name: as_json(field) for field in told(model)}
    if model is Claim:
        del columns["status"]  # follows from verdicts, see below
    parts = PARTS.get(model, {})
    compared = ", ".join(
        f"CASE WHEN t.document ? '{name}' AND t.document -> '{name}' IS DISTINCT FROM "
        f"coalesce({expression}, 'null'::jsonb) THEN '{name}' END"
        for name, expression in (columns | parts).items()
    )
    if model in DONE_BY:  # which the Change tells, not its document
        by = DONE_BY[model]
        compared += f", CASE WHEN r.{by}_id IS DISTINCT FROM t.recorded_by_id THEN '{by}' END"
    if model is Verdict:  # which the Change tells too, where its document was erased
        compared += """, CASE WHEN t.document IS NULL AND r.outcome IS DISTINCT FROM t.outcome
            THEN 'outcome' END"""
    joins = " ".join(
        f'LEFT JOIN claims_content {name}_text ON {name}_text.id = r."{name}_id"'
        for name in (field.name for field in told(model) if is_content(field))
    )
    last_told = """
        WITH t AS (
            SELECT DISTINCT ON (c.subject_id)
                c.subject_id, c.recorded_by_id, c.outcome, l.number, d.text::jsonb AS document
            FROM claims_change c
            JOIN claims_content d ON d.id = c.document_id
            LEFT JOIN claims_logentry l ON l.change_id = c.id
            LEFT JOIN claims_unnumbered u ON u.change_id = c.id
            WHERE c.type LIKE ANY (%s)
            ORDER BY c.subject_id, l.number DESC NULLS FIRST, u.position DESC
        )"""
    statement = f"""{last_told}
        SELECT * FROM (
            SELECT t.number, r.id, t.subject_id, array_remove(ARRAY[{compared}], NULL) AS names
            FROM t FULL JOIN {table} r ON r.id = t.subject_id {joins}
        ) AS compared
        WHERE names <> '{{}}' OR id IS NULL OR subject_id IS NULL
        ORDER BY number"""  # noqa: S608  (names of columns and tables, no values)
    for number, pk, subject, names in asked(statement, [[*types]]):
        if pk is None:
            yield Fault(number, f"{noun} {subject} was removed")
        elif subject is None:
            yield Fault(None, f"{noun} {pk} was added: no Change tells of it")
        else:
            yield Fault(number, f"{noun} {pk} was changed: {', '.join(names)}")


def statuses() -> Iterator[Fault]:
    """Claims whose status, or time of the last change, is not that of their last Change."""
    wrong = """
        SELECT t.number, r.id FROM claims_claim r JOIN LATERAL (
            SELECT l.number, c.status, c.recorded_at FROM claims_change c
            LEFT JOIN claims_logentry l ON l.change_id = c.id
            LEFT JOIN claims_unnumbered u ON u.change_id = c.id
            WHERE c.claim_id = r.id
            ORDER BY l.number DESC NULLS FIRST, u.position DESC LIMIT 1
        ) t ON true
        WHERE (t.status, t.recorded_at) IS DISTINCT FROM (r.status, r.changed_at)"""
    for number, pk in asked(wrong):
        yield Fault(number, f"claim {pk} was changed: status or changed_at")


def is_content(field: Field) -> bool:
    return isinstance(field, ForeignKey) and field.related_model is Content


def as_json(field: Field) -> str:
    """A column of the row `r` as `formats.state` writes it, in SQL."""
    column = f'r."{field.column}"'
    if is_content(field):
        return f"to_jsonb(encode({field.name}_text.sha256, 'hex'))"
    if isinstance(field, BinaryField):
        return f"to_jsonb(encode({column}, 'hex'))"
    if isinstance(field, DateTimeField):
        form = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
        return f"to_jsonb(to_char({column} AT TIME ZONE 'UTC', '{form}'))"
    if isinstance(field, DecimalField):
        return f"to_jsonb({column}::text)"
    return f"to_jsonb({column})"


def asked(statement: str, values: Sequence[Any] | None = None) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(statement, values)
        yield from cursor.fetchall()
