"""Filing many claims at once: what creating each by itself would make, in a few statements.

Everything that a claim is held to is asked by the functions that create_claim asks; here, the rows
that claims name are looked up for all of them together, and what is to be stored is copied.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from itertools import repeat
from operator import itemgetter
from types import NoneType
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.utils.translation import gettext as _
from uuid_utils import uuid7

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
from claims.actions.facts import extent_columns
from claims.actions.recording import Happening, change_of
from claims.actions.rows import made
from claims.actions.store import Columns, Refused, Store, given
from claims.errors import Invalid, Refusal, for_constraint
from claims.formats.state import instant
from claims.models import (
    Anchor,
    Appearance,
    Article,
    Assertion,
    Change,
    Claim,
    Content,
    Extent,
    Member,
    Posting,
    Relay,
    Snapshot,
    Speaker,
    Uncounted,
)
from claims.queries.matching import readings
from claims.queries.references import named
from claims.text import Searchable
from claims.text.matching import Found
from claims.vocabulary import Status

# Of what claims name, the columns that are asked for, besides the id.
NEEDED: dict[type[Model], tuple[str, ...]] = {
    Claim: ("kind",),
    Snapshot: ("article_id", "content_id", "length"),
}
# The tables that are written, each after those that its rows point at.
WRITTEN: tuple[type[Model], ...] = (
    Claim,
    Assertion,
    Appearance,
    Relay,
    Anchor,
    Content,
    Change,
    Posting,
    Uncounted,
)
# Claims that are handed over to be stored while the next are made; the first are fewer, as nothing
# is stored meanwhile.
FIRST_SLICE, SLICE = 25, 125
NULL = r"\N"
ESCAPES = {"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"}  # the backslash first
NO_PASSAGE = dict.fromkeys(("exact", "prefix", "suffix", "start", "end"))
TEXTS = 2_000_000  # characters of snapshots that are in memory at once, or one longer text


@dataclass(frozen=True, slots=True)
class Asked:
    """A claim to be filed.

    said: as create_claim takes it, without its appearance. appearances: each with the pointer to
    where it stands. id: given by the caller, so that the claim is not filed twice. Ids are texts,
    here and below: each is written several times, and making UUIDs of all took a tenth of the time.
    """

    said: dict[str, Any]
    appearances: Sequence[tuple[str, Marked]] = ()
    id: str | None = None

    @classmethod
    def of(cls, body: dict[str, Any], **more: Any) -> "Asked":
        """As the body of a single claim says it, in words of JSON."""
        said = {**body}
        appearance = said.pop("appearance", None)
        return cls(said, [] if appearance is None else [("#/appearance", appearance)], **more)


class Became(Enum):
    FILED = "filed"
    THERE = "there"


Fate = Became | Refusal


def file_claims(
    asked: Sequence[Asked], *, by: Member | None, store: Store | None = None
) -> list[Fate]:
    """File the claims that are sound, all or none of them; what became of each, in order.

    A claim whose id is recorded already is not looked at further. A statement may assert facts that
    stand before it. What the database refuses, though it was thought sound, is filed in parts, each
    all or nothing, until it is known whose fault it is. Locks the articles until the transaction
    ends.
    """
    if not asked:
        return []
    store = store or Store()
    try:
        with store.transaction() as at:
            return Filing(asked, by, at, store).run()
    except Refused as refused:
        if len(asked) == 1:
            return [refusal_for(refused)]
        middle = len(asked) // 2
        halves = asked[:middle], asked[middle:]
        return [fate for half in halves for fate in file_claims(half, by=by, store=store)]


def refusal_for(refused: Refused) -> Refusal:
    if refused.constraint:
        return for_constraint(refused.constraint)
    return Invalid(_("A number or a text is out of range."))


class Place:
    """An appearance that is asked for, and its passage, or why it has none."""

    def __init__(self, pointer: str, marked: Marked) -> None:
        self.id = new_id()
        self.pointer = pointer
        self.marked = marked
        self.snapshot: Snapshot | None = None
        self.told: dict[str, Any] | Refusal = {}

    def find(self, snapshot: Snapshot | None, text: Searchable | None) -> None:
        self.snapshot = snapshot
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

    def __init__(
        self, asked: Sequence[Asked], by: Member | None, at: datetime, store: Store
    ) -> None:
        self.asked = asked
        self.by = by and made(
            Member, {"id": str(by.pk), "organization_id": str(by.organization_id)}
        )
        self.at = at
        self.store = store
        self.found: dict[type[Model], dict[Any, Any]] = {}
        self.anchors: dict[Any, Anchor] = {}
        self.headlines: dict[str, str | None] = {}
        self.terms: Counter[int] = Counter()
        self.fates: list[Fate] = []
        self.rows: dict[type[Model], list[Columns]] = {}
        self.extents: list[Columns] = []

    def run(self) -> list[Fate]:
        """Everything is read before the first row is stored."""
        self.look_for(
            Claim, (pk for it in self.asked for pk in (it.id, *it.said.get("asserts", ())))
        )
        places = [
            [] if it.id in self.found[Claim] else [Place(*marked) for marked in it.appearances]
            for it in self.asked
        ]
        held = [place for its_places in places for place in its_places]
        self.look_for_sources([place.marked for place in held])
        self.find_passages(held)
        self.find_in_newer_texts(held)
        for some in slices(len(self.asked)):
            self.rows = {model: [] for model in WRITTEN}
            self.terms = Counter()
            for asked, its_places in zip(self.asked[some], places[some], strict=True):
                self.fates.append(self.fate(asked, its_places))
            if self.terms:
                self.rows[Uncounted].append(
                    {"terms": listed(self.terms), "counts": listed(self.terms.values())}
                )
            for model, rows in self.rows.items():
                if rows:
                    self.store.copy(model, copied(model, rows))
            self.store.check()
        if self.extents:
            # Last, and all at once: it locks what the facts are about, in one order.
            self.store.copy(Extent, copied(Extent, self.extents))
        return self.fates

    # What claims name

    def look_for(self, model: type[Model], pks: Iterable[Any]) -> None:
        wanted = set(filter(None, pks))
        rows = self.store.rows(model, wanted, *NEEDED.get(model, ())) if wanted else ()
        self.found[model] = {row["id"]: made(model, row) for row in rows}

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
        in_snapshot: dict[Any, list[Place]] = defaultdict(list)
        for place in places:
            in_snapshot[place.marked.get("snapshot")].append(place)
        for place in in_snapshot.pop(None, ()):
            place.find(None, None)
        for snapshot, text in self.texts_of(self.found[Snapshot].values()):
            searchable = None if text is None else Searchable(text)
            for place in in_snapshot[snapshot.pk]:
                place.find(snapshot, searchable)

    def find_in_newer_texts(self, places: Sequence[Place]) -> None:
        """Where a text was captured since, the passage stands there too; locks the articles."""
        marked: dict[Any, list[Place]] = defaultdict(list)
        for place in places:
            article = place.snapshot.article_id if place.snapshot else place.marked.get("article")
            if article is not None:
                marked[str(article)].append(place)
        self.headlines = self.store.locked(marked)
        newest = [made(Snapshot, row) for row in self.store.newest_texts(marked)]
        moved = {
            snapshot: older
            for snapshot in newest
            if (
                older := [
                    made(Appearance, {"id": place.id, **place.told})
                    for place in marked[snapshot.article_id]
                    if place.snapshot is not None
                    and place.snapshot.pk != snapshot.pk
                    and isinstance(place.told, dict)
                ]
            )
        }
        for snapshot, text in self.texts_of(moved):
            for anchor in anchors_of(moved[snapshot], snapshot, text):
                self.anchors[anchor.appearance_id] = anchor

    def texts_of(self, snapshots: Collection[Snapshot]) -> Iterator[tuple[Snapshot, str | None]]:
        """Each with its text, None where that is withheld."""
        stored: dict[str, list[Snapshot]] = defaultdict(list)
        for snapshot in snapshots:
            if snapshot.content_id is None:
                yield snapshot, None
            else:
                stored[str(snapshot.content_id)].append(snapshot)
        for some in batches(stored, lambda pk: stored[pk][0].length, TEXTS):
            for pk, text in self.store.texts(some):
                for snapshot in stored[pk]:
                    yield snapshot, text

    # What becomes of them

    def fate(self, asked: Asked, places: Sequence[Place]) -> Fate:
        if asked.id in self.found[Claim]:
            return Became.THERE
        try:
            self.file(asked, places)
        except Refusal as refusal:
            return refusal
        return Became.FILED

    def file(self, asked: Asked, places: Sequence[Place]) -> None:
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
        columns = {
            "id": asked.id or new_id(),
            "kind": said["kind"],
            "text": said["text"],
            "language": said["language"],
            "status": Status.UNVERIFIED.value,
            "speaker_id": speaker,
            "stated_on": said.get("stated_on"),
            "speech": said.get("speech"),
            "version": 1,
            "created_at": self.at,
            "changed_at": self.at,
            "created_by_id": self.by and self.by.pk,
            **fact_columns(said.get("fact")),
        }
        claim = made(Claim, columns)
        if asked.id:
            self.found[Claim][asked.id] = claim
        self.rows[Claim].append(columns)
        if (fact := said.get("fact")) is not None:
            self.extents.append(
                {"claim_id": claim.pk, "status": claim.status, **extent_columns(fact)}
            )
        self.rows[Assertion] += [
            {"id": new_id(), "statement_id": claim.pk, "fact_id": it.pk} for it in facts
        ]
        self.tell(created(claim, facts, by=self.by))
        self.let_be_found(claim, [(it[1], it[2]) for it in appears])
        for position, (place, (snapshot, article_id, told, relayed)) in enumerate(
            zip(places, appears, strict=True)
        ):
            columns = {
                "id": place.id,
                "claim_id": claim.pk,
                "position": position,
                "article_id": article_id,
                "snapshot_id": snapshot and snapshot.pk,
                "created_at": self.at,
                "created_by_id": self.by and self.by.pk,
                **NO_PASSAGE,
                **told,
            }
            appearance = made(Appearance, columns)
            self.rows[Appearance].append(columns)
            self.rows[Relay] += [
                {"id": new_id(), "appearance_id": place.id, "position": i, "speaker_id": it.pk}
                for i, it in enumerate(relayed)
            ]
            self.tell(added(appearance, relayed, claim=claim, by=self.by))
            if anchor := self.anchors.get(place.id):
                self.rows[Anchor].append(vars(anchor))
                self.tell(reanchored(anchor, claim=claim, by=self.by))

    def let_be_found(self, claim: Claim, appears: Sequence[tuple[Any, dict[str, Any]]]) -> None:
        """appears: article and passage of each appearance."""
        said = readings(
            claim.text,
            subject=claim.subject,
            headline=self.headlines[str(appears[0][0])] if appears else None,
            passages=[passage.get("exact") for _article, passage in appears],
        )
        found = Found.by(said)
        self.rows[Posting] += [
            {"term": term, "claim_id": claim.pk, "impact": impact}
            for term, impact in found.impacts.items()
        ]
        self.terms.update(found.terms)

    def tell(self, it: Happening) -> None:
        told, change = change_of(it)
        self.rows[Content] += told
        self.rows[Change].append(change | {"id": new_id(), "recorded_at": self.at})


def new_id() -> str:
    return str(uuid7())


def slices(count: int) -> Iterator[slice]:
    start, size = 0, FIRST_SLICE
    while start < count:
        yield slice(start, start + size)
        start, size = start + size, SLICE


def listed(values: Iterable[int]) -> str:
    """As PostgreSQL writes an array."""
    return "{" + ",".join(map(str, values)) + "}"


def batches(items: Iterable[str], size: Callable[[str], int], most: int) -> Iterator[list[str]]:
    """The items, together as long as all of them are no larger than that."""
    some: list[str] = []
    room = most
    for item in items:
        if some and size(item) > room:
            yield some
            some, room = [], most
        some.append(item)
        room -= size(item)
    if some:
        yield some


def copied(model: type[Model], rows: Sequence[Columns]) -> bytes:
    """Rows, each with all its columns by the names of their attributes, as COPY reads them."""
    values = itemgetter(*(field.attname for field in given(model)))
    columns = map(column, zip(*map(values, rows), strict=True))
    return "".join(f"{row}\n" for row in map("\t".join, zip(*columns, strict=True))).encode()


def column(values: Sequence[Any]) -> Iterable[str]:
    """Source: PostgreSQL manual, COPY, text format. Few have to be looked at value by value."""
    kinds = set(map(type, values))
    if kinds == {NoneType}:
        return repeat(NULL, len(values))
    if not kinds <= {str, NoneType}:
        values = list(map(told, values))
    together = "".join(filter(None, values))
    for character, escape in ESCAPES.items():
        if character in together:
            values = [it and it.replace(character, escape) for it in values]
    return [NULL if it is None else it for it in values] if NoneType in kinds else values


def told(value: object) -> str | None:
    if value is None or type(value) is str:
        return value
    if isinstance(value, bytes):
        return rf"\x{value.hex()}"
    return instant(value) if isinstance(value, datetime) else str(value)
