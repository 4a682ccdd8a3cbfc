"""Forcing out what a law forces out. The owner of the tables alone can: the web role may not.

Texts are in Contents, which append-only rows and Changes name: erasing empties them, hash and
length stay, and neither the record nor the log is touched. See docs/adr/0005 and 0043.
"""

from collections.abc import Iterable
from uuid import UUID

from django.contrib.admin.models import LogEntry as AdminEntry
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from claims.actions.desks import keep_an_admin, remove_member
from claims.actions.editing import locked
from claims.actions.recording import Happening, record
from claims.errors import NotFound
from claims.models import (
    ApiKey,
    Change,
    Content,
    Contest,
    Evidence,
    IdempotencyKey,
    Invitation,
    LogEntry,
    Member,
    Notice,
    NoticeSettings,
    SecondFactor,
    Session,
    Snapshot,
    User,
    Verdict,
)
from claims.vocabulary import ChangeType

ERASED_LABEL = "(erased)"  # of keys, which have one


@transaction.atomic
def erase_person(person_id: UUID) -> list[UUID]:
    """Name, e-mail address and username, wherever they stand; the ids of whom they were.

    person_id: of a member; whose account goes too, where no other membership needs it. Or of a
    user: then all memberships go. Or of an invitation that nobody accepted. What has gone already
    is passed over.
    Raises NotFound, Conflict where the organization would be left without an admin.
    """
    found = Member.objects.filter(Q(pk=person_id) | Q(user_id=person_id))
    members = list(found.filter(erased_at__isnull=True).order_by("pk"))
    user = User.objects.filter(pk=person_id).first()
    if user is None:
        member = found.filter(pk=person_id).select_related("user").first()
        if member is None:
            return erase_invited(person_id)
        others = Member.objects.filter(user=member.user).exclude(pk=member.pk)
        user = None if others.exists() else member.user
    for member in members:
        erase_member(member)
    if user is not None:
        erase_user(user)
    IdempotencyKey.objects.all().delete()  # answers that are kept for a day
    return [it.pk for it in (*members, *([user] if user else []))]


def erase_invited(invitation_id: UUID) -> list[UUID]:
    """Raises NotFound."""
    invitations = Invitation.objects.filter(pk=invitation_id)
    erase_changes(Change.objects.filter(subject_id=invitation_id))
    if not invitations.update(name=None, email=None, version=F("version") + 1):
        raise NotFound(_("There is no member, user or invitation with this id."))
    IdempotencyKey.objects.all().delete()
    return [invitation_id]


def erase_member(member: Member) -> None:
    keep_an_admin(member.organization_id, but=member.pk)
    remove_member(locked(Member, member.pk), by=None)
    keys = ApiKey.objects.filter(member=member)
    invitations = Invitation.objects.filter(accepted_by=member)
    subjects = {member.pk, *keys.values_list("pk", flat=True)}
    subjects |= set(invitations.values_list("pk", flat=True))
    erase_changes(Change.objects.filter(subject_id__in=subjects))
    forget_admin(subjects)
    keys.update(label=ERASED_LABEL, version=F("version") + 1)
    invitations.update(name=None, email=None, version=F("version") + 1)
    Notice.objects.filter(member=member).delete()
    NoticeSettings.objects.filter(member=member).delete()
    left = locked(Member, member.pk)
    left.name, left.user, left.erased_at = None, None, timezone.now()
    left.version += 1
    left.save(update_fields=["name", "user", "erased_at", "version"])
    # What is left is told anew: role and dates, and that the rest was erased.
    record(
        Happening(
            type=ChangeType.MEMBER_ERASED,
            subject=left,
            by=None,
            organization_id=left.organization_id,
        )
    )


def erase_user(user: User) -> None:
    """The row stays, as others name it; nobody can sign in by it."""
    Session.objects.filter(user=user).delete()
    SecondFactor.objects.filter(user=user).delete()
    forget_admin({user.pk})
    user.groups.clear()
    user.user_permissions.clear()
    user.username = f"erased-{user.pk}"
    user.email = user.first_name = user.last_name = ""
    user.last_login = None
    user.is_active = user.is_staff = user.is_superuser = False
    user.set_unusable_password()
    user.save()


def forget_admin(pks: Iterable[UUID]) -> None:
    """What the admin site remembers of its own doings names rows by their words."""
    entries = AdminEntry.objects.filter(object_id__in=[str(pk) for pk in pks])
    entries.update(object_repr="", change_message="")


def erase_changes(changes: Iterable[Change]) -> None:
    ids = {pk for it in changes for pk in (it.document_id, it.before_id) if pk is not None}
    erase(ids)


def erase(ids: Iterable[UUID]) -> int:
    """The texts of these Contents; how many were there still."""
    there = Content.objects.filter(pk__in=set(ids), text__isnull=False)
    return there.update(text=None, erased_at=Now())


# Single texts


@transaction.atomic
def erase_text(ids: Iterable[UUID | None]) -> int:
    """Of Contents as `snapshot` and the others tell them; how many were there still.

    Raises NotFound.
    """
    kept = [pk for pk in ids if pk is not None]
    if not kept:
        raise NotFound(_("There is no such text."))
    IdempotencyKey.objects.all().delete()
    return erase(kept)


def snapshot(pk: UUID) -> list[UUID | None]:
    return list(Snapshot.objects.filter(pk=pk).values_list("content_id", flat=True))


def rationale(verdict: UUID) -> list[UUID | None]:
    return list(Verdict.objects.filter(pk=verdict).values_list("rationale_id", flat=True))


def quote(verdict: UUID, position: int) -> list[UUID | None]:
    found = Evidence.objects.filter(verdict=verdict, position=position)
    return list(found.values_list("quote_id", flat=True))


def contest(pk: UUID) -> list[UUID | None]:
    """What was written from outside, and whom to answer."""
    return [
        it for row in Contest.objects.filter(pk=pk) for it in (row.statement_id, row.contact_id)
    ]


def contact(pk: UUID) -> list[UUID | None]:
    """Whom to answer about a contest."""
    return list(Contest.objects.filter(pk=pk).values_list("contact_id", flat=True))


def answer(pk: UUID) -> list[UUID | None]:
    return list(Contest.objects.filter(pk=pk).values_list("answer_id", flat=True))


def change(number: int) -> list[UUID | None]:
    """What a Change remembers: the row, and the row before."""
    entries = LogEntry.objects.filter(number=number).select_related("change")
    return [pk for it in entries for pk in (it.change.document_id, it.change.before_id)]
