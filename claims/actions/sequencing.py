"""The sequencer: gives committed Changes their numbers, and appends their leaves to the log.

Numbers given by the writing transactions would follow the order of their beginning: a reader
who goes by the highest number seen would miss what was begun before and committed after it. A
lock that orders the writers would make them queue. So one process numbers what is committed.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction

from claims.actions.log_keys import Keys, publish
from claims.formats.leaf import leaf_of
from claims.merkle import leaf_hash
from claims.models import Checkpoint, LogEntry, Tile, Unnumbered
from claims.queries import leaves
from claims.queries.feed import CHANNEL, head
from claims.queries.tree import Edge
from claims.signed_notes import Checkpoint as Statement
from claims.signed_notes import Signer, sign

BATCH = 1_000
LOCK = 0x69736E6164  # "isnad", the advisory lock of the one sequencer


class LogDisagrees(Exception):
    """The log is not what this process has made of it; says how. Nothing is numbered on it."""


def take_the_lock() -> bool:
    """Be the one sequencer, for as long as this connection lasts; False while another one is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def begin_stretch() -> None:
    """Have a new stretch of time begin for search soon, where the last one holds enough.

    To be committed at once: claims are filed in it by who sees it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT claims_begin_stretch_v1()")


class Sequencer:
    """Numbers what is committed, a batch at a time; whoever runs it holds the lock.

    behind: whether more is waiting than one batch took.
    """

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self.behind = False
        self._edge: Edge | None = None
        self._published: Sequence[Signer] = ()

    def step(self) -> int:
        """Number what waits, at most BATCH of it, in one transaction; how many there were.

        Raises LogDisagrees, NoKey.
        """
        signers = self.keys.signers()
        if signers != self._published:
            publish(signers)
            self._published = signers
        edge = self._edge or self._begin()
        self._edge = None  # read again unless this step is committed whole
        with transaction.atomic():
            waiting = self._take()
            if waiting:
                self._append(edge, waiting, signers)
        self._edge = edge
        self.behind = len(waiting) == BATCH
        return len(waiting)

    def _begin(self) -> Edge:
        edge = Edge.stored()
        last = Checkpoint.objects.order_by("-size").first()
        if edge.size > (0 if last is None else last.size):
            raise LogDisagrees(
                f"The log has {edge.size} entries, more than were ever signed: entries were added "
                "behind our back."
            )
        if last is not None and last.size == edge.size and bytes(last.root) != edge.frontier.root():
            raise LogDisagrees(
                f"The log of {edge.size} entries has another root than its signed checkpoint: it "
                "was changed behind our back. `manage.py verify_log` tells where."
            )
        if last is not None and last.size > edge.size:
            raise LogDisagrees(
                f"The log has {edge.size} entries, a signed checkpoint {last.size}: entries were "
                "removed behind our back."
            )
        return edge

    def _take(self) -> list[UUID]:
        """The Changes that wait, in the order in which they were written."""
        first = Unnumbered.objects.order_by("position").values_list("position", "change_id")
        taken = list(first[:BATCH])
        if taken:
            Unnumbered.objects.filter(position__in=[position for position, _ in taken]).delete()
        return [change_id for _, change_id in taken]

    def _append(self, edge: Edge, waiting: Sequence[UUID], signers: Sequence[Signer]) -> None:
        if edge.size != head():
            raise LogDisagrees(f"The log has {head()} entries, this process has made {edge.size}.")
        told = leaves.of_changes(waiting)
        entries: list[LogEntry] = []
        tiles: list[Tile] = []
        for number, pk in enumerate(waiting, edge.size + 1):
            entry = leaf_of(told[str(pk)], number)
            hashed = leaf_hash(entry.encode())
            entries.append(LogEntry(number=number, change_id=pk, entry=entry, leaf_hash=hashed))
            tiles += edge.append(hashed)
        LogEntry.objects.bulk_create(entries)
        Tile.objects.bulk_create(tiles)
        self._sign(edge, signers)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, str(edge.size)])

    def _sign(self, edge: Edge, signers: Sequence[Signer]) -> None:
        root = edge.frontier.root()
        statement = Statement(signers[0].name, edge.size, root)
        Checkpoint.objects.create(size=edge.size, root=root, note=sign(statement.text(), signers))
