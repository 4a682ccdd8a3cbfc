"""Rows as plain SQL writes them, to try the rules of the database one at a time."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connections, transaction
from uuid_utils.compat import uuid7

from claims.actions.webhooks import ping
from claims.models import Change, Snapshot, User, Verdict
from claims.vocabulary import Outcome
from tests import make

Row = dict[str, Any]
NOON = datetime(2020, 3, 14, 12, tzinfo=UTC)


class Record:
    """One of everything, made by the actions when it is first asked for, for rows to refer to."""

    @classmethod
    def whole(cls) -> "Record":
        """All of it at once, committed: another connection sees it."""
        record = cls()
        with transaction.atomic():
            for name, value in vars(cls).items():
                if isinstance(value, cached_property):
                    getattr(record, name)
        return record

    desk = cached_property(lambda r: make.desk())
    rivals = cached_property(lambda r: make.desk())
    third = cached_property(lambda r: make.desk())  # has no scale
    scale = cached_property(lambda r: make.scale(r.desk.editor))
    foreign_scale = cached_property(lambda r: make.scale(r.rivals.editor))
    outsider = cached_property(lambda r: make.outsider(by=r.desk.checker))
    user = cached_property(lambda r: User.objects.create(username=r.desk.organization.name))
    publisher = cached_property(lambda r: make.publisher())
    speaker = cached_property(lambda r: make.speaker())
    other_speaker = cached_property(lambda r: make.speaker(name="Another"))
    statement = cached_property(lambda r: make.statement())
    fact = cached_property(lambda r: make.fact())
    other_fact = cached_property(lambda r: make.fact())
    quantity = cached_property(
        lambda r: make.fact(
            fact=make.FACT | {"value": "3", "value_type": "quantity", "unit": "year"}
        )
    )
    appearance = cached_property(lambda r: make.marked_fact()[1])
    marked = cached_property(lambda r: r.appearance.claim)
    article = cached_property(lambda r: r.appearance.article)
    snapshot = cached_property(lambda r: r.appearance.snapshot)
    # Makes an anchor of the appearance, at position 0.
    later = cached_property(lambda r: make.snapshot("Iraq declared victory again.", of=r.article))
    other_snapshot = cached_property(lambda r: make.snapshot())
    withheld = cached_property(lambda r: make.snapshot(withheld=True))
    judged = cached_property(lambda r: make.fact())
    first = cached_property(lambda r: make.verdict(r.judged, r.desk.checker, Outcome.DISPUTED))
    due = cached_property(
        lambda r: make.verdict(make.fact(), r.desk.checker, recheck_on=date(2020, 6, 1))
    )
    withdrawn = cached_property(lambda r: make.fact())
    decision = cached_property(
        lambda r: make.relation(r.fact, r.other_fact, by=r.desk.checker, relation="same")
    )
    draft = cached_property(lambda r: make.draft(r.other_fact, r.desk.checker))
    contest = cached_property(
        lambda r: make.contest(make.verdict(make.fact(), r.desk.checker), contact="a@example.org")
    )
    upheld = cached_property(
        lambda r: make.upheld(make.verdict(make.fact(), r.desk.checker), r.desk.editor)
    )
    correction = cached_property(
        lambda r: make.corrected(make.verdict(make.fact(), r.desk.checker), r.desk.editor)
    )
    webhook = cached_property(lambda r: make.webhook(r.desk.editor))
    delivery = cached_property(lambda r: ping(webhook_id=r.webhook.pk))
    item = cached_property(lambda r: make.queued(r.fact, r.desk.checker))
    done = cached_property(lambda r: make.done(make.fact(), r.desk.checker))
    note = cached_property(lambda r: make.note(r.fact, r.desk.checker))
    change = cached_property(lambda r: Change.objects.filter(subject_id=r.fact.pk).get())

    @cached_property
    def tip(self) -> Verdict:
        """Of the chain that begins with `first`."""
        return self.first and make.verdict(self.judged, self.desk.checker, Outcome.VERIFIED)

    @cached_property
    def withdrawal(self) -> Verdict:
        make.verdict(self.withdrawn, self.desk.checker)
        return make.verdict(self.withdrawn, self.desk.checker, Outcome.WITHDRAWN)

    def content(self, text: str, using: str = "default") -> UUID:
        return insert("content", content(text), using)


def content(text: str) -> Row:
    return {"text": text, "sha256": hashlib.sha256(text.encode()).digest(), "length": len(text)}


def passage(snapshot: Snapshot, exact: str = "victory again") -> Row:
    start = make.TEXT.index(exact)
    return {
        "article_id": snapshot.article_id,
        "snapshot_id": snapshot.pk,
        "exact": exact,
        "prefix": "",
        "suffix": "",
        "start": start,
        "end": start + len(exact),
    }


NO_PASSAGE = dict.fromkeys(("snapshot_id", "exact", "prefix", "suffix", "start", "end"))


def sound(r: Record, kind: str, using: str = "default") -> tuple[str, Row]:
    """The table and the columns of a new row that breaks no rule."""
    digest = hashlib.sha256(b"digest").digest()
    claim = {"text": "Some words", "language": "en"}
    fact = claim | {"kind": "fact"} | make.FACT
    match kind:
        case "publisher":
            return kind, {"name": "Al-Sabaah", "names": "{}"}
        case "article":
            return kind, {"publisher_id": r.publisher.pk, "headline": "عنوان", "language": "ar"}
        case "speaker":
            return kind, {
                "type": "person",
                "name": "A person",
                "names": "{}",
                "other_names": "{}",
                "same_as": "{}",
                "roles": "[]",
            }
        case "organization":
            return kind, {"name": "A new desk"}
        case "member":
            return kind, {"organization_id": r.desk.organization.pk, "name": "A", "role": "reader"}
        case "apikey":
            return kind, {
                "member_id": r.desk.reader.pk,
                "label": "a key",
                "hint": "isnad_1",
                "digest": digest,
                "scopes": ["read"],
            }
        case "invitation":
            return kind, {
                "organization_id": r.desk.organization.pk,
                "role": "checker",
                "digest": digest,
                "expires_at": NOON,
            }
        case "content":
            return kind, content("أعلن العراق")
        case "snapshot":
            held = content("Another text.")
            return kind, {
                "article_id": r.article.pk,
                "content_id": insert("content", held, using),
                "sha256": held["sha256"],
                "length": held["length"],
            }
        case "withheld":
            return "snapshot", {"article_id": r.article.pk, "sha256": digest, "length": 10}
        case "statement":
            return "claim", claim | {
                "kind": "statement",
                "speech": "direct",
                "speaker_id": r.speaker.pk,
            }
        case "fact":
            return "claim", fact
        case "quantity":
            return "claim", fact | {"value": "3", "value_type": "quantity", "unit": "year"}
        case "assertion":
            return kind, {"statement_id": r.statement.pk, "fact_id": r.fact.pk}
        case "appearance":
            return kind, {
                "claim_id": r.fact.pk,
                "position": 0,
                "checked": True,
                **passage(r.snapshot),
            }
        case "unchecked":
            return "appearance", {
                "claim_id": r.fact.pk,
                "position": 0,
                "checked": False,
                **passage(r.withheld),
            }
        case "mention":
            return "appearance", {
                "claim_id": r.fact.pk,
                "position": 0,
                "checked": False,
                "article_id": r.article.pk,
                **NO_PASSAGE,
            }
        case "relay":
            return kind, {
                "appearance_id": r.appearance.pk,
                "position": 0,
                "speaker_id": r.speaker.pk,
            }
        case "anchor":
            assert r.later is not None
            return kind, {
                "appearance_id": r.appearance.pk,
                "snapshot_id": r.snapshot.pk,
                "position": 1,
                "state": "moved",
                "start": 3,
                "end": 8,
            }
        case "verdict":
            return kind, {
                "claim_id": r.judged.pk,
                "organization_id": r.desk.organization.pk,
                "supersedes_id": r.tip.pk,
                "outcome": "verified",
                "rationale_id": r.content("Because.", using),
                "issued_by_id": r.desk.checker.pk,
            }
        case "draft":
            return kind, {
                "claim_id": r.fact.pk,
                "organization_id": r.desk.organization.pk,
                "state": "open",
                "outcome": "verified",
                "finding_id": r.content("{}", using),
                "created_by_id": r.desk.checker.pk,
            }
        case "contest":
            return kind, {
                "verdict_id": r.contest.verdict_id,
                "claim_id": r.contest.claim_id,
                "organization_id": r.desk.organization.pk,
                "party": "reader",
                "reason": "other",
                "statement_id": r.content("{}", using),
                "state": "open",
            }
        case "draftstep":
            return kind, {
                "draft_id": r.draft.pk,
                "position": 0,
                "type": "edited",
                "taken_by_id": r.desk.checker.pk,
            }
        case "rating again":
            table, one = sound(r, "rating", using)
            scale = {"version": 2, "size": 2, "organization_id": r.third.organization.pk}
            one["scale_id"] = insert("ratingscale", scale, using)
            insert(table, one, using)
            return table, one
        case "ratingscale":
            return kind, {"organization_id": r.third.organization.pk, "version": 1, "size": 0}
        case "rating":
            # Of a scale that is not whole before it.
            table, scale = sound(r, "ratingscale", using)
            return kind, {
                "scale_id": insert(table, scale | {"size": 1}, using),
                "position": 0,
                "outcome": "disputed",
                "labels": '{"en": "False"}',
            }
        case "relation":
            return kind, {
                "claim_id": r.other_fact.pk,
                "other_id": r.decision.claim_id,
                "relation": "updates",
                "reasons": "[]",
                "organization_id": r.desk.organization.pk,
                "supersedes_id": r.decision.pk,
                "decided_by_id": r.desk.checker.pk,
            }
        case "extent":
            claim_id = insert("claim", claim | {"kind": "fact"} | make.FACT, using)
            keys = dict.fromkeys(("subject", "property", "matter"), uuid7())
            return kind, {"claim_id": claim_id, **keys, "scale": "date", "low": 1, "high": 2}
        case "logentry":
            return kind, {
                "number": 1,
                "change_id": r.change.pk,
                "entry": "{}",
                "leaf_hash": hashlib.sha256(b"\0{}").digest(),
            }
        case "tile":
            return kind, {"level": 0, "index": 7, "hashes": b"\0" * 8192, "root": b"\0" * 32}
        case "checkpoint":
            return kind, {"size": 10, "root": b"\0" * 32, "note": "a note"}
        case "logkey":
            return kind, {"verifier": "example.org/isnad+00000000+AAAA"}
        case "evidence":
            return kind, {
                "verdict_id": r.tip.pk,
                "position": 0,
                "url": "https://example.org/",
                "stance": "refutes",
            }
        case "webhook":
            return kind, {
                "organization_id": r.desk.organization.pk,
                "url": "https://example.org/hook",
                "types": ["claim.created"],
                "secret": b"sealed",
                "read_up_to": 0,
            }
        case "delivery":
            return kind, {
                "webhook_id": r.webhook.pk,
                "number": 1,
                "claim_id": r.fact.pk,
                "state": "pending",
                "next_attempt_at": NOON,
            }
        case "attempt":
            return kind, {
                "delivery_id": r.delivery.pk,
                "ordinal": 1,
                "started_at": NOON,
                "duration_ms": 12,
                "status": 200,
                "answer_head": "thanks",
            }
        case "queueitem":
            return kind, {
                "organization_id": r.desk.organization.pk,
                "claim_id": r.other_fact.pk,
                "priority": "normal",
                "reach": 0,
                "appearances": 0,
                "assignee_id": r.desk.checker.pk,
                "assigned_at": NOON,
                "assigned_by_id": r.desk.editor.pk,
                "created_by_id": r.desk.checker.pk,
            }
        case "queuemove":
            return kind, {
                "item_id": r.item.pk,
                "type": "requested",
                "priority": "normal",
                "moved_by_id": r.desk.editor.pk,
            }
        case "note":
            return kind, {
                "organization_id": r.desk.organization.pk,
                "claim_id": r.fact.pk,
                "content_id": r.content("A note.", using),
                "created_by_id": r.desk.checker.pk,
            }
        case "notemention":
            return kind, {"note_id": r.note.pk, "position": 0, "member_id": r.desk.editor.pk}
        case "notice":
            return kind, {
                "member_id": r.desk.editor.pk,
                "kind": "mention",
                "note_id": r.note.pk,
                "next_attempt_at": NOON,
                "created_by_id": r.desk.checker.pk,
            }
        case "noticesettings":
            return kind, {
                "member_id": r.desk.editor.pk,
                "language": "ar",
                "time_zone": "Asia/Baghdad",
                "digest_hour": 7,
                "off": [],
            }
        case "change":
            return kind, {
                "type": "claim.created",
                "subject_id": r.fact.pk,
                "document_id": r.content("{}", using),
            }
        case "idempotencykey":
            return kind, {
                "member_id": r.desk.checker.pk,
                "key": "once",
                "request_digest": digest,
                "status": 201,
                "headers": "{}",
                "body": b"{}",
            }
        case "dossierentry":
            return kind, {
                "namespace": "example.org",
                "kind": "claim",
                "key": "one",
                "subject_id": r.fact.pk,
                "digest": digest,
            }
        case "ratecount":
            return kind, {"caller": "key 1", "minute": 1, "reads": 1, "writes": 0}
    raise LookupError(kind)


KINDS = (
    "publisher",
    "article",
    "speaker",
    "organization",
    "member",
    "apikey",
    "invitation",
    "content",
    "snapshot",
    "withheld",
    "statement",
    "fact",
    "quantity",
    "assertion",
    "appearance",
    "unchecked",
    "mention",
    "relay",
    "anchor",
    "verdict",
    "evidence",
    "draft",
    "draftstep",
    "contest",
    "relation",
    "ratingscale",
    "rating",
    "extent",
    "queueitem",
    "queuemove",
    "note",
    "notemention",
    "notice",
    "noticesettings",
    "change",
    "webhook",
    "delivery",
    "attempt",
    "idempotencykey",
    "dossierentry",
    "ratecount",
)


WITHOUT_ID = {"extent", "noticesettings", "ratecount", "logentry", "tile", "checkpoint"}


def insert(table: str, row: Row, using: str = "default") -> UUID:
    """Insert with plain SQL; the id of the new row."""
    if table not in WITHOUT_ID and "id" not in row:
        row = {"id": uuid7(), **row}
    quote = connections[using].ops.quote_name
    columns = ", ".join(map(quote, row))
    places = ", ".join(["%s"] * len(row))
    run(f"INSERT INTO claims_{table} ({columns}) VALUES ({places})", list(row.values()), using)
    new: UUID = row.get("id")
    return new


def run(statement: str, values: Any = None, using: str = "default") -> list[tuple[Any, ...]]:
    """Run plain SQL; the rows that it gives."""
    with connections[using].cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description is not None else []


@contextmanager
def undone() -> Iterator[None]:
    """What happens within it leaves nothing for the next."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def check_now(using: str = "default") -> None:
    """Check at once what is checked when a transaction ends."""
    run("SET CONSTRAINTS ALL IMMEDIATE", using=using)
    run("SET CONSTRAINTS ALL DEFERRED", using=using)


@contextmanager
def refused_by(constraint: str, using: str = "default") -> Iterator[None]:
    """What is written inside breaks exactly this constraint."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(using=using):  # noqa: PT012
        yield
        check_now(using)
    assert refusal.value.__cause__.diag.constraint_name == constraint
