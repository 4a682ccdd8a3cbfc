"""Filing many claims at once: what creating each by itself would make, in a few statements.

Everything that a claim is held to is asked by the functions that create_claim asks; here, the rows
that claims name are looked up for all of them together, and what is to be stored is copied.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import Model
from django.db.models.base import ModelState
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from claims.actions.anchoring import anchors_of, reanchored
from claims.actions.claims import (
    Marked,
    added,
    asserted,
    carrier,
    created,
    fact_columns,
    passage,
    relaying,
)
from claims.actions.recording import Happening, change_of
from claims.errors import Invalid, Refusal, for_constraint
from claims.models import (
    Anchor,
    Appearance,
    Article,
    Assertion,
    Change,
    Claim,
    Content,
    Member,
    Relay,
    Snapshot,
    Speaker,
)
from claims.queries.references import Row, columns_of, named
from claims.text import Searchable
from claims.vocabulary import Status

Columns = dict[str, Any]
# Of what claims name, the columns that are asked for, besides the id.
NEEDED: dict[type[Model], tuple[str, ...]] = {
    Claim: ("kind",),
    Snapshot: ("article_id", "content_id", "length"),
}
NO_PASSAGE = dict.fromkeys(("exact", "prefix", "suffix", "start", "end"))
TEXTS = 8  # of snapshots that are in memory at once: one may have a million characters


@dataclass(frozen=True, slots=True)
class Asked:
    """A claim to be filed.

    said: as create_claim takes it, without its appearance. appearances: each with the pointer to
    where it stands. id: given by the caller, so that the claim is not filed twice.
    """

    said: dict[str, Any]
    appearances: Sequence[tuple[str, Marked]] = ()
    id: UUID | None = None


class Became(Enum):
    FILED = "filed"
    THERE = "there"


Fate = Became | Refusal


def file_claims(asked: Sequence[Asked], *, by: Member | None) -> list[Fate]:
    """File the claims that are sound, all or none of them; what became of each, in order.

    A claim whose id is recorded already is not looked at further. A statement may assert facts that
    stand before it. What the database refuses, though it was thought sound, is filed in parts, each
    all or nothing, until it is known whose fault it is. Locks the articles until the transaction
    ends.
    """
    if not asked:
        return []
    try:
        with transaction.atomic():
            return Filing(asked, by).run()
    except (IntegrityError, DataError) as refused:
        if len(asked) == 1:
            return [refusal_for(refused)]
        middle = len(asked) // 2
        return file_claims(asked[:middle], by=by) + file_claims(asked[middle:], by=by)


def refusal_for(refused: Exception) -> Refusal:
    name = getattr(getattr(refused.__cause__, "diag", None), "constraint_name", None)
    return for_constraint(name) if name else Invalid(_("A number or a text is out of range."))


class Place:
    """An appearance that is asked for, and its passage, or why it has none."""

    def __init__(self, pointer: str, marked: Marked) -> None:
        self.pointer = pointer
        self.marked = marked
        self.told: dict[str, Any] | Refusal = {}

    def find(self, snapshot: Snapshot | None, text: Searchable | None) -> None:
        try:
            self.told = passage(snapshot, text, self.marked, self.pointer)
        except Refusal as refusal:
            refusal.__context__ = None  # its frames would keep the text in memory
            self.told = refusal.with_traceback(None)

    def passage(self) -> dict[str, Any]:
        """Its columns. Raises the refusal."""
        if isinstance(self.told, Refusal):
            raise self.told
        return self.told


class Filing:
    """One batch, in its transaction."""

    def __init__(self, asked: Sequence[Asked], by: Member | None) -> None:
        self.asked = asked
        self.by = by
        self.at = transaction_time()
        self.found: dict[type[Model], dict[UUID, Any]] = {}
        self.assertions: list[Columns] = []
        self.appearances: list[Appearance] = []
        self.relays: list[Columns] = []
        self.happenings: list[Happening] = []

    def run(self) -> list[Fate]:
        self.look_for(
            Claim, (pk for it in self.asked for pk in (it.id, *it.said.get("asserts", ())))
        )
        places = [
            [] if it.id in self.found[Claim] else [Place(*marked) for marked in it.appearances]
            for it in self.asked
        ]
        self.look_for_sources([place.marked for held in places for place in held])
        self.find_passages([place for held in places for place in held])
        fates: list[Fate] = []
        copy(Claim, map(vars, self.filed(places, fates)))
        copy(Assertion, self.assertions)
        anchors = self.anchors()
        contents: list[Columns] = []
        changes: list[Columns] = []
        copy(Appearance, map(vars, self.told(anchors, contents, changes)))
        copy(Relay, self.relays)
        copy(Anchor, map(vars, anchors.values()))
        copy(Content, contents)
        copy(Change, changes)
        return fates

    # What claims name

    def look_for(self, model: type[Model], pks: Iterable[UUID | None]) -> None:
        wanted = set(filter(None, pks))
        rows = columns_of(model, wanted, *NEEDED.get(model, ())) if wanted else ()
        self.found[model] = {row["id"]: made(model, **row) for row in rows}

    def look_for_sources(self, marked: Sequence[Marked]) -> None:
        speakers = [it.said.get("speaker") for it in self.asked]
        speakers += [pk for it in marked for pk in it.get("relayed_by", ())]
        self.look_for(Speaker, speakers)
        self.look_for(Article, (it.get("article") for it in marked))
        self.look_for(Snapshot, (it.get("snapshot") for it in marked))

    def look_up(self, model: type[Model], pks: Sequence[UUID]) -> Mapping[UUID, Any]:
        return self.found[model]

    def find_passages(self, places: Sequence[Place]) -> None:
        """Of each text once, whoever marks passages of it."""
        in_snapshot: dict[UUID | None, list[Place]] = defaultdict(list)
        for place in places:
            in_snapshot[place.marked.get("snapshot")].append(place)
        for place in in_snapshot.pop(None, ()):
            place.find(None, None)
        for snapshot, text in texts_of(self.found[Snapshot].values()):
            searchable = None if text is None else Searchable(text)
            for place in in_snapshot[snapshot.pk]:
                place.find(snapshot, searchable)

    # What becomes of them

    def filed(self, places: Sequence[Sequence[Place]], fates: list[Fate]) -> Iterator[Claim]:
        """The claims that are sound, made while PostgreSQL stores those before; tells all fates."""
        for asked, its_places in zip(self.asked, places, strict=True):
            if asked.id in self.found[Claim]:
                fates.append(Became.THERE)
                continue
            try:
                claim = self.claim(asked, its_places)
            except Refusal as refusal:
                fates.append(refusal)
                continue
            self.found[Claim][claim.pk] = claim
            fates.append(Became.FILED)
            yield claim

    def claim(self, asked: Asked, places: Sequence[Place]) -> Claim:
        """Everything is looked up, and may be refused, before the first row is made."""
        said = asked.said
        if (speaker := said.get("speaker")) is not None:
            named(Speaker, speaker, pointer="#/speaker", look_up=self.look_up)
        facts = asserted(said.get("asserts", ()), self.look_up)
        appears = [
            (
                *carrier(place.marked, place.pointer, self.look_up),
                place.passage(),
                relaying(place.marked, place.pointer, self.look_up),
            )
            for place in places
        ]
        claim = made(
            Claim,
            id=asked.id or uuid7(),
            kind=said["kind"],
            text=said["text"],
            language=said["language"],
            status=Status.UNVERIFIED.value,
            speaker_id=speaker,
            stated_on=said.get("stated_on"),
            speech=said.get("speech"),
            version=1,
            created_at=self.at,
            changed_at=self.at,
            created_by_id=self.by and self.by.pk,
            **fact_columns(said.get("fact")),
        )
        self.assertions += [
            {"id": uuid7(), "statement_id": claim.pk, "fact_id": it.pk} for it in facts
        ]
        self.happenings.append(created(claim, facts, by=self.by))
        for position, (snapshot, article_id, told, relayed) in enumerate(appears):
            appearance = made(
                Appearance,
                id=uuid7(),
                claim_id=claim.pk,
                position=position,
                article_id=article_id,
                snapshot_id=snapshot and snapshot.pk,
                created_at=self.at,
                created_by_id=self.by and self.by.pk,
                **NO_PASSAGE | told,
            )
            self.appearances.append(appearance)
            self.relays += [
                {"id": uuid7(), "appearance_id": appearance.pk, "position": i, "speaker_id": it.pk}
                for i, it in enumerate(relayed)
            ]
            self.happenings.append(added(appearance, relayed, claim=claim, by=self.by))
        return claim

    def anchors(self) -> dict[UUID, Anchor]:
        """By appearance, where its passage stands in a newer text; locks the articles."""
        marked: dict[UUID, list[Appearance]] = defaultdict(list)
        for appearance in self.appearances:
            marked[appearance.article_id].append(appearance)
        lock(marked)
        newest = (
            Snapshot.objects.filter(article__in=marked)
            .order_by("article_id", "-captured_at", "-id")
            .distinct("article_id")
        )
        moved = {
            snapshot: older
            for snapshot in newest
            if (
                older := [
                    it
                    for it in marked[snapshot.article_id]
                    if it.snapshot_id not in (None, snapshot.pk)
                ]
            )
        }
        return {
            anchor.appearance_id: anchor
            for snapshot, text in texts_of(moved)
            for anchor in anchors_of(moved[snapshot], snapshot, text)
        }

    def told(
        self, anchors: Mapping[UUID, Anchor], contents: list[Columns], changes: list[Columns]
    ) -> Iterator[Appearance]:
        """The appearances; while they are stored, what happened is told in its order."""
        for it in self.happenings:
            self.tell(it, contents, changes)
            if isinstance(it.subject, Appearance):
                if anchor := anchors.get(it.subject.pk):
                    self.tell(reanchored(anchor, claim=it.claim, by=self.by), contents, changes)
                yield it.subject

    def tell(self, it: Happening, contents: list[Columns], changes: list[Columns]) -> None:
        told, change = change_of(it)
        contents += told
        changes.append(change | {"id": uuid7(), "recorded_at": self.at})


def transaction_time() -> datetime:
    """What the database takes for every instant that is left to it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        [now] = cursor.fetchone()
    assert isinstance(now, datetime)
    return now


