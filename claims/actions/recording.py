"""What every action does beside its own work: keep texts, and tell what happened."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Model

from claims.formats.state import state_of
from claims.models import Change, Content, Member
from claims.vocabulary import ChangeType


def sha256_of(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def content_of(text: str) -> Content:
    return Content(text=text, sha256=sha256_of(text), length=len(text))


def keep(texts: Iterable[str | None]) -> list[Content | None]:
    """Store texts where they can be erased, in one statement; None stays None."""
    contents = [None if text is None else content_of(text) for text in texts]
    Content.objects.bulk_create([content for content in contents if content is not None])
    return contents


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that happened, about to become a Change."""

    type: ChangeType
    subject: Model
    by: Member | None
    claim_id: UUID | None = None
    organization_id: UUID | None = None
    before: dict[str, Any] | None = None
    more: dict[str, Any] = field(default_factory=dict)


def record(*happenings: Happening) -> None:
    """Write the Changes, as part of the caller's transaction.

    They have no number yet: those are given once the transaction is committed.
    """
    kept = iter(
        keep(
            text
            for it in happenings
            for text in (
                as_json(state_of(it.subject, **it.more)),
                None if it.before is None else as_json(it.before),
            )
        )
    )
    Change.objects.bulk_create(
        Change(
            type=it.type,
            subject_id=it.subject.pk,
            claim_id=it.claim_id,
            organization_id=it.organization_id or (it.by.organization_id if it.by else None),
            document=document,
            before=before,
            recorded_by=it.by,
        )
        for it, document, before in zip(happenings, kept, kept, strict=False)
    )


def as_json(state: dict[str, Any]) -> str:
    return orjson.dumps(state, option=orjson.OPT_SORT_KEYS).decode()
