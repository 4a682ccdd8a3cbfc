"""Notices by e-mail: what is to be told to whom, and what members want to hear of."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.utils import timezone
from django.utils.translation import gettext as _

from claims.actions.editing import locked
from claims.actions.preconditions import IfMatch, require_current
from claims.errors import NotFound
from claims.models import Draft, Member, Note, Notice, NoticeSettings, QueueItem
from claims.vocabulary import NoticeKind

GATHERED_FOR = timedelta(seconds=60)
"""What comes within it, of one kind for one member, goes in one mail."""

# Without a time: a link in an old mail switches off as well.
LINKS = Signer(salt="claims.notices.off", sep="~")


def notify(
    members: Iterable[Member],
    kind: NoticeKind,
    *,
    item: QueueItem | None = None,
    note: Note | None = None,
    draft: Draft | None = None,
    by: Member,
) -> None:
    """Have these told, in the caller's transaction; not `by`, who knows, nor who has no account.

    Whether they want it, and can be reached, is asked when it is sent.
    """
    told = [it for it in members if it.pk != by.pk and it.user_id is not None]
    at = timezone.now() + GATHERED_FOR
    Notice.objects.bulk_create(
        Notice(
            member=it,
            kind=kind,
            item=item,
            note=note,
            draft=draft,
            next_attempt_at=at,
            created_by=by,
        )
        for it in told
    )


def settings_of(member: Member) -> NoticeSettings:
    """What the member said, or else what is usual here, which is not stored."""
    said = NoticeSettings.objects.filter(member=member).first()
    return said or NoticeSettings(
        member=member,
        language=settings.NOTICE_LANGUAGE,
        time_zone=settings.NOTICE_TIME_ZONE,
        version=0,
    )


def edit_settings(
    *, changes: dict[str, Any], by: Member, if_match: IfMatch | None
) -> NoticeSettings:
    """One's own. Raises PreconditionRequired, PreconditionFailed."""
    locked(Member, by.pk)  # there may be no row of settings yet
    require_current(NoticeSettings, by.pk, if_match, needed=True)
    return changed(settings_of(by), changes)


def switch_off(*, token: str) -> tuple[NoticeSettings, NoticeKind]:
    """Switch off the kind of notice that a mail was of, by its link. Raises NotFound."""
    member_id, kind = read_token(token)
    member = locked(Member, member_id)
    said = settings_of(member)
    off = sorted({*said.off, kind})
    if member.erased_at is not None:  # gets nothing, and nothing is kept of the person
        said.off = off
        return said, kind
    return changed(said, {"off": off}), kind


def changed(said: NoticeSettings, changes: dict[str, Any]) -> NoticeSettings:
    if all(getattr(said, name) == value for name, value in changes.items()):
        return said
    for name, value in changes.items():
        setattr(said, name, value)
    said.version += 1
    said.save()
    return said


def token_of(member_id: UUID, kind: NoticeKind) -> str:
    """By which whoever has the mail switches off what it is of, without signing in."""
    return LINKS.sign(f"{member_id}.{kind.value}")


def read_token(token: str) -> tuple[UUID, NoticeKind]:
    """Raises NotFound."""
    try:
        member_id, _dot, kind = LINKS.unsign(token).partition(".")
        return UUID(member_id), NoticeKind(kind)
    except (BadSignature, ValueError):
        raise NotFound(_("The link is not whole: copy all of it from the mail.")) from None
