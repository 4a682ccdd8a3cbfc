"""The document of a Change: what the feed, a claim's history and webhooks tell.

The row as it was then is shown with its texts, though the log holds their hashes alone. Whoever
puts the hashes back (`salts` and `erased` say which and how) has what the log has hashed.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import orjson
from django.db.models import (
    BooleanField,
    Case,
    Expression,
    F,
    Func,
    Q,
    TextField,
    When,
)
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from claims.formats.answers import MemberNamed, OrganizationNamed
from claims.formats.composing import (
    At,
    Given,
    Literal,
    Query,
    Spelled,
    concat,
    or_null,
    when,
    whole,
)
from claims.models import Change, Content
from claims.vocabulary import INTERNAL, ChangeType, Role

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


# Of whoever reads it, when the statement runs: the organization, and as what, the role in front.
READER, READS_AS = "reader", "reads_as"
PUBLIC = ~Q(type__in=sorted(INTERNAL))


def is_own(change: Change, context: Mapping[str, Any]) -> bool:
    """Whether it is of the reader's organization."""
    reader: UUID | None = context.get(READER)
    return reader is not None and change.organization_id == reader


def own(at: At) -> Q:
    """The same, of a row; null where nobody reads it for an organization."""
    compared = Func(
        at.column("organization")[0],
        Given(READER),
        template="(%(expressions)s)",
        arg_joiner=" = ",
        output_field=BooleanField(),
    )
    return Q(compared)


def tells(least: Role) -> Q:
    """Whether the reader is at least this."""
    roles = ", ".join(f"'{role.value}'" for role in Role if role.rank >= least.rank)
    template = f"(split_part(%(expressions)s::text, ' ', 1) IN ({roles}))"
    return Q(Func(Given(READS_AS, TextField()), template=template, output_field=BooleanField()))


class Telling(serializers.Field):
    """A part of what a Change remembers; nothing of it for those who may not see it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", **kwargs)

    def to_representation(self, change: Change) -> Any:
        return self.told(change) if self.is_told(change) else self.nothing()

    def is_told(self, change: Change) -> bool:
        least = INTERNAL.get(ChangeType(change.type))
        if least is None:
            return True
        role = (self.context.get(READS_AS) or "").partition(" ")[0]
        return is_own(change, self.context) and Role(role).rank >= least.rank

    def nothing(self) -> Any:
        return None

    def told(self, change: Change) -> Any:
        raise NotImplementedError

    def composed(self, at: At) -> Expression:
        inside = Q()
        for least in sorted(set(INTERNAL.values())):
            types = sorted(type for type, role in INTERNAL.items() if role == least)
            inside |= Q(type__in=types) & tells(least)
        nothing = Literal("null" if self.nothing() is None else "{}")
        told = When(PUBLIC | (own(at) & inside), then=self.composed_told(at))
        return Case(told, default=nothing)

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


@extend_schema_field(MemberNamed(allow_null=True))
class Recorder(serializers.Field):
    """Who did it. Of an organization's own business, others are told the id, as the log has it, and
    no name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, **kwargs)
        self.named = MemberNamed()

    def to_representation(self, change: Change) -> Any:
        if change.recorded_by is None:
            return None
        told = self.named.to_representation(change.recorded_by)
        named = change.type not in INTERNAL or is_own(change, self.context)
        return told if named else told | {"name": None}

    def composed(self, at: At) -> Expression:
        by = at.step("recorded_by")
        nameless = concat([Literal('{"id":'), by.spelled("id"), Literal(',"name":null}')])
        named = When(PUBLIC | own(at), then=whole(self.named, by))
        return Case(named, default=when(by.is_there(), nameless))


class ChangeOut(serializers.ModelSerializer):
    """context: `reader` and `reads_as`, the organization and the role of whoever reads it."""

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
    recorded_by = Recorder()

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
