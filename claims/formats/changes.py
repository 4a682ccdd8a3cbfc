"""The document of a Change: what the feed, a claim's history and webhooks tell.

The row as it was then is shown with its texts, though the log holds their hashes alone. Whoever
puts the hashes back (`salts` and `erased` say which and how) has what the log has hashed.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from claims.formats.answers import MemberNamed, OrganizationNamed
from claims.models import Change, Content
from claims.vocabulary import INTERNAL

ROW = {"type": ["object", "null"], "additionalProperties": True}
BY_POINTER = {
    "type": "object",
    "additionalProperties": {"type": "string", "pattern": "^[0-9a-f]+$"},
}

Texts = dict[str, Content]


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
        return self.context.get("organization_id")

    def nothing(self) -> Any:
        return None

    def told(self, change: Change) -> Any:
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


@extend_schema_field(ROW)
class Before(Telling):
    """The row before an edit."""

    def told(self, change: Change) -> Any:
        return None if change.before is None else remembered(change.before)


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


class ChangeOut(serializers.ModelSerializer):
    """context: `organization_id`, the organization of whoever reads it."""

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
