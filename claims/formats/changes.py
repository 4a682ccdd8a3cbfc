"""The document of a Change: what the feed, a claim's history and webhooks tell.

The row as it was then is shown with its texts, though the log holds their hashes alone. Whoever
puts the hashes back (`salts` and `erased` say which and how) has what the log has hashed.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson
from django.db.models import (
    BooleanField,
    Case,
    Expression,
    ExpressionWrapper,
    F,
    Func,
    Q,
    When,
)
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from claims.formats.answers import MemberNamed, OrganizationNamed
from claims.formats.composing import At, Given, Literal, Query, Spelled, or_null
from claims.models import Change, Content
from claims.vocabulary import INTERNAL

ROW = {"type": ["object", "null"], "additionalProperties": True}
BY_POINTER = {
    "type": "object",
    "additionalProperties": {"type": "string", "pattern": "^[0-9a-f]+$"},
}

Texts = dict[str, Content]

# As the Python below does it, done by the database.
WITH_TEXTS = """
    CASE WHEN {outcome} IS NULL THEN {text} ELSE (
        SELECT jsonb_set(
            jsonb_set({text}::jsonb, '{{rationale}}', coalesce(to_jsonb(t.text), 'null')),
            '{{evidence}}',
            (SELECT coalesce(jsonb_agg(
                CASE WHEN q.id IS NULL THEN e.piece
                ELSE jsonb_set(e.piece, '{{quote}}', coalesce(to_jsonb(q.text), 'null')) END
                ORDER BY e.n), '[]')
            FROM jsonb_array_elements({text}::jsonb -> 'evidence') WITH ORDINALITY AS e(piece, n)
            LEFT JOIN claims_evidence p ON p.verdict_id = v.id AND p.position = e.n - 1
            LEFT JOIN claims_content q ON q.id = p.quote_id)
        )::text
        FROM claims_verdict v JOIN claims_content t ON t.id = v.rationale_id
        WHERE v.id = {subject}
    ) END"""
HASHED = """
    SELECT coalesce(json_object_agg(h.pointer, h.value), '{{}}')::text FROM (
        SELECT '/document', {of} FROM claims_content c WHERE c.id = {document}
        UNION ALL SELECT '/before', {of} FROM claims_content c WHERE c.id = {before}
        UNION ALL SELECT '/document/rationale', {of}
        FROM claims_verdict v JOIN claims_content c ON c.id = v.rationale_id
        WHERE v.id = {subject} AND {outcome} IS NOT NULL AND {text} IS NOT NULL
        UNION ALL SELECT '/document/evidence/' || p.position || '/quote', {of}
        FROM claims_evidence p JOIN claims_content c ON c.id = p.quote_id
        WHERE p.verdict_id = {subject} AND {outcome} IS NOT NULL AND {text} IS NOT NULL
    ) h(pointer, value) WHERE h.value IS NOT NULL"""


def of_change(sql: str, **more: str) -> Query:
    columns = {
        "outcome": "outcome",
        "subject": "subject_id",
        "document": "document_id",
        "before": "before_id",
        "text": "document__text",
    }
    return Query(sql, columns={name: F(column) for name, column in columns.items()}, **more)


READER = "reader"  # the organization of whoever reads it, when the statement runs


class Telling(serializers.Field):
    """A part of what a Change remembers; nothing of it for those who may not see it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", **kwargs)

    def to_representation(self, change: Change) -> Any:
        if change.type in INTERNAL and change.organization_id != self.own_organization:
            return self.nothing()
        return self.told(change)

    @property
    def own_organization(self) -> UUID | None:
        return self.context.get(READER)

    def nothing(self) -> Any:
        return None

    def told(self, change: Change) -> Any:
        raise NotImplementedError

    def composed(self, at: At) -> Expression:
        own, reader = at.column("organization")[0], Given(READER)
        foreign = Func(
            own,
            reader,
            template="(%(expressions)s)",
            arg_joiner=" IS DISTINCT FROM ",
            output_field=BooleanField(),
        )
        hidden = ExpressionWrapper(Q(type__in=sorted(INTERNAL)) & Q(foreign), BooleanField())
        nothing = Literal("null" if self.nothing() is None else "{}")
        return Case(When(hidden, then=nothing), default=self.composed_told(at))

    def composed_told(self, at: At) -> Expression:
        raise NotImplementedError