def lock(articles: Iterable[UUID]) -> None:
    """As marking one passage locks its article; in one order, so not crosswise."""
    rows = Article.objects.filter(pk__in=articles).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))


def texts_of(snapshots: Collection[Snapshot]) -> Iterator[tuple[Snapshot, str | None]]:
    """Each with its text, None where that is withheld; a few texts in memory at once."""
    stored = defaultdict(list)
    for snapshot in snapshots:
        if snapshot.content_id is None:
            yield snapshot, None
        else:
            stored[snapshot.content_id].append(snapshot)
    contents = Content.objects.filter(pk__in=stored).values_list("pk", "text")
    for pk, text in contents.iterator(chunk_size=TEXTS):
        for snapshot in stored[pk]:
            yield snapshot, text


def made(model: type[Row], **columns: Any) -> Row:
    """A row of which all columns are known; Model.__init__ takes longer than all else here."""
    row = model.__new__(model)
    row._state = ModelState()
    vars(row).update(columns)
    return row


def copy(model: type[Model], rows: Iterable[Columns]) -> None:
    """Store rows, each with all its columns by the names of their attributes.

    They may be made on the way: meanwhile PostgreSQL is at work on those before.
    """
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return
    statement, values = copying(model)
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(statement) as stream,
    ):
        for row in chain((first,), rows):
            stream.write_row(values(row))


@cache
def copying(model: type[Model]) -> tuple[str, Callable[[Columns], tuple[Any, ...]]]:
    """The COPY of whole rows, and what takes their values out of their columns."""
    fields = model._meta.concrete_fields
    quoted = connection.ops.quote_name
    columns = ", ".join(quoted(str(field.column)) for field in fields)
    statement = f"COPY {quoted(model._meta.db_table)} ({columns}) FROM STDIN"
    return statement, itemgetter(*(field.attname for field in fields))
