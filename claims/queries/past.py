"""Claims as they were: made again of what the log tells up to a number or an instant.

The rows of today are not read. What is told of a claim is taken from its own Changes, and what
is told in it of others (speakers, articles, publishers, organizations, members) from theirs.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson
from django.db.models import BinaryField, F, Model, Q

from claims.models import (
    Anchor,
    Appearance,
    Article,
    Assertion,
    Change,
    Claim,
    Content,
    Evidence,
    LogEntry,
    Member,
    Organization,
    Publisher,
    Rating,
    Relay,
    Speaker,
    Verdict,
)
from claims.queries import feed
from claims.vocabulary import ChangeType, Outcome, RelationType

# What happened after a number, as far as documents of claims may show it: the highest number that
# was given, claims (of those filed from one to another time) that changed or appear in an article
# that was edited, and ids of what else was edited. Committed Changes that wait for their number
# are told each time.
SINCE = """
    WITH since AS MATERIALIZED (
        SELECT c.type, c.claim_id, c.subject_id
        FROM (SELECT change_id FROM claims_logentry WHERE number > %s
              UNION ALL SELECT change_id FROM claims_unnumbered) AS n
        JOIN claims_change c ON c.id = n.change_id)
    SELECT 'number', coalesce(max(number), 0)::text, NULL FROM claims_logentry
    UNION ALL
    SELECT 'claim', t.id::text, t.created_at::text
    FROM (SELECT claim_id FROM since WHERE claim_id IS NOT NULL
          UNION SELECT p.claim_id FROM since s
          JOIN claims_placement p ON p.article_id = s.subject_id AND s.type = 'article.edited')
        AS changed(id) JOIN claims_claim t USING (id)
    WHERE (t.created_at, t.id) > (%s, %s) AND t.created_at <= %s
    UNION ALL
    SELECT 'edited', subject_id::text, NULL FROM since
    WHERE claim_id IS NULL AND right(type, 7) = '.edited'"""

Row = TypeVar("Row", bound=Model)
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cutoff:
    """Up to where the record is read: a number, or an instant at which Changes were recorded."""

    number: int | None = None
    at: datetime | None = None

    @property
    def condition(self) -> Q:
        if self.number is not None:
            return Q(log_entry__number__lte=self.number)
        return Q(log_entry__isnull=False, recorded_at__lte=self.at)

    def latest_filing(self) -> datetime | None:
        """No claim that was filed after this instant is in the record; None where there is none.

        A Change is recorded before it is numbered, and numbers are given in order of time.
        """
        if self.number is None:
            return self.at
        entries = LogEntry.objects.filter(number__lte=self.number).order_by("-number")
        return entries.values_list("numbered_at", flat=True).first()


@dataclass(slots=True)
class Told:
    """What the log tells of one claim."""

    claim: Json = field(default_factory=dict)
    last: Change | None = None
    number: int | None = None
    appearances: dict[str, Json] = field(default_factory=dict)
    anchors: dict[str, Json] = field(default_factory=dict)
    tips: dict[str, Change] = field(default_factory=dict)
    relations: dict[tuple[str, str], Json] = field(default_factory=dict)

    def add(self, change: Change) -> None:
        document = document_of(change)
        self.last = change
        match change.type:
            case ChangeType.CLAIM_CREATED:
                self.claim, self.number = document, change.log_entry.number
            case ChangeType.CLAIM_EDITED if self.claim:
                self.claim = self.claim | document
            case ChangeType.APPEARANCE_ADDED if document:
                self.appearances[document["id"]] = document
            case ChangeType.APPEARANCE_REANCHORED if document:
                self.anchors[document["appearance"]] = document
            case ChangeType.RELATION_DECIDED | ChangeType.RELATION_WITHDRAWN if document:
                pair = {document["claim"], document["other"]}
                [other] = pair - {str(change.claim_id)}
                self.relations[str(change.organization_id), other] = document
            case ChangeType.VERDICT_ISSUED | ChangeType.VERDICT_WITHDRAWN if document:
                self.tips[str(change.organization_id)] = change
            case ChangeType.VERDICT_ISSUED | ChangeType.VERDICT_WITHDRAWN:
                self.tips.pop(str(change.organization_id), None)


def claims(ids: Sequence[UUID], cutoff: Cutoff) -> dict[UUID, Claim]:
    """Those of the claims that were there, as documents are made of them; by id.

    Beside what `documents.claims` gives they have `.placed`, all appearances, and `.tips`, the
    last verdict of each organization. None of the rows is to be saved. What a law forced out is
    missing, with what hangs on it: of a claim, the claim; of an article, appearances in it.
    """
    told: dict[UUID, Told] = defaultdict(Told)
    happened = Change.objects.filter(cutoff.condition, claim_id__in=ids)
    for change in feed.with_texts(list(feed.numbered(happened).order_by("log_entry__number"))):
        assert change.claim_id is not None
        told[change.claim_id].add(change)
    there = {pk: it for pk, it in told.items() if it.claim}
    others = Others(there.values(), cutoff)
    return {pk: revived(it, others) for pk, it in there.items()}


class Others:
    """What claims name by id, each as it was."""

    def __init__(self, told: Iterable[Told], cutoff: Cutoff) -> None:
        self.cutoff = cutoff
        wanted: set[Any] = set()
        for it in told:
            wanted.add(it.claim["speaker"])
            for appearance in it.appearances.values():
                wanted |= {appearance["article"], *appearance["relayed_by"]}
            for change in it.tips.values():
                wanted |= {change.organization_id, change.recorded_by_id}
                wanted.add(document_of(change).get("confirmed_by"))
        self.states = self.read(wanted - {None})
        publishers = {it["publisher"] for it in self.states.values() if "publisher" in it}
        self.states |= self.read(publishers)

    def read(self, ids: Iterable[Any]) -> dict[str, Json]:
        changes = (
            Change.objects.filter(self.cutoff.condition, subject_id__in=set(map(str, ids)))
            .select_related("document")
            .order_by("subject_id", F("log_entry__number").desc())
            .distinct("subject_id")
        )
        return {str(change.subject_id): document_of(change) for change in changes}

    def row(self, model: type[Row], pk: Any) -> Row | None:
        state = self.states.get(str(pk))
        return row_of(model, state) if state else None

    def article(self, pk: Any) -> Article | None:
        article = self.row(Article, pk)
        publisher = None if article is None else self.row(Publisher, article.publisher_id)
        if article is None or publisher is None:
            return None
        article.publisher = publisher
        return article


def revived(told: Told, others: Others) -> Claim:
    claim: Any = row_of(Claim, told.claim)
    assert told.last is not None
    claim.status, claim.changed_at = told.last.status, told.last.recorded_at
    claim.number = told.number
    claim.speaker = others.row(Speaker, claim.speaker_id)
    claim.related = {
        other
        for (_organization, other), it in told.relations.items()
        if it["relation"] != RelationType.WITHDRAWN
    }
    claim.asserted = [Assertion(fact_id=UUID(fact)) for fact in told.claim["asserts"]]
    by_position = sorted(told.appearances.values(), key=lambda it: int(it["position"]))
    found = (appearance(it, told.anchors.get(it["id"]), others) for it in by_position)
    claim.placed = [it for it in found if it is not None]
    claim.first_appearances = claim.placed[:1]
    claim.tips = sorted(
        filter(None, (verdict(change, others) for change in told.tips.values())),
        key=lambda it: (it.issued_at, it.pk),
    )
    claim.standing_verdicts = [it for it in claim.tips if it.outcome != Outcome.WITHDRAWN]
    return claim  # type: ignore[no-any-return]


def appearance(document: Json, anchor: Json | None, others: Others) -> Appearance | None:
    row: Any = row_of(Appearance, document)
    article = others.article(row.article_id)
    if article is None:
        return None
    row.article = article
    row.last_anchors = [row_of(Anchor, anchor)] if anchor else []
    speakers = (others.row(Speaker, pk) for pk in document["relayed_by"])
    row.chain = [Relay(speaker=speaker) for speaker in speakers if speaker is not None]
    return row  # type: ignore[no-any-return]


def verdict(change: Change, others: Others) -> Verdict | None:
    """From its Change, and its texts, which are kept apart."""
    document = document_of(change)
    rating = document.get("rating")
    row: Any = row_of(Verdict, {**document, "rating": None})
    row.rating = rating and row_of(Rating, rating)
    row.number = change.log_entry.number
    organization = others.row(Organization, change.organization_id)
    if organization is None:
        return None
    row.organization = organization
    row.issued_by = issuer(change.recorded_by_id, others)
    row.confirmed_by = issuer(row.confirmed_by_id, others)
    texts = feed_texts(change)
    row.rationale = texts.get("rationale") or Content()
    row.pieces = []
    for i, piece in enumerate(document.get("evidence", ())):
        evidence = row_of(Evidence, piece)
        evidence.quote = texts.get(f"quote {i}")
        row.pieces.append(evidence)
    return row  # type: ignore[no-any-return]


def issuer(pk: UUID | None, others: Others) -> Member | None:
    """Without a name, where a law forced that out."""
    return None if pk is None else others.row(Member, pk) or Member(pk=pk, name=None)


def feed_texts(change: Change) -> dict[str, Any]:
    stored: Any = change.verdict  # type: ignore[attr-defined]
    if stored is None:
        return {}
    quotes = {f"quote {i}": piece.quote for i, piece in enumerate(stored.pieces)}
    return {"rationale": stored.rationale, **quotes}


def document_of(change: Change) -> Json:
    """What a Change remembers; nothing where a law forced it out."""
    text = change.document.text
    return {} if text is None else orjson.loads(text)


def row_of(model: type[Row], state: Json) -> Row:
    """A row again, from what a Change remembers of it. Texts in a Content are not in that."""
    return model(
        **{
            field.attname: field.to_python(state[field.name])
            for field in model._meta.concrete_fields
            if field.name in state
            and field.related_model is not Content
            and not isinstance(field, BinaryField)
        }
    )