@extend_schema_field(ROW)
class Document(Telling):
    """The row after the Change; null when a law forced it out, or for those outside its desk."""

    def told(self, change: Change) -> Any:
        document = remembered(change.document)
        if document is not None:
            for pointer, content in texts_of(change).items():
                put(document, pointer.removeprefix("/document"), content.text)
        return document

    def composed_told(self, at: At) -> Expression:
        return or_null(of_change(WITH_TEXTS))


@extend_schema_field(ROW)
class Before(Telling):
    """The row before an edit."""

    def told(self, change: Change) -> Any:
        return None if change.before is None else remembered(change.before)

    def composed_told(self, at: At) -> Expression:
        return or_null(Spelled(F("before__text"), "{}"))


@extend_schema_field(BY_POINTER)
class Salts(Telling):
    """By JSON pointer into this document: 16 bytes, hexadecimal, to be hashed before the text.

    `/document` and `/before` are hashed as canonical JSON (RFC 8785), after each text in them is
    replaced by the hash of its salt and itself.
    """

    def nothing(self) -> Any:
        return {}

    def told(self, change: Change) -> Any:
        return {
            pointer: bytes(content.salt).hex()
            for pointer, content in hashed(change)
            if content.salt is not None
        }

    def composed_told(self, at: At) -> Expression:
        return of_change(HASHED, of="encode(c.salt, 'hex')")


@extend_schema_field(BY_POINTER)
class Erased(Telling):
    """By JSON pointer into this document: the hash of what a law forced out, hexadecimal."""

    def nothing(self) -> Any:
        return {}

    def told(self, change: Change) -> Any:
        return {
            pointer: bytes(content.sha256).hex()
            for pointer, content in hashed(change)
            if content.text is None
        }

    def composed_told(self, at: At) -> Expression:
        return of_change(HASHED, of="CASE WHEN c.text IS NULL THEN encode(c.sha256, 'hex') END")


class ChangeOut(serializers.ModelSerializer):
    """context: `reader`, the organization of whoever reads it."""

    number = serializers.IntegerField(
        source="log_entry.number", help_text="From 1, without gaps. It never changes."
    )
    subject = serializers.UUIDField(
        source="subject_id", help_text="What it happened to; `type` says of which kind."
    )
    organization = OrganizationNamed(allow_null=True)
    document = Document()
    before = Before()
    salts = Salts()
    erased = Erased()
    recorded_by = MemberNamed(allow_null=True)

    class Meta:
        model = Change
        fields = [
            "number",
            "id",
            "type",
            "subject",
            "claim",
            "organization",
            "status",
            "language",
            "outcome",
            "document",
            "before",
            "salts",
            "erased",
            "recorded_by",
            "recorded_at",
        ]


def remembered(content: Content) -> Any:
    return None if content.text is None else orjson.loads(content.text)


def texts_of(change: Change) -> Texts:
    """The texts that the document names by their hash, by JSON pointer; those of verdicts."""
    verdict = getattr(change, "verdict", None)
    if verdict is None:
        return {}
    quotes = {
        f"/document/evidence/{i}/quote": piece.quote
        for i, piece in enumerate(verdict.pieces)
        if piece.quote is not None
    }
    return {"/document/rationale": verdict.rationale, **quotes}


def hashed(change: Change) -> Iterator[tuple[str, Content]]:
    yield "/document", change.document
    if change.before is not None:
        yield "/before", change.before
    if change.document.text is not None:
        yield from texts_of(change).items()


def put(document: Any, pointer: str, value: Any) -> None:
    """Set what a JSON pointer (RFC 6901, of plain names) leads to."""
    *way, last = pointer.removeprefix("/").split("/")
    for step in way:
        document = document[int(step) if isinstance(document, list) else step]
    document[last] = value
