"""What every action does beside its own work: keep texts, and tell what happened."""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Model
from uuid_utils.compat import uuid7

from claims.formats.canonical import canonical
from claims.formats.state import state_of
from claims.models import Article, Change, Claim, Content, Member, Verdict
from claims.vocabulary import ChangeType


def sha256_of(text: str, salt: bytes = b"") -> bytes:
    return hashlib.sha256(salt + text.encode()).digest()


def content_columns(text: str, *, salted: bool = True) -> dict[str, Any]:
    salt = os.urandom(16) if salted else b""
    return {
        "id": uuid7(),
        "text": text,
        "salt": salt or None,
        "sha256": sha256_of(text, salt),
        "length": len(text),
        "erased_at": None,
    }


def content_of(text: str, *, salted: bool = True) -> Content:
    return Content(**content_columns(text, salted=salted))


def keep(texts: Iterable[str | None], *, salted: bool = True) -> list[Content | None]:
    """Store texts where they can be erased, in one statement; None stays None.

    salted: unless the plain hash of the text is public anyway.
    """
    contents = [None if text is None else content_of(text, salted=salted) for text in texts]
    Content.objects.bulk_create([content for content in contents if content is not None])
    return contents


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that happened, about to become a Change.

    claim, article: what it happened to, or in. more: what the document tells beside the row.
    """

    type: ChangeType
    subject: Model
    by: Member | None
    claim: Claim | None = None
    article: Article | None = None
    organization_id: UUID | None = None
    before: dict[str, Any] | None = None
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def language(self) -> str | None:
        carrier = self.claim or self.article
        return None if carrier is None else carrier.language

    @property
    def outcome(self) -> str | None:
        return self.subject.outcome if isinstance(self.subject, Verdict) else None


def record(*happenings: Happening, filed_at: datetime | None = None) -> None:
    """Write the Changes, as part of the caller's transaction; their claims are changed by them.

    They have no number yet: those are given once the transaction is committed.

    filed_at: of a claim that is filed in this transaction, its created_at: what happens in its
    filing happens then, and changes it no further. Other claims have to be locked.
    """
    told = [change_of(it) for it in happenings]
    when = {} if filed_at is None else {"recorded_at": filed_at}
    Content.objects.bulk_create(Content(**it) for contents, _change in told for it in contents)
    changes = Change.objects.bulk_create(Change(**change, **when) for _contents, change in told)
    claims = {it.claim.pk: it.claim for it in happenings if it.claim is not None}
    if claims and filed_at is None:
        touch(list(claims.values()), at=changes[0].recorded_at)


def change_of(it: Happening) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The columns of the Contents and of the Change that tell of it, yet to be stored."""
    document = content_columns(canonical(state_of(it.subject, **it.more)))
    before = None if it.before is None else content_columns(canonical(it.before))
    change = {
        "type": it.type,
        "subject_id": it.subject.pk,
        "claim_id": it.claim and it.claim.pk,
        "organization_id": it.organization_id or (it.by and it.by.organization_id),
        "status": it.claim and it.claim.status,
        "language": it.language,
        "outcome": it.outcome,
        "document_id": document["id"],
        "before_id": before and before["id"],
        "recorded_by_id": it.by and it.by.pk,
    }
    return [document] if before is None else [document, before], change


def touch(claims: list[Claim], *, at: datetime) -> None:
    """Note of claims that something happened to them; of a single one, store its status too."""
    if len(claims) > 1:
        pks = [claim.pk for claim in claims]
        Claim.objects.filter(pk__in=pks).update(version=F("version") + 1, changed_at=at)
        return
    [claim] = claims
    claim.version += 1
    claim.changed_at = at
    claim.save(update_fields=["status", "version", "changed_at"])
