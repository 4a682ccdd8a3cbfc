"""Notes on a claim, for the members of one organization alone."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from claims.actions.notices import notify
from claims.actions.recording import keep
from claims.errors import Fault, Invalid, NotFound
from claims.models import Claim, Member, Note, NoteMention
from claims.vocabulary import NoticeKind


def write_note(*, claim_id: UUID, text: str, mentions: Sequence[UUID] = (), by: Member) -> Note:
    """mentions: members of the same organization whom it concerns. Raises NotFound, Invalid.

    No Change tells of it, for those are public: that there is a note is the organization's own.
    """
    if not Claim.objects.filter(pk=claim_id).exists():
        raise NotFound(_("There is nothing with this id."))
    colleagues = Member.objects.filter(organization_id=by.organization_id, ended_at__isnull=True)
    known = colleagues.in_bulk(list(mentions))
    detail = _("Your organization has no such member.")
    faults = [
        Fault(detail, pointer=f"#/mentions/{i}") for i, pk in enumerate(mentions) if pk not in known
    ]
    if faults:
        raise Invalid(detail, faults=faults)
    [content] = keep([text])
    assert content is not None
    note = Note.objects.create(
        organization_id=by.organization_id, claim_id=claim_id, content=content, created_by=by
    )
    NoteMention.objects.bulk_create(
        NoteMention(note=note, position=i, member_id=pk) for i, pk in enumerate(mentions)
    )
    notify(known.values(), NoticeKind.MENTION, note=note, by=by)
    return note
